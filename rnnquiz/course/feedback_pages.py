"""The feedback pages of some marked sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnquiz.assignment import Assigned
from rnnquiz.course.bundles import MarkedPaper, MarkingOptions, StudentBundle
from rnnquiz.documents.bound import Reviewed
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.parts import SharedBlocks
from rnnquiz.documents.render import render
from rnnquiz.documents.tree import Document
from rnnquiz.solution.solved import solve_all

PAGES_TOGETHER = 50  # pages typeset together; the bytes of a PDF depend on it
ReviewedByPlace = dict[int, Reviewed]


def reviewed(
    options: MarkingOptions, exercise: Assigned, papers: Sequence[MarkedPaper]
) -> Iterator[tuple[str, Reviewed]]:
    """The feedback on one exercise for each student, where pages are wanted."""
    if not options.pages:
        return
    variants = [one.paper.variant for one in papers]
    solutions = solve_all(exercise.bank, variants).one_by_one
    # The network is drawn once: it is the same on all pages.
    drawing = SharedBlocks.of(exercise.bank).drawing
    for one, solution in zip(papers, solutions, strict=True):
        student = one.paper.student
        page = feedback(one.marked, one.n, solution, student.shown, one.reading, drawing)
        yield student.id, Reviewed(page, exercise, one.marks, one.maximum)


def set_pages(
    options: MarkingOptions, piece: StudentBundle, documents: Sequence[Document]
) -> tuple[dict[str, bytes], list[str]]:
    """The feedback page of each student, as HTML, as Markdown and by an engine as PDF; a line for
    each PDF that cannot be set."""
    files: dict[str, bytes] = {}
    stems = [f"feedback/{student.stem}" for student in piece.students]
    for stem, document in zip(stems, documents, strict=True):
        page, text = render(document, "html"), render(document, "markdown")
        files |= {f"{stem}.html": page.encode(), f"{stem}.md": text.encode()}
    if not options.engine:
        return files, []
    from rnnquiz.documents.engines import pdfs

    problems = []
    for start in range(0, len(documents), PAGES_TOGETHER):
        part = slice(start, start + PAGES_TOGETHER)
        made = pdfs(documents[part], options.engine)
        for stem, pdf in zip(stems[part], made, strict=True):
            if isinstance(pdf, bytes):
                files[f"{stem}.pdf"] = pdf
            # The page is there as HTML all the same.
            else:
                problems.append(f"{stem}.pdf: {pdf}")
    return files, problems
