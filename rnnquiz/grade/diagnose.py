"""Why an open box is wrong: every registered mistake that gives just this number, most likely
first.

Each mistake is tried over the student's own numbers and over the key's; then the boxes of one
student are looked at together, so that a mistake that explains many boxes is preferred to several
that explain one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, taken
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.grade.answers import Answers, some_rows
from rnnquiz.grade.case import Case, Explanations, by_quantity, one_off, open_boxes, record
from rnnquiz.grade.further_up import FurtherUp, Strikes, hidden_steps, strikes_of
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.likelihood import Likely, Rank
from rnnquiz.grade.other_causes import by_copying, by_slips
from rnnquiz.grade.slips import EARLY
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said
from rnnquiz.models.misconceptions import Misconception, Mistaken

FROM = {"own": Likely.STEP, "key": Likely.STEP_OF_KEY}  # by whose numbers a mistake was made over
# Of a rule that strikes in several places of one step. Of 790 rules of the banks 70 have more, one
# of them 33; with one or six variants the same mistakes are named first (benchmarks/names.py).
MOST_VARIANTS = 3
FURTHER_UP = said("made in a step before this one")


class Diagnosis:
    """Looks for explanations of the open boxes of one bank; holds the mistaken formulas, which are
    worked out once."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.rules = bank.rules
        self.places = {rule.id: place for place, rule in enumerate(self.rules)}
        self.mistaken = bank.mistaken

    @cached_property
    def strikes(self) -> dict[str, dict[int, Strikes]]:
        """What each rule strikes: every mistake of the bank, which few classes need."""
        return strikes_of(self.bank, self.mistaken)

    def explain(
        self,
        givens: Mapping[str, Array],
        answers: Answers,
        judged: Judged,
        wanted: NDArray[np.bool_],
    ) -> Explanations:
        """Explanations of every open box of the sheets that are `wanted`, (N,), by student and box
        name, best first."""
        boxes = open_boxes(judged) | one_off(judged)
        concerned = boxes.any(axis=1) & wanted
        rows = np.flatnonzero(concerned)
        # In most classes most sheets are right: only the others are gone through.
        if not len(rows):
            return {}
        some = some_rows(givens, rows)
        found = self._explained(some, answers.taken(rows), judged.taken(rows))
        # The numbers of students are those of the whole class again.
        students = rows.tolist()
        return {(students[n], box): of for (n, box), of in found.items()}

    def _explained(
        self, givens: Mapping[str, Array], answers: Answers, judged: Judged
    ) -> Explanations:
        found: Explanations = {}
        opened = by_quantity(judged, open_boxes(judged))
        for name, (rows, _) in opened.items():
            case = Case(self.bank, self.bank.graph[name], rows, givens, answers, judged)
            self._by_rules(case, found)
            by_slips(case, found)
        # A last digit off by one has its name; that a part was rounded too early says more.
        for name, (rows, boxes) in by_quantity(judged, one_off(judged)).items():
            case = Case(self.bank, self.bank.graph[name], rows, givens, answers, judged)
            by_slips(case, found, (EARLY,), boxes)
        rows_of = {name: rows for name, (rows, _) in opened.items()}
        self._by_rules_further_up(givens, answers, judged, rows_of, found)
        by_copying(self.bank, givens, answers, judged, found)
        return _jointly(found)

    def _by_rules(self, case: Case, found: Explanations) -> None:
        candidates = self.mistaken[case.q.name]
        formulas = [candidate.formula for candidate in candidates]
        # All rules at once: their formulas have parts in common, which are evaluated once.
        both = {basis: case.over(basis, formulas) for basis in FROM}
        notes = []
        for k, candidate in enumerate(candidates):
            for basis, kind in FROM.items():
                form = both[basis][k]
                if form is not None:
                    rank = Rank.of(kind, self.places[candidate.rule.id])
                    notes.append((_of_rule(candidate, rank, basis), form))
        record(case, notes, found)

    def _by_rules_further_up(
        self,
        givens: Mapping[str, Array],
        answers: Answers,
        judged: Judged,
        opened: Mapping[str, NDArray[np.int64]],
        found: Explanations,
    ) -> None:
        """A mistake made in steps that were not asked or not written: the whole way up is computed
        with it. `opened`: the sheets with open boxes, by quantity."""
        hidden, graph = set(hidden_steps(self.bank, answers)), self.bank.graph
        unexplained: dict[str, NDArray[np.int64]] = {}
        for name, rows in opened.items():
            if not hidden.isdisjoint(graph.ancestors[name]):
                unexplained[name] = rows
        if not unexplained:
            return
        numbers = FurtherUp(self.bank, unexplained, givens, answers, judged)
        for rule in self.rules:
            note = self._made_before(rule)
            for forms in self._of_all_variants(numbers, rule):
                # In one order, so that what is found first is the same in every run.
                for name in sorted(unexplained.keys() & forms.keys()):
                    rows = unexplained[name]
                    case = Case(self.bank, graph[name], rows, givens, answers, judged)
                    own_rows = np.searchsorted(numbers.students, rows)
                    form = taken(forms[name], own_rows)
                    record(case, [(note, form)], found)

    def _of_all_variants(
        self, numbers: FurtherUp, rule: Misconception
    ) -> Iterator[dict[str, Affine]]:
        """What quantities become with each variant of a rule."""
        variants = self.strikes.get(rule.id, {})
        for variant in range(MOST_VARIANTS):
            if variant not in variants:
                return
            yield numbers.with_mistake(variants[variant])

    def _made_before(self, rule: Misconception) -> Explanation:
        """What is said of a box where the rule struck in a step before it."""
        rank = Rank.of(Likely.BEFORE, self.places[rule.id])
        return Explanation(
            rule.id, rule.name, rule.says, Verdict.MISCONCEPTION, rank, detail=FURTHER_UP
        )


def _of_rule(candidate: Mistaken, rank: Rank, basis: str) -> Explanation:
    rule = candidate.rule
    return Explanation(
        rule.id, rule.name, rule.says, Verdict.MISCONCEPTION, rank, basis, candidate.formula
    )


def _jointly(found: Explanations) -> Explanations:
    """The same explanations, those first that explain more boxes of the student (each box counts
    for its best ones)."""
    support: Counter[tuple[int, str]] = Counter()
    for (student, _), rows in found.items():
        # Of one box each mistake is noted once.
        for row in rows:
            if row.is_misconception:
                support[student, row.id] += 1

    def rank(student: int, row: Explanation) -> Rank:
        if not row.is_misconception:
            return row.rank
        return row.rank.again(support[student, row.id] - 1)

    sorted_rows = {}
    for (student, box), rows in found.items():
        # Of what is equally likely the first found stays first: sorting is stable.
        likeliest_first = partial(rank, student)
        sorted_rows[student, box] = sorted(rows, key=likeliest_first)
    return sorted_rows
