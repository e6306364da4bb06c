"""What a bank gives: how many variants are good, what refuses the others and would help, which
mistakes cannot be seen."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.soundness import blamed_on
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import draws, givens_of, keyed
from rnnquiz.decimals import Bools
from rnnquiz.progress import Progress, unseen
from rnnquiz.variants.advice import Advice, advice_for
from rnnquiz.variants.certify import KEY_WRONG, REASONS, TIES, Certifier, certifier_of
from rnnquiz.variants.confusion import confusable
from rnnquiz.variants.draft import Draft, difficulty
from rnnquiz.variants.issue import MOST_DRAWS

# In the place of a course's secret: what is looked at here is on nobody's sheet.
STRESS_STREAM = b"rnnquiz stress"
CHUNK = 2000  # draws certified at once: a hundred megabytes for a bank of 73 boxes
FIRST_LOOK = 100  # draws of which one is usually good
_ENOUGH = 0.1  # share of good draws below which changes are tried
_SHOWN, ALL_SHOWN = 15, 60  # mistakes that are listed; of a bank with fixed numbers
BLAMED = 6  # quantities that are listed


@dataclass
class StressReport:
    """The outcome; `confusable` maps a mistake and quantity to the share of draws in which they
    cannot be told apart.

    `blamed` counts the draws that a quantity refuses, whatever else does. `usable` is false where
    no draw is good, so that nothing can be issued.
    """

    bank: Bank
    drawn: int = 0
    accepted: int = 0
    usable: bool = True
    reasons: Counter[str] = field(default_factory=Counter)
    blamed: Counter[tuple[str, str]] = field(default_factory=Counter)
    confusable: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    difficulty: list[float] = field(default_factory=list)
    changes: list[Advice] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        blamed = [self._blamed_row(*key, count) for key, count in self.blamed.most_common()]
        hidden = self.confusable.most_common()
        confusable = [self._confusable_row(*key, count) for key, count in hidden]
        changes = [{"change": change.words, "good": change.share} for change in self.changes]
        return {
            "bank": self.bank.written.id,
            "boxes": len(self.bank.boxes),
            "warning": self.bank.warning,
            "fixed": self.bank.fixed,
            "usable": self.usable,
            "drawn": self.drawn,
            "accepted": self.accepted,
            "refused": dict(self.reasons),
            "blamed": blamed,
            "confusable": confusable,
            "changes": changes,
            "difficulty": self.spread(),
            "seconds": self.seconds,
        }

    def _blamed_row(self, reason: str, name: str, count: int) -> dict[str, Any]:
        return {"reason": reason, "quantity": name, "share": self.share(count)}

    def _confusable_row(self, rule: str, name: str, box: str, count: int) -> dict[str, Any]:
        return {"id": rule, "name": name, "box": box, "share": self.share(count)}

    def hidden_rules(self) -> list[str]:
        """The ids of the mistakes that cannot be told from the right answer, the most frequent
        first."""
        rules = Counter[str]()
        for (rule, _, _), count in self.confusable.items():
            rules[rule] += count
        return [rule for rule, _ in rules.most_common()]

    def share(self, count: int) -> float:
        """The share of the draws."""
        return count / max(self.drawn, 1)

    def spread(self) -> dict[str, float]:
        """Difficulty of the accepted variants: smallest, median and largest."""
        values = np.array(self.difficulty or [0.0])
        found = values.min(), np.median(values), values.max()
        smallest, middle, largest = map(float, found)
        return {"smallest": smallest, "median": middle, "largest": largest}

    def text(self) -> str:
        """The report for people."""
        lines = [*self._head(), *self._refusals(), *self._changes(), *self._unseen()]
        lines += self._difficulty()
        return "\n".join(lines)

    def _head(self) -> Iterator[str]:
        """The bank in one line, and what is to be known of it."""
        bank, written = self.bank, self.bank.written
        verdict = "sound" if self.usable else "nothing can be issued"
        marks = sum(bank.marks.values())
        yield (
            f"{bank.source}: {verdict}. {written.title!r}, {bank.graph.steps} steps,"
            f" {len(bank.boxes)} boxes, {marks:g} marks,"
            f" {bank.rounding.digits} {bank.rounding.kind}, style {written.style}."
        )
        if bank.warning:
            yield bank.warning
        if bank.unclear:
            yield (
                f"In this bank {' and '.join(bank.unclear)} are the letters of the equations; the"
                f" notation {written.notation} has them for other things. To write the bank in the"
                " letters of the notation:  letters: notation"
            )
        if bank.fixed:
            same = "Draws are all the same." if self.drawn > 1 else ""
            yield f"The numbers are fixed. {same}"
        if self.drawn:
            share = self.share(self.accepted)
            yield f"{self.accepted} of {self.drawn} draws are good ({share:.1%})."

    def _refusals(self) -> list[str]:
        # The plus leaves out the reasons that refused nothing.
        refused = +self.reasons
        out = [f"  refused {count}: {reason}" for reason, count in refused.most_common()]
        if self.blamed and not self.bank.fixed:
            out.append("What refuses most, whatever else does (share of draws):")
            for (reason, name), count in self.blamed.most_common(BLAMED):
                out.append(f"  {self.share(count):6.1%}  {name}: {reason}")
        return out

    def _changes(self) -> list[str]:
        if not self.changes:
            return []
        best = self.changes[0].share
        out = ["What a change of the bank would give (share of draws that are good):"]
        useless = []
        for change in self.changes:
            if not change.share:
                what, _, _ = change.words.partition("  (")
                useless.append(what)
                continue
            line = f"  {change.share:6.1%}  {change.words}"
            out.append(f"{line}  <- most" if change.share == best else line)
        if useless:
            out.append(f"    none  {'; '.join(useless)}")
        return out

    def _unseen(self) -> list[str]:
        if not self.confusable:
            return []
        # Where the numbers are fixed, every student has all of them.
        most = ALL_SHOWN if self.bank.fixed else _SHOWN
        out = [
            "Mistakes that the numbers drawn cannot tell from the right answer (share of draws):"
        ]
        for (rule, name, box), count in self.confusable.most_common(most):
            out.append(f"  {self.share(count):6.1%}  {rule} {name}, at {box}")
        return out

    def timed(self, what: str, since: float) -> None:
        """Seconds that something has taken, beside what it took before."""
        before, now = self.seconds.get(what, 0.0), time.perf_counter()
        self.seconds[what] = before + now - since

    def _difficulty(self) -> Iterator[str]:
        if self.difficulty:
            smallest, median, largest = self.spread().values()
            what = "Difficulty (negative numbers on a sheet)"
            yield f"{what}: {smallest:g} to {largest:g}, median {median:g}."


def report_of(
    bank: Bank, draws_wanted: int, progress: Progress = unseen
) -> StressReport:  # fmt: skip
    """Draw and certify. Where that was not asked for, draws are looked at until one is good; where
    none is, as many as `generate` would draw are looked at closely.

    A bank with fixed numbers is looked at once, whatever is wanted, unless it is no work for a
    hand.
    """
    with blamed_on(bank):
        if bank.fixed:
            once = draws_wanted > 0 or not bank.warning
            return _report(bank, int(once))
        report = _report(bank, draws_wanted)
        if not report.accepted and not _one_is_good(certifier_of(bank)):
            report = _report(bank, max(draws_wanted, MOST_DRAWS))
            report.usable = report.accepted > 0
        if report.drawn and report.accepted < _ENOUGH * report.drawn:
            report.changes = advice_for(bank, report.hidden_rules(), progress)
        return report


def _one_is_good(certifier: Certifier) -> bool:
    """True where some draw would be issued."""
    starts = range(0, MOST_DRAWS, FIRST_LOOK)
    for start in starts:
        drawn = _drawn(certifier.bank, start, FIRST_LOOK)
        good = certifier.good(givens_of(certifier.bank, drawn))
        if good.any():
            return True
    return False


def _drawn(bank: Bank, start: int, count: int) -> Any:
    numbers = range(start, start + count)
    seeds = [keyed(STRESS_STREAM, "stress", number) for number in numbers]
    return draws(bank, seeds, [0] * count)


def _report(bank: Bank, wanted: int) -> StressReport:
    report = StressReport(bank)
    for start in range(0, wanted, CHUNK):
        # Not before it is needed: where no draws are wanted, nothing need be known of the bank.
        certifier = certifier_of(bank)
        clock = time.perf_counter()
        count = min(CHUNK, wanted - start)
        givens = givens_of(bank, _drawn(bank, start, count))
        report.timed("drawing", clock)
        with np.errstate(all="ignore"):
            _look(certifier.draft(givens), report)
    return report


def _look(draft: Draft, report: StressReport) -> None:
    """Every test over every draw: a draw counts under the first reason, a mistake and a quantity
    under every draw.

    Ties and the key are looked at in what is left: that is slow, and refuses next to nothing.
    """
    open_ = np.ones(draft.count, dtype=bool)
    every = np.arange(draft.count)
    for reason in REASONS:
        clock = time.perf_counter()
        rows = np.flatnonzero(open_) if reason in _SLOW else every
        bad = draft.nothing()
        for name, refused in _blamed(draft, reason, rows).items():
            bad[rows] |= refused
            if name and refused.any():
                shown = draft.bank.notation.text(name)
                report.blamed[reason, shown] += int(refused.sum())
        report.timed(reason, clock)
        first = bad & open_
        report.reasons[reason] += int(first.sum())
        open_ &= ~bad
    report.confusable.update(_hidden(draft))
    report.drawn += draft.count
    report.accepted += int(open_.sum())
    points = difficulty(draft.bank, draft.printed)
    report.difficulty += points[open_].tolist()


_SLOW = (TIES, KEY_WRONG)


def _blamed(draft: Draft, reason: str, rows: NDArray[np.int64]) -> dict[str, Bools]:
    """For each quantity that a test blames, which of some draws it refuses."""
    found: dict[str, Bools] = {}
    if len(rows):
        some = draft if len(rows) == draft.count else draft.only(rows)
        nobody = some.nothing()
        for name, refused in REASONS[reason](some):
            found[name] = found.get(name, nobody) | refused
    return found


def _hidden(draft: Draft) -> dict[tuple[str, str, str], int]:
    """In how many draws each mistake cannot be told from the right answer, where in any."""
    masks: dict[tuple[str, str, str], Bools] = {}
    nobody = draft.nothing()
    for mistake, near in confusable(draft):
        rule, box = mistake.rule, draft.bank.notation.text(mistake.quantity)
        key = (rule.id, rule.name, box)
        masks[key] = masks.get(key, nobody) | near
    counts = Counter[tuple[str, str, str]]()
    for key, mask in masks.items():
        counts[key] = int(mask.sum())
    return dict(+counts)
