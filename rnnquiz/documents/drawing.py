"""The network, unrolled over time, drawn from the graph itself: a circle for each quantity, an
arrow for each use."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from rnnquiz.algebra.expression import Apply, Ref, refs, walk
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.documents.arranging import untangled
from rnnquiz.documents.joints import Instance, is_joint
from rnnquiz.documents.labels import labelled
from rnnquiz.documents.tree import Circle, Drawing, Edge, Symbol
from rnnquiz.languages.sentences import said

RADIUS = 0.3
MOST_LABELS = 6  # for each step
COLUMN, ROW_STEP, SPACING = 2.0, 1.25, 0.8  # of steps, of levels, of letters side by side


@dataclass(frozen=True)
class DrawnArrow:
    """A use of a quantity by another one, or a part of its way through a joint; and the parameter
    that multiplies it there."""

    start: str
    end: str
    label: Symbol | None = None


@dataclass(frozen=True)
class NetworkDrawing:
    """What is drawn of a graph: quantities at their places (in units of half a step), joints among
    them, and arrows between them; of several passes the first."""

    quantities: dict[str, Quantity]
    places: Places
    arrows: tuple[DrawnArrow, ...]

    @classmethod
    def of(cls, graph: Graph, inputs: tuple[str, ...]) -> NetworkDrawing:
        """Inputs at the bottom, outputs at the top, time from left to right."""
        forward = {q.name: q for q in filter(_is_drawn, graph.computed)}
        reads = (graph.parents[name] for name in forward)
        read = set(chain.from_iterable(reads))
        # A parameter has no time: it is a label of arrows, not a circle.
        begun = {q.name: q for q in graph.givens if q.time is not None and q.name in read}
        shown = begun | forward
        uses = list(_uses(graph, forward, shown))
        places = _places(graph, shown, inputs)
        clear_places, arrows = _untangled(graph, places, uses)
        return cls(shown, clear_places, arrows)

    def nodes(self) -> tuple[Circle, ...]:
        return tuple(map(self._circle, self.quantities))

    def _circle(self, name: str) -> Circle:
        x, y = self.places[name]
        given = self.quantities[name].formula is None
        return Circle(x, y, Symbol(name), given)

    def edge(self, arrow: DrawnArrow, backwards: bool = False) -> Edge:
        """The arrow between the rims of its circles; backwards as a gradient goes."""
        names = (arrow.end, arrow.start) if backwards else (arrow.start, arrow.end)
        leaves_joint, meets_joint = (name not in self.quantities for name in names)
        start, end = (self.places[name] for name in names)
        edge = edge_between(start, end, arrow.label, leaves_joint, meets_joint)
        return replace(edge, head=not meets_joint)

    def into(self, joint: str) -> Iterator[str]:
        """The quantities from which arrows come through a joint, and the joints before it."""
        for arrow in self.arrows:
            if arrow.end != joint:
                continue
            if arrow.start in self.quantities:
                yield arrow.start
            else:
                yield from self.into(arrow.start)

    def out_of(self, joint: str) -> Iterator[str]:
        """The quantities to which arrows go through a joint, and the joints after it."""
        for arrow in self.arrows:
            if arrow.start != joint:
                continue
            if arrow.end in self.quantities:
                yield arrow.end
            else:
                yield from self.out_of(arrow.end)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height between the centres of the circles furthest apart."""
        centres = (self.places[name] for name in self.quantities)
        xs, ys = zip(*centres, strict=True)
        return max(xs), max(ys)

    def drawing(self, steps: int) -> Drawing:
        """The drawing of a sheet, with labels where they do not stand on one another."""
        edges = tuple(map(self.edge, self.arrows))
        if sum(edge.label is not None for edge in edges) > MOST_LABELS * steps:
            edges = tuple(replace(edge, label=None) for edge in edges)  # the equations have them
        caption = said("The network, unrolled over time.")
        bare = Drawing(self.nodes(), edges, *self.size, caption)
        return labelled(bare, RADIUS)


def _is_drawn(q: Quantity) -> bool:
    """True for what the forward pass computes, in the first of several passes."""
    return q.role == "forward" and q.symbol.number in (None, 1)


def _uses(graph: Graph, forward: Iterable[str], shown: Container[str]) -> Iterator[tuple[str, str]]:
    """What is read and what reads it, of all that is drawn."""
    for name in forward:
        for parent in graph.parents[name]:
            if parent in shown:
                yield parent, name


def draw(graph: Graph, inputs: tuple[str, ...]) -> Drawing:
    """The drawing of a sheet."""
    return NetworkDrawing.of(graph, inputs).drawing(graph.steps)


Places = dict[str, tuple[float, float]]


