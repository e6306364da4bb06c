"""What students hand in, as each learning system gives it out: right, twice, late, strange,
hostile."""

import io
import json
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.deadlines import Deadline
from rnnquiz.course.receiving import receive
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.grade.mark import mark
from rnnquiz.people.lists import read_roster
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.solution.solved import solve_all
from rnnquiz.submissions.archives import LARGEST_RATIO, Budget, members
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.formats import READERS, format_of
from rnnquiz.submissions.gradescope import owners_of
from rnnquiz.submissions.online_text import is_blank_page
from rnnquiz.submissions.origins import origin_of
from rnnquiz.submissions.sheets import LARGEST_SHEET
from rnnquiz.submissions.sources import Notice, Refusal, Source
from tests_support import shipped, variants_of, within

BANK = shipped("bptt_scalar")
VARIANTS = variants_of(BANK, 4)
PEOPLE = [
    Student("s0", "Ada Lovelace", "ada@example.org", 1, ("4711", "alove", "Participant 90")),
    Student("s1", "Émile du Châtelet", "emile@example.org", 2, ("4712", "echat", "Participant 91")),
    Student("s2", "Kurt Gödel", "kurt@example.org", 3, ("4713", "kgoed", "Participant 92")),
    Student("s3", "Kurt Gödel", "kurt2@example.org", 4, ("4714", "kgoed2", "Participant 93")),
]
KEYS = [
    {box.name: solution.rounded[box.quantity] for box in BANK.boxes}
    for solution in solve_all(BANK, VARIANTS).one_by_one
]


def as_text(answers):
    return "\n".join(f"{box} = {value}" for box, value in answers.items()).encode()


def as_json(answers):
    return json.dumps({"answers": answers}).encode()


def as_xlsx(answers, **more):
    book = Workbook()
    for row in (*more.items(), ("box", "answer"), *answers.items()):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for path, data in files:
            made.writestr(path, data)
    return out.getvalue()


def received(tmp_path, files, late="mark"):
    """Answers by student and problems, of a folder with these files."""
    for path, data in files:
        place = tmp_path / "in" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (tmp_path / "in").mkdir(exist_ok=True)
    sheets, unread = collect(tmp_path / "in")
    students = {student.id: student for student in PEOPLE}
    received = receive(
        BANK, sheets, students, {v.student: v.token for v in VARIANTS}, Deadline(late)
    )
    return received.sheets, [str(line) for line in (*unread, *received.lines)]


SYSTEMS = {
    "Moodle 4": [
        "Ada Lovelace_90_assignsubmission_file/answers.txt",
        "Émile du Châtelet_91_assignsubmission_file/sub/answers.txt",
    ],
    "Moodle 3": [
        "Ada Lovelace_90_assignsubmission_file_/answers.txt",
        "Émile du Châtelet_91_assignsubmission_file_/answers.txt",
    ],
    "Moodle flat": [
        "Ada Lovelace_90_assignsubmission_file_answers.txt",
        "Émile du Châtelet_91_assignsubmission_file_answers.txt",
    ],
    "Moodle blind": [
        "Participant_90_assignsubmission_file/answers.txt",
        "Participant_91_assignsubmission_file/answers.txt",
    ],
    "Canvas": ["lovelaceada_4711_880001_answers.txt", "duchteletmile_LATE_4712_880002_answers.txt"],
    "Blackboard": [
        "Home work_alove_attempt_2026-11-02-10-11-12_answers.txt",
        "Home work_echat_attempt_2026-11-02-10-11-13_answers.txt",
    ],
    "Brightspace": [
        "1-2 - Ada Lovelace - Oct 10, 2026 1022 AM/answers.txt",
        "1-3 - Émile du Châtelet - Oct 10, 2026 1122 PM/answers.txt",
    ],
}


@pytest.mark.parametrize("packed", ["folder", "zip"])
@pytest.mark.parametrize("system", list(SYSTEMS))
def test_downloads_of_each_system_find_their_owners(system, packed, tmp_path):
    """Sheets named as a system names them belong to the right students, unpacked as well as in the
    archive."""
    files = [(path, as_text(KEYS[k])) for k, path in enumerate(SYSTEMS[system])]
    chosen, problems = received(
        tmp_path, files if packed == "folder" else [("download.zip", archive(files))]
    )

    assert {student: sheet.answers for student, sheet in chosen.items()} == {
        f"s{k}": KEYS[k] for k in range(2)
    }
    assert all("late" in line for line in problems)


