"""Where the circles of a drawing stand so that no arrow crosses another one or a circle: what many
gates read alike goes through one joint, and letters are moved until nothing gets better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np

from rnnquiz.decimals import Array

Spot = tuple[float, float]  # of a letter: its shift within a step, and its row
Instance = tuple[str, int]  # a letter at a step; joints have letters of their own
InstancePair = tuple[Instance, Instance]
Point = tuple[float, float]

_CLEAR, _APART = 0.36, 0.78  # of an arrow from a circle's middle; of two circles
_NARROWEST, _AROUND, _GRAIN = (
    2.0,
    1.6,
    0.4,
)  # of a step: its width, room beside its letters; of shifts
_JOINT = "."  # begins the letter of a joint, and of no quantity
_WORSE, _DOWN, _HIGH = 100.0, 2.0, 1.0  # a crossing against a length of one
_MOST_SWEEPS, _MOST_ORDERS, _ENOUGH = 6, 3, 2  # the last: steps
_WIDER = (0.8, 1.6)  # in turn, until there is room enough


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
    begun = _begun(points, row)
    shifts = [shift for shift, _ in begun.values()]
    width = max(_NARROWEST, max(shifts) - min(shifts) + _AROUND)
    through = tuple(through_joints(arrows))
    joints = {one[0]: (0.0, 0.5) for arrow in through for one in arrow if is_joint(one)}
    for wider in _WIDER:
        pattern = Pattern(through, width + wider, row)
        spots = arranged(pattern.begun(), tuple({**begun, **joints}.items()))
        if cost(pattern.begun(), spots) < _WORSE:
            break
    found = pattern.points(spots)
    placed = map(tuple, (found - found.min(axis=0)).round(3).tolist())
    return dict(zip(pattern.instances, placed, strict=True)), through


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
        if cost(pattern, found) < _WORSE:
            break
    return found


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
    free = [letter for letter in letters if not letter.startswith(_JOINT)]
    most = int((pattern.column - 1) / 2 / _GRAIN)
    shifts = [round(_GRAIN * k, 1) for k in range(-most, most + 1)]
    for letter in free:
        yield from ({letter: (shift, float(row))} for row in rows for shift in shifts)
    for k, one in enumerate(free):
        yield from ({one: spots[other], other: spots[one]} for other in free[k + 1 :])


def through_joints(arrows: Sequence[InstancePair]) -> list[InstancePair]:
    """The arrows through joints: where several circles of a step read the same several others, both
    meet in one point, of each step that which spares most arrows."""
    parents: dict[Instance, set[Instance]] = {}
    for parent, child in arrows:
        parents.setdefault(child, set()).add(parent)
    made = list(arrows)
    for step in sorted({step for _, step in parents}):
        own = {child: read for child, read in parents.items() if child[1] == step}
        shared = {frozenset(a & b) for a, b in combinations(own.values(), 2) if len(a & b) > 1}
        if not shared:
            continue
        read = max(sorted(map(sorted, shared)), key=lambda read: _spared(own, read))
        through = [child for child in own if {*read} <= own[child]]
        joint = (_JOINT + "".join(sorted(letter for letter, _ in through)), step)
        made = [one for one in made if not (one[0] in read and one[1] in through)]
        made += [(parent, joint) for parent in read] + [(joint, child) for child in through]
    return made


def _spared(own: Mapping[Instance, set[Instance]], read: Sequence[Instance]) -> int:
    """How many arrows fewer there are with a joint for what is read together."""
    readers = sum({*read} <= others for others in own.values())
    return len(read) * readers - len(read) - readers


def is_joint(instance: Instance) -> bool:
    return instance[0].startswith(_JOINT)


__all__ = [
    "Instance",
    "Pattern",
    "arranged",
    "crossings",
    "is_joint",
    "through_joints",
    "untangled",
]
