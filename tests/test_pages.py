"""Worked pages: the handwritten page is read as it stands, and its mistakes are found at their
lines."""

from functools import cache

import pytest
import yaml

from rnnquiz import handbook
from rnnquiz.errors import SubmissionError
from rnnquiz.exercise import Exercise
from rnnquiz.files import strict_yaml
from rnnquiz.pages.layout.opening import page_of
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.layout.printed import printed_lines
from rnnquiz.pages.reading import PageReader
from tests_support import DATA

PAGES = DATA / "pages"


@cache
def opened(bank, notation):
    """An exercise, and the reader of its pages."""
    exercise = Exercise.load(bank, notation=notation)
    return exercise, PageReader(exercise.bank)


def read(bank, text, suffix=".md", notation=""):
    exercise, reader = opened(bank, notation)
    return reader.read(page_of(text.encode(), suffix), exercise.variant)


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


def test_each_printed_number_is_read_where_it_stands(seed, expected):
    """Line by line, restated values among them: the quantity, and the text as it stands there."""
    lines = (handbook.PICTURES / "page.md").read_text().split("\n")
    for at, _, text in expected["printed"]:
        mantissa, _, exponent = text.partition("e")
        assert mantissa in lines[at - 1]
        assert not exponent or f"10^{{{exponent}}}" in lines[at - 1]

    found = [
        [seed.page.place(claim.place)[0], claim.quantity, text]
        for claim in seed.placed.claims
        for _, text in claim.texts
    ]

    assert sorted(found) == sorted(expected["printed"])


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


HABITS = yaml.safe_load((PAGES / "habits.yaml").read_text())
TRAPS = yaml.safe_load((PAGES / "traps.yaml").read_text())


@pytest.mark.parametrize("row", HABITS, ids=[row["name"] for row in HABITS])
def test_a_page_in_this_habit_is_read(row):
    """What the page states is read, nothing is taken for a quantity that it does not state, and the
    rest is listed."""
    reading = read(row["bank"], row["page"], row.get("suffix", ".md"), row.get("notation", ""))

    assert reading.answers == row["read"]
    assert len(reading.placed.unread) == row["unread"], [
        reading.described(one) for one in reading.placed.unread
    ]


@pytest.mark.parametrize("row", TRAPS, ids=[row["name"] for row in TRAPS])
def test_no_trap_puts_a_number_to_the_wrong_quantity(row):
    """A page made to mislead: what it states is read, the rest is listed, and a right line is not
    accused."""
    reading = read(row["bank"], row["page"], row.get("suffix", ".md"), row.get("notation", ""))

    assert reading.answers == row["read"]
    assert len(reading.placed.unread) == row["unread"]
    assert not [slip.says for slip in reading.slips]


PROSE = yaml.safe_load((PAGES / "prose.yaml").read_text())


@pytest.mark.parametrize("row", PROSE, ids=[row["name"] for row in PROSE])
def test_what_is_said_in_words_is_read_or_on_the_list(row):
    """What the page states is read and nothing else; the lines that are not read are on the list;
    something is found on the wrong lines, and on no other."""
    reading = read(row["bank"], row["page"], row.get("suffix", ".md"), row.get("notation", ""))
    line = lambda place: reading.page.place(place)[0]
    found = {line(reading.placed.chains[s.chain].members[s.member].place) for s in reading.slips}

    assert reading.answers == row["read"]
    assert sorted(line(one.place) for one in reading.placed.unread) == row["unread"]
    assert sorted(found) == row.get("findings", [])


@pytest.mark.parametrize(
    "printed", ["h =\n 0.1 0.2\n 0.3 0.4\nL = 0.5\n", "W =\n\n  0.10  -0.20\n\nL = 0.5\n"]
)
def test_what_a_program_prints_keeps_its_places(printed):
    """A matrix below its name is put behind it, and takes as many characters as before: what comes
    after it stands where it stood."""
    line = "".join(printed_lines(printed))

    assert "[" in line
    assert len(line) == len(printed)
    assert line.index("L") == printed.index("L")


@pytest.mark.parametrize(("suffix", "most"), [(".md", 256), (".ipynb", 4096)])
def test_a_page_that_is_too_large_is_told_the_limit_of_its_kind(suffix, most):
    """The limit that is said is the one that holds."""
    page = b'{"cells": [], "nbformat": 4}' + b" " * (most * 1024)
    with pytest.raises(SubmissionError, match=f"is larger than {most} KB"):
        page_of(page, suffix)


