"""The appendix of the report: the statistics of marks, kinds, boxes, verdicts and variants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.palette import LOOKS
from rnnquiz.report import box_pictures, measures, pictures
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import Blocks, DataTable, Remark, in_a_list, percent, rounded_text, table
from rnnquiz.report.fairness import DIFFICULTY, RATE, Association, Fairness
from rnnquiz.report.labels import Label, LabelledText
from rnnquiz.report.marking import Marking

BOXES_PER_PICTURE = 44  # on one page in letters of eight points
MOST_SCATTERS = 6  # a bank with dozens of numbers would fill pages with them; the table has all
HARD, EASY, BLUNT = 0.3, 0.8, 0.1  # Blackboard's limits of facility and discrimination
MARKS_ROWS = (
    ("mean", "mean"),
    ("median", "median"),
    ("standard deviation", "sd"),
    ("lowest", "low"),
    ("highest", "high"),
)
FAIR_CAUTION = (
    "An association is no proof of unfairness, and none found is no proof of fairness: with few"
    " students only large differences show."
)


def about_marks(marking: Marking) -> Blocks:
    """Spread of the marks, and what follow-through gave of them."""
    found = st.marks(marking)
    if not found.spread.n:
        return
    rows = []
    for name, key in MARKS_ROWS:
        mark = getattr(found.spread, key)
        share = getattr(found.share, key)
        rows.append((name, rounded_text(mark), percent(share)))
    yield table(f"Marks, of {found.maximum:g}", "|marks|share", rows)
    follow = st.follow_through(marking)
    marks, boxes = percent(follow.marks), percent(follow.boxes)
    yield Remark(
        f"Follow-through gave {marks} of the marks earned, in"
        f" {boxes} of the boxes: right work on a number that was wrong before."
    )


def about_kinds(marking: Marking, kinds: Sequence[st.KindStatistics]) -> Blocks:
    """Facility and consistency of each kind of question."""
    if not marking.students or not kinds:
        return
    # A kind of the teacher's own is called as the bank calls it.
    named = [(marking.words.get(kind.kind, kind.kind), kind) for kind in kinds]
    rows = [_kind_row(name, kind) for name, kind in named]
    yield table("Facility and internal consistency", "kind|facility|boxes|alpha|SEM", rows)
    yield Remark(
        "Alpha is Cronbach's; SEM, the standard error of measurement, is in per cent of the "
        f"kind's marks. Both rest on the boxes that count for every student. {st.DEPENDENT}",
        "note",
    )
    # Fifths of fewer students would be single students, or nobody.
    if len(marking.students) >= st.GROUPS:
        yield pictures.quintile_curves(named)
        curves = [(name, *map(percent, kind.quintiles)) for name, kind in named]
        yield table(
            "Facility among the fifths of the class, the weakest first",
            "kind|1|2|3|4|5",
            curves,
            folded=True,
        )


def _kind_row(name: str, kind: st.KindStatistics) -> tuple[str, ...]:
    alpha, error = rounded_text(kind.alpha), percent(kind.sem)
    return name, percent(kind.facility), str(kind.boxes), alpha, error


def about_boxes(marking: Marking, boxes: Sequence[st.BoxStatistics]) -> Blocks:
    """Facility and discrimination of each box."""
    if not any(box.n for box in boxes):
        return
    for k, part in enumerate(_parts(boxes)):
        yield box_pictures.quality(part, marking.label, k)
    header = ("box", "students", "facility", "discrimination", "95 %", "remark")
    right = (False, True, True, True, True, False)
    rows = tuple(_box_row(marking, row) for row in boxes)
    yield DataTable("Facility and discrimination of each box", header, rows, right, folded=True)
    limits = (
        f"Remarks: hard below {percent(HARD)}, easy above {percent(EASY)}, blunt where the "
        f"discrimination is below {BLUNT:g}."
    )
    yield Remark(
        "Facility: marks got as a share of those possible. Discrimination: correlation of the box "
        f"with the marks of all other boxes; none where all got the same. {limits}",
        "note",
    )


def _box_row(marking: Marking, row: st.BoxStatistics) -> tuple[LabelledText, ...]:
    name = (marking.label(row.box),)
    together = row.discrimination
    numbers = percent(row.facility), rounded_text(together.r), _interval(together)
    return name, str(row.n), *numbers, _remark(row)


def _parts(boxes: Sequence[st.BoxStatistics]) -> list[Sequence[st.BoxStatistics]]:
    """The boxes in parts of equal size that fit on a page each."""
    number = len(boxes)
    count = math.ceil(number / BOXES_PER_PICTURE)
    size = math.ceil(number / count)
    starts = range(0, number, size)
    return [boxes[start : start + size] for start in starts]


def _interval(found: measures.Correlation) -> str:
    if math.isnan(found.low):
        return "–"
    return f"{rounded_text(found.low)} to {rounded_text(found.high)}"


def _remark(box: st.BoxStatistics) -> str:
    words = []
    # No comparison holds with NaN: what is not known is not remarked upon.
    if box.facility < HARD:
        words.append("hard")
    if box.facility > EASY:
        words.append("easy")
    if box.discrimination.r < BLUNT:
        words.append("blunt")
    return ", ".join(words)


def about_verdicts(marking: Marking, boxes: Sequence[st.BoxStatistics]) -> Blocks:
    """How often each verdict was given in each box."""
    if not any(box.n for box in boxes):
        return
    for k, part in enumerate(_parts(boxes)):
        yield box_pictures.heat_map(part, marking.label, k)
    letters = {verdict: LOOKS[verdict].letter for verdict in Verdict}
    keys = ", ".join(f"{letter} {verdict}" for verdict, letter in letters.items())
    rows = [_verdict_row(marking, box) for box in boxes]
    caption = f"Verdicts of each box, per cent of the students for whom it counts ({keys})"
    header = "|".join(["box", *letters.values()])
    yield table(caption, header, rows, folded=True)


def _verdict_row(marking: Marking, box: st.BoxStatistics) -> tuple[LabelledText, ...]:
    cells = []
    for share in box.verdicts:
        # An empty cell is seen at once as nobody; a 0 may be one in a thousand.
        cell = ""
        if share > 0:
            cell = f"{100 * share:.0f}"
        cells.append(cell)
    return (marking.label(box.box),), *cells


def about_variants(marking: Marking, found: Fairness) -> Blocks:
    """How far the variants differ in difficulty, and whether marks go with it."""
    if not marking.students:
        return
    spread = measures.spread(marking.difficulty)
    quarters = measures.quartiles(marking.difficulty)
    if spread.n:
        # Least, median and greatest of the five.
        three = quarters[[0, 2, 4]].tolist()
        least, median, greatest = (f"{value:g}" for value in three)
        centre = f"median {median}, mean {rounded_text(spread.mean, 1)}"
        yield Remark(
            f"Difficulty of the variants: {least} to {greatest} negative numbers on a sheet"
            f" ({centre}, sd {rounded_text(spread.sd, 1)}). Signs are where computing by hand"
            " goes wrong."
        )
    if found.associations:
        yield Remark(flagged(marking, found), "strong")
        yield from _evidence(marking, found)
    for line in found.skipped:
        yield Remark(line, "note")


def flagged(marking: Marking, found: Fairness) -> tuple[str | Label, ...]:
    """A sentence on the numbers of the variants that go with the marks."""
    names = [(marking.label(row.name),) for row in _flagged(found)]
    if not names:
        return (
            f"None of the {len(found.associations)} numbers tested goes with the marks more than"
            " chance explains.",
        )
    return ("These go with the marks more than chance explains: ", *in_a_list(names), ".")


def _flagged(found: Fairness) -> list[Association]:
    return list(filter(attrgetter("flagged"), found.associations))


def _evidence(marking: Marking, found: Fairness) -> Blocks:
    used = ~np.isnan(marking.shares)
    shares = marking.shares[used]
    numbers = {**marking.numbers, DIFFICULTY: marking.difficulty}
    # Where nothing is flagged, the strongest shows what "nothing" looks like.
    strongest = _flagged(found)[:MOST_SCATTERS]
    shown = strongest or found.associations[:1]
    for k, row in enumerate(shown):
        values = np.asarray(numbers[row.name])[used]
        yield pictures.scatter(values, shares, row, marking.label(row.name), k)
    rows = tuple(_association_row(marking, row) for row in found.associations)
    header = ("number", "association", "p", "q", "smallest third", "largest third", "flagged")
    right = (False, True, True, True, True, True, False)
    yield DataTable("Share of marks against the numbers of the variants", header, rows, right)
    yield Remark(
        f"p: permutation test, {found.permutations} permutations; q: adjusted for the "
        f"number of tests (Benjamini and Hochberg), flagged up to {percent(RATE)}. The thirds: "
        "mean share of marks of the students with the smallest and the largest numbers. "
        f"{FAIR_CAUTION}",
        "note",
    )


def _association_row(marking: Marking, row: Association) -> tuple[LabelledText, ...]:
    name = (marking.label(row.name),)
    effect = f"{row.measure} = {rounded_text(row.effect)}"
    evidence = rounded_text(row.p, 4), rounded_text(row.q, 4)
    flag = ""
    if row.flagged:
        flag = "yes"
    return name, effect, *evidence, percent(row.low), percent(row.high), flag
