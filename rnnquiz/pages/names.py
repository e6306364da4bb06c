"""Names as they are written to quantities of the sheet: by the bank's notation, then by letters of
other notations, then by what stands above the line. Where several fit, all of them are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import filterfalse, product

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol, without_step
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.bank.specification import Bank
from rnnquiz.pages.context import Context
from rnnquiz.pages.members import parse
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.token import Unparsed
from rnnquiz.pages.tokens import tokens_of
from rnnquiz.pages.written import TOTAL, Der, Name, Node, Num, Op

Meanings = tuple[str, ...]
MOST_KNOWN = 20_000  # names that are remembered: those of pages that mean nothing add up, too
PASS = "#"  # before the number of a pass
_NO_PASS = "^([<."  # signs of other ways in which an index stands
ACCENTS = ("hat", "tilde", "bar")
SHIFTS = {"t": 0, "T": 0, "t-1": -1, "t+1": 1}  # of what is written from the step of a section
LooseKey = tuple[object, ...]
# dh_next under "t = 3" is a part of what belongs to step 2, and no gradient of step 3.
NEXT = ("next", "future", "carry", "carried")


@dataclass(frozen=True)
class Names:
    """The names of one bank, as a notation writes them."""

    bank: Bank
    notation: Notation

    @cached_property
    def words(self) -> frozenset[str]:
        """Letters and words that names of this bank are made of, for taking text apart."""
        found: set[str] = set()
        for text in self._letters:
            # Primes are signs of their own.
            unprimed = text.replace("'", "")
            found.update(unprimed.split("_"))
            letter = text.partition("_")[0]
            # yhat is written \hat y, with its letter alone.
            bare, _ = without_accent(letter)
            found.add(bare)
        return frozenset(filter(None, found))

    @cached_property
    def _letters(self) -> frozenset[str]:
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
            both = dict.fromkeys((*_loosely(node), *_loosely(_as_index(node))))
            rows += [(key, name) for key in both]
        known = {key for key, _ in rows}
        taken = {key[0] for key in known}
        for node, name in self._by_other_letters():
            # Another notation's letter that this one has for something else means that.
            if node.words or node.letter.lower() not in taken:
                others = filterfalse(known.__contains__, _loosely(node))
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

    # What a name may mean

    @cached_property
    def _known(self) -> dict[tuple[Node, int | None], Meanings]:
        """What names have been found to mean: pages of a class use the same ones."""
        return {}

    def meant(self, node: Node, context: Context) -> Meanings:
        """The quantities that a name may be, the likelier first; none where it is not known."""
        key = (node, context.step)
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._meant(node, context)
        return self._known[key]

    def _meant(self, node: Node, context: Context) -> Meanings:
        # A derivative may be more than its own symbol: its direct part, or the share of a step.
        if node in self.exact and not isinstance(node, Der):
            return self._with_predictions(node, self.exact[node])
        if isinstance(node, Name):
            return self._name(node, context)
        if isinstance(node, Der):
            return self._derivative(node, context)
        return ()

    def _with_predictions(self, node: Node, found: Meanings) -> Meanings:
        """A target's name may be that of the prediction: people write y for both."""
        predictions = map(self._prediction_of, found)
        return (*found, *filter(self._is_quantity, predictions))

    def _prediction_of(self, name: str) -> str:
        """The name of the prediction for a target; empty for anything else."""
        if without_step(name) not in self.bank.cell.targets:
            return ""
        return f"{name[:1]}hat{name[1:]}"

    def _is_quantity(self, name: str) -> bool:
        return name in self.bank.graph.quantities

    def _name(self, name: Name, context: Context) -> Meanings:
        if name.letter == "delta":
            return self.deltas(name, context)
        if name.letter.startswith("d") and (len(name.letter) > 1 or name.words):
            return self._short_derivative(name, context)
        # What stands in derivatives alone (h_1 of dh_1/dU) need not be a quantity itself.
        found = tuple(filter(self._is_quantity, self.variable(name, context)))
        if not found and not name.numbers:
            of_step = self._of_step(name, context.step)
            found = tuple(filter(self._is_quantity, of_step))
        if not name.accent:
            return self._with_predictions(name, found)
        return found

    def variable(self, name: Name, context: Context) -> Meanings:
        """The variables that a single name may be."""
        name = _at_step(_plain_words(name), context)
        # E and J are the loss, unless the bank has them for something else.
        if name.letter in spellings().losses and name.letter not in self._letters:
            name = replace(name, letter="L")
        if name in self.single:
            return self.single[name]
        if found := self._loosely_known(name):
            return found
        if name.numbers:
            return ()
        if context.step is None:
            return self.lone(name)
        at = replace(name, numbers=(("", str(context.step)),))
        return self.single.get(at) or self._loosely_known(at)

    def _loosely_known(self, name: Name) -> Meanings:
        for key in _loosely(name):
            if key in self.loose:
                return self.loose[key]
        return ()

    def _of_step(self, name: Name, step: int | None) -> Meanings:
        """The variable that a name without an index is in a section about a step."""
        if step is None:
            return self.lone(name)
        at = replace(name, numbers=(("", str(step)),))
        return self.variable(at, Context())

    def lone(self, name: Name) -> Meanings:
        """The variable of a letter without a step, where the exercise has it at one step alone."""
        found: set[str] = set()
        for key in _loosely(name):
            found.update(self._without_steps.get(key, ()))
        if len(found) == 1:
            return tuple(found)
        return ()

    @cached_property
    def _without_steps(self) -> dict[tuple[object, ...], Meanings]:
        rows: list[tuple[object, str]] = []
        for key, names in self.loose.items():
            *rest, numbers = key
            if isinstance(numbers, tuple) and len(numbers) == 1:
                rows += [((*rest, ()), name) for name in names]
        return _table(rows)

    def _derivative(self, node: Der, context: Context) -> Meanings:
        exact = self.exact.get(node, ())
        if node.at:
            return exact or self._composed(node, context)
        composed = self._composed(node, context)
        return tuple(dict.fromkeys((*exact, *composed)))

    def _composed(self, node: Der, context: Context) -> Meanings:
        """Derivatives of what the upper name may be by what the lower one may be; in a section
        about one step, its share, too."""
        found: list[Derivative] = []
        ofs, bys = self._sides(node.of, context), self._sides(node.by, context)
        for of, by in product(ofs, bys):
            found += self._forms_of(node, of, by, context)
        names = dict.fromkeys(map(str, found))
        return tuple(filter(self._is_quantity, names))

    def _forms_of(
        self, node: Der, of: Variable, by: Variable, context: Context
    ) -> Iterator[Derivative]:
        """What one derivative may be: itself, its direct part, the share of a step, and the same
        with the step at the loss and not at the derivative, or the other way round."""
        at = None
        if node.at.isdigit():
            at = self._stored(int(node.at))
        # The number of the pass stands once, at whichever side the page has it.
        number = of.number if of.number is not None else by.number
        of, by = replace(of, number=None), replace(by, number=None)
        plain = Derivative(of, by, node.direct, at, number)
        yield plain
        if at is not None:
            yield replace(plain, at=None, of=replace(of, time=at))
            return
        if not node.direct and node.at != TOTAL:
            yield replace(plain, direct=True)
        # Only the gradient of a loss is a sum of shares of steps.
        if of.base != "L":
            return
        timeless = replace(plain, of=replace(of, time=None))
        if of.time is not None:
            yield replace(timeless, at=of.time)
            # For an output, and for the last state, both are the same number: people write either.
            if by.time == of.time:
                yield timeless
        elif context.step is not None:
            step = self._stored(context.step)
            yield replace(plain, at=step)
            loss_at_step = replace(of, time=step)
            yield replace(plain, of=loss_at_step)

    def _stored(self, step: int) -> int:
        """A step that this notation shows, as the bank counts it."""
        return step - self.notation.first + 1

    def _sides(self, node: Node, context: Context) -> tuple[Variable, ...]:
        """The variables of one side of a derivative; an exponent is read as an index, for nobody
        differentiates a square of a state."""
        if isinstance(node, Op) and node.op == "pow":
            base, exponent = node.args
            if isinstance(base, Name) and isinstance(exponent, Num):
                node = replace(base, numbers=(*base.numbers, ("", exponent.text)))
        if not isinstance(node, Name):
            return ()
        predictions: list[Variable] = []
        others: list[Variable] = []
        for name in self.variable(node, context):
            one = parse_symbol(name)
            if not isinstance(one, Variable):
                continue
            # Nobody differentiates by a target: its letter is the prediction's here.
            if one.base in self.bank.cell.targets:
                predictions.append(replace(one, base=f"{one.base}hat"))
            else:
                others.append(one)
        return (*predictions, *others)

    def _short_derivative(self, name: Name, context: Context) -> Meanings:
        """dh_2 and dW_hy: derivatives of the loss by what stands behind the d."""
        if any(word in NEXT for word in name.words):
            return ()
        # A bank may have a quantity whose own letter begins with d.
        own = tuple(filter(self._is_quantity, self.variable(name, context)))
        if own:
            return own
        letter, words = name.letter[1:], name.words
        # d_W: the letter stands below.
        if not letter:
            letter, *rest = words
            words = tuple(rest)
        by = replace(name, letter=letter, words=words)
        loss = Name("L")
        return self._composed(Der(loss, by), context)

    def deltas(self, name: Name, context: Context) -> Meanings:
        """Deltas: gradients of the loss by a state, a pre-activation or an output; which, says an
        index or nothing."""
        step = _first_number(name)
        at = context.step if step is None else step
        found, times = [], set()
        for quantity, by in self._losses_by_state:
            shown = self.notation.variable(by)
            letters = {shown.base, *spellings().roles.get(by.base, ())}
            if name.words and letters.isdisjoint(name.words):
                continue
            if at in (None, shown.time):
                found.append(quantity)
                times.add(shown.time)
        # Without a step it would be that of any.
        if len(times) == 1:
            return tuple(found)
        return ()

    @cached_property
    def _losses_by_state(self) -> tuple[tuple[str, Variable], ...]:
        """The gradients of the loss by what has a step, each with what it is by."""
        found = []
        for q in self.bank.graph.computed:
            parsed = q.symbol
            if not isinstance(parsed, Derivative) or parsed.of.base != "L":
                continue
            if parsed.by.time is not None and not parsed.by.mark:
                found.append((q.name, parsed.by))
        return tuple(found)


