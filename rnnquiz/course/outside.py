"""What commands have put outside of a course: remembered, so that `erase` can name it."""

from __future__ import annotations

from pathlib import Path

from rnnquiz.course.store import Course
from rnnquiz.errors import ToolError

_OUTSIDE = "outside: "


def note_outside(course: Course, path: Path, words: str) -> str:
    """Remember that a command, in `words`, put names or marks elsewhere, so that `erase` can
    say so; why it cannot be noted."""
    row = f"{_OUTSIDE}{path.absolute()}", words
    try:
        with course.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", row)
    # The file is there by now: that it cannot be noted takes nothing back.
    except ToolError as error:
        found = error.problems[0].found
        return f"{path} is not noted in the course, erase will not name it: {found}"
    return ""


def outside(course: Course) -> list[tuple[Path, str]]:
    """What was put elsewhere, and by which command."""
    query = "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key"
    rows = course.rows(query, len(_OUTSIDE), _OUTSIDE)
    return [(Path(key.removeprefix(_OUTSIDE)), words) for key, words in rows]
