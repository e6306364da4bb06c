"""Method marks: the share, of what the right arithmetic would have earned, that is paid for the
right formula and the right numbers put in.

What it would have earned is found by marking the sheet once more with the results of its own lines.
So no page is paid more for showing less: what is paid grows with the marks of both sheets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.mark import mark
from rnnquiz.grade.marked import Marked
from rnnquiz.pages.reading import Reading

MethodResults = Mapping[str, str]  # of boxes whose lines show the method: what their numbers give


def method_share(bank: Bank, box: str) -> float:
    """The share that a bank pays for the method in a box."""
    written, role = bank.written, bank.graph[bank.every_box[box].quantity].role
    by_kind = {str(kind): of for kind, of in written.credit_by.items()}
    return by_kind.get(role, written.credit).method


def result_of(reading: Reading, box: str) -> str | None:
    """What the numbers put in for a box give, rounded as the sheet asks; None where its line does
    not show the method."""
    value = reading.methods.get(reading.claims[box].chain, {}).get(box)
    return None if value is None else reading.bank.rounding.format(value)


def with_method(marked: Marked, results: Mapping[int, MethodResults]) -> Marked:
    """The sheets with the pay for the method in their boxes, by sheet."""
    rows = np.array(sorted(n for n, boxes in results.items() if boxes), dtype=np.int64)
    if not len(rows):
        return marked
    credits, gains = marked.credits.copy(), _gains(marked, rows, results)
    names = [box.name for box in marked.bank.boxes]
    for n, gain in zip(rows.tolist(), gains, strict=True):
        columns = [names.index(box) for box in results[n] if box in names]
        weight = float(marked.weights[n, columns].sum())
        share = min(1.0, gain / weight) if weight > 0 else 0.0
        for k in columns:
            credits[n, k] = share * method_share(marked.bank, names[k])
    return replace(marked, credits=credits)


def _gains(
    marked: Marked, rows: NDArray[np.int64], results: Mapping[int, MethodResults]
) -> list[float]:
    """How many marks each sheet would have more by the right arithmetic."""
    bank, texts = marked.bank, marked.answers.texts
    givens = {q.name: marked.judged.exact[q.name][rows] for q in bank.graph.givens}
    worked_out = [{**texts[n], **results[n]} for n in rows.tolist()]
    better = mark(bank, givens, worked_out).totals
    plain = mark(bank, givens, [texts[n] for n in rows.tolist()]).totals
    return [max(0.0, float(gain)) for gain in better - plain]
