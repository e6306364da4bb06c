"""Names as they are written to quantities of the sheet: by the bank's notation, then by letters of
other notations, then by what stands above the line. Where several fit, all of them are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import symbol
from rnnquiz.bank.specification import Bank
from rnnquiz.pages.context import Context
from rnnquiz.pages.members import parse
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.tokens import Unparsed, tokens_of
from rnnquiz.pages.written import TOTAL, Der, Name, Node, Num, Op

Found = tuple[str, ...]
MOST_KNOWN = 20_000
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
            found |= {part for part in text.replace("'", "").split("_") if part}
            letter = text.partition("_")[0]
            found.add(
                next(
                    (
                        letter[: -len(a)]
                        for a in ("hat", "tilde", "bar")
                        if letter.endswith(a) and len(letter) > len(a)
                    ),
                    letter,
                )
            )
        return frozenset(found)

    @cached_property
    def _letters(self) -> frozenset[str]:
        return frozenset(self.notation.letter(v.base) for v in self.variables)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Words that a line may begin with, each with the letter that it stands for."""
        timed = {v.base for v in self.variables if v.time is not None}
        table = spellings().labels.items()
        found: dict[str, str] = {}
        for base, phrases in table:
            letter = self.notation.letter(base)
            if base in timed:
                found.update((phrase, letter) for phrase in phrases)
        return {phrase: letter for phrase, letter in found.items() if len(letter) <= len(phrase)}

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Every variable of the bank: by itself, or in a derivative."""
        found: dict[Variable, None] = {}
        for q in self.bank.graph:
            parsed = q.symbol
            for one in (parsed,) if isinstance(parsed, Variable) else (parsed.of, parsed.by):
                found[one] = None
        return tuple(found)

    @cached_property
    def exact(self) -> dict[Node, Found]:
        """Quantities by their own symbols, as the bank's notation writes them in LaTeX and as
        text."""
        return _table((node, q.name) for q in self.bank.graph for node in self._written(q.name))

    @cached_property
    def single(self) -> dict[Name, Found]:
        """Variables by their own symbols."""
        return _table(
            (node, str(v))
            for v in self.variables
            for node in self._written(str(v))
            if isinstance(node, Name)
        )

    @cached_property
    def loose(self) -> dict[tuple[object, ...], Found]:
        """Variables by their symbols without case and without the way in which indices stand, and
        by letters of other notations."""
        own = [
            (key, str(v))
            for v in self.variables
            for node in self._written(str(v))
            if isinstance(node, Name)
            for key in _loosely(node)
        ]
        known = {key for key, _ in own}
        taken = {key[0] for key in known}
        for v in self.variables:
            for spelled in spellings().roles.get(v.base, ()):
                other = str(
                    replace(
                        v,
                        base=spelled,
                        time=None if v.time is None else v.time + self.notation.first - 1,
                    )
                )
                for node in self._read(other, True):
                    if isinstance(node, Name) and (node.words or node.letter.lower() not in taken):
                        own += [(key, str(v)) for key in _loosely(node) if key not in known]
        return _table(own)

    def _written(self, name: str) -> Iterator[Node]:
        notation = self.notation
        yield from self._read(symbol(name, notated(LATEX, notation)), False)
        yield from self._read(notation.text(name), False)

    def _read(self, text: str, plain: bool) -> Iterator[Node]:
        with suppress(Unparsed):
            yield parse(
                tokens_of(
                    text,
                    (
                        self.words
                        if not plain
                        else self.words | {text.partition("[")[0].partition("_")[0]}
                    ),
                )
            )

    # What a name may mean

    @cached_property
    def _known(self) -> dict[tuple[Node, int | None], Found]:
        """What names have been found to mean: pages of a class use the same ones."""
        return {}

    def meant(self, node: Node, context: Context) -> Found:
        """The quantities that a name may be, the likelier first; none where it is not known."""
        key = (node, context.step)
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._meant(node, context)
        return self._known[key]

    def _meant(self, node: Node, context: Context) -> Found:
        if node in self.exact and not isinstance(node, Der):
            return self._with_predictions(node, self.exact[node])
        if isinstance(node, Name):
            return self._name(node, context)
        return self._derivative(node, context) if isinstance(node, Der) else ()

    def _with_predictions(self, node: Node, found: Found) -> Found:
        """A target's name may be that of the prediction: people write y for both."""
        more = tuple(
            f"{name[:1]}hat{name[1:]}"
            for name in found
            if name.partition("[")[0] in self.bank.cell.targets
        )
        return (*found, *(name for name in more if name in self.bank.graph.quantities))

    def _name(self, name: Name, context: Context) -> Found:
        if name.letter == "delta":
            return self.deltas(name, context)
        if name.letter.startswith("d") and (len(name.letter) > 1 or name.words):
            return self._short_derivative(name, context)
        quantities = self.bank.graph.quantities.__contains__
        found = tuple(filter(quantities, self.variable(name, context)))
        if not found and not name.numbers:
            found = tuple(filter(quantities, self._of_step(name, context.step)))
        return self._with_predictions(name, found) if not name.accent else found

    def variable(self, name: Name, context: Context) -> Found:
        """The variables that a single name may be."""
        name = _at_step(_plain_words(name), context)
        if name.letter in spellings().losses and name.letter not in self._letters:
            name = replace(name, letter="L")
        if name in self.single:
            return self.single[name]
        for key in _loosely(name):
            if key in self.loose:
                return self.loose[key]
        if not name.numbers and context.step is not None:
            at = replace(name, numbers=(("", str(context.step)),))
            return self.single.get(at) or next(
                (self.loose[key] for key in _loosely(at) if key in self.loose), ()
            )
        return self.lone(name) if not name.numbers else ()

    def _of_step(self, name: Name, step: int | None) -> Found:
        """The variable that a name without an index is in a section about a step."""
        if step is None:
            return self.lone(name)
        return self.variable(replace(name, numbers=(("", str(step)),)), Context())

    def lone(self, name: Name) -> Found:
        """The variable of a letter without a step, where the exercise has it at one step alone."""
        found: set[str] = set()
        for key in _loosely(name):
            found.update(self._without_steps.get(key, ()))
        return tuple(found) * (len(found) == 1)

    @cached_property
    def _without_steps(self) -> dict[tuple[object, ...], Found]:
        rows: list[tuple[object, str]] = []
        for key, names in self.loose.items():
            *rest, numbers = key
            if isinstance(numbers, tuple) and len(numbers) == 1:
                rows += [((*rest, ()), name) for name in names]
        return _table(rows)

    def _derivative(self, node: Der, context: Context) -> Found:
        exact = self.exact.get(node, ())
        if node.at and not exact:
            exact = self._composed(node, context)
        if node.at:
            return exact
        return tuple(dict.fromkeys((*exact, *self._composed(node, context))))

    def _composed(self, node: Der, context: Context) -> Found:
        """Derivatives of what the upper name may be by what the lower one may be; in a section
        about one step, its share, too."""
        quantities = self.bank.graph.quantities
        found: list[str] = []
        ofs, bys = self._sides(node.of, context), self._sides(node.by, context)
        at = int(node.at) - self.notation.first + 1 if node.at.isdigit() else None
        for of in ofs:
            for by in bys:
                number = of.number if of.number is not None else by.number
                plain = Derivative(
                    replace(of, number=None), replace(by, number=None), node.direct, at, number
                )
                found += [str(plain)]
                if not node.direct and at is None and node.at != TOTAL:
                    found.append(str(replace(plain, direct=True)))
                if at is None and context.step is not None and of.time is None and of.base == "L":
                    step = context.step - self.notation.first + 1
                    found.append(str(replace(plain, at=step)))
                    found.append(str(replace(plain, of=replace(plain.of, time=step))))
                if at is not None:
                    found.append(str(replace(plain, at=None, of=replace(plain.of, time=at))))
                elif of.time is not None and of.base == "L":
                    found.append(str(replace(plain, at=of.time, of=replace(plain.of, time=None))))
                    if by.time == of.time:
                        found.append(str(replace(plain, of=replace(plain.of, time=None))))
        return tuple(dict.fromkeys(name for name in found if name in quantities))

    def _sides(self, node: Node, context: Context) -> tuple[Variable, ...]:
        """The variables of one side of a derivative; an exponent is read as an index, for nobody
        differentiates a square of a state."""
        if (
            isinstance(node, Op)
            and node.op == "pow"
            and isinstance(node.args[0], Name)
            and isinstance(node.args[1], Num)
        ):
            name = node.args[0]
            node = replace(name, numbers=(*name.numbers, ("", node.args[1].text)))
        if not isinstance(node, Name):
            return ()
        found = [parse_symbol(name) for name in self.variable(node, context)]
        sides = [one for one in found if isinstance(one, Variable)]
        swapped = [
            replace(one, base=f"{one.base}hat")
            for one in sides
            if one.base in self.bank.cell.targets
        ]
        return (*swapped, *(one for one in sides if one.base not in self.bank.cell.targets))

    def _short_derivative(self, name: Name, context: Context) -> Found:
        """dh_2 and dW_hy: derivatives of the loss by what stands behind the d."""
        if any(word in NEXT for word in name.words):
            return ()
        if own := tuple(v for v in self.variable(name, context) if v in self.bank.graph.quantities):
            return own
        letter, words = name.letter[1:], name.words
        if not letter:
            letter, words = words[0], words[1:]
        by = replace(name, letter=letter, words=words)
        return self._composed(Der(Name("L"), by), context)

    def deltas(self, name: Name, context: Context) -> Found:
        """Deltas: gradients of the loss by a state, a pre-activation or an output; which, says an
        index or nothing."""
        quantities = self.bank.graph.quantities
        step = next((number for _, number in name.numbers if number.isdigit()), None)
        at = context.step if step is None else int(step)
        found, times = [], set()
        for q in self.bank.graph.computed:
            parsed = q.symbol
            if (
                isinstance(parsed, Derivative)
                and parsed.of.base == "L"
                and parsed.by.time is not None
                and not parsed.by.mark
            ):
                shown = self.notation.variable(parsed.by)
                letters = {shown.base, *spellings().roles.get(parsed.by.base, ())}
                named = not name.words or any(word in letters for word in name.words)
                if at in (None, shown.time) and named:
                    found.append(q.name)
                    times.add(shown.time)
        return tuple(name for name in found if name in quantities) if len(times) == 1 else ()


