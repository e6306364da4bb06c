"""Which sheet counts for each student: names are matched, never guessed, and each sheet that does not count has a line of its own.

Every word that says who it is is looked up (ids, e-mail, names), and all that name anybody must name the same student. A sheet
that names no student belongs to the one whose token it has. A token, where one is given, must be the student's own. Of several
sheets of one student the last counts, by the system's time where it gives one, then in the order of file names and rows; files of
one attempt that do not contradict each other are one sheet; a blank one never takes the place of another. Late sheets are marked
and reported, or refused, as is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.answers import known_boxes
from rnnquiz.identity import AsId, AsName, cleaned
from rnnquiz.roster import Lookup, Student, agreed
from rnnquiz.submissions.origins import is_group, without_group
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.submissions.tabular import PART
from rnnquiz.text import visible

LATE = ("mark", "refuse")


def receive(
    bank: Bank,
    sheets: Sequence[Sheet],
    students: Mapping[str, Student],
    tokens: Mapping[str, str],
    late: str = "mark",
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student; a line for each that does not; of each student none of whose sheets counts, why.

    `late`: what becomes of late ones, one of LATE. `tokens`: the token of each student's variant.
    """
    desk = _Desk(bank, tokens, late)
    owners = _Owners(
        Lookup(students.values()),
        sheets,
        {token: student for student, token in tokens.items()},
        desk.names,
    )
    for sheet, claim in zip(sheets, owners.claims, strict=True):
        desk.take(sheet, owners.checked(sheet, claim))
    return (
        desk.chosen,
        desk.problems,
        {who: why for who, why in desk.refused.items() if who not in desk.chosen},
    )


@dataclass(frozen=True)
class _Claim:
    """Whom a sheet is from, as far as its words say: `student` where that is clear, else `why` not.

    `by_name`: nothing but a name says so. `stranger`: an id beside it that nobody on the roster has. `by_twin`: nothing but an
    id says so that is another student's, too, but for what spreadsheets change.
    """

    student: str | None
    why: str = ""
    by_name: bool = False
    stranger: str = ""
    by_twin: bool = False


