"""From the text of a question bank to a checked specification: graph, samplers, what is asked, marks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rnnquiz import strict_yaml
from rnnquiz.algebra.symbols import Derivative, in_pass
from rnnquiz.bank.copies import second_names
from rnnquiz.bank.network import Lines, derived, line_of, model_line, network, read_notation
from rnnquiz.bank.predictions import fits, with_predictions
from rnnquiz.bank.sampling import GivenProblem, Sampler, is_word, letter_of, read_sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.soundness import blamed, check_key
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.bank.spelling import spell
from rnnquiz.bank.task import Task, computing, finding, showing
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.graph import ROLES, Graph, Quantity
from rnnquiz.errors import BankError, Problem
from rnnquiz.models.misconceptions import Misconception, Mistaken, catalogue, check_rule, mistakes

MOST_STARS = 3
SOLVED = ROLES[1:-1]  # kinds of quantities that a solution has


def load_bank(path: str | Path, notation: str = "") -> Bank:
    """Read and check a bank file; BankError lists every problem with file, line, key and remedy."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        remedy = "give the path of a bank, or the name of one that ships: rnnquiz banks lists them"
        raise BankError(str(path), Problem("the file", f"cannot be read: {error.strerror}", remedy)) from None
    except UnicodeDecodeError as error:
        raise BankError(str(path), Problem("the file", f"cannot be read: {error}", "save it in UTF-8")) from None
    return parse_bank(text, str(path), notation)


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


@lru_cache(maxsize=4)
def _parsed(portable: Portable) -> Bank:
    return parse_bank(portable.text, portable.source, portable.notation)


def parse_bank(text: str, source: str = "bank", notation: str = "") -> Bank:
    """Check the text of a bank; BankError as for `load_bank`. `notation` wins over the bank's own."""
    try:
        data, lines = strict_yaml.load(text)
    except strict_yaml.YamlProblem as error:
        raise BankError(source, error.problem) from None
    if not isinstance(data, dict):
        raise BankError(source, Problem("the file", "is not a mapping of keys to values", "begin with  title: ...", 1))
    with blamed(source, lambda: line_of(("model",), lines)):
        return _read(data, lines, text, source, notation)


def _read(data: dict[str, Any], lines: Lines, text: str, source: str, notation: str) -> Bank:
    spelling: list[Problem] = []
    data, lines = spell(data, dict(lines), spelling)
    written, problems = _validated(data, lines, source)
    problems += spelling
    cell, model = network(written, lines, source, problems)
    full, forms = derived(written, model, lines, source, problems)
    names = [pattern for pattern in written.ask if pattern.count("*") <= MOST_STARS]
    full = with_predictions(full, model, names)
    forms = {slope: with_predictions(form, model, names) for slope, form in forms.items()}
    written_as = read_notation(notation or written.notation, cell, model, lines, source, problems)
    asked, asked_problems = _asked(written, full, lines)
    problems += [*_rounding_problems(written, lines), *asked_problems, *_task_problems(written, full, lines)]
    if not asked:
        raise BankError(source, dict.fromkeys(problems))
    task = _task(written, full, asked)
    drawn = _drawn(full, task) if task.kind == "compute" else full
    samplers: dict[str, Sampler] = {}
    for step in _samplers(written, drawn, full, lines):
        if isinstance(step, Problem):
            problems.append(step)
        else:
            samplers[step[0]] = step[1]
    marks, mark_problems = _marks(written, task, lines)
    problems += [*mark_problems, *_misconception_problems(written, lines)]
    if problems:
        raise BankError(source, dict.fromkeys(problems))
    displayed = _task(written, forms[written_as.slope or written.slope], asked).graph
    candidates = _candidates(full, task) if task.kind == "find" else ()
    bank = Bank(
        source, text, written, cell, model, drawn, task, displayed, written_as, _rounding(written), samplers,
        marks, candidates, second_names(full),
    )  # fmt: skip
    check_key(bank, model_line(written, lines))
    return bank


def _task(written: BankText, full: Graph, asked: tuple[str, ...]) -> Task:
    kind = written.task.kind
    if kind == "compute":
        return computing(full, asked)
    return finding(full, tuple(q.name for q in full.computed)) if kind == "find" else showing(full, asked, kind)


def _drawn(full: Graph, task: Task) -> Graph:
    """What is computed for a variant: all that is asked, and whatever is differentiated, by which the key is checked."""
    symbols = [q.symbol for q in task.graph]
    checked = {in_pass(str(s.of), s.number) for s in symbols if isinstance(s, Derivative)}
    return full.restricted(frozenset({*task.asked, *checked}))


