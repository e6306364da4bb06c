"""Why an open box is wrong: every registered mistake that gives just this number, most likely
first.

Each mistake is tried over the student's own numbers and over the key's; then the boxes of one
student are looked at together, so that a mistake that explains many boxes is preferred to several
that explain one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, choose, exact, taken
from rnnquiz.algebra.expression import Ref, refs
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Array
from rnnquiz.derivation.tolerance import formula_bound
from rnnquiz.grade.answers import WRITTEN, Answers
from rnnquiz.grade.case import Case, Explanations, by_quantity, one_off, open_boxes, record
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.other_causes import by_copying, by_slips
from rnnquiz.grade.slips import EARLY
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said
from rnnquiz.models.misconceptions import Misconception, Mistaken

FROM = {"own": 0, "key": 100}  # added to the rank, by whose numbers the mistake was made over
COMPOSED = 30
MOST_VARIANTS = 3
FURTHER_UP = said("made in a step before this one")


class Diagnosis:
    """Looks for explanations of the open boxes of one bank; holds the mistaken formulas, which are
    worked out once."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.rules = bank.rules
        self.ranks = {rule.id: 10 + i for i, rule in enumerate(self.rules)}
        self.mistaken = bank.mistaken

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
        rows = np.flatnonzero(boxes.any(axis=1) & wanted)
        if not len(rows):
            return {}
        some = {name: value[rows] for name, value in givens.items()}
        found = self._explained(some, answers.taken(rows), judged.taken(rows))
        return {(int(rows[n]), box): of for (n, box), of in found.items()}

    def _explained(
        self, givens: Mapping[str, Array], answers: Answers, judged: Judged
    ) -> Explanations:
        found: Explanations = {}
        opened = by_quantity(judged, open_boxes(judged))
        for name, (rows, _) in opened.items():
            case = Case(self.bank, self.bank.graph[name], rows, givens, answers, judged)
            self._by_rules(case, found)
            by_slips(case, found)
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
        both = {basis: case.over(basis, formulas) for basis in FROM}
        notes = [
            (_of_rule(candidate, self.ranks[candidate.rule.id] + FROM[basis], basis), form)
            for k, candidate in enumerate(candidates)
            for basis in FROM
            if (form := both[basis][k]) is not None
        ]
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
        graph = self.bank.graph
        hidden = [
            q
            for q in graph.computed
            if not trivial(q) and not (answers.state[q.name] == WRITTEN).all()
        ]
        unexplained = [
            (graph[name], rows)
            for name, rows in opened.items()
            if any(h.name in graph.ancestors[name] for h in hidden)
        ]
        if not unexplained:
            return
        students = np.unique(np.concatenate([rows for _, rows in unexplained]))
        for rule in self.rules:
            for variant in range(MOST_VARIANTS):
                forms = self._walk_with(rule, variant, students, givens, answers, judged)
                if forms is None:
                    break
                for q, rows in unexplained:
                    if q.name in forms:
                        case = Case(self.bank, q, rows, givens, answers, judged)
                        form = taken(forms[q.name], np.searchsorted(students, rows))
                        says = _of_rule(
                            Mistaken(rule, q.name, Ref(q.name)),
                            self.ranks[rule.id] + COMPOSED,
                            "own",
                        )
                        note = replace(says, formula=None, detail=FURTHER_UP)
                        record(case, [(note, form)], found)

    def _walk_with(
        self,
        rule: Misconception,
        variant: int,
        students: NDArray[np.int64],
        givens: Mapping[str, Array],
        answers: Answers,
        judged: Judged,
    ) -> dict[str, Affine] | None:
        """What quantities become when a rule strikes wherever nothing was written; None where the
        rule has no such variant."""
        carried: dict[str, Affine] = {}
        forms: dict[str, Affine] = {}
        moved: set[str] = set()
        struck = False
        for q in self.bank.graph:
            if q.formula is None:
                carried[q.name] = exact(givens[q.name][students])
                continue
            own = [m.formula for m in self.mistaken[q.name] if m.rule.id == rule.id]
            strikes = variant < len(own) and all(name in carried for name in refs(own[variant]))
            carried[q.name] = taken(judged.own.carried[q.name], students)
            touched = not moved.isdisjoint(self.bank.graph.parents[q.name])
            if strikes or touched:
                struck |= strikes
                form = formula_bound(
                    own[variant] if strikes else q.formula, carried, len(students), q
                )
                written = answers.state[q.name][students] == WRITTEN
                carried[q.name] = choose(written, carried[q.name], form)
                if touched:
                    forms[q.name] = form
                if not written.all():
                    moved.add(q.name)
        return forms if struck else None


def _of_rule(candidate: Mistaken, rank: int, basis: str) -> Explanation:
    rule = candidate.rule
    return Explanation(
        rule.id, rule.name, rule.says, "misconception", rank, basis, candidate.formula
    )


def _jointly(found: Explanations) -> Explanations:
    """The same explanations, those first that explain more boxes of the student (each box counts
    for its best ones)."""
    support: dict[int, Counter[str]] = {}
    for (student, _), rows in found.items():
        support.setdefault(student, Counter()).update(
            row.id for row in rows if row.verdict == "misconception"
        )
    return {
        key: sorted(
            rows,
            key=lambda row: (
                row.rank
                - 25 * min(support[key[0]][row.id] - 1, 3) * (row.verdict == "misconception")
            ),
        )
        for key, rows in found.items()
    }
