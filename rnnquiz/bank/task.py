"""What is asked of a student, as a graph of its own: some quantities of the whole problem are
shown, some are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

from rnnquiz.algebra.expression import Apply, Expression, Ref
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role

# Names in a find task: the line that is wrong (from 1), and the two boxes.
WHICH, LINE_FOUND, VALUE = "which", "line", "value"


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
    part = full.restricted(frozenset(asked))
    return Task(TaskKind.COMPUTE, part, asked)


def showing(full: Graph, asked: tuple[str, ...], kind: TaskKind) -> Task:
    """The asked quantities from the numbers that they need (step), or in the midst of all others
    (fill)."""
    names = map(full.reads, asked)
    read = set(chain.from_iterable(names))
    quantities: dict[str, Quantity] = {}
    shown: list[str] = []
    for q in full:
        if q.name in asked or (kind != TaskKind.FILL and q.name not in read):
            continue
        # Without its formula a quantity is a given: a number that the sheet shows.
        quantities[q.name] = replace(q, formula=None, alternatives=())
        # A given of the whole problem is on the sheet anyhow.
        if q.formula is not None:
            shown.append(q.name)
    quantities |= {name: full[name] for name in asked}
    part = replace(full, quantities=quantities)
    return Task(kind, part, asked, tuple(shown))


def finding(full: Graph, lines: tuple[str, ...]) -> Task:
    """Which of the lines is wrong, and its right value from the numbers of the lines before it."""
    quantities = {q.name: replace(q, formula=None, alternatives=()) for q in full}
    formulas: list[Expression] = []
    for name in lines:
        if (formula := full[name].formula) is not None:
            formulas.append(formula)
    which = Ref(WHICH)
    # Variants differ in the line that is wrong, and have one graph: `select` takes its formula.
    value = Apply("select", (which, *formulas))
    quantities[WHICH] = Quantity(WHICH, Role.GIVEN, ())
    quantities[LINE_FOUND] = Quantity(LINE_FOUND, Role.FINDING, (), which)
    quantities[VALUE] = Quantity(VALUE, Role.FINDING, (), value)
    part = replace(full, quantities=quantities)
    return Task(TaskKind.FIND, part, (LINE_FOUND, VALUE), lines, lines)
