"""Text that people typed, line by line: the name of a box, an equal sign or a colon, a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rnnquiz import headings
from rnnquiz.fields import TOKEN
from rnnquiz.text import is_invisible, visible

_LINE = re.compile(r"([^=:：＝\t]{1,60}?)\s*[=:：＝\t]\s*(.*)")
_OF = r"\d{1,2}\s*[:/]\s*"  # the number of a problem before the name of a box
_NUMBERED = re.compile(rf"[\"']?({_OF})([^\W\d][^=:：＝\t]{{0,60}}?)[\"']?\s*[=:：＝\t]\s*(.*)")
_HEADING = re.compile(r"(?:[^\W\d]+\.?\s*)?(\d{1,2})\s*[.):]?(?:\s+[^\W\d].*)?")
"""Problem 2; 2.; Exercise 2: through time"""
_NEXT = re.compile(
    rf"(?:\s*[;,]\s*|\t\s*|(?<=\d)\s{{2,}})(?=(?:{_OF})?[^\W\d][^=:;,()\t]{{0,60}}?\s*[=:])"
)
"""What parts two boxes on one line: a mark or a gap before a name and its equal sign."""
_NUMBER_AND_NAME = re.compile(
    r"\s*[-+−]?\d[\d.,]*(?:[eE][-+]?\d+)?\s*(?:[^\W\d]+\s+)?(?![eE][-+]?\d)[^\W\d][^\s=:;,*]*\s*"
)
_TYPED = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "′": "'", "‚": "'"}
)
_NO_BOXES = ("answers", "course", "assignment")  # keys of the template


def typed(text: str) -> str:
    """A text without the marks that programs put in for typing: blanks of other widths, curly
    quotes, marks of the encoding.
    """
    return "\n".join(_plain_line(line) for line in text.translate(_TYPED).split("\n"))


def _plain_line(line: str) -> str:
    if line.isascii() and "\t" not in line:
        return line
    seen = "".join(c for c in line if c == "\t" or not is_invisible(c))
    rest = seen.lstrip()
    indent = "".join("  " if c == "\t" else " " for c in seen[: len(seen) - len(rest)])
    return indent + "".join(" " if c != "\t" and c.isspace() else c for c in rest)


def boxes_in(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of a box and its answer, and the other lines.

    Boxes of one line are parted by commas, semicolons or tabs; of a chain of equal signs the last
    number counts. A line that may give two, but is not parted, gives none that can be read.
    """
    rows = text.translate(_TYPED).splitlines()
    lines = [line for row in rows if (line := _bare(row)) and not line.startswith("#")]
    parts = [part for line in lines for part in _NEXT.split(line)]
    found = [(part, _pair(part)) for part in parts]
    pairs = [pair for _, pair in found if pair]
    rest = [visible(part) for part, pair in found if not pair]
    kept = [(key, value) for key, value in pairs if key.lower() not in _NO_BOXES]
    if len(dict(kept)) < len(kept):
        under = list(_under_headings(parts))
        kept = under if len(dict(under)) == len(under) else kept
    return kept, rest


def _pair(part: str) -> tuple[str, str] | None:
    """The box and its answer; the number of a problem before the name belongs to it."""
    if found := _NUMBERED.fullmatch(part):
        number = "".join(c for c in found[1] if c.isdigit())
        return f"{number}: {visible(found[2])}", _value(found[3])
    match = _LINE.fullmatch(part)
    if match:
        return (visible(match[1]), _value(match[2]))
    return None


def _under_headings(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pairs, each with the number of the heading above it: where several problems have boxes of
    one name, only that tells them apart."""
    number = ""
    for part in parts:
        heading, pair = _HEADING.fullmatch(part.lstrip("# ")), _pair(part)
        if heading is not None:
            number = heading[1]
        elif pair is not None and pair[0].lower() not in _NO_BOXES:
            plain = _NUMBERED.fullmatch(part) is not None or not number or _is_about(pair[0])
            yield pair if plain else (f"{number}: {pair[0]}", pair[1])


def _is_about(label: str) -> bool:
    """True for a label that says whose the sheet is."""
    return label.casefold() == TOKEN or headings.role_of(label) in headings.PEOPLE


def _bare(line: str) -> str:
    """A line without blanks, invisible characters and list marks around it."""
    return (
        "".join(c for c in line if c == "\t" or not is_invisible(c)).strip().lstrip("-*•– ").strip()
    )


def _value(chain: str) -> str:
    """The last number of a chain of equal signs; all of the text where a number is followed by what
    may be the name of another box.
    """
    chain = chain.partition(" #")[0].strip()
    *before, last = re.split("[=＝]", chain)
    text = chain if any(_NUMBER_AND_NAME.fullmatch(part) for part in before) else last.strip()
    bare = text.strip('"').strip()  # also where one of two is missing
    if len(bare) > 1 and bare[0] == bare[-1] == "'":
        return bare[1:-1].strip()
    return bare
