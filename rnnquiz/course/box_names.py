"""The names of boxes as people and learning systems write them, on a sheet of one exercise and on
one of several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

from rnnquiz.assignment import Assignment, numbered, unnumbered
from rnnquiz.bank.specification import Bank
from rnnquiz.grade.answers import known_boxes
from rnnquiz.submissions.responses import PART
from rnnquiz.text import visible


class BoxNames:
    """The boxes of a bank under the names that people and learning systems give them: h1 for h[1],
    part 3 for the third.
    """

    def __init__(self, bank: Bank) -> None:
        self.boxes = frozenset(known_boxes(bank))
        # Moodle's report of responses numbers the parts of a question, and names none of them.
        self.parts = {f"{PART}{k}": box.name for k, box in enumerate(bank.boxes, start=1)}
        names: dict[str, list[str]] = {}
        for name in self.boxes:
            names.setdefault(_loosely(name), []).append(name)
        # Without their marks two boxes may have one name, which then is that of neither.
        self.loose = {}
        for loose, boxes in names.items():
            if len(boxes) == 1:
                self.loose[loose] = boxes[0]

    def box(self, name: str) -> str:
        """The box of a name; the name itself where no box has it."""
        if name in self.boxes:
            return name
        if name in self.parts:
            return self.parts[name]
        return self.loose.get(_loosely(name), name)

    def read(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers by box; a name that is none stays as it is, and so does one that would stand
        twice.
        """
        return _once(answers, self.box)

    def is_none(self, name: str) -> bool:
        """True for a name that no box has, however it is written."""
        return self.box(name) not in self.boxes


class NumberedBoxes:
    """The boxes of a sheet of several exercises, by the place of each. A name without a number is
    that of the only exercise that has such a box; where several have, it is none."""

    def __init__(self, places: Mapping[int, BoxNames]) -> None:
        self.places = places

    @cached_property
    def boxes(self) -> frozenset[str]:
        """All boxes, each with the number of its exercise."""
        found = set()
        for place, names in self.places.items():
            found |= {numbered(place, box) for box in names.boxes}
        return frozenset(found)

    def box(self, name: str) -> str:
        """The box of a name; the name itself where no box has it."""
        place, rest = unnumbered(name)
        if place:
            names = self.places.get(place)
            if names is None or names.is_none(rest):
                return name
            return numbered(place, names.box(rest))
        having = list(self._having(name))
        # Each exercise may have a box h[1]: which of them is meant is not guessed.
        if len(having) != 1:
            return name
        (only,) = having
        box = self.places[only].box(name)
        return numbered(only, box)

    def _having(self, name: str) -> Iterator[int]:
        """The places of the exercises that have a box of this name."""
        for place, names in self.places.items():
            if not names.is_none(name):
                yield place

    def of_problems(self, answers: Mapping[str, str], places: Collection[int]) -> dict[str, str]:
        """The answers of some problems; they have been read."""
        found = {}
        for name, text in answers.items():
            place, _ = unnumbered(name)
            if place in places and name in self.boxes:
                found[name] = text
        return found

    def filled(self, answers: Mapping[str, str]) -> set[int]:
        """The places of the problems in which something is written."""
        places = set()
        for name, text in answers.items():
            if text.strip() and name in self.boxes:
                place, _ = unnumbered(name)
                places.add(place)
        return places

    def read(self, answers: Mapping[str, str]) -> dict[str, str]:
        """As for one exercise."""
        return _once(answers, self.box)

    def is_none(self, name: str) -> bool:
        """True for a name that no box has, however it is written."""
        return self.box(name) not in self.boxes


class SheetNames:
    """The boxes of the sheets of an assignment: those of each student, who may have exercises of
    pools."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.known: dict[tuple[str, ...], BoxNames | NumberedBoxes] = {}

    def titles(self, keys: Sequence[str]) -> dict[int, str]:
        """The title of each problem of a sheet with some exercises."""
        own = [self.assignment[key] for key in keys]
        return {one.place: one.bank.written.title for one in own}

    def of(self, keys: Sequence[str]) -> BoxNames | NumberedBoxes:
        """The boxes of a sheet with some exercises."""
        chosen = tuple(keys)
        # Pools give a few kinds of sheets to a class of thousands: each is worked out once.
        if chosen not in self.known:
            self.known[chosen] = self._of(chosen)
        return self.known[chosen]

    def _of(self, keys: tuple[str, ...]) -> BoxNames | NumberedBoxes:
        # Nothing stands before the boxes of a sheet of one exercise.
        if not self.assignment.several:
            return self.each[keys[0]]
        places = {}
        for key in keys:
            exercise = self.assignment[key]
            places[exercise.place] = self.each[key]
        return NumberedBoxes(places)

    @cached_property
    def each(self) -> dict[str, BoxNames]:
        """The names of the boxes of each exercise, by its key."""
        return {one.key: BoxNames(one.bank) for one in self.assignment.exercises}

    def is_none(self, name: str) -> bool:
        """True for a name that no box has, on any sheet."""
        word = name
        if self.assignment.several:
            _, word = unnumbered(name)
        every = self.each.values()
        return all(names.is_none(word) for names in every)


def parted(
    answers: Mapping[str, str], names: NumberedBoxes
) -> tuple[dict[int, dict[str, str]], list[str]]:
    """The answers of each exercise, by its place, from those that `names` has read; and what is no
    box, or not clear of which problem: nothing is guessed."""
    found: dict[int, dict[str, str]] = {place: {} for place in names.places}
    strange = []
    for name, text in answers.items():
        if name in names.boxes:
            place, box = unnumbered(name)
            found[place][box] = text
        else:
            strange.append(name)
    return found, strange


def _once(answers: Mapping[str, str], box_of: Callable[[str], str]) -> dict[str, str]:
    """The answers by box; a name that would stand twice stays as it is."""
    found: dict[str, str] = {}
    for name, text in answers.items():
        box = box_of(name)
        # The box stands there under its own name as well, perhaps with another answer.
        by_itself = box != name and box in answers
        if by_itself or box in found:
            box = name
        found[box] = text
    return found


# The hat is what is left of ŷ once it is taken apart, and some write ∂ for the d of a derivative.
# The others are written for a prime, by keyboards of other languages and by programs that turn
# straight quotes into curly ones.
_MARKS = str.maketrans(
    {"\u0302": "hat", "∂": "d", "’": "'", "‘": "'", "′": "'", "`": "'", "´": "'"}
)


def _loosely(name: str) -> str:
    """A name without the marks that people leave out when they type: brackets, underscores, spaces;
    ŷ is yhat, ∂ is d.
    """
    # Taken apart, a letter with a hat is the letter and a mark, for which there is a word.
    apart = unicodedata.normalize("NFKD", visible(name))
    return re.sub(r"[\[\](){}_\s$\\]", "", apart.translate(_MARKS))
