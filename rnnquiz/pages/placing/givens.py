"""Lines about givens: the sheet's own, a slip of copying, or another problem's."""

from __future__ import annotations

from rnnquiz.algebra.symbols import without_step
from rnnquiz.languages.sentences import said
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.meaning.known import holds
from rnnquiz.pages.placing.choosing import Choice
from rnnquiz.pages.placing.placed import Placed
from rnnquiz.pages.stated.chains import Chain

# Givens that are not the sheet's: one may be a slip of copying. With four the other one of two
# exercises on a page is taken for the sheet's (tests/test_pages.py); with one nothing changes.
FOREIGN = 2


class StatedGivens:
    """The givens of one page as far as it is read."""

    def __init__(self, evidence: Evidence, choice: Choice, placed: Placed) -> None:
        self.evidence, self.choice, self.placed = evidence, choice, placed
        self.foreign = ""  # why what follows is another problem's; empty where it is the sheet's
        self.same = self.other = 0  # givens of the sheet, and others, one after the other

    def state(self, number: int, chain: Chain, name: str) -> None:
        """A statement about a given: the sheet's own, a slip of copying, or another problem's."""
        value, givens = self.choice.last_value(chain), self.evidence.known.givens
        if value is None or name not in givens:
            return
        if holds(value, givens[name]):
            self.same += 1
            if self.same > self.other:
                self.foreign = ""
            return
        shown = self.evidence.formulas.text(name)
        if self.may_be_updated(name, chain):
            reason = said("{name} may be the parameter before or after the update", name=shown)
            self.placed.leave(number, chain, reason)
            return
        facts = {"name": shown, "here": value[0], "sheet": givens[name]}
        here = said("{name} = {here:g} here, and {sheet:g} on the sheet", **facts)
        self.placed.givens.append((number, name, here))
        self.other += 1
        others = self.other >= FOREIGN and self.other > self.same
        # A given that changes once it was used is another problem's; before that it may be a slip,
        # unless several differ, and the sheet's own number comes in a later section.
        if self.is_used(name) or (others and self.comes_later(number, name)):
            self.foreign = said("it stands under other numbers ({numbers})", numbers=here)

    def stated_so_far(self) -> set[str]:
        """The givens whose numbers the page has stated so far."""
        return {self.evidence.formulas.whole(one) for one in self.evidence.known.values}

    def may_be_updated(self, name: str, chain: Chain) -> bool:
        """True for a parameter where the page has come to the update."""
        new = f"{self.evidence.formulas.whole(name)}_new"
        if new not in self.evidence.bank.graph.quantities:
            return False
        if chain.context.part == "update":
            return True
        return any(map(_is_updated, self.stated_so_far()))

    def is_used(self, name: str) -> bool:
        """True where something was stated that is computed from a given."""
        ancestors = self.evidence.bank.graph.ancestors
        whole = self.evidence.formulas.whole(name)
        stated = self.stated_so_far()
        return any(whole in ancestors[one] for one in stated)

    def comes_later(self, number: int, name: str) -> bool:
        """True where a later section of the page has the sheet's own number for a given."""
        own = self.evidence.known.givens[name]
        for chain in self.placed.chains[number + 1 :]:
            value, left = self.choice.last_value(chain), chain.left
            if value is None or left is None or not holds(value, own):
                continue
            if name in self.evidence.meant(left, chain.context):
                return True
        return False


def _is_updated(name: str) -> bool:
    return without_step(name).endswith("_new")
