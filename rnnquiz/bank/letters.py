"""Names in a bank in the letters of its notation: W_hh among the givens is U where the notation is
xh_hh_hy.

Inside of the program every name is in the letters of the equations. A letter that only the notation
has is read as the notation's. One that both have for different things (U in goodfellow) is the
network's own, unless the bank says `letters: notation`: then all names are as the sheet has them,
with steps counted as there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.parser import EquationError
from rnnquiz.algebra.symbols import BASE
from rnnquiz.bank.network import own_cell
from rnnquiz.bank.schema import DEFAULT_CELL, BankText
from rnnquiz.bank.spelling import Lines, renamed, renamed_places
from rnnquiz.derivation.graph import ROLES
from rnnquiz.derivation.unroll import ModelError
from rnnquiz.errors import BankError
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import assemble, letters_of

WORDS = frozenset({*ROLES, "all"})  # in `ask`, these are kinds and no letters
_NAME = re.compile(rf"\b{BASE}", re.ASCII)
_STEP = re.compile(r"(?<=\[)-?\d+(?=\])|(?<=@)-?\d+")


@dataclass(frozen=True)
class Letters:
    """`own` gives the network's letter for one of the notation; `first` is the number of the first
    step in the names of the bank. `twice` are letters that both have, for different things."""

    own: Mapping[str, str]
    first: int = 1
    twice: tuple[str, ...] = ()

    def spelled(self, name: str) -> str:
        """A name of the bank in the letters of the network."""
        if name in WORDS:
            return name
        of, slash, by = name.partition("/d")
        d = re.match(r"d\+?", of)[0] if slash and of.startswith("d") else ""  # type: ignore[index]
        name = f"{d}{self._letters(of[len(d) :])}{slash}{self._letters(by)}"
        return (
            _STEP.sub(lambda step: str(int(step[0]) - self.first + 1), name)
            if self.first != 1
            else name
        )

    def formula(self, text: str) -> str:
        """Names in the text of a rewrite."""
        return self._letters(text)

    def _letters(self, text: str) -> str:
        return _NAME.sub(lambda name: self._letter(name[0]), text)

    def _letter(self, base: str) -> str:
        kept, _, parameter = base.partition("_")  # m_W_hh is kept for W_hh
        return self.own.get(base) or (
            f"{kept}_{self.own[parameter]}" if parameter in self.own else base
        )


NONE = Letters({})


def letters(written: BankText) -> Letters:
    """The letters of the bank's notation; none where there is no notation, or the model cannot be
    read (which is said elsewhere)."""
    text = written.model
    if not written.notation:
        return NONE
    try:
        cell = own_cell(written) if text.equations else catalogue.cell(text.cell or DEFAULT_CELL)
        loss = None if text.loss == "none" else catalogue.loss(text.loss)
        optimiser = None if text.optimiser == "none" else catalogue.optimiser(text.optimiser)
        output = catalogue.output(text.output or (loss.output if loss is not None else "linear"))
        sizes = {"input": 1, "hidden": 1, "output": 1, **text.sizes}
        model = assemble(cell, output, loss, optimiser, sizes, written.steps, text.activation)
        fitted = catalogue.fitted(
            catalogue.notation(written.notation), letters_of(model), cell.roles
        )
    except (BankError, EquationError, ModelError, KeyError):
        return NONE
    return _reversed(fitted, set(letters_of(model)), written.letters == "notation")


def _reversed(fitted: Notation, bases: set[str], whole: bool) -> Letters:
    shown = {letter: base for base, letter in fitted.letters.items() if letter != base}
    twice = tuple(sorted(letter for letter in shown if letter in bases))
    if whole:
        return Letters(shown, fitted.first)
    return Letters(
        {letter: base for letter, base in shown.items() if letter not in bases}, 1, twice
    )


def in_own_letters(
    data: dict[str, Any], lines: Lines, found: Letters
) -> tuple[dict[str, Any], Lines]:
    """The bank's data, and the line of each entry, with all names in the letters of the network."""
    if not found.own and found.first == 1:
        return data, lines

    def word(text: str, path: strict_yaml.Path) -> str:
        return found.spelled(text)

    data = renamed(data, word)
    rules = data.get("misconceptions")
    if isinstance(rules, list):
        data["misconceptions"] = [_respelled(rule, found) for rule in rules]
    return data, renamed_places(lines, word)


def _respelled(rule: Any, found: Letters) -> Any:
    """A misconception with its rewrite in the letters of the network."""
    written = rule.get("rewrite") if isinstance(rule, dict) else None
    return {**rule, "rewrite": found.formula(written)} if isinstance(written, str) else rule
