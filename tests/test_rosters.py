"""Rosters of each system in each language and encoding: everybody is read as who they are, and
nobody else is a student."""

import json
import random
from datetime import datetime

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rosters import FAR, PEOPLE, SYSTEMS, WORDS, as_csv, as_xlsx, campus, canvas, gradescope, moodle

from rnnquiz.cli import main
from rnnquiz.course.known_again import known_again
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.people.headings import role_of
from rnnquiz.people.identity import AsId, AsName, AsSpelt, loosely
from rnnquiz.people.lists import read_roster, roster_in
from rnnquiz.people.roster import Lookup, Student

ENCODINGS = {
    "utf-8": ("utf-8", ","),
    "with a mark": ("utf-8-sig", ";"),
    "UTF-16 and tabs": ("utf-16", "\t"),
    "Windows": ("cp1252", ";"),
    "without a mark": ("utf-16-le", ","),
    "an old Mac": ("mac_roman", ";"),
    "xlsx": ("", ""),
}


def written(path, rows, encoding="utf-8", separator=","):
    path.write_bytes(as_xlsx(rows) if not encoding else as_csv(rows, separator).encode(encoding))
    return path


def read(tmp_path, text, **more):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    return roster_in(tmp_path / "r.csv", **more)


def identity(system, number, person):
    """What a student of this roster is known by: id, words of the name, e-mail where the roster has
    it."""
    key = SYSTEMS[system]
    id_ = str(4711 + number) if key is None else person[key]
    return id_, sorted(f"{person[1]} {person[2]}".replace(",", " ").split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("k12", "K12"),
        ("mu\u0308ller", "m\u00fcller"),
        ("k12", "\uff4b\uff11\uff12"),
        ("007", "7"),
        ("stra\u00dfe1", "STRASSE1"),
    ],
)
def test_ids_that_are_nearly_the_same_are_named_with_their_rows(one, other, tmp_path):
    """Two students whom a system may take for one are both named; a third is not."""
    rows = [f"{one},Ada", "z99,Bea", f"{other},Cleo"]
    roster = read(tmp_path, "\n".join(["id,name", *rows]))

    (note,) = roster.notes

    assert f"{one!r} (Ada, row 2) and {other!r} (Cleo, row 4) differ only by" in note
    assert "->" in note
    assert "Bea" not in note
    assert [student.id for student in roster.students] == [one, "z99", other]


def test_many_ids_that_are_nearly_the_same_are_counted(tmp_path):
    """What is left out of the list is said."""
    rows = [f"k{n},Ada\nK{n},Bea" for n in range(25)]

    notes = read(tmp_path, "\n".join(["id,name", *rows])).notes

    assert notes[-1] == "... and 5 more ids like these"


@pytest.mark.parametrize("language", list(WORDS))
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.__name__)
def test_everybody_is_read_as_who_they_are(system, language, tmp_path):
    """Each system's roster, in each language, encoding and as a workbook: these ids and names, in
    this order, and nobody else."""
    for name, (encoding, separator) in ENCODINGS.items():
        people = PEOPLE if name in ("Windows", "an old Mac") else [*PEOPLE, *FAR]
        if name == "an old Mac":
            people = PEOPLE[:-1]  # it has no letters of Iceland
        path = written(tmp_path / "roster.csv", system(people, language), encoding, separator)
        found = roster_in(path)
        read = [(s.id, sorted(s.name.replace(",", " ").split())) for s in found.students]

        assert read == [identity(system, k, person) for k, person in enumerate(people)], name

        mails = [student.email for student in found.students]
        assert mails in ([person[3] for person in people], [""] * len(people)), name


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.__name__)
def test_every_word_of_a_row_finds_its_student(system, tmp_path):
    """Ids, logins and e-mails of a roster find their own student, as they stand and as spreadsheets
    leave them."""
    people = [*PEOPLE, *FAR]
    students = read_roster(written(tmp_path / "roster.csv", system(people, "en")))
    lookup = Lookup(students)

    for student, person in zip(students, people, strict=True):
        for word in {student.id, student.email, *student.others} - {""}:
            for form in (
                word,
                word.upper(),
                f"#{word}",
                f'="{word}"',
                f"'{word}",
                f"\ufeff{word}\u200b",
                word.lstrip("0"),
            ):
                assert lookup.find([AsId(form)]) == student, form

        same = sum(other[1:3] == person[1:3] for other in people)
        assert (lookup.find([AsName(f"{person[2]}, {person[1]}")]) == student) is (same == 1)


