"""Answers handed in from Python: texts, numbers, arrays and nested lists, as the texts of boxes.

A float is what its shortest text says, at the precision that it has: a NumPy float32 of 0.604 is
0.604. None is a box left blank; NaN and infinity are results of a program, and unreadable as
answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import SupportsFloat

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.errors import SubmissionError
from rnnquiz.grade.answers import known_boxes
from rnnquiz.problems import Problems
from rnnquiz.text import visible
from rnnquiz.typed.numerals import same
from rnnquiz.typed.spelling import spelled

SOURCE = "answers"
MOST_SUGGESTED = 3
DEEPEST_LISTS = 3  # lists within lists
MOST_DIGITS_OF_QUOTIENT = 15  # of the two numbers of a quotient that is typed as such

_OF_ITSELF = (str, list, tuple, np.generic, np.ma.MaskedArray)
REMEDY = "give a number, a text, or None for a blank"

Index = tuple[int, ...]


def texts_by_box(bank: Bank, answers: Mapping[str, object]) -> dict[str, str]:
    """The text of each box; SubmissionError lists every name that is no box, and every value that
    does not fit its own.

    A vector or a matrix may be given as a whole under its name, in the order of rows and columns in
    which it is shown.
    """
    if not hasattr(answers, "keys"):
        found, remedy = f"are a {type(answers).__name__}", "give them by box: {'h[1]': '0.604'}"
        raise SubmissionError.at(SOURCE, "the answers", found, remedy)
    reader = _Reader(bank)
    for name, value in dict(answers).items():
        reader.take(name, value)
    texts = reader.texts()
    reader.compare(texts)
    reader.problems.raise_if_any()
    return texts


class _Reader:
    """The values found so far, by box, and what is wrong."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.found: dict[str, object] = {}
        self.problems = Problems(SubmissionError, SOURCE)
        self.boxes = known_boxes(bank)
        self.whole: dict[str, dict[Index, str]] = {}
        for name, box in self.boxes.items():
            # A second name of a number ends as its own does.
            whole = name.removesuffix(box.ending)
            # Lists count from 0.
            index = tuple(number - 1 for number in box.place)
            self.whole.setdefault(whole, {})[index] = name

    def take(self, name: object, value: object) -> None:
        """Put a value, or each entry of it, to its box."""
        box = visible(name) if isinstance(name, str) else ""
        if box not in self.boxes and box not in self.whole:
            found, remedy = "is no box of this exercise", self._nearest(box)
            shown = str(name)[:80]
            self.problems.add(shown, found, remedy)
            return
        try:
            entries = dict(_entries(value))
            if box not in self.boxes:
                fitted = _fitted(entries, self.whole[box])
            elif entries.keys() == {()}:
                fitted = {box: entries[()]}
            else:
                fitted = _fitted(entries, {(): box})
            # A vector was given whole, and an entry of it by itself.
            if twice := self.found.keys() & fitted.keys():
                raise _Unfit(f"{min(twice)} stands twice", "give it once")
            self.found |= fitted
        except _Unfit as unfit:
            self.problems.add(box, *unfit.args)

    def _nearest(self, name: str) -> str:
        """What an unknown name may have been meant to be."""
        found = get_close_matches(name, [*self.boxes, *self.whole], MOST_SUGGESTED, cutoff=0.5)
        if found:
            return f"did you mean {', '.join(found)}?"
        return f"boxes are named like {', '.join([*self.boxes][:MOST_SUGGESTED])}"

    def texts(self) -> dict[str, str]:
        """What would be typed into each box."""
        commas = any(map(_has_comma, self.found.values()))
        texts: dict[str, str] = {}
        for box, value in self.found.items():
            try:
                text = _shortest(value)
            except _Unfit as unfit:
                self.problems.add(box, *unfit.args)
            else:
                doubtful = commas and not isinstance(value, str)
                texts[box] = _beyond_doubt(text) if doubtful else text
        return texts

    def compare(self, texts: Mapping[str, str]) -> None:
        """Two numbers under the two names of one are a problem, unless both names are boxes that
        are judged by themselves."""
        for second, box in self.bank.aliases.items():
            both = [texts.get(name, "").strip() for name in (second, box.name)]
            if second not in self.bank.every_box and all(both) and not same(*both):
                found = f"is another name of {box.name}, which has another value"
                self.problems.add(second, found, "give one")


