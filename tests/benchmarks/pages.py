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

from page_causes import NAMED_RIGHTLY, causes_named
from test_pages_laws import NOTATIONS, SEED, check_round_trip

from rnnquiz.bank.load import parse_bank
from rnnquiz.course.generating import generate
from rnnquiz.course.store import Course
from rnnquiz.exercise import Exercise
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.reading import PageReader
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve_all
from tests_support import BANKS, shipped

MOST_MILLISECONDS, MOST_SECONDS = 150, 20  # a page read and marked; 200 pages
MOST_READ, MOST_BOTH = 1.2, 2.6  # times the peer, which takes about 45 ms on a quiet machine
TIMES, GROWTH = 4, 1.3  # a page so many times as long; what a statement may then cost more
PAGES, SLIPPED = 200, 0.2
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


def causes():
    """The share of mistakes that are named first, formula shown, with and without the line."""
    total = Counter()
    for name in BANKS:
        found, others = causes_named(name, MOST_LINES)
        total += found
        print(*others, sep="\n", end="\n" * bool(others))
        print(f"{name:20} {total['right']} of {total['named']}", flush=True)
    print({**total, "share": total["right"] / total["named"]})

    assert total["right"] >= NAMED_RIGHTLY * total["named"]


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