NO_PAGES = [
    (b"%PDF-1.7 ...", "recogniser"),
    (b"\x89PNG\r\n\x1a\n...", "recogniser"),
    (b"\xff\xd8\xff\xe0...", "recogniser"),
    (b"\0\0\0\x18ftypheic...", "recogniser"),
    (b"PK\x03\x04...word/document.xml", "pandoc"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "pandoc"),
    (b"{\\rtf1 h_1 = 0.604}", "pandoc"),
]


@pytest.mark.parametrize(("data", "remedy"), NO_PAGES)
def test_pictures_and_documents_are_refused_with_what_to_do(data, remedy):
    """A scan, a photo, a Word file of any ending: an error that names what makes a page of it."""
    for suffix in (".md", ".docx", ""):
        with pytest.raises(SubmissionError, match=remedy):
            page_of(data, suffix)


FOREIGN = [
    (r"$$\hat y_1 = V (h_1 + c) = 0.5 \cdot 0.704 = 0.352$$", "yhat[1]"),
    (r"$$L_1 = (y_1 - \hat y_1)^3 = -0.001$$", "L[1]"),
    (r"$$h_2 = \tanh(W x_2) + U h_1 + b = 0.882$$", "h[2]"),
    (
        (
            r"$$\frac{\partial L_2}{\partial V} = \frac{\partial L_2}{\partial \hat y_2} \hat y_2 ="
            r" -0.065$$"
        ),
        "dL[2]/dV",
    ),
]


@pytest.mark.parametrize(("line", "owner"), FOREIGN)
def test_a_formula_that_is_no_registered_mistake_is_said_to_be_another(line, owner):
    """The finding names the quantity and its right formula."""
    reading = read("worked_example", line)
    found = [slip for slip in reading.slips if slip.kind == "formula"]

    assert [slip.name for slip in found] == ["another formula"]
    assert reading.placed.owners[found[0].chain] == owner
    assert f"This is not the formula of {owner}" in found[0].says


INNOCENT = [
    r"$$h_1 = \tanh(W x_1 + b) = 0.604$$",  # the initial state is nought
    r"$$L_1 = \frac{(\hat y_1 - y_1)^2}{2}$$",
    r"$$\hat y_1 = 0.5 h_1 + 0.1 = 0.402$$",  # numbers put in for some of the names
    r"$$\frac{\partial L_2}{\partial V} = (\hat y_2 - y_2) h_2 = -0.101$$",
    r"$$\frac{\partial L_2}{\partial V} = h_2 (V h_2 + c - y_2)$$",
    r"$$\frac{\partial h_2}{\partial h_1} = U (1 - h_2^2)$$",
    r"$$\frac{\partial h_2}{\partial h_1} = U - U h_2^2$$",
    r"$$L = \sum_t L_t$$",
    r"$$h_2 = f(h_1, x_2)$$",
    r"$$\cancel{h_2 = W x_2} \quad h_2 = 0.717$$",
    r"$$\frac{\partial L}{\partial U} = \sum_t \delta_t h_{t-1}$$",
    (
        r"$$\frac{\partial h_3}{\partial U} = \frac{\partial h_3}{\partial U} + \frac{\partial"
        r" h_3}{\partial h_2}\frac{\partial h_2}{\partial U}$$"
    ),
]


@pytest.mark.parametrize("line", INNOCENT)
def test_nobody_is_accused_of_a_formula_that_may_be_right(line):
    """The same in other letters, with what is nought left out, half in numbers, or not
    understood."""
    assert not [slip for slip in read("worked_example", line).slips if slip.kind == "formula"]


@pytest.mark.parametrize(
    "line", ["(0.5)(0.12) = 0.06", "$$0.5 \\cdot 0.12 = 0.06$$", "t=1: (0.5)(0.12) = 0.06"]
)
def test_arithmetic_that_names_nothing_is_listed(line):
    """Nothing that is not read vanishes: a side calculation has its place on the list."""
    exercise = Exercise.load("worked_example")
    reading = PageReader(exercise.bank).read(Page(f"{line}\n\nh_1 = 0.604\n"), exercise.variant)

    assert reading.answers == {"h[1]": "0.604"}
    assert [row.reason for row in reading.placed.unread] == ["it names no quantity"]
