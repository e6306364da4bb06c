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
    """The formula, the numbers it was checked with, the accepted intervals, the verdict, and the mistakes that were tried."""
    bank, judged = marked.bank, marked.judged
    asked = {b.name: k for k, b in enumerate(bank.boxes)}
    row = marked.result(n, box, asked.get(box.name))
    q = bank.graph[box.quantity]
    assert q.formula is not None
    rounding = bank.rounding
    text = notated(TEXT, bank.notation)

    def number(value: float) -> str:
        return fixed(value, int(rounding.exponent(judged.exact[q.name][n].reshape(-1)[box.entry]) - DIGITS))

    out = [f"Box {box.name}: you wrote {row.typed!r}.", f"Rounding rule: {rounding.words()}"]
    for label, formula in zip(("Formula", *["or"] * len(q.alternatives)), (q.formula, *q.alternatives), strict=True):
        out.append(f"{label}: {symbol(q.name, text)} = {typeset(formula, text, symbol_leaf(text))}")
    out.append("Numbers it was checked with (each give or take the rounding of what was written):")
    for name in refs(q.formula):
        out.append(f"  {symbol(name, text)} = {_used(marked, n, name)}")
    at = (n, *_entry(q.shape, box.entry))
    local, wide = judged.local[q.name], judged.wide[q.name]
    out.append(f"From these numbers: {number(row.own)}; accepted from {number(float(local.low[at]))} to {number(float(local.high[at]))}.")
    out.append(
        f"Exact value: {number(row.exact)}; after an honest chain of rounding from {number(float(wide.low[at]))} "
        f"to {number(float(wide.high[at]))}."
        + (" This wider interval is not used here, as all numbers before it are right." if judged.complete_above[q.name][n] else
           " A number before it is missing or wrong: what lies in this interval is right by the key, and counts, too.")
    )
    out += _tolerance(marked, n, box)
    out.append(f"Verdict: {row.verdict}" + (f" ({row.reason})" if row.reason else "") + f"; {row.marks:.2f} of {row.of:.2f} marks.")
    if row.explanations:
        out += [f"  {e.id} {e.name}: {e.says}{f' [{e.detail}]' if e.detail else ''}" for e in row.explanations]
    tried = dict.fromkeys(f"{m.rule.id} {m.rule.name}" for m in diagnosis.mistaken[q.name])
    if row.verdict not in ("correct", "follow-through", "blank", "unreadable"):
        out.append("Tried: " + ", ".join([*tried, *(f"{slip.id} {slip.name}" for slip in SLIPS)]) + ".")
    return "\n".join(out)


def _tolerance(marked: Marked, n: int, box: Box) -> list[str]:
    """Which of the student's own numbers make the accepted interval as wide as it is."""
    q = marked.bank.graph[box.quantity]
    form = marked.judged.forms[q.name]
    at = _entry(q.shape, box.entry)
    shares = {source: abs(float(form.coefficients[(k, n, *at)])) for k, source in enumerate(form.sources)}
    spread, rest = sum(shares.values()), float(form.remainder[(n, *at)])
    unit = float(marked.bank.rounding.unit(marked.judged.exact[q.name][n])[at])
    own = (float(marked.judged.local[q.name].half_width[(n, *at)]) - spread - rest) / unit
    return [
        f"The interval reaches {spread / unit:.2f} units of the last place for the rounding of {len(shares)} numbers before it, "
        f"{own:.2f} for the rounding of this one, {rest / unit:.4f} for curvature."
    ]


def _used(marked: Marked, n: int, name: str) -> str:
    """The number of a quantity that a student went on with, and whose it is."""
    carried = marked.judged.carried[name].centre[n]
    flat = carried.reshape(-1).tolist()
    shown = f"{flat[0]:.10g}" if len(flat) == 1 else "[" + ", ".join(f"{v:.10g}" for v in flat) + "]"
    if marked.bank.graph[name].formula is None:
        return f"{shown} (given)"
    texts = [marked.answers.texts[n].get(box.name, "") for box in marked.bank.boxes_of(marked.bank.graph[name])]
    if any(text.strip() for text in texts):
        return f"{shown} (written)"
    return f"{shown} ({'computed on: nothing readable stands there' if name in marked.bank.asked else 'not asked; computed on'})"


def _entry(shape: tuple[int, ...], flat: int) -> tuple[int, ...]:
    index: list[int] = []
    for length in reversed(shape):
        index.append(flat % length)
        flat //= length
    return tuple(reversed(index))
