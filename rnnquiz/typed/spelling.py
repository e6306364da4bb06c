"""The spellings of a number: one text to its exact value, or to the readings that it leaves open.

Read by one grammar, whatever it was typed with: digits of any script, any minus, any power of ten,
LaTeX, marks that a spreadsheet or a chat put around it. A text that has two readings is never given
one of them here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from rnnquiz.languages.sentences import said
from rnnquiz.text import shortened
from rnnquiz.typed.signs import SOFT_HYPHEN, SUPERSCRIPTS, sign_of
from rnnquiz.typed.unreadable import Unreadable, two_ways, why_unread

_LONGEST_NUMBER = 120  # characters that are seen: no float between 1e-6 and 1e6 has as many
_LONGEST_TEXT = 1000  # with those that are not
MOST_WHOLE_DIGITS = 31  # before the point: what is kept of a number stays small
# 10^30 is far beyond any value of a bank; a pocket calculator shows exponents of two digits.
LARGEST_EXPONENT, SMALLEST_EXPONENT = 30, -99
MOST_WRAPPERS = 4  # "$\num{1}$" in quotes has three
ONE_MARK = said("write one decimal mark and nothing between thousands")
REMEMBERED = 1 << 17  # texts: a class of thousands writes the same numbers again and again


@dataclass(frozen=True)
class Typed:
    """A number as typed: its exact value and the exponent of the last digit written (0.604 -> -3).

    `last_place` is None for a quotient such as 1/3, which is exact. `significant` counts the digits
    written.
    """

    value: Fraction
    last_place: int | None
    significant: int = 0

    @cached_property
    def number(self) -> float:
        """The nearest float."""
        return float(self.value)


Read = Typed | Unreadable | None


@dataclass(frozen=True)
class Doubt:
    """What a text leaves open: whether `mark` stands before decimals or parts thousands.

    `decimal` is None where there is one reading only that needs to be confirmed (1.234,5 and
    1.234.567).
    """

    mark: str
    decimal: Typed | None
    thousands: Typed


@dataclass(frozen=True)
class Spelled:
    """What one text says by itself. `shows`: how it uses marks beyond doubt, such as `decimal ,` or
    `thousands .`."""

    alone: Read
    shows: frozenset[str] = frozenset()
    doubt: Doubt | None = None


_DECIMAL: dict[str | None, frozenset[str]] = {
    None: frozenset(),
    **{mark: frozenset({f"decimal {mark}"}) for mark in ".,٫"},
}

# The grammar, over signs that are all ASCII but for × · ≈ ٫ ٬ and raised digits; blanks are single

_PLAIN = re.compile(r"([+-]?)(\d{1,31})(?:([.,])(\d{1,80}))?", re.ASCII)
_BLANK = frozenset({"", "-", "--", "---", "?", "n/a", "na", "none", "null", "≈"})
_HIDDEN_MINUS = re.compile(rf"(?<![\d.,]){SOFT_HYPHEN}(?=\s*[\d.,])")
_LATEX = (
    (re.compile(r"\{([,.-])\}"), r"\1"),
    (re.compile(r"\\[,;: !]"), " "),
    (re.compile(r"\\(?:cdot|times|ast)(?![a-zA-Z])"), "×"),
    (re.compile(r"^\\approx(?![a-zA-Z])"), "≈"),
)
_WRAPPED = re.compile(
    r"""\$\$(.+)\$\$|\$(.+)\$|\\\((.+)\\\)|\\num\{(.+)\}|"(.+)"|“(.+)”|`(.+)`"""
    # A sign within brackets leaves no doubt; (0.5) alone is -0.5 to an accountant.
    r"""|'(.+)'|'(.+)|[=≈]{1,2}(.+)|\( ?([+-][^()]+)\)"""
)
_STOP = re.compile(r"(?<=[\d$)}⁰¹²³⁴⁵⁶⁷⁸⁹]) ?\.$")
_RAISED = re.compile(r"(?<=10) ?([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)$")

