"""An exercise in a few lines of Python: what can be handed in, what is refused, what is shown of
it."""

import math
import random
import subprocess
import sys
import zipfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import yaml

import rnnquiz
from rnnquiz import Exercise, SubmissionError, load_bank
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.files.resources import bank_path, folder
from rnnquiz.grade.answers import read_answers
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import texts_of
from rnnquiz.typed.numerals import read_number
from rnnquiz.variants.issue import issue_variants
from tests_support import ELMAN_GIVENS, slowly


@pytest.fixture(scope="module")
def worked():
    return Exercise.load("worked_example")


@pytest.fixture(scope="module")
def vectors():
    return Exercise.load("bptt_vector")


def verdict(sheet, box):
    return next(row.verdict for row in sheet.boxes if row.box == box)


def typed(sheet, box):
    return next(row.typed for row in sheet.boxes if row.box == box)


class Tensor:
    """A number or an array of another library."""

    def __init__(self, values, fault=None):
        self.values, self.fault = values, fault

    def __array__(self, dtype=None, copy=None):
        if self.fault:
            raise RuntimeError(self.fault)
        return np.array(self.values, dtype=dtype)


NUMBERS = [
    ("0.604", "0.604"),
    (0.604, "0.604"),
    (0.6043677771, "0.6043677771"),
    (np.float64(0.604), "0.604"),
    (np.float32(0.604), "0.604"),
    (np.longdouble("0.604"), "0.604"),
    (np.array(0.604), "0.604"),
    (np.array([[0.604]]), "0.604"),
    (Decimal("0.604"), "0.604"),
    (Fraction(151, 250), "151/250"),
    (Fraction(0.604), "0.604"),
    ([0.604], "0.604"),
    (Tensor(0.604), "0.604"),
    (Decimal("604E-3"), "0.604"),
    (Decimal("6.04E-9"), "6.04E-9"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS, ids=range(len(NUMBERS)))
def test_any_kind_of_number_can_be_handed_in(worked, value, text):
    """A number of any type is marked as its shortest text would be."""
    sheet = worked.mark({"h[1]": value})
    assert typed(sheet, "h[1]") == text
    assert verdict(sheet, "h[1]") == ("wrong" if "-9" in text else "correct")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "blank"),
        ("", "blank"),
        (math.nan, "unreadable"),
        (np.float32("inf"), "unreadable"),
        (0, "wrong"),
    ],
)
def test_nothing_is_blank_and_no_result_is_unreadable(worked, value, expected):
    """None is a box left blank; NaN and infinity are what a program computed, and no answer."""
    assert verdict(worked.mark({"h[1]": value}), "h[1]") == expected


def test_the_numbers_of_a_program_earn_full_marks(worked):
    """The exact values as floats get all marks."""
    exact = {
        box.name: worked.solution.exact[box.quantity].reshape(-1)[box.entry]
        for box in worked.bank.boxes
    }

    for kind in (np.float64, np.float32, float):
        sheet = worked.mark({box: kind(value) for box, value in exact.items()})
        assert sheet.marks == pytest.approx(sheet.maximum)


@pytest.mark.parametrize(
    "value", [10**400, Fraction(10**400, 3), 10**5000], ids=["integer", "quotient", "huge"]
)
def test_numbers_past_all_measure_are_refused(worked, value):
    """An integer that is too large for a float is an error that says so, as any other misfit is."""
    with pytest.raises(SubmissionError, match=r"h\[1\].*no number"):
        worked.mark({"h[1]": value})


def test_a_program_s_number_is_not_doubtful_among_decimal_commas(worked):
    """A float above 1 with three decimals is that number on a sheet of decimal commas, too."""
    for value in (1.084, -1.084, 1.234e-5, Decimal("12.345")):
        sheet = worked.mark({"h[1]": "0,604", "h[2]": value})
        assert read_number(typed(sheet, "h[2]")).value == Fraction(str(value))
        assert verdict(sheet, "h[2]") == "wrong"
    assert verdict(worked.mark({"h[1]": "0,604", "h[2]": "1.084"}), "h[2]") == "unreadable"


def as_tuples(array):
    return tuple(map(as_tuples, array)) if array.ndim else array.item()


def as_columns(array):
    return array.reshape(-1, 1) if array.ndim == 1 else array


