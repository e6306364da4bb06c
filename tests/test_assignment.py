"""Assignments: several exercises on one sheet, from their text to who gets which."""

import itertools
import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.assignment import restored, shared_out
from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.load import load_bank
from rnnquiz.bank.schema import AssignmentText, json_schema
from rnnquiz.cli import main
from rnnquiz.errors import BankError
from rnnquiz.files.resources import bank_path, folder
from tests_support import BANKS, SECRET

HEAD = "title: Homework 3\nid: homework-3\ncourse: Recurrent networks\n"
POOL = (
    HEAD + "exercises:\n"
    "  - {bank: one_neuron, marks: 10}\n"
    "  - {one of: [hello, forward_pass, lstm_forward], marks: 20}\n"
    "  - {bank: bptt_scalar, marks: 30, rounding: {decimals: 3}, title: Through time}\n"
)


@pytest.fixture
def read(tmp_path):
    """Reads the text of an assignment."""

    def _read(text):
        (tmp_path / "homework.yaml").write_text(text, encoding="utf-8")
        return load_assignment(tmp_path / "homework.yaml")

    return _read


def problems(read, text):
    with pytest.raises(BankError) as error:
        read(text)
    return [str(problem) for problem in error.value.problems]


def test_an_assignment_has_its_exercises_with_what_is_different_in_them(read):
    """Places and keys are in order; marks, rounding and title are those of the assignment, all
    else is the bank's."""
    found = read(POOL)

    assert [one.key for one in found.exercises] == ["1", "2.1", "2.2", "2.3", "3"]
    assert [one.place for one in found.exercises] == [1, 2, 2, 2, 3]
    assert [sum(one.bank.marks.values()) for one in found.exercises] == [10, 20, 20, 20, 30]

    last, plain = found["3"].bank, load_bank("bptt_scalar")
    assert (last.rounding.digits, last.written.title) == (3, "Through time")
    assert (last.asked, last.samplers) == (plain.asked, plain.samplers)
    assert len({one.bank.written.id for one in found.exercises}) == 5


@pytest.mark.parametrize("name", BANKS)
def test_a_bank_alone_is_an_assignment_of_one_exercise(name):
    """Nothing of it changes: text, notation, names of boxes."""
    found = load_assignment(name)

    assert (found.alone, found.several, len(found.exercises)) == (True, False, 1)
    assert found.exercises[0].key == ""
    assert found.exercises[0].bank.digest == load_bank(name).digest


@pytest.mark.parametrize("name", BANKS)
def test_a_bank_in_an_assignment_asks_what_it_asks_alone(name, read):
    """Boxes, ranges and rounding are the same; its marks, scaled to a hundred, are in proportion
    to a hundredth."""
    found, plain = (
        read(f"{HEAD}exercises: [{{bank: {name}, marks: 100}}]")["1"].bank,
        load_bank(name),
    )

    assert [box.name for box in found.boxes] == [box.name for box in plain.boxes]
    assert (found.samplers, found.rounding) == (plain.samplers, plain.rounding)

    whole = sum(plain.marks.values())
    assert sum(Decimal(str(marks)) for marks in found.marks.values()) == 100
    for kind, marks in plain.marks.items():
        assert abs(found.marks[kind] - 100 * marks / whole) < 0.01


MARKS = st.lists(st.integers(0, 40), min_size=1, max_size=8).filter(any)


@given(MARKS, st.integers(1, 100_000))
def test_marks_are_shared_out_to_the_last_hundredth(given, hundredths):
    """Shares are in whole hundredths, add up exactly, are less than one away from the exact ones,
    and no smaller for a kind that is worth more."""
    marks = {str(k): float(value) for k, value in enumerate(given)}

    found = shared_out(marks, Fraction(hundredths, 100))

    assert sum(found.values()) == Fraction(hundredths, 100)
    assert all((share * 100).denominator == 1 for share in found.values())
    for kind, share in found.items():
        assert abs(share - Fraction(int(marks[kind]) * hundredths, 100 * sum(given))) < Fraction(
            1, 100
        )

    order = sorted(marks, key=lambda kind: marks[kind])
    assert all(found[a] <= found[b] for a, b in itertools.pairwise(order) if marks[a] < marks[b])


@pytest.mark.parametrize("students", [1, 2, 3, 10, 61, 200])
def test_a_pool_goes_out_evenly(read, students):
    """Of a class of any size each bank of a pool has as many as the others, or one less."""
    found = read(POOL)
    got = Counter(found.drawn(SECRET, k)[1].key for k in range(1, students + 1))
    counts = [got[key] for key in ("2.1", "2.2", "2.3")]

    assert max(counts) - min(counts) <= 1
    assert all(
        [one.key for one in found.drawn(SECRET, k)][::2] == ["1", "3"] for k in range(1, students)
    )


def test_the_lot_is_of_the_secret_and_of_the_assignment(read):
    """Other secrets, other ids and other places draw otherwise, and neighbours have no pattern."""
    text = HEAD + "exercises:\n" + "  - {one of: [hello, one_neuron], marks: 5}\n" * 2
    found, other = read(text), read(text.replace("id: homework-3", "id: homework-4"))

    def lots(assignment, secret, place):
        return [assignment.drawn(secret, k)[place].key[-1] for k in range(1, 101)]

    drawn = [
        lots(found, SECRET, 0),
        lots(found, SECRET, 1),
        lots(found, bytes(32), 0),
        lots(other, SECRET, 0),
    ]

    assert len(set(map(tuple, drawn))) == 4

    firsts = Counter(drawn[0][::2])  # the first of each block of two
    assert 10 <= firsts["1"] <= 40  # of 50; less than 1 in 10,000 beyond


