"""What the columns of a table hold, by their headings as they stand beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from rnnquiz.people.heading_words import EMAIL, FIRST, FULL, ID, LAST, SECOND, WORDS
from rnnquiz.people.identity import AsId, AsName, squeezed


def _by_word() -> dict[str, str]:
    """The role of each word, squeezed; of a word with several that which stands first."""
    found: dict[str, str] = {}
    for role, words in WORDS.items():
        for word in words:
            # Of a heading in signs alone, such as #, nothing is left: it stays as it is.
            found.setdefault(squeezed(word) or word, role)
    return found


def _by_rank() -> dict[str, int]:
    found: dict[str, int] = {}
    # A word that is there twice counts where it is first.
    for rank, word in enumerate(WORDS[ID]):
        found.setdefault(squeezed(word), rank)
    return found


_ROLES = _by_word()
_RANKS = _by_rank()
PEOPLE = (ID, FULL, FIRST, LAST, SECOND, EMAIL)
_PARTS = (FIRST, LAST, SECOND)
# Which mean a whole name, or one part of it beside a column for the other.
_SHORT = frozenset(
    map(squeezed, ("name", "nom", "nome", "naam", "namn", "navn", "nimi", "név", "nama"))
)
# Programs that make forms and tables number their rows under these.
_GENERIC = frozenset(
    map(squeezed, ("id", "number", "student", "identifier", "código", "numara", "index"))
)
# What Microsoft Forms and Google Forms write, in several languages.
_FORM = frozenset(map(squeezed, (
    "start time", "completion time", "timestamp", "startzeit", "fertigstellungszeit",
    "zeitstempel", "hora de inicio", "hora de finalización", "heure de début", "heure de fin",
    "horodateur", "marca temporal", "ora di inizio", "ora di completamento", "submission time",
)))  # fmt: skip


@lru_cache(maxsize=4096)
def role_of(heading: str) -> str:
    """What the column holds, one of the roles; empty where the heading is none of those
    known.
    """
    # Forms mark what must be filled in with a star, and end their questions with a colon.
    text = heading.strip().strip("*:").strip()
    word = squeezed(text)
    if word in _ROLES:
        return _ROLES[word]
    return _ROLES.get(text, "")


def rank_of(heading: str) -> int:
    """How well a column of ids says who a student is: the less, the better."""
    unknown = len(_RANKS)
    return _RANKS.get(squeezed(heading), unknown)


def roles_of(header: Sequence[str]) -> list[str]:
    """The role of each column, as it is among the others.

    A column  Name  is the last name beside  Vorname  (Nom beside Prénom), the first beside
    Cognome ; Student  is a name beside ids.
    """
    roles = [role_of(heading) for heading in header]
    words = [_word_of(heading, role) for heading, role in zip(header, roles, strict=True)]
    short = [word in _SHORT for word in words]
    # With one of the two parts there, the first short heading is the other one.
    if True in short and (FIRST in roles) != (LAST in roles):
        missing = FIRST
        if FIRST in roles:
            missing = LAST
        column = short.index(True)
        roles[column] = missing
    nameless = {FULL, FIRST, LAST}.isdisjoint(roles)
    # Canvas heads its column of names so, beside ID and SIS User ID.
    if "student" in words and roles.count(ID) > 1 and nameless:
        roles[words.index("student")] = FULL
    return roles


def _word_of(heading: str, role: str) -> str:
    """The heading of a column of names or ids, squeezed; nothing of another."""
    if role not in (FULL, ID):
        return ""
    return squeezed(heading)


def columns_of(header: Sequence[str], *roles: str) -> list[int]:
    """The columns with one of the roles, from the left."""
    found = []
    for k, role in enumerate(roles_of(header)):
        if role in roles:
            found.append(k)
    return found


def is_generic(heading: str) -> bool:
    """True for a heading such as ID, which heads students' ids, but counters of rows and of
    responses as well.
    """
    return squeezed(heading) in _GENERIC


def is_form(header: Sequence[str]) -> bool:
    """True for the answers to a form, which numbers them in its first column."""
    return not _FORM.isdisjoint(map(squeezed, header))


def has_people(header: Sequence[str]) -> bool:
    """True where a row of cells is the header of a table of people: it has a column of ids, or of
    e-mails and names.
    """
    roles = set(map(role_of, header))
    if ID in roles:
        return True
    # A heading such as Name alone is that of many tables.
    named = not roles.isdisjoint({FULL, FIRST, LAST})
    return EMAIL in roles and named


def joined_name(roles: Sequence[str], cells: Sequence[str]) -> str:
    """The name in a row: that of the column of full names, else first name and last names."""
    texts: dict[str, str] = {}
    for role, cell in zip(roles, padded(cells, len(roles)), strict=True):
        if cell.strip():
            texts.setdefault(role, cell.strip())  # of several columns the first
    if FULL in texts:
        return texts[FULL]
    parts = [texts.get(role, "") for role in _PARTS]
    return " ".join(filter(None, parts))


_KINDS: dict[str, Callable[[str], str]] = {ID: AsId, EMAIL: AsId, FULL: AsName}


class People:
    """Who the rows of a table say that a student is: what stands in each column of people, but for
    those to leave out.
    """

    def __init__(self, header: Sequence[str], leave_out: Sequence[int] = ()) -> None:
        by_role: dict[str, list[int]] = {}
        for k, role in enumerate(roles_of(header)):
            if k not in leave_out:
                by_role.setdefault(role, []).append(k)
        self.whole: list[tuple[int, WordKind]] = []
        for role, kind in _KINDS.items():
            for k in by_role.get(role, ()):
                # A column  Student  can hold an id or a name.
                if squeezed(header[k]) == "student":
                    self.whole.append((k, str))
                else:
                    self.whole.append((k, kind))
        self.parts: list[int] = []
        for part in _PARTS:
            self.parts += by_role.get(part, ())

    def words(self, cells: Sequence[str]) -> list[str]:
        """The words of a row, ids first; a name in parts is one."""
        found = []
        for k, kind in self.whole:
            if text := _text_at(cells, k):
                found.append(kind(text))
        parts = filter(None, (_text_at(cells, k) for k in self.parts))
        if name := " ".join(parts):
            found.append(AsName(name))
        return found


def _text_at(cells: Sequence[str], column: int) -> str:
    """What stands in a cell; nothing past the end of a short row."""
    if column >= len(cells):
        return ""
    return cells[column].strip()


def words_in_row(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    """The words of one row under its header."""
    return People(header).words(cells)


def padded(cells: Sequence[str], width: int) -> list[str]:
    """The first cells of a row, as many as there are columns."""
    # Spreadsheets drop empty cells at the end of a row.
    missing = width - len(cells)
    return [*cells[:width], *[""] * missing]


WordKind = Callable[[str], str]
