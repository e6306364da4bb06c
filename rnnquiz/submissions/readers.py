"""One reader for each format in which students hand in, in a literal table; the format is found by
content.

A reader gets the bytes and gives sheets; what cannot be read is a SubmissionError, never an
exception of a library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rnnquiz import headings, strict_yaml
from rnnquiz.encodings import decode
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN, box_name
from rnnquiz.numerals import with_decimal_commas
from rnnquiz.pages.pieces import ENDINGS, is_worked
from rnnquiz.submissions.answer_page import is_answer_page, read_answer_page
from rnnquiz.submissions.lines import boxes_in, typed
from rnnquiz.submissions.online_text import text_of_page
from rnnquiz.submissions.pdf_forms import FormReader, strangers, unreadable
from rnnquiz.submissions.sheets import (
    LARGEST_SHEET,
    MOST_ANSWERS,
    TWICE,
    Packed,
    Sheet,
    checked,
    doubled,
    named,
    single,
)
from rnnquiz.submissions.tabular import MOST_ROWS_ABOVE, Table, is_header, is_pairs, sheets_of
from rnnquiz.submissions.worked import read_page
from rnnquiz.tables import TableProblem, delimited
from rnnquiz.text import visible
from rnnquiz.workbook import Row, WorkbookProblem, is_workbook, sheets_in

_NUMBER_ALONE = re.compile(r"answers\.\d{1,2}")
"""Where 2: h[1] = 0.6 was written for two boxes of one problem: the number is a key twice."""
_RUN_ON = re.compile(r"\s[^\s:=]+\s*[:=]")
"""A value that goes on with the name of another box: behind that, no space was typed, and YAML has
taken it for text.
"""


def _sheet(source: str, data: Any, name: str) -> Sheet:
    """A sheet from the mapping that YAML and JSON submissions are."""
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        raise SubmissionError(
            source,
            Problem(
                "the file",
                "has no answers",
                "write  student: ...  and  answers:  as in the template",
            ),
        )
    unknown = set(data) - {"student", "name", "token", "answers", "course", "assignment"}
    if unknown:
        key = repr(min(map(str, unknown)))[:80]
        raise SubmissionError(
            source, Problem(key, "is not a key of a submission", "use the keys of the template")
        )
    if len(data["answers"]) > MOST_ANSWERS:
        raise SubmissionError(
            source, Problem("answers", f"more than {MOST_ANSWERS}", "one sheet a file")
        )
    texts = {}
    for box, value in data["answers"].items():
        if isinstance(value, dict | list):
            raise SubmissionError(
                source,
                Problem(
                    f"answers.{box}", "is not a single number", "write one number for each box"
                ),
            )
        texts[str(box)] = "" if value is None else str(value)
    who = [visible(str(data.get(key) or "")) for key in ("student", "name")]
    sheet = named(source, headings.words_of(("student", "name"), who), name)
    return checked(replace(sheet, token=visible(str(data.get("token") or "")), answers=texts))


def read_yaml(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The template, or what was typed in its form by hand: where that is not quite YAML, its lines
    are read, one for each box.
    """
    text = typed(decode(data)[0])
    try:
        content, _ = strict_yaml.load(text, LARGEST_SHEET)
    except strict_yaml.YamlProblem as error:
        problem = SubmissionError(source, error.problem)
        lines = error.problem.where == "YAML" or _NUMBER_ALONE.fullmatch(error.problem.where)
        if not lines or error.problem.found == "more than one document":
            raise problem from None
    else:
        try:
            sheet = _sheet(source, content, name)
            numbers = any(box.isdecimal() for box in sheet.answers)  # 2: h[1] = 0.6
            if not numbers and not any(_RUN_ON.search(value) for value in sheet.answers.values()):
                yield sheet
                return
            problem = SubmissionError(
                source, Problem("answers", "two boxes on one line", "write one line for each box")
            )
        except SubmissionError as error:
            problem = error
        if not _is_flat(content):
            raise problem
    try:
        sheets = list(read_text(source, text.encode("utf-8", "replace"), name))
    except SubmissionError as error:
        twice = error.problems[0].found == TWICE
        raise (error if twice else problem) from None
    yield from sheets


