"""The form of a question bank: its keys with type, default, meaning and example. What the numbers
must satisfy is checked in `load`.

The chapter `bank` of the manual and the JSON schema for editors are made from this.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from rnnquiz.derivation.graph import SOLVED, Computed
from rnnquiz.languages.catalogue import language_names
from rnnquiz.models.catalogue import Activation

DEFAULT_CELL = "elman"
LARGEST_SIZE, MOST_STEPS = 8, 12  # people mark the numbers of programs, too


def _key(default: Any, meaning: str, example: str = "", name: str = "") -> Any:
    """A key: its default (... where it must be given), its meaning, an example as a bank has it.

    `name` is the key itself, where it has a hyphen.
    """
    examples = [example] if example else None
    return Field(default, description=meaning, examples=examples, alias=name or None)


Share = Annotated[float, Field(ge=0, le=1)]
_Axes = Annotated[list[str], Field(max_length=2)]
_Steps = Annotated[int, Field(ge=1, le=MOST_STEPS)]
_SizeName = Annotated[str, Field(pattern="^[a-z]+$")]
_Size = Annotated[int, Field(ge=1, le=LARGEST_SIZE)]
# A given has at most nine decimals: what is computed from it is not worth more.
_Decimals = Annotated[int, Field(ge=1, le=9)]
# At one figure 1 and 1.4 are the same number.
_Figures = Annotated[int, Field(ge=2, le=9)]
_Marks = Annotated[float, Field(ge=0, le=1000)]
_Version = Annotated[int, Field(ge=1)]
_Punished = Literal["slip", "misconception", "wrong", "unreadable"]


class _Strict(BaseModel):
    # A misspelt key would be a wish that nobody hears.
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelText(_Strict):
    """Which network, output, loss and training step. `rnnquiz models` lists what there is; a
    network of one's own is `equations`."""

    cell: str = _key(
        "", "A network of the catalogue; elman where neither cell nor equations are given.", "gru"
    )
    equations: str = _key(
        "",
        "A network of your own, one equation a line, in place of a cell.",
        "|\n  h[t] = tanh(R @ h[t-1] + S @ x[t])",
    )
    parameters: list[str] = _key(
        [],
        "What is trained. Beside a cell it replaces the cell's list; h[0] in it is a learned"
        " initial state.",
        "[W, U, b]",
    )
    gradients: list[str] = _key(
        [],
        "Inputs and initial states by which gradients are asked and which are not updated.",
        "[x]",
    )
    shapes: dict[str, _Axes] = _key(
        {},
        "Sizes of what your equations are given, where it is no scalar.",
        "{R: [hidden, hidden], S: [hidden, input]}",
    )
    inputs: list[str] = _key([], "Which letters of your equations are inputs.", "[x]")
    targets: list[str] = _key([], "Which letters of your equations are targets.", "[y]")
    roles: dict[str, str] = _key(
        {},
        "Letters of yours to those of the catalogue that play the same part, for the notations.",
        "{R: U, S: W}",
    )
    activation: Activation = _key("", "The activation, where the cell leaves it open.", "relu")
    output: str = _key(
        "", "What makes the prediction; that of the loss where it is not given.", "softmax"
    )
    # With the half, the derivative is the error itself.
    loss: str = _key(
        "half_squared_error",
        "The loss of a step; none for the forward pass alone.",
        "cross_entropy",
    )
    reduction: Literal["sum", "mean", "last"] = _key(
        "sum", "How the losses of the steps become one.", "last"
    )
    optimiser: str = _key(
        "gradient_descent", "The training step; none for gradients alone.", "adam"
    )
    updates: Annotated[int, Field(ge=1, le=5)] = _key(
        1, "Passes over the data, each with the parameters updated.", "2"
    )
    window: _Steps | None = _key(
        None, "Truncated backpropagation: gradients stay within chunks of so many steps.", "2"
    )
    sizes: dict[_SizeName, _Size] = _key(
        {}, "Inputs, hidden units and outputs; 1 is a scalar.", "{input: 4, hidden: 2, output: 4}"
    )


