"""The order in which quantities are read: step by step, and in each step the same quantities in the
same order; of a network that reads both ways one direction after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from rnnquiz.algebra.symbols import Variable
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.languages.sentences import Message, said

FORWARDS, BACKWARDS, EACH = 1, -1, 0  # ways through time; each step by itself
_TURNED = (Role.LOCAL, Role.RECURRENCE)  # kinds that a backward pass computes state by state
Series = tuple[str, str]
Strand = frozenset[Series]
AS_THEY_COME: Mapping[Series, int] = MappingProxyType({})  # no ranks: sorting keeps that order
NameOfRun = Callable[[str, Sequence[Quantity]], str]
_Kind = TypeVar("_Kind", Series, Strand)


@dataclass(frozen=True)
class Run:
    """Quantities step by step, and which way through time they are computed."""

    way: int
    quantities: tuple[Quantity, ...]

    def heading(self, section: str) -> Message:
        """What stands above the run where a section has several."""
        if self.way == FORWARDS:
            return said("{section}, from the first step to the last", section=section)
        if self.way == BACKWARDS:
            return said("{section}, from the last step to the first", section=section)
        return said("{section}, each step by itself", section=section)


def _the_same(section: str, run: Sequence[Quantity]) -> str:
    return section


def headed_runs(
    section: str, quantities: Sequence[Quantity], graph: Graph, named: NameOfRun = _the_same
) -> list[tuple[str, tuple[Quantity, ...]]]:
    """The runs of a section, each below its heading: the section alone where there is one run.
    `named`: what the section is called in a run."""
    found = runs(quantities, graph)
    if len(found) == 1:
        return [(section, found[0].quantities)]
    counts: Counter[int] = Counter()
    parts: list[tuple[str, tuple[Quantity, ...]]] = []
    for run in found:
        counts[run.way] += 1
        heading = run.heading(named(section, run.quantities))
        # Of several layers each goes both ways.
        if counts[run.way] > 1:
            heading = said("{section} ({number})", section=heading, number=counts[run.way])
        parts.append((heading, run.quantities))
    return parts


def pass_heading(section: str, number: int | None) -> str:
    """The heading of a section in one of several passes; the section alone where there is one."""
    if number is None:
        return section
    return said("Pass {number}: {section}", number=number, section=section)


def runs(quantities: Sequence[Quantity], graph: Graph) -> list[Run]:
    """Quantities of one pass in an order of computation: in one run where steps follow one another
    in one direction, else in one for each direction."""
    whole = _in_steps(quantities, graph)
    if whole is not None:
        return [whole]
    needs = _strands(quantities, graph)
    strands: dict[Strand, Run] = {}
    for strand in needs:
        own = [q for q in quantities if series_of(q) in strand]
        run = _in_steps(own, graph)
        if run is None:  # no order of steps at all
            return [Run(EACH, tuple(quantities))]
        strands[strand] = run
    return _one_after_the_other(strands, needs, graph)


def _one_after_the_other(
    strands: Mapping[Strand, Run], needs: Mapping[Strand, Set[Strand]], graph: Graph
) -> list[Run]:
    """Each strand after those that it needs, as few runs as that takes: a strand that goes the way
    of the run before joins it."""
    found: list[Run] = []
    left = dict(strands)
    while left:
        ready = list(_ready(left, needs))
        chosen, longer = ready[0], None
        for strand in ready:
            both = _joined(found[-1:], left[strand], graph)
            if both is not None:
                chosen, longer = strand, both
                break
        run = left.pop(chosen)
        if longer is None:
            found.append(run)
        else:
            found[-1] = longer
    return found


def series_of(q: Quantity) -> Series:
    """The quantity whatever its step and pass: that of which it is a derivative and that by which,
    or its own letter. The direct part of a derivative has the letter of the whole."""
    symbol = q.symbol
    if isinstance(symbol, Variable):
        return _marked(symbol), ""
    return _marked(symbol.of), _marked(symbol.by)


def _marked(variable: Variable) -> str:
    return f"{variable.base}{variable.mark}"


def _joined(before: Sequence[Run], run: Run, graph: Graph) -> Run | None:
    """A run together with the one before it, where both go the same way step by step."""
    for one in before:
        if one.way == run.way:
            both = _in_steps(one.quantities + run.quantities, graph)
            if both is not None and both.way == run.way:
                return both
    return None


def _in_steps(quantities: Sequence[Quantity], graph: Graph) -> Run | None:
    """All of them step by step; None where neither direction is an order of computation."""
    times = [q.time for q in quantities if q.time is not None]
    came = FORWARDS
    if times and times[0] > times[-1]:
        came = BACKWARDS
    there = _computable(quantities, graph, came)
    back = _computable(quantities, graph, -came)
    if there is not None:
        way = came if back is None else EACH
        return Run(way, there)
    if back is not None:
        return Run(-came, back)
    return None


def _computable(
    quantities: Sequence[Quantity], graph: Graph, way: int
) -> tuple[Quantity, ...] | None:
    """All of them step by step in one direction, in each step in the same order; None where that is
    no order of computation."""
    as_computed = _by_time(quantities, way)
    alike = _by_time(quantities, way, _ranks(as_computed, graph))
    # Where steps differ in what they need first, each goes as it is computed.
    orders = filter(graph.computable, (tuple(alike), tuple(as_computed)))
    return next(orders, None)


def _by_time(
    quantities: Sequence[Quantity], way: int, ranks: Mapping[Series, int] = AS_THEY_COME
) -> list[Quantity]:
    """Step by step, what has no step after what has; in each step by rank, or as they come."""

    def place(q: Quantity) -> tuple[bool, int, int]:
        time = q.time or 0
        rank = ranks.get(series_of(q), 0)
        return q.time is None, way * time, rank

    return sorted(quantities, key=place)


def _ranks(quantities: Sequence[Quantity], graph: Graph) -> dict[Series, int]:
    """The place of each letter within any step: after what it needs there, else as the letters come
    first; what goes back through the network in the order from its end to its beginning."""
    states = _states(graph)
    first: dict[Series, int] = {}
    for q in quantities:
        letter = series_of(q)
        turned = q.role in _TURNED
        first.setdefault(letter, -_depth(letter, states) * turned)
    letters = sorted(first, key=first.__getitem__)
    by_name = {q.name: q for q in quantities}
    needs: dict[Series, set[Series]] = {letter: set() for letter in letters}
    for q in quantities:
        for name in graph.ancestors[q.name] & by_name.keys():
            if by_name[name].time == q.time:
                needs[series_of(q)].add(series_of(by_name[name]))
    for letter, needed in needs.items():
        needed.discard(letter)
    ordered = _each_after_its_needs(letters, needs)
    return {letter: place for place, letter in enumerate(ordered)}


def _states(graph: Graph) -> dict[str, int]:
    """The letters of the forward pass, with their places in it from 1."""
    places: dict[str, int] = {}
    for q in graph:
        if q.role == Role.FORWARD and isinstance(q.symbol, Variable):
            places.setdefault(q.symbol.base, len(places) + 1)
    return places


def _depth(letter: Series, states: Mapping[str, int]) -> int:
    """How far from the beginning of the network that state stands whose derivative it is: of the
    loss by a state, of a state by anything."""
    of, by = letter
    state = of.rstrip("'")
    return states.get(state, states.get(by, 0))


def _strands(quantities: Sequence[Quantity], graph: Graph) -> dict[Strand, set[Strand]]:
    """Letters that need one another, step after step, together, as they come; for each such strand
    the others that it needs."""
    needs = _closed(_needed_letters(quantities, graph))
    strand_of: dict[Series, Strand] = {}
    for letter, needed in needs.items():
        mutual = (other for other in needed if letter in needs[other])
        strand_of[letter] = frozenset([letter, *mutual])
    between: dict[Strand, set[Strand]] = {}
    for letter, strand in strand_of.items():
        others = between.setdefault(strand, set())
        others.update(map(strand_of.__getitem__, needs[letter]))
        others.discard(strand)
    return between


def _needed_letters(quantities: Sequence[Quantity], graph: Graph) -> dict[Series, set[Series]]:
    """For each letter, as they come, those that any of its steps needs."""
    letters = {q.name: series_of(q) for q in quantities}
    needs: dict[Series, set[Series]] = {letter: set() for letter in letters.values()}
    for name, letter in letters.items():
        for needed in graph.ancestors[name] & letters.keys():
            needs[letter].add(letters[needed])
    return needs


def _closed(needs: dict[Series, set[Series]]) -> dict[Series, set[Series]]:
    """With what is needed through others."""
    # In one round, each letter once as the one between (Warshall, Journal of the ACM 9, 1962).
    for through, needed in needs.items():
        for others in needs.values():
            if through in others:
                others |= needed
    return needs


def _each_after_its_needs(
    letters: Iterable[Series], needs: Mapping[Series, Set[Series]]
) -> list[Series]:
    """Letters as they come, each after those that it needs; in a circle the first one begins."""
    found: list[Series] = []
    left = list(letters)
    while left:
        chosen = next(_ready(left, needs), left[0])
        left.remove(chosen)
        found.append(chosen)
    return found


def _ready(left: Collection[_Kind], needs: Mapping[_Kind, Set[_Kind]]) -> Iterator[_Kind]:
    """Which of those that are left need no other of them."""
    for one in left:
        if needs[one].isdisjoint(left):
            yield one
