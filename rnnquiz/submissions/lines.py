"""Text that people typed, line by line: the name of a box, an equal sign or a colon, a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from rnnquiz.fields import TOKEN
from rnnquiz.people import headings
from rnnquiz.text import is_invisible, visible

# What is longer than sixty characters in front of a mark is a sentence, and no name of a box.
_LINE = re.compile(r"([^=:：＝≈\t]{1,60}?)\s*[=:：＝≈\t]\s*(.*)")
_OF = r"\d{1,2}\s*[:/]\s*"  # the number of a problem before the name of a box
_NUMBERED = re.compile(rf"[\"']?({_OF})([^\W\d][^=:：＝≈\t]{{0,60}}?)[\"']?\s*[=:：＝≈\t]\s*(.*)")
_HEADING = re.compile(r"(?:[^\W\d]+\.?\s*)?(\d{1,2})\s*[.):]?(?:\s+[^\W\d].*)?")
"""Problem 2; 2.; Exercise 2: through time"""
_NEXT = re.compile(
    rf"(?:\s*[;,]\s*|\t\s*|(?<=\d)\s{{2,}})(?=(?:{_OF})?[^\W\d][^=:≈;,()\t]{{0,60}}?\s*[=:≈])"
)
"""What parts two boxes on one line: a mark or a gap before a name and its equal sign."""
_NUMBER_AND_NAME = re.compile(
    r"\s*[-+−]?\d[\d.,]*(?:[eE][-+]?\d+)?\s*(?:[^\W\d]+\s+)?(?![eE][-+]?\d)[^\W\d][^\s=:≈;,*]*\s*"
)
_TYPED = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "′": "'", "‚": "'"}
)
_NO_BOXES = ("answers", "course", "assignment")  # keys of the template


def typed(text: str) -> str:
    """A text without the marks that programs put in for typing: blanks of other widths, curly
    quotes, marks of the encoding.
    """
    lines = text.translate(_TYPED).split("\n")
    return "\n".join(map(_plain_line, lines))


def _plain_line(line: str) -> str:
    if line.isascii() and "\t" not in line:
        return line
    seen = _without_invisible(line)
    rest = seen.lstrip()
    before = len(seen) - len(rest)
    # The depth of an entry of YAML is the width before it: a tab counts two, another blank one.
    indent = map(_as_indent, seen[:before])
    return "".join(chain(indent, map(_as_blank, rest)))


def _without_invisible(line: str) -> str:
    """A line without what cannot be seen, but with its tabs."""
    return "".join(filter(_is_seen, line))


def _is_seen(character: str) -> bool:
    return character == "\t" or not is_invisible(character)


def _as_indent(blank: str) -> str:
    """YAML knows no tabs: two blanks, as the template has them."""
    return "  " if blank == "\t" else " "


def _as_blank(character: str) -> str:
    """Blanks of all widths as blanks; a tab parts two boxes, and stays."""
    if character != "\t" and character.isspace():
        return " "
    return character


def boxes_in(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of a box and its answer, and the other lines.

    Boxes of one line are parted by commas, semicolons or tabs; of a chain of equal signs the last
    number counts. A line that may give two, but is not parted, gives none that can be read.
    """
    plain = text.translate(_TYPED)
    parts = list(_parts(plain))
    kept: list[tuple[str, str]] = []
    rest: list[str] = []
    for part in parts:
        pair = _pair(part)
        if pair is None:
            rest.append(visible(part))
        elif pair[0].lower() not in _NO_BOXES:
            kept.append(pair)
    if _has_twice(kept):
        under = list(_under_headings(parts))
        if not _has_twice(under):
            kept = under
    return kept, rest


def _parts(text: str) -> Iterator[str]:
    """The lines that are no comment, each parted where another box begins."""
    for row in text.splitlines():
        line = _bare(row)
        if line and not line.startswith("#"):
            yield from _NEXT.split(line)


def _has_twice(pairs: Sequence[tuple[str, str]]) -> bool:
    labels = dict(pairs)
    return len(labels) < len(pairs)


def _pair(part: str) -> tuple[str, str] | None:
    """The box and its answer; the number of a problem before the name belongs to it."""
    if found := _NUMBERED.fullmatch(part):
        number = "".join(filter(str.isdigit, found[1]))
        name = visible(found[2])
        return f"{number}: {name}", _value(found[3])
    match = _LINE.fullmatch(part)
    if match:
        label, statements = match.groups()
        return visible(label), _value(statements)
    return None


def _under_headings(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pairs, each with the number of the heading above it: where several problems have boxes of
    one name, only that tells them apart."""
    number = ""
    for part in parts:
        heading = _HEADING.fullmatch(part.lstrip("# "))
        pair = _pair(part)
        if heading is not None:
            number = heading[1]
            continue
        if pair is None or pair[0].lower() in _NO_BOXES:
            continue
        name, value = pair
        if number and not _NUMBERED.fullmatch(part) and not _is_about(name):
            name = f"{number}: {name}"
        yield name, value


def _is_about(label: str) -> bool:
    """True for a label that says whose the sheet is."""
    if label.casefold() == TOKEN:
        return True
    return headings.role_of(label) in headings.PEOPLE


def _bare(line: str) -> str:
    """A line without blanks, invisible characters and list marks around it."""
    seen = _without_invisible(line).strip()
    return seen.lstrip("-*•– ").strip()


def _value(statements: str) -> str:
    """The last number of a chain of equal signs, or of ≈; all of the text where a number is
    followed by what may be the name of another box.
    """
    text, _, _ = statements.partition(" #")
    text = text.strip()
    *before, last = re.split("[=＝≈]", text)
    # 0.604 h[2] = 0.7  has lost what parts two boxes: neither number may be taken for the first.
    if not any(map(_NUMBER_AND_NAME.fullmatch, before)):
        text = last.strip()
    bare = text.strip('"').strip()  # also where one of two is missing
    # One ' alone stays: it is the mark with which a spreadsheet guards a text.
    if len(bare) > 1 and bare[0] == bare[-1] == "'":
        return bare[1:-1].strip()
    return bare