def test_gradescope_says_who_in_its_metadata(tmp_path):
    """Numbered folders belong to those whom the metadata names, wherever it stands in the archive;
    a group's sheet to each of them."""
    yml = (
        "---\n"
        "submission_7:\n"
        "  :submitters:\n"
        "  - :name: Ada Lovelace\n"
        "    :sid: s0\n"
        "  - :name: X\n"
        "    :email: emile@example.org\n"
        "  :created_at: 2026-11-01\n"
    )
    files = [
        ("assignment_1_export/submission_7/answers.txt", as_text(KEYS[0])),
        ("assignment_1_export/submission_metadata.yml", yml.encode()),
    ]
    chosen, problems = received(tmp_path, [("export.zip", archive(files))])

    assert sorted(chosen) == ["s0", "s1"]
    assert problems == []

    metadata = {
        "users": [{"id": 1, "name": "Kurt", "email": "kurt@example.org"}],
        "created_at": "2026-11-01T00:00:00Z",
    }
    files = [
        ("autograder/submission_metadata.json", json.dumps(metadata).encode()),
        ("autograder/submission/a.txt", as_text(KEYS[2])),
    ]
    chosen, _ = received(tmp_path, files)

    assert chosen["s2"].answers == KEYS[2]


def test_gradescopes_own_number_is_nobodys_id(tmp_path):
    """The key `id` of its metadata counts Gradescope's users; a student whose id is the same number
    is somebody else."""
    students = {
        who: Student(who, name, "", k)
        for k, (who, name) in enumerate([("1234", "Kurt"), ("77", "Ada Lovelace")], start=1)
    }

    for name, owner in (("Ada Lovelace", "77"), ("A. Lovelace", None)):
        (tmp_path / "submission").mkdir(exist_ok=True)
        metadata = {"users": [{"id": 1234, "name": name, "email": "ada@example.org"}]}
        (tmp_path / "submission_metadata.json").write_text(json.dumps(metadata))
        (tmp_path / "submission" / "a.txt").write_bytes(as_text(KEYS[0]))
        sheets, _ = collect(tmp_path)
        received = receive(
            shipped("bptt_scalar"),
            sheets,
            students,
            {who: f"aaa{who[0]}-bbb-ccc" for who in students},
        )

        assert set(received.sheets) == ({owner} if owner else set())
        assert bool(received.lines) is (owner is None)


def test_the_last_attempt_counts(tmp_path):
    """Of several attempts the one handed in last counts, by the system's time and not by file name;
    the others are named."""
    early, after = (
        "B_alove_attempt_2026-11-02-10-11-12_z.txt",
        "A_alove_attempt_2026-11-03-10-11-12_a.txt",
    )
    chosen, problems = received(
        tmp_path,
        [
            (early, as_text(KEYS[1])),
            (after, as_text(KEYS[0])),
            ("B_alove_attempt_2026-11-02-10-11-12.txt", b"Name: Ada"),
        ],
    )

    assert chosen["s0"].answers == KEYS[0]
    assert ["superseded" in line for line in problems] == [True]


@pytest.mark.parametrize(("rule", "marked"), [("mark", True), ("refuse", False)])
def test_late_sheets_follow_the_rule_and_are_named(rule, marked, tmp_path):
    """A late sheet is marked or not, as the teacher says, and reported in both cases."""
    chosen, problems = received(
        tmp_path, [("lovelaceada_LATE_4711_880001_a.txt", as_text(KEYS[0]))], rule
    )

    assert ("s0" in chosen) is marked
    assert len(problems) == 1
    assert "late" in problems[0]


def test_nobody_is_guessed(tmp_path):
    """A name that two students have, or none, gets no sheet, and both are named."""
    files = [
        ("1-2 - Kurt Gödel - Oct 10, 2026 1022 AM/a.txt", as_text(KEYS[2])),
        ("Nobody_5_assignsubmission_file/a.txt", as_text(KEYS[0])),
    ]
    chosen, problems = received(tmp_path, files)

    assert chosen == {}
    assert ["s2, s3" in line or "no student" in line for line in problems] == [True, True]


