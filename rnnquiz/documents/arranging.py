"""Where the circles of a drawing stand so that no arrow crosses another one or a circle: what many
gates read alike goes through one joint, and letters are moved until nothing gets better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, combinations, product
from random import Random

import numpy as np

from rnnquiz.documents.joints import Instance, InstancePair, is_joint, through_joints
from rnnquiz.documents.tangles import Pattern, Spot, cost, crossings, is_clear, touched

Point = tuple[float, float]

_NARROWEST, _AROUND = 2.0, 1.6  # of a step: its width, room beside its letters
_GRAIN = 0.4  # what shifts within a step are multiples of
_MOST_SWEEPS, _MOST_ORDERS = 6, 3
_WIDER = (0.8, 1.6)  # in turn, until there is room enough
# In the unit of cost; the last: from move to move. That makes some 3500 moves. Of those that make a
# crossing, which costs 100, one in five is taken at first, and none in the end.
_HOT, _COLD, _COOLING = 60.0, 0.3, 0.9985
_MOST_STARTS, _ROWS = 3, 5


def untangled(
    arrows: Sequence[InstancePair], points: Mapping[Instance, Point], row: float
) -> tuple[dict[Instance, Point], tuple[InstancePair, ...]] | None:
    """Where all stand instead, and the arrows, some of them through joints; None where no arrows
    cross as they stand."""
    if not arrows:
        return None
    tried = Pattern(tuple(arrows), 0.0, row)
    stand = [points[one] for one in tried.instances]
    places = np.array(stand)
    lines = places[tried.ends]
    if not len(crossings(tried, lines)) and not touched(tried, places, lines):
        return None
    begun = _begun(points, row)
    through, pattern, spots = _sought(tuple(arrows), begun, row)
    found = pattern.points(spots)
    corner = found.min(axis=0)
    moved = (found - corner).round(3)
    placed = map(tuple, moved.tolist())
    return dict(zip(pattern.instances, placed, strict=True)), through


def _sought(
    arrows: tuple[InstancePair, ...], begun: Mapping[str, Spot], row: float
) -> tuple[tuple[InstancePair, ...], Pattern, dict[str, Spot]]:
    """The arrows through joints, their pattern, and the spots. Where no moves untangle them, what
    is read together with a joint gets a joint of its own, and all begin from spots by chance."""
    shifts = [shift for shift, _ in begun.values()]
    crowd = max(shifts) - min(shifts)
    width = max(_NARROWEST, crowd + _AROUND)
    through = tuple(through_joints(arrows))
    start = {**begun, **_middles(through)}
    # As a tuple, for arrangements are kept by what they begin from.
    first_spots = tuple(start.items())
    for wider in _WIDER:
        pattern = Pattern(through, width + wider, row)
        spots = arranged(pattern.begun(), first_spots)
        if is_clear(pattern.begun(), spots):
            return through, pattern, spots
    twice = tuple(through_joints(through))
    again = replace(pattern, arrows=twice)
    letters = tuple({**begun, **_middles(twice)})
    shaken = cooled(again.begun(), letters)
    if cost(again.begun(), shaken) < cost(pattern.begun(), spots):
        return twice, again, shaken
    return through, pattern, spots


def _middles(arrows: Iterable[InstancePair]) -> dict[str, Spot]:
    """Where joints begin: in the middle of a step, between the two lowest rows."""
    joints = filter(is_joint, chain.from_iterable(arrows))
    return {letter: (0.0, 0.5) for letter, _ in joints}


def _begun(points: Mapping[Instance, Point], row: float) -> dict[str, Spot]:
    """The spots of the letters as they stand, from the middle of their step."""
    steps: dict[int, list[float]] = {}
    for (_, step), (x, _) in points.items():
        steps.setdefault(step, []).append(x)
    middles = {step: _middle(xs) for step, xs in steps.items()}
    spots: dict[str, Spot] = {}
    # Of a letter that stands otherwise in one of its steps, the last one counts.
    for (letter, step), (x, y) in points.items():
        shift = round(x - middles[step], 2)
        spots[letter] = shift, y / row
    return spots


def _middle(xs: Sequence[float]) -> float:
    low, high = min(xs), max(xs)
    return (low + high) / 2


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
        # A known seed: every process that makes documents of a class draws the same network.
        found = _cooled_once(pattern, letters, Random(turn))
        if not best or cost(pattern, found) < cost(pattern, best):
            best = found
        if is_clear(pattern, best):
            break
    return best


def _cooled_once(pattern: Pattern, letters: tuple[str, ...], dice: Random) -> dict[str, Spot]:
    most = _most_shifts(pattern)
    shifts = 2 * most + 1  # to either side, and none

    def below(number: int) -> int:
        # Python promises the same `random` for a seed in all of its versions; not so `randrange`.
        return int(dice.random() * number)

    def anywhere(letter: str) -> Spot:
        shift = round(_GRAIN * (below(shifts) - most), 1)
        row = below(_ROWS)
        # Joints stand between two rows, where no circle can be.
        return shift, row + 0.5 * is_joint((letter, 0))

    spots = {letter: anywhere(letter) for letter in letters}
    found, heat = cost(pattern, spots), _HOT
    while heat > _COLD:
        heat *= _COOLING
        one = letters[below(len(letters))]
        tried = {**spots, one: anywhere(one)}
        # What is worse by d is taken with probability exp(-d / heat) (Metropolis et al. 1953); to
        # throw the dice first gives a limit, beyond which a cost need not be worked out.
        chance = 1 - dice.random()
        limit = found - heat * math.log(chance)
        if (worth := cost(pattern, tried, limit)) < limit:
            spots, found = tried, worth
    return spots


def _most_shifts(pattern: Pattern) -> int:
    # Letters of two steps that stand side by side stay a unit apart.
    room = (pattern.column - 1) / 2
    return int(room / _GRAIN)


def _descended(pattern: Pattern, spots: dict[str, Spot], letters: Sequence[str]) -> dict[str, Spot]:
    """Moved as long as a move makes it better."""
    best = cost(pattern, spots)
    heights = [row for _, row in spots.values()]
    top = round(max(heights))
    rows = range(top + 2)  # one row above all that stands there is free as well
    for _ in range(_MOST_SWEEPS):
        before = best
        for changed in _moves(pattern, spots, letters, rows):
            tried = {**spots, **changed}
            # Two arrangements that are as good differ in the last digits of a sum of floats.
            if (found := cost(pattern, tried, best)) < best - 1e-9:
                best, spots = found, tried
        if best == before:
            break
    return spots


def _moves(
    pattern: Pattern, spots: Mapping[str, Spot], letters: Sequence[str], rows: Iterable[int]
) -> Iterator[dict[str, Spot]]:
    """Each letter on each spot, and each two letters exchanged."""
    free = list(filter(_is_free, letters))
    most = _most_shifts(pattern)
    steps = range(-most, most + 1)
    shifts = [round(_GRAIN * k, 1) for k in steps]
    for letter in free:
        for row, shift in product(rows, shifts):
            yield {letter: (shift, float(row))}
    # An exchange gets out of where each of the two alone would stand on the other.
    for one, other in combinations(free, 2):
        yield {one: spots[other], other: spots[one]}


def _is_free(letter: str) -> bool:
    """Whether a letter may stand anywhere; a joint stays where it begins."""
    return not is_joint((letter, 0))


__all__ = ["arranged", "untangled"]
