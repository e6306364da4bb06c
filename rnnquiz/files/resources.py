"""Templates and question banks that ship with the program, found from a wheel as from a
checkout."""

from __future__ import annotations

import os
from pathlib import Path

from rnnquiz.errors import BankError, ToolError
from rnnquiz.text import nearest

_PACKAGE = Path(__file__).resolve().parent.parent


def bank_path(text: str | Path) -> Path:
    """A bank by its path, or by its name where it ships with the program.

    BankError with near names where it is neither.
    """
    # A file of the teacher's comes before a bank that ships under the same name.
    if os.path.exists(text):
        return Path(text)
    shipped = {path.stem: path for path in folder("question_banks").glob("*.yaml")}
    if str(text) in shipped:
        return shipped[str(text)]
    near = nearest(
        Path(text).stem, shipped, "give the path of a file, or a name that  rnnquiz banks  lists"
    )
    raise BankError.at(str(text), "the bank", "is no file, and none that ships", near)


def starter() -> Path:
    """The bank that a new one begins with."""
    return _PACKAGE / "bank" / "starter.yaml"


def cache_folder() -> Path:
    """Where systems want what can be made again: ~/.cache, ~/Library/Caches, AppData."""
    # Most of what looks for our own files keeps none.
    from platformdirs import user_cache_path

    return user_cache_path("rnnquiz", appauthor=False)


def folder(name: str) -> Path:
    """The folder `templates` or `question_banks`."""
    # In a wheel they lie within the package, in a checkout beside it.
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise ToolError("installation", f"the folder {name} is missing; install rnnquiz again")
