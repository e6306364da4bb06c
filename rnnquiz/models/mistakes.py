"""The wrong formulas that the rules of a catalogue make of the right ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import filterfalse

import numpy as np

from rnnquiz.algebra.expression import (
    Apply,
    Expression,
    Ref,
    applies,
    number,
    refs,
    substituted,
    walk,
)
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.rewrite import parse_rewrite, rewritten
from rnnquiz.algebra.shapes import Shape, ShapeError
from rnnquiz.algebra.specialise import Specialiser
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.models.misconceptions import Misconception, Mistaken
from rnnquiz.models.places import places
from rnnquiz.models.setting import Setting
from rnnquiz.models.transforms import call_of

# Two formulas that differ by less in all problems of the sample are the same formula, but for the
# rounding of binary numbers (1e-16 for each of a few hundred operations).
_SAME, _SAME_NEAR_ZERO = 1e-9, 1e-12


def mistakes_of(
    graph: Graph, rules: Iterable[Misconception], sample: Mapping[str, Array] | None = None
) -> Mapping[str, tuple[Mistaken, ...]]:
    """For each quantity, every wrong formula that a rule gives it, none for what is given; equal
    formulas of one rule once.

    `sample` are givens of a few problems to tell formulas apart by, (N, *shape): what makes no
    difference in them is no mistake.
    """
    return _Mistakes(graph, tuple(rules), arbitrary(graph) if sample is None else sample)


class _Mistakes(Mapping[str, tuple[Mistaken, ...]]):
    """Those of one quantity are worked out when they are first asked for: one sheet with one wrong
    box needs those of one quantity."""

    def __init__(
        self, graph: Graph, rules: tuple[Misconception, ...], sample: Mapping[str, Array]
    ) -> None:
        self._graph, self._rules, self._sample = graph, rules, sample
        self._made: dict[str, tuple[Mistaken, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Mistaken, ...]:
        if name not in self._made:
            self._made[name] = self._of(self._graph[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph.quantities)

    def __len__(self) -> int:
        return len(self._graph.quantities)

    def _of(self, q: Quantity) -> tuple[Mistaken, ...]:
        if q.formula is None:
            return ()
        biases, weights = self._parameter_kinds
        setting = Setting(q, self._graph, biases, weights, self._sample)
        return _made_in(setting, _right_forms(q, self._copies), self._rules, self._workings)

    @cached_property
    def _parameter_kinds(self) -> tuple[frozenset[str], frozenset[str]]:
        return _parameter_kinds(self._graph)

    @cached_property
    def _workings(self) -> _Workings:
        return _Workings(self._graph, evaluate(self._graph, self._sample))

    @cached_property
    def _copies(self) -> dict[str, Expression]:
        """The quantities that are another one's number, by their names."""
        found: dict[str, Expression] = {}
        for q in self._graph:
            if isinstance(q.formula, Ref):
                found[q.name] = q.formula
        return found


class _Workings:
    """What is worked out of formulas in a graph. Wrong and right ones have most of their parts in
    common, and each part is worked out once."""

    def __init__(self, graph: Graph, sample: Mapping[str, Array]) -> None:
        self.sample = sample
        self.specialiser = Specialiser({**graph.shapes, "_": ()})
        self._values: dict[Expression, Array] = {}

    def value(self, tree: Expression) -> Array:
        """Value in the sample."""
        return value_of(tree, self.sample, self._values)

    def specialised(self, raw: Expression, shape: Shape) -> Expression | None:
        """A formula for the shapes of the graph; None where it cannot have them, or has another
        shape itself."""
        try:
            new = self.specialiser.of(_plain_products(raw))
            fits = self.specialiser.shapes.of(new) == shape
        except (ShapeError, KeyError):
            return None
        if not fits:
            return None
        return new


def _made_in(
    setting: Setting,
    forms: tuple[Expression, ...],
    rules: Iterable[Misconception],
    workings: _Workings,
) -> tuple[Mistaken, ...]:
    """The wrong formulas of one quantity, from its right ones."""
    q = setting.q
    here = places(q, setting.graph)
    found: dict[tuple[str, Expression], Mistaken] = {}
    # Two rules with one formula are both kept: the number cannot say which of them it was.
    for rule in rules:
        if not here.isdisjoint(rule.where):
            for formula in _variants(setting, forms, rule, workings):
                found.setdefault((rule.id, formula), Mistaken(rule, q.name, formula))
    return tuple(found.values())


