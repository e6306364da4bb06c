"""What the kinds of boxes are worth, and mistakes of the teacher's own: what a bank says beside the
numbers."""

from __future__ import annotations

import math
from collections import Counter
from itertools import filterfalse

from rnnquiz.bank.schema import BankText
from rnnquiz.bank.sections import MisconceptionText
from rnnquiz.bank.task import Task
from rnnquiz.derivation.roles import COMPUTED, SOLVED
from rnnquiz.models.misconceptions import Misconception, catalogue
from rnnquiz.models.rules import check_rule
from rnnquiz.problems import Problems
from rnnquiz.text import nearest


def marks_by_role(written: BankText, task: Task, problems: Problems) -> dict[str, float]:
    """The marks of each kind that is asked, in the order of kinds; one a box where nothing is
    said."""
    boxes: Counter[str] = Counter()
    for name in task.asked:
        q = task.graph[name]
        boxes[q.role] += math.prod(q.shape)
    present: dict[str, float] = {}
    for role in filter(boxes.__contains__, COMPUTED):
        present[str(role)] = float(boxes[role])
    if not written.marks:
        return present
    for role in written.marks:
        if role not in present:
            remedy = f"asked are {', '.join(present)}"
            problems.add(("marks", role), "no box of this kind is asked", remedy)
    # Boxes that are worth nothing by an oversight would be noticed only when marks are out.
    missing = list(filterfalse(written.marks.__contains__, present))
    if missing:
        found = f"nothing is said of {', '.join(missing)}"
        problems.add(("marks",), found, "give each asked kind its marks")
    given = {str(role): marks for role, marks in written.marks.items()}
    return {role: given.get(role, 0.0) for role in present}


def own_rules(written: BankText) -> tuple[Misconception, ...]:
    """The teacher's own misconceptions."""
    return tuple(map(_rule, written.misconceptions))


def _rule(own: MisconceptionText) -> Misconception:
    where = tuple(own.where) or SOLVED
    return Misconception(own.id, own.name, own.says, where, (own.rewrite,))


def check_own_rules(written: BankText, problems: Problems) -> None:
    """Adds to the problems what is wrong with the misconceptions of the bank itself."""
    for index, rule in enumerate(own_rules(written)):
        for found, remedy in check_rule(rule):
            problems.add(("misconceptions", index), found, remedy)


def check_ids(written: BankText, problems: Problems) -> None:
    """Adds to the problems each id that is given twice, and each that is waived and is none."""
    known = {rule.id for rule in catalogue()}
    for index, rule in enumerate(own_rules(written)):
        # By its id a mistake is waived, counted and reported.
        if rule.id in known:
            found, remedy = f"{rule.id!r} is the id of another mistake", "give it one of its own"
            problems.add(("misconceptions", index, "id"), found, remedy)
        known.add(rule.id)
    for index, id_ in enumerate(written.certify.waive):
        if id_ not in known:
            remedy = nearest(id_, sorted(known))
            problems.add(("certify", "waive", index), f"{id_!r} is no mistake", remedy)