def _is_flat(content: Any) -> bool:
    """True where lines say as much: scalars, and mappings of scalars, also one by one in a list."""
    rows = list(content.values()) if isinstance(content, dict) else [content]
    return all(isinstance(row, str) or _holds_scalars(row) for row in rows)


def _holds_scalars(row: Any) -> bool:
    if isinstance(row, list):
        return all(isinstance(item, dict) and _holds_scalars(item) for item in row)
    return all(isinstance(value, str) for value in row.values())


def read_json(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    try:
        content = json.loads(
            decode(data)[0],
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_no_duplicates,
        )
    except (ValueError, RecursionError) as error:
        raise SubmissionError(
            source, Problem("JSON", str(error)[:200], "check commas and quotes")
        ) from None
    items = content if isinstance(content, list) else [content]
    items = (
        items[0] if len(items) == 1 and isinstance(items[0], list) else items
    )  # Moodle writes a list in a list
    if (
        items
        and isinstance(items[0], dict)
        and "answers" not in items[0]
        and is_header(list(items[0]))
    ):
        yield from sheets_of(Table(source, _rows(source, items)), name)
    else:
        yield from (_sheet(source, item, name) for item in items)


def _rows(source: str, items: Sequence[Any]) -> Iterator[Row]:
    """A list of objects as a table, as Moodle writes a quiz's responses; its header is row 0."""
    header = [str(key) for key in items[0]]
    yield 0, header
    for number, item in enumerate(items, start=1):
        if (
            not isinstance(item, dict)
            or list(item) != header
            or any(isinstance(value, dict | list) for value in item.values())
        ):
            raise SubmissionError(
                source,
                Problem(f"item {number}", "has other keys than the first", "export it again"),
            )
        yield number, ["" if value is None else str(value) for value in item.values()]


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    "".join(
        key for key, _ in pairs
    ).encode()  # half of a character could not even be shown in a message
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read_csv(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Two columns box, answer for one student; a row for each student and a column for each box; or
    a quiz's responses.

    Where semicolons part the cells, a comma stands before decimals in all that the numbers of a
    sheet leave open.
    """
    try:
        table = delimited(data, is_header)
        comma = table.separator == ","
        rows = Table(source, table.rows(), comma, table.longest() if comma else 0)
        sheets = list(sheets_of(rows, name))
    except TableProblem as error:
        raise SubmissionError(
            source, Problem("CSV", str(error), "save it as CSV in UTF-8")
        ) from None
    for sheet in sheets:
        pointed = Packed(_with_commas(sheet.answers)) if table.separator == ";" else sheet.answers
        yield replace(sheet, answers=pointed)


def _with_commas(answers: Mapping[str, str]) -> dict[str, str]:
    return dict(zip(answers, with_decimal_commas(tuple(answers.values())), strict=True))


def read_xlsx(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The same tables as in CSV, from every sheet of the workbook that has one; the boxes of one
    student can stand on several.
    """
    try:
        tables = [rows for rows in sheets_in(data) if rows]
    except WorkbookProblem as error:
        raise SubmissionError(source, error.problem) from None
    known = [rows for rows in tables if any(is_header(row) for _, row in rows[:MOST_ROWS_ABOVE])]
    if not known:
        remedy = "begin with  box, answer  or with a column  student"
        raise SubmissionError(source, Problem("the workbook", "has no row of headings", remedy))
    sheets = [sheet for rows in known for sheet in sheets_of(Table(source, rows), name)]
    pairs = all(any(is_pairs(row) for _, row in rows[:MOST_ROWS_ABOVE]) for rows in known)
    yield from [_one(source, sheets)] if pairs and len(sheets) > 1 else sheets


def _one(source: str, sheets: Sequence[Sheet]) -> Sheet:
    """The sheet of one student from several sheets of a workbook."""
    first = next((sheet for sheet in sheets if sheet.named), sheets[0])
    if doubled(box for sheet in sheets for box, text in sheet.answers.items() if text):
        raise SubmissionError(
            source, Problem("the workbook", "a box stands on two of its sheets", "keep one")
        )
    pairs = [pair for sheet in sheets for pair in sheet.answers.items()]
    answers = {**dict(pairs), **{box: text for box, text in pairs if text}}
    token = next((sheet.token for sheet in sheets if sheet.token), "")
    return replace(
        first,
        answers=answers,
        token=token,
        notes=tuple(line for sheet in sheets for line in sheet.notes),
    )


def read_text(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Lines such as  h[1] = 0.604 , one box each, or several that are parted; other lines can say
    whose the sheet is.
    """
    text = decode(data)[0]
    if len(text) > LARGEST_SHEET or "\0" in text:
        problem = Problem("the file", "is too large or no text", "hand in one sheet")
        raise SubmissionError(source, problem)
    pairs, rest = boxes_in(text)
    names = [key for key, _ in pairs if key.lower() != TOKEN]
    if all(headings.role_of(key) in headings.PEOPLE for key in names):
        remedy = "write one line for each box, or use the template"
        raise SubmissionError(source, Problem("the file", "no line such as  h[1] = 0.604", remedy))
    yield single(source, pairs, name, rest)


def read_html(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Text typed into a learning system's page, a line for each paragraph; or our answer page."""
    if is_answer_page(data):
        yield read_answer_page(source, data, name)
        return
    if len(data) > LARGEST_SHEET:
        raise SubmissionError(source, Problem("the file", "is too large", "hand in one sheet"))
    try:
        text = text_of_page(data)
    except ValueError:
        raise SubmissionError(
            source, Problem("the file", "has a character of too high a number", "hand in a text")
        ) from None
    yield from read_text(source, text.encode("utf-8", "replace"), name)


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
        raise SubmissionError(source, Problem("the PDF", form, remedy))
    texts = {**form.fields, **unreadable(form)}
    own = {field: value.strip() for field, value in texts.items() if field != TOKEN}
    answers = {box: value for field, value in own.items() if (box := box_name(field)) is not None}
    if not answers:
        raise SubmissionError(
            source,
            Problem(
                "the PDF", "has other fields than those of a sheet", "hand in the sheet itself"
            ),
        )
    strange, token = strangers(form), form.fields.get(TOKEN, "").strip()
    filled = any(form.fields[field].strip() for field in own)
    if strange and not filled and not form.twice:
        found = f"nothing is in its fields: {'; '.join(strange)}"
        remedy = "ask for the sheet with the numbers in its fields, or mark it by hand"
        raise SubmissionError(source, Problem("the PDF", found, remedy), token)
    yield checked(Sheet(source, name, token, answers, named=False, notes=tuple(strange)))


Reader = Callable[[str, bytes, str], Iterator[Sheet]]

READERS: dict[str, Reader] = {
    "yaml": read_yaml,
    "json": read_json,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "text": read_text,
    "page": read_page,
    "html": read_html,
    "pdf": read_pdf,
}


def format_of(data: bytes, suffix: str) -> str:
    """The format of a file, by its content, and by its ending where the content leaves it open;
    "zip" is an archive of files.
    """
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "xlsx" if is_workbook(data) else "zip"
    start = decode(data[:4096])[0].lstrip("\ufeff \r\n\t")
    if _TEMPLATE.search(start):
        return "yaml"
    if suffix.lower() in ENDINGS and (suffix.lower() != ".txt" or is_worked(data)):
        return "page"
    if start.startswith(("{", "[")):
        return "json"
    if start.startswith("<"):
        return "html"
    if suffix.lower() in (".csv", ".tsv", ".xls") or _is_table(start):
        return "csv"
    return "text" if suffix.lower() == ".txt" and not _ANSWERS.search(start) else "yaml"


_ANSWERS = re.compile(r"^answers\s*:", re.MULTILINE)
_TEMPLATE = re.compile(r"^token *:.*\n(?:.*\n){0,5}?answers *:", re.MULTILINE)
"""The head of the template, whatever its file is called, and whatever is written into it."""


def _is_table(start: str) -> bool:
    first = start.partition("\n")[0].strip()
    return any(
        separator in first and is_header(first.split(separator)) for separator in (",", ";", "\t")
    )