class TaskText(_Strict):
    """What is done with the exercise."""

    kind: Literal["compute", "step", "fill", "find"] = _key(
        "compute",
        "compute: everything that is asked, from the givens. step: one step of backpropagation from"
        " the numbers that it needs. fill: the derivation is there, the asked lines are missing."
        " find: the derivation has one mistake.",
        "step",
    )
    at: _Steps | None = _key(None, "Which step, for kind step.", "2")


class RoundingText(_Strict):
    """The rounding rule that the sheet prints and the grader uses: one of `decimals` and
    `significant`."""

    decimals: _Decimals | None = _key(None, "Digits after the point.", "3")
    significant: _Figures | None = _key(None, "Significant figures.", "4")
    when: Literal["every step", "end"] = _key(
        "every step",
        "Round every named value and go on with it, or only what is written down.",
        "end",
    )
    truncation: bool = _key(False, "Take values that are cut off for right.", "true")


class WordingText(_Strict):
    """Sentences of your own on the sheet."""

    intro: str = _key("", "Before the numbers.", "A network reads three numbers.")
    note: str = _key("", "Under the rules.", "Calculators are allowed.")


class CreditText(_Strict):
    """Share of a box's marks for each kind of verdict (0 to 1).

    `method`: for a worked page, whose line shows the right formula and the right numbers put in,
    and a slip in the arithmetic only.
    """

    correct: Share = _key(1.0, "Right.")
    # A slip costs the marks of its own box, and no others.
    follow_through: Share = _key(
        1.0, "Right for the numbers that the student had.", "0.8", "follow-through"
    )
    rounding: Share = _key(0.5, "Right but for the rounding.", "0.75")
    slip: Share = _key(0.0, "A slip of the pen, such as a digit left out.", "0.25")
    misconception: Share = _key(0.0, "A known mistake.", "0.25")
    method: Share = _key(
        0.0, "On a worked page: the right formula and numbers, and a slip in the arithmetic.", "0.5"
    )

    def of(self, verdict: str) -> float:
        """Credit for a verdict; what is not creditable gets none."""
        name = verdict.replace("-", "_")
        return float(getattr(self, name, 0.0))


class PolicyText(_Strict):
    """How verdicts add up: caps, penalties, digits."""

    follow_through_cap: Share = _key(
        1.0, "Largest share of all marks that follow-through can earn.", "0.5", "follow-through-cap"
    )
    # None for a blank box: to guess must not be the better choice.
    penalty: dict[_Punished, Share] = _key(
        {},
        "Share of a box's marks taken off for a verdict; a kind never falls below zero.",
        "{wrong: 0.25}",
    )
    missing_digits: Literal["rounding", "correct", "wrong"] = _key(
        "rounding", "The verdict of a right value in too few digits.", "correct", "missing-digits"
    )
    # Programs print 0.6039999723 for 0.604.
    surplus_digits: Literal["accept", "right", "rounding"] = _key(
        "accept",
        "More digits than asked: they claim nothing, or have to be right, too, or are a fault.",
        "right",
        "surplus-digits",
    )


class CertifyText(_Strict):
    """What `generate` insists on. `rnnquiz check BANK --stress 1000` says what a change would
    give."""

    # A value of one unit in the last place may be off by a half of itself by rounding alone.
    digits: Annotated[int, Field(ge=0, le=6)] = _key(
        2, "Smallest number of significant digits of an asked value.", "1"
    )
    # At 0.99 the slope of tanh is 0.02, and a gradient through it next to nothing.
    saturation: Annotated[float, Field(gt=0, le=1)] = _key(
        0.99, "Largest size of an activation: beyond it is flat.", "0.95"
    )
    level: Annotated[float, Field(gt=0, le=1)] = _key(
        0.6, "Share of the good variants, from the middle of their difficulty, that is issued.", "1"
    )
    waive: list[str] = _key(
        [], "Ids of mistakes that the numbers need not tell from the right answer.", "[R2, G3]"
    )


