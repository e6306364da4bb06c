"""Templates and question banks that ship with the program, found from a wheel as from a checkout."""

from __future__ import annotations

import os
from pathlib import Path

from rnnquiz.errors import ToolError

_PACKAGE = Path(__file__).resolve().parent


def bank_path(text: str | Path) -> Path:
    """A bank by its path, or by its name where it ships with the program."""
    shipped = {path.stem: path for path in folder("question_banks").glob("*.yaml")}
    return shipped[str(text)] if str(text) in shipped and not os.path.exists(text) else Path(text)


def folder(name: str) -> Path:
    """The folder `templates` or `question_banks`."""
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise ToolError("installation", f"the folder {name} is missing; install rnnquiz again")
