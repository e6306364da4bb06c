"""Names of single entries: h_{2,1}, h_2^{(1)}, h_2[0], W_{12}, h[2].1. Which index is the step, and
whether entries count from one, is the page's own habit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from rnnquiz.pages.context import Context
from rnnquiz.pages.entries import entry_named
from rnnquiz.pages.formulas import Formulas
from rnnquiz.pages.names import Names
from rnnquiz.pages.written import Der, Name, Node

Styles = tuple[str, ...]
BRACKET, BOX = "[", "."  # of a program, and of the boxes of a sheet
JOINED = ("12",)  # W_{12}: two indices in one number
PASS = "#"


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
        found = {name for habit, name in self.options(node, context) if self.is_kept(habit)}
        return tuple(found) if len(found) == 1 else ()

    def is_open(self, node: Node, context: Context) -> bool:
        """True where it is not known which of several entries a name is."""
        return len({name for _, name in self.options(node, context)}) > 1

    def is_kept(self, habit: Habit) -> bool:
        kept = self.chosen.get(habit.styles)
        return kept is None or habit in kept

    def options(self, node: Node, context: Context) -> Iterator[tuple[Habit, str]]:
        """Each habit, and the entry that the name then is."""
        for habit, rest, indices in _split_names(node):
            for name in self.names.meant(rest, context):
                shape = self.formulas.bank.graph[name].shape
                index = tuple(i - habit.first for i in indices)
                if len(shape) != len(index):
                    continue
                if all(0 <= i < size for i, size in zip(index, shape, strict=True)):
                    yield habit, entry_named(name, self.stored(index))

    def stored(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """Row and column as they are stored, of those that are shown."""
        return self.formulas.bank.notation.entry(*index) if len(index) > 1 else index


def habits_of(node: Node) -> set[Habit]:
    """The habits in which a name may have been written."""
    return {habit for habit, _, _ in _split_names(node)}


def counts_nought(habit: Habit, node: Node) -> bool:
    """True where a name has an entry of number nought."""
    return any(other == habit and 0 in indices for other, _, indices in _split_names(node))


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
    numbers = [number for number in name.numbers if number[0] != PASS]
    styles = tuple(style for style, _ in numbers)
    places = range(len(numbers))
    said = tuple(k for k in places if styles[k] in (BRACKET, BOX))
    for chosen in (*combinations(places, 1), *combinations(places, 2)):
        if said and chosen != said:
            continue  # in a program, and in the names of boxes, these are the entry
        texts = [numbers[k][1] for k in chosen]
        if not all(text.isdigit() for text in texts):
            continue
        left_out = [numbers[k] for k in chosen]
        rest = replace(name, numbers=tuple(n for n in name.numbers if n not in left_out))
        if len(rest.numbers) != len(name.numbers) - len(chosen):
            rest = _without_places(name, chosen)
        for first in _firsts(numbers[chosen[-1]][0]):
            yield Habit(styles, chosen, first), rest, tuple(map(int, texts))
    joined = numbers[0][1] if len(numbers) == 1 else ""
    if len(joined) == len(JOINED[0]) and joined.isdigit():
        for first in _firsts(""):
            yield Habit(JOINED, (0,), first), replace(name, numbers=()), tuple(map(int, joined))


def _without_places(name: Name, places: tuple[int, ...]) -> Name:
    """The name without some of its indices, of which others are the same."""
    kept = [number for k, number in enumerate(name.numbers) if k not in places]
    return replace(name, numbers=tuple(kept))


def _firsts(style: str) -> tuple[int, ...]:
    """The numbers that the first entry may have."""
    return (1,) if style == BOX else (1, 0)
