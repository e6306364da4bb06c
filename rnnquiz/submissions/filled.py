"""A sheet whose form fields were filled in, in a PDF."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN, box_name
from rnnquiz.submissions.pdf_forms import FormReader, strangers, unreadable
from rnnquiz.submissions.sheets import Sheet, checked

_FORMS = FormReader()


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
    texts = {**form.fields, **unreadable(form)}
    own = {field: value.strip() for field, value in texts.items() if field != TOKEN}
    answers = {box: value for field, value in own.items() if (box := box_name(field)) is not None}
    if not answers:
        raise SubmissionError.at(
            source, "the PDF", "has other fields than those of a sheet", "hand in the sheet itself"
        )
    strange, token = strangers(form), form.fields.get(TOKEN, "").strip()
    filled = any(form.fields[field].strip() for field in own)
    if strange and not filled and not form.twice:
        found = f"nothing is in its fields: {'; '.join(strange)}"
        remedy = "ask for the sheet with the numbers in its fields, or mark it by hand"
        raise SubmissionError(source, Problem("the PDF", found, remedy), token)
    yield checked(Sheet(source, name, token, answers, named=False, notes=tuple(strange)))
