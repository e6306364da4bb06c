"""Marks put into files as learning systems give them out: the right cells change, and no other
byte."""

import contextlib
import csv
import io
from decimal import Decimal

import pytest
from data.systems.moodle_files import COMMA, WORKSHEET, worksheet
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.errors import CourseError
from rnnquiz.exports.amounts import Amounts
from rnnquiz.exports.editing import EditableTable
from rnnquiz.exports.grade_row import GradeRow
from rnnquiz.exports.layouts import LAYOUTS
from rnnquiz.exports.roundtrip import SystemFile, fill
from rnnquiz.people.roster import Lookup, Student
from tests_support import within

PEOPLE = [
    Student("s1", "Ada Lovelace", "ada@example.org", 1, ("4711", "alove", "Participant 90")),
    Student("s2", "Émile du Châtelet", "emile@example.org", 2, ("4712", "echat", "Participant 91")),
    Student("s3", "Absent, One", "gone@example.org", 3, ("4713", "gone", "Participant 92")),
]
ROWS = [
    GradeRow("s1", "Ada", "", 30.99, 40.0, {}, {}, "h[2]", "marked"),
    GradeRow("s2", "Émile", "", 40.0, 40.0, {}, {}, "", "marked"),
    GradeRow("s3", "Absent", "", None, 40.0, {}, {}, "", "not handed in"),
]
FILES = {
    "canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay (12),RNN (77),Current"
        ' Score\n,,,,,,Manual Posting,\n    Points Possible,,,,,10,40,(read only)\n"Lovelace,'
        ' Ada",4711,s1,alove,"A, ""one""",8,,80\n"du Châtelet,'
        ' Émile",4712,,echat,A,9,1.5,\n"Nobody",999,,x,A,1,2,\n"Student, Test",1,,,A,,,\n'
    ),
    "moodle": (
        '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be'
        ' changed","Last modified (grade)","Feedback comments"\r\nParticipant 90,"Ada'
        ' Lovelace",ada@example.org,Submitted,,"100,00",Yes,-,"<p>old</p>"\r\nParticipant 91,"Émile'
        ' du Châtelet",emile@example.org,Submitted,"12,00","100,00",No,-,\r\nParticipant'
        ' 99,"Somebody Else",else@example.org,-,"1,00","100,00",Yes,-,\r\n'
    ),
    "brightspace": (
        "OrgDefinedId,Username,RNN Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator\n"
        "#s1,#alove,,#\n"
        "#s2,#echat,3,#\n"
    ),
    "blackboard": (
        '"Last Name","First Name","Username","Student ID","RNN [Total Pts: 40 Score]'
        ' |8812"\n"L","Ada","alove","s1",""\n"C","É","echat","s2","Needs Grading"\n'
    ),
}
EXPECTED = {
    "canvas": {"s1": "30.99", "s2": "40.00"},
    "moodle": {"s1": "77,48"},
    "brightspace": {"s1": "15.50", "s2": "20.00"},
    "blackboard": {"s1": "30.99", "s2": "40.00"},
}
COLUMN = {"canvas": "RNN"}


def filled(system, name, data, rows, lookup, column="", handed=None):
    """The file of a system with the marks of the rows in it."""
    return fill(SystemFile(system, name, data, column), rows, lookup, handed)


def cells(data, codec):
    return list(csv.reader(io.StringIO(data.decode(codec), newline="")))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("system", list(LAYOUTS))
def test_marks_stand_in_their_cells_and_nothing_else_moves(system, codec):
    """Read by another reader, the file has the marks in the rows of their students, and all other
    cells are the same text."""
    mark = b"\xff\xfe" if codec == "utf-16-le" else b""
    text = FILES[system] if codec == "utf-8" else FILES[system].lstrip("\ufeff")
    before = mark + text.encode(codec)

    done = filled(system, "grades.csv", before, ROWS, Lookup(PEOPLE), COLUMN.get(system, ""))

    assert done.data.startswith(mark)

    old, new = cells(before[len(mark) :], codec), cells(done.data[len(mark) :], codec)
    changed = {
        (r, c): cell for r, row in enumerate(new) for c, cell in enumerate(row) if old[r][c] != cell
    }
    marks = [cell for (_, c), cell in sorted(changed.items()) if old[0][c] != "Feedback comments"]

    assert marks == list(EXPECTED[system].values())
    assert done.changed == len(EXPECTED[system])

    rest = [cell for (_, c), cell in changed.items() if old[0][c] == "Feedback comments"]
    assert rest == (
        ["30.99 of 40.00 marks. The first step to look at is h[2]."] if system == "moodle" else []
    )


