"""How a key of a bank is declared, and the kinds of values that keys take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.verdict import PUNISHED, Verdict
from rnnquiz.derivation.roles import COMPUTED, Role
from rnnquiz.languages.catalogue import language_names
from rnnquiz.models.catalogue import ACTIVATIONS

LARGEST_SIZE, MOST_STEPS = 8, 12  # people mark the numbers of programs, too


def a_key(default: Any, meaning: str, example: str = "", name: str = "") -> Any:
    """A key: its default (... where it must be given), its meaning, an example as a bank has it.

    `name` is the key itself, where it has a hyphen.
    """
    examples = [example] if example else None
    return Field(default, description=meaning, examples=examples, alias=name or None)


if TYPE_CHECKING:
    Activation = str
    KindOfBox = Role
    KindOfTask = TaskKind
    Punished = Verdict
else:
    # The table has the words; empty is that of the cell.
    Activation = Literal[("", *ACTIVATIONS)]
    KindOfBox = Literal[COMPUTED]
    KindOfTask = Literal[tuple(TaskKind)]
    Punished = Literal[PUNISHED]
Share = Annotated[float, Field(ge=0, le=1)]
Axes = Annotated[list[str], Field(max_length=2)]
StepCount = Annotated[int, Field(ge=1, le=MOST_STEPS)]
SizeName = Annotated[str, Field(pattern="^[a-z]+$")]
Size = Annotated[int, Field(ge=1, le=LARGEST_SIZE)]
# A given has at most nine decimals: what is computed from it is not worth more.
Decimals = Annotated[int, Field(ge=1, le=9)]
# At one figure 1 and 1.4 are the same number.
Figures = Annotated[int, Field(ge=2, le=9)]
KindMarks = Annotated[float, Field(ge=0, le=1000)]
VersionNumber = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """A record of a file: an unknown key is an error, nothing is changed later."""

    # A misspelt key would be a wish that nobody hears.
    model_config = ConfigDict(extra="forbid", frozen=True)


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
Title = Annotated[str, AfterValidator(_no_blank)]
# Files are called by the id: it must not lead to another folder on any system.
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# Eight shorter: each of its banks has this id, a point and the key of the exercise.
AssignmentId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,55}$")]
Minutes = Annotated[int, Field(ge=1, le=600)]
