"""Answers handed in from Python: texts, numbers, arrays and nested lists, as the texts of boxes.

A float is what its shortest text says, at the precision that it has: a NumPy float32 of 0.604 is 0.604. None is a box left blank;
NaN and infinity are results of a program, and unreadable as answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import SupportsFloat

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.grade.answers import known_boxes
from rnnquiz.numerals import same
from rnnquiz.spelling import spelled
from rnnquiz.text import visible

SOURCE = "answers"
MOST_SUGGESTED = 3
MOST_DIGITS = 15  # of the two numbers of a quotient that is typed as such

Index = tuple[int, ...]


def texts_of(bank: Bank, answers: Mapping[str, object]) -> dict[str, str]:
    """The text of each box; SubmissionError lists every name that is no box, and every value that does not fit its own.

    A vector or a matrix may be given as a whole under its name, in the order of rows and columns in which it is shown.
    """
    reader = _Reader(bank, any(isinstance(value, str) and "," in value for value in answers.values()))
    for name, value in dict(answers).items():
        reader.take(name, value)
    reader.compare()
    if reader.problems:
        raise SubmissionError(SOURCE, reader.problems)
    return reader.texts


@dataclass
class _Reader:
    """The texts found so far, and what is wrong. `commas`: some of the texts may have decimal commas."""

    bank: Bank
    commas: bool
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.boxes = known_boxes(self.bank)
        self.whole: dict[str, dict[Index, str]] = {}
        for box in self.boxes:
            name, index = _parted(box)
            self.whole.setdefault(name, {})[index] = box

    def take(self, name: object, value: object) -> None:
        box = visible(name) if isinstance(name, str) else ""
        if box not in self.boxes and box not in self.whole:
            self.problems.append(Problem(str(name)[:80], "is no box of this exercise", self._nearest(box)))
            return
        try:
            entries = dict(_entries(value))
            places: Mapping[Index, str] = self.whole[box] if box not in self.boxes else {(): box}
            for place, text in _fitted(entries, places).items():
                self._put(place, text if isinstance(text, str) else self._text(text))
        except _Unfit as unfit:
            self.problems.append(Problem(box, *unfit.args))

    def _put(self, box: str, text: str) -> None:
        if box in self.texts:
            raise _Unfit(f"{box} stands twice", "give it once")
        self.texts[box] = text

    def compare(self) -> None:
        """Two numbers under the two names of one are a problem, unless both names are boxes that are judged by themselves."""
        for second, box in self.bank.aliases.items():
            both = [self.texts.get(name, "").strip() for name in (second, box.name)]
            if second not in self.bank.every_box and all(both) and not same(*both):
                self.problems.append(Problem(second, f"is another name of {box.name}, which has another value", "give one"))

    def _nearest(self, name: str) -> str:
        """What an unknown name may have been meant to be."""
        found = get_close_matches(name, [*self.boxes, *self.whole], MOST_SUGGESTED, cutoff=0.5)
        return f"did you mean {', '.join(found)}?" if found else f"boxes are named like {', '.join([*self.boxes][:MOST_SUGGESTED])}"

    def _text(self, value: object) -> str:
        """The shortest text of a number. One that a sheet with decimal commas could make a thousand (1.084) is written 1084e-3."""
        text = _shortest(value)
        return f"{text.replace('.', '')}e-3" if self.commas and spelled(text).doubt is not None else text


class _Unfit(ValueError):
    """A value that does not fit its box: what was found, what would do."""


def _parted(box: str) -> tuple[str, Index]:
    """The quantity of a box, and its row and column, from 0, as they are shown in its name (U_new.1.2)."""
    name, *index = box.split(".")
    return name, tuple(int(part) - 1 for part in index)


def _fitted(entries: Mapping[Index, object], places: Mapping[Index, str]) -> dict[str, object]:
    """Each entry with its box. Sides of length one make no difference: a column is a vector, a list of one is a number."""
    shape, given = _shape(places), _shape(entries)
    if [side for side in shape if side > 1] != [side for side in given if side > 1] or len(entries) != len(places):
        raise _Unfit(f"is {_words(shape)}, and {_words(given)} was given", "give as many entries as it has")
    return dict(zip((places[index] for index in sorted(places)), (entries[index] for index in sorted(entries)), strict=True))


def _shape(indices: Mapping[Index, object]) -> Index:
    shape = tuple(max(column) + 1 for column in zip(*indices, strict=False))
    if len({len(index) for index in indices}) > 1 or len(indices) != np.prod(shape, dtype=int):
        raise _Unfit("has rows of different lengths", "give one list for each row, all of one length")
    return shape


def _words(shape: Index) -> str:
    kinds = ("a number", "a vector of {}", "a matrix of {} by {}")
    return kinds[len(shape)].format(*shape) if len(shape) < len(kinds) else f"an array of {len(shape)} indices"


def _entries(value: object, index: Index = ()) -> Iterator[tuple[Index, object]]:
    """The numbers and texts of a value with their indices."""
    if not isinstance(value, str | list | tuple | np.generic) and hasattr(value, "__array__"):
        value = _array(value)
    if value is np.ma.masked:
        value = None
    elif isinstance(value, np.ndarray):
        value = list(value) if value.ndim else value[()]
    if not isinstance(value, list | tuple):
        yield index, value
        return
    if not value:
        raise _Unfit("has an empty list", "give None for what is left blank")
    for k, inner in enumerate(value):
        for deeper, leaf in _entries(inner, (*index, k)):
            if len(deeper) > 3:
                raise _Unfit("is nested too deep", "give one list for each row")
            yield deeper, leaf


def _array(value: object) -> object:
    """An array of another library as one of NumPy."""
    try:
        return np.asarray(value)
    except Exception as error:  # what a library raises is not stated: a tensor that still has gradients, or lies on another device
        raise _Unfit(f"is a {type(value).__name__} that cannot be read: {str(error)[:80]}", "give numbers or NumPy arrays") from None


def _shortest(value: object) -> str:
    match value:
        case None:
            return ""
        case bool() | np.bool_() | complex() | np.complexfloating():
            raise _Unfit(f"{value} is no real number", "give a number, a text, or None for a blank")
        case Fraction():
            short = max(abs(value.numerator), value.denominator) < 10**MOST_DIGITS
            return str(value) if short else repr(float(value))
        case int() | Decimal() | np.floating() | np.integer():
            return str(value)
        case SupportsFloat():
            return repr(float(value))
    raise _Unfit(f"a {type(value).__name__} is no number", "give a number, a text, or None for a blank")
