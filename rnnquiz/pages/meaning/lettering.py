"""Every name of a bank as a notation writes it: in full, without case and order of indices, and by
the letters of other notations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import filterfalse

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.symbols import Variable, without_step
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.bank.specification import Bank
from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Unparsed
from rnnquiz.pages.mathematics.tokens import tokens_of
from rnnquiz.pages.mathematics.written import Name, Node
from rnnquiz.pages.spellings import spellings

Meanings = tuple[str, ...]
PASS = "#"  # before the number of a pass
_NO_PASS = "^([<."  # signs of other ways in which an index stands
ACCENTS = ("hat", "tilde", "bar")
LooseKey = tuple[object, ...]


@dataclass(frozen=True)
class Lettering:
    """How a notation writes the names of one bank."""

    bank: Bank
    notation: Notation

    @cached_property
    def words(self) -> frozenset[str]:
        """Letters and words that names of this bank are made of, for taking text apart."""
        found: set[str] = set()
        for text in self.letters:
            # Primes are signs of their own.
            unprimed = text.replace("'", "")
            found.update(unprimed.split("_"))
            letter = text.partition("_")[0]
            # yhat is written \hat y, with its letter alone.
            bare, _ = without_accent(letter)
            found.add(bare)
        return frozenset(filter(None, found))

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters of all variables, with the words that belong to them."""
        bases = {variable.base for variable in self.variables}
        return frozenset(map(self.notation.letter, bases))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Words that a line may begin with, each with the letter that it stands for."""
        found: dict[str, str] = {}
        for base, phrases in spellings().labels.items():
            if base not in self._timed:
                continue
            letter = self.notation.letter(base)
            for phrase in phrases:
                found[phrase] = letter
                # A word that is shorter than its letter is a letter itself.
                if len(letter) > len(phrase):
                    del found[phrase]
        return found

    @cached_property
    def _timed(self) -> frozenset[str]:
        """The letters of what has a step."""
        found = set()
        for variable in self.variables:
            if variable.time is not None:
                found.add(variable.base)
        return frozenset(found)

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Every variable of the bank: by itself, or in a derivative."""
        found: dict[Variable, None] = {}
        for q in self.bank.graph:
            parsed = q.symbol
            if isinstance(parsed, Variable):
                found[parsed] = None
            else:
                # Also the loss of a pass, which need not be asked itself.
                of_pass = self.notation.in_pass(parsed).of
                found[parsed.of] = found[parsed.by] = found[of_pass] = None
        return tuple(found)

    @cached_property
    def exact(self) -> dict[Node, Meanings]:
        """Quantities by their own symbols, as the bank's notation writes them in LaTeX and as
        text."""
        names = [q.name for q in self.bank.graph]
        return _table(self._all_written(names))

    def _all_written(self, names: Iterable[str]) -> Iterator[tuple[Node, str]]:
        for name in names:
            for node in self._written(name):
                yield node, name

    @cached_property
    def single(self) -> dict[Name, Meanings]:
        """Variables by their own symbols."""
        return _table(self._of_variables())

    def _of_variables(self) -> Iterator[tuple[Name, str]]:
        for node, name in self._all_written(map(str, self.variables)):
            if isinstance(node, Name):
                yield node, name

    @cached_property
    def loose(self) -> dict[tuple[object, ...], Meanings]:
        """Variables by their symbols without case and without the way in which indices stand, and
        by letters of other notations."""
        rows: list[tuple[LooseKey, str]] = []
        for node, name in self._of_variables():
            # The number of a pass may stand as any index does.
            both = dict.fromkeys((*loose_keys(node), *loose_keys(_as_index(node))))
            rows += [(key, name) for key in both]
        known = {key for key, _ in rows}
        taken = {key[0] for key in known}
        for node, name in self._by_other_letters():
            # Another notation's letter that this one has for something else means that.
            if node.words or node.letter.lower() not in taken:
                others = filterfalse(known.__contains__, loose_keys(node))
                rows += [(key, name) for key in others]
        return _table(rows)

    def _by_other_letters(self) -> Iterator[tuple[Name, str]]:
        """Variables as other notations write them."""
        for variable in self.variables:
            time = self._shown(variable.time)
            for spelled in spellings().roles.get(variable.base, ()):
                other = replace(variable, base=spelled, time=time)
                for node in self._read(str(other), True):
                    if isinstance(node, Name):
                        yield node, str(variable)

    def _shown(self, time: int | None) -> int | None:
        """A step as this notation counts it."""
        if time is None:
            return None
        return time + self.notation.first - 1

    def _written(self, name: str) -> Iterator[Node]:
        # Without the number of the pass at the loss, as many write it, there is no other meaning.
        for notation in dict.fromkeys((self.notation, self.notation.of_one_pass)):
            as_latex = symbol(name, notated(LATEX, notation))
            yield from self._read(as_latex, False)
        yield from self._read(self.notation.text(name), False)

    def _read(self, text: str, plain: bool) -> Iterator[Node]:
        words = self.words
        if plain:
            letter, *_ = without_step(text).partition("_")
            words = words | {letter}
        with suppress(Unparsed):
            yield parse(tokens_of(text, words))

    @cached_property
    def without_steps(self) -> dict[tuple[object, ...], Meanings]:
        """Variables with a step, as `loose` has them, by all but that step."""
        rows: list[tuple[object, str]] = []
        for key, names in self.loose.items():
            *rest, numbers = key
            if isinstance(numbers, tuple) and len(numbers) == 1:
                rows += [((*rest, ()), name) for name in names]
        return _table(rows)


def _table(rows: Iterable[tuple[object, str]]) -> dict:  # type: ignore[type-arg]
    found: dict[object, dict[str, None]] = {}
    for key, name in rows:
        found.setdefault(key, {})[name] = None
    return {key: tuple(names) for key, names in found.items()}


def without_accent(letter: str) -> tuple[str, str]:
    """A letter and the accent that is written behind it: yhat is y with a hat."""
    for accent in ACCENTS:
        if letter.endswith(accent) and letter != accent:
            return letter.removesuffix(accent), accent
    return letter, ""


def _as_index(name: Name) -> Name:
    """The name with the number of its pass among the others."""
    numbers = tuple((style.replace(PASS, ""), number) for style, number in name.numbers)
    return replace(name, numbers=numbers)


def loose_keys(name: Name) -> Iterator[LooseKey]:
    """A name as it is compared where its own spelling is not known: first with the case of its
    letters, then without."""
    letter, accent = name.letter, name.accent
    if not accent:
        letter, accent = without_accent(letter)
    # Who writes # means the pass, and no step by it.
    numbers = tuple(style.strip(_NO_PASS) + number for style, number in name.numbers)
    words = tuple(sorted(map(str.lower, name.words)))
    yield letter, accent, name.primes, words, numbers
    yield letter.lower(), accent, name.primes, words, numbers
