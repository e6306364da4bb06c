"""What a bank asks of its network: the task, what is computed for it, what is drawn, the marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import Derivative, in_pass
from rnnquiz.bank.asking import Asking
from rnnquiz.bank.givens import read_givens
from rnnquiz.bank.marks import check_own_rules, marks_by_role
from rnnquiz.bank.sampling import Sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.sections import RoundingText
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.task import Task, computing, finding, showing
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.written_keys import WrittenKeys
from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.roles import Role
from rnnquiz.errors import BankError, Problem
from rnnquiz.models.misconceptions import Mistaken, catalogue
from rnnquiz.models.mistakes import mistakes_of
from rnnquiz.problems import Problems


@dataclass(frozen=True)
class Posed:
    """What is asked, the quantities that are computed for it, what is drawn, and the marks."""

    task: Task
    drawn: Graph
    samplers: Mapping[str, Sampler]
    marks: Mapping[str, float]


def pose(keys: WrittenKeys, full: Graph, notation: Notation) -> Posed:
    """BankError with all that is wrong with what is asked and given, and with what was found
    before."""
    written, problems = keys.written, keys.problems
    _check_rounding(written.rounding, problems)
    before = len(problems)
    # As typed, so that a name that is unknown is shown in the letters of the teacher.
    asked = Asking(written, full, notation, keys.typed).asked(problems)
    badly_asked = len(problems) > before
    _check_network(full, problems)
    _check_task(written, full, problems)
    if not asked:
        problems.raise_if_any()
    task = task_of(written, full, asked)
    drawn = _drawn(full, task)
    samplers = read_givens(written, drawn, full, notation, problems)
    # Where it is not clear what is asked, marks would be wrong for that alone.
    unheard = Problems(BankError, "")
    marks = marks_by_role(written, task, unheard if badly_asked else problems)
    check_own_rules(written, problems)
    problems.raise_if_any()
    return Posed(task, drawn, samplers, marks)


def task_of(written: BankText, full: Graph, asked: tuple[str, ...]) -> Task:
    """What is asked of the student, over the quantities that the bank asks for."""
    kind = written.task.kind
    if kind == TaskKind.COMPUTE:
        return computing(full, asked)
    if kind == TaskKind.FIND:
        every_line = tuple(q.name for q in full.computed)
        return finding(full, every_line)
    return showing(full, asked, kind)


def _drawn(full: Graph, task: Task) -> Graph:
    """What is computed for a variant: all that is asked, and whatever is differentiated, by which
    the key is checked; everything where numbers of it are shown."""
    if task.kind != TaskKind.COMPUTE:
        return full
    needed = set(task.asked)
    for q in task.graph:
        symbol = q.symbol
        if isinstance(symbol, Derivative):
            differentiated = str(symbol.of)
            needed.add(in_pass(differentiated, symbol.number))
    return full.restricted(frozenset(needed))


def _check_network(full: Graph, problems: Problems) -> None:
    # A loss of givens alone is no network: there is nothing to draw, and no forward pass to follow.
    if all(q.role != Role.FORWARD for q in full.computed):
        found = "nothing is computed before the loss"
        remedy = "name what the network computes in an equation of its own: yhat[t] = W * x[t]"
        problems.add(("model", "equations"), found, remedy)


def _check_task(written: BankText, full: Graph, problems: Problems) -> None:
    task = written.task
    line = problems.line(("task",))
    if task.kind == TaskKind.STEP and task.at is None:
        remedy = "write  task: {kind: step, at: 2}"
        problems.add(("task",), "a step is asked and not which", remedy)
    if task.at is not None and task.at > full.steps:
        found = f"step {task.at} of a network of {full.steps}"
        problems.add(("task", "at"), found, f"write a number of at most {full.steps}")
    if task.kind != TaskKind.STEP and task.at is not None:
        problems.extend([Problem("task.at", "is for a task of kind step", "remove it", line)])
    # One of the lines is selected by its number: they must all be of one shape.
    if task.kind == TaskKind.FIND and any(q.shape for q in full.computed):
        found = "finding a mistake is for networks of scalars"
        problems.add(("task",), found, "set all sizes to 1")


def candidates_of(full: Graph, task: Task) -> tuple[Mistaken, ...]:
    """What a find task draws from: every registered mistake in a line of the derivation, in a fixed
    order."""
    if task.kind != TaskKind.FIND:
        return ()
    mistakes = mistakes_of(full, catalogue())
    found: list[Mistaken] = []
    for name in task.lines:
        if not trivial(full[name]):
            found += mistakes[name]
    return tuple(found)


def _check_rounding(rule: RoundingText, problems: Problems) -> None:
    if (rule.decimals is None) == (rule.significant is None):
        remedy = "write {decimals: 3} or {significant: 3}"
        problems.add(("rounding",), "needs one of decimals and significant", remedy)