@pytest.mark.slow
def test_what_was_understood_is_always_said(tmp_path):
    """The command names the columns, how many students there are and the first, in a dry run, in a
    real one, and for programs."""
    path = written(tmp_path / "roster.csv", campus(PEOPLE, "de"), "cp1252", ";")
    common = [
        "generate",
        "hello",
        "--roster",
        str(path),
        "--out",
        str(tmp_path / "c"),
        "--engine",
        "none",
        "--no-documents",
    ]

    for more in (["--dry-run"], []):
        shown = CliRunner().invoke(main, [*common, *more]).output

        for word in (
            "'Matrikelnummer'",
            "'Vorname' and 'Name'",
            "'E-Mail'",
            "9 students",
            "0012345",
            "row 4",
            "'Total: 9 participants'",
            "Windows-1252",
            "García-López",
        ):
            assert word in shown

    found = json.loads(CliRunner().invoke(main, [*common, "--json"]).output)["roster"]
    assert found["id"] == "'Matrikelnummer' (headings in row 4)"
    assert found["students"] == 9
    assert found["first"] == {
        "id": "0012345",
        "name": "Ana García-López",
        "email": "ana@example.org",
    }


def test_rows_that_are_no_students_are_named(tmp_path):
    """Points Possible, the test student, staff, totals and titles have a line each, by their
    row."""
    notes = roster_in(written(tmp_path / "r.csv", canvas(PEOPLE, "en"))).notes
    assert [note.split(":")[0] for note in notes] == [
        "row 2 is no student",
        "row 3 is no student",
        "row 13 is no student",
    ]

    notes = roster_in(written(tmp_path / "r.csv", gradescope(PEOPLE, "en"))).notes
    assert notes == ["row 11 is no student: TA: 'Tia Ay tia@example.org TA'"]


FOOTERS = {
    # rows above and below the students as registers write them; how many lines name one
    "HIS": ("startHISsheet;;;\n", "endHISsheet;;;\n", 1),
    "a count": ("", "Anzahl Studierende;2;;\n;Stand: 28.11.2026;;\n", 2),
    "a date": (
        "List of participants;;;\n\n",
        "Report generated on;28 Nov 2026;;\nTotal students: 3\n",
        2,
    ),
    "marks alone": ("", "---;---;---;---\n***\n", 2),
    "a signature": ("", "Prof. A. Turing;;;\nchecked by the registrar, and signed;;;\n", 2),
}


@pytest.mark.parametrize("name", list(FOOTERS))
def test_titles_and_footers_are_no_students(name, tmp_path):
    """What registers write above and below the students is said, row by row, and gets no sheet; ids
    of letters alone are ids."""
    above, below, count = FOOTERS[name]
    rows = (
        "mtknr;nachname;vorname;email\n1234567;Müller;Jörg;\n1234568;Weiß;Ana;\nguest;Gast;Ada;\n"
    )
    found = read(tmp_path, above + rows + below)

    assert [student.id for student in found.students] == ["1234567", "1234568", "guest"]
    assert len([note for note in found.notes if "is no student" in note]) == count


