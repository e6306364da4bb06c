"""The sentences of a script: literals in the calls of `say_` and `count_`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_TEXT = r'("(?:[^"\\]|\\.)*")'
_SENTENCE = re.compile(rf"\b(?:say_\(\s*{_TEXT}|count_\(\s*{_TEXT},\s*{_TEXT})")


def script_sentences(script: str) -> Iterator[tuple[str, str]]:
    """Each sentence; of one that counts also its form for many, which else is empty."""
    for alone, one, many in _SENTENCE.findall(script):
        # Our scripts have no escape in a text that Python would read otherwise.
        first = ast.literal_eval(alone or one)
        yield first, ast.literal_eval(many or '""')
