"""What would help a bank that gives few variants: each of the obvious changes is made, and its
draws are certified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import filterfalse, islice
from typing import Any

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import plain
from rnnquiz.errors import BankError
from rnnquiz.files import strict_yaml
from rnnquiz.progress import Progress, unseen
from rnnquiz.typed.numerals import Typed, read_number
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
    data, _ = strict_yaml.load_keys(bank.text)
    tried = list(_tried(bank, data, hidden))
    for number, (words, data) in enumerate(tried, start=1):
        progress("changes of the bank", number, len(tried))
        try:
            # A text of JSON is one of YAML, which is what is parsed.
            changed = parse_bank(json.dumps(data), bank.source, bank.notation.name)
        except BankError:
            continue  # a change that this bank does not allow
        certifier = Certifier(changed)
        good = certifier.good(certifier.stream(_DRAWS))
        # `good` does not ask how hard a variant is: of those that pass, the middle share is issued.
        share = float(good.mean()) * changed.written.certify.level
        found.append(Advice(words, share))
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
        rule = bank.written.rounding.model_dump(exclude_none=True, exclude_defaults=True)
        finer = {**rule, kind: digits + 1}
        yield f"rounding: {{{kind}: {digits + 1}}}", {**data, "rounding": finer}
    insists = data.get("certify", {})
    if (least := bank.written.certify.digits) > 1:
        fewer = {**insists, "digits": str(least - 1)}
        yield f"certify: {{digits: {least - 1}}}", {**data, "certify": fewer}
    for words, waived in _waived(bank, hidden):
        yield words, {**data, "certify": {**insists, "waive": waived}}


def _waived(bank: Bank, hidden: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The mistakes that are hidden most often, each waived by itself, then all of them."""
    waived = list(bank.written.certify.waive)
    names = {rule.id: rule.name for rule in bank.rules}
    others = filterfalse(waived.__contains__, hidden)
    worst = list(islice(others, MOST_WAIVED))
    for rule in worst:
        yield (
            f"certify: {{waive: [{', '.join([*waived, rule])}]}}  ({names[rule]})",
            [*waived, rule],
        )
    if len(worst) > 1:
        every = [*waived, *worst]
        yield f"certify: {{waive: [{', '.join(every)}]}}", every


def _finer(data: Data) -> Iterator[tuple[str, Data]]:
    """All steps of ranges divided by the same number."""
    for parts in FINER:
        changed = deepcopy(data)
        keys_of: dict[str, list[str]] = {}
        for key, entry in changed.get("givens", {}).items():
            step = _step_of(entry)
            if isinstance(step, Typed):
                finer = plain(step.value / parts)
                entry["step"] = finer
                keys_of.setdefault(finer, []).append(key)
        if keys_of:
            words = [f"step: {step} for {', '.join(keys)}" for step, keys in keys_of.items()]
            yield "; ".join(words), changed


def _step_of(entry: Any) -> object:
    """The step of a range, read as any number."""
    if not isinstance(entry, dict) or not isinstance(entry.get("step"), str):
        return None
    return read_number(entry["step"])
