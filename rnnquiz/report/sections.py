"""The report as headings, sentences, tables and pictures: what is said, not how it looks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.report import pictures
from rnnquiz.report import statistics as st
from rnnquiz.report.fairness import DIFFICULTY, RATE, Fairness, fairness
from rnnquiz.report.marking import Marking
from rnnquiz.report.pictures import LETTERS, Picture

MOST_NAMES, MOST_MISTAKES, MOST_BARS, MOST_MATCHES, MOST_FIRST = 30, 40, 15, 100, 5
BOXES_PER_PICTURE = 36  # what fits on a page
HARD, EASY, BLUNT = 0.3, 0.8, 0.1  # Blackboard's limits of facility and discrimination
FAIR_CAUTION = (
    "An association is no proof of unfairness, and none found is no proof of fairness: with few"
    " students only large differences show."
)
MATCHES_CAUTION = (
    "Sheets whose answers fit another student's numbers. This is evidence to look at, not a"
    " verdict: a sheet taken by mistake, or work done together with permission, looks the same."
)


@dataclass(frozen=True)
class Paragraph:
    """A sentence or more; tone: plain, note or strong."""

    text: str
    tone: str = "plain"
    kind: str = "paragraph"


@dataclass(frozen=True)
class Table:
    """A table; right: the columns set to the right, as numbers are."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    kind: str = "table"


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Paragraph | Table | Picture, ...]


Blocks = Iterator[Paragraph | Table | Picture]


def sections(marking: Marking) -> tuple[Section, ...]:
    """All of the report, in order; what has nothing to say is left out."""
    boxes, kinds = st.boxes(marking), st.kinds(marking)
    parts = {
        "Marks": _marks(marking),
        "Kinds of boxes": _kinds(marking, kinds),
        "Boxes": _boxes(boxes),
        "Verdicts": _verdicts(boxes),
        "Mistakes": _mistakes(marking),
        "Fairness of the variants": _fairness(marking),
        "Shared answers": _matches(marking),
        "Attempts": _attempts(marking),
    }
    made = (Section(heading, tuple(blocks)) for heading, blocks in parts.items())
    return tuple(section for section in made if section.blocks)


def _table(caption: str, header: str, rows: Sequence[tuple[str, ...]], words: int = 1) -> Table:
    """A table with the header's columns, parted by |; the first `words` hold words, the others
    numbers."""
    names = tuple(header.split("|"))
    return Table(caption, names, tuple(rows), tuple(k >= words for k in range(len(names))))


def number(value: float, digits: int = 2) -> str:
    """A number to some digits after the point, a dash where there is none."""
    return (
        "–" if math.isnan(value) else f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")
    )  # + 0.0: no minus before zero


def percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f} %".replace("-", "−")


def _marks(marking: Marking) -> Blocks:
    found = st.marks(marking)
    yield Paragraph(
        f"{found.spread.n} handed in, {marking.absent} did not. Full marks: {found.full}; no marks:"
        f" {found.zero}.",
        "strong",
    )
    if not found.spread.n:
        return
    own, share = found.spread, found.share
    pairs = [(name, getattr(own, key), getattr(share, key)) for name, key in MARKS_ROWS]
    rows = [(name, number(mark), percent(part)) for name, mark, part in pairs]
    yield _table(f"Marks, of {found.maximum:g}", "|marks|share", rows)
    yield pictures.histogram(found)
    step = 100 // st.BINS
    tenths = [
        (f"{k * step} to {'' if k == st.BINS - 1 else 'below '}{(k + 1) * step} %", str(n))
        for k, n in enumerate(found.histogram)
    ]
    yield _table("Students by share of the marks", "share|students", tenths)
    follow = st.follow_through(marking)
    yield Paragraph(
        f"Follow-through gave {percent(follow.marks)} of the marks earned, in"
        f" {percent(follow.boxes)} of the boxes: right work on a number that was wrong before."
    )


MARKS_ROWS = (
    ("mean", "mean"),
    ("median", "median"),
    ("standard deviation", "sd"),
    ("lowest", "low"),
    ("highest", "high"),
)


def _kinds(marking: Marking, kinds: Sequence[st.KindStatistics]) -> Blocks:
    if not marking.students or not kinds:
        return
    named = [(KIND_WORDS.get(kind.kind, kind.kind), kind) for kind in kinds]
    rows = [
        (name, percent(kind.facility), str(kind.boxes), number(kind.alpha), percent(kind.sem))
        for name, kind in named
    ]
    yield _table("Facility and internal consistency", "kind|facility|boxes|alpha|SEM", rows)
    yield Paragraph(
        "Alpha is Cronbach's; SEM, the standard error of measurement, is in per cent of the "
        f"kind's marks. Both rest on the boxes that count for every student. {st.DEPENDENT}",
        "note",
    )
    if len(marking.students) >= st.GROUPS:
        yield pictures.quintile_curves(named)
        curves = [(name, *map(percent, kind.quintiles)) for name, kind in named]
        yield _table(
            "Facility among the fifths of the class, the weakest first", "kind|1|2|3|4|5", curves
        )


