"""A network, its output, loss and training step put together to one model of equations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse

from rnnquiz.algebra.expression import Timed as TimedRef
from rnnquiz.algebra.expression import refs, walk
from rnnquiz.algebra.parser import Equation, parse_equations, parse_expression
from rnnquiz.algebra.shapes import Shape
from rnnquiz.algebra.symbols import without_step
from rnnquiz.derivation.graph import LOSS
from rnnquiz.derivation.model import Joint, Model, ModelError
from rnnquiz.models.catalogue import Cell, Loss, Optimiser, Output

PREDICTION = "yhat"  # the letter that the catalogue gives to a prediction
_ACTIVATION = re.compile(r"\bact\(")
REDUCTIONS = {"sum": "L = sum_t(L[t])", "mean": "L = mean_t(L[t])", "last": "L = last_t(L[t])"}


@dataclass(frozen=True)
class Network:
    """What is chosen from the catalogue. An equation for L in the cell takes the place of a loss;
    `activation` that of act(...), empty for the cell's own."""

    cell: Cell
    output: Output
    loss: Loss | None = None
    optimiser: Optimiser | None = None
    activation: str = ""
    reduction: str = "sum"


@dataclass(frozen=True)
class Span:
    """How long the problem is: time steps, updates, and the window within which gradients go back
    (None: all the way)."""

    steps: int
    updates: int = 1
    window: int | None = None


def assemble(
    network: Network, sizes: Mapping[str, int], span: Span, gradients: Sequence[str] = ()
) -> Model:
    """The model. EquationError, ModelError where texts are at fault, KeyError for the name of an
    unknown size."""
    cell, loss, optimiser = network.cell, network.loss, network.optimiser
    equations = parse_equations(activated(cell, network.activation))
    losses = _losses(equations, loss, network.reduction)
    training: tuple[Equation, ...] = ()
    constants: list[str] = []
    if optimiser is not None:
        constants = optimiser.constants
        # Without a loss there is no gradient to go along.
        if losses:
            training = tuple(parse_equations(optimiser.equations, index="k"))
    forward = predicted(list(filterfalse(_is_of_loss, equations)), network.output)
    shapes = shapes_of(cell, sizes)
    # A learning rate and its like are numbers, whatever sizes the network has.
    shapes |= dict.fromkeys(constants, ())
    return Model(
        tuple(forward),
        losses,
        training,
        tuple(cell.parameters),
        shapes,
        span.steps,
        span.updates,
        span.window,
        _joints(loss),
        tuple(gradients),
    )


def _losses(
    equations: Sequence[Equation], loss: Loss | None, reduction: str
) -> tuple[Equation, ...]:
    """The cell's own equations for L, those of the loss, and the reduction where none has made
    one number of them."""
    found = list(filter(_is_of_loss, equations))
    if loss is not None:
        found += _unplaced(loss.equations)
    # A cell with an equation for L has made the sum: with what no step has, such as a penalty on
    # large weights.
    if found and not any(e.target == LOSS and not e.timed for e in found):
        found += _unplaced(REDUCTIONS[reduction])
    return tuple(found)


def _is_of_loss(equation: Equation) -> bool:
    return equation.target == LOSS


def _unplaced(equations: str) -> list[Equation]:
    """Equations that stand in no line of the bank."""
    parsed = parse_equations(equations)
    return [replace(equation, line=0) for equation in parsed]


def activated(cell: Cell, activation: str) -> str:
    """The equations with the activation in the place of act(...)."""
    chosen = activation or cell.activation
    if activation and not _ACTIVATION.search(cell.equations):
        raise ModelError(
            "the activation of this cell cannot be chosen: its equations have no act(...)",
            "leave model.activation out",
        )
    # The identity is no function of the language: its argument stands in brackets alone.
    called = "(" if chosen == "identity" else f"{chosen}("
    return _ACTIVATION.sub(called, cell.equations)


def predicted(network: list[Equation], output: Output) -> list[Equation]:
    """The equation of the prediction followed by what the output makes of it."""
    if not output.equations:
        return network
    if not any(e.target == PREDICTION for e in network):
        raise ModelError(
            f"an output needs an equation for {PREDICTION}[t], which this cell has not",
            f"write one, {PREDICTION}[t] = V @ h[t] + c, or leave model.output out",
        )
    if any(e.target == output.scores for e in network):
        raise ModelError(
            f"the letter {output.scores} is that of the scores of the output",
            "give it another name in the cell",
        )
    found: list[Equation] = []
    for e in network:
        if e.target == PREDICTION:
            found.append(replace(e, target=output.scores))
            # What is wrong with them is said at the line of the bank that led to them.
            for made in parse_equations(output.equations):
                found.append(replace(made, line=e.line))
        else:
            found.append(e)
    return found


def shapes_of(cell: Cell, sizes: Mapping[str, int]) -> dict[str, Shape]:
    """Shape of each given letter; a size of 1 is no axis. KeyError for the name of an unknown size.

    hidden+input is the size of a state and an input, one below the other.
    """
    found: dict[str, Shape] = {}
    for letter, axes in cell.shapes.items():
        lengths = [_length(axis, sizes) for axis in axes]
        found[letter] = tuple(filter(_is_axis, lengths))
    return found


def _is_axis(length: int) -> bool:
    # One unit is written h[1], as in a network of numbers, and not h[1].1.
    return length > 1


def _length(axis: str, sizes: Mapping[str, int]) -> int:
    """The length of hidden+input, or of one of them."""
    names = map(str.strip, axis.split("+"))
    return sum(map(sizes.__getitem__, names))


def _joints(loss: Loss | None) -> tuple[Joint, ...]:
    """The derivative that a loss has as a whole, where it has one."""
    if loss is None or not loss.joint:
        return ()
    row = loss.joint
    formula = parse_expression(row["formula"])
    return (Joint(row["of"], row["by"], row["skips"], formula),)


def letters_of(model: Model) -> list[str]:
    """Every base letter of the network and its loss, computed or given."""
    found: dict[str, None] = {}
    # In the order of the equations, in which tables of letters show them.
    for e in (*model.cell, *model.loss):
        found[e.target] = None
        for node in walk(e.formula):
            if isinstance(node, TimedRef):
                found[node.base] = None
        for name in refs(e.formula):
            found[without_step(name)] = None
    read: set[str] = set()
    for e in model.optimiser:
        read.update(refs(e.formula))
    # What an optimiser reads and has no shape is computed by it.
    constants = read.intersection(model.shapes)
    return [*found, *sorted(constants.difference(found))]
