"""Sheets of several problems: a worked page parted into its problems, several sheets of a student
put together problem by problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeVar

from rnnquiz.assignment import place_of
from rnnquiz.course.box_names import BoxNames, NumberedBoxes, SheetNames, parted
from rnnquiz.pages.layout.problems import parted_page
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.submissions.sources import Notice

OfPlace = TypeVar("OfPlace")
NO_PROBLEM = (
    "it cannot be told which problem this page is of -> write a heading such as Problem 2 above"
    " each problem, or hand in a file for each, called problem-2"
)


def keys_shown(own: Sequence[str], sheet: Sheet) -> tuple[str, ...]:
    """The keys of the exercises that a sheet answers: a student's own, but where a quiz has shown
    another one of their pool."""
    shown = {place_of(key): key for key, _ in sheet.shown}
    if not shown:
        return tuple(own)
    return tuple(shown.get(place_of(key), key) for key in own)


def with_parts(sheet: Sheet, titles: Mapping[int, str]) -> Sheet:
    """A worked page as the pages of its problems, with a note for what belongs to none; refused
    where nothing of it can be told apart."""
    if sheet.page is None or sheet.refusal:
        return sheet
    # The name of a file may say of which problem it is.
    found = parted_page(sheet.page, titles, sheet.source.path.name)
    if not found.parts:
        return replace(sheet, refusal=NO_PROBLEM)
    parts = sorted(found.parts.items())
    return replace(sheet, page=None, parts=tuple(parts), notes=(*sheet.notes, *found.lost))


def by_exercise(
    sheet: Sheet, names: SheetNames, own: Sequence[str]
) -> tuple[dict[str, Sheet], list[Notice]]:
    """What a sheet says of each of its exercises, by their keys; a notice for each name that is
    none of their boxes."""
    keys = keys_shown(own, sheet)
    boxes = names.of(keys)
    if not isinstance(boxes, NumberedBoxes):
        key = keys[0]
        return {key: replace(sheet, numbers=_numbers_shown(sheet, key))}, []
    answers, strange = parted(sheet.answers, boxes)
    lines = [_stray(sheet, name) for name in strange]
    parts = {}
    for key in keys:
        own_answers = answers[place_of(key)]
        parts[key] = _of_exercise(sheet, key, own_answers)
    return parts, lines


def _numbers_shown(sheet: Sheet, key: str) -> str:
    """The token of the numbers that a quiz has shown in an exercise; empty for the own ones."""
    return dict(sheet.shown).get(key, "")


def _of_exercise(sheet: Sheet, key: str, answers: Mapping[str, str]) -> Sheet:
    pages = dict(sheet.parts)
    page = pages.get(place_of(key))
    part = replace(sheet, answers=Packed(answers), page=page, parts=(), shown=())
    return replace(part, numbers=_numbers_shown(sheet, key))


def _stray(sheet: Sheet, name: str) -> Notice:
    says = f"{name[:80]!r} {_STRANGE} ({sheet.student!r})"
    return Notice(sheet.source, says)


_STRANGE = "is no box of the sheet, or of more than one problem -> use the names of the template"


def filled_problems(sheet: Sheet, names: NumberedBoxes) -> set[int]:
    """The places of the problems of which the sheet says anything."""
    answers = dict(sheet.answers.items())
    paged = {place for place, _ in sheet.parts}
    return names.filled(answers) | paged


def is_empty(sheet: Sheet) -> bool:
    """True where nothing at all is handed in."""
    if sheet.page is not None or sheet.parts:
        return False
    # Blanks are not an answer: a form may be saved with some in its boxes.
    written = map(str.strip, sheet.answers.values())
    return not any(written)


def belong_together(before: Sheet, after: Sheet, names: BoxNames | NumberedBoxes) -> bool:
    """True for two files of one attempt in which no box has two answers. A page and a form of one
    problem are two attempts."""
    if before.page is not None or after.page is not None:
        return False
    # Without a number of the attempt nothing says that two files are of one.
    if not after.attempt or before.attempt != after.attempt or before.time != after.time:
        return False
    # Two rows of one file are two attempts, not parts of one.
    if before.numbers != after.numbers or set(before.source.files) & set(after.source.files):
        return False
    special = before.parts or after.parts or before.shown or after.shown
    # A page has no boxes to compare: here no problem may be in both.
    if special and isinstance(names, NumberedBoxes):
        filled = filled_problems(before, names)
        return filled.isdisjoint(filled_problems(after, names))
    return not _contradict(before, after)


def _contradict(before: Sheet, after: Sheet) -> bool:
    """True where a box has two answers."""
    old = dict(before.answers.items())
    for box, text in after.answers.items():
        one, other = old.get(box, "").strip(), text.strip()
        if one and other and one != other:
            return True
    return False


def put_together(before: Sheet, after: Sheet) -> Sheet:
    """Both as one sheet, in the order of the boxes in which they came."""
    answers = dict(before.answers.items())
    for box, text in after.answers.items():
        # An empty box of the second file takes nothing from the first.
        if text.strip() or box not in answers:
            answers[box] = text
    token = before.token or after.token
    whole = replace(
        before,
        answers=Packed(answers),
        parts=(*before.parts, *after.parts),
        shown=(*before.shown, *after.shown),
        token=token,
        source=before.source.joined(after.source),
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
    missing = filled_problems(before, names) - filled
    if not missing:
        return sheet, []
    places = sorted(missing)
    answers = dict(sheet.answers.items())
    answers |= names.of_problems(dict(before.answers.items()), places)
    parts = _within(dict(before.parts), missing)
    parts |= dict(sheet.parts)
    # The numbers that a quiz has shown go with the answers that were given to them.
    shown = _within(_by_place(before.shown), missing)
    shown |= _within(_by_place(sheet.shown), filled)
    in_order = sorted(parts.items())
    whole = replace(sheet, answers=Packed(answers), parts=tuple(in_order))
    whole = replace(whole, shown=tuple(shown.values()))
    return with_parts_of(before, whole), places


def _by_place(shown: Sequence[tuple[str, str]]) -> dict[int, tuple[str, str]]:
    return {place_of(key): (key, token) for key, token in shown}


def _within(rows: Mapping[int, OfPlace], places: Set[int]) -> dict[int, OfPlace]:
    common = rows.keys() & places
    return {place: rows[place] for place in common}


def with_parts_of(before: Sheet, sheet: Sheet) -> Sheet:
    """A sheet with parts of an earlier one: it is as late as the later of them."""
    late = before.late or sheet.late
    days = max(before.days, sheet.days)
    taken_off = max(before.taken_off, sheet.taken_off)
    return replace(sheet, late=late, days=days, taken_off=taken_off)
