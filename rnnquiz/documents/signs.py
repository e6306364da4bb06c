"""What signs stand for that not everybody knows, said where they are: of a sheet, of a key, of the
lines of a practice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TypeGuard

from rnnquiz.algebra.expression import Apply, Expression, Ref, applies, refs, walk
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.ones import ONES, has_ones
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.algebra.sum_entries import ENTRIES, of_entries
from rnnquiz.algebra.symbols import Derivative, QuantitySymbol, Variable, parse_symbol
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Quantity
from rnnquiz.documents.mathematics import Formula, Symbol
from rnnquiz.documents.parts import equations_of, shown_formula
from rnnquiz.languages.sentences import Message, said

_U = Ref("u")


@dataclass(frozen=True)
class Seen:
    """What a document shows of a bank: names of quantities, and formulas. `boxes`: what it has
    boxes for, with the names of these."""

    bank: Bank
    named: tuple[str, ...]
    formulas: tuple[Expression, ...]
    boxes: tuple[str, ...] = ()

    @classmethod
    def on_sheet(cls, bank: Bank) -> Seen:
        """What is asked, what is known already, the equations; a derivation where there is one."""
        named, lines = (*bank.asked, *bank.task.shown), list[Quantity]()
        if bank.task.kind.shows_derivation:
            lines += bank.full.computed
        return replace(cls._with_equations(bank, named, lines), boxes=bank.asked)

    @classmethod
    def in_key(cls, bank: Bank) -> Seen:
        """The worked lines, and the equations; a derivation where there is one."""
        lines: Iterable[Quantity] = bank.displayed.computed
        if bank.task.kind.shows_derivation:
            lines = bank.full.computed
        return cls._with_equations(bank, (), tuple(lines))

    @classmethod
    def in_lines(cls, bank: Bank, names: Iterable[str]) -> Seen:
        """Some lines alone."""
        lines = [bank.full[name] for name in names]
        asked = tuple(q.name for q in lines)
        return cls(bank, asked, tuple(_formulas(bank, lines)))

    @classmethod
    def _with_equations(
        cls, bank: Bank, named: Collection[str], lines: Collection[Quantity]
    ) -> Seen:
        equations = (right.tree for _, right in equations_of(bank))
        names = (*named, *(q.name for q in lines))
        return cls(bank, names, (*equations, *_formulas(bank, lines)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names, those in formulas too, in the order of the bank's quantities."""
        read = chain.from_iterable(map(refs, self.formulas))
        known = {*self.named, *read}
        return tuple(filter(known.__contains__, self.bank.full.quantities))

    @cached_property
    def derivatives(self) -> tuple[Derivative, ...]:
        """The derivatives among the names that a page shows."""
        symbols = map(parse_symbol, self.names)
        return tuple(filter(_is_derivative, symbols))

    @cached_property
    def operations(self) -> dict[str, None]:
        """The operations in formulas, in the order of reading."""
        laid_out = map(self.bank.notation.laid_out, self.formulas)
        return dict.fromkeys(chain.from_iterable(map(_operations, laid_out)))

    def signs(self) -> Iterator[Message]:
        """A sentence for each sign."""
        yield from self._slopes()
        yield from self._direct()
        yield from self._deltas()
        yield from self._shares()
        yield from self._functions()
        yield from self._of_vectors()

    def _slopes(self) -> Iterator[Message]:
        slopes = list(filter(_is_slope, map(parse_symbol, self.names)))
        if not slopes:
            return
        first, now = slopes[0], step_of(self.bank, slopes[0].time)
        slope = Symbol(str(first), now, first.number)
        # One state can be called by its name; of several none stands for the others.
        if len({one.base for one in slopes}) == 1:
            state = Symbol(str(replace(first, mark="")), now, first.number)
            yield said(
                "{slope} is the derivative of {state} by the argument of its activation.",
                slope=slope,
                state=state,
            )
        else:
            yield said(
                "A prime, as in {slope}, marks the derivative of a value by the argument of its"
                " activation.",
                slope=slope,
            )

    def _direct(self) -> Iterator[Message]:
        direct = next(filter(attrgetter("direct"), self.derivatives), None)
        # A notation may have no sign for it.
        if direct is not None and self.bank.notation.direct:
            yield said(
                "A plus, as in {derivative}, marks the direct part of a derivative: the states"
                " before are held fixed.",
                derivative=Symbol(str(direct)),
            )

    def _deltas(self) -> Iterator[Message]:
        delta = next(filter(self.bank.notation.is_delta, self.derivatives), None)
        if delta is not None:
            now = step_of(self.bank, delta.by.time)
            state = replace(delta.by, number=delta.number)
            yield said(
                "{delta} is the derivative of the loss by {state}.",
                delta=Symbol(str(delta), now, delta.number),
                state=Symbol(str(state), now, delta.number),
            )

    def _shares(self) -> Iterator[Message]:
        """What a step contributes to a gradient: the first that there is, in the order of steps."""
        notation, told = self.bank.notation, set[bool]()
        for share in self.derivatives:
            if share.at is None:
                continue
            step, alone = notation.shown_step(share.at), notation.part_of(share) is None
            # All of a gradient has the sign of its step in the name of a box only.
            if alone in told or (alone and str(share) not in self.boxes):
                continue
            told.add(alone)
            if alone:
                yield _all_of_it(step)
                continue
            yield said(
                "{part} is what step {number} contributes to {gradient}.",
                part=Symbol(str(share)),
                number=step,
                gradient=Symbol(str(replace(share, at=None))),
            )

    def _functions(self) -> Iterator[Message]:
        for op in self.operations:
            function = Formula(Apply(op, (_U,)))
            if meant := _meant(op):
                formula = Formula(parse_expression(meant))
                yield said("{function} stands for {formula}.", function=function, formula=formula)
            # These two are no formula of their argument: one has cases, one looks at all entries.
            elif op == "step":
                yield said("{function} is 1 above 0, and 0 elsewhere.", function=function)
            elif op == "softmax":
                yield said(
                    "{function} is the exponential of each entry, divided by the sum of all of"
                    " them.",
                    function=function,
                )

    def _of_vectors(self) -> Iterator[Message]:
        """What is entry by entry, in the formulas of vectors."""
        circled, raised = "hadamard" in self.operations, self._raises_a_vector
        if circled and raised:
            yield said(
                "A product with a circled dot and a power of a vector are taken entry by entry."
            )
        elif circled:
            yield said("A product with a circled dot is taken entry by entry.")
        elif raised:
            yield said("A power of a vector is taken entry by entry.")
        if "over" in self.operations:
            yield said("A quotient with a circled stroke is taken entry by entry.")
        if any(map(has_ones, self.formulas)):
            yield said("Each entry of {ones} is 1.", ones=Formula(ONES))

    @property
    def _raises_a_vector(self) -> bool:
        shapes = self.bank.full.shapes
        for part in chain.from_iterable(map(walk, self.formulas)):
            if applies(part, "pow") and any(shapes.get(name) for name in refs(part)):
                return True
        return False


