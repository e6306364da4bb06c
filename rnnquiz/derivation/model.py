"""A network as equations with a time index, and what is wrong with equations that make none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.parser import Equation
from rnnquiz.algebra.shapes import Shape

A_NAME = (
    "a letter, then letters and digits, parts joined by _ (W_f, beta_1), and not ending in _new"
)


class ModelError(ValueError):
    """Equations that make no network: an unknown name, a circle in time, shapes that do not fit.
    `remedy` says what would do, `line` is that of the equation."""

    def __init__(self, found: str, remedy: str, line: int | None = None) -> None:
        super().__init__(found)
        self.remedy, self.line = remedy, line


@dataclass(frozen=True)
class Joint:
    """A derivative that is written down as a whole: d of[t] / d by[t] = formula, in place of the
    way through `skips`[t]."""

    of: str
    by: str
    skips: str
    formula: Expression


@dataclass(frozen=True)
class Model:
    """A network with its loss and its training step, as equations, and the shapes of what is given.

    `shapes` has an entry for each base letter that is given: inputs and targets (one value a step),
    parameters, initial states, and the constants of the update. `parameters` are in the order in
    which their gradients are derived; among them may be an initial state (h[0]), which is then
    learned like a weight. `gradients` are given values by which gradients are asked and that no
    update changes, such as x[2]; a letter alone stands for all its given steps. `optimiser` gives
    p_new from p, its gradient g, what the optimiser keeps (m[k], m[k-1]) and the number k of the
    update.
    `window`: gradients do not cross from step m * window + 1 back to m * window (None: they go all
    the way). Without a loss there is no backward pass.
    """

    cell: tuple[Equation, ...]
    loss: tuple[Equation, ...]
    optimiser: tuple[Equation, ...]
    parameters: tuple[str, ...]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    steps: int = 1
    updates: int = 1
    window: int | None = None
    joint: tuple[Joint, ...] = ()
    gradients: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # A mapping has no hash of its own.
        shapes = tuple(sorted(self.shapes.items()))
        equations = (self.cell, self.loss, self.optimiser)
        return hash((equations, self.parameters, shapes, self.steps, self.updates, self.window))
