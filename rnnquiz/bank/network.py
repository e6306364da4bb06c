"""From the model and the notation that a bank names to equations, a graph, and letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.parser import EquationError
from rnnquiz.bank.schema import DEFAULT_CELL, BankText
from rnnquiz.derivation.backward import Slope, derive
from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.unroll import Model, ModelError
from rnnquiz.errors import BankError, Problem
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import assemble, letters_of
from rnnquiz.models.catalogue import Cell
from rnnquiz.text import nearest

NONE = "none"

Lines = Mapping[strict_yaml.Path, int]


def network(
    written: BankText, lines: Lines, source: str, problems: list[Problem]
) -> tuple[Cell, Model]:
    """The cell and the model; BankError with all that is wrong with the parts named, and with
    `problems` found before."""
    before = len(problems)
    text = written.model

    def part(key: str, read: Callable[[str], Any], name: str) -> Any:
        try:
            return read(name)
        except BankError as error:
            found = error.problems[0]
            place = line_of(("model", key), lines)
            problems.append(
                Problem(f"model.{key}", f"{found.where!r} {found.found}", found.remedy, place)
            )
            return None

    cell = (
        own_cell(written)
        if text.equations
        else part("cell", catalogue.cell, text.cell or DEFAULT_CELL)
    )
    if cell is not None and text.parameters and not text.equations:
        cell = replace(cell, parameters=text.parameters)
    if text.equations and text.cell:
        problems.append(
            Problem(
                "model.cell",
                "stands beside equations",
                "keep one of them",
                line_of(("model", "cell"), lines),
            )
        )
    loss = (
        None
        if text.loss == NONE or (text.equations and defines_loss(text.equations))
        else part("loss", catalogue.loss, text.loss)
    )
    optimiser = (
        None if text.optimiser == NONE else part("optimiser", catalogue.optimiser, text.optimiser)
    )
    default = (
        loss.output
        if loss is not None and "output" not in written.model.model_fields_set
        else "linear"
    )
    output = part("output", catalogue.output, text.output or default)
    if len(problems) > before:
        raise BankError(source, problems)
    sizes = {"input": 1, "hidden": 1, "output": 1, **{str(k): v for k, v in text.sizes.items()}}
    try:
        return cell, assemble(
            cell,
            output,
            loss,
            optimiser,
            sizes,
            written.steps,
            text.activation,
            text.reduction,
            text.updates,
            text.window,
            text.gradients,
        )
    except KeyError as error:
        found, remedy = (
            f"{error.args[0]!r} is no size",
            f"{nearest(str(error.args[0]), sizes)}; others are set under model.sizes",
        )
        raise BankError(
            source,
            [
                *problems,
                Problem("model.shapes", found, remedy, line_of(("model", "shapes"), lines)),
            ],
        ) from None
    except (EquationError, ModelError) as error:
        raise BankError(source, [*problems, _model_problem(written, error, lines)]) from None


def defines_loss(equations: str) -> bool:
    return any(line.partition("=")[0].strip() in ("L", "L[t]") for line in equations.splitlines())


def own_cell(written: BankText) -> Cell:
    """The network of a bank that brings its own equations; what no shape is given for is a
    scalar."""
    text = written.model
    bases = {str(key).partition("[")[0].partition("#")[0] for key in written.givens}
    letters = [name.partition("[")[0] for name in text.parameters]
    shapes: dict[str, list[str]] = {base: [] for base in (*sorted(bases), *letters)} | text.shapes
    return Cell(
        written.title,
        text.equations,
        shapes,
        text.parameters,
        text.inputs,
        text.targets,
        roles=text.roles,
    )


def derived(
    written: BankText, model: Model, lines: Lines, source: str, problems: list[Problem]
) -> tuple[Graph, dict[Slope, Graph]]:
    """The whole problem in the bank's form of slopes, and in either form."""
    try:
        forms: dict[Slope, Graph] = {
            form: derive(model, written.style, form) for form in ("output", "argument")
        }
    except (ModelError, EquationError) as error:
        raise BankError(source, [*problems, _model_problem(written, error, lines)]) from None
    return forms[written.slope], forms


def _model_problem(written: BankText, error: ModelError | EquationError, lines: Lines) -> Problem:
    """An error of the equations, at its line of the bank where the equations stand there."""
    if "style" in str(error):
        return Problem("style", str(error), "", line_of(("style",), lines))
    if not written.model.equations:
        return Problem("model", str(error), "", line_of(("model",), lines))
    place = line_of(("model", "equations"), lines)
    inside = getattr(error, "line", None)
    block = "\n" in written.model.equations.strip("\n") or place is None
    return Problem(
        "model.equations", str(error), "", place + inside if place and inside and block else place
    )


def model_line(written: BankText, lines: Lines) -> int | None:
    """The line at which the network stands in the bank."""
    return line_of(("model", "equations") if written.model.equations else ("model",), lines)


def read_notation(
    name: str, cell: Cell, model: Model, lines: Lines, source: str, problems: list[Problem]
) -> Notation:
    """The notation by its name, fitted to the letters of the network; a problem where there is none
    of that name."""
    if not name:
        return OWN
    try:
        return catalogue.fitted(catalogue.notation(name), letters_of(model), cell.roles)
    except BankError as error:
        found = error.problems[0]
        problems.append(
            Problem(
                "notation",
                f"{found.where!r} {found.found}",
                found.remedy,
                line_of(("notation",), lines),
            )
        )
        return OWN


def line_of(path: strict_yaml.Path, lines: Lines) -> int | None:
    """Line of the entry, or of the nearest one above it."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None
