"""The appendix of the report: the statistics of marks, kinds, boxes, verdicts and variants."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.report import pictures
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import Blocks, DataTable, Remark, in_a_list, percent, rounded_text, table
from rnnquiz.report.fairness import DIFFICULTY, RATE, Fairness
from rnnquiz.report.labels import Label, LabelledText
from rnnquiz.report.marking import Marking

BOXES_PER_PICTURE = 36  # what fits on a page
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
    found = st.marks(marking)
    if not found.spread.n:
        return
    own, share = found.spread, found.share
    pairs = [(name, getattr(own, key), getattr(share, key)) for name, key in MARKS_ROWS]
    rows = [(name, rounded_text(mark), percent(part)) for name, mark, part in pairs]
    yield table(f"Marks, of {found.maximum:g}", "|marks|share", rows)
    follow = st.follow_through(marking)
    yield Remark(
        f"Follow-through gave {percent(follow.marks)} of the marks earned, in"
        f" {percent(follow.boxes)} of the boxes: right work on a number that was wrong before."
    )


def about_kinds(marking: Marking, kinds: Sequence[st.KindStatistics]) -> Blocks:
    if not marking.students or not kinds:
        return
    named = [(KIND_WORDS.get(kind.kind, kind.kind), kind) for kind in kinds]
    rows = [
        (name, percent(kind.facility), str(kind.boxes), rounded_text(kind.alpha), percent(kind.sem))
        for name, kind in named
    ]
    yield table("Facility and internal consistency", "kind|facility|boxes|alpha|SEM", rows)
    yield Remark(
        "Alpha is Cronbach's; SEM, the standard error of measurement, is in per cent of the "
        f"kind's marks. Both rest on the boxes that count for every student. {st.DEPENDENT}",
        "note",
    )
    if len(marking.students) >= st.GROUPS:
        yield pictures.quintile_curves(named)
        curves = [(name, *map(percent, kind.quintiles)) for name, kind in named]
        yield table(
            "Facility among the fifths of the class, the weakest first",
            "kind|1|2|3|4|5",
            curves,
            folded=True,
        )


def about_boxes(marking: Marking, boxes: Sequence[st.BoxStatistics]) -> Blocks:
    if not any(box.n for box in boxes):
        return
    for k, part in enumerate(_parts(boxes)):
        yield pictures.quality(part, marking.label, k)
    header = ("box", "students", "facility", "discrimination", "95 %", "remark")
    rows = tuple(
        (
            (marking.label(row.box),),
            str(row.n),
            percent(row.facility),
            rounded_text(row.discrimination.r),
            _interval(row.discrimination),
            _remark(row),
        )
        for row in boxes
    )
    yield DataTable(
        "Facility and discrimination of each box",
        header,
        rows,
        (False, True, True, True, True, False),
        folded=True,
    )
    yield Remark(
        "Facility: marks got as a share of those possible. Discrimination: correlation of the box "
        "with the marks of all other boxes; none where all got the same. "
        f"Remarks: hard below {percent(HARD)}, easy above {percent(EASY)}, blunt where the "
        f"discrimination is below {BLUNT:g}.",
        "note",
    )


def _parts(boxes: Sequence[st.BoxStatistics]) -> list[Sequence[st.BoxStatistics]]:
    """The boxes in parts of equal size that fit on a page each."""
    count = math.ceil(len(boxes) / BOXES_PER_PICTURE)
    size = math.ceil(len(boxes) / count)
    return [boxes[start : start + size] for start in range(0, len(boxes), size)]


def _interval(found: st.Correlation) -> str:
    return (
        "–" if math.isnan(found.low) else f"{rounded_text(found.low)} to {rounded_text(found.high)}"
    )


def _remark(box: st.BoxStatistics) -> str:
    words = (
        ("hard", box.facility < HARD),
        ("easy", box.facility > EASY),
        ("blunt", box.discrimination.r < BLUNT),
    )
    return ", ".join(word for word, holds in words if holds)


def about_verdicts(marking: Marking, boxes: Sequence[st.BoxStatistics]) -> Blocks:
    if not any(box.n for box in boxes):
        return
    for k, part in enumerate(_parts(boxes)):
        yield pictures.heat_map(part, marking.label, k)
    keys = ", ".join(f"{LOOKS[verdict].letter} {verdict}" for verdict in VERDICTS)
    rows: list[tuple[LabelledText, ...]] = [
        (
            (marking.label(box.box),),
            *(f"{100 * share:.0f}" if share > 0 else "" for share in box.verdicts),
        )
        for box in boxes
    ]
    yield table(
        f"Verdicts of each box, per cent of the students for whom it counts ({keys})",
        "box|" + "|".join(LOOKS[verdict].letter for verdict in VERDICTS),
        rows,
        folded=True,
    )


def about_variants(marking: Marking, found: Fairness) -> Blocks:
    if not marking.students:
        return
    spread, quarters = st.spread(marking.difficulty), st.quartiles(marking.difficulty)
    if spread.n:
        words = " to ".join(rounded_text(float(value), 3) for value in quarters[[0, 2, 4]])
        centre = f"mean {spread.mean:.3f}, sd {rounded_text(spread.sd, 3)}"
        yield Remark(
            f"Difficulty of the variants, least to median to greatest: {words} ({centre})."
        )
    if found.associations:
        yield Remark(flagged(marking, found), "strong")
        yield from _evidence(marking, found)
    for line in found.skipped:
        yield Remark(line, "note")


def flagged(marking: Marking, found: Fairness) -> tuple[str | Label, ...]:
    names = [(marking.label(row.name),) for row in found.associations if row.flagged]
    if not names:
        return (
            f"None of the {len(found.associations)} numbers tested goes with the marks more than"
            " chance explains.",
        )
    return ("These go with the marks more than chance explains: ", *in_a_list(names), ".")


def _evidence(marking: Marking, found: Fairness) -> Blocks:
    used = ~np.isnan(marking.shares)
    numbers = {**marking.numbers, DIFFICULTY: marking.difficulty}
    for k, row in enumerate(
        [row for row in found.associations if row.flagged][:6] or found.associations[:1]
    ):
        yield pictures.scatter(
            np.asarray(numbers[row.name])[used],
            marking.shares[used],
            row,
            marking.label(row.name),
            k,
        )
    rows = [
        (
            (marking.label(row.name),),
            f"{row.measure} = {rounded_text(row.effect)}",
            rounded_text(row.p, 4),
            rounded_text(row.q, 4),
            percent(row.low),
            percent(row.high),
            "yes" if row.flagged else "",
        )
        for row in found.associations
    ]
    header = ("number", "association", "p", "q", "smallest third", "largest third", "flagged")
    yield DataTable(
        "Share of marks against the numbers of the variants",
        header,
        tuple(rows),
        (False, True, True, True, True, True, False),
    )
    yield Remark(
        f"p: permutation test, {found.permutations} permutations; q: adjusted for the "
        f"number of tests (Benjamini and Hochberg), flagged up to {RATE:.0%}. The thirds: mean "
        "share of marks of the students with the smallest and the largest numbers. "
        f"{FAIR_CAUTION}",
        "note",
    )
