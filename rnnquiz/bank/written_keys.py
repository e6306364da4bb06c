"""The keys of a bank as they were read: spelled, checked for their form, in the letters of the
network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnnquiz.bank.form import validated
from rnnquiz.bank.letters import Letters, in_own_letters, letters
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.spelling import spell
from rnnquiz.errors import BankError, Problem
from rnnquiz.problems import Lines, Problems


@dataclass(frozen=True)
class WrittenKeys:
    """The keys of a bank, with all names in the letters of the network. `typed` is what is asked
    as it stands in the bank."""

    written: BankText
    typed: Sequence[str]
    letters: Letters
    problems: Problems


def read_keys(source: str, data: dict[str, Any], lines: Lines) -> WrittenKeys:
    """The keys in the letters of the package, with all problems of their spelling."""
    misspelt: list[Problem] = []
    data, lines = spell(data, lines, misspelt)
    found = Problems(BankError, source, lines)
    as_typed = validated(data, found)
    # Which letter is meant is known only when the model and the notation are.
    spelled = letters(as_typed)
    data, lines = in_own_letters(data, lines, spelled)
    # What is wrong is said already, in the letters of the teacher.
    written = validated(data, Problems(BankError, source, lines))
    problems = Problems(BankError, source, lines, [*found.found, *misspelt])
    return WrittenKeys(written, as_typed.ask, spelled, problems)
