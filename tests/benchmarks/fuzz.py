"""Coverage-guided fuzzing of all that reads strangers' files; run by hand:  pip install atheris;
python tests/benchmarks/fuzz.py --seconds 60

A crash is an error that is not declared, an input that takes longer or more memory than it may, or
a text that cannot be written in UTF-8.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["rnnquiz"]):
    import pikepdf
    from damaged_banks import damaged, whole_way
    from test_roundtrip import COLUMN, FILES, PEOPLE, ROWS
    from test_submissions import (
        HOSTILE,
        KEYS,
        SYSTEMS,
        VARIANTS,
        archive,
        as_json,
        as_text,
        as_xlsx,
    )

    from rnnquiz import handbook
    from rnnquiz.bank.load import parse_bank
    from rnnquiz.bank.variant import Variant
    from rnnquiz.course.templates import template, workbook
    from rnnquiz.errors import BankError, CourseError, SubmissionError
    from rnnquiz.exercise import Exercise
    from rnnquiz.exports.roundtrip import SystemFile, fill
    from rnnquiz.fields import TOKEN, field_name
    from rnnquiz.files.encodings import decode
    from rnnquiz.files.resources import folder
    from rnnquiz.pages.layout.opening import page_of
    from rnnquiz.pages.reading import PageReader
    from rnnquiz.people.lists import read_roster
    from rnnquiz.people.roster import Lookup
    from rnnquiz.submissions.collect import collect
    from rnnquiz.submissions.formats import READ_ENDINGS, READERS
    from rnnquiz.submissions.gradescope import JSON, YML, owners_of
    from rnnquiz.submissions.origins import Origin, origin_of
    from rnnquiz.submissions.pdf_filled import read_form as read_fields
    from rnnquiz.submissions.pdf_forms import strangers, unreadable
    from rnnquiz.submissions.sheets import Sheet
    from rnnquiz.typed.numerals import Unreadable, read_number
    from tests_support import BANKS, shipped

MEGABYTES, LONGER = (
    2048,
    8,
)  # seconds for what may hold a PDF: its reader has two, and is started anew
# seconds for a bank: the mistakes of one of 400 boxes take seven without the fuzzer watching
SLOW = 60
PROGRESS = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
SHORT = dict(list(KEYS[0].items())[:3])
PLACE = Path("input")
SHEET_XML = "xl/worksheets/sheet1.xml"


class Target(NamedTuple):
    """What is given bytes and gives texts, the errors that it declares, how it may begin, and how
    long an input may take."""

    read: Callable[[bytes], Iterable[str]]
    declared: type[Exception] | tuple[()]
    seeds: Callable[[], Iterable[bytes]]
    seconds: int = 2


def texts_of_sheets(sheets: Iterable[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        assert isinstance(sheet, Sheet)
        yield from (
            str(sheet.source),
            sheet.student,
            sheet.token,
            *sheet.answers,
            *sheet.answers.values(),
            *sheet.known_as,
            sheet.time,
        )


def read_sheets(name: str, data: bytes) -> Iterator[str]:
    return texts_of_sheets(READERS[name].read("file", data, "name"))


def read_sheet_xml(data: bytes) -> Iterator[str]:
    return read_sheets("xlsx", with_sheet_xml(data))


def with_sheet_xml(xml: bytes) -> bytes:
    """A workbook whose first sheet is this XML: damage to the archive itself would hide what lies
    in it."""
    return archive({**PARTS, SHEET_XML: xml}.items())


def parts_of(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


PARTS = parts_of(as_xlsx(SHORT))


def read_form(data: bytes) -> Iterator[str]:
    """The same as in the reader's own process, which survives any error."""
    try:
        found = read_fields(data)
    except Exception:
        return iter(())
    return iter(
        [found]
        if isinstance(found, str)
        else [*found.fields, *found.fields.values(), *unreadable(found).values(), *strangers(found)]
    )


