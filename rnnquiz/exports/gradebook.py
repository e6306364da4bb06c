"""Writers of marks: one for each format, in a literal table."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from rnnquiz.errors import CourseError, Problem
from rnnquiz.tables import defused, write_table
from rnnquiz.workbook import cell_text, saved


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One student's line of the gradebook; `marks` is None where nothing was handed in.

    `exercises`: marks and maximum of each problem, where a sheet has several. `attempt`: which
    attempt the marks are of, in words, and `attempts` the marks of each, where there are several.
    `assignments`: marks and maximum of each assignment of a term. `days`: how many days late it
    was, and `taken_off` the marks that this has cost, which are no part of `marks`.
    """

    id: str
    name: str
    email: str
    marks: float | None
    maximum: float
    skills: dict[str, tuple[float, float]]
    verdicts: dict[str, int]
    first_wrong: str
    status: str
    exercises: dict[int, tuple[float, float]] = field(default_factory=dict)
    attempt: str = ""
    attempts: dict[int, float] = field(default_factory=dict)
    assignments: dict[str, tuple[float, float]] = field(default_factory=dict)
    days: int = 0
    taken_off: float = 0.0


def two_places(marks: float) -> str:
    """Marks to two decimals, a half rounded up: in favour of the student, and not as the last bit
    of a binary number falls."""
    return str(Decimal(f"{marks:.6f}").quantize(Decimal("0.01"), ROUND_HALF_UP))


def csv_gradebook(title: str, rows: Sequence[GradeRow]) -> str:
    """Plain CSV, UTF-8: id, name, e-mail, status, marks, maximum, marks by skill, counts of
    verdicts, first wrong step."""
    return write_table(_table(rows, defused))


Column = tuple[str, Callable[[GradeRow], str]]  # its heading, and what stands in it
_NONE = (None, None)  # marks and maximum of what a sheet does not have
_Key = TypeVar("_Key", str, int)


def _table(rows: Sequence[GradeRow], safe: Callable[[str], str]) -> Iterator[list[str]]:
    """Header and rows; `safe` makes text of others harmless, our own numbers stay as they are."""
    columns: list[Column] = [
        ("id", lambda row: safe(row.id)),
        ("name", lambda row: safe(row.name)),
        ("email", lambda row: safe(row.email)),
        ("status", lambda row: row.status),
        ("marks", lambda row: _shown(row.marks)),
        ("maximum", lambda row: two_places(row.maximum)),
        *_where_somebody_has_them(rows, safe),
        *((skill, partial(_of_skill, skill)) for skill in _each(row.skills for row in rows)),
        *((verdict, partial(_of_verdict, verdict)) for verdict in _verdicts(rows)),
        ("first wrong step", lambda row: row.first_wrong),
    ]
    yield [heading for heading, _ in columns]
    for row in rows:
        yield [written(row) for _, written in columns]


def _where_somebody_has_them(
    rows: Sequence[GradeRow], safe: Callable[[str], str]
) -> Iterator[Column]:
    """Columns of which a class without delays, retakes or several problems has none."""
    if any(row.days for row in rows):
        yield "days late", lambda row: str(row.days)
        yield "taken off", lambda row: two_places(row.taken_off)
    for name in sorted(_each(row.assignments for row in rows)):
        yield safe(name), partial(_of_assignment, name)
    if any(row.attempt for row in rows):
        yield "attempt", lambda row: row.attempt
    for number in sorted(_each(row.attempts for row in rows)):
        yield f"attempt {number}", partial(_of_attempt, number)
    for place in sorted(_each(row.exercises for row in rows)):
        yield f"problem {place}", partial(_of_problem, place)


def _each(groups: Iterable[Iterable[_Key]]) -> list[_Key]:
    """Each once, in the order in which they are met."""
    return list(dict.fromkeys(chain.from_iterable(groups)))


def _verdicts(rows: Sequence[GradeRow]) -> list[str]:
    return _each(sorted(row.verdicts) for row in rows)


def _shown(marks: float | None) -> str:
    """Marks; empty where nothing is marked."""
    return "" if marks is None else two_places(marks)


def _of_skill(skill: str, row: GradeRow) -> str:
    return _shown(row.skills.get(skill, _NONE)[0])


def _of_verdict(verdict: str, row: GradeRow) -> str:
    """How many boxes have a verdict; empty where nothing is marked."""
    return "" if row.marks is None else str(row.verdicts.get(verdict, 0))


def _of_problem(place: int, row: GradeRow) -> str:
    return _shown(row.exercises.get(place, _NONE)[0])


def _of_assignment(name: str, row: GradeRow) -> str:
    return _shown(row.assignments.get(name, _NONE)[0])


