"""A network, its output, loss and training step put together to one model of equations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rnnquiz.algebra.expression import Timed as TimedRef
from rnnquiz.algebra.expression import refs, walk
from rnnquiz.algebra.parser import Equation, parse_equations, parse_expression
from rnnquiz.algebra.shapes import Shape
from rnnquiz.derivation.unroll import Joint, Model, ModelError
from rnnquiz.models.catalogue import Cell, Loss, Optimiser, Output

PREDICTION, LOSS = "yhat", "L"
REDUCTIONS = {"sum": "L = sum_t(L[t])", "mean": "L = mean_t(L[t])", "last": "L = last_t(L[t])"}


def assemble(
    cell: Cell,
    output: Output,
    loss: Loss | None,
    optimiser: Optimiser | None,
    sizes: Mapping[str, int],
    steps: int,
    activation: str = "",
    reduction: str = "sum",
    updates: int = 1,
    window: int | None = None,
    gradients: Sequence[str] = (),
) -> Model:
    """The model; an equation for L in the cell takes the place of a loss. EquationError, ModelError
    where texts are at fault."""
    equations = parse_equations(activated(cell, activation))
    network = predicted([e for e in equations if e.target != LOSS], output)
    losses = [e for e in equations if e.target == LOSS]
    if loss is not None:
        losses += [replace(e, line=0) for e in parse_equations(loss.equations)]
    if losses and not any(e.target == LOSS and not e.timed for e in losses):
        losses += [replace(e, line=0) for e in parse_equations(REDUCTIONS[reduction])]
    joint = () if loss is None or not loss.joint else (_joint(loss),)
    training = (
        parse_equations(optimiser.equations, index="k") if optimiser is not None and losses else ()
    )
    constants = optimiser.constants if optimiser is not None else []
    shapes = shapes_of(cell, sizes) | dict.fromkeys(constants, ())
    return Model(
        tuple(network),
        tuple(losses),
        training,
        tuple(cell.parameters),
        shapes,
        steps,
        updates,
        window,
        joint,
        tuple(gradients),
    )


def activated(cell: Cell, activation: str) -> str:
    """The equations with the activation in the place of act(...)."""
    chosen = activation or cell.activation
    has = re.search(r"\bact\(", cell.equations) is not None
    if activation and not has:
        raise ModelError(
            "the activation of this cell cannot be chosen; its equations have no act(...)"
        )
    return re.sub(r"\bact\(", "(" if chosen == "identity" else f"{chosen}(", cell.equations)


def predicted(network: list[Equation], output: Output) -> list[Equation]:
    """The equation of the prediction followed by what the output makes of it."""
    if not output.equations:
        return network
    if not any(e.target == PREDICTION for e in network):
        raise ModelError(
            f"an output needs an equation for {PREDICTION}[t], which this cell has not"
        )
    if any(e.target == output.scores for e in network):
        raise ModelError(
            f"the letter {output.scores} is that of the scores of the output; give it another name"
            " in the cell"
        )
    found: list[Equation] = []
    for e in network:
        if e.target == PREDICTION:
            found += [
                replace(e, target=output.scores),
                *(replace(o, line=e.line) for o in parse_equations(output.equations)),
            ]
        else:
            found.append(e)
    return found


def shapes_of(cell: Cell, sizes: Mapping[str, int]) -> dict[str, Shape]:
    """Shape of each given letter; a size of 1 is no axis. KeyError for the name of an unknown size.

    hidden+input is the size of a state and an input, one below the other.
    """
    found = {
        letter: [sum(sizes[s.strip()] for s in d.split("+")) for d in dims]
        for letter, dims in cell.shapes.items()
    }
    return {letter: tuple(size for size in dims if size > 1) for letter, dims in found.items()}


def _joint(loss: Loss) -> Joint:
    row = loss.joint
    return Joint(row["of"], row["by"], row["skips"], parse_expression(row["formula"]))


def letters_of(model: Model) -> list[str]:
    """Every base letter of the network and its loss, computed or given."""
    found: dict[str, None] = {}
    for e in (*model.cell, *model.loss):
        found[e.target] = None
        found |= dict.fromkeys(node.base for node in walk(e.formula) if isinstance(node, TimedRef))
        found |= dict.fromkeys(name.partition("[")[0] for name in refs(e.formula))
    constants = {n for e in model.optimiser for n in refs(e.formula) if n in model.shapes}
    return [*found, *sorted(constants - set(found))]
