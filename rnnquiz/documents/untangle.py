"""Circles of a drawing moved aside until no arrow runs through one that it does not join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnquiz.decimals import Array

Places = dict[str, tuple[float, float]]
_Pair = tuple[str, str]

_AIR = 0.06  # between an arrow and a circle that it passes
_ROUNDS = 4
_TOO_CLOSE = 10  # as bad as so many arrows that run through circles
_AWAY = 0.01  # for each unit from where the circle would stand otherwise


def untangled(
    places: Places,
    arrows: Sequence[_Pair],
    groups: Mapping[str, Sequence[str]],
    shifts: Sequence[float],
    radius: float,
) -> Places:
    """The places after each group of circles has been tried at all shifts along its row, as long as
    that helps. A group moves as one, so that all steps look alike."""
    names = list(places)
    at = np.array([places[name] for name in names])
    moving = np.array([[name in group for name in names] for group in groups.values()], dtype=float)
    tangle = _Tangle(names, arrows, radius)
    moved = np.zeros(len(groups))
    best = tangle.cost(at)
    for _ in range(_ROUNDS if best else 0):
        before = best
        for group in range(len(groups)):
            for shift in shifts:
                tried = moved.copy()
                tried[group] = shift
                price = tangle.cost(_shifted(at, moving, tried)) + _AWAY * np.abs(tried).sum()
                if price < best - _AWAY / 2:
                    best, moved = price, tried
        if best == before:
            break
    return dict(zip(names, map(tuple, _shifted(at, moving, moved).tolist()), strict=True))


def _shifted(at: Array, moving: Array, moved: Array) -> Array:
    return at + np.column_stack((moved @ moving, np.zeros(len(at))))


class _Tangle:
    """How bad places are: arrows that run through circles, circles that stand too close."""

    def __init__(self, names: Sequence[str], arrows: Sequence[_Pair], radius: float) -> None:
        self.radius = radius
        self.ends = np.array([[names.index(name) for name in pair] for pair in arrows], dtype=int)
        self.ends = self.ends.reshape(-1, 2)
        self.others = np.triu_indices(len(names), 1)
        joined = [[name in pair for name in names] for pair in arrows]
        self.joined: NDArray[np.bool_] = np.array(joined, dtype=bool).reshape(-1, len(names))

    def cost(self, at: Array) -> float:
        near = self.distances(at) < self.radius + _AIR
        one, other = self.others
        close = np.hypot(*(at[one] - at[other]).T) < 2 * self.radius + _AIR
        return float((near & ~self.joined).sum() + _TOO_CLOSE * close.sum())

    def distances(self, at: Array) -> Array:
        """From each arrow (rows) to each circle."""
        start, end = at[self.ends[:, 0]], at[self.ends[:, 1]]
        way = (end - start)[:, None, :]
        off = at[None, :, :] - start[:, None, :]
        share = ((off * way).sum(-1) / (way * way).sum(-1)).clip(0, 1)
        return np.asarray(np.hypot(*np.moveaxis(off - share[..., None] * way, -1, 0)))