@pytest.mark.parametrize("system", list(LAYOUTS))
def test_a_mark_that_is_replaced_is_said(system):
    """Whoever typed another mark into the system is told before it is gone; the same mark, and
    words, are no loss."""
    done = filled(
        system, "grades.csv", FILES[system].encode(), ROWS, Lookup(PEOPLE), COLUMN.get(system, "")
    )
    stood = {"canvas": "1.5 there, and has 40.00", "brightspace": "3 there, and has 20.00"}
    said = [line for line in done.notes if "there, and has" in line]

    assert [stood[system] in line for line in said] == [True] * (system in stood)

    again = filled(system, "grades.csv", done.data, ROWS, Lookup(PEOPLE), COLUMN.get(system, ""))
    assert not any("there, and has" in line for line in again.notes)


def test_every_other_byte_stays():
    """Line ends, quotes that were not needed and the mark of the encoding are those of the file."""
    before = FILES["moodle"].encode()
    after = filled("moodle", "w.csv", before, ROWS, Lookup(PEOPLE)).data

    assert (
        after.replace(b'"77,48"', b"").replace(
            b'"30.99 of 40.00 marks. The first step to look at is h[2]."', b'"<p>old</p>"'
        )
        == before
    )


CLASS = [
    Student("k1", "Ada Lovelace", "ada@example.org", 1),
    Student("k2", "Émile du Châtelet", "emile@example.org", 2),
    Student("k3", "Grace Hopper", "grace@example.org", 3),
    Student("k4", "Kurt Gödel", "kurt@example.org", 4),
]
OWN = {"k1": 30.99, "k2": 40.0, "k3": 0.5, "k4": None}


def rows_of(marks):
    return [
        GradeRow(
            s.id,
            s.name,
            "",
            marks[s.id],
            40.0,
            {},
            {},
            "",
            "marked" if marks[s.id] is not None else "not handed in",
        )
        for s in CLASS
    ]


def people(groups=("", "", "", ""), free=(True, True, True, True)):
    return [
        (50 + s.position, s.name, s.id, s.email, group, may)
        for s, group, may in zip(CLASS, groups, free, strict=True)
    ]


def put_in(before, after):
    """The cells that differ, by row and heading."""
    old, new = cells(before, "utf-8-sig"), cells(after, "utf-8-sig")
    return {
        (r, old[0][c]): cell
        for r, row in enumerate(new)
        for c, cell in enumerate(row)
        if cell != old[r][c]
    }


@pytest.mark.parametrize("maximum", ["11.00", "100.00", "40.00"])
@pytest.mark.parametrize("language", WORKSHEET)
def test_worksheets_of_moodle_in_its_languages(language, maximum):
    """Each has the own mark, scaled to the maximum there, with the language's decimal mark, and a
    comment; a locked one stays."""
    before = worksheet(people(free=(True, True, False, True)), language, maximum)
    done = filled("moodle", "w.csv", before, rows_of(OWN), Lookup(CLASS))
    grade, comment = WORKSHEET[language][6], WORKSHEET[language][12]
    expected = [f"{Decimal(str(OWN[k])) / 40 * Decimal(maximum):.2f}" for k in ("k1", "k2")]
    expected = [text.replace(".", ",") if language in COMMA else text for text in expected]
    found = put_in(before, done.data)

    assert [found[row, grade] for row in (1, 2)] == expected
    assert set(found) == {(row, heading) for row in (1, 2) for heading in (grade, comment)}
    assert list(map(str, done.problems)) == ["row 4: 'k3' is locked -> left as it is"]


@pytest.mark.parametrize("language", WORKSHEET)
def test_a_team_shares_the_mark_of_the_one_who_handed_in(language):
    """All rows of a group get its mark; where two of a group have different ones, the rest stay,
    and that is said."""
    before = worksheet(people(("A, B", "C", "A, B", "C")), language, team=True)
    grade = WORKSHEET[language][6]
    done = filled(
        "moodle",
        "w.csv",
        before,
        rows_of({"k1": 20.0, "k2": 40.0, "k3": None, "k4": None}),
        Lookup(CLASS),
    )
    marks = (
        ["5,50", "11,00", "5,50", "11,00"]
        if language in COMMA
        else ["5.50", "11.00", "5.50", "11.00"]
    )

    assert [put_in(before, done.data)[row, grade] for row in range(1, 5)] == marks
    assert done.problems == []
    assert sum("gets the mark of the team" in line for line in done.notes) == 2
    assert any("40.00 marks here are 11.00" in line for line in done.notes)

    before = worksheet(people(("A", "A", "A", "")), language, team=True)
    done = filled(
        "moodle",
        "w.csv",
        before,
        rows_of({"k1": 20.0, "k2": 40.0, "k3": None, "k4": None}),
        Lookup(CLASS),
    )

    assert {row for row, heading in put_in(before, done.data) if heading == grade} == {1, 2}
    assert "row 4" in str(done.problems[0])
    assert "k1, k2" in str(done.problems[0])


