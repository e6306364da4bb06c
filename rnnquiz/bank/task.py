"""What is asked of a student, as a graph of its own: some quantities of the whole problem are
shown, some are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rnnquiz.algebra.expression import Apply, Ref
from rnnquiz.derivation.graph import Graph, Quantity

TaskKind = Literal["compute", "step", "fill", "find"]

WHICH, LINE_FOUND, VALUE = (
    "which",
    "line",
    "value",
)  # names in a find task: the line that is wrong (from 1), and the two boxes


@dataclass(frozen=True)
class Task:
    """`shown` are quantities of the whole problem whose numbers stand on the sheet, `lines` those
    that may be wrong."""

    kind: TaskKind
    graph: Graph
    asked: tuple[str, ...]
    shown: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def computing(full: Graph, asked: tuple[str, ...]) -> Task:
    """Everything that is asked, from the givens."""
    return Task("compute", full.restricted(frozenset(asked)), asked)


def showing(full: Graph, asked: tuple[str, ...], kind: TaskKind) -> Task:
    """The asked quantities from the numbers that they need (step), or in the midst of all others
    (fill)."""
    read = {parent for name in asked for parent in full.reads(name)}
    quantities: dict[str, Quantity] = {}
    for q in full:
        if q.name not in asked and (kind == "fill" or q.name in read):
            quantities[q.name] = replace(q, formula=None, alternatives=())
    shown = tuple(name for name in quantities if full[name].formula is not None)
    quantities |= {name: full[name] for name in asked}
    return Task(kind, replace(full, quantities=quantities), asked, shown)


def finding(full: Graph, lines: tuple[str, ...]) -> Task:
    """Which of the lines is wrong, and its right value from the numbers of the lines before it."""
    quantities = {q.name: replace(q, formula=None, alternatives=()) for q in full}
    formulas = tuple(formula for name in lines if (formula := full[name].formula) is not None)
    quantities[WHICH] = Quantity(WHICH, "given", ())
    quantities[LINE_FOUND] = Quantity(LINE_FOUND, "finding", (), Ref(WHICH))
    quantities[VALUE] = Quantity(VALUE, "finding", (), Apply("select", (Ref(WHICH), *formulas)))
    return Task("find", replace(full, quantities=quantities), (LINE_FOUND, VALUE), lines, lines)
