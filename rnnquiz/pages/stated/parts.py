"""Tokens of a row, parted into statements and their members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rnnquiz.pages.mathematics.token import Token
from rnnquiz.pages.mathematics.tokens import tokens_of

# Characters of a piece that is remembered: longer ones are hardly repeated, and take up memory.
LONGEST_KNOWN = 2000
RELATIONS = ("=", "≈", "≡", "←", "+=", "-=")
_PARTING = ("row", "gap", ",", ";", "⇒", "→", "⇐")
OPERATORS = ("+", "-", "*", "⊙", "@", "/")


@dataclass(frozen=True)
class Part:
    """Tokens between two parting signs: the sign before them, their relations, and the tokens
    between those; the column of an aligned row that they stand in."""

    before: str
    relations: list[str]
    tokens: list[list[Token]]
    column: int = 0


def parts_in(
    text: str, words: frozenset[str], comma: bool = False, rows: bool = False
) -> tuple[Part, ...]:
    """The parts of a piece; `comma` and `rows` as in `tokens_of`."""
    if len(text) > LONGEST_KNOWN:
        tokens = tokens_of(text, words, comma, rows)
        return tuple(parts_of(tokens))
    return _known_parts(text, words, comma, rows)


@lru_cache(maxsize=10_000)
def _known_parts(text: str, words: frozenset[str], comma: bool, rows: bool) -> tuple[Part, ...]:
    """Remembered, for pages of a class, and sections of a page, repeat the same lines."""
    tokens = tokens_of(text, words, comma, rows)
    return tuple(parts_of(tokens))


def parts_of(tokens: Sequence[Token]) -> Iterator[Part]:
    """Parts of the tokens, each with the sign that parts it from the one before."""
    kept, depths = _balanced(tokens)
    before, column = "row", 0
    relations: list[str] = []
    groups: list[list[Token]] = [[]]
    for k, (token, depth) in enumerate(zip(kept, depths, strict=True)):
        # Within brackets nothing parts.
        text = ""
        if depth == 0 and token.kind == "sign":
            text = token.text
        columns = text == "&" and _parts_columns(kept, k, relations, groups)
        # The first colon is a relation (h_1: f(0.2) = 0.198); behind one, it begins something else.
        if columns or text in _PARTING or (text == ":" and relations):
            yield Part(before, relations, groups, column)
            before = {":": ",", "&": "gap"}.get(text, text)
            column += columns
            if text == "row":
                column = 0
            relations, groups = [], [[]]
        elif text in RELATIONS or text == ":":
            relations.append(text)
            groups.append([])
        elif text != "&":
            groups[-1].append(token)
    yield Part(before, relations, groups, column)


def _parts_columns(
    tokens: Sequence[Token], k: int, relations: Sequence[str], groups: Sequence[Sequence[Token]]
) -> bool:
    """True for an & behind a whole statement, before another one; not for one beside a relation or
    within a sum."""
    if not relations or not groups[-1] or k + 1 >= len(tokens):
        return False
    after = tokens[k + 1]
    return after.kind != "sign" or after.text not in (*RELATIONS, *OPERATORS, "row")


_PAIRS = {"(": ")", "[": "]", "{": "}"}


# Brackets that a closing one may stand behind: a page of nothing but brackets would be searched
# from each of them back to its start.
MOST_UNCLOSED = 12


def _opens(token: Token) -> bool:
    if token.kind == "sign":
        return token.text in _PAIRS
    return token.kind == "begin"


def _closes(token: Token) -> bool:
    if token.kind == "sign":
        return token.text in _PAIRS.values()
    return token.kind == "end"


@dataclass(frozen=True)
class Opened:
    """A bracket that is not closed yet: its place, and how many rows and relations of statements
    stand before it."""

    place: int
    rows: int
    stops: int


def _partners(tokens: Sequence[Token]) -> dict[int, int]:
    """Brackets by their place, each with the place of the other one of the pair."""
    partner: dict[int, int] = {}
    stack: list[Opened] = []
    rows = stops = 0
    related = 0  # the row of the last relation: a bracket is not closed beyond it
    for k, token in enumerate(tokens):
        if token.kind == "sign" and token.text == "row":
            rows += 1
        elif token.kind == "sign" and token.text in RELATIONS:
            related = rows
            stops += 1
        if _opens(token):
            stack.append(Opened(k, rows, stops))
        elif _closes(token):
            at = _opened_by(tokens, stack, token)
            if at is None:
                continue
            opened = stack[at]
            beyond = related > opened.rows and stops > opened.stops
            # A brace of LaTeX goes on over rows, whatever stands in it.
            if not beyond or tokens[opened.place].text == "{":
                partner[opened.place] = k
                partner[k] = opened.place
                del stack[at:]
    return partner


def _opened_by(tokens: Sequence[Token], stack: Sequence[Opened], close: Token) -> int | None:
    """The last bracket on the stack that a closing one fits; None for none near."""
    nearest = len(stack) - 1
    nearest_first = range(nearest, -1, -1)
    for at in nearest_first[:MOST_UNCLOSED]:
        if _fits(tokens[stack[at].place], close):
            return at
    return None


def _balanced(tokens: Sequence[Token]) -> tuple[list[Token], list[int]]:
    """The tokens without brackets that are never closed, or never opened, and how deep each
    stands."""
    partner = _partners(tokens)
    kept, depths, depth = [], [], 0
    for k, token in enumerate(tokens):
        is_bracket = _opens(token) or _closes(token)
        # Recognition leaves braces that nothing closes: what stands behind them can be read.
        if is_bracket and k not in partner:
            continue
        kept.append(token)
        depths.append(depth)
        if is_bracket:
            opens = partner[k] > k
            depth += 1 if opens else -1
    return kept, depths


def _fits(open_: Token, close: Token) -> bool:
    if open_.kind == "begin" and close.kind == "end":
        return open_.text == close.text
    if open_.kind == "begin" or close.kind == "end":
        return False
    return _PAIRS[open_.text] == close.text
