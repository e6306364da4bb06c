"""How far a long piece of work is, told to who asked for it: a bar on the terminal, or nobody."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # what is done, how many are done, of how many


def unseen(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""