def test_all_names_and_addresses_of_a_row_are_kept(tmp_path):
    """Two surnames are one name; of two e-mails the first that is there is the address, and both
    find the student."""
    found = read(
        tmp_path,
        "Matrícula;Primer apellido;Segundo apellido;Nombre\n"
        "1;García;López;Ana\n"
        "2;García;Pérez;Ana\n",
    )

    assert [student.name for student in found.students] == ["Ana García López", "Ana García Pérez"]

    found = read(tmp_path, "id,name,Email,University Email\n1,Ada,,a@u\n2,Kurt,k@home,k@u\n")
    assert [student.email for student in found.students] == ["a@u", "k@home"]

    lookup = Lookup(found.students)
    assert [lookup.find([word]).id for word in ("a@u", "k@home", "k@u")] == ["1", "2", "2"]


def test_an_id_that_became_a_date_is_refused(tmp_path):
    """A spreadsheet makes a date of the id 1-2-2026; the row and the remedy are said."""
    path = written(tmp_path / "r.xlsx", [["id", "name"], ["1", "Ada"]], "")
    book = openpyxl.load_workbook(path)
    book.active["A2"].value = datetime(2026, 2, 1)
    book.save(path)

    with pytest.raises(
        CourseError,
        match=(
            r"row 2, column 'id': a spreadsheet has made a date of the id.*format the column as"
            r" text"
        ),
    ):
        roster_in(path)


def test_a_student_called_test_student_is_one(tmp_path):
    """Only Canvas' own row, which has no id of the university, is its test student."""
    rows = canvas(PEOPLE, "en")

    assert "Test" in {
        student.name.split(", ")[-1] for student in read_roster(written(tmp_path / "r.csv", rows))
    }
    assert [s.name for s in read(tmp_path, "id,name\ns1,Test Student\n").students] == [
        "Test Student"
    ]


def test_students_without_an_id_are_known_by_their_mail(tmp_path):
    """In Gradescope and Moodle a row may have no id: the e-mail is one, and that is said."""
    found = read(tmp_path, "First Name,Last Name,SID,Email\nAda,L,s1,ada@x\nTia,Ay,,tia@x\n")
    assert [(s.id, s.name) for s in found.students] == [("s1", "Ada L"), ("tia@x", "Tia Ay")]
    assert "Tia Ay (row 3)" in found.notes[0]


