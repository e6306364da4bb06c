"""The network, unrolled over time, drawn from the graph itself: a circle for each quantity, an
arrow for each use."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, walk
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.documents.arranging import untangled
from rnnquiz.documents.joints import is_joint
from rnnquiz.documents.labels import labelled
from rnnquiz.documents.tree import Circle, Drawing, Edge, Symbol
from rnnquiz.languages.sentences import said

RADIUS = 0.3
MOST_LABELS = 6  # for each step
COLUMN, ROW_STEP, SPACING = 2.0, 1.25, 0.8


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
        forward = {
            q.name: q
            for q in graph.computed
            if q.role == "forward" and q.symbol.number in (None, 1)
        }
        read = {parent for name in forward for parent in graph.parents[name]}
        shown = {q.name: q for q in graph.givens if q.time is not None and q.name in read} | forward
        uses = [(p, name) for name in forward for p in graph.parents[name] if p in shown]
        places, arrows = _untangled(graph, _places(graph, shown, inputs), uses)
        return cls(shown, places, arrows)

    def nodes(self) -> tuple[Circle, ...]:
        return tuple(
            Circle(*self.places[name], Symbol(name), q.formula is None)
            for name, q in self.quantities.items()
        )

    def edge(self, arrow: DrawnArrow, backwards: bool = False) -> Edge:
        """The arrow between the rims of its circles; backwards as a gradient goes."""
        names = (arrow.end, arrow.start) if backwards else (arrow.start, arrow.end)
        joints = [name not in self.quantities for name in names]
        edge = edge_between(self.places[names[0]], self.places[names[1]], arrow.label, *joints)
        return replace(edge, head=not joints[1])

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
        xs, ys = zip(*(self.places[name] for name in self.quantities), strict=True)
        return max(xs), max(ys)

    def drawing(self, steps: int) -> Drawing:
        """The drawing of a sheet, with labels where they do not stand on one another."""
        edges = tuple(map(self.edge, self.arrows))
        if sum(edge.label is not None for edge in edges) > MOST_LABELS * steps:
            edges = tuple(replace(edge, label=None) for edge in edges)  # the equations have them
        caption = said("The network, unrolled over time.")
        return labelled(Drawing(self.nodes(), edges, *self.size, caption), RADIUS)


def draw(graph: Graph, inputs: tuple[str, ...]) -> Drawing:
    """The drawing of a sheet."""
    return NetworkDrawing.of(graph, inputs).drawing(graph.steps)


Places = dict[str, tuple[float, float]]


def _untangled(
    graph: Graph, places: Places, uses: Sequence[tuple[str, str]]
) -> tuple[Places, tuple[DrawnArrow, ...]]:
    """The places and arrows; other places, and arrows through joints, where arrows would cross."""
    instances = {name: (_letter(name), graph[name].time or 0) for name in places}
    points = {instances[name]: place for name, place in places.items()}
    found = untangled([(instances[a], instances[b]) for a, b in uses], points, ROW_STEP)
    if found is None:
        return places, tuple(DrawnArrow(a, b, _label(graph[b].formula, a, graph)) for a, b in uses)
    points, through = found
    names = {instance: name for name, instance in instances.items()}
    names |= {one: f"{one[0]}[{one[1]}]" for one in points if is_joint(one)}
    bare = tuple(DrawnArrow(names[a], names[b]) for a, b in through)
    drawn = {names[one]: point for one, point in points.items()}
    shape = NetworkDrawing({name: graph[name] for name in places}, drawn, bare)
    arrows = (replace(arrow, label=_common(shape, graph, arrow)) for arrow in bare)
    return drawn, tuple(arrows)


def _common(drawing: NetworkDrawing, graph: Graph, arrow: DrawnArrow) -> Symbol | None:
    """The parameter of an arrow; on a line to a joint the letter that those of all arrows from
    there have in common (W of W_f, W_i and W_o)."""
    if arrow.start not in drawing.quantities:
        return None
    direct = arrow.end in drawing.quantities
    readers = [arrow.end] if direct else list(drawing.out_of(arrow.end))
    labels = [_label(graph[reader].formula, arrow.start, graph) for reader in readers]
    if len({*labels}) == 1:
        return labels[0]
    letters = {label and _stem(label.name) for label in labels}
    if len(letters) > 1 or letters & {*graph.parameters}:
        return None
    return Symbol(str(letters.pop()))


def _stem(name: str) -> str:
    """The letter of a parameter without its index."""
    return name.partition("_")[0]


def _places(
    graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]
) -> dict[str, tuple[float, float]]:
    """x by time, y by the longest way from an input within the step; several on one level stand
    side by side, those that are read backwards in a row above those that are read forwards."""
    level: dict[str, int] = {}
    for name, q in shown.items():
        now = [level[p] for p in graph.parents[name] if p in level and graph[p].time == q.time]
        given = 0 if _letter(name) in inputs else -1
        level[name] = given if q.formula is None else 1 + max(now, default=0)
    for name in shown:  # initial states stand beside the states that they begin
        if level[name] == -1:
            same = (o for o in shown if _letter(o) == _letter(name) and o != name)
            level[name] = max((level[other] for other in same), default=1)
    letters = list(dict.fromkeys(map(_letter, shown)))
    spots: dict[tuple[int, int], list[str]] = {}
    for name in sorted(shown, key=lambda name: letters.index(_letter(name))):  # alike in each step
        spots.setdefault((shown[name].time or 0, level[name]), []).append(name)
    crowd = max(map(len, spots.values()))
    column = max(COLUMN, (crowd + 1) * SPACING)
    turned = _turned(graph, shown, level)
    places = {}
    for (time, row), names in spots.items():
        for k, name in enumerate(names):
            shift = (k - (len(names) - 1) / 2) * SPACING
            places[name] = (time * column + shift, (row + _lifted(name, row, turned)) * ROW_STEP)
    left = min(x for x, _ in places.values())
    return {name: (x - left, y) for name, (x, y) in places.items()}


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
    start: tuple[float, float],
    end: tuple[float, float],
    label: Symbol | None = None,
    from_joint: bool = False,
    to_joint: bool = False,
) -> Edge:
    """From the rim of a circle, or from a joint, to another."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length * RADIUS, dy / length * RADIUS
    leaves, meets = not from_joint, not to_joint
    ends = (
        start[0] + leaves * ux,
        start[1] + leaves * uy,
        end[0] - meets * ux,
        end[1] - meets * uy,
    )
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
