"""Formulas in pieces: nothing is lost, and a sign looks as it does in the whole."""

from xml.etree.ElementTree import fromstring

import pytest

from rnnquiz.algebra.targets import MATHML
from rnnquiz.documents.breaking import pieces
from rnnquiz.solution import solve
from tests_support import BANKS, shipped, variants_of

OPERATORS = {"+", "\u2212", "\u22c5", "\u2299"}


def form_of_signs(row, place=0, last=1):
    """Each sign of a formula with its form, by the rules of MathML Core: what it says itself, else
    prefix at the start of a row of several, infix within."""
    for k, element in enumerate(row):
        if element.tag == "mo" and element.text in OPERATORS:
            yield element.text, element.get("form") or ("infix" if k else "prefix")
        yield from form_of_signs(element)


@pytest.mark.parametrize("name", BANKS)
def test_the_pieces_of_a_side_are_the_whole(name):
    """Put together, the pieces have all letters in their order; every sign has the form that it had;
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
        "(1.23452.3456)", "+(1−0.53)", "⋅(0.12345", "+0.12345", "+0.12345", "+0.12345", "+1)",
    ]  # fmt: skip