def test_what_a_course_stores_gives_the_assignment_back(read):
    """Head and exercises are the same."""
    found = read(POOL)
    banks = {one.key: one.bank for one in found.exercises}

    again = restored(found.stored(), banks.__getitem__)

    assert (again.head, again.exercises) == (found.head, found.exercises)
    assert [again.drawn(SECRET, k) for k in range(1, 9)] == [
        found.drawn(SECRET, k) for k in range(1, 9)
    ]


def test_a_bank_beside_the_assignment_is_found(read, tmp_path):
    """Its path counts from the assignment."""
    (tmp_path / "own.yaml").write_text(bank_path("hello").read_text())

    assert read(HEAD + "exercises: [{bank: own.yaml}]")["1"].bank.boxes


@pytest.mark.parametrize(
    ("exercises", "said"),
    [
        ("[]", "line 4, exercises: a list has no entry -> write at least one"),
        (
            "[{marks: 10}]",
            (
                "line 4, exercises.0: needs one of  bank  and  one of -> write  bank: NAME  or  one"
                " of: [NAME, NAME]"
            ),
        ),
        (
            "[{bank: hello, one of: [hello]}]",
            (
                "line 4, exercises.0: needs one of  bank  and  one of -> write  bank: NAME  or  one"
                " of: [NAME, NAME]"
            ),
        ),
        (
            "\n  - {bank: hello}\n  - {bank: helo}",
            (
                "line 6, exercises.1.bank: 'helo' is no file, and none that ships -> did you mean"
                " hello?"
            ),
        ),
        (
            "[{one of: [hello, hello], marks: 2}]",
            "line 4, exercises.0.one of: names a bank twice -> keep one of them",
        ),
        ("[{one of: [hello, lstm_forward]}]", "line 4, exercises.0.one of: these are worth"),
        (
            "\n  - {bank: hello}\n  - {bank: hello,\n     marks: ten}",
            (
                "line 7, exercises.1.marks: 'ten' are no marks -> write a number above 0, to 1000,"
                " with two decimals at most"
            ),
        ),
        ("[{bank: hello, marks: 0}]", "'0' are no marks"),
        ("[{bank: hello, marks: -3}]", "'-3' are no marks"),
        ("[{bank: hello, marks: 1.005}]", "'1.005' are no marks"),
        ("[{bank: hello, marks: 1/0}]", "'1/0' are no marks"),
        ("[{bank: hello, marks: 1001}]", "'1001' are no marks"),
        (
            "[{bank: hello, id: mine}]",
            "exercises.0.id: is said once, for the whole assignment -> write it at the top",
        ),
        (
            "[{bank: hello, roundng: {decimals: 3}}]",
            "line 4, exercises.0.roundng: is not a key of a bank",
        ),
        (
            "\n  - bank: hello\n    rounding:\n      decimals: many",
            "line 7, exercises.0.rounding.decimals: 'many' is no whole number -> write one like 3",
        ),
        (
            "[{bank: hello}]\ndew: tomorrow",
            "line 5, dew: is not a key of an assignment -> did you mean due?",
        ),
        ("hello", "line 4, exercises: 'hello' is no list"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_remedy(read, exercises, said):
    """Each fault has its line in the assignment, its key, and what would do."""
    found = problems(read, f"{HEAD}exercises: {exercises}")

    assert any(said in line for line in found), found


def test_all_that_is_wrong_is_said_at_once(read):
    """A file with three faults has three problems."""
    found = problems(
        read, f"{HEAD}exercises: [{{bank: helo}}, {{bank: hello, marks: x}}, {{marks: 1}}]"
    )

    assert len(found) == 3


def test_a_fault_in_the_bank_itself_is_said_of_the_bank(read, tmp_path):
    """It has the bank's own file and line."""
    (tmp_path / "own.yaml").write_text("title: Mine\nid: mine\ngivns: {}\n")

    with pytest.raises(BankError) as error:
        read(HEAD + "exercises: [{bank: own.yaml}]")

    assert error.value.source == str(tmp_path / "own.yaml")


def test_check_looks_at_each_exercise(tmp_path):
    """Marks and boxes of all of them, for people and for programs."""
    (tmp_path / "homework.yaml").write_text(POOL)
    shown = CliRunner().invoke(main, ["check", str(tmp_path / "homework.yaml")])
    data = CliRunner().invoke(main, ["check", str(tmp_path / "homework.yaml"), "--json"])

    assert shown.exit_code == data.exit_code == 0
    assert "Homework 3: 3 exercises, 60 marks" in shown.output

    rows = json.loads(data.output)["exercises"]
    assert [(row["exercise"], row["marks"]) for row in rows] == [
        ("1", 10),
        ("2.1", 20),
        ("2.2", 20),
        ("2.3", 20),
        ("3", 30),
    ]


def test_one_bank_of_python_is_no_assignment(tmp_path):
    """What takes no assignment says so: in Python one bank is loaded by its own name."""
    (tmp_path / "homework.yaml").write_text(POOL)

    with pytest.raises(BankError, match="this is an assignment of several exercises"):
        load_bank(tmp_path / "homework.yaml")


def test_the_schema_beside_the_banks_is_that_of_the_program():
    """Made anew by  rnnquiz schema --assignment."""
    kept = json.loads((folder("question_banks") / "assignment.schema.json").read_text())

    assert kept == json_schema(AssignmentText)
    assert json.loads(CliRunner().invoke(main, ["schema", "--assignment"]).output) == kept
