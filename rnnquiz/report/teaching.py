"""What a teacher reads first: who handed in, how it went, what to teach again, each student's
marks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import filterfalse, takewhile

from rnnquiz.grade.marked import NOT_READABLE, UNKNOWN
from rnnquiz.grade.verdicts import CONSTANT
from rnnquiz.report import measures, pictures
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import (
    Blocks,
    DataTable,
    Remark,
    first_and_more,
    in_a_list,
    more,
    named,
    percent,
    rounded_text,
    table,
    whom,
)
from rnnquiz.report.labels import Label, LabelledText
from rnnquiz.report.marking import NOTHING, Absent, Marking

# What is read before a lecture is short. Behind the fortieth stand mistakes of single students.
MOST_TAUGHT, MOST_MISTAKES, MOST_BARS, MOST_MATCHES, MOST_FIRST, MOST_OWN = 5, 40, 15, 100, 5, 2
SHARE_TO_TEACH = 0.1  # of those who handed in: what fewer got wrong is said to them, not to all
MATCHES_CAUTION = (
    "Sheets whose answers fit another student's numbers. This is evidence to look at, not a"
    " verdict: a sheet taken by mistake, or work done together with permission, looks the same."
)


def who_handed_in(marking: Marking) -> Blocks:
    """How many handed in and how it went, in two sentences and a picture; who is missing."""
    found = st.marks(marking)
    missing = list(filter(_gave_nothing, marking.absent))
    others = list(filterfalse(_gave_nothing, marking.absent))
    yield Remark(f"{found.spread.n} handed in, {len(missing)} did not.", "strong")
    if missing:
        names = [named(one.student, one.name) for one in missing]
        yield Remark(f"Missing: {first_and_more(names)}.")
    if others:
        names = [f"{named(one.student, one.name)}: {one.why}" for one in others]
        yield Remark(f"Not among these marks: {first_and_more(names)}.")
    if found.spread.n:
        own, share = found.spread, found.share
        mean = f"{rounded_text(own.mean)} of {found.maximum:g} marks ({percent(share.mean)})"
        median = f"{rounded_text(own.median)} ({percent(share.median)})"
        yield Remark(
            f"Mean {mean}, median {median}. Full marks: {found.full}; no marks: {found.zero}."
        )
        yield pictures.histogram(found)
        tenths = list(_tenths(found))
        yield table("Students by share of the marks", "share|students", tenths, folded=True)


def _gave_nothing(one: Absent) -> bool:
    return one.why == NOTHING


def _tenths(found: st.Marks) -> Iterator[tuple[str, str]]:
    """The tenths that somebody is in."""
    step, last = 100 // st.BINS, st.BINS - 1
    for k, count in enumerate(found.histogram):
        if not count:
            continue
        low = k * step
        high = low + step
        # Only the last tenth holds its upper end.
        words = f"{low} to below {high} %"
        if k == last:
            words = f"{low} to {high} %"
        yield words, str(count)


def what_to_teach(marking: Marking, kinds: Sequence[st.KindStatistics]) -> Blocks:
    """The commonest mistakes with where they were first made, and the kind of box that went
    worst."""
    if not marking.students:
        return
    # No comparison holds with NaN: a kind that counts for nobody might come out as the weakest.
    known = list(filter(_counts, kinds))
    weakest = min(known, key=lambda kind: kind.facility, default=None)
    if weakest is not None and weakest.facility < 1 - measures.EQUAL:
        words = marking.words.get(weakest.kind, weakest.kind)
        yield Remark(f"Weakest: {words}, with {percent(weakest.facility)} of the marks.", "strong")
    found = st.mistakes(marking.mistakes)
    if not found:
        yield Remark("No mistakes were found.")
        return
    teachable = list(filter(_can_be_taught, found))
    if not teachable:
        yield Remark("No mistake that is known by name was made.")
        return
    yield from _made_by_several(marking, teachable)


def _made_by_several(marking: Marking, teachable: Sequence[st.Mistake]) -> Blocks:
    """The mistakes that are worth the time of the whole class, the commonest first, and of how many
    students those are at the least."""
    several = least_to_teach(len(marking.students))
    # The commonest come first: behind one that is too rare all are.
    common = list(takewhile(lambda row: len(row.students) >= several, teachable))
    those = f"at least {several} of those who handed in (one in ten, and never one alone)"
    if not common:
        yield Remark(f"No mistake that is known by name was made by {those}.")
    else:
        yield Remark(f"Made by {those}:")
    for place, row in enumerate(common[:MOST_TAUGHT], start=1):
        yield Remark(_taught(marking, place, row))
    rare = len(teachable) - len(common[:MOST_TAUGHT])
    if rare:
        yield Remark(f"{rare} more, by name and student, under Mistakes.", "note")


def least_to_teach(students: int) -> int:
    """How many must have made a mistake before it is taught again to all: one in ten, and never one
    alone."""
    return max(2, math.ceil(students * SHARE_TO_TEACH))


def _can_be_taught(row: st.Mistake) -> bool:
    """A mistake with a name: what nothing explains, and what nobody can read, is none."""
    return row.name not in (UNKNOWN, NOT_READABLE, CONSTANT.name)


def _counts(kind: st.KindStatistics) -> bool:
    return not math.isnan(kind.facility)


def _taught(marking: Marking, place: int, row: st.Mistake) -> tuple[str | Label, ...]:
    made, count = len(row.students), len(marking.students)
    share = percent(made / count)
    words = f"{place}. {row.name}: {made} of {count} students ({share}), first in "
    return words, *_first(marking, row), "."


def _first(marking: Marking, row: st.Mistake) -> tuple[str | Label, ...]:
    """The boxes where a mistake was first made, with the number of students."""
    shown = row.first[:MOST_FIRST]
    boxes = [(marking.label(box), f" ({n})") for box, n in shown]
    rest = len(row.first) - MOST_FIRST
    return *in_a_list(boxes), more(rest)


def students(marking: Marking) -> Blocks:
    """Every student of the roster once, in its order, with marks and mistakes, or why there are
    none."""
    own: dict[int, dict[str, None]] = {}
    for made in marking.mistakes:
        # A mistake made in several boxes is named once, where it came first.
        own.setdefault(made.student, {})[made.name] = None
    rows = tuple(_rows(marking, own))
    if rows:
        header = ("student", "id", "marks", "share", "mistakes")
        right = (False, False, True, True, False)
        yield DataTable("Marks and first mistakes", header, rows, right)


def _rows(marking: Marking, own: dict[int, dict[str, None]]) -> Iterator[tuple[str, ...]]:
    missing = list(marking.absent)
    for n in range(len(marking.students)):
        # Those of whom nothing was marked keep their place in the roster.
        while missing and missing[0].before <= n:
            yield _missing(missing.pop(0))
        made = list(own.get(n, ()))
        yield _present(marking, n, made)
    yield from map(_missing, missing)


def _present(marking: Marking, n: int, made: list[str]) -> tuple[str, ...]:
    student = marking.students[n]
    name = marking.names[n] or student
    marks = rounded_text(float(marking.totals[n]))
    share = percent(float(marking.shares[n]))
    mistakes = "; ".join(made[:MOST_OWN])
    rest = len(made) - MOST_OWN
    return name, student, marks, share, mistakes + more(rest)


def _missing(one: Absent) -> tuple[str, ...]:
    return one.name or one.student, one.student, "–", "–", one.why


def mistakes_made(marking: Marking) -> Blocks:
    """All mistakes, where they were first made, and by whom."""
    found = st.mistakes(marking.mistakes)
    if not found:
        return
    shown = found[:MOST_MISTAKES]
    yield pictures.mistake_bars(found[:MOST_BARS])
    rows = [_mistake_row(marking, row) for row in shown]
    yield table(
        "Mistakes, and the boxes where they were first made",
        "mistake|first made in|students|share|boxes",
        rows,
        words=2,
    )
    rest = len(found) - len(shown)
    if rest:
        yield Remark(f"And {rest} more mistakes, of fewer students each.", "note")
    makers = [(row.name, whom(marking, row.students)) for row in shown]
    yield table("Who made them", "mistake|students", makers, words=2)


def _mistake_row(marking: Marking, row: st.Mistake) -> tuple[LabelledText, ...]:
    made, count = len(row.students), len(marking.students)
    share = percent(made / count)
    return row.name, _first(marking, row), str(made), share, str(row.boxes)


def matches(marking: Marking) -> Blocks:
    """Sheets that share answers, with the base rate."""
    count = len(marking.matches)
    if not count:
        return
    yield Remark(f"{MATCHES_CAUTION} {count} among {len(marking.students)} sheets.", "note")
    for line in marking.matches[:MOST_MATCHES]:
        yield Remark(line)
    if count > MOST_MATCHES:
        yield Remark(f"And {count - MOST_MATCHES} more.", "note")


def sheets_handed_in(marking: Marking) -> Blocks:
    """How many handed in how many sheets, if any handed in more than one."""
    found = st.attempts(marking)
    # Where each handed in one sheet, there is nothing to tell.
    if len(found) > 1 or any(attempt > 1 for attempt, _ in found):
        rows = [(str(attempt), str(n)) for attempt, n in found]
        yield table("Students by the number of sheets they handed in", "sheets|students", rows)


__all__ = [
    "matches", "mistakes_made", "sheets_handed_in", "students", "what_to_teach", "who_handed_in",
]  # fmt: skip
