"""Simulated students: what people of several kinds would hand in. For the demonstration, the laws
and the benchmarks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import shown_digits
from rnnquiz.decimals import Array, fixed
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.models.misconceptions import Mistaken


def texts_of(bank: Bank, values: Values, extra: int = 0) -> list[dict[str, str]]:
    """What each student writes for the asked boxes, from values (N, *shape), to `extra` digits more
    than asked."""
    return written_texts(bank, {name: (value, extra) for name, value in values.items()})


def mistaken_values(bank: Bank, givens: Mapping[str, Array], made: Iterable[Mistaken]) -> Values:
    """The rounded chain of students who make these mistakes, in the order of computation, and go on
    with what they got."""
    known: dict[str, Array] = {}
    places = {name: place for place, name in enumerate(bank.graph.quantities)}
    extra = shown_digits(bank)
    # What is got wrong later is computed from what was got wrong before.
    for mistake in sorted(made, key=lambda m: places[m.quantity]):
        chain = evaluate(bank.graph, givens, bank.rounding, extra, known)
        value = value_of(mistake.formula, chain)
        # A formula that gives one number for all entries is written into each of them.
        every = np.broadcast_to(value, chain[mistake.quantity].shape)
        known[mistake.quantity] = bank.rounding.round(every, extra)
    return evaluate(bank.graph, givens, bank.rounding, extra, known)


HABITS = ("each step", "any subset", "full precision", "half even", "mixed digits")
_HALF_EVEN = 0.3  # of the values of mixed digits
_LARGE_ENOUGH = 0.05  # a tenth of less is rounded to nothing, and a slip could not be seen
WrittenValues = dict[str, tuple[Array, int]]


def honest_values(
    bank: Bank, givens: Mapping[str, Array], generator: np.random.Generator, habit: str
) -> WrittenValues:
    """What honest students of a habit write for each quantity, and to how many digits more than
    asked.

    They round each step, or any of the steps, or none; half up or half even; to the digits asked or
    up to three more; and take any of the formulas that people use.
    """
    count = len(next(iter(givens.values())))
    values = dict(givens)
    written: WrittenValues = {}
    # The share of the numbers that are carried on as rounded; the others keep all digits.
    keep = {"each step": 1.0, "half even": 1.0, "full precision": 0.0}.get(habit, 0.5)
    for q in bank.graph.computed:
        assert q.formula is not None
        forms = (q.formula, *q.alternatives)
        form = int(generator.integers(len(forms)))
        value = np.broadcast_to(value_of(forms[form], values), (count, *q.shape))
        extra = int(generator.integers(0, 4)) if habit == "mixed digits" else 0
        rounded = bank.rounding.round(value, extra)
        if habit == "half even" or (habit == "mixed digits" and generator.random() < _HALF_EVEN):
            unit = bank.rounding.unit(value, extra)
            rounded = _half_even(value, unit)
        goes_on = generator.random(value.shape) < keep
        values[q.name] = np.where(goes_on, rounded, value)
        written[q.name] = (rounded, extra)
    return written


def _half_even(value: Array, unit: Array) -> Array:
    # First to a ten-millionth of a unit: a tie that binary arithmetic has blurred is one again.
    units = np.round(value / unit, 7)
    return np.rint(units) * unit


def written_texts(bank: Bank, written: WrittenValues) -> list[dict[str, str]]:
    """What stands in the boxes, each quantity to its own number of digits."""
    columns = {}
    for box in bank.boxes:
        values, extra = written[box.quantity]
        numbers = box.of(values)
        places = bank.rounding.exponent(numbers, extra)
        texts = map(fixed, numbers.tolist(), places.tolist())
        columns[box.name] = list(texts)
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


@dataclass(frozen=True)
class Kind:
    """A kind of student; `answer` turns one variant's givens (batch of one) into texts."""

    name: str
    answer: Callable[
        [Bank, Mapping[str, Array], Mapping[str, tuple[Mistaken, ...]], random.Random],
        dict[str, str],
    ]


def _exact(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    return _only(bank, evaluate(bank.graph, givens))


def _only(bank: Bank, values: Values, extra: int = 0) -> dict[str, str]:
    """The texts of a batch of one."""
    (texts,) = texts_of(bank, values, extra)
    return texts


def _rounding(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    return _only(bank, evaluate(bank.graph, givens, bank.rounding))


def _slip(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    """A decimal point in the wrong place, carried on with."""
    right = evaluate(bank.graph, givens, bank.rounding)
    boxes = []
    for box in bank.boxes:
        if abs(box.of(right[box.quantity])[0]) > _LARGE_ENOUGH:
            boxes.append(box)
    # In a bank of small numbers any box has to do.
    chosen = dice.choice(boxes or list(bank.boxes))
    slipped = right[chosen.quantity].copy()
    numbers = chosen.of(slipped)
    numbers /= 10
    values = evaluate(bank.graph, givens, bank.rounding, known={chosen.quantity: slipped})
    texts, more_digits = _only(bank, values), _only(bank, values, 1)
    # Moving the point loses no digit.
    return {**texts, chosen.name: more_digits[chosen.name]}


def _misconception(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    possible: list[Mistaken] = []
    for name in bank.asked:
        possible += mistaken[name]
    made = []
    if possible:
        made.append(dice.choice(possible))
    return _only(bank, mistaken_values(bank, givens, made))


def _zeros(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    return {box.name: "0" for box in bank.boxes}


def _blank(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    return {}


def _unreadable(
    bank: Bank,
    givens: Mapping[str, Array],
    mistaken: Mapping[str, tuple[Mistaken, ...]],
    dice: random.Random,
) -> dict[str, str]:
    texts = _rounding(bank, givens, mistaken, dice)
    # Some boxes of each sheet: the rest is still to be marked.
    for name in list(texts)[::7]:
        texts[name] = f"about {texts[name]}"
    return texts


STUDENT_KINDS: tuple[Kind, ...] = (
    Kind("exact", _exact),
    Kind("rounds each step", _rounding),
    Kind("one slip", _slip),
    Kind("one misconception", _misconception),
    Kind("all zeros", _zeros),
    Kind("blank", _blank),
    Kind("unreadable", _unreadable),
)
