"""The form of a question bank: its keys with type, default, meaning and example. What the numbers
must satisfy is checked in `load`.

The chapter `bank` of the manual and the JSON schema for editors are made from this.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rnnquiz.bank.keys import (
    AssignmentId,
    Id,
    KindMarks,
    KindOfBox,
    LanguageCode,
    Minutes,
    StepCount,
    Strict,
    Title,
    VersionNumber,
    a_key,
)
from rnnquiz.bank.sections import (
    CertifyText,
    CreditText,
    MisconceptionText,
    ModelText,
    PolicyText,
    RoundingText,
    TaskText,
    WordingText,
)
from rnnquiz.derivation.roles import SOLVED

_LANGUAGE = "In which language all that students see is written: en, or another one of them."
_CATALOGUE = "Sentences that you word otherwise: a .po file, beside this one."


class BankText(Strict):
    """A question bank of rnnquiz."""

    title: Title = a_key(..., "On every page.", "Backpropagation through time by hand")
    id: Id = a_key(
        ...,
        "Names the exercise in files and gradebooks; another id gives other numbers.",
        "bptt-week-3",
    )
    version: VersionNumber = a_key(1, "Another version gives other numbers.", "2")
    course: str = a_key("", "On every page.", "Recurrent networks")
    language: LanguageCode = a_key("", _LANGUAGE, "de")
    catalogue: str = a_key("", _CATALOGUE, "my_words.po")
    goal: str = a_key(
        "", "What the exercise is for; shown by rnnquiz banks.", "follow one loss through time"
    )
    minutes: Minutes | None = a_key(None, "How long it takes.", "90")
    level: Literal["", "first steps", "core", "advanced"] = a_key("", "How hard it is.", "core")
    due: str = a_key("", "Until when; on the sheet.", "Friday 12 June, 12:00")
    aids: str = a_key(
        "", "What may be used; on the sheet.", "a pocket calculator, one page of notes"
    )
    handing_in: str = a_key("", "Where it is handed in; on the sheet.", "Moodle", "handing-in")
    lines: Annotated[int, Field(ge=0, le=40)] = a_key(
        0,
        "Ruled lines for the work, after each kind of boxes; `generate --lines` gives others.",
        "6",
    )
    signature: bool = a_key(False, "A line for date and signature at the end.", "true")
    notation: str = a_key(
        "", "How it is written; several profiles are joined by +.", "xh_hh_hy+from_one"
    )
    letters: Literal["own", "notation"] = a_key(
        "own",
        "Whose names the bank uses where the notation has a letter of the equations for another"
        " thing. notation: all names, with their steps, are those of the sheet. Letters that only"
        " the notation has are understood in any case.",
        "notation",
    )
    task: TaskText = a_key(TaskText(), "What is done with the exercise.")
    model: ModelText = a_key(ModelText(), "The network, its loss and its training step.")
    steps: StepCount = a_key(3, "Time steps.", "4")
    style: Literal["total", "delta"] = a_key(
        "total",
        "total: one loss at a time, by total derivatives (scalars). delta: gradients run backwards"
        " (any shape).",
        "delta",
    )
    slope: Literal["output", "argument"] = a_key(
        "output",
        "The derivative of an activation by its value (1 - h^2) or its argument (sech^2).",
        "argument",
    )
    givens: dict[str, Any] = a_key(
        ...,
        "The numbers: one, a list, {range: [low, high], step: s, not: [...]}, {choices: [...]}, or"
        " letters: {alphabet: helo, word: hell}. A letter alone stands for all of its steps.",
        "\n  x: {range: [-1, 1], step: 0.1, not: [0]}\n  W: {choices: [0.2, 0.5]}\n  h[0]: 0",
    )
    # Many examples that are published as computed by hand have three decimals.
    rounding: RoundingText = a_key(RoundingText(decimals=3), "The rounding rule.", "{decimals: 4}")
    ask: list[str] = a_key(
        list(SOLVED),
        "What gets a box: kinds, all, or names; * stands for anything, and h for h[*].",
        "[forward, loss, dL/d*, U_new]",
    )
    marks: dict[KindOfBox, KindMarks] = a_key(
        {}, "Marks of each asked kind; one a box where nothing is said.", "{forward: 6, sum: 5}"
    )
    credit: CreditText = a_key(CreditText(), "What verdicts are worth.", "{follow-through: 0.8}")
    credit_by: dict[KindOfBox, CreditText] = a_key(
        {}, "The same for single kinds.", "{forward: {rounding: 1}}", "credit-by"
    )
    policy: PolicyText = a_key(PolicyText(), "How verdicts add up.", "{follow-through-cap: 0.5}")
    certify: CertifyText = a_key(CertifyText(), "What generate insists on.", "{digits: 1}")
    misconceptions: list[MisconceptionText] = a_key(
        [], "Mistakes of your own, beside the registered ones."
    )
    wording: WordingText = a_key(
        WordingText(), "Sentences of your own on the sheet.", "{note: Calculators are allowed.}"
    )


class ExerciseText(BaseModel):
    """An exercise of an assignment: a bank, or one drawn from several, its marks, and keys of the
    bank that are different here."""

    # Any key of a bank may stand here, too: it is checked as a part of the bank that it changes.
    model_config = ConfigDict(extra="allow", frozen=True)

    bank: str = a_key("", "A bank that ships, by name, or the path of a file.", "forward_pass")
    one_of: list[str] = a_key(
        [],
        "Banks of which each student gets one, by lot, each bank as often as the others.",
        "[gru_step, lstm_forward]",
        "one of",
    )
    marks: Any = a_key(
        None,
        "All marks of the exercise, shared out as the bank shares out its own; or those of each"
        " kind, as in a bank.",
        "20",
    )


_Exercises = Annotated[list[ExerciseText], Field(min_length=1, max_length=20)]


class AssignmentText(Strict):
    """An assignment: several exercises on one sheet."""

    title: Title = a_key(..., "On every page.", "Homework 3")
    id: AssignmentId = a_key(
        ...,
        "Names the assignment in files and gradebooks; another id gives other numbers.",
        "homework-3",
    )
    version: VersionNumber = a_key(1, "Another version gives other numbers.", "2")
    course: str = a_key("", "On every page.", "Recurrent networks")
    language: LanguageCode = a_key("", _LANGUAGE, "de")
    catalogue: str = a_key("", _CATALOGUE, "my_words.po")
    due: str = a_key("", "Until when; on the sheet.", "14 December, 18:00")
    handing_in: str = a_key("", "Where it is handed in; on the sheet.", "Moodle", "handing-in")
    signature: bool = a_key(False, "A line for date and signature at the end.", "true")
    exercises: _Exercises = a_key(
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