def _table(rows: Iterable[tuple[object, str]]) -> dict:  # type: ignore[type-arg]
    found: dict[object, dict[str, None]] = {}
    for key, name in rows:
        found.setdefault(key, {})[name] = None
    return {key: tuple(names) for key, names in found.items()}


def _at_step(name: Name, context: Context) -> Name:
    """The name with the step for t, t-1 and t+1, where the step is known."""
    if context.step is None or not any(number[:1] in "tT" for _, number in name.numbers):
        return name
    shift = {"t": 0, "T": 0, "t-1": -1, "t+1": 1}
    return replace(
        name,
        numbers=tuple(
            (s, str(context.step + shift[n]) if n in shift else n) for s, n in name.numbers
        ),
    )


def _plain_words(name: Name) -> Name:
    """The name with its words as marks: y_pred is y with a hat."""
    meaning = spellings().words
    words = tuple(meaning.get(word, word) for word in name.words)
    if "hat" in words and not name.accent:
        return replace(name, accent="hat", words=tuple(word for word in words if word != "hat"))
    if "target" in words:
        return replace(name, words=tuple(word for word in words if word != "target"))
    return replace(name, words=words)


def _loosely(name: Name) -> Iterator[tuple[object, ...]]:
    """A name as it is compared where its own spelling is not known: first with the case of its
    letters, then without."""
    letter, accent = name.letter, name.accent
    if not accent:
        accent = next(
            (a for a in ("hat", "tilde", "bar") if letter.endswith(a) and len(letter) > len(a)), ""
        )
        letter = letter.removesuffix(accent)
    numbers = tuple(number for _, number in name.numbers)
    words = tuple(sorted(word.lower() for word in name.words))
    yield letter, accent, name.primes, words, numbers
    yield letter.lower(), accent, name.primes, words, numbers
