"""How a verdict looks and what it is called, wherever it is shown: sign, letter, colours, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.languages.sentences import meant, said


@dataclass(frozen=True)
class Shade:
    """Ink and tint on white and on black paper, and the width of a rim in points: what is wrong
    stands out without any colour."""

    ink: str
    tint: str
    dark_ink: str
    dark_tint: str
    rim: float


@dataclass(frozen=True)
class Look:
    """A sign (as a character, in LaTeX and in Typst), a letter where there is room for one only,
    colours, and what the verdict means to the student."""

    sign: str
    latex: str
    typst: str
    letter: str
    shade: Shade
    says: str


_GREEN = Shade("1B6E3A", "E6F4EA", "7FD6A0", "12351F", 0.5)
_BLUE = Shade("1F4E8C", "E4EEFB", "9CC3F5", "142A45", 0.5)
_BROWN = Shade("7A4F00", "FDF0D5", "F0C36A", "3D2C05", 1.1)
_RED = Shade("A11111", "FDE7E7", "FFA3A3", "4A1414", 1.6)
_GREY = Shade("555555", "EEEEEE", "C0C0C0", "333333", 1.1)
_CROSS = "✗", r"\signcross", "$times$"

LOOKS: dict[str, Look] = {
    "correct": Look("✓", r"\signcheck", "$checkmark$", "C", _GREEN, said("right")),
    "follow-through": Look(
        "→",
        r"$\to$",
        "$arrow.r$",
        "F",
        _BLUE,
        said("right for the numbers that you had by then"),
    ),
    "rounding": Look(
        "≈", r"$\approx$", "$approx$", "R", _BROWN, said("rounded or written otherwise")
    ),
    "slip": Look(*_CROSS, "S", _RED, said("wrong: a slip")),
    "misconception": Look(*_CROSS, "M", _RED, said("wrong: a mistake that is known")),
    "wrong": Look(*_CROSS, "W", _RED, said("wrong")),
    "blank": Look("○", r"$\circ$", "$circle.stroked.small$", "B", _GREY, said("empty")),
    "unreadable": Look("?", "?", '$"?"$', "U", _RED, said("not readable")),
    "method": Look(
        "½", r"$\frac12$", "$1/2$", "A", _BROWN, said("right method, slip in the arithmetic")
    ),
}
WORDS = {
    "correct": meant("verdict", "correct"),
    "follow-through": meant("verdict", "follow-through"),
    "rounding": meant("verdict", "rounding"),
    "slip": meant("verdict", "slip"),
    "misconception": meant("verdict", "misconception"),
    "wrong": meant("verdict", "wrong"),
    "blank": meant("verdict", "blank"),
    "unreadable": meant("verdict", "unreadable"),
    "method": meant("verdict", "method"),
}
"""What a verdict is called where it is named in a word."""
GRAVEST = (
    "wrong", "misconception", "slip", "unreadable", "blank", "method", "rounding",
    "follow-through", "correct",
)  # fmt: skip
RIGHT = ("correct", "follow-through")


def gravest(verdicts: Iterable[str]) -> str:
    """The verdict in whose colour several are shown together."""
    return min(verdicts, key=GRAVEST.index)


def told_apart(verdicts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """A legend: each sign that occurs, once, by a verdict that has it, and what it means."""
    found = set(verdicts)
    meanings: dict[str, list[str]] = {}
    for verdict in VERDICTS:
        if verdict in found:
            meanings.setdefault(LOOKS[verdict].sign, []).append(verdict)
    return tuple(
        (group[0], said("wrong") if len(group) > 1 else LOOKS[group[0]].says)
        for group in meanings.values()
    )


__all__ = ["GRAVEST", "LOOKS", "RIGHT", "WORDS", "Look", "Shade", "gravest", "told_apart"]
