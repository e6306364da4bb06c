"""Marks put into files as learning systems give them out: the right cells change, and no other byte."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.errors import CourseError
from rnnquiz.exports.editing import EditableTable
from rnnquiz.exports.gradebook import GradeRow
from rnnquiz.exports.roundtrip import LAYOUTS, fill
from rnnquiz.roster import Lookup, Student

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
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay (12),RNN (77),Current Score\n"
        ",,,,,,Manual Posting,\n    Points Possible,,,,,10,40,(read only)\n"
        '"Lovelace, Ada",4711,s1,alove,"A, ""one""",8,,80\n"du Châtelet, Émile",4712,,echat,A,9,1.5,\n"Nobody",999,,x,A,1,2,\n"Student, Test",1,,,A,,,\n'
    ),
    "moodle": (
        '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed","Last modified (grade)","Feedback comments"\r\n'
        'Participant 90,"Ada Lovelace",ada@example.org,Submitted,,"100,00",Yes,-,"<p>old</p>"\r\n'
        'Participant 91,"Émile du Châtelet",emile@example.org,Submitted,"12,00","100,00",No,-,\r\n'
        'Participant 99,"Somebody Else",else@example.org,-,"1,00","100,00",Yes,-,\r\n'
    ),
    "brightspace": "OrgDefinedId,Username,RNN Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator\n#s1,#alove,,#\n#s2,#echat,3,#\n",
    "blackboard": '"Last Name","First Name","Username","Student ID","RNN [Total Pts: 40 Score] |8812"\n"L","Ada","alove","s1",""\n"C","É","echat","s2","Needs Grading"\n',
}  # fmt: skip
EXPECTED = {"canvas": {"s1": "30.99", "s2": "40.00"}, "moodle": {"s1": "77,48"}, "brightspace": {"s1": "15.50", "s2": "20.00"}, "blackboard": {"s1": "30.99", "s2": "40.00"}}
COLUMN = {"canvas": "RNN"}


def cells(data, codec):
    return list(csv.reader(io.StringIO(data.decode(codec), newline="")))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("system", list(LAYOUTS))
def test_marks_stand_in_their_cells_and_nothing_else_moves(system, codec):
    """Read by another reader, the file has the marks in the rows of their students, and all other cells are the same text."""
    mark = b"\xff\xfe" if codec == "utf-16-le" else b""
    text = FILES[system] if codec == "utf-8" else FILES[system].lstrip("\ufeff")
    before = mark + text.encode(codec)
    done = fill(system, "grades.csv", before, ROWS, Lookup(PEOPLE), COLUMN.get(system, ""))
    assert done.data.startswith(mark)
    old, new = cells(before[len(mark) :], codec), cells(done.data[len(mark) :], codec)
    changed = {(r, c): cell for r, row in enumerate(new) for c, cell in enumerate(row) if old[r][c] != cell}
    marks = [cell for (_, c), cell in sorted(changed.items()) if old[0][c] != "Feedback comments"]
    assert marks == list(EXPECTED[system].values())
    assert done.changed == len(EXPECTED[system])
    rest = [cell for (_, c), cell in changed.items() if old[0][c] == "Feedback comments"]
    assert rest == (["30.99 of 40.00 marks. The first step to look at is h[2]."] if system == "moodle" else [])


def test_every_other_byte_stays():
    """Line ends, quotes that were not needed and the mark of the encoding are those of the file."""
    before = FILES["moodle"].encode()
    after = fill("moodle", "w.csv", before, ROWS, Lookup(PEOPLE)).data
    assert after.replace(b'"77,48"', b"").replace(b'"30.99 of 40.00 marks. The first step to look at is h[2]."', b'"<p>old</p>"') == before


def test_what_is_left_out_is_said():
    """A locked grade, a stranger, and a student without a row each have a line."""
    done = fill("moodle", "w.csv", FILES["moodle"].encode(), ROWS, Lookup(PEOPLE))
    assert any("'s2' is locked" in line for line in done.problems)
    assert any("Participant 99" in line for line in done.problems)
    done = fill("brightspace", "b.csv", b"OrgDefinedId,Username,RNN Points Grade,End-of-Line Indicator\n#s1,#alove,,#\n", ROWS, Lookup(PEOPLE))
    assert done.problems == ["s2: has marks, but no row in b.csv"]


def test_rows_whose_words_disagree_are_left():
    """A row whose number is one student's id and whose name is another's is left as it is, and both are named."""
    people = [Student("4711", "Somebody Else", "", 1), Student("s1", "Ada Lovelace", "", 2)]
    before = b'Student,ID,Section,RNN (7)\n"Lovelace, Ada",4711,A,\n'
    done = fill("canvas", "c.csv", before, ROWS, Lookup(people))
    assert done.data == before
    assert "4711, s1" in done.problems[0]


def test_a_column_is_never_guessed():
    """Of several columns none is taken, and the message names them."""
    with pytest.raises(CourseError, match="Essay"):
        fill("canvas", "c.csv", FILES["canvas"].encode(), ROWS, Lookup(PEOPLE))
    with pytest.raises(CourseError, match="the assignment"):
        fill("canvas", "c.csv", FILES["canvas"].encode(), ROWS, Lookup(PEOPLE), "Current")


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6), min_size=2, max_size=3), min_size=1, max_size=4))
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
    try:
        fill(system, "x", data, ROWS, Lookup(PEOPLE))
    except CourseError:
        pass


def test_a_large_file_is_read_once():
    """Four megabytes without a carriage return are read within two seconds: no cell is looked for to the end of the file."""
    start = time.perf_counter()
    assert len(EditableTable("t", (b"a," + b"x" * 100 + b"\n") * 40_000).rows) == 40_000
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("maximum", ["9" * 40, "inf", "nan", "-1", "1e999"])
def test_a_maximum_that_is_none_leaves_the_row(maximum):
    """Marks are not scaled to a maximum that no course has; the row is named."""
    before = FILES["moodle"].replace("100,00", maximum, 1).encode()
    done = fill("moodle", "w.csv", before, ROWS, Lookup(PEOPLE))
    assert done.data == before
    assert "row 2" in done.problems[0]