def _parameter_kinds(graph: Graph) -> tuple[frozenset[str], frozenset[str]]:
    """Parameters that are added somewhere in the forward pass, and those that multiply."""
    added = set(_added(graph))
    later = [one.parameters.values() for one in graph.passes]
    named = frozenset(graph.parameters).union(*later)
    # h[0] is no weight, learned or not.
    parameters = frozenset(filterfalse(_has_step, named))
    biases = parameters & added
    return biases, parameters - biases


def _has_step(name: str) -> bool:
    return "[" in name


def _added(graph: Graph) -> Iterator[str]:
    """Names that are terms of a sum of the forward pass."""
    for q in graph.computed:
        if q.role == Role.FORWARD and q.formula is not None:
            for node in walk(q.formula):
                if applies(node, "add"):
                    yield from _names_among(node.args)


def _variants(
    setting: Setting, forms: tuple[Expression, ...], rule: Misconception, workings: _Workings
) -> Iterator[Expression]:
    """The formulas that a rule makes of those of a quantity: of its shape, and wrong."""
    right = set(forms)
    for text in rule.rewrite:
        for form in forms:
            for raw in _applied(text, form, setting):
                new = workings.specialised(raw, setting.q.shape)
                # Without one the mistake cannot be made with these shapes.
                if new is not None and new not in right and _differs(new, forms[0], workings):
                    yield new


def _names_among(terms: Iterable[Expression]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, Ref):
            yield term.name


def _right_forms(q: Quantity, copies: Mapping[str, Expression]) -> tuple[Expression, ...]:
    """The formula of a quantity in its forms, and those with V for a dyhat/dh that is not asked."""
    assert q.formula is not None
    forms = (q.formula, *q.alternatives)
    written_out = [substituted(form, copies) for form in forms]
    return (*forms, *filterfalse(forms.__contains__, written_out))


def _differs(new: Expression, form: Expression, workings: _Workings) -> bool:
    """False where a formula has the value of the right one for all givens (a mean of squares over
    two steps is a sum of halves)."""
    # A wrong formula may divide by zero, or take the logarithm of less.
    with np.errstate(all="ignore"):
        value, right = workings.value(new), workings.value(form)
        # As np.allclose, which takes several times as long for so few numbers.
        near = np.abs(value - right) <= _SAME_NEAR_ZERO + _SAME * np.abs(right)
        same = near & np.isfinite(right) | (value == right)
        return not bool(same.all())


def arbitrary(graph: Graph) -> dict[str, Array]:
    """Givens of a few arbitrary problems."""
    # Between 0 and 1, where logarithms and cross-entropies have values, too; always the same ones,
    # as a bank must have the same mistakes each time.
    generator = np.random.default_rng(20)
    return {q.name: generator.uniform(0.1, 0.9, (3, *q.shape)) for q in graph.givens}


_KINDLESS = {
    **dict.fromkeys(("hadamard", "scale1", "scale2"), "mul"),
    **dict.fromkeys(("matvec", "vecmat", "matmat", "dot"), "matmul"),
    **dict.fromkeys(("total", "sum"), "sum"),
}


@lru_cache(maxsize=20_000)
def _plain_products(tree: Expression) -> Expression:
    """Products without their kind, so that specialising finds the kind again for changed
    factors."""
    if not isinstance(tree, Apply):
        return tree
    args = map(_plain_products, tree.args)
    op = _KINDLESS.get(tree.op, tree.op)
    return Apply(op, tuple(args))


def _applied(text: str, form: Expression, setting: Setting) -> Iterator[Expression]:
    """What a transform or a pattern makes of a formula; not yet specialised to shapes."""
    call = call_of(text)
    if call is not None:
        yield from call.applied(form, setting)
        return
    rewrite = parse_rewrite(text)
    made = rewritten(form, rewrite, setting.kinds())
    # Most templates do not count the steps, and need no walk through each tree.
    if "_steps" not in refs(rewrite.template):
        yield from made
        return
    steps = number(setting.graph.steps)
    for new in made:
        yield substituted(new, {"_steps": steps})
