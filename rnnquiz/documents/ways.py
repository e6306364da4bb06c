"""The way that a gradient takes, in a small drawing of the network beside the section in which it
is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rnnquiz.algebra.symbols import Derivative
from rnnquiz.derivation.graph import Graph
from rnnquiz.documents.drawing import NetworkDrawing, edge_between
from rnnquiz.documents.tree import Drawing, Edge, Symbol
from rnnquiz.languages.sentences import said
from rnnquiz.worked_lines import Line

WAY_WORDS = said("The way of the gradient: thick, from the loss backwards.")
FEWEST_LINES = 3  # of a topic beside which a drawing stands
_ABOVE = 1.15  # from the circle that a loss reads to where its arrow begins


@dataclass(frozen=True)
class Way:
    """What a gradient passes: quantities, the uses of one by another, and the parameter that it is
    taken by with the quantities that read it."""

    quantities: frozenset[str] = frozenset()
    parameter: str = ""
    readers: frozenset[str] = frozenset()
    losses: frozenset[str] = frozenset()

    def __or__(self, other: Way) -> Way:
        return Way(
            self.quantities | other.quantities,
            self.parameter or other.parameter,
            self.readers | other.readers,
            self.losses | other.losses,
        )


@dataclass(frozen=True)
class Ways:
    """Drawings for the topics of a key, each made once for all students of a bank; `label`: of the
    drawing of the whole network."""

    graph: Graph
    network: NetworkDrawing
    label: str
    made: dict[tuple[str, ...], Drawing | None] = field(default_factory=dict)

    def drawing(self, lines: Sequence[Line]) -> Drawing | None:
        """The drawing of a topic, None where it has few lines, no gradient of a loss is taken in
        it, or the network has several passes, of which only the first is drawn."""
        names = tuple(line.name for line in lines)
        if names not in self.made:
            way = self._way_of(lines) if len(lines) >= FEWEST_LINES else None
            label = f"{self.label}-way{len(self.made)}"
            self.made[names] = _drawn(self.network, self.graph, way, label) if way else None
        return self.made[names]

    def _way_of(self, lines: Sequence[Line]) -> Way | None:
        found: Way | None = None
        for line in lines:
            name = line.quantity.symbol
            whole = isinstance(name, Derivative) and name.at is None and name.number is None
            if not whole or line.quantity.role == "sum":
                continue
            of, by = str(name.of), str(name.by)  # type: ignore[union-attr]
            if of in self.losses:
                found = self._way(of, by) | (found or Way())
        return found

    @cached_property
    def losses(self) -> frozenset[str]:
        return frozenset(q.name for q in self.graph.computed if q.role == "loss")

    def _way(self, of: str, by: str) -> Way:
        """Between a loss and what it is differentiated by."""
        above, below = self._above(of), self._below(by)
        passed = frozenset(above & below & set(self.network.quantities))
        readers = frozenset(name for name in passed if by in self.graph.parents[name])
        losses = self.losses & {*above, of}
        return Way(passed, by if by in self.graph.parameters else "", readers, losses)

    def _above(self, of: str) -> set[str]:
        """All that a quantity is computed from, as far as gradients go back."""
        found, open_ = set[str](), [of]
        while open_:
            name = open_.pop()
            new = {p for p in self.graph.parents[name] if (name, p) not in self.graph.cuts} - found
            found |= new
            open_ += new
        return found

    def _below(self, by: str) -> set[str]:
        """All that is computed from a quantity or a parameter, and a quantity itself."""
        found = {by}
        for q in self.graph.computed:
            read = (p for p in self.graph.parents[q.name] if (q.name, p) not in self.graph.cuts)
            if any(p in found for p in read):
                found.add(q.name)
        return found


def _drawn(network: NetworkDrawing, graph: Graph, way: Way, label: str) -> Drawing:
    nodes = tuple(
        replace(node, way=name in way.quantities)
        for node, name in zip(network.nodes(), network.quantities, strict=True)
    )
    edges = (*_edges(network, way), *_from_losses(network, graph, way))
    width, height = network.size
    height = max(height, *(edge.y1 for edge in edges))
    return Drawing(nodes, edges, width, height, WAY_WORDS, label)


def _edges(network: NetworkDrawing, way: Way) -> Iterator[Edge]:
    """Arrows as the network has them; those on the way backwards. The parameter stands where it is
    used."""
    passed = way.quantities | set(_joints(network, way))
    for arrow in network.arrows:
        on = arrow.start in passed and arrow.end in passed
        used = arrow.end in way.readers and arrow.label == Symbol(way.parameter)
        edge = network.edge(arrow, backwards=on)
        yield replace(edge, way=on, label=arrow.label if used else None)


def _joints(network: NetworkDrawing, way: Way) -> Iterator[str]:
    """The joints that the way goes through."""
    for name in dict.fromkeys(arrow.end for arrow in network.arrows):
        if name not in network.quantities:
            read = {*network.into(name)} & way.quantities
            if read and {*network.out_of(name)} & way.quantities:
                yield name


def _from_losses(network: NetworkDrawing, graph: Graph, way: Way) -> Iterator[Edge]:
    """An arrow from each loss into what it reads, where nothing stands above that."""
    for loss in sorted(way.losses):
        for name in graph.parents[loss]:
            if name in way.quantities and not _covered(network, name):
                x, y = network.places[name]
                edge = edge_between((x, y + _ABOVE), (x, y))
                yield replace(edge, label=Symbol(loss), way=True, y1=round(y + _ABOVE, 3))


def _covered(network: NetworkDrawing, name: str) -> bool:
    x, y = network.places[name]
    return any(abs(u - x) < 0.5 and v > y for u, v in network.places.values())
