"""From the text of a question bank to a checked specification: graph, samplers, what is asked, marks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rnnquiz import strict_yaml
from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.parser import EquationError, parse_equations, parse_expression
from rnnquiz.algebra.shapes import Shape
from rnnquiz.bank.sampling import GivenProblem, Sampler, read_sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.graph import ROLES, Graph, Quantity
from rnnquiz.derivation.unroll import Model, ModelError
from rnnquiz.errors import BankError, Problem
from rnnquiz.models import catalogue
from rnnquiz.models.misconceptions import Misconception, check_rule

MOST_STARS = 3

Lines = Mapping[strict_yaml.Path, int]


@dataclass(frozen=True)
class Bank:
    """A checked question bank: everything that a variant, a sheet or a marker needs to know of the exercise."""

    source: str
    text: str
    written: BankText
    cell: catalogue.Cell
    model: Model
    graph: Graph
    rounding: Rounding
    samplers: Mapping[str, Sampler]
    asked: tuple[str, ...]
    marks: Mapping[str, float]

    @cached_property
    def digest(self) -> str:
        """Fingerprint of the bank's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def fixed(self) -> bool:
        """True where every student gets the same numbers."""
        return all(sampler.fixed for sampler in self.samplers.values())

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The answer boxes: one for each entry of each asked quantity, in the order of computation."""
        return tuple(box for name in self.asked for box in boxes_of(self.graph[name]))


@dataclass(frozen=True)
class Box:
    """One answer box: an entry of a quantity. `entry` is its flat position, row by row."""

    name: str
    quantity: str
    entry: int


def boxes_of(quantity: Quantity) -> Iterator[Box]:
    """h[2] for a scalar; h[2].1, h[2].2 for a vector; U_new.1.2 (row, column) for a matrix."""
    if quantity.shape == ():
        yield Box(quantity.name, quantity.name, 0)
    elif len(quantity.shape) == 1:
        yield from (Box(f"{quantity.name}.{i + 1}", quantity.name, i) for i in range(quantity.shape[0]))
    else:
        rows, columns = quantity.shape
        for i in range(rows):
            yield from (Box(f"{quantity.name}.{i + 1}.{j + 1}", quantity.name, i * columns + j) for j in range(columns))


def load_bank(path: str | Path) -> Bank:
    """Read and check a bank file; BankError lists every problem with file, line, key and remedy."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BankError(str(path), Problem("the file", f"cannot be read: {error}", "give the path of a bank in UTF-8")) from None
    return parse_bank(text, str(path))


def parse_bank(text: str, source: str = "bank") -> Bank:
    """Check the text of a bank; BankError as for `load_bank`."""
    try:
        data, lines = strict_yaml.load(text)
    except strict_yaml.YamlProblem as error:
        raise BankError(source, error.problem) from None
    if not isinstance(data, dict):
        raise BankError(source, Problem("the file", "is not a mapping of keys to values", "begin with  title: ..."))
    written, problems = _validated(data, lines, source)
    cell, model = _model(written, lines, source, problems)
    graph = _graph(written, model, lines, source, problems)
    problems += _rounding_problems(written, lines)
    samplers: dict[str, Sampler] = {}
    for step in _samplers(written, cell, graph, lines):
        if isinstance(step, Problem):
            problems.append(step)
        else:
            samplers[step[0]] = step[1]
    asked, asked_problems = _asked(written, graph, lines)
    marks, mark_problems = _marks(written, graph, asked, lines)
    problems += [*asked_problems, *mark_problems, *_misconception_problems(written, lines)]
    if problems:
        raise BankError(source, dict.fromkeys(problems))
    return Bank(source, text, written, cell, model, graph, _rounding(written), samplers, asked, marks)


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
        return Problem(key, "is not a key of a bank", f"known here are {', '.join(fields)}", _line(path, lines))
    if item["type"] == "missing":
        return Problem(key, "is missing", f"add  {path[-1]}: ...", _line(path[:-1], lines))
    return Problem(key, f"{item['input']!r}: {item['msg']}", known, _line(path, lines))


