"""Where the circles of a network stand: time from left to right, what is read below its reader."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.algebra.symbols import without_step
from rnnquiz.derivation.graph import Graph, Quantity

COLUMN, ROW_STEP, SPACING = 2.0, 1.25, 0.8  # of steps, of levels, of letters side by side
Places = dict[str, tuple[float, float]]


def places_of(graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]) -> Places:
    """x by time, y by the longest way from an input within the step; several on one level stand
    side by side, those that are read backwards in a row above those that are read forwards."""
    level = _levels(graph, shown, inputs)
    letters = list(dict.fromkeys(map(without_step, shown)))
    spots: dict[tuple[int, int], list[str]] = {}
    # Side by side in the same order in each step.
    for name in sorted(shown, key=lambda name: letters.index(without_step(name))):
        place = shown[name].time or 0, level[name]
        spots.setdefault(place, []).append(name)
    crowd = max(map(len, spots.values()))
    needed = (crowd + 1) * SPACING
    column = max(COLUMN, needed)
    turned = _turned(graph, shown, level)
    places = {}
    for (time, row), names in spots.items():
        middle = (len(names) - 1) / 2
        for k, name in enumerate(names):
            shift = (k - middle) * SPACING
            height = row + _lifted(name, row, turned)
            x = time * column + shift
            places[name] = x, height * ROW_STEP
    xs = [x for x, _ in places.values()]
    left = min(xs)
    return {name: (x - left, y) for name, (x, y) in places.items()}


_UNKNOWN_YET = -1  # the level of an initial state, until all that is computed has one


def _levels(graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]) -> dict[str, int]:
    """On which level each stands: inputs on 0, all others above what they read in their step."""
    level: dict[str, int] = {}
    for name, q in shown.items():
        if q.formula is None:
            is_input = without_step(name) in inputs
            level[name] = 0 if is_input else _UNKNOWN_YET
        else:
            highest = max(_read_now(graph, q, level), default=0)
            level[name] = 1 + highest
    for name in shown:  # initial states stand beside the states that they begin
        if level[name] == _UNKNOWN_YET:
            others = _levels_of_letter(name, level)
            level[name] = max(others, default=1)
    return level


def _read_now(graph: Graph, q: Quantity, level: dict[str, int]) -> Iterator[int]:
    """The levels of what a quantity reads within its step."""
    for parent in graph.parents[q.name]:
        if parent in level and graph[parent].time == q.time:
            yield level[parent]


def _levels_of_letter(name: str, level: dict[str, int]) -> Iterator[int]:
    """The levels of the same letter at the other steps."""
    for other, row in level.items():
        if other != name and without_step(other) == without_step(name):
            yield row


def _turned(graph: Graph, shown: dict[str, Quantity], level: dict[str, int]) -> dict[int, set[str]]:
    """Of each level on which some letters go on forwards and others backwards in time the latter:
    in one row their arrows would lie on one another."""
    ways: dict[tuple[int, bool], set[str]] = {}
    for name, q in shown.items():
        for parent in graph.parents[name]:
            if without_step(parent) == without_step(name) and parent in shown:
                then, now = graph[parent].time or 0, q.time or 0
                way = level[name], then > now
                ways.setdefault(way, set()).add(without_step(name))
    turned: dict[int, set[str]] = {}
    for (row, later), names in ways.items():
        if later and (row, False) in ways:
            turned[row] = names
    return turned


def _lifted(name: str, row: int, turned: dict[int, set[str]]) -> int:
    """By how many rows a circle is put higher: one for each level below that takes two, and for
    its own."""
    below = sum(row > level for level in turned)
    own = turned.get(row, set())
    return below + (without_step(name) in own)
