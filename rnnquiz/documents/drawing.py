"""The network, unrolled over time, drawn from the graph itself: a circle for each quantity, an
arrow for each use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, walk
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.documents.arranging import is_joint, untangled
from rnnquiz.documents.tree import Drawing, Edge, Node, Symbol

RADIUS = 0.3
MOST_LABELS = 6  # for each step
COLUMN, ROW, SPACING = 2.0, 1.25, 0.8


def draw(graph: Graph, inputs: tuple[str, ...]) -> Drawing:
    """Inputs at the bottom, outputs at the top, time from left to right; of several passes the
    first."""
    forward = {
        q.name: q for q in graph.computed if q.role == "forward" and q.symbol.number in (None, 1)
    }
    shown: dict[str, Quantity] = {
        q.name: q
        for q in graph.givens
        if q.time is not None and any(q.name in graph.parents[f] for f in forward)
    } | forward
    places = _places(graph, shown, inputs)
    arrows = tuple((p, name) for name in forward for p in graph.parents[name] if p in places)
    places, edges = _untangled(graph, places, arrows) or (
        places,
        tuple(_edge(places[a], places[b], _label(graph[b].formula, a, graph)) for a, b in arrows),
    )
    nodes = tuple(Node(*places[name], Symbol(name), q.formula is None) for name, q in shown.items())
    if sum(edge.label is not None for edge in edges) > MOST_LABELS * graph.steps:
        edges = tuple(
            replace(edge, label=None) for edge in edges
        )  # they would stand on one another; the equations have them
    width, height = max(node.x for node in nodes), max(node.y for node in nodes)
    return Drawing(nodes, edges, width, height, "The network, unrolled over time.")


Places = dict[str, tuple[float, float]]


def _untangled(
    graph: Graph, places: Places, arrows: Sequence[tuple[str, str]]
) -> tuple[Places, tuple[Edge, ...]] | None:
    """Other places, and edges through joints, where arrows would cross; None where none do."""
    instances = {name: (_letter(name), graph[name].time or 0) for name in places}
    points = {instances[name]: place for name, place in places.items()}
    found = untangled([(instances[a], instances[b]) for a, b in arrows], points, ROW)
    if found is None:
        return None
    points, through = found
    names = {instance: name for name, instance in instances.items()}
    edges = []
    for a, b in through:
        direct = a in names and b in names
        label = _label(graph[names[b]].formula, names[a], graph) if direct else None
        edge = _edge(points[a], points[b], label, is_joint(a), is_joint(b))
        edges.append(replace(edge, head=not is_joint(b)))
    return {name: points[instance] for name, instance in instances.items()}, tuple(edges)


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
            places[name] = (time * column + shift, (row + _lifted(name, row, turned)) * ROW)
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


def _edge(
    start: tuple[float, float],
    end: tuple[float, float],
    label: Symbol | None,
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
