"""One reader for each format in which students hand in, in a literal table; the format is found by content.

A reader gets the bytes and gives sheets; what cannot be read is a SubmissionError, never an exception of a library.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN, box_name
from rnnquiz.submissions.pdf_forms import FormReader
from rnnquiz.tables import TableProblem, decode, read_table

LARGEST_SHEET = 256 * 1024
MOST_ANSWERS = 2000
_ID = ("student", "id", "student id", "username", "sid")
_BOX, _ANSWER = ("box", "name", "quantity"), ("answer", "value", "result")


@dataclass(frozen=True)
class Sheet:
    """What one student handed in: raw texts by box name. `source` says where it was found.

    `named`: the student stands in the sheet itself, and not only in the name of the file.
    """

    source: str
    student: str
    token: str
    answers: dict[str, str]
    named: bool = True


def _sheet(source: str, data: Any, name: str) -> Sheet:
    """A sheet from the mapping that YAML and JSON submissions are."""
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        raise SubmissionError(source, Problem("the file", "has no answers", "write  student: ...  and  answers:  as in the template"))
    unknown = set(data) - {"student", "name", "token", "answers", "course", "assignment"}
    if unknown:
        key = repr(min(map(str, unknown)))[:80]
        raise SubmissionError(source, Problem(key, "is not a key of a submission", "use the keys of the template"))
    if len(data["answers"]) > MOST_ANSWERS:
        raise SubmissionError(source, Problem("answers", f"more than {MOST_ANSWERS}", "one sheet a file"))
    texts = {}
    for box, value in data["answers"].items():
        if isinstance(value, dict | list):
            raise SubmissionError(source, Problem(f"answers.{box}", "is not a single number", "write one number for each box"))
        texts[str(box)] = "" if value is None else str(value)
    return checked(Sheet(source, str(data.get("student") or name), str(data.get("token") or ""), texts, bool(data.get("student"))))


def checked(sheet: Sheet) -> Sheet:
    """The sheet, where all of it is text that can be written down again; SubmissionError where it is not."""
    try:
        "".join((sheet.student, sheet.token, *sheet.answers, *sheet.answers.values())).encode()
    except UnicodeEncodeError:
        raise SubmissionError(sheet.source, Problem("the file", "has halves of characters", "save it in UTF-8")) from None
    return sheet


def read_yaml(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    try:
        content, _ = strict_yaml.load(decode(data)[0], LARGEST_SHEET)
    except strict_yaml.YamlProblem as error:
        raise SubmissionError(source, error.problem) from None
    yield _sheet(source, content, name)


def read_json(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    try:
        content = json.loads(decode(data)[0], parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise SubmissionError(source, Problem("JSON", str(error)[:200], "check commas and quotes")) from None
    for item in content if isinstance(content, list) else [content]:
        yield _sheet(source, item, name)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read_csv(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Two columns box, answer for one student; or a table with a student in each row and a box in each column."""
    try:
        rows = read_table(data)
    except TableProblem as error:
        raise SubmissionError(source, Problem("CSV", str(error), "save it as CSV in UTF-8")) from None
    if not rows:
        raise SubmissionError(source, Problem("CSV", "is empty", "fill in the template"))
    header = [cell.strip() for cell in rows[0]]
    lower = [cell.lower() for cell in header]
    key = next((lower.index(word) for word in _ID if word in lower), None)
    if lower[0] in _BOX and len(lower) > 1 and lower[1] in _ANSWER:
        yield _single(source, rows[1:], name)
    elif key is not None:
        yield from _many(source, header, rows[1:], key)
    else:
        raise SubmissionError(source, Problem("first row", ", ".join(header)[:200], "begin with  box,answer  or with a column  student"))


def _single(source: str, rows: list[list[str]], name: str) -> Sheet:
    pairs = [(row[0].strip(), row[1].strip() if len(row) > 1 else "") for row in rows]
    if len(pairs) > MOST_ANSWERS:
        raise SubmissionError(source, Problem("rows", f"more than {MOST_ANSWERS}", "one sheet a file"))
    doubled = [box for box, count in Counter(box for box, _ in pairs).items() if count > 1]
    if doubled:
        raise SubmissionError(source, Problem(doubled[0], "stands twice", "keep one row for each box"))
    values = dict(pairs)
    student = values.pop("student", "")
    return Sheet(source, student or name, values.pop("token", ""), values, bool(student))


def _many(source: str, header: list[str], rows: list[list[str]], key: int) -> Iterator[Sheet]:
    lower = [cell.lower() for cell in header]
    token = lower.index("token") if "token" in lower else None
    skip = {key, token, *(lower.index(word) for word in ("name", "email", "email address") if word in lower)}
    boxes = [(i, box) for i, box in enumerate(header) if i not in skip and box]
    if not boxes or len(boxes) > MOST_ANSWERS:
        raise SubmissionError(source, Problem("first row", f"{len(boxes)} columns for boxes", "use the names of the template as headings"))
    if len({box for _, box in boxes}) < len(boxes):
        raise SubmissionError(source, Problem("first row", "a box stands twice", "keep one column for each box"))
    for number, row in enumerate(rows, start=2):
        cells = row + [""] * (len(header) - len(row))
        answers = {box: cells[i] for i, box in boxes if cells[i].strip()}
        yield Sheet(f"{source}, row {number}", cells[key].strip(), cells[token].strip() if token is not None else "", answers)


_FORMS = FormReader()


def read_pdf(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """A filled PDF form, by its token; the names of its fields are those that `generate --fillable` gave them."""
    fields = _FORMS.fields(data)
    if isinstance(fields, str):
        remedy = "hand in the sheet that was filled in and saved (not printed), or the template"
        raise SubmissionError(source, Problem("the PDF", fields, remedy))
    answers = {box: value.strip() for field, value in fields.items() if field != TOKEN and (box := box_name(field)) is not None}
    if not answers:
        raise SubmissionError(source, Problem("the PDF", "has other fields than those of a sheet", "hand in the sheet itself"))
    yield checked(Sheet(source, name, fields.get(TOKEN, "").strip(), answers, named=False))


Reader = Callable[[str, bytes, str], Iterator[Sheet]]

READERS: dict[str, Reader] = {"yaml": read_yaml, "json": read_json, "csv": read_csv, "pdf": read_pdf}


def format_of(data: bytes, suffix: str) -> str:
    """The format of a file, by its content, and by its ending where the content leaves it open."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    start = decode(data)[0].lstrip()
    if start.startswith(("{", "[")):
        return "json"
    if suffix.lower() in (".csv", ".tsv", ".txt"):
        return "csv"
    return "yaml"
