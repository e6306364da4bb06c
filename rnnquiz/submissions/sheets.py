"""What one student handed in, and the limits that every reader keeps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, replace
from typing import ClassVar

from rnnquiz.errors import SubmissionError
from rnnquiz.pages.layout.page import Page
from rnnquiz.people import headings
from rnnquiz.people.identity import AsName
from rnnquiz.submissions.sources import Source
from rnnquiz.text import visible

LARGEST_SHEET = 256 * 1024  # characters of one student: 2000 boxes with a line of text each
MOST_ANSWERS = 2000  # boxes; the largest bank (sizes of 8, 12 steps) asks fewer
MOST_LINES_KEPT, LONGEST_LINE_KEPT = 50, 200  # kept of a text beside its boxes
TWICE = "stands twice"
MOST_PATTERNS = 10_000  # sets of boxes whose names are shared


class Packed(Mapping[str, str]):
    """Answers kept as one text, so that a hundred thousand sheets fit into memory; sheets with the
    same boxes share the names.
    """

    __slots__ = ("names", "text")
    _known: ClassVar[dict[tuple[str, ...], tuple[str, ...]]] = {}

    def __init__(self, answers: Mapping[str, str]) -> None:
        names = tuple(answers)
        # Tables with headings of their own must not fill the memory; sheets keep what they have.
        if len(self._known) > MOST_PATTERNS:
            self._known.clear()
        self.names = self._known.setdefault(names, names)
        texts = list(answers.values())
        self.text = json.dumps(texts)

    def __getitem__(self, name: str) -> str:
        return self._unpacked()[name]

    def _unpacked(self) -> dict[str, str]:
        texts = json.loads(self.text)
        return dict(zip(self.names, texts, strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __len__(self) -> int:
        return len(self.names)

    def values(self) -> ValuesView[str]:
        """What was typed in each box."""
        return self._unpacked().values()

    def items(self) -> ItemsView[str, str]:
        """The boxes with what was typed in them."""
        return self._unpacked().items()


@dataclass(frozen=True)
class Sheet:
    """Raw texts by box name, and where they were found.

    `named`: the student stands in the sheet itself, and not only in the name of the file.
    `known_as`: what else the learning system called the student, best first. `time`: when it was
    handed in (ISO 8601, as the system wrote it), where that is known. `attempts`: how many sheets
    the student has handed in so far. `number`: the system's own number or id of the student, which
    is one person within `place`, a file or an archive. `attempt`: what was handed in together has
    the same. `lines`: what else stands in a text. `notes`: what the teacher is to be told of it.
    `refusal`: why the sheet cannot count, whatever else is right. `response`: it is the
    response to a quiz, whose boxes are numbered. `numbers`: the token of the sheet whose numbers
    the student had; empty for the student's own. `page`: a worked page, whose boxes are read when
    it is marked. `parts`: of a page of several problems, that of each by its number. `shown`: of a
    quiz on several problems, the key of each exercise that was shown, with the token of the sheet
    whose numbers it had. `days`: how many days late it is, and `taken_off` the share of all marks
    that this costs.
    """

    source: Source
    student: str
    token: str
    answers: Mapping[str, str]
    named: bool = True
    known_as: tuple[str, ...] = ()
    time: str = ""
    late: bool = False
    attempts: int = 1
    number: str = ""
    place: str = ""
    attempt: str = ""
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""
    response: bool = False
    numbers: str = ""
    page: Page | None = None
    parts: tuple[tuple[int, Page], ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    days: int = 0
    taken_off: float = 0.0


def checked(sheet: Sheet) -> Sheet:
    """The sheet, where all of it is text that can be written down again; SubmissionError where it
    is not.
    """
    people = (sheet.student, *sheet.known_as, sheet.token)
    boxes = (*sheet.answers, *sheet.answers.values())
    try:
        "".join((*people, *boxes, *sheet.lines)).encode()
    except UnicodeEncodeError:
        raise SubmissionError.at(
            str(sheet.source), "the file", "has halves of characters", "save it in UTF-8"
        ) from None
    return sheet


def single(
    source: str, pairs: list[tuple[str, str]], name: str, lines: Sequence[str] = ()
) -> Sheet:
    """The sheet of one student from pairs of box and answer; pairs such as `student`, `e-mail` and
    `token` say whose it is.
    """
    if len(pairs) > MOST_ANSWERS:
        raise SubmissionError.at(source, "rows", f"more than {MOST_ANSWERS}", "one sheet a file")
    if twice := first_repeated(box for box, _ in pairs):
        raise SubmissionError.at(source, twice, TWICE, "keep one row for each box")
    values = {visible(box): text for box, text in pairs}
    token = _taken_token(values)
    labels = list(filter(_is_of_people, values))
    people = [values.pop(label) for label in labels]
    words = headings.words_in_row(labels, people)
    first = lines[:MOST_LINES_KEPT]
    kept = tuple(line[:LONGEST_LINE_KEPT] for line in first)
    sheet = sheet_for(source, words, name)
    whole = replace(sheet, token=visible(token), answers=values, lines=kept)
    return checked(whole)


def _taken_token(values: dict[str, str]) -> str:
    """The token among the boxes, which is none of them any more."""
    for box in values:
        if box.casefold() == "token":
            return values.pop(box)
    return ""


def _is_of_people(label: str) -> bool:
    return headings.role_of(label) in headings.PEOPLE


def sheet_for(source: str, words: Sequence[str], name: str) -> Sheet:
    """An empty sheet of the student whom the words mean; the name of the file counts, too, unless
    they give an id.
    """
    named = bool(words)
    # A name or an address may fit nobody, or two: then the name of the file may help.
    if not any(map(_is_an_id, words)):
        words = (*words, name)
    student, *others = words
    return Sheet(Source.of(source), student, "", {}, named, tuple(others))


def _is_an_id(word: str) -> bool:
    return not isinstance(word, AsName) and "@" not in word


def first_repeated(names: Iterable[str]) -> str:
    """The first name that stands twice; empty where none does."""
    for name, count in Counter(names).items():
        if count > 1:
            return name
    return ""
