"""The share of its marks that a box earns by its verdict: what a bank says of each kind."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.grade.verdicts import verdict_names


class Worth:
    """What verdicts are worth in a bank, penalties included. `roles`: of what kind each asked box
    is."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.roles = roles_of_boxes(bank)
        self.of_roles = {role: self._of_role(role) for role in dict.fromkeys(self.roles)}

    def _of_role(self, role: str) -> dict[str, float]:
        """The share of the marks of a box of some kind that each verdict earns."""
        written = self.bank.written
        credit_by = {str(kind): of for kind, of in written.credit_by.items()}
        credit = credit_by.get(role, written.credit)
        penalty = {str(verdict): share for verdict, share in written.policy.penalty.items()}
        return {v: credit.of(v) - penalty.get(v, 0.0) for v in Verdict}

    def table(self, role: str) -> Array:
        """(standings, writings): the share that a box of this kind earns, by how it stands and how
        it is written."""
        policy = self.bank.written.policy
        names = verdict_names(policy.surplus_digits, policy.missing_digits)
        of_role = self.of_roles[role]
        return np.array([[of_role[name] for name in row] for row in names])

    @cached_property
    def tables(self) -> Array:
        """(boxes, standings, writings): the table of each asked box."""
        of_roles = {role: self.table(role) for role in self.of_roles}
        return np.stack([of_roles[role] for role in self.roles])


def roles_of_boxes(bank: Bank) -> list[str]:
    """The kind of quantity that each asked box belongs to."""
    return [bank.graph[box.quantity].role for box in bank.boxes]