def read_file(data: bytes) -> Iterator[str]:
    """A file handed in; its first byte chooses the ending."""
    return collected(READ_ENDINGS[data[0] % len(READ_ENDINGS)] if data else ".txt", data[1:])


def read_members(data: bytes) -> Iterator[str]:
    """An archive of the paths and contents that stand between NUL bytes."""
    parts = data.split(b"\0")
    return collected(
        ".zip",
        archive(
            (path.decode("utf-8", "replace"), content)
            for path, content in zip(parts[::2], parts[1::2], strict=False)
            if path
        ),
    )


def collected(ending: str, data: bytes) -> Iterator[str]:
    path = PLACE.with_suffix(ending)
    path.write_bytes(data)
    sheets, unread = collect(path)
    return iter([*map(str, unread), *texts_of_sheets(sheets)])


def read_owners(name: str, data: bytes) -> Iterator[str]:
    for folder_name, origins in owners_of(name, data).items():
        yield from (folder_name, *(word for origin in origins for word in words_of(origin)))


def read_origin(data: bytes) -> Iterator[str]:
    origin = origin_of(decode(data)[0])
    return iter(words_of(origin) if origin else ())


def words_of(origin: Origin) -> tuple[str, ...]:
    return (*origin.known_as, origin.time)


def read_filled(system: str, data: bytes) -> Iterator[str]:
    file = SystemFile(system, "file", data, COLUMN.get(system, ""))
    done = fill(file, ROWS, Lookup(PEOPLE))
    assert done.data == data or done.changed
    return map(str, done.problems)


def read_students(data: bytes) -> Iterator[str]:
    PLACE.write_bytes(data)
    students = read_roster(PLACE)
    Lookup(students).find([student.name for student in students])
    return (text for s in students for text in (s.id, s.name, s.email, s.stem, *s.others))


def read_bank(data: bytes) -> Iterator[str]:
    bank = parse_bank(decode(data)[0])
    return iter([bank.written.title, *bank.asked])


def use_bank(data: bytes) -> Iterator[str]:
    """A bank as far as marks: the damage is chosen by the input, or the text is the input
    itself."""
    text = damaged(int.from_bytes(data[1:5], "big")) if data[:1] == b"\0" else decode(data)[0]
    return iter([str(whole_way(text, 4))])


def used_banks() -> list[bytes]:
    return [*banks(), *(b"\0" + number.to_bytes(4, "big") for number in range(0, 4000, 97))]


def read_typed(data: bytes) -> Iterator[str]:
    typed = read_number(decode(data)[0])
    return iter([typed.reason] if isinstance(typed, Unreadable) else [])


def read_worked(data: bytes) -> Iterator[str]:
    """A worked page; its first byte chooses the ending."""
    reader, variant = worked_reader()
    page = page_of(data[1:], (".md", ".tex", ".ipynb", ".txt")[data[0] % 4 if data else 0])
    yield json.dumps(reader.read(page, variant).as_dict(), ensure_ascii=False)


@cache
def worked_reader() -> tuple[PageReader, Variant]:
    exercise = Exercise.load("worked_example")
    return PageReader(exercise.bank), exercise.variant


def worked_pages() -> list[bytes]:
    page = (handbook.PICTURES / "page.md").read_bytes()
    return [b"\0" + page[start : start + 3000] for start in range(0, len(page), 3000)]


def pdf_forms() -> Iterator[bytes]:
    for answers in (SHORT, {}):
        out = io.BytesIO()
        with pikepdf.new() as pdf:
            texts = {
                TOKEN: VARIANTS[0].token,
                **{field_name(box): text for box, text in answers.items()},
            }
            fields = [
                pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=name, V=text))
                for name, text in texts.items()
            ]
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields))
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        yield out.getvalue()


def templates() -> list[bytes]:
    return [
        template(shipped("bptt_scalar"), PEOPLE[0], VARIANTS[0]),
        b"student: s0\nanswers:\n  h[1]: 0.604\n",
    ]


