"""What a bank gives: how many variants are good, how evenly hard they are, which mistakes their numbers cannot show."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnquiz.bank.soundness import blamed_on
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import draws, givens_of, keyed
from rnnquiz.certify import REASONS, Certifier, confusable, refused_by
from rnnquiz.draft import Draft, difficulty

STREAM = b"rnnquiz stress"
CHUNK = 2000


@dataclass
class StressReport:
    """The outcome; `confusable` maps a mistake and quantity to the share of draws in which they cannot be told apart."""

    bank: Bank
    drawn: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    confusable: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    difficulty: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "bank": self.bank.written.id, "boxes": len(self.bank.boxes), "warning": self.bank.warning,
            "fixed": self.bank.fixed, "drawn": self.drawn,
            "accepted": self.accepted, "refused": dict(self.reasons),
            "confusable": [
                {"id": i, "name": n, "box": q, "share": c / max(self.drawn, 1)} for (i, n, q), c in self.confusable.most_common()
            ],
            "difficulty": self.spread(), "seconds": self.seconds,
        }  # fmt: skip

    def spread(self) -> dict[str, float]:
        """Difficulty of the accepted variants: smallest, median and largest."""
        values = self.difficulty or [0.0]
        return {"smallest": float(min(values)), "median": float(np.median(values)), "largest": float(max(values))}

    def text(self) -> str:
        written = self.bank.written
        out = [
            f"{self.bank.source}: sound. {written.title!r}, {self.bank.graph.steps} steps, {len(self.bank.boxes)} boxes, "
            f"{sum(self.bank.marks.values()):g} marks, {self.bank.rounding.digits} {self.bank.rounding.kind}, style {written.style}."
        ]
        if self.bank.warning:
            out.append(self.bank.warning)
        if self.bank.fixed:
            out.append("The numbers are fixed. " + ("Draws are all the same." if self.drawn > 1 else ""))
        if self.drawn:
            share = self.accepted / self.drawn
            out.append(f"{self.accepted} of {self.drawn} draws are good ({share:.1%}).")
            out += [f"  refused {count}: {reason}" for reason, count in self.reasons.most_common() if count]
        if self.confusable:
            out.append("Mistakes that the numbers drawn cannot tell from the right answer (share of draws):")
            rows = self.confusable.most_common(60 if self.bank.fixed else 15)
            out += [f"  {count / self.drawn:6.1%}  {i} {name}, at {box}" for (i, name, box), count in rows]
        if self.difficulty:
            smallest, median, largest = self.spread().values()
            out.append(f"Difficulty (negative numbers on a sheet): {smallest:g} to {largest:g}, median {median:g}.")
        if self.seconds:
            slowest = max(self.seconds, key=lambda k: self.seconds[k])
            out.append(f"Slowest part: {slowest} ({self.seconds[slowest]:.2f} s of {sum(self.seconds.values()):.2f} s).")
        return "\n".join(out)


def report_of(bank: Bank, draws_wanted: int) -> StressReport:
    """Draw and certify; a bank with fixed numbers is looked at once, whatever is wanted, unless it is no work for a hand."""
    with blamed_on(bank):
        return _report(bank, draws_wanted)


def _report(bank: Bank, draws_wanted: int) -> StressReport:
    report = StressReport(bank)
    wanted = min(1, draws_wanted or not bank.warning) if bank.fixed else draws_wanted
    certifier = Certifier(bank) if wanted else None
    for start in range(0, wanted, CHUNK):
        assert certifier is not None
        count = min(CHUNK, wanted - start)
        seeds = [keyed(STREAM, "stress", start + i) for i in range(count)]
        clock = time.perf_counter()
        givens = givens_of(bank, draws(bank, seeds, [0] * count))
        report.seconds["drawing"] = report.seconds.get("drawing", 0.0) + time.perf_counter() - clock
        with np.errstate(all="ignore"):
            _look(certifier.draft(givens), report)
    return report


def _look(draft: Draft, report: StressReport) -> None:
    """Every test over every draw: a draw counts under the first reason, a mistake under every draw that hides it."""
    open_ = np.ones(draft.count, dtype=bool)
    for reason in REASONS:
        clock = time.perf_counter()
        bad = refused_by(reason, draft)
        report.seconds[reason] = report.seconds.get(reason, 0.0) + time.perf_counter() - clock
        report.reasons[reason] += int((bad & open_).sum())
        open_ &= ~bad
    hidden: dict[tuple[str, str, str], np.ndarray] = {}
    for mistake, near in confusable(draft):
        key = (mistake.rule.id, mistake.rule.name, draft.bank.notation.text(mistake.quantity))
        hidden[key] = hidden.get(key, np.zeros(draft.count, dtype=bool)) | near
    report.confusable.update({key: int(mask.sum()) for key, mask in hidden.items() if mask.any()})
    report.drawn += draft.count
    report.accepted += int(open_.sum())
    report.difficulty += difficulty(draft.bank, draft.printed)[open_].tolist()

