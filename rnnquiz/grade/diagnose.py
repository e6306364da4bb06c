"""Why an open box is wrong: every registered mistake that gives just this number, most likely
first.

Each mistake is tried over the student's own numbers and over the key's; then the boxes of one
student are looked at together, so that a mistake that explains many boxes is preferred to several
that explain one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, Bounded, choose, exact, taken, uncertain
from rnnquiz.algebra.expression import Expression, Ref, refs
from rnnquiz.algebra.operations import bound
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank, Box, trivial
from rnnquiz.decimals import Array
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import around, formula_bound, own_error
from rnnquiz.grade.answers import WRITTEN, Answers, written_unit
from rnnquiz.grade.fits import FEWEST_DIGITS, rounded_from, truncated_from
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.slips import EARLY, SLIPS, Slip, Suspect
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.models.misconceptions import Misconception, Mistaken

RANK_OF_SLIP = {
    "S1": 5,
    "S2": 60,
    "S3": 62,
    "S4": 75,
    "S5": 40,
    "S6": 72,
    "S7": 70,
    "S8": 90,
    "S9": 95,
}
FROM_KEY, SHORT, COMPOSED = 100, 50, 30
MOST_VARIANTS = 3
FAR, FAR_UNITS = 0.2, 100.0
"""Share of its size, and units in the last place, by which rounding moves a number at most that a
mistake is named for."""
ENTRIES_AT_MOST = 64  # of one quantity; spaces the sources of error of different quantities


Explanations = dict[tuple[int, str], list[Explanation]]


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
        open_ = [
            ((judged.standing[name] == Standing.OPEN) | _one_off(judged, self.bank.graph[name]))
            .reshape(len(wanted), -1)
            .any(axis=1)
            for name in judged.standing
        ]
        rows = np.flatnonzero(np.logical_or.reduce(open_) & wanted)
        if not len(rows):
            return {}
        some = {name: value[rows] for name, value in givens.items()}
        found = self._explained(some, answers.taken(rows), judged.taken(rows))
        return {(int(rows[n]), box): of for (n, box), of in found.items()}

    def _explained(
        self, givens: Mapping[str, Array], answers: Answers, judged: Judged
    ) -> Explanations:
        found: Explanations = {}
        for q in self.bank.graph.computed:
            rows = _open_rows(judged.standing[q.name])
            if len(rows):
                case = _Case(self.bank, q, rows, givens, answers, judged)
                self._by_rules(case, found)
                _by_slips(case, found)
            rows = np.flatnonzero(_one_off(judged, q).reshape(len(answers.texts), -1).any(axis=1))
            if len(rows):
                _by_slips(
                    _Case(self.bank, q, rows, givens, answers, judged),
                    found,
                    (EARLY,),
                    _one_off(judged, q)[rows],
                )
        self._by_rules_further_up(givens, answers, judged, found)
        _by_copying(self.bank, givens, answers, judged, found)
        return _jointly(found)

    def _by_rules(self, case: _Case, found: Explanations) -> None:
        for candidate in self.mistaken[case.q.name]:
            for basis in ("own", "key"):
                form = case.over(basis, candidate.formula)
                if form is not None:
                    base = self.ranks[candidate.rule.id] + (FROM_KEY if basis == "key" else 0)
                    _record(case, form, _of_rule(candidate, base, basis), found)

    def _by_rules_further_up(
        self, givens: Mapping[str, Array], answers: Answers, judged: Judged, found: Explanations
    ) -> None:
        """A mistake made in steps that were not asked or not written: the whole way up is computed
        with it."""
        graph = self.bank.graph
        hidden = [
            q
            for q in graph.computed
            if not trivial(q) and not (answers.state[q.name] == WRITTEN).all()
        ]
        unexplained = [
            (q, rows)
            for q in graph.computed
            if any(h.name in graph.ancestors[q.name] for h in hidden)
            and len(rows := _open_rows(judged.standing[q.name]))
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
                        case = _Case(self.bank, q, rows, givens, answers, judged)
                        form = taken(forms[q.name], np.searchsorted(students, rows))
                        says = _of_rule(
                            Mistaken(rule, q.name, Ref(q.name)),
                            self.ranks[rule.id] + COMPOSED,
                            "own",
                        )
                        detail = "made in a step before this one"
                        _record(case, form, replace(says, formula=None, detail=detail), found)

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


@dataclass(frozen=True)
class _Case:
    """The open boxes of one quantity: the students concerned, what they wrote, and what they
    computed it from."""

    bank: Bank
    q: Quantity
    rows: NDArray[np.int64]
    givens: Mapping[str, Array]
    answers: Answers
    judged: Judged
    _own: dict[str, Affine] = field(default_factory=dict)

    @cached_property
    def written(self) -> Array:
        return self.answers.values[self.q.name][self.rows]

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        return np.asarray(self.judged.standing[self.q.name][self.rows] == Standing.OPEN)

    @cached_property
    def last_place(self) -> NDArray[np.int64]:
        return self.answers.last_place[self.q.name][self.rows]

    @cached_property
    def form(self) -> Affine:
        """The right formula over the own numbers."""
        return taken(self.judged.own.forms[self.q.name], self.rows)

    def place(self, near: Array) -> Array:
        return written_unit(self.last_place, self.bank.rounding, near)

    def own(self, name: str) -> Affine:
        """What the student goes on with for a quantity."""
        if name not in self._own:
            self._own[name] = taken(self.judged.own.carried[name], self.rows)
        return self._own[name]

    def key(self, name: str, source: int) -> Affine:
        """What the key goes on with for it; its errors are those of `source` on."""
        value = self.judged.exact[name][self.rows]
        if self.bank.graph[name].formula is None:
            return exact(value)
        return uncertain(value, own_error(self.bank.rounding, value), source)

    def over(self, basis: str, formula: Expression) -> Affine | None:
        """What a formula gives over the numbers of the student or of the key; None where that is
        far from all that is open."""
        names = refs(formula)
        if self._far(basis, formula, names):
            return None
        if basis == "own":
            return self._shaped(bound(formula, {name: self.own(name) for name in names}))
        return self._shaped(
            bound(
                formula, {name: self.key(name, ENTRIES_AT_MOST * k) for k, name in enumerate(names)}
            )
        )

    def _far(self, basis: str, formula: Expression, names: Iterable[str]) -> bool:
        """True where the mere value is so far from the numbers written that no rounding brings it
        there."""
        values = {
            n: self.own(n).centre if basis == "own" else self.judged.exact[n][self.rows]
            for n in names
        }
        with np.errstate(all="ignore"):
            value = np.asarray(value_of(formula, values))
            reach = FAR * np.abs(value) + FAR_UNITS * self.bank.rounding.unit(value)
            return not (self.open & (np.abs(value - self.written) <= reach)).any()

    def _shaped(self, form: Bounded) -> Affine | None:
        if isinstance(form, float):
            return exact(np.full(self.written.shape, form))
        return form if form.centre.shape == self.written.shape else None


def _open_rows(state: NDArray[np.int8]) -> NDArray[np.int64]:
    return np.flatnonzero((state == Standing.OPEN).reshape(len(state), -1).any(axis=1))


def _of_rule(candidate: Mistaken, rank: int, basis: str) -> Explanation:
    rule = candidate.rule
    return Explanation(
        rule.id, rule.name, rule.says, "misconception", rank, basis, candidate.formula
    )


def _record(case: _Case, form: Affine, explanation: Explanation, found: Explanations) -> None:
    """Note the explanation at every open box whose number the form gives, as it was to be rounded
    or in too few digits."""
    written = case.written
    with np.errstate(invalid="ignore"):
        unit = case.bank.rounding.unit(np.abs(form.centre) + form.radius)
        place = case.place(form.centre)
        usable = case.open & np.isfinite(form.centre) & np.isfinite(form.radius)
        full = around(form, 0.5 * np.minimum(place, unit)).holds(written)
        coarse = np.minimum(place, FEWEST_DIGITS * unit)
        short = rounded_from(form, written, coarse) | truncated_from(form, written, coarse)
    for row, *entry in np.argwhere(usable & (full | short)):
        exactly = bool(full[(row, *entry)])
        note = (
            explanation
            if exactly
            else replace(
                explanation, rank=explanation.rank + SHORT, detail="and not rounded as asked"
            )
        )
        _add(found, int(case.rows[row]), _box(case.bank, case.q, tuple(entry)), note)


def _box(bank: Bank, q: Quantity, entry: tuple[int, ...]) -> Box:
    flat = 0
    for length, index in zip(q.shape, entry, strict=True):
        flat = flat * length + int(index)
    return list(bank.boxes_of(q))[flat]


def _add(found: Explanations, student: int, box: Box, explanation: Explanation) -> None:
    rows = found.setdefault((student, box.name), [])
    for index, row in enumerate(rows):
        if row.id == explanation.id:
            if explanation.rank < row.rank:
                rows[index] = explanation
            return
    rows.append(explanation)


def _one_off(judged: Judged, q: Quantity) -> NDArray[np.bool_]:
    """Boxes whose last digit is off by one, for which there may be a better word."""
    return np.asarray(
        (judged.writing[q.name] == Writing.OFF_BY_ONE) & (judged.standing[q.name] != Standing.OPEN)
    )


def _by_slips(
    case: _Case,
    found: Explanations,
    slips: Sequence[Slip] = SLIPS,
    boxes: NDArray[np.bool_] | None = None,
) -> None:
    """Slips that give the number of an open box, or of the `boxes` given."""
    among = np.argwhere(case.open if boxes is None else boxes)
    rows, at = among[:, 0], tuple(among.T)
    assert case.q.formula is not None
    names = refs(case.q.formula)
    scalars = case.q.shape == () and all(case.bank.graph[n].shape == () for n in names)
    suspect = Suspect(
        case.q.formula,
        case.written[at],
        case.last_place[at],
        case.form.centre[at],
        case.form.radius[at],
        case.bank.rounding,
        {name: case.own(name).centre[rows] for name in names} if scalars else {},
    )
    for slip in slips:
        note = Explanation(slip.id, slip.name, slip.says, slip.verdict, RANK_OF_SLIP[slip.id])
        for row, *entry in among[slip.fits(suspect)]:
            _add(found, int(case.rows[row]), _box(case.bank, case.q, tuple(entry)), note)


def _by_copying(
    bank: Bank, givens: Mapping[str, Array], answers: Answers, judged: Judged, found: Explanations
) -> None:
    """Open boxes whose number stands, to the digit, in another box of the same sheet or among the
    givens."""
    graph = bank.graph
    boxes = [box for q in graph for box in bank.boxes_of(q)]
    order = {box.name: i for i, box in enumerate(boxes)}
    columns = np.concatenate(
        [
            (givens[q.name] if q.formula is None else answers.values[q.name]).reshape(
                answers.count, -1
            )
            for q in graph
        ],
        axis=1,
    )
    for q in graph.computed:
        for box in bank.boxes_of(q):
            mine = columns[:, order[box.name]]
            open_ = (
                judged.standing[q.name].reshape(answers.count, -1)[:, box.entry] == Standing.OPEN
            )
            for n in np.flatnonzero(open_ & (np.abs(mine) != 1) & (mine != 0)):
                same = np.flatnonzero(columns[n] == mine[n])
                others = [
                    int(i)
                    for i in same
                    if i != order[box.name] and q.name not in graph.ancestors[boxes[i].quantity]
                ]
                if others and len(others) < len(boxes) // 4:
                    source = boxes[
                        min(
                            others,
                            key=lambda i: (
                                not _stale(q, graph[boxes[i].quantity]),
                                abs(i - order[box.name]),
                            ),
                        )
                    ]
                    _add(found, int(n), box, _copy_of(source, _stale(q, graph[source.quantity])))


def _stale(q: Quantity, other: Quantity) -> bool:
    strip = str.maketrans("", "", "0123456789")
    return q.name != other.name and q.name.translate(strip) == other.name.translate(strip)


def _copy_of(source: Box, stale: bool) -> Explanation:
    if stale:
        says = f"This is the value of {source.name}, of another time step."
        return Explanation(
            "S7",
            "value of another step reused",
            says,
            "slip",
            RANK_OF_SLIP["S7"],
            detail=source.name,
        )
    says = f"This is the value of {source.name}."
    return Explanation(
        "S6", "wrong quantity copied", says, "slip", RANK_OF_SLIP["S6"], detail=source.name
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