def workbooks() -> list[bytes]:
    return [workbook(shipped("bptt_scalar"), PEOPLE[0], VARIANTS[0]), as_xlsx(SHORT, student="s0")]


def tables() -> list[bytes]:
    return [
        b"box,answer\nstudent,s0\nh[1],0.604\n",
        b"student;token;h[1];h[2]\ns0;;0,5;1\n",
        "sep=;\nid;h[1]\ns0;1\n".encode("utf-16"),
        (
            b"Last name,First name,Email address,Status,Response 1\nL,F,a@b.c,Finished,part 1: 0.5;"
            b" part 2: 1\n"
        ),
    ]


def pages() -> list[bytes]:
    return [
        b"<p>h[1] = 0.604</p><div>h[2]: 1 &lt; 2<br/>",
        b'<!DOCTYPE html><!-- x --><ul><li title="a>b">h[1] = &#48;.5</li></ul><script>1</script>',
    ]


def paths() -> list[str]:
    return [path for some in SYSTEMS.values() for path in some]


def metadata_yml() -> list[bytes]:
    return [
        b"---\nsubmission_7:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: s0\n    :email:"
        b" a@b.c\n  :created_at: 2026-11-01\n"
    ]


def metadata_json() -> list[bytes]:
    return [
        json.dumps(
            {"users": [{"id": 1, "name": "Ada", "email": "a@b.c"}], "created_at": "2026-11-01"}
        ).encode()
    ]


def archives() -> list[bytes]:
    downloads = [archive((path, as_text(SHORT)) for path in some) for some in SYSTEMS.values()]
    return [
        *downloads,
        archive([("a.zip", downloads[0])]),
        *(data for data in HOSTILE.values() if len(data) < 5000),
    ]


def members() -> list[bytes]:
    files = [
        *((path, b"h[1] = 0.5") for path in paths()),
        ("e/submission_metadata.yml", *metadata_yml()),
        ("e/submission_7/a.txt", b"h = 1"),
    ]
    return [
        b"\0".join(part for path, content in files[k : k + 3] for part in (path.encode(), content))
        for k in range(0, len(files), 2)
    ]


def files() -> list[bytes]:
    kinds = [
        templates(),
        tables(),
        [as_text(SHORT)],
        pages(),
        workbooks(),
        [as_json(SHORT)],
        archives(),
    ]
    return [bytes([number]) + data for number, some in enumerate(kinds) for data in some]


def gradebooks(system: str) -> list[bytes]:
    return [FILES[system].encode(), FILES[system].lstrip("\ufeff").encode("utf-16")]


def rosters() -> list[bytes]:
    return [
        b"id,name,email\ns0,Ada Lovelace,ada@example.org\n",
        "Vorname;Last name;Matriculation number;Participant ID\nA;B;1;90\n".encode("utf-16"),
    ]


def banks() -> list[bytes]:
    return [(folder("question_banks") / f"{name}.yaml").read_bytes() for name in BANKS]


def numbers() -> list[bytes]:
    return [
        text.encode()
        for text in (
            "0.604",
            "-4.8×10⁻³",
            "1/3",
            "0,25",
            "1.234.567,8",
            "−.5e-3",
            "5 %",
            "4.8 \\cdot 10^{-3}",
            "1 000",
        )
    ]


