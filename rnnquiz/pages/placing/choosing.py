"""Which of several quantities a line is about: by its right side, by the numbers stated before, and
by the section that it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import filterfalse

from rnnquiz.algebra.symbols import Variable
from rnnquiz.derivation.roles import Role
from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.values import Written, number_of
from rnnquiz.pages.mathematics.written import Node, is_numeric, is_value
from rnnquiz.pages.meaning.entries import entry_named
from rnnquiz.pages.meaning.evidence import FORM, NUMBERS, Evidence
from rnnquiz.pages.meaning.known import holds
from rnnquiz.pages.placing.candidates import Candidates
from rnnquiz.pages.placing.endings import value_at_end
from rnnquiz.pages.stated.chains import Chain
from rnnquiz.pages.stated.context import part_in

DIRECT_PART = "d+"  # how the name of a direct part begins
GIVEN = "given"


@dataclass(frozen=True)
class ChosenQuantity:
    """The quantity that a line is about; where that is not settled, none, and why."""

    name: str | None
    reason: str = ""


@dataclass(frozen=True)
class Earlier:
    """What a left side was before, and whether that line ended in a number."""

    name: str
    finished: bool


@dataclass(frozen=True)
class Choice:
    """`before`: the left sides of a page by their step, as far as it is read."""

    evidence: Evidence
    meant: Candidates
    before: dict[tuple[Node, int | None], Earlier] = field(default_factory=dict)

    def earlier(self, chain: Chain) -> Earlier | None:
        """What the same left side was taken for before; none the first time."""
        assert chain.left is not None
        return self.before.get((chain.left, chain.context.step))

    def remember(self, chain: Chain, name: str) -> None:
        """Keeps what the left side of a line was taken for."""
        assert chain.left is not None
        finished = self.last_value(chain) is not None
        self.before[chain.left, chain.context.step] = Earlier(name, finished)

    def one_entry(self, name: str, chain: Chain) -> str:
        """The entry of a vector that the words above a line say it is about, where the line has one
        number; else the quantity itself."""
        entry, shape = chain.context.entry, self.evidence.formulas.quantity(name).shape
        if not entry or len(shape) != 1 or entry > shape[0] or self.last_value(chain) is None:
            return name
        return entry_named(name, (entry - 1,))

    def shares(self, names: list[str], chain: Chain) -> list[str]:
        """dW += 0.2 in a section about one step: its share, and no sum."""
        if not chain.right or chain.right[0].relation != "+=":
            return names
        parts = list(filterfalse(self.is_sum, names))
        return self.at_step(parts, chain.context.step) or parts

    def is_sum(self, name: str) -> bool:
        """True for a sum over time."""
        return self.evidence.formulas.quantity(name).role == Role.SUM

    def at_step(self, names: Sequence[str], step: int | None) -> list[str]:
        """Those of some quantities that are of one step."""

        def is_there(name: str) -> bool:
            return self.evidence.shown_time(name) == step

        return list(filter(is_there, names))

    def chosen(self, names: list[str], chain: Chain, scan: bool, given: bool) -> ChosenQuantity:
        """The quantity that a line is about, by its right side. `scan`: its name is a guess at what
        recognition made of it; `given`: it may be the name of a given, too."""
        bare = _is_bare(chain)
        value = self.last_value(chain)
        if given and bare and value is not None:
            reason = self.as_given(chain, value)
            if reason:
                return ChosenQuantity(None, reason)
        if len(names) == 1 and not scan:
            (only,) = names
            return ChosenQuantity(self.as_computed(only, chain))
        # A number alone shows nothing by itself: what the name was before does.
        if bare and (again := self.again(names, chain, scan)):
            return ChosenQuantity(again)
        return self.by_score(names, chain, scan)

    def as_given(self, chain: Chain, value: Written) -> str:
        """Why a line without a formula may be about a given: it has its number, or may have."""
        assert chain.left is not None
        givens = self.evidence.known.givens
        meant = self.meant.of(chain.left, chain)
        target = next(filter(givens.__contains__, meant), None)
        if target is not None and holds(value, givens[target]):
            return GIVEN
        # Once a line has shown what the letter is, a number alone restates it.
        if self.earlier(chain) is None:
            return said(
                "{left} may be the target or the prediction; no formula says which",
                left=str(chain.left),
            )
        return ""

    def again(self, names: Sequence[str], chain: Chain, scan: bool) -> str:
        """A number alone, for a name that stood there before: the same quantity where it was left
        open or has this number, else another of that number; empty where none fits."""
        earlier = self.earlier(chain)
        if earlier is None or earlier.name not in names:
            return ""
        value = self.last_value(chain)
        if scan or not earlier.finished or self.has_stated(earlier.name, value):
            return earlier.name
        for name in names:
            if self.has_stated(name, value):
                return name
        return ""

    def has_stated(self, name: str, value: Written | None) -> bool:
        """True where the page has this number for a quantity."""
        held = self.evidence.known.values.get(name)
        if held is None or value is None:
            return False
        return holds(value, held[0])

    def by_score(self, names: Sequence[str], chain: Chain, scan: bool) -> ChosenQuantity:
        """The one for which most speaks; of a guess, more must speak than the form alone."""
        scores = {name: self.evidence.score(name, chain) for name in names}
        best = max(scores.values())

        def wins(name: str) -> bool:
            return scores[name] == best

        winners = list(filter(wins, names))
        if len(winners) > 1 or (scan and best <= FORM):
            return self.by_section(winners, chain, scan)
        return ChosenQuantity(winners[0])

    def as_computed(self, name: str, chain: Chain) -> str:
        """The quantity of the section's step, where the line has the name of another step and puts
        in the numbers of this one; else the name's own."""
        step, own = chain.context.step, self.evidence.shown_time(name)
        graph = self.evidence.bank.graph
        symbol = graph[self.evidence.formulas.whole(name)].symbol
        if step is None or own in (None, step) or not isinstance(symbol, Variable):
            return name
        time = step - self.evidence.names.notation.first + 1
        other = str(replace(symbol, time=time))
        if other not in graph.quantities:
            return name
        # The label of a line may be a slip; what the line computes is not.
        if self.fit(other, chain) == NUMBERS and self.fit(name, chain) < NUMBERS:
            return other
        return name

    def fit(self, name: str, chain: Chain) -> float:
        """How well the numbers of a line are those of a quantity's formula."""
        trees = _trees(chain)
        scores = (self.evidence.number_score(name, tree) for tree in trees)
        return max(scores, default=0.0)

    def by_section(self, names: list[str], chain: Chain, scan: bool) -> ChosenQuantity:
        """The one that the section is about."""
        if scan:
            why = said(
                "{left} is no name of the sheet, and the line does not show what it stands for",
                left=str(chain.left),
            )
            return ChosenQuantity(None, why)
        sums = list(filter(self.is_sum, names))
        # "summing up" above a line says more than its form.
        if chain.context.part == "sums" and len(sums) == 1:
            return ChosenQuantity(sums[0])
        whole = _and_its_direct_part(names)
        if whole:
            return self.whole_or_part(names, whole, chain)
        if chain.context.step is not None:
            return self.share_or_sum(names, sums, chain)
        if len(sums) == 1:
            return ChosenQuantity(sums[0])
        return self.open_between(names, chain)

    def whole_or_part(self, names: Sequence[str], whole: str, chain: Chain) -> ChosenQuantity:
        """The direct part of a derivative or all of it."""
        part = self.part_of(names, whole, chain)
        if part is not None:
            return ChosenQuantity(part)
        why = said(
            "{left} may be the direct part or the whole of it; the line does not show which",
            left=str(chain.left),
        )
        return ChosenQuantity(None, why)

    def share_or_sum(
        self, names: Sequence[str], sums: Sequence[str], chain: Chain
    ) -> ChosenQuantity:
        """In a section about one step."""
        step = chain.context.step
        timed = self.at_step(names, step)
        if len(timed) != 1 or not sums or not chain.right:
            return self.open_between(names, chain)
        if len(sums) == 1 and self.is_summed(sums[0], timed[0], chain):
            return ChosenQuantity(sums[0])
        why = said(
            "{left} may be the share of step {step} or the sum; the line does not show which",
            left=str(chain.left),
            step=step,
        )
        return ChosenQuantity(None, why)

    def open_between(self, names: Sequence[str], chain: Chain) -> ChosenQuantity:
        """A line that may be several quantities, with the words for it."""
        # Three are enough to show that the name is not clear.
        texts: Iterator[str] = map(self.evidence.formulas.text, names[:3])
        either = reduce(_either, texts)
        why = said("{left} may be {names}", left=str(chain.left), names=either)
        return ChosenQuantity(None, why)

    def part_of(self, names: Sequence[str], whole: str, chain: Chain) -> str | None:
        """The direct part or all of it, as the words of the line say; all of it, where another
        number was stated for the direct part before."""
        (direct,) = set(names) - {whole}
        # Both stand under one name on most pages; some mark them by a word.
        meant = part_in(chain.piece.words)
        if meant:
            return direct if meant == "direct" else whole
        known = self.evidence.known.values
        # The derivation has the direct part first.
        if whole not in known and self.is_another(direct, chain):
            return whole
        return None

    def is_summed(self, whole: str, share: str, chain: Chain) -> bool:
        """True for another number than the share's, where the shares of all steps are stated."""
        known = self.evidence.known.values
        parts = self.evidence.bank.graph.parents[whole]
        if not parts or not known.keys() >= set(parts):
            return False
        return self.is_another(share, chain)

    def is_another(self, name: str, chain: Chain) -> bool:
        """True for a line with another number than that which was stated for a quantity."""
        value = self.last_value(chain)
        if value is None or name not in self.evidence.known.values:
            return False
        return not self.has_stated(name, value)

    def last_value(self, chain: Chain) -> Written | None:
        """The number that a line ends with; none where it ends with a formula."""
        tree = self.final(chain)
        if tree is not None:
            return number_of(tree)
        return None

    def final(self, chain: Chain) -> Node | None:
        """The value that a chain ends with, as `value_at_end` has it."""
        return value_at_end(chain, self.evidence.bank.rounding.digits)


def _is_bare(chain: Chain) -> bool:
    """True for a line of values, without a formula."""
    trees = [member.tree for member in chain.readable]
    return all(tree is None or is_value(tree) for tree in trees)


def _either(one: str, other: str) -> str:
    return said("{one} or {other}", one=one, other=other)


def _trees(chain: Chain) -> Iterator[Node]:
    """What of a line is in numbers."""
    for member in chain.readable:
        if member.tree is not None and is_numeric(member.tree):
            yield member.tree


def _and_its_direct_part(names: Sequence[str]) -> str:
    """The whole derivative, where two names are it and its direct part."""
    if len(names) != 2:
        return ""
    one, other = sorted(names, key=is_direct)
    if is_direct(one) or not is_direct(other):
        return ""
    of_whole = other.replace(DIRECT_PART, "d")
    return one if of_whole == one else ""


def is_direct(name: str) -> bool:
    """Whether it is the part of a derivative that goes through no other step."""
    return name.startswith(DIRECT_PART)
