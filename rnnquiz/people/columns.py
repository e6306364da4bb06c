"""What the columns of a roster are: which row is the header, and which column says who a student
is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rnnquiz.errors import CourseError
from rnnquiz.files.workbook import Row
from rnnquiz.people import headings
from rnnquiz.people.heading_words import EMAIL, FIRST, FULL, ID, LAST, OTHER, SECOND
from rnnquiz.people.headings import PEOPLE
from rnnquiz.people.identity import cleaned, participant, squeezed
from rnnquiz.text import visible

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
        for k in self.ids:
            # Rows may be shorter than the header: spreadsheets drop empty cells at the end.
            if k < len(cells) and (found := cleaned(cells[k])):
                return found
        return ""

    def mail(self, cells: Sequence[str]) -> str:
        """The e-mail in a row: that of the first column that has one."""
        mails = (visible(cells[k]) for k in self.emails)
        return next(filter(None, mails), "")

    def first_filled(self, cells: Sequence[str]) -> int | None:
        """The best column of ids that has something in this row, which is as long as the header."""
        return next(self.filled(cells), None)

    def filled(self, cells: Sequence[str]) -> Iterator[int]:
        """The columns of ids, best first, that have something in this row."""
        for k in (*self.ids, *self.known):
            if cells[k]:
                yield k

    def names(self, *roles: str) -> str:
        """The headings of the columns with these roles."""
        found = []
        for role in roles:
            for heading, own in zip(self.header, self.roles, strict=True):
                if own == role:
                    found.append(repr(heading.strip()))
        return " and ".join(found)


def score(cells: Sequence[str], wanted: Mapping[str, str]) -> int:
    """How much a row looks like the header: how many kinds of columns it names; 0 where it can be
    none.
    """
    named = list(filter(None, wanted.values()))
    # With headings that the teacher names, a row is the header if it has them, and else is not.
    if named:
        if any(column_at(cells, word) is None for word in named):
            return 0
        return len(cells)
    if not headings.has_people(cells) and not (wanted[ID] or headings.columns_of(cells, EMAIL)):
        return 0
    roles = set(headings.roles_of(cells))
    return len(roles.intersection(PEOPLE))


def best(rows: Sequence[Row], wanted: Mapping[str, str]) -> tuple[int, int]:
    """The best score of a row that may be the header, and which row that is, the first of
    several."""
    above = rows[:_MOST_ROWS_ABOVE]
    if not above:
        return 0, 0
    scores = [score(cells, wanted) for _, cells in above]
    # The first of several: rows below the header may hold words that could be headings.
    greatest = max(scores)
    return greatest, scores.index(greatest)


def column_at(header: Sequence[str], heading: str) -> int | None:
    """The column with this heading, however its marks are written."""
    plain = [visible(cell).casefold() for cell in header]
    word = visible(heading).casefold()
    if word in plain:
        return plain.index(word)
    # Of a heading of signs alone nothing is left, and every such heading would be the same.
    bare = squeezed(heading)
    squeezed_header = [squeezed(cell) for cell in header]
    if bare and bare in squeezed_header:
        return squeezed_header.index(bare)
    return None


def columns_in(source: str, head: Row, rows: Sequence[Row], wanted: Mapping[str, str]) -> Columns:
    """What each column is; CourseError names those that there are."""
    number, header = head
    roles = _roles(source, header, wanted)
    emails = _with_role(roles, EMAIL)
    ids = _ids(header, roles, rows, bool(emails))
    if wanted[ID]:
        # What the teacher names comes before what is guessed.
        first = column_at(header, wanted[ID])
        assert first is not None
        ids = list(dict.fromkeys([first, *ids]))
    if not ids and not emails:
        missing = f"no column is an id; found {_there(header)}"
        remedy = "name one column: id, or say which it is: --id-column HEADING"
        raise CourseError.at(source, f"row {number}", missing, remedy)
    # Where a course has no ids, the e-mail tells its students apart.
    best_id = ids[:1] or emails[:1]
    return Columns(header, roles, best_id, ids[1:], emails)


def _there(header: Sequence[str]) -> str:
    """The headings that there are, for a message."""
    filled = filter(None, map(str.strip, header))
    return ", ".join(filled)[:300]


def _roles(source: str, header: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    """What each column is, those that the teacher names as said."""
    roles = list(headings.roles_of(header))
    for role, option in ((ID, "--id-column"), (FULL, "--name-column")):
        if not wanted[role]:
            continue
        column = column_at(header, wanted[role])
        if column is None:
            missing = f"there is no column {wanted[role]!r}"
            remedy = f"the columns are: {_there(header)}"
            raise CourseError.at(source, option, missing, remedy)
        if role == FULL:
            # The name is in that column alone: what was taken for a part of it is not.
            roles = [_but_names(own) for own in roles]
        roles[column] = role
    return roles


def _but_names(role: str) -> str:
    if role in (FULL, FIRST, LAST, SECOND):
        return OTHER
    return role


def _ids(
    header: Sequence[str], roles: Sequence[str], rows: Sequence[Row], mails: bool
) -> list[int]:
    """The columns of ids, best first. One that counts the rows is none where there are others,
    Moodle's numbers of participants are none where there are e-mails.
    """
    columns = _with_role(roles, ID)
    columns.sort(key=lambda k: headings.rank_of(header[k]))
    people, counting, rest = [], [], []
    for k in columns:
        words = _words_below(rows, k)
        if not words:
            continue
        if _are_participants(words):
            people.append(k)
        elif headings.is_generic(header[k]) and _count(words):
            counting.append(k)
        else:
            rest.append(k)
    if rest or counting:
        return [*(rest or counting), *people]
    if mails:
        return []
    return people or columns[:1]


def _with_role(roles: Sequence[str], wanted: str) -> list[int]:
    found = []
    for k, role in enumerate(roles):
        if role == wanted:
            found.append(k)
    return found


def _words_below(rows: Sequence[Row], column: int) -> list[str]:
    """What stands in a column, blank cells left out."""
    words = []
    for _, cells in rows:
        if column < len(cells) and (word := cleaned(cells[column])):
            words.append(word)
    return words


def _are_participants(words: Sequence[str]) -> bool:
    """True where most are Moodle's words for a participant."""
    # Not all: a teacher who is enrolled has no such number, and a row may be a remark.
    count = sum(participant(word) is not None for word in words)
    return count > len(words) / 2


def _count(words: Sequence[str]) -> bool:
    """True for 1, 2, 3, ..."""
    numbers = map(str, range(1, len(words) + 1))
    return list(words) == list(numbers)