def _untangled(
    graph: Graph, places: Places, uses: Sequence[tuple[str, str]]
) -> tuple[Places, tuple[DrawnArrow, ...]]:
    """The places and arrows; other places, and arrows through joints, where arrows would cross."""
    instances = {name: _instance(graph[name]) for name in places}
    points = {instances[name]: place for name, place in places.items()}
    pairs = [(instances[a], instances[b]) for a, b in uses]
    found = untangled(pairs, points, ROW_STEP)
    if found is None:
        labels = [_label(graph, reader, read) for read, reader in uses]
        direct = (DrawnArrow(*use, label) for use, label in zip(uses, labels, strict=True))
        return places, tuple(direct)
    points, through = found
    names = {instance: name for name, instance in instances.items()}
    for joint in filter(is_joint, points):
        letter, step = joint
        names[joint] = f"{letter}[{step}]"
    bare: list[DrawnArrow] = []
    for start, end in through:
        bare.append(DrawnArrow(names[start], names[end]))
    drawn = {names[one]: point for one, point in points.items()}
    circles = {name: graph[name] for name in places}
    # Which label a line to a joint has hangs on all arrows that go on from the joint.
    shape = NetworkDrawing(circles, drawn, tuple(bare))
    labels = [_common(shape, graph, arrow) for arrow in bare]
    arrows = [replace(arrow, label=label) for arrow, label in zip(bare, labels, strict=True)]
    return drawn, tuple(arrows)


def _instance(q: Quantity) -> Instance:
    return _letter(q.name), q.time or 0


def _common(drawing: NetworkDrawing, graph: Graph, arrow: DrawnArrow) -> Symbol | None:
    """The parameter of an arrow; on a line to a joint the letter that those of all arrows from
    there have in common (W of W_f, W_i and W_o)."""
    if arrow.start not in drawing.quantities:
        return None
    direct = arrow.end in drawing.quantities
    readers = [arrow.end] if direct else drawing.out_of(arrow.end)
    labels = [_label(graph, reader, arrow.start) for reader in readers]
    if len({*labels}) == 1:
        return labels[0]
    letters = {label and _stem(label.name) for label in labels}
    # A letter that is itself a parameter would say that all are multiplied by that one.
    if len(letters) > 1 or letters & {*graph.parameters}:
        return None
    shared = str(letters.pop())
    return Symbol(shared)


def _stem(name: str) -> str:
    """The letter of a parameter without its index."""
    return name.partition("_")[0]


def _places(
    graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]
) -> dict[str, tuple[float, float]]:
    """x by time, y by the longest way from an input within the step; several on one level stand
    side by side, those that are read backwards in a row above those that are read forwards."""
    level = _levels(graph, shown, inputs)
    letters = list(dict.fromkeys(map(_letter, shown)))
    spots: dict[tuple[int, int], list[str]] = {}
    for name in sorted(shown, key=lambda name: letters.index(_letter(name))):  # alike in each step
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
            x, y = time * column + shift, height * ROW_STEP
            places[name] = x, y
    xs = [x for x, _ in places.values()]
    left = min(xs)
    return {name: (x - left, y) for name, (x, y) in places.items()}


_UNKNOWN_YET = -1  # the level of an initial state, until all that is computed has one


def _levels(graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]) -> dict[str, int]:
    """On which level each stands: inputs on 0, all others above what they read in their step."""
    level: dict[str, int] = {}
    for name, q in shown.items():
        if q.formula is None:
            is_input = _letter(name) in inputs
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
        if other != name and _letter(other) == _letter(name):
            yield row


def _turned(graph: Graph, shown: dict[str, Quantity], level: dict[str, int]) -> dict[int, set[str]]:
    """Of each level on which some letters go on forwards and others backwards in time the latter:
    in one row their arrows would lie on one another."""
    ways: dict[tuple[int, bool], set[str]] = {}
    for name, q in shown.items():
        for parent in graph.parents[name]:
            if _letter(parent) == _letter(name) and parent in shown:
                then, now = graph[parent].time or 0, q.time or 0
                way = level[name], then > now
                ways.setdefault(way, set()).add(_letter(name))
    return {row: names for (row, later), names in ways.items() if later and (row, False) in ways}


def _lifted(name: str, row: int, turned: dict[int, set[str]]) -> int:
    """By how many rows a circle is put higher: one for each level below that takes two, and for
    its own."""
    below = sum(row > level for level in turned)
    own = turned.get(row, set())
    return below + (_letter(name) in own)


def _letter(name: str) -> str:
    """The name without its step."""
    return name.partition("[")[0]


def edge_between(
    start: tuple[float, float],
    end: tuple[float, float],
    label: Symbol | None = None,
    from_joint: bool = False,
    to_joint: bool = False,
) -> Edge:
    """From the rim of a circle, or from a joint, to another."""
    (x1, y1), (x2, y2) = start, end
    dx, dy = x2 - x1, y2 - y1
    length = math.hypot(dx, dy)
    ux = dx / length * RADIUS
    uy = dy / length * RADIUS
    if not from_joint:
        x1, y1 = x1 + ux, y1 + uy
    if not to_joint:
        x2, y2 = x2 - ux, y2 - uy
    # A 0 may come out as -0.0, which would be printed with its sign.
    left, low, right, high = (round(v, 3) + 0.0 for v in (x1, y1, x2, y2))
    return Edge(left, low, right, high, label)


def _label(graph: Graph, reader: str, parent: str) -> Symbol | None:
    """The parameter that multiplies the parent in the formula of what reads it."""
    formula = graph[reader].formula
    assert formula is not None
    for node in walk(formula):
        # A sum has parents and biases side by side: none of them multiplies another.
        if isinstance(node, Apply) and node.op != "add" and Ref(parent) in node.args:
            weights = list(filter(graph.parameters.__contains__, refs(node)))
            if len(weights) == 1:
                return Symbol(weights[0])
    return None