@pytest.mark.parametrize("language", WORKSHEET)
def test_a_teacher_who_is_blind_gets_the_marks_by_the_numbers_of_the_download(language):
    """Only the number says who it is: that of the folder in which the sheet was. Without the
    folders nobody gets anything."""
    before = worksheet(people(), language, blind=True)
    done = filled(
        "moodle",
        "w.csv",
        before,
        rows_of(OWN),
        Lookup(CLASS),
        "",
        {"51": "k1", "52": "k2", "53": "k3"},
    )
    grade = WORKSHEET[language][6]

    assert {row for row, heading in put_in(before, done.data) if heading == grade} == {1, 2, 3}
    assert len(done.problems) == 1

    done = filled("moodle", "w.csv", before, rows_of(OWN), Lookup(CLASS))
    assert done.data == before
    assert len(done.problems) == 7


def test_a_number_that_is_anothers_gives_nobody_the_mark():
    """Where the number of the download names one student and the row another, the row stays."""
    before = worksheet(people())
    done = filled("moodle", "w.csv", before, rows_of(OWN), Lookup(CLASS), "", {"51": "k2"})

    assert (1, "Grade") not in put_in(before, done.data)
    assert "k1, k2" in str(done.problems[0])


@pytest.mark.parametrize("language", WORKSHEET)
def test_a_scale_takes_no_marks(language):
    """An assignment with a scale, for which Moodle drops numbers in silence, is an error that says
    what to change."""
    with pytest.raises(CourseError, match=r"by a scale.*type Point"):
        filled(
            "moodle",
            "w.csv",
            worksheet(people(), language, scale=True),
            rows_of(OWN),
            Lookup(CLASS),
        )


CANVAS = {
    "excused": (
        (
            'Student,ID,Section,RNN (7)\n    Points Possible,,,8.00\n"Lovelace, Ada",k1,A,EX\n"du'
            ' Châtelet, Émile",k2,A,\n'
        ),
        ["EX", "8.00"],
    ),
    "split names": (
        (
            "LastName,FirstName,ID,SIS User ID,Section,RNN (7)\n"
            "    Points Possible,,,,,8.00\n"
            "Lovelace,Ada,11,,A,\n"
            "du Châtelet,Émile,12,k2,A,\n"
            "Student,Test,9,,A,\n"
        ),
        ["6.20", "8.00", ""],
    ),
    "comma": (
        (
            "\ufeffStudent;ID;Section;Essay (9);RNN (7)\n"
            "    Points Possible;;;4,00;8,00\n"
            "Lovelace, Ada;k1;A;3,50;\n"
            "du Châtelet, Émile;k2;A;;3,50\n"
        ),
        ["6,20", "8,00"],
    ),
    "thousand": (
        (
            'Student,ID,Section,RNN (7)\n    Points Possible,,,"1,000"\n"Lovelace, Ada",k1,A,\n"du'
            ' Châtelet, Émile",k2,A,\n'
        ),
        ["774.75", "1000.00"],
    ),
    "thousand with decimals": (
        (
            'Student,ID,Section,RNN (7)\n    Points Possible,,,"1,000.00"\n"Lovelace,'
            ' Ada",k1,A,\n"du Châtelet, Émile",k2,A,\n'
        ),
        ["774.75", "1000.00"],
    ),
    "point thousand": (
        (
            "Student;ID;Section;Essay (9);RNN (7)\n"
            "    Points Possible;;;4,00;1.000,00\n"
            "Lovelace, Ada;k1;A;;\n"
            "du Châtelet, Émile;k2;A;;\n"
        ),
        ["774,75", "1000,00"],
    ),
    "muted": (
        (
            'Student,ID,Section,RNN (7)\n,,,Muted\n    Points Possible,,,8\n"Lovelace,'
            ' Ada",k1,A,\n"du Châtelet, Émile",k2,A,N/A\n"Student, Test",k3,A,\n'
        ),
        ["6.20", "N/A", ""],
    ),
}


@pytest.mark.parametrize("kind", CANVAS)
def test_gradebooks_of_canvas_in_all_their_forms(kind):
    """Marks are out of the maximum as it was meant and written as the file writes numbers; who is
    excused stays so."""
    text, expected = CANVAS[kind]
    done = filled("canvas", "c.csv", text.encode(), rows_of(OWN), Lookup(CLASS), "RNN")
    table = list(
        csv.reader(
            io.StringIO(done.data.decode("utf-8-sig"), newline=""),
            delimiter=";" if ";" in text else ",",
        )
    )

    assert [row[-1] for row in table if row[-1] != "Muted"][2:] == expected
    assert done.data.startswith(b"\xef\xbb\xbf") == text.startswith("\ufeff")
    if kind in ("excused", "muted"):
        assert any(
            "is excused" in line or "no such assignment" in line for line in map(str, done.problems)
        )