REFUSED = {
    "no id and no mail": (
        "id,name\ns1,Ada\n,Bob\n",
        ["row 3, column 'id'", "Bob has no id", "--id-column"],
    ),
    "an id twice": (
        "id,name\ns1,Ada\ns1,Bob\n",
        ["row 3, column 'id'", "'s1' of Bob stands in row 2"],
    ),
    "rounded by a spreadsheet": (
        "id,name\n1.23457E+11,Ada\n",
        ["row 2", "rounded", "1.23457E+11", "as text"],
    ),
    "a comma without quotes": (
        "id,name,email\ns1,Love, Ada,a@x\n",
        ["row 2", "4 cells under 3 headings", "quotes"],
    ),
    "no column of ids": (
        "Name,Section\nAda,S1\n",
        ["row 1", "no column is an id", "Name, Section", "--id-column"],
    ),
    "nothing": ("", ["is empty"]),
    "no students": ("id,name\n", ["has no students"]),
    "old Excel": ("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abc", ["old Excel", "XLSX"]),
    "a page": ("<html><table><tr><td>id</td></tr></table></html>", ["is a page (HTML)"]),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_cannot_be_used_is_named_with_row_column_and_remedy(name, tmp_path):
    """The error of each bad roster says where, what, and what would do."""
    text, words = REFUSED[name]
    (tmp_path / "r.csv").write_bytes(text.encode("latin-1"))

    with pytest.raises(CourseError) as error:
        read_roster(tmp_path / "r.csv")
    for word in ["r.csv", "->", *words]:
        assert word in str(error.value)


def test_the_teacher_can_name_the_columns(tmp_path):
    """--id-column and --name-column take any heading, in any row; one that is not there is refused
    with those that are."""
    text = "Course: RNN\nCode,Who,Mail\nx9,Ada Lovelace,ada@x\nx10,Kurt Gödel,kurt@x\n"
    found = read(tmp_path, text, id_column="code", name_column="WHO")
    assert [(s.id, s.name) for s in found.students] == [
        ("x9", "Ada Lovelace"),
        ("x10", "Kurt Gödel"),
    ]

    by_name = read(
        tmp_path, "Student,ID,SIS User ID,Section\nA,1,s1,S\nB,2,s2,S\n", id_column="SIS User ID"
    )

    assert [s.id for s in by_name.students] == ["s1", "s2"]
    with pytest.raises(CourseError, match="there is no column 'Kode' -> the columns are: id, name"):
        read(tmp_path, "id,name\ns1,Ada\n", id_column="Kode")


def test_a_column_that_counts_the_rows_is_no_id(tmp_path):
    """1, 2, 3 under ID beside a column of real ids are the numbers of the rows; alone they are
    ids."""
    found = read(tmp_path, "ID,Name,Matrikelnummer\n1,Ada,4712\n2,Bob,2\n3,Cem,4711\n").students
    assert [(s.id, s.others) for s in found] == [("4712", ()), ("2", ()), ("4711", ())]
    assert [s.id for s in read(tmp_path, "ID,Name\n1,Ada\n2,Bob\n").students] == ["1", "2"]


def test_ids_that_a_spreadsheet_makes_one_are_said(tmp_path):
    """007 and 7 are two students; the teacher is told, the exact id finds each, any other finds
    neither."""
    found = read(tmp_path, "id,name\n007,Ada\n7,Bob\nAB,Cem\nab,Dan\n")
    zeros, case = found.notes
    assert "'007' (Ada, row 2) and '7' (Bob, row 3)" in zeros
    assert "'AB' (Cem, row 4) and 'ab' (Dan, row 5)" in case

    lookup = Lookup(found.students)
    assert [lookup.candidates([word]) for word in ("007", "7", "AB", "ab")] == [
        ["007"],
        ["7"],
        ["AB"],
        ["ab"],
    ]
    assert [lookup.candidates([word]) for word in ("0007", "Ab")] == [["007", "7"], ["AB", "ab"]]


def test_damaged_letters_are_shown(tmp_path):
    """A name that was damaged before the roster came to us, and one in an encoding that had to be
    guessed, are said."""
    assert "'MÃ¼ller'" in read(tmp_path, "id,name\ns1,Ada\ns2,MÃ¼ller\n").notes[0]

    path = written(tmp_path / "x.csv", [["id", "name"], ["s1", "Иван"]], "cp1251")
    assert "read as Windows-1251: 'Иван'" in roster_in(path).notes[0]

    people = "".join(f"s{k},Łukasz Żak\n" for k in range(9)).encode()
    (tmp_path / "y.csv").write_bytes(b"id,name\ns99,Luk\xe1\xc5\n" + people)
    found = roster_in(tmp_path / "y.csv")

    assert [student.name for student in found.students[1:]] == ["Łukasz Żak"] * 9
    assert "letters were damaged" in found.notes[0]


NATIONAL = {
    # headings and people as a spreadsheet saves them where this encoding is the machine's
    "cp1250": (
        ["Numer albumu", "Imię", "Nazwisko"],
        ["Łukasz Żak", "Małgorzata Wójcik", "Święta Ćma"],
    ),
    "cp1250, Czech": (["Osobní číslo", "Jméno", "Příjmení"], ["Jiří Dvořák", "Věra Němcová"]),
    "cp1251": (["Номер студента", "Имя", "Фамилия"], ["Иван Петров", "Ольга Щукина", "Юрий Ёлкин"]),
    "cp1253": (["Αριθμός μητρώου", "Όνομα", "Επώνυμο"], ["Νίκος Παππάς", "Ελένη Δούκα"]),
    "cp1254": (["Öğrenci No", "Adı", "Soyadı"], ["Işıl İnce", "Şule Güneş"]),
    "gb18030": (["学号", "名", "姓"], ["芳 王", "小龙 李"]),
    "cp932": (["学籍番号", "名", "姓"], ["太郎 山田", "花子 鈴木"]),
    "cp949": (["학번", "이름", "이메일"], ["김민수 k@x", "이영희 l@x"]),
    "big5": (["學號", "名", "姓"], ["小明 王", "美麗 陳"]),
    "koi8_r": (["Логин", "Имя", "Фамилия"], ["Иван Петров", "Ольга Щукина"]),
    "cp1255": (["מספר סטודנט", "שם פרטי", "שם משפחה"], ["דוד כהן", "שרה לוי"]),
    "cp1256": (["الرقم الجامعي", "الاسم", "البريد الإلكتروني"], ["محمد m@x", "فاطمة f@x"]),
}


@pytest.mark.parametrize("name", list(NATIONAL))
def test_each_country_has_its_encoding(name, tmp_path):
    """Headings of the country say which encoding it is; that it was guessed is said, with a
    name."""
    headings, people = NATIONAL[name]
    rows = [[f"00{k}", *person.split()] for k, person in enumerate(people)]
    path = written(tmp_path / "r.csv", [headings, *rows], name.partition(",")[0], ";")
    found = roster_in(path)
    words = [[s.id, *(w for w in (*s.name.split(), s.email) if w)] for s in found.students]

    assert words == rows
    assert any(s.name in found.notes[0] for s in found.students)
    assert "was read as" in found.notes[0]


@pytest.mark.parametrize(
    "name", [name for name in NATIONAL if name not in ("cp1250, Czech", "cp1254")]
)
def test_the_letters_of_names_say_as_much_where_they_can(name, tmp_path):
    """Under English headings the names alone decide, in all encodings but those that differ from
    Western Europe's in a few letters."""
    people = NATIONAL[name][1]
    rows = [["id", "name"], *([f"s{k}", person] for k, person in enumerate(people))]
    found = roster_in(written(tmp_path / "r.csv", rows, name))

    assert [student.name for student in found.students] == people


def test_zeros_that_a_workbook_shows_are_kept(tmp_path):
    """A number with the format 0000000 is the id as it is shown."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["ID", "Name"], [12345, "Ada"], [54321.0, "Bob"]):
        book.active.append(row)
    book.active["A2"].number_format = "0000000"
    book.save(tmp_path / "r.xlsx")

    assert [s.id for s in read_roster(tmp_path / "r.xlsx")] == ["0012345", "54321"]


def test_the_sheet_with_the_roster_is_found(tmp_path):
    """A workbook may begin with another sheet."""
    (tmp_path / "r.xlsx").write_bytes(as_xlsx(moodle(PEOPLE, "de"), before=[["About this course"]]))
    assert len(read_roster(tmp_path / "r.xlsx")) == len(PEOPLE)


def test_a_student_whose_id_is_written_otherwise_keeps_the_sheet(tmp_path):
    """The roster of another system, or one that a spreadsheet has saved, makes no new students;
    another name is another student."""
    with Course.create(tmp_path) as course:
        course.add_students(
            [
                Student("0012345", "Ada Lovelace", "ada@x", 1, ("alove",)),
                Student("s2", "Kurt Gödel", "", 2, ("77",)),
            ]
        )
        again = [
            Student("12345", "Lovelace, Ada", "ada@x", 1),
            Student("77", "Somebody Else", "", 2),
            Student("s3", "New", "", 3),
        ]
        found, notes = known_again(course, again)

        assert [student.id for student in found] == ["0012345", "77", "s3"]
        assert ["0012345" in note for note in notes] == [True]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("K12", "k12", True),
        ("0012", "12", True),
        ("k0012", "k12", False),
        ("12", "12.0", True),
        ("１２", "12", True),
        ("A\u0308b", "\u00c4b", True),
        ("а1", "a1", False),
        ("I1", "ı1", False),
        ("straße", "STRASSE", True),
        ("1e5", "100000", False),
        ("Teilnehmer/in57", "Participant 57", True),
        ("Participante57", "Participant 58", False),
        ("a b", "a\u00a0b", True),
        ("0", "00", True),
    ],
)
def test_ids_are_compared_as_they_look(one, other, same):
    """Case, Unicode form, invisible characters, zeros and Moodle's word make no difference; letters
    that only look alike do."""
    assert (loosely(one) == loosely(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Émile du Châtelet", "CHATELET Emile du", True),
        ("Weiß", "WEISS", True),
        ("Işıl İnce", "isil ince", True),
        ("Łukasz Żak", "lukasz zak", True),
        ("Ноа", "Hoa", False),
        ("राम", "रम", False),
        ("Ångström", "A\u030angstro\u0308m", True),
        ("Smith, Jr., John", "John Smith Jr.", True),
        ("Ana", "Anna", False),
    ],
)
def test_names_are_compared_without_what_systems_change(one, other, same):
    """Order, case and accents make no difference, in any script; letters do."""
    assert (Lookup([Student("s1", one, "", 1)]).find([AsName(other)]) is not None) is same


def test_a_name_in_a_guessed_encoding_needs_its_accents():
    """What an old archive calls G\u00eedel is not Gidel: the accents of a reading must be those of
    the roster."""
    lookup = Lookup([Student("s1", "Kurt Gidel", "", 1), Student("s2", "Kurt Gödel", "", 2)])
    assert lookup.find([AsSpelt("Kurt Gîdel"), AsSpelt("Kurt Gödel")]).id == "s2"
    assert lookup.find([AsSpelt("Kurt Gîdel")]) is None


def test_a_name_that_is_the_id_of_somebody_is_a_name():
    """A student called Kim, and one whose id is kim."""
    lookup = Lookup([Student("s1", "Kim", "", 1), Student("kim", "Ada", "", 2)])

    assert lookup.candidates([AsName("Kim")]) == ["s1"]
    assert lookup.candidates([AsId("kim")]) == ["kim"]
    assert lookup.candidates([AsId("lee")]) == []


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=6),
    st.sampled_from(
        [["ID", "Name"], ["E-Mail", "Nachname", "Vorname"], ["Student", "ID", "Section"]]
    ),
    st.sampled_from(",;\t"),
)
def test_no_roster_makes_it_raise_anything_else(tmp_path_factory, rows, header, separator):
    """Any rows under a header are students with different ids, or our own error."""
    path = tmp_path_factory.mktemp("r") / "r.csv"
    path.write_text(as_csv([header, *rows], separator), encoding="utf-8")
    try:
        students = read_roster(path)
    except CourseError:
        return

    assert len({student.id for student in students}) == len(students) > 0


def test_rows_in_any_order_are_the_same_people(tmp_path):
    """Swapped columns and rows change nothing but positions."""
    rows = moodle([*PEOPLE, *FAR], "es")
    dice = random.Random(3)

    for _ in range(10):
        order = dice.sample(range(5), 5)
        shuffled = [
            [row[k] for k in order] for row in [rows[0], *dice.sample(rows[1:], len(rows) - 1)]
        ]
        found = read_roster(written(tmp_path / "r.csv", shuffled))

        assert {(s.id, s.email) for s in found} == {(p[0], p[3]) for p in [*PEOPLE, *FAR]}


def test_no_word_heads_two_kinds_of_columns():
    """Each heading known has one meaning, whatever its case and marks."""
    assert role_of("Numéro d’identification") == role_of("NUMERO D'IDENTIFICATION:") == "id"
    assert role_of("E-Mail-Adresse") == role_of("email adresse*") == "e-mail"
    assert role_of("h[1]") == role_of("") == ""
