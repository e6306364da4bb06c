"""Whose a file is, from the path that a learning system gave it: one row for each system, in a
literal table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from rnnquiz.people.identity import AsId, AsName, is_participant, squeezed


@dataclass(frozen=True)
class Origin:
    """What a path says: whom the system calls the owner, best first; when it was handed in; in
    which order; whether late.

    `note`: the system's own file about a submission, which holds no answers. `number`: the
    system's number of the owner, `attempt` what was handed in together, both within the folder
    `place`.
    """

    known_as: tuple[str, ...]
    time: str = ""
    order: int = 0
    late: bool = False
    note: bool = False
    number: str = ""
    attempt: str = ""
    place: str = ""


def _moodle(found: re.Match[str]) -> Origin:
    """A number alone says who it is under blind marking only: a team's folder has the number of the
    team.
    """
    name = found["name"].replace("_", " ").strip()
    # The worksheet, in which the marks go back, calls the student so.
    number = AsId(f"Participant {found['number']}")
    names = (name, *(end for _, end in without_group(name)))
    attempt = f"{name}_{found['number']}"
    word: str = AsName(name)
    if not name or any(map(is_participant, names)):
        word = number
    return Origin((word,), number=number, attempt=attempt)


def _canvas(found: re.Match[str]) -> Origin:
    """A file with its number, or a text typed into Canvas, which has none."""
    id_, name = AsId(found["user"]), AsName(found["name"])
    # Attachments are numbered as they come in: of two files the one of the higher number is newer.
    order = int(found["attachment"] or 0)
    late = found["late"] is not None
    attempt = f"{name}_{id_}"
    return Origin((id_, name), order=order, late=late, number=id_, attempt=attempt)


def _canvas_anonymous(found: re.Match[str]) -> Origin:
    """Only the token of the sheet says whose it is."""
    word = AsId(f"anonymous {found['user']}")
    late = found["late"] is not None
    return Origin((word,), late=late, attempt=word)


def _blackboard(found: re.Match[str]) -> Origin:
    """The name of the assignment and that of the user can hold underscores: each part that may be
    the user's is one of the words."""
    user, written = found["user"], found["time"]
    parts = user.split("_")[-MOST_UNDERSCORES:]
    # The shortest first: a user's name with an underscore is rarer than an assignment's.
    starts = reversed(range(len(parts)))
    users = ["_".join(parts[k:]) for k in starts]
    words = tuple(map(AsId, users))
    time = _iso(written, "%Y-%m-%d-%H-%M-%S")
    # The text file that Blackboard writes for each attempt names no file of the student's.
    note = found["file"] is None
    return Origin(words, time, note=note, attempt=f"{user}_{written}")


def _brightspace(found: re.Match[str]) -> Origin:
    name, written = found["name"], found["time"]
    plain = re.sub(r"\s+", " ", written)
    time = _iso(plain, "%b %d, %Y %I%M %p")
    word = AsName(name.strip())
    return Origin((word,), time, attempt=f"{name}_{written}")


def _iso(text: str, form: str) -> str:
    """The time in ISO 8601; nothing where it is none, such as a month 13."""
    try:
        return datetime.strptime(text, form).isoformat()
    except ValueError:
        return ""


MOST_UNDERSCORES = 8  # of an assignment and a user
# From Moodle 4.1 on, folders end without an underscore. Without folders the file's name goes on.
_MOODLE = re.compile(
    r"(?P<name>[^/]*?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_?/|_).*"
)
_BRIGHTSPACE = re.compile(r"\d+-\d+ - (?P<name>[^/]+) - (?P<time>(?=[^/]*\d)[^/]*)/.*")
_BLACKBOARD = re.compile(
    r"[^/_]+_(?P<user>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|\.txt)"
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[^/_]+)_(?:\d{2,30}_[^/]+|text\.html)", re.IGNORECASE
)
# Thirty digits at most: Python makes no number of thousands of them.
_CANVAS = re.compile(
    r"(?P<name>[^/_\W][^/_]*)(?P<late>_LATE)?_(?P<user>\d+)"
    r"_(?:(?P<attachment>\d{2,30})_[^/]+|text\.html)",
    re.IGNORECASE,
)
# The pattern of Canvas comes last: to it, an anonymous file is one of a student called anon.
ORIGINS: dict[str, tuple[re.Pattern[str], Callable[[re.Match[str]], Origin]]] = {
    "Moodle": (_MOODLE, _moodle),
    "Brightspace": (_BRIGHTSPACE, _brightspace),
    "Blackboard": (_BLACKBOARD, _blackboard),
    "Canvas, anonymous": (_CANVAS_ANONYMOUS, _canvas_anonymous),
    "Canvas": (_CANVAS, _canvas),
}
"""Paths of one submission in the archives that the systems make, counted from any folder that the
teacher has put around them.
"""

_INDEX = ("index.html", "submission_metadata.yml", "submission_metadata.json")


def origin_of(path: str) -> Origin | None:
    """What the path says of a submission; None where no system made it."""
    parts = PurePosixPath(path).parts
    # The longest rest first: a name within the student's own folder may look like a system's, too.
    for start in range(len(parts)):
        rest = "/".join(parts[start:])
        for pattern, read in ORIGINS.values():
            if found := pattern.fullmatch(rest):
                place = "/".join(parts[:start])
                return replace(read(found), place=place)
    return None


MOST_DASHES = 4  # of a group's name
_GROUP = re.compile(
    r"group|grupp|grupo|groupe|gruppo|skupin|grupa|csoport|team|equip|squadra|tutori|übung|section"
    r"|class|lab|seminar|kurs|\d|группа|组|組",
    re.IGNORECASE,
)


def without_group(name: str) -> Iterator[tuple[str, str]]:
    """What may be a group that Moodle has put in front of a name, and the rest:  Group A-Ada
    Lovelace .
    """
    words = name.split("-", MOST_DASHES)
    for k in range(1, len(words)):
        group = "-".join(words[:k])
        rest = "-".join(words[k:])
        if squeezed(rest):
            yield f"{group}-", rest


def is_group(prefix: str) -> bool:
    """True for words in front of a name that belong to no name: Group A, Übung 2."""
    return _GROUP.search(prefix) is not None


def is_index(path: str) -> bool:
    """True for a system's own list of the submissions."""
    return PurePosixPath(path).name in _INDEX
