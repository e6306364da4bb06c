"""The form of a question bank: its keys, their types and defaults. What the numbers must satisfy is checked in `load`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Kind = Literal["forward", "loss", "local", "recurrence", "gradient", "sum", "update", "finding"]
DEFAULT_CELL = "elman"
LARGEST_SIZE, MOST_STEPS = 8, 12  # people mark the numbers of programs, too
VERDICTS = ("correct", "follow-through", "rounding", "slip", "misconception", "wrong", "blank", "unreadable", "method")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelText(_Strict):
    """Which network, output, loss and training step, and how many inputs, hidden units and outputs (1: scalars).

    A network of one's own: `equations` in place of `cell`, with its `parameters`, and `shapes` of what is given where
    that is not a scalar. Beside a `cell`, `parameters` replaces its list; h[0] in it is an initial state that is learned.
    `gradients`: initial states and inputs (h[0], x[2], or x for every step) by which gradients are taken, and no updates.
    `roles` maps its letters to those of the catalogue, for the notations. `output` is that of the loss unless it is
    given. `updates`: passes over the data, each with the parameters updated. `window`: gradients stay within chunks of
    so many steps.
    """

    cell: str = ""
    equations: str = ""
    parameters: list[str] = []
    gradients: list[str] = []
    shapes: dict[str, Annotated[list[str], Field(max_length=2)]] = {}
    inputs: list[str] = []
    targets: list[str] = []
    roles: dict[str, str] = {}
    activation: Literal["", "tanh", "sigmoid", "relu", "identity"] = ""
    output: str = ""
    loss: str = "half_squared_error"
    reduction: Literal["sum", "mean", "last"] = "sum"
    optimiser: str = "gradient_descent"
    updates: Annotated[int, Field(ge=1, le=5)] = 1
    window: Annotated[int, Field(ge=1, le=MOST_STEPS)] | None = None
    sizes: dict[Annotated[str, Field(pattern="^[a-z]+$")], Annotated[int, Field(ge=1, le=LARGEST_SIZE)]] = {}


class TaskText(_Strict):
    """What is done with the exercise.

    compute: everything that is asked, from the givens. step: one step of backpropagation, at step `at`, from the numbers
    that it needs. fill: the derivation is there, the asked lines are missing. find: the derivation has one mistake.
    """

    kind: Literal["compute", "step", "fill", "find"] = "compute"
    at: Annotated[int, Field(ge=1, le=MOST_STEPS)] | None = None


class RoundingText(_Strict):
    """`decimals` or `significant`, and when: at every step, or at the end (only what is written down)."""

    decimals: Annotated[int, Field(ge=1, le=9)] | None = None
    significant: Annotated[int, Field(ge=2, le=9)] | None = None
    when: Literal["every step", "end"] = "every step"
    truncation: bool = False


class WordingText(_Strict):
    """Sentences of the teacher's own."""

    intro: str = ""
    note: str = ""


class CreditText(_Strict):
    """Share of a box's marks for each kind of verdict (0 to 1).

    `method`: for a worked page, whose line shows the right formula and the right numbers put in, and a slip in the
    arithmetic only.
    """

    correct: Annotated[float, Field(ge=0, le=1)] = 1.0
    follow_through: Annotated[float, Field(ge=0, le=1, alias="follow-through")] = 1.0
    rounding: Annotated[float, Field(ge=0, le=1)] = 0.5
    slip: Annotated[float, Field(ge=0, le=1)] = 0.0
    misconception: Annotated[float, Field(ge=0, le=1)] = 0.0
    method: Annotated[float, Field(ge=0, le=1)] = 0.0

    def of(self, verdict: str) -> float:
        """Credit for a verdict; what is not creditable gets none."""
        return float(getattr(self, verdict.replace("-", "_"), 0.0))


class PolicyText(_Strict):
    """How verdicts add up: caps, penalties, digits.

    `follow-through-cap`: largest share of all marks that follow-through can earn. `penalty`: share of a box's marks taken
    off for a verdict (a kind never falls below zero). `missing-digits`: the verdict of a right value in too few digits.
    `surplus-digits`: accept (they claim nothing), right (they have to be right, too), or rounding (more digits than asked is a
    fault of its own).
    """

    follow_through_cap: Annotated[float, Field(ge=0, le=1, alias="follow-through-cap")] = 1.0
    penalty: dict[Literal["slip", "misconception", "wrong", "unreadable"], Annotated[float, Field(ge=0, le=1)]] = {}
    missing_digits: Annotated[Literal["rounding", "correct", "wrong"], Field(alias="missing-digits")] = "rounding"
    surplus_digits: Annotated[Literal["accept", "right", "rounding"], Field(alias="surplus-digits")] = "accept"


class CertifyText(_Strict):
    """What `generate` insists on.

    `digits`: smallest number of significant digits of an asked value. `saturation`: largest |activation|. `level`: share
    of the good variants, from the middle of their difficulty, that is issued. `waive`: ids of mistakes not insisted on.
    """

    digits: Annotated[int, Field(ge=0, le=6)] = 2
    saturation: Annotated[float, Field(gt=0, le=1)] = 0.99
    level: Annotated[float, Field(gt=0, le=1)] = 0.6
    waive: list[str] = []


class MisconceptionText(_Strict):
    """A mistake of the teacher's own: a rewrite of formulas, and a sentence for the student."""

    id: str
    name: str
    says: str
    rewrite: str
    where: list[str] = []


def _no_blank(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("must not be empty")
    return text


class BankText(_Strict):
    """A question bank."""

    title: Annotated[str, AfterValidator(_no_blank)]
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    version: Annotated[int, Field(ge=1)] = 1
    course: str = ""
    goal: str = ""
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    level: Literal["", "first steps", "core", "advanced"] = ""
    notation: str = ""
    task: TaskText = TaskText()
    model: ModelText = ModelText()
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS)] = 3
    style: Literal["total", "delta"] = "total"
    slope: Literal["output", "argument"] = "output"
    givens: dict[str, Any]
    rounding: RoundingText = RoundingText(decimals=3)
    ask: list[str] = ["forward", "loss", "local", "recurrence", "gradient", "sum", "update"]
    marks: dict[Kind, Annotated[float, Field(ge=0, le=1000)]] = {}
    credit: CreditText = CreditText()
    credit_by: Annotated[dict[Kind, CreditText], Field(alias="credit-by")] = {}
    policy: PolicyText = PolicyText()
    certify: CertifyText = CertifyText()
    misconceptions: list[MisconceptionText] = []
    wording: WordingText = WordingText()
