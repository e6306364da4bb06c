"""Checks of each line: arithmetic from member to member, the formula against the quantity's own,
the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnquiz.algebra.expression import Expression, Ref, refs, replace
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.decimals import Array, fixed
from rnnquiz.pages.another import ANOTHER_FORMULA, Another
from rnnquiz.pages.arithmetic import Arithmetic, Slip, show, text_of
from rnnquiz.pages.claims import Placed
from rnnquiz.pages.evidence import Evidence, holds
from rnnquiz.pages.formulas import align, number_of
from rnnquiz.pages.parts import Chain, Member
from rnnquiz.pages.written import Name, Node, Num, Op, is_numeric, is_value
from rnnquiz.spelling import Typed, spelled

STRIKES = ("\\cancel", "\\bcancel", "\\xcancel", "\\sout")
BEFORE = 16  # characters: where a strike begins that goes through the first name of a member


class Checker:
    """Checks the lines of one page, in order; what was stated before is known to each."""

    def __init__(self, evidence: Evidence, placed: Placed) -> None:
        self.evidence, self.placed = evidence, placed
        self.bank, self.formulas = evidence.bank, evidence.formulas
        self.seen: dict[str, tuple[float, int]] = {}
        self.history: list[tuple[float, str, str]] = []  # numbers stated so far, of what, and where
        self.arithmetic = Arithmetic(
            self.bank, frozenset(map(abs, evidence.givens.values())), self.history
        )
        self.methods: set[int] = (
            set()
        )  # statements that show the right formula and the right numbers put in
        self.open: dict[str, list[Node]] = {}
        self.another = Another(evidence)

    def run(self) -> list[Slip]:
        found: list[Slip] = []
        claimed: dict[int, list[tuple[str, float, int]]] = {}
        for claim in self.placed.claims:
            if len(claim.texts) == 1:
                number = number_of(_as_number(claim.texts[0][1]))
                if number is not None:
                    claimed.setdefault(claim.chain, []).append((claim.quantity, *number))
        for k, chain in enumerate(self.placed.chains):
            owner = self.placed.owners.get(k)
            if owner is None and (chain.context.scope or chain.remark):
                continue
            found += self.line(k, chain, owner)
            for name, value, place in claimed.get(k, ()):
                self.seen[name] = (value, place)
                self.history.append((value, name, self.bank.notation.text(name)))
        return found

    def line(self, k: int, chain: Chain, owner: str | None) -> Iterator[Slip]:
        members = [(n, m) for n, m in enumerate(chain.members) if n and m.tree is not None]
        numeric = [(n, m.tree) for n, m in members if m.tree is not None and is_numeric(m.tree)]
        before = (
            self.open.pop(owner, [])
            if owner and numeric and is_value(numeric[0][1]) and len(members) == 1
            else []
        )
        yield from self.arithmetic.of(k, before, numeric)
        if owner is None:
            return
        if numeric and not is_value(numeric[-1][1]):
            self.open[owner] = [tree for _, tree in numeric]
        elif numeric:
            self.open.pop(owner, None)
        if not self.formulas.scalar(owner):
            return
        for n, member in members:
            assert member.tree is not None
            if not is_numeric(member.tree):
                yield from self.formula(k, n, member, chain, owner)
        yield from self.put_in(k, chain, owner, numeric)

    # Formula

    def formula(self, k: int, n: int, member: Member, chain: Chain, owner: str) -> Iterator[Slip]:
        """A formula that is a registered mistake, or that is no formula of the quantity at all."""
        assert member.tree is not None
        context = self.evidence.at(chain.context, owner)
        found = self.evidence.sample_of(member.tree, context, owner)
        if found is None or self.formulas.equal(found, owner):
            return
        mended = self.evidence.sample_of(mended_scan(member.tree), context, owner)
        if mended is not None and self.formulas.equal(mended, owner):
            self.placed.scans.append(
                (
                    k,
                    (
                        f"in the formula of {self.bank.notation.text(owner)} a letter is read as W,"
                        " as the equation has it"
                    ),
                )
            )
            return
        rules = [
            rule
            for rule, value in self.formulas.mistaken(owner)
            if self.formulas.same(found, value)
        ]
        if rules:
            yield Slip(k, n, "formula", rules[0].name, rules[0].says, rules[0])
        elif not _is_struck(member) and (said := self.another.says_of(member.tree, chain, owner)):
            yield Slip(k, n, "formula", ANOTHER_FORMULA, said)

    # Numbers put in

    def put_in(
        self, k: int, chain: Chain, owner: str, numeric: Sequence[tuple[int, Node]]
    ) -> Iterator[Slip]:
        """Numbers against those stated before for what they stand for."""
        first = next(((n, tree) for n, tree in numeric if not is_value(tree)), None)
        if first is None:
            yield from self.copied(k, chain, owner, numeric)
            return
        best: list[tuple[Expression, Node]] | None = None
        form: Expression | None = None
        for template in self.formulas.templates(owner):
            if not all(self.formulas.scalar(p) for p in refs(template)):
                continue
            pairs = align(template, first[1], self.fits)
            if not pairs or any(isinstance(t, Ref) and _is_call(node) for t, node in pairs):
                continue
            if best is None or self._misses(pairs) < self._misses(best):
                best, form = pairs, template
        if best is None or form is None or 2 * self._misses(best) > len(best):
            return
        if (
            len(best) > 1
            and not self._misses(best)
            and all(self.expected(tree) is not None for tree, _ in best)
        ):
            self.methods.add(k)
        for tree, node in best:
            if not self.fits(tree, node):
                if slip := self.wrong_number(k, first[0], owner, form, tree, node):
                    yield slip
            elif isinstance(tree, Ref) and isinstance(node, Num) and tree.name in self.seen:
                value, place = self.seen[tree.name]
                if (
                    node.place > place
                    and node.value != abs(value)
                    and node.place > -self.bank.rounding.digits
                ):
                    shown = self.bank.notation.text(tree.name)
                    yield Slip(
                        k,
                        first[0],
                        "numbers",
                        "carried on in fewer digits",
                        f"{node.text} is put in for {shown}, stated as {fixed(value, place)}.",
                    )

    def _misses(self, pairs: Sequence[tuple[Expression, Node]]) -> int:
        return sum(not self.fits(*pair) for pair in pairs)

    def wrong_number(
        self, k: int, n: int, owner: str, form: Expression, tree: Expression, node: Node
    ) -> Slip | None:
        number, expected = number_of(node), self.expected(tree)
        if number is None or expected is None or not isinstance(tree, Ref) or not is_value(node):
            return None
        shown = self.bank.notation.text(tree.name)
        said = f"{text_of(node)} is put in for {shown}, which is {show(expected)}"
        other = next(
            (
                name
                for name in self._known()
                if name != tree.name and self._known()[name] == number[0]
            ),
            None,
        )
        if other is None:
            return Slip(k, n, "numbers", "wrong number put in", f"{said}.")
        swapped = replace(form, lambda part: Ref(other) if part == tree else None)
        with np.errstate(all="ignore"):
            found = np.asarray(value_of(swapped, self.formulas.sample), dtype=float)
        rule = next(
            (
                rule
                for rule, value in self.formulas.mistaken(owner)
                if self.formulas.same(found, value)
            ),
            None,
        )
        name = rule.name if rule else "wrong quantity copied"
        return Slip(k, n, "numbers", name, f"{said}; it is {self.bank.notation.text(other)}.", rule)

    def copied(
        self, k: int, chain: Chain, owner: str, numeric: Sequence[tuple[int, Node]]
    ) -> Iterator[Slip]:
        """A value that only repeats another quantity, with another number than was stated for
        it."""
        formula = self.bank.graph[owner].formula
        if (
            not numeric
            or not isinstance(formula, Ref)
            or (expected := self.expected(formula)) is None
        ):
            return
        number = number_of(numeric[-1][1])
        if number is None or holds(number, expected):
            return
        same = next(
            (
                shown
                for value, name, shown in reversed(self.history)
                if value == number[0] and name != owner
            ),
            None,
        )
        known = f"; it is {same}" if same else ""
        name = "wrong quantity copied" if same else "wrong number put in"
        shown = self.bank.notation.text(formula.name)
        yield Slip(
            k,
            numeric[-1][0],
            "numbers",
            name,
            f"This is to be {shown}, which is {show(expected)}{known}.",
        )

    def _known(self) -> dict[str, float]:
        return {**self.evidence.givens, **{name: value for name, (value, _) in self.seen.items()}}

    def expected(self, tree: Expression) -> float | None:
        values: dict[str, Array] = {}
        for name in refs(tree):
            value = self.stated(name)
            if value is None:
                return None
            values[name] = np.float64(value)  # type: ignore[assignment]
        with np.errstate(all="ignore"):
            return float(value_of(tree, values))

    def stated(self, name: str) -> float | None:
        if name in self.evidence.givens:
            return self.evidence.givens[name]
        if name in self.seen:
            return self.seen[name][0]
        formula = self.bank.graph[name].formula
        if formula is not None and (isinstance(formula, Ref) or not refs(formula)):
            return self.expected(formula)
        return None

    def fits(self, tree: Expression, node: Node) -> bool:
        number, expected = number_of(node), self.expected(tree)
        return number is not None and (expected is None or holds(number, expected))


def mended_scan(tree: Node) -> Node:
    """A formula with what recognition makes of handwriting put right: ln x for W x."""
    if isinstance(tree, Op):
        args = tuple(mended_scan(arg) for arg in tree.args)
        if tree.op == "log" and isinstance(args[0], Name):
            return Op("mul", (Name("W"), args[0]))
        if tree.op == "sqrt" and isinstance(args[0], Name):
            return Op("mul", (Name("V"), args[0]))
        return Op(tree.op, args)
    return tree


def _is_struck(member: Member) -> bool:
    """True for what is crossed out, in whole or in part: it is no formula that can be judged."""
    assert member.piece is not None
    text = member.piece.text[max(0, member.start - BEFORE) : member.end]
    return any(strike in text for strike in STRIKES)


def _is_call(node: Node) -> bool:
    """True for a function of numbers: it was written out in place of a quantity."""
    return isinstance(node, Op) and node.op not in ("neg", "list", "add", "mul", "div")


def _as_number(text: str) -> Node:
    read = spelled(text).alone
    if isinstance(read, Typed):
        return Num(text.lstrip("-"), read.number, read.last_place or 0)
    return Op("nothing", ())
