"""Keys read back from all outputs: each printed line follows from the numbers printed in it and
from the lines before it."""

import os
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise

import pytest
from keys_reader import (
    Formula,
    Unread,
    faults,
    mistaken,
    needless_brackets,
    numeric,
    pairs_of_terms,
    read,
    results,
    tokens,
)

from rnnquiz.algebra.products import taken_out
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import typeset_symbols
from rnnquiz.bank.task import LINE_FOUND
from rnnquiz.documents.boxes import answers
from rnnquiz.documents.key import key
from rnnquiz.documents.parts import givens
from rnnquiz.documents.render import body
from rnnquiz.documents.results import ResultEntry
from rnnquiz.documents.sheet import sheet
from rnnquiz.solution.lines import flat
from rnnquiz.solution.solved import solve_all
from tests_support import BANKS, QUICK, bank_of, shipped, slowly, variants_of

OUTPUTS = ("latex", "typst", "html", "markdown")
VARIANTS = int(os.environ.get("RNNQUIZ_VARIANTS", "2"))
LEAST = {
    "find_the_mistake": 0.5
}  # share of the lines with a formula in numbers; of other banks 0.6
VECTORS = {"input": 2, "hidden": 2}
NETWORKS = {
    "rounded at the end": {"cell": "gru", "rounding": "decimals: 4, when: end"},
    "significant figures": {"cell": "lstm", "rounding": "significant: 5"},
    "total derivatives": {"cell": "minimal_gated_unit", "style": "total"},
    "softmax": {"loss": "cross_entropy"},
    "softmax, the long way": {"loss": "cross_entropy_through_softmax"},
    "vectors": {"cell": "elman_preactivation", "sizes": VECTORS},
    "fused vectors": {"cell": "elman", "sizes": VECTORS},
    "gated vectors": {"cell": "gru", "sizes": VECTORS},
    "adaptive vectors": {"cell": "elman", "optimiser": "adam", "sizes": VECTORS},
    "clipped vectors": {"cell": "elman_preactivation", "optimiser": "clip_norm", "sizes": VECTORS},
}


def each(names, outputs=OUTPUTS):
    """All names in all outputs; those of other banks than the QUICK ones are slow."""
    return [
        pytest.param(name, output, marks=() if name in QUICK else pytest.mark.slow)
        for name in names
        for output in outputs
    ]


@dataclass(frozen=True)
class Reading:
    """What was found in one key."""

    faults: list
    needless: list
    values: list
    recomputed: int
    mistaken: list


@cache
def solutions(name):
    bank = bank_of(**NETWORKS[name]) if name in NETWORKS else shipped(name)
    return solve_all(
        bank, variants_of(bank, min(VARIANTS, 3) if name in NETWORKS else VARIANTS)
    ).one_by_one


@lru_cache(maxsize=1)
def documents(name):
    return [key(solution, "Ada") for solution in solutions(name)]


@cache
def readings(name, output):
    found = [read(body(document, output), output) for document in documents(name)]
    return [
        Reading(
            faults(k),
            [
                text
                for worked in k.lines
                for side in worked.sides
                for text in needless_brackets(side)
            ],
            [worked.value for worked in k.lines],
            sum(worked.recomputed for worked in k.lines),
            mistaken(k),
        )
        for k in found
    ]


@pytest.mark.parametrize(("name", "output"), each([*BANKS, *NETWORKS]))
def test_each_line_of_a_key_follows_from_what_is_printed(name, output):
    """Formulas computed from the numbers in them, and from the printed values of their symbols,
    give the value printed after them."""
    for solution, reading in zip(solutions(name), readings(name, output), strict=True):
        assert reading.faults == []
        # Nothing is worked out for the number of a line.
        assert len(reading.values) == len({q.name for q in solution.shown_lines} - {LINE_FOUND})
        assert reading.recomputed >= LEAST.get(name, 0.6) * len(solution.lines)