def shown_arrays(exercise):
    """The right value of each asked quantity, in the rows and columns in which its boxes are
    named."""
    found = {}
    for name in exercise.bank.asked:
        q = exercise.bank.graph[name]
        own = exercise.bank.notation.text(name)
        boxes = [box.name for box in exercise.bank.boxes_of(q)]
        values = exercise.solution.exact[name].reshape(-1)
        if q.shape:
            places = [
                tuple(int(part) - 1 for part in box[len(own) + 1 :].split(".")) for box in boxes
            ]
            found[own] = np.zeros(np.max(places, axis=0) + 1)
            for place, value in zip(places, values, strict=True):
                found[own][place] = value
        else:
            found[own] = values[0]
    return found


@pytest.mark.parametrize(
    "notation", slowly(["", "rows", "pytorch", "goodfellow+delta_a"], ("rows",))
)
@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist, as_tuples, as_columns, Tensor])
def test_vectors_and_matrices_are_handed_in_whole(notation, form):
    """Arrays, lists and columns in the order of the boxes' own rows and columns earn what the
    single boxes earn: all marks."""
    bank = parse_bank(
        bank_path("bptt_vector").read_text().replace("input: 2", "input: 3"), notation=notation
    )
    exercise = Exercise(bank, issue_variants(bank, b"0" * 32, [("s1", 1)])[0][0])
    arrays = shown_arrays(exercise)

    assert any(np.ndim(array) == 2 and len(set(np.shape(array))) > 1 for array in arrays.values())

    sheet = exercise.mark({name: form(np.asarray(array)) for name, array in arrays.items()})
    assert sheet.marks == pytest.approx(sheet.maximum)


FAULTS = [
    ({"h[1]": [0.1, 0.2, 0.3]}, "h.1.*vector of 2.*vector of 3"),
    ({"h[1]": 0.5}, "h.1.*vector of 2.*a number"),
    ({"h[1]": []}, "empty"),
    ({"h[1]": [[0.1, 0.2], [0.3]]}, "different lengths"),
    ({"h[1]": [0.1, [0.2]]}, "different lengths"),
    ({"h[1]": [True, 0.2]}, "True is no real"),
    ({"h[1]": [0.1, 1j]}, "no real number"),
    ({"h[1]": [0.1, object()]}, "object is no number"),
    ({"h[1]": [0.1, 0.2], "h[1].1": 0.1}, "twice"),
    ({"h[1]": Tensor([0.1, 0.2], "requires grad")}, "requires grad"),
    ({"h[1]": [[[[[0.1]]]]]}, "too deep|vector of 2"),
    ({3: 0.5}, "no box"),
    ({"h[1].1": {"a": 1}}, "dict is no number"),
    ({"h[1]": {"a": 1}}, "vector of 2"),
]


@pytest.mark.parametrize(("answers", "message"), FAULTS, ids=range(len(FAULTS)))
def test_what_does_not_fit_its_box_is_refused(vectors, answers, message):
    """A value of another shape or kind than its box is an error that names the box, what it is, and
    what was given."""
    with pytest.raises(SubmissionError, match=message):
        vectors.mark(answers)


def test_unknown_names_are_refused_with_the_nearest(worked):
    """All names that are no box are listed at once, each with the nearest that are: nothing is
    passed over in silence."""
    with pytest.raises(SubmissionError) as caught:
        worked.mark({"h1": 0.6, "yhat(2)": 0.5, "h[1]": 0.604, "something else": 1})

    found = {problem.where: problem.remedy for problem in caught.value.problems}
    assert set(found) == {"h1", "yhat(2)", "something else"}
    assert "h[1]" in found["h1"]
    assert "yhat[2]" in found["yhat(2)"]
    assert "h[1]" in found["something else"]


@pytest.mark.parametrize("name", ["h[1]\u200b", "\ufeffh[1]", " h[1] ", "h[1]\u00a0"])
def test_names_are_read_as_they_look(worked, name):
    """What cannot be seen in a name makes it no other."""
    assert verdict(worked.mark({name: "0.604"}), "h[1]") == "correct"


@pytest.mark.parametrize("answers", [None, "h[1] = 0.604", [0.604], 0.604])
def test_answers_are_given_by_box(worked, answers):
    """What names no boxes is refused in the words of the field, whatever it is."""
    with pytest.raises(SubmissionError, match=r"the answers: are a .* -> give them by box"):
        worked.mark(answers)


def test_what_is_masked_is_blank():
    """An array with a mask hides numbers that do not count: they are not read."""
    exercise = Exercise.load("bptt_vector", "a")
    hidden = np.ma.array([0.25, 0.5], mask=[False, True])

    rows = {row.box: row for row in exercise.mark({"h[1]": hidden}).boxes}

    assert rows["h[1].1"].typed == "0.25"
    assert rows["h[1].2"].verdict == "blank"