def _of_attempt(number: int, row: GradeRow) -> str:
    return _shown(row.attempts.get(number))


def json_gradebook(title: str, rows: Sequence[GradeRow]) -> str:
    """The same for programs, a line for each student."""
    lines = ",\n".join(json.dumps(_data(row), ensure_ascii=False) for row in rows)
    return f'{{"title": {json.dumps(title, ensure_ascii=False)}, "students": [\n{lines}\n]}}\n'


def _data(row: GradeRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "status": row.status,
        "marks": _rounded(row.marks),
        "maximum": round(row.maximum, 4),
        **_problems(row),
        "skills": {k: [round(v, 4) for v in pair] for k, pair in row.skills.items()},
        "verdicts": row.verdicts,
        "first_wrong": row.first_wrong,
    }


def _problems(row: GradeRow) -> dict[str, Any]:
    """Marks of each problem and attempt, where there are several."""
    found: dict[str, Any] = {}
    if row.exercises:
        pairs = row.exercises.items()
        found["problems"] = {str(k): [round(v, 4) for v in pair] for k, pair in pairs}
    if row.days:
        found |= {"days_late": row.days, "taken_off": round(row.taken_off, 4)}
    if row.assignments:
        parts = row.assignments.items()
        found["assignments"] = {name: [round(v, 4) for v in pair] for name, pair in parts}
    if row.attempt:
        found["attempt"] = row.attempt
    if row.attempts:
        found["attempts"] = {str(k): round(v, 4) for k, v in row.attempts.items()}
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def xlsx_gradebook(title: str, rows: Sequence[GradeRow]) -> bytes:
    """The same as a workbook: marks are numbers, everything else is text, so that no cell is ever a
    formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("marks")
    for number, cells in enumerate(_table(rows, cell_text)):
        made = []
        for cell in cells:
            numeric = number > 0 and _NUMBER.fullmatch(cell) is not None
            made.append(WriteOnlyCell(sheet, float(cell) if numeric else cell))
            made[-1].data_type = "n" if numeric else "s"
        for k in (0, 1, 2):
            made[k].value, made[k].data_type, made[k].number_format = cells[k], "s", "@"
        sheet.append(made)
    return saved(book)


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def moodle_gradebook(title: str, rows: Sequence[GradeRow]) -> str:
    """For Moodle's import of grades, which refuses all for one fault: CourseError lists every row
    that it would refuse."""
    marked = [row for row in rows if row.marks is not None]
    known = Counter(row.email.casefold() for row in marked)
    remedy = "mend the roster, run generate and grade again"
    problems = [
        Problem(
            row.id, "has no e-mail" if not row.email else f"shares the e-mail {row.email!r}", remedy
        )
        for row in marked
        if not row.email or known[row.email.casefold()] > 1
    ]
    if problems:
        raise CourseError("the gradebook", problems)
    maximum = _maximum(marked)
    feedback = (
        f"The first step to look at is {row.first_wrong}." if row.first_wrong else ""
        for row in marked
    )
    shares = (row.marks / row.maximum if row.marks and row.maximum else 0.0 for row in marked)
    table = [
        [row.email, two_places(share * maximum), words]
        for row, share, words in zip(marked, shares, feedback, strict=True)
    ]
    heading = f"{title} (of {two_places(maximum)})"
    return write_table([["email", heading, f"{heading} feedback"], *table])


def _maximum(marked: Sequence[GradeRow]) -> float:
    """The maximum of most."""
    return Counter(row.maximum for row in marked).most_common(1)[0][0] if marked else 0.0


def moodle_items(rows: Sequence[GradeRow]) -> list[str]:
    """What no table can tell Moodle: an item that its import makes has the maximum 100."""
    maximum = _maximum([row for row in rows if row.marks is not None])
    if maximum == 100:
        return []
    refused = ", and marks above it are refused" if maximum > 100 else ""
    return [
        f"a new item that the import makes has the maximum 100{refused}: first add a grade item "
        f"with the maximum {two_places(maximum)} in Moodle's gradebook, and map the column to it"
    ]


WRITERS: dict[str, tuple[str, Callable[[str, Sequence[GradeRow]], str | bytes]]] = {
    "csv": ("gradebook.csv", csv_gradebook),
    "json": ("gradebook.json", json_gradebook),
    "xlsx": ("gradebook.xlsx", xlsx_gradebook),
    "moodle_gradebook": ("moodle_gradebook.csv", moodle_gradebook),
}
"""A writer gets the title and all rows; its file has this name."""

NOTES: dict[str, Callable[[Sequence[GradeRow]], list[str]]] = {"moodle_gradebook": moodle_items}
"""What is to be said beside the file."""

ALWAYS = ("csv", "json")
"""What `grade` writes each time."""