def _first_number(name: Name) -> int | None:
    """The first index of a name that is a number."""
    for _, number in name.numbers:
        if number.isdigit():
            return int(number)
    return None


def _table(rows: Iterable[tuple[object, str]]) -> dict:  # type: ignore[type-arg]
    found: dict[object, dict[str, None]] = {}
    for key, name in rows:
        found.setdefault(key, {})[name] = None
    return {key: tuple(names) for key, names in found.items()}


def _at_step(name: Name, context: Context) -> Name:
    """The name with the step for t, t-1 and t+1, where the step is known."""
    if context.step is None or not any(number[:1] in "tT" for _, number in name.numbers):
        return name
    steps = {text: str(context.step + shift) for text, shift in SHIFTS.items()}
    numbers = tuple((style, steps.get(number, number)) for style, number in name.numbers)
    return replace(name, numbers=numbers)


def _plain_words(name: Name) -> Name:
    """The name with its words as marks: y_pred is y with a hat."""
    meaning = spellings().words
    words = tuple(meaning.get(word, word) for word in name.words)
    if "hat" in words and not name.accent:
        return replace(name, accent="hat", words=_all_but("hat", words))
    # The letter of a target has no mark: y_target is y.
    if "target" in words:
        return replace(name, words=_all_but("target", words))
    return replace(name, words=words)


def _all_but(word: str, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(word.__ne__, words))


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


def _loosely(name: Name) -> Iterator[LooseKey]:
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
