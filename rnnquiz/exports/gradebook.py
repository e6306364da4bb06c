"""Writers of marks: one for each format, in a literal table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from rnnquiz.exports.grade_row import GradeRow, MarksAndMaximum, two_places
from rnnquiz.exports.moodle_gradebook import moodle_gradebook, moodle_items
from rnnquiz.files.tables import defused, table_lines
from rnnquiz.files.workbook import cell_text, saved


def csv_gradebook(title: str, rows: Sequence[GradeRow]) -> Iterator[bytes]:
    """Plain CSV, UTF-8: id, name, e-mail, status, marks, maximum, marks by skill, counts of
    verdicts, first wrong step."""
    # A name such as =HYPERLINK(...) would be run by the spreadsheet of who opens the file.
    for line in table_lines(_table(rows, defused)):
        yield line.encode()


Column = tuple[str, Callable[[GradeRow], str]]  # its heading, and what stands in it
_NONE = (None, None)  # marks and maximum of what a sheet does not have
_Key = TypeVar("_Key", str, int)


def _table(rows: Sequence[GradeRow], safe: Callable[[str], str]) -> Iterator[list[str]]:
    """Header and rows; `safe` makes text of others harmless, our own numbers stay as they are."""
    columns = list(_columns(rows, safe))
    yield [heading for heading, _ in columns]
    for row in rows:
        yield [written(row) for _, written in columns]


def _columns(rows: Sequence[GradeRow], safe: Callable[[str], str]) -> Iterator[Column]:
    yield "id", lambda row: safe(row.id)
    yield "name", lambda row: safe(row.name)
    yield "email", lambda row: safe(row.email)
    yield "status", lambda row: row.status
    yield "marks", lambda row: _shown(row.marks)
    yield "maximum", lambda row: two_places(row.maximum)
    yield from _where_somebody_has_them(rows, safe)
    for skill in _each(row.skills for row in rows):
        yield skill, partial(_of_skill, skill)
    for verdict in _verdicts(rows):
        yield verdict, partial(_of_verdict, verdict)
    yield "first wrong step", lambda row: row.first_wrong


def _where_somebody_has_them(
    rows: Sequence[GradeRow], safe: Callable[[str], str]
) -> Iterator[Column]:
    """Columns of which a class without delays, retakes or several problems has none."""
    if any(row.days for row in rows):
        # Both: a day costs what the teacher has said, which may be nothing.
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
    every = chain.from_iterable(groups)
    return list(dict.fromkeys(every))


def _verdicts(rows: Sequence[GradeRow]) -> list[str]:
    # Sorted in each row: in which order a sheet has met them must not order the columns.
    by_row = (sorted(row.verdicts) for row in rows)
    return _each(by_row)


def _shown(marks: float | None) -> str:
    """Marks; empty where nothing is marked."""
    if marks is None:
        return ""
    return two_places(marks)


def _of_skill(skill: str, row: GradeRow) -> str:
    return _first(row.skills, skill)


def _first(pairs: Mapping[_Key, MarksAndMaximum], key: _Key) -> str:
    """The marks of what a sheet may have."""
    if key not in pairs:
        return ""
    marks, _ = pairs[key]
    return two_places(marks)


def _of_verdict(verdict: str, row: GradeRow) -> str:
    """How many boxes have a verdict; empty where nothing is marked."""
    if row.marks is None:
        return ""
    return str(row.verdicts.get(verdict, 0))


def _of_problem(place: int, row: GradeRow) -> str:
    return _first(row.exercises, place)


def _of_assignment(name: str, row: GradeRow) -> str:
    return _first(row.assignments, name)


def _of_attempt(number: int, row: GradeRow) -> str:
    return _shown(row.attempts.get(number))


def json_gradebook(title: str, rows: Sequence[GradeRow]) -> Iterator[bytes]:
    """The same for programs, a line for each student."""
    yield f'{{"title": {_as_json(title)}, "students": ['.encode()
    before = "\n"
    for row in rows:
        yield f"{before}{_as_json(_data(row))}".encode()
        before = ",\n"
    # Of nobody, too, the list has a line of its own.
    yield (b"\n]}\n" if rows else b"\n\n]}\n")


def _as_json(value: Any) -> str:
    # Teachers read the file, too: names stay as they are written.
    return json.dumps(value, ensure_ascii=False)


def _data(row: GradeRow) -> dict[str, Any]:
    marks = row.marks
    if marks is not None:
        marks = _for_programs(marks)
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "status": row.status,
        "marks": marks,
        "maximum": _for_programs(row.maximum),
        **_problems(row),
        "skills": _all_rounded(row.skills),
        "verdicts": row.verdicts,
        "first_wrong": row.first_wrong,
    }


MARK_DIGITS = 4  # of marks for programs: what is behind them is the rounding of floats


def _problems(row: GradeRow) -> dict[str, Any]:
    """Marks of each problem and attempt, where there are several."""
    found: dict[str, Any] = {}
    if row.exercises:
        found["problems"] = _all_rounded(row.exercises)
    if row.days:
        found |= {"days_late": row.days, "taken_off": round(row.taken_off, MARK_DIGITS)}
    if row.assignments:
        found["assignments"] = _all_rounded(row.assignments)
    if row.attempt:
        found["attempt"] = row.attempt
    if row.attempts:
        marks = map(_for_programs, row.attempts.values())
        found["attempts"] = dict(zip(map(str, row.attempts), marks, strict=True))
    return found


def _all_rounded(pairs: Mapping[_Key, MarksAndMaximum]) -> dict[str, list[float]]:
    # The names of JSON are texts.
    names = map(str, pairs)
    return dict(zip(names, map(_rounded, pairs.values()), strict=True))


def _rounded(pair: MarksAndMaximum) -> list[float]:
    return list(map(_for_programs, pair))


def _for_programs(marks: float) -> float:
    return round(marks, MARK_DIGITS)


def xlsx_gradebook(title: str, rows: Sequence[GradeRow]) -> Iterator[bytes]:
    """The same as a workbook: marks are numbers, everything else is text, so that no cell is ever a
    formula."""
    from openpyxl import Workbook

    # Row by row: the cells of a hundred thousand students need not be in memory together.
    book = Workbook(write_only=True)
    sheet = book.create_sheet("marks")
    table = _table(rows, cell_text)
    header = next(table)
    # An assignment may be called 2026: a heading stays text.
    sheet.append(_row(sheet, header, _text_cell))
    for cells in table:
        sheet.append(_row(sheet, cells, _mark_cell))
    yield saved(book)


_PEOPLE = 3  # columns that say who: id, name, e-mail


def _row(sheet: Any, cells: Sequence[str], cell: Callable[[Any, str], Any]) -> list[Any]:
    people, rest = cells[:_PEOPLE], cells[_PEOPLE:]
    # An id of digits stays text: as a number it would lose the zeros in front.
    made = [_text_cell(sheet, text) for text in people]
    for one in made:
        one.number_format = "@"
    return [*made, *(cell(sheet, text) for text in rest)]


def _text_cell(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    # openpyxl takes a text that begins with = for a formula.
    cell.data_type = "s"
    return cell


def _mark_cell(sheet: Any, text: str) -> Any:
    """A number as such, everything else as text."""
    from openpyxl.cell import WriteOnlyCell

    if _NUMBER.fullmatch(text):
        return WriteOnlyCell(sheet, float(text))
    return _text_cell(sheet, text)


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


GradeWriter = Callable[[str, Sequence[GradeRow]], Iterator[bytes]]


GRADEBOOK_WRITERS: dict[str, tuple[str, GradeWriter]] = {
    "csv": ("gradebook.csv", csv_gradebook),
    "json": ("gradebook.json", json_gradebook),
    "xlsx": ("gradebook.xlsx", xlsx_gradebook),
    "moodle_gradebook": ("moodle_gradebook.csv", moodle_gradebook),
}
"""A writer gets the title and all rows, and gives the bytes of its file piece by piece: those of a
large class are not in memory at once. The file has this name."""

NOTES: dict[str, Callable[[Sequence[GradeRow]], list[str]]] = {"moodle_gradebook": moodle_items}
"""What is to be said beside the file."""

ALWAYS = ("csv", "json")
"""What `grade` writes each time."""