@pytest.mark.parametrize("write", [as_text, as_json, as_xlsx], ids=["text", "json", "xlsx"])
def test_each_format_gives_the_same_answers(write, tmp_path):
    """Text, JSON and XLSX with the same answers are the same sheet."""
    chosen, problems = received(
        tmp_path,
        [
            (
                "s1.txt" if write is as_text else "s1.json" if write is as_json else "s1.xlsx",
                write(KEYS[1]),
            )
        ],
    )

    assert chosen["s1"].answers == KEYS[1]
    assert problems == []


def test_people_need_not_type_brackets(tmp_path):
    """h1 is h[1], ŷ_2 is yhat[2], ∂L3/∂U is dL[3]/dU; a chain of equal signs ends in the answer,
    be some of them ≈, as after rounding."""
    text = (
        "student: s0\nh1 = 0.5\nŷ_2: 0,25\n∂L3/∂U = (-0.1)(0.5) = -0.05\nU new = 0.4\nthat is all\n"
        "h2 ≈ 0.7, h3 = tanh(0.9) ≈ 0.716"
    )
    chosen, _ = received(tmp_path, [("mine.txt", text.encode())])

    assert chosen["s0"].answers == {
        "h[1]": "0.5",
        "yhat[2]": "0,25",
        "dL[3]/dU": "-0.05",
        "U_new": "0.4",
        "h[2]": "0.7",
        "h[3]": "0.716",
    }


def test_a_number_of_another_system_gives_nobody_the_marks_of_somebody(tmp_path):
    """A system's number that happens to be the id of another student does not win over the name:
    both are named, nobody is marked."""
    students = {
        "4711": Student("4711", "Somebody Else", "", 1),
        "s0": Student("s0", "Ada Lovelace", "", 2),
    }
    (tmp_path / "lovelaceada_4711_880001_a.txt").write_bytes(as_text(KEYS[0]))
    tokens = {"4711": VARIANTS[1].token, "s0": VARIANTS[0].token}
    received = receive(BANK, collect(tmp_path)[0], students, tokens)

    assert received.sheets == {}
    assert "4711, s0" in str(received.lines[0])


def test_a_token_says_whose_a_sheet_is_that_the_system_does_not_name(tmp_path):
    """Under blind marking, with participants that the roster does not know, the token of the sheet
    decides."""
    text = f"token: {VARIANTS[1].token}\n".encode() + as_text(KEYS[1])
    chosen, problems = received(tmp_path, [("Participant_777_assignsubmission_file/a.txt", text)])

    assert list(chosen) == ["s1"]
    assert problems == []


def test_responses_of_a_quiz(tmp_path):
    """Parts of a response are the boxes in order, in any language; what was not tried is no
    sheet."""
    texts = [
        "part 1: {}; part 2: {}".format(*list(KEYS[0].values())[:2]),
        "Partie 1: 0.5; Partie 2: 1",
        "-",
    ]
    rows = [
        "Last name,First name,Email address,Status,Response 1",
        *(
            f"L,F,{who},Finished,{text}"
            for who, text in zip(
                ["ada@example.org", "emile@example.org", "kurt@example.org"], texts, strict=True
            )
        ),
    ]
    chosen, problems = received(tmp_path, [("responses.csv", "\n".join(rows).encode())])
    names = [box.name for box in BANK.boxes][:2]

    assert chosen["s0"].answers == {name: KEYS[0][name] for name in names}
    assert sorted(chosen) == ["s0", "s1"]
    assert problems == []


def worked_out(data, formula, result):
    """A workbook as a spreadsheet saves it that has worked out a formula."""
    old, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    before, after = f"<f>{formula}</f><v></v>", f"<f>{formula}</f><v>{result}</v>"
    with zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info, old.read(info).replace(before.encode(), after.encode()))
    return out.getvalue()