@pytest.mark.parametrize("name", [*BANKS, *NETWORKS])
def test_no_line_says_that_something_is_itself(name):
    """What a line says of a quantity is not its own symbol."""
    for solution in solutions(name):
        for _, _, lines in solution.topics():
            for line in lines:
                own, right, *_ = line.parts(LATEX)
                assert own != right


@pytest.mark.parametrize("name", [bank for bank in BANKS if len(shipped(bank).full.passes) > 1])
def test_a_gradient_is_by_the_parameter_at_which_it_is_taken(name):
    """In pass k the loss is that of pass k, its parameters those that update k - 1 gave, also in
    the equations and above the lines; the given ones have the number 0."""
    solution = solutions(name)[0]
    bank = solution.bank
    target = notated(LATEX, bank.notation)

    for one in bank.full.passes:
        for p in bank.full.parameters:
            shown = symbol(f"dL/d{p}#{one.number}", target)
            assert (
                shown
                == rf"\frac{{\partial L^{{[{one.number}]}}}}{{\partial {p}^{{[{one.number - 1}]}}}}"
            )
            assert rf"partial {p}^{{[{one.number - 1}]}}" in shown

            forward = bank.full[f"yhat[1]#{one.number}"].formula
            assert f"{p}^{{[{one.number - 1}]}}" in typeset_symbols(forward, target)

    page = str(body(documents(name)[0], "latex"))
    assert r"W^{[k-1]}\,x" in page
    assert r"\frac{\partial L^{[k]}}{\partial \theta^{[k-1]}}" in page

    given = givens(bank, solution.variant, list(bank.graph.givens))
    assert "W^{[0]}" in {left.show(target) for left, _ in given}
    assert all(f"For $W^{{[{one.number - 1}]}}$" in page for one in bank.full.passes)


@pytest.mark.parametrize(("name", "output"), each([*BANKS, *NETWORKS]))
def test_no_brackets_stand_in_brackets(name, output):
    """No bracket holds nothing but a bracket, a matrix or a number without a sign."""
    assert [reading.needless for reading in readings(name, output)] == [[]] * len(solutions(name))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"\left(\left(1 + 2\right)\right)", 1),
        (r"\left(\left(1 + 2\right) \cdot \left(3 + 4\right)\right)", 0),
        (r"2 \cdot \left(3\right)", 1),
        (r"2 \cdot \left(-3\right)", 0),
        (r"\left(\begin{pmatrix}1 \\ 2\end{pmatrix}\right)", 1),
        (r"\tanh\left(0.5\right)^{2}", 0),
        (r"\frac{\left(1 + 2\right) \cdot 3}{4}", 0),
    ],
)
def test_needless_brackets_are_found(text, found):
    """Of brackets in brackets, around a number and a matrix; not of those that are needed."""
    assert len(needless_brackets(tokens(text, "latex"))) == found


@pytest.mark.parametrize(("name", "output"), each(BANKS, OUTPUTS[:3]))
def test_all_outputs_print_the_same_values(name, output):
    """LaTeX, Typst and HTML have the values of plain text, in the same order."""
    assert [reading.values for reading in readings(name, output)] == [
        reading.values for reading in readings(name, "markdown")
    ]


@pytest.mark.parametrize(("name", "output"), each([*BANKS, *NETWORKS]))
def test_results_are_those_of_the_lines_with_what_is_accepted(name, output):
    """Each quantity that is asked stands once among the results, with all of its entries: those of
    the line that works it out; what is accepted around each is what marking accepts."""
    for solution, document in zip(solutions(name), documents(name), strict=True):
        text = body(document, output)
        reading = read(text, output)
        worked = {line.symbol: line.value for line in reading.lines}
        number = "".join(map(str, mistaken(reading)))

        found = results(text, output)

        boxes = [
            tuple(solution.bank.boxes_of(solution.bank.graph[q])) for q in shown_on_sheet(name)
        ]

        assert len(found) == len(solution.bank.asked) == len(boxes)
        for result, own in zip(found, boxes, strict=True):
            printed = worked.get(result.symbol, ((number,),))
            assert sorted(result.values) == sorted(t for row in printed for t in row)

            accepted = sorted(ends_of(solution, box) for box in own)
            assert sorted(result.ends) == accepted


