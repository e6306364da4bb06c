"""How well pages are read, measured: PYTHONPATH=tests python tests/benchmarks/pages.py [round-trip
| causes | speed |
grading]

round-trip: keys of every shipped bank in several notations and forms, with other numbers at 40 % of
their ends, read back.
causes:     one registered mistake in one line, formula shown, numbers put in and value: is it named
first?
speed:      the handwritten page, and pages of growing length; fails beyond its limits.
grading:    200 different pages by  rnnquiz grade ; fails beyond its limit.
"""

from __future__ import annotations

import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from test_pages_laws import NOTATIONS, SEED, check_round_trip

from rnnquiz.algebra.forms import typeset_numbers
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import symbol, typeset_symbols
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of, shown_digits
from rnnquiz.course.generating import generate
from rnnquiz.course.store import Course
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.exercise import Exercise
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.pieces import Page
from rnnquiz.pages.reading import PageReader
from rnnquiz.roster import Student
from rnnquiz.simulate import texts_of
from rnnquiz.solution import solve_all
from tests_support import BANKS, shipped

MOST_MILLISECONDS, MOST_SECONDS = 150, 20  # a page read and marked; 200 pages
MOST_READ, MOST_BOTH = 1.8, 3.5  # times the peer
TIMES, GROWTH = 4, 1.3  # a page so many times as long; what a statement may then cost more
PAGES, SLIPPED = 200, 0.2
RIGHT = 0.98  # of the mistakes are named first
MOST_LINES = 150  # mistaken lines of one bank


def round_trip():
    """Statements read back completely and exactly; an AssertionError names the first that is
    not."""
    count = 0
    for bank in BANKS:
        for notation in NOTATIONS:
            for seed in range(2):
                count += check_round_trip(bank, notation, seed)
        print(f"{bank:20} {count} statements so far", flush=True)


def mistaken_lines(exercise, draw):
    """(quantity, mistake, its line, its value): one mistake in the formula of one quantity."""
    bank = exercise.bank
    chain = evaluate(
        bank.graph, arrays_of(bank, [exercise.variant]), bank.rounding, shown_digits(bank)
    )
    target, printed = notated(LATEX, bank.notation), exercise.solution.printed
    rows = [
        (q, m) for q in bank.graph.computed if q.name in bank.asked for m in bank.mistaken[q.name]
    ]
    for q, m in draw.sample(rows, min(len(rows), MOST_LINES)):
        with np.errstate(all="ignore"):
            found = np.broadcast_to(value_of(m.formula, chain), (1, *q.shape))[0]
        if not np.isfinite(found).all():
            continue
        texts = [bank.rounding.format(float(entry)) for entry in found.ravel()]
        rows = np.reshape(texts, (-1, 1) if len(q.shape) < 2 else q.shape).tolist()
        value = target.matrix(rows) if q.shape else texts[0]
        try:
            parts = [
                symbol(q.name, target),
                typeset_symbols(m.formula, target),
                typeset_numbers(m.formula, target, printed),
                value,
            ]
        except KeyError:
            continue  # a formula over numbers that the sheet does not print
        yield q, m, " = ".join(dict.fromkeys(parts)), texts


def causes():
    """The share of mistakes that are named first, formula shown, with and without the line."""
    total = Counter()
    for name in BANKS:
        exercise = Exercise.load(name)
        bank, draw = exercise.bank, random.Random(name)
        if bank.task.kind == "find":
            continue
        lines = list(mistaken_lines(exercise, draw))
        reader = PageReader(bank)
        givens = arrays_of(bank, [exercise.variant] * len(lines))
        honest = texts_of(
            bank, evaluate(bank.graph, arrays_of(bank, [exercise.variant]), bank.rounding)
        )[0]
        boxes = [[box.name for box in bank.boxes_of(q)] for q, *_ in lines]
        texts = [
            {**honest, **dict(zip(names, values, strict=True))}
            for names, (*_, values) in zip(boxes, lines, strict=True)
        ]
        readings = [reader.read(Page(f"$${line}$$"), exercise.variant) for _, _, line, _ in lines]
        plain = mark(bank, givens, texts, Diagnosis(bank))
        marked = with_lines(plain, readings)
        for n, (q, m, line, _) in enumerate(lines):
            box = next((name for name in boxes[n] if (n, name) in marked.explanations), None)
            if box is None:
                total["no mistake in the number"] += 1
                continue
            alike = {
                rule.name
                for rule, value in reader.formulas.mistaken(q.name)
                if _same(reader, m, value)
            } | {m.rule.name}
            first = marked.explanations[n, box][0].name
            total["named"] += 1
            total["of vectors and matrices"] += bool(q.shape)
            total["right"] += first in alike
            before = plain.explanations.get((n, box))
            total["right by the number alone"] += bool(before) and before[0].name in alike
            if first not in alike and total["shown"] < 12:
                total["shown"] += 1
                print(f"   {name} {q.name}: {m.rule.name}, named {first}: {line[:140]}")
        print(f"{name:20} {total['right']} of {total['named']}", flush=True)
    print(
        {
            **total,
            "share": total["right"] / total["named"],
            "by the number alone": total["right by the number alone"] / total["named"],
        }
    )

    assert total["right"] >= RIGHT * total["named"]


