"""A folder that `grade` wrote, cleared of students: their pages go, their rows and lines are left
out, the class report goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse
from pathlib import Path
from typing import IO, Any

from rnnquiz.errors import CourseError, Problem
from rnnquiz.files.private import refuse_links, remove, write_into, writing
from rnnquiz.files.tables import defused, read_table, write_table
from rnnquiz.people.roster import Student

FEEDBACK_FOLDER, GRADEBOOK_TABLE, GRADEBOOK_DATA, EVIDENCE_FILE = (
    "feedback",
    "gradebook.csv",
    "gradebook.json",
    "evidence.json",
)
REPORTS_OF_THE_CLASS = (
    "report*.html",
    "report*.pdf",
)  # regrade --apply --out makes them again, without the student
LARGEST_LOOKED_INTO, SHORTEST_WORD = 50 * 2**20, 4
COMPRESSED = (".pdf", ".xlsx", ".zip", ".png")


@dataclass
class Cleared:
    """Files that were removed, those that were written again without the students, and those in
    which a name still stands."""

    removed: list[Path] = field(default_factory=list)
    rewritten: list[Path] = field(default_factory=list)
    left: list[Path] = field(default_factory=list)


OF_STUDENTS = (FEEDBACK_FOLDER, GRADEBOOK_TABLE, GRADEBOOK_DATA, EVIDENCE_FILE)


def clear(
    folder: Path, ids: Sequence[str], known: Sequence[Student], dry_run: bool = False
) -> Cleared:
    """Take students out of a folder of grades. `known`: those of them whom the course still knows;
    of the others the folder's own gradebook says the names. CourseError where the folder is none
    that `grade` wrote."""
    ids_in(folder)
    for name in OF_STUDENTS:
        refuse_links(folder, name)
    people = _People(ids, known, _rows(folder))
    done = Cleared()
    for path in sorted((folder / FEEDBACK_FOLDER).glob("*")):
        if people.own(path.stem):
            done.removed.append(path)
    for name in REPORTS_OF_THE_CLASS:
        done.removed += sorted(folder.glob(name))
    for name, take_out in TAKERS.items():
        path = folder / name
        if path.exists() and take_out(folder, people, dry_run):
            done.rewritten.append(path)
    if dry_run:
        # Only beforehand: what is to be looked at by hand is told with the question.
        done.left = list(_left(folder, people, {*done.removed, *done.rewritten}))
        return done
    for path in done.removed:
        inside = path.relative_to(folder)
        remove(folder, inside.as_posix())
    return done


def ids_in(folder: Path) -> set[str]:
    """Whom a folder of grades names; CourseError where it is none that `grade` wrote."""
    if not any((folder / name).exists() for name in OF_STUDENTS):
        found = Problem("--out", "holds no gradebook", "give a folder that grade wrote")
        raise CourseError(str(folder), found)
    rows = _rows(folder)
    return {str(row.get("id")) for row in rows}


def _left(folder: Path, people: _People, gone: set[Path]) -> Iterator[Path]:
    """Other files in which they are named in plain letters, which compressed files are not."""
    for path in sorted(folder.rglob("*")):
        if path in gone or path.suffix in COMPRESSED:
            continue
        if path.is_file() and not path.is_symlink() and people.named_in(path):
            yield path


class _People:
    """Those who are to be forgotten, with all words that say who they are."""

    def __init__(
        self, ids: Sequence[str], known: Sequence[Student], rows: Iterable[dict[str, str]]
    ) -> None:
        self.ids, self.stems = set(ids), {student.stem for student in known}
        words = set(ids)
        for student in known:
            words |= {student.name, student.email, *student.others}
        for row in rows:
            if row.get("id") in self.ids:
                name, email = row.get("name", ""), row.get("email", "")
                words |= {str(name), str(email)}
        self.words = words - {""}
        self.beginnings = tuple(f'{{"student": {_as_json(id_)},' for id_ in ids)

    def own(self, stem: str) -> bool:
        """Whether a page, by its name without ending, is one of theirs."""
        # Of those whom the course has forgotten only the id is known, not the place in the roster.
        _, _, id_ = stem.partition("-")
        return stem in self.stems or id_ in self.ids

    def named(self, line: str) -> bool:
        return any(_stands_in(word, line) for word in self.words)

    def named_in(self, path: Path) -> bool:
        """Whether a name stands in a file as plain bytes; short words, such as an id s1, would be
        found in any."""
        if path.stat().st_size > LARGEST_LOOKED_INTO:
            return False
        data = path.read_bytes()
        texts = map(str.encode, filter(_is_long, self.words))
        return any(text in data for text in texts)


# A short word stands by chance in nearly every file.
def _is_long(word: str) -> bool:
    return len(word) >= SHORTEST_WORD


def _stands_in(word: str, line: str) -> bool:
    # Whole words: s1 is not named by a line about s12.
    pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
    return re.search(pattern, line) is not None


def _gradebook(folder: Path) -> dict[str, Any]:
    text = (folder / GRADEBOOK_DATA).read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def _rows(folder: Path) -> list[dict[str, str]]:
    """The rows of the folder's own gradebook."""
    try:
        return list(_gradebook(folder)["students"])
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        place, remedy = str(folder / GRADEBOOK_DATA), "remove the folder, and grade again"
        raise CourseError.at(place, "the gradebook", f"is damaged: {error}", remedy) from None