def shown_on_sheet(name):
    """The quantities in the order of the sheet."""
    solution, *_ = solutions(name)
    blocks = sheet(solution.bank, solution.variant, "Ada").blocks
    bands = [block for block in blocks if block.kind == "answers"]
    if not bands:  # of a derivation, in the lines of which boxes stand, part by part
        bands = [band for _, part in answers(solution.bank) for band in part]
    return [unknown.math.name for band in bands for unknown in band.unknowns]


def ends_of(solution, box):
    """From where to where a number is accepted in a box: the number alone where nothing else is."""
    ends = solution.accepted(box)
    if ends is None:
        ends = [flat(solution.rounded[box.quantity])[box.entry]] * 2
    return tuple(map(Decimal, ends))


@pytest.mark.parametrize("name", [*sorted({*BANKS} - {"fill_the_gaps"}), *NETWORKS])
def test_results_stand_as_the_boxes_of_the_sheet_do(name):
    """In the sections of the sheet, in them step by step, each vector and matrix in one piece."""
    solution = solutions(name)[0]
    blocks = sheet(solution.bank, solution.variant, "Ada").blocks
    first = next(k for k, block in enumerate(blocks) if block.kind == "answers")
    asked = []
    for block in blocks[first - 1 :]:
        if block.kind == "heading" and block.level == 2:
            asked.append((block.text, []))
        elif block.kind == "answers":
            asked[-1][1].append((block.step, [unknown.math for unknown in block.unknowns]))

    (found,) = [b for b in key(solution, "Ada").blocks if b.kind == "results"]
    shown = [
        (section.words, [(band.step, [one.math for one in band.results]) for band in section.bands])
        for section in found.sections
    ]

    assert shown == asked


@pytest.mark.parametrize(
    ("value", "accepted", "steps"),
    [
        ("0.6139", ("0.6138", "0.6140"), ("1", "1")),
        ("-0.2077", ("-0.2078", "-0.2077"), ("", "1")),
        ("0.00032400", ("0.00032396", "0.00032405"), ("5", "4")),
        ("1.0000", ("0.99996", "1.0001"), None),
        ("0.5", None, ("", "")),
    ],
)
def test_what_is_accepted_is_counted_in_units_of_the_last_digit(value, accepted, steps):
    """How far above and below; an end of more digits than the number has no such units."""
    assert ResultEntry(value, accepted).steps == steps


@pytest.mark.parametrize("output", OUTPUTS)
def test_of_a_derivation_only_the_wrong_line_is_wrong(output):
    """In a derivation with gaps every line follows from the others; in one with a mistake all but
    the line that the key names."""
    filled = readings("fill_the_gaps", output)
    found = readings("find_the_mistake", output)

    for reading in filled:
        assert not reading.mistaken
    for solution, reading in zip(solutions("find_the_mistake"), found, strict=True):
        assert list(map(str, reading.mistaken)) == [solution.rounded[LINE_FOUND]]


