"""Is a rule that a teacher has written one that can be applied? What is wrong with it, in words."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.algebra.expression import ZERO, Expression, Timed, applies, walk
from rnnquiz.algebra.parser import TIME_SUMS, EquationError
from rnnquiz.algebra.rewrite import parse_rewrite
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.models.places import PLACES
from rnnquiz.models.transforms import Call, call_of
from rnnquiz.text import nearest

FoundAndRemedy = tuple[str, str]
"""What was found, and what would do."""


def check_rule(rule: Misconception) -> list[FoundAndRemedy]:
    """What is wrong with a rule as written; empty where nothing is."""
    problems = list(_in_where(rule))
    for text in rule.rewrite:
        call = call_of(text)
        problems += _in_pattern(text) if call is None else _in_call(call)
    return problems


def _in_where(rule: Misconception) -> Iterator[FoundAndRemedy]:
    for place in rule.where:
        if place not in PLACES:
            yield f"where: {place!r} is not known", nearest(place, PLACES)


def _in_call(call: Call) -> Iterator[FoundAndRemedy]:
    words = call.row.words
    if call.word not in words:
        found = f"rewrite: {call.name} does not take {call.word!r}"
        yield found, nearest(call.word, words)


def _in_pattern(text: str) -> Iterator[FoundAndRemedy]:
    try:
        rewrite = parse_rewrite(text)
    except EquationError as error:
        yield f"rewrite: {error}", error.remedy
        return
    nodes = (*walk(rewrite.pattern), *walk(rewrite.template))
    if any(isinstance(node, Timed) for node in nodes):
        yield "rewrite: a time index cannot stand in a rewrite", "use shift(state, -1) or _past"
    if any(map(_has_no_meaning, walk(rewrite.template))):
        found = "rewrite: a sum over time or a division by zero cannot stand in a rewrite"
        yield found, "take it out of the right side"


def _has_no_meaning(node: Expression) -> bool:
    """True for what a template cannot give: a sum over time, a division by zero."""
    if applies(node, "div"):
        return node.args[1] == ZERO
    return applies(node, *TIME_SUMS)
