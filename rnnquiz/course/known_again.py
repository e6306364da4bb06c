"""Whom of a course a roster means, and what it changes: names, ids, who is not in it any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import filterfalse

from rnnquiz.course.store import Course
from rnnquiz.people.identity import AsId, orders
from rnnquiz.people.roster import Lookup, Student

_MOST_MISSING = 5  # students named in one line


def known_again(course: Course, roster: Sequence[Student]) -> tuple[list[Student], list[str]]:
    """The roster with the ids that the course has for its students; a line for each that the roster
    writes otherwise.

    A spreadsheet drops zeros, and another system puts another id first: with the same name, and an
    id, a further id or the e-mail in common, a student is the one who has a sheet already.
    """
    known, given = course.students(), {student.id for student in roster}
    lookup = Lookup(known)
    free = {student.id for student in known} - given
    found, notes = [], []
    for student in roster:
        same = _same(lookup, free, student)
        if same is not None:
            # Two rows of the roster cannot be one student of the course.
            free.remove(same.id)
            notes.append(f"{student.shown} has a sheet as {same.id}, and keeps that id")
            student = _with_id_of(same, student)
        found.append(student)
    return found, notes


def _same(lookup: Lookup, free: Collection[str], student: Student) -> Student | None:
    """Who of the course a student is that has another id there."""
    if not free or student.id in lookup.by_id:
        return None
    words = filter(None, (student.id, *student.others, student.email))
    # Somebody's id may be the name of somebody else.
    same = lookup.find(map(AsId, words))
    if same is None or same.id not in free:
        return None
    # A roster without names has the id in the place of the name.
    nameless = student.name == student.id
    if nameless or orders(same.name) & orders(student.name):
        return same
    return None


def _with_id_of(same: Student, student: Student) -> Student:
    """A student of the roster with the id of the course; the roster's is known as a further one."""
    name = student.name
    if name == student.id:
        name = same.name
    others = dict.fromkeys([*student.others, student.id])
    others.pop(same.id, None)
    return replace(student, id=same.id, name=name, others=tuple(others))


def changes_of(course: Course, roster: Sequence[Student]) -> list[str]:
    """What a roster changes in a course that has students: a line for each new name, and how many
    there are who are not in it."""
    known = {student.id: student for student in course.students()}
    found = []
    for student in roster:
        before = known.get(student.id)
        if before is not None and before.name != student.name:
            found.append(
                f"{student.id} was {before.name!r} and is {student.name!r}: remove the files"
                f" {before.stem}.* to have them made again with the new name"
            )
    ids = {student.id for student in roster}
    rest = list(filterfalse(ids.__contains__, known))
    if rest:
        named = rest[:_MOST_MISSING]
        if len(rest) > _MOST_MISSING:
            named.append("...")
        found.append(
            f"{len(rest)} students of the course are not in this roster, and stay in the course:"
            f" {', '.join(named)}"
        )
    return found
