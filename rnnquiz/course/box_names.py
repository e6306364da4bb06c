"""The names of boxes as people and learning systems write them, on a sheet of one exercise and on
one of several."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
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
        self.parts = {f"{PART}{k}": box.name for k, box in enumerate(bank.boxes, start=1)}
        loose: dict[str, set[str]] = {}
        for name in self.boxes:
            loose.setdefault(_loosely(name), set()).add(name)
        self.loose = {key: next(iter(names)) for key, names in loose.items() if len(names) == 1}

    def box(self, name: str) -> str:
        """The box of a name; the name itself where no box has it."""
        if name in self.boxes:
            return name
        return self.parts.get(name) or self.loose.get(_loosely(name), name)

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
        return frozenset(
            numbered(place, box) for place, names in self.places.items() for box in names.boxes
        )

    def box(self, name: str) -> str:
        """The box of a name; the name itself where no box has it."""
        place, rest = unnumbered(name)
        if place:
            names = self.places.get(place)
            known = names is not None and not names.is_none(rest)
            return numbered(place, names.box(rest)) if names is not None and known else name
        having = [place for place, names in self.places.items() if not names.is_none(name)]
        if len(having) != 1:
            return name
        return numbered(having[0], self.places[having[0]].box(name))

    def of_problems(self, answers: Mapping[str, str], places: Collection[int]) -> dict[str, str]:
        """The answers of some problems; they have been read."""
        known = [(name, text) for name, text in answers.items() if name in self.boxes]
        return {name: text for name, text in known if unnumbered(name)[0] in places}

    def filled(self, answers: Mapping[str, str]) -> set[int]:
        """The places of the problems in which something is written."""
        written = [name for name, text in answers.items() if text.strip() and name in self.boxes]
        return {unnumbered(name)[0] for name in written}

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
        if chosen not in self.known:
            self.known[chosen] = self._of(chosen)
        return self.known[chosen]

    def _of(self, keys: tuple[str, ...]) -> BoxNames | NumberedBoxes:
        if not self.assignment.several:
            return self.each[keys[0]]
        return NumberedBoxes({self.assignment[key].place: self.each[key] for key in keys})

    @cached_property
    def each(self) -> dict[str, BoxNames]:
        return {one.key: BoxNames(one.bank) for one in self.assignment.exercises}

    def is_none(self, name: str) -> bool:
        """True for a name that no box has, on any sheet."""
        word = unnumbered(name)[1] if self.assignment.several else name
        return all(names.is_none(word) for names in self.each.values())


def parted(
    answers: Mapping[str, str], names: NumberedBoxes
) -> tuple[dict[int, dict[str, str]], list[str]]:
    """The answers of each exercise, by its place, from those that `names` has read; and what is no
    box, or not clear of which problem: nothing is guessed."""
    found: dict[int, dict[str, str]] = {place: {} for place in names.places}
    strange = list[str]()
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
        twice = (box != name and box in answers) or box in found
        found[name if twice else box] = text
    return found


_MARKS = str.maketrans(
    {"\u0302": "hat", "∂": "d", "’": "'", "‘": "'", "′": "'", "`": "'", "´": "'"}
)


def _loosely(name: str) -> str:
    """A name without the marks that people leave out when they type: brackets, underscores, spaces;
    ŷ is yhat, ∂ is d.
    """
    plain = unicodedata.normalize("NFKD", visible(name)).translate(_MARKS)
    return re.sub(r"[\[\](){}_\s$\\]", "", plain)
