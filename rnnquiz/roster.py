"""The roster: a CSV as a learning system exports it, with an id, a name and perhaps an e-mail for each student."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rnnquiz.errors import CourseError, Problem
from rnnquiz.tables import TableProblem, read_table

LONGEST_FIELD = 300

_HEADERS = {
    "id": ("id", "student id", "studentid", "student", "sid", "sis user id", "sis id", "id number", "username", "user name", "user id",
           "login", "sis login id", "orgdefinedid", "identifier", "matriculation number", "number", "registration", "canvas id",
           "moodle id", "participant id", "integration id", "idnumber"),
    "name": ("name", "full name", "fullname", "student name", "display name"),
    "first": ("first name", "firstname", "first", "given name", "forename"),
    "last": ("last name", "lastname", "last", "surname", "family name"),
    "email": ("email", "e-mail", "email address", "e-mail address", "mail"),
}  # fmt: skip
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class Student:
    """`position` counts from 1 in the order of the roster. `others`: further ids, by which learning systems know the student."""

    id: str
    name: str
    email: str
    position: int
    others: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Name and id, as they stand on documents: two may have one name, and fonts may lack its letters."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id

    @property
    def stem(self) -> str:
        """The student's file name without ending: the position, and the id where that is safe in a path."""
        safe = _SAFE.fullmatch(self.id) is not None and ".." not in self.id and not self.id.endswith(".")
        return f"{self.position:04d}-{self.id}" if safe else f"{self.position:04d}"


def read_roster(path: Path) -> list[Student]:
    """Students of the file; CourseError lists every row that is at fault."""
    try:
        data = path.read_bytes()
        if data[:4] == b"PK\x03\x04":
            raise CourseError(str(path), Problem("the roster", "is a workbook", "save it as CSV in UTF-8"))
        rows = read_table(data)
    except OSError as error:
        raise CourseError(str(path), Problem("the roster", f"cannot be read: {error.strerror}", "give the path of a CSV file")) from None
    except TableProblem as error:
        raise CourseError(str(path), Problem("the roster", f"cannot be read: {error}", "save it as CSV in UTF-8")) from None
    if not rows:
        raise CourseError(str(path), Problem("the roster", "is empty", "the first row has the headings: id, name, email"))
    columns = _columns([cell.strip().lower() for cell in rows[0]])
    if "id" not in columns:
        found = ", ".join(rows[0])[:200]
        raise CourseError(str(path), Problem("the first row", f"no column is an id; found {found}", "name one column: id"))
    more = [i for i, cell in enumerate(rows[0]) if cell.strip().lower() in _HEADERS["id"] and i != columns["id"]]
    students: list[Student] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = {key: row[i].strip() if i < len(row) else "" for key, i in columns.items()}
        name = cells.get("name") or " ".join(part for part in (cells.get("first"), cells.get("last")) if part)
        where = f"row {number}"
        if not cells["id"]:
            problems.append(Problem(where, f"{name or 'a student'} has no id", "give every student one"))
        elif cells["id"] in seen:
            problems.append(Problem(where, f"the id {cells['id']!r} stands in row {seen[cells['id']]} already", "keep one"))
        elif any(len(cell) > LONGEST_FIELD for cell in (*cells.values(), name)):
            problems.append(Problem(where, f"a field is longer than {LONGEST_FIELD} characters", "shorten it"))
        else:
            seen[cells["id"]] = number
            words = (_other(rows[0][i], row[i].strip()) for i in more if i < len(row))
            others = tuple(dict.fromkeys(word for word in words if word not in ("", cells["id"])))
            students.append(Student(cells["id"], name or cells["id"], cells.get("email", ""), len(students) + 1, others))
    if problems:
        raise CourseError(str(path), problems)
    if not students:
        raise CourseError(str(path), Problem("the roster", "has no students", "write one row for each"))
    return students


def _other(heading: str, value: str) -> str:
    """A further id as its system writes it: Moodle's number of a participant is no id of anything else."""
    return f"Participant {value}" if heading.strip().lower() == "participant id" and value.isdigit() else value


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, names in _HEADERS.items():
        for name in names:
            if name in header and key not in found and header.index(name) not in found.values():
                found[key] = header.index(name)
    return found


class Lookup:
    """Finds the student that a learning system means: by id, by one of the other ids, by e-mail, by name; never by guessing."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.by_id: dict[str, Student] = {}
        self.by_other: dict[str, tuple[str, ...]] = {}
        self.by_name: dict[str, tuple[str, ...]] = {}
        for student in students:
            self.by_id[student.id] = student
            for other in (*student.others, student.email):
                if other:
                    _add(self.by_other, other.casefold(), student.id)
            for name in _orders(student.name):
                _add(self.by_name, name, student.id)

    def find(self, words: Iterable[str]) -> Student | None:
        """The one student whom the words name; None where they name nobody, or not all the same student."""
        found = self.candidates(words)
        return self.by_id[found[0]] if len(found) == 1 else None

    def candidates(self, words: Iterable[str]) -> list[str]:
        """The ids of those whom the words may mean. A word that several students share decides nothing beside one that is clear.

        A number of one system can be the id of somebody else in another: where clear words disagree, all whom they name are given.
        """
        named = [found for word in words if word.strip() and (found := self._named(word.strip()))]
        clear = {found[0] for found in named if len(found) == 1}
        return sorted(clear or {student for found in named for student in found})

    def _named(self, word: str) -> tuple[str, ...]:
        """Those whom one word names: by id, else by another id or e-mail, else by name."""
        if word in self.by_id:
            return (word,)
        return self.by_other.get(word.casefold()) or self.by_name.get(_squeezed(word), ())


def _add(table: dict[str, tuple[str, ...]], word: str, student: str) -> None:
    """Add a student to those whom a word names, once."""
    known = table.get(word, ())
    if student not in known:
        table[word] = (*known, student)


def _squeezed(name: str) -> str:
    """A name as learning systems squeeze it: lower case, without accents, spaces and marks."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def _orders(name: str) -> set[str]:
    """The name squeezed, whichever of its words comes first: systems write  last, first  and  first last ."""
    words = name.replace(",", " ").split()[:8]
    return {found for k in range(max(1, len(words))) if (found := _squeezed("".join(words[k:] + words[:k])))}
