"""Method marks: the share, of what the right arithmetic would have earned, that is paid for the
right formula and the right numbers put in.

What it would have earned is found by marking the sheet once more with the results of its own lines.
So no page is paid more for showing less: what is paid grows with the marks of both sheets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.mark import mark
from rnnquiz.grade.marked import Marked
from rnnquiz.pages.reading import Reading

MethodResults = Mapping[str, str]  # of boxes whose lines show the method: what their numbers give


def method_share(bank: Bank, box: str) -> float:
    """The share that a bank pays for the method in a box."""
    written = bank.written
    quantity = bank.every_box[box].quantity
    by_kind = {str(kind): of for kind, of in written.credit_by.items()}
    credit = by_kind.get(bank.graph[quantity].role, written.credit)
    return credit.method


def result_of(reading: Reading, box: str) -> str | None:
    """What the numbers put in for a box give, rounded as the sheet asks; None where its line does
    not show the method."""
    chain = reading.claims[box].chain
    of_line = reading.methods.get(chain, {})
    value = of_line.get(box)
    if value is None:
        return None
    return reading.bank.rounding.format(value)


def with_method(marked: Marked, results: Mapping[int, MethodResults]) -> Marked:
    """The sheets with the pay for the method in their boxes, by sheet."""
    rows = sorted(filter(results.get, results))
    if not rows:
        return marked
    credits, gains = marked.credits.copy(), _gains(marked, rows, results)
    columns = {box.name: k for k, box in enumerate(marked.bank.boxes)}
    for n, gain in zip(rows, gains, strict=True):
        paid = list(filter(columns.__contains__, results[n]))
        places = [columns[box] for box in paid]
        weight = marked.weights[n, places].sum()
        share = 0.0
        # Boxes without weight earn nothing by any method.
        if weight > 0:
            share = min(1.0, gain / float(weight))
        for box, place in zip(paid, places, strict=True):
            credits[n, place] = share * method_share(marked.bank, box)
    return replace(marked, credits=credits)


def _gains(
    marked: Marked, rows: Sequence[int], results: Mapping[int, MethodResults]
) -> list[float]:
    """How many marks each sheet would have more by the right arithmetic."""
    bank = marked.bank
    exact = marked.judged.exact
    givens = {q.name: exact[q.name][rows] for q in bank.graph.givens}
    written = [marked.answers.texts[n] for n in rows]
    worked_out = [{**texts, **results[n]} for n, texts in zip(rows, written, strict=True)]
    # Marked in one way, so that what else the sheets earn cancels out.
    better = mark(bank, givens, worked_out).totals
    plain = mark(bank, givens, written).totals
    gains = np.maximum(0.0, better - plain)
    return [float(gain) for gain in gains]