SIGNED = {
    "latex": r"(?m)^\\derived\[{\\color{v-([\w-]+)}.*?\]{(\d+)\.}",
    "typst": r"(?m)^derived\(\[()(\d+)\.\], .*, sign: ",
    "html": r'<p class="line">(?=.*class="sign v-([\w-]+)">[✗→]</span></p>)(\d+)\.',
    "markdown": r"(?m)^    (?=.* ([✗→])$)(\d+)\.",
}
WRONG_SIGNS, CARRIED_SIGNS = ("wrong", "✗", ""), ("follow-through", "→", "")


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_key_signs_the_wrong_line_and_those_that_go_on_with_it(output):
    """A sign stands beside the line that does not follow from the others, another one beside each
    line whose value depends on it, and none beside any other; a sentence says what stands there
    and what is right."""
    for solution in solutions("find_the_mistake"):
        bank, document = solution.bank, key(solution, "Ada")
        reading = read(body(document, output), output)
        (number,) = mistaken(reading)
        wrong = bank.task.lines[number - 1]
        later = [
            k for k, name in enumerate(bank.task.lines, 1) if wrong in bank.full.ancestors[name]
        ]
        signs = {int(k): sign for sign, k in re.findall(SIGNED[output], body(document, output))}

        assert sorted(signs) == sorted([number, *later])
        assert signs.pop(number) in WRONG_SIGNS
        assert all(sign in CARRIED_SIGNS for sign in signs.values())

        sentence = next(
            b.text for b in document.blocks if b.kind == "paragraph" and "cross" in b.text
        )
        right = solution.rounded["value"]

        assert f"Line {number} " in sentence
        assert solution.text().count(right) > 0

        text = body(document, "markdown")
        shown = reading.derivation[number - 1].value[0][0]
        assert f"it says {shown}, and {right} comes from the numbers before it." in text


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_key_of_a_derivation_has_no_gaps(output):
    """Each line of a derivation has its value there, also those that the sheet leaves open."""
    found = read(body(key(solutions("fill_the_gaps")[0], "Ada"), output), output)

    assert found.derivation
    assert all(line.value for line in found.derivation)
    assert mistaken(found) == []


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", ["fill_the_gaps", "find_the_mistake"])
def test_no_line_of_a_derivation_says_a_number_twice(name, output):
    """Where the formula is a number, as the derivative by a bias, it is the value: 1, not 1 =
    1.0000."""
    found = read(body(key(solutions(name)[0], "Ada"), output), output)
    bare = [line for line in found.derivation if numeric(line.sides[0])]

    assert len(bare) > 0
    assert all(len(line.sides) == 1 for line in bare)


@pytest.mark.parametrize(("name", "output"), each(BANKS))
def test_a_key_with_every_step_explained_has_the_same_lines(name, output):
    """Reasons between the lines change none of them."""
    explained = read(body(key(solutions(name)[0], "Ada", "explained"), output), output)
    assert faults(explained) == []
    assert [worked.value for worked in explained.lines] == readings(name, output)[0].values


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", slowly(["bptt_vector", "find_the_mistake", "lstm_step"]))
def test_a_changed_digit_is_found(name, output):
    """Another last digit in the value of any line that is recomputed is a fault of this line."""
    text = body(key(solutions(name)[0], "Ada"), output)

    for worked in read(text, output).lines:
        if worked.recomputed:
            changed = with_another_digit(worked)
            found = faults(read(text.replace(worked.source, changed), output))
            assert any(fault.endswith(changed) for fault in found)


def with_another_digit(worked):
    """The source of a line with another last digit in its value; what stands after the value
    stays."""
    shown = re.split(r'\\note|\$, \[| <span class="note exact">', worked.source)[0]
    digits = worked.value[-1][-1].removeprefix("-")
    place = shown.rindex(digits) + len(digits) - 1
    return f"{shown[:place]}{(int(shown[place]) + 1) % 10}{worked.source[place + 1 :]}"


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", ["bptt_vector", "hello", "gated vectors", "fused vectors"])
def test_products_are_worked_and_each_is_read_back(name, output):
    """Products with given matrices stand row by row in the numbers of a line, and then worked: the
    reader finds both, and a digit changed in one of them is a fault of this line."""
    text = body(key(solutions(name)[0], "Ada"), output)
    found = 0

    for worked in read(text, output).lines:
        for before, after in zip(worked.sides, worked.sides[1:], strict=False):
            for _, numbers in pairs_of_terms(before, after):
                shown = numbers[0].text
                entry = re.search(r"\d[\d.]*", shown)[0]
                other = f"{(int(entry[0]) + 1) % 10}{entry[1:]}"
                place = worked.source.replace("−", "-").find(entry)
                if output == "html" or shown not in worked.source or place < 0:
                    found += output == "html"
                    continue
                changed = worked.source.replace(shown, shown.replace(entry, other, 1), 1)
                again = faults(read(text.replace(worked.source, changed), output))

                assert any(fault.endswith(changed) for fault in again)

                found += 1
    assert found >= 3


