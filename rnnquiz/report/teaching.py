"""What a teacher reads first: who handed in, how it went, what to teach again, each student's
marks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.report import pictures
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import (
    MOST_NAMES_TOGETHER,
    Blocks,
    DataTable,
    Remark,
    in_a_list,
    more,
    named,
    percent,
    rounded_text,
    table,
    whom,
)
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import NOTHING, Absent, Marking

MOST_TAUGHT, MOST_MISTAKES, MOST_BARS, MOST_MATCHES, MOST_FIRST, MOST_OWN = 5, 40, 15, 100, 5, 2
MATCHES_CAUTION = (
    "Sheets whose answers fit another student's numbers. This is evidence to look at, not a"
    " verdict: a sheet taken by mistake, or work done together with permission, looks the same."
)


def who_handed_in(marking: Marking) -> Blocks:
    """How many handed in and how it went, in two sentences and a picture; who is missing."""
    found = st.marks(marking)
    missing = [one for one in marking.absent if one.why == NOTHING]
    others = [one for one in marking.absent if one.why != NOTHING]
    yield Remark(f"{found.spread.n} handed in, {len(missing)} did not.", "strong")
    if missing:
        names = ", ".join(named(one.student, one.name) for one in missing[:MOST_NAMES_TOGETHER])
        yield Remark(f"Missing: {names}{more(len(missing) - MOST_NAMES_TOGETHER)}.")
    if others:
        names = ", ".join(
            f"{named(one.student, one.name)}: {one.why}" for one in others[:MOST_NAMES_TOGETHER]
        )
        yield Remark(f"Not among these marks: {names}{more(len(others) - MOST_NAMES_TOGETHER)}.")
    if found.spread.n:
        own, share = found.spread, found.share
        mean = f"{rounded_text(own.mean)} of {found.maximum:g} marks ({percent(share.mean)})"
        median = f"{rounded_text(own.median)} ({percent(share.median)})"
        yield Remark(
            f"Mean {mean}, median {median}. Full marks: {found.full}; no marks: {found.zero}."
        )
        yield pictures.histogram(found)
        yield table("Students by share of the marks", "share|students", _tenths(found), folded=True)


def _tenths(found: st.Marks) -> list[tuple[str, str]]:
    """The tenths that somebody is in."""
    step, last = 100 // st.BINS, st.BINS - 1
    return [
        (f"{k * step} to {'' if k == last else 'below '}{(k + 1) * step} %", str(count))
        for k, count in enumerate(found.histogram)
        if count
    ]


def what_to_teach(marking: Marking, kinds: Sequence[st.KindStatistics]) -> Blocks:
    """The commonest mistakes with where they were first made, and the kind of box that went
    worst."""
    count = len(marking.students)
    if not count:
        return
    known = [kind for kind in kinds if not math.isnan(kind.facility)]
    if known:
        weakest = min(known, key=lambda kind: kind.facility)
        words = KIND_WORDS.get(weakest.kind, weakest.kind)
        yield Remark(f"Weakest: {words}, with {percent(weakest.facility)} of the marks.", "strong")
    found = st.mistakes(marking.mistakes)
    for place, row in enumerate(found[:MOST_TAUGHT], start=1):
        yield Remark(
            (
                f"{place}. {row.name}: {len(row.students)} of {count} students"
                f" ({percent(len(row.students) / count)}), first in ",
                *_first(marking, row),
                ".",
            )
        )
    if not found:
        yield Remark("No mistakes were found.")


def _first(marking: Marking, row: st.Mistake) -> tuple[str | Label, ...]:
    """The boxes where a mistake was first made, with the number of students."""
    boxes = [(marking.label(box), f" ({n})") for box, n in row.first[:MOST_FIRST]]
    return *in_a_list(boxes), more(len(row.first) - MOST_FIRST)


def students(marking: Marking) -> Blocks:
    """Every student of the roster once, in its order, with marks and mistakes, or why there are
    none."""
    own: dict[int, dict[str, None]] = {}
    for made in marking.mistakes:
        own.setdefault(made.student, {})[made.name] = None
    rows = list(_rows(marking, own))
    if rows:
        header = ("student", "id", "marks", "share", "mistakes")
        yield DataTable(
            "Marks and first mistakes", header, tuple(rows), (False, False, True, True, False)
        )


def _rows(marking: Marking, own: dict[int, dict[str, None]]) -> Iterator[tuple[str, ...]]:
    missing = list(marking.absent)
    for n, student in enumerate(marking.students):
        while missing and missing[0].before <= n:
            yield _missing(missing.pop(0))
        made = list(own.get(n, ()))
        yield (
            marking.names[n] or student,
            student,
            rounded_text(float(marking.totals[n])),
            percent(float(marking.shares[n])),
            "; ".join(made[:MOST_OWN]) + more(len(made) - MOST_OWN),
        )
    yield from map(_missing, missing)


def _missing(one: Absent) -> tuple[str, ...]:
    return one.name or one.student, one.student, "–", "–", one.why


def mistakes_made(marking: Marking) -> Blocks:
    """All mistakes, where they were first made, and by whom."""
    found = st.mistakes(marking.mistakes)
    if not found:
        return
    shown, count = found[:MOST_MISTAKES], len(marking.students)
    yield pictures.mistake_bars(found[:MOST_BARS])
    rows = [
        (
            row.name,
            _first(marking, row),
            str(len(row.students)),
            percent(len(row.students) / count),
            str(row.boxes),
        )
        for row in shown
    ]
    yield table(
        "Mistakes, and the boxes where they were first made",
        "mistake|first made in|students|share|boxes",
        rows,
        words=2,
    )
    if len(found) > len(shown):
        yield Remark(
            f"And {len(found) - len(shown)} more mistakes, of fewer students each.", "note"
        )
    yield table(
        "Who made them",
        "mistake|students",
        [(row.name, whom(marking, row.students)) for row in shown],
        words=2,
    )


def matches(marking: Marking) -> Blocks:
    """Sheets that share answers, with the base rate."""
    if not marking.matches:
        return
    yield Remark(
        f"{MATCHES_CAUTION} {len(marking.matches)} among {len(marking.students)} sheets.", "note"
    )
    for line in marking.matches[:MOST_MATCHES]:
        yield Remark(line)
    if len(marking.matches) > MOST_MATCHES:
        yield Remark(f"And {len(marking.matches) - MOST_MATCHES} more.", "note")


def sheets_handed_in(marking: Marking) -> Blocks:
    found = st.attempts(marking)
    if len(found) > 1 or any(attempt > 1 for attempt, _ in found):
        yield table(
            "Students by the number of sheets they handed in",
            "sheets|students",
            [(str(attempt), str(n)) for attempt, n in found],
        )


__all__ = [
    "matches", "mistakes_made", "sheets_handed_in", "students", "what_to_teach", "who_handed_in",
]  # fmt: skip
