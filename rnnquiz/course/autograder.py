"""What Gradescope runs for each submission:  python -m rnnquiz.course.autograder FOLDER ; it always
leaves results behind.

Nothing that a student hands in is executed. The results are written last, whole or not at all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.receiving import receive
from rnnquiz.course.store import Course
from rnnquiz.decimals import plain
from rnnquiz.errors import CourseError, RnnquizError
from rnnquiz.exports.gradescope import DATA, failed, results
from rnnquiz.grade.mark import Marked, mark
from rnnquiz.private import write_into
from rnnquiz.roster import Lookup, Student
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.gradescope import words_of
from rnnquiz.submissions.sheets import Sheet

FOR_GRADESCOPE = 0o644  # whoever reads the results there: only this file is open to others


def exercise_of(course: Course) -> dict[str, Any]:
    """All that marking needs: the bank, and of each student the ids and the numbers of the
    sheet."""
    bank = course.marking_bank()
    rows = [
        {
            "id": student.id,
            "name": student.name,
            "email": student.email,
            "others": list(student.others),
            "token": variant.token,
            "givens": {
                name: [plain(value) for value in values] for name, values in variant.givens.items()
            },
        }
        for student, variant in course.issued()
    ]
    return {
        "bank": bank.text,
        "source": bank.source,
        "notation": bank.notation.name,
        "students": rows,
    }


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
    exercise = json.loads((folder / "source" / DATA).read_text(encoding="utf-8"))
    bank = parse_bank(exercise["bank"], exercise["source"], exercise["notation"])
    students, variants = _people(exercise["students"])
    me = _submitter(folder / "submission_metadata.json", students)
    if me is None:
        return failed(
            "Gradescope's name for you is not on the roster of this exercise. Please tell your"
            " teacher."
        )
    sheets, problems = collect(folder / "submission")
    named = [_owned(sheet, me) for sheet in sheets]
    chosen, refused, _ = receive(bank, named, {me.id: me}, {me.id: variants[me.id].token})
    lines = [*problems, *refused]
    if me.id not in chosen:
        return failed("\n".join(["Nothing was found that could be marked.", *lines]))
    return _results(bank, variants[me.id], chosen[me.id].answers, lines)


def _results(
    bank: Bank, variant: Variant, answers: Mapping[str, str], lines: list[str]
) -> dict[str, Any]:
    marked = mark(bank, arrays_of(bank, [variant]), [answers])
    findings = [
        f"{found.name} ({', '.join(found.boxes)}): {found.says}" for found in marked.findings(0)
    ]
    first = [f"The first step to look at is {marked.findings(0)[0].boxes[0]}."] if findings else []
    return results(marked, 0, "\n".join([_summary(marked), *first, *findings, *lines]))


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


def _people(rows: list[dict[str, Any]]) -> tuple[list[Student], dict[str, Variant]]:
    students = [
        Student(row["id"], row["name"], row["email"], k, tuple(row["others"]))
        for k, row in enumerate(rows, start=1)
    ]
    variants = {
        row["id"]: Variant(
            row["id"],
            1,
            row["token"],
            0,
            {k: tuple(Fraction(v) for v in values) for k, values in row["givens"].items()},
        )
        for row in rows
    }
    return students, variants


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

    exercise = json.loads((source / DATA).read_text(encoding="utf-8"))
    parse_bank(exercise["bank"], exercise["source"], exercise["notation"])


if __name__ == "__main__":
    if sys.argv[1] == CHECK:
        check_ready(Path())
    else:
        run(Path(sys.argv[1]))
