"""The class report: statistics against other ways of working them out, tests that hold their level,
pages that hold their text."""

import io
import itertools
import json
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from scipy import stats

from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import MATHML, TYPST
from rnnquiz.bank.variant import arrays_of
from rnnquiz.bank.verdict import Verdict
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import grade
from rnnquiz.course.reporting import Gathering, part_of
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents.outputs import in_pairs
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.grade.simulate import STUDENT_KINDS
from rnnquiz.people.roster import Student
from rnnquiz.report import measures, page
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import MOST_NAMES_TOGETHER
from rnnquiz.report.fairness import adjusted, design, fairness, permutation_test
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import NOTHING, Absent, HeatPlace, Marking, StudentMistake
from rnnquiz.report.plots import Scale
from rnnquiz.report.sections import sections
from tests_support import corrected, shipped, slowly, variants_of, within

ROLES = ("forward",) * 4 + ("recurrence",) * 4 + ("update",) * 2
CREDIT = np.array([1, 1, 0.5, 0.5, 0, 0, 0, 0])
HOSTILE = (
    "<script>alert(1)</script>",
    '#import "x": *',
    '"); #panic()',
    "a\x00b\u202ec",
    "日本語 $x_1$ \\ & %",
    "]]> --> </svg><b>",
)
WIDE = 1e-9
ABSENT = (
    Absent("a1", "Ann Absent", NOTHING, 0),
    Absent("a2", "Bea Missing", NOTHING, 0),
    Absent("a3", "", NOTHING, 10**6),
)


def marking_of(count, seed=1, **changes):
    """A made-up marking: abler students are right more often, one box does not count for every
    fifth student."""
    g = np.random.default_rng(seed)
    verdicts = np.where(
        g.normal(size=(count, 10)) + g.normal(size=(count, 1)) > 0,
        g.integers(0, 2, (count, 10)),
        g.integers(2, 8, (count, 10)),
    )
    weights = np.tile(np.array([2.0, 1, 1, 1, 3, 1, 1, 1, 2, 2]), (count, 1))
    weights[::5, 3] = 0
    made = tuple(
        StudentMistake(n, f"mistake {k % 3}", f"box{k}", 2)
        for n in range(min(count, 200))
        for k in range(10)
        if verdicts[n, k] == 4
    )
    found = Marking(
        "Sheet",
        "Course",
        tuple(f"box{k}" for k in range(10)),
        ROLES,
        tuple(f"s{n}" for n in range(count)),
        tuple(f"Name {n}" for n in range(count)),
        weights,
        weights * CREDIT[verdicts],
        verdicts.astype(np.int8),
        made,
        {
            "w": g.integers(1, 10, count) / 10,
            "sign": g.choice([-1.0, 1.0], count),
            "eta": np.full(count, 0.1),
        },
        g.random(count),
        ("s1 and s2 share 9 answers",),
        ABSENT,
        g.integers(1, 3, count),
    )
    return replace(found, **changes)


def fifty_boxes():
    """A class of the same students on a sheet of five times as many boxes."""
    few = marking_of(40)
    return replace(
        few,
        boxes=tuple(f"{box}.{k}" for k in range(5) for box in few.boxes),
        kinds=few.kinds * 5,
        weights=np.tile(few.weights, 5),
        earned=np.tile(few.earned, 5),
        verdicts=np.tile(few.verdicts, 5),
        mistakes=(),
    )


def full(marking):
    """The same class, all right."""
    return replace(
        marking,
        earned=marking.weights.copy(),
        verdicts=np.zeros_like(marking.verdicts),
        mistakes=(),
    )


def test_marks_are_described_as_the_standard_library_does():
    """Mean, median, sd, range and histogram are those of the statistics module and of counting."""
    marking = marking_of(37)
    totals = [sum(row) for row in marking.earned.tolist()]
    found = st.marks(marking)
    expected = (
        statistics.mean(totals),
        statistics.median(totals),
        statistics.stdev(totals),
        min(totals),
        max(totals),
    )
    own = found.spread

    assert (own.mean, own.median, own.sd, own.low, own.high) == pytest.approx(expected)

    shares = [total / sum(row) for total, row in zip(totals, marking.weights.tolist(), strict=True)]
    assert list(found.histogram) == [
        sum(min(int(share * 10 + WIDE), 9) == k for share in shares) for k in range(10)
    ]
    assert (found.zero, found.full) == (
        sum(t < WIDE for t in totals),
        sum(s > 1 - WIDE for s in shares),
    )


