"""`rnnquiz explain`: how one box was judged, in words that can be read to a student who appeals."""

from __future__ import annotations

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.algebra.typeset import symbol, symbol_leaf, typeset
from rnnquiz.bank.specification import Box
from rnnquiz.decimals import fixed
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import Marked
from rnnquiz.grade.slips import SLIPS

DIGITS = 3  # beyond those asked, in the numbers of an explanation


def explain(marked: Marked, n: int, box: Box, diagnosis: Diagnosis) -> str:
    """The formula, the numbers it was checked with, the accepted intervals, the verdict, and the
    mistakes that were tried."""
    bank, judged = marked.bank, marked.judged
    asked = {b.name: k for k, b in enumerate(bank.boxes)}
    row = marked.result(n, box, asked.get(box.name))
    q = bank.graph[box.quantity]
    assert q.formula is not None
    rounding = bank.rounding
    text = notated(TEXT, bank.notation)

    def number(value: float) -> str:
        return fixed(
            value, int(rounding.exponent(judged.exact[q.name][n].reshape(-1)[box.entry]) - DIGITS)
        )

    out = [f"Box {box.name}: you wrote {row.typed!r}.", f"Rounding rule: {rounding.words()}"]
    for label, formula in zip(
        ("Formula", *["or"] * len(q.alternatives)), (q.formula, *q.alternatives), strict=True
    ):
        out.append(f"{label}: {symbol(q.name, text)} = {typeset(formula, text, symbol_leaf(text))}")
    out.append("Numbers it was checked with (each give or take the rounding of what was written):")
    for name in refs(q.formula):
        out.append(f"  {symbol(name, text)} = {_used(marked, n, box, name)}")
    out.append(
        f"From these numbers: {number(row.own)}; accepted from {number(row.low)} to"
        f" {number(row.high)}."
    )
    out.append(f"Exact value: {number(row.exact)}.")
    out += _tolerance(marked, n, box)
    out.append(
        f"Verdict: {row.verdict}"
        + (f" ({row.reason})" if row.reason else "")
        + f"; {row.marks:.2f} of {row.of:.2f} marks."
    )
    if row.explanations:
        out += [
            f"  {e.id} {e.name}: {e.says}{f' [{e.detail}]' if e.detail else ''}"
            for e in row.explanations
        ]
    tried = dict.fromkeys(f"{m.rule.id} {m.rule.name}" for m in diagnosis.mistaken[q.name])
    if row.verdict not in ("correct", "follow-through", "blank", "unreadable"):
        out.append(
            "Tried: " + ", ".join([*tried, *(f"{slip.id} {slip.name}" for slip in SLIPS)]) + "."
        )
    return "\n".join(out)


def _tolerance(marked: Marked, n: int, box: Box) -> list[str]:
    """Which of the student's own numbers make the accepted interval as wide as it is."""
    q = marked.bank.graph[box.quantity]
    form = marked.chain(n, box).forms[q.name]
    at = (n, *_entry(q.shape, box.entry))
    shares = {
        source: abs(float(form.coefficients[(k, *at)])) for k, source in enumerate(form.sources)
    }
    spread, rest = sum(shares.values()), float(form.remainder[at])
    unit = float(marked.bank.rounding.unit(marked.judged.exact[q.name][n])[at[1:]])
    own = (float(marked.judged.accepted[q.name].half_width[at]) - spread - rest) / unit
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
    texts = [
        marked.answers.texts[n].get(other.name, "")
        for other in marked.bank.boxes_of(marked.bank.graph[name])
    ]
    if not any(text.strip() for text in texts):
        asked = name in marked.bank.asked
        why = "computed on: nothing readable stands there" if asked else "not asked; computed on"
        return f"{shown} ({why})"
    if (marked.judged.own.carried[name].centre[n] != carried).any():
        return f"{shown} (computed on: what is written there is wrong)"
    return f"{shown} (written)"


def _text(values: object) -> str:
    """A number, or a vector or matrix row by row."""
    return f"[{', '.join(map(_text, values))}]" if isinstance(values, list) else f"{values:.10g}"


def _entry(shape: tuple[int, ...], flat: int) -> tuple[int, ...]:
    index: list[int] = []
    for length in reversed(shape):
        index.append(flat % length)
        flat //= length
    return tuple(reversed(index))
