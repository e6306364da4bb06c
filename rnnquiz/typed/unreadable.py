"""Why a text is no number: the two readings that it has, or what would do in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rnnquiz.languages.sentences import Message, said
from rnnquiz.text import shortened

WRITE_IT = said("write it like 0.604, -0.0048 or -4.8e-3")


@dataclass(frozen=True)
class Unreadable:
    """A text that is no number; `reason` is a sentence for the student."""

    reason: str


def two_ways(text: str, one: str, other: str, note: str = "", remedy: str = WRITE_IT) -> Unreadable:
    """The reason for what has two readings: both of them, and what would do."""
    facts = {"typed": shortened(text), "one": one, "other": other, "remedy": remedy}
    if note:
        return Unreadable(
            said(
                "{typed} can be read in two ways, as {one} or as {other} ({note}); {remedy}",
                **facts,
                note=note,
            )
        )
    return Unreadable(
        said("{typed} can be read in two ways, as {one} or as {other}; {remedy}", **facts)
    )


# What the groups of a pattern are taken for: a text in which they stand, or a sentence.
_PAIR, _TIMES = said("the two numbers {a} and {b}"), said("{a} times {b}")
_RAISED_TEN = said("{a} times 10^{b}")
_TWO_READINGS = tuple(
    (re.compile(pattern.replace("NUMBER", r"[+-]?[\d.,]+")), one, other)
    for pattern, one, other in (
        (r"([+-]? ?\d+) (\d+) ?/ ?(\d+)", "{a} + {b}/{c}", "{a}{b}/{c}"),
        (r"([+-]? ?\d+) ?/ ?(\d+) ?/ ?(\d+)", "({a}/{b})/{c}", "{a}/({b}/{c})"),
        (r"([+-]? ?0) (\d+)", "{a}.{b}", _PAIR),
        (r"(NUMBER) 10 ?(?:\^|\*\*) ?(.+)", _RAISED_TEN, said("the two numbers {a} and 10^{b}")),
        (r"([+-]? ?[\d.,]+) (NUMBER)", said("one number {a}{b}"), _PAIR),
        (r"(NUMBER) ?(?:\^|\*\*) ?(.+)", _RAISED_TEN, said("{a} to the power of {b}")),
        (r"(NUMBER) ?[eE] ?\^ ?(.+)", _RAISED_TEN, said("{a} times e^{b}")),
        (r"(NUMBER) ?[×*xX·] ?10 ?(\d+)", _RAISED_TEN, said("{a} times 10{b}")),
        (r"([+-]?10) ?([+-]) ?(\d+)", "10^{b}{c}", "{a} {b} {c}"),
        (r"([+-]?\d+)·(\d+)", "{a}.{b}", _TIMES),
        (r"([+-]?\d+)'(\d+)", "{a}.{b}", "{a}{b}"),
        (r"\( ?(NUMBER) ?\)", "{a}", "-{a}"),
        (r"(NUMBER) ?-", "-{a}", said("a difference without its end")),
        (r"([\d.,]+) ?- ?([\d.,]+)", said("a difference"), said("a range from {a} to {b}")),
    )
)


def why_unread(text: str, shown: str) -> Unreadable:
    """Why a text is no number: its two readings where it has them."""
    if text.endswith(("%", "‰", "٪")):
        found = said("{typed} is a percentage; write 0.05 for 5 %", typed=shortened(shown))
        return Unreadable(found)
    for pattern, one, other in _TWO_READINGS:
        if (match := pattern.fullmatch(text)) is not None:
            readings = _expanded(one, match), _expanded(other, match)
            return two_ways(shown, *readings)
    facts = {"typed": shortened(shown), "remedy": WRITE_IT}
    return Unreadable(said("{typed} is not a number; {remedy}", **facts))


def _expanded(reading: str, match: re.Match[str]) -> str:
    """A reading with the groups of a match in it."""
    groups = dict(zip("abc", match.groups(), strict=False))
    if isinstance(reading, Message):
        return said(reading.message, **groups)
    return reading.format(**groups)
