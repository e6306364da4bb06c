"""Mistakes that read another name: another weight, another gate, the state of another step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from rnnquiz.algebra.expression import Expression, Ref, refs, substituted
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.models.places import is_gate
from rnnquiz.models.setting import Setting


def other(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A parameter, gate or layer replaced by another one of its kind and shape."""
    for name in refs(form):
        family = _family(kind, name, setting)
        if name in family:
            # Sorted: a set has another order in each process, and so would the list of mistakes.
            for another in sorted(family - {name}):
                yield _renamed(form, name, another)


def swap(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """Two parameters or gates of one kind exchanged."""
    present: list[str] = []
    for name in refs(form):
        if name in _family(kind, name, setting):
            present.append(name)
    # Each pair once: exchanged the other way round they give the same formula.
    for first, second in combinations(present, 2):
        exchanged = {first: Ref(second), second: Ref(first)}
        yield substituted(form, exchanged)


def read_updated(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A parameter replaced by its value after the update."""
    for name in refs(form):
        new = in_pass(f"{name}_new", setting.q.symbol.number)
        if name in setting.of_kind(kind) and setting.quantity(new) is not None:
            yield _renamed(form, name, new)


def shift(form: Expression, setting: Setting, kind: str, by: int) -> Iterator[Expression]:
    """References of a kind moved by some steps in time, one quantity at a time."""
    for name in refs(form):
        q = setting.quantity(name)
        if q is not None and _shifts(kind, q, setting):
            later = _later(q, by)
            # Before the first step and behind the last there is nothing to read.
            if setting.quantity(later) is not None:
                yield _renamed(form, name, later)


def initial(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """The previous state replaced by the initial one."""
    for name in refs(form):
        if setting.formula(name) is not None and setting.reaches(Ref(name), -1):
            first = f"{name.partition('[')[0]}[0]"
            if setting.quantity(first) is not None:
                yield _renamed(form, name, first)


def family(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """All weights of a sum taken from another family: W_f, W_i, W_o for U_f, U_i, U_o."""
    letters: dict[str, list[str]] = {}
    for name in setting.weights:
        letter, line, _rest = name.partition("_")
        if line:
            letters.setdefault(letter, []).append(name)
    indexed = set(chain.from_iterable(letters.values()))
    names = list(filter(indexed.__contains__, refs(form)))
    # One weight from another family is another weight: that is `other`.
    if len(names) <= 1:
        return
    indices = [name.partition("_")[2] for name in names]
    for letter in sorted(letters):
        others = [f"{letter}_{index}" for index in indices]
        if setting.weights.issuperset(others) and set(others) != set(names):
            new = dict(zip(names, map(Ref, others), strict=True))
            yield substituted(form, new)


def _renamed(form: Expression, old: str, new: str) -> Expression:
    return substituted(form, {old: Ref(new)})


def _family(kind: str, name: str, setting: Setting) -> frozenset[str]:
    """What a name is mixed up with: parameters of its kind; gates of the same step; the same letter
    of another layer."""
    if kind in ("bias", "weight"):
        return setting.of_kind(kind)
    q = setting.quantity(name)
    if q is None or not isinstance(q.symbol, Variable) or q.symbol.mark:
        return frozenset()
    if kind == "gate":
        return _gates(q, setting)
    return _layers(q.symbol, setting)


def _gates(q: Quantity, setting: Setting) -> frozenset[str]:
    """The gates of the step and the pass of q."""
    here = q.time, q.symbol.number
    found = set()
    for gate in filter(is_gate, setting.graph):
        if (gate.time, gate.symbol.number) == here:
            found.add(gate.name)
    return frozenset(found)


def _layers(own: Variable, setting: Setting) -> frozenset[str]:
    """The same letter in each layer (h_1, h_2), at the same time and in the same pass."""
    here = _letter(own), own.time, own.number
    found = set()
    for q in setting.graph.computed:
        symbol = q.symbol
        if q.role != Role.FORWARD or not isinstance(symbol, Variable) or symbol.mark:
            continue
        # A letter without an index is that of a network with one layer.
        if "_" in symbol.base and (_letter(symbol), symbol.time, symbol.number) == here:
            found.add(q.name)
    return frozenset(found)


def _letter(symbol: Variable) -> str:
    return symbol.base.partition("_")[0]


def _shifts(kind: str, q: Quantity, setting: Setting) -> bool:
    """True for a quantity of the kind that is moved in time."""
    if kind == "slope":
        return setting.is_slope(Ref(q.name))
    symbol = q.symbol
    if kind == "input":
        if q.formula is not None or q.time is None:
            return False
        return not setting.moves(q.name)
    if kind == "gradient":
        if q.role not in (Role.RECURRENCE, Role.LOCAL) or not isinstance(symbol, Derivative):
            return False
        return str(symbol.of) == "L"
    if not isinstance(symbol, Variable) or symbol.mark:
        return False
    return q.role in (Role.FORWARD, Role.GIVEN) and setting.moves(q.name)


def _later(q: Quantity, by: int) -> str:
    """The name of the same quantity `by` steps later."""
    symbol = q.symbol
    if isinstance(symbol, Variable):
        return str(_moved(symbol, by))
    at = None if symbol.at is None else symbol.at + by
    of, of_what = _moved(symbol.of, by), _moved(symbol.by, by)
    return str(Derivative(of, of_what, symbol.direct, at, symbol.number))


def _moved(symbol: Variable, by: int) -> Variable:
    if symbol.time is None:
        return symbol
    return Variable(symbol.base, symbol.time + by, symbol.mark, symbol.number)
