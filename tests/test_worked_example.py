"""The handwritten page itself, marked: its own mistakes are found where they were made, and what
follows from them is not punished."""

import pytest

from rnnquiz.algebra.targets import TEXT
from rnnquiz.documents.cards import MarkedSheet, cards
from rnnquiz.documents.returned import NamedPlace
from rnnquiz.exercise import Exercise
from rnnquiz.files import strict_yaml
from rnnquiz.files.resources import folder
from tests_support import DATA

MADE = {
    "h[2]": "rounded too early",
    "h[3]": "activation forgotten",
    "h'[1]": "wrong bias",
    "h'[2]": "wrong bias",
    "h'[3]": "wrong bias",
    "dyhat[2]/dV": "wrong quantity copied",
    "dL[2]/dU": "decimal point",
    "dL[1]/dyhat[1]": "subtraction without borrowing",
    "dh[3]/dU": "too few digits, cut off",
    "dL[3]/dW": "too few digits, cut off",
    "dL[3]/db": "too few digits, cut off",
    "b_new": "cut off instead of rounded",
    "V_new": "cut off instead of rounded",
    "W_new": "cut off instead of rounded",
}
SHORT = ("L[3]", "dL[3]/dU", "dh[2]/dW", "dh[2]/db", "dh[3]/db")
FOLLOWS = (
    "dL[2]/dyhat[2]",
    "yhat[3]",
    "dL[3]/dyhat[3]",
    "dL[3]/dc",
    "d+h[3]/dU",
    "d+h[2]/dU",
    "dh[1]/dW",
    "dL[1]/dc",
    "dL/dc",
    "dL/dU",
    "dL/dW",
    "dL/dV",
    "dL/db",
    "c_new",
    "U_new",
)


@pytest.fixture(scope="module")
def page():
    data, _ = strict_yaml.load((DATA / "worked_example_submission.yaml").read_text())
    return Exercise.load(folder("question_banks") / "worked_example.yaml").mark(data["answers"])


@pytest.mark.parametrize(("box", "name"), MADE.items())
def test_each_mistake_of_the_page_is_found_and_named(page, box, name):
    """The first name given for the box is the mistake that was made there."""
    row = next(row for row in page.boxes if row.box == box)
    assert row.explanations[0].name == name


@pytest.mark.parametrize("box", SHORT)
def test_values_in_too_few_digits_are_said_to_be_so(page, box):
    """A right value in fewer digits is a matter of rounding, not wrong."""
    row = next(row for row in page.boxes if row.box == box)
    assert row.verdict == "rounding"


@pytest.mark.parametrize("box", FOLLOWS)
def test_what_follows_from_an_earlier_mistake_is_not_punished(page, box):
    """Right for the numbers that the student had: follow-through, or even right."""
    row = next(row for row in page.boxes if row.box == box)
    assert row.verdict in ("follow-through", "correct")


def test_nothing_on_the_page_stays_unexplained(page):
    """Every box is right, follows, or has a name."""
    assert not [row.box for row in page.boxes if row.verdict == "wrong"]


def test_a_mistake_made_at_every_step_is_one_finding(page):
    """The output bias in all three slopes is reported once."""
    finding = next(f for f in page.findings if f.name == "wrong bias")
    assert finding.boxes == ("h'[1]", "h'[2]", "h'[3]")


def test_the_feedback_says_what_followed_from_each_mistake(page):
    """The wrong slope of V at step 2 went into two later boxes, and nothing else; the updates are
    last, nothing follows from them."""
    sheet = MarkedSheet(page.exercise.solution, page.boxes)

    def followed(name):
        found = [finding for finding in page.findings if finding.name == name]
        said = [b.parts for b in cards(sheet, found) if b.kind == "said"]
        return [
            [part.math.show(TEXT) for part in parts[1:] if isinstance(part, NamedPlace)]
            for parts in said
            if parts[0].startswith("From there")
        ]

    assert followed("wrong quantity copied") == [["dL[2]/dV", "dL/dV"]]

    (after,) = followed("activation forgotten")
    assert after[:5] == ["yhat[3]", "L", "dyhat[3]/dV", "dL[3]/dyhat[3]", "dL[3]/dV"]
    assert followed("cut off instead of rounded") == []
