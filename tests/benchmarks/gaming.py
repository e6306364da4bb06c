"""The best sheet without work that a search finds, for every bank.

Run by hand:  python tests/benchmarks/gaming.py [--bank B ...] [--json]

Laws: a sheet that computes nothing (a), or only a tenth of the boxes (b), earns at most 2 % of the
marks beyond what its really computed boxes are worth; so does any other student's sheet of a class
of 200, whole or with boxes left out (e), while who misread one or two of the givens loses the boxes
that read them and no others (m). No law, but told of each bank: what one slip or two at the worst
places leave to compute (s), as the student who slipped is believed.

A sheet is made of one choice for each letter and each box: blank; a number out of the blue (0, 1,
-1, one unit, powers of ten, 0.999, 1e14 ...); a given, an operand, any earlier number, as it is,
shifted, scaled or with a digit changed; the target in place of the prediction, give or take a
little; or what the formula gives over the numbers of the sheet, where that costs nothing
(arithmetic.py says where work begins). The choices are bred: random sheets first, then crossings
and changes of the best, then box by box. Fewer or more digits than asked are among what is tried.

A strategy does not see the marks: it is searched on a few variants at once, and what it earns is
the mean over them, so that numbers found right by trying count for nothing. Of the best strategy
the best sheet is reported.

A box is really computed if its number lies within the range of what honest students of this variant
write (or is such a number in one digit less, or with its last digit off by one), whether by chance,
as a copy or as a zero; in (b) also if it is one of the tenth that was worked out, from whatever
numbers. The excess is what the other boxes earn. The sheets are searched with the marks alone (no
explanations, which is fast), and the best are marked again in full.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import arithmetic
from arithmetic import Array, Done, chain, honest_range, known, of_quantity, rounded, unit_of

from rnnquiz.algebra.expression import Apply, Ref, refs, walk
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import Marked, mark
from rnnquiz.grade.states import Standing
from tests_support import BANKS, bank_of, diagnosis_of, shipped, variants_of

LIMIT = 0.02
HINT = 0.04  # of a box's marks, for one that follows but is not paid
ISLANDS, WIDTH, VARIANTS = 3, 60, 3
Givens = Mapping[str, Array]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BLANK, NUMBER, FREE, GIVEN, OPERAND, EARLIER, TARGET, WORK, RIGHT = range(9)
ACTIONS = ["blank", "number", "free", "given", "operand", "earlier", "target", "work", "right"]
ONE_DIGIT = tuple(
    sign * d * 10.0**-k for k in (1, 2, 3, 4) for d in range(1, 10) for sign in (1, -1)
)
NUMBERS = (
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    -1,
    0.5,
    -0.5,
    0.99,
    0.999,
    0.9999,
    -0.999,
    -0.9999,
    10,
    100,
    1000,
    1e6,
    1e14,
    -1e14,
    0.25,
    1e-5,
    0.3456,
    -0.7123,
    1.2345,
    0.0001,
    0.0001,
    -0.0001,
    0.1,
    0.001,
    0.01,
    *ONE_DIGIT,
)
FACTORS = (1, 1, 1, 1, -1, 10, 0.1, 100, 0.01, 0.5, 2, 1.01)
NUDGES = (
    0,
    0,
    0,
    1,
    -1,
    2,
    3,
    10,
    -10,
    20,
    100,
    1000,
    -1000,
    30,
    70,
    -200,
    300,
    600,
    700,
    2000,
    3000,
    -3000,
    5000,
    7000,
)  # units in the last place
JITTER = (0, 0, 0, 0, 0, 0, 1, -1)  # units by which a number that follows is off, to be no copy
STYLES = ("asked", "short", "longer", "shortest")


PREDICTED = [
    (TARGET, 0, 0),
    (TARGET, 0, 3),
    (TARGET, 0, 7),
    (TARGET, 0, 10),
    (TARGET, 0, 11),
    (NUMBER, NUMBERS.index(1e14), 0),
    (NUMBER, 0, 0),
]
STATES = [NUMBERS.index(v) for v in (0, 0.0001, 0.001, 0.1, 0.5, 0.999, 0.9999, 1, -1)]
REST = [(FREE, 0), (FREE, NUMBERS.index(0.0001)), (NUMBER, 0), (NUMBER, NUMBERS.index(0.0001))]


_KEPT: dict[int, tuple[Bank, Diagnosis]] = {}


def diagnosing(bank: Bank) -> Diagnosis:
    """The diagnosis of a bank, worked out once."""
    if bank.source.endswith(".yaml"):
        return diagnosis_of(bank)  # type: ignore[no-any-return]
    if id(bank) not in _KEPT:
        while len(_KEPT) >= 4:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[id(bank)] = bank, Diagnosis(bank)
    return _KEPT[id(bank)][1]


class Quiet:
    """No explanations: they change no marks but those of numbers that were rounded too early."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def explain(self, *_: object) -> dict[Any, Any]:
        return {}

    def __getattr__(self, name: str) -> Any:
        return getattr(diagnosing(self.bank), name)


