"""An assignment: the exercises of one sheet, each with its place, its bank and its marks.

A bank alone is an assignment of one exercise, and nothing is different about it: its key in the
course is empty, its boxes have no prefix, its sheet is the sheet of the bank.

**Identity.** An exercise is known in a course by its key: its place on the sheet (`2`), for one of
a pool with its number there (`2.1`). Its bank is the bank that was named, with what the assignment
says otherwise, with the marks of the assignment, and with an id of its own (`homework-3.2`), so
that no two exercises of a term share a stream of numbers. That text is what the course stores:
later changes of the bank's file change nothing.

**The sheet.** A student has one sheet and one token for all exercises. Its boxes are those of the
banks, behind the number of the exercise: `2: h[1]`. What is handed in is parted again by it, and
from there on each exercise is marked by itself: follow-through, copies, certification and the class
report know nothing of the others. Put together again are the sheet, the key, the feedback page and
the row of the gradebook.

**The lot.** Who gets which exercise of a pool is drawn by the course's secret for each place on the
roster, in blocks: of n banks, n students after one another get each of them once. So the banks go
out evenly however long the roster is, and who comes later moves nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import partial

from rnnquiz.bank.load import Portable
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import keyed, printed_token
from rnnquiz.languages.catalogue import Language

CENT = Fraction(1, 100)  # pages print marks with two decimals: a smaller part would not be seen


@dataclass(frozen=True)
class Assigned:
    """An exercise that students can get: its `place` on the sheet, from 1, and its `key` in the
    course, empty for a bank alone."""

    key: str
    place: int
    bank: Bank

    @property
    def marks(self) -> float:
        """The marks of all boxes of the exercise."""
        return sum(self.bank.marks.values())


@dataclass(frozen=True)
class Head:
    """What an assignment says of itself; all of it stands on the sheet."""

    title: str
    id: str
    version: int = 1
    course: str = ""
    due: str = ""
    handing_in: str = ""
    signature: bool = False


@dataclass(frozen=True, repr=False)
class Assignment:
    """The head, and all exercises in the order of their places, those of a pool after one
    another."""

    head: Head
    exercises: tuple[Assigned, ...]

    @classmethod
    def of(cls, bank: Bank) -> Assignment:
        """A bank alone."""
        written = bank.written
        head = Head(written.title, written.id, written.version, written.course)
        return cls(head, (Assigned("", 1, bank),))

    @property
    def places(self) -> dict[int, tuple[Assigned, ...]]:
        """The exercises that can stand at each place: one, or those of a pool."""
        found: dict[int, tuple[Assigned, ...]] = {}
        for exercise in self.exercises:
            found[exercise.place] = (*found.get(exercise.place, ()), exercise)
        return found

    @property
    def marks(self) -> float:
        """All marks of a sheet: the exercises of a pool are worth the same."""
        firsts = [pool[0] for pool in self.places.values()]
        return sum(exercise.marks for exercise in firsts)

    @property
    def several(self) -> bool:
        """Whether a sheet has more than one exercise, so that they are numbered."""
        # They are in the order of their places; those of one pool share theirs.
        last = self.exercises[-1]
        return last.place > 1

    @property
    def alone(self) -> bool:
        """Whether it is a bank alone."""
        return not self.exercises[0].key

    @property
    def language(self) -> Language:
        """In which students read it: that of all of its banks."""
        return self.exercises[0].bank.language

    def in_language(self, language: Language) -> Assignment:
        """The same for students who read another language."""
        # What a bank has worked out is remembered by it, and would be lost with a copy.
        if language == self.language:
            return self
        banks = [replace(one.bank, language=language) for one in self.exercises]
        pairs = zip(self.exercises, banks, strict=True)
        exercises = [replace(one, bank=bank) for one, bank in pairs]
        return replace(self, exercises=tuple(exercises))

    @property
    def fixed(self) -> bool:
        """Whether every student has the same numbers in all exercises."""
        return all(exercise.bank.fixed for exercise in self.exercises)

    def __getitem__(self, key: str) -> Assigned:
        by_key = {exercise.key: exercise for exercise in self.exercises}
        return by_key[key]

    def named(self, name: str) -> tuple[Assigned, ...]:
        """The exercises with a number on the sheet, or with a key; all where no name is given."""
        # The exercise of a bank alone has no key, and so no name.
        if not name:
            return self.exercises
        if self.alone:
            return ()
        found = []
        for one in self.exercises:
            if name in (one.key, str(one.place)):
                found.append(one)
        return tuple(found)

    def drawn(self, secret: bytes, position: int) -> tuple[Assigned, ...]:
        """The exercises of the student at a position of the roster, from 1."""
        chosen = []
        for place, pool in self.places.items():
            lot = self._lot(secret, position, place, len(pool))
            chosen.append(pool[lot])
        return tuple(chosen)

    def _lot(self, secret: bytes, position: int, place: int, count: int) -> int:
        """Which of `count`: the students of a block have an order of their own, drawn for it."""
        block, at = divmod(position - 1, count)
        named = self.head.id, self.head.version, place, block
        # An order that nobody can foresee without the secret, and that is the same each time.
        order = sorted(range(count), key=partial(keyed, secret, "pool", *named))
        return order[at]

    def token(self, secret: bytes, student: str, attempt: int) -> str:
        """What is printed on a sheet; it says nothing of the numbers."""
        drawn = keyed(secret, "token", self.head.id, self.head.version, student, attempt)
        return printed_token(drawn)

    def stored(self) -> str:
        """What a course keeps beside the banks."""
        keys = [exercise.key for exercise in self.exercises]
        return json.dumps({**asdict(self.head), "exercises": keys}, ensure_ascii=False)

    def __repr__(self) -> str:
        return f"<Assignment {self.head.id}: {len(self.places)} exercises>"


def restored(text: str, bank_of: Callable[[str], Bank]) -> Assignment:
    """The assignment that `stored` wrote; `bank_of` gives the bank of a key."""
    data = json.loads(text)
    keys = data.pop("exercises")
    places, banks = map(place_of, keys), map(bank_of, keys)
    exercises = tuple(map(Assigned, keys, places, banks))
    return Assignment(Head(**data), exercises)


@dataclass(frozen=True)
class PortableAssignment:
    """An assignment as text: what another process, or another machine, needs to have it, too."""

    head: Head
    exercises: tuple[tuple[str, int, Portable], ...]

    @classmethod
    def of(cls, assignment: Assignment) -> PortableAssignment:
        """The assignment as what a process can be sent."""
        rows = [(one.key, one.place, Portable.of(one.bank)) for one in assignment.exercises]
        return cls(assignment.head, tuple(rows))

    @property
    def assignment(self) -> Assignment:
        """The assignment; each bank is parsed once in each process."""
        rows = [Assigned(key, place, portable.bank) for key, place, portable in self.exercises]
        return Assignment(self.head, tuple(rows))


def place_of(key: str) -> int:
    """The place on the sheet of the exercise with a key that is not empty."""
    place, _, _ = key.partition(".")
    return int(place)


def numbered(place: int, box: str) -> str:
    """The name of a box on a sheet of several exercises."""
    return f"{place}: {box}"


# A template in YAML writes 2/h[1], as a colon would end the key there; people write 2:h[1].
_NUMBERED = re.compile(r"\s*(\d{1,2})\s*[:/]\s*(\S.*)")


def unnumbered(name: str) -> tuple[int, str]:
    """The place of the exercise and the box, also from 2/h[1] and 2:h[1]; 0 where none stands
    before the box."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return 0, name
    place, box = found.groups()
    return int(place), box.strip()


def shared_out(marks: Mapping[str, float], total: Fraction) -> dict[str, Fraction]:
    """A total in the proportion of some marks, in hundredths that add up to it: each share is cut,
    and what is left goes to those that lost most by it, the first of several."""
    whole = sum(map(Fraction, marks.values()))
    exact = {kind: Fraction(given) * total / whole for kind, given in marks.items()}
    found = {kind: share // CENT * CENT for kind, share in exact.items()}
    given_out = sum(found.values())
    left = (total - given_out) / CENT
    changes = {kind: found[kind] - share for kind, share in exact.items()}
    # sorted keeps the order of what is equal.
    lost = sorted(exact, key=changes.__getitem__)
    for kind in lost[: int(left)]:
        found[kind] += CENT
    return found