def step_of(bank: Bank, time: int | None) -> int | None:
    """The step that is shown as t, where equations are those of a step."""
    if bank.has_t:
        return time
    return None


def _is_derivative(symbol: QuantitySymbol) -> TypeGuard[Derivative]:
    return isinstance(symbol, Derivative)


def _is_slope(symbol: QuantitySymbol) -> TypeGuard[Variable]:
    return isinstance(symbol, Variable) and symbol.mark == "'"


def _operations(tree: Expression) -> Iterator[str]:
    """The operations that are written: a sum over entries has products of numbers."""
    if isinstance(tree, Apply):
        yield tree.op
        inside = None
        if tree.op in ENTRIES:
            inside = of_entries(tree.args[0])
        if inside is not None:
            yield from _operations(inside)
        else:
            yield from chain.from_iterable(map(_operations, tree.args))


def _meant(op: str) -> str:
    """What a function stands for, where not everybody knows its name."""
    row = FUNCTIONS.get(op)
    return row.meant if row else ""


def _formulas(bank: Bank, lines: Iterable[Quantity]) -> Iterator[Expression]:
    for q in lines:
        if q.formula is not None:
            yield shown_formula(bank, q.formula)


def _all_of_it(step: int | None) -> Message:
    """Of a gradient whose box has a step in its name, and whose symbol has none."""
    return said(
        "{sign} in the name of a box says that all of the gradient comes from step {number}.",
        sign=f"@{step}",
        number=step,
    )


__all__ = ["Seen", "step_of"]