class _Owners:
    """Whom the sheets are from. All of them are looked at first: two people of one name are seen only side by side."""

    def __init__(
        self, lookup: Lookup, sheets: Sequence[Sheet], owners: Mapping[str, str], names: _BoxNames
    ) -> None:
        self.lookup, self.owners, self.names = lookup, owners, names
        self.groups = self._prefixes(sheets)
        self.claims = [self._claim(sheet) for sheet in sheets]
        self.strangers: dict[tuple[str, str], set[str]] = {}
        self.twins: Counter[tuple[str, str]] = Counter()
        self.speaking: set[str] = set()
        for sheet, claim in zip(sheets, self.claims, strict=True):
            if claim.student is None or not sheet.place:
                continue
            if claim.by_name and claim.stranger:
                self.strangers.setdefault((sheet.place, claim.student), set()).add(claim.stranger)
            elif sheet.number and claim.student in lookup.named(AsId(sheet.number)):
                self.speaking.add(sheet.place)
            self.twins[sheet.place, claim.student] += claim.by_twin

    def checked(self, sheet: Sheet, claim: _Claim) -> _Claim:
        """The claim, once more beside those of the other sheets of its file or archive. A token of one's own settles it."""
        key = (sheet.place, claim.student or "")
        if claim.student is None or self.owners.get(_token(sheet)) == claim.student:
            return claim
        if claim.by_name and len(self.strangers.get(key, ())) > 1:
            several = ", ".join(sorted(self.strangers[key])[:5])
            return replace(
                claim,
                student=None,
                why=f"{several} have the name of {claim.student!r} -> add that column to the roster",
            )
        if claim.by_name and claim.stranger and sheet.place in self.speaking:
            found = f"{claim.stranger!r} is nobody's id, but the name is that of {claim.student!r}"
            return replace(claim, student=None, why=f"{found} -> check the id")
        if claim.by_twin and self.twins[key] > 1:
            several = ", ".join((claim.student, *self.lookup.twins(claim.student)))
            found = f"{sheet.student!r} stands there more than once, and may be any of {several}: a spreadsheet drops zeros"
            return replace(claim, student=None, why=f"{found} -> check the id")
        return claim

    def _claim(self, sheet: Sheet) -> _Claim:
        words = list(self._words(sheet))
        named = [self.lookup.named(word) for word in words]
        number = self.lookup.named(AsId(sheet.number)) if sheet.number and any(named) else ()
        found = sorted(agreed([*named, number]))
        owner = self.owners.get(_token(sheet))
        if len(found) > 1 and owner in found and _share([*named, number]):
            found = [owner]
        if not found and owner is not None and not sheet.named:
            return _Claim(owner)
        if len(found) != 1:
            return _Claim(None, self._why(sheet, found))
        hits = [word for word, hit in zip(words, named, strict=True) if hit]
        by_id = any(not isinstance(word, AsName) and self.lookup.has_id(word) for word in hits)
        by_twin = by_id and len(hits) == 1 and bool(self.lookup.twins(found[0]))
        mailless = "@" in sheet.number and not self.lookup.by_id[found[0]].email
        stranger = "" if number or mailless else sheet.number
        return _Claim(found[0], "", not by_id and not number, stranger, by_twin)

    def _words(self, sheet: Sheet) -> Iterator[str]:
        """What says whose the sheet is: what the system calls the student; else ids in the text, and the name of the file."""
        for word in (sheet.student, *sheet.known_as):
            yield word
            if isinstance(word, AsName) and sheet.number and not self.lookup.named(word):
                yield from (
                    type(word)(rest)
                    for prefix, rest in without_group(word)
                    if self._is_group(sheet.place, prefix)
                )
        if not sheet.named and not sheet.place:
            yield from self._ids_in(sheet)

    def _ids_in(self, sheet: Sheet) -> Iterator[str]:
        """The ids on the roster that a text holds beside its boxes: a line of its own, a word, or behind a label."""
        labelled = [
            text
            for label, text in sheet.answers.items()
            if _is_label(label) and self.names.is_none(label)
        ]
        for line in (*sheet.lines, *map(visible, labelled)):
            if line in self.lookup.exact and not line.isdecimal():
                yield AsId(line)
            elif len(line.split()) > 1 and self.lookup.named(AsName(line)):
                yield AsName(line)
            yield from self._known(_WORDS.split(line))
        yield from self._known(_PARTS.split(sheet.student))  # answers_4711.txt

    def _known(self, words: Sequence[str]) -> Iterator[str]:
        """The words that are ids of the roster, and nothing else that a text can hold."""
        likely = (word for word in words if _is_like_an_id(word))
        return (AsId(word) for word in likely if cleaned(word) in self.lookup.exact)

    def _prefixes(self, sheets: Sequence[Sheet]) -> Counter[tuple[str, str]]:
        """How many people of an archive have what may be a group in front of their names."""
        people = {(sheet.place, str(word), sheet.number) for sheet in sheets if sheet.number
                  for word in (sheet.student, *sheet.known_as) if isinstance(word, AsName) and "-" in word}  # fmt: skip
        return Counter(
            (place, prefix) for place, name, _ in people for prefix, _ in without_group(name)
        )

    def _is_group(self, place: str, prefix: str) -> bool:
        return is_group(prefix) or self.groups[place, prefix] > 1

    def _why(self, sheet: Sheet, several: Sequence[str]) -> str:
        who = " / ".join(dict.fromkeys(word for word in (sheet.student, *sheet.known_as) if word))[
            :80
        ]
        if len(several) > 1:
            return f"{who!r} may be any of {', '.join(several[:5])} -> check the id"
        return f"no student {who!r} on the roster -> check the id"


def _token(sheet: Sheet) -> str:
    return sheet.token.strip().lower()


def _share(named: Sequence[tuple[str, ...]]) -> bool:
    """True where the words agree, and leave open only which of several students who share them it is."""
    sets = [set(found) for found in named if found]
    return bool(sets and set.intersection(*sets))


_WORDS = re.compile(r"[\s,;:()\[\]<>/|\"=]+")
_PARTS = re.compile(r"[\s_,;()\[\]-]+")
_LABEL = re.compile(r"[^\W\d][^\d\[\](){}=+*/^'|_]*")


def _is_label(text: str) -> bool:
    """True for words in front of a colon that are no formula."""
    return len(text) > 1 and _LABEL.fullmatch(text) is not None


def _is_like_an_id(word: str) -> bool:
    """True for a word of a text that is no plain word and no small number."""
    return len(word) > 2 and any(c.isdigit() or c == "@" for c in word)


