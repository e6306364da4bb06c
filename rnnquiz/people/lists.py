"""Rosters as learning systems and spreadsheets write them: which column is what, and which rows
are students.

What was understood is said, with every row that is no student, so that the teacher sees it before
sheets are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rnnquiz.errors import CourseError, Problem
from rnnquiz.files.tables import TableProblem, delimited
from rnnquiz.files.workbook import Row, WorkbookProblem, is_workbook, sheets_in
from rnnquiz.people import headings
from rnnquiz.people.columns import Columns, best, columns_in, score
from rnnquiz.people.doubtful import MOST_NOTES, about_encoding, about_twins
from rnnquiz.people.heading_words import EMAIL, FIRST, FULL, ID, LAST, SECOND
from rnnquiz.people.identity import cleaned, is_rounded, participant, squeezed
from rnnquiz.people.roster import Student, named_openly
from rnnquiz.people.rows import Remarks
from rnnquiz.problems import Problems
from rnnquiz.text import visible

LONGEST_FIELD = 300  # characters: no name is as long, and a file of paragraphs is no roster
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")  # a cell of dates in a workbook
_MOST_NAMED = 5  # students in one line


@dataclass(frozen=True)
class Roster:
    """The students of a file, what its columns were taken for, and a line for each row that is
    none, or is not as others are.
    """

    source: str
    students: list[Student]
    columns: Mapping[str, str]
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What was understood, for the teacher."""
        first = self.students[0]
        taken = [
            f"{what} from {where}" if where else f"no {what}"
            for what, where in self.columns.items()
        ]
        shown = ", ".join(taken)
        mail = f" <{first.email}>" if first.email else ""
        count = len(self.students)
        people = f"{count} students, the first is"
        if count == 1:
            people = "1 student:"
        return [
            f"{self.source}: {shown}",
            f"  {people} {first.shown}{mail}",
            *(f"  {note}" for note in self.notes),
        ]

    def summary(self) -> dict[str, object]:
        """The same for programs."""
        one = self.students[0]
        first = {"id": one.id, "name": one.name, "email": one.email}
        counted = {"students": len(self.students), "first": first, "notes": self.notes}
        return {"file": self.source, **self.columns, **counted}


def read_roster(path: Path) -> list[Student]:
    """Students of the file; CourseError lists every row that is at fault."""
    return roster_in(path).students


def roster_in(path: Path, id_column: str = "", name_column: str = "") -> Roster:
    """The roster in a file; `id_column` and `name_column` are headings that the teacher names where
    none is known.
    """
    wanted, source = {ID: id_column, FULL: name_column}, str(path)
    tables, encoding = _tables(path, wanted)
    if not tables:
        remedy = "the first row has the headings: id, name, email"
        raise CourseError.at(source, "the roster", "is empty", remedy)
    found = [best(rows, wanted) for rows in tables]
    # Without the headings that the teacher names, the others still tell the header: the message
    # about those that are missing says which there are.
    if not any(score for score, _ in found):
        unnamed = {ID: "", FULL: ""}
        found = [best(rows, unnamed) for rows in tables]
    # Of a workbook the sheet that looks most like a roster, the first of several.
    scores = [score for score, _ in found]
    chosen = scores.index(max(scores))
    rows, (_, start) = tables[chosen], found[chosen]
    head, below = rows[start], rows[start + 1 :]
    columns = columns_in(source, head, below, wanted)
    number, _ = head
    reading = _Reading(source, columns, number, below)
    for number, cells in below:
        reading.take(number, cells)
    reading.check()
    notes = about_encoding(encoding, reading.students)
    notes += [*about_twins(reading.students, reading.seen), *reading.said()]
    return Roster(path.name, reading.students, _shown(columns, reading), notes)


def _tables(path: Path, wanted: Mapping[str, str]) -> tuple[list[list[Row]], str]:
    """The tables of the file (sheets of a workbook), and its encoding."""
    remedy = "give the path of a CSV or XLSX file"
    try:
        data = path.read_bytes()
        # Names and ids may be put together by formulas: their results are taken.
        if data[:2] == b"PK" and is_workbook(data):
            sheets = sheets_in(data, results=True)
            return list(filter(None, sheets)), "XLSX"
        table = delimited(data, partial(score, wanted=wanted))
        rows = list(table.rows())
        return list(filter(None, [rows])), table.encoding
    except OSError as error:
        problem = Problem("the roster", f"cannot be read: {error.strerror}", remedy)
    except TableProblem as error:
        remedy = "save it as CSV in UTF-8, or as XLSX"
        problem = Problem("the roster", f"cannot be read: {error}", remedy)
    except WorkbookProblem as error:
        problem = error.problem
    raise CourseError(str(path), problem)