def _task_problems(written: BankText, full: Graph, lines: Lines) -> Iterator[Problem]:
    task = written.task
    place = line_of(("task",), lines)
    if task.kind == "step" and task.at is None:
        yield Problem("task", "a step is asked and not which", "write  task: {kind: step, at: 2}", place)
    if task.kind != "step" and task.at is not None:
        yield Problem("task.at", "is for a task of kind step", "remove it", place)
    if task.kind == "find" and any(q.shape for q in full.computed):
        yield Problem("task", "finding a mistake is for networks of scalars", "set all sizes to 1", place)


def _candidates(full: Graph, task: Task) -> tuple[Mistaken, ...]:
    """Every registered mistake in a line of the derivation, in a fixed order."""
    found = mistakes(full, catalogue())
    return tuple(mistake for name in task.lines if not trivial(full[name]) for mistake in found[name])


def _validated(data: dict[str, Any], lines: Lines, source: str) -> tuple[BankText, list[Problem]]:
    """The bank's keys, checked; where some are wrong, the rest with defaults, so that its problems are found as well."""
    try:
        return BankText.model_validate(data), []
    except ValidationError as error:
        items = error.errors(include_url=False)
    problems = [_problem(item, lines) for item in items]
    wrong = {item["loc"][0] for item in items}
    usable = {"title": "?", "id": "unknown"} | {key: value for key, value in data.items() if key not in wrong}
    try:
        return BankText.model_validate(usable), problems
    except ValidationError:
        raise BankError(source, problems) from None


def _problem(item: Any, lines: Lines) -> Problem:
    """A pydantic error as one of ours."""
    path = tuple(part for part in item["loc"] if part != "[key]")
    key = ".".join(map(str, path))
    known = ""
    if item["type"] == "extra_forbidden":
        fields = _fields_at(path[:-1])
        return Problem(key, "is not a key of a bank", f"known here are {', '.join(fields)}", line_of(path, lines))
    if item["type"] == "missing":
        return Problem(key, "is missing", f"add  {path[-1]}: ...", line_of(path[:-1], lines))
    return Problem(key, f"{item['input']!r}: {item['msg']}", known, line_of(path, lines))