TARGETS = {
    "yaml": Target(partial(read_sheets, "yaml"), SubmissionError, templates),
    "json": Target(
        partial(read_sheets, "json"),
        SubmissionError,
        lambda: [as_json(SHORT), b'[{"student": "s0", "answers": {"h": 1}}]'],
    ),
    "csv": Target(partial(read_sheets, "csv"), SubmissionError, tables),
    "xlsx": Target(partial(read_sheets, "xlsx"), SubmissionError, workbooks),
    "sheet of xlsx": Target(
        read_sheet_xml, SubmissionError, lambda: [parts_of(book)[SHEET_XML] for book in workbooks()]
    ),
    "text": Target(
        partial(read_sheets, "text"),
        SubmissionError,
        lambda: [as_text(SHORT), "student: s0\nŷ_2: 0,25\n".encode()],
    ),
    "html": Target(partial(read_sheets, "html"), SubmissionError, pages),
    "pdf": Target(partial(read_sheets, "pdf"), SubmissionError, pdf_forms, LONGER),
    "form of pdf": Target(read_form, (), pdf_forms),
    "file": Target(read_file, (), files, LONGER),
    "archive": Target(partial(collected, ".zip"), (), archives, LONGER),
    "members": Target(read_members, (), members, LONGER),
    "gradescope yml": Target(partial(read_owners, YML), (), metadata_yml),
    "gradescope json": Target(partial(read_owners, JSON), (), metadata_json),
    "origins": Target(read_origin, (), lambda: [path.encode() for path in paths()]),
    "into canvas": Target(
        partial(read_filled, "canvas"), CourseError, partial(gradebooks, "canvas")
    ),
    "into moodle": Target(
        partial(read_filled, "moodle"), CourseError, partial(gradebooks, "moodle")
    ),
    "into brightspace": Target(
        partial(read_filled, "brightspace"), CourseError, partial(gradebooks, "brightspace")
    ),
    "into blackboard": Target(
        partial(read_filled, "blackboard"), CourseError, partial(gradebooks, "blackboard")
    ),
    "roster": Target(read_students, CourseError, rosters),
    "bank": Target(read_bank, BankError, banks),
    "bank to marks": Target(use_bank, BankError, used_banks, SLOW),
    "number": Target(read_typed, (), numbers),
    "worked page": Target(read_worked, SubmissionError, worked_pages),
}


def obeys(target: Target, data: bytes) -> None:
    """Read one input; what comes out, or is said of it, is text."""
    try:
        for text in target.read(data):
            text.encode()
    except target.declared as error:
        str(error).encode()


def fuzz(name: str, seconds: int, kept: Path) -> tuple[str, bool]:
    """Run one target in a process of its own, which ends with the first crash; the line of its
    figures, and whether it crashed."""
    stem = name.replace(" ", "_")
    with tempfile.TemporaryDirectory() as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for number, data in enumerate(TARGETS[name].seeds()):
            (corpus / str(number)).write_bytes(data)
        command = [
            sys.executable,
            str(Path(__file__).resolve()),
            "--inside",
            name,
            f"-max_total_time={seconds}",
            f"-timeout={TARGETS[name].seconds}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-artifact_prefix={kept.resolve()}/{stem}-",
            str(corpus),
        ]
        start = time.perf_counter()
        run = subprocess.run(command, cwd=place, capture_output=True, text=True, errors="replace")
    crashes = len(list(kept.glob(f"{stem}-*")))
    if run.returncode:
        (kept / f"{stem}.log").write_text(run.stdout + run.stderr)
    runs, covered, features = (PROGRESS.findall(run.stderr) or [("0", "0", "0")])[-1]
    figures = (
        f"{int(runs):>9} executions {time.perf_counter() - start:>5.0f} s {covered:>6} edges"
        f" {features:>6} features {crashes:>2} crashes"
    )
    return f"{name:<18}{figures}{f'  {stem}.log' if run.returncode else ''}", run.returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=TARGETS,
        default=list(TARGETS),
        metavar="NAME",
        help=", ".join(TARGETS),
    )
    parser.add_argument(
        "--keep", type=Path, help="folder for the inputs that crash; a temporary one unless given"
    )
    chosen = parser.parse_args()
    kept = chosen.keep or Path(tempfile.mkdtemp())
    kept.mkdir(parents=True, exist_ok=True)
    print(f"inputs that crash are kept in {kept}", flush=True)
    failed = False
    for name in chosen.only:
        line, crashed = fuzz(name, chosen.seconds, kept)
        failed |= crashed
        print(line, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        target = TARGETS[sys.argv[2]]
        atheris.Setup([sys.argv[0], *sys.argv[3:]], lambda data: obeys(target, data))
        atheris.Fuzz()
    else:
        main()
