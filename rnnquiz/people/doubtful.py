"""What a teacher is asked to look at in a roster: letters that may be wrong, ids that are alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rnnquiz.people.identity import loosely
from rnnquiz.people.roster import Student

_TAKEN_FOR = ("cp1252", "latin-1", "cp437", "mac_roman")  # what UTF-8 is read as by mistake
MOST_NOTES = 20  # of notes, and of rows that are wrong


def about_encoding(encoding: str, students: Sequence[Student]) -> list[str]:
    """A name by which the teacher can see whether the letters are right, where that is not
    certain.
    """
    names = [student.name for student in students]
    # The name that has most to be seen by.
    sample = max(names, key=_foreign, default="")
    broken = next(filter(_is_broken, names), "")
    if broken:
        return [
            f"{broken!r} looks as if its letters were damaged before -> export the file again, as"
            " CSV in UTF-8"
        ]
    if encoding in ("UTF-8", "XLSX") or sample.isascii():
        return []
    return [
        f"the file is not in UTF-8, and was read as {encoding}: {sample!r} -> if a letter is wrong,"
        " save it as CSV in UTF-8"
    ]


def _foreign(name: str) -> int:
    """How many letters of a name a wrong encoding would change."""
    ascii_only = name.encode("ascii", "ignore")
    return len(name) - len(ascii_only)


def _is_broken(name: str) -> bool:
    """True for a name whose UTF-8 was once read as another encoding: MÃ¼ller."""
    if "\ufffd" in name or name.isascii():
        return not name.isascii()
    for codec in _TAKEN_FOR:
        # By chance hardly any name is UTF-8 once it is put back.
        try:
            return bool(name.encode(codec).decode("utf-8"))
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return False


def about_twins(students: Iterable[Student], rows: Mapping[str, int]) -> list[str]:
    """Students whose ids differ only by what systems and spreadsheets change, so that the teacher
    knows why a sheet may find nobody. `rows`: where each id stands.
    """
    groups: dict[str, list[str]] = {}
    for student in students:
        # A roster without names has the id in the place of the name.
        who = "" if student.name == student.id else f"{student.name}, "
        named = f"{student.id!r} ({who}row {rows[student.id]})"
        groups.setdefault(loosely(student.id), []).append(named)
    found = []
    for alike in groups.values():
        if len(alike) > 1:
            found.append(
                f"the ids {' and '.join(alike)} differ only by case, zeros in front or the Unicode"
                " form of a letter: files that a system or a spreadsheet has changed may fit"
                " neither -> give each an id that differs in more"
            )
    rest = len(found) - MOST_NOTES
    if rest > 0:
        found[MOST_NOTES:] = [f"... and {rest} more ids like these"]
    return found
