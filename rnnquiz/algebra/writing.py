"""How operations are written: one row for each of the table of operations, with the same keys."""

from __future__ import annotations

from dataclasses import dataclass

from rnnquiz.algebra.functions import APPLIED, FUNCTIONS
from rnnquiz.algebra.prints import Prints

# How tightly an operation holds together. U (r * h): a product entry by entry binds less than one
# of matrices.
SUM, ENTRYWISE, PRODUCT, POWER = 1, 2.5, 3, 5
# For display only: a column of formulas, and a product with its sign in front.
BY_ROWS, TIMES = "rows", "times"
SPREAD = ("spread1", "spread2", "like1", "like2")  # a number given to all entries

# As wide as the space in LaTeX: without one the sign is no space at all, and o tanh(c) one word.
INVISIBLE_TIMES = '<mo rspace=".17em">&#8290;</mo>'


@dataclass(frozen=True)
class WrittenForm:
    """How an operation is written in each output language.

    `binding`: how tightly it holds together, 1 for a sum to 6 for what needs no brackets. Arguments
    that bind less than `needs` (one number, or one for each argument) get brackets.
    """

    prints: Prints[str]
    binding: float = 5
    needs: float | tuple[float, float] = 0


_JUXTAPOSED = Prints(
    "{0}\\,{1}",
    "{0} thin {1}",
    f"<mrow>{{0}}{INVISIBLE_TIMES}{{1}}</mrow>",
    "{0} {1}",
)
# A product with a number in plain text is typed with a star, one of matrices with @.
_SCALED = Prints(
    "{0}\\,{1}",
    "{0} thin {1}",
    f"<mrow>{{0}}{INVISIBLE_TIMES}{{1}}</mrow>",
    "{0} * {1}",
)
_MATRIX = Prints(
    "{0}\\,{1}",
    "{0} thin {1}",
    f"<mrow>{{0}}{INVISIBLE_TIMES}{{1}}</mrow>",
    "{0} @ {1}",
)
_ONES = Prints(
    "{0}\\,\\mathbf{{1}}",
    "{0} bold(1)",
    f"<mrow>{{0}}{INVISIBLE_TIMES}<mi>𝟏</mi></mrow>",
    "{0} * ones",
)
BARE_ONES = Prints("\\mathbf{1}", "bold(1)", "<mi>𝟏</mi>", "ones")
# An operation that only gives a value another shape is not written.
_BARE = Prints(
    "{0}",
    "{0}",
    "{0}",
    "{0}",
)
_SUM = Prints(
    "\\sum_{{k}} {0}",
    "sum_k {0}",
    "<mrow><munder><mo>&#8721;</mo><mi>k</mi></munder>{0}</mrow>",
    "sum({0})",
)


_TOTAL = Prints(
    "\\sum_{{j,k}} {0}",
    "sum_(j, k) {0}",
    "<mrow><munder><mo>&#8721;</mo><mrow><mi>j</mi><mo>,</mo><mi>k</mi></mrow></munder>{0}</mrow>",
    "sum({0})",
)


def _chosen(word: str) -> Prints[str]:
    """The smaller or the larger of two values (min, max)."""
    return Prints(
        rf"\{word}\left({{0}},\,{{1}}\right)",
        f"{word}({{0}}, {{1}})",
        f"<mrow><mi>{word}</mi><mo>(</mo>{{0}}<mo>,</mo>{{1}}<mo>)</mo></mrow>",
        f"{word}({{0}}, {{1}})",
    )


