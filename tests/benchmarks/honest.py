"""What honest students lose, for every bank.

Run by hand:  python tests/benchmarks/honest.py [--laws slip,mend,digits,unit,standing,key]

A simulation with arithmetic of its own (arithmetic.py, and Decimal for what is written down);
marking is a black box.

slip      (law c) one wrong number, everything else computed honestly from it: that box is lost and
          no other, in 99.9 % of the sheets
mend      (law d) correcting a wrong box, or filling a blank one, never lowers the total: alone
          where nothing written follows from the wrong number, else together with all that follows
          from it
digits    surplus digits in some boxes (more digits, float64, float32, trailing zeros), gone on with
          as written or as rounded to the digits asked: no answer is refused
unit      the last digit off by one in one box: which verdict, what it earns (no law)
standing  after a wrong entry of a vector or matrix, boxes that do not depend on it are judged
          exactly as before
key       a number that a key calls accepted, with the key's numbers in all other boxes, gets full
          marks
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from arithmetic import Array, chain, known, of_quantity, unit_of
from gaming import Game, Quiet, banks_of, diagnosing

from rnnquiz.algebra.expression import Apply, walk
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.decimals import Rounding
from rnnquiz.grade.mark import BoxResult, Marked, mark
from rnnquiz.solution.lines import flat
from rnnquiz.solution.solved import solve_all
from tests_support import variants_of

Givens = Mapping[str, Array]
WIDE = Context(prec=80)
BATCH = 500
CALCULATOR = 13  # digits inside


def place_of(rounding: Rounding, number: Decimal, extra: int = 0) -> int:
    if rounding.kind == "decimals":
        return -rounding.digits - extra
    return (number.adjusted() if number else 0) - rounding.digits + 1 - extra


def written(value: float, rounding: Rounding, extra: int = 0, mode: str = ROUND_HALF_UP) -> Decimal:
    """The number as a person writes it who reads it from a calculator."""
    number = Decimal(f"{value:.{CALCULATOR}g}")
    return number.quantize(
        Decimal(1).scaleb(place_of(rounding, number, extra)), rounding=mode, context=WIDE
    )


def text_of(number: Decimal) -> str:
    text = f"{number:f}"
    return text.removeprefix("-") if not number else text


@dataclass
class Wrote:
    """What stands in one box, and what is gone on with."""

    text: str
    carried: float


Pen = Callable[
    [int, str, int, float], Wrote
]  # sheet, quantity, entry, value by the formula -> what is written


def by_rule(rounding: Rounding) -> Pen:
    def pen(n: int, name: str, entry: int, value: float) -> Wrote:
        if not np.isfinite(value):
            return Wrote("", value)
        number = written(value, rounding)
        return Wrote(text_of(number), float(number) if rounding.when == "every step" else value)

    return pen


def sheets_of(bank: Bank, givens: Givens, pen: Pen) -> list[dict[str, str]]:
    """Sheets of N students who compute one quantity after the other from what they go on with."""
    count = len(next(iter(givens.values())))
    values = {name: known(value) for name, value in givens.items()}
    names = {q: [box for box in bank.boxes if box.quantity == q] for q in bank.asked}
    texts: list[dict[str, str]] = [{} for _ in range(count)]
    for q in bank.graph.computed:
        value = of_quantity(q, values, lambda v: unit_of(bank.rounding, v), count).value.copy()
        flat = value.reshape(count, -1)
        for box in names.get(q.name, ()):
            for n in range(count):
                wrote = pen(n, q.name, box.entry, float(flat[n, box.entry]))
                flat[n, box.entry] = wrote.carried
                if wrote.text:
                    texts[n][box.name] = wrote.text
        values[q.name] = known(value)
    return texts


def marked_in_batches(
    bank: Bank, givens: Givens, texts: Sequence[Mapping[str, str]], diagnosis: Any = None
) -> Iterator[tuple[int, Marked]]:
    for start in range(0, len(texts), BATCH):
        part = {k: v[start : start + BATCH] for k, v in givens.items()}
        yield start, mark(bank, part, texts[start : start + BATCH], diagnosis or Quiet(bank))


def many_givens(
    bank: Bank, count: int, generator: np.random.Generator, variants: int = 12
) -> Givens:
    found = arrays_of(bank, variants_of(bank, 1 if bank.fixed else variants))
    rows = generator.integers(0, len(next(iter(found.values()))), count)
    return {k: v[rows] for k, v in found.items()}


@dataclass
class Tally:
    """Counts of one law over all banks, and the first examples of what breaks it."""

    law: str
    tried: int = 0
    broken: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def blame(self, kind: str, example: str, count: bool = True) -> None:
        self.broken += count
        self.kinds[kind] += 1
        self.examples.setdefault(kind, example)

    def report(self, most: int = 12) -> None:
        share = self.broken / max(1, self.tried)
        print(
            f"{self.law:10} tried {self.tried:8}  broken {self.broken:6} ({share:.3%})", flush=True
        )
        for kind, number in self.kinds.most_common(most):
            print(f"    {number:6} x {kind}   e.g. {self.examples[kind]}", flush=True)


def shown(row: BoxResult) -> str:
    return f"{row.box} = {row.typed} [{row.low:.8g}, {row.high:.8g}]"


def name_of(row: BoxResult) -> str:
    return row.explanations[0].name if row.explanations else ""


# --- one slip


def swapped(text: str, generator: np.random.Generator) -> str:
    places = [
        i
        for i in range(len(text) - 1)
        if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]
    ]
    if not places:
        return text
    i = int(generator.choice(places))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def is_state(bank: Bank, name: str, ops: tuple[str, ...]) -> bool:
    return any(isinstance(n, Apply) and n.op in ops for n in walk(bank.graph[name].formula))  # type: ignore[arg-type]


SLIPS = (
    "random",
    "times ten",
    "sign",
    "swapped",
    "off",
    "copied",
    "saturated",
    "killed",
    "zero",
    "one",
)


def slipped(
    kind: str, value: float, rounding: Rounding, before: list[str], generator: np.random.Generator
) -> str:
    """A wrong number for a right one."""
    right = written(value, rounding)
    unit = Decimal(1).scaleb(place_of(rounding, right))
    if kind == "random":
        return text_of(written(float(generator.uniform(-2, 2)), rounding))
    if kind == "times ten":
        return text_of(written(value * float(generator.choice([10, 0.1, 100, 0.01])), rounding))
    if kind == "sign":
        return text_of(-right)
    if kind == "swapped":
        return swapped(text_of(right), generator)
    if kind == "off":
        return text_of(
            right + unit * int(generator.choice([-1, 1])) * int(generator.integers(4, 40))
        )
    if kind == "copied" and before:
        return str(generator.choice(before))
    if kind == "saturated":
        return text_of(written(float(generator.choice([1, -1, 0.9999, -0.9999, 0.999])), rounding))
    return text_of(Decimal(1 if kind == "one" else 0).quantize(unit))


def slip(bank: Bank, count: int, seed: int, tally: Tally) -> None:
    generator = np.random.default_rng(seed)
    givens = many_givens(bank, count, generator)
    at = generator.integers(0, len(bank.boxes), count)
    kinds = [SLIPS[i] for i in generator.integers(0, len(SLIPS), count)]
    for n, kind in enumerate(kinds):
        fitting = {"saturated": ("tanh", "sigmoid", "softmax"), "killed": ("relu", "step")}.get(
            kind
        )
        if fitting:
            some = [k for k, b in enumerate(bank.boxes) if is_state(bank, b.quantity, fitting)]
            at[n] = generator.choice(some) if some else at[n]
    honest, before = by_rule(bank.rounding), [[] for _ in range(count)]  # type: ignore[var-annotated]

    def pen(n: int, name: str, entry: int, value: float) -> Wrote:
        wrote, box = honest(n, name, entry, value), bank.boxes[at[n]]
        if (name, entry) == (box.quantity, box.entry) and np.isfinite(value):
            text = slipped(kinds[n], value, bank.rounding, before[n], generator)
            wrote = Wrote(text, float(text))
        before[n].append(wrote.text or "0")
        return wrote

    texts = sheets_of(bank, givens, pen)
    whole = np.array(
        [len(t) == len(bank.boxes) for t in texts]
    )  # a wrong number may leave a later formula without a value
    for start, marked in marked_in_batches(bank, givens, texts):
        lost = (marked.weights > 0) & (marked.credits < 1 - 1e-9)
        lost[np.arange(len(lost)), at[start : start + len(lost)]] = False
        rows = np.flatnonzero(lost.any(axis=1) & whole[start : start + len(lost)])
        tally.tried += int(whole[start : start + len(lost)].sum())
        if len(rows):
            some = [texts[start + n] for n in rows]
            again = mark(
                bank, {k: v[start + rows] for k, v in givens.items()}, some, diagnosing(bank)
            )
            for i, n in enumerate(rows):
                _second_boxes(
                    bank, again, i, bank.boxes[at[start + n]].name, kinds[start + n], tally
                )


def _second_boxes(bank: Bank, marked: Marked, n: int, box: str, kind: str, tally: Tally) -> None:
    rows = [
        row
        for row in marked.results(n)
        if row.of > 0 and row.marks < row.of - 1e-9 and row.box != box
    ]
    if rows:
        row, typed = rows[0], next(r.typed for r in marked.results(n) if r.box == box)
        reason = row.explanations[0].name if row.explanations else row.verdict
        says = f"{bank.written.id}: {box} = {typed}; lost {len(rows)}: {shown(row)}"
        tally.blame(f"{kind}: {reason}", says)


# --- mending


def mend(bank: Bank, count: int, seed: int, tally: Tally, natural: Tally) -> None:
    """Slips with all that follows; gaming sheets; sheets of others; blanks: one box is
    corrected."""
    generator = np.random.default_rng(seed)
    _mend_and_go_on(bank, count // 2, generator, tally)
    _mend_alone(bank, count - count // 2, generator, seed, tally, natural)


def _mend_and_go_on(bank: Bank, count: int, generator: np.random.Generator, tally: Tally) -> None:
    givens = many_givens(bank, count, generator)
    most = min(5, len(bank.boxes))
    struck = [
        dict.fromkeys(
            generator.choice(
                len(bank.boxes), generator.integers(1, most + 1), replace=False
            ).tolist()
        )
        for _ in range(count)
    ]
    wrongs: list[dict[int, str]] = [{} for _ in range(count)]
    mended = [next(iter(s)) for s in struck]
    index = {(b.quantity, b.entry): k for k, b in enumerate(bank.boxes)}
    honest = by_rule(bank.rounding)
    blank = (
        generator.random((count, len(bank.boxes)))
        < np.where(generator.random(count) < 0.3, 0.3, 0)[:, None]
    )

    def pen(keep: bool) -> Pen:
        def of(n: int, name: str, entry: int, value: float) -> Wrote:
            wrote, k = honest(n, name, entry, value), index[name, entry]
            if k in struck[n] and np.isfinite(value) and (keep or k != mended[n]):
                kind = SLIPS[int(generator.integers(len(SLIPS)))]
                text = wrongs[n].setdefault(k, slipped(kind, value, bank.rounding, [], generator))
                return Wrote(text, float(text))
            return Wrote("", wrote.carried) if blank[n, k] and k != mended[n] else wrote

        return of

    before, after = sheets_of(bank, givens, pen(True)), sheets_of(bank, givens, pen(False))
    usable = np.zeros(count, dtype=bool)
    for start, marked in marked_in_batches(bank, givens, before):
        part = np.arange(len(marked.totals))
        usable[start + part] = (
            marked.credits[part, np.array(mended)[start + part]] < 1 - 1e-9
        )  # not right by chance
    _compare(
        bank,
        givens,
        before,
        after,
        "and gone on",
        tally,
        usable,
        [{bank.boxes[k].name for k in s if k != m} for s, m in zip(struck, mended, strict=True)],
    )


def _compare(
    bank: Bank,
    givens: Givens,
    before: list[dict[str, str]],
    after: list[dict[str, str]],
    kind: str,
    tally: Tally,
    usable: NDArray[np.bool_],
    by_chance: Sequence[set[str]] = (),
) -> None:
    """Sheets before and after one correction. `by_chance`: boxes that are wrong anyhow; what
    they earned was luck."""
    for (start, one), (_, two) in zip(
        marked_in_batches(bank, givens, before), marked_in_batches(bank, givens, after), strict=True
    ):
        part = usable[start : start + len(one.totals)]
        tally.tried += int(part.sum())
        rows = np.flatnonzero(part & (two.totals < one.totals - 1e-9))
        if not len(rows):
            continue
        some = {k: v[start + rows] for k, v in givens.items()}
        one = mark(bank, some, [before[start + n] for n in rows], diagnosing(bank))
        two = mark(bank, some, [after[start + n] for n in rows], diagnosing(bank))
        for i in np.flatnonzero(two.totals < one.totals - 1e-9):
            lucky = by_chance[start + rows[i]] if by_chance else set()
            luck = sum(
                a.marks - b.marks
                for a, b in zip(one.results(int(i)), two.results(int(i)), strict=True)
                if a.box in lucky
            )
            if two.totals[i] + luck >= one.totals[i] - 1e-9:
                continue
            says, was_right = _fall(bank, one, two, int(i))
            tally.blame(
                f"{kind}; lost where it was right by the wide interval only" if was_right else kind,
                says,
            )


def _fall(bank: Bank, one: Marked, two: Marked, n: int) -> tuple[str, bool]:
    rows = [
        (a, b)
        for a, b in zip(one.results(n), two.results(n), strict=False)
        if a.typed != b.typed or a.marks > b.marks + 1e-9
    ]
    changed = [
        f"{a.box} {a.typed or 'blank'} -> {b.typed or 'blank'}"
        for a, b in rows
        if a.typed != b.typed
    ][:1]
    lost = [
        f"{b.box} {b.typed} {a.verdict} -> {b.verdict} ({name_of(b)})"
        for a, b in rows
        if a.marks > b.marks + 1e-9
    ]
    was_right = all(a.verdict == "correct" for a, b in rows if a.marks > b.marks + 1e-9)
    return (
        f"{bank.written.id}: {changed} {one.totals[n]:.3f} -> {two.totals[n]:.3f}; {lost[:2]}",
        was_right,
    )


def _mend_alone(
    bank: Bank, count: int, generator: np.random.Generator, seed: int, tally: Tally, natural: Tally
) -> None:
    givens = {k: v[:1] for k, v in many_givens(bank, 1, generator).items()}
    game = Game(bank, givens, seed)
    pool = game.random_genes(count, generator)
    sheet = game.written(pool)
    key = chain(bank.graph, givens, bank.rounding, round_each=True)
    right = np.array([key[b.quantity].reshape(-1)[b.entry] for b in bank.boxes])
    others = arrays_of(bank, variants_of(bank, 1 if bank.fixed else 12))
    theirs = chain(bank.graph, others, bank.rounding, round_each=True)
    foreign = np.stack(
        [
            theirs[b.quantity].reshape(len(next(iter(others.values()))), -1)[:, b.entry]
            for b in bank.boxes
        ],
        axis=1,
    )
    kind = generator.integers(0, 4, count)
    borrowed = foreign[generator.integers(0, len(foreign), count)]
    mixed = np.where(generator.random(sheet.shape) < 0.5, right, sheet)
    sheet = np.select(
        [kind[:, None] == 1, kind[:, None] == 2, kind[:, None] == 3],
        [
            borrowed,
            mixed,
            np.where(
                generator.random(sheet.shape) < 0.3,
                np.nan,
                right + (generator.random(sheet.shape) < 0.2) * 0.3,
            ),
        ],
        sheet,
    )
    style = pool.style
    first = game.mark(sheet, style)
    correct = game.computed(sheet)
    open_ = ~correct & ((first.credits < 1 - 1e-9) | np.isnan(sheet)) & np.isfinite(right)
    at = np.array([generator.choice(np.flatnonzero(row)) if row.any() else 0 for row in open_])
    rows = np.arange(count)
    after = sheet.copy()
    after[rows, at] = right[at]
    children = _children(bank)
    follows = (first.credits > 0) & ~correct & ~np.isnan(sheet)
    bound = (children[at] & follows).any(axis=1)
    usable = open_.any(axis=1)
    repeated = {k: np.repeat(v, count, axis=0) for k, v in givens.items()}
    one, two = game.texts(sheet, style), game.texts(after, style)
    _compare(bank, repeated, one, two, "alone", tally, usable & ~bound)
    _compare(
        bank, repeated, one, two, "alone, though others follow from it", natural, usable & bound
    )


def _children(bank: Bank) -> NDArray[np.bool_]:
    """(boxes, boxes): the second box reads the first, by itself or through others."""
    graph = bank.graph
    above = {
        q.name: {n for p in graph.reads(q.name) for n in (p, *graph.ancestors[p])}
        for q in graph.computed
    }
    return np.array([[a.quantity in above[b.quantity] for b in bank.boxes] for a in bank.boxes])


# --- surplus digits


def surplus(value: float, rounding: Rounding, generator: np.random.Generator) -> Wrote:
    """More digits than asked, in one of the ways in which they come about; gone on with as
    written or rounded."""
    way = int(generator.integers(6))
    asked = written(value, rounding)
    if way == 0:
        number = written(
            value,
            rounding,
            int(generator.integers(1, 7)),
            ROUND_HALF_EVEN if generator.random() < 0.3 else ROUND_HALF_UP,
        )
        text, own = text_of(number), float(number)
    elif way == 1:
        text, own = f"{Decimal(repr(value)):f}" if abs(value) > 1e-12 else text_of(asked), value
    elif way == 2:
        text, own = str(np.float32(value)), float(np.float32(value))
    elif way == 3:
        own = float(np.float32(value))
        text = f"{Decimal(repr(own)):f}" if abs(own) > 1e-12 else text_of(asked)
    elif way == 4:
        text, own = (
            text_of(asked)
            + ("" if "." in text_of(asked) else ".")
            + "0" * int(generator.integers(1, 5)),
            float(asked),
        )
    else:
        text, own = text_of(asked), float(asked)
    if len(text) > 38:
        text, own = text_of(asked), float(asked)
    rounded_again = float(written(own, rounding))
    return Wrote(text, [own, rounded_again, float(asked)][int(generator.integers(3))])


def digits(bank: Bank, answers: int, seed: int, tally: Tally) -> None:
    if (
        bank.written.policy.surplus_digits != "free"
        and str(bank.written.policy.surplus_digits) == "rounding"
    ):
        return
    generator = np.random.default_rng(seed)
    count = max(1, answers // len(bank.boxes))
    givens = many_givens(bank, count, generator)
    often = generator.choice([0.1, 0.5, 1.0], count)
    plain = by_rule(bank.rounding)

    def pen(n: int, name: str, entry: int, value: float) -> Wrote:
        return (
            surplus(value, bank.rounding, generator)
            if generator.random() < often[n]
            else plain(n, name, entry, value)
        )

    texts = sheets_of(bank, givens, pen)
    for start, marked in marked_in_batches(bank, givens, texts):
        tally.tried += marked.credits.size
        for n, k in np.argwhere(marked.credits < 1 - 1e-9):
            box = bank.boxes[k]
            row = marked.result(int(n), box, int(k))
            if marked.weights[n, k] > 0:
                tally.blame(
                    f"{row.verdict} {row.explanations[0].name if row.explanations else ''}",
                    f"{bank.written.id}: {shown(row)} exact {row.exact:.10g} sheet {start + n}",
                )


# --- off by one


def unit(bank: Bank, count: int, seed: int, tally: Tally) -> None:
    generator = np.random.default_rng(seed)
    givens = many_givens(bank, count, generator)
    at = generator.integers(0, len(bank.boxes), count)
    side = generator.choice([-1, 1], count)
    honest = by_rule(bank.rounding)

    def pen(n: int, name: str, entry: int, value: float) -> Wrote:
        box = bank.boxes[at[n]]
        if (name, entry) != (box.quantity, box.entry):
            return honest(n, name, entry, value)
        number = written(value, bank.rounding)
        number += int(side[n]) * Decimal(1).scaleb(place_of(bank.rounding, number))
        return Wrote(text_of(number), float(number))

    texts = sheets_of(bank, givens, pen)
    for start, marked in marked_in_batches(bank, givens, texts, diagnosing(bank)):
        for n in range(len(marked.totals)):
            k = int(at[start + n])
            row = marked.result(n, bank.boxes[k], k)
            name = row.explanations[0].name if row.explanations else ""
            tally.tried += 1
            tally.blame(
                f"{row.verdict} {name!r} credit {marked.credits[n, k]:.2f}",
                f"{bank.written.id}: {shown(row)} exact {row.exact:.6g}",
                False,
            )
            others = [
                r.box
                for r in marked.results(n)
                if r.of > 0 and r.marks < r.of - 1e-9 and r.box != row.box
            ]
            if others:
                tally.blame(
                    "another box lost marks",
                    f"{bank.written.id}: {row.box} = {row.typed}: {others}",
                )


# --- standing


def standing(bank: Bank, count: int, seed: int, tally: Tally) -> None:
    """A wrong entry, with what follows from it; a box that does not depend on it is off by some
    units, or not."""
    generator = np.random.default_rng(seed)
    pairs = _independent(bank)
    if not pairs:
        return
    givens = many_givens(bank, count, generator)
    chosen = [pairs[i] for i in generator.integers(0, len(pairs), count)]
    off = generator.choice([0, 0, 1, -1, 2, -2, 3, 5, -7, 20], count)
    honest = by_rule(bank.rounding)

    def pen(struck: bool) -> Pen:
        def of(n: int, name: str, entry: int, value: float) -> Wrote:
            wrong, box = (bank.boxes[k] for k in chosen[n])
            if struck and (name, entry) == (wrong.quantity, wrong.entry):
                return honest(n, name, entry, value + [0.31, -0.17, 1.3][n % 3])
            if (name, entry) == (box.quantity, box.entry):
                number = written(value, bank.rounding)
                return Wrote(
                    text_of(
                        number + int(off[n]) * Decimal(1).scaleb(place_of(bank.rounding, number))
                    ),
                    float(number),
                )
            return honest(n, name, entry, value)

        return of

    before, after = sheets_of(bank, givens, pen(False)), sheets_of(bank, givens, pen(True))
    for (start, one), (_, two) in zip(
        marked_in_batches(bank, givens, before, diagnosing(bank)),
        marked_in_batches(bank, givens, after, diagnosing(bank)),
        strict=True,
    ):
        for n in range(len(one.totals)):
            wrong, k = chosen[start + n]
            a, b = one.result(n, bank.boxes[k], k), two.result(n, bank.boxes[k], k)
            if a.typed != b.typed:  # it depends all the same: from one side of a kink to the other
                continue
            tally.tried += 1
            if (a.verdict, a.marks) != (b.verdict, b.marks) or abs(a.low - b.low) + abs(
                a.high - b.high
            ) > 1e-9:
                how = f"{a.verdict} {shown(a)} -> {b.verdict} {shown(b)}"
                what = "verdict changes" if a.verdict != b.verdict else "interval changes"
                tally.blame(
                    what,
                    f"{bank.written.id}: {bank.boxes[wrong].name} wrong, off {off[start + n]}:"
                    f" {how}",
                )


def _independent(bank: Bank) -> list[tuple[int, int]]:
    """Pairs of boxes (wrong, other) where the other's quantity reads the wrong one's, but not
    that entry."""
    if not any(bank.graph[n].shape for n in bank.asked):
        return []
    generator = np.random.default_rng(
        5
    )  # any numbers, none of them zero: what depends on what is a matter of the formulas
    givens = {q.name: generator.uniform(0.1, 0.9, (1, *q.shape)) for q in bank.graph.givens}
    reach = _children(bank)
    exact = chain(bank.graph, givens, bank.rounding)
    found = []
    for k, box in enumerate(bank.boxes):
        if bank.graph[box.quantity].shape and len(found) < 4000:
            moved = _moved(bank, givens, box.quantity, box.entry)
            for m, other in enumerate(bank.boxes):
                same = (
                    moved[other.quantity].reshape(-1)[other.entry]
                    == exact[other.quantity].reshape(-1)[other.entry]
                )
                if reach[k, m] and same:
                    found.append((k, m))
    return found


def _moved(bank: Bank, givens: Givens, name: str, entry: int) -> dict[str, Array]:
    values = {n: known(v) for n, v in givens.items()}
    for q in bank.graph.computed:
        done = of_quantity(q, values, lambda v: unit_of(bank.rounding, v), 1)
        if q.name == name:
            done.value.reshape(-1)[entry] += 0.1234
        values[q.name] = known(done.value)
    return {n: d.value for n, d in values.items()}


# --- what the key calls accepted


def key(bank: Bank, count: int, seed: int, tally: Tally) -> None:
    # The other boxes hold what the key prints: after another honest chain of rounding a number at
    # the end of the key's interval contradicts what was worked out from the number before.
    variants = variants_of(
        bank, 1 if bank.fixed else min(4, max(1, count // (4 * len(bank.boxes))))
    )
    solved = solve_all(bank, variants)
    givens = arrays_of(bank, list(variants))
    rows, texts, what = [], [], []
    generator = np.random.default_rng(seed)
    for n, solution in enumerate(solved.one_by_one):
        numbers = {box.name: flat(solution.rounded[box.quantity])[box.entry] for box in bank.boxes}
        for box in bank.boxes:
            ends = solution.accepted(box)
            for where, text in _between(ends, generator) if ends else ():
                rows.append(n)
                texts.append({**numbers, box.name: text})
                what.append((box, where, ends))
    everyone = {k: v[rows] for k, v in givens.items()}
    columns = {box.name: k for k, box in enumerate(bank.boxes)}
    for start, marked in marked_in_batches(bank, everyone, texts):
        for n in range(len(marked.totals)):
            tally.tried += 1
            if marked.totals[n] < marked.maxima[n] - 1e-9:
                box, where, ends = what[start + n]
                row = marked.result(n, box, columns[box.name])
                lost = "its own box" if row.marks < row.of - 1e-9 else "another box"
                tally.blame(
                    f"{where}: {lost}",
                    f"{bank.written.id}: {shown(row)} of {ends}: {row.verdict}",
                )


def _between(ends: tuple[str, str], generator: np.random.Generator) -> Iterator[tuple[str, str]]:
    """The ends of what is accepted, and numbers between them: with the digits of the ends, and
    with more."""
    low, high = (Decimal(end) for end in ends)
    place = low.as_tuple().exponent if isinstance(low.as_tuple().exponent, int) else 0
    yield "low end", ends[0]
    yield "high end", ends[1]
    units = int((high - low).scaleb(-int(place)))
    if units > 1:
        yield "between", text_of(low + Decimal(units // 2).scaleb(int(place)))
        yield "between", text_of(low + Decimal(int(generator.integers(units))).scaleb(int(place)))
    if units:
        yield (
            "more digits",
            text_of(low + (high - low) * Decimal(int(generator.integers(1, 100))) / 100),
        )


LAWS: dict[str, Callable[..., None]] = {
    "slip": slip,
    "mend": mend,
    "digits": digits,
    "unit": unit,
    "standing": standing,
    "key": key,
}
SIZES = {
    "slip": 20_000,
    "mend": 20_000,
    "digits": 100_000,
    "unit": 8_000,
    "standing": 8_000,
    "key": 40_000,
}
ALLOWED = {"slip": 0.001, "mend": 0.0, "digits": 0.0, "unit": 1.0, "standing": 0.0, "key": 0.0}


def simulated(
    banks: Sequence[tuple[str, Bank]], laws: Sequence[str], share: float, seed: int
) -> dict[str, Tally]:
    """The laws over some banks, each with its share of the sheets."""
    tallies = {law: Tally(law) for law in laws}
    natural = Tally("(no law)")
    for number, (_, bank) in enumerate(banks):
        for law in laws:
            count = max(20, int(SIZES[law] * share / len(banks)))
            more = (natural,) if law == "mend" else ()
            LAWS[law](bank, count, seed * 1000 + number, tallies[law], *more)
    if "mend" in laws:
        tallies["mend alone, though others follow"] = natural
    return tallies


def holds(tally: Tally) -> bool:
    return tally.broken <= ALLOWED.get(tally.law, 1.0) * tally.tried


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--laws", default=",".join(LAWS))
    parser.add_argument("--bank", action="append", default=[])
    parser.add_argument("--every", type=int, default=1, help="every n-th bank")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of sheets")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    start = time.perf_counter()
    banks = [
        (name, bank)
        for name, bank in banks_of(chosen.bank, chosen.every)
        if bank.task.kind != "find"
    ]
    tallies = simulated(banks, chosen.laws.split(","), chosen.share, chosen.seed)
    for tally in tallies.values():
        tally.report()
    broken = [t.law for t in tallies.values() if not holds(t)]
    print(
        f"{len(banks)} banks, {time.perf_counter() - start:.0f} s; "
        + (f"broken: {', '.join(broken)}" if broken else "all laws hold")
    )
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
