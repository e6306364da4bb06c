"""The legend of a sheet: what each symbol stands for, as far as the catalogue or the bank says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from rnnquiz.algebra.expression import applies, refs, walk
from rnnquiz.algebra.ones import ONES, has_ones
from rnnquiz.algebra.symbols import Variable
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Quantity
from rnnquiz.documents.parts import shown_formula
from rnnquiz.documents.placing import without_step
from rnnquiz.documents.tree import Formula, Paragraph, Symbol
from rnnquiz.languages.sentences import Message, meant, said, strung
from rnnquiz.models.catalogue import words
from rnnquiz.numerals import WELCOME


def legend(bank: Bank) -> Paragraph | None:
    """One line: symbols, and what they are; letters of one meaning together."""
    letters: dict[str, list[Symbol]] = {}
    for base, q in _first_of_each(bank).items():
        if text := meant("symbol", _words(bank, base)):
            letters.setdefault(text, []).append(_symbol(q, bank.has_t))
    if not letters:
        return None
    parts: list[Message] = []
    for meaning, symbols in letters.items():
        alike = strung(", ", symbols)
        parts.append(strung(": ", (alike, meaning)))
    line = strung("; ", parts)
    return Paragraph(strung("", (line, ".")), "note")


def rules(bank: Bank) -> Paragraph:
    """How numbers are written, and what signs stand for that not everybody knows, where they are on
    the sheet."""
    sentences = [WELCOME, *_signs(bank), *_backwards(bank)]
    return Paragraph(strung(" ", sentences), "note")


def _is_local(q: Quantity) -> bool:
    return q.role == "local"


def _is_slope(q: Quantity) -> bool:
    return isinstance(q.symbol, Variable)


def _is_direct(q: Quantity) -> bool:
    return getattr(q.symbol, "direct", False)


def _signs(bank: Bank) -> Iterator[Message]:
    asked = (q for q in bank.graph.computed if q.name in bank.asked)
    local = list(filter(_is_local, asked))
    slope = next(filter(_is_slope, local), None)
    if slope is not None:
        now = slope.time if bank.has_t else None
        state = Symbol(slope.name.replace("'", ""), now)
        yield said(
            "{slope} is the derivative of {state} by the argument of its activation.",
            slope=Symbol(slope.name, now),
            state=state,
        )
    # A notation may have no sign for it.
    direct = next(filter(_is_direct, local), None)
    if direct is not None and bank.notation.direct:
        yield said(
            "A plus, as in {derivative}, marks the direct part of a derivative: the states before"
            " are held fixed.",
            derivative=Symbol(direct.name),
        )
    yield from of_vectors(bank, (q for q in bank.full.computed if q.role in ("forward", "loss")))


def of_vectors(bank: Bank, quantities: Iterable[Quantity]) -> Iterator[Message]:
    """What stands for each entry of a vector, in the formulas of some quantities."""
    if _is_entry_by_entry(bank):
        yield said("A product with a circled dot and a power of a vector are taken entry by entry.")
    formulas = (q.formula for q in quantities if q.formula is not None)
    if any(has_ones(shown_formula(bank, formula)) for formula in formulas):
        yield said("Each entry of {ones} is 1.", ones=Formula(ONES))


def _is_entry_by_entry(bank: Bank) -> bool:
    """True where vectors are multiplied, or raised to a power, entry by entry."""
    formulas = (q.formula for q in bank.graph.computed if q.formula is not None)
    for part in chain.from_iterable(map(walk, formulas)):
        if applies(part, "hadamard"):
            return True
        if applies(part, "pow") and any(bank.graph.shapes[name] for name in refs(part)):
            return True
    return False


def _backwards(bank: Bank) -> Iterator[Message]:
    """Which states are computed from the last step to the first, in a network that reads both
    ways."""
    times: dict[str, list[Quantity]] = {}
    for q in bank.graph.computed:
        if q.role == "forward" and q.time is not None:
            letter = without_step(q.name)
            times.setdefault(letter, []).append(q)
    for quantities in times.values():
        first, last = quantities[0], quantities[-1]  # in the order of computation
        if (first.time or 0) > (last.time or 0):
            needed = Symbol(quantities[-2].name, last.time)  # as the state of the next step
            yield said(
                "{state} is computed from the last step to the first: it needs {other}.",
                state=_symbol(last, True),
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
        if q.role in ("given", "forward", "loss") and (q.time is None or q.time > 0):
            found.setdefault(base, q)
    return found


def _symbol(q: Quantity, has_t: bool) -> Symbol:
    """As the equations have it: with t for its step, where there are several."""
    now = q.time if has_t else None
    return Symbol(q.name, now, q.symbol.number)


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
