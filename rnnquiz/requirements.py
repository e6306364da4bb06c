"""What the program needs beside Python, as its package says itself."""

from __future__ import annotations

import re
from importlib.metadata import requires

_NAME = re.compile(r"[\w.-]+")


def required() -> dict[str, str]:
    """What is to be installed (numpy>=1.26), by the name of its package; without the extras.

    PackageNotFoundError where the program is not installed, but only lies there.
    """
    found = {}
    for row in requires("rnnquiz") or []:
        plain, _, condition = row.partition(";")
        # What belongs to an extra says so in its condition.
        if "extra ==" not in condition:
            needed = plain.strip()
            found[_name_in(needed)] = needed
    return found


def _name_in(requirement: str) -> str:
    found = _NAME.match(requirement)
    if found is None:
        return ""
    return found[0].lower()