def _fields_at(path: tuple[Any, ...]) -> list[str]:
    model: Any = BankText
    for part in path:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = annotation if hasattr(annotation, "model_fields") else annotation.__args__[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _line(path: strict_yaml.Path, lines: Lines) -> int | None:
    """Line of the entry, or of the nearest one above it."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _model(written: BankText, lines: Lines, source: str, problems: list[Problem]) -> tuple[catalogue.Cell, Model]:
    before, parts = len(problems), {}
    for key, reader in (("cell", catalogue.cell), ("loss", catalogue.loss), ("optimiser", catalogue.optimiser)):
        try:
            parts[key] = reader(getattr(written.model, key))
        except BankError as error:
            found = error.problems[0]
            problems.append(Problem(f"model.{key}", f"{found.where!r} {found.found}", found.remedy, _line(("model", key), lines)))
    if len(problems) > before:
        raise BankError(source, problems)
    cell, loss, optimiser = parts["cell"], parts["loss"], parts["optimiser"]
    assert isinstance(cell, catalogue.Cell)
    assert isinstance(loss, catalogue.Loss)
    assert isinstance(optimiser, catalogue.Optimiser)
    sizes: dict[str, int] = {"input": 1, "hidden": 1, "output": 1, **{str(k): v for k, v in written.model.sizes.items()}}
    shapes: dict[str, Shape] = {k: tuple(sizes[d] for d in dims if sizes[d] > 1) for k, dims in cell.shapes.items()}
    shapes |= dict.fromkeys(optimiser.constants, ())
    return cell, Model(
        parse_equations(cell.equations), parse_equations(loss.equations), parse_expression(optimiser.update),
        tuple(cell.parameters), shapes, written.steps,
    )  # fmt: skip


def _graph(written: BankText, model: Model, lines: Lines, source: str, problems: list[Problem]) -> Graph:
    try:
        return derive(model, written.style, written.slope)
    except (ModelError, EquationError) as error:
        where = "style" if "style" in str(error) else "model"
        raise BankError(source, [*problems, Problem(where, str(error), "", _line((where,), lines))]) from None


def _rounding_problems(written: BankText, lines: Lines) -> Iterator[Problem]:
    if (written.rounding.decimals is None) == (written.rounding.significant is None):
        remedy = "write {decimals: 3} or {significant: 3}"
        yield Problem("rounding", "needs one of decimals and significant", remedy, _line(("rounding",), lines))


def _rounding(written: BankText) -> Rounding:
    rule = written.rounding
    if rule.decimals is not None:
        return Rounding("decimals", rule.decimals, rule.when, rule.truncation)
    assert rule.significant is not None
    return Rounding("significant", rule.significant, rule.when, rule.truncation)


def _samplers(written: BankText, cell: catalogue.Cell, graph: Graph, lines: Lines) -> Iterator[Problem | tuple[str, Sampler]]:
    used = set()
    for q in graph.givens:
        base = q.name.partition("[")[0]
        key = q.name if q.name in written.givens else base
        path: tuple[str | int, ...] = ("givens", key)
        if key not in written.givens:
            yield Problem("givens", f"nothing is said of {q.name}", f"add  {key}: a number or a range", _line(("givens",), lines))
            continue
        used.add(key)
        data = written.givens[key]
        if key == base and q.time is not None and isinstance(data, list):
            if len(data) != graph.steps:
                found = f"{len(data)} entries for {graph.steps} steps"
                yield Problem(f"givens.{key}", found, f"write {graph.steps}", _line(path, lines))
                continue
            data, path = data[q.time - 1], (*path, q.time - 1)
        try:
            yield q.name, read_sampler(data, q.shape, path)
        except GivenProblem as error:
            yield Problem(".".join(map(str, error.path)), error.found, error.remedy, _line(error.path, lines))
    for key in written.givens:
        if key not in used:
            known = ", ".join(dict.fromkeys(n if n == "h[0]" else n.partition("[")[0] for n in (q.name for q in graph.givens)))
            yield Problem(f"givens.{key}", "is not a given of this model", f"known are {known}", _line(("givens", key), lines))


def _asked(written: BankText, graph: Graph, lines: Lines) -> tuple[tuple[str, ...], list[Problem]]:
    """Names of the asked quantities in the order of computation; trivial ones only where they are asked by name."""
    chosen: set[str] = set()
    problems = []
    for index, pattern in enumerate(written.ask):
        if pattern in ROLES[1:] or pattern == "all":
            chosen |= {q.name for q in graph.computed if pattern in (q.role, "all") and not trivial(q)}
            continue
        if pattern.count("*") > MOST_STARS:
            found = f"more than {MOST_STARS} stars"
            problems.append(Problem(f"ask.{index}", found, "write a shorter pattern", _line(("ask", index), lines)))
            continue
        shape = re.compile(".*".join(map(re.escape, pattern.split("*"))))
        fitting = {q.name for q in graph.computed if shape.fullmatch(q.name)}
        if not fitting:
            remedy = f"write all, a kind ({', '.join(ROLES[1:])}) or a name such as h[2] or dL/d*"
            problems.append(Problem(f"ask.{index}", f"{pattern!r} matches no quantity", remedy, _line(("ask", index), lines)))
        chosen |= fitting
    if not chosen and not problems:
        problems.append(Problem("ask", "nothing is asked", f"write all, or a kind ({', '.join(ROLES[1:])})", _line(("ask",), lines)))
    return tuple(q.name for q in graph.computed if q.name in chosen), problems


def trivial(quantity: Quantity) -> bool:
    """True for a derivative that is a constant or a mere copy of another quantity: shown, not asked."""
    return quantity.constant or isinstance(quantity.formula, Ref)


def _misconception_problems(written: BankText, lines: Lines) -> Iterator[Problem]:
    for index, own in enumerate(written.misconceptions):
        rule = Misconception(own.id, own.name, own.says, tuple(own.where) or ROLES[1:], (own.rewrite,))
        for found in check_rule(rule):
            yield Problem(f"misconceptions.{index}", found, "write  pattern -> template", _line(("misconceptions", index), lines))


def _marks(written: BankText, graph: Graph, asked: tuple[str, ...], lines: Lines) -> tuple[dict[str, float], list[Problem]]:
    roles = {role: sum(len(list(boxes_of(graph[n]))) for n in asked if graph[n].role == role) for role in ROLES[1:]}
    present: dict[str, float] = {role: float(count) for role, count in roles.items() if count}
    if not written.marks:
        return present, []
    problems = [
        Problem(f"marks.{role}", "no box of this kind is asked", f"asked are {', '.join(present)}", _line(("marks", role), lines))
        for role in written.marks
        if role not in present
    ]
    missing = [role for role in present if role not in written.marks]
    if missing:
        found = f"nothing is said of {', '.join(missing)}"
        problems.append(Problem("marks", found, "give each asked kind its marks", _line(("marks",), lines)))
    given = {str(role): marks for role, marks in written.marks.items()}
    return {role: given.get(role, 0.0) for role in present}, problems