def _table(folder: Path, people: _People, dry_run: bool) -> bool:
    data = (folder / GRADEBOOK_TABLE).read_bytes()
    rows = read_table(data)
    # An id that a spreadsheet would take for a formula stands there behind a mark.
    cells = {defused(id_) for id_ in people.ids}
    kept = []
    for row in rows:
        if row[0] not in cells:
            kept.append(row)
    found = len(kept) < len(rows)
    if found and not dry_run:
        text = write_table(kept)
        write_into(folder, GRADEBOOK_TABLE, text.encode())
    return found


def _data(folder: Path, people: _People, dry_run: bool) -> bool:
    rows = _rows(folder)
    title = _gradebook(folder).get("title", "")
    kept = []
    for row in rows:
        if row.get("id") not in people.ids:
            kept.append(row)
    found = len(kept) < len(rows)
    if found and not dry_run:
        # One student a line, as `grade` writes it.
        lines = ",\n".join(map(_as_json, kept))
        text = f'{{"title": {_as_json(title)}, "students": [\n{lines}\n]}}\n'
        write_into(folder, GRADEBOOK_DATA, text.encode())
    return found


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _evidence(folder: Path, people: _People, dry_run: bool) -> bool:
    """The evidence, line by line: of a large class it is larger than the memory."""
    with (folder / EVIDENCE_FILE).open(encoding="utf-8") as source:
        if dry_run:
            return any(_of(line, people) for line in source)
        with writing(folder, EVIDENCE_FILE) as out:
            return _copy_without(source, people, out)


def _copy_without(source: Iterable[str], people: _People, out: IO[bytes]) -> bool:
    """Copy the evidence, line by line, without what is theirs; whether anything was."""
    found, before = False, ""
    for line in source:
        if _of(line, people):
            found = True
        elif line.startswith('{"student"'):
            # Commas stand between results: which is the last is not known until the next comes.
            result = line.rstrip("\n,")
            out.write(f"{before}{result}".encode())
            before = ",\n"
        else:
            rest = _without(line, people)
            if line.startswith("]"):
                rest = f"\n{rest}"
            out.write(rest.encode())
    return found


def _of(line: str, people: _People) -> bool:
    """Whether a line of the evidence is the result of one of them."""
    # As the line begins: to read every result as JSON would take minutes for a large class.
    return line.startswith(people.beginnings)


def _without(line: str, people: _People) -> str:
    """The last line of the evidence without the problems and matches that name them; any other as
    it is."""
    if not line.startswith("], "):
        return line
    rest = {}
    for key, texts in _lists(line):
        others = filterfalse(people.named, texts)
        rest[key] = list(others)
    inner = _as_json(rest).removeprefix("{")
    return f"], {inner}\n"


TAKERS: dict[str, Callable[[Path, _People, bool], bool]] = {
    GRADEBOOK_TABLE: _table,
    GRADEBOOK_DATA: _data,
    EVIDENCE_FILE: _evidence,
}


def _lists(line: str) -> Iterator[tuple[str, list[str]]]:
    """The problems and the matches, each by its key in the last line of the evidence."""
    text = "{" + line.removeprefix("], ")
    yield from json.loads(text).items()
