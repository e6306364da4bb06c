"""What a statement is about: the name at its left, without labels and words before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Token, Unparsed
from rnnquiz.pages.mathematics.written import (
    Der,
    DerOf,
    Name,
    Node,
    Num,
    Op,
    is_name,
    is_numeric,
    names_in,
    nodes_in,
)
from rnnquiz.pages.stated.chains import Member
from rnnquiz.pages.stated.parts import OPERATORS
from rnnquiz.pages.stated.prose_words import NAMES_IN_FULL, plausible

_LEFT_OPERATIONS = ("add", "sech2", "pow", "tanh'", "sigmoid'", "mul", "odot", "tanh")


def _without_label(tokens: Sequence[Token]) -> list[Token]:
    """What stands behind a number in brackets, (1) - and the like."""
    tokens = list(tokens)
    while tokens and (tokens[0].kind == "text" or tokens[0].text in (".", ",")):
        del tokens[0]
    texts = [token.text for token in tokens[:4]]
    if len(texts) < 4:
        return tokens
    opened, label, closed, after = texts
    if (opened, closed) != ("(", ")") or len(label) > 2:
        return tokens
    if after in ("-", "."):
        return tokens[4:]
    return tokens[3:]


MOST_BEFORE = 24  # tokens of prose before the name that a statement is about


def left_of(tokens: Sequence[Token], plain: bool, words: Collection[str]) -> Member | None:
    """What a statement is about; without a label such as (1) - before it and, in prose, without
    words."""
    tokens = _without_label(tokens)
    starts = MOST_BEFORE if plain else 1
    for k in range(min(len(tokens), starts)):
        if k and not _begins_name(tokens[k - 1], tokens[k]):
            continue
        try:
            tree = parse(tokens[k:])
        except Unparsed:
            continue
        if plain and not plausible(tree, words):
            if _is_product(tree, not k) and _has_index(names_in(tree)[0]):
                return None  # grad_V L is not L
            continue
        if plain and _is_product(tree, not k) and _all_known(tree, words):
            return None  # eta dL/dU is not dL/dU
        if is_name(tree) or isinstance(tree, DerOf) or (not k and _is_left(tree, plain)):
            kept = tuple(tokens[k:])
            first, last = kept[0], kept[-1]
            return Member("", tree, "", first.start, last.end, kept)
    return None


def _all_known(tree: Node, words: Collection[str]) -> bool:
    """True for names of which none may be a word of prose."""
    for node in names_in(tree):
        if not isinstance(node, Name) or node.numbers:
            continue
        if node.letter not in words and node.letter not in NAMES_IN_FULL:
            return False
    return True


def _is_left(tree: Node, plain: bool) -> bool:
    """True for an expression that a line may be about; in prose its names must have an index."""
    if not _formula_left(tree):
        return False
    return not (plain and _unindexed(tree))


def _begins_name(before: Token, token: Token) -> bool:
    """True where a name may begin in the middle of prose."""
    if before.kind == "sign":
        return before.text in (".", ":", "|")
    return not token.near and token.text not in OPERATORS


def _formula_left(tree: Node) -> bool:
    """True for a left side that is an expression over names, such as 1 - h_2^2 or sech^2(a_1)."""
    if not isinstance(tree, Op) or tree.op not in _LEFT_OPERATIONS:
        return False
    return not is_numeric(tree)


def _is_product(tree: Node, first: bool) -> bool:
    """True for a product of names, or of a number that the line begins with and names."""
    if not isinstance(tree, Op) or tree.op != "mul":
        return False
    factor, *others = tree.args
    if not all(map(is_name, others)):
        return False
    if isinstance(factor, Num):
        return first
    return is_name(factor)


def _has_index(node: Node) -> bool:
    """True for a name that is no word of prose."""
    if isinstance(node, Name):
        return bool(node.numbers or node.words)
    return isinstance(node, Der)


def _unindexed(tree: Node) -> bool:
    """True for what may be words of prose, rather than a formula."""
    return any(map(_is_bare_name, nodes_in(tree)))


def _is_bare_name(node: Node) -> bool:
    return isinstance(node, Name) and not node.numbers
