"""How well pages are read, measured: PYTHONPATH=tests python tests/benchmarks/pages.py [round-trip
| causes | speed]

round-trip: keys of every shipped bank in several notations and forms, with other numbers at 40 % of
their ends, read back.
causes:     one registered mistake in one line, formula shown, numbers put in and value: is it named
first?
speed:      the handwritten page, many pages one after the other, and pages of growing length.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter

import numpy as np
from test_pages_laws import NOTATIONS, SEED, check_round_trip

from rnnquiz.algebra.forms import typeset_numbers
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import symbol, typeset_symbols
from rnnquiz.bank.variant import arrays_of, shown_digits
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.exercise import Exercise
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.pieces import Page
from rnnquiz.pages.reading import PageReader
from rnnquiz.simulate import texts_of
from tests_support import BANKS

MOST_MILLISECONDS, MOST_SECONDS = 150, 20  # a page read and marked; 200 pages
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
        (q, m)
        for q in bank.graph.computed
        if q.shape == () and q.name in bank.asked
        for m in bank.mistaken[q.name]
    ]
    for q, m in draw.sample(rows, min(len(rows), MOST_LINES)):
        with np.errstate(all="ignore"):
            found = float(np.ravel(value_of(m.formula, chain))[0])
        if not np.isfinite(found):
            continue
        value = bank.rounding.format(found)
        try:
            parts = [
                symbol(q.name, target),
                typeset_symbols(m.formula, target),
                typeset_numbers(m.formula, target, printed),
                value,
            ]
        except KeyError:
            continue  # a formula over numbers that the sheet does not print
        yield q, m, " = ".join(dict.fromkeys(parts)), value


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
        boxes = [next(bank.boxes_of(q)).name for q, *_ in lines]
        texts = [{**honest, box: value} for box, (*_, value) in zip(boxes, lines, strict=True)]
        readings = [reader.read(Page(f"$${line}$$"), exercise.variant) for _, _, line, _ in lines]
        plain = mark(bank, givens, texts, Diagnosis(bank))
        marked = with_lines(plain, readings)
        for n, (q, m, line, _) in enumerate(lines):
            if (n, boxes[n]) not in marked.explanations:
                total["no mistake in the number"] += 1
                continue
            alike = {
                rule.name
                for rule, value in reader.formulas.mistaken(q.name)
                if _same(reader, m, value)
            } | {m.rule.name}
            first = marked.explanations[n, boxes[n]][0].name
            total["named"] += 1
            total["right"] += first in alike
            before = plain.explanations.get((n, boxes[n]))
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


def _same(reader, mistaken, value):
    with np.errstate(all="ignore"):
        own = np.broadcast_to(value_of(mistaken.formula, reader.formulas.sample), value.shape)
    return reader.formulas.same(np.asarray(own, dtype=float), value)


def speed():
    """Seconds of computing, one core."""
    exercise = Exercise.load("worked_example")
    reader, page = PageReader(exercise.bank), Page(SEED)
    reader.read(page, exercise.variant)
    timed("the handwritten page, read", lambda: reader.read(page, exercise.variant), 10)
    exercise.read(SEED)
    timed("the handwritten page, read and marked", lambda: exercise.read(SEED), 5)
    print(f"    of {MOST_MILLISECONDS} ms")
    took = timed(
        "200 pages, read", lambda: [reader.read(page, exercise.variant) for _ in range(200)], 1
    )
    print(f"    {took / 2:.1f} s on two cores, of {MOST_SECONDS} s")
    texts = [reader.read(page, exercise.variant).answers] * 200
    givens = arrays_of(exercise.bank, [exercise.variant] * 200)
    timed(
        "200 pages, marked together",
        lambda: mark(exercise.bank, givens, texts, Diagnosis(exercise.bank)),
        1,
    )
    for times in (1, 2, 4, 8):
        longer = Page("\n\n".join([SEED] * times))
        took = timed(
            f"{times} times as long", lambda longer=longer: reader.read(longer, exercise.variant), 2
        )
        print(f"    {1e3 * took / (142 * times):.2f} ms a statement")


def timed(what, run, times):
    started = time.process_time()
    for _ in range(times):
        run()
    took = (time.process_time() - started) / times
    print(f"{what}: {took:.3f} s", flush=True)
    return took


if __name__ == "__main__":
    for command in sys.argv[1:] or ("round-trip", "causes", "speed"):
        {"round-trip": round_trip, "causes": causes, "speed": speed}[command]()