def test_of_a_formula_in_a_workbook_the_result_is_read(tmp_path):
    """The number that the student sees. Where the file has none, that box alone cannot be read."""
    first = next(iter(KEYS[0]))
    typed = as_xlsx({**KEYS[0], first: "=TANH(0.5)"})
    saved = worked_out(typed, "TANH(0.5)", "0.46211715726")

    seen, problems = received(tmp_path / "seen", [("s0.xlsx", saved)])
    unseen, others = received(tmp_path / "unseen", [("s0.xlsx", typed)])
    marked = mark(BANK, arrays_of(BANK, [VARIANTS[0]]), [unseen["s0"].answers])

    assert problems == others == []
    assert seen["s0"].answers == {**KEYS[0], first: "0.46211715726"}
    assert unseen["s0"].answers == {**KEYS[0], first: "=TANH(0.5)"}
    assert [r.box for r in marked.results(0) if r.verdict == "unreadable"] == [first]


def test_answers_of_an_archive_are_marked_as_they_are(tmp_path):
    """A full sheet out of an archive gets full marks."""
    chosen, _ = received(tmp_path, [("d.zip", archive([(SYSTEMS["Canvas"][0], as_xlsx(KEYS[0]))]))])
    marked = mark(BANK, arrays_of(BANK, [VARIANTS[0]]), [chosen["s0"].answers])
    assert marked.totals[0] == pytest.approx(marked.maxima[0])


@pytest.mark.parametrize("first", [b"%PDF-1.7\n", b"<html>", b"{", b"token: A\nanswers:\n"])
def test_an_archive_that_stores_its_members_is_opened(tmp_path, first):
    """An archive that packs nothing shows how its first member begins, and is an archive still."""
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as whole:
        whole.writestr("a/first.txt", first)
        whole.writestr("b/s1.json", as_json(KEYS[0]))

    sheets, _ = collect(path)

    assert [dict(sheet.answers) for sheet in sheets] == [KEYS[0]]


def test_ids_of_other_systems_are_read_from_the_roster(tmp_path):
    """Every column with an id is known, beside the first."""
    (tmp_path / "r.csv").write_text(
        "Student ID,Name,Username,Canvas ID,Participant ID\ns0,Ada,alove,4711,90\n"
    )
    (student,) = read_roster(tmp_path / "r.csv")

    assert student.others == ("alove", "4711", "Participant 90")
    assert Lookup([student]).find(["4711"]) == student


@given(st.text())
def test_any_path_has_an_owner_or_none(path):
    """No path makes the rules of names raise."""
    origin_of(path)


