"""The documents of several exercises as one: numbered problems, each in its own notation, with the
boxes of a sheet behind the number of their problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rnnquiz.assignment import Assigned, Assignment, numbered
from rnnquiz.documents.asked import AnswerBox, AskedStep, Unknown
from rnnquiz.documents.feedback import adding_up
from rnnquiz.documents.gaps import Derivation
from rnnquiz.documents.parts import plain_marks
from rnnquiz.documents.sheet import circumstances
from rnnquiz.documents.tree import Block, Document, Heading, Paragraph, Space, Table
from rnnquiz.languages.sentences import Message, of_bank, plural, said, strung


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
    front: list[Block] = [*_about(assignment), *_worth(assignment, pages)]
    foot: list[Block] = []
    if assignment.head.signature:
        foot.append(Space(1, said("Date and signature")))
    return as_one(assignment, pages, front, foot)


def feedback_of(
    assignment: Assignment, reviewed: Mapping[int, Reviewed], late: tuple[int, float] = (0, 0.0)
) -> Document:
    """The feedback page: the marks of all problems, then problem by problem. `late`: days, and the
    share of all marks that they cost."""
    pages = {place: (one.exercise, one.page) for place, one in reviewed.items()}
    results = reviewed.values()
    marks = sum(one.marks for one in results)
    maximum = sum(one.maximum for one in results)
    told = list(_of_late(marks, maximum, *late))
    if not assignment.several:
        page = as_one(assignment, pages)
        first, *rest = page.blocks  # the marks, from which something is taken off
        return replace(page, blocks=(first, *told, *rest)) if told else page
    order = sorted(reviewed)
    got = [reviewed[place].marks for place in order]
    of = [reviewed[place].maximum for place in order]
    earned = (said("marks"), *_printed(got))
    worth = (said("of"), *_printed(of))
    header = ("", *map(_problem_words, order), said("Total"))
    table = Table(header, (earned, worth))
    in_all = said("{got:.2f} of {of:.2f} marks", got=sum(got), of=sum(of))
    front: list[Block] = [Paragraph(in_all, "strong"), *told, table]
    return as_one(assignment, pages, front)


def _of_late(marks: float, maximum: float, days: int, share: float) -> Iterator[Paragraph]:
    """What a late sheet costs, and what is left."""
    if not days or not share:
        return
    off = min(marks, share * maximum)  # nobody is left with less than nothing
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
    parts.append(sum(parts))
    return [said("{marks:.2f}", marks=part / 100) for part in parts]


def as_one(
    assignment: Assignment, pages: Pages, front: Sequence[Block] = (), foot: Sequence[Block] = ()
) -> Document:
    """One document of all problems; `front` stands before them, `foot` after them."""
    if assignment.alone:
        return _only(pages)
    blocks = list(front)
    for place, (exercise, page) in sorted(pages.items()):
        blocks += _problem(assignment, place, exercise, page)
    blocks += foot
    # Student, token and language are the same on all of them.
    head, any_page = assignment.head, _only(pages)
    title, course = of_bank(head.title), of_bank(head.course)
    return replace(any_page, title=title, course=course, blocks=tuple(blocks))


def of_attempt(document: Document, attempt: int) -> Document:
    """A document that says which attempt it is of, where that is not the first: below its title,
    or where it has none (a page of a book) at the top of its pages, where nothing is cut."""
    if attempt == 1:
        return document
    if not document.titled:
        course = strung(" · ", [_attempt(attempt), document.course])
        return replace(document, course=course)
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
        yield _with_number(block, place)


def _with_number(block: Block, place: int) -> Block:
    """The boxes of a block, if it has any, behind the number of their problem."""
    if isinstance(block, AskedStep):
        unknowns = (_numbered(unknown, place) for unknown in block.unknowns)
        return replace(block, unknowns=tuple(unknowns))
    if not isinstance(block, Derivation):
        return block
    rows = []
    for row in block.rows:
        if row.gap is not None:
            row = replace(row, gap=_numbered(row.gap, place))
        rows.append(row)
    return replace(block, rows=tuple(rows))


def _numbered(unknown: Unknown, place: int) -> Unknown:
    def named(box: AnswerBox) -> AnswerBox:
        return replace(box, name=numbered(place, box.name))

    rows = tuple(tuple(map(named, row)) for row in unknown.rows)
    # A name with a number can be wider than a box, also where the place stays free.
    free = tuple(_numbered(other, place) for other in unknown.free)
    return replace(unknown, rows=rows, free=free)


def _about(assignment: Assignment) -> Iterator[Paragraph]:
    """When and where, as far as the assignment says."""
    lines = list(circumstances(assignment.head.due, "", assignment.head.handing_in))
    if lines:
        yield Paragraph(strung(" ", lines), "note")


def _worth(assignment: Assignment, pages: Pages) -> Iterator[Table]:
    """The marks of each problem, and of all."""
    if not assignment.several:
        return
    order = sorted(pages)
    exercises = [exercise for exercise, _ in map(pages.__getitem__, order)]
    marks = [exercise.marks for exercise in exercises]
    marks.append(sum(marks))
    header = ("", *map(_problem_words, order), said("Total"))
    row = (said("marks"), *map(plain_marks, marks))
    yield Table(header, (row,))


def _problem_words(place: int) -> Message:
    return said("Problem {place}", place=place)