def _fields_at(path: tuple[Any, ...]) -> list[str]:
    model: Any = BankText
    for part in path:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = annotation if hasattr(annotation, "model_fields") else annotation.__args__[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _rounding_problems(written: BankText, lines: Lines) -> Iterator[Problem]:
    if (written.rounding.decimals is None) == (written.rounding.significant is None):
        remedy = "write {decimals: 3} or {significant: 3}"
        yield Problem("rounding", "needs one of decimals and significant", remedy, line_of(("rounding",), lines))


def _rounding(written: BankText) -> Rounding:
    rule = written.rounding
    if rule.decimals is not None:
        return Rounding("decimals", rule.decimals, rule.when, rule.truncation)
    assert rule.significant is not None
    return Rounding("significant", rule.significant, rule.when, rule.truncation)


def _samplers(written: BankText, drawn: Graph, full: Graph, lines: Lines) -> Iterator[Problem | tuple[str, Sampler]]:
    used: set[str] = set()
    for q in drawn.givens:
        key = next((key for key in _keys(q.name) if _stands_for(key, q, full) and key in written.givens), None)
        if key is None and "#" in q.name:
            yield q.name, read_sampler("0", q.shape, ("givens", q.name))  # an optimiser starts from zero
            continue
        if key is None:
            remedy = f"add  {_keys(q.name)[0 if q.time == 0 else -1]}: a number or a range"
            yield Problem("givens", f"nothing is said of {q.name}", remedy, line_of(("givens",), lines))
            continue
        used.add(key)
        path: tuple[str | int, ...] = ("givens", key)
        data = written.givens[key]
        try:
            if key != q.name and q.time is not None:
                data, path = _at_step(data, q, drawn, path)
            yield q.name, read_sampler(data, q.shape, path)
        except GivenProblem as error:
            yield Problem(".".join(map(str, error.path)), error.found, error.remedy, line_of(error.path, lines))
    known = dict.fromkeys(key for q in full.givens for key in _keys(q.name))
    for key in written.givens:
        if key not in known:
            shown = ", ".join(dict.fromkeys(_keys(q.name)[-1] if (q.time or 0) > 0 else q.name for q in full.givens))
            yield Problem(f"givens.{key}", "is not a given of this model", f"known are {shown}", line_of(("givens", key), lines))


def _keys(name: str) -> tuple[str, ...]:
    """The keys under which a given may stand: h[0] or h; what an optimiser starts from as m_U#0, m_U or m for all."""
    if "#" in name:
        base = name.partition("#")[0]
        return name, base, base.partition("_")[0]
    return tuple(dict.fromkeys((name, name.partition("[")[0])))


def _stands_for(key: str, q: Quantity, graph: Graph) -> bool:
    """False where a letter alone would say from what an optimiser starts, and is a letter of the network, too."""
    others = (other.name.partition("[")[0] for other in graph.givens if "#" not in other.name)
    return "#" not in q.name or "#" in key or key not in others


def _at_step(data: Any, q: Quantity, graph: Graph, path: tuple[str | int, ...]) -> tuple[Any, tuple[str | int, ...]]:
    """The entry for one step of what is given step by step."""
    base = q.name.partition("[")[0]
    times = sorted(o.time for o in graph.givens if o.name.partition("[")[0] == base and o.time is not None)
    step = times.index(q.time or 0)
    if is_word(data):
        return letter_of(data, step, len(times), path), path
    if not isinstance(data, list) or (len(times) == 1 and len(data) != 1):
        return data, path
    if len(data) != len(times):
        raise GivenProblem(path, f"{len(data)} entries for {len(times)} steps", f"write {len(times)}")
    return data[step], (*path, step)


def _asked(written: BankText, graph: Graph, lines: Lines) -> tuple[tuple[str, ...], list[Problem]]:
    """Names of the asked quantities in the order of computation; trivial ones only where they are asked by name."""
    chosen: set[str] = set()
    problems = []
    patterns = written.ask
    if written.task.kind == "find":
        return tuple(q.name for q in graph.computed), []
    if written.task.kind == "step" and "ask" not in written.model_fields_set:
        chosen |= {q.name for q in graph.computed if _belongs(q, written.task.at) and not trivial(q)}
        patterns = []
    for index, pattern in enumerate(patterns):
        if pattern in SOLVED or pattern == "all":
            chosen |= {q.name for q in graph.computed if pattern in (q.role, "all") and not trivial(q)}
            continue
        if pattern.count("*") > MOST_STARS:
            found = f"more than {MOST_STARS} stars"
            problems.append(Problem(f"ask.{index}", found, "write a shorter pattern", line_of(("ask", index), lines)))
            continue
        fitting = {q.name for q in graph.computed if fits(pattern, q.name)}
        if not fitting:
            remedy = f"write all, a kind ({', '.join(SOLVED)}) or a name such as h[2] or dL/d*"
            problems.append(Problem(f"ask.{index}", f"{pattern!r} matches no quantity", remedy, line_of(("ask", index), lines)))
        chosen |= fitting
    if not chosen and not problems:
        problems.append(Problem("ask", "nothing is asked", f"write all, or a kind ({', '.join(SOLVED)})", line_of(("ask",), lines)))
    return tuple(q.name for q in graph.computed if q.name in chosen), problems


def _belongs(q: Quantity, step: int | None) -> bool:
    """True for what is computed in one step of backpropagation."""
    return q.time == step and q.role in ("local", "recurrence", "gradient")


def _misconception_problems(written: BankText, lines: Lines) -> Iterator[Problem]:
    for index, own in enumerate(written.misconceptions):
        rule = Misconception(own.id, own.name, own.says, tuple(own.where) or SOLVED, (own.rewrite,))
        for found in check_rule(rule):
            yield Problem(f"misconceptions.{index}", found, "write  pattern -> template", line_of(("misconceptions", index), lines))


def _marks(written: BankText, task: Task, lines: Lines) -> tuple[dict[str, float], list[Problem]]:
    roles = [task.graph[name].role for name in task.asked for _ in range(math.prod(task.graph[name].shape))]
    present: dict[str, float] = {role: float(roles.count(role)) for role in ROLES[1:] if role in roles}
    if not written.marks:
        return present, []
    problems = [
        Problem(f"marks.{role}", "no box of this kind is asked", f"asked are {', '.join(present)}", line_of(("marks", role), lines))
        for role in written.marks
        if role not in present
    ]
    missing = [role for role in present if role not in written.marks]
    if missing:
        found = f"nothing is said of {', '.join(missing)}"
        problems.append(Problem("marks", found, "give each asked kind its marks", line_of(("marks",), lines)))
    given = {str(role): marks for role, marks in written.marks.items()}
    return {role: given.get(role, 0.0) for role in present}, problems
