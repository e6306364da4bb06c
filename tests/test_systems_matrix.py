"""What courses hand in, in every system, language, encoding and decimal mark: each student gets
exactly the own answers, or a line.

The files are generated; the roster is read from a file of a system, too. `RNNQUIZ_MATRIX=1` runs
every combination.
"""

import io
import itertools
import json
import os
import random
import struct
import zipfile
import zlib

import pytest
from rosters import FAR, PEOPLE, WORDS, as_csv, as_xlsx, canvas, moodle

from rnnquiz.course.deadlines import Deadline
from rnnquiz.course.receiving import receive
from rnnquiz.people.lists import read_roster
from rnnquiz.people.roster import Student
from rnnquiz.submissions.collect import collect
from tests_support import shipped

EXHAUSTIVE = bool(os.environ.get("RNNQUIZ_MATRIX"))
BANK = shipped("bptt_scalar")
BOXES = [box.name for box in BANK.boxes][:5]
TOKENS = "abcdefghijklmnop"


def some(*axes, count=112):
    """Every combination of the axes, or some of them, each value of each axis at least once."""
    every = list(itertools.product(*axes))
    if EXHAUSTIVE or len(every) <= count:
        return every
    dice = random.Random(len(every))
    once = [tuple(axis[k % len(axis)] for axis in axes) for k in range(max(map(len, axes)))]
    return list(dict.fromkeys([*once, *dice.sample(every, count)]))


def answers_of(people, comma):
    """Numbers that no other student has in any box, with the decimal mark that is asked for."""
    dice = random.Random(7)
    values = dice.sample(range(1001, 9999), len(people) * len(BOXES))
    texts = [
        f"{'-' if n % 3 == 0 else ''}{n // 1000 % 3}.{n % 1000:03d}{n // 1000}" for n in values
    ]
    rows = [texts[k : k + len(BOXES)] for k in range(0, len(texts), len(BOXES))]
    return [
        dict(zip(BOXES, [t.replace(".", ",") if comma else t for t in row], strict=True))
        for row in rows
    ]


def handed_in(tmp_path, roster, files, late="mark"):
    """What is received of these files by the students of the roster: answers by id, and all
    lines."""
    place = tmp_path / "in"
    for path, data in files:
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    sheets, unread = collect(place)
    students = {student.id: student for student in roster}
    tokens = {
        student.id: f"{TOKENS[k // 16]}{TOKENS[k % 16]}aa-bbb-ccc"
        for k, student in enumerate(roster)
    }
    received = receive(BANK, sheets, students, tokens, Deadline(late))
    for path, _ in files:
        (place / path).unlink()
    found = {
        who: {box: text for box, text in sheet.answers.items() if text}
        for who, sheet in received.sheets.items()
    }
    return found, [str(line) for line in (*unread, *received.lines)]


def roster_of(tmp_path, people, made=moodle, language="en"):
    (tmp_path / "roster.csv").write_text(as_csv(made(people, language)), encoding="utf-8")
    return read_roster(tmp_path / "roster.csv")


def exactly(found, lines, roster, answers, unsure=()):
    """The law. `unsure`: students who cannot be told apart by what the file says; each has a
    line."""
    for student, own in zip(roster, answers, strict=True):
        if student.id in unsure:
            assert student.id not in found
            assert any(student.id in line for line in lines), (student, lines)
        else:
            assert found.get(student.id) == own, (student, lines)
    assert set(found) <= {student.id for student in roster}


def namesakes(roster):
    names = [student.name for student in roster]
    return [student.id for student in roster if names.count(student.name) > 1]


# Tables of a class -------------------------------------------------------------------------------


def own_table(people, answers, language):
    return [
        ["student", *BOXES],
        *([p[0], *own.values()] for p, own in zip(people, answers, strict=True)),
    ]


def form(people, answers, language):
    heads = {
        "en": ("ID", "Start time", "Completion time", "Email", "Name"),
        "de": ("ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"),
        "fr": ("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"),
        "es": (
            "ID",
            "Hora de inicio",
            "Hora de finalización",
            "Correo electrónico",
            "Nombre",
        ),
        "it": ("ID", "Ora di inizio", "Ora di completamento", "Posta elettronica", "Nome"),
    }.get(language)
    heads = heads or ("ID", "Start time", "Completion time", "Email", "Name")
    rows = [
        [str(k), "11/25/26 9:15", "11/25/26 9:40", p[3], f"{p[1]} {p[2]}", *own.values()]
        for k, (p, own) in enumerate(zip(people, answers, strict=True), start=1)
    ]
    return [[*heads, *BOXES], *rows]


