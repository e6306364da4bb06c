"""What the program needs beside Python, as its package says itself."""

from __future__ import annotations

import re
from importlib.metadata import requires

_NAME = re.compile(r"[\w.-]+")


def required() -> dict[str, str]:
    """What is to be installed (numpy>=1.26), by the name of its package; without the extras.

    PackageNotFoundError where the program is not installed, but only lies there.
    """
    own = (row for row in requires("rnnquiz") or [] if "extra ==" not in row)
    plain = (row.partition(";")[0].strip() for row in own)
    return {_name_in(row): row for row in plain}


def _name_in(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0].lower() if found else ""
