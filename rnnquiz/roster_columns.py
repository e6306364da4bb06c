"""What the columns of a roster are: which row is the header, and which column says who a student
is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnquiz import headings
from rnnquiz.errors import CourseError
from rnnquiz.headings import EMAIL, FIRST, FULL, ID, LAST, OTHER, PEOPLE, SECOND
from rnnquiz.identity import cleaned, participant, squeezed
from rnnquiz.text import visible
from rnnquiz.workbook import Row

_MOST_ROWS_ABOVE = 30  # the header


@dataclass(frozen=True)
class Columns:
    """Where in a row what stands: `ids` best first, `known` further ids, `emails` best first,
    `roles` of all columns."""

    header: Sequence[str]
    roles: Sequence[str]
    ids: Sequence[int]
    known: Sequence[int]
    emails: Sequence[int]

    def id(self, cells: Sequence[str]) -> str:
        """The id in a row; empty where its column has none."""
        found = (cleaned(cells[k]) for k in self.ids if k < len(cells))
        return next(filter(None, found), "")

    def mail(self, cells: Sequence[str]) -> str:
        """The e-mail in a row: that of the first column that has one."""
        return next((mail for k in self.emails if (mail := visible(cells[k]))), "")

    def names(self, *roles: str) -> str:
        """The headings of the columns with these roles."""
        return " and ".join(
            repr(self.header[k].strip())
            for role in roles
            for k, own in enumerate(self.roles)
            if own == role
        )


def score(cells: Sequence[str], wanted: Mapping[str, str]) -> int:
    """How much a row looks like the header: how many kinds of columns it names; 0 where it can be
    none.
    """
    named = [word for word in wanted.values() if word]
    if named:
        return len(cells) if all(column_at(cells, word) is not None for word in named) else 0
    if not headings.has_people(cells) and not (wanted[ID] or headings.columns_of(cells, EMAIL)):
        return 0
    return len({role for role in headings.roles_of(cells) if role in PEOPLE})


def best(rows: Sequence[Row], wanted: Mapping[str, str]) -> tuple[int, int]:
    """The best score of a row that may be the header, and which row that is, the first of
    several."""
    scores = [score(cells, wanted) for _, cells in rows[:_MOST_ROWS_ABOVE]]
    return max(scores, default=0), scores.index(max(scores)) if scores else 0


def column_at(header: Sequence[str], heading: str) -> int | None:
    """The column with this heading, however its marks are written."""
    plain = [visible(cell).casefold() for cell in header]
    if (word := visible(heading).casefold()) in plain:
        return plain.index(word)
    bare = [squeezed(cell) for cell in header]
    return (
        bare.index(squeezed(heading)) if squeezed(heading) in bare and squeezed(heading) else None
    )


def columns_in(source: str, head: Row, rows: Sequence[Row], wanted: Mapping[str, str]) -> Columns:
    """What each column is; CourseError names those that there are."""
    number, header = head
    there = ", ".join(cell.strip() for cell in header if cell.strip())[:300]
    roles = headings.roles_of(header)
    for role, option in ((ID, "--id-column"), (FULL, "--name-column")):
        if not wanted[role]:
            continue
        column = column_at(header, wanted[role])
        if column is None:
            raise CourseError.at(
                source, option, f"there is no column {wanted[role]!r}", f"the columns are: {there}"
            )
        if role == FULL:
            roles = [OTHER if old in (FULL, FIRST, LAST, SECOND) else old for old in roles]
        roles[column] = role
    emails = [k for k, role in enumerate(roles) if role == EMAIL]
    ids = _ids(header, roles, rows, bool(emails))
    if wanted[ID]:
        first = column_at(header, wanted[ID])
        ids = [k for k in (first, *(k for k in ids if k != first)) if k is not None]
    if not ids and not emails:
        found = f"no column is an id; found {there}"
        raise CourseError.at(
            source,
            f"row {number}",
            found,
            "name one column: id, or say which it is: --id-column HEADING",
        )
    return Columns(header, roles, ids[:1] or emails[:1], ids[1:], emails)


def _ids(
    header: Sequence[str], roles: Sequence[str], rows: Sequence[Row], mails: bool
) -> list[int]:
    """The columns of ids, best first. One that counts the rows is none where there are others,
    Moodle's numbers of participants are none where there are e-mails.
    """
    ids = (k for k, role in enumerate(roles) if role == ID)
    columns = sorted(ids, key=lambda k: headings.rank_of(header[k]))
    words = {k: _words_below(rows, k) for k in columns}
    full = [k for k in columns if words[k]]
    people = [k for k in full if _are_participants(words[k])]
    counting = [k for k in full if headings.is_generic(header[k]) and _count(words[k])]
    rest = [k for k in full if k not in people and k not in counting]
    if rest or counting:
        return [*(rest or counting), *people]
    return [] if mails else people or columns[:1]


def _words_below(rows: Sequence[Row], column: int) -> list[str]:
    """What stands in a column, blank cells left out."""
    cells = (cleaned(cells[column]) for _, cells in rows if column < len(cells))
    return [cell for cell in cells if cell]


def _are_participants(words: Sequence[str]) -> bool:
    """True where most are Moodle's words for a participant."""
    return sum(participant(word) is not None for word in words) * 2 > len(words)


def _count(words: Sequence[str]) -> bool:
    """True for 1, 2, 3, ..."""
    return list(words) == [str(number) for number in range(1, len(words) + 1)]
