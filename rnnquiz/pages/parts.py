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

# Characters of a piece that is remembered: longer ones are hardly repeated, and take up memory.
LONGEST_KNOWN = 2000
# Tokens, behind which no remark is looked for: for each of them all before it is parsed once more.
LONGEST_VALUE = 200
ONLY_WORDS = said("these are words")
BLANK_WITHIN = said("a blank stands in a number")
RELATIONS = ("=", "≈", "≡", "←", "+=", "-=")
_LEFT_OPERATIONS = ("add", "sech2", "pow", "tanh'", "sigmoid'", "mul", "odot", "tanh")
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
        if self.piece is None:
            return self.start
        return self.piece.start + self.start


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
        return list(filter(_is_understood, self.right))


def _is_understood(member: Member) -> bool:
    return member.tree is not None


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
    return token.text in _LITTLE


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


def beside(member: Member) -> tuple[Num, Node] | None:
    """A number with a name right behind it: a product, or the end of one statement and the name of
    the next; None for anything else."""
    tree = member.tree
    if not isinstance(tree, Op) or tree.op != "mul" or len(tree.args) != 2:
        return None
    number, name = tree.args
    if not isinstance(number, Num) or not is_name(name) or has_times_sign(member):
        return None
    return number, name


def has_times_sign(member: Member) -> bool:
    """True for a product that is written as one."""
    return any(map(_is_times, member.tokens))


def _is_times(token: Token) -> bool:
    return token.kind == "sign" and token.text == "*"


def end_of(chain: Chain) -> Member | None:
    """The member that a chain ends with, before the names that may stand behind it."""
    for member in reversed(chain.right):
        if member.tree is None or not is_name(member.tree):
            return member
    return None


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
        if node.letter not in words and node.letter not in _NAMES:
            return False
    return True


def _is_left(tree: Node, plain: bool) -> bool:
    """True for an expression that a line may be about; in prose its names must have an index."""
    if not _formula_left(tree):
        return False
    return not (plain and _unindexed(tree))


def plausible(tree: Node | None, words: Collection[str]) -> bool:
    """True for mathematics, false for words that read like a product of names."""
    if tree is None:
        return False
    for node in nodes_in(tree):
        if not isinstance(node, Name) or node.letter in words:
            continue
        if node.letter in _LITTLE:
            return False
        # A name that the bank does not have is a letter or two, unless people write it out.
        if len(node.letter) > 2 and node.letter.lower() not in _NAMES:
            return False
    return True


# Words as short as the names of gradients (dU); et is the "and" of French.
_LITTLE = frozenset(["so", "or", "as", "is", "we", "by", "in", "at", "if", "et"])
# Greek letters in words, losses and targets in words, and gradients as programs name them.
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


def is_artefact(tokens: Sequence[Token]) -> bool:
    """True for factors that a scan parts by a comma: derivatives, and nothing else."""
    try:
        tree = parse(tokens)
    except Unparsed:
        return False
    # 0.6, 0.7 is a list, and no product that a scan has torn.
    if is_numeric(tree):
        return False
    return any(isinstance(node, Der) for node in nodes_in(tree))