def lying(name, claimed, data):
    """An archive whose directory claims another size than what unpacks."""
    made = bytearray(archive([(name, data)]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = made.index(signature) + offset
        made[at : at + 4] = struct.pack("<I", claimed)
    return bytes(made)


def linked():
    info = zipfile.ZipInfo("link.txt")
    info.external_attr = 0o120777 << 16
    return archive([(info, "/etc/hostname")])


def nameless():
    """An archive with a file that has no name, as zipfile itself does not write it."""
    info, out = zipfile.ZipInfo("x"), io.BytesIO()
    info.filename = ""
    with zipfile.ZipFile(out, "w") as made, made.open(info, "w") as member:
        member.write(b"h[1] = 1")
    return out.getvalue()


def with_part(part, content):
    """A workbook in which one part of its archive is another."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx({}))) as book:
        return archive(
            {**{name: book.read(name) for name in book.namelist()}, part: content}.items()
        )


def with_sheet(rows):
    """A workbook with these rows, in XML, in its sheet."""
    xml = (
        "<worksheet"
        f' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    )
    return with_part("xl/worksheets/sheet1.xml", xml.encode())


HOSTILE = {
    "bomb": archive([("a.txt", b"0" * (LARGEST_RATIO * 2**20))]),
    "path": archive([("../../a.txt", b"h[1] = 1")]),
    "absolute": archive([("/a.txt", b"h[1] = 1")]),
    "drive": archive([("c:\\a.txt", b"h[1] = 1")]),
    "link": linked(),
    "lying size": lying("a.txt", 10, b"h[1] = 1\n" * 1000),
    "nested twice": archive(
        [("a.zip", archive([("b.zip", archive([("c.zip", archive([("d.txt", b"h[1] = 1")]))]))]))]
    ),
    "cut off": archive([("a.txt", b"h[1] = 1")])[:-10],
    "no archive": b"PK\x03\x04" + b"\0" * 100,
    "program": archive([("a.exe", b"MZ")]),
    "workbook bomb": archive(
        [("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b" " * 100_000_000)]
    ),
    "entities": archive(
        [
            ("[Content_Types].xml", b'<!DOCTYPE a [<!ENTITY b "cccccccccc">]><a>&b;</a>'),
            ("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ]
    ),
    "deep": ("[" * 5000).encode(),
    "aliases": b"a: &a [x,x]\nb: &b [*a,*a]\nanswers: {h: *b}",
    "tag": b"!!python/object/apply:os.system [id]",
    "line of a gigabyte, nearly": b"h[1] = " + b"1" * 300_000,
    "markup": b"<p>" * 20_000,
    "tags that do not end": b"<a " * 80_000,
    "comments that do not end": b"<!--" * 60_000,
    "marked section": b"<![x[ h[1] = 1",
    "number of a character": b"<p>h[1] = &#" + b"1" * 5000,
    "half of a character as a box": b'{"answers": {"\\ud800": []}}',
    "no name": nameless(),
    "rows far apart": with_sheet('<row r="199999"><c r="A199999"><v>1</v></c></row>'),
    "empty properties": with_part("docProps/core.xml", b""),
    "long cell": as_xlsx({"h[1]": "1" * 20_000}),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_files_get_a_line_and_hurt_nobody(name, tmp_path):
    """A harmful file is named within two seconds; nothing is written, and the other students'
    sheets stand."""
    ending = "zip" if HOSTILE[name][:2] == b"PK" else "txt"
    with within(6):
        chosen, problems = received(
            tmp_path, [(f"s0.{ending}", HOSTILE[name]), ("s1.txt", as_text(KEYS[1]))]
        )

    assert list(chosen) == ["s1"]
    assert problems
    assert all("s0" in line for line in problems)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [f"s0.{ending}", "s1.txt"]


def test_many_members_are_counted():
    """An archive of very many files is read up to its limit, and said to be so."""
    budget = Budget(members=100)

    assert len(list(members("z", archive([(f"{k}.txt", b"") for k in range(200)]), budget))) == 100
    assert [str(refusal) for refusal in budget.refused] == [
        "z: more than 50000 files -> the rest was not read"
    ]


# Made once: a workbook holds the time at which it was written, so that its length differs from
# one making to the next, and a case that is tried again would not be the same case.
WHOLE = {"xlsx": as_xlsx(dict(list(KEYS[0].items())[:3])), "json": as_json(KEYS[0])}


@settings(max_examples=60)
@given(st.sampled_from(list(READERS)), st.data())
def test_damaged_files_raise_only_our_own_error(reader, data):
    """A file of each format with some bytes changed is read, or refused by our own error."""
    damaged = bytearray(WHOLE.get(reader, as_text(KEYS[0])))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    if reader == "pdf":
        damaged = b"%PDF-1.4\n" + damaged[:50]
    kind = format_of(bytes(damaged), ".txt")

    for chosen in {reader, kind} - {"zip"}:
        try:
            for sheet in READERS[chosen].read("file", bytes(damaged), "name"):
                assert isinstance(sheet.answers, dict)
        except SubmissionError:
            pass


@pytest.mark.parametrize(
    "path",
    ["Home work_alove_attempt_2026-99-02-10-11-12_a.txt", "1-2 - Ada - Oct 99, 2026 1022 AM/a.txt"],
)
def test_a_time_that_is_none_still_has_an_owner(path):
    """A path with a day or month that does not exist says whose the sheet is, and no time."""
    found = origin_of(path)
    assert found is not None
    assert found.time == ""


def test_a_number_of_thousands_of_digits_is_no_attachment():
    """A path as long as that names nobody."""
    assert origin_of(f"ada_4711_{'1' * 5000}_a.txt") is None


def test_halves_of_characters_in_metadata_can_be_written_down():
    """Whom Gradescope's metadata names is text, whatever its JSON escapes."""
    found = owners_of(
        "submission_metadata.json",
        rb'{"users": [{"name": "\ud800", "id": 1}], "created_at": "\ud800"}',
    )

    assert [(one.known_as, one.time) for one in found["submission"]] == [(("?",), "?")]


def test_a_cell_of_digits_in_a_response_takes_no_time(tmp_path):
    """A hundred responses, each a cell of 9,900 digits: read at once, and nobody is marked by
    them."""
    cells = "\n".join(f"Ada,L,s0,{'1' * 9900}" for _ in range(100))
    table = f"Last name,First name,ID number,Response 1\n{cells}\n"
    with within(6):
        chosen, _ = received(tmp_path, [("quiz.csv", table.encode())])

    assert not any(sheet.answers for sheet in chosen.values())


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("h[1] = 0.6, h[2] = 0.7", {"h[1]": "0.6", "h[2]": "0.7"}),
        ("h[1] = 0,6; h[2] = 0,7", {"h[1]": "0,6", "h[2]": "0,7"}),
        ("h1: 0.6, h2: 0.7", {"h[1]": "0.6", "h[2]": "0.7"}),
        ("h[1] = 0.6\th[2] = 0.7", {"h[1]": "0.6", "h[2]": "0.7"}),
        ("h[1] = 0.6   d+h[2]/dU = 0.7", {"h[1]": "0.6", "d+h[2]/dU": "0.7"}),
        ("h[1]\t0.6", {"h[1]": "0.6"}),
        ("h[2] = tanh(0.5 * 0.8 + 0.2) = 0.7", {"h[2]": "0.7"}),
        ("h[2] = max(0.1, h[1]) = 0.7", {"h[2]": "0.7"}),
        ("h[2] = 0.5 x + 0.2 = 0.7", {"h[2]": "0.7"}),
        ("h[1] = 6e-1 = 0.6", {"h[1]": "0.6"}),
        ("h[2] = d3 h2 = 0.7", {"h[2]": "0.7"}),
        ("h[2] = 2 * 0.35 = 0.7", {"h[2]": "0.7"}),
        ("h[1] = 0.6 h[2] = 0.7", {"h[1]": "0.6 h[2] = 0.7"}),
        ("h[1] = 0.6 and h[2] = 0.7", {"h[1]": "0.6 and h[2] = 0.7"}),
        ("h[1] = 0.6h[2] = 0.7", {"h[1]": "0.6h[2] = 0.7"}),
    ],
)
def test_no_box_gets_the_number_of_another_on_its_line(tmp_path, line, read):
    """Two boxes on a line are two; where it cannot be told, the box cannot be read, and is not
    given another's number."""
    chosen, _ = received(tmp_path, [("mine.txt", f"student: s0\n{line}\n".encode())])
    assert chosen["s0"].answers == read


