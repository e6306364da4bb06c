"""Sheets of several problems: a worked page parted into its problems, several sheets of a student
put together problem by problem."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from rnnquiz.assignment import place_of
from rnnquiz.course.box_names import BoxNames, NumberedBoxes, SheetNames, parted
from rnnquiz.pages.problems import parted_page
from rnnquiz.submissions.sheets import Packed, Sheet

Kept = TypeVar("Kept")
NO_PROBLEM = (
    "it cannot be told which problem this page is of -> write a heading such as Problem 2 above"
    " each problem, or hand in a file for each, called problem-2"
)


def keys_shown(own: Sequence[str], sheet: Sheet) -> tuple[str, ...]:
    """The keys of the exercises that a sheet answers: a student's own, but where a quiz has shown
    another one of their pool."""
    shown = {place_of(key): key for key, _ in sheet.shown}
    return tuple(shown.get(place_of(key), key) if shown else key for key in own)


def with_parts(sheet: Sheet, titles: Mapping[int, str]) -> Sheet:
    """A worked page as the pages of its problems, with a note for what belongs to none; refused
    where nothing of it can be told apart."""
    if sheet.page is None or sheet.refusal:
        return sheet
    found = parted_page(sheet.page, titles, PurePosixPath(sheet.source).name)
    if not found.parts:
        return replace(sheet, refusal=NO_PROBLEM)
    parts = tuple(sorted(found.parts.items()))
    return replace(sheet, page=None, parts=parts, notes=(*sheet.notes, *found.lost))


def by_exercise(
    sheet: Sheet, names: SheetNames, own: Sequence[str]
) -> tuple[dict[str, Sheet], list[str]]:
    """What a sheet says of each of its exercises, by their keys; a line for each name that is none
    of their boxes."""
    keys = keys_shown(own, sheet)
    boxes = names.of(keys)
    if not isinstance(boxes, NumberedBoxes):
        return {keys[0]: replace(sheet, numbers=dict(sheet.shown).get(keys[0], ""))}, []
    answers, strange = parted(sheet.answers, boxes)
    lines = [f"{sheet.source}: {name[:80]!r} {_STRANGE} ({sheet.student!r})" for name in strange]
    return {key: _of_exercise(sheet, key, answers[place_of(key)]) for key in keys}, lines


def _of_exercise(sheet: Sheet, key: str, answers: Mapping[str, str]) -> Sheet:
    page = dict(sheet.parts).get(place_of(key))
    numbers = dict(sheet.shown).get(key, "")
    part = replace(sheet, answers=Packed(answers), page=page, parts=(), shown=())
    return replace(part, numbers=numbers)


_STRANGE = "is no box of the sheet, or of more than one problem -> use the names of the template"


def filled_problems(sheet: Sheet, names: NumberedBoxes) -> set[int]:
    """The places of the problems of which the sheet says anything."""
    return names.filled(dict(sheet.answers.items())) | {place for place, _ in sheet.parts}


def is_empty(sheet: Sheet) -> bool:
    """True where nothing at all is handed in."""
    written = any(text.strip() for text in sheet.answers.values())
    return sheet.page is None and not sheet.parts and not written


def belong_together(before: Sheet, after: Sheet, names: BoxNames | NumberedBoxes) -> bool:
    """True for two files of one attempt in which no box has two answers. A page and a form of one
    problem are two attempts."""
    if before.page is not None or after.page is not None:
        return False
    if not after.attempt or before.attempt != after.attempt or before.time != after.time:
        return False
    files = [_file(source) for source in before.source.split(" + ")]
    if before.numbers != after.numbers or _file(after.source) in files:
        return False
    special = before.parts or after.parts or before.shown or after.shown
    if special and isinstance(names, NumberedBoxes):
        return filled_problems(before, names).isdisjoint(filled_problems(after, names))
    old = dict(before.answers.items())
    pairs = [(old.get(box, "").strip(), text.strip()) for box, text in after.answers.items()]
    return all(not a or not b or a == b for a, b in pairs)


def put_together(before: Sheet, after: Sheet) -> Sheet:
    """Both as one sheet, in the order of the boxes in which they came."""
    answers = dict(before.answers.items())
    answers |= {
        box: text for box, text in after.answers.items() if text.strip() or box not in answers
    }
    whole = replace(
        before,
        answers=Packed(answers),
        parts=(*before.parts, *after.parts),
        shown=(*before.shown, *after.shown),
        token=before.token or after.token,
        source=f"{before.source} + {_file(after.source)}",
    )
    return with_parts_of(after, whole)


def with_earlier(
    before: Sheet, sheet: Sheet, names: BoxNames | NumberedBoxes
) -> tuple[Sheet, list[int]]:
    """The later sheet, with those problems of the earlier one that it leaves blank, and which these
    are: a blank problem never takes the place of another."""
    if not isinstance(names, NumberedBoxes):
        return sheet, []
    filled = filled_problems(sheet, names)
    places = sorted(filled_problems(before, names) - filled)
    if not places:
        return sheet, []
    earlier = names.of_problems(dict(before.answers.items()), places)
    answers = dict(sheet.answers.items()) | earlier
    parts = _within(dict(before.parts), places) | dict(sheet.parts)
    shown = _within(_by_place(before.shown), places) | _within(_by_place(sheet.shown), filled)
    whole = replace(
        sheet,
        answers=Packed(answers),
        parts=tuple(sorted(parts.items())),
        shown=tuple(shown.values()),
    )
    return with_parts_of(before, whole), places


def _by_place(shown: Sequence[tuple[str, str]]) -> dict[int, tuple[str, str]]:
    return {place_of(key): (key, token) for key, token in shown}


def _within(rows: Mapping[int, Kept], places: Collection[int]) -> dict[int, Kept]:
    return {place: rows[place] for place in rows.keys() & set(places)}


def with_parts_of(before: Sheet, sheet: Sheet) -> Sheet:
    """A sheet with parts of an earlier one: it is as late as the later of them."""
    return replace(
        sheet,
        late=before.late or sheet.late,
        days=max(before.days, sheet.days),
        taken_off=max(before.taken_off, sheet.taken_off),
    )


def _file(source: str) -> str:
    """The file of a sheet, without the row."""
    return re.sub(r", row \d+$", "", source)
