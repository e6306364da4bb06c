"""Tokens of a row, parted into statements and their members."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rnnquiz.languages.sentences import said
from rnnquiz.pages.context import Context
from rnnquiz.pages.members import parse
from rnnquiz.pages.pieces import Piece
from rnnquiz.pages.tokens import Token, Unparsed, tokens_of
from rnnquiz.pages.written import (
    Der,
    DerOf,
    Name,
    Node,
    Num,
    Op,
    is_name,
    is_numeric,
    is_value,
    names_in,
    nodes_in,
)

LONGEST_KNOWN = 2000  # characters of a piece that is remembered
LONGEST_VALUE = 200  # tokens, behind which no remark is looked for
ONLY_WORDS = said("these are words")
BLANK_WITHIN = said("a blank stands in a number")
RELATIONS = ("=", "≈", "≡", "←", "+=", "-=")
_PARTING = ("row", "gap", ",", ";", "⇒", "→", "⇐")
OPERATORS = ("+", "-", "*", "⊙", "@", "/")


@dataclass(frozen=True)
class Member:
    """One member of a chain: the relation before it ("" for the first), its tree, or why it has
    none; where it stands in its piece."""

    relation: str
    tree: Node | None
    reason: str
    start: int
    end: int
    tokens: tuple[Token, ...] = ()
    piece: Piece | None = None

    @property
    def place(self) -> int:
        """Where it begins on the page."""
        return (self.piece.start if self.piece else 0) + self.start


@dataclass
class Chain:
    """A statement. `members` begin with what it is about; `context`: what is said above it; `row`:
    the row that it stands in, or began in. `remark`: a reason to take it for no statement of the
    writer's own."""

    members: list[Member]
    context: Context
    row: int
    piece: Piece
    remark: str = ""

    @property
    def start(self) -> int:
        """Where it begins on the page."""
        return self.members[0].place

    @property
    def left(self) -> Node | None:
        return self.members[0].tree

    @property
    def right(self) -> list[Member]:
        return self.members[1:]

    @property
    def readable(self) -> list[Member]:
        return [member for member in self.right if member.tree is not None]


@dataclass(frozen=True)
class Lost:
    """What looks like a statement and could not be taken apart: where, and why."""

    place: int
    reason: str


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
        return tuple(parts_of(tokens_of(text, words, comma, rows)))
    return _known_parts(text, words, comma, rows)


@lru_cache(maxsize=10_000)
def _known_parts(text: str, words: frozenset[str], comma: bool, rows: bool) -> tuple[Part, ...]:
    """Remembered, for pages of a class, and sections of a page, repeat the same lines."""
    return tuple(parts_of(tokens_of(text, words, comma, rows)))


def parts_of(tokens: Sequence[Token]) -> Iterator[Part]:
    """Parts of the tokens, each with the sign that parts it from the one before."""
    kept, depths = _balanced(tokens)
    before, column = "row", 0
    relations: list[str] = []
    groups: list[list[Token]] = [[]]
    for k, (token, depth) in enumerate(zip(kept, depths, strict=True)):
        text = token.text if depth == 0 and token.kind == "sign" else ""
        columns = text == "&" and _parts_columns(kept, k, relations, groups)
        if columns or text in _PARTING or (text == ":" and relations):
            yield Part(before, relations, groups, column)
            before = {":": ",", "&": "gap"}.get(text, text)
            column = 0 if text == "row" else column + columns
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
    return not (after.kind == "sign" and after.text in (*RELATIONS, *OPERATORS, "row"))


_PAIRS = {"(": ")", "[": "]", "{": "}"}


