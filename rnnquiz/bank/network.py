"""From the model and the notation that a bank names to equations, a graph, and letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.parser import EquationError
from rnnquiz.algebra.symbols import Derivative, parse_symbol, without_step
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.sections import DEFAULT_CELL, ModelText
from rnnquiz.bank.task import Task
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.draft import Slope
from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.model import Model, ModelError
from rnnquiz.derivation.roles import Role
from rnnquiz.derivation.training import letter_for_each
from rnnquiz.errors import BankError, Problem
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import Network, Span, assemble, letters_of
from rnnquiz.models.catalogue import Cell
from rnnquiz.problems import Lines, Problems, line_of
from rnnquiz.text import nearest

NONE = "none"  # what a bank writes for no loss, or no optimiser
SCALAR_SIZES = {"input": 1, "hidden": 1, "output": 1}  # of a bank that gives none

SLOPE_FORMS: tuple[Slope, ...] = ("output", "argument")
OfKind = TypeVar("OfKind")


def read_model(written: BankText, problems: Problems) -> tuple[Cell, Model]:
    """The cell and the model. BankError with all that is wrong with the parts named, and with what
    was found before."""
    network = read_network(written, problems)
    text = written.model
    sizes = SCALAR_SIZES | text.sizes
    span = Span(written.steps, text.updates, text.window)
    try:
        return network.cell, assemble(network, sizes, span, text.gradients)
    except KeyError as error:
        size = str(error.args[0])
        remedy = f"{nearest(size, sizes)}; others are set under model.sizes"
        wrong = problems.problem(("model", "shapes"), f"{size!r} is no size", remedy)
        raise problems.error(wrong) from None
    except (EquationError, ModelError) as error:
        raise problems.error(_model_problem(written, error, problems)) from None


def read_network(written: BankText, problems: Problems) -> Network:
    """The parts that the bank names. BankError where one of them is not there."""
    text, before = written.model, len(problems)
    cell = _cell(written, problems)
    if text.equations and text.cell:
        problems.add(("model", "cell"), "stands beside equations", "keep one of them")
    loss = optimiser = None
    # The key has a default, which must not win over an equation for L.
    if text.loss != NONE and not defines_loss(text.equations):
        loss = _part("loss", catalogue.loss, text.loss, problems)
    if text.optimiser != NONE:
        optimiser = _part("optimiser", catalogue.optimiser, text.optimiser, problems)
    name = text.output or "linear"
    # Cross-entropy after a linear output would be a logarithm of anything.
    if loss is not None and "output" not in text.model_fields_set:
        name = loss.output
    output = _part("output", catalogue.output, name, problems)
    if len(problems) > before or cell is None or output is None:
        raise problems.error()
    return Network(cell, output, loss, optimiser, text.activation, text.reduction)


def _part(key: str, read: Callable[[str], OfKind], name: str, problems: Problems) -> OfKind | None:
    """An entry of the catalogue; a problem where it has none of this name."""
    try:
        return read(name)
    except BankError as error:
        _add_unknown(("model", key), error, problems)
        return None


def _add_unknown(path: tuple[str, ...], error: BankError, problems: Problems) -> None:
    """What the catalogue says of a name, as a problem of the entry that has it."""
    first = error.problems[0]
    problems.add(path, f"{first.where!r} {first.found}", first.remedy)


def _cell(written: BankText, problems: Problems) -> Cell | None:
    text = written.model
    if text.equations:
        return own_cell(written)
    cell = _part("cell", catalogue.cell, text.cell or DEFAULT_CELL, problems)
    if cell is not None and text.parameters:
        return replace(cell, parameters=text.parameters)
    return cell


def defines_loss(equations: str) -> bool:
    """True for equations that have a loss of their own."""
    lines = equations.splitlines()
    return any(map(_is_of_loss, lines))


def _is_of_loss(equation: str) -> bool:
    left, _, _ = equation.partition("=")
    return left.strip() in ("L", "L[t]")


def own_cell(written: BankText) -> Cell:
    """The network of a bank that brings its own equations; what no shape is given for is a
    scalar."""
    text = written.model
    keys = map(str, written.givens)
    given = sorted(set(map(_letter, keys)))
    trained = list(map(without_step, text.parameters))
    shapes: dict[str, list[str]] = {}
    for base in (*given, *trained):
        shapes[base] = []
    return Cell(
        written.title,
        text.equations,
        shapes | text.shapes,
        text.parameters,
        text.inputs,
        text.targets,
        roles=text.roles,
    )


def _letter(key: str) -> str:
    """The letter of a given, without its step or the word for what it starts from."""
    kept, _, _ = without_step(key).partition("#")
    return kept


def derived(
    written: BankText, model: Model, problems: Problems
) -> tuple[Graph, dict[Slope, Graph]]:
    """The whole problem in the bank's form of slopes, and in either form."""
    try:
        forms: dict[Slope, Graph] = {}
        for form in SLOPE_FORMS:
            forms[form] = derive(model, written.style, form)
    except (ModelError, EquationError) as error:
        raise problems.error(_model_problem(written, error, problems)) from None
    return forms[written.slope], forms


def _model_problem(
    written: BankText, error: ModelError | EquationError, problems: Problems
) -> Problem:
    """An error of the equations, at its line of the bank where the equations stand there."""
    # The equations are sound, but the style `total` is for numbers, and not for vectors.
    if "style" in str(error):
        return problems.problem(("style",), str(error), error.remedy)
    if not written.model.equations:
        return problems.problem(("model",), str(error), error.remedy)
    place = problems.line(("model", "equations"))
    line = getattr(error, "line", None)
    # Equations on the line of their key have no lines of their own.
    is_block = "\n" in written.model.equations.strip("\n")
    if place and line and is_block:
        place += line
    return Problem("model.equations", str(error), error.remedy, place)


def model_line(text: ModelText, lines: Lines) -> int | None:
    """The line at which the network stands in the bank."""
    if text.equations:
        return line_of(("model", "equations"), lines)
    return line_of(("model",), lines)


def read_notation(name: str, cell: Cell, model: Model, problems: Problems) -> Notation:
    """The notation by its name, fitted to the letters of the network; a problem where there is none
    of that name."""
    if not name:
        return OWN
    try:
        profile = catalogue.notation(name)
        return catalogue.fitted(profile, letters_of(model), cell.roles)
    except BankError as error:
        _add_unknown(("notation",), error, problems)
        return OWN


def of_training(notation: Notation, full: Graph, model: Model, task: Task) -> Notation:
    """The notation with what it has to know of the passes over a network, and of its steps: all of
    the gradient is the share of the one step that has one."""
    each, trained = letter_for_each(model), frozenset[str]()
    if len(full.passes) > 1:
        trained = frozenset((*full.trained, each))
    # Where the sheet shows numbers of the derivation, each has a name of its own.
    alone = frozenset[str]()
    if task.kind == TaskKind.COMPUTE:
        alone = frozenset(_with_one_part(full))
    return replace(notation, trained=trained, fixed=full.frozen, alone=alone, each=each)


def _with_one_part(full: Graph) -> Iterator[str]:
    """The parameters to whose gradient one step contributes."""
    for q in full.computed:
        if q.role != Role.SUM or not isinstance(q.formula, Ref):
            continue
        part = parse_symbol(q.formula.name)
        if isinstance(part, Derivative) and part.at is not None:
            yield str(part.by)
