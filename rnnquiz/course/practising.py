"""`rnnquiz practice`: new numbers for the step that is weak, with keys; never the numbers of a
sheet that counts.

Only the lines of the weak kind are open; what they read of other lines is given. The numbers come
from a key of their own, so that no practice sheet tells anything of a graded one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rnnquiz.bank.letters import in_own_letters, letters
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.variant import SECRET_BYTES, arrays_of, keyed
from rnnquiz.course.kept import variant_of
from rnnquiz.course.store import Course
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.parts import kind_words
from rnnquiz.documents.practice import practice_key, practice_sheet
from rnnquiz.documents.render import render
from rnnquiz.documents.tree import Document
from rnnquiz.errors import CourseError, ToolError
from rnnquiz.files import strict_yaml
from rnnquiz.files.private import write_atomically
from rnnquiz.grade.mark import mark
from rnnquiz.languages.sentences import said
from rnnquiz.progress import Progress, unseen
from rnnquiz.solution.solved import solve_all
from rnnquiz.text import nearest
from rnnquiz.variants.issue import issue_variants


@dataclass(frozen=True)
class PracticeOptions:
    """Which kind of lines is practised, on how many sheets, and where they go. `engine`: what makes
    PDFs, if any. Without a `seed` the numbers are new each time."""

    kind: str
    count: int
    out: Path
    engine: str | None = None
    seed: str = ""


@dataclass(frozen=True)
class Practised:
    """The kind that is practised and the files that were written; `seed` makes them again."""

    kind: str
    seed: str
    files: list[Path]


def weakest(course: Course, student: str) -> str:
    """The kind of quantities in which the student earned the least share of the marks, the first of
    several."""
    by_student = {row.student: row for row in course.standing()}
    row = by_student.get(student)
    if row is None:
        remedy = "check the id, or name the kind: --on"
        raise CourseError.at(
            str(course.folder), "student", f"nothing is marked of {student!r}", remedy
        )
    bank = course.bank(row.bank)
    variant = variant_of(course, row)
    marked = mark(bank, arrays_of(bank, [variant]), [row.answers])
    shares = {}
    for role, (got, of) in marked.by_skill(0).items():
        # A kind that the bank gives no marks for is nobody's weakness.
        if of:
            shares[role] = got / of
    return min(shares, key=shares.__getitem__)


def practice_bank(bank: Bank, kind: str) -> Bank:
    """The bank with only the lines of one kind open; CourseError lists the kinds that it asks
    for."""
    roles = (bank.graph[name].role for name in bank.asked)
    kinds = list(dict.fromkeys(roles))
    if kind not in kinds:
        raise CourseError.at(
            bank.source, "--on", f"{kind!r} is not asked in this bank", nearest(kind, kinds)
        )
    written, _ = strict_yaml.load_keys(bank.text)
    data, _ = in_own_letters(written, {}, letters(bank.written))
    data["letters"] = "own"  # as the names asked below are
    data.pop("minutes", None)  # they are for the whole
    data["id"] = f"{bank.written.id}-practice"[:60]
    # Where a mistake is to be found, it may be in any line.
    if bank.task.kind != TaskKind.FIND:
        _open_only(data, bank, kind)
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    return parse_bank(text, bank.source, bank.notation.name, bank.language)


def _open_only(data: dict[str, Any], bank: Bank, kind: str) -> None:
    """Make the exercise one of filling in the lines of a kind, in place."""
    names = []
    for name in bank.asked:
        if bank.graph[name].role == kind:
            names.append(name)
    data["task"] = {"kind": str(TaskKind.FILL)}
    data["ask"] = names
    data["certify"] = {
        "digits": "1",
        "level": "1",
        "waive": [rule.id for rule in bank.rules],
    }  # nobody is marked by it
    data.pop("marks", None)
    if isinstance(data.get("wording"), dict):
        data["wording"].pop("intro", None)  # it says what the whole exercise asks


def practise(bank: Bank, options: PracticeOptions, progress: Progress = unseen) -> Practised:
    """Write the sheets and their keys as HTML and, with an engine, as PDF."""
    out, count = options.out, options.count
    if not options.seed and any(out.glob("practice-*")):
        found = "holds practice sheets, of which these would take the place"
        remedy = "choose another folder, or give the --seed that made them"
        raise CourseError.at(str(out), "--out", found, remedy)
    seed = options.seed or secrets.token_hex(8)
    own = practice_bank(bank, options.kind)
    # A key that everybody can make: nothing that is drawn here may tell of a course's own secret.
    secret = keyed(b"practice".ljust(SECRET_BYTES, b"."), "practice", seed)
    attempts = range(1, count + 1)
    places = [("practice", attempt) for attempt in attempts]
    variants, _ = issue_variants(own, secret, places)
    files: list[Path] = []
    kind = kind_words(bank)[options.kind]
    on_sheet, on_key = said("Practice: {kind}", kind=kind), said("Practice key: {kind}", kind=kind)
    for number, solution in enumerate(solve_all(own, variants).one_by_one, start=1):
        name = str(bank.language.of(said("Practice sheet {number}", number=number)))
        documents = {
            "sheet": practice_sheet(own, solution.variant, name, on_sheet),
            "key": practice_key(solution, name, on_key),
        }
        for what, document in documents.items():
            files += _write(out / f"practice-{number:02d}-{what}", document, options.engine)
        progress("practice sheets", number, count)
    return Practised(options.kind, seed, files)


def _write(stem: Path, document: Document, engine: str | None) -> list[Path]:
    page = stem.with_suffix(".html")
    text = render(document, "html")
    write_atomically(page, text.encode())
    if engine is None:
        return [page]
    (pdf,) = pdfs([document], engine)
    if isinstance(pdf, str):
        raise ToolError(engine, pdf)
    write_atomically(stem.with_suffix(".pdf"), pdf)
    return [page, stem.with_suffix(".pdf")]
