"""Formulas in pieces: nothing is lost, and a sign looks as it does in the whole."""

import re
from xml.etree.ElementTree import fromstring

import pytest

from rnnquiz.algebra.breaks import pieces
from rnnquiz.algebra.targets import MATHML
from rnnquiz.documents.breaking import narrow
from rnnquiz.documents.key import key
from rnnquiz.documents.render import body
from rnnquiz.solution.solved import solve
from tests_support import BANKS, shipped, slowly, variants_of

OPERATORS = {"+", "\u2212", "\u22c5", "\u2299"}


def form_of_signs(row, place=0, last=1):
    """Each sign of a formula with its form, by the rules of MathML Core: what it says itself, else
    prefix at the start of a row of several, infix within."""
    for k, element in enumerate(row):
        if element.tag == "mo" and element.text in OPERATORS:
            yield element.text, element.get("form") or ("infix" if k else "prefix")
        yield from form_of_signs(element)


@pytest.mark.parametrize("name", slowly(BANKS))
def test_the_pieces_of_a_side_are_the_whole(name):
    """Put together, the pieces have all letters in their order; every sign has the form it had;
    each piece after the first begins with a sign between two terms; short sides are whole."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])
    sides = [side for line in solution.lines for side in line.parts(MATHML)[1:]]
    broken = 0

    for side in sides:
        found = [fromstring(f"<math>{piece}</math>") for piece in pieces(side)]
        whole = fromstring(f"<math>{side}</math>")
        assert "".join("".join(part.itertext()) for part in found) == "".join(whole.itertext())

        signs = [sign for part in found for sign in form_of_signs(part)]
        assert signs == list(form_of_signs(whole))
        for part in found[1:]:
            assert (part[0].tag, part[0].get("form")) == ("mo", "infix")
        if len("".join(whole.itertext())) <= 22:
            assert len(found) == 1

        broken += len(found) > 1
    assert broken or all(len("".join(fromstring(f"<m>{s}</m>").itertext())) < 60 for s in sides)


def test_brackets_of_a_matrix_stay_with_it():
    """A matrix is one piece with its brackets, short brackets too; long ones are broken within."""
    matrix = (
        "<mrow><mo>(</mo><mtable><mtr><mtd><mn>1.2345</mn></mtd><mtd><mn>2.3456</mn></mtd></mtr>"
        "</mtable><mo>)</mo></mrow>"
    )
    short = "<mrow><mo>(</mo><mn>1</mn><mo>&#8722;</mo><mn>0.53</mn><mo>)</mo></mrow>"
    long = f"<mrow><mo>(</mo>{'<mn>0.12345</mn><mo>+</mo>' * 4}<mn>1</mn><mo>)</mo></mrow>"
    found = pieces(f"<mrow>{matrix}<mo>+</mo>{short}<mo>&#8901;</mo>{long}</mrow>")
    texts = ["".join(fromstring(f"<math>{piece}</math>").itertext()) for piece in found]

    assert texts == [
        "(1.23452.3456)",
        "+(1−0.53)",
        "⋅(0.12345",
        "+0.12345",
        "+0.12345",
        "+0.12345",
        "+1)",
    ]


def test_a_long_bracket_below_a_power_is_broken():
    """The power stays with the bracket that closes; a short one is whole."""
    vector = (
        "<mrow><mo>(</mo><mtable><mtr><mtd><mn>1.2345</mn></mtd></mtr></mtable><mo>)</mo></mrow>"
    )
    terms = "<mo>+</mo>".join([vector] * 4)
    long = f"<msup><mrow><mo>(</mo>{terms}<mo>)</mo></mrow><mi>T</mi></msup>"
    first, *_, last = pieces(f"<mrow>{long}<mo>+</mo><mn>1</mn></mrow>")

    assert "msup" not in first
    assert last == '<mo form="infix">+</mo><mn>1</mn>'

    *_, closing, _ = pieces(f"<mrow>{long}<mo>+</mo><mn>1</mn></mrow>")
    assert closing.endswith("<msup><mo>)</mo><mi>T</mi></msup>")

    short = (
        "<msup><mrow><mo>(</mo><mn>1.2</mn><mo>+</mo><mn>3.4</mn><mo>)</mo></mrow><mn>2</mn></msup>"
    )

    assert pieces(f"<mrow>{'<mn>12.345</mn>' * 4}<mo>+</mo>{short}</mrow>")[1].endswith(short)


def seen(html):
    """What is read of a piece, row by row, without brackets."""
    text = "".join(fromstring(f"<p>{html}</p>").itertext())
    return text.translate({ord(sign): None for sign in "()√"})


def test_a_telephone_is_told_the_same():
    """What stands for a wide matrix or a long root on a telephone has the numbers of the piece in
    their order; other pieces have nothing else to stand for them."""
    cells = [[f"<mtd><mn>{row}.234{column}</mn></mtd>" for column in range(5)] for row in range(2)]
    rows = "".join(f"<mtr>{''.join(row)}</mtr>" for row in cells)
    matrix = f"<mrow><mo>(</mo><mtable>{rows}</mtable><mo>)</mo></mrow>"
    squares = "<mo>+</mo>".join(["<msup><mn>0.2345</mn><mn>2</mn></msup>"] * 5)

    for wide in (matrix, f"<mo>+</mo><msup>{matrix}<mi>T</mi></msup>", f"<msqrt>{squares}</msqrt>"):
        assert seen(narrow(wide)) == seen(wide)
    assert narrow(matrix).count('class="row wide"') == 2
    assert narrow(f"<msqrt>{squares}</msqrt>").count("<math>") == 5
    assert narrow(matrix.replace(".234", "")) == ""
    assert narrow("<msqrt><mn>0.2345</mn></msqrt>") == ""


def key_page(name):
    bank = shipped(name)
    return body(key(solve(bank, variants_of(bank, 1)[0]), "Ada"), "html")


HIGH = {"mfrac", "mtable", "msqrt", "munder"}


def bracketed(formula):
    """Each pair of brackets of a formula with the tags of what stands between them."""
    elements, open_ = list(fromstring(formula).iter()), []
    for place, element in enumerate(elements):
        if element.tag == "mo" and element.text in ("(", "["):
            open_.append(place)
        elif element.tag == "mo" and element.text in (")", "]") and open_:
            start = open_.pop()
            yield elements[start], element, {one.tag for one in elements[start:place]}


@pytest.mark.parametrize("name", BANKS)
def test_brackets_grow_where_something_high_stands_in_them(name):
    """And nowhere else: a browser gives one that may grow the width of the largest of its font."""
    page = key_page(name)

    pairs = [pair for one in re.findall("<math.*?</math>", page) for pair in bracketed(one)]

    assert pairs
    for start, end, between in pairs:
        grows = start.get("stretchy") is None
        assert (end.get("stretchy") is None) == grows
        assert grows == bool(between & HIGH)


@pytest.mark.parametrize("name", BANKS)
def test_a_power_stands_above_the_index(name):
    """As in print, not behind it."""
    page = key_page(name)

    assert not re.search("<msup><msub>", page)