class _Desk:
    """Where sheets come in one after the other."""

    def __init__(self, bank: Bank, tokens: Mapping[str, str], late: str) -> None:
        self.tokens, self.late = tokens, late
        self.owners = {token: student for student, token in tokens.items()}
        self.names = _BoxNames(bank)
        self.chosen: dict[str, Sheet] = {}
        self.problems: list[str] = []
        self.refused: dict[str, str] = {}

    def take(self, sheet: Sheet, claim: _Claim) -> None:
        """Keep the sheet, or say why not."""
        student = claim.student
        if student is None:
            self.problems.append(f"{sheet.source}: {claim.why}")
            return
        if student not in self.tokens:
            self.problems.append(
                f"{sheet.source}: {student!r} has no sheet yet -> run rnnquiz generate with the roster"
            )
            return
        sheet = replace(sheet, student=student, answers=Packed(self.names.read(sheet.answers)))
        refusal = self._refusal(sheet, _token(sheet))
        if refusal:
            self.problems.append(f"{sheet.source}: {refusal}")
            self.refused[student] = refusal
            return
        self.problems += [f"{sheet.source}, {remark} ({student!r})" for remark in sheet.remarks]
        if sheet.late:
            self.problems.append(f"{sheet.source}: late, marked all the same ({student!r})")
        self._keep(sheet)

    def _keep(self, sheet: Sheet) -> None:
        """The sheet takes the place of an earlier one, or belongs to it."""
        before = self.chosen.get(sheet.student)
        if before is not None and _belong_together(before, sheet):
            self.problems.append(
                f"{sheet.source}: taken together with {before.source} ({sheet.student!r})"
            )
            sheet = _together(before, sheet)
        elif before is not None:
            self.problems.append(
                f"{before.source}: superseded for {sheet.student!r} by {sheet.source}"
            )
            sheet = replace(sheet, attempts=before.attempts + 1)
        self.chosen[sheet.student] = sheet

    def _refusal(self, sheet: Sheet, token: str) -> str:
        """Why a sheet does not count; empty where it does."""
        if sheet.refusal:
            return f"{sheet.refusal} ({sheet.student!r})"
        if sheet.answers and self.names.boxes.isdisjoint(sheet.answers):
            return "no box of the sheet is named -> use the template, or remove the file"
        if token and token != self.tokens[sheet.student]:
            owner = self.owners.get(token)
            whose = f"is that of {owner!r}" if owner else "is no sheet of this course"
            return f"the token of {sheet.student!r} {whose} -> not marked; ask the student"
        if sheet.late and self.late == "refuse":
            return f"late -> not marked ({sheet.student!r})"
        blank = not any(text.strip() for text in sheet.answers.values())
        if blank and sheet.source.lower().endswith(".pdf"):
            self.problems.append(
                f"{sheet.source}: all fields are empty -> ask {sheet.student!r} whether the filled form was saved"
            )
        if blank and sheet.student in self.chosen:
            return f"blank, {sheet.student!r} has handed in {self.chosen[sheet.student].source} already"
        return ""


def _belong_together(before: Sheet, after: Sheet) -> bool:
    """True for two files of one attempt in which no box has two answers."""
    files = [_file(source) for source in before.source.split(" + ")]
    if not after.attempt or before.attempt != after.attempt or before.time != after.time:
        return False
    old = dict(before.answers.items())
    pairs = [(old.get(box, "").strip(), text.strip()) for box, text in after.answers.items()]
    return _file(after.source) not in files and all(not a or not b or a == b for a, b in pairs)


def _together(before: Sheet, after: Sheet) -> Sheet:
    """Both as one sheet, in the order of the boxes in which they came."""
    answers = dict(before.answers.items())
    answers |= {
        box: text for box, text in after.answers.items() if text.strip() or box not in answers
    }
    return replace(before, answers=Packed(answers), token=before.token or after.token, source=f"{before.source} + {_file(after.source)}",
                   late=before.late or after.late)  # fmt: skip


def _file(source: str) -> str:
    """The file of a sheet, without the row."""
    return re.sub(r", row \d+$", "", source)


class _BoxNames:
    """The boxes of a bank under the names that people and learning systems give them: h1 for h[1], part 3 for the third."""

    def __init__(self, bank: Bank) -> None:
        self.boxes = frozenset(known_boxes(bank))
        self.parts = {f"{PART}{k}": box.name for k, box in enumerate(bank.boxes, start=1)}
        loose: dict[str, set[str]] = {}
        for name in self.boxes:
            loose.setdefault(_loosely(name), set()).add(name)
        self.loose = {key: next(iter(names)) for key, names in loose.items() if len(names) == 1}

    def read(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers by box; a name that is none stays as it is, and so does one that would stand twice."""
        found: dict[str, str] = {}
        for name, text in answers.items():
            box = (
                name
                if name in self.boxes
                else self.parts.get(name) or self.loose.get(_loosely(name), name)
            )
            found[name if (box != name and box in answers) or box in found else box] = text
        return found

    def is_none(self, name: str) -> bool:
        """True for a name that no box has, however it is written."""
        return (
            name not in self.boxes and name not in self.parts and _loosely(name) not in self.loose
        )


_MARKS = str.maketrans(
    {"\u0302": "hat", "∂": "d", "’": "'", "‘": "'", "′": "'", "`": "'", "´": "'"}
)


def _loosely(name: str) -> str:
    """A name without the marks that people leave out when they type: brackets, underscores, spaces; ŷ is yhat, ∂ is d."""
    plain = unicodedata.normalize("NFKD", visible(name)).translate(_MARKS)
    return re.sub(r"[\[\](){}_\s$\\]", "", plain)
