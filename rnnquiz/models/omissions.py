"""Mistakes that leave a part of a formula out: a term, a factor, a function, a path in time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import filterfalse

from rnnquiz.algebra.expression import (
    ONE,
    Apply,
    Expression,
    Number,
    add,
    applies,
    bare_product,
    is_pair,
    neg,
    parts_by,
    refs,
    replace,
    substituted,
    walk,
)
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.models.setting import Setting

_PRODUCTS = ("mul", "hadamard", "scale1", "scale2")


def everywhere(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """All slopes, or all weights, left out of a sum of products at once."""
    if not applies(form, "add"):
        return
    goes = {"slope": setting.is_slope, "weight": setting.is_weight}[kind]

    def rule(node: Expression) -> Expression | None:
        if applies(node, "mul", "hadamard", "scale1", "matvec"):
            rest = list(filterfalse(goes, node.args))
            # Where nothing else is multiplied, nothing would be left to compute.
            if 0 < len(rest) < len(node.args):
                return bare_product(rest)
        return None

    yield from _changed(form, replace(form, rule))


def inside(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A state replaced by the sum that it is the activation of."""
    for name in refs(form):
        q = setting.quantity(name)
        if q is not None and q.role == Role.FORWARD and applies(q.formula, *FUNCTIONS):
            yield substituted(form, {name: q.formula.args[0]})


def keep_term(form: Expression, setting: Setting, which: str, _: int) -> Iterator[Expression]:
    """One term of a sum instead of the sum."""
    if which == "term":
        if applies(form, "add") and len(form.args) > 1:
            yield from form.args
        return
    match form:
        case Apply("mul", (Number() as share, sum_)):  # a mean over the steps
            for new in keep_term(sum_, setting, which, 0):
                yield Apply("mul", (share, new))
    if applies(form, "add"):
        yield from form.args[_KEPT[which]]


_KEPT = {"first": slice(1), "last": slice(-1, None), "middle": slice(1, -1)}


def drop_part(form: Expression, setting: Setting, which: str, _: int) -> Iterator[Expression]:
    """A sum without its first term or any one term, or a product without one of its factors."""
    if which == "factor":
        yield from _without_a_factor(form)
    # A sum of two without one of them is the other: that is `keep`.
    elif applies(form, "add") and not is_pair(form.args):
        count = len(form.args) if which == "term" else 1
        for k in range(count):
            yield add(*_without(form.args, k))


def _without_a_factor(form: Expression) -> Iterator[Expression]:
    if applies(form, "neg"):
        inner = form.args[0]
        yield from map(neg, _without_a_factor(inner))
    if applies(form, *_PRODUCTS):
        for k, factor in enumerate(form.args):
            # A number left out, such as the half of the loss, is a mistake with a rule of its own.
            if not isinstance(factor, Number):
                yield bare_product(_without(form.args, k))


def _without(parts: tuple[Expression, ...], k: int) -> tuple[Expression, ...]:
    return (*parts[:k], *parts[k + 1 :])


def skip_slope(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A reference to something that is a product with a slope, replaced by that product without the
    slope."""
    for name in refs(form):
        inner = setting.formula(name)
        if applies(inner, "mul", "hadamard", "scale1"):
            rest = list(filterfalse(setting.is_slope, inner.args))
            # A product of slopes alone becomes 1: as if the path were a mere copy.
            if len(rest) < len(inner.args):
                without = bare_product(rest or [ONE])
                yield substituted(form, {name: without})


def diagonal(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A matrix times a vector computed with the diagonal only (elementwise)."""
    products: list[Apply] = []
    for node in walk(form):
        if applies(node, "matvec"):
            products.append(node)
    # All of them at once, and each alone: a mistake is made throughout or in one place.
    for chosen in [products, *([product] for product in products)]:
        yield from _changed(form, _with_diagonals(form, chosen))


def _with_diagonals(form: Expression, products: list[Apply]) -> Expression:
    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Apply) and node in products:
            return Apply("diagonal", node.args)
        return None

    return replace(form, rule)


def _changed(form: Expression, new: Expression) -> Iterator[Expression]:
    """The new formula, where it is another one."""
    if new != form:
        yield new


def truncate(form: Expression, setting: Setting, kind: str, hops: int) -> Iterator[Expression]:
    """Paths through time followed for some hops only."""
    if applies(form, "add"):
        new = _cut(form, setting.q, setting, hops)
        if new is not None:
            yield from _changed(form, new)


def _cut(form: Expression, q: Quantity, setting: Setting, hops: int) -> Expression | None:
    """The formula of q with what it reads of other steps cut off after `hops`; None where nothing
    is left."""
    here = setting.seen_from(q)
    kept: list[Expression] = []
    for term in parts_by("add", form):
        # Earlier or later: gradients come from later steps.
        if hops == 0 and (here.reaches(term, -1) or here.reaches(term, 1)):
            continue
        cut = _cut_inside(term, q, setting, hops)
        if cut is not None:
            kept.append(cut)
    if kept:
        return add(*kept)
    return None


def _cut_inside(term: Expression, q: Quantity, setting: Setting, hops: int) -> Expression | None:
    """A term with the quantities of the recurrence that it reads written out, and cut off."""
    for name in refs(term):
        read = setting.graph[name]
        if read.role != Role.RECURRENCE or read.formula is None:
            continue
        is_hop = read.time != q.time
        inner = _cut(read.formula, read, setting, hops - is_hop)
        if inner is None:
            return None
        term = substituted(term, {name: inner})
    return term
