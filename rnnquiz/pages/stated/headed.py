"""Names without an index, with what a line, the head of a column or a section says of them: the
step, the gradient of a parameter, its new value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.pages.mathematics.written import Der, Name, Node, Op
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.chains import Chain


def is_loss(tree: Node | None) -> bool:
    """True for the loss without an index."""
    if not isinstance(tree, Name) or tree.numbers:
        return False
    return tree.letter in ("L", *spellings().losses)


def at_step(node: Node, step: int | None) -> Node:
    """A name without an index, or a derivative, with the step that the line or the column says."""
    if step is None:
        return node
    if isinstance(node, Name) and not node.numbers:
        return replace(node, numbers=(("", str(step)),))
    if isinstance(node, Der) and isinstance(node.by, Name) and not (node.by.numbers or node.at):
        of = node.of
        # dL_2/dW has the step at the loss already.
        if isinstance(of, Name) and not of.numbers:
            return replace(node, at=str(step))
    return node


def index_losses(chains: Sequence[Chain]) -> None:
    """A loss without an index that has other values in sections about other steps is that of the
    step in each of them."""
    bare = list(filter(_is_bare_loss, chains))
    values = {chain.context.step: chain.members[-1].tree for chain in bare}
    # One value in all sections is that of the sum, which is only restated.
    if len(set(values.values())) > 1:
        for chain in bare:
            left = chain.members[0]
            assert left.tree is not None
            tree = at_step(left.tree, chain.context.step)
            chain.members[0] = replace(left, tree=tree)


def _is_bare_loss(chain: Chain) -> bool:
    """True for a loss without an index in a section about a step, with no sum behind it."""
    if chain.context.step is None or not is_loss(chain.left):
        return False
    return not any(_is_sum(member.tree) for member in chain.right)


def _is_sum(tree: Node | None) -> bool:
    return isinstance(tree, Op) and tree.op in ("add", "sum")


def as_headed(first: Node, title: str) -> Node | None:
    """A parameter's gradient, or its new value, where the head of the column says so."""
    low = title.lower()
    if isinstance(first, Name) and any(word in low for word in ("gradient", "grad", "∂", "dl/d")):
        return Der(Name("L"), first)
    # neu, neue and neuer are the German "new".
    if isinstance(first, Name) and re.search(r"\bnew\b|\bupdated\b|\bafter\b|\bneu", low):
        return replace(first, words=(*first.words, "new"))
    return None