def test_facility_and_discrimination_are_those_of_each_box_alone():
    """Facility is the mean score over its maximum; discrimination is numpy.corrcoef of the score
    with the rest; not counted is left out."""
    marking = marking_of(50)

    for k, row in enumerate(st.boxes(marking)):
        used = [n for n in range(50) if marking.weights[n, k] > 0]
        score = [marking.earned[n, k] / marking.weights[n, k] for n in used]
        others = [j for j in range(10) if j != k]
        rest = [marking.earned[n, others].sum() / marking.weights[n, others].sum() for n in used]

        assert row.n == len(used)
        assert row.facility == pytest.approx(statistics.mean(score))
        assert row.discrimination.r == pytest.approx(np.corrcoef(score, rest)[0, 1])
        assert sum(row.verdicts) == pytest.approx(1)


def test_the_interval_of_a_correlation_is_fishers():
    """r = 0.5 of 28 pairs: z = 0.5493 and standard error 1/5 give 0.156 to 0.736."""
    g = np.random.default_rng(0)
    x, noise = (v - v.mean() for v in g.normal(size=(2, 28)))
    noise -= x * (x @ noise) / (x @ x)
    y = 0.5 * x / np.linalg.norm(x) + math.sqrt(0.75) * noise / np.linalg.norm(noise)
    found = measures.correlation(x, y)

    assert (found.r, found.low, found.high) == pytest.approx((0.5, 0.1556, 0.7360), abs=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_statistics_are_those_of_scipy(seed):
    """Spread, quartiles, correlation with its interval, the effect of groups and the control of
    false discoveries are what scipy.stats gives."""
    dice = np.random.default_rng(seed)
    x, noise = dice.normal(size=(2, 31))
    y = 0.6 * x + noise
    groups = dice.integers(0, 3, 31).astype(float)
    p = dice.random(12) ** 3

    own, together = measures.spread(x), measures.correlation(x, y)
    unit = (y - y.mean()) / np.linalg.norm(y - y.mean())
    effect = np.sum((unit @ design(groups)) ** 2)

    described, judged = stats.describe(x), stats.pearsonr(x, y)
    interval = judged.confidence_interval(0.95)
    parts = [y[groups == group] for group in np.unique(groups)]
    f = stats.f_oneway(*parts).statistic * (len(parts) - 1)

    assert (own.mean, own.sd) == pytest.approx((described.mean, math.sqrt(described.variance)))
    assert measures.quartiles(x)[1:4] == pytest.approx(
        stats.mstats.mquantiles(x, alphap=1, betap=1)
    )
    assert (together.r, together.low, together.high) == pytest.approx(
        (judged.statistic, interval.low, interval.high), abs=1e-6
    )
    assert effect == pytest.approx(f / (f + len(y) - len(parts)))
    assert adjusted(p) == pytest.approx(stats.false_discovery_control(p))


def test_a_permutation_test_is_that_of_scipy():
    """All orders of seven students by scipy, some thousands of them by ours."""
    outcome = np.array([1.0, 2, 4, 3, 5.5, 4.5, 7])
    number = np.array([1.0, 2, 3, 5, 8, 4, 6])

    (own,) = permutation_test(outcome, [number], 20_000, 1)

    exact = stats.permutation_test(
        (number,),
        lambda dealt: abs(stats.pearsonr(dealt, outcome).statistic),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=np.inf,
    )

    assert own == pytest.approx(exact.pvalue, abs=0.01)


def test_alpha_is_that_of_the_mean_covariance():
    """Alpha = k * mean covariance / (mean variance + (k - 1) mean covariance); equal boxes give 1,
    SEM 0."""
    scores = marking_of(40).earned[:, :3]
    matrix = np.cov(scores, rowvar=False)
    between, within = matrix[np.triu_indices(3, 1)].mean(), np.diag(matrix).mean()
    found, sem = measures.alpha(scores)

    assert found == pytest.approx(3 * between / (within + 2 * between))
    assert sem == pytest.approx(
        statistics.stdev(scores.mean(axis=1).tolist()) * math.sqrt(1 - found)
    )
    assert measures.alpha(np.repeat(scores[:, :1], 4, axis=1)) == pytest.approx((1, 0), abs=1e-7)


def test_follow_through_is_counted_where_boxes_count():
    """Its share of marks and boxes is that of counting them one by one."""
    marking = marking_of(20)
    cells = [(n, k) for n in range(20) for k in range(10) if marking.weights[n, k] > 0]
    followed = [cell for cell in cells if list(Verdict)[marking.verdicts[cell]] == "follow-through"]
    found = st.follow_through(marking)

    assert found.marks == pytest.approx(
        sum(marking.earned[c] for c in followed) / sum(marking.earned[c] for c in cells)
    )
    assert found.boxes == pytest.approx(len(followed) / len(cells))


def test_quintiles_are_fifths_of_the_class():
    """Each fifth holds a fifth of the students, in the order of their marks, and its facility is
    its marks over its maximum."""
    marking = marking_of(43)
    order = sorted(range(43), key=lambda n: (marking.shares[n], n))
    groups = [
        [n for place, n in enumerate(order) if place * 5 // 43 == fifth] for fifth in range(5)
    ]

    for row in st.kinds(marking):
        mine = [k for k, kind in enumerate(ROLES) if kind == row.kind]
        expected = [
            marking.earned[np.ix_(g, mine)].sum() / marking.weights[np.ix_(g, mine)].sum()
            for g in groups
        ]

        assert row.quintiles == pytest.approx(expected)


def test_mistakes_are_counted_by_student():
    """A mistake made twice by a student counts one student; the commonest comes first."""
    made = (
        StudentMistake(0, "a", "x", 1),
        StudentMistake(1, "b", "y", 2),
        StudentMistake(2, "b", "x", 1),
        StudentMistake(2, "b", "y", 3),
    )
    first, second = st.mistakes(made)

    assert (first.name, first.students, first.boxes, first.first) == (
        "b",
        (1, 2),
        6,
        (("y", 2), ("x", 1)),
    )
    assert (second.name, second.students) == ("a", (0,))


def test_false_discoveries_are_controlled_as_published():
    """The example of Benjamini and Hochberg 1995, section 4: of 15 tests the four smallest p are
    flagged."""
    p = np.array(
        [
            0.0001,
            0.0004,
            0.0019,
            0.0095,
            0.0201,
            0.0278,
            0.0298,
            0.0344,
            0.0459,
            0.324,
            0.4262,
            0.5719,
            0.6528,
            0.759,
            1,
        ]
    )
    order = np.random.default_rng(0).permutation(15)

    assert sorted(p[order][adjusted(p[order]) <= 0.05]) == p[:4].tolist()
    assert adjusted(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.04, 0.04])


def test_permutation_p_is_uniform_where_nothing_is_there():
    """On numbers that have nothing to do with the marks, p is below each level about as often as
    the level says."""
    g = np.random.default_rng(5)
    found = []
    for seed in range(20):
        numbers = [*g.normal(size=(10, 30)), *(g.integers(0, 3, (10, 30)).astype(float))]
        found += permutation_test(g.normal(size=30), numbers, 199, seed).tolist()

    for level in (0.05, 0.2, 0.5, 0.8):
        assert np.mean(np.array(found) <= level) == pytest.approx(
            level, abs=4 * math.sqrt(level * (1 - level) / 400)
        )


def test_a_permutation_test_agrees_with_all_permutations():
    """With 5 students, p comes close to the share of all 120 orders that fit as well."""
    from itertools import permutations

    outcome, number = np.array([1.0, 2, 4, 3, 5.5]), np.array([1.0, 2, 3, 5, 8])
    fits = [abs(np.corrcoef(number, dealt)[0, 1]) for dealt in permutations(outcome)]
    exact = np.mean(np.array(fits) >= abs(np.corrcoef(number, outcome)[0, 1]) - WIDE)

    assert permutation_test(outcome, [number], 20_000, 1)[0] == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("planted", ["w", "sign"])
def test_a_planted_effect_is_flagged(planted):
    """A number that costs marks is flagged, alone; the same marking gives the same answer again."""
    marking = marking_of(80)
    number = marking.numbers[planted]
    hard = (number > number.mean())[:, None]
    planted_marking = replace(marking, earned=marking.earned * np.where(hard, 0.4, 1))
    found = fairness(planted_marking)

    assert [row.name for row in found.associations if row.flagged] == [planted]
    assert found == fairness(planted_marking)
    assert any("eta" in line for line in found.skipped)


@pytest.mark.parametrize("common", [0, 1, 2])
def test_no_third_of_the_numbers_is_empty(common):
    """Where most have one number, and be it the least or the greatest, both sides have a mean."""
    numbers = np.full(40, common)
    numbers[:5] = [0, 1, 2, 0, 2]
    marking = replace(marking_of(40), numbers={"w": numbers.astype(float)})
    (row,) = [row for row in fairness(marking).associations if row.name == "w"]

    assert 0 <= row.low <= 1
    assert 0 <= row.high <= 1


def test_effects_are_those_of_anscombe():
    """Anscombe's quartet, 1973: the first set correlates with r = 0.816."""
    x = np.array([10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5])
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    weights = np.repeat([[12.0] + [0.0] * 9], 11, axis=0)
    marking = marking_of(11, numbers={"x": x}, weights=weights, earned=weights / 12 * y[:, None])
    (row,) = [row for row in fairness(marking).associations if row.name == "x"]

    assert (row.measure, row.effect) == ("r", pytest.approx(0.81642, abs=1e-5))


@pytest.mark.parametrize(
    "marking",
    [
        marking_of(0),
        marking_of(1),
        marking_of(9),
        full(marking_of(30)),
        marking_of(12, weights=np.zeros((12, 10)), earned=np.zeros((12, 10))),
    ],
    ids=["nobody", "one", "few", "all full", "nothing counts"],
)
def test_classes_without_variance_have_a_report(marking):
    """A class of none, of one, of few, all with full marks, or with nothing that counts gives a
    page, a PDF and JSON without NaN."""
    assert f"{len(marking.students)} handed in, 3 did not" in page.html(marking)
    assert page.pdf(marking).startswith(b"%PDF")

    found = json.loads(json.dumps(page.summary(marking), allow_nan=False))
    assert found["fairness"]["associations"] == []


def test_a_sheet_without_boxes_has_a_report():
    """A marking of no boxes is said to hold nothing."""
    none = np.zeros((3, 0))
    marking = marking_of(
        3, boxes=(), kinds=(), weights=none, earned=none, verdicts=none.astype(np.int8), mistakes=()
    )

    assert "3 handed in" in page.html(marking)


def test_hostile_text_stays_text():
    """Names, ids, titles, boxes, mistakes and evidence are printed, never obeyed, in the page, the
    pictures and the PDF."""
    base = marking_of(12)
    names = tuple(HOSTILE[n % len(HOSTILE)] for n in range(12))
    boxes = tuple(f"{k}{HOSTILE[k % len(HOSTILE)]}" for k in range(10))
    made = tuple(StudentMistake(n, text, boxes[n], 1) for n, text in enumerate(HOSTILE))
    numbers = {text: np.arange(12.0) for text in HOSTILE}

    marking = replace(
        base,
        title=HOSTILE[0],
        course=HOSTILE[1],
        names=names,
        students=names,
        boxes=boxes,
        mistakes=made,
        numbers=numbers,
        matches=HOSTILE,
    )
    text = page.html(marking)

    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\x00" not in text
    assert 0 < text.count("\u202e") == text.count("\u202c")  # closed where it was opened
    assert page.pdf(marking).startswith(b"%PDF")


def test_no_line_ends_before_a_sign():
    """In the page a number stays with its sign; so does every step with its t."""
    # A line of a picture does not break.
    pattern = r"<style>.*?</style>|<svg.*?</svg>"
    text = re.sub(pattern, "", page.html(marking_of(40)), flags=re.DOTALL)

    assert "\u00a0%" in text
    assert not re.search(r"\d %|\bt = |\bt\u00a0= ", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("with 12 % of the marks", "with 12\u00a0% of the marks"),
        ("the loss at t = 3", "the loss at t\u00a0=\u00a03"),
        ("Qui\u202f? « oui » : 3", "Qui\u202f? «\u00a0oui\u00a0» : 3"),
        ("two: best = 3", "two: best = 3"),
    ],
)
def test_a_pair_is_not_broken(text, kept):
    """A number and its sign, a step, a sign that stands apart; nothing else."""
    assert in_pairs(text) == kept


