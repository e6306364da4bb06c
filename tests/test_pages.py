"""Worked pages: the handwritten page is read as it stands, and its mistakes are found at their
lines."""

import re

import pytest
import yaml

from rnnquiz import handbook, strict_yaml
from rnnquiz.exercise import Exercise
from rnnquiz.pages.pieces import page_of
from rnnquiz.pages.reading import PageReader
from tests_support import DATA

PAGES = DATA / "pages"


def read(bank, text, suffix=".md", notation=""):
    exercise = Exercise.load(bank, notation=notation)
    return PageReader(exercise.bank).read(page_of(text.encode(), suffix), exercise.variant)


@pytest.fixture(scope="module")
def seed():
    return read("worked_example", (handbook.PICTURES / "page.md").read_text())


@pytest.fixture(scope="module")
def expected():
    return yaml.safe_load((PAGES / "seed.yaml").read_text())


def test_every_number_of_the_handwritten_page_is_read_for_its_quantity(seed, expected):
    """Each printed value that names a quantity is read with its text, and nothing for another one:
    the same as was copied from the page by hand."""
    by_hand, _ = strict_yaml.load((PAGES / expected["answers"]).read_text())

    assert set(seed.answers) == set(by_hand["answers"])
    different = {
        box for box, text in seed.answers.items() if float(text) != float(by_hand["answers"][box])
    }
    assert not different
    assert not seed.placed.unread


def test_the_mistakes_of_the_handwritten_page_are_found_at_their_lines(seed, expected):
    """The formula, the numbers put in and the arithmetic of each line are checked, and nothing else
    is found."""
    found = [
        [int(seed.where(slip).removeprefix("line ")), seed.placed.owners[slip.chain], slip.name]
        for slip in seed.slips
    ]
    assert sorted(found) == sorted(expected["findings"])


def test_what_a_scan_makes_of_handwriting_is_not_the_students(seed):
    """M for W is read as W where the line shows it, and is said to come from the scan; ln x for W x
    is no wrong formula."""
    lines = {seed.page.place(seed.placed.chains[k].start)[0] for k, _ in seed.placed.scans}
    assert {170, 172, 176, 180, 184} <= lines
    assert not [slip for slip in seed.slips if seed.where(slip) in ("line 242", "line 314")]


def test_a_value_is_never_read_from_the_middle_of_a_chain_against_its_own_line():
    """V_2 or h_2 within a line about another quantity does not change what was stated for it."""
    reading = read(
        "worked_example", "$$h_2 = 0.717$$\n\n$$\\frac{\\partial y_2}{\\partial V} = h_2 = 0.51$$\n"
    )
    assert reading.answers == {"h[2]": "0.717", "dyhat[2]/dV": "0.51"}


def test_numbers_keep_their_digits():
    """The text of a box is that of the page, a power of ten included."""
    reading = read("worked_example", r"$$L_1 = 4.80 \times 10^{-3}$$")
    assert reading.answers == {"L[1]": "4.80e-3"}
    assert not re.search(r"[^\d.e-]", reading.answers["L[1]"])


HABITS = yaml.safe_load((PAGES / "habits.yaml").read_text())


@pytest.mark.parametrize("row", HABITS, ids=[row["name"] for row in HABITS])
def test_a_page_in_this_habit_is_read(row):
    """What the page states is read, nothing is taken for a quantity that it does not state, and the
    rest is listed."""
    reading = read(row["bank"], row["page"], row.get("suffix", ".md"), row.get("notation", ""))
    assert reading.answers == row["read"]
    assert len(reading.placed.unread) == row["unread"], [
        reading.described(one) for one in reading.placed.unread
    ]
