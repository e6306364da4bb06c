"""Exercises on recurrent networks computed by hand: generated, solved, proved and marked.

    >>> import rnnquiz
    >>> exercise = rnnquiz.Exercise.load("worked_example")
    >>> exercise.solution.rounded["h[1]"]
    '0.604'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from rnnquiz.bank.load import load_bank
    from rnnquiz.exercise import Exercise

__all__ = ["Exercise", "__version__", "load_bank"]


def __getattr__(name: str) -> Any:
    """Load the parts of the public face on first use, so that `rnnquiz --help` stays quick."""
    if name == "load_bank":
        from rnnquiz.bank.load import load_bank

        return load_bank
    if name == "Exercise":
        from rnnquiz.exercise import Exercise

        return Exercise
    raise AttributeError(name)
