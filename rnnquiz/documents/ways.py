"""The way that a gradient takes, in a small drawing of the network beside the section in which it
is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rnnquiz.algebra.symbols import Derivative
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.documents.diagram import Drawing, Edge
from rnnquiz.documents.drawing import NetworkDrawing, edge_between
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.languages.sentences import said
from rnnquiz.solution.lines import Line

WAY_WORDS = said("The way of the gradient: thick, from the loss backwards.")
_ABOVE = 1.15  # from the circle that a loss reads to where its arrow begins
_SAME_COLUMN = 0.5  # columns of a drawing are one apart


@dataclass(frozen=True)
class Way:
    """What a gradient passes: quantities, the uses of one by another, and the parameter that it is
    taken by with the quantities that read it."""

    quantities: frozenset[str] = frozenset()
    parameter: str = ""
    readers: frozenset[str] = frozenset()
    losses: frozenset[str] = frozenset()

    def __or__(self, other: Way) -> Way:
        quantities = self.quantities | other.quantities
        parameter = self.parameter or other.parameter
        readers = self.readers | other.readers
        return Way(quantities, parameter, readers, self.losses | other.losses)


@dataclass(frozen=True)
class Ways:
    """Drawings for the topics of a key, each made once for all students of a bank; `label`: of the
    drawing of the whole network."""

    graph: Graph
    network: NetworkDrawing
    label: str
    made: dict[tuple[str, ...], Drawing | None] = field(default_factory=dict)

    def drawing(self, lines: Sequence[Line]) -> Drawing | None:
        """The drawing of a topic, None where no gradient of a loss is taken in it, or the network
        has several passes, of which only the first is drawn."""
        names = tuple(line.name for line in lines)
        if names not in self.made:
            label = f"{self.label}-way{len(self.made)}"
            self.made[names] = self._drawing(lines, label)
        return self.made[names]

    def _drawing(self, lines: Sequence[Line], label: str) -> Drawing | None:
        way = self._way_of(lines)
        if way is None:
            return None
        return _drawn(self.network, self.graph, way, label, len(lines))

    def _way_of(self, lines: Sequence[Line]) -> Way | None:
        found: Way | None = None
        for line in lines:
            name = line.quantity.symbol
            # The share of one step, and the sum over all of them, have no way of their own.
            if not isinstance(name, Derivative) or line.quantity.role == Role.SUM:
                continue
            if name.at is not None or name.number is not None:
                continue
            of, by = str(name.of), str(name.by)
            if of in self.losses:
                way = self._way(of, by)
                found = way | found if found else way
        return found

    @cached_property
    def losses(self) -> frozenset[str]:
        """The names of the losses of single steps and of the whole."""
        losses = filter(_is_loss, self.graph.computed)
        return frozenset(q.name for q in losses)

    def _way(self, of: str, by: str) -> Way:
        """Between a loss and what it is differentiated by."""
        above, below = self._above(of), self._below(by)
        between = frozenset(above & below)
        passed = between.intersection(self.network.quantities)
        # Only a parameter has a label on the arrows of those that read it.
        parameter = by if by in self.graph.parameters else ""
        readers = passed.intersection(self._readers_of(by))
        losses = self.losses & {*above, of}
        return Way(passed, parameter, readers, losses)

    def _readers_of(self, name: str) -> Iterator[str]:
        for q in self.graph.computed:
            if name in self.graph.parents[q.name]:
                yield q.name

    def _reads(self, name: str) -> Iterator[str]:
        """What a quantity is computed from, but where a gradient is cut off (truncation)."""
        for parent in self.graph.parents[name]:
            if (name, parent) not in self.graph.cuts:
                yield parent

    def _above(self, of: str) -> set[str]:
        """All that a quantity is computed from, as far as gradients go back."""
        found, open_ = set[str](), [of]
        while open_:
            name = open_.pop()
            new = set(self._reads(name)) - found
            found |= new
            open_ += new
        return found

    def _below(self, by: str) -> set[str]:
        """All that is computed from a quantity or a parameter, and a quantity itself."""
        found = {by}
        # In the order of computation: what a quantity reads has been looked at before it.
        for q in self.graph.computed:
            if not found.isdisjoint(self._reads(q.name)):
                found.add(q.name)
        return found


def _is_loss(q: Quantity) -> bool:
    return q.role == Role.LOSS


def _drawn(network: NetworkDrawing, graph: Graph, way: Way, label: str, lines: int) -> Drawing:
    nodes = []
    for node, name in zip(network.nodes(), network.quantities, strict=True):
        on = name in way.quantities
        nodes.append(replace(node, way=on))
    edges = (*_edges(network, way), *_from_losses(network, graph, way))
    width, height = network.size
    # The arrow of a loss begins above the highest circle.
    height = max(height, *(edge.y1 for edge in edges))
    return Drawing(tuple(nodes), edges, width, height, WAY_WORDS, label, lines)


def _edges(network: NetworkDrawing, way: Way) -> Iterator[Edge]:
    """Arrows as the network has them; those on the way backwards. The parameter stands where it is
    used."""
    passed = way.quantities.union(_joints(network, way))
    parameter = Symbol(way.parameter)
    for arrow in network.arrows:
        on = passed.issuperset((arrow.start, arrow.end))
        used = arrow.end in way.readers and arrow.label == parameter
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
    # Sorted, as a set has another order in each process.
    for loss in sorted(way.losses):
        for name in graph.parents[loss]:
            if name in way.quantities and not _covered(network, name):
                x, y = network.places[name]
                above = y + _ABOVE
                edge = edge_between((x, above), (x, y))
                # The loss has no circle: the arrow begins where its name stands, not at a rim.
                yield replace(edge, label=Symbol(loss), way=True, y1=round(above, 3))


def _covered(network: NetworkDrawing, name: str) -> bool:
    """Whether something stands above a quantity, nearer than half a unit to its column."""
    place = network.places[name]
    return any(_is_over(other, place) for other in network.places.values())


def _is_over(other: tuple[float, float], place: tuple[float, float]) -> bool:
    (u, v), (x, y) = other, place
    return v > y and abs(u - x) < _SAME_COLUMN
