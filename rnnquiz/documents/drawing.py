"""The network, unrolled over time, drawn from the graph itself: a circle for each quantity, an
arrow for each use."""

from __future__ import annotations

import math
from dataclasses import replace

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, walk
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.documents.tree import Drawing, Edge, Node, Symbol

RADIUS = 0.3
MOST_LABELS = 5  # for each step
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
    nodes = tuple(Node(*places[name], Symbol(name), q.formula is None) for name, q in shown.items())
    edges = tuple(
        _edge(places[parent], places[name], _label(q.formula, parent, graph))
        for name, q in forward.items()
        for parent in graph.parents[name]
        if parent in places and q.formula is not None
    )
    if sum(edge.label is not None for edge in edges) > MOST_LABELS * graph.steps:
        edges = tuple(
            replace(edge, label=None) for edge in edges
        )  # they would stand on one another; the equations have them
    width, height = max(node.x for node in nodes), max(node.y for node in nodes)
    return Drawing(nodes, edges, width, height, "The network, unrolled over time.")


def _places(
    graph: Graph, shown: dict[str, Quantity], inputs: tuple[str, ...]
) -> dict[str, tuple[float, float]]:
    """x by time, y by the longest way from an input within the step; several on one level stand
    side by side."""
    level: dict[str, int] = {}
    for name, q in shown.items():
        now = [level[p] for p in graph.parents[name] if p in level and graph[p].time == q.time]
        base = name.partition("[")[0]
        level[name] = (
            1 + max(now, default=0) if q.formula is not None else 0 if base in inputs else -1
        )
    for name in shown:  # initial states stand beside the states that they begin
        base = name.partition("[")[0]
        if level[name] == -1:
            level[name] = max(
                (
                    level[other]
                    for other in shown
                    if other.partition("[")[0] == base and other != name
                ),
                default=1,
            )
    spots: dict[tuple[int, int], list[str]] = {}
    for name, q in shown.items():
        spots.setdefault((q.time or 0, level[name]), []).append(name)
    crowd = max(map(len, spots.values()))
    column = max(COLUMN, (crowd + 1) * SPACING)
    places = {}
    for (time, row), names in spots.items():
        for k, name in enumerate(names):
            shift = (k - (len(names) - 1) / 2) * SPACING
            places[name] = (time * column + shift, row * ROW)
    left = min(x for x, _ in places.values())
    return {name: (x - left, y) for name, (x, y) in places.items()}


def _edge(start: tuple[float, float], end: tuple[float, float], label: Symbol | None) -> Edge:
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
