"""Code and what it printed, line by line: matrices on one line, with commas, and without the names
that libraries put around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_ROWS = 12  # of one printed matrix

_KEY = re.compile(r"""(['"])([^\W\d][\w\[\]]*)\1(?=[ \t]*:)""")  # 'h_2': 0.717


def bare_line(line: str) -> str:
    """A line of code without the sign of a comment, and of a printed table its names and numbers
    alone."""
    bare = re.sub(r"^(\s*)#", r"\1 ", line.rstrip("\n"))
    if _KEY.search(bare):
        bare = _KEY.sub(r" \2 ", bare).replace("{", " ").replace("}", " ")
    return bare


_NUMBERS = r"(?:[ \t]+[-+]?\d[\d.e+-]*)+[ \t]*"  # of one row
_COLUMN = re.compile(rf"(?<==)([ \t]*\n(?:[ \t]*\n)?)({_NUMBERS}(?:\n{_NUMBERS})*)(?=\n|$)")


def _on_one_line(found: re.Match[str]) -> str:
    """A matrix that is printed below its name, behind it: as long as it was."""
    rows = found[2].split("\n")
    inner = ";".join(_BLANK_BETWEEN.sub(",", row) for row in rows)
    before = found[1].replace("\n", " ")
    # Two blanks make room for the brackets: what stands below keeps its place on the page.
    return f"{before[1:]}[{inner[1:]}]"


_BLANK_BETWEEN = re.compile(r"(?<=[\d.])[ \t](?=[ \t]*[-+\d])")  # two numbers


_ARRAY = re.compile(r"\b(?:np\.)?(?:array|tensor)\((\s*\[[^()]*\])(?:,\s*dtype=[\w.]+)?\)")


_ENTRIES = re.compile(
    r"\[[ \t]*[-+]?[\d.]+(?:e[-+]?\d+)?(?:[ \t]+[-+]?[\d.]+(?:e[-+]?\d+)?)+[ \t]*\]"
)


def _with_commas(found: re.Match[str]) -> str:
    """[0.1 -0.2], as a program prints it, with commas: it is no difference."""
    return re.sub(r"(?<=[\d.])[ \t](?=[ \t]*[-+\d.])", ",", found.group())


def printed_lines(content: str) -> Iterator[str]:
    """The lines of a block of code; the rows of one printed matrix are one line, and array( is
    blank."""
    bare = _ARRAY.sub(_bare_array, content)
    bare = _COLUMN.sub(_on_one_line, bare)
    lines = _ENTRIES.sub(_with_commas, bare).splitlines(keepends=True)
    while lines:
        taken = _rows_of_one_matrix(lines)
        rows = "".join(lines[:taken])
        if taken > 1:
            rows = re.sub(r"(?<=\])\n(?=\s*\[)", ",", rows).replace("\n", " ")
        yield rows
        del lines[:taken]


def _rows_of_one_matrix(lines: list[str]) -> int:
    """How many lines are the rows of one matrix; 1 where the brackets are not closed in time."""
    taken, depth = 1, _depth(lines[0])
    while depth > 0 and taken < min(len(lines), MOST_ROWS):
        line = lines[taken]
        if "=" in line or not line.strip().startswith("["):
            break
        depth += _depth(line)
        taken += 1
    return 1 if depth else taken


def _depth(line: str) -> int:
    return line.count("[") - line.count("]")


def _bare_array(found: re.Match[str]) -> str:
    """The array alone, where it stood."""
    opening = found.start(1) - found.start()
    closing = found.end() - found.end(1)
    before, after = " " * opening, " " * closing
    return f"{before}{found[1]}{after}"