def _boxes(boxes: Sequence[st.BoxStatistics]) -> Blocks:
    if not any(box.n for box in boxes):
        return
    for k, part in enumerate(_parts(boxes)):
        yield pictures.quality(part, k)
    header = ("box", "students", "facility", "discrimination", "95 %", "remark")
    rows = tuple(
        (
            row.box,
            str(row.n),
            percent(row.facility),
            number(row.discrimination.r),
            _interval(row.discrimination),
            _remark(row),
        )
        for row in boxes
    )
    yield Table(
        "Facility and discrimination of each box",
        header,
        rows,
        (False, True, True, True, True, False),
    )
    yield Paragraph(
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
    return "–" if math.isnan(found.low) else f"{number(found.low)} to {number(found.high)}"


def _remark(box: st.BoxStatistics) -> str:
    words = (
        ("hard", box.facility < HARD),
        ("easy", box.facility > EASY),
        ("blunt", box.discrimination.r < BLUNT),
    )
    return ", ".join(word for word, holds in words if holds)


def _verdicts(boxes: Sequence[st.BoxStatistics]) -> Blocks:
    if not any(box.n for box in boxes):
        return
    for k, part in enumerate(_parts(boxes)):
        yield pictures.heat_map(part, k)
    keys = ", ".join(
        f"{letter} {verdict}" for letter, verdict in zip(LETTERS, VERDICTS, strict=True)
    )
    rows = [
        (box.box, *(f"{100 * share:.0f}" if share > 0 else "" for share in box.verdicts))
        for box in boxes
    ]
    yield _table(
        f"Verdicts of each box, per cent of the students for whom it counts ({keys})",
        "box|" + "|".join(LETTERS),
        rows,
    )


def _mistakes(marking: Marking) -> Blocks:
    found = st.mistakes(marking.mistakes)
    if not found:
        return
    shown, count = found[:MOST_MISTAKES], len(marking.students)
    yield pictures.mistake_bars(found[:MOST_BARS])
    rows = [
        (
            row.name,
            ", ".join(f"{box} ({n})" for box, n in row.first[:MOST_FIRST])
            + _more(len(row.first) - MOST_FIRST),
            str(len(row.students)),
            percent(len(row.students) / count),
            str(row.boxes),
        )
        for row in shown
    ]
    yield _table(
        "Mistakes, and the boxes where they were first made",
        "mistake|first made in|students|share|boxes",
        rows,
        words=2,
    )
    if len(found) > len(shown):
        yield Paragraph(
            f"And {len(found) - len(shown)} more mistakes, of fewer students each.", "note"
        )
    yield _table(
        "Who made them",
        "mistake|students",
        [(row.name, _whom(marking, row.students)) for row in shown],
        words=2,
    )


def _whom(marking: Marking, students: Sequence[int]) -> str:
    return ", ".join(_who(marking, n) for n in students[:MOST_NAMES]) + _more(
        len(students) - MOST_NAMES
    )


def _who(marking: Marking, n: int) -> str:
    name, student = marking.names[n], marking.students[n]
    return f"{name} ({student})" if name else student


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _fairness(marking: Marking) -> Blocks:
    if not marking.students:
        return
    found = fairness(marking)
    spread, quarters = st.spread(marking.difficulty), st.quartiles(marking.difficulty)
    if spread.n:
        words = " to ".join(number(float(value), 3) for value in quarters[[0, 2, 4]])
        centre = f"mean {spread.mean:.3f}, sd {number(spread.sd, 3)}"
        yield Paragraph(
            f"Difficulty of the variants, least to median to greatest: {words} ({centre})."
        )
    if found.associations:
        yield Paragraph(_verdict(found), "strong")
        yield from _evidence(marking, found)
    for line in found.skipped:
        yield Paragraph(line, "note")


def _verdict(found: Fairness) -> str:
    flagged = [row.name for row in found.associations if row.flagged]
    if not flagged:
        return (
            f"None of the {len(found.associations)} numbers tested goes with the marks more than"
            " chance explains."
        )
    return f"These go with the marks more than chance explains: {', '.join(flagged)}."


def _evidence(marking: Marking, found: Fairness) -> Blocks:
    used = ~np.isnan(marking.shares)
    numbers = {**marking.numbers, DIFFICULTY: marking.difficulty}
    for k, row in enumerate(
        [row for row in found.associations if row.flagged][:6] or found.associations[:1]
    ):
        yield pictures.scatter(np.asarray(numbers[row.name])[used], marking.shares[used], row, k)
    rows = [
        (
            row.name,
            f"{row.measure} = {number(row.effect)}",
            number(row.p, 4),
            number(row.q, 4),
            percent(row.low),
            percent(row.high),
            "yes" if row.flagged else "",
        )
        for row in found.associations
    ]
    header = ("number", "association", "p", "q", "smallest third", "largest third", "flagged")
    yield Table(
        "Share of marks against the numbers of the variants",
        header,
        tuple(rows),
        (False, True, True, True, True, True, False),
    )
    yield Paragraph(
        f"p: permutation test, {found.permutations} permutations; q: adjusted for the "
        f"number of tests (Benjamini and Hochberg), flagged up to {RATE:.0%}. The thirds: mean "
        "share of marks of the students with the smallest and the largest numbers. "
        f"{FAIR_CAUTION}",
        "note",
    )


def _matches(marking: Marking) -> Blocks:
    if not marking.matches:
        return
    yield Paragraph(
        f"{MATCHES_CAUTION} {len(marking.matches)} among {len(marking.students)} sheets.", "note"
    )
    for line in marking.matches[:MOST_MATCHES]:
        yield Paragraph(line)
    if len(marking.matches) > MOST_MATCHES:
        yield Paragraph(f"And {len(marking.matches) - MOST_MATCHES} more.", "note")


def _attempts(marking: Marking) -> Blocks:
    found = st.attempts(marking)
    if len(found) > 1 or any(attempt > 1 for attempt, _ in found):
        yield _table(
            "Students by the number of sheets they handed in",
            "sheets|students",
            [(str(attempt), str(n)) for attempt, n in found],
        )


__all__ = ["Paragraph", "Section", "Table", "sections"]
