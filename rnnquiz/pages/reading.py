"""A page read against the sheet of one student: what stands for which box, and what was not
read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.languages.sentences import said
from rnnquiz.pages.checking.findings import SlipOfLine
from rnnquiz.pages.checking.lines import Checker
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.meaning.components import Components
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.meaning.indices import Indices
from rnnquiz.pages.meaning.known import Known, holds
from rnnquiz.pages.meaning.names import Names
from rnnquiz.pages.meaning.steps import OTHERS, Counting, Steps, counted_from
from rnnquiz.pages.placing.claims import Placer
from rnnquiz.pages.placing.placed import Claim, Placed, Unread
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.growing import NAMELESS
from rnnquiz.pages.stated.statements import chains_of
from rnnquiz.typed.numerals import read_number
from rnnquiz.typed.spelling import Typed

LONGEST_UNREAD = 120  # characters shown of a line that is not read
NO_CHAIN = -1  # of what could not be taken apart
FEW_READ = 0.5  # of the statements: a page of which less is read says so first


@dataclass(frozen=True)
class Reading:
    """What a page says. `placed` has its statements in order; `methods` has those that show the
    right formula and the right numbers put in, with what these give for each box."""

    bank: Bank
    page: Page
    placed: Placed
    slips: tuple[SlipOfLine, ...]
    methods: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    counting: Counting = field(default_factory=Counting)

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """The claim that counts for each box, by its name."""
        found: dict[str, Claim] = {}
        for claim in self.placed.claims:
            for box, text in claim.texts:
                before = found.get(box)
                if before is None or _counts(before, dict(before.texts)[box], claim, text):
                    found[box] = claim
        return found

    @cached_property
    def answers(self) -> dict[str, str]:
        """The text of each box, in the order of the sheet."""
        found: dict[str, str] = {}
        for box in self.bank.every_box:
            if box in self.claims:
                texts = dict(self.claims[box].texts)
                found[box] = texts[box]
        return found

    @cached_property
    def few(self) -> bool:
        """True where less than half of the statements could be read; arithmetic by itself states
        nothing."""
        # A line about a vector claims a box for each entry, and is one statement.
        read = len({claim.chain for claim in self.placed.claims})
        lost = sum(row.reason != NAMELESS for row in self.placed.unread)
        all_ = read + lost
        return read < FEW_READ * all_

    @cached_property
    def counted(self) -> str:
        """How the page counts its steps, where it is not as on the sheet; else empty."""
        offset = self.counting.offset
        if not offset:
            return ""
        first = self.bank.notation.first
        return said(
            "The page counts its steps from {first}, the sheet from {sheet}.",
            first=first - offset,
            sheet=first,
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        read = [self._read(box, text) for box, text in self.answers.items()]
        not_read = [self.described(row) for row in self.placed.unread]
        scans = [self._scan(chain, says) for chain, says in self.placed.scans]
        return {
            "steps": self.counted,
            "read": read,
            "not read": not_read,
            "findings": [self._finding(slip) for slip in self.slips],
            "scan": scans,
        }

    def _scan(self, chain: int, says: str) -> dict[str, str]:
        start = self.placed.chains[chain].start
        return {"at": self.page.shown_place(start), "says": says}

    def _finding(self, slip: SlipOfLine) -> dict[str, str]:
        return {"at": self.where(slip), "name": slip.name, "says": slip.says}

    def where(self, slip: SlipOfLine) -> str:
        """The place of a finding."""
        chain = self.placed.chains[slip.chain]
        return self.page.shown_place(chain.members[slip.member].place)

    def _read(self, box: str, text: str) -> dict[str, str]:
        claim = self.claims[box]
        return {
            "box": box,
            "text": text,
            "at": self.page.shown_place(claim.place),
            "kind": claim.kind,
        }

    def described(self, row: Unread) -> dict[str, str]:
        """A statement that is not read, in words."""
        line = self.page.line_of(row.place).strip()
        return {
            "at": self.page.shown_place(row.place),
            "line": line[:LONGEST_UNREAD],
            "why": row.reason,
        }


# A line about a quantity says more of it than another line in which its number stands.
_RANKS = {"stated": 3, "middle": 2, "inner": 1, "struck": 0}


def _counts(before: Claim, old: str, after: Claim, new: str) -> bool:
    """True where a later claim takes the place of an earlier one: it is finer, or it states another
    number."""
    earlier, later = _RANKS[before.kind], _RANKS[after.kind]
    if later != earlier:
        return later > earlier
    # In lines about something else the first counts: later ones are copies of it.
    if after.kind not in ("stated", "struck"):
        return False
    first, second = read_number(old), read_number(new)
    if not isinstance(first, Typed) or not isinstance(second, Typed):
        return True
    place = second.last_place or 0
    # The same number at another precision: the finer was worked out, the other is a rounding of it.
    if holds((second.number, place), first.number):
        return place < (first.last_place or 0)
    return True


@dataclass(frozen=True)
class PageReader:
    """Reads pages of one bank."""

    bank: Bank

    @cached_property
    def names(self) -> Mapping[int, Names]:
        """The names of the sheet, and those of pages that count their steps otherwise."""
        own = Names(self.bank, self.bank.notation)
        return {0: own, **{offset: counted_from(own, offset) for offset in OTHERS}}

    @cached_property
    def formulas(self) -> Formulas:
        """The formulas of the exercise."""
        return Formulas(self.bank)

    @cached_property
    def _own(self) -> frozenset[str]:
        """Words in headings that name the network of the bank."""
        written = self.bank.written
        text = f"{self.bank.cell.title} {written.title} {written.model.cell}".lower()

        def is_named(name: str) -> bool:
            words = spellings().networks[name]
            return any(word in text for word in words)

        return frozenset(filter(is_named, spellings().networks))

    def right(self, variant: Variant) -> dict[str, float]:
        """The entries of vectors and matrices, for who is right."""
        entries = self.formulas.entries.by_name
        if not entries:
            return {}
        whole = evaluate(self.bank.graph, arrays_of(self.bank, [variant]))
        values = self.formulas.with_entries(whole)
        return {name: float(values[name][0]) for name in entries}

    def numbers(self, givens: Mapping[str, Array]) -> dict[str, float]:
        """The givens that are numbers, and the entries of the others."""
        one_problem = {name: value[None] for name, value in givens.items()}
        found: dict[str, float] = {}
        for name, value in self.formulas.with_entries(one_problem).items():
            if value.ndim == 1:
                found[name] = float(value[0])
        return found

    def read(self, page: Page, variant: Variant) -> Reading:
        """What the page says of the sheet with these numbers."""
        own = self.names[0].lettering
        chains, lost = chains_of(page, own.words, self._own, own.labels)
        arrays = arrays_of(self.bank, [variant])
        givens = {name: value[0] for name, value in arrays.items()}
        numbers = self.numbers(givens)
        counting = Steps(self.bank, self.formulas, self.names, givens, numbers).of(chains)
        names = self.names[counting.offset]
        known = Known(self.formulas, numbers)
        components = Components(names, self.formulas)
        evidence = Evidence(self.bank, names, self.formulas, known, components)
        # How the page writes entries shows in its lines: it is found before these are placed.
        habits = Indices(evidence, self.right(variant))
        evidence.components = habits.of(chains)
        placed = Placer(evidence, chains, page, counting.why).run()
        placed.unread += [Unread(row.place, row.reason, NO_CHAIN) for row in lost]
        placed.unread.sort(key=attrgetter("place"))
        checker = Checker(evidence, placed)
        slips = tuple(checker.run())
        methods = dict(checker.numbers.methods)
        for slip in slips:
            # A line is paid for its method where nothing but its arithmetic is wrong.
            if slip.kind in ("formula", "numbers"):
                methods.pop(slip.chain, None)
        return Reading(self.bank, page, placed, slips, methods, counting)
