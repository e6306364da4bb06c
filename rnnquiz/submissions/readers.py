"""One reader for each format in which students hand in, in a literal table; the format is found by content.

A reader gets the bytes and gives sheets; what cannot be read is a SubmissionError, never an exception of a library.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN, box_name
from rnnquiz.submissions.pdf_forms import FormReader, strangers, unreadable
from rnnquiz.submissions.sheets import LARGEST_SHEET, MOST_ANSWERS, Sheet, checked, single
from rnnquiz.submissions.spreadsheet import is_workbook, rows_of
from rnnquiz.submissions.tabular import is_header, is_pairs, sheets_of
from rnnquiz.tables import TableProblem, decode, rows_in

_BLOCKS = ("p", "br", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dt", "dd",
           "section", "blockquote")  # fmt: skip
_CELLS = ("td", "th")
_LINE = re.compile(r"([^=:\t]{1,60}?)\s*[=:\t]\s*(.*)")
_NEXT = re.compile(r"(?:\s*[;,]\s*|\t\s*|(?<=\d)\s{2,})(?=[^\W\d][^=:;,()\t]{0,60}?\s*[=:])")
"""What parts two boxes on one line: a mark or a gap before a name and its equal sign."""
_NUMBER_AND_NAME = re.compile(r"\s*[-+−]?\d[\d.,]*(?:[eE][-+]?\d+)?\s*(?:[^\W\d]+\s+)?(?![eE][-+]?\d)[^\W\d][^\s=:;,*]*\s*")
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)\b[^>]*+(?:>|\Z)|\Z)|<[!?][^>]*+(?:>|\Z)"
    r"""|</?([a-z][^\s/>]*+)(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+)*+(?:>|\Z)""",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, a script, a declaration, or a tag and its name; what has begun ends with the text at the latest: nothing is read twice."""
MOST_ROWS_ABOVE = 20


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
    "".join(key for key, _ in pairs).encode()  # half of a character could not even be shown in a message
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read_csv(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Two columns box, answer for one student; a row for each student and a column for each box; or a quiz's responses."""
    try:
        sheets = list(sheets_of(source, rows_in(data), name))
    except TableProblem as error:
        raise SubmissionError(source, Problem("CSV", str(error), "save it as CSV in UTF-8")) from None
    yield from sheets


def read_xlsx(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The same tables as in CSV; rows above the header, such as a title, are passed over."""
    rows = rows_of(source, data)
    above_all = rows[:MOST_ROWS_ABOVE]
    start = next((k for kind in (is_pairs, is_header) for k, row in enumerate(above_all) if kind(row)), None)
    if start is None:
        remedy = "begin with  box, answer  or with a column  student"
        raise SubmissionError(source, Problem("the workbook", "has no row of headings", remedy))
    above = [(row[0].lower(), row[1]) for row in rows[:start] if len(row) > 1 and row[0].lower() in ("student", "token") and row[1]]
    for sheet in sheets_of(source, rows[start:], name):
        own = dict(above)
        named = bool(own.get("student")) or sheet.named
        yield replace(sheet, student=own.get("student") or sheet.student, token=own.get("token") or sheet.token, named=named)


def read_text(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Lines such as  h[1] = 0.604 , or several of them parted by commas, semicolons or tabs; of a chain of equal signs the last
    number counts. Lines that give no value are passed over; a line that may give two, but is not parted, gives none that can be read."""
    text = decode(data)[0]
    if len(text) > LARGEST_SHEET or "\0" in text:
        raise SubmissionError(source, Problem("the file", "is too large or no text", "hand in one sheet"))
    lines = (line.strip().lstrip("-*• ") for line in text.splitlines())
    found = [_LINE.fullmatch(part) for line in lines if line and not line.startswith("#") for part in _NEXT.split(line)]
    pairs = [(match[1].strip(), _value(match[2])) for match in found if match]
    if not pairs:
        remedy = "write one line for each box, or use the template"
        raise SubmissionError(source, Problem("the file", "no line such as  h[1] = 0.604", remedy))
    yield single(source, [(box.lower() if box.lower() in ("student", "token") else box, value) for box, value in pairs], name)


def _value(chain: str) -> str:
    """The last number of a chain of equal signs; all of the text where a number is followed by what may be the name of another box."""
    *before, last = chain.split("=")
    return chain.strip() if any(_NUMBER_AND_NAME.fullmatch(part) for part in before) else last.strip()


def read_html(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Text typed into a learning system's page, a line for each paragraph."""
    if len(data) > LARGEST_SHEET:
        raise SubmissionError(source, Problem("the file", "is too large", "hand in one sheet"))
    parts = _MARKUP.split(decode(data)[0])
    words = [part.replace("\n", " ") for part in parts[::2]]
    ends = ["\n" if (tag or "").lower() in _BLOCKS else "\t" if (tag or "").lower() in _CELLS else "" for tag in parts[1::2]]
    try:
        text = html.unescape("".join(word + end for word, end in zip(words, [*ends, ""], strict=True)))
    except ValueError:
        raise SubmissionError(source, Problem("the file", "has a character of too high a number", "hand in a text")) from None
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
        raise SubmissionError(source, Problem("the PDF", "has other fields than those of a sheet", "hand in the sheet itself"))
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
    "html": read_html,
    "pdf": read_pdf,
}


def format_of(data: bytes, suffix: str) -> str:
    """The format of a file, by its content, and by its ending where the content leaves it open; "zip" is an archive of files."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "xlsx" if is_workbook(data) else "zip"
    start = decode(data[:4096])[0].lstrip("\ufeff \r\n\t")
    if start.startswith(("{", "[")):
        return "json"
    if start.startswith("<"):
        return "html"
    if suffix.lower() in (".csv", ".tsv") or _is_table(start):
        return "csv"
    return "text" if suffix.lower() == ".txt" and not re.search(r"^answers\s*:", start, re.MULTILINE) else "yaml"


def _is_table(start: str) -> bool:
    first = start.partition("\n")[0].strip()
    return any(separator in first and is_header(first.split(separator)) for separator in (",", ";", "\t"))