def test_cells_of_a_page_are_parted(tmp_path):
    """A table typed into a learning system's page: a box and its number in two cells, or two boxes
    in two."""
    page = (
        "<p>student: s0</p><table><tr><td>h[1]</td><td>0.6</td></tr>"
        "<tr><td>h[2] = 0.7</td><td>h[3] = 0.8</td></tr></table>"
    )
    chosen, _ = received(tmp_path, [("mine.html", page.encode())])

    assert chosen["s0"].answers == {"h[1]": "0.6", "h[2]": "0.7", "h[3]": "0.8"}


ODD_PAGES = {
    "nothing is closed": ("<p>h[1] = 0.6<p>h[2] = 0.7<ul><li>h[3] = 0.8", "0.6 0.7 0.8"),
    "nothing is begun": ("h[1] = 0.6</p>h[2] = 0.7</P >h[3] = 0.8", "0.6 0.7 0.8"),
    "closed in another order": ("<p><b>h[1] = <i>0.6</b></i></p>h[2] = 0.7", "0.6 0.7"),
    "names of characters": ("<p>h&lsqb;1&#93; &equals; &minus;0.6&nbsp;</p>", "−0.6"),
    "names without an end": ("<p>h[1] = &minus0.6<p>h[2] = 0.7&nbsp", "&minus0.6 0.7"),
    "a number of no character": ("<p>h[1] = 0.6<p>h[2] = 0.7&#99999999999;", "0.6 0.7\ufffd"),
    "comments": ("<!-- <p>h[1] = 0.5 --><p>h[1] <!-- > -->= 0.6<!-- <p>h[2] = 0.7", "0.6"),
    "on behind its end": ("<body><p>h[1] = 0.6</body></html><p>h[2] = 0.7", "0.6 0.7"),
    "signs of less": ("<p>if 0 < 1 and 2 <3 then<p>h[1] = 0.6", "0.6"),
    "signs in attributes": ("<p title='a > b' class=\"<p>h[2] = 1\">h[1] = 0.6</p>", "0.6"),
    "a script without an end": ("<p>h[1] = 0.6<script>h[2] = 0.7 <p> h[3] = 0.8", "0.6"),
    "a style": ("<style>p > b {}\nh[2] = 1</style><p>h[1] = 0.6", "0.6"),
    "an encoding of its own": ("<?xml version='1.0' encoding='latin-1'?><p>h[1] = 0.6 Ω", "0.6 Ω"),
    "a table in a cell": (
        "<table><tr><td>h[1]</td><td>0.6</td></tr><tr><td><table><tr><td>h[2]<td>0.7</table>"
        "<tr><td>h[3]<td>0.8</table>",
        "0.6 0.7 0.8",
    ),
    "a title over the text": ("<title>h[2]&nbsp;= 9</title><h1>h[2] = 9</h1><p>h[1] = 0.6", "0.6"),
    "five thousand levels": ("<div>" * 5000 + "<p>h[1] = 0.6", "0.6"),
    "lines as they were typed": (
        "<pre><b>h[1]</b> = 0.6\nh[2] = 0.7\n</pre><p>h[3] =\n0.8</p>",
        "0.6 0.7 0.8",
    ),
    "cut off in a tag": ("<p>h[1] = 0.6</p><p title='h[2] = 0.7", "0.6"),
}