def _balanced(tokens: Sequence[Token]) -> tuple[list[Token], list[int]]:
    """The tokens without brackets that are never closed, or never opened, and how deep each
    stands."""
    partner: dict[int, int] = {}
    stack: list[int] = []
    stops = 0  # relations after a row's end: a bracket is not closed beyond them
    rows = related = 0
    marks: list[tuple[int, int]] = []
    for k, token in enumerate(tokens):
        if token.kind == "sign" and token.text == "row":
            rows += 1
        elif token.kind == "sign" and token.text in RELATIONS:
            related = rows
            stops += 1
        if token.kind == "begin" or (token.kind == "sign" and token.text in _PAIRS):
            stack.append(k)
            marks.append((rows, stops))
        elif token.kind == "end" or (token.kind == "sign" and token.text in _PAIRS.values()):
            at = len(stack) - 1
            while at >= 0 and not _fits(tokens[stack[at]], token):
                at -= 1
                if len(stack) - at > 12:
                    at = -1
            if at >= 0 and not (
                related > marks[at][0] and stops > marks[at][1] and tokens[stack[at]].text != "{"
            ):
                partner[stack[at]] = k
                partner[k] = stack[at]
                del stack[at:], marks[at:]
    kept, depths, depth = [], [], 0
    for k, token in enumerate(tokens):
        bracket = token.kind in ("begin", "end") or (
            token.kind == "sign" and (token.text in _PAIRS or token.text in _PAIRS.values())
        )
        if bracket and k not in partner:
            continue
        opens = bracket and partner[k] > k
        depth -= bracket and not opens
        kept.append(token)
        depths.append(depth + (0 if opens or not bracket else 1) if bracket else depth)
        depth += opens
    return kept, depths


def _fits(open_: Token, close: Token) -> bool:
    if open_.kind == "begin" or close.kind == "end":
        return open_.kind == "begin" and close.kind == "end" and open_.text == close.text
    return _PAIRS[open_.text] == close.text


def member_of(
    relation: str,
    tokens: Sequence[Token],
    piece: Piece,
    words: Collection[str] | None = None,
    last: bool = False,
) -> Member:
    """A member, without a remark behind its value; in prose (with `words`) a product of unknown
    words is a remark, and behind the `last` one a dash begins one, too."""
    start, end, kept = tokens[0].start, tokens[-1].end, tuple(tokens)
    try:
        tree = parse(tokens)
        if words is None or plausible(tree, words):
            return Member(relation, tree, "", start, end, kept, piece)
        reason: str = ONLY_WORDS
    except Unparsed as error:
        reason = error.reason
    for k in range(1, min(len(tokens), LONGEST_VALUE)):
        token = tokens[k]
        if (token.text == "." and _parted_number(tokens, k)) or _EXPONENT.fullmatch(token.text):
            reason = BLANK_WITHIN
            break
        if (
            token.kind in ("text", "unknown")
            or (token.kind == "name" and (len(token.text) > 2 or token.text in _LITTLE))
            or token.text in ("(", "[", "→", ".")
            or (last and token.text == "-" and not token.near)
        ):
            try:
                tree = parse(tokens[:k])
            except Unparsed:
                continue
            if is_value(tree) or (token.kind == "text" and k > 0):
                return Member(relation, tree, "", start, tokens[k - 1].end, kept[:k], piece)
    return Member(relation, None, reason, start, end, kept, piece)


_EXPONENT = re.compile(r"[eE][-−+]")  # in  9.9\\text{e-}3


def _parted_number(tokens: Sequence[Token], k: int) -> bool:
    """True for  0 . 604 , as recognition may give a number."""
    before, behind = tokens[k - 1], tokens[k + 1 : k + 2]
    whole = before.kind == "number" and before.text.isdigit()
    return whole and any(token.kind == "number" and token.text.isdigit() for token in behind)


def beside(member: Member) -> tuple[Num, Node] | None:
    """A number with a name right behind it: a product, or the end of one statement and the name of
    the next; None for anything else."""
    tree = member.tree
    if (
        isinstance(tree, Op)
        and tree.op == "mul"
        and len(tree.args) == 2
        and isinstance(tree.args[0], Num)
        and is_name(tree.args[1])
        and not any(token.kind == "sign" and token.text == "*" for token in member.tokens)
    ):
        return tree.args[0], tree.args[1]
    return None


