"""Predictions that no loss looks at, such as yhat[1] where the loss is that of the last step: asked
by name, they exist."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.model import Model
from rnnquiz.derivation.unroll import unroll


def fits(pattern: str, name: str) -> bool:
    """True for a name by a pattern of `ask`, in which a star stands for anything."""
    # Escaped: the brackets of h[2] are no class of characters.
    parts = map(re.escape, pattern.split("*"))
    found = re.fullmatch(".*".join(parts), name)
    return found is not None


def with_predictions(graph: Graph, model: Model, patterns: Sequence[str]) -> Graph:
    """The graph with whatever of the forward pass is asked by name and not needed for the loss."""
    if len(graph.passes) > 1 or not model.loss:
        return graph
    # Without a loss everything that is computed forward is kept.
    forward = unroll(replace(model, loss=(), optimiser=(), parameters=(), gradients=(), joint=()))

    def is_asked(name: str) -> bool:
        return any(fits(pattern, name) for pattern in patterns)

    computed = (q.name for q in forward.computed)
    asked = frozenset(filter(is_asked, computed))
    if asked <= graph.quantities.keys():
        return graph
    needed = forward.restricted(asked).quantities
    known = {**needed, **graph.quantities}
    # What is computed forward stands before what is computed backward.
    in_order = filter(known.__contains__, forward.quantities)
    first = {name: known[name] for name in in_order}
    return replace(graph, quantities={**first, **known})