_TEN_TO = r"10 ?(?:\^|\*\*) ?(?:([+-]? ?\d+)|\( ?([+-]? ?\d+) ?\)|\{ ?([+-]? ?\d+) ?\})"
_POWERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(.*?\d[.,٫]?) ?[×*xX·] ?{_TEN_TO}",  # 4.8×10^-3, 4.8*10**-3, 4.8\cdot10^{-3}
        rf"([+-]?) ?{_TEN_TO}",  # 10^-3
        r"(.*?\d[.,٫]?) ?[×*xX·] ?10 ?([+-]\d+)",  # 4.8x10-3: raised before it was copied
        r"(.*?\d[.,٫]?) ?(?:EE|ee|[eE]) ?([+-]? ?\d+)",  # 4.8E-3
        r"(.*?\d[.,٫]?) ?\*\^ ?([+-]? ?\d+)",  # 4.8*^-3, as Mathematica prints it
        rf"([+-]? ?(?![1-9]\d{{0,2}},\d{{3}}\.)\d+,\d+)\.{_TEN_TO}",  # 4,8.10^-3
    )
)
_FRACTION = re.compile(r"([+-]?) ?([¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")  # one sign, as a phone puts it for 1/2
_QUOTIENT = re.compile(r"([+-]?) ?(\d{1,15}) ?/ ?(\d{1,15})")

_SIGNED = re.compile(r"([+-]?) ?(.*)")
_SPACED = re.compile(r"([1-9]\d{0,2}(?:([ ٬])\d{3})(?:\2\d{3})*)(?:([.,٫])(\d*))?")
_DOUBTFUL = re.compile(r"([1-9]\d{0,2})([.,])(\d{3})")
# One digit at least, on one side of the mark or the other: .5 and 5. are numbers.
_ONE_MARK = re.compile(r"(?=.?\d)(\d*)(?:([.,٫])(\d*))?")
_GROUPED = re.compile(r"([1-9]\d{0,2}(?:([.,'])\d{3})(?:\2\d{3})*)(?!\2)([.,٫])(\d*)")
_ALL_GROUPS = re.compile(r"([1-9]\d{0,2}(?:([.,])\d{3})(?:\2\d{3})+)")


@lru_cache(maxsize=REMEMBERED)
def spelled(text: str) -> Spelled:
    """What a text says by itself: its number, why it is none, or what it leaves open."""
    # Nearly every answer is such, and the whole grammar takes much longer.
    simple = _PLAIN.fullmatch(text)
    if simple is not None and not _DOUBTFUL.fullmatch(text.lstrip("+-")):
        sign, whole, mark, part = simple.groups()
        read = _number(sign, whole, part or "", 0, text)
        return Spelled(read, _DECIMAL[mark])
    if len(text) > _LONGEST_TEXT:
        return _too_long(len(text))
    signs = "".join(map(sign_of, text))
    shown = " ".join(text.split())
    if _HIDDEN_MINUS.search(signs):
        plain = signs.replace(SOFT_HYPHEN, "").strip()
        why = said("a hyphen before it is not always shown")
        return Spelled(two_ways(shown, plain, f"-{plain}", why))
    words = signs.replace(SOFT_HYPHEN, "").split()
    signs = " ".join(words)
    if signs.lower() in _BLANK:
        return Spelled(None)
    if len(signs) > _LONGEST_NUMBER:
        return _too_long(len(signs))
    return _read(_unwrapped(signs), shown)


def _too_long(length: int) -> Spelled:
    found = said(
        "a number has at most {most} characters; this has {length}",
        most=_LONGEST_NUMBER,
        length=length,
    )
    return Spelled(Unreadable(found))


def _unwrapped(text: str) -> str:
    """A text without one full stop after it, quotes, dollars, a spreadsheet's text mark, or an
    equal sign before it."""
    text = _STOP.sub("", text)
    for pattern, meaning in _LATEX:
        text = pattern.sub(meaning, text).strip()
    for _ in range(MOST_WRAPPERS):
        match = _WRAPPED.fullmatch(text)
        if match is None:
            break
        text = _matched(match.groups()).strip()
    return _RAISED.sub(_lowered, text)


def _matched(groups: Iterable[str | None]) -> str:
    """The group of a pattern of alternatives that has matched."""
    for group in groups:
        if group is not None:
            return group
    raise AssertionError("a pattern that matches without any of its groups")


def _lowered(raised: re.Match[str]) -> str:
    digits = [SUPERSCRIPTS[character] for character in raised[1]]
    return "^" + "".join(digits)


def _read(text: str, shown: str) -> Spelled:
    """What a text of plain signs says: a quotient, or a mantissa and perhaps a power of ten."""
    if (fraction := _FRACTION.fullmatch(text)) is not None:
        sign, character = fraction.groups()
        text = sign + unicodedata.normalize("NFKC", character).replace("⁄", "/")
    if (quotient := _QUOTIENT.fullmatch(text)) is not None:
        return Spelled(_quotient(quotient))
    mantissa, exponent = _power(text)
    if not SMALLEST_EXPONENT <= exponent <= LARGEST_EXPONENT:
        found = said(
            "the exponent {exponent} of {typed} is out of range",
            exponent=exponent,
            typed=shortened(shown),
        )
        return Spelled(Unreadable(found))
    read = _mantissa(mantissa, exponent, shown)
    if read is not None:
        return read
    return Spelled(why_unread(text, shown))