def end_of(chain: Chain) -> Member | None:
    """The member that a chain ends with, before the names that may stand behind it."""
    return next((m for m in reversed(chain.right) if m.tree is None or not is_name(m.tree)), None)


def _without_label(tokens: Sequence[Token]) -> list[Token]:
    """What stands behind a number in brackets, (1) - and the like."""
    tokens = list(tokens)
    while tokens and (tokens[0].kind == "text" or tokens[0].text in (".", ",")):
        del tokens[0]
    texts = [token.text for token in tokens[:4]]
    if len(texts) > 3 and (texts[0], texts[2]) == ("(", ")") and len(texts[1]) <= 2:
        del tokens[: 4 if texts[3] in ("-", ".") else 3]
    return tokens


def left_of(tokens: Sequence[Token], plain: bool, words: Collection[str]) -> Member | None:
    """What a statement is about; without a label such as (1) - before it and, in prose, without
    words."""

    def is_known(node: Node) -> bool:
        return not isinstance(node, Name) or bool(node.numbers) or node.letter in (*words, *_NAMES)

    tokens = _without_label(tokens)
    for k in range(min(len(tokens), 24 if plain else 1)):
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
        if plain and _is_product(tree, not k) and all(map(is_known, names_in(tree))):
            return None  # eta dL/dU is not dL/dU
        if (
            is_name(tree)
            or isinstance(tree, DerOf)
            or (not k and _formula_left(tree) and not (plain and _unindexed(tree)))
        ):
            return Member("", tree, "", tokens[k].start, tokens[-1].end, tuple(tokens[k:]))
    return None


def plausible(tree: Node | None, words: Collection[str]) -> bool:
    """True for mathematics, false for words that read like a product of names."""
    if tree is None:
        return False
    for node in nodes_in(tree):
        if isinstance(node, Name) and node.letter in _LITTLE and node.letter not in words:
            return False
        if (
            isinstance(node, Name)
            and len(node.letter) > 2
            and node.letter not in words
            and node.letter.lower() not in _NAMES
        ):
            return False
    return True


_LITTLE = frozenset(["so", "or", "as", "is", "we", "by", "in", "at", "if", "et"])
_NAMES = frozenset(
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


def _begins_name(before: Token, token: Token) -> bool:
    """True where a name may begin in the middle of prose."""
    return (not token.near and token.text not in OPERATORS and before.kind not in ("sign",)) or (
        before.kind == "sign" and before.text in (".", ":", "|")
    )


def _formula_left(tree: Node) -> bool:
    """True for a left side that is an expression over names, such as 1 - h_2^2 or sech^2(a_1)."""
    return (
        isinstance(tree, Op)
        and not is_numeric(tree)
        and tree.op in ("add", "sech2", "pow", "tanh'", "sigmoid'", "mul", "odot", "tanh")
    )


def _is_product(tree: Node, first: bool) -> bool:
    """True for a product of names, or of a number that the line begins with and names."""
    if not isinstance(tree, Op) or tree.op != "mul":
        return False
    factors = tree.args
    return all(map(is_name, factors[1:])) and (
        is_name(factors[0]) or (first and isinstance(factors[0], Num))
    )


def _has_index(node: Node) -> bool:
    """True for a name that is no word of prose."""
    return isinstance(node, Der) or (isinstance(node, Name) and bool(node.numbers or node.words))


def _unindexed(tree: Node) -> bool:
    """True for what may be words of prose, rather than a formula."""
    return any(isinstance(node, Name) and not node.numbers for node in nodes_in(tree))


def is_artefact(tokens: Sequence[Token]) -> bool:
    """True for factors that a scan parts by a comma: derivatives, and nothing else."""
    try:
        tree = parse(tokens)
    except Unparsed:
        return False
    return not is_numeric(tree) and any(isinstance(node, Der) for node in nodes_in(tree))
