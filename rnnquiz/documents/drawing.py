"""The network, unrolled over time, drawn from the graph itself: a circle for each quantity, an
arrow for each use."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from rnnquiz.algebra.expression import Apply, Ref, refs, walk
from rnnquiz.algebra.symbols import without_step
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.documents.arranging import untangled
from rnnquiz.documents.diagram import Circle, Drawing, Edge
from rnnquiz.documents.joints import Instance, is_joint
from rnnquiz.documents.labels import labelled
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.placing import ROW_STEP, Places, places_of
from rnnquiz.languages.sentences import Message, said

RADIUS = 0.3
MOST_LABELS = 6  # for each step


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
        places = places_of(graph, shown, inputs)
        clear_places, arrows = _untangled(graph, places, uses)
        return cls(shown, clear_places, arrows)

    def nodes(self) -> tuple[Circle, ...]:
        """The circles, one for each quantity that is drawn."""
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
        caption = caption_of(steps)
        bare = Drawing(self.nodes(), edges, *self.size, caption)
        return labelled(bare, RADIUS)


def caption_of(steps: int) -> Message:
    """What a drawing shows."""
    return said("The network, unrolled over time.") if steps > 1 else said("The network.")


def _is_drawn(q: Quantity) -> bool:
    """True for what the forward pass computes, in the first of several passes."""
    return q.role == Role.FORWARD and q.symbol.number in (None, 1)


def _uses(graph: Graph, forward: Iterable[str], shown: Container[str]) -> Iterator[tuple[str, str]]:
    """What is read and what reads it, of all that is drawn."""
    for name in forward:
        for parent in graph.parents[name]:
            if parent in shown:
                yield parent, name


def draw(graph: Graph, inputs: tuple[str, ...]) -> Drawing:
    """The drawing of a sheet."""
    return NetworkDrawing.of(graph, inputs).drawing(graph.steps)


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
    # Which label a line to a joint has depends on all arrows that go on from the joint.
    shape = NetworkDrawing(circles, drawn, tuple(bare))
    labels = [_common(shape, graph, arrow) for arrow in bare]
    arrows = [replace(arrow, label=label) for arrow, label in zip(bare, labels, strict=True)]
    return drawn, tuple(arrows)


def _instance(q: Quantity) -> Instance:
    return without_step(q.name), q.time or 0


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
