"""Whose the sheets are: all words that say so must mean the same student, and nobody is guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from rnnquiz.people.identity import AsId, AsName, cleaned
from rnnquiz.people.roster import Lookup, agreed
from rnnquiz.submissions.origins import is_group, without_group
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.text import visible

LONGEST_WHO = 80  # characters of the words that are shown
_SHORTEST_ID = 3
Claimant = tuple[str, str]  # a place (a file or an archive), and a student


@dataclass(frozen=True)
class NamedOwner:
    """Whom a sheet is from, as far as its words say: `student` where that is clear, else `why`
    not.

    `by_name`: nothing but a name says so. `stranger`: an id beside it that nobody on the roster
    has. `by_twin`: nothing but an id says so that is another student's, too, but for what
    spreadsheets change.
    """

    student: str | None
    why: str = ""
    by_name: bool = False
    stranger: str = ""
    by_twin: bool = False


class Owners:
    """Whom the sheets are from. All of them are looked at first: two people of one name are seen
    only side by side.
    """

    def __init__(
        self,
        lookup: Lookup,
        sheets: Sequence[Sheet],
        owners: Mapping[str, str],
        is_no_box: Callable[[str], bool],
    ) -> None:
        self.lookup, self.owners, self.is_no_box = lookup, owners, is_no_box
        self.groups = self._prefixes(sheets)
        self.claims = [self._claim(sheet) for sheet in sheets]
        self.strangers: dict[Claimant, set[str]] = {}
        self.twins: Counter[Claimant] = Counter()
        self.speaking: set[str] = set()
        for sheet, claim in zip(sheets, self.claims, strict=True):
            if claim.student is None or not sheet.place:
                continue
            key = (sheet.place, claim.student)
            if claim.by_name and claim.stranger:
                strangers = self.strangers.setdefault(key, set())
                strangers.add(claim.stranger)
            elif sheet.number and claim.student in lookup.named(AsId(sheet.number)):
                self.speaking.add(sheet.place)
            self.twins[key] += claim.by_twin

    def checked(self, sheet: Sheet, claim: NamedOwner) -> NamedOwner:
        """The claim, once more beside those of the other sheets of its file or archive. A token of
        one's own settles it.
        """
        key = (sheet.place, claim.student or "")
        owner = self.owners.get(token_written(sheet))
        if claim.student is None or owner == claim.student:
            return claim
        why = ""
        # Two ids under one name are two people, and only one of them can be the one on the roster.
        strangers = sorted(self.strangers.get(key, ()))
        if claim.by_name and len(strangers) > 1:
            several = ", ".join(strangers[:5])
            why = f"{several} have the name of {claim.student!r} -> add that column to the roster"
        # Where the system's ids are those of the roster for others, an unknown one is a stranger's.
        elif claim.by_name and claim.stranger and sheet.place in self.speaking:
            found = f"{claim.stranger!r} is nobody's id, but the name is that of {claim.student!r}"
            why = f"{found} -> check the id"
        elif claim.by_twin and self.twins[key] > 1:
            several = ", ".join((claim.student, *self.lookup.twins(claim.student)))
            found = f"{sheet.student!r} stands there more than once, and may be any of {several}"
            # 0042 and 42 are both 42 then.
            why = f"{found}: a spreadsheet drops zeros -> check the id"
        if not why:
            return claim
        return replace(claim, student=None, why=why)

    def _claim(self, sheet: Sheet) -> NamedOwner:
        words = list(self._words(sheet))
        named = list(map(self.lookup.named, words))
        if not any(named) and not sheet.named and not sheet.place:
            words = list(self._in_path(sheet))
            named = list(map(self.lookup.named, words))
        number: tuple[str, ...] = ()
        if sheet.number and any(named):
            number = self.lookup.named(AsId(sheet.number))
        found = sorted(agreed([*named, number]))
        owner = self.owners.get(token_written(sheet))
        # A token settles which of two students of one name it is, never whose a sheet is against
        # what stands in it: anybody can copy one.
        if len(found) > 1 and owner in found and _share([*named, number]):
            found = [owner]
        if not found and owner is not None and not sheet.named:
            return NamedOwner(owner)
        if len(found) != 1:
            return NamedOwner(None, self._why(sheet, found))
        (student,) = found
        hits = list(compress(words, named))
        by_id = any(map(self._is_id, hits))
        by_twin = by_id and len(hits) == 1 and bool(self.lookup.twins(student))
        email = self.lookup.by_id[student].email
        # A roster without e-mail addresses cannot say that one is a stranger's.
        mailless = "@" in sheet.number and not email
        stranger = "" if number or mailless else sheet.number
        by_name = not by_id and not number
        return NamedOwner(student, "", by_name, stranger, by_twin)

    def _is_id(self, word: str) -> bool:
        return not isinstance(word, AsName) and self.lookup.has_id(word)

    def _words(self, sheet: Sheet) -> Iterator[str]:
        """What says whose the sheet is: what the system calls the student; else ids in the text,
        and the name of the file.
        """
        for word in (sheet.student, *sheet.known_as):
            yield word
            if isinstance(word, AsName) and sheet.number and not self.lookup.named(word):
                for prefix, rest in without_group(word):
                    if self._is_group(sheet.place, prefix):
                        yield type(word)(rest)
        if not sheet.named and not sheet.place:
            yield from self._ids_in(sheet)

    def _ids_in(self, sheet: Sheet) -> Iterator[str]:
        """The ids on the roster that a text holds beside its boxes: a line of its own, a word, or
        behind a label.
        """
        for line in (*sheet.lines, *self._labelled(sheet)):
            # A line of digits alone may be an answer, or the number of a page.
            if line in self.lookup.exact and not line.isdecimal():
                yield AsId(line)
            elif len(line.split()) > 1 and self.lookup.named(AsName(line)):
                yield AsName(line)
            yield from self._known(_WORDS.split(line))
        yield from self._known(_PARTS.split(sheet.student))  # answers_4711.txt

    def _labelled(self, sheet: Sheet) -> Iterator[str]:
        """What stands behind labels that are no boxes."""
        for label, text in sheet.answers.items():
            if _is_label(label) and self.is_no_box(label):
                yield visible(text)

    def _in_path(self, sheet: Sheet) -> Iterator[str]:
        """Where nothing else says whose it is: the ids and names in the path of the file, as in a
        folder for each student."""
        # ILIAS, Teams and people by hand put each student's files into a folder.
        path = sheet.source.path
        folders = path.parent.parts
        for folder in folders:
            yield AsId(folder)
            yield from self._known(_PARTS.split(folder))
        for part in (*folders, path.stem):
            names = (part, *_BESIDE.split(part), part.replace("_", " "))
            # One word alone may be anything.
            for name in names:
                if len(name.split()) > 1:
                    yield AsName(name)

    def _known(self, words: Sequence[str]) -> Iterator[str]:
        """The words that are ids of the roster, and nothing else that a text can hold."""
        for word in filter(_is_like_an_id, words):
            if cleaned(word) in self.lookup.exact:
                yield AsId(word)

    def _prefixes(self, sheets: Sequence[Sheet]) -> Counter[tuple[str, str]]:
        """How many people of an archive have what may be a group in front of their names."""
        # A set: a student with several files is one person.
        people: set[tuple[str, str, str]] = set()
        for sheet in sheets:
            if sheet.number:
                words = (sheet.student, *sheet.known_as)
                names = filter(_is_parted_name, words)
                people.update((sheet.place, str(name), sheet.number) for name in names)
        found: Counter[tuple[str, str]] = Counter()
        for place, name, _ in people:
            found.update((place, prefix) for prefix, _ in without_group(name))
        return found

    def _is_group(self, place: str, prefix: str) -> bool:
        return is_group(prefix) or self.groups[place, prefix] > 1

    def _why(self, sheet: Sheet, several: Sequence[str]) -> str:
        words = filter(None, (sheet.student, *sheet.known_as))
        who = " / ".join(dict.fromkeys(words))[:LONGEST_WHO]
        if len(several) > 1:
            students = ", ".join(several[:5])
            return f"{who!r} may be any of {students} -> check the id"
        return f"no student {who!r} on the roster -> check the id"


def _is_parted_name(word: str) -> bool:
    return isinstance(word, AsName) and "-" in word


def token_written(sheet: Sheet) -> str:
    """The token that stands on a sheet, as tokens are printed."""
    return sheet.token.strip().lower()


def _share(named: Sequence[tuple[str, ...]]) -> bool:
    """True where the words agree, and leave open only which of several students who share them it
    is.
    """
    students = list(map(set, filter(None, named)))
    return bool(students and set.intersection(*students))


_WORDS = re.compile(r"[\s,;:()\[\]<>/|\"=]+")
_PARTS = re.compile(r"[\s_,;()\[\]-]+")
_BESIDE = re.compile(r"\s+[-–]\s+|_+|\s*[()]\s*")
_LABEL = re.compile(r"[^\W\d][^\d\[\](){}=+*/^'|_]*")


def _is_label(text: str) -> bool:
    """True for words in front of a colon that are no formula."""
    if len(text) <= 1:  # one letter is a quantity
        return False
    return _LABEL.fullmatch(text) is not None


def _is_like_an_id(word: str) -> bool:
    """True for a word of a text that is no plain word and no small number."""
    if len(word) < _SHORTEST_ID:
        return False
    # Names of users without a digit, such as  max , are words that a text may hold.
    return "@" in word or any(map(str.isdigit, word))