def test_marking_leaves_no_trace(worked):
    """Sheets of one exercise, marked in any order, get the marks that each gets alone."""
    sheets = [{"h[1]": "0.604", "h[2]": "0.902"}, {"h[1]": "0,604"}, {}]
    alone = [Exercise(worked.bank, worked.variant).mark(sheet) for sheet in sheets]

    for order in (sheets, sheets[::-1]):
        for sheet in order:
            assert worked.mark(sheet).boxes == alone[sheets.index(sheet)].boxes


def test_a_second_sheet_needs_no_preparation(worked, monkeypatch):
    """What is the same for all sheets of an exercise, the mistakes that are looked for, is worked
    out once."""
    made = []
    monkeypatch.setattr(
        "rnnquiz.exercise.Diagnosis", lambda bank: made.append(bank) or Diagnosis(bank)
    )
    exercise = Exercise(worked.bank, worked.variant)
    for value in ("0.1", "0.2", "0.604"):
        exercise.mark({"h[1]": value})

    assert made == [worked.bank]


# Boxes that people would fill

LAST = {
    "title": "Last",
    "id": "last",
    "steps": 2,
    "model": {"cell": "elman", "reduction": "last"},
    "rounding": {"decimals": 4},
    "givens": ELMAN_GIVENS,
}


def exercise_of(**changes):
    bank = parse_bank(yaml.safe_dump({**LAST, **changes}))
    return Exercise(bank, issue_variants(bank, b"0" * 32, [("s1", 1)])[0][0])


@pytest.mark.parametrize("style", ["total", "delta"])
@pytest.mark.parametrize("ask", [["all"], ["forward", "loss", "gradient"], ["L", "dL/dV", "h[2]"]])
def test_a_number_may_be_given_under_either_of_its_names(style, ask):
    """L and the one loss L[2], dL/dV and the one contribution to it: the names that are not asked
    count as those that are."""
    exercise = exercise_of(style=style, ask=ask)
    bank = exercise.bank
    assert bank.aliases
    for second, box in bank.aliases.items():
        right = str(exercise.solution.exact[box.quantity].reshape(-1)[box.entry])
        sheet = exercise.mark({second: right})

        assert verdict(sheet, box.name) == "correct", second
        assert not sheet.marked.answers.unknown
        assert exercise.mark({second: right, box.name: right}).marks == sheet.marks
        if second not in bank.every_box:
            with pytest.raises(SubmissionError, match="another name of"):
                exercise.mark({second: "0.9", box.name: right})

    names = {"L[2]", "dL[2]/dV" if style == "total" else "dL/dV@2"} | {"L", "dL/dV"}
    assert (
        names <= {*bank.aliases, *(box.name for box in bank.boxes)}
        if ask != ["forward", "loss", "gradient"]
        else {"L", "dL/dV"} <= {*bank.aliases}
    )


def test_what_stands_under_two_names_is_said():
    """In a file the box's own name wins; another number under its second name is listed, and no
    text is lost."""
    bank = exercise_of(ask=["loss"]).bank
    answers = read_answers(
        bank,
        [
            {"L": "0.5", "L[2]": "0.25"},
            {"L": "0.5", "L[2]": " "},
            {"L": "0.5", "L[2]": "0,50"},
            {"M": "1"},
        ],
    )

    assert dict(answers.unknown) == {0: ["L"], 3: ["M"]}
    assert answers.values["L[2]"].tolist()[:3] == [0.25, 0.5, 0.5]
    assert answers.texts[0] == {"L": "0.5", "L[2]": "0.25"}
    assert answers.texts[1] == {"L[2]": "0.5"}
    assert answers.texts[3] == {"M": "1"}


def test_second_names_are_only_of_one_number():
    """Where several steps have a loss, L[2] is not L."""
    assert not {"L", "dL/dU"} & {*load_bank(bank_path("worked_example")).aliases}

    exercise = exercise_of(model={"cell": "elman"}, ask=["loss"])
    assert {box.name for box in exercise.bank.boxes} == {"L[1]", "L[2]", "L"}
    assert not exercise.bank.aliases


