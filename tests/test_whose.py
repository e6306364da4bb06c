"""Whose a sheet is, under attack: words that disagree, strangers, namesakes, ids that look alike,
files that belong together."""

import io
import zipfile

import pytest

from rnnquiz.course.receiving import receive
from rnnquiz.people.roster import Student
from rnnquiz.submissions.collect import collect
from tests_support import shipped, within

BANK = shipped("bptt_scalar")
PEOPLE = [
    Student("s1", "Ada Lovelace", "ada@example.org", 1, ("4711", "Participant 90")),
    Student("s2", "Kurt Gödel", "kurt@example.org", 2, ("4712", "Participant 91")),
    Student("kim", "Marie Dupont", "", 3),
    Student("0007", "Kim", "", 4),
    Student("7", "Luisa Gomez", "", 5),
]
TOKENS = {student.id: f"aaa{'abcde'[k]}-bbb-ccc" for k, student in enumerate(PEOPLE)}
ONE, TWO = {"h[1]": "0.604"}, {"h[2]": "0.717"}


def received(tmp_path, files, people=PEOPLE):
    """Answers by student, and all lines."""
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data if isinstance(data, bytes) else data.encode())
    sheets, unread = collect(tmp_path)
    received = receive(BANK, sheets, {s.id: s for s in people}, TOKENS)
    return {
        who: {box: text for box, text in sheet.answers.items() if text}
        for who, sheet in received.sheets.items()
    }, [str(line) for line in (*unread, *received.lines)]


def moodle(name, number, file="a.txt"):
    return f"{name}_{number}_assignsubmission_file/{file}"


