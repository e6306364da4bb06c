"""Statements to claims: which quantity a line is about, by its name, its formula and the numbers
put in; and what is not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.symbols import Variable
from rnnquiz.languages.sentences import said
from rnnquiz.pages.alignment import align
from rnnquiz.pages.boxes import boxes_of, written_in
from rnnquiz.pages.candidates import Candidates
from rnnquiz.pages.context import part_in
from rnnquiz.pages.entries import entry_named
from rnnquiz.pages.evidence import FORM, NUMBERS, Evidence
from rnnquiz.pages.known import holds
from rnnquiz.pages.parts import Chain, Member, beside, end_of
from rnnquiz.pages.pieces import Page
from rnnquiz.pages.placed import Claim, Placed, Unread
from rnnquiz.pages.statements import MOST_STATEMENTS
from rnnquiz.pages.values import Written, number_of
from rnnquiz.pages.written import (
    Der,
    Name,
    Node,
    Num,
    Op,
    has_slope,
    is_name,
    is_numeric,
    is_value,
    names_in,
    nodes_in,
)

NEARLY_PRODUCT = 0.02  # of a product of rounded numbers
TORN = said("it may be several statements, with no sign between them")
FOREIGN = 2  # givens that are not the sheet's: one may be a slip of copying


class Placer:
    """Goes through the statements of one page in order."""

    def __init__(
        self, evidence: Evidence, chains: Sequence[Chain], page: Page, uncounted: str = ""
    ) -> None:
        """`uncounted`: why nothing with a step can be read; empty where it can."""
        self.evidence, self.meant, self.uncounted = evidence, Candidates(evidence), uncounted
        self.page = page
        self.placed = Placed(chains)
        self.before: dict[tuple[Node, int | None], tuple[str, bool]] = {}
        self.foreign = ""
        self.same = self.other = 0  # givens of the sheet, and others, one after the other

    def run(self) -> Placed:
        for number, chain in enumerate(self.placed.chains):
            self.place(number, chain)
        if len(self.placed.chains) >= MOST_STATEMENTS:
            last = self.placed.chains[-1]
            reason = said(
                "no more than {most} statements of a page are read: what follows is not",
                most=MOST_STATEMENTS,
            )
            self.placed.unread.append(Unread(last.start, reason, len(self.placed.chains) - 1))
        return self.placed

    def place(self, number: int, chain: Chain) -> None:
        left = chain.left
        assert left is not None
        if self.is_torn(chain):
            self.leave(number, chain, TORN)
            return
        self.defined(left, chain)
        found = self.meant.of(left, chain)
        own = [name for name in found if self.evidence.formulas.quantity(name).formula is not None]
        if found and not own and not chain.context.scope and not chain.remark:
            self.given(number, chain, found[0])
            return
        self.same = self.other = 0
        if reason := self.not_own(chain):
            self.leave(number, chain, reason)
            return
        scan = False
        if not found:
            own, scan = self.meant.by_scan(left, chain), True
        again = self.before.get((left, chain.context.step))
        if not own and again is not None and is_name(left):
            own = [again[0]]  # the same name was placed by its line before
        given = len(found) > len(own)
        own = [self.one_entry(name, chain) for name in self.shares(own, chain)]
        if not own:
            if not self.by_other_name(number, chain):
                self.leave(number, chain, self.unknown(left, chain))
            return
        name, reason = self.chosen(own, chain, scan, given)
        if name is None:
            if reason != "given":
                self.leave(number, chain, reason)
            return
        if self.uncounted and self.evidence.shown_time(name) is not None:
            self.leave(number, chain, self.uncounted)
            return
        if (scan or name not in own) and isinstance(left, (Name, Der)):
            read = said(
                "{left} is read as {name}", left=str(left), name=self.evidence.formulas.text(name)
            )
            self.placed.scans.append((number, read))
        self.placed.owners[number] = self.evidence.formulas.whole(name)
        if self.evidence.formulas.whole(name) != name:
            self.placed.entries[number] = name
        self.before[left, chain.context.step] = name, self.finished(chain)
        if isinstance(left, Name):
            self.evidence.learn(left, name)
        self.claim(number, chain, name)

    def defined(self, left: Node, chain: Chain) -> None:
        """delta_3 = dL/dh_3: what the deltas of this page are."""
        if not isinstance(left, Name) or left.letter != "delta" or left.words:
            return
        deltas = self.evidence.names.deltas(left, chain.context)
        for member in chain.right:
            if isinstance(member.tree, Der):
                shown = self.evidence.names.meant(member.tree, chain.context)
                if len(shown) == 1 and shown[0] in deltas:
                    self.evidence.delta_of = self.evidence.by(shown[0])

    def is_torn(self, chain: Chain) -> bool:
        """h_1 = 0.604 y_1 = 0.402: true where the number and the name behind it are no product of
        the value that follows."""
        for member, after in pairwise(chain.right):
            if self.has_words(member, chain):
                return True
            pair = beside(member)
            if pair is None or after.tree is None or not (is_value(after.tree) or beside(after)):
                continue
            factor, name = pair
            meant = self.evidence.meaning(name, chain.context, None)
            known = self.evidence.known.number(meant) if meant else None
            value = number_of(after.tree)
            if known is None or value is None:
                return True
            if (
                abs(factor.value * known - value[0])
                > NEARLY_PRODUCT * abs(value[0]) + 10.0 ** value[1]
            ):
                return True
        return False

    def has_words(self, member: Member, chain: Chain) -> bool:
        """0.6 et h_2: true for a number with several names right behind it, one of which is not
        known."""
        tree = member.tree
        if chain.piece.kind == "math" or not isinstance(tree, Op) or tree.op != "mul":
            return False
        names = [node for node in tree.args[1:] if is_name(node)]
        beside_all = isinstance(tree.args[0], Num) and len(names) == len(tree.args) - 1 > 1
        written = any(token.kind == "sign" and token.text == "*" for token in member.tokens)
        unknown = any(self.evidence.meaning(n, chain.context, None) is None for n in names)
        return beside_all and not written and unknown

    # Whose it is

    def not_own(self, chain: Chain) -> str:
        if chain.context.scope:
            return said(
                "it stands under {heading} (line {line})",
                heading=chain.context.why,
                line=chain.context.line,
            )
        if self.foreign or not chain.remark:
            return self.foreign
        return said(
            "the line says {remark}: it may be no statement of this derivation",
            remark=repr(chain.remark),
        )

    def unknown(self, left: Node, chain: Chain) -> str:
        if chain.right[0].relation == "+=" and self.meant.of(left, chain):
            return said(
                "the line does not show of which step this share of {left} is", left=str(left)
            )
        if isinstance(left, Name) and any(
            word in ("next", "future", "carry") for word in (*left.words, left.letter)
        ):
            return said("it is carried to the step before, and no quantity of the sheet by itself")
        if self.evidence.components.is_open(left, chain.context):
            return said("the page does not show which entry {left} is", left=str(left))
        shown = str(left) if is_name(left) else said("this expression")
        return said("{left} is no quantity of the sheet", left=shown)

    # Which of several

    def by_other_name(self, number: int, chain: Chain) -> bool:
        """hbar_2 = dL/dh_2 = 0.45: read for the name in the middle, where the first is the page's
        own; false where there is none."""
        value = self.final(chain)
        if value is None or not is_name(chain.members[0].tree or value):
            return False
        for member in chain.right:
            if member.tree is None or not is_name(member.tree):
                continue
            found = self.evidence.meant(member.tree, chain.context)
            other = found[0] if len(found) == 1 else ""
            uncounted = self.uncounted and other and self.evidence.shown_time(other) is not None
            if other and not uncounted and self.evidence.formulas.quantity(other).formula:
                self.placed.owners[number] = self.evidence.formulas.whole(other)
                self.put(other, value, "middle", number, member.place)
                return True
        return False

    def one_entry(self, name: str, chain: Chain) -> str:
        """The entry of a vector that the words above a line say it is about, where the line has one
        number; else the quantity itself."""
        entry, shape = chain.context.entry, self.evidence.formulas.quantity(name).shape
        if not entry or len(shape) != 1 or entry > shape[0] or self.last_value(chain) is None:
            return name
        return entry_named(name, (entry - 1,))

    def shares(self, names: list[str], chain: Chain) -> list[str]:
        """dW += 0.2 in a section about one step: its share, and no sum."""
        step, quantity = chain.context.step, self.evidence.formulas.quantity
        if not chain.right or chain.right[0].relation != "+=":
            return names
        parts = [name for name in names if quantity(name).role != "sum"]
        return [name for name in parts if self.evidence.shown_time(name) == step] or parts

    def chosen(
        self, names: list[str], chain: Chain, scan: bool, given: bool
    ) -> tuple[str | None, str]:
        """The quantity that a line is about, by its right side; None and why, where that does not
        settle it."""
        left = chain.left
        assert left is not None
        bare = not chain.readable or all(
            is_value(m.tree) for m in chain.readable if m.tree is not None
        )
        if given and bare and (number := self.last_value(chain)) is not None:
            target = next(
                (n for n in self.meant.of(left, chain) if n in self.evidence.known.givens), None
            )
            if target is not None and holds(number, self.evidence.known.givens[target]):
                return None, "given"
            if self.before.get((left, chain.context.step)) is None:
                return None, said(
                    "{left} may be the target or the prediction; no formula says which",
                    left=str(left),
                )
        if len(names) == 1 and not scan:
            return self.as_computed(names[0], chain), ""
        scores = {name: self.evidence.score(name, chain) for name in names}
        again = self.before.get((left, chain.context.step))
        if again is not None and again[0] in scores and bare:
            open_ = not again[1]
            held = self.evidence.known.values.get(again[0])
            value = self.last_value(chain)
            same = held is not None and value is not None and holds(value, held[0])
            if open_ or same or scan:
                return again[0], ""
            for name in names:
                if (
                    name in self.evidence.known.values
                    and value is not None
                    and holds(value, self.evidence.known.values[name][0])
                ):
                    return name, ""
        best = max(scores.values())
        winners = [name for name in names if scores[name] == best]
        if best <= (FORM if scan else 0) and (scan or len(winners) > 1):
            return self.by_section(winners, chain, scan)
        if len(winners) == 1:
            return winners[0], ""
        return self.by_section(winners, chain, scan)

    def as_computed(self, name: str, chain: Chain) -> str:
        """The quantity of the section's step, where the line has the name of another step and puts
        in the numbers of this one; else the name's own."""
        step, own = chain.context.step, self.evidence.shown_time(name)
        parsed = self.evidence.bank.graph[self.evidence.formulas.whole(name)].symbol
        if step is None or own in (None, step) or not isinstance(parsed, Variable):
            return name
        other = str(replace(parsed, time=step - self.evidence.names.notation.first + 1))
        if other not in self.evidence.bank.graph.quantities:
            return name
        trees = [m.tree for m in chain.readable if m.tree is not None and is_numeric(m.tree)]
        fits = max((self.evidence.number_score(other, tree) for tree in trees), default=0.0)
        mine = max((self.evidence.number_score(name, tree) for tree in trees), default=0.0)
        return other if fits == NUMBERS and mine < NUMBERS else name

    def by_section(self, names: list[str], chain: Chain, scan: bool) -> tuple[str | None, str]:
        """The one that the section is about."""
        context = chain.context
        timed = [
            name
            for name in names
            if context.step is not None and self.evidence.shown_time(name) == context.step
        ]
        whole = [name for name in names if self.evidence.formulas.quantity(name).role == "sum"]
        plain = [name for name in names if not name.startswith("d+")]
        if scan:
            return None, said(
                "{left} is no name of the sheet, and the line does not show what it stands for",
                left=str(chain.left),
            )
        if context.part == "sums" and len(whole) == 1:
            return whole[0], ""
        if (
            len({name.replace("d+", "d") for name in names}) == 1
            and len(plain) == 1
            and len(names) == 2
        ):
            if (part := self.part_of(names, plain[0], chain)) is not None:
                return part, ""
            return None, said(
                "{left} may be the direct part or the whole of it; the line does not show which",
                left=str(chain.left),
            )
        if len(timed) == 1 and whole and context.step is not None and chain.right:
            if len(whole) == 1 and self.is_summed(whole[0], timed[0], chain):
                return whole[0], ""
            return None, said(
                "{left} may be the share of step {step} or the sum; the line does not show which",
                left=str(chain.left),
                step=context.step,
            )
        if len(whole) == 1 and context.step is None:
            return whole[0], ""
        shown: list[str] = [self.evidence.formulas.text(name) for name in names[:3]]
        either = reduce(lambda a, b: said("{one} or {other}", one=a, other=b), shown)
        return None, said("{left} may be {names}", left=str(chain.left), names=either)

    def part_of(self, names: Sequence[str], whole: str, chain: Chain) -> str | None:
        """The direct part or all of it, as the words of the line say; all of it, where another
        number was stated for the direct part before."""
        direct = next(name for name in names if name != whole)
        meant = part_in(chain.piece.words)
        if meant:
            return direct if meant == "direct" else whole
        known, value = self.evidence.known.values, self.last_value(chain)
        other = direct in known and value is not None and not holds(value, known[direct][0])
        return whole if other and whole not in known else None

    def is_summed(self, whole: str, share: str, chain: Chain) -> bool:
        """True for another number than the share's, where the shares of all steps are stated."""
        known, value = self.evidence.known.values, self.last_value(chain)
        parts = self.evidence.bank.graph.parents[whole]
        every = bool(parts) and all(part in known for part in parts)
        return every and value is not None and share in known and not holds(value, known[share][0])

    # Claims

    def finished(self, chain: Chain) -> bool:
        return self.last_value(chain) is not None

    def last_value(self, chain: Chain) -> Written | None:
        tree = self.final(chain)
        return number_of(tree) if tree is not None else None

    def final(self, chain: Chain) -> Node | None:
        """The value that a chain ends with; names may stand behind it. Of a number and a rounder
        one behind it with fewer digits than the sheet has, the first."""
        last = end_of(chain)
        if last is None or last.tree is None or not is_value(last.tree):
            return None
        at = chain.members.index(last)
        before, value = chain.members[at - 1].tree, number_of(last.tree)
        if at < 2 or before is None or value is None or not is_value(before):
            return last.tree
        finer = number_of(before)
        coarse = value[1] > -self.evidence.bank.rounding.digits
        if finer is None or not coarse or finer[1] >= value[1] or not holds(value, finer[0]):
            return last.tree
        return before

    def claim(self, number: int, chain: Chain, name: str) -> None:
        """The value of a chain for all that it names."""
        self.inner(number, chain, name)
        value = self.final(chain)
        if value is None:
            last = chain.right[-1]
            why = last.reason if last.tree is None else self.unknown_in(last.tree, chain)
            if why:
                shown = self.evidence.formulas.text(name)
                reason = said("{reason}: {name} is not read from here", reason=why, name=shown)
                self.leave(number, chain, reason)
            return
        texts = boxes_of(self.evidence.formulas, name, value)
        if texts is None:
            shown = self.evidence.formulas.text(name)
            self.leave(number, chain, said("{name} has another shape", name=shown))
            return
        end = end_of(chain)
        struck = end is not None and self.page.is_struck(end.place)
        kind = "struck" if struck else "stated"
        whole = self.evidence.formulas.whole(name)
        here = next(member.place for member in chain.right if member.tree is value)
        self.placed.claims.append(Claim(whole, texts, kind, number, here))
        for one, written in self.numbers(texts):
            if not (struck and one in self.evidence.known.values):
                self.evidence.known.state(one, self.finer(one, written))
        for member in chain.right:
            if member.tree is not None and is_name(member.tree):
                self.named_in_between(number, chain, member, name, value)

    def unknown_in(self, tree: Node, chain: Chain) -> str:
        """What of the end of a line is not known, where numbers stand beside it: O.604 may have
        been a number."""
        if not any(isinstance(node, Num) and node.place < 0 for node in nodes_in(tree)):
            return ""
        unknown = (n for n in names_in(tree) if not self.evidence.meant(n, chain.context))
        name = next((name for name in unknown if isinstance(name, Name)), None)
        return "" if name is None else said("{name} is not known", name=str(name))

    def numbers(self, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Written]]:
        """What boxes say, each as a quantity or an entry with its number."""
        for box, text in texts:
            number = written_in(text)
            if number is not None:
                yield self.evidence.formulas.by_box[box], number

    def finer(self, name: str, new: Written) -> Written:
        """The finer of two numbers that agree, else the later one."""
        old = self.evidence.known.values.get(name)
        return old if old is not None and old[1] < new[1] and holds(new, old[0]) else new

    def named_in_between(
        self, number: int, chain: Chain, member: Member, name: str, value: Node
    ) -> None:
        assert member.tree is not None
        other = self.evidence.meaning(member.tree, self.evidence.at(chain.context, name), name)
        exact = self.evidence.meant(member.tree, chain.context)
        if (
            other is None
            or other == name
            or not exact
            or self.evidence.formulas.quantity(other).formula is None
        ):
            return
        self.put(other, value, "middle", number, member.place)

    def inner(self, number: int, chain: Chain, name: str) -> None:
        """A slope that is written out in a line and then put in as a number: sech^2(0.9) x 0.8 =
        0.49 x 0.8."""
        form = self.evidence.formulas.quantity(name).formula
        slopes = [p for p in self.evidence.formulas.inner_of(name) if "'" in p]
        if form is None or len(slopes) != 1 or not any(has_slope(m.tree) for m in chain.right):
            return
        for member in chain.right:
            if member.tree is None or not is_numeric(member.tree) or has_slope(member.tree):
                continue
            pairs = align(
                form,
                member.tree,
                lambda tree, node: tree == Ref(slopes[0]) or self.evidence.known.fits(tree, node),
            )
            mine = [node for tree, node in pairs or () if tree == Ref(slopes[0])]
            if (
                len(mine) == 1
                and is_value(mine[0])
                and all(
                    tree == Ref(slopes[0]) or self.evidence.known.fits(tree, node)
                    for tree, node in pairs or ()
                )
            ):
                self.put(slopes[0], mine[0], "inner", number, member.place)
                return

    def put(self, name: str, value: Node, kind: str, number: int, place: int) -> None:
        """A claim for what is not what the line is about."""
        texts = boxes_of(self.evidence.formulas, name, value)
        if texts is not None:
            whole = self.evidence.formulas.whole(name)
            self.placed.claims.append(Claim(whole, texts, kind, number, place))
            for one, written in self.numbers(texts):
                if one not in self.evidence.known.values:
                    self.evidence.known.state(one, written)

    def given(self, number: int, chain: Chain, name: str) -> None:
        """A statement about a given: the sheet's own, a slip of copying, or another problem's."""
        value, formulas = self.last_value(chain), self.evidence.formulas
        if value is None or name not in self.evidence.known.givens:
            return
        if holds(value, self.evidence.known.givens[name]):
            self.same += 1
            self.foreign = "" if self.same > self.other else self.foreign
            return
        shown = self.evidence.formulas.text(name)
        facts = {"name": shown, "here": value[0], "sheet": self.evidence.known.givens[name]}
        before = {formulas.whole(one) for one in self.evidence.known.values}
        whole, graph = formulas.whole(name), self.evidence.bank.graph
        updated = any(one.partition("[")[0].endswith("_new") for one in before)
        if f"{whole}_new" in graph.quantities and (updated or chain.context.part == "update"):
            reason = said("{name} may be the parameter before or after the update", name=shown)
            self.leave(number, chain, reason)
            return
        here = said("{name} = {here:g} here, and {sheet:g} on the sheet", **facts)
        self.placed.givens.append((number, name, here))
        self.other += 1
        stated = any(whole in graph.ancestors[one] for one in before)
        others = self.other >= FOREIGN and self.other > self.same
        if stated or (others and self.comes_later(number, name)):
            self.foreign = said("it stands under other numbers ({numbers})", numbers=here)

    def comes_later(self, number: int, name: str) -> bool:
        """True where a later section of the page has the sheet's own number for a given."""
        for chain in self.placed.chains[number + 1 :]:
            value, left = self.last_value(chain), chain.left
            if value is None or left is None or not holds(value, self.evidence.known.givens[name]):
                continue
            if name in self.evidence.meant(left, chain.context):
                return True
        return False

    def leave(self, number: int, chain: Chain, reason: str) -> None:
        """Put a statement on the list of what is not read, where it states a number or breaks
        off."""
        numeric = any(
            member.tree is None
            or (not is_name(member.tree) and any(isinstance(n, Num) for n in nodes_in(member.tree)))
            for member in chain.right
        )
        if numeric:
            self.placed.unread.append(Unread(chain.start, reason, number))
