"""A formula part by part beside the numbers that were put in for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, filterfalse, permutations

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_numeric, is_value

PRODUCTS = frozenset(
    {"mul", "hadamard", "scale1", "scale2", "matvec", "vecmat", "matmat", "dot", "outer"}
)
WRITTEN_PRODUCTS = ("mul", "odot", "matmul", "outer")
MOST_PERMUTED = 4  # 24 orders; of five there are 120, for each member and each quantity it may be
# As if to twelve places: a number that is only near nought or one is neither.
_NOUGHT = Num("0", 0.0, -12)
_ONE = Num("1", 1.0, -12)
NEUTRAL = {"add": _NOUGHT, "mul": _ONE}
Fits = Callable[[Expression, Node], bool]
Pairs = list[tuple[Expression, Node]]


def align(tree: Expression, node: Node, fits: Fits) -> Pairs | None:
    """Parts of a formula beside the numbers that were put in for them; None where it is of another
    form."""
    if is_value(node):
        return [(tree, node)]
    if isinstance(tree, (Ref, Number)) or not isinstance(node, Op):
        if is_numeric(node):
            return [(tree, node)]
        return None
    assert isinstance(tree, Apply)
    if node.op == "neg":
        inner = node.args[0]
        if tree.op == "neg":
            return align(tree.args[0], inner, fits)
        return _with_sign_within(tree, inner, fits)
    if tree.op == "neg":
        return None
    return _same_operation(tree, node, fits)


def _same_operation(tree: Apply, node: Op, fits: Fits) -> Pairs | None:
    """Both sides without a sign in front; None where they are different operations."""
    if node.op in WRITTEN_PRODUCTS:
        if tree.op not in PRODUCTS:
            return None
        # One sign stands for several products on a page: which factor a number is, its value tells.
        factors, numbers = _factors(tree), _written_factors(node)
        return _in_some_order(factors, numbers, "mul", fits)
    if node.op != tree.op:
        return None
    trees, nodes = list(tree.args), list(node.args)
    if node.op == "add":
        return _in_some_order(trees, nodes, "add", fits)
    if node.op == "pow" and (within := _without_sign(tree, node, fits)) is not None:
        return within
    if len(trees) == len(nodes):
        return _pairwise(trees, nodes, fits)
    return None


def _with_sign_within(tree: Expression, node: Node, fits: Fits) -> Pairs | None:
    """0.3 - 0.2 * 0.4 for a sum in which the sign is that of one of the factors."""
    best: Pairs | None = None
    for signed in _signed_at_one(_written_factors(node)):
        pairs = align(tree, signed, fits)
        # The first of several that fit as well stays.
        if pairs is not None and _misses(pairs, fits) < _misses(best, fits):
            best = pairs
    return best


def _signed_at_one(factors: Sequence[Node]) -> Iterator[Op]:
    """The product with its sign at each number in turn; nothing of a single factor, which would be
    what it came from."""
    if len(factors) < 2:
        return
    for k, factor in enumerate(factors):
        if isinstance(factor, Num):
            signed = list(factors)
            signed[k] = Op("neg", (factor,))
            yield Op("mul", tuple(signed))


def _without_sign(tree: Apply, node: Op, fits: Fits) -> Pairs | None:
    """0.2^2 for (-0.2)^2 and (b - a)^2 for (a - b)^2: a square gives no sign away; None where the
    numbers fit as they stand."""
    base, exponent = node.args
    if not isinstance(exponent, Num) or exponent.value % 2:
        return None
    of_base, of_exponent = tree.args
    stands = align(of_base, base, fits)
    turned = align(of_base, _turned(base), fits)
    if turned is None or not _misses(stands, fits) or _misses(turned, fits):
        return None
    return [*turned, (of_exponent, exponent)]


def _turned(node: Node) -> Node:
    """The same with the other sign, term by term."""
    if isinstance(node, Op) and node.op == "add":
        terms = map(_turned, node.args)
        return Op("add", tuple(terms))
    if isinstance(node, Op) and node.op == "neg":
        return node.args[0]
    return Op("neg", (node,))


def _factors(tree: Expression) -> list[Expression]:
    """Factors of a product, or the tree alone; that a matrix is turned is seen in its numbers."""
    if isinstance(tree, Apply) and tree.op in PRODUCTS:
        of_each = map(_factors, tree.args)
        return list(chain.from_iterable(of_each))
    if isinstance(tree, Apply) and tree.op == "transpose":
        return _factors(tree.args[0])
    return [tree]


def _written_factors(node: Node) -> list[Node]:
    if isinstance(node, Op) and node.op in WRITTEN_PRODUCTS:
        of_each = map(_written_factors, node.args)
        return list(chain.from_iterable(of_each))
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
    # Every part beside every number, once: the orders only look it up.
    table = [[align(tree, node, fits) for node in nodes] for tree in trees]
    misses = [[_misses(pairs, fits) for pairs in row] for row in table]
    found: Pairs = []
    for row, place in zip(table, _best_order(misses), strict=True):
        part = row[place]
        if part is None:
            return None
        found += part
    return found


def _misses(pairs: Pairs | None, fits: Fits) -> float:
    """How many parts do not fit; of no pairs at all, more than any others have."""
    if pairs is None:
        return float("inf")
    return sum(not fits(tree, node) for tree, node in pairs)


def _without_neutral(
    trees: list[Expression], count: int, kind: str, fits: Fits
) -> list[Expression]:
    """The parts without those that make no difference and were left out."""
    kept = list(trees)
    for tree in trees:
        if len(kept) <= count:
            break
        # A number of the formula itself is not left out.
        if isinstance(tree, (Ref, Apply)) and fits(tree, NEUTRAL[kind]):
            kept.remove(tree)
    return kept


def _best_order(misses: Sequence[Sequence[float]]) -> Sequence[int]:
    """For each part of a formula the number that stands for it: of few the best order, of many
    the first that fits for each."""
    own = range(len(misses))

    def cost(order: Sequence[int]) -> float:
        return sum(row[place] for row, place in zip(misses, order, strict=True))

    if not cost(own):
        return own
    if len(own) <= MOST_PERMUTED:
        # Of several as good it takes the first, which leaves the first numbers in their places.
        return min(permutations(own), key=cost)
    return _first_fitting(misses)


def _first_fitting(misses: Sequence[Sequence[float]]) -> list[int]:
    """To each part the first free number that fits; to the others what is left, in order."""
    own = range(len(misses))
    free = list(own)
    taken: dict[int, int] = {}
    for i, row in enumerate(misses):
        for j in free:
            if not row[j]:
                taken[i] = j
                free.remove(j)
                break
    open_parts = filterfalse(taken.__contains__, own)
    taken.update(zip(open_parts, free, strict=True))
    return [taken[i] for i in own]
