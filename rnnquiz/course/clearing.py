"""A folder that `grade` wrote, cleared of students: their pages go, their rows and lines are left
out, the class report goes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnquiz.errors import CourseError, Problem
from rnnquiz.private import refuse_links, remove, write_into, writing
from rnnquiz.roster import Student
from rnnquiz.tables import defused, read_table, write_table

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


def clear(
    folder: Path, ids: Sequence[str], known: Sequence[Student], dry_run: bool = False
) -> Cleared:
    """Take students out of a folder of grades. `known`: those of them whom the course still knows;
    of the others the folder's own gradebook says the names. CourseError where the folder is none
    that `grade` wrote."""
    ids_in(folder)
    for name in (FEEDBACK_FOLDER, GRADEBOOK_TABLE, GRADEBOOK_DATA, EVIDENCE_FILE):
        refuse_links(folder, name)
    people = _People(ids, known, _rows(folder))
    done = Cleared()
    for path in sorted((folder / FEEDBACK_FOLDER).glob("*")):
        if people.own(path.stem):
            done.removed.append(path)
    done.removed += [path for name in REPORTS_OF_THE_CLASS for path in sorted(folder.glob(name))]
    for name, keep in (
        (GRADEBOOK_TABLE, _table),
        (GRADEBOOK_DATA, _data),
        (EVIDENCE_FILE, _evidence),
    ):
        if (folder / name).exists() and keep(folder, people, dry_run):
            done.rewritten.append(folder / name)
    if not dry_run:
        for path in done.removed:
            remove(folder, path.relative_to(folder).as_posix())
    if dry_run:
        done.left = _left(folder, people, {*done.removed, *done.rewritten})
    return done


def ids_in(folder: Path) -> set[str]:
    """Whom a folder of grades names; CourseError where it is none that `grade` wrote."""
    if not any(
        (folder / name).exists()
        for name in (GRADEBOOK_TABLE, GRADEBOOK_DATA, EVIDENCE_FILE, FEEDBACK_FOLDER)
    ):
        found = Problem("--out", "holds no gradebook", "give a folder that grade wrote")
        raise CourseError(str(folder), found)
    return {str(row.get("id")) for row in _rows(folder)}


def _left(folder: Path, people: _People, gone: set[Path]) -> list[Path]:
    """Other files in which they are named in plain letters, which compressed files are not."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    texts = (path for path in files if path not in gone and path.suffix not in COMPRESSED)
    return [path for path in texts if people.named_in(path)]


class _People:
    """Those who are to be forgotten, with all words that say who they are."""

    def __init__(
        self, ids: Sequence[str], known: Sequence[Student], rows: Iterable[dict[str, str]]
    ) -> None:
        self.ids, self.stems = set(ids), {student.stem for student in known}
        words = {
            word for student in known for word in (student.name, student.email, *student.others)
        }
        words |= {
            str(row.get(key, ""))
            for row in rows
            if row.get("id") in self.ids
            for key in ("name", "email")
        }
        self.words = {word for word in (*words, *ids) if word}

    def own(self, stem: str) -> bool:
        """Whether a page, by its name without ending, is one of theirs."""
        return stem in self.stems or stem.partition("-")[2] in self.ids

    def named(self, line: str) -> bool:
        return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line) for word in self.words)

    def named_in(self, path: Path) -> bool:
        """Whether a name stands in a file as plain bytes; short words, such as an id s1, would be
        found in any."""
        if path.stat().st_size > LARGEST_LOOKED_INTO:
            return False
        data = path.read_bytes()
        return any(word.encode() in data for word in self.words if len(word) >= SHORTEST_WORD)


def _rows(folder: Path) -> list[dict[str, str]]:
    """The rows of the folder's own gradebook."""
    try:
        return list(json.loads((folder / GRADEBOOK_DATA).read_text(encoding="utf-8"))["students"])
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        found = f"is damaged: {error}"
        raise CourseError.at(
            str(folder / GRADEBOOK_DATA),
            "the gradebook",
            found,
            "remove the folder, and grade again",
        ) from None


def _table(folder: Path, people: _People, dry_run: bool) -> bool:
    rows = read_table((folder / GRADEBOOK_TABLE).read_bytes())
    cells = {defused(id_) for id_ in people.ids}
    kept = [row for row in rows if row[0] not in cells]
    if len(kept) < len(rows) and not dry_run:
        write_into(folder, GRADEBOOK_TABLE, write_table(kept).encode())
    return len(kept) < len(rows)


def _data(folder: Path, people: _People, dry_run: bool) -> bool:
    rows, title = (
        _rows(folder),
        json.loads((folder / GRADEBOOK_DATA).read_text(encoding="utf-8")).get("title", ""),
    )
    kept = [row for row in rows if row.get("id") not in people.ids]
    if len(kept) < len(rows) and not dry_run:
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in kept)
        text = f'{{"title": {json.dumps(title, ensure_ascii=False)}, "students": [\n{lines}\n]}}\n'
        write_into(folder, GRADEBOOK_DATA, text.encode())
    return len(kept) < len(rows)


def _evidence(folder: Path, people: _People, dry_run: bool) -> bool:
    """The evidence, line by line: of a large class it is larger than the memory."""
    with (folder / EVIDENCE_FILE).open(encoding="utf-8") as source:
        if dry_run:
            return any(_of(line, people) for line in source)
        found = False
        with writing(folder, EVIDENCE_FILE) as out:
            first = True
            for line in source:
                if _of(line, people):
                    found = True
                elif line.startswith('{"student"'):
                    out.write((("" if first else ",\n") + line.rstrip("\n,")).encode())
                    first = False
                else:
                    out.write(
                        ("\n" if line.startswith("]") else "").encode()
                        + _without(line, people).encode()
                    )
    return found


def _of(line: str, people: _People) -> bool:
    """Whether a line of the evidence is the result of one of them."""
    return any(
        line.startswith(f'{{"student": {json.dumps(id_, ensure_ascii=False)},')
        for id_ in people.ids
    )


def _without(line: str, people: _People) -> str:
    """The last line of the evidence without the problems and matches that name them; any other as
    it is."""
    if not line.startswith("], "):
        return line
    rest = {key: [text for text in texts if not people.named(text)] for key, texts in _lists(line)}
    return f"], {json.dumps(rest, ensure_ascii=False)[1:]}\n"


def _lists(line: str) -> Iterator[tuple[str, list[str]]]:
    yield from json.loads("{" + line.removeprefix("], ")).items()
