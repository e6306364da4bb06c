"""Predictions that no loss looks at, such as yhat[1] where the loss is that of the last step: asked
by name, they exist."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.unroll import Model, unroll


def fits(pattern: str, name: str) -> bool:
    """True for a name by a pattern of `ask`, in which a star stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def with_predictions(graph: Graph, model: Model, patterns: Sequence[str]) -> Graph:
    """The graph with whatever of the forward pass is asked by name and not needed for the loss."""
    if len(graph.passes) > 1 or not model.loss:
        return graph
    forward = unroll(replace(model, loss=(), optimiser=(), parameters=(), gradients=(), joint=()))
    asked = {q.name for q in forward.computed if any(fits(pattern, q.name) for pattern in patterns)}
    if asked <= graph.quantities.keys():
        return graph
    needed = forward.restricted(frozenset(asked)).quantities
    known = {**needed, **graph.quantities}
    first = {name: known[name] for name in forward.quantities if name in known}
    return replace(graph, quantities={**first, **known})
