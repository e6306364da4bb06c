"""Mathematics told from words of prose that look like a product of names."""

from __future__ import annotations

from collections.abc import Collection

from rnnquiz.pages.mathematics.written import Name, Node, nodes_in


def plausible(tree: Node | None, words: Collection[str]) -> bool:
    """True for mathematics, false for words that read like a product of names."""
    if tree is None:
        return False
    for node in nodes_in(tree):
        if not isinstance(node, Name) or node.letter in words:
            continue
        if node.letter in LITTLE_WORDS:
            return False
        # A name that the bank does not have is a letter or two, unless people write it out.
        if len(node.letter) > 2 and node.letter.lower() not in NAMES_IN_FULL:
            return False
    return True


# Words as short as the names of gradients (dU); et is the "and" of French.
LITTLE_WORDS = frozenset(["so", "or", "as", "is", "we", "by", "in", "at", "if", "et"])
# Greek letters in words, losses and targets in words, and gradients as programs name them.
NAMES_IN_FULL = frozenset(
    [
        "delta",
        "eta",
        "alpha",
        "beta",
        "gamma",
        "lambda",
        "error",
        "loss",
        "pred",
        "target",
        "omega",
        "sigma",
        "epsilon",
        "mu",
        "theta",
        "dwx",
        "dwh",
        "dwy",
        "dwhh",
        "dwxh",
        "dwhy",
        "hat",
    ]
)
