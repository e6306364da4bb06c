"""What Gradescope runs for each submission:  python -m rnnquiz.course.autograder FOLDER ; it always
leaves results behind.

Nothing that a student hands in is executed. The results are written last, whole or not at all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from rnnquiz.assignment import Assigned, Assignment, Head, numbered
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.assignments import marking_assignment, with_sheets
from rnnquiz.course.box_names import SheetNames
from rnnquiz.course.parting import by_exercise
from rnnquiz.course.receiving import receive
from rnnquiz.course.store import Course
from rnnquiz.decimals import plain
from rnnquiz.errors import CourseError, RnnquizError
from rnnquiz.exports.gradescope import DATA, failed, results
from rnnquiz.grade.mark import Marked, mark
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader
from rnnquiz.private import write_into
from rnnquiz.roster import Lookup, Student
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.gradescope import words_of
from rnnquiz.submissions.sheets import Sheet

FOR_GRADESCOPE = 0o644  # whoever reads the results there: only this file is open to others


def exercise_of(course: Course) -> dict[str, Any]:
    """All that marking needs: the assignment with its banks, and of each student the ids and the
    numbers of the sheet of this attempt."""
    assignment = marking_assignment(course)
    exercises = [
        {
            "key": one.key,
            "place": one.place,
            "bank": one.bank.text,
            "source": one.bank.source,
            "notation": one.bank.notation.name,
        }
        for one in assignment.exercises
    ]
    rows = [_as_data(student, variants) for student, variants in with_sheets(course, assignment)]
    head = asdict(assignment.head)
    return {"head": head, "attempt": course.attempt, "exercises": exercises, "students": rows}


def _as_data(student: Student, variants: Sequence[Variant]) -> dict[str, Any]:
    return {
        "id": student.id,
        "name": student.name,
        "email": student.email,
        "others": list(student.others),
        "token": variants[0].token,
        "givens": {one.exercise: _as_texts(one.givens) for one in variants},
    }


def _as_texts(givens: Mapping[str, Sequence[Fraction]]) -> dict[str, list[str]]:
    return {name: [plain(value) for value in values] for name, values in givens.items()}


def run(folder: Path) -> dict[str, Any]:
    """Mark what lies in FOLDER/submission for whom FOLDER/submission_metadata.json names, and write
    FOLDER/results/results.json."""
    try:
        found = _marked(folder)
    except RnnquizError as error:
        found = failed(f"This submission could not be marked.\n{error}")
    except (
        Exception
    ) as error:  # whatever it is, Gradescope must have results, and the student a word
        found = failed(
            f"The program met an error of its own ({type(error).__name__}). Please tell your"
            " teacher."
        )
    data = json.dumps(found, ensure_ascii=False, indent=1).encode()
    write_into((folder / "results").resolve(), "results.json", data, FOR_GRADESCOPE)
    return found


def _marked(folder: Path) -> dict[str, Any]:
    data = json.loads((folder / "source" / DATA).read_text(encoding="utf-8"))
    assignment = _assignment(data)
    students = [_student(at, row) for at, row in enumerate(data["students"], start=1)]
    me = _submitter(folder / "submission_metadata.json", students)
    if me is None:
        return failed(
            "Gradescope's name for you is not on the roster of this exercise. Please tell your"
            " teacher."
        )
    mine = data["students"][me.position - 1]
    keys = tuple(mine["givens"])
    sheets, problems = collect(folder / "submission")
    named = [_owned(sheet, me) for sheet in sheets]
    people, own = {me.id: me}, {me.id: keys}
    chosen, refused, _ = receive(assignment, named, people, {me.id: mine["token"]}, own=own)
    lines = [*problems, *refused]
    if me.id not in chosen:
        return failed("\n".join(["Nothing was found that could be marked.", *lines]))
    parts, strange = by_exercise(chosen[me.id], SheetNames(assignment), keys)
    marked = [
        _marked_part(assignment[key], _variant(mine, key, data["attempt"]), parts[key])
        for key in keys
    ]
    return _results(assignment, keys, marked, [*lines, *strange])


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
    words, parts = list[str](), list[tuple[str, Marked]]()
    for key, one in zip(keys, marked, strict=True):
        place = assignment[key].place if assignment.several else 0
        before = f"{numbered(place, '')}" if place else ""
        parts.append((before, one))
        words += [f"{before}{line}" for line in _said(one)]
    return results(parts, "\n".join([*words, *lines]))


def _said(marked: Marked) -> list[str]:
    """What is said of an exercise: how much is right, and which mistakes were made."""
    findings = marked.findings(0)
    first = [f"The first step to look at is {findings[0].boxes[0]}."] if findings else []
    named = [f"{found.name} ({', '.join(found.boxes)}): {found.says}" for found in findings]
    return [_summary(marked), *first, *named]


def _summary(marked: Marked) -> str:
    """How many boxes are right; only where all are does it say so."""
    asked = [row for row in marked.results(0) if row.of]
    right = sum(row.verdict == "correct" for row in asked)
    followed = sum(row.verdict == "follow-through" for row in asked)
    blank = sum(row.verdict == "blank" for row in asked)
    if right == len(asked):
        return "All boxes are right."
    parts = [f"{followed} right for the numbers that you had by then"] if followed else []
    parts += [f"{blank} empty"] if blank else []
    return "; ".join([f"{right} of {len(asked)} boxes are right", *parts]) + "."


def _owned(sheet: Sheet, me: Student) -> Sheet:
    return replace(sheet, student=me.id, known_as=(), named=True)


def _assignment(data: Mapping[str, Any]) -> Assignment:
    exercises = [
        Assigned(row["key"], row["place"], parse_bank(row["bank"], row["source"], row["notation"]))
        for row in data["exercises"]
    ]
    return Assignment(Head(**data["head"]), tuple(exercises))


def _student(position: int, row: Mapping[str, Any]) -> Student:
    return Student(row["id"], row["name"], row["email"], position, tuple(row["others"]))


def _variant(row: Mapping[str, Any], key: str, attempt: int) -> Variant:
    """The numbers of a student in one exercise."""
    givens = {
        name: tuple(Fraction(value) for value in values)
        for name, values in row["givens"][key].items()
    }
    return Variant(row["id"], attempt, row["token"], 0, givens, key)


def _submitter(metadata: Path, students: list[Student]) -> Student | None:
    """The first of those who handed in who is on the roster. CourseError without a file of
    metadata."""
    try:
        users = json.loads(metadata.read_text(encoding="utf-8"))["users"]
        people = [user for user in users if isinstance(user, dict)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        found = "does not say who handed this in"
        raise CourseError.at(metadata.name, "Gradescope", found, "tell your teacher") from None
    lookup = Lookup(students)
    named = (lookup.find(words_of(user)) for user in people)
    return next((student for student in named if student is not None), None)


CHECK = "--check"
"""For the installation: everything that reads a file is there, and the exercise can be loaded."""


def check_ready(source: Path) -> None:
    """Raises where something is missing that marking will need."""
    import openpyxl  # noqa: F401
    import pikepdf  # noqa: F401
    import pypdf  # noqa: F401

    _assignment(json.loads((source / DATA).read_text(encoding="utf-8")))


if __name__ == "__main__":
    if sys.argv[1] == CHECK:
        check_ready(Path())
    else:
        run(Path(sys.argv[1]))
