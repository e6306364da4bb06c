"""Names of single entries: h_{2,1}, h_2^{(1)}, h_2[0], W_{12}, h[2].1. Which index is the step, and
whether entries count from one, is the page's own habit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, filterfalse

from rnnquiz.pages.mathematics.written import Der, Name, Node
from rnnquiz.pages.meaning.entries import entry_named
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.meaning.lettering import PASS
from rnnquiz.pages.meaning.names import Names
from rnnquiz.pages.stated.context import Context

Styles = tuple[str, ...]
BRACKET, BOX = "[", "."  # of a program, and of the boxes of a sheet
JOINED = ("12",)  # W_{12}: two indices in one number


@dataclass(frozen=True)
class Habit:
    """How a page writes entries: the way in which all indices of a name stand, which of them say
    the entry, and the number of the first entry."""

    styles: Styles
    places: tuple[int, ...]
    first: int


@dataclass(frozen=True)
class Components:
    """`chosen`: the habits of a page by the styles that they are about; where several are left, an
    entry is read if all of them say the same. Without a page, every habit may be."""

    names: Names
    formulas: Formulas
    chosen: Mapping[Styles, tuple[Habit, ...]] = field(default_factory=dict)

    def of(self, node: Node, context: Context) -> tuple[str, ...]:
        """The entries that a name may stand for: one, or none."""
        found: set[str] = set()
        for habit, name in self.options(node, context):
            if self.is_kept(habit):
                found.add(name)
        if len(found) == 1:
            return tuple(found)
        return ()

    def is_open(self, node: Node, context: Context) -> bool:
        """True where it is not known which of several entries a name is."""
        entries = {name for _, name in self.options(node, context)}
        return len(entries) > 1

    def is_kept(self, habit: Habit) -> bool:
        """True where a habit of counting entries is not ruled out."""
        if habit.styles not in self.chosen:
            return True
        return habit in self.chosen[habit.styles]

    def options(self, node: Node, context: Context) -> Iterator[tuple[Habit, str]]:
        """Each habit, and the entry that the name then is."""
        for habit, rest, indices in _split_names(node):
            for name in self.names.meant(rest, context):
                shape = self.formulas.bank.graph[name].shape
                # From nought, as arrays count.
                index = tuple(i - habit.first for i in indices)
                if len(shape) != len(index):
                    continue
                if all(0 <= i < size for i, size in zip(index, shape, strict=True)):
                    yield habit, entry_named(name, self.stored(index))

    def stored(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """Row and column as they are stored, of those that are shown."""
        if len(index) > 1:
            return self.formulas.bank.notation.entry(*index)
        return index


def habits_of(node: Node) -> set[Habit]:
    """The habits in which a name may have been written."""
    return {habit for habit, _, _ in _split_names(node)}


def counts_nought(habit: Habit, node: Node) -> bool:
    """True where a name has an entry of number nought."""
    for other, _, indices in _split_names(node):
        if other != habit:
            continue
        if 0 in indices:
            return True
    return False


def _split_names(node: Node) -> Iterator[tuple[Habit, Node, tuple[int, ...]]]:
    """A name without one or two of its indices, and these."""
    if isinstance(node, Name):
        yield from _of_name(node)
    elif isinstance(node, Der):
        for habit, rest, indices in _split_names(node.by):
            yield habit, replace(node, by=rest), indices
        for habit, rest, indices in _split_names(node.of):
            yield habit, replace(node, of=rest), indices


def _of_name(name: Name) -> Iterator[tuple[Habit, Name, tuple[int, ...]]]:
    numbers = _indices_of(name)
    styles = tuple(style for style, _ in numbers)
    places = range(len(numbers))
    said = tuple(_said_places(styles))
    for chosen in (*combinations(places, 1), *combinations(places, 2)):
        if said and chosen != said:
            continue  # in a program, and in the names of boxes, these are the entry
        left_out = [numbers[k] for k in chosen]
        texts = [text for _, text in left_out]
        if not all(text.isdigit() for text in texts):
            continue
        rest = _without(name, left_out, chosen)
        indices = tuple(map(int, texts))
        last_style, _ = left_out[-1]
        for first in _firsts(last_style):
            yield Habit(styles, chosen, first), rest, indices
    yield from _of_joined(name)


def _said_places(styles: Styles) -> Iterator[int]:
    """The places of indices that say by their signs that they are those of an entry."""
    for k, style in enumerate(styles):
        if style in (BRACKET, BOX):
            yield k


def _indices_of(name: Name) -> list[tuple[str, str]]:
    """The numbers of a name but that of a pass."""
    return list(filter(_is_index, name.numbers))


def _is_index(number: tuple[str, str]) -> bool:
    style, _ = number
    return style != PASS


def _of_joined(name: Name) -> Iterator[tuple[Habit, Name, tuple[int, ...]]]:
    """W_{12}: row and column in one number."""
    numbers = _indices_of(name)
    if len(numbers) != 1:
        return
    _, joined = numbers[0]
    if len(joined) == len(JOINED[0]) and joined.isdigit():
        indices = tuple(map(int, joined))
        for first in _firsts(""):
            yield Habit(JOINED, (0,), first), replace(name, numbers=()), indices


def _without(name: Name, left_out: list[tuple[str, str]], places: tuple[int, ...]) -> Name:
    """The name without some of its indices."""
    kept = tuple(filterfalse(left_out.__contains__, name.numbers))
    if len(kept) != len(name.numbers) - len(places):
        # Others are the same as these: by their places, not by what they are.
        kept = tuple(_at_other_places(name, places))
    return replace(name, numbers=kept)


def _at_other_places(name: Name, places: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    for k, number in enumerate(name.numbers):
        if k not in places:
            yield number


def _firsts(style: str) -> tuple[int, ...]:
    """The numbers that the first entry may have."""
    # The names of boxes are the sheet's, and count from one.
    if style == BOX:
        return (1,)
    return (1, 0)