class MisconceptionText(_Strict):
    """A mistake of your own: a rewrite of formulas, and a sentence for the student."""

    id: str = _key(..., "A short name.", "T1")
    name: str = _key(..., "What it is called in the feedback.", "output doubled")
    says: str = _key(..., "A sentence for the student.", "The output is not doubled.")
    rewrite: str = _key(
        ...,
        "What becomes of which part of a formula; names that begin with _ stand for anything.",
        "_all -> 2 * _all",
    )
    where: list[str] = _key(
        [], "Kinds of quantities that it can strike; all of them where none is named.", "[forward]"
    )


def _no_blank(text: str) -> str:
    # A title of characters that nobody sees would be a page without one.
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("must not be empty")
    return text


def _known_language(code: str) -> str:
    codes = ", ".join(map(repr, language_names()))
    if code and code not in language_names():
        # In the form of pydantic's own error of a choice, so that near codes are named.
        raise PydanticCustomError("literal_error", "is no language", {"expected": codes})
    return code


LanguageCode = Annotated[str, AfterValidator(_known_language)]
_Title = Annotated[str, AfterValidator(_no_blank)]
# Files are called by the id: it must not lead to another folder on any system.
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# Eight shorter: each of its banks has this id, a point and the key of the exercise.
_AssignmentId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,55}$")]
_Minutes = Annotated[int, Field(ge=1, le=600)]
_LANGUAGE = "In which language all that students see is written: en, or another one of them."
_CATALOGUE = "Sentences that you word otherwise: a .po file, beside this one."


class BankText(_Strict):
    """A question bank of rnnquiz."""

    title: _Title = _key(..., "On every page.", "Backpropagation through time by hand")
    id: _Id = _key(
        ...,
        "Names the exercise in files and gradebooks; another id gives other numbers.",
        "bptt-week-3",
    )
    version: _Version = _key(1, "Another version gives other numbers.", "2")
    course: str = _key("", "On every page.", "Recurrent networks")
    language: LanguageCode = _key("", _LANGUAGE, "de")
    catalogue: str = _key("", _CATALOGUE, "my_words.po")
    goal: str = _key(
        "", "What the exercise is for; shown by rnnquiz banks.", "follow one loss through time"
    )
    minutes: _Minutes | None = _key(None, "How long it takes.", "90")
    level: Literal["", "first steps", "core", "advanced"] = _key("", "How hard it is.", "core")
    due: str = _key("", "Until when; on the sheet.", "Friday 12 June, 12:00")
    aids: str = _key(
        "", "What may be used; on the sheet.", "a pocket calculator, one page of notes"
    )
    handing_in: str = _key("", "Where it is handed in; on the sheet.", "Moodle", "handing-in")
    lines: Annotated[int, Field(ge=0, le=40)] = _key(
        0,
        "Ruled lines for the work, after each kind of boxes; `generate --lines` gives others.",
        "6",
    )
    signature: bool = _key(False, "A line for date and signature at the end.", "true")
    notation: str = _key(
        "", "How it is written; several profiles are joined by +.", "xh_hh_hy+from_one"
    )
    letters: Literal["own", "notation"] = _key(
        "own",
        "Whose names the bank uses where the notation has a letter of the equations for another"
        " thing. notation: all names, with their steps, are those of the sheet. Letters that only"
        " the notation has are understood in any case.",
        "notation",
    )
    task: TaskText = _key(TaskText(), "What is done with the exercise.")
    model: ModelText = _key(ModelText(), "The network, its loss and its training step.")
    steps: _Steps = _key(3, "Time steps.", "4")
    style: Literal["total", "delta"] = _key(
        "total",
        "total: one loss at a time, by total derivatives (scalars). delta: gradients run backwards"
        " (any shape).",
        "delta",
    )
    slope: Literal["output", "argument"] = _key(
        "output",
        "The derivative of an activation by its value (1 - h^2) or its argument (sech^2).",
        "argument",
    )
    givens: dict[str, Any] = _key(
        ...,
        "The numbers: one, a list, {range: [low, high], step: s, not: [...]}, {choices: [...]}, or"
        " letters: {alphabet: helo, word: hell}. A letter alone stands for all of its steps.",
        "\n  x: {range: [-1, 1], step: 0.1, not: [0]}\n  W: {choices: [0.2, 0.5]}\n  h[0]: 0",
    )
    # Many examples that are published as computed by hand have three decimals.
    rounding: RoundingText = _key(RoundingText(decimals=3), "The rounding rule.", "{decimals: 4}")
    ask: list[str] = _key(
        list(SOLVED),
        "What gets a box: kinds, all, or names; * stands for anything, and h for h[*].",
        "[forward, loss, dL/d*, U_new]",
    )
    marks: dict[Computed, _Marks] = _key(
        {}, "Marks of each asked kind; one a box where nothing is said.", "{forward: 6, sum: 5}"
    )
    credit: CreditText = _key(CreditText(), "What verdicts are worth.", "{follow-through: 0.8}")
    credit_by: dict[Computed, CreditText] = _key(
        {}, "The same for single kinds.", "{forward: {rounding: 1}}", "credit-by"
    )
    policy: PolicyText = _key(PolicyText(), "How verdicts add up.", "{follow-through-cap: 0.5}")
    certify: CertifyText = _key(CertifyText(), "What generate insists on.", "{digits: 1}")
    misconceptions: list[MisconceptionText] = _key(
        [], "Mistakes of your own, beside the registered ones."
    )
    wording: WordingText = _key(
        WordingText(), "Sentences of your own on the sheet.", "{note: Calculators are allowed.}"
    )