def _power(text: str) -> tuple[str, int]:
    """What stands before a power of ten (1 where nothing does), and its exponent."""
    for power in _POWERS:
        if (match := power.fullmatch(text)) is not None:
            before, *exponents = match.groups()
            digits = _matched(exponents).replace(" ", "")
            # 10^-3 alone is one of it.
            if before in ("", "+", "-"):
                before += "1"
            return before, int(digits)
    return text, 0


def _quotient(match: re.Match[str]) -> Read:
    sign, above, below = match.groups()
    if int(below) == 0:
        return Unreadable(said("a division by zero is not a number"))
    numerator = int(sign + above)
    value = Fraction(numerator, int(below))
    return Typed(value, None)


def _mantissa(text: str, exponent: int, shown: str) -> Spelled | None:
    """A number by the marks between its digits; None where they make none."""
    signed = _SIGNED.fullmatch(text)
    assert signed is not None
    sign, body = signed.groups()

    def number(whole: str, part: str | None = "") -> Typed | Unreadable:
        digits = re.sub(r"\D", "", whole)
        return _number(sign, digits, part or "", exponent, shown)

    if (found := _DOUBTFUL.fullmatch(body)) is not None:
        whole, mark, part = found.groups()
        decimal, thousands = number(whole, part), number(whole + part)
        return _doubtful(mark, decimal, thousands, shown)
    if (found := _ONE_MARK.fullmatch(body)) is not None:
        whole, mark, part = found.groups()
        return Spelled(number(whole, part), _shown_by(mark, part))
    if (found := _SPACED.fullmatch(body)) is not None:
        whole, _, mark, part = found.groups()
        return Spelled(number(whole, part), _shown_by(mark, part))
    if (found := _GROUPED.fullmatch(body)) is not None:
        whole, between, mark, part = found.groups()
        read = number(whole, part)
        # 1.234,5 has one reading only, which its sheet is still to confirm.
        if between != "." or whole.count(".") > 1 or mark == "٫":
            shows = frozenset({f"thousands {between}", f"decimal {mark}"})
            return Spelled(read, shows)
        return _doubtful(".", None, read, shown)
    if (found := _ALL_GROUPS.fullmatch(body)) is not None:
        whole, mark = found.groups()
        return _doubtful(mark, None, number(whole), shown)
    return None


def _shown_by(mark: str | None, part: str | None) -> frozenset[str]:
    """That a mark stands before decimals; a mark with nothing behind it shows nothing."""
    if not part:
        return _DECIMAL[None]
    return _DECIMAL[mark]


def _number(sign: str, whole: str, part: str, exponent: int, shown: str) -> Typed | Unreadable:
    if len(whole.lstrip("0")) > MOST_WHOLE_DIGITS:
        found = said(
            "{typed} has more than {most} digits before the decimal mark",
            typed=shortened(shown),
            most=MOST_WHOLE_DIGITS,
        )
        return Unreadable(found)
    digits = whole + part
    last = exponent - len(part)
    units = int(digits)
    if sign == "-":
        units = -units
    # Zeros in front say nothing of how exactly a number is given; the only digit of 0 does.
    significant = len(digits.lstrip("0")) or 1
    # 10**last would be a float for a negative exponent.
    if last >= 0:
        return Typed(Fraction(units * 10**last), last, significant)
    return Typed(Fraction(units, 10**-last), last, significant)


def _doubtful(mark: str, decimal: Read, thousands: Read, shown: str) -> Spelled:
    """A text that its sheet has to settle. By itself a point before three digits is a decimal
    point, as the sheets print it."""
    if not isinstance(thousands, Typed):
        return Spelled(thousands)
    nothing = frozenset[str]()
    if decimal is None:
        doubt = Doubt(mark, None, thousands)
        return Spelled(in_doubt(doubt, shown), nothing, doubt)
    assert isinstance(decimal, Typed)
    doubt = Doubt(mark, decimal, thousands)
    if mark == ".":
        return Spelled(decimal, nothing, doubt)
    return Spelled(in_doubt(doubt, shown), nothing, doubt)


def in_doubt(doubt: Doubt, text: str, note: str = "") -> Unreadable:
    """The reason for a text whose doubt nothing settles. Its readings have points, as every
    student sees which is meant: 1.234 or 1234."""
    one: str = said("two or more numbers")
    if doubt.decimal is not None:
        one = f"{doubt.decimal.number:.15g}"
    return two_ways(text, one, f"{doubt.thousands.number:.15g}", note, ONE_MARK)