def campus_table(people, answers, language):
    first, last, id_, mail, *_ = WORDS[language]
    rows = [[p[2], p[1], p[0], p[3], *own.values()] for p, own in zip(people, answers, strict=True)]
    return [["Exam of 25 November"], ["", ""], [last, first, id_, mail, *BOXES], *rows]


def excel_table(people, answers, language):
    """Zeros lost, or kept by a formula."""
    rows = [
        [p[0].lstrip("0") if k % 2 else f'="{p[0]}"', *own.values()]
        for k, (p, own) in enumerate(zip(people, answers, strict=True))
    ]
    return [["ID", *BOXES], *rows]


def brightspace_table(people, answers, language):
    rows = [[f"#{p[0]}", *own.values(), "#"] for p, own in zip(people, answers, strict=True)]
    return [["OrgDefinedId", *BOXES, "End-of-Line Indicator"], *rows]


ANSWER = {
    "en": "Response",
    "de": "Antwort",
    "fr": "Réponse",
    "es": "Respuesta",
    "it": "Risposta data",
    "pt": "Resposta",
    "nl": "Antwoord",
    "sv": "Svar",
}
PART = {
    "en": "part 1: ",
    "de": "Teil 1: ",
    "fr": "partie 1 : ",
    "es": "parte 1: ",
    "it": "parte 1: ",
    "pt": "parte 1: ",
    "nl": "deel 1: ",
    "sv": "del 1: ",
}


def responses(people, answers, language):
    first, last, id_, mail, *_ = WORDS[language]
    cells = [
        "; ".join(
            PART[language].replace("1", str(k)) + text
            for k, text in enumerate(own.values(), start=1)
        )
        for own in answers
    ]
    rows = [
        [p[2], p[1], p[0], p[3], "x", "100,00", cell] for p, cell in zip(people, cells, strict=True)
    ]
    rows.append(
        [people[0][2], people[0][1], people[0][0], people[0][3], "x", "0,00", "-"]
    )  # begun once more, and left
    return [[last, first, id_, mail, "Status", "Grade/100,00", f"{ANSWER[language]} 1"], *rows]


TABLES = [own_table, form, campus_table, excel_table, brightspace_table, responses]
WRITTEN = [
    ("utf-8", ","),
    ("utf-8-sig", ";"),
    ("utf-16", "\t"),
    ("utf-16-le", ";"),
    ("cp1252", ";"),
    ("mac_roman", ";"),
    ("xlsx", ""),
]


@pytest.mark.parametrize("made", TABLES, ids=lambda made: made.__name__)
def test_each_row_of_a_table_is_its_students(made, tmp_path):
    """A class in one table: tables, forms and reports of each system, language, encoding, separator
    and decimal mark."""
    for (encoding, separator), language, comma in some(WRITTEN, list(WORDS), [False, True]):
        people = PEOPLE[:-1] if encoding in ("cp1252", "mac_roman") else [*PEOPLE, *FAR]
        roster, answers = roster_of(tmp_path, people), answers_of(people, comma)
        rows = made(people, answers, language)
        data = as_xlsx(rows) if encoding == "xlsx" else as_csv(rows, separator).encode(encoding)
        name = (
            "class.xlsx"
            if encoding == "xlsx"
            else "class.tsv"
            if separator == "\t"
            else "class.csv"
        )
        found, lines = handed_in(tmp_path, roster, [(name, data)])
        exactly(found, lines, roster, answers)


@pytest.mark.parametrize(
    "made",
    [own_table, campus_table, excel_table, brightspace_table],
    ids=lambda made: made.__name__,
)
def test_decimal_commas_without_quotes_are_joined(made, tmp_path):
    """Commas between cells and in numbers: the row is longer than its header, and read as what it
    must be."""
    people = [p for p in PEOPLE if "," not in p[2] and '"' not in p[1]]
    roster, answers = roster_of(tmp_path, people), answers_of(people, True)
    text = "\n".join(",".join(row) for row in made(people, answers, "en"))
    found, lines = handed_in(tmp_path, roster, [("class.csv", text.encode())])
    exactly(found, lines, roster, answers)


def test_reports_as_json_are_read(tmp_path):
    """Moodle writes its report of responses as a list of objects, too."""
    people = [*PEOPLE, *FAR]
    roster, answers = roster_of(tmp_path, people), answers_of(people, True)
    keys = [
        "lastname",
        "firstname",
        "idnumber",
        "emailaddress",
        "status",
        "grade10000",
        "response1",
    ]
    rows = responses(people, answers, "en")[1:]
    data = json.dumps([[dict(zip(keys, row, strict=True)) for row in rows]]).encode()
    exactly(*handed_in(tmp_path, roster, [("responses.json", data)]), roster, answers)


# Archives of a class -----------------------------------------------------------------------------


