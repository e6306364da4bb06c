"""The legend of a sheet: what each symbol stands for, as far as the catalogue or the bank says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from rnnquiz.algebra.symbols import without_step
from rnnquiz.bank.network import NONE
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.derivation.training import update_rule
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.signs import Seen, step_of
from rnnquiz.documents.tree import Paragraph
from rnnquiz.languages.sentences import Message, meant, said, strung
from rnnquiz.models.catalogue import optimiser, words
from rnnquiz.typed.numerals import WELCOME

NEW = "p_new"  # of any parameter, in the equations of an optimiser


def legend(bank: Bank) -> Paragraph | None:
    """One line: symbols, and what they are; letters of one meaning together."""
    letters: dict[str, list[Symbol]] = {}
    for words_of, symbol in (*_of_network(bank), *_of_update(bank)):
        if text := meant("symbol", words_of):
            letters.setdefault(text, []).append(symbol)
    if not letters:
        return None
    parts: list[Message] = []
    for meaning, symbols in letters.items():
        alike = strung(", ", symbols)
        parts.append(said("{name}: {says}", name=alike, says=meaning))
    line = reduce(_then, parts)
    return Paragraph(strung("", (line, ".")), "note")


def _then(first: Message, rest: Message) -> Message:
    # A sentence, as French sets a space before the sign.
    return said("{first}; {rest}", first=first, rest=rest)


def _of_network(bank: Bank) -> Iterator[tuple[str, Symbol]]:
    own = _optimiser_words(bank)
    for base, q in _first_of_each(bank).items():
        words_of = _words(bank, base)
        # Of a constant the training step says what it is.
        if base in bank.model.shapes:
            words_of = own.get(base, words_of)
        yield words_of, _symbol(bank, q)


def _of_update(bank: Bank) -> Iterator[tuple[str, Symbol]]:
    """What the training step computes for any parameter, and the letter of that."""
    if any(q.role == Role.UPDATE for q in bank.full.computed):
        own, rule = _optimiser_words(bank), update_rule(bank.model)
        for equation, (name, _) in zip(bank.model.optimiser, rule, strict=True):
            # The letter itself where there is one new value of it.
            symbol = Symbol(name.removesuffix("_new"), None, 1)
            yield own.get(equation.target, ""), symbol


def rules(bank: Bank, seen: Seen | None = None) -> Paragraph:
    """How numbers are written, and what signs stand for that not everybody knows, where they are on
    the sheet (of a practice: in its lines)."""
    own = seen or Seen.on_sheet(bank)
    sentences = [WELCOME, *own.signs(), *_backwards(bank)]
    return Paragraph(strung(" ", sentences), "note")


def _backwards(bank: Bank) -> Iterator[Message]:
    """Which states are computed from the last step to the first, in a network that reads both
    ways."""
    times: dict[str, list[Quantity]] = {}
    for q in bank.graph.computed:
        if q.role == Role.FORWARD and q.time is not None:
            letter = without_step(q.name)
            times.setdefault(letter, []).append(q)
    for quantities in times.values():
        first, last = quantities[0], quantities[-1]  # in the order of computation
        if (first.time or 0) > (last.time or 0):
            needed = Symbol(quantities[-2].name, last.time)  # as the state of the next step
            yield said(
                "{state} is computed from the last step to the first: it needs {other}.",
                state=Symbol(last.name, last.time, last.symbol.number),
                other=needed,
            )


def _first_of_each(bank: Bank) -> dict[str, Quantity]:
    """A quantity for each letter of the equations: those of a step before the others, what is given
    before what is computed."""
    found: dict[str, Quantity] = {}
    every = (*bank.full.givens, *bank.full.computed)
    for q in sorted(every, key=lambda q: q.time is None):
        # h of h[2], L of L#1 (the loss of the first pass).
        letter = without_step(q.name)
        base = letter.partition("#")[0]
        if q.role in (Role.GIVEN, Role.FORWARD, Role.LOSS) and (q.time is None or q.time > 0):
            found.setdefault(base, q)
    return found


def _symbol(bank: Bank, q: Quantity) -> Symbol:
    """As the equations have it: with t for its step, where there are several, and with k for the
    pass."""
    # In one pass nothing has a number.
    return Symbol(q.name, step_of(bank, q.time), 1)


def _words(bank: Bank, base: str) -> str:
    """What a letter stands for; of a network of one's own only what the bank says of it."""
    cell = bank.cell
    if base in cell.words:
        return cell.words[base]
    known = words()
    # In equations of a bank's own an h need be no hidden state.
    if bank.written.model.equations and base not in cell.roles:
        if base in cell.inputs:
            return known["x"]
        if base in cell.targets:
            return known["y"]
        return known[base] if base in ("L", "eta") else ""
    role = cell.roles.get(base, base)
    if known.get(role):
        return known[role]
    # W_f is a W: parameters are named by a letter with an index, states are not.
    letter = role.partition("_")[0]
    is_parameter = letter.isupper() or letter in "bcd"
    return known.get(letter, "") if is_parameter else ""


def _optimiser_words(bank: Bank) -> Mapping[str, str]:
    """What the letters of the training step stand for; its new value is that of any parameter."""
    name, own = bank.written.model.optimiser, {NEW: words()["each"]}
    if name != NONE:
        own |= optimiser(name).words
    return own