class ExerciseText(BaseModel):
    """An exercise of an assignment: a bank, or one drawn from several, its marks, and keys of the
    bank that are different here."""

    # Any key of a bank may stand here, too: it is checked as a part of the bank that it changes.
    model_config = ConfigDict(extra="allow", frozen=True)

    bank: str = _key("", "A bank that ships, by name, or the path of a file.", "forward_pass")
    one_of: list[str] = _key(
        [],
        "Banks of which each student gets one, by lot, each bank as often as the others.",
        "[gru_step, lstm_forward]",
        "one of",
    )
    marks: Any = _key(
        None,
        "All marks of the exercise, shared out as the bank shares out its own; or those of each"
        " kind, as in a bank.",
        "20",
    )


_Exercises = Annotated[list[ExerciseText], Field(min_length=1, max_length=20)]


class AssignmentText(_Strict):
    """An assignment: several exercises on one sheet."""

    title: _Title = _key(..., "On every page.", "Homework 3")
    id: _AssignmentId = _key(
        ...,
        "Names the assignment in files and gradebooks; another id gives other numbers.",
        "homework-3",
    )
    version: _Version = _key(1, "Another version gives other numbers.", "2")
    course: str = _key("", "On every page.", "Recurrent networks")
    language: LanguageCode = _key("", _LANGUAGE, "de")
    catalogue: str = _key("", _CATALOGUE, "my_words.po")
    due: str = _key("", "Until when; on the sheet.", "14 December, 18:00")
    handing_in: str = _key("", "Where it is handed in; on the sheet.", "Moodle", "handing-in")
    signature: bool = _key(False, "A line for date and signature at the end.", "true")
    exercises: _Exercises = _key(
        ...,
        "The exercises, in the order of the sheet.",
        "\n  - {bank: forward_pass, marks: 10}"
        "\n  - {one of: [gru_step, lstm_forward], marks: 20}"
        "\n  - {bank: ./my_bptt.yaml, marks: 30, rounding: {decimals: 3}, steps: 4}",
    )


def json_schema(form: type[BaseModel] = BankText) -> dict[str, Any]:
    """The JSON schema of a bank, or of another form, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **form.model_json_schema(by_alias=True),
    }
