"""What a report is made of: sentences, tables, pictures and maps of heat under headings; numbers as
they are printed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rnnquiz.direction import isolated
from rnnquiz.report.framing import Picture
from rnnquiz.report.labels import Label, LabelledText
from rnnquiz.report.marking import Marking

MOST_NAMES_TOGETHER = 30  # in one sentence or cell: in a class of a thousand nobody reads on


@dataclass(frozen=True)
class Remark:
    """A sentence or more; tone: plain, note or strong."""

    text: LabelledText
    tone: str = "plain"
    kind: str = "paragraph"


@dataclass(frozen=True)
class DataTable:
    """A table; right: the columns set to the right, as numbers are. Folded: it says once more what
    a picture shows, for those who do not see it, and stands behind a fold."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[LabelledText, ...], ...]
    right: tuple[bool, ...]
    folded: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class ShadedCell:
    """A share as it is printed, and how dark it is shown: 0 to 1."""

    text: str
    shade: float


HeatRow = tuple[Label, tuple[ShadedCell | None, ...]]


@dataclass(frozen=True)
class HeatGroup:
    """The rows of one kind; on paper the map is split between groups, never within one."""

    heading: str
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True)
class Heat:
    """Shares by quantity (rows, in groups) and time (columns); None where there is no box."""

    caption: str
    columns: tuple[str, ...]
    groups: tuple[HeatGroup, ...]
    kind: str = "heat"


ReportBlock = Remark | DataTable | Picture | Heat
Blocks = Iterator[ReportBlock]


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; those of the appendix come last."""

    heading: str
    blocks: tuple[ReportBlock, ...]
    appendix: bool = False


def table(
    caption: str,
    header: str,
    rows: Sequence[tuple[LabelledText, ...]],
    words: int = 1,
    folded: bool = False,
) -> DataTable:
    """A table with the header's columns, parted by |; the first `words` hold words, the others
    numbers."""
    names = tuple(header.split("|"))
    columns = range(len(names))
    # Numbers stand with their last digits below each other.
    right = tuple(k >= words for k in columns)
    return DataTable(caption, names, tuple(rows), right, folded)


def rounded_text(value: float, digits: int = 2) -> str:
    """A number to some digits after the point, a dash where there is none."""
    if math.isnan(value):
        return "–"
    # Adding 0 takes the minus from a number that was rounded to zero.
    rounded = round(value, digits) + 0.0
    return _with_minus(f"{rounded:.{digits}f}")


def percent(share: float) -> str:
    """A share in whole per cent; a dash where there is none."""
    if math.isnan(share):
        return "–"
    # A hard space: the sign never begins a line.
    return _with_minus(f"{100 * share:.0f}\u00a0%")


def _with_minus(number: str) -> str:
    # A hyphen is narrower than digits, and a line may break behind it.
    return number.replace("-", "−")


def whom(marking: Marking, students: Sequence[int]) -> str:
    """Up to thirty students by name, then how many more."""
    shown = students[:MOST_NAMES_TOGETHER]
    names = [who(marking, n) for n in shown]
    return _and_more(names, len(students))


def first_and_more(words: Sequence[str]) -> str:
    """Up to thirty, then how many more."""
    return _and_more(words[:MOST_NAMES_TOGETHER], len(words))


def _and_more(shown: Sequence[str], count: int) -> str:
    rest = count - len(shown)
    return ", ".join(shown) + more(rest)


def who(marking: Marking, n: int) -> str:
    """How the report calls the student in row `n`."""
    student, name = marking.students[n], marking.names[n]
    return named(student, name)


def named(student: str, name: str) -> str:
    """A name with the id, which tells two of one name apart."""
    if not name or name == student:
        return student
    # A name that is written from right to left would take the brackets along.
    return f"{isolated(name)} ({student})"


def in_a_list(parts: Sequence[tuple[str | Label, ...]]) -> tuple[str | Label, ...]:
    """Parts with commas between them."""
    said: list[str | Label] = []
    for part in parts:
        said += [", ", *part]
    return tuple(said[1:])


def more(count: int) -> str:
    """How many of a list are not named."""
    if count <= 0:
        return ""
    return f" and {count} more"
