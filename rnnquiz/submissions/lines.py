"""Text that people typed, line by line: the name of a box, an equal sign or a colon, a number."""

from __future__ import annotations

import re

from rnnquiz.text import is_invisible, visible

_LINE = re.compile(r"([^=:：＝\t]{1,60}?)\s*[=:：＝\t]\s*(.*)")
_NEXT = re.compile(r"(?:\s*[;,]\s*|\t\s*|(?<=\d)\s{2,})(?=[^\W\d][^=:;,()\t]{0,60}?\s*[=:])")
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
    found = [(part, _LINE.fullmatch(part)) for part in parts]
    pairs = [(visible(match[1]), _value(match[2])) for _, match in found if match]
    rest = [visible(part) for part, match in found if not match]
    return [(key, value) for key, value in pairs if key.lower() not in _NO_BOXES], rest


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
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] == "'" else bare