def _same(reader, mistaken, value):
    with np.errstate(all="ignore"):
        own = np.asarray(value_of(mistaken.formula, reader.formulas.sample), dtype=float)
    shown = reader.formulas.as_shown(np.broadcast_to(own, own.shape or value.shape))
    return reader.formulas.same(shown, value)


def speed():
    """Processor time, one core. The limits are ratios to a peer in the same run, a parser of LaTeX
    that only takes the mathematics of the same page apart into commands and groups."""
    exercise = Exercise.load("worked_example")
    reader = PageReader(exercise.bank)
    reader.read(Page(SEED), exercise.variant)
    exercise.read(SEED)
    peer = fastest("the peer, the mathematics of the page taken apart", lambda _: peer_parse(), 7)
    read = fastest("the page, read", lambda k: reader.read(another(k), exercise.variant), 7)
    both = fastest("the page, read and marked", lambda k: exercise.mark_page(another(k)), 7)
    print(f"    {read / peer:.1f} and {both / peer:.1f} times the peer")
    assert read < MOST_READ * peer
    assert both < MOST_BOTH * peer
    print(f"    {1e3 * both:.0f} ms, of {MOST_MILLISECONDS} on a quiet machine")
    longer = ["\n\n".join(another(TIMES * k + n).text for n in range(TIMES)) for k in range(20, 24)]
    short = fastest("once", lambda k: reader.read(another(9 + k), exercise.variant), 7)
    long = fastest(f"{TIMES} times", lambda k: reader.read(Page(longer[k]), exercise.variant), 4)
    print(f"    a statement costs {long / short / TIMES:.2f} times as much on the longer page")
    assert long < GROWTH * TIMES * short


def another(k):
    """The page with other digits at the ends of its numbers."""
    draw = random.Random(k)
    swapped = lambda found: f"{found.group()[:-1]}{draw.randrange(10)}"
    return Page(re.sub(r"0\.\d\d\d", swapped, SEED))


def peer_parse():
    from pylatexenc.latexwalker import LatexWalker

    for found in re.finditer(r"\$\$(.*?)\$\$", SEED, re.DOTALL):
        LatexWalker(found[1]).get_latex_nodes()


def fastest(what, run, times):
    """The least of several runs: another's work on the same machine only adds."""
    took = min(clocked(lambda k=k: run(k)) for k in range(times))
    print(f"{what}: {1e3 * took:.0f} ms", flush=True)
    return took


def clocked(run):
    started = time.process_time()
    run()
    return time.process_time() - started


def used_by_others():
    """Seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def slipped(end, draw):
    """The last digit of a line, in one of five lines another one."""
    text = end.group()
    return f"{draw.randrange(10)}{text[1:]}" if draw.random() < SLIPPED else text


def grading():
    """200 different pages by  rnnquiz grade  on two cores, read and marked: processor time, for
    others may share the machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bank = parse_bank(shipped("bptt_scalar").text, "bptt_scalar.yaml")
        roster = [Student(f"s{i}", f"Student {i}", "", i) for i in range(1, PAGES + 1)]
        (folder / "course").mkdir()
        generate(bank, roster, folder / "course")
        with Course.open(folder / "course") as course:
            variants = course.variants()
        (folder / "in").mkdir()
        for solution in solve_all(bank, variants).one_by_one:
            text = "\n\n".join(f"$${line.latex()}$$" for line in solution.lines)
            draw = random.Random(solution.variant.student)
            text = re.sub(r"\d\}*\$\$", lambda end, by=draw: slipped(end, by), text)
            (folder / "in" / f"{solution.variant.student}.md").write_text(text)
        arguments = ["grade", "course", "in", "--out", "out", "--no-pages", "--no-report"]
        started = used_by_others()
        subprocess.run([sys.executable, "-m", "rnnquiz.cli", *arguments], cwd=folder, check=True)
        took = (used_by_others() - started) / 2
        print(f"{PAGES} pages graded: {took:.1f} s on each of two cores, of {MOST_SECONDS}")
        assert took < MOST_SECONDS


COMMANDS = {"round-trip": round_trip, "causes": causes, "speed": speed, "grading": grading}

if __name__ == "__main__":
    for command in sys.argv[1:] or COMMANDS:
        COMMANDS[command]()
