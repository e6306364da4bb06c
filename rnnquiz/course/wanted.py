"""What to make for a class: which documents, how they are laid out, by what."""

from __future__ import annotations

from dataclasses import dataclass

from rnnquiz.assignment import Assignment, PortableAssignment
from rnnquiz.course.issuing import BATCHES, Batches
from rnnquiz.documents.classbook import CLASS
from rnnquiz.documents.produce import BOOK, DOCUMENT_KINDS, TEXTS, Recipe
from rnnquiz.documents.render import PLAIN
from rnnquiz.documents.style import Style
from rnnquiz.languages.catalogue import Language

RETAKE = "attempt-"
ANSWERS = {"yaml": "yaml", "xlsx": "xlsx", "form": "html"}
"""What students can fill in, and the ending of its file."""


@dataclass(frozen=True)
class Wanted:
    """What to make beside sheets, keys and templates: `engine` of the PDFs (none without), `depth`
    of the keys.

    `also` names further documents (of `DOCUMENT_KINDS` and `CLASS`) and further forms of all
    documents (endings of `TEXTS`). Without `documents` the numbers are drawn and stored, and
    nothing else is made. `attempt`: the first, or a retake, whose files have a folder of their own.
    `term`: the folder above is to be that of a term. `language`: in place of that of the
    assignment. `batches`: for how many students is drawn at a time, which changes no number.
    """

    engine: str | None = None
    style: Style = PLAIN
    depth: str = "worked"
    also: tuple[str, ...] = ()
    documents: bool = True
    attempt: int = 1
    term: bool = False
    language: Language | None = None
    batches: Batches = BATCHES

    @property
    def place(self) -> str:
        """The folder of the files in that of the course, with a slash behind it."""
        if self.attempt == 1:
            return ""
        return f"{RETAKE}{self.attempt}/"

    @property
    def kinds(self) -> list[str]:
        """The documents, those of a student and those of the class."""
        if not self.documents:
            return []
        chosen = {"sheets", "keys", *self.also}
        # In the order of the tables, in whichever they were asked for.
        known = dict.fromkeys((*DOCUMENT_KINDS, *CLASS))
        return list(filter(chosen.__contains__, known))

    @property
    def templates(self) -> list[str]:
        """The endings of what students can fill in."""
        if not self.documents:
            return []
        chosen = {"yaml", *self.also}
        found = []
        for word, ending in ANSWERS.items():
            if word in chosen:
                found.append(ending)
        return found

    def recipe(self, assignment: Assignment) -> Recipe:
        """How the documents of an assignment are to be made."""
        # Everything is made out of the TeX: it is always there.
        further = filter(self.also.__contains__, TEXTS)
        endings = tuple(dict.fromkeys(["tex", *further]))
        portable = PortableAssignment.of(assignment)
        return Recipe(portable, self.engine, self.style, endings, self.depth)

    def words(self, kind: str) -> str:
        """The layout of the documents of a kind."""
        depth = "results" if kind == BOOK else self.depth
        return f"{self.engine or 'no'} PDFs, {self.style.words()}, depth {depth}"


SHEETS_AND_KEYS = Wanted()
