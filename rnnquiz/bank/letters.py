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

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.parser import EquationError
from rnnquiz.algebra.symbols import BASE
from rnnquiz.bank.network import NONE, SCALAR_SIZES, own_cell
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.sections import DEFAULT_CELL
from rnnquiz.bank.spelling import renamed, renamed_places
from rnnquiz.derivation.model import ModelError
from rnnquiz.derivation.roles import Role
from rnnquiz.errors import BankError
from rnnquiz.files import strict_yaml
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import Network, Span, assemble, letters_of
from rnnquiz.models.catalogue import Cell
from rnnquiz.problems import Lines

KINDS_ASKED = frozenset({*Role, "all"})  # in `ask`, these are kinds and no letters
# ASCII: names are in Latin letters by now, and a word of another script is none of them.
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
        if name in KINDS_ASKED:
            return name
        # dU of dU[2]/dW would be a letter to the pattern of names.
        of, slash, by = name.partition("/d")
        sign = _derivative_sign(of) if slash else ""
        above = self._letters(of.removeprefix(sign))
        name = f"{sign}{above}{slash}{self._letters(by)}"
        if self.first == 1:
            return name
        return _STEP.sub(self._step, name)

    def _step(self, shown: re.Match[str]) -> str:
        """The number of a step as the network counts it."""
        step = int(shown[0]) - self.first + 1
        return str(step)

    def formula(self, text: str) -> str:
        """Names in the text of a rewrite."""
        return self._letters(text)

    def _letters(self, text: str) -> str:
        return _NAME.sub(self._letter, text)

    def _letter(self, name: re.Match[str]) -> str:
        base = name[0]
        if base in self.own:
            return self.own[base]
        kept, _, parameter = base.partition("_")  # m_W_hh is kept for W_hh
        if parameter in self.own:
            return f"{kept}_{self.own[parameter]}"
        return base


def _derivative_sign(of: str) -> str:
    """The d or d+ that what is differentiated begins with."""
    for sign in ("d+", "d"):
        if of.startswith(sign):
            return sign
    return ""


OF_THE_NETWORK = Letters({})


def letters(written: BankText) -> Letters:
    """The letters of the bank's notation; none where there is no notation, or the model cannot be
    read (which is said elsewhere)."""
    if not written.notation:
        return OF_THE_NETWORK
    try:
        network = _network(written)
        sizes = SCALAR_SIZES | written.model.sizes
        model = assemble(network, sizes, Span(written.steps))
        bases = letters_of(model)
        profile = catalogue.notation(written.notation)
        fitted = catalogue.fitted(profile, bases, network.cell.roles)
    except (BankError, EquationError, ModelError, KeyError):
        return OF_THE_NETWORK
    whole = written.letters == "notation"
    return _reversed(fitted, set(bases), whole)


def _network(written: BankText) -> Network:
    """The parts that the bank names, whatever else is wrong with it."""
    text = written.model
    loss = optimiser = None
    if text.loss != NONE:
        loss = catalogue.loss(text.loss)
    if text.optimiser != NONE:
        optimiser = catalogue.optimiser(text.optimiser)
    name = text.output or "linear"
    if not text.output and loss is not None:
        name = loss.output
    cell, output = _cell(written), catalogue.output(name)
    return Network(cell, output, loss, optimiser, text.activation)


def _cell(written: BankText) -> Cell:
    if written.model.equations:
        return own_cell(written)
    return catalogue.cell(written.model.cell or DEFAULT_CELL)


def _reversed(fitted: Notation, bases: set[str], whole: bool) -> Letters:
    """From the letters of a notation to those of the network; those of both are the network's
    own, unless the bank is written in the notation as a whole."""
    shown: dict[str, str] = {}
    for base, letter in fitted.letters.items():
        if letter != base:
            shown[letter] = base
    if whole:
        return Letters(shown, fitted.first)
    twice = sorted(bases & shown.keys())
    for letter in twice:
        del shown[letter]
    return Letters(shown, 1, tuple(twice))


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
    if isinstance(rule, dict) and isinstance(rule.get("rewrite"), str):
        return {**rule, "rewrite": found.formula(rule["rewrite"])}
    return rule