def clean(text):
    """A name as Moodle's clean_filename leaves it."""
    return "".join(c for c in text.replace("_", " ") if c not in "/\\:*?\"<>|'")


def moodle_folder(p, k, language, group=""):
    return f"{group}{clean(p[1])} {clean(p[2])}_{90 + k}_assignsubmission_file/{{}}"


def moodle_old(p, k, language):
    return f"{clean(p[1])} {clean(p[2])}_{90 + k}_assignsubmission_file_/{{}}"


def moodle_flat(p, k, language):
    return f"{clean(p[1])} {clean(p[2])}_{90 + k}_assignsubmission_file_{{}}"


def moodle_group(p, k, language):
    return moodle_folder(
        p,
        k,
        language,
        {"en": "Group A-", "de": "Tutorium-", "fr": "TD-Lundi-"}.get(language, "Turno-"),
    )


def moodle_blind(p, k, language):
    word = "".join(c for c in WORDS[language][-1] if c not in "/ ")
    return f"{word}_{57 + k}_assignsubmission_file/{{}}"


def canvas_file(p, k, language):
    squeezed = "".join(c for c in f"{p[2]}{p[1]}".lower() if c.isalnum())
    return f"{squeezed}_{4711 + k}_{880000 + k}_{{}}"


def brightspace_folder(p, k, language):
    return f"{100 + k}-{200 + k} - {p[1]} {p[2]} - Nov 25, 2026 1022 AM/{{}}".replace('"', "")


def blackboard_file(p, k, language):
    return f"Home work_{p[4]}_attempt_2026-11-25-10-11-{k:02d}_{{}}"


def gradescope_folder(p, k, language):
    return f"assignment_1_export/submission_{k}/{{}}"


ARCHIVES = [
    moodle_folder,
    moodle_old,
    moodle_flat,
    moodle_group,
    moodle_blind,
    canvas_file,
    brightspace_folder,
    blackboard_file,
    gradescope_folder,
]
NAMES = [
    "utf-8 marked",
    "utf-8",
    "unicode path",
    "cp437",
    "cp850",
    "cp1252",
    "mac_roman",
    "cp866",
    "cp1251",
    "gbk",
    "shift_jis",
    "cp1250",
    "cp737",
]
LETTERS = {
    "cp866": [("0031", "Иван", "Петров"), ("0032", "Ольга", "Сидорова")],
    "cp1251": [("0031", "Иван", "Петров"), ("0032", "Юрий", "Щукин")],
    "gbk": [("0041", "小龙", "李"), ("0042", "芳", "王")],
    "shift_jis": [("0051", "太郎", "山田"), ("0052", "花子", "鈴木")],
    "cp1250": [("0061", "Łukasz", "Żak"), ("0062", "Věra", "Němcová")],
    "cp737": [("0071", "Νίκος", "Παππάς"), ("0072", "Ελένη", "Δούκα")],
    "cp437": [("0081", "Jörg", "Müller"), ("0082", "Émile", "Gödel")],
    "mac_roman": [("0083", "Jörg", "Müller"), ("0084", "Zoë", "Ångström")],
    "cp850": [("0085", "Ana", "García-López"), ("0086", "Øystein", "Sørensen")],
    "cp1252": [("0087", "Ana", "Peña"), ("0088", "Šárka", "Cœur")],
}


def class_for(names):
    few = LETTERS.get(names)
    return (
        [(*p, f"u{p[0]}@example.org", f"u{p[0]}") for p in few]
        if few
        else [p for p in [*PEOPLE, *FAR] if p[1:3] != ("Anna", "Müller")]
    )


class OldInfo(zipfile.ZipInfo):
    """A member whose name is these bytes, not marked as UTF-8."""

    def __init__(self, raw):
        super().__init__(raw.decode("cp437"))
        self.raw = raw

    def _encodeFilenameFlags(self):
        return self.raw, self.flag_bits & ~0x800