@pytest.mark.parametrize(("page", "read"), ODD_PAGES.values(), ids=ODD_PAGES)
def test_an_odd_page_is_read_as_a_browser_shows_it(page, read):
    """What stands on the page is read, line by line, and nothing of what a browser does not
    show."""
    (sheet,) = READERS["html"].read("a.html", page.encode(), "s0")
    expected = [f"h[{k}]" for k in range(1, len(sheet.answers) + 1)]

    assert list(sheet.answers) == expected
    assert " ".join(sheet.answers.values()) == read


@pytest.mark.parametrize("piece", ["<", "<!", "<!--", "</a", "<a b='", "<a b=", "&", "<div>", "<?"])
def test_a_page_of_tags_that_do_not_end_takes_no_time(piece):
    """The longest page that is read, of one piece over and over, is refused at once."""
    page = (piece * 100_000)[: LARGEST_SHEET - 1].encode()

    with within(2):
        is_blank_page(page)
        with pytest.raises(SubmissionError):
            list(READERS["html"].read("a.html", page, "s0"))


@pytest.mark.parametrize(
    "typed", ["", " ", "\u00a0", "<br>", "<!-- a -->", "<p> </p><script>1</script>"]
)
def test_a_page_on_which_nothing_is_shown_is_blank(typed):
    """Whatever an editor has written where nothing was typed."""
    assert is_blank_page(f"<div class='no-overflow'><p>{typed}</p></div>".encode())
    assert not is_blank_page(f"<p>{typed}h[1]</p>".encode())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source.of("in/s1.pdf"), "in/s1.pdf"),
        (Source.of("class.csv", 3), "class.csv, row 3"),
        (Source.of("class.csv", 3).joined(Source.of("s1.txt")), "class.csv, row 3 + s1.txt"),
        (Source.of("a.txt").joined(Source.of("class.csv", 3)), "a.txt + class.csv"),
    ],
    ids=str,
)
def test_a_source_says_its_files_and_the_row(source, words):
    """The row is that of the first file; a file put together with it is named alone."""
    assert str(source) == words
    assert str(Notice(source, "late")) == str(Refusal(source, "late")) == f"{words}: late"


def test_a_refusal_says_what_the_error_said():
    """One problem stands beside the file, several each on a line."""
    one = SubmissionError("a.txt", Problem("h[1]", "stands twice", "keep one"), "abcd-efg-hij")
    two = SubmissionError("a.txt", [Problem("h[1]", "no box"), Problem("h[2]", "no box")])

    assert str(Refusal.of(one)) == "a.txt: h[1]: stands twice -> keep one"
    assert Refusal.of(one).token == "abcd-efg-hij"
    assert str(Refusal.of(two)) == "a.txt: 2 problems\n  h[1]: no box\n  h[2]: no box"
