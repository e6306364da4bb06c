"""Where the circles of a drawing stand so that no arrow crosses another one or a circle: what many
gates read alike goes through one joint, and letters are moved until nothing gets better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from random import Random

import numpy as np

from rnnquiz.decimals import Array
from rnnquiz.documents.joints import Instance, InstancePair, is_joint, through_joints

Spot = tuple[float, float]  # of a letter: its shift within a step, and its row
Point = tuple[float, float]

_CLEAR, _APART = 0.36, 0.78  # of an arrow from a circle's middle; of two circles
_NARROWEST, _AROUND, _GRAIN = (
    2.0,
    1.6,
    0.4,
)  # of a step: its width, room beside its letters; of shifts
_WORSE, _DOWN, _HIGH = 100.0, 2.0, 1.0  # a crossing against a length of one
_MOST_SWEEPS, _MOST_ORDERS, _ENOUGH = 6, 3, 2  # the last: steps
_WIDER = (0.8, 1.6)  # in turn, until there is room enough
_HOT, _COLD, _COOLING = 60.0, 0.3, 0.9985  # in the unit of cost; the last: from move to move
_MOST_STARTS, _ROWS = 6, 5


@dataclass(frozen=True)
class Pattern:
    """What is drawn: arrows between letters at steps. `column`, `row`: the distances of steps and
    of rows."""

    arrows: tuple[InstancePair, ...]
    column: float
    row: float

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        return tuple(dict.fromkeys(end for arrow in self.arrows for end in arrow))

    @cached_property
    def ends(self) -> Array:
        """The places among the instances of both ends of each arrow, (arrows, 2)."""
        places = {instance: k for k, instance in enumerate(self.instances)}
        return np.array([[places[a], places[b]] for a, b in self.arrows])

    def begun(self) -> Pattern:
        """Its first steps: those after them look the same."""
        arrows = tuple(one for one in self.arrows if max(one[0][1], one[1][1]) <= _ENOUGH)
        return replace(self, arrows=arrows or self.arrows)

    def points(self, spots: Mapping[str, Spot]) -> Array:
        """Where the instances stand, (instances, 2)."""
        return np.array(
            [
                [time * self.column + spots[letter][0], spots[letter][1] * self.row]
                for letter, time in self.instances
            ]
        )


def cost(pattern: Pattern, spots: Mapping[str, Spot], limit: float = math.inf) -> float:
    """How bad an arrangement is: crossings above all, then the length of arrows. What is dear to
    work out is left out where the rest comes to more than the limit."""
    points = pattern.points(spots)
    lines = points[pattern.ends]
    lengths = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    found = float(lengths.sum()) + _DOWN * _downwards(pattern, spots) + _WORSE * _heaped(points)
    found += _HIGH * float(np.ptp(points[:, 1]))
    if found < limit:
        found += _WORSE * _touched(pattern, points, lines)
    if found < limit:
        found += _WORSE * len(crossings(pattern, lines))
    return found


def is_clear(pattern: Pattern, spots: Mapping[str, Spot]) -> bool:
    """No arrow crosses another one or a circle, and all circles stand apart."""
    points = pattern.points(spots)
    lines = points[pattern.ends]
    touched = _heaped(points) or _touched(pattern, points, lines)
    return not touched and not len(crossings(pattern, lines))


def crossings(pattern: Pattern, lines: Array) -> Array:
    """Pairs of arrows that cross, of those that do not begin or end at the same circle."""
    first, second = np.triu_indices(len(lines), 1)
    ends = pattern.ends
    shared = (ends[first][:, :, None] == ends[second][:, None, :]).any(axis=(1, 2))
    first, second = first[~shared], second[~shared]
    a, b, c, d = lines[first, 0], lines[first, 1], lines[second, 0], lines[second, 1]
    apart = _side(a, b, c) * _side(a, b, d) < 0
    crossed = apart & (_side(c, d, a) * _side(c, d, b) < 0)
    return np.stack([first[crossed], second[crossed]], axis=1)


def _side(a: Array, b: Array, c: Array) -> Array:
    """On which side of the line from a to b a point lies."""
    (x, y), (u, v) = (b - a).T, (c - a).T
    return np.asarray(np.round(x * v - y * u, 6))


def _touched(pattern: Pattern, points: Array, lines: Array) -> int:
    """Circles that an arrow between two others passes too near."""
    start, way = lines[:, 0, None], (lines[:, 1] - lines[:, 0])[:, None]
    along = ((points[None] - start) * way).sum(axis=2) / np.maximum((way**2).sum(axis=2), 1e-9)
    nearest = start + np.clip(along, 0, 1)[:, :, None] * way
    near = np.hypot(*(points[None] - nearest).transpose(2, 0, 1)) < _CLEAR
    near[np.arange(len(lines))[:, None], pattern.ends] = False
    return int(near.sum())


def _heaped(points: Array) -> int:
    """Pairs of circles that stand too near one another."""
    gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return int((gaps[np.triu_indices(len(points), 1)] < _APART).sum())


def _downwards(pattern: Pattern, spots: Mapping[str, Spot]) -> int:
    """Arrows within a step that do not go upwards."""
    return sum(
        here == there and spots[child][1] <= spots[parent][1]
        for (parent, here), (child, there) in pattern.arrows
    )


def untangled(
    arrows: Sequence[InstancePair], points: Mapping[Instance, Point], row: float
) -> tuple[dict[Instance, Point], tuple[InstancePair, ...]] | None:
    """Where all stand instead, and the arrows, some of them through joints; None where no arrows
    cross as they stand."""
    tried = Pattern(tuple(arrows), 0.0, row)
    places = np.array([points[one] for one in tried.instances])
    lines = places[tried.ends]
    if not len(crossings(tried, lines)) and not _touched(tried, places, lines):
        return None
    through, pattern, spots = _sought(tuple(arrows), _begun(points, row), row)
    found = pattern.points(spots)
    placed = map(tuple, (found - found.min(axis=0)).round(3).tolist())
    return dict(zip(pattern.instances, placed, strict=True)), through


def _sought(
    arrows: tuple[InstancePair, ...], begun: Mapping[str, Spot], row: float
) -> tuple[tuple[InstancePair, ...], Pattern, dict[str, Spot]]:
    """The arrows through joints, their pattern, and the spots. Where no moves untangle them, what
    is read together with a joint gets a joint of its own, and all begin from spots by chance."""
    shifts = [shift for shift, _ in begun.values()]
    width = max(_NARROWEST, max(shifts) - min(shifts) + _AROUND)
    through = tuple(through_joints(arrows))
    for wider in _WIDER:
        pattern = Pattern(through, width + wider, row)
        spots = arranged(pattern.begun(), tuple({**begun, **_middles(through)}.items()))
        if is_clear(pattern.begun(), spots):
            return through, pattern, spots
    twice = tuple(through_joints(through))
    again = replace(pattern, arrows=twice)
    shaken = cooled(again.begun(), tuple({**begun, **_middles(twice)}))
    if cost(again.begun(), shaken) < cost(pattern.begun(), spots):
        return twice, again, shaken
    return through, pattern, spots


def _middles(arrows: Iterable[InstancePair]) -> dict[str, Spot]:
    """Where joints begin: in the middle of a step, between the two lowest rows."""
    return {one[0]: (0.0, 0.5) for arrow in arrows for one in arrow if is_joint(one)}


def _begun(points: Mapping[Instance, Point], row: float) -> dict[str, Spot]:
    """The spots of the letters as they stand, from the middle of their step."""
    steps: dict[int, list[float]] = {}
    for (_, step), (x, _) in points.items():
        steps.setdefault(step, []).append(x)
    middles = {step: (min(xs) + max(xs)) / 2 for step, xs in steps.items()}
    return {
        letter: (round(x - middles[step], 2), y / row) for (letter, step), (x, y) in points.items()
    }


@lru_cache(maxsize=64)
def arranged(pattern: Pattern, begun: tuple[tuple[str, Spot], ...]) -> dict[str, Spot]:
    """The spots of the letters, from where they begin; the same for each class of a bank. Letters
    are moved one after the other, in several orders where one does not end well."""
    letters = [letter for letter, _ in begun]
    found = dict(begun)
    for turn in range(_MOST_ORDERS):
        order = letters[turn:] + letters[:turn]
        tried = _descended(pattern, dict(begun), order)
        if cost(pattern, tried) < cost(pattern, found):
            found = tried
        if is_clear(pattern, found):
            break
    return found


@lru_cache(maxsize=64)
def cooled(pattern: Pattern, letters: tuple[str, ...]) -> dict[str, Spot]:
    """The spots of the letters, and of joints, from any spots by moves at random, of which those
    that make it worse are taken more seldom as it cools; the best of a few beginnings. The numbers
    at random are the same each time."""
    best: dict[str, Spot] = {}
    for turn in range(_MOST_STARTS):
        found = _cooled_once(pattern, letters, Random(turn))
        if not best or cost(pattern, found) < cost(pattern, best):
            best = found
        if is_clear(pattern, best):
            break
    return best


def _cooled_once(pattern: Pattern, letters: tuple[str, ...], dice: Random) -> dict[str, Spot]:
    most = _most_shifts(pattern)

    def anywhere(letter: str) -> Spot:
        shift = round(_GRAIN * (int(dice.random() * (2 * most + 1)) - most), 1)
        row = int(dice.random() * _ROWS)
        return shift, row + 0.5 * is_joint((letter, 0))

    spots = {letter: anywhere(letter) for letter in letters}
    found, heat = cost(pattern, spots), _HOT
    while heat > _COLD:
        heat *= _COOLING
        one = letters[int(dice.random() * len(letters))]
        tried = {**spots, one: anywhere(one)}
        limit = found - heat * math.log(1 - dice.random())
        if (worth := cost(pattern, tried, limit)) < limit:
            spots, found = tried, worth
    return spots


def _most_shifts(pattern: Pattern) -> int:
    return int((pattern.column - 1) / 2 / _GRAIN)


def _descended(pattern: Pattern, spots: dict[str, Spot], letters: Sequence[str]) -> dict[str, Spot]:
    """Moved as long as a move makes it better."""
    best = cost(pattern, spots)
    rows = range(round(max(row for _, row in spots.values())) + 2)
    for _ in range(_MOST_SWEEPS):
        before = best
        for changed in _moves(pattern, spots, letters, rows):
            tried = {**spots, **changed}
            if (found := cost(pattern, tried, best)) < best - 1e-9:
                best, spots = found, tried
        if best == before:
            break
    return spots


def _moves(
    pattern: Pattern, spots: Mapping[str, Spot], letters: Sequence[str], rows: Iterable[int]
) -> Iterator[dict[str, Spot]]:
    """Each letter on each spot, and each two letters exchanged."""
    free = [letter for letter in letters if not is_joint((letter, 0))]
    most = _most_shifts(pattern)
    shifts = [round(_GRAIN * k, 1) for k in range(-most, most + 1)]
    for letter in free:
        yield from ({letter: (shift, float(row))} for row in rows for shift in shifts)
    for k, one in enumerate(free):
        yield from ({one: spots[other], other: spots[one]} for other in free[k + 1 :])


__all__ = [
    "Pattern",
    "arranged",
    "crossings",
    "untangled",
]
