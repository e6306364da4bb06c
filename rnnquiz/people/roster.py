"""The students of a course, and whom of them the words of a learning system mean."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

from rnnquiz.direction import isolated
from rnnquiz.people.identity import (
    AsId,
    AsName,
    AsSpelt,
    ascii_orders,
    cleaned,
    loosely,
    orders,
    participant,
    spelt,
    squeezed,
)

# In a path of any system these mean nothing but themselves, and such a name is not too long.
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")

_BLIND = re.compile(r"([^()]*\d) \((.+)\)")


@dataclass(frozen=True)
class Student:
    """`position` counts from 1 in the order of the roster. `others`: further ids, by which learning
    systems know the student.
    """

    id: str
    name: str
    email: str
    position: int
    others: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Name and id, as they stand on documents: two may have one name, and fonts may lack its
        letters.
        """
        if not self.name or self.name == self.id:
            return self.id
        # Isolated: a name from right to left would take the id to its other side.
        return f"{isolated(self.name)} ({self.id})"

    @property
    def stem(self) -> str:
        """The student's file name without ending: the position, and the id where that is safe in a
        path.
        """
        number = f"{self.position:04d}"
        # Two points lead out of a folder; Windows drops one at the end of a name.
        if not _SAFE.fullmatch(self.id) or ".." in self.id or self.id.endswith("."):
            return number
        return f"{number}-{self.id}"


class Lookup:
    """Finds the student that a learning system means: by id, by one of the other ids, by e-mail,
    by name; never by guessing.

    Ids are compared exactly, then without what systems and spreadsheets change
    (`identity.loosely`). Where that makes two students one, such a word names both, and decides
    nothing alone.
    """

    def __init__(self, students: Iterable[Student]) -> None:
        self.by_id: dict[str, Student] = {}
        self.written: dict[str, tuple[str, ...]] = {}
        self.exact: dict[str, tuple[str, ...]] = {}
        self.loose: dict[str, tuple[str, ...]] = {}
        self.by_name: dict[str, tuple[str, ...]] = {}
        self.by_ascii: dict[str, tuple[str, ...]] = {}
        self.by_spelling: dict[str, tuple[str, ...]] = {}
        for student in students:
            self.by_id[student.id] = student
            for word in filter(None, (student.id, *student.others, student.email)):
                _add(self.written, word, student.id)
                _add(self.exact, cleaned(word), student.id)
                _add(self.loose, loosely(word), student.id)
            for name in orders(student.name):
                _add(self.by_name, name, student.id)
            # Of a name in ASCII both would be what `by_name` has.
            if not student.name.isascii():
                for name in ascii_orders(student.name):
                    _add(self.by_ascii, name, student.id)
                for name in orders(student.name, spelt):
                    _add(self.by_spelling, name, student.id)

    def find(self, words: Iterable[str]) -> Student | None:
        """The one student whom the words name; None where they name nobody, or not all the same
        student.
        """
        found = self.candidates(words)
        if len(found) != 1:
            return None
        return self.by_id[found[0]]

    def candidates(self, words: Iterable[str]) -> list[str]:
        """The ids of those whom the words may mean: whom all words name that name anybody; where
        these disagree, all of them.
        """
        # All of them, as a number of one system can be the id of somebody else in another, and a
        # word can be shared by several students.
        named = [self.named(word) for word in words]
        return sorted(agreed(named))

    def named(self, word: str) -> tuple[str, ...]:
        """The ids of those whom one word names: exactly, else loosely, else by name."""
        if not isinstance(word, AsName):
            found = self._identified(word)
            if found or isinstance(word, AsId):
                return found
        if isinstance(word, AsSpelt):
            return self.by_spelling.get(spelt(word), ())
        plain = squeezed(named_openly(word))
        # A name in letters of ASCII may be that of several students, who are told apart by theirs.
        if plain in self.by_name:
            return self.by_name[plain]
        return self.by_ascii.get(plain, ())

    def _identified(self, word: str) -> tuple[str, ...]:
        """Those whose id or e-mail a word is, by the first way of comparing that finds anybody."""
        if word in self.written:
            return self.written[word]
        bare = cleaned(word)
        if bare in self.exact:
            return self.exact[bare]
        return self.loose.get(loosely(word), ())

    def has_id(self, word: str) -> bool:
        """True for a word that is an id or an e-mail of somebody."""
        return bool(self._identified(word))

    def twins(self, student: str) -> tuple[str, ...]:
        """Those whose id is the same but for what spreadsheets change: 007 and 7."""
        alike = self.loose.get(loosely(student), ())
        others = []
        for other in alike:
            if other != student:
                others.append(other)
        return tuple(others)


def among(students: Iterable[Student], ids: Container[str]) -> list[Student]:
    """Those of the students who have one of the ids, in their order."""
    found = []
    for student in students:
        if student.id in ids:
            found.append(student)
    return found


def agreed(named: Iterable[Iterable[str]]) -> set[str]:
    """Those whom all words name that name anybody; where these disagree, everybody whom one
    names."""
    sets = list(filter(None, map(set, named)))
    if not sets:
        return set()
    return set.intersection(*sets) or set.union(*sets)


def named_openly(name: str) -> str:
    """The name in a worksheet of Moodle under blind marking: Participant 15 (Ada Lovelace)."""
    blind = _BLIND.fullmatch(name)
    if blind is None or participant(blind[1]) is None:
        return name
    return blind[2]


def _add(table: dict[str, tuple[str, ...]], word: str, student: str) -> None:
    """Add a student to those whom a word names, once; a word of which nothing is left names
    nobody.
    """
    known = table.get(word, ())
    if word and student not in known:
        table[word] = (*known, student)
