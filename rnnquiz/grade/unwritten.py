"""What written numbers are computed from, givens and other written ones: the formulas of steps that
are not written are put in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnquiz.algebra.expression import Expression, Ref, refs, replace
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Bools
from rnnquiz.derivation.graph import Quantity


def readings_of(bank: Bank) -> dict[tuple[str, str], Bools]:
    """For each asked quantity, and each name that its formula reads over givens and other asked
    ones, (entries of the quantity, entries of the other): which entry reads which."""
    found: dict[tuple[str, str], Bools] = {}
    hidden: dict[str, dict[str, Bools]] = {}
    for q in bank.graph.computed:
        assert q.formula is not None
        through: dict[str, Bools] = {}
        for name in refs(q.formula):
            direct = bank.entries_read[q.name, name]
            of_itself = {name: np.eye(direct.shape[1], dtype=bool)}
            for other, reads in hidden.get(name, of_itself).items():
                before = through.get(other, False)
                through[other] = direct @ reads | before
        if _stands_for_itself(bank, q):
            found |= {(q.name, name): reads for name, reads in through.items()}
        else:
            hidden[q.name] = through
    return found


def _stands_for_itself(bank: Bank, q: Quantity) -> bool:
    """True where later formulas read what is written for a quantity: it is asked, and no mere copy
    of another one."""
    return q.name in bank.asked and not trivial(q)


def formulas_of(bank: Bank) -> Iterator[tuple[str, Expression]]:
    """Formulas of the asked quantities over givens and other asked ones."""
    known: dict[str, Expression] = {}

    def inlined(node: Expression) -> Expression | None:
        return known.get(node.name) if isinstance(node, Ref) else None

    for q in bank.graph.computed:
        assert q.formula is not None
        tree = replace(q.formula, inlined)
        if _stands_for_itself(bank, q):
            yield q.name, tree
        else:
            known[q.name] = tree
