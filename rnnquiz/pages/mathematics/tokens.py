"""The tokens of a piece of mathematics, without what only arranges them or is drawn round them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from rnnquiz.pages.mathematics.lexer import Lexer
from rnnquiz.pages.mathematics.token import Token
from rnnquiz.pages.spellings import spellings

# Numbers with a decimal comma: one behind other digits or points belongs to something longer.
_WITH_COMMA = re.compile(r"(?<![\d.,])\d{1,2},\d+(?![\d.,])")
_WITH_COMMA_AND_TWO = re.compile(r"(?<![\d.,])\d{1,2},\d{2,}(?![\d.,])")


def decimal_commas(text: str) -> bool:
    """True for a page on which a comma stands before decimals."""
    # LaTeX sets a blank behind a comma without braces: nobody writes them around any other.
    if re.search(r"\d\{,\}\d", text):
        return True
    points = len(re.findall(r"\d\.\d", text))
    # Indices have one digit: h_{1,2} is no decimal.
    if not points and _WITH_COMMA_AND_TWO.search(text):
        return True
    commas = len(_WITH_COMMA.findall(text))
    # A list of whole numbers has commas, too: a few say nothing.
    return commas > max(3, 3 * points)


def tokens_of(
    text: str, words: Collection[str], comma: bool = False, rows: bool = False
) -> list[Token]:
    """The tokens of a piece. `words`: names of several letters. `comma`: a comma between digits
    stands before decimals.
    `rows`: a line's end ends a row, as in code."""
    lexer = Lexer(text, frozenset(words), comma, rows)
    bare = _unwrapped(lexer.run())
    return list(_gridded(bare))


def _unwrapped(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without what is only drawn round others: boxes, bold, strikes, braces under a term
    with their labels."""
    table = spellings()
    skip: set[int] = set()
    ends = closing(tokens, "{", "}")
    for k, token in enumerate(tokens):
        if k in skip:
            continue
        if token.kind != "wrap":
            yield token
            continue
        at = k + 1
        if token.text in table.coloured and at in ends:
            behind_colour = ends[at] + 1
            skip.update(range(at, behind_colour))
            at = behind_colour
        if at in ends:
            end = ends[at]
            skip |= {at, end}
            sign, label = end + 1, end + 2
            # \underbrace{0.6 h_1}_{carried}: what is written under a term is no index of it.
            if token.text in table.labelled and label in ends and tokens[sign].text in "_^":
                behind_label = ends[label] + 1
                skip.update(range(sign, behind_label))


def _gridded(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens without environments that only arrange; in matrices, the ends of cells and lines
    are signs of their own."""
    inside = 0
    grid = {"&": "cell", "row": "line"}
    tokens = list(tokens)
    matrices = _matrices(tokens)
    for k, token in enumerate(tokens):
        if token.kind in ("begin", "end") and k not in matrices:
            yield Token("sign", "row", token.start, token.end)
            continue
        inside += _DEEPER.get(token.kind, 0)
        inside = max(0, inside)  # an \end without its \begin
        if inside and token.kind == "sign" and token.text in grid:
            yield replace(token, text=grid[token.text])
        elif not (inside and token.text == "gap"):
            yield token


_DEEPER = {"begin": 1, "end": -1}  # what a token adds to the number of matrices around it


def _matrices(tokens: Sequence[Token]) -> set[int]:
    """The places of what begins and ends a matrix; an array of equations is none."""
    found: set[int] = set()
    opened: list[int] = []
    related: list[bool] = []  # whether a relation stands in each
    for k, token in enumerate(tokens):
        if token.kind == "begin":
            opened.append(k)
            related.append(False)
        elif token.kind == "end" and opened:
            begins, arranges = opened.pop(), related.pop()
            if token.text in spellings().matrices and not arranges:
                found |= {begins, k}
        elif opened and token.kind == "sign" and token.text in ("=", "≈"):
            related[-1] = True
    for k in opened:  # what never ends
        if tokens[k].text in spellings().matrices:
            found.add(k)
    return found


def closing(tokens: Sequence[Token], opens: str, closes: str) -> dict[int, int]:
    """Where each opening sign has its closing one; those without are left out."""
    found, stack = {}, []
    for k, token in enumerate(tokens):
        if token.kind == "sign" and token.text in opens and len(token.text) == 1:
            stack.append(k)
        elif token.kind == "sign" and token.text in closes and len(token.text) == 1 and stack:
            found[stack.pop()] = k
    return found
