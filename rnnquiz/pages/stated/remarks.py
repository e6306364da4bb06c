"""A member, without the remark that may stand behind its value."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rnnquiz.languages.sentences import said
from rnnquiz.pages.layout.pieces import Piece
from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Token, Unparsed
from rnnquiz.pages.mathematics.written import Node, is_value
from rnnquiz.pages.stated.chains import Member
from rnnquiz.pages.stated.prose_words import LITTLE_WORDS, plausible

# Tokens, behind which no remark is looked for: for each of them all before it is parsed once more.
LONGEST_VALUE = 200
ONLY_WORDS = said("these are words")
BLANK_WITHIN = said("a blank stands in a number")


def member_of(
    relation: str,
    tokens: Sequence[Token],
    piece: Piece,
    words: Collection[str] | None = None,
    last: bool = False,
) -> Member:
    """A member, without a remark behind its value; in prose (with `words`) a product of unknown
    words is a remark, and behind the `last` one a dash begins one, too."""
    kept = tuple(tokens)
    start, end = kept[0].start, kept[-1].end
    try:
        tree = parse(tokens)
        if words is None or plausible(tree, words):
            return Member(relation, tree, "", start, end, kept, piece)
        reason: str = ONLY_WORDS
    except Unparsed as error:
        reason = error.reason
    for k in range(1, min(len(tokens), LONGEST_VALUE)):
        token = tokens[k]
        # 0 before the blank is a value, and would be taken for all of "0 . 604".
        if (token.text == "." and _parted_number(tokens, k)) or _EXPONENT.fullmatch(token.text):
            reason = BLANK_WITHIN
            break
        is_dash = last and token.text == "-" and not token.near
        if is_dash or _may_begin_remark(token):
            before = kept[:k]
            value = _before_remark(before, token)
            if value is not None:
                return Member(relation, value, "", start, before[-1].end, before, piece)
    return Member(relation, None, reason, start, end, kept, piece)


def _may_begin_remark(token: Token) -> bool:
    """True for a word, and for what may stand before one."""
    if token.kind in ("text", "unknown") or token.text in ("(", "[", "→", "."):
        return True
    if token.kind != "name":
        return False
    # Letters of a formula stand alone or in pairs (dU).
    if len(token.text) > 2:
        return True
    return token.text in LITTLE_WORDS


def _before_remark(before: Sequence[Token], token: Token) -> Node | None:
    """What stands before a remark: a value, or anything before text that is set as text."""
    try:
        tree = parse(before)
    except Unparsed:
        return None
    if is_value(tree) or token.kind == "text":
        return tree
    return None


_EXPONENT = re.compile(r"[eE][-−+]")  # in  9.9\\text{e-}3


def _parted_number(tokens: Sequence[Token], k: int) -> bool:
    """True for  0 . 604 , as recognition may give a number."""
    if k + 1 >= len(tokens):
        return False
    return _is_whole(tokens[k - 1]) and _is_whole(tokens[k + 1])


def _is_whole(token: Token) -> bool:
    return token.kind == "number" and token.text.isdigit()
