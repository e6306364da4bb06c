"""The parts of a question bank that have keys of their own: network, task, rounding, credits,
policy, certification, mistakes of the teacher's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rnnquiz.bank.keys import (
    Activation,
    Axes,
    Decimals,
    Figures,
    KindOfTask,
    Punished,
    Share,
    Size,
    SizeName,
    StepCount,
    Strict,
    a_key,
)
from rnnquiz.bank.task_kind import TaskKind

DEFAULT_CELL = "elman"


class ModelText(Strict):
    """Which network, output, loss and training step. `rnnquiz models` lists what there is; a
    network of one's own is `equations`."""

    cell: str = a_key(
        "", "A network of the catalogue; elman where neither cell nor equations are given.", "gru"
    )
    equations: str = a_key(
        "",
        "A network of your own, one equation a line, in place of a cell.",
        "|\n  h[t] = tanh(R @ h[t-1] + S @ x[t])",
    )
    parameters: list[str] = a_key(
        [],
        "What is trained. Beside a cell it replaces the cell's list; h[0] in it is a learned"
        " initial state.",
        "[W, U, b]",
    )
    gradients: list[str] = a_key(
        [],
        "Inputs and initial states by which gradients are asked and which are not updated.",
        "[x]",
    )
    shapes: dict[str, Axes] = a_key(
        {},
        "Sizes of what your equations are given, where it is no scalar.",
        "{R: [hidden, hidden], S: [hidden, input]}",
    )
    inputs: list[str] = a_key([], "Which letters of your equations are inputs.", "[x]")
    targets: list[str] = a_key([], "Which letters of your equations are targets.", "[y]")
    roles: dict[str, str] = a_key(
        {},
        "Letters of yours to those of the catalogue that play the same part, for the notations.",
        "{R: U, S: W}",
    )
    activation: Activation = a_key("", "The activation, where the cell leaves it open.", "relu")
    output: str = a_key(
        "", "What makes the prediction; that of the loss where it is not given.", "softmax"
    )
    # With the half, the derivative is the error itself.
    loss: str = a_key(
        "half_squared_error",
        "The loss of a step; none for the forward pass alone.",
        "cross_entropy",
    )
    reduction: Literal["sum", "mean", "last"] = a_key(
        "sum", "How the losses of the steps become one.", "last"
    )
    optimiser: str = a_key(
        "gradient_descent", "The training step; none for gradients alone.", "adam"
    )
    updates: Annotated[int, Field(ge=1, le=5)] = a_key(
        1, "Passes over the data, each with the parameters updated.", "2"
    )
    window: StepCount | None = a_key(
        None, "Truncated backpropagation: gradients stay within chunks of so many steps.", "2"
    )
    sizes: dict[SizeName, Size] = a_key(
        {}, "Inputs, hidden units and outputs; 1 is a scalar.", "{input: 4, hidden: 2, output: 4}"
    )


class TaskText(Strict):
    """What is done with the exercise."""

    kind: KindOfTask = a_key(
        TaskKind.COMPUTE,
        "compute: everything that is asked, from the givens. step: one step of backpropagation from"
        " the numbers that it needs. fill: the derivation is there, the asked lines are missing."
        " find: the derivation has one mistake.",
        "step",
    )
    at: StepCount | None = a_key(None, "Which step, for kind step.", "2")


class RoundingText(Strict):
    """The rounding rule that the sheet prints and the grader uses: one of `decimals` and
    `significant`."""

    decimals: Decimals | None = a_key(None, "Digits after the point.", "3")
    significant: Figures | None = a_key(None, "Significant figures.", "4")
    when: Literal["every step", "end"] = a_key(
        "every step",
        "Round every named value and go on with it, or only what is written down.",
        "end",
    )
    truncation: bool = a_key(False, "Take values that are cut off for right.", "true")


class WordingText(Strict):
    """Sentences of your own on the sheet."""

    intro: str = a_key("", "Before the numbers.", "A network reads three numbers.")
    note: str = a_key("", "Under the rules.", "Calculators are allowed.")


class CreditText(Strict):
    """Share of a box's marks for each kind of verdict (0 to 1).

    `method`: for a worked page, whose line shows the right formula and the right numbers put in,
    and a slip in the arithmetic only.
    """

    correct: Share = a_key(1.0, "Right.")
    # A slip costs the marks of its own box, and no others.
    follow_through: Share = a_key(
        1.0, "Right for the numbers that the student had.", "0.8", "follow-through"
    )
    rounding: Share = a_key(0.5, "Right but for the rounding.", "0.75")
    slip: Share = a_key(0.0, "A slip of the pen, such as a digit left out.", "0.25")
    misconception: Share = a_key(0.0, "A known mistake.", "0.25")
    method: Share = a_key(
        0.0, "On a worked page: the right formula and numbers, and a slip in the arithmetic.", "0.5"
    )

    def of(self, verdict: str) -> float:
        """Credit for a verdict; what is not creditable gets none."""
        name = verdict.replace("-", "_")
        return float(getattr(self, name, 0.0))


class PolicyText(Strict):
    """How verdicts add up: caps, penalties, digits."""

    follow_through_cap: Share = a_key(
        1.0, "Largest share of all marks that follow-through can earn.", "0.5", "follow-through-cap"
    )
    penalty: dict[Punished, Share] = a_key(
        {},
        "Share of a box's marks taken off for a verdict; a kind never falls below zero.",
        "{wrong: 0.25}",
    )
    missing_digits: Literal["rounding", "correct", "wrong"] = a_key(
        "rounding", "The verdict of a right value in too few digits.", "correct", "missing-digits"
    )
    # Programs print 0.6039999723 for 0.604.
    surplus_digits: Literal["accept", "right", "rounding"] = a_key(
        "accept",
        "More digits than asked: they claim nothing, or have to be right, too, or are a fault.",
        "right",
        "surplus-digits",
    )


class CertifyText(Strict):
    """What `generate` insists on. `rnnquiz check BANK --stress 1000` says what a change would
    give."""

    # A value of one unit in the last place may be off by a half of itself by rounding alone.
    digits: Annotated[int, Field(ge=0, le=6)] = a_key(
        2, "Smallest number of significant digits of an asked value.", "1"
    )
    # At 0.99 the slope of tanh is 0.02, and a gradient through it next to nothing.
    saturation: Annotated[float, Field(gt=0, le=1)] = a_key(
        0.99, "Largest size of an activation: beyond it is flat.", "0.95"
    )
    level: Annotated[float, Field(gt=0, le=1)] = a_key(
        0.6, "Share of the good variants, from the middle of their difficulty, that is issued.", "1"
    )
    waive: list[str] = a_key(
        [], "Ids of mistakes that the numbers need not tell from the right answer.", "[R2, G3]"
    )


class MisconceptionText(Strict):
    """A mistake of your own: a rewrite of formulas, and a sentence for the student."""

    id: str = a_key(..., "A short name.", "T1")
    name: str = a_key(..., "What it is called in the feedback.", "output doubled")
    says: str = a_key(..., "A sentence for the student.", "The output is not doubled.")
    rewrite: str = a_key(
        ...,
        "What becomes of which part of a formula; names that begin with _ stand for anything.",
        "_all -> 2 * _all",
    )
    where: list[str] = a_key(
        [], "Kinds of quantities that it can strike; all of them where none is named.", "[forward]"
    )
