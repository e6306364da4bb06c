"""Checks of each line: arithmetic from member to member, the formula against the quantity's own,
the numbers put in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from rnnquiz.languages.sentences import said
from rnnquiz.pages.checking.another import ANOTHER_FORMULA, Another
from rnnquiz.pages.checking.arithmetic import Arithmetic
from rnnquiz.pages.checking.findings import SlipOfLine
from rnnquiz.pages.checking.put_in import NumbersPutIn
from rnnquiz.pages.mathematics.values import Written
from rnnquiz.pages.mathematics.written import Name, Node, Op, is_numeric, is_value
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.meaning.known import Known
from rnnquiz.pages.placing.boxes import written_in
from rnnquiz.pages.placing.placed import Placed
from rnnquiz.pages.stated.chains import Chain, Member

# Strikes of LaTeX alone: the ~~ of Markdown are blank in the text of a piece.
STRIKES = ("\\cancel", "\\bcancel", "\\xcancel", "\\sout")
BEFORE = 16  # characters: where a strike begins that goes through the first name of a member
SCANNED_AS = {"log": "W", "sqrt": "V"}  # letters by what recognition takes them for


class Checker:
    """Checks the lines of one page, in order; what was stated before is known to each."""

    def __init__(self, evidence: Evidence, placed: Placed) -> None:
        self.evidence, self.placed = evidence, placed
        self.bank, self.formulas = evidence.bank, evidence.formulas
        self.known = Known(evidence.formulas, evidence.known.givens, True)
        self.history: list[tuple[float, str, str]] = []  # numbers stated so far, of what, and where
        givens = frozenset(map(abs, self.known.givens.values()))
        self.arithmetic = Arithmetic(self.bank, givens, self.history)
        self.numbers = NumbersPutIn(self.formulas, self.known, self.history)
        self.open: dict[str, list[Node]] = {}
        self.another = Another(evidence)

    def run(self) -> list[SlipOfLine]:
        """The slips of all lines of the page, in its order."""
        found: list[SlipOfLine] = []
        claimed = self.claimed()
        for k, chain in enumerate(self.placed.chains):
            owner = self.placed.owners.get(k)
            # Lines about another network, or that quote somebody, are not answered for.
            if owner is None and (chain.context.scope or chain.remark):
                continue
            own = self.placed.entries.get(k, owner)
            found += [self.stored(own, slip) for slip in self.line(k, chain, own)]
            # Only now: a line is checked against what stands before it.
            for name, written in claimed.get(k, ()):
                self.known.state(name, written)
                number, _ = written
                self.history.append((number, name, self.formulas.text(name)))
        return found

    def stored(self, owner: str | None, slip: SlipOfLine) -> SlipOfLine:
        """A finding with the place of its entry as the sheet stores it."""
        if owner is None:
            return slip
        own = owner if owner in self.formulas.entries.by_name else None
        shown = self.formulas.shown_entries(owner)
        if own is None and slip.entry is not None and slip.entry < len(shown):
            own = shown[slip.entry]
        if own is None:
            return slip
        return dataclasses.replace(slip, entry=self.flat(own))

    def flat(self, entry: str) -> int:
        """The place of an entry in its quantity."""
        return self.formulas.entries.by_name[entry].flat

    def claimed(self) -> dict[int, list[tuple[str, Written]]]:
        """The numbers that each statement claims, of quantities and of entries."""
        found: dict[int, list[tuple[str, Written]]] = {}
        for claim in self.placed.claims:
            for box, text in claim.texts:
                number = written_in(text)
                if number is not None:
                    name = self.formulas.by_box[box]
                    of_chain = found.setdefault(claim.chain, [])
                    of_chain.append((name, number))
        return found

    def line(self, k: int, chain: Chain, owner: str | None) -> Iterator[SlipOfLine]:
        """The slips of one line."""
        readable = list(_readable(chain))
        numeric = list(filter(_is_of_numbers, readable))
        before: list[Node] = []
        # A value alone goes on with what was left open for its quantity.
        if owner and len(readable) == 1 and numeric and is_value(numeric[0][1]):
            before = self.open.pop(owner, [])
        yield from self.arithmetic.of(k, before, numeric)
        if owner is None:
            return
        if numeric and not is_value(numeric[-1][1]):
            self.open[owner] = [tree for _, tree in numeric]
        elif numeric:
            self.open.pop(owner, None)
        for n, tree in readable:
            if not is_numeric(tree):
                yield from self.formula(k, n, chain.members[n], chain, owner)
        yield from self.numbers.of(k, owner, numeric)

    # Formula

    def formula(
        self, k: int, n: int, member: Member, chain: Chain, owner: str
    ) -> Iterator[SlipOfLine]:
        """A formula that is a registered mistake, or that is no formula of the quantity at all."""
        assert member.tree is not None
        context = self.evidence.at(chain.context, owner)
        verdict = self.evidence.formula_verdict(member.tree, context, owner)
        # A formula with a name that is not known may be right.
        if verdict.own or not verdict.understood:
            return
        mended = mended_scan(member.tree)
        if self.evidence.formula_verdict(mended, context, owner).own:
            says = said(
                "in the formula of {name} a letter is read as W, as the equation has it",
                name=self.formulas.text(owner),
            )
            self.placed.scans.append((k, says))
            return
        if (rule := verdict.rule) is not None:
            yield SlipOfLine(k, n, "formula", rule.name, rule.says, rule)
        elif not _is_struck(member) and (remark := self.another.says_of(member.tree, chain, owner)):
            yield SlipOfLine(k, n, "formula", ANOTHER_FORMULA, remark)


def _readable(chain: Chain) -> Iterator[tuple[int, Node]]:
    """The members behind the first that were taken apart, with their places."""
    for n, member in enumerate(chain.members):
        if n and member.tree is not None:
            yield n, member.tree


def _is_of_numbers(row: tuple[int, Node]) -> bool:
    _, tree = row
    return is_numeric(tree)


def mended_scan(tree: Node) -> Node:
    """A formula with what recognition makes of handwriting put right: ln x for W x."""
    if not isinstance(tree, Op):
        return tree
    args = tuple(map(mended_scan, tree.args))
    letter = SCANNED_AS.get(tree.op)
    if letter is not None and isinstance(args[0], Name):
        return Op("mul", (Name(letter), args[0]))
    return Op(tree.op, args)


def _is_struck(member: Member) -> bool:
    """True for what is crossed out, in whole or in part: it is no formula that can be judged."""
    assert member.piece is not None
    begin = max(0, member.start - BEFORE)
    text = member.piece.text[begin : member.end]
    return any(strike in text for strike in STRIKES)
