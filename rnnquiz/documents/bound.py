"""The documents of several exercises as one: numbered problems, each in its own notation, with the
boxes of a sheet behind the number of their problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rnnquiz.assignment import Assigned, Assignment, numbered
from rnnquiz.documents.feedback import adding_up
from rnnquiz.documents.parts import plain_marks
from rnnquiz.documents.tree import (
    AnswerBox,
    AskedStep,
    Block,
    Document,
    Heading,
    Paragraph,
    Space,
    Table,
    Unknown,
)
from rnnquiz.languages.sentences import Message, plural, said, strung


@dataclass(frozen=True)
class Reviewed:
    """The feedback on one exercise, the marks that it got, and those that it could get."""

    page: Document
    exercise: Assigned
    marks: float
    maximum: float


Pages = Mapping[int, tuple[Assigned, Document]]
"""The document of each exercise of a student, by its place."""


def sheet_of(assignment: Assignment, pages: Pages) -> Document:
    """The problem sheet: what the assignment is, what each problem is worth, then the problems."""
    if assignment.alone:
        return _only(pages)
    foot = [Space(1, "Date and signature")] if assignment.head.signature else []
    return as_one(assignment, pages, [*_about(assignment), *_worth(assignment, pages)], foot)


def feedback_of(
    assignment: Assignment, reviewed: Mapping[int, Reviewed], late: tuple[int, float] = (0, 0.0)
) -> Document:
    """The feedback page: the marks of all problems, then problem by problem. `late`: days, and the
    share of all marks that they cost."""
    pages = {place: (one.exercise, one.page) for place, one in reviewed.items()}
    marks = sum(one.marks for one in reviewed.values())
    maximum = sum(one.maximum for one in reviewed.values())
    told = list(_of_late(marks, maximum, *late))
    if not assignment.several:
        page = as_one(assignment, pages)
        first, *rest = page.blocks
        return replace(page, blocks=(first, *told, *rest)) if told else page
    order = sorted(reviewed)
    got = [reviewed[place].marks for place in order]
    of = [reviewed[place].maximum for place in order]
    rows = [
        (said("marks"), *_printed(got)),
        (said("of"), *_printed(of)),
    ]
    total = Paragraph(said("{got:.2f} of {of:.2f} marks", got=sum(got), of=sum(of)), "strong")
    problems = [said("Problem {place}", place=place) for place in order]
    header = ("", *problems, said("Total"))
    return as_one(assignment, pages, [total, *told, Table(header, tuple(rows))])


def _of_late(marks: float, maximum: float, days: int, share: float) -> Iterator[Paragraph]:
    """What a late sheet costs, and what is left."""
    if not days or not share:
        return
    off = min(marks, share * maximum)
    taken = said(
        "{late}, so {percent:.0f}% of {of:.2f} marks are taken off: {left:.2f} marks count.",
        late=plural("{n} day late", "{n} days late", days),
        percent=100 * share,
        of=maximum,
        left=marks - off,
    )
    yield Paragraph(taken, "strong")


def _printed(marks: Sequence[float]) -> list[Message]:
    """Marks and their sum, as they are printed, so that what is printed adds up."""
    parts = adding_up(marks, sum(marks))
    return [said("{marks:.2f}", marks=part / 100) for part in (*parts, sum(parts))]


def as_one(
    assignment: Assignment, pages: Pages, front: Sequence[Block] = (), foot: Sequence[Block] = ()
) -> Document:
    """One document of all problems; `front` stands before them, `foot` after them."""
    if assignment.alone:
        return _only(pages)
    blocks = [
        block
        for place, (exercise, page) in sorted(pages.items())
        for block in _problem(assignment, place, exercise, page)
    ]
    any_page = _only(pages)
    head = assignment.head
    whole = (*front, *blocks, *foot)
    return replace(any_page, title=head.title, course=head.course, blocks=whole)


def of_attempt(document: Document, attempt: int) -> Document:
    """A document that says which attempt it is of, where that is not the first: below its title,
    or where it has none (a page of a book) at the top of its pages, where nothing is cut."""
    if attempt == 1:
        return document
    if not document.titled:
        return replace(document, course=strung(" · ", [_attempt(attempt), document.course]))
    if not document.subtitle:
        return replace(document, subtitle=_attempt(attempt))
    both = said("{title}, attempt {attempt}", title=document.subtitle, attempt=attempt)
    return replace(document, subtitle=both)


def _attempt(attempt: int) -> Message:
    return said("Attempt {attempt}", attempt=attempt)


def _only(pages: Pages) -> Document:
    return next(page for _, page in pages.values())


def _problem(
    assignment: Assignment, place: int, exercise: Assigned, page: Document
) -> Iterator[Block]:
    """The blocks of one problem, below its heading; without one where it is the only problem."""
    if not assignment.several:
        yield from page.blocks
        return
    heading = said(
        "Problem {place}: {title} ({marks} marks)",
        place=place,
        title=page.title,
        marks=plain_marks(exercise.marks),
    )
    yield Heading(heading, 0, notation=page.notation)
    for block in page.blocks:
        yield _with_numbers(block, exercise) if isinstance(block, AskedStep) else block


def _with_numbers(block: AskedStep, exercise: Assigned) -> AskedStep:
    """The boxes behind the number of their problem."""
    return replace(block, unknowns=tuple(_named(unknown, exercise) for unknown in block.unknowns))


def _named(unknown: Unknown, exercise: Assigned) -> Unknown:
    rows = [tuple(_box(box, exercise) for box in row) for row in unknown.rows]
    return replace(unknown, rows=tuple(rows))


def _box(box: AnswerBox, exercise: Assigned) -> AnswerBox:
    return replace(box, name=numbered(exercise.place, box.name))


def _about(assignment: Assignment) -> Iterator[Paragraph]:
    """When and where, as far as the assignment says."""
    told = {"Due": assignment.head.due, "Hand in": assignment.head.handing_in}
    lines = [f"{word}: {text.strip().rstrip('.')}." for word, text in told.items() if text.strip()]
    if lines:
        yield Paragraph(" ".join(lines), "note")


def _worth(assignment: Assignment, pages: Pages) -> Iterator[Table]:
    """The marks of each problem, and of all."""
    if not assignment.several:
        return
    marks = [exercise.marks for _, (exercise, _) in sorted(pages.items())]
    shown = [plain_marks(part) for part in (*marks, sum(marks))]
    problems = [f"Problem {place}" for place in sorted(pages)]
    yield Table(("", *problems, "Total"), (("marks", *shown),))
