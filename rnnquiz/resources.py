"""Templates and question banks that ship with the program, found from a wheel as from a checkout."""

from __future__ import annotations

from pathlib import Path

from rnnquiz.errors import ToolError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `templates` or `question_banks`."""
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise ToolError("installation", f"the folder {name} is missing; install rnnquiz again")