def _has_comma(value: object) -> bool:
    return isinstance(value, str) and "," in value


def _beyond_doubt(text: str) -> str:
    """A number that decimal commas around it could make a thousand, 1.084, as 1084e-3."""
    if spelled(text).doubt is None:
        return text
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.replace(".", "")
    power = int(exponent or 0) - 3
    return f"{digits}e{power}"


class _Unfit(ValueError):
    """A value that does not fit its box: what was found, what would do."""


def _fitted(entries: Mapping[Index, object], places: Mapping[Index, str]) -> dict[str, object]:
    """Each entry with its box. Sides of length one make no difference: a column is a vector, a list
    of one is a number."""
    shape, given = _shape(places), _shape(entries)
    if _long_sides(shape) != _long_sides(given):
        found = f"is {_words(shape)}, and {_words(given)} was given"
        raise _Unfit(found, "give as many entries as it has")
    # Sorted indices run row by row, whichever sides of one there are.
    boxes = [places[index] for index in sorted(places)]
    values = [entries[index] for index in sorted(entries)]
    return dict(zip(boxes, values, strict=True))


def _long_sides(shape: Index) -> list[int]:
    return list(filter(_is_long, shape))


def _is_long(side: int) -> bool:
    return side > 1


def _shape(indices: Mapping[Index, object]) -> Index:
    # Indices of several depths are refused below, with rows of several lengths.
    columns = zip(*indices, strict=False)
    shape = tuple(max(column) + 1 for column in columns)
    depths = {len(index) for index in indices}
    if len(depths) > 1 or len(indices) != math.prod(shape):
        remedy = "give one list for each row, all of one length"
        raise _Unfit("has rows of different lengths", remedy)
    return shape


def _words(shape: Index) -> str:
    kinds = ("a number", "a vector of {}", "a matrix of {} by {}", "an array of {} by {} by {}")
    kind = kinds[len(shape)]
    return kind.format(*shape)


def _entries(value: object, index: Index = ()) -> Iterator[tuple[Index, object]]:
    """The numbers and texts of a value with their indices."""
    # Tensors, series and tables of other libraries, without a need to know these. An array with a
    # mask stays what it is: what is masked is blank.
    if not isinstance(value, _OF_ITSELF) and hasattr(value, "__array__"):
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
            if len(deeper) > DEEPEST_LISTS:
                raise _Unfit("is nested too deep", "give one list for each row")
            yield deeper, leaf


def _array(value: object) -> object:
    """An array of another library as one of NumPy."""
    try:
        return np.asarray(value)
    except Exception as error:  # what a library raises is not stated: a tensor with gradients
        found = f"is a {type(value).__name__} that cannot be read: {str(error)[:80]}"
        raise _Unfit(found, "give numbers or NumPy arrays") from None


def _shortest(value: object) -> str:
    """The shortest text of a number, at the precision that it has."""
    match value:
        case None:
            return ""
        case str():
            return value
        # Before the numbers: to Python True is an int.
        case bool() | np.bool_() | complex() | np.complexfloating():
            raise _Unfit(f"{value} is no real number", REMEDY)
        # A longer one could not be typed as a quotient, and is read as the float next to it.
        case Fraction() if (
            max(abs(value.numerator), value.denominator) < 10**MOST_DIGITS_OF_QUOTIENT
        ):
            return str(value)
        case int() if abs(value) < 10**MOST_DIGITS_OF_QUOTIENT:
            return str(value)
        case Decimal() | np.floating() | np.integer():
            return str(value)
        case SupportsFloat():
            return _as_float(value)
    raise _Unfit(f"a {type(value).__name__} is no number", REMEDY)


def _as_float(value: SupportsFloat) -> str:
    try:
        return repr(float(value))
    except (TypeError, ValueError, OverflowError) as error:
        reason = str(error)[:80]
        raise _Unfit(f"a {type(value).__name__} is no number: {reason}", REMEDY) from None
