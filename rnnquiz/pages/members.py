"""One member of a chain, from tokens to a tree: implicit products, fractions, derivatives, powers
of ten, matrices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from rnnquiz.languages.sentences import said
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stream import Stream, with_index
from rnnquiz.pages.token import Token, Unparsed
from rnnquiz.pages.written import TOTAL, Der, DerOf, Name, Node, Num, Op

# Brackets in brackets: the parser calls itself for each, and a page of nothing but brackets would
# end it with a RecursionError.
DEEPEST = 24
LONGEST_KEPT = 200  # tokens of a member that is kept
Key = tuple[tuple[str, str, bool], ...]
LONGEST_NUMBER = 40  # characters: a float has 17 digits
MOST_FACTORS, MOST_EXPONENTS = 200, 20  # one after the other
_BEHIND_A_FORMULA = (".", ",", ";", ":", "!", "}", "{", "|")
DIRECT, WHOLE = ("direct", "dir", "immediate", "local", "explicit"), ("total", "tot", "full")
_PRODUCTS = {"*": "mul", "⊙": "odot", "@": "matmul", "/": "div", "⊗": "outer"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@lru_cache(maxsize=20_000)
def _known(key: Key) -> Node | Unparsed:
    """The tree of tokens without their places, or why there is none: pages of a class, and lines of
    a page, repeat the same ones."""
    tokens = [Token(kind, text, k, k, near) for k, (kind, text, near) in enumerate(key)]
    try:
        return _tree_of(tokens, 0)
    except Unparsed as error:
        # Kept as well: a cache forgets what is raised.
        return error


def parse(tokens: Sequence[Token], depth: int = 0) -> Node:
    """The tree of a whole member. Unparsed where it is none."""
    if depth or len(tokens) > LONGEST_KEPT:
        return _tree_of(tokens, depth)
    key = tuple((token.kind, token.text, token.near) for token in tokens)
    found = _known(key)
    if isinstance(found, Unparsed):
        raise Unparsed(found.reason, found.start)
    return found


def _tree_of(tokens: Sequence[Token], depth: int) -> Node:
    parser = _Parser(tokens)
    tree = parser.sum(depth)
    parser.finish()
    return tree


class _Parser(Stream):
    """The grammar; `depth` is how deep a part is nested."""

    def finish(self) -> None:
        while self.is_end_of_sentence():
            self.at += 1
        if self.peek().kind != "end":
            raise self.fail()

    def is_end_of_sentence(self) -> bool:
        """True for text and signs that may stand behind a formula."""
        token = self.peek()
        if token.kind == "text":
            return True
        return token.kind == "sign" and token.text in _BEHIND_A_FORMULA

    # The grammar

    def sum(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.fail(said("it is nested too deep"))
        terms = [self.product(depth)]
        while self.peek().kind == "sign" and self.peek().text in ("+", "-"):
            sign = self.take().text
            term = self.product(depth)
            if sign == "-":
                term = _negated(term)
            terms.append(term)
        if len(terms) == 1:
            return terms[0]
        return Op("add", tuple(terms))

    def product(self, depth: int) -> Node:
        left = self.factor(depth)
        for _ in range(MOST_FACTORS):
            token = self.peek()
            if token.kind == "sign" and token.text in _PRODUCTS:
                self.at += 1
                right = self.factor(depth)
                left = _joined(_PRODUCTS[token.text], left, right)
            # Two numbers side by side are no product: a blank stands in one, or a sign is lost.
            elif self.starts_atom() and not (isinstance(left, Num) and token.kind == "number"):
                right = self.power(depth)
                left = _joined("mul", left, right)
            else:
                return left
        raise self.fail(said("it is too long a product"))

    def starts_atom(self) -> bool:
        token = self.peek()
        if token.kind in ("name", "number", "function", "frac", "accent", "begin"):
            return True
        if token.kind != "sign" or token.text not in ("(", "[", "∂", "{", "∑", "∇"):
            return False
        return self._is_open(token.text)

    def _is_open(self, text: str) -> bool:
        """True for anything but a brace that is never closed."""
        if text != "{":
            return True
        return self.at in self.ends

    def factor(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.fail(said("it is nested too deep"))
        if self.skip("-"):
            inner = self.factor(depth + 1)
            return _negated(inner)
        if self.skip("+"):
            return self.factor(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Node:
        base = self.atom(depth + 1)
        for _ in range(MOST_EXPONENTS):
            if isinstance(base, Der) and (part := self.marked(base)) is not None:
                base = part
            elif self.skip("^"):
                base = self.raised(base, depth)
            elif self.skip("⊤") or self.skip_dot_t():
                base = _transposed(base)
            elif isinstance(base, Der) and (at := self.restricted()):
                number = base.number
                if self.skip("#"):
                    number = self.take().text
                base = Der(base.of, base.by, base.direct, at, number)
            elif self.sign("_") and (entry := self.entry_of(base)) is not None:
                base = entry
            else:
                return base
        raise self.fail(said("it has too many exponents"))

    def skip_dot_t(self) -> bool:
        """W.T of a program."""
        behind = self.peek(1)
        if not self.sign(".") or behind.text != "T" or not behind.near:
            return False
        self.at += 2
        return True

    def entry_of(self, base: Node) -> Node | None:
        """(h_2)_1 and (dL/dW)_{12}: the name with one index more; None for anything else."""
        inner = base.by if isinstance(base, Der) else base
        if not isinstance(inner, Name):
            return None
        self.at += 1
        named = with_index(inner, self.index_tokens(), "")
        if isinstance(base, Der):
            return replace(base, by=named)
        return named

    def marked(self, base: Der) -> Der | None:
        """The derivative with the word behind it that says which part it is; None for any other."""
        start = self.at
        self.skip("|")
        if self.skip("^") or self.skip("_"):
            word = _text_of(self.index_tokens())
            word = word.strip("{}()").lower()
            if word in DIRECT:
                return replace(base, direct=True)
            if word in WHOLE:
                return replace(base, at=TOTAL)
        self.at = start
        return None

    def restricted(self) -> str:
        """The step of  |_{t=2} ,  |_2  or  @2  behind a derivative; empty where there is none."""
        start = self.at
        if self.skip("@") and self.peek().kind == "number":
            return self.take().text
        if self.skip("|") and self.skip("_"):
            index = self.index_tokens()
            numbers = list(filter(_is_number, index))
            if len(numbers) == 1:
                return numbers[0].text
        self.at = start
        return ""

    def raised(self, base: Node, depth: int) -> Node:
        """A power, a transpose, or the step that stands above a fraction."""
        start = self.at
        content = self.index_tokens()
        texts = [token.text for token in content]
        if texts in (["T"], ["⊤"], ["top"]):
            return _transposed(base)
        # \frac{∂L}{∂W}^{(t=2)}: the step is the last before the bracket closes.
        if isinstance(base, Der) and texts and texts[0] == "(" and texts[-1] == ")":
            return Der(base.of, base.by, base.direct, texts[-2], base.number)
        if not content:
            raise self.fail()
        inner = _Parser(content)
        exponent = inner.sum(depth + 1)
        if inner.peek().kind != "end":
            self.at = start
            raise self.fail()
        return Op("pow", (base, exponent))

    def atom(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.fail(said("it is nested too deep"))
        token = self.peek()
        if token.kind == "number":
            return self.number()
        if token.kind in ("name", "accent"):
            return self.name()
        if token.kind == "function":
            return self.call(depth)
        if token.kind == "frac":
            return self.fraction(depth)
        if token.kind == "begin":
            return self.matrix(depth)
        if token.kind == "sign":
            if token.text == "∂":
                return self.derivative(depth)
            if token.text == "∇":
                return self.nabla(depth)
            if token.text in ("(", "["):
                return self.bracketed(depth)
            if token.text == "{" and self.at in self.ends:
                return self.group(depth)
            if token.text == "|":
                return self.absolute(depth)
            if token.text == "∑":
                return self.summed(depth)
        raise self.fail()

    def number(self) -> Num:
        text = self.take().text.replace(",", ".")
        if self.sign("*") and self.peek(1).text == "10" and self.sign("^", 2):
            start = self.at
            self.at += 3
            digits = _text_of(self.index_tokens()).strip("()")
            # One number with its last place, where a product of two would have none.
            if re.fullmatch(r"[+-]?\d{1,2}", digits):
                return _number(f"{text}e{digits}", self.peek().start)
            self.at = start
        return _number(text, self.peek().start)

    def call(self, depth: int) -> Node:
        function = self.take().text
        exponent: Node | None = None
        while self.sign("^") or self.sign("'") or (function == "sech2" and self.has_near_two()):
            if self.peek().kind == "number":
                self.at += 1
            elif self.skip("'"):
                function = f"{function}'"
            else:
                self.at += 1
                content = self.index_tokens()
                # \tanh^{\prime}, as some write \tanh' in LaTeX.
                if [token.text for token in content] == ["'"]:
                    function = f"{function}'"
                else:
                    exponent = parse(content, depth + 1)
        if self.sign("_"):  # a sum over an index, a logarithm's base
            self.at += 1
            self.index_tokens()
        args = self.arguments(depth)
        tree: Node = Op(function, args)
        if exponent is None:
            return tree
        if function == "sech" and isinstance(exponent, Num) and exponent.value == 2:
            return Op("sech2", args)
        return Op("pow", (tree, exponent))

    def has_near_two(self) -> bool:
        """True for the digit of  sech2 , which is a part of its name."""
        return self.has_near_number() and self.peek().text == "2"

    def arguments(self, depth: int) -> tuple[Node, ...]:
        if self.sign("(") or self.sign("["):
            inner = self.bracketed(depth, True)
            if isinstance(inner, Op) and inner.op == "arguments":
                return inner.args
            return (inner,)
        if self.at in self.ends:
            return (self.group(depth),)
        return (self.power(depth),)

    def bracketed(self, depth: int, call: bool = False) -> Node:
        """(...) and [...]: a bracket, or a list where commas or semicolons stand in it."""
        open_ = self.take().text
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self.sum(depth + 1))
            if self.skip(","):
                continue
            if self.skip(";"):
                rows.append([])
                continue
            if self.sign(_CLOSING[open_]):
                self.at += 1
                break
            if open_ == "[" and (self.peek().kind == "number" or self.sign("-")):
                continue  # a printed array has no commas
            raise self.fail()
        if len(rows) > 1:
            return _matrix(rows)
        first, *others = entries = rows[0]
        # [0.5] is a vector of one number, [a + b] a bracket.
        if not others and (open_ == "(" or not isinstance(first, Num)):
            return first
        kind = "arguments" if call else "list"
        return Op(kind, tuple(entries))

    def group(self, depth: int) -> Node:
        begin, end = self.at + 1, self.ends[self.at]
        inner = _Parser(self.tokens[begin:end])
        tree = inner.sum(depth + 1)
        inner.finish()
        self.at = end + 1
        return tree

    def absolute(self, depth: int) -> Node:
        self.at += 1
        inner = self.sum(depth + 1)
        if not self.skip("|"):
            raise self.fail()
        return Op("abs", (inner,))

    def summed(self, depth: int) -> Node:
        self.at += 1
        while self.sign("_") or self.sign("^"):
            self.at += 1
            self.index_tokens()
        summand = self.product(depth + 1)
        return Op("sum", (summand,))

    def matrix(self, depth: int) -> Node:
        name = self.take().text
        if name not in spellings().matrices:
            opened = f"\\begin{{{name}}}"
            raise self.fail(said("{typed} is not understood", typed=opened))
        rows: list[list[list[Token]]] = [[[]]]
        level = 1  # a matrix in a cell has cells of its own
        while level:
            token = self.take()
            if token.kind == "end" and token.text == "":
                raise self.fail(said("a matrix breaks off"))
            level += _DEEPER.get(token.kind, 0)
            if token.kind == "sign" and token.text == "cell" and level == 1:
                rows[-1].append([])
            elif token.kind == "sign" and token.text == "line" and level == 1:
                rows.append([[]])
            elif level:
                cell = rows[-1][-1]
                cell.append(token)
        # \\ behind the last row begins none.
        written = filter(any, rows)
        return _matrix([[parse(cell, depth + 1) for cell in row] for row in written])

    # Derivatives

    def fraction(self, depth: int) -> Node:
        self.at += 1
        top, bottom = self.part(), self.part()
        of, by = _behind_d(top), _behind_d(bottom)
        if of is not None and by:
            return self.of_by(of, by, depth)
        dividend = parse(top, depth + 1)
        return Op("div", (dividend, parse(bottom, depth + 1)))

    def part(self) -> list[Token]:
        """Numerator or denominator: a group or one token."""
        if self.at in self.ends:
            end = self.ends[self.at]
            content = self.tokens[self.at + 1 : end]
            self.at = end + 1
            return list(content)
        if self.peek().kind == "end":
            raise self.fail()
        token = self.take()
        if token.kind == "number" and len(token.text) == 2:  # \frac12
            above, below = token.text[0], token.text[1]
            self.at -= 1
            self.tokens[self.at] = Token("number", below, token.start, token.end)
            return [Token("number", above, token.start, token.end)]
        return [token]

    def of_by(self, top: list[Token], bottom: list[Token], depth: int) -> Node:
        direct, top = _direct(top)
        by = parse(bottom, depth + 1)
        if not top:
            return self.operator(by, depth)
        of = parse(top, depth + 1)
        return Der(of, by, direct)

    def operator(self, by: Node, depth: int) -> DerOf:
        """∂/∂h_2 and what stands behind it, if anything does."""
        if self.starts_atom():
            return DerOf(by, self.power(depth + 1))
        return DerOf(by, Op("nothing", ()))

    def nabla(self, depth: int) -> Node:
        """∇_W L, and with a step above it: a gradient."""
        self.at += 1
        if not self.skip("_"):
            raise self.fail()
        index = self.index_tokens()
        by, at = parse(index, depth + 1), ""
        if self.skip("^"):
            at = _text_of(self.index_tokens()).strip("()")
            if not at.isdigit():
                raise self.fail()
        loss = self.name()
        return Der(loss, by, at=at)

    def derivative(self, depth: int) -> Node:
        """∂L/∂h_2 on one line, and ∂/∂h_2 (...)."""
        self.at += 1
        longest = self.at + 4  # ^{+}
        direct, _ = _direct(self.tokens[self.at : longest])
        if direct:
            self.at += 1
            self.skip("+")
            last = self.tokens[self.at - 1]
            if last.text == "^":
                self.index_tokens()
        if self.sign("/") and self.sign("∂", 1):
            self.at += 2
            by = self.power(depth + 1)
            return self.operator(by, depth)
        of = self.name()
        # dh_2 alone, as programs have it: a name, until it is known what it is the derivative of.
        if not self.sign("∂", 1) or not (self.sign("_") or self.sign("/")):
            letter = "d" + of.letter
            return Name(letter, of.accent, of.primes, of.words, of.numbers)
        self.at += 2  # dL_dU, as a program has it, is a derivative, too
        bracket = self.skip("(")
        by_ = self.name()
        if bracket:
            self.skip(")")
        return Der(of, by_, direct)


def _behind_d(tokens: list[Token]) -> list[Token] | None:
    """What stands behind the ∂ or the d of one side of a derivative; None where there is none."""
    if not tokens:
        return None
    first, *rest = tokens
    # d_1 is a letter of its own.
    if rest and rest[0].text == "_" and first.text == "d":
        return None
    if first.text == "∂" or (first.kind == "name" and first.text == "d"):
        return rest
    if first.kind != "name" or first.text[0] != "d" or first.text == "delta":
        return None
    return [replace(first, text=first.text[1:]), *rest]


def _text_of(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)


def _is_number(token: Token) -> bool:
    return token.kind == "number"


def _direct(tokens: list[Token]) -> tuple[bool, list[Token]]:
    """Whether a plus stands above the ∂, and the rest."""
    texts = [token.text for token in tokens]
    if texts[:2] == ["^", "+"]:
        return True, tokens[2:]
    if texts[:4] == ["^", "{", "+", "}"]:
        return True, tokens[4:]
    if texts[:1] == ["+"]:
        return True, tokens[1:]
    return False, tokens


_DEEPER = {"begin": 1, "end": -1}  # what a token adds to the depth of matrices in matrices


def _matrix(rows: Sequence[Sequence[Node]]) -> Op:
    lists = [Op("list", tuple(row)) for row in rows]
    return Op("list", tuple(lists))


def _transposed(base: Node) -> Node:
    """A matrix turned; of one row, written as a row of numbers: the column."""
    if isinstance(base, Op) and base.op == "list" and len(base.args) == 1:
        row = base.args[0]
        if isinstance(row, Op) and row.op == "list" and len(row.args) > 1:
            return Op("transpose", (row,))
    return Op("transpose", (base,))


def _joined(op: str, left: Node, right: Node) -> Node:
    # Flat: numbers are put in for factors in any order. That of a matrix product counts.
    if op in ("mul", "odot") and isinstance(left, Op) and left.op == op:
        return Op(op, (*left.args, right))
    return Op(op, (left, right))


def _negated(node: Node) -> Node:
    return Op("neg", (node,))


def _number(text: str, start: int) -> Num:
    if len(text) > LONGEST_NUMBER:
        raise Unparsed(said("a number is too long"), start)
    mantissa, _, exponent = text.lower().partition("e")
    _, _, decimals = mantissa.partition(".")
    power = int(exponent or 0)
    place = power - len(decimals)
    return Num(text, float(text), place)
