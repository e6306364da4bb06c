"""What would help a bank that gives few variants: each of the obvious changes is made, and its
draws are certified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import plain
from rnnquiz.errors import BankError
from rnnquiz.numerals import Typed, read_number
from rnnquiz.progress import Progress, unseen
from rnnquiz.variants.certify import Certifier

_DRAWS = 400  # of each change: enough to see whether it helps
RATES = ("0.1", "0.2", "0.5", "1")
FINER = (2, 10)  # parts of a step
MOST_WAIVED = 5  # mistakes that are tried to be waived; each takes a second
_MOST_DIGITS = 9  # what a bank may ask (schema)

Data = dict[str, Any]


@dataclass(frozen=True)
class Advice:
    """A change of a bank, as it is written there, and about which share of draws is good with
    it."""

    words: str
    share: float


def advice_for(
    bank: Bank, hidden: Sequence[str], progress: Progress = unseen
) -> list[Advice]:  # fmt: skip
    """The obvious changes and what each would give, those that help most first. `hidden` are the
    ids of the mistakes that the numbers hide, the most frequent first."""
    found = []
    tried = list(_tried(bank, strict_yaml.load(bank.text)[0], hidden))
    for number, (words, data) in enumerate(tried, start=1):
        progress("changes of the bank", number, len(tried))
        try:
            changed = parse_bank(json.dumps(data), bank.source, bank.notation.name)
        except BankError:
            continue  # a change that this bank does not allow
        certifier = Certifier(changed)
        good = certifier.good(certifier.stream(_DRAWS)).mean()
        found.append(Advice(words, float(good) * changed.written.certify.level))
    return sorted(found, key=lambda change: -change.share)


def _tried(bank: Bank, data: Data, hidden: Sequence[str]) -> Iterator[tuple[str, Data]]:
    written = data.get("givens", {})
    if "eta" in written:
        for rate in RATES:
            if written["eta"] != rate:
                yield f"eta: {rate}", data | {"givens": written | {"eta": rate}}
    yield from _finer(data)
    digits = bank.rounding.digits
    if digits < _MOST_DIGITS:
        kind = bank.rounding.kind
        rule = bank.written.rounding.model_dump(exclude_none=True, exclude_defaults=True) | {
            kind: digits + 1
        }
        yield f"rounding: {{{kind}: {digits + 1}}}", data | {"rounding": rule}
    insists = data.get("certify", {})
    if (least := bank.written.certify.digits) > 1:
        yield (
            f"certify: {{digits: {least - 1}}}",
            data | {"certify": insists | {"digits": str(least - 1)}},
        )
    waived = list(bank.written.certify.waive)
    names = {rule.id: rule.name for rule in bank.rules}
    worst = [rule for rule in hidden if rule not in waived][:MOST_WAIVED]
    for chosen in [*([rule] for rule in worst), *([worst] if len(worst) > 1 else [])]:
        what = f"  ({names[chosen[0]]})" if len(chosen) == 1 else ""
        words = f"certify: {{waive: [{', '.join([*waived, *chosen])}]}}{what}"
        yield words, data | {"certify": insists | {"waive": [*waived, *chosen]}}


def _finer(data: Data) -> Iterator[tuple[str, Data]]:
    """All steps of ranges divided by the same number."""
    for parts in FINER:
        changed, words = deepcopy(data), dict[str, list[str]]()
        for key, entry in changed.get("givens", {}).items():
            step = (
                read_number(entry["step"])
                if isinstance(entry, dict) and isinstance(entry.get("step"), str)
                else None
            )
            if isinstance(step, Typed):
                entry["step"] = plain(step.value * Fraction(1, parts))
                words.setdefault(entry["step"], []).append(key)
        if words:
            yield (
                "; ".join(f"step: {step} for {', '.join(keys)}" for step, keys in words.items()),
                changed,
            )
