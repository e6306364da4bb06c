"""Where each line of a solution stands: its section and its topic, in the order of reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rnnquiz.algebra.named import named_step
from rnnquiz.algebra.symbols import Derivative
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.derivation.graph import Quantity, gathered
from rnnquiz.derivation.reading_order import headed_runs, pass_heading
from rnnquiz.derivation.roles import Role
from rnnquiz.languages.sentences import Message, said


def reading_places(bank: Bank) -> Mapping[str, tuple[str, str]]:
    """Section and topic of each computed quantity by its name, in the order in which they are read:
    each section once, in it each topic; what goes by steps has the same order in each step, one
    direction through time after the other.
    """
    return _Sections(bank).places()


@dataclass(frozen=True)
class _Sections:
    bank: Bank

    def places(self) -> dict[str, tuple[str, str]]:
        sections: dict[tuple[str, int | None], list[tuple[Quantity, str]]] = {}
        computed = self.bank.displayed.computed
        for q, (section, topic) in zip(computed, self._topics_of(computed), strict=True):
            own = sections.setdefault((section, self._pass(q)), [])
            own.append((q, topic))
        places: dict[str, tuple[str, str]] = {}
        for (section, number), rows in sections.items():
            topics = {q.name: topic for q, topic in rows}
            for heading, part in self._parts(section, rows):
                whole = pass_heading(heading, number)
                places |= {q.name: (whole, topics[q.name]) for q in part}
        # A line must not stand before one whose number it reads.
        if self.bank.displayed.computable(list(map(self.bank.displayed.__getitem__, places))):
            return places
        return {q.name: places[q.name] for q in computed}

    def _topics_of(self, computed: Sequence[Quantity]) -> list[tuple[str, str]]:
        """Section and topic of each computed quantity: by step forwards; backwards by the gradient
        that it is needed for."""
        places: list[tuple[str, str]] = []
        following: tuple[str, str] = (said("Backward pass"), "")
        # From the end: what a gradient needs stands before it.
        for q in reversed(computed):
            if q.role == Role.GRADIENT and self.bank.written.style == "total":
                following = self._backwards(q), self._parameter(q)
            places.append(self._place(q, following))
        return places[::-1]

    def _parts(
        self, section: str, rows: Sequence[tuple[Quantity, str]]
    ) -> Iterator[tuple[str, Sequence[Quantity]]]:
        """The quantities of a section as they are read, below one heading or several."""
        quantities = [q for q, _ in rows]
        if all(map(self._is_by_step, quantities)):
            yield from headed_runs(section, quantities, self.bank.displayed, _narrowed)
            return
        by_topic = gathered(rows, lambda row: row[1])
        yield section, in_order_of_steps([q for q, _ in by_topic])

    def _is_by_step(self, q: Quantity) -> bool:
        """True where the topics of a quantity's section are the steps."""
        if q.role.runs_forward:
            return True
        return self.bank.written.style == "delta" and q.role in (Role.LOCAL, Role.RECURRENCE)

    def _parameter(self, q: Quantity) -> str:
        """The letter of the parameter by which a quantity is a derivative."""
        assert isinstance(q.symbol, Derivative)
        return self.bank.notation.letter(q.symbol.by.base)

    def _pass(self, q: Quantity) -> int | None:
        """The pass of a quantity, where training has several."""
        return q.symbol.number if len(self.bank.full.passes) > 1 else None

    def _place(self, q: Quantity, following: tuple[str, str]) -> tuple[str, str]:
        if q.role.runs_forward:
            return self._forwards(q)
        if q.role in (Role.UPDATE, Role.FINDING):
            return q.role.words, ""
        if self.bank.written.style == "delta":
            if q.role in (Role.GRADIENT, Role.SUM) and isinstance(q.symbol, Derivative):
                return self._summed(Role.SUM.words), self._parameter(q)
            return said("Backward pass"), self._step(q)
        if q.role == Role.SUM:
            return self._summed(said("Sums over time")), ""
        return following

    def _backwards(self, q: Quantity) -> Message:
        """The section of a gradient, by the loss that it comes from."""
        if not self.bank.in_time:
            return said("Backward pass")
        return said("Backward pass, loss at {step}", step=self._step(q))

    def _summed(self, section: Message) -> Message:
        """The section of the gradients of parameters, where those of several steps are summed."""
        sums = (q for q in self.bank.displayed.computed if q.role == Role.SUM)
        if all(map(trivial, sums)):
            return Role.SUM.words_of_one_step
        return section

    def _forwards(self, q: Quantity) -> tuple[str, str]:
        section = Role.FORWARD.words
        if any(other.role == Role.LOSS for other in self.bank.full):
            section = said("Forward pass and loss")
        # Only the loss of the whole sequence belongs to no step.
        if q.time is None:
            return section, Role.LOSS.words
        return section, self._step(q)

    def _step(self, q: Quantity) -> str:
        if q.time is None or not self.bank.in_time:
            return ""
        # A course may count its first step as 0; the graph counts from 1.
        step = q.time + self.bank.notation.first - 1
        return named_step(step)


def _narrowed(section: str, run: Sequence[Quantity]) -> str:
    """A section's name for some of its quantities: of the forward pass and the loss those that are
    there."""
    first, *others = {q.role for q in run}
    if others or not first.runs_forward:
        return section
    return first.words


def in_order_of_steps(quantities: Iterable[Quantity]) -> list[Quantity]:
    """What the steps contribute to a gradient in the order in which it is added up."""
    found: list[Quantity] = []
    for _, alike in groupby(quantities, key=_shared):
        found += sorted(alike, key=_share)
    return found


def _share(q: Quantity) -> tuple[bool, int]:
    """The step whose share of a gradient a quantity is; the whole comes after its shares."""
    step = getattr(q.symbol, "at", None)
    return step is None, step or 0


def _shared(q: Quantity) -> str:
    """The gradient of which a quantity is a share; its own name where it is none."""
    if isinstance(q.symbol, Derivative):
        return str(replace(q.symbol, at=None))
    return q.name