def zipped(files, names):
    """An archive with its names in an encoding, and marked as UTF-8, with Info-ZIP's field, or not
    at all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for path, data in files:
            if names == "utf-8 marked" or path.isascii():
                made.writestr(path, data)
                continue
            raw = (
                path.encode("cp437", "replace").replace(b"?", b"_")
                if names == "unicode path"
                else path.encode(names)
            )
            info = OldInfo(raw)
            if names == "unicode path":
                field = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + path.encode()
                info.extra = struct.pack("<HH", 0x7075, len(field)) + field
            made.writestr(info, data)
    return out.getvalue()


def as_lines(own, language):
    return "answers.txt", "\n".join(f"{box} = {text}" for box, text in own.items()).encode()


def as_yaml(own, language):
    return "answers.yaml", (
        "\ufeffanswers:\r\n" + "".join(f"  {box}: {text}\r\n" for box, text in own.items())
    ).encode("utf-16")


def as_page(own, language):
    return (
        "onlinetext.html",
        "".join(f"<p>{box}:&nbsp;{text}</p>" for box, text in own.items()).encode(),
    )


def as_pairs(own, language):
    return "answers.csv", as_csv([["My answers"], [], ["box", "answer"], *own.items()], ";").encode(
        "cp1252"
    )


def as_book(own, language):
    return "answers.xlsx", as_xlsx([["box", "answer"], *own.items()])


def as_object(own, language):
    return "answers.json", json.dumps({"answers": own}).encode()


FORMATS = [as_lines, as_yaml, as_page, as_pairs, as_book, as_object]


@pytest.mark.parametrize("made", ARCHIVES, ids=lambda made: made.__name__)
def test_each_file_of_an_archive_is_its_students(made, tmp_path):
    """A class in one archive: names of each system and language, in each encoding, with slashes or
    backslashes, files of each format."""
    for names, language, write, slash, comma in some(
        NAMES, list(WORDS), FORMATS, ["/", "\\"], [False, True], count=60
    ):
        people = class_for(names)
        answers = answers_of(people, comma)
        roster = roster_of(tmp_path, people, canvas if made is canvas_file else moodle)
        if made is moodle_blind:
            roster = [
                Student(s.id, s.name, s.email, s.position, (f"Participant {57 + k}",))
                for k, s in enumerate(roster)
            ]
        if made is blackboard_file:
            roster = [
                Student(s.id, s.name, s.email, s.position, (p[4],))
                for s, p in zip(roster, people, strict=True)
            ]
        files = []
        for k, (p, own) in enumerate(zip(people, answers, strict=True)):
            name, data = write(own, language)
            files.append((made(p, k, language).format(name).replace("/", slash), data))
        if made is gradescope_folder:
            rows = "".join(
                f"submission_{k}:\n  :submitters:\n  - :name: '{p[1]}'\n    :email: {p[3]}\n"
                for k, p in enumerate(people)
            )
            files.append(
                (f"assignment_1_export{slash}submission_metadata.yml", f"---\n{rows}".encode())
            )
        found, lines = handed_in(tmp_path, roster, [("download.zip", zipped(files, names))])
        exactly(found, lines, roster, answers)


def test_two_of_one_name_get_a_line_each(tmp_path):
    """In an archive that says only names, nobody of a name that two have is marked, and each file
    has a line with both ids."""
    roster, answers = roster_of(tmp_path, PEOPLE), answers_of(PEOPLE, False)
    files = [
        (brightspace_folder(p, k, "en").format("a.txt"), as_lines(own, "en")[1])
        for k, (p, own) in enumerate(zip(PEOPLE, answers, strict=True))
    ]
    found, lines = handed_in(tmp_path, roster, [("download.zip", zipped(files, "utf-8"))])
    exactly(found, lines, roster, answers, namesakes(roster))

    assert len(lines) == 2


@pytest.mark.parametrize("write", FORMATS, ids=lambda write: write.__name__)
def test_sheets_that_name_their_students_themselves(write, tmp_path):
    """Files of any name in one folder, each with a line for the student in some language."""
    people = [*PEOPLE, *FAR]
    roster, answers = roster_of(tmp_path, people), answers_of(people, False)
    files = []
    for k, (p, own) in enumerate(zip(people, answers, strict=True)):
        language = list(WORDS)[k % len(WORDS)]
        if write is as_lines:
            heads = (
                f"{p[1]} {p[2]} ({p[0]})",
                f"{WORDS[language][2]}: {p[0]}",
                p[3],
                f"  {WORDS[language][3]} = {p[3]}",
            )
            data = (heads[k % 4] + "\n").encode() + write(own, language)[1]
        elif write is as_yaml:
            data = (
                f"student: “{p[0]}”\nanswers:\n".encode()
                + "".join(f"\u00a0\u00a0{box}:{text}\n" for box, text in own.items()).encode()
            )
        elif write is as_page:
            data = f"<p>{WORDS[language][2]}: {p[0]}</p>".encode() + write(own, language)[1]
        elif write is as_pairs:
            data = as_csv([["student", p[0].lstrip("0")], ["box", "answer"], *own.items()]).encode()
        elif write is as_book:
            data = as_xlsx([["student", p[0]], ["box", "answer"], *own.items()])
        else:
            data = json.dumps({"student": p[0], "answers": own}).encode()
        files.append((f"upload {k}.{write(own, language)[0].partition('.')[2]}", data))
    exactly(*handed_in(tmp_path, roster, files), roster, answers)