@pytest.mark.parametrize("text", ["1,000", "1.000"])
def test_a_maximum_that_may_be_two_numbers_is_refused(text):
    """Where nothing says which mark parts off the decimals no mark is scaled, and the error says
    what to write."""
    before = (
        f"Student;ID;Section;RNN (7)\n    Points Possible;;;{text}\nLovelace, Ada;k1;A;\n".encode()
    )

    with pytest.raises(CourseError, match=r"may be 1000 and 1\.000.*write that number"):
        filled("canvas", "c.csv", before, rows_of(OWN), Lookup(CLASS))


@given(
    st.decimals(0, 99_999, places=2),
    st.sampled_from([(",", "."), (".", ","), ("'", "."), (" ", ","), ("", "."), ("", ",")]),
)
def test_amounts_with_decimals_are_read_as_they_were_written(value, style):
    """A number with two decimals shows its own mark, however its thousands are parted."""
    group, point = style
    text = f"{value:,.2f}".translate(str.maketrans({",": group, ".": point}))

    assert Amounts.of([text], ",").read(text) == float(value)
    assert Amounts.of(["8" + point + "25"], ";").read(text) == float(value)


def test_what_is_left_out_is_said():
    """A locked grade, a stranger, and a student without a row each have a line."""
    done = filled("moodle", "w.csv", FILES["moodle"].encode(), ROWS, Lookup(PEOPLE))
    assert any("'s2' is locked" in line for line in map(str, done.problems))
    assert any("Participant 99" in line for line in map(str, done.problems))

    done = filled(
        "brightspace",
        "b.csv",
        b"OrgDefinedId,Username,RNN Points Grade,End-of-Line Indicator\n#s1,#alove,,#\n",
        ROWS,
        Lookup(PEOPLE),
    )

    assert list(map(str, done.problems)) == ["s2: has marks, but no row in b.csv"]


def test_rows_whose_words_disagree_are_left():
    """A row whose number is one student's id and whose name is another's is left as it is, and both
    are named."""
    people = [Student("4711", "Somebody Else", "", 1), Student("s1", "Ada Lovelace", "", 2)]
    before = b'Student,ID,Section,RNN (7)\n"Lovelace, Ada",4711,A,\n'
    done = filled("canvas", "c.csv", before, ROWS, Lookup(people))

    assert done.data == before
    assert "4711, s1" in str(done.problems[0])


def test_a_column_is_never_guessed():
    """Of several columns none is taken, and the message names them."""
    with pytest.raises(CourseError, match="Essay"):
        filled("canvas", "c.csv", FILES["canvas"].encode(), ROWS, Lookup(PEOPLE))
    with pytest.raises(CourseError, match="the assignment"):
        filled("canvas", "c.csv", FILES["canvas"].encode(), ROWS, Lookup(PEOPLE), "Current")


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
            min_size=2,
            max_size=3,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_table_without_changes_is_the_same_bytes(rows):
    """Any table that a writer of CSV makes is read as it is, and given back to the byte."""
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b", "c"], *rows])
    data = out.getvalue().encode()
    table = EditableTable("t", data)

    assert table.data() == data
    assert [[cell.value for cell in row] for row in table.rows] == [["a", "b", "c"], *rows]


@pytest.mark.parametrize("system", list(LAYOUTS))
@given(data=st.binary(max_size=200))
def test_no_file_makes_it_raise_anything_else(system, data):
    """What is no file of the system is our own error."""
    with contextlib.suppress(CourseError):
        filled(system, "x", data, ROWS, Lookup(PEOPLE))


def test_a_large_file_is_read_once():
    """Four megabytes without a carriage return are read within two seconds: no cell is looked for
    to the end of the file."""
    with within(2):
        assert len(EditableTable("t", (b"a," + b"x" * 100 + b"\n") * 40_000).rows) == 40_000


@pytest.mark.parametrize("maximum", ["9" * 40, "inf", "nan", "-1", "1e999"])
def test_a_maximum_that_is_none_leaves_the_row(maximum):
    """Marks are not scaled to a maximum that no course has; the row is named."""
    before = FILES["moodle"].replace("100,00", maximum, 1).encode()
    done = filled("moodle", "w.csv", before, ROWS, Lookup(PEOPLE))

    assert done.data == before
    assert "row 2" in str(done.problems[0])