@pytest.mark.parametrize(
    ("text", "output", "found"),
    [
        (r"4.20 \cdot 10^{-7}", "latex", ["0.000000420"]),
        (r"2 + 10^{-8}", "latex", ["2", "0.00000001"]),
        ("0.1 + 4.20 dot 10^(-7)", "typst", ["0.1", "0.000000420"]),
        ("0.1 + 10^-8", "markdown", ["0.1", "0.00000001"]),
        (r"10^{2} \cdot 3", "latex", ["10", "2", "3"]),
    ],
)
def test_powers_of_ten_are_read_with_all_their_digits(text, output, found):
    """The reader writes them out, those at the end too, and nothing else that is raised."""
    assert [token.text for token in tokens(text, output) if token.kind == "number"] == found


@pytest.mark.parametrize("output", ["latex", "typst", "html"])
@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector"])
def test_no_heading_has_a_variable_upright(name, output):
    """The time in a heading is mathematics, as the letter of a parameter is."""
    upright = {
        "latex": r"\\sheet(?:section|topic|first)\{[^$}]*\bt = \d",
        "typst": r'#heading\([^)]*\)\[[^$\n]*"[^",]*\bt = \d"\]',
        "html": r"<h\d>[^<]*\bt = \d",
    }
    typeset = {"latex": "$t = 2$}", "typst": "$t = 2$)]", "html": "<mi>t</mi><mo>=</mo><mn>2</mn>"}
    text = body(key(solutions(name)[0], "Ada"), output)

    assert not re.findall(upright[output], text)
    assert typeset[output] in text


@pytest.mark.parametrize(
    ("output", "power"),
    [
        ("latex", "10^{-8}"),
        ("typst", "10^(-8)"),
        ("html", "<msup><mn>10</mn>"),
        ("markdown", "10^-8"),
    ],
)
def test_nobody_counts_zeros(output, power):
    """The small constant of Adam is a power of ten, where it is given and in each line."""
    text = body(key(solutions("adam_two_steps")[0], "Ada"), output)
    updates = 4  # of two parameters in two passes

    assert text.count(power) >= 1 + updates
    assert "0.0000000" not in text


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", ["bptt_vector", "fused vectors", "gated vectors"])
def test_each_product_with_a_vector_is_written_out(name, output):
    """Where a given matrix is multiplied with a vector, the rows stand in the line."""
    solution = solutions(name)[0]
    lines = [line for _, _, topic in solution.topics() for line in topic]
    found = read(body(key(solution, "Ada"), output), output).lines
    with_products = 0

    for line, worked in zip(lines, found, strict=True):
        _, products = taken_out(line.formula, solution.matrices)

        if products:
            assert any("rows" in {token.kind for token in side} for side in worked.sides)
            with_products += 1
    assert with_products >= 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\begin{pmatrix}1 - 0.5^{2} \\ 2 \cdot \left(-3\right)\end{pmatrix}", [[0.75], [-6]]),
        (r"\mathbf{1} - \begin{pmatrix}1 \\ 2\end{pmatrix}^{2}", [[0], [-3]]),
        (r"0.5\,\mathbf{1} + \begin{pmatrix}1 \\ 2\end{pmatrix}", [[1.5], [2.5]]),
        (r"1 - \begin{pmatrix}1 \\ 2\end{pmatrix}", None),
    ],
)
def test_a_number_is_added_to_no_vector(text, value):
    """The reader works rows out, adds vectors of ones, and takes no number for a vector."""
    formula = Formula(tokens(text, "latex"), {})

    if value is None:
        with pytest.raises(Unread):
            formula.compute()
    else:
        assert formula.compute().tolist() == value


@pytest.mark.parametrize("output", ["latex", "typst", "html"])
def test_a_number_is_multiplied_with_a_dot(output):
    """No number stands beside a factor without a sign, nor does a power of one."""
    for worked in read(body(key(solutions("adam_two_steps")[0], "Ada"), output), output).lines:
        for side in filter(numeric, worked.sides):
            kinds = [token.kind for token in side]
            beside = set(pairwise(kinds))
            assert beside.isdisjoint({(")", "number"), ("thin", "number")})
