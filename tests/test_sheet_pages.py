"""How much room a sheet takes, read from the pages of its PDF."""

import re
import subprocess

import pytest
from test_class import words_of

from rnnquiz.bank.load import parse_bank
from rnnquiz.documents import sizes
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.render import PLAIN
from rnnquiz.documents.sheet import sheet
from rnnquiz.files.resources import folder
from rnnquiz.languages.sentences import pieces_between
from rnnquiz.solution.solved import solve
from tests_support import BANKS, slowly, variants_of

ENGINES = [
    "typst",
    pytest.param("latex", marks=pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX")),
]
RULES = {
    "due": "Friday 12 June 2026, 12:00",
    "aids": "a pocket calculator, one sheet of notes written by hand on both sides, the table of"
    " derivatives of the lecture",
    "handing-in": "on paper in the box in front of room 2.014, or as a filled PDF in Moodle",
    "signature": "true",
}
LONG = """wording:
  intro: >
    A recurrent network reads a short sequence of measured values. Compute what it predicts and how
    far that is from what was measured, then all gradients by backpropagation through time, and one
    step of gradient descent with them. Compare your result with that of the lecture.
  note: >
    Write down your way of computing on separate sheets and hand them in, too: without it half of
    the marks are given at most. Results without unit. Ask in the forum where something is unclear.
"""


def text_of(name):
    return (folder("question_banks") / f"{name}.yaml").read_text()


def with_rules(text):
    """A bank that says when, with what, where, and asks for a signature."""
    for name, value in RULES.items():
        if not re.search(f"^{name}:", text, re.MULTILINE):
            text = f"{name}: {value}\n{text}"
    return text


def pages_of(engine, bank):
    """The words of each page of a sheet."""
    pages = texts_of(engine, sheet(bank, variants_of(bank, 1)[0], "Ada Lovelace"))
    return [page.split() for page in pages]


def texts_of(engine, document):
    """The text of each page."""
    (pdf,) = pdfs([document], engine, PLAIN)
    assert isinstance(pdf, bytes), pdf
    text = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return text.split("\f")[:-1]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", slowly(BANKS, ["bptt_vector", "one_neuron"]))
def test_answers_begin_on_the_first_page_below_all_rules(engine, name):
    """With due date, several aids, where to hand in and a signature the first box still stands on
    the first page; the signature stands behind the last one, on no page without words."""
    bank = parse_bank(with_rules(text_of(name)))
    pages = pages_of(engine, bank)
    first = {box.name for box in bank.boxes if "'" not in box.name and "[" in box.name}

    # The boxes of a mistake that is to be found have no step.
    assert not first or first & set(pages[0])
    # Or the derivation, where boxes stand in its lines.
    assert {"Answers", "derivation"} & set(pages[0])
    assert "Date and signature" in " ".join(pages[-1])


@pytest.mark.parametrize("engine", ENGINES)
def test_long_words_of_a_teacher_leave_room_for_answers(engine):
    """Three lines of introduction and two of a note more, with vectors: the first step stands on
    the first page."""
    bank = parse_bank(LONG + re.sub(r"wording:\n(  .*\n)+", "", with_rules(text_of("bptt_vector"))))
    assert {"a[1].1", "a[1].2", "h[1].1", "h[1].2"} <= set(pages_of(engine, bank)[0])


def large():
    """Vectors of two at each place, four steps, each gradient of each step: 149 boxes."""
    text = text_of("bptt_vector")
    changes = {
        "steps: 2": "steps: 4",
        "output: 1": "output: 2",
        "half_squared_error": "cross_entropy_joint",
        "recurrence, sum": "recurrence, gradient, sum",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    text = re.sub(r"marks: .*\n", "", text)
    return parse_bank(re.sub(r"  y: .*", "  y: {alphabet: ab, word: abba}", text))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_large_sheet_of_vectors_has_three_pages(engine):
    """149 boxes: those of two steps stand side by side where they are narrow."""
    bank = large()
    assert len(bank.boxes) == 149

    pages = pages_of(engine, bank)
    assert len(pages) <= 3


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["both_directions", "one_neuron"])
def test_a_small_sheet_has_one_page(engine, name):
    """Parts of few boxes stand side by side, and nothing goes over to a nearly empty page."""
    bank = parse_bank(text_of(name))
    assert len(pages_of(engine, bank)) == 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", slowly(BANKS, ["bptt_scalar", "gru_step", "hello"]))
def test_a_page_says_what_goes_on_at_its_top(engine, name):
    """Each page of a key begins with the heading of a section, or says which one goes on there."""
    bank = parse_bank(text_of(name))
    document = key(solve(bank, variants_of(bank, 1)[0]), "Ada Lovelace")
    headings = [
        next(piece for piece in pieces_between(block.text) if isinstance(piece, str))
        for block in document.blocks
        if block.kind == "heading" and block.level == 1
    ]
    _, *later = texts_of(engine, document)

    for page in later:
        lines = page.splitlines()
        # Behind the line of name and token.
        (named,) = [k for k, line in enumerate(lines) if line.startswith("Ada Lovelace")]
        top = lines[named + 1]
        # Lines of a derivation are numbered: that says enough.
        if re.fullmatch(r"\d+\.", top.split()[0]):
            continue

        assert any(top.startswith(heading.rstrip()) for heading in headings), top
        if "For" in top or "· t" in top:
            assert top.endswith("(continued)")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_topic_of_a_section_is_not_continued(engine):
    """What a page begins with by itself is not said to go on there."""
    bank = parse_bank(text_of("bptt_scalar"))
    document = key(solve(bank, variants_of(bank, 1)[0]), "Ada Lovelace")
    *_, last = texts_of(engine, document)

    assert "(continued)" not in last


RIGHT_EDGE = 595.3 - 56.7  # points: the width of the paper without two centimetres


def last_of_rows(words):
    """The words with none right of them in their row, and where they end."""
    for left, top, right, bottom, word in words:
        middle = (top + bottom) / 2
        others = (begin for begin, above, _, below, _ in words if above < middle < below)
        if not any(begin > left for begin in others):
            yield word.lstrip("=\u2212-"), right


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["lstm_step", "sentiment", "stacked_layers"])
def test_each_result_stands_at_the_right_edge(engine, name):
    """The eye runs down the results of the forward pass, also of lines that are full, after which
    the result takes a row of its own."""
    bank = parse_bank(text_of(name))

    for variant in variants_of(bank, 6):
        solution = solve(bank, variant)
        lines = [line for line in solution.lines if line.asked and line.quantity.role == "forward"]
        (pdf,) = pdfs([key(solution, "Ada Lovelace")], engine, PLAIN)
        ends = [pair for _, _, words in words_of(pdf) for pair in last_of_rows(words)]
        at_the_edge = [word for word, end in ends if abs(end - RIGHT_EDGE) < 6]

        for line in lines:
            assert line.shown.lstrip("-") in at_the_edge, (variant.token, line.name)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_heads_of_marks_end_at_one_line(engine):
    """Heads of one line and of several stand on the rule below them."""
    bank = parse_bank(text_of("bptt_scalar"))
    (pdf,) = pdfs([sheet(bank, variants_of(bank, 1)[0], "Ada Lovelace")], engine, PLAIN)
    _, _, words = words_of(pdf)[0]
    (below,) = [top for _, top, _, _, word in words if word == "boxes"]
    above = {word: bottom for _, top, _, bottom, word in words if below - 45 < top < below}
    ends = [above[word] for word in ("pass", "Loss", "derivatives", "step", "Update", "Total")]

    assert max(ends) - min(ends) < 1


@pytest.mark.parametrize("name", BANKS)
def test_letters_of_a_way_are_as_large_as_notes(name):
    """Beside however few lines a drawing stands, its letters are those of seven points, but where
    so many steps have no room for them."""
    bank = parse_bank(text_of(name))

    for block in key(solve(bank, variants_of(bank, 1)[0]), "Ada Lovelace").blocks:
        if block.kind == "worked" and block.beside is not None:
            drawing = block.beside
            wide = sizes.BESIDE_WIDTH / (drawing.width + sizes.MARGIN)
            assert drawing.small >= min(0.5, wide)
