"""What Gradescope runs for each submission:  python -m rnnquiz.course.autograder FOLDER ; it always
leaves results behind.

Nothing that a student hands in is executed. The results are written last, whole or not at all.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from rnnquiz.assignment import Assigned, Assignment, Head, numbered
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.bank.verdict import Verdict
from rnnquiz.course.assignments import marking_assignment, with_sheets
from rnnquiz.course.box_names import SheetNames
from rnnquiz.course.parting import by_exercise
from rnnquiz.course.receiving import receive
from rnnquiz.course.records import language_as_text, language_in
from rnnquiz.course.store import Course
from rnnquiz.decimals import plain
from rnnquiz.errors import CourseError, RnnquizError
from rnnquiz.exports.gradescope import DATA, failed, results
from rnnquiz.files.private import write_into
from rnnquiz.grade.mark import BoxResult, Marked, mark
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import Message, plural, said
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.gradescope import words_of
from rnnquiz.submissions.sheets import Sheet

NOTHING_FOUND = said("Nothing was found that could be marked.")
NOT_ON_ROSTER = said(
    "Gradescope's name for you is not on the roster of this exercise. Please tell your teacher."
)
FOR_GRADESCOPE = 0o644  # whoever reads the results there: only this file is open to others


def exercise_of(course: Course) -> dict[str, Any]:
    """All that marking needs: the assignment with its banks, and of each student the ids and the
    numbers of the sheet of this attempt."""
    assignment = marking_assignment(course)
    exercises = [_exercise_as_data(one) for one in assignment.exercises]
    sheets = with_sheets(course, assignment)
    rows = [_as_data(student, variants) for student, variants in sheets]
    head = asdict(assignment.head)
    return {
        "head": head,
        "language": language_as_text(assignment.language),
        "attempt": course.attempt,
        "exercises": exercises,
        "students": rows,
    }


def _exercise_as_data(one: Assigned) -> dict[str, Any]:
    bank = one.bank
    return {
        "key": one.key,
        "place": one.place,
        "bank": bank.text,
        "source": bank.source,
        "notation": bank.notation.name,
    }


def _as_data(student: Student, variants: Sequence[Variant]) -> dict[str, Any]:
    givens = {one.exercise: _as_texts(one.givens) for one in variants}
    return {
        "id": student.id,
        "name": student.name,
        "email": student.email,
        "others": list(student.others),
        "token": variants[0].token,
        "givens": givens,
    }


def _as_texts(givens: Mapping[str, Sequence[Fraction]]) -> dict[str, list[str]]:
    # As text: a quotient such as 1/3 is no number of JSON.
    texts = {}
    for name, values in givens.items():
        written = map(plain, values)
        texts[name] = list(written)
    return texts


def run(folder: Path) -> dict[str, Any]:
    """Mark what lies in FOLDER/submission for whom FOLDER/submission_metadata.json names, and write
    FOLDER/results/results.json."""
    try:
        found = _marked(folder)
    except RnnquizError as error:
        found = failed(f"This submission could not be marked.\n{error}")
    # Whatever it is, Gradescope must have results, and the student a word.
    except Exception as error:
        kind = type(error).__name__
        found = failed(f"The program met an error of its own ({kind}). Please tell your teacher.")
    data = json.dumps(found, ensure_ascii=False, indent=1).encode()
    results_folder = (folder / "results").resolve()
    write_into(results_folder, "results.json", data, FOR_GRADESCOPE)
    return found


def _loaded(source: Path) -> dict[str, Any]:
    text = (source / DATA).read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def _marked(folder: Path) -> dict[str, Any]:
    data = _loaded(folder / "source")
    assignment = _assignment(data)
    rows = data["students"]
    students = [_student(at, row) for at, row in enumerate(rows, start=1)]
    me = _submitter(folder / "submission_metadata.json", students)
    if me is None:
        return failed(assignment.language.of(NOT_ON_ROSTER))
    mine = rows[me.position - 1]
    keys = tuple(mine["givens"])
    sheets, unread = collect(folder / "submission")
    # Gradescope has said who hands in: whatever else the files say of it does not count.
    named = [_owned(sheet, me) for sheet in sheets]
    tokens, own = {me.id: mine["token"]}, {me.id: keys}
    received = receive(assignment, named, {me.id: me}, tokens, own=own)
    lines = [str(line) for line in (*unread, *received.lines)]
    if me.id not in received.sheets:
        nothing = assignment.language.of(NOTHING_FOUND)
        return failed("\n".join([nothing, *lines]))
    names = SheetNames(assignment)
    parts, strange = by_exercise(received.sheets[me.id], names, keys)
    marked = []
    for key in keys:
        variant = _variant(mine, key, data["attempt"])
        exercise, sheet = assignment[key], parts[key]
        marked.append(_marked_part(exercise, variant, sheet))
    return _results(assignment, keys, marked, [*lines, *map(str, strange)])


def _marked_part(exercise: Assigned, variant: Variant, sheet: Sheet) -> Marked:
    """One exercise, marked by itself; a worked page is read for it."""
    bank, numbers = exercise.bank, arrays_of(exercise.bank, [variant])
    if sheet.page is None:
        return mark(bank, numbers, [sheet.answers])
    reading = PageReader(bank).read(sheet.page, variant)
    return with_lines(mark(bank, numbers, [reading.answers]), [reading])


def _results(
    assignment: Assignment, keys: Sequence[str], marked: Sequence[Marked], lines: Sequence[str]
) -> dict[str, Any]:
    """All exercises together: where there are several, each with its marks and numbered boxes."""
    words: list[str] = []
    parts = []
    for key, one in zip(keys, marked, strict=True):
        before = ""
        if assignment.several:
            before = numbered(assignment[key].place, "")
        parts.append((before, one))
        words += [f"{before}{line}" for line in _words_of(one)]
    return results(parts, "\n".join([*words, *lines]))


def _words_of(marked: Marked) -> list[str]:
    """What is said of an exercise: how much is right, and which mistakes were made."""
    findings, of = marked.findings(0), marked.bank.language.of
    summary = map(of, _summary(marked))
    lines = [" ".join(summary)]
    if findings:
        # Findings come in the order of the work, and so do the boxes of each.
        first = findings[0].boxes[0]
        step = said("The first step to look at is {place}.", place=first)
        lines.append(of(step))
    for found in findings:
        mistake, boxes = of(found.name), ", ".join(found.boxes)
        lines.append(f"{mistake} ({boxes}): {of(found.says)}")
    return lines


def _summary(marked: Marked) -> Iterator[Message]:
    """How many boxes are right; only where all are does it say so."""
    asked = list(filter(_has_marks, marked.results(0)))
    count = Counter(row.verdict for row in asked)
    right, followed = count[Verdict.CORRECT], count[Verdict.FOLLOW_THROUGH]
    blank = count[Verdict.BLANK]
    if right == len(asked):
        yield said("All boxes are right.")
        return
    yield said("{right} of {all} boxes are right.", right=right, all=len(asked))
    if followed:
        yield plural(
            "{n} box is right for the numbers that you had by then.",
            "{n} boxes are right for the numbers that you had by then.",
            followed,
        )
    if blank:
        yield plural("{n} box is empty.", "{n} boxes are empty.", blank)


def _has_marks(row: BoxResult) -> bool:
    # Boxes without marks are there to be filled in, and not counted.
    return bool(row.of)


def _owned(sheet: Sheet, me: Student) -> Sheet:
    return replace(sheet, student=me.id, known_as=(), named=True)


def _assignment(data: Mapping[str, Any]) -> Assignment:
    # An archive that was made before there were languages is in English.
    noted = data.get("language")
    language = language_in(noted) if noted else ENGLISH
    rows = data["exercises"]
    exercises = tuple(_assigned(row, language) for row in rows)
    head = Head(**data["head"])
    return Assignment(head, exercises)


def _assigned(row: Mapping[str, Any], language: Language) -> Assigned:
    bank = parse_bank(row["bank"], row["source"], row["notation"], language)
    return Assigned(row["key"], row["place"], bank)


def _student(position: int, row: Mapping[str, Any]) -> Student:
    others = tuple(row["others"])
    return Student(row["id"], row["name"], row["email"], position, others)


def _variant(row: Mapping[str, Any], key: str, attempt: int) -> Variant:
    """The numbers of a student in one exercise."""
    givens = {}
    for name, texts in row["givens"][key].items():
        numbers = map(Fraction, texts)
        givens[name] = tuple(numbers)
    return Variant(row["id"], attempt, row["token"], 0, givens, key)


def _submitter(metadata: Path, students: list[Student]) -> Student | None:
    """The first of those who handed in who is on the roster. CourseError without a file of
    metadata."""
    try:
        submission = json.loads(metadata.read_text(encoding="utf-8"))
        users = list(submission["users"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        found = "does not say who handed this in"
        raise CourseError.at(metadata.name, "Gradescope", found, "tell your teacher") from None
    lookup = Lookup(students)
    # Work of a group has several: the first whom the course knows.
    for user in users:
        # The file is another program's: what is no mapping says nothing of anybody.
        if not isinstance(user, dict):
            continue
        student = lookup.find(words_of(user))
        if student is not None:
            return student
    return None


CHECK = "--check"
"""For the installation: everything that reads a file is there, and the exercise can be loaded."""


def check_ready(source: Path) -> None:
    """Raises where something is missing that marking will need."""
    import openpyxl  # noqa: F401
    import pikepdf  # noqa: F401
    import pypdf  # noqa: F401

    _assignment(_loaded(source))


if __name__ == "__main__":
    if sys.argv[1] == CHECK:
        check_ready(Path())
    else:
        run(Path(sys.argv[1]))
