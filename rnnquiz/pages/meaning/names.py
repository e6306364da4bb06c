"""Names as they are written to quantities of the sheet: by the bank's notation, then by letters of
other notations, then by what stands above the line. Where several fit, all of them are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol, without_step
from rnnquiz.bank.specification import Bank
from rnnquiz.pages.mathematics.written import TOTAL, Der, Name, Node, Num, Op
from rnnquiz.pages.meaning.lettering import Lettering, Meanings, loose_keys
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.context import Context

MOST_KNOWN = 20_000  # names that are remembered: those of pages that mean nothing add up, too
SHIFTS = {"t": 0, "T": 0, "t-1": -1, "t+1": 1}  # of what is written from the step of a section
# dh_next under "t = 3" is a part of what belongs to step 2, and no gradient of step 3.
NEXT = ("next", "future", "carry", "carried")


@dataclass(frozen=True)
class Names:
    """The names of one bank, as a notation writes them."""

    bank: Bank
    notation: Notation

    @cached_property
    def lettering(self) -> Lettering:
        """Which letters stand for what."""
        return Lettering(self.bank, self.notation)

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
        if node in self.lettering.exact and not isinstance(node, Der):
            return self._with_predictions(node, self.lettering.exact[node])
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
        if name.letter in spellings().losses and name.letter not in self.lettering.letters:
            name = replace(name, letter="L")
        if name in self.lettering.single:
            return self.lettering.single[name]
        if found := self._loosely_known(name):
            return found
        if name.numbers:
            return ()
        if context.step is None:
            return self.lone(name)
        at = replace(name, numbers=(("", str(context.step)),))
        return self.lettering.single.get(at) or self._loosely_known(at)

    def _loosely_known(self, name: Name) -> Meanings:
        for key in loose_keys(name):
            if key in self.lettering.loose:
                return self.lettering.loose[key]
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
        for key in loose_keys(name):
            found.update(self.lettering.without_steps.get(key, ()))
        if len(found) == 1:
            return tuple(found)
        return ()

    def _derivative(self, node: Der, context: Context) -> Meanings:
        exact = self.lettering.exact.get(node, ())
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