@pytest.mark.parametrize("ask", [["yhat*"], ["h*", "yhat[2]"], ["forward"]])
def test_predictions_without_a_loss_can_be_asked(ask):
    """A bank without loss and targets asks the forward pass."""
    givens = {name: value for name, value in ELMAN_GIVENS.items() if name not in ("y", "eta")}
    exercise = exercise_of(model={"cell": "elman", "loss": "none"}, ask=ask, givens=givens)
    right = {
        box.name: float(exercise.solution.exact[box.quantity].reshape(-1)[0])
        for box in exercise.bank.boxes
    }
    a = 0.7 * 1.5 - 0.4 * 0.2 + 0.1
    second = math.tanh(0.7 * 1.5 - 0.4 * math.tanh(a) + 0.1)

    assert right["yhat[2]"] == pytest.approx(0.9 * second + 0.3, abs=1e-12)
    assert exercise.mark(right).marks == pytest.approx(len(right))


@pytest.mark.parametrize("style", ["total", "delta"])
def test_predictions_before_the_last_loss_can_be_asked(style):
    """Where only the last step has a loss, earlier predictions are asked by name, and not by their
    kind; gradients stay the same."""
    exercise = exercise_of(style=style, ask=["yhat*", "dL/dU"])
    assert {"yhat[1]", "yhat[2]", "dL/dU"} <= {box.name for box in exercise.bank.boxes}
    assert exercise.solution.exact["yhat[1]"][0] == pytest.approx(
        0.9 * math.tanh(0.7 * 1.5 - 0.4 * 0.2 + 0.1) + 0.3, abs=1e-12
    )

    plain = exercise_of(style=style, ask=["forward", "dL/dU"])
    assert "yhat[1]" not in {box.name for box in plain.bank.boxes}
    assert plain.solution.exact["dL/dU"] == exercise.solution.exact["dL/dU"]


# What is shown


def test_every_thing_shows_itself_in_one_short_line(worked):
    """The repr of what a user holds is one line that says which it is."""
    sheet = worked.mark({"h[1]": "0.604\n" * 50})
    long = Exercise.load("worked_example", student="x" * 500 + "\n")

    for thing in (
        worked,
        worked.bank,
        worked.variant,
        worked.solution,
        sheet,
        *sheet.boxes,
        long,
        long.variant,
        long.solution,
    ):
        assert "\n" not in repr(thing)
        assert len(repr(thing)) < 160
    assert repr(worked) == "<Exercise worked-example, numbers of 'anyone'>"
    assert repr(worked.mark({"h[1]": "0.604"})).startswith("<Sheet of worked-example: ")


def test_the_package_says_what_is_public():
    """dir() lists the public names, each is there, and no other."""
    assert sorted(dir(rnnquiz)) == sorted(rnnquiz.__all__)
    assert all(getattr(rnnquiz, name) is not None for name in rnnquiz.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Exercize'"):
        rnnquiz.Exercize  # noqa: B018


def test_a_wheel_has_annotations_languages_templates_and_banks(tmp_path):
    """What type checkers read, each language compiled, the templates and the banks are in the wheel
    that is built of a checkout."""
    package = Path(rnnquiz.__file__).parent
    assert (package / "py.typed").exists()

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=Path(rnnquiz.__file__).parent.parent, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    within = set(zipfile.ZipFile(wheel).namelist())

    assert "rnnquiz/py.typed" in within
    for catalogue in (package / "languages").glob("*.po"):
        assert f"rnnquiz/languages/{catalogue.stem}.mo" in within
    for kind in ("templates", "question_banks"):
        names = {path.name for path in folder(kind).iterdir() if path.is_file()}
        assert names <= {Path(name).name for name in within if f"/{kind}/" in name}


@pytest.mark.parametrize("name", slowly(["bptt_scalar", "adam_two_steps", "fill_the_gaps"]))
def test_a_sheet_is_marked_alike_whatever_was_marked_before(name):
    """An exercise remembers how boxes were judged. Sheets in any order, with boxes right, wrong,
    cut off, left out or changed back, get what they get on an exercise that remembers nothing."""
    exercise = Exercise.load(name)
    bank, givens = exercise.bank, arrays_of(exercise.bank, [exercise.variant])
    right = texts_of(bank, evaluate(bank.graph, givens, bank.rounding, 0))[0]
    generator = random.Random(3)
    diagnosis = Diagnosis(bank)
    sheet = dict(right)

    for _ in range(12):
        for box in generator.sample(list(right), 3):
            sheet[box] = generator.choice(
                [right[box], right[box][:-1], "0.1234", "", "?", f"-{right[box]}"]
            )
        fresh = mark(bank, givens, [sheet], diagnosis)

        remembered = exercise.mark(sheet).marked

        for one, other in zip(remembered.results(0), fresh.results(0), strict=True):
            assert one.as_dict() == other.as_dict(), sheet