WRITTEN_FORMS: dict[str, WrittenForm] = {
    "add": WrittenForm(
        Prints("{0} + {1}", "{0} + {1}", "<mrow>{0}<mo>+</mo>{1}</mrow>", "{0} + {1}"), 1, 1
    ),
    # Tighter than a sum, looser than a product: -(a + b), but -a b.
    "neg": WrittenForm(Prints("-{0}", "-{0}", "<mrow><mo>&#8722;</mo>{0}</mrow>", "-{0}"), 2, 2),
    "mul": WrittenForm(_JUXTAPOSED, 3, 3),
    "hadamard": WrittenForm(
        Prints(
            "{0}\\odot {1}", "{0} dot.o {1}", "<mrow>{0}<mo>&#8857;</mo>{1}</mrow>", "{0} * {1}"
        ),
        ENTRYWISE,
        ENTRYWISE,
    ),
    "div": WrittenForm(
        Prints("\\frac{{{0}}}{{{1}}}", "({0}) / ({1})", "<mfrac>{0}{1}</mfrac>", "{0} / {1}")
    ),
    # A fraction of vectors would be read as one of numbers.
    "over": WrittenForm(
        Prints(
            "{0}\\oslash {1}",
            "{0} ⊘ {1}",
            "<mrow>{0}<mo>&#8856;</mo>{1}</mrow>",
            "{0} / {1}",
        ),
        ENTRYWISE,
        (ENTRYWISE, PRODUCT),
    ),
    "pow": WrittenForm(Prints("{0}^{{{1}}}", "{0}^({1})", "<msup>{0}{1}</msup>", "{0}^{1}"), 4, 5),
    "scale1": WrittenForm(_SCALED, 3, 3),
    "scale2": WrittenForm(_SCALED, 3, 3),
    "dot": WrittenForm(
        Prints(
            "{0}^{{\\top}}{1}",
            "{0}^top {1}",
            "<mrow><msup>{0}<mo>&#8868;</mo></msup>{1}</mrow>",
            "{0} @ {1}",
        ),
        3,
        (5, 3),
    ),
    "matvec": WrittenForm(_MATRIX, 3, 3),
    "diagonal": WrittenForm(
        Prints(
            "\\operatorname{{diag}}({0})\\,{1}",
            'op("diag")({0}) {1}',
            "<mrow><mi>diag</mi><mo>(</mo>{0}<mo>)</mo>{1}</mrow>",
            "diag({0}) * {1}",
        ),
        3,
        3,
    ),
    "vecmat": WrittenForm(_MATRIX, 3, 3),
    "matmat": WrittenForm(_MATRIX, 3, 3),
    "outer": WrittenForm(
        Prints(
            "{0}\\,{1}^{{\\top}}",
            "{0} thin {1}^top",
            "<mrow>{0}<msup>{1}<mo>&#8868;</mo></msup></mrow>",
            "outer({0}, {1})",
        ),
        3,
        (3, 5),
    ),
    "transpose": WrittenForm(
        Prints("{0}^{{\\top}}", "{0}^top", "<msup>{0}<mo>&#8868;</mo></msup>", "{0}.T"), 5, 5
    ),
    # It binds no tighter than a minus sign: as a factor a sum over entries stands in brackets.
    "sum": WrittenForm(_SUM, 2, 4),
    "total": WrittenForm(_TOTAL, 2, 4),
    "spread1": WrittenForm(_ONES, 3, 3),
    "spread2": WrittenForm(_ONES, 3, 3),
    "like1": WrittenForm(_ONES, 3, 3),
    "like2": WrittenForm(_ONES, 3, 3),
    "softmax": WrittenForm(
        Prints(
            "\\operatorname{{softmax}}\\left({0}\\right)",
            'op("softmax")({0})',
            f"<mrow><mi>softmax</mi>{APPLIED}</mrow>",
            "softmax({0})",
        )
    ),
    "clip": WrittenForm(
        Prints(
            "\\operatorname{{clip}}\\left({0},\\,\\pm {1}\\right)",
            'op("clip")({0}, plus.minus {1})',
            "<mrow><mi>clip</mi><mo>(</mo>{0}<mo>,</mo><mo>±</mo>{1}<mo>)</mo></mrow>",
            "clip({0}, {1})",
        )
    ),
    "minimum": WrittenForm(_chosen("min")),
    "maximum": WrittenForm(_chosen("max")),
    "concat": WrittenForm(
        Prints(
            "\\left[{0};\\,{1}\\right]",
            "[{0} \\; {1}]",
            "<mrow><mo>[</mo>{0}<mo>;</mo>{1}<mo>]</mo></mrow>",
            "concat({0}, {1})",
        )
    ),
    "part": WrittenForm(
        Prints(
            "\\left({0}\\right)_{{{1}:{2}}}",
            "({0})_({1} : {2})",
            "<msub><mrow><mo>(</mo>{0}<mo>)</mo></mrow><mrow>{1}<mo>:</mo>{2}</mrow></msub>",
            "part({0}, {1}, {2})",
        )
    ),
    "entry": WrittenForm(
        Prints(
            "\\left({0}\\right)_{{{1}}}",
            "({0})_({1})",
            "<msub><mrow><mo>(</mo>{0}<mo>)</mo></mrow><mrow>{1}</mrow></msub>",
            "entry({0}, {1})",
        )
    ),
    "lift": WrittenForm(_BARE, 6),
    "select": WrittenForm(Prints("{0}: {1}", "{0}: {1}", "<mrow>{0}{1}</mrow>", "{0}: {1}")),
    **{name: WrittenForm(row.prints) for name, row in FUNCTIONS.items()},
}
