"""From the text of a question bank to a checked specification: graph, samplers, what is asked,
marks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.symbols import Derivative, in_pass
from rnnquiz.bank.asking import SOLVED, asked, patterns_of
from rnnquiz.bank.copies import second_names
from rnnquiz.bank.form import validated
from rnnquiz.bank.givens import read_givens
from rnnquiz.bank.letters import in_own_letters, letters
from rnnquiz.bank.network import Lines, derived, line_of, model_line, network, read_notation
from rnnquiz.bank.predictions import with_predictions
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.soundness import blamed, check_key
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.bank.spelling import spell
from rnnquiz.bank.task import Task, computing, finding, showing
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.graph import ROLES, Graph
from rnnquiz.errors import BankError, Problem
from rnnquiz.models.misconceptions import Misconception, Mistaken, catalogue, check_rule, mistakes
from rnnquiz.resources import bank_path


def load_bank(path: str | Path, notation: str = "") -> Bank:
    """Read and check a bank, by its path or the name under which it ships.

    BankError lists every problem with file, line, key and remedy.
    """
    path = bank_path(path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        remedy = "give the path of a bank, or the name of one that ships: rnnquiz banks lists them"
        raise BankError(
            str(path), Problem("the file", f"cannot be read: {error.strerror}", remedy)
        ) from None
    except UnicodeDecodeError as error:
        raise BankError(
            str(path), Problem("the file", f"cannot be read: {error}", "save it in UTF-8")
        ) from None
    return parse_bank(text, str(path), notation)


MOST_PARSED = 64  # banks of one assignment, pools and all


@dataclass(frozen=True)
class Portable:
    """A bank as text: what another process, or another machine, needs to have it, too."""

    text: str
    source: str
    notation: str

    @classmethod
    def of(cls, bank: Bank) -> Portable:
        return cls(bank.text, bank.source, bank.notation.name)

    @property
    def bank(self) -> Bank:
        """The bank, parsed once in each process."""
        return _parsed(self)


@lru_cache(maxsize=MOST_PARSED)
def _parsed(portable: Portable) -> Bank:
    return parse_bank(portable.text, portable.source, portable.notation)


def parse_bank(text: str, source: str = "bank", notation: str = "") -> Bank:
    """Check the text of a bank; BankError as for `load_bank`. `notation` wins over the bank's
    own."""
    try:
        data, lines = strict_yaml.load(text)
    except strict_yaml.YamlProblem as error:
        raise BankError(source, error.problem) from None
    if not isinstance(data, dict):
        raise BankError(
            source,
            Problem("the file", "is not a mapping of keys to values", "begin with  title: ...", 1),
        )
    if "exercises" in data and "givens" not in data:
        found = "this is an assignment of several exercises, and one bank is needed here"
        line = line_of(("exercises",), lines)
        raise BankError(source, Problem("exercises", found, "give one of its banks", line))
    with blamed(source, lambda: line_of(("model",), lines)):
        return _read(data, lines, text, source, notation)


def _read(data: dict[str, Any], lines: Lines, text: str, source: str, notation: str) -> Bank:
    spelling: list[Problem] = []
    data, lines = spell(data, dict(lines), spelling)
    written, problems = validated(data, lines, source)
    typed, spelled = written.ask, letters(written)
    data, lines = in_own_letters(data, lines, spelled)
    written = validated(data, lines, source)[0]
    problems += spelling
    cell, model = network(written, lines, source, problems)
    full, forms = derived(written, model, lines, source, problems)
    names = patterns_of(written.ask, full)
    full = with_predictions(full, model, names)
    forms = {slope: with_predictions(form, model, names) for slope, form in forms.items()}
    written_as = read_notation(notation or written.notation, cell, model, lines, source, problems)
    chosen, asked_problems = asked(written, full, lines, written_as, typed)
    problems += [
        *_rounding_problems(written, lines),
        *asked_problems,
        *_task_problems(written, full, lines),
    ]
    if not chosen:
        raise BankError(source, dict.fromkeys(problems))
    task = _task(written, full, chosen)
    drawn = _drawn(full, task) if task.kind == "compute" else full
    samplers, given_problems = read_givens(written, drawn, full, lines, written_as)
    marks, mark_problems = _marks(written, task, lines)
    problems += [
        *given_problems,
        *([] if asked_problems else mark_problems),
        *_misconception_problems(written, lines),
    ]
    if problems:
        raise BankError(source, dict.fromkeys(problems))
    displayed = _task(written, forms[written_as.slope or written.slope], chosen).graph
    candidates = _candidates(full, task) if task.kind == "find" else ()
    bank = Bank(
        source,
        text,
        written,
        cell,
        model,
        drawn,
        task,
        displayed,
        written_as,
        _rounding(written),
        samplers,
        marks,
        candidates,
        second_names(full),
        spelled.twice,
    )
    check_key(bank, model_line(written, lines))
    return bank


def _task(written: BankText, full: Graph, asked: tuple[str, ...]) -> Task:
    kind = written.task.kind
    if kind == "compute":
        return computing(full, asked)
    return (
        finding(full, tuple(q.name for q in full.computed))
        if kind == "find"
        else showing(full, asked, kind)
    )


def _drawn(full: Graph, task: Task) -> Graph:
    """What is computed for a variant: all that is asked, and whatever is differentiated, by which
    the key is checked."""
    symbols = [q.symbol for q in task.graph]
    checked = {in_pass(str(s.of), s.number) for s in symbols if isinstance(s, Derivative)}
    return full.restricted(frozenset({*task.asked, *checked}))


def _task_problems(written: BankText, full: Graph, lines: Lines) -> Iterator[Problem]:
    task = written.task
    place = line_of(("task",), lines)
    if task.kind == "step" and task.at is None:
        yield Problem(
            "task", "a step is asked and not which", "write  task: {kind: step, at: 2}", place
        )
    if task.kind != "step" and task.at is not None:
        yield Problem("task.at", "is for a task of kind step", "remove it", place)
    if task.kind == "find" and any(q.shape for q in full.computed):
        yield Problem(
            "task", "finding a mistake is for networks of scalars", "set all sizes to 1", place
        )


def _candidates(full: Graph, task: Task) -> tuple[Mistaken, ...]:
    """Every registered mistake in a line of the derivation, in a fixed order."""
    found = mistakes(full, catalogue())
    return tuple(
        mistake for name in task.lines if not trivial(full[name]) for mistake in found[name]
    )


def _rounding_problems(written: BankText, lines: Lines) -> Iterator[Problem]:
    if (written.rounding.decimals is None) == (written.rounding.significant is None):
        remedy = "write {decimals: 3} or {significant: 3}"
        yield Problem(
            "rounding",
            "needs one of decimals and significant",
            remedy,
            line_of(("rounding",), lines),
        )


def _rounding(written: BankText) -> Rounding:
    rule = written.rounding
    if rule.decimals is not None:
        return Rounding("decimals", rule.decimals, rule.when, rule.truncation)
    assert rule.significant is not None
    return Rounding("significant", rule.significant, rule.when, rule.truncation)


def _misconception_problems(written: BankText, lines: Lines) -> Iterator[Problem]:
    for index, own in enumerate(written.misconceptions):
        rule = Misconception(own.id, own.name, own.says, tuple(own.where) or SOLVED, (own.rewrite,))
        for found in check_rule(rule):
            yield Problem(
                f"misconceptions.{index}",
                found,
                "write  pattern -> template",
                line_of(("misconceptions", index), lines),
            )


def _marks(written: BankText, task: Task, lines: Lines) -> tuple[dict[str, float], list[Problem]]:
    roles = [
        task.graph[name].role
        for name in task.asked
        for _ in range(math.prod(task.graph[name].shape))
    ]
    present: dict[str, float] = {
        role: float(roles.count(role)) for role in ROLES[1:] if role in roles
    }
    if not written.marks:
        return present, []
    problems = [
        Problem(
            f"marks.{role}",
            "no box of this kind is asked",
            f"asked are {', '.join(present)}",
            line_of(("marks", role), lines),
        )
        for role in written.marks
        if role not in present
    ]
    missing = [role for role in present if role not in written.marks]
    if missing:
        found = f"nothing is said of {', '.join(missing)}"
        problems.append(
            Problem("marks", found, "give each asked kind its marks", line_of(("marks",), lines))
        )
    given = {str(role): marks for role, marks in written.marks.items()}
    return {role: given.get(role, 0.0) for role in present}, problems