def test_the_page_needs_nothing_else():
    """No script, no address but the names of XML, no image but SVG, and no id twice; every box and
    kind of verdict is there."""
    marking = marking_of(40)
    text = page.html(marking)
    assert set(re.findall(r"https?://[^\"' ]*", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not re.search(r"<script|<img|<image|<link|data:|\son\w+=", text)
    assert "default-src 'none'" in text

    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', text)) <= set(ids)
    assert text.count("<svg") == text.count('role="img"') == text.count("</desc>") >= 6
    assert all(f'<th scope="row">{box}</th>' in text for box in marking.boxes)
    assert all(verdict in text for verdict in Verdict)


def test_long_lists_are_cut():
    """Of a mistake that all make, at most 30 students are named, then their number."""
    marking = marking_of(
        100,
        mistakes=tuple(StudentMistake(n, "the same", "box1", 1) for n in range(100)),
        matches=(),
    )
    text = page.html(marking)

    assert (
        text.count("(s") <= MOST_NAMES_TOGETHER + 2
    )  # in the table the ids stand without brackets
    assert "and 70 more" in text


WRITTEN_ANEW = """
import hashlib
from rnnquiz.report import page
from test_report import marking_of
made = page.html(marking_of(9)).encode() + page.pdf(marking_of(9))
print(hashlib.sha256(made).hexdigest())
"""


def test_the_same_marking_gives_the_same_bytes():
    """The page and the PDF are the same in each process, in whatever order that has its sets."""
    digests = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", WRITTEN_ANEW],
            cwd=Path(__file__).parent,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.append(done.stdout)

    assert re.fullmatch(r"[0-9a-f]{64}\n", digests[0])
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_a_large_class_is_quick():
    """All statistics of 20,000 students take seconds, and the page grows with the class by no more
    than a row of a table for each."""
    large = marking_of(20_000)
    with within(10):
        found = page.summary(large)

    assert found["marks"]["spread"]["n"] == 20_000
    assert len(page.html(large)) < 500_000 + 200 * 20_000


class Tables(HTMLParser):
    """The tables of a page as texts, with whether each is behind a fold."""

    def __init__(self, text):
        super().__init__()
        self.depth, self.cell, self.tables = 0, None, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.depth += tag == "details"
        if tag == "table":
            self.tables.append((self.depth > 0, []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag):
        self.depth -= tag == "details"
        if tag in ("td", "th"):
            self.tables[-1][1][-1].append("".join(self.cell).strip())
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)

    def of(self, heading):
        return next(rows for _, rows in self.tables if rows[0][0] == heading)


def test_a_teacher_reads_who_and_what_to_teach_first():
    """Who handed in, what to teach again, the students, where marks were lost, the mistakes; all
    statistics after them, in the appendix."""
    found = sections(marking_of(40))
    assert [section.heading for section in found if not section.appendix][:5] == [
        "Who handed in",
        "What to teach again",
        "Students",
        "Where marks were lost",
        "Mistakes",
    ]

    appendix = [section.appendix for section in found]
    assert appendix == sorted(appendix)

    text = page.html(marking_of(40))
    assert text.index("What to teach again</h2>") < text.index("Students</h2>")
    assert "Cronbach" not in text[: text.index("Appendix")]


def test_what_cannot_be_taught_is_not_what_to_teach():
    """A number that no known mistake gives, one that nobody can read, one number everywhere: they
    are among the mistakes, and nothing to teach again."""
    names = ("wrong, no known mistake gives it", "not readable", "one number everywhere")
    made = tuple(
        StudentMistake(n, name, "h[1]", 1) for n, name in enumerate((*names, "bias omitted"))
    )
    marking = replace(marking_of(20), mistakes=(*made, replace(made[3], student=9)))

    text = page.html(marking)
    taught = text[text.index("What to teach again</h2>") : text.index("Students</h2>")]

    assert "bias omitted" in taught
    assert not [name for name in names if name in taught]
    assert all(name in text for name in names)


def taught_to(students, made_by):
    """What to teach a class again of which some made one mistake."""
    made = tuple(StudentMistake(n, "bias omitted", "h[1]", 1) for n in range(made_by))
    (found,) = [
        section
        for section in sections(replace(marking_of(students), mistakes=made))
        if section.heading == "What to teach again"
    ]
    said = ("".join(str(part) for part in block.text) for block in found.blocks)
    return " ".join(said)


@pytest.mark.parametrize(
    ("students", "made_by", "taught"),
    [(1, 1, False), (8, 1, False), (8, 2, True), (40, 3, False), (40, 4, True), (41, 4, False)],
)
def test_what_few_got_wrong_is_not_taught_to_all(students, made_by, taught):
    """One in ten must have made a mistake, and never one alone; how many those are is said, and so
    is that there are more."""
    said = taught_to(students, made_by)
    least = max(2, -(-students // 10))

    assert f"at least {least} of those who handed in" in said
    assert (f"1. bias omitted: {made_by} of {students} students" in said) == taught
    assert ("1 more, by name and student, under Mistakes." in said) != taught


def test_every_student_of_the_roster_is_there_once():
    """In the order of the roster, with the marks or why there are none; who is missing is named at
    the top, too."""
    marking = marking_of(7, absent=(replace(ABSENT[0], before=2), replace(ABSENT[2], before=7)))
    text = page.html(marking)
    rows = Tables(text).of("student")[1:]

    assert [row[1] for row in rows] == ["s0", "s1", "a1", "s2", "s3", "s4", "s5", "s6", "a3"]
    assert [row[4] for row in rows if row[1].startswith("a")] == [NOTHING, NOTHING]
    for row in rows:
        if row[1].startswith("s"):
            n = int(row[1][1:])
            assert float(row[2]) == pytest.approx(marking.earned[n].sum(), abs=0.005)
    assert "Missing: Ann Absent (a1), a3." in text
    assert "7 handed in, 2 did not." in text


def test_who_was_not_marked_is_no_absentee():
    """A sheet that could not be marked is said to have been handed in."""
    refused = Absent("a1", "Ann", "handed in, not marked: no token", 0)
    text = page.html(marking_of(7, absent=(refused,)))

    assert "7 handed in, 0 did not." in text
    assert "Not among these marks: Ann (a1): handed in, not marked: no token." in text


def test_the_map_of_heat_has_quantities_as_rows_and_time_as_columns():
    """Each cell is the share of the marks that the class lost in all boxes of a quantity at a step;
    the rows stand kind by kind."""
    h, loss = Label("h[t]", "<mi>h</mi>", "h"), Label("L", "<mi>L</mi>", "L")
    places = [
        HeatPlace(h, 1),
        HeatPlace(h, 1),
        *[HeatPlace(h, 2)] * 3,
        *[HeatPlace(h, 3)] * 3,
        *[HeatPlace(loss, None)] * 2,
    ]
    marking = marking_of(20, places=tuple(places))
    rows = Tables(page.html(marking)).of("quantity")

    assert rows[0] == ["quantity", *(in_pairs(f"t = {t}") for t in (1, 2, 3)), "all steps"]

    def share(boxes):
        got = sum(marking.earned[n, k] for n in range(20) for k in boxes)
        possible = sum(marking.weights[n, k] for n in range(20) for k in boxes)
        return f"{100 - 100 * got / possible:.0f}"

    assert rows[1:] == [
        ["Forward pass"],
        ["h", share([0, 1]), share([2, 3]), "", ""],
        ["Derivatives through time"],
        ["h", "", share([4]), share([5, 6, 7]), ""],
        ["Update"],
        ["L", "", "", "", share([8, 9])],
    ]
    assert page.pdf(marking).startswith(b"%PDF")


@pytest.mark.parametrize(("rows", "split"), [(12, False), (30, False), (90, True)])
def test_a_map_of_heat_is_split_before_a_kind_only(rows, split):
    """On paper it is on one page where it fits; else each page has its axis, and no kind goes on
    overleaf."""
    kinds = np.repeat(["forward", "loss", "update"], rows // 3).tolist()
    few = marking_of(40)
    marking = replace(
        few,
        boxes=tuple(f"q{k:02d}" for k in range(rows)),
        kinds=tuple(kinds),
        mistakes=(),
        weights=np.ones((40, rows)),
        earned=np.ones((40, rows)),
        verdicts=np.zeros((40, rows), dtype=np.int8),
        places=tuple(HeatPlace(Label(f"q{k:02d}"), 1 + k % 2) for k in range(rows)),
    )
    reader = pypdf.PdfReader(io.BytesIO(page.pdf(marking)))
    found = []

    for sheet in reader.pages:
        text = sheet.extract_text()

        if "quantity" in text:
            found.append(re.findall(r"q\d\d", text))
            assert in_pairs("t = 2") in text

    assert (len(found) > 1) == split

    on_page = {name: k for k, names in enumerate(found) for name in names}
    for kind in set(kinds):
        own = [f"q{k:02d}" for k in range(rows) if kinds[k] == kind]
        assert len({on_page[name] for name in own}) == 1


def test_no_picture_is_repeated_in_the_open():
    """A table that says what a picture shows is behind a fold, and has no row of zeros."""
    found = sections(marking_of(40))
    for section in found:
        for one, after in zip(section.blocks, section.blocks[1:], strict=False):
            if one.kind == "picture" and after.kind == "table":
                assert after.folded or section.heading in ("Mistakes", "Fairness of the variants")

    (tenths,) = [
        b for s in found for b in s.blocks if getattr(b, "header", ()) == ("share", "students")
    ]

    assert all(int(row[1]) > 0 for row in tenths.rows)

    folded = [rows for behind, rows in Tables(page.html(marking_of(40))).tables if behind]
    assert {rows[0][0] for rows in folded} == {"share", "kind", "box"}


def test_pictures_have_the_font_of_the_page():
    """Their letters are letters, in the font of the text around them."""
    text = page.html(marking_of(40))
    body = re.search(r"body \{ font: [^;]*?(Georgia)", text)[1]
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)

    assert sum(picture.count("<text") for picture in pictures) > 50

    # Each picture names the font once, for all of its letters.
    families = re.findall(r'font-family="([^"]*)"', "".join(pictures))
    assert len(families) == len(pictures)
    assert all(family.startswith(body) for family in families)
    assert "DejaVu" not in text


def test_pictures_hold_all_that_is_drawn_in_them():
    """No end of a line, corner, mark or text lies outside, whatever the names; no number is
    missing."""
    long = ("W" * 60, "日本語" * 20, "a b " * 30)
    boxes = tuple(f"{k}{long[k % 3]}" for k in range(10))
    made = tuple(StudentMistake(n, text, boxes[n], 1) for n, text in enumerate(long))

    for marking in (marking_of(40), marking_of(40, boxes=boxes, mistakes=made)):
        shown = [b.svg for s in sections(marking) for b in s.blocks if b.kind == "picture"]

        assert len(shown) >= 6
        for picture in map(ElementTree.fromstring, shown):
            _, _, width, height = map(float, picture.get("viewBox").split())

            for node in picture.iter():
                moved = re.match(r"translate\(([^ ]+) ([^)]+)\)", node.get("transform", ""))

                if moved:
                    assert 0 <= float(moved[1]) <= width
                    assert 0 <= float(moved[2]) <= height
                for key in ("x", "x1", "x2"):
                    assert 0 <= float(node.get(key, 0)) <= width
                for key in ("y", "y1", "y2"):
                    assert 0 <= float(node.get(key, 0)) <= height or moved
            assert "nan" not in ElementTree.tostring(picture, encoding="unicode")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.4, 1.03), (3, 3.0001), (-2e6, 5), (0.1, 7)])
def test_an_axis_has_round_numbers_and_not_too_many(low, high):
    """Three to eight ticks, evenly apart by 1, 2 or 5 of a power of ten, none beyond the ends."""
    ticks = Scale(low, high, 0, 100).ticks()
    assert 3 <= len(ticks) <= 8
    assert all(low - WIDE <= tick <= high + WIDE for tick in ticks)

    step = ticks[1] - ticks[0]
    assert f"{step:.3e}"[0] in "125"
    assert all(b - a == pytest.approx(step) for a, b in itertools.pairwise(ticks))


def test_pictures_say_what_the_font_has():
    """No character of a picture of ours is missing in the PDF, where it would stand as its code."""
    reader = pypdf.PdfReader(io.BytesIO(page.pdf(marking_of(40))))
    text = "".join(sheet.extract_text() for sheet in reader.pages)

    assert "discrimination with its 95" in text
    assert "U+" not in text


def letters_of(sheet):
    """Texts of a page of a PDF, each with the size of its letters in points."""
    found = []

    def see(text, moved, turned, _font, size):
        across = turned[2] * moved[0] + turned[3] * moved[2]
        upwards = turned[2] * moved[1] + turned[3] * moved[3]
        found.append((text, size * math.hypot(across, upwards)))

    sheet.extract_text(visitor_text=see)
    return [(text, size) for text, size in found if text.strip()]


def test_the_letters_of_pictures_can_be_read():
    """Fifty boxes stand in pictures of their statistics and of their verdicts, in the PDF in
    letters of seven and a half points and more, beginning below their headings."""
    reader = pypdf.PdfReader(io.BytesIO(page.pdf(fifty_boxes())))
    sheets = [letters_of(sheet) for sheet in reader.pages]
    texts = ["".join(text for text, _ in sheet) for sheet in sheets]

    assert min(size for sheet in sheets for _, size in sheet) >= 7.4
    for heading in ("Boxes", "Verdicts"):
        (begin,) = [n for n, text in enumerate(texts) if f"Appendix: {heading}" in text]
        assert "box0.0" in texts[begin]
        assert "box9.4" in texts[begin + 1]
    assert len(texts) <= 9


def test_a_class_has_its_missing_and_its_steps_on_the_report(tmp_path):
    """From a roster and submissions to the page: who handed nothing in is named once in the table,
    and the map has the steps of the bank."""
    bank = shipped("forward_pass")
    roster = [Student(f"s{k}", f"Name {k}", f"s{k}@example.org", k + 1) for k in range(4)]
    generate(bank, roster, tmp_path / "course", Wanted(None))
    with Course.open(tmp_path / "course") as course:
        variants = {variant.student: variant for variant in course.variants()}

    for student in ("s0", "s1", "s3"):
        givens = arrays_of(bank, [variants[student]])
        answers = STUDENT_KINDS[1].answer(bank, givens, bank.mistaken, random.Random(1))
        sheet = {"student": student, "token": variants[student].token, "answers": answers}
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{student}.json").write_text(json.dumps(sheet))

    grade(tmp_path / "course", tmp_path / "in", tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text()

    assert [row[1] for row in Tables(text).of("student")[1:]] == ["s0", "s1", "s2", "s3"]
    assert "Missing: Name 2 (s2)." in text

    steps = Tables(text).of("quantity")[0][1:]
    assert steps[: bank.graph.steps] == [in_pairs(f"t = {t + 1}") for t in range(bank.graph.steps)]


NAMES = {
    "h[2]": "h2", "dL/dW": "∂L/∂W", "dL[3]/dh[1]": "∂L3/∂h1", "yhat[2]": "ŷ2", "U_new": "Unew",
    "h'[2]": "h′2",
}  # fmt: skip


@pytest.mark.parametrize(("name", "letters"), list(NAMES.items()))
def test_a_name_is_typeset_in_pictures(name, letters):
    """Its letters stand beside one another, fractions on one line; indices stand off the line, and
    after them it is where it was."""
    mathml = symbol(name, MATHML)
    own = Label(name, mathml, symbol(name, TYPST))
    assert own.letters == letters

    text = ElementTree.fromstring(f"<text>{own.svg(10)}</text>")
    assert "".join(text.itertext()) == letters

    heights, height = [], 0.0
    for part in text:
        height += float(part.get("dy", 0))
        heights.append((part.text, round(height, 6)))

    assert [shown for shown, height in heights if height] == re.findall(r"\d|new", letters)

    slanted = {part.text for part in text if part.get("font-style") == "italic"}
    assert slanted == set(re.findall(r"[a-zA-Zŷ]", letters.replace("new", "")))


def test_an_entry_stands_behind_its_name():
    """Row and column are as on the feedback page, and hostile text stays text."""
    assert Label("h[1].2", symbol("h[1]", MATHML), "", "2").letters == "h1 [2]"
    assert Label("<b>").svg(8) == "&lt;b&gt;"


def reported(name):
    """The report of a small class of a shipped bank, with mistakes in it."""
    bank = shipped(name)
    variants = variants_of(bank, 6)
    givens = arrays_of(bank, variants)
    kinds = [STUDENT_KINDS[k % len(STUDENT_KINDS)] for k in range(6)]
    answers = [
        kind.answer(bank, arrays_of(bank, [variant]), bank.mistaken, random.Random(k))
        for k, (kind, variant) in enumerate(zip(kinds, variants, strict=True))
    ]
    marked = corrected(bank, givens, answers)
    results = [list(marked.results(n)) for n in range(6)]
    found = [marked.findings(n, rows) for n, rows in enumerate(results)]
    gathering = Gathering(bank)
    students = [Student(f"s{k}", f"Name {k}", "", k) for k in range(6)]
    gathering.add(students, part_of(marked, variants, [1] * 6, results, found))
    return bank, gathering.marking((), ()), results


@pytest.mark.parametrize("name", ["bptt_scalar", "both_directions"])
def test_a_report_is_in_the_order_of_the_sheet(name):
    """Boxes stand as on the sheet, kind after kind, each with its own marks and verdicts."""
    bank, marking, results = reported(name)
    quantities = {box.name: box.quantity for box in bank.boxes}
    assert list(marking.boxes) == sheet_order(bank).in_order(marking.boxes, quantities.__getitem__)

    kinds = [kind for kind, _ in itertools.groupby(marking.kinds)]
    assert len(kinds) == len(set(kinds))
    for n, rows in enumerate(results):
        of_box = {row.box: row for row in rows}

        for k, box in enumerate(marking.boxes):
            assert list(Verdict)[marking.verdicts[n, k]] == of_box[box].verdict
            assert marking.earned[n, k] == pytest.approx(of_box[box].marks)
            assert marking.weights[n, k] == pytest.approx(of_box[box].of)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", slowly(["bptt_scalar", "bptt_vector", "gru_step"], ("bptt_vector",))
)
def test_no_box_of_a_report_is_named_as_in_a_file(name):
    """In sentences, tables and pictures names are typeset; only the alternatives for screen readers
    spell them. The PDF has them as mathematics."""
    bank, marking, _ = reported(name)
    text = page.html(marking)
    seen = re.sub(r"<(title|desc)[^>]*>.*?</\1>|<[^>]*>", " ", text[text.index("<main>") :])
    plain = [box.name for box in bank.boxes if "[" in box.name or "/" in box.name]

    assert plain
    assert not [box for box in plain if box in seen]
    assert text.count("<math>") > len(bank.boxes)

    reader = pypdf.PdfReader(io.BytesIO(page.pdf(marking)))
    printed = "".join(sheet.extract_text() for sheet in reader.pages)
    assert not [box for box in plain if box in printed]


def test_arrays_that_do_not_fit_are_named():
    """A marking whose arrays have other shapes is refused, each with its name."""
    with pytest.raises(ValueError, match=r"weights .*earned .*number w"):
        marking_of(
            4, weights=np.zeros((3, 10)), earned=np.zeros((4, 9)), numbers={"w": np.zeros(3)}
        )


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine")
def test_a_browser_shows_the_page(tmp_path):
    """The screenshot has ink from top to bottom."""
    from PIL import Image

    (tmp_path / "report.html").write_text(page.html(marking_of(40)), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    options += [
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=1200,4000",
    ]
    shot = tmp_path / "shot.png"
    subprocess.run(
        ["chromium", *options, f"--screenshot={shot}", f"file://{tmp_path / 'report.html'}"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    with Image.open(shot) as seen:
        dark = np.asarray(seen.convert("L")) < 0.6 * 255

    assert all(part.any() for part in np.array_split(dark, 8))
