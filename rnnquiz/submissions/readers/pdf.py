"""A sheet whose form fields were filled in, in a PDF."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN, box_name
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.pdf_forms import Form, FormReader, strangers, unreadable
from rnnquiz.submissions.sheets import Sheet, checked
from rnnquiz.submissions.sources import Source

_FORMS = FormReader()


def is_pdf(content: Content) -> bool:
    """Whether a file bears the mark of a PDF."""
    # Other bytes may stand in front of a PDF: viewers look for its mark in the first kilobyte.
    return b"%PDF-" in content.data[:1024]


def read_pdf(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """A filled PDF form, by its token; the names of its fields are those that
    `generate --fillable` gave them.

    What was typed or drawn over the page is in no field: it is said, and a sheet with nothing else
    is refused, not marked as blank.
    """
    form = _FORMS.read(data)
    remedy = "hand in the sheet that was filled in and saved (not printed), or the template"
    if isinstance(form, str):
        raise SubmissionError.at(source, "the PDF", form, remedy)
    answers = _answers(form)
    if not answers:
        raise SubmissionError.at(
            source, "the PDF", "has other fields than those of a sheet", "hand in the sheet itself"
        )
    strange = strangers(form)
    token = form.fields.get(TOKEN, "").strip()
    # A blank sheet is one thing; numbers that are there, but where no program reads them, another.
    if strange and not _is_filled(form) and not form.twice:
        found = f"nothing is in its fields: {'; '.join(strange)}"
        remedy = "ask for the sheet with the numbers in its fields, or mark it by hand"
        raise SubmissionError(source, Problem("the PDF", found, remedy), token)
    sheet = Sheet(Source.of(source), name, token, answers, named=False, notes=tuple(strange))
    yield checked(sheet)


def _answers(form: Form) -> dict[str, str]:
    """What stands in the fields of boxes; the fields of other forms are none."""
    texts = {**form.fields, **unreadable(form)}
    answers: dict[str, str] = {}
    for field, value in texts.items():
        box = box_name(field)
        if field != TOKEN and box is not None:
            answers[box] = value.strip()
    return answers


def _is_filled(form: Form) -> bool:
    """True where anything was typed into a field but the token, which is there from the start."""
    others = form.fields.keys() - {TOKEN}
    texts = (form.fields[field] for field in others)
    return any(map(str.strip, texts))
