"""One exercise in a few lines of Python: a bank and a variant of it, its worked solution, and marks
for answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rnnquiz.bank.load import load_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.notebook import fragment
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.tree import Document
from rnnquiz.files.resources import bank_path
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.exercises import Exercises
from rnnquiz.grade.mark import BoxResult, Finding, Marked, mark_on
from rnnquiz.handing_in import texts_by_box
from rnnquiz.pages.layout.opening import page_of
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader, Reading
from rnnquiz.solution.solved import Solution, solve
from rnnquiz.text import shortened
from rnnquiz.variants.issue import issue_variants

PRACTICE = b"rnnquiz practice: numbers of no course"  # known to everybody, and so no secret


@dataclass(frozen=True)
class Sheet:
    """A marked sheet; shows itself as a feedback page in a notebook."""

    exercise: Exercise
    marked: Marked

    @property
    def marks(self) -> float:
        """The marks of the sheet."""
        # Of what is marked here all arrays have one row.
        return float(self.marked.totals[0])

    @property
    def maximum(self) -> float:
        """The marks that a sheet without a mistake has."""
        return float(self.marked.maxima[0])

    @property
    def boxes(self) -> tuple[BoxResult, ...]:
        """What became of each box, in the order of the sheet."""
        return tuple(self.marked.results(0))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The first wrong step and what follows from it, and mistakes made again and again."""
        return self.marked.findings(0)

    def __repr__(self) -> str:
        marks = f"{self.marks:.2f} of {self.maximum:.2f} marks"
        return f"<Sheet of {self.exercise.bank.written.id}: {marks}>"

    def _repr_html_(self) -> str:
        # A fragment: the styles of a page must not reach the rest of the notebook.
        return fragment(render(self.annotated(), "html"))

    def annotated(self) -> Document:
        """The feedback page."""
        return feedback(self.marked, 0, self.exercise.solution, self.exercise.variant.student)


@dataclass(frozen=True, repr=False)
class PageSheet(Sheet):
    """A marked page; shows itself with its own lines annotated."""

    reading: Reading

    def annotated(self) -> Document:
        """The page with marks in its margin, and each box below."""
        return feedback(
            self.marked, 0, self.exercise.solution, self.exercise.variant.student, self.reading
        )


@dataclass(frozen=True)
class Exercise:
    """A bank with one variant of its numbers; shows itself as its sheet in a notebook."""

    bank: Bank
    variant: Variant

    @classmethod
    def load(
        cls, path: str | Path, student: str = "anyone", secret: bytes = PRACTICE, notation: str = ""
    ) -> Exercise:
        """The bank at `path` (or shipped under that name) with the numbers of `student` under
        `secret`, in a notation.

        Without a secret the numbers are for practice: they are those of no course. BankError where
        the bank is at fault.
        """
        bank = load_bank(bank_path(path), notation)
        return cls.of(bank, student, secret)

    @classmethod
    def of(cls, bank: Bank, student: str = "anyone", secret: bytes = PRACTICE) -> Exercise:
        """A bank with the numbers of `student` under `secret`."""
        variants, _ = issue_variants(bank, secret, [(student, 1)])
        return cls(bank, variants[0])

    @cached_property
    def solution(self) -> Solution:
        """The worked solution."""
        return solve(self.bank, self.variant)

    @cached_property
    def _diagnosis(self) -> Diagnosis:
        """The mistakes that are looked for, worked out once."""
        return Diagnosis(self.bank)

    @cached_property
    def _exercises(self) -> Exercises:
        """The variant alone; what is judged on it is remembered for the next sheet."""
        # The next sheet mostly differs in a few boxes: what stands before them is not judged again.
        return Exercises(self.bank, arrays_of(self.bank, [self.variant]), remembers=True)

    def mark(self, answers: Mapping[str, object]) -> Sheet:
        """Mark answers by box name (h[2], dL[3]/dU, U_new.1.2): texts as typed, numbers, None for a
        blank.

        A vector or matrix may be given whole, as a list or an array: {"h[2]": [0.1, 0.2]}.
        SubmissionError lists all names that are no box, with the nearest that are, and all values
        that do not fit.
        """
        texts = [texts_by_box(self.bank, answers)]
        return Sheet(self, mark_on(self._exercises, texts, self._diagnosis))

    def read(self, page: str | Path) -> PageSheet:
        """Read and mark a worked page: its text (Markdown or LaTeX mathematics, or plain), or the
        path of a file.

        What was not read is in `reading.placed.unread`, with its place and the reason.
        SubmissionError where the file is no page.
        """
        # By its type alone: a text that looks like a path is still a text.
        if isinstance(page, Path):
            opened = page_of(page.read_bytes(), page.suffix, str(page))
            return self.mark_page(opened)
        return self.mark_page(page_of(page.encode(), ""))

    def mark_page(self, page: Page) -> PageSheet:
        """Mark a page that has been opened."""
        reading = self._reader.read(page, self.variant)
        marked = mark_on(self._exercises, [reading.answers], self._diagnosis)
        return PageSheet(self, with_lines(marked, [reading]), reading)

    @cached_property
    def _reader(self) -> PageReader:
        return PageReader(self.bank)

    def _repr_html_(self) -> str:
        own = sheet(self.bank, self.variant, self.variant.student)
        return fragment(render(own, "html"))

    def __repr__(self) -> str:
        return f"<Exercise {self.bank.written.id}, numbers of {shortened(self.variant.student)}>"
