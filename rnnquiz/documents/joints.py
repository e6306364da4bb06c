"""Joints of a drawing: points through which the arrows to several circles go that read the same
several others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, filterfalse, product

Instance = tuple[str, int]  # a letter at a step; joints have letters of their own
InstancePair = tuple[Instance, Instance]

_JOINT = "."  # begins the letter of a joint, and of no quantity


def through_joints(arrows: Sequence[InstancePair]) -> list[InstancePair]:
    """The arrows through joints: where several circles of a step read the same several others, both
    meet in one point, of each step that which spares most arrows."""
    parents: dict[int, dict[Instance, set[Instance]]] = {}
    for parent, child in arrows:
        _, step = child
        of_step = parents.setdefault(step, {})
        of_step.setdefault(child, set()).add(parent)
    made = list(arrows)
    for step in sorted(parents):
        own = parents[step]
        # Sorted, as a set has another order in each process.
        shared = sorted(map(sorted, _read_by_two(own)))
        if not shared:
            continue
        read = max(shared, key=lambda read: _spared(own, read))
        together = set(read)
        readers = [child for child in own if together <= own[child]]
        letters = sorted(letter for letter, _ in readers)
        joint = (_JOINT + "".join(letters), step)
        spared = set(product(read, readers))
        made = list(filterfalse(spared.__contains__, made))
        made += product(read, [joint])
        made += product([joint], readers)
    return made


def _read_by_two(own: Mapping[Instance, set[Instance]]) -> Iterator[frozenset[Instance]]:
    """What two circles of a step read both, where it is more than one circle."""
    for one, other in combinations(own.values(), 2):
        both = frozenset(one & other)
        # To read one circle alone through a joint takes one arrow more.
        if len(both) > 1:
            yield both


def _spared(own: Mapping[Instance, set[Instance]], read: Sequence[Instance]) -> int:
    """How many arrows fewer there are with a joint for what is read together."""
    together = set(read)
    reading = map(together.issubset, own.values())
    readers = sum(reading)
    direct = len(read) * readers
    by_joint = len(read) + readers
    return direct - by_joint


def is_joint(instance: Instance) -> bool:
    """Whether it is a joint, where arrows meet, and no circle of a quantity."""
    return instance[0].startswith(_JOINT)