class _Reading:
    """Takes the rows one after the other: students, rows that are none, and what is wrong."""

    def __init__(self, source: str, columns: Columns, header_row: int, rows: Sequence[Row]) -> None:
        self.columns, self.header_row = columns, header_row
        self.remarks = Remarks(columns, rows)
        self.students: list[Student] = []
        self.problems = Problems(CourseError, source)
        self.notes: list[str] = []
        self.by_mail: list[str] = []
        self.seen: dict[str, int] = {}

    def take(self, number: int, cells: Sequence[str]) -> None:
        width = len(self.columns.header)
        row = [cell.strip() for cell in headings.padded(cells, width)]
        written = headings.joined_name(self.columns.roles, row)
        name = named_openly(visible(written))
        if why := self.remarks.why(row, name):
            shown = " ".join(filter(None, row))[:60]
            self.notes.append(f"row {number} is no student: {why} {shown!r}")
        # Something without a heading: a cell before it holds the separator, and all is shifted.
        elif any(cell.strip() for cell in cells[width:]):
            found = f"{len(cells)} cells under {width} headings"
            remedy = "put quotes around what holds the mark between cells"
            self.problems.add(f"row {number}", found, remedy)
        else:
            self._add(number, row, name)

    def _add(self, number: int, row: Sequence[str], name: str) -> None:
        columns, mail = self.columns, self.columns.mail(row)
        column = columns.first_filled(row)
        typed = "" if column is None else row[column]
        id_ = cleaned(typed) if typed else mail
        where = f"row {number}, column {self.heading_of_ids()!r}"
        if fault := _fault(typed, id_, name, mail):
            self.problems.add(where, *fault)
        elif id_ in self.seen:
            self._add_again(number, where, id_, name, mail)
        else:
            self.seen[id_] = number
            if column not in columns.ids:
                self.by_mail.append(f"{name or mail} (row {number})")
            others = tuple(self._others(row, id_, mail))
            # Positions count students, not rows: the lots of pools go by them.
            position = len(self.students) + 1
            self.students.append(Student(id_, name or id_, mail, position, others))

    def heading_of_ids(self) -> str:
        """How the best column of ids is headed."""
        best_column = self.columns.ids[0]
        return self.columns.header[best_column].strip()

    def _others(self, row: Sequence[str], id_: str, mail: str) -> Iterator[str]:
        """What else the row calls the student, each once."""
        columns = self.columns
        words = []
        for k in columns.filled(row):
            value = cleaned(row[k])
            words.append(_other(columns.header[k], value))
        mails = (visible(row[k]) for k in columns.emails)
        for word in dict.fromkeys((*words, *mails)):
            if word not in ("", id_, mail):
                yield word

    def _add_again(self, number: int, where: str, id_: str, name: str, mail: str) -> None:
        """The same student in another row is said; another student with the same id is wrong."""
        by_id = {student.id: student for student in self.students}
        before, first = by_id[id_], self.seen[id_]
        # Who is in two groups stands in some lists twice.
        if (before.name, before.email) == (name or id_, mail):
            self.notes.append(f"row {number} is row {first} once more: {before.shown}")
            return
        found = f"the id {id_!r} of {name or 'a student'} stands in row {first} already"
        remedy = "keep one, or say which column is the id: --id-column HEADING"
        self.problems.add(where, found, remedy)

    def check(self) -> None:
        """CourseError where rows are wrong, or none is of a student."""
        self.problems.first(MOST_NOTES, "rows").raise_if_any()
        if not self.students:
            self.problems.add("the roster", "has no students", "write one row for each")
            self.problems.extend(Problem("", note) for note in self.notes[:MOST_NOTES])
            self.problems.raise_if_any()

    def said(self) -> list[str]:
        """The notes, as many as can be read."""
        lines = [*self._mailed(), *self.notes[:MOST_NOTES]]
        if len(self.notes) > MOST_NOTES:
            lines.append(f"... and {len(self.notes) - MOST_NOTES} more rows")
        return lines

    def _mailed(self) -> Iterator[str]:
        """Who has nothing in the column of ids."""
        if self.by_mail:
            named = self.by_mail[:_MOST_NAMED]
            if len(named) < len(self.by_mail):
                named.append("...")
            words = f"without {self.heading_of_ids()!r}, known by another id or the e-mail"
            yield f"{words}: {len(self.by_mail)}, {', '.join(named)}"


def _fault(typed: str, id_: str, name: str, mail: str) -> tuple[str, str] | None:
    """What is wrong with a student's row, and what would do; None where nothing is. `typed` is what
    stands in the column of the id."""
    if not id_:
        remedy = "give every student one, or say which column it is: --id-column HEADING"
        return f"{name or 'a student'} has no id", remedy
    again = "download the file again"
    if is_rounded(typed):
        remedy = f"{again}, and let no spreadsheet save it; or format the column as text first"
        return f"a spreadsheet has rounded the id to {typed}", remedy
    if typed and _DATE.fullmatch(id_):
        remedy = f"{again}; or format the column as text, and type that id again"
        return f"a spreadsheet has made a date of the id: {id_}", remedy
    if any(len(cell) > LONGEST_FIELD for cell in (id_, name, mail)):
        return f"a field is longer than {LONGEST_FIELD} characters", "shorten it"
    return None


def _other(heading: str, value: str) -> str:
    """A further id as its system writes it: Moodle's number of a participant is no id of anything
    else.
    """
    if squeezed(heading) == "participantid" and value.isdecimal():
        return f"Participant {value}"
    number = participant(value)
    return value if number is None else f"Participant {number}"


def _shown(columns: Columns, reading: _Reading) -> dict[str, str]:
    """What the columns were taken for, in words."""
    row = f" (headings in row {reading.header_row})" if reading.header_row > 1 else ""
    further = [columns.header[k].strip() for k in columns.known]
    more = {}
    if further:
        more["further ids"] = " and ".join(map(repr, further))
    id_ = repr(reading.heading_of_ids())
    if columns.ids[:1] == columns.emails[:1]:
        id_ += ", the e-mail, as there is no column of ids"
    return {
        "id": f"{id_}{row}",
        "name": columns.names(FULL) or columns.names(FIRST, LAST, SECOND),
        "e-mail": columns.names(EMAIL),
        **more,
    }
