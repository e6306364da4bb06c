"""The four languages in which mathematics is written: LaTeX, Typst, MathML and plain text, each in
any notation."""

from __future__ import annotations

from rnnquiz.algebra.language import Target, in_sentences, notated, with_mark
from rnnquiz.algebra.latex import LATEX
from rnnquiz.algebra.mathml import MATHML
from rnnquiz.algebra.plain import AS_WIDE, TEXT
from rnnquiz.algebra.typst import TYPST

__all__ = [
    "AS_WIDE",
    "FORMULA_TARGETS",
    "LATEX",
    "MATHML",
    "TEXT",
    "TYPST",
    "Target",
    "in_sentences",
    "notated",
    "with_mark",
]

FORMULA_TARGETS = {"latex": LATEX, "typst": TYPST, "mathml": MATHML, "text": TEXT}
