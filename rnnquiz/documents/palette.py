"""How a verdict looks and what it is called, wherever it is shown: sign, letter, colours, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnnquiz.bank.verdict import Verdict
from rnnquiz.languages.sentences import Message, meant, said


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
    colours, what the verdict is called and what it means to the student."""

    sign: str
    latex: str
    typst: str
    letter: str
    shade: Shade
    word: Message
    says: Message


# Each ink has a contrast of at least 5 to 1 on its tint; WCAG 2.2 AA asks for 4.5.
_GREEN = Shade("1B6E3A", "E6F4EA", "7FD6A0", "12351F", 0.5)
_BLUE = Shade("1F4E8C", "E4EEFB", "9CC3F5", "142A45", 0.5)
_BROWN = Shade("7A4F00", "FDF0D5", "F0C36A", "3D2C05", 1.1)
_RED = Shade("A11111", "FDE7E7", "FFA3A3", "4A1414", 1.6)
_GREY = Shade("555555", "EEEEEE", "C0C0C0", "333333", 1.1)
COLOURS = {"accent": _BLUE.ink, "tint": "EAF1FA", "band": "F3F6FA"}
"""Of headings and results, of what stands behind a result, and of the band of a time step."""
_CROSS = "✗", r"\signcross", "$times$"

LOOKS: dict[Verdict, Look] = {
    Verdict.CORRECT: Look(
        "✓", r"\signcheck", "$checkmark$", "C", _GREEN, meant("verdict", "correct"), said("right")
    ),
    Verdict.FOLLOW_THROUGH: Look(
        "→",
        r"$\to$",
        "$arrow.r$",
        "F",
        _BLUE,
        meant("verdict", "follow-through"),
        said("right for the numbers that you had by then"),
    ),
    Verdict.ROUNDING: Look(
        "≈",
        r"$\approx$",
        "$approx$",
        "R",
        _BROWN,
        meant("verdict", "rounding"),
        said("rounded or written otherwise"),
    ),
    Verdict.SLIP: Look(*_CROSS, "S", _RED, meant("verdict", "slip"), said("wrong: a slip")),
    Verdict.MISCONCEPTION: Look(
        *_CROSS,
        "M",
        _RED,
        meant("verdict", "misconception"),
        said("wrong: a mistake that is known"),
    ),
    Verdict.WRONG: Look(*_CROSS, "W", _RED, meant("verdict", "wrong"), said("wrong")),
    Verdict.BLANK: Look(
        "○",
        r"$\circ$",
        "$circle.stroked.small$",
        "B",
        _GREY,
        meant("verdict", "blank"),
        said("empty"),
    ),
    Verdict.UNREADABLE: Look(
        "?", "?", '$"?"$', "U", _RED, meant("verdict", "unreadable"), said("not readable")
    ),
    Verdict.METHOD: Look(
        "½",
        r"$\frac12$",
        "$1/2$",
        "A",
        _BROWN,
        meant("verdict", "method"),
        said("right method, slip in the arithmetic"),
    ),
}
# Where several are shown as one, the first of these counts: a vector with one wrong entry is wrong.
GRAVEST = (
    Verdict.WRONG,
    Verdict.MISCONCEPTION,
    Verdict.SLIP,
    Verdict.UNREADABLE,
    Verdict.BLANK,
    Verdict.METHOD,
    Verdict.ROUNDING,
    Verdict.FOLLOW_THROUGH,
    Verdict.CORRECT,
)


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict in whose colour several are shown together."""
    return min(verdicts, key=GRAVEST.index)


def told_apart(verdicts: Iterable[Verdict]) -> tuple[tuple[Verdict, Message], ...]:
    """A legend: each sign that occurs, once, by a verdict that has it, and what it means."""
    found = set(verdicts)
    meanings: dict[str, list[Verdict]] = {}
    for verdict in Verdict:
        if verdict in found:
            sign = LOOKS[verdict].sign
            meanings.setdefault(sign, []).append(verdict)
    return tuple(map(_meaning, meanings.values()))


def _meaning(verdicts: list[Verdict]) -> tuple[Verdict, Message]:
    """What the sign of some verdicts means."""
    first, *others = verdicts
    # Only the cross is the sign of several: all of them are kinds of wrong.
    shown = Verdict.WRONG if others else first
    return first, LOOKS[shown].says


__all__ = ["COLOURS", "GRAVEST", "LOOKS", "Look", "Shade", "gravest", "told_apart"]
