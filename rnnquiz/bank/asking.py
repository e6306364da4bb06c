"""What a bank asks: kinds and names of quantities, with stars, in the letters of the network or of
the notation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import updated
from rnnquiz.bank.predictions import fits
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.roles import SOLVED
from rnnquiz.problems import Problems
from rnnquiz.text import nearest

MOST_STARS = 3  # dL[*]/dh[*] has two; each more is a factor in the time of a match
HOW_TO_ASK = f"write all, a kind ({', '.join(SOLVED)}) or a name such as h[2] or dL/d*"


def patterns_of(ask: Sequence[str], graph: Graph) -> list[str]:
    """The names that are asked, each with its steps: h is h[*] where there is no h without a
    step."""
    found = []
    for word in ask:
        # A kind asks for nothing that the loss does not need; what is too long is refused later.
        if not _is_kind(word) and not _is_long(word):
            found.append(_stepped(word, graph))
    return found


def _is_kind(word: str) -> bool:
    return word in SOLVED or word == "all"


def _is_long(pattern: str) -> bool:
    """True for so many stars that matching them could take for ever."""
    return pattern.count("*") > MOST_STARS


def _stepped(name: str, graph: Graph) -> str:
    if name in graph.quantities or "*" in name:
        return name
    _, _, last = name.rpartition("/")
    if "[" in last:
        return name
    return f"{name}[*]"


@dataclass(frozen=True)
class Asking:
    """What is asked of a graph, by a bank in a notation. `typed` is what is asked as it stands in
    the bank, in the letters of its notation."""

    written: BankText
    graph: Graph
    notation: Notation
    typed: Sequence[str]

    def asked(self, problems: Problems) -> tuple[str, ...]:
        """Names of the asked quantities in the order of computation; trivial ones only where they
        are asked by name."""
        computed = [q.name for q in self.graph.computed]
        kind = self.written.task.kind
        if kind == TaskKind.FIND:
            return tuple(computed)
        before = len(problems)
        # Where a bank says nothing, the step itself is asked.
        if kind == TaskKind.STEP and "ask" not in self.written.model_fields_set:
            chosen = self._of_the_step()
        else:
            chosen = self._named_in_the_bank(problems)
        if not chosen and len(problems) == before:
            remedy = f"write all, or a kind ({', '.join(SOLVED)})"
            problems.add(("ask",), "nothing is asked", remedy)
        return tuple(filter(chosen.__contains__, computed))

    def _of_the_step(self) -> set[str]:
        """What is computed in one step of backpropagation."""
        at = self.written.task.at
        chosen = set()
        for q in self.graph.computed:
            if q.time == at and q.role.runs_back and not trivial(q):
                chosen.add(q.name)
        return chosen

    def _named_in_the_bank(self, problems: Problems) -> set[str]:
        chosen: set[str] = set()
        for index, pattern in enumerate(self.written.ask):
            if _is_kind(pattern):
                chosen |= self._of_kind(pattern)
            elif _is_long(pattern):
                found = f"more than {MOST_STARS} stars"
                problems.add(("ask", index), found, "write a shorter pattern")
            elif fitting := self._fitting(pattern):
                chosen |= fitting
            else:
                found = f"{self.typed[index]!r} matches no quantity"
                problems.add(("ask", index), found, self._meant(pattern))
        return chosen

    def _of_kind(self, kind: str) -> set[str]:
        chosen = set()
        for q in self.graph.computed:
            if kind in (q.role, "all") and not trivial(q):
                chosen.add(q.name)
        return chosen

    def _fitting(self, pattern: str) -> set[str]:
        """The quantities that a pattern names, by their own names or else as the notation shows
        them."""
        own = _stepped(pattern, self.graph)
        names = [q.name for q in self.graph.computed]
        by_name = set(filter(partial(fits, own), names))
        if by_name:
            return by_name
        shown = map(self.notation.text, names)
        return set(compress(names, map(partial(fits, own), shown)))

    def _meant(self, pattern: str) -> str:
        """What may have been meant; for a given letter what is computed of it."""
        computed = [q.name for q in self.graph.computed]
        shown = self.notation.text
        if pattern not in self.graph.quantities:
            return nearest(pattern, map(shown, computed), HOW_TO_ASK)
        candidates = (updated(pattern), f"dL/d{pattern}")
        of_it = list(filter(computed.__contains__, candidates))
        if not of_it:
            return "it is given, and not computed"
        return f"it is given; computed of it are {', '.join(map(shown, of_it))}"
