"""When sheets are due, for whom later, who is excused, and what a late sheet costs.

A sheet is late where it was handed in after it was due, by the time that the learning system gives,
or the teacher. What is not known is not guessed: without a time nothing is taken off, and a line
says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path

from rnnquiz.errors import CourseError, Problem
from rnnquiz.files.tables import TableProblem, read_table
from rnnquiz.people.headings import People
from rnnquiz.people.roster import Lookup
from rnnquiz.problems import Problems
from rnnquiz.submissions.sheets import Sheet

DAY = timedelta(days=1)
EXCUSED = "excused"
COLUMNS = ("due", "handed in", "excused")
# An empty cell is a no: a table may excuse a few, and say nothing of the others.
_YES, _NO = ("yes", "y", "x", "true", "1"), ("", "no", "n", "false", "0")
_FORM = "write it like 2026-12-14 18:00, or with a zone 2026-12-14 18:00+01:00"


@dataclass(frozen=True)
class Dates:
    """What is agreed with one student: a due date of one's own, a time of handing in that no system
    knows, that nothing is due at all."""

    due: datetime | None = None
    handed_in: datetime | None = None
    excused: bool = False


@dataclass(frozen=True)
class Deadline:
    """What becomes of late sheets: `late` is mark or refuse; `per_day` the share of all marks that
    is taken off for each day begun after `due`. `dates` are those of single students, by id."""

    late: str = "mark"
    due: datetime | None = None
    per_day: float = 0.0
    dates: Mapping[str, Dates] = field(default_factory=dict)

    @property
    def excused(self) -> frozenset[str]:
        """The ids of the students who need not hand in."""
        found = set()
        for student, own in self.dates.items():
            if own.excused:
                found.add(student)
        return frozenset(found)

    def dated(self, sheet: Sheet) -> tuple[Sheet, str]:
        """The sheet of a known student with the days that it is late, and what cannot be told of
        it."""
        own = self.dates.get(sheet.student, Dates())
        due = own.due or self.due
        if due is None:
            return sheet, ""
        handed_in = own.handed_in or moment(sheet.time)
        # A time with a zone and one without cannot be compared: the zone of a course is not known.
        if handed_in is None or (handed_in.tzinfo is None) != (due.tzinfo is None):
            # Late by the system's own due date says nothing of a date of one's own.
            late = sheet.late and own.due is None
            return replace(sheet, late=late), self._untold(sheet, handed_in)
        over = (handed_in - due) / DAY
        days = max(0, math.ceil(over))
        share = min(1.0, self.per_day * days)  # all marks, and no more
        return replace(sheet, late=days > 0, days=days, taken_off=share), ""

    def _untold(self, sheet: Sheet, handed_in: datetime | None) -> str:
        """Why it cannot be told how late a sheet is; nothing where nothing hangs on it."""
        if not self.per_day and not sheet.late:
            return ""
        why = (
            "has no time" if handed_in is None else f"has the time {sheet.time}, --due another zone"
        )
        remedy = "say when it was handed in, with --dates"
        return f"{why}: nothing is taken off -> {remedy} ({sheet.student!r})"


def moment(text: str) -> datetime | None:
    """A time as systems write it, with its zone where it has one; None where it is none. A day
    alone is its last minute.

    >>> str(moment("2026-12-14 18:00:00 +0100"))
    '2026-12-14 18:00:00+01:00'
    >>> str(moment("2026-12-14"))
    '2026-12-14 23:59:00'
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    day, clock, zone = found.group("day", "clock", "zone")
    try:
        if clock is None:
            return datetime.combine(datetime.fromisoformat(day), time(23, 59))
        return datetime.fromisoformat(f"{day}T{clock}{_with_colon(zone or '')}")
    # The form alone does not make a date: there is no 30th of February.
    except ValueError:
        return None


def _with_colon(zone: str) -> str:
    """A zone in the only form that Python 3.10 reads: +01:00."""
    if zone in ("Z", "UTC"):
        return "+00:00"
    return re.sub(r"^([+-]\d\d):?(\d\d)$", r"\1:\2", zone)


# Parts of a second are passed over: Python 3.10 reads three or six digits of them, and no others.
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<clock>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?)?"
)


def read_due(text: str) -> datetime | None:
    """The due date that was given; CourseError where it is none."""
    if not text:
        return None
    found = moment(text)
    if found is None:
        raise CourseError.at("--due", "the date", f"{text!r} is no date", _FORM)
    return found


def read_dates(path: Path, lookup: Lookup) -> dict[str, Dates]:
    """The dates of single students from a table: a column that says who it is, and any of `due`,
    `handed in` and `excused`. CourseError lists every row that cannot be taken."""
    try:
        header, *rows = read_table(path.read_bytes())
    except (OSError, TableProblem, ValueError) as error:
        problem = Problem("the file", f"cannot be read: {error}", "save it as CSV in UTF-8")
        raise CourseError(str(path), problem) from None
    columns, people = _parted(header)
    if not columns:
        remedy = f"give one of {', '.join(COLUMNS)}, beside  id"
        listed = ", ".join(header)[:200]
        raise CourseError.at(str(path), "the headings", listed, remedy)
    found: dict[str, Dates] = {}
    problems = Problems(CourseError, str(path))
    # As a spreadsheet counts them, with the headings.
    for number, row in enumerate(rows, start=2):
        words, cells = people.words(row), _cells(row, columns)
        student = lookup.find(words)
        if student is None:
            who = ", ".join(words) or "nobody"
            problems.add(f"row {number}", f"{who} is no student", "check the id")
        elif student.id in found:
            problems.add(f"row {number}", f"{student.id} stands twice", "keep one row")
        else:
            problems.extend(_faults(number, cells))
            found[student.id] = _dates(cells)
    problems.raise_if_any()
    return found


def _parted(header: Sequence[str]) -> tuple[dict[str, int], People]:
    """Which column has which date, and what the others say of who it is."""
    columns: dict[str, int] = {}
    others = list(header)
    for k, cell in enumerate(header):
        word = cell.strip().lower()
        if word in COLUMNS:
            columns[word] = k
            others[k] = ""
    return columns, People(others)


def _cells(row: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    """What a row says of each date."""
    cells = dict.fromkeys(columns, "")
    for word, k in columns.items():
        # Rows may be shorter than the header: spreadsheets drop empty cells at the end.
        if k < len(row):
            cells[word] = row[k].strip()
    return cells


def _faults(number: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    for word in ("due", "handed in"):
        if cells.get(word) and moment(cells[word]) is None:
            yield Problem(f"row {number}, {word}", f"{cells[word]!r} is no date", _FORM)
    if cells.get("excused", "").lower() not in (*_YES, *_NO):
        found = f"{cells['excused']!r} is neither yes nor no"
        yield Problem(f"row {number}, excused", found, "write yes or no")


def _dates(cells: Mapping[str, str]) -> Dates:
    due, handed_in = (moment(cells.get(word, "")) for word in ("due", "handed in"))
    excused = cells.get("excused", "").lower()
    return Dates(due, handed_in, excused in _YES)


def days_late(days: int) -> str:
    """1 day late, 2 days late."""
    return f"{days} day{'' if days == 1 else 's'} late"


__all__: Sequence[str] = (
    "EXCUSED", "Dates", "Deadline", "days_late", "moment", "read_dates", "read_due",
)  # fmt: skip
