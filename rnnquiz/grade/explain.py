"""`rnnquiz explain`: how one box was judged, in words that can be read to a student who appeals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.shown_symbols import symbol, symbol_leaf
from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.algebra.typeset import typeset
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import fixed
from rnnquiz.grade.answers import WRITTEN
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import BoxResult, Marked
from rnnquiz.grade.slips import SLIPS
from rnnquiz.grade.verdicts import COPIES, REMARKS, SEEN_ON_THE_SHEET
from rnnquiz.models.misconceptions import Misconception

DIGITS = 3  # beyond those asked, in the numbers of an explanation


def explained(marked: Marked, n: int, box: Box, diagnosis: Diagnosis) -> str:
    """The formula, the numbers it was checked with, the accepted intervals, the verdict, and the
    mistakes that were tried."""
    bank = marked.bank
    asked = {b.name: k for k, b in enumerate(bank.boxes)}
    # A box that is not asked has no place among them, and is judged all the same.
    row = marked.result(n, box, asked.get(box.name))
    lines = [
        f"Box {box.name}: you wrote {row.typed!r}.",
        f"Rounding rule: {bank.rounding.words()}",
        *_formulas(bank, box),
        "Numbers it was checked with (each give or take the rounding of what was written):",
    ]
    lines += [*_numbers(marked, n, box), *_accepted(marked, n, box, row)]
    lines += [*_tolerance(marked, n, box), *_verdict(row)]
    # A blank, and what cannot be read, are no numbers to compare; a right one is held against none.
    if row.verdict.has_number and not row.verdict.agrees:
        lines += _tried(marked, n, box, diagnosis)
    return "\n".join(lines)


def _formulas(bank: Bank, box: Box) -> Iterator[str]:
    """The formula of the quantity, and each other one that is as good."""
    q, text = bank.graph[box.quantity], notated(TEXT, bank.notation)
    assert q.formula is not None
    label = "Formula"
    for formula in (q.formula, *q.alternatives):
        yield f"{label}: {symbol(q.name, text)} = {typeset(formula, text, symbol_leaf(text))}"
        label = "or"


def _numbers(marked: Marked, n: int, box: Box) -> Iterator[str]:
    q, text = marked.bank.graph[box.quantity], notated(TEXT, marked.bank.notation)
    assert q.formula is not None
    for name in refs(q.formula):
        yield f"  {symbol(name, text)} = {_used(marked, n, box, name)}"


def _accepted(marked: Marked, n: int, box: Box, row: BoxResult) -> Iterator[str]:
    """What the numbers give, from where to where a number is taken, and the exact value."""
    exact = box.of(marked.judged.exact[box.quantity])[n]
    last = int(marked.bank.rounding.exponent(exact) - DIGITS)
    own, low, high = (fixed(value, last) for value in (row.own, row.low, row.high))
    yield f"From these numbers: {own}; accepted from {low} to {high}."
    yield f"Exact value: {fixed(row.exact, last)}."


def _verdict(row: BoxResult) -> Iterator[str]:
    reason = f" ({row.reason})" if row.reason else ""
    yield f"Verdict: {row.verdict}{reason}; {row.marks:.2f} of {row.of:.2f} marks."
    for given in row.explanations:
        detail = f" [{given.detail}]" if given.detail else ""
        yield f"  {given.id} {given.name}: {given.says}{detail}"


def _tried(marked: Marked, n: int, box: Box, diagnosis: Diagnosis) -> Iterator[str]:
    """All that a number was held against: mistakes in its own step, those made unseen in a step
    before it, slips and ways of writing; and what the whole sheet was looked at for."""
    if own := _listed(_rules_of([box.quantity], diagnosis)):
        yield f"Tried: {own}."
    before = sorted(marked.bank.graph.ancestors[box.quantity] & _nothing_written(marked, n))
    if unseen := _listed(_rules_of(before, diagnosis)):
        yield f"Tried in steps before it for which nothing is written: {unseen}."
    slips: list[_Cause] = [*SLIPS, *COPIES, *REMARKS.values()]
    yield f"Tried as slips: {_listed(sorted(slips, key=_number))}."
    yield f"Tried on the whole sheet: {_listed(SEEN_ON_THE_SHEET)}."


class _Cause(Protocol):
    """A mistake, a slip, or what is said of a sheet."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def _listed(causes: Iterable[_Cause]) -> str:
    each = (f"{cause.id} {cause.name}" for cause in causes)
    return ", ".join(dict.fromkeys(each))


def _rules_of(quantities: Iterable[str], diagnosis: Diagnosis) -> Iterator[Misconception]:
    for name in quantities:
        for mistaken in diagnosis.mistaken[name]:
            yield mistaken.rule


def _nothing_written(marked: Marked, n: int) -> frozenset[str]:
    """Quantities of which a student left out a box, or was asked none."""
    state = marked.answers.state
    return frozenset(name for name, written in state.items() if (written[n] != WRITTEN).any())


def _number(slip: _Cause) -> int:
    return int(slip.id[1:])


def _tolerance(marked: Marked, n: int, box: Box) -> list[str]:
    """Which of the student's own numbers make the accepted interval as wide as it is."""
    q = marked.bank.graph[box.quantity]
    form = marked.chain(n, box).forms[q.name]
    at = (n, *box.index)
    shares = {}
    for k, source in enumerate(form.sources):
        share = float(form.coefficients[(k, *at)])
        shares[source] = abs(share)
    spread = sum(shares.values())
    # The form is a straight line through the numbers; the remainder bounds what that leaves out.
    rest = float(form.remainder[at])
    units = marked.bank.rounding.unit(marked.judged.exact[q.name][n])
    unit = float(units[box.index])
    half_width = float(marked.judged.accepted[q.name].half_width[at])
    own = (half_width - spread - rest) / unit
    return [
        f"The interval reaches {spread / unit:.2f} units of the last place for the rounding of"
        f" {len(shares)} numbers before it, {own:.2f} for the rounding of this one,"
        f" {rest / unit:.4f} for curvature."
    ]


def _used(marked: Marked, n: int, box: Box, name: str) -> str:
    """The number of a quantity that a box was checked with, and whose it is."""
    carried = marked.chain(n, box).carried[name].centre[n]
    shown = _text(carried.tolist())
    if marked.bank.graph[name].formula is None:
        return f"{shown} (given)"
    written = marked.answers.texts[n]
    boxes = marked.bank.boxes_of(marked.bank.graph[name])
    texts = [written.get(other.name, "") for other in boxes]
    if not any(text.strip() for text in texts):
        asked = name in marked.bank.asked
        why = "computed on: nothing readable stands there" if asked else "not asked; computed on"
        return f"{shown} ({why})"
    if (marked.judged.own.carried[name].centre[n] != carried).any():
        return f"{shown} (computed on: what is written there is wrong)"
    return f"{shown} (written)"


def _text(values: object) -> str:
    """A number, or a vector or matrix row by row."""
    if isinstance(values, list):
        return f"[{', '.join(map(_text, values))}]"
    return f"{values:.10g}"