LINE = "h[1] = 0.604\n"
CANVAS_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8" /><title>Homework 1: part a &amp; b: Ada Lovelace</title></head>
<body><h1>Homework 1: part a &amp; b: Ada Lovelace</h1>\
<div style="width: 600px"><p>h[1] = 0.604</p></div></body></html>
"""
CASES = {
    # what is handed in, who gets it (nobody: ""), and a word of the line that says why not
    "two columns that disagree": (
        {"t.csv": "id,email,h[1]\ns1,kurt@example.org,0.604\n"},
        "",
        "s1, s2",
    ),
    "name and id that disagree": (
        {"t.csv": "Name,Student ID,h[1]\nAda Lovelace,s2,0.604\n"},
        "",
        "s1, s2",
    ),
    "columns that agree": (
        {"t.csv": "Name,Student ID,Email,h[1]\nLovelace Ada,s1,ADA@example.org,0.604\n"},
        "s1",
        "",
    ),
    "a column that nobody knows": ({"t.csv": "ID,Name,h[1]\n99,Ada Lovelace,0.604\n"}, "s1", ""),
    "a response number": (
        {"t.csv": "ID,Start time,Email,Name,h[1]\n7,x,ada@example.org,Ada Lovelace,0.604\n"},
        "s1",
        "",
    ),
    "a response number alone": (
        {"t.csv": "ID,Start time,Email,Name,h[1]\n7,x,anonymous,,0.604\n"},
        "",
        "row 2",
    ),
    "numbers that count": (
        {"t.csv": "ID,Name,h[1]\n6,Ada Lovelace,0.604\n7,Kurt Gödel,\n"},
        "s1",
        "",
    ),
    "an id that is another's name": ({"t.csv": "username,h[1]\nkim,0.604\n"}, "kim", ""),
    "a name that is another's id": ({"t.csv": "Name,h[1]\nKim,0.604\n"}, "0007", ""),
    "a name and its own id": ({"t.csv": "ID number,Name,h[1]\n0007,Kim,0.604\n"}, "0007", ""),
    "an id column of e-mails": ({"t.csv": "Username,h[1]\nAda@Example.org,0.604\n"}, "s1", ""),
    "an e-mail column of ids": ({"t.csv": "Email,h[1]\ns1,0.604\n"}, "s1", ""),
    "a Cyrillic letter": ({"t.csv": "id,h[1]\nѕ1,0.604\n"}, "", "no student"),
    "a dotless i": ({"t.csv": "id,h[1]\nkım,0.604\n"}, "", "no student"),
    "an invisible character": ({"t.csv": "id,h[1]\n\u200bS1\u00a0,0.604\n"}, "s1", ""),
    "zeros that leave it open": ({"t.csv": "id,h[1]\n007,0.604\n"}, "", "0007, 7"),
    "the exact id": ({"t.csv": "id,h[1]\n7,0.604\n"}, "7", ""),
    "zeros lost, and a name": ({"t.csv": "id,name,h[1]\n007,Kim,0.604\n"}, "0007", ""),
    "zeros lost, and another name": ({"t.csv": "id,name,h[1]\n7,Kim,0.604\n"}, "", "0007, 7"),
    "zeros lost in a table": (
        {"t.csv": "id,h[1]\n7,0.604\n7,0.604\n"},
        "",
        "may be any of 7, 0007",
    ),
    "a stranger among known ids": (
        {"t.csv": "Student ID,Name,h[1]\ns9,Ada Lovelace,0.604\ns2,Kurt Gödel,\n"},
        "",
        "'s9' is nobody's id",
    ),
    "a stranger's mail among known ones": (
        {"t.csv": "Email,Name,h[1]\nx@y,Ada Lovelace,0.604\nkurt@example.org,,\n"},
        "",
        "'x@y' is nobody",
    ),
    "a mail where the roster has none": (
        {"t.csv": "Email,Name,h[1]\nm@y,Marie Dupont,0.604\nkurt@example.org,,\n"},
        "kim",
        "",
    ),
    "Moodle's folder": ({moodle("Ada Lovelace", 1): LINE}, "s1", ""),
    "Moodle's number and name": ({moodle("Kurt Gödel", 90): LINE}, "", "s1, s2"),
    "Moodle, blind": ({moodle("Teilnehmerin", 90): LINE}, "s1", ""),
    "Moodle, a team's number": ({moodle("Group A, B", 90): LINE}, "", "no student 'Group A, B'"),
    "Moodle, a team's number and a token": (
        {moodle("Group A, B", 90): f"token: {TOKENS['s2']}\n{LINE}"},
        "s2",
        "",
    ),
    "Moodle, two people of one name": (
        {moodle("Ada Lovelace", 5): LINE, moodle("Ada Lovelace", 6): LINE},
        "",
        "Participant 5, Participant 6",
    ),
    "Moodle, a group": ({moodle("Group A-Ada Lovelace", 5): LINE}, "s1", ""),
    "Moodle, a double name": (
        {moodle("Jean-Marie Dupont", 5): LINE},
        "",
        "no student 'Jean-Marie Dupont'",
    ),
    "Moodle, a group and a participant": ({moodle("Group A-Participant", 90): LINE}, "s1", ""),
    "Canvas, two people of one name": (
        {"lovelaceada_1_800_a.txt": LINE, "lovelaceada_2_801_a.txt": LINE},
        "",
        "1, 2 have the name",
    ),
    "Canvas, a text typed in": ({"lovelaceada_LATE_4711_text.html": CANVAS_PAGE}, "s1", ""),
    "Canvas, anonymous": ({"anon_4712_880001_a.txt": LINE}, "", "no student 'anonymous 4712'"),
    "Canvas, anonymous with a token": (
        {"LATE_anon_4712_880001_a.txt": f"token: {TOKENS['s1']}\n{LINE}"},
        "s1",
        "",
    ),
    "Canvas, letters left out": ({"gdelkurt_99_800_a.txt": LINE}, "s2", ""),
    "somebody else's row in one's folder": (
        {moodle("Ada Lovelace", 5, "t.csv"): "id,h[1]\ns2,0.604\n"},
        "",
        "s1, s2",
    ),
    "one's own row in one's folder": (
        {moodle("Ada Lovelace", 5, "t.csv"): "id,h[1]\ns1,0.604\n"},
        "s1",
        "",
    ),
    "somebody else's token": ({"s1.txt": f"token: {TOKENS['s2']}\n{LINE}"}, "", "is that of 's2'"),
    "a line with an id": ({"x.txt": f"Exercise 4\nhanded in by ada@example.org\n{LINE}"}, "s1", ""),
    "a line with a name": ({"x.txt": f"Ada Lovelace\n{LINE}"}, "s1", ""),
    "a label in another language": (
        {"x.txt": f"Matrikelnummer: s1\nName: Lovelace, Ada\n{LINE}"},
        "s1",
        "",
    ),
    "labels that disagree": (
        {"x.txt": f"Matrikelnummer: s2\nName: Ada Lovelace\n{LINE}"},
        "",
        "s1, s2",
    ),
    "two ids in a text": ({"x.txt": f"4711 and 4712\n{LINE}"}, "", "s1, s2"),
    "a number that is no id": (
        {"x.txt": f"page 7\ndate: 2026\nwe are 7 here\n{LINE}"},
        "",
        "no student 'x'",
    ),
    "a formula that holds an id": ({"x.txt": f"x_3 = 4711\n{LINE}"}, "", "no student 'x'"),
    "the file's name and another line": ({"s2.txt": f"ada@example.org\n{LINE}"}, "", "s1, s2"),
    "a system's word before the text's": (
        {moodle("Ada Lovelace", 5): f"I worked with kurt@example.org\n{LINE}"},
        "s1",
        "",
    ),
    "a folder that was unpacked wrongly": ({moodle("Kurt G├╢del", 5): LINE}, "s2", ""),
    "a folder in UTF-8 read as Windows": ({moodle("Kurt GÃ¶del", 5): LINE}, "s2", ""),
    "an id in the name of the file": ({"answers_4711 (2).txt": LINE}, "s1", ""),
    "two ids in the name of the file": ({"hw 4711 4712.txt": LINE}, "", "s1, s2"),
    "a first name in the file, the id in its name": ({"s1.txt": f"Name: Ada\n{LINE}"}, "s1", ""),
    "a name in the file, another's id in its name": (
        {"s2.txt": f"Name: Ada Lovelace\n{LINE}"},
        "",
        "s1, s2",
    ),
    "an id in the file, another in its name": ({"s2.txt": f"student: s1\n{LINE}"}, "s1", ""),
    "a folder with an id": ({"s1/answers.txt": LINE}, "s1", ""),
    "a folder with a name": ({"class/Lovelace, Ada/HW 1/Version 1/answers.txt": LINE}, "s1", ""),
    "a folder with a name and an id": (
        {"Lovelace_Ada_4711/20261125101112_answers.txt": LINE},
        "s1",
        "",
    ),
    "a folder of one, the token of another": (
        {"Ada Lovelace/scan.txt": f"token: {TOKENS['s2']}\n{LINE}"},
        "",
        "is that of 's2'",
    ),
    "folders of two": ({"Ada Lovelace/Kurt Gödel/answers.txt": LINE}, "", "s1, s2"),
    "a folder that says nothing where the file does": ({"4711/s2.txt": LINE}, "s2", ""),
    "a folder of one, a file that names nobody": (
        {"s1/x.yaml": "student: s9\nanswers:\n  h[1]: 0.604\n"},
        "",
        "no student 's9",
    ),
    "a name beside other words": ({"Ada Lovelace - homework 3.txt": LINE}, "s1", ""),
    "a name behind other words": ({"homework_Ada Lovelace (1).txt": LINE}, "s1", ""),
    "Blackboard, underscores": (
        {"Home_work_s_1_attempt_2026-11-25-10-11-12_a.txt": LINE},
        "",
        "no student '1 / s_1",
    ),
    "Blackboard, an assignment of several words": (
        {"HW_1_4711_attempt_2026-11-25-10-11-12_a.txt": LINE},
        "s1",
        "",
    ),
    "Arabic digits": ({"t.csv": "id,h[1]\n\u0664\u0667\u0661\u0661,0.604\n"}, "s1", ""),
    "a table called xls": (
        {"t.xls": '"Username"\t"h[1]"\n"s1"\t"0.604"\n'.encode("utf-16")},
        "s1",
        "",
    ),
    "a table of old Excel": (
        {"t.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)},
        "",
        "password",
    ),
    "student and name of a template": (
        {"x.yaml": "student: s1\nname: Kurt Gödel\nanswers:\n  h[1]: 0.604\n"},
        "",
        "s1, s2",
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_nobody_gets_the_sheet_of_somebody_else(name, tmp_path):
    """Each case: the one student whom all words name has the answer, or nobody has, and a line says
    why."""
    files, owner, word = CASES[name]
    found, lines = received(tmp_path, files)

    assert {who for who, answers in found.items() if answers} == ({owner} if owner else set()), (
        lines
    )
    assert all(answers in ({}, ONE) for answers in found.values())
    if word:
        assert any(word in line for line in lines), lines
        assert all("->" in line for line in lines), lines


ROWS = {
    # a table, what is read of it, a word of the line where something is not
    "pairs": ("box,answer\nstudent,s1\nh[1],0,604\n", {"s1": {"h[1]": "0,604"}}, ""),
    "pairs beside a comment": ("box,answer,comment\nstudent,s1,\nh[1],0,604\n", {}, "row 3"),
    "pairs with points beside numbers": (
        "box,answer,page\nstudent,s1,\nh[1],0.604,3\nh[2],1,4\n",
        {"s1": {"h[1]": "0.604", "h[2]": "1"}},
        "",
    ),
    "a class": (
        "student,h[1],h[2]\ns1,0,604,-0,717\ns2,1,5,2e-3\n",
        {"s1": {"h[1]": "0,604", "h[2]": "-0,717"}},
        "row 3",
    ),
    "an id of digits": (
        "student,h[1],h[2]\n4711,0,604,0,717\n",
        {"s1": {"h[1]": "0,604", "h[2]": "0,717"}},
        "",
    ),
    "left open": (
        "student,h[1],h[2],h[3]\ns1,0,604,0,717,1\ns2,0,604,0,717,0,5\n",
        {"s2": {"h[1]": "0,604", "h[2]": "0,717", "h[3]": "0,5"}},
        "row 2",
    ),
    "short, where others are long": (
        "student,h[1],h[2]\ns1,0,604\ns2,0,604,0,717\n",
        {"s2": {"h[1]": "0,604", "h[2]": "0,717"}},
        "row 2",
    ),
    "long between semicolons": ("student;h[1]\ns1;0,604;0,717\n", {}, "row 2"),
    "blank cells at the end": ("student,h[1]\ns1,0.604,,,\n", {"s1": ONE}, ""),
    "spaces are lists": ("student,h[1]\ns1,0, 604\n", {}, "row 2"),
    "quoted": ('student,h[1]\ns1,"0,604"\n', {"s1": {"h[1]": "0,604"}}, ""),
    "titles above": ("Exam, part 2\n25 November;2026\n\nstudent,h[1]\ns1,0.604\n", {"s1": ONE}, ""),
    "titles above pairs": (
        "My sheet\nstudent;s1\n\nbox;answer\nh[1];0,604\n",
        {"s1": {"h[1]": "0,604"}},
        "",
    ),
    "an id above pairs": (
        "Matrikelnummer;s1\n\nbox;answer\nh[1];0,604\n",
        {"s1": {"h[1]": "0,604"}},
        "",
    ),
    "name and mail above pairs": (
        '"Name","Lovelace, Ada"\nE-Mail,ada@example.org\nbox,answer\nh[1],0.604\n',
        {"s1": ONE},
        "",
    ),
    "two people above pairs": (
        "ID number,s2\nName,Ada Lovelace\nbox,answer\nh[1],0.604\n",
        {},
        "may be any of s1, s2",
    ),
    "one above pairs, one in them": (
        "ID number,s2\nbox,answer\nstudent,s1\nh[1],0.604\n",
        {},
        "may be any of s1, s2",
    ),
    "an index of rows": (",box,answer\n0,student,s1\n1,h[1],0.604\n", {"s1": ONE}, ""),
    "sep=": ("sep=;\nstudent;h[1]\ns1;0,604\n", {"s1": {"h[1]": "0,604"}}, ""),
    "a remark beside the table": (
        "box;answer\nstudent;s1\nh[1];0.604;I guessed\n",
        {"s1": ONE},
        "'I guessed' stands beside",
    ),
}


@pytest.mark.parametrize("name", list(ROWS))
def test_no_row_is_cut(name, tmp_path):
    """A row longer than its header is joined where only decimal commas explain it, else it has a
    line; rows above are passed over."""
    text, expected, word = ROWS[name]
    found, lines = received(tmp_path, {"t.csv": text})

    assert found == expected
    assert any(word in line for line in lines) if word else not lines, lines


def test_a_long_row_in_a_workbook_is_refused(tmp_path):
    """What stands beyond the headings of a class in XLSX may have moved: the row has a line, the
    others are read."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Exam"], ["student", "h[1]"], ["s1", "0.604", "0.717"], ["s2", "0.604"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    found, lines = received(tmp_path, {})

    assert found == {"s2": ONE}
    assert "row 3" in lines[0]
    assert "'s1'" in lines[0]


BOTH = {**ONE, **TWO}
TOGETHER = {
    "a folder of Moodle": (
        {
            moodle("Ada Lovelace", 5, "forward.csv"): "box,answer\nh[1],0.604\nh[2],\n",
            moodle("Ada Lovelace", 5, "more.txt"): "h[2] = 0.717",
        },
        BOTH,
    ),
    "file and text of Moodle": (
        {
            moodle("Ada Lovelace", 5, "a.txt"): LINE,
            "Ada Lovelace_5_assignsubmission_onlinetext/onlinetext.html": "<p>h[2] = 0.717</p>",
        },
        BOTH,
    ),
    "files of Canvas": (
        {"lovelaceada_4711_800_a.txt": LINE, "lovelaceada_4711_801_b.txt": "h[2] = 0.717"},
        BOTH,
    ),
    "files of Blackboard": (
        {
            f"hw_4711_attempt_2026-11-25-10-11-12_{k}.txt": line
            for k, line in enumerate([LINE, "h[2] = 0.717"])
        },
        BOTH,
    ),
    "two attempts of Blackboard": (
        {
            f"hw_4711_attempt_2026-11-25-10-11-1{k}_a.txt": line
            for k, line in enumerate([LINE, "h[2] = 0.717"])
        },
        TWO,
    ),
    "a plain folder": (
        {"ada/1.txt": f"student: s1\n{LINE}", "ada/2.txt": "student: s1\nh[2] = 0.717"},
        BOTH,
    ),
    "two tables of the class": (
        {"f.csv": "student,h[1]\ns1,0.604\n", "g.csv": "student,h[2]\ns1,0.717\n"},
        BOTH,
    ),
    "two rows of one table": ({"f.csv": "student,h[1],h[2]\ns1,0.604,\ns1,,0.717\n"}, TWO),
    "the same twice": (
        {"ada/1.txt": f"student: s1\n{LINE}h[2] = 0.717\n", "ada/2.txt": f"student: s1\n{LINE}"},
        BOTH,
    ),
    "two that contradict": (
        {"ada/1.txt": f"student: s1\n{LINE}h[2] = 0.5\n", "ada/2.txt": "student: s1\nh[2] = 0.717"},
        TWO,
    ),
    "two folders": (
        {"a/1.txt": f"student: s1\n{LINE}", "b/2.txt": "student: s1\nh[2] = 0.717"},
        TWO,
    ),
}


@pytest.mark.parametrize("name", list(TOGETHER))
def test_files_of_one_attempt_belong_together(name, tmp_path):
    """Files of one attempt that do not contradict each other are one sheet; else the last counts;
    it is said in both cases."""
    files, expected = TOGETHER[name]
    found, lines = received(tmp_path, files)

    assert found == {"s1": expected}
    assert [
        "taken together" in line if expected == BOTH else "superseded" in line for line in lines
    ] == [True]


def test_the_highest_version_counts(tmp_path):
    """Version 10 comes after Version 2 and 9, whatever the alphabet says."""
    files = {
        f"Ada Lovelace/Version {k}/a.txt": f"h[2] = {text}"
        for k, text in ((10, "0.717"), (2, "0.5"), (9, "0.6"))
    }
    found, lines = received(tmp_path, files)

    assert found == {"s1": TWO}
    assert ["superseded" in line for line in lines] == [True, True]


def test_a_user_with_underscores_is_found(tmp_path):
    """Blackboard parts assignment, user and time by underscores, which a user's name can hold,
    too."""
    people = [
        Student("s_1", "Ada", "", 1),
        Student("1", "Kurt", "", 2),
        Student("ada_b_c", "Eva", "", 3),
    ]
    sheets = {
        "HW 1_s_1_attempt_2026-11-25-10-11-12_a.txt": "s_1, 1",
        "HW_x_ada_b_c_attempt_2026-11-25-10-11-13.txt": "",
        "HW_x_ada_b_c_attempt_2026-11-25-10-11-13_a.txt": "no sheet yet",
    }
    found, lines = received(tmp_path, dict.fromkeys(sheets, LINE), people)

    assert found == {}
    assert ["may be any of 1, s_1" in lines[0], "'ada_b_c' has no sheet yet" in lines[1]] == [
        True,
        True,
    ]
    assert len(lines) == 2


TYPED = {
    "no space behind the colon": "student:s1\nanswers:\n  h[1]:0.604\n  h[2]:0.717\n",
    "one without a space": "student: s1\nanswers:\n  h[1]: 0.604\n  h[2]:0.717\n",
    "a first one without a space": "student: s1\nanswers:\n  h[1]:0.604\n  h[2]: 0.717\n",
    "tabs": "student: s1\nanswers:\n\th[1]:\t0.604\n\th[2]:\t0.717\n",
    "a tab and spaces": "student: s1\nanswers:\n  h[1]: 0.604\n\th[2]: 0.717\n",
    "no-break spaces": (
        "student:\u00a0s1\nanswers:\n\u00a0\u00a0h[1]:\u00a00.604\n\u202f h[2]: 0.717\u00a0\n"
    ),
    "curly quotes": "student: “s1”\nanswers:\n  h[1]: “0.604”\n  h[2]: ‘0.717’\n",
    "a quote left open": 'student: s1\nanswers:\n  h[1]: "0.604\n  h[2]: 0.717\n',
    "marks of the encoding": (
        "\ufeff\ufeffstudent: s1\n\ufeffanswers:\n  h[1]: 0.604\n  h[2]: 0.717\n"
    ),
    "no indentation": "student: s1\nanswers:\nh[1]: 0.604\nh[2]: 0.717\n",
    "some indentation": "student: s1\nanswers:\n  h[1]: 0.604\n h[2]: 0.717\n",
    "no answers": "student: s1\nh[1]: 0.604\nh[2]: 0.717\n",
    "comments": "student: s1 # me\nanswers:\n  # forward\n  h[1]:0.604 # easy\n  h[2]: 0.717\n",
    "equal signs": "student: s1\nanswers:\n  h[1] = 0.604\n  h[2] = 0.717\n",
    "dashes": "student: s1\nanswers:\n  - h[1]: 0.604\n  - h[2]: 0.717\n",
    "wide colons": "student：s1\nanswers：\n  h[1]：0.604\n  h[2]：0.717\n",
    "Windows": "student: s1\r\nanswers:\r\n  h[1]:0.604\r\n  h[2]: 0.717\r\n",
    "invisible": "student: s1\nanswers:\n  h[1]\u200b: 0.604\n  \u2060h[2]: 0.717\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", list(TYPED))
def test_a_template_typed_by_hand_is_read(name, encoding, tmp_path):
    """What people type, and phones and word processors make of it, gives the same sheet as the
    template."""
    found, lines = received(tmp_path, {"x.yaml": TYPED[name].encode(encoding)})
    assert {box: text.strip() for box, text in found["s1"].items()} == BOTH
    assert lines == []


def test_a_box_that_was_typed_twice_is_named(tmp_path):
    """Also in a template that is not quite YAML any more."""
    found, lines = received(
        tmp_path, {"x.yaml": "student: s1\nanswers:\n  h[1]:0.604\n  h[1]:0.7\n"}
    )

    assert found == {}
    assert "h[1]: stands twice" in lines[0]


def test_curly_marks_are_those_of_the_box(tmp_path):
    """h’[1] is h'[1]."""
    found, _ = received(
        tmp_path, {"x.txt": "student: s1\nh’[1] = 0.5\n", "y.csv": "student,h’[2]\ns1,0.25\n"}
    )

    assert found["s1"] == {"h'[1]": "0.5", "h'[2]": "0.25"}


def test_a_blank_text_of_moodle_is_no_sheet(tmp_path):
    """Moodle 4.3 writes a page for everybody who typed nothing: it has no line, and takes no sheet
    away."""
    page = '<!DOCTYPE html><html><head><meta charset="UTF-8"></head><body></body></html>'
    files = {
        "Ada Lovelace_5_assignsubmission_onlinetext/onlinetext.html": page,
        moodle("Ada Lovelace", 5): LINE,
    }

    assert received(tmp_path, files) == ({"s1": ONE}, [])


def test_backslashes_do_not_lead_out(tmp_path):
    """A path with backslashes is one of folders, and is refused where it leads out, or stands
    twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for path in ("..\\..\\s1.txt", "\\s1.txt", "a\\b\\s1.txt", "a/b/s1.txt"):
            made.writestr(path, LINE)
    found, lines = received(tmp_path, {"d.zip": out.getvalue()})

    assert found == {"s1": ONE}
    assert ["leads out" in line or "stands twice" in line for line in lines] == [True] * 3


SLOW = {
    "rows that can be joined in many ways": (
        "student," + ",".join(f"b{k}" for k in range(1500)) + "\n" + ("1," * 2900 + "\n") * 20
    ),
    "a name of many words": "Name,h[1]\n" + "a-b " * 2000 + ",1\n",
    "a folder of many dashes": "",
    "a line of many ids": "h[1] = 1\n" + "4711 4712 " * 12_000,
    "strange letters": "id;h[1]\n" + "é;" * 50_000,
}


@pytest.mark.parametrize("name", list(SLOW))
def test_nothing_takes_long(name, tmp_path):
    """The worst that could be thought of for each part is read within two seconds."""
    path = (
        moodle("-".join("ab" * 50), 5) if not SLOW[name] else "x.txt" if "line" in name else "t.csv"
    )
    content = (SLOW[name] or LINE).encode("cp1252" if "strange" in name else "utf-8")
    with within(2):
        received(tmp_path, {path: content})
