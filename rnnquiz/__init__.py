"""Exercises on recurrent networks computed by hand: generated, solved, proved and marked.

>>> import rnnquiz
>>> exercise = rnnquiz.Exercise.load("worked_example")
>>> exercise.solution.rounded["h[1]"]
'0.604'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnquiz.version import __version__

if TYPE_CHECKING:
    from rnnquiz.bank.load import load_bank
    from rnnquiz.bank.specification import Bank
    from rnnquiz.bank.variant import Variant
    from rnnquiz.course.classroom import Course
    from rnnquiz.errors import BankError, CourseError, RnnquizError, SubmissionError, ToolError
    from rnnquiz.exercise import Exercise, Sheet
    from rnnquiz.grade.mark import BoxResult
    from rnnquiz.solution.solved import Solution

__all__ = [
    "Bank", "BankError", "BoxResult", "Course", "CourseError", "Exercise", "RnnquizError", "Sheet",
    "Solution", "SubmissionError", "ToolError", "Variant", "__version__", "load_bank",
]  # fmt: skip

_HOME = {
    "Exercise": "exercise", "Sheet": "exercise",
    "load_bank": "bank.load", "Bank": "bank.specification", "Variant": "bank.variant",
    "Course": "course.classroom", "Solution": "solution.solved", "BoxResult": "grade.mark",
    "RnnquizError": "errors", "BankError": "errors", "SubmissionError": "errors",
    "CourseError": "errors", "ToolError": "errors",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the parts of the public face on first use, so that `rnnquiz --help` stays quick."""
    if name in _HOME:
        return getattr(import_module(f"rnnquiz.{_HOME[name]}"), name)
    raise AttributeError(f"module 'rnnquiz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