@dataclass
class Genes:
    """Choices of N sheets for each box, (N, boxes); `style` of each sheet."""

    action: Ints
    first: Ints
    second: Ints
    third: Ints
    style: Ints

    def __len__(self) -> int:
        return len(self.action)

    def rows(self, index: Ints | Bools) -> Genes:
        return Genes(*(getattr(self, name)[index] for name in PARTS))

    @staticmethod
    def joined(parts: Sequence[Genes]) -> Genes:
        return Genes(*(np.concatenate([getattr(p, name) for p in parts]) for name in PARTS))


PARTS = ("action", "first", "second", "third", "style")


@dataclass
class Game:
    """Some variants of a bank and what can be earned on them without work. A strategy does not
    know the key: what it earns is the mean over the variants, so that numbers that are right on
    one of them by luck count for little.

    `which` below is the variant of each sheet; without it the first.
    """

    bank: Bank
    givens: Givens
    seed: int = 0
    tried: int = 0
    tenth: Bools | None = None  # boxes that are worked out (law b)
    _range: dict[str, tuple[Array, Array]] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[str]:
        return [box.name for box in self.bank.boxes]

    @cached_property
    def of_quantity(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for k, box in enumerate(self.bank.boxes):
            found.setdefault(box.quantity, []).append(k)
        return found

    @cached_property
    def letters(self) -> list[str]:
        """What the boxes share but for their time and entry: h', dL/dyhat, dh/dU."""
        return ["".join(c for c in box.quantity if not c.isdigit()) for box in self.bank.boxes]

    @property
    def variants(self) -> int:
        return len(next(iter(self.givens.values())))

    @cached_property
    def flat_givens(self) -> Array:
        """(variants, givens)"""
        names = [q.name for q in self.bank.graph.givens]
        return np.concatenate([self.givens[n].reshape(self.variants, -1) for n in names], axis=1)

    @cached_property
    def targets(self) -> dict[str, str]:
        """For each quantity that some formula compares with a given: that given."""
        graph, found = self.bank.graph, {}
        for q in graph.computed:
            for form in (q.formula, *q.alternatives):
                for node in walk(form):
                    if isinstance(node, Apply) and node.op == "add" and len(node.args) == 2:
                        pair = [
                            n.args[0] if isinstance(n, Apply) and n.op == "neg" else n
                            for n in node.args
                        ]
                        names = [n.name for n in pair if isinstance(n, Ref)]
                        if len(names) == 2:
                            for mine, other in (names, names[::-1]):
                                if (
                                    graph[mine].formula is not None
                                    and graph[other].formula is None
                                    and graph[mine].shape == graph[other].shape
                                ):
                                    found.setdefault(mine, other)
        return found

    def unit(self, values: Array) -> Array:
        return unit_of(self.bank.rounding, values)

    @cached_property
    def ranges(self) -> tuple[Array, Array]:
        """What honest students may write at least and at most, (variants, boxes) each."""
        low, high = [], []
        for n in range(self.variants):
            found = honest_range(
                self.bank.graph,
                {k: v[n : n + 1] for k, v in self.givens.items()},
                self.bank.rounding,
            )
            low.append([found[b.quantity][0].reshape(-1)[b.entry] for b in self.bank.boxes])
            high.append([found[b.quantity][1].reshape(-1)[b.entry] for b in self.bank.boxes])
        return np.array(low), np.array(high)

    @cached_property
    def key(self) -> Array:
        values = chain(self.bank.graph, self.givens, self.bank.rounding, round_each=True)
        return np.stack(
            [values[b.quantity].reshape(self.variants, -1)[:, b.entry] for b in self.bank.boxes],
            axis=1,
        )

    @np.errstate(all="ignore")
    def written(self, genes: Genes, which: Ints | None = None) -> Array:
        """The numbers in the boxes, (N, boxes); NaN where blank."""
        count, graph = len(genes), self.bank.graph
        which = np.zeros(count, dtype=np.int64) if which is None else which
        sheet = np.full((count, len(self.names)), np.nan)
        values: dict[str, Done] = {n: known(v[which].astype(float)) for n, v in self.givens.items()}
        for q in graph.computed:
            done = of_quantity(q, values, self.unit, count)
            if q.name in self.of_quantity:
                value, work = (
                    done.value.reshape(count, -1).copy(),
                    done.work.reshape(count, -1).copy(),
                )
                operands = [
                    values[n].value.reshape(count, -1) for n in refs(q.formula) if n in values
                ]  # type: ignore[arg-type]
                pool = np.concatenate(operands, axis=1) if operands else np.zeros((count, 1))
                for k in self.of_quantity[q.name]:
                    e = self.bank.boxes[k].entry
                    sheet[:, k] = self._chosen(
                        genes, k, value[:, e], work[:, e], pool, sheet[:, :k], q.name, e, which
                    )
                    value[:, e] = np.where(np.isnan(sheet[:, k]), value[:, e], sheet[:, k])
                    work[:, e] = np.where(np.isnan(sheet[:, k]), work[:, e], 0)
                done = Done(value.reshape(done.value.shape), work.reshape(done.value.shape))
            values[q.name] = done
        return sheet

    def _chosen(
        self,
        genes: Genes,
        k: int,
        value: Array,
        work: Array,
        pool: Array,
        before: Array,
        name: str,
        entry: int,
        which: Ints,
    ) -> Array:
        action, first, second, third = (getattr(genes, part)[:, k] for part in PARTS[:4])
        rows, rounding = np.arange(len(genes)), self.bank.rounding
        number = np.array(NUMBERS)[first % len(NUMBERS)]
        number = number + np.where(
            second % 4 == 0, np.array(NUDGES)[third % len(NUDGES)], 0
        ) * self.unit(number)
        factor, nudge = (
            np.array(FACTORS)[second % len(FACTORS)],
            np.array(NUDGES)[third % len(NUDGES)],
        )
        free = rounded(rounding, value)
        loose = free + np.array(JITTER)[third % len(JITTER)] * self.unit(free)
        target = (
            self.givens[self.targets[name]].reshape(self.variants, -1)[which, entry]
            if name in self.targets
            else np.nan
        )
        earlier = before[rows, first % before.shape[1]] if before.shape[1] else number
        given, operand = (
            self.flat_givens[which, first % self.flat_givens.shape[1]],
            pool[rows, first % pool.shape[1]],
        )
        copied = np.select(
            [action == GIVEN, action == OPERAND, action == EARLIER, action == TARGET],
            [given, operand, earlier, target],
            0.0,
        )
        copied = np.where(np.isnan(copied), number, copied * np.where(action == TARGET, 1, factor))
        copied = copied + nudge * self.unit(copied)
        found = np.select(
            [action == BLANK, action == NUMBER, action == FREE, action == WORK, action == RIGHT],
            [
                np.full(len(genes), np.nan),
                number,
                np.where(work == 0, loose, np.where(second % 2 == 0, number, np.nan)),
                free,
                self.key[which, k],
            ],
            copied,
        )
        found = np.where(np.abs(found) < 1e16, found, np.nan)
        return np.asarray(np.where(np.abs(found) < 1e6, rounded(rounding, found), found))

    def texts(self, sheet: Array, style: Ints) -> list[dict[str, str]]:
        return [
            {
                name: self.text(v, STYLES[s])
                for name, v in zip(self.names, row, strict=True)
                if not np.isnan(v)
            }
            for row, s in zip(sheet, style, strict=True)
        ]

    def text(self, value: float, style: str) -> str:
        if abs(value) >= 1e6:
            return f"{value:.12g}"
        rounding = self.bank.rounding
        places = rounding.digits
        if rounding.kind == "significant":
            size = int(np.floor(np.log10(abs(value)) + 1e-12)) if value else 0
            places = max(0, rounding.digits - 1 - size)
        text = f"{value:.{places + (2 if style == 'longer' else 0)}f}"
        if style == "short" or (style == "shortest" and value == 0):
            text = f"{Decimal(text).normalize():f}"
        return text

    def mark(
        self, sheet: Array, style: Ints, diagnosis: Any = None, which: Ints | None = None
    ) -> Marked:
        count = len(sheet)
        self.tried += count
        which = np.zeros(count, dtype=np.int64) if which is None else which
        return mark(
            self.bank,
            {k: v[which] for k, v in self.givens.items()},
            self.texts(sheet, style),
            diagnosis or Quiet(self.bank),
        )

    def computed(
        self, sheet: Array, genes: Genes | None = None, which: Ints | None = None
    ) -> Bools:
        """(N, boxes): the number is one that an honest student may write, also in a digit less
        than asked or with the last digit off by one, or was worked out."""
        which = np.zeros(len(sheet), dtype=np.int64) if which is None else which
        low, high = (end[which] for end in self.ranges)
        unit = self.unit(sheet)
        tens = 10 * unit
        with np.errstate(invalid="ignore"):
            right = (low - unit <= sheet) & (sheet <= high + unit)
            short = np.abs(sheet / tens - np.rint(sheet / tens)) < 1e-6
            right |= short & (low - tens <= sheet) & (sheet <= high + tens) & (sheet != 0)
        if genes is not None and self.tenth is not None:
            right |= np.isin(genes.action, (WORK, RIGHT)) & self.tenth
        return np.asarray(right)

    def everywhere(self, genes: Genes) -> tuple[Genes, Ints]:
        """Each strategy on each variant, one variant after the other."""
        return Genes.joined([genes] * self.variants), np.repeat(
            np.arange(self.variants), len(genes)
        )

    def promise(self, strategies: Genes) -> Array:
        """What a strategy earns without work, and a little for each box that follows and is held
        back only for what else is on the sheet: a grader with a threshold would else be a
        plateau to search on."""
        genes, which = self.everywhere(strategies)
        sheet = self.written(genes, which)
        marked = self.mark(sheet, genes.style, which=which)
        free = ~self.computed(sheet, genes, which) & ~np.isnan(sheet)
        standing = marked.judged.standing
        columns = [box.of(standing[box.quantity]) for box in self.bank.boxes]
        follows = free & (marked.credits < 1) & (np.stack(columns, axis=1) == Standing.FOLLOWS)
        share = marked.weights / marked.maxima[:, None]
        found = (share * free * marked.credits).sum(axis=1) + HINT * (share * follows).sum(axis=1)
        return np.asarray(found.reshape(self.variants, -1).mean(axis=0))

    def excess(
        self, sheet: Array, genes: Genes, diagnosis: Any = None, which: Ints | None = None
    ) -> tuple[Array, Array, Array]:
        """For each sheet: what boxes earn that were not computed, what those are worth that
        were, and all that is earned; shares of the marks."""
        marked = self.mark(sheet, genes.style, diagnosis, which)
        worth, earned = marked.weights, marked.weights * marked.credits
        right = self.computed(sheet, genes, which)
        most = marked.maxima
        return (
            (earned * ~right).sum(axis=1) / most,
            (worth * right).sum(axis=1) / most,
            marked.totals / most,
        )

    # --- breeding

    def random_genes(self, count: int, generator: np.random.Generator) -> Genes:
        """One choice for each letter of each sheet, and a few boxes that differ."""
        letters = sorted(set(self.letters))
        at = np.array([letters.index(letter) for letter in self.letters])
        parts = [
            self._actions((count, len(letters)), generator),
            *(generator.integers(0, 720, (count, len(letters))) for _ in range(3)),
        ]
        own = (generator.random((count, 1)) < 0.3) & (
            np.arange(3)[:, None, None] < generator.integers(1, 4, (count, 1))
        )
        parts = [
            parts[0][:, at],
            *(
                np.where(o, generator.integers(0, 720, (count, len(at))), p[:, at])
                for o, p in zip(own, parts[1:], strict=True)
            ),
        ]
        genes = Genes(*parts, generator.integers(0, len(STYLES), count))
        return self._changed(genes, generator, np.where(generator.random(count) < 0.5, 0.0, 0.1))

    def designed(self) -> Genes:
        """What people try first: predictions that are the targets, or nearly, or far away;
        states at nothing or at the ends; the rest as it follows, or next to nothing."""
        predicted = np.array([b.quantity in self.targets for b in self.bank.boxes])
        forward = (
            np.array([self.bank.graph[b.quantity].role == "forward" for b in self.bank.boxes])
            & ~predicted
        )
        rows = []
        for (a1, f1, t1), f2, (a3, f3), style in itertools.product(PREDICTED, STATES, REST, (0, 1)):
            action = np.select([predicted, forward], [a1, NUMBER], a3)
            first = np.select([predicted, forward], [f1, f2], f3)
            rows.append((action, first, np.full(len(action), 2), np.where(predicted, t1, 0), style))
        genes = Genes(*(np.array([row[k] for row in rows]) for k in range(5)))
        return self._worked(genes)

    def _actions(self, shape: tuple[int, ...], generator: np.random.Generator) -> Ints:
        odds = np.array([0.08, 0.22, 0.35, 0.06, 0.1, 0.05, 0.14])
        return generator.choice(7, size=shape, p=odds / odds.sum())

    def _changed(self, genes: Genes, generator: np.random.Generator, rate: Array) -> Genes:
        shape = genes.action.shape
        change = generator.random(shape) < np.asarray(rate)[:, None]
        fresh = [
            self._actions(shape, generator),
            *(generator.integers(0, 720, shape) for _ in range(3)),
        ]
        parts = [
            np.where(change, new, getattr(genes, name))
            for name, new in zip(PARTS[:4], fresh, strict=True)
        ]
        style = np.where(
            generator.random(len(genes)) < 0.05,
            generator.integers(0, len(STYLES), len(genes)),
            genes.style,
        )
        return self._worked(Genes(*parts, style))

    def _worked(self, genes: Genes) -> Genes:
        if self.tenth is None:
            return genes
        action = np.where(self.tenth & (genes.action != RIGHT), WORK, genes.action)
        return Genes(action, genes.first, genes.second, genes.third, genes.style)

    def children(self, best: Genes, count: int, generator: np.random.Generator) -> Genes:
        one, two = (
            best.rows(generator.integers(0, len(best), count)),
            best.rows(generator.integers(0, len(best), count)),
        )
        letters = sorted(set(self.letters))
        at = np.array([letters.index(letter) for letter in self.letters])
        cross = (generator.random((count, len(letters))) < 0.3)[:, at]
        whole = self.random_genes(count, generator)
        swap = (generator.random((count, len(letters))) < 1.2 / len(letters))[:, at]
        parts = [
            np.where(swap, getattr(whole, n), np.where(cross, getattr(two, n), getattr(one, n)))
            for n in PARTS[:4]
        ]
        rate = generator.choice([0.0, 1.0, 3.0], count) / len(self.names)
        return self._changed(Genes(*parts, one.style), generator, rate)

    def search(self, sheets: int) -> Genes:
        """The best sheets found, by what they earn: some breeds apart, then together."""
        apart = [
            self.breed(sheets // (ISLANDS + 1), self.random_genes, seed) for seed in range(ISLANDS)
        ]
        pool = Genes.joined([part.rows(np.arange(min(len(part), WIDTH // 2))) for part in apart])
        return self.breed(sheets // (ISLANDS + 1), lambda count, _: pool, ISLANDS)

    def breed(
        self,
        sheets: int,
        first: Callable[[int, np.random.Generator], Genes],
        seed: int,
        batch: int = 500,
    ) -> Genes:
        """Random sheets, then children of the best of them; the most promising first. `sheets`
        on all variants together."""
        generator = np.random.default_rng([self.seed, seed])
        sheets //= self.variants
        pool = first(sheets // 3 + 1, generator)
        if seed < ISLANDS:
            pool = Genes.joined([self.designed(), pool])
        scores = np.concatenate([self.promise(part) for part in _batches(pool, batch)])
        done = len(pool)
        while True:
            order = np.argsort(-scores, kind="stable")
            _, fresh = np.unique(
                np.round(scores[order], 6), return_index=True
            )  # one of each score, so that the pool stays mixed
            keep = order[np.sort(fresh)][:WIDTH]
            pool, scores = pool.rows(keep), scores[keep]
            if done >= sheets:
                return pool
            young = self.children(pool, min(batch, sheets - done), generator)
            pool = Genes.joined([pool, young])
            scores = np.concatenate([scores, self.promise(young)])
            done += len(young)

    def box_by_box(
        self, genes: Genes, rounds: int, generator: np.random.Generator, tries: int
    ) -> Genes:
        """The first of the sheets, each box in turn with other choices, as long as that earns
        more."""
        best = genes.rows(np.array([0]))
        score = float(self.promise(best)[0])
        for _ in range(rounds):
            count = tries * len(self.names)
            many = best.rows(np.zeros(count, dtype=np.int64))
            fresh = self._changed(many, generator, np.ones(count))
            only = np.repeat(np.eye(len(self.names), dtype=bool), tries, axis=0)
            parts = [np.where(only, getattr(fresh, n), getattr(many, n)) for n in PARTS[:4]]
            young = self._worked(Genes(*parts, many.style))
            scores = self.promise(young)
            at = int(scores.argmax())
            if scores[at] <= score + 1e-9:
                break
            best, score = young.rows(np.array([at])), float(scores[at])
        return best


def _batches(genes: Genes, size: int) -> Iterator[Genes]:
    for start in range(0, len(genes), size):
        yield genes.rows(np.arange(start, min(start + size, len(genes))))


@dataclass(frozen=True)
class Found:
    """The best sheet of one search; shares of the marks. `mean`: the excess of its strategy over
    several variants."""

    law: str
    excess: float
    right: float
    earned: float
    tried: int
    sheet: tuple[str, ...] = ()
    mean: float = 0.0

    def row(self) -> str:
        mean = f", its strategy {self.mean:.1%} on average" if self.mean else ""
        earned = f"earned {self.earned:6.1%}{mean}, {self.tried} sheets"
        return f"{self.law} {self.excess:7.1%} beyond {self.right:6.1%} ({earned})"


def play(game: Game, sheets: int, law: str, show: bool = False) -> Found:
    """Search, go over the best box by box, and mark the best few in full, on every variant: of
    each strategy the worst for us."""
    generator = np.random.default_rng(game.seed + 1)
    best = game.search(sheets)
    last = game.box_by_box(best, max(2, sheets // 4000), generator, 10 if sheets > 5000 else 3)
    best = Genes.joined([last, best.rows(np.arange(min(9, len(best))))])
    genes, which = game.everywhere(best)
    sheet = game.written(genes, which)
    excess, right, earned = game.excess(sheet, genes, diagnosing(game.bank), which)
    strategy = int(excess.reshape(game.variants, -1).mean(axis=0).argmax())
    at = strategy + len(best) * int(excess.reshape(game.variants, -1)[:, strategy].argmax())
    lines = box_lines(game, sheet, genes, which, at) if show else ()
    mean = float(excess.reshape(game.variants, -1)[:, strategy].mean())
    return Found(
        law, float(excess[at]), float(right[at]), float(earned[at]), game.tried, tuple(lines), mean
    )


def box_lines(game: Game, sheet: Array, genes: Genes, which: Ints, at: int) -> Iterator[str]:
    one, here = genes.rows(np.array([at])), which[at : at + 1]
    marked = game.mark(sheet[at : at + 1], one.style, diagnosing(game.bank), here)
    right = game.computed(sheet[at : at + 1], one, here)[0]
    rows = {row.box: row for row in marked.results(0)}
    for k, name in enumerate(game.names):
        row = rows[name]
        says = row.explanations[0].name if row.explanations else ""
        yield (
            f"  {name:14} {row.typed or '-':>14} ({ACTIONS[one.action[0, k]]:7}) "
            f"key {row.exact:10.4g}  {row.verdict:14} "
            f"{row.marks:5.2f} of {row.of:5.2f} {'computed' if right[k] else ''} {says}"
        )


def tenths(game: Game) -> Iterator[Bools]:
    """A tenth of the boxes: the first ones; those of the fewest operations, in the order of
    computation; some others."""
    boxes = len(game.names)
    count = -(-boxes // 10)
    yield np.arange(boxes) < count
    size = np.array(
        [
            sum(isinstance(n, Apply) for n in walk(game.bank.graph[b.quantity].formula))
            for b in game.bank.boxes
        ]
    )  # type: ignore[arg-type]
    cheap = np.zeros(boxes, dtype=bool)
    cheap[np.argsort(size, kind="stable")[:count]] = True
    yield cheap
    other = np.zeros(boxes, dtype=bool)
    other[np.random.default_rng(game.seed).permutation(boxes)[:count]] = True
    yield other


# --- slips where they take most work away


def worst_slips(bank: Bank, givens: Givens, most: int = 1) -> tuple[float, float, str]:
    """The steps, `most` at once, that leave least to compute if zero, or the target, is written
    there and all else follows: what the boxes earn that take no work then, what share of the boxes
    does take some, and the steps. Nobody can tell such a sheet from that of a student who slipped
    there."""
    none = 0.0, 1.0, "none"
    return max(left_after_slips(bank, givens, most), default=none)


def left_after_slips(bank: Bank, givens: Givens, most: int) -> Iterator[tuple[float, float, str]]:
    """The same of each choice of steps."""
    game = Game(bank, givens)
    for slips in _together(game, most):
        yield from _left_after(game, slips)


def _together(game: Game, most: int) -> Iterator[list[dict[str, Array]]]:
    """All slips of so many steps, some thousand sheets at once."""
    steps = itertools.combinations(game.bank.asked, most)
    chosen = (
        dict(zip(names, values, strict=True))
        for names in steps
        for values in itertools.product(*(_slips_at(game, name) for name in names))
    )
    while some := list(itertools.islice(chosen, max(1, 2000 // game.variants))):
        yield some


def _slips_at(game: Game, name: str) -> list[Array]:
    """Numbers that take none: zero, nearly zero, one, and the target, or nearly, where there is
    one."""
    numbers = [np.full((), number) for number in (0.0, 0.0001, 1.0)]
    if name in game.targets:
        target = game.givens[game.targets[name]]
        numbers += [target, target + 3 * game.unit(target)]
    return numbers


def _left_after(
    game: Game, slips: Sequence[dict[str, Array]]
) -> Iterator[tuple[float, float, str]]:
    """What is paid for no work, and the share of the boxes that take some, after each of some
    slips: the mean over the variants on which all boxes can be filled."""
    sheets = [_gone_on(game, slip) for slip in slips]
    sheet, work = (np.concatenate(parts) for parts in zip(*sheets, strict=True))
    which = np.tile(np.arange(game.variants), len(slips))
    marked = game.mark(sheet, np.zeros(len(sheet), dtype=np.int64), which=which)
    computed = game.computed(sheet, None, which) | (work > 0)
    earned = (marked.weights * marked.credits * ~computed).sum(axis=1) / marked.maxima
    counts = marked.weights > 0
    share = (computed & counts).sum(axis=1) / counts.sum(axis=1)
    whole = np.isfinite(sheet).all(axis=1)
    for number, slip in enumerate(slips):
        rows = np.flatnonzero(whole & (np.arange(len(sheet)) // game.variants == number))
        if len(rows):
            yield float(earned[rows].mean()), float(share[rows].mean()), ", ".join(slip)


def _gone_on(game: Game, slips: Mapping[str, Array]) -> tuple[Array, Array]:
    """The sheets with some steps overwritten and all else computed from there, and which of their
    boxes took work, (variants, boxes) each."""
    count, graph = game.variants, game.bank.graph
    sheet, work = (np.zeros((count, len(game.names))) for _ in range(2))
    values = {n: known(v.astype(float)) for n, v in game.givens.items()}
    for q in graph.computed:
        done = of_quantity(q, values, game.unit, count)
        value, by_work = (part.reshape(count, -1) for part in (done.value, done.work))
        if q.name in slips:
            over = np.broadcast_to(slips[q.name], done.value.shape).reshape(count, -1)
            value, by_work = over, np.zeros_like(by_work)
        if q.name in game.of_quantity:
            value = rounded(game.bank.rounding, value)
            for k in game.of_quantity[q.name]:
                entry = game.bank.boxes[k].entry
                sheet[:, k], work[:, k] = value[:, entry], by_work[:, entry]
            by_work = np.zeros_like(by_work)
        shape = done.value.shape
        values[q.name] = Done(value.reshape(shape), by_work.reshape(shape))
    return sheet, work


# --- law (e): another student's sheet, and who misread a given


def class_keys(bank: Bank, count: int) -> tuple[Givens, Array]:
    """The givens of a class and what each of them writes who is right, (N, boxes)."""
    givens = arrays_of(bank, variants_of(bank, count))
    values = chain(bank.graph, givens, bank.rounding, round_each=True)
    return givens, np.stack(
        [values[b.quantity].reshape(count, -1)[:, b.entry] for b in bank.boxes], axis=1
    )


def reads_given(bank: Bank) -> Bools:
    """(boxes,): the formula of the box reads a given, or a mere copy of one that is not asked."""
    graph, asked = bank.graph, set(bank.asked)
    direct = {q.name: q.formula is None for q in graph}
    for q in graph.computed:
        direct[q.name] = any(
            graph[n].formula is None or (direct[n] and n not in asked) for n in refs(q.formula)
        )  # type: ignore[arg-type]
    return np.array([direct[b.quantity] for b in bank.boxes])


def alike(givens: Givens, most: int = 5) -> list[int]:
    """The students whose numbers are most like those of somebody else."""
    flat = np.concatenate([v.reshape(len(v), -1) for v in givens.values()], axis=1)
    varied = flat[:, np.ptp(flat, axis=0) > 0]
    same = np.array([(varied == row).sum(axis=1) for row in varied])
    np.fill_diagonal(same, -1)
    return [int(i) for i in np.argsort(-same.max(axis=1), kind="stable")[:most]]


def copied(
    bank: Bank, givens: Givens, keys: Array, victim: int, show: bool = False, greedy: int = 40
) -> Found:
    """The best of the other sheets on the variant of one student: whole, without the boxes that
    read givens, with only those that agree, and with boxes left out one after the other as long
    as that earns more."""
    game = Game(bank, {k: v[victim : victim + 1] for k, v in givens.items()})
    others = np.delete(np.arange(len(keys)), victim)

    def scores(sheet: Array) -> tuple[Array, Marked]:
        marked = game.mark(sheet, np.zeros(len(sheet), dtype=np.int64))
        return (marked.weights * marked.credits * ~game.computed(sheet)).sum(
            axis=1
        ) / marked.maxima, marked

    reads = reads_given(bank)
    whole = keys[others]
    _one, marked = scores(whole)
    few = reads & (
        np.cumsum(reads) > 3
    )  # the others have to be three at most for nobody to look at them
    ways = [
        whole,
        np.where(reads, np.nan, whole),
        np.where(few, np.nan, whole),
        np.where(marked.credits > 0, whole, np.nan),
    ]
    for skip in (0.3, 0.6):
        ways.append(
            np.where(np.random.default_rng(victim).random(whole.shape) < skip, np.nan, whole)
        )
    sheet = np.concatenate(ways)
    score, _ = scores(sheet)
    order = np.argsort(-score)
    best, top = sheet[order[0]], float(score[order[0]])
    for start in order[:3]:
        now, value = sheet[start], float(score[start])
        for _ in range(greedy):
            filled = np.flatnonzero(~np.isnan(now))
            less = np.repeat(now[None], len(filled), axis=0)
            less[np.arange(len(filled)), filled] = np.nan
            if len(filled) < 2:
                break
            tried, _ = scores(less)
            if tried.max() <= value + 1e-9:
                break
            now, value = less[int(tried.argmax())], float(tried.max())
        if value > top:
            best, top = now, value
    genes = Genes(
        *(np.zeros((1, len(game.names)), dtype=np.int64) for _ in range(4)),
        np.zeros(1, dtype=np.int64),
    )
    excess, right, earned = game.excess(best[None], genes, diagnosing(bank))
    lines = box_lines(game, best[None], genes, np.zeros(1, dtype=np.int64), 0) if show else ()
    of_sheet = float(excess[0]), float(right[0]), float(earned[0])
    return Found("e", *of_sheet, game.tried, tuple(lines))


def misread(
    bank: Bank, givens: Givens, many: int, generator: np.random.Generator
) -> list[tuple[float, float, str]]:
    """Students who read one or two of the givens wrongly and work honestly with those: share of
    the marks lost in boxes that read such a given, and in all others."""
    graph, count = bank.graph, len(next(iter(givens.values())))
    rows = generator.integers(0, count, many)
    own = {k: v[rows].copy() for k, v in givens.items()}
    entries = [(q.name, e) for q in graph.givens for e in range(int(np.prod(q.shape)))]
    used = {n for q in graph.computed for n in refs(q.formula)}  # type: ignore[arg-type]
    free = [
        (n, e)
        for n, e in entries
        if n in used
        and len(set(givens[n].reshape(count, -1)[:, e])) > 1
        and set(np.unique(givens[n])) - {0, 1}
    ]
    if not free:
        free = [(n, e) for n, e in entries if n in used]
    wrong: list[set[str]] = []
    for n in range(many):
        chosen = [
            free[i] for i in generator.choice(len(free), min(len(free), 1 + n % 2), replace=False)
        ]
        wrong.append({name for name, _ in chosen})
        for name, e in chosen:
            flat = own[name].reshape(many, -1)
            other = _misreading(float(flat[n, e]), generator)
            flat[n, e] = other
    values = chain(graph, own, bank.rounding, round_each=True)
    sheet = np.stack([values[b.quantity].reshape(many, -1)[:, b.entry] for b in bank.boxes], axis=1)
    game = Game(bank, {k: v[rows[:1]] for k, v in givens.items()})
    defined = np.isfinite(sheet).all(axis=1)
    texts = game.texts(sheet, np.zeros(many, dtype=np.int64))
    marked = mark(bank, {k: v[rows] for k, v in givens.items()}, texts, diagnosing(bank))
    touched = _touched(bank)
    found = []
    for n in np.flatnonzero(defined):
        reads = np.array([bool(touched[b.quantity] & wrong[n]) for b in bank.boxes])
        lost = marked.weights[n] * (1 - marked.credits[n])
        boxes = ", ".join(
            b.name for b, r, m in zip(bank.boxes, reads, lost, strict=True) if m > 1e-9 and not r
        )
        found.append(
            (
                float((lost * reads).sum() / marked.maxima[n]),
                float((lost * ~reads).sum() / marked.maxima[n]),
                f"{sorted(wrong[n])}: {boxes}",
            )
        )
    return found


def _touched(bank: Bank) -> dict[str, set[str]]:
    """The givens that each quantity reads, by itself or through quantities that are not asked."""
    graph, asked, found = bank.graph, set(bank.asked), {}
    for q in graph:
        if q.formula is None:
            found[q.name] = {q.name}
        else:
            parents = graph.reads(q.name)
            found[q.name] = {
                g for p in parents if graph[p].formula is None or p not in asked for g in found[p]
            }
    return found


def _misreading(value: float, generator: np.random.Generator) -> float:
    """Another number that looks like it: a sign, a digit, a decimal point, a neighbour."""
    digits = 10.0 ** -max(0, -int(np.floor(np.log10(abs(value)))) if value else 1)
    ways = [
        -value,
        round(value + digits * int(generator.integers(1, 5)), 4),
        round(value / 10, 5),
        round(value - digits * 2, 4),
        round(value + 0.1, 4),
    ]
    ways = [w for w in ways if w != value and w != 0]
    return float(ways[int(generator.integers(len(ways)))])


# --- all banks


def registered() -> dict[str, Callable[[], Bank]]:
    """A bank for each cell, loss, output, activation, reduction and optimiser that is
    registered."""
    from test_registered import CASES

    return {name: lambda name=name: bank_of(**CASES[name]) for name in CASES}


def banks_of(chosen: Sequence[str], every: int = 1) -> Iterator[tuple[str, Bank]]:
    rows: dict[str, Callable[[], Bank]] = {name: lambda name=name: shipped(name) for name in BANKS}
    rows |= registered()
    for number, (name, make) in enumerate(rows.items()):
        if (name in chosen) if chosen else number % every == 0:
            yield name, make()


def gamed(
    bank: Bank, sheets: int, laws: str, students: int, seed: int = 0, show: bool = False
) -> list[Found]:
    """What the laws say of one bank."""
    givens = arrays_of(bank, variants_of(bank, 1 if bank.fixed else VARIANTS))
    found: list[Found] = []
    if "a" in laws:
        found.append(play(Game(bank, givens, seed), sheets, "a", show))
    if "b" in laws:
        games = [
            Game(bank, givens, seed, tenth=tenth) for tenth in tenths(Game(bank, givens, seed))
        ]
        found.append(
            max((play(game, sheets // 3, "b", show) for game in games), key=lambda f: f.excess)
        )
    if "s" in laws:
        many = arrays_of(bank, variants_of(bank, 1 if bank.fixed else 6))
        for most in (1, 2):
            earned, computed, steps = worst_slips(bank, many, most)
            law = f"s{most}"
            found.append(Found(law, earned, computed, earned + computed, 0, (f"  {steps}",)))
    if "e" in laws and not bank.fixed:
        everyone, keys = class_keys(bank, students)
        found.append(
            max(
                (copied(bank, everyone, keys, victim, show) for victim in alike(everyone)),
                key=lambda f: f.excess,
            )
        )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--bank",
        action="append",
        default=[],
        help="only these (a shipped bank, or a case of test_registered)",
    )
    parser.add_argument("--every", type=int, default=1, help="every n-th bank")
    parser.add_argument(
        "--sheets", type=int, default=20_000, help="sheets searched for each bank and law"
    )
    parser.add_argument(
        "--students", type=int, default=200, help="of the class whose sheets are copied"
    )
    parser.add_argument(
        "--misread", type=int, default=200, help="students of each bank who misread a given"
    )
    parser.add_argument(
        "--laws",
        default="abe",
        help="which of a, b, e, m (misread givens), s (the slips that leave least to compute)",
    )
    parser.add_argument(
        "--mental",
        type=int,
        choices=(0, 1, 2),
        default=0,
        help=(
            "what is free besides copies and shifts: 1 the multiplication table, 2 any product "
            "and sum with a number of one digit"
        ),
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print the worst sheet, box by box")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    arithmetic.MENTAL[0] = chosen.mental
    table: dict[str, Any] = {}
    broken = 0
    for name, bank in banks_of(chosen.bank, chosen.every):
        start = time.perf_counter()
        if bank.task.kind == "find":
            continue  # a choice of a line, and a number
        found = gamed(bank, chosen.sheets, chosen.laws, chosen.students, chosen.seed, chosen.show)
        row: dict[str, Any] = {
            f.law: {"excess": f.excess, "right": f.right, "earned": f.earned, "sheets": f.tried}
            for f in found
        }
        said = [f.row() for f in found]
        if "m" in chosen.laws or "e" in chosen.laws:
            givens = arrays_of(bank, variants_of(bank, min(20, chosen.students)))
            lost = misread(bank, givens, chosen.misread, np.random.default_rng(chosen.seed))
            worst = max(lost, key=lambda x: x[1])
            share = float(np.mean([x[1] > 1e-9 for x in lost]))
            row["misread"] = {
                "students": len(lost),
                "lose elsewhere": share,
                "worst": worst[1],
                "boxes": worst[2],
                "mean": float(np.mean([x[0] for x in lost])),
            }
            said.append(
                f"misread: {share:.1%} lose elsewhere, at worst {worst[1]:.1%} {worst[2][:90]}"
            )
            broken += worst[1] > 1e-9
        broken += sum(f.excess > LIMIT for f in found if not f.law.startswith("s"))
        table[name] = row
        if not chosen.json:
            print(
                f"{name:28} {len(bank.boxes):3} boxes  "
                + "\n".ljust(40).join(said)
                + f"   {time.perf_counter() - start:.0f} s",
                flush=True,
            )
            for f in found:
                if f.sheet:
                    print(f"  law {f.law}", *f.sheet, sep="\n")
    if chosen.json:
        print(json.dumps(table, indent=1))
    else:
        print(
            f"{broken} laws broken over {len(table)} banks"
            if broken
            else f"all laws hold over {len(table)} banks"
        )
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
