"""The network, unrolled over time, drawn from the graph itself: a circle for each quantity, an
arrow for each use."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, walk
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.documents.tree import Drawing, Edge, Node, Symbol
from rnnquiz.documents.untangle import Places, untangled

RADIUS = 0.3
MOST_LABELS = 5  # for each step
COLUMN, ROW, SPACING = 2.0, 1.25, 0.8
MOVES = 3  # half spacings to each side that a circle may be moved


@dataclass(frozen=True)
class Arrow:
    """A use of a quantity by another one, and the parameter that multiplies it there."""

    parent: str
    child: str
    label: Symbol | None

    def edge(self, places: Places, backwards: bool = False) -> Edge:
        """The arrow between the rims of its circles; backwards as a gradient goes."""
        ends = (self.child, self.parent) if backwards else (self.parent, self.child)
        return edge_between(places[ends[0]], places[ends[1]], self.label)


@dataclass(frozen=True)
class Network:
    """What is drawn of a graph: quantities at their places (in units of half a step), and arrows
    between them; of several passes the first."""

    quantities: dict[str, Quantity]
    places: Places
    arrows: tuple[Arrow, ...]

    @classmethod
    def of(cls, graph: Graph, inputs: tuple[str, ...]) -> Network:
        """Inputs at the bottom, outputs at the top, time from left to right."""
        forward = {
            q.name: q
            for q in graph.computed
            if q.role == "forward" and q.symbol.number in (None, 1)
        }
        read = {parent for name in forward for parent in graph.parents[name]}
        shown = {q.name: q for q in graph.givens if q.time is not None and q.name in read} | forward
        arrows = tuple(
            Arrow(parent, name, _label(q.formula, parent, graph))
            for name, q in forward.items()
            for parent in graph.parents[name]
            if parent in shown
        )
        return cls(shown, _places(graph, shown, inputs, arrows), arrows)

    def nodes(self) -> tuple[Node, ...]:
        return tuple(
            Node(*self.places[name], Symbol(name), q.formula is None)
            for name, q in self.quantities.items()
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height between the centres of the circles furthest apart."""
        xs, ys = zip(*self.places.values(), strict=True)
        return max(xs), max(ys)

    def drawing(self, steps: int) -> Drawing:
        """The drawing of a sheet, with labels where they do not stand on one another."""
        edges = tuple(arrow.edge(self.places) for arrow in self.arrows)
        if sum(edge.label is not None for edge in edges) > MOST_LABELS * steps:
            edges = tuple(replace(edge, label=None) for edge in edges)  # the equations have them
        return Drawing(self.nodes(), edges, *self.size, "The network, unrolled over time.")


def draw(graph: Graph, inputs: tuple[str, ...]) -> Drawing:
    """The drawing of a sheet."""
    return Network.of(graph, inputs).drawing(graph.steps)


def _places(
    graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...], arrows: tuple[Arrow, ...]
) -> Places:
    """x by time, y by the longest way from an input within the step; several on one level stand
    side by side, those that are read backwards in a row above those that are read forwards."""
    level = _levels(graph, shown, inputs)
    letters = list(dict.fromkeys(map(_letter, shown)))
    spots: dict[tuple[int, int], list[str]] = {}
    for name in sorted(shown, key=lambda name: letters.index(_letter(name))):  # alike in each step
        spots.setdefault((shown[name].time or 0, level[name]), []).append(name)
    crowd = max(map(len, spots.values()))
    column = max(COLUMN, (crowd + 1) * SPACING)
    turned = _turned(graph, shown, level)
    places: Places = {}
    for (time, row), names in spots.items():
        for k, name in enumerate(names):
            shift = (k - (len(names) - 1) / 2) * SPACING
            places[name] = (time * column + shift, (row + _lifted(name, row, turned)) * ROW)
    groups = {letter: [name for name in shown if _letter(name) == letter] for letter in letters}
    shifts = [sign * k * SPACING / 2 for k in range(1, MOVES + 1) for sign in (1, -1)]
    pairs = [(arrow.parent, arrow.child) for arrow in arrows]
    places = untangled(places, pairs, groups, [0.0, *shifts], RADIUS)
    left = min(x for x, _ in places.values())
    return {name: (round(x - left, 3), y) for name, (x, y) in places.items()}


def _levels(graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]) -> dict[str, int]:
    """The row of each circle; initial states stand beside the states that they begin."""
    level: dict[str, int] = {}
    for name, q in shown.items():
        now = [level[p] for p in graph.parents[name] if p in level and graph[p].time == q.time]
        given = 0 if _letter(name) in inputs else -1
        level[name] = given if q.formula is None else 1 + max(now, default=0)
    for name in shown:
        if level[name] == -1:
            same = (o for o in shown if _letter(o) == _letter(name) and o != name)
            level[name] = max((level[other] for other in same), default=1)
    return level


def _turned(graph: Graph, shown: dict[str, Quantity], level: dict[str, int]) -> dict[int, set[str]]:
    """Of each level on which some letters go on forwards and others backwards in time the latter:
    in one row their arrows would lie on one another."""
    ways: dict[tuple[int, bool], set[str]] = {}
    for name, q in shown.items():
        for parent in graph.parents[name]:
            if _letter(parent) == _letter(name) and parent in shown:
                later = (graph[parent].time or 0) > (q.time or 0)
                ways.setdefault((level[name], later), set()).add(_letter(name))
    return {row: names for (row, later), names in ways.items() if later and (row, False) in ways}


def _lifted(name: str, row: int, turned: dict[int, set[str]]) -> int:
    """By how many rows a circle is put higher: one for each level below that takes two, and for
    its own."""
    return sum(row > k or (row == k and _letter(name) in names) for k, names in turned.items())


def _letter(name: str) -> str:
    """The name without its step."""
    return name.partition("[")[0]


def edge_between(
    start: tuple[float, float], end: tuple[float, float], label: Symbol | None = None
) -> Edge:
    """An arrow from the rim of one circle to that of another."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length * RADIUS, dy / length * RADIUS
    ends = (start[0] + ux, start[1] + uy, end[0] - ux, end[1] - uy)
    x1, y1, x2, y2 = (round(v, 3) + 0.0 for v in ends)  # no -0.0
    return Edge(x1, y1, x2, y2, label)


def _label(formula: Expression | None, parent: str, graph: Graph) -> Symbol | None:
    """The parameter that multiplies the parent in the formula."""
    assert formula is not None
    for node in walk(formula):
        if isinstance(node, Apply) and node.op != "add" and Ref(parent) in node.args:
            weights = [name for name in refs(node) if name in graph.parameters]
            if len(weights) == 1:
                return Symbol(weights[0])
    return None
