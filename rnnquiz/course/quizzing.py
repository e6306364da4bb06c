"""`rnnquiz quiz`: an exercise as questions of an online quiz, with numbers of its own or with those
issued in a course.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import SECRET_BYTES, Variant, keyed
from rnnquiz.course.assignments import part_named
from rnnquiz.course.autograder import exercise_of
from rnnquiz.course.outside import note_outside
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.exports.gradescope import autograder
from rnnquiz.exports.quiz.writers import QUIZZES
from rnnquiz.files.private import write_atomically
from rnnquiz.languages.sentences import Message, of_bank, said, strung
from rnnquiz.variants.issue import issue_variants

# Of 300 variants Moodle's file has 10 MB already, and PHP takes 2 MB unless it is told otherwise.
MOST = 2000
OF_A_COURSE: dict[str, Callable[[Course], bytes]] = {
    "gradescope": lambda course: autograder(exercise_of(course))
}
"""Systems that have no import of questions: what they are given knows the sheet of each student."""


@dataclass(frozen=True)
class Quizzed:
    """The file, how many variants are in it, the seed that makes the same ones again (none for
    those of a course), and what the teacher has to know.
    """

    file: Path
    variants: int
    seed: str
    notes: tuple[str, ...] = ()


def quiz_of_bank(bank: Bank, form: str, count: int, out: Path, seed: str = "") -> Quizzed:
    """`count` variants with new numbers. What the target cannot hold is a CourseError that lists
    every problem.
    """
    if form in OF_A_COURSE:
        found = "takes no questions, but marks files of students who have sheets"
        raise CourseError.at(
            form,
            "the system",
            found,
            f"give --course, after rnnquiz generate: rnnquiz quiz --course C --to {form}",
        )
    seed = seed or secrets.token_hex(8)
    # A key that everybody can make: a quiz tells nothing of the secret of a course.
    secret = keyed(b"quiz".ljust(SECRET_BYTES, b"."), "quiz", seed)
    # Fixed numbers are the same in every variant.
    count = 1 if bank.fixed else count
    numbers = range(1, count + 1)
    variants, _ = issue_variants(bank, secret, [(f"variant {k}", 1) for k in numbers])
    titles = _titles(bank, [said("variant {number}", number=k) for k in numbers])
    return _written(bank, form, variants, titles, out, seed)


def quiz_of_course(
    folder: Path, form: str, out: Path, exercise: str = "", attempt: int = 1
) -> Quizzed:
    """The variants that were issued for an attempt, each named by the token of its sheet, never by
    the student; of an assignment those of one `exercise`, by its key. A system of `OF_A_COURSE`
    gets all exercises at once."""
    with Course.open(folder) as first:
        whole = first.sitting(attempt)
        if form in OF_A_COURSE:
            return _of_course(whole, form, out, exercise)
        course = part_named(whole, exercise)
        bank, variants = course.bank(), course.variants()
    if not variants or len(variants) > MOST:
        remedy = f"a quiz takes 1 to {MOST}; make one from the bank: rnnquiz quiz BANK -n 50"
        found = f"has {len(variants)} variants"
        raise CourseError.at(str(folder), "the course", found, remedy)
    # The token leads back to the numbers, and tells who reads it nothing of whose they are.
    titles = _titles(bank, [said("sheet {number}", number=one.token) for one in variants])
    return _written(bank, form, variants, titles, out, "")


def _titles(bank: Bank, which: Sequence[Message]) -> list[str]:
    """The title of each variant, in the language of the bank."""
    title = of_bank(bank.written.title)
    whole = [strung(", ", (title, one)) for one in which]
    texts = map(bank.language.of, whole)
    return list(map(str, texts))


def _of_course(course: Course, form: str, out: Path, exercise: str) -> Quizzed:
    """What a system is given that marks whole sheets."""
    if exercise:
        found, remedy = f"{form} marks whole sheets", "leave it out"
        raise CourseError.at(str(course.folder), "--exercise", found, remedy)
    made = OF_A_COURSE[form](course)
    write_atomically(out, made)
    note_outside(course, out, f"quiz --to {form}")
    return Quizzed(out, len(course.sheets()), "")


def _written(
    bank: Bank, form: str, variants: Sequence[Variant], titles: Sequence[str], out: Path, seed: str
) -> Quizzed:
    system = QUIZZES[form]
    made = system.write(bank, variants, titles)
    write_atomically(out, made)
    notes = tuple(system.notes(made, bank))
    return Quizzed(out, len(variants), seed, notes)
