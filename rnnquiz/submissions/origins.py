"""Whose a file is, from the path that a learning system gave it: one row for each system, in a literal table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Origin:
    """What a path says: whom the system calls the owner, best first; when it was handed in; in which order; whether late.

    `note`: the system's own file about a submission, which holds no answers.
    """

    known_as: tuple[str, ...]
    time: str = ""
    order: int = 0
    late: bool = False
    note: bool = False


def _moodle(found: re.Match[str]) -> Origin:
    number, name = found["number"], found["name"].replace("_", " ").strip()
    return Origin((f"Participant {number}", *(() if name in ("Participant", "") else (name,))))


def _canvas(found: re.Match[str]) -> Origin:
    return Origin((found["user"], found["name"]), order=int(found["attachment"]), late=found["late"] is not None)


def _blackboard(found: re.Match[str]) -> Origin:
    return Origin((found["user"],), _iso(found["time"], "%Y-%m-%d-%H-%M-%S"), note=found["file"] is None)


def _brightspace(found: re.Match[str]) -> Origin:
    return Origin((found["name"].strip(),), _iso(re.sub(r"\s+", " ", found["time"]), "%b %d, %Y %I%M %p"))


def _iso(text: str, form: str) -> str:
    """The time in ISO 8601; nothing where it is none, such as a month 13."""
    try:
        return datetime.strptime(text, form).isoformat()
    except ValueError:
        return ""


ORIGINS: dict[str, tuple[re.Pattern[str], Callable[[re.Match[str]], Origin]]] = {
    "Moodle": (re.compile(r"(?P<name>[^/]*?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_?/|_).*"), _moodle),
    "Brightspace": (re.compile(r"\d+-\d+ - (?P<name>[^/]+) - (?P<time>[A-Z][a-z]{2,8} \d{1,2}, \d{4} \d{3,4} [AP]M)/.*"), _brightspace),
    "Blackboard": (
        re.compile(r"(?:[^/]+_)(?P<user>[^/_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|\.txt)"), _blackboard,
    ),
    "Canvas": (
        re.compile(r"(?P<name>[^/_\W][^/_]*)(?P<late>_LATE)?_(?P<user>\d+)_(?P<attachment>\d{2,30})_[^/]+", re.IGNORECASE), _canvas,
    ),
}  # fmt: skip
"""Paths of one submission in the archives that the systems make, counted from any folder that the teacher has put around them."""

_INDEX = ("index.html", "submission_metadata.yml", "submission_metadata.json")


def origin_of(path: str) -> Origin | None:
    """What the path says of a submission; None where no system made it."""
    parts = PurePosixPath(path).parts
    for start in range(len(parts)):
        rest = "/".join(parts[start:])
        for pattern, read in ORIGINS.values():
            if found := pattern.fullmatch(rest):
                return read(found)
    return None


def is_index(path: str) -> bool:
    """True for a system's own list of the submissions."""
    return PurePosixPath(path).name in _INDEX
