"""What there is once for each language in which formulas are put out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Prints(Generic[T]):
    """One for LaTeX, for Typst, for MathML and for plain text.

    Templates among them are filled in by str.format, so that the braces of LaTeX stand twice.
    """

    latex: T
    typst: T
    mathml: T
    text: T
