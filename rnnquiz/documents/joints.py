"""Joints of a drawing: points through which the arrows to several circles go that read the same
several others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

Instance = tuple[str, int]  # a letter at a step; joints have letters of their own
InstancePair = tuple[Instance, Instance]

_JOINT = "."  # begins the letter of a joint, and of no quantity


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
