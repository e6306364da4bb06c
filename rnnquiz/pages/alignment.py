"""A formula part by part beside the numbers that were put in for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.pages.written import Node, Num, Op, is_numeric, is_value

PRODUCTS = frozenset(
    {"mul", "hadamard", "scale1", "scale2", "matvec", "vecmat", "matmat", "dot", "outer"}
)
WRITTEN_PRODUCTS = ("mul", "odot", "matmul", "outer")
MOST_PERMUTED = 4
NEUTRAL = {"add": Num("0", 0.0, -12), "mul": Num("1", 1.0, -12)}
Fits = Callable[[Expression, Node], bool]
Pairs = list[tuple[Expression, Node]]


def align(tree: Expression, node: Node, fits: Fits) -> Pairs | None:
    """Parts of a formula beside the numbers that were put in for them; None where it is of another
    form."""
    if is_value(node):
        return [(tree, node)]
    if isinstance(tree, (Ref, Number)) or not isinstance(node, Op):
        return [(tree, node)] if is_numeric(node) else None
    assert isinstance(tree, Apply)
    if node.op == "neg":
        if tree.op == "neg":
            return align(tree.args[0], node.args[0], fits)
        return _with_sign_within(tree, node.args[0], fits)
    if tree.op == "neg":
        return None
    if node.op in WRITTEN_PRODUCTS:
        if tree.op not in PRODUCTS:
            return None
        return _in_some_order(_factors(tree), _written_factors(node), "mul", fits)
    if node.op == "add":
        if tree.op != "add":
            return None
        return _in_some_order(list(tree.args), list(node.args), "add", fits)
    if node.op == tree.op == "pow" and (within := _without_sign(tree, node, fits)) is not None:
        return within
    if node.op == tree.op and len(node.args) == len(tree.args):
        return _pairwise(list(tree.args), list(node.args), fits)
    return None


def _with_sign_within(tree: Expression, node: Node, fits: Fits) -> Pairs | None:
    """0.3 - 0.2 * 0.4 for a sum in which the sign is that of one of the factors."""
    factors = _written_factors(node)
    best: tuple[float, Pairs] | None = None
    for k, factor in enumerate(factors if len(factors) > 1 else ()):
        signed = [*factors[:k], Op("neg", (factor,)), *factors[k + 1 :]]
        pairs = align(tree, Op("mul", tuple(signed)), fits) if isinstance(factor, Num) else None
        if pairs is not None and (best is None or _misses(pairs, fits) < best[0]):
            best = _misses(pairs, fits), pairs
    return None if best is None else best[1]


def _without_sign(tree: Apply, node: Op, fits: Fits) -> Pairs | None:
    """0.2^2 for (-0.2)^2 and (b - a)^2 for (a - b)^2: a square gives no sign away; None where the
    numbers fit as they stand."""
    base, exponent = node.args
    if not isinstance(exponent, Num) or exponent.value % 2:
        return None
    stands, turned = (align(tree.args[0], one, fits) for one in (base, _turned(base)))
    if turned is None or not _misses(stands, fits) or _misses(turned, fits):
        return None
    return [*turned, (tree.args[1], exponent)]


def _turned(node: Node) -> Node:
    """The same with the other sign, term by term."""
    if isinstance(node, Op) and node.op == "add":
        return Op("add", tuple(map(_turned, node.args)))
    return node.args[0] if isinstance(node, Op) and node.op == "neg" else Op("neg", (node,))


def _factors(tree: Expression) -> list[Expression]:
    """Factors of a product, or the tree alone; that a matrix is turned is seen in its numbers."""
    if isinstance(tree, Apply) and tree.op in PRODUCTS:
        return [part for arg in tree.args for part in _factors(arg)]
    if isinstance(tree, Apply) and tree.op == "transpose":
        return _factors(tree.args[0])
    return [tree]


def _written_factors(node: Node) -> list[Node]:
    if isinstance(node, Op) and node.op in WRITTEN_PRODUCTS:
        return [part for arg in node.args for part in _written_factors(arg)]
    if isinstance(node, Op) and node.op == "transpose":
        return _written_factors(node.args[0])
    return [node]


def _pairwise(trees: Sequence[Expression], nodes: Sequence[Node], fits: Fits) -> Pairs | None:
    found: Pairs = []
    for tree, node in zip(trees, nodes, strict=True):
        pairs = align(tree, node, fits)
        if pairs is None:
            return None
        found += pairs
    return found


def _in_some_order(
    trees: list[Expression], nodes: list[Node], kind: str, fits: Fits
) -> Pairs | None:
    """The order as written, unless another order fits better."""
    trees = _without_neutral(trees, len(nodes), kind, fits)
    if len(trees) != len(nodes):
        return None
    pairs = _pairwise(trees, nodes, fits)
    if pairs is not None and not _misses(pairs, fits):
        return pairs
    table = [[align(tree, node, fits) for node in nodes] for tree in trees]
    misses = [[_misses(pairs, fits) for pairs in row] for row in table]
    order = _best_order(misses)
    parts = [table[i][j] for i, j in enumerate(order)]
    if any(part is None for part in parts):
        return None
    return [pair for part in parts for pair in part or ()]


def _misses(pairs: Pairs | None, fits: Fits) -> float:
    return float("inf") if pairs is None else sum(not fits(*pair) for pair in pairs)


def _without_neutral(
    trees: list[Expression], count: int, kind: str, fits: Fits
) -> list[Expression]:
    """The parts without those that make no difference and were left out."""
    kept = list(trees)
    for tree in trees:
        if len(kept) <= count:
            break
        if isinstance(tree, (Ref, Apply)) and fits(tree, NEUTRAL[kind]):
            kept.remove(tree)
    return kept


def _best_order(misses: Sequence[Sequence[float]]) -> Sequence[int]:
    """For each part of a formula the number that stands for it: of few the best order, of many
    the first that fits for each."""
    count = len(misses)
    own = range(count)
    if not sum(misses[i][i] for i in own):
        return own
    if count <= MOST_PERMUTED:
        return min(permutations(own), key=lambda order: sum(misses[i][order[i]] for i in own))
    free = list(own)
    taken: dict[int, int] = {}
    for i in own:
        j = next((j for j in free if not misses[i][j]), None)
        if j is not None:
            taken[i] = j
            free.remove(j)
    rest = iter(free)
    return [taken[i] if i in taken else next(rest) for i in own]
