"""The wrong formulas that the rules of a catalogue make of the right ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import filterfalse

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Ref, applies, number, substituted, walk
from rnnquiz.algebra.operations import shape_of, value_of
from rnnquiz.algebra.rewrite import parse_rewrite, rewritten
from rnnquiz.algebra.shapes import ShapeError
from rnnquiz.algebra.specialise import specialise
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.models.misconceptions import Misconception, Mistaken
from rnnquiz.models.places import places
from rnnquiz.models.setting import Setting
from rnnquiz.models.transforms import call_of

# Two formulas that differ by less in all problems of the sample are the same formula, but for the
# rounding of binary numbers (1e-16 for each of a few hundred operations).
_SAME, _SAME_NEAR_ZERO = 1e-9, 1e-12


def mistakes_of(
    graph: Graph, rules: Iterable[Misconception], sample: Mapping[str, Array] | None = None
) -> dict[str, tuple[Mistaken, ...]]:
    """For each computed quantity, every wrong formula that a rule gives it; equal formulas of one
    rule once.

    `sample` are givens of a few problems to tell formulas apart by, (N, *shape): what makes no
    difference in them is no mistake.
    """
    biases, weights = _parameter_kinds(graph)
    if sample is None:
        sample = arbitrary(graph)
    values = evaluate(graph, sample)
    rules = tuple(rules)
    copies: dict[str, Expression] = {}
    for q in graph:
        if isinstance(q.formula, Ref):
            copies[q.name] = q.formula
    found: dict[str, tuple[Mistaken, ...]] = {}
    for q in graph.computed:
        setting = Setting(q, graph, biases, weights, values)
        forms = _right_forms(q, copies)
        found[q.name] = _made_in(setting, forms, rules)
    return found


def _made_in(
    setting: Setting, forms: tuple[Expression, ...], rules: Iterable[Misconception]
) -> tuple[Mistaken, ...]:
    """The wrong formulas of one quantity, from its right ones."""
    q = setting.q
    here = places(q, setting.graph)
    value = value_of(forms[0], setting.sample)
    found: dict[tuple[str, Expression], Mistaken] = {}
    # Two rules with one formula are both kept: the number cannot say which of them it was.
    for rule in rules:
        if not here.isdisjoint(rule.where):
            for formula in _variants(setting, forms, value, rule):
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
        if q.role == "forward" and q.formula is not None:
            for node in walk(q.formula):
                if applies(node, "add"):
                    yield from _names_among(node.args)


def _variants(
    setting: Setting, forms: tuple[Expression, ...], value: Array, rule: Misconception
) -> Iterator[Expression]:
    """The formulas that a rule makes of those of a quantity: of its shape, and wrong. `value`: of
    the right ones in the sample."""
    right = set(forms)
    shapes = {**setting.graph.shapes, "_": ()}
    for text in rule.rewrite:
        for form in forms:
            for raw in _applied(text, form, setting):
                try:
                    new = specialise(_plain_products(raw), shapes)
                    fits = shape_of(new, shapes) == setting.q.shape
                except (ShapeError, KeyError):
                    continue  # the mistake cannot be made with these shapes
                if fits and new not in right and _differs(new, value, setting.sample):
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


def _differs(new: Expression, right: Array, sample: Mapping[str, Array]) -> bool:
    """False where a formula has the value of the right one for all givens (a mean of squares over
    two steps is a sum of halves)."""
    # A wrong formula may divide by zero, or take the logarithm of less.
    with np.errstate(all="ignore"):
        value = value_of(new, sample)
        return not np.allclose(value, right, rtol=_SAME, atol=_SAME_NEAR_ZERO)


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
    steps = number(setting.graph.steps)
    for new in rewritten(form, parse_rewrite(text), setting.kinds()):
        yield substituted(new, {"_steps": steps})
