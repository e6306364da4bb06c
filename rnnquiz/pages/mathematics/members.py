"""One member of a chain, from tokens to a tree: implicit products, fractions, derivatives, powers
of ten, matrices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.derivatives import Derivatives
from rnnquiz.pages.mathematics.stream import Stream
from rnnquiz.pages.mathematics.token import Token, Unparsed, text_of_tokens
from rnnquiz.pages.mathematics.trees import (
    joined_by,
    matrix_tree,
    negative_of,
    number_from,
    transposed_of,
)
from rnnquiz.pages.mathematics.written import Der, Node, Num, Op
from rnnquiz.pages.spellings import spellings

# Brackets in brackets: the parser calls itself for each, and a page of nothing but brackets would
# end it with a RecursionError.
DEEPEST = 24
LONGEST_KEPT = 200  # tokens of a member that is kept
Key = tuple[tuple[str, str, bool], ...]
MOST_FACTORS, MOST_EXPONENTS = 200, 20  # one after the other
_BEHIND_A_FORMULA = (".", ",", ";", ":", "!", "}", "{", "|")
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

    @property
    def derivatives(self) -> Derivatives:
        """Made anew each time: a parser that kept it would be kept by it."""
        return Derivatives(self, self.power, parse)

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
                term = negative_of(term)
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
                left = joined_by(_PRODUCTS[token.text], left, right)
            # Two numbers side by side are no product: a blank stands in one, or a sign is lost.
            elif self.starts_atom() and not (isinstance(left, Num) and token.kind == "number"):
                right = self.power(depth)
                left = joined_by("mul", left, right)
            else:
                return left
        raise self.fail(said("it is too long a product"))

    def factor(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.fail(said("it is nested too deep"))
        if self.skip("-"):
            inner = self.factor(depth + 1)
            return negative_of(inner)
        if self.skip("+"):
            return self.factor(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Node:
        base = self.atom(depth + 1)
        for _ in range(MOST_EXPONENTS):
            if isinstance(base, Der) and (part := self.derivatives.marked(base)) is not None:
                base = part
            elif self.skip("^"):
                base = self.raised(base, depth)
            elif self.skip("⊤") or self.skip_dot_t():
                base = transposed_of(base)
            elif isinstance(base, Der) and (at := self.derivatives.restricted()):
                number = base.number
                if self.skip("#"):
                    number = self.take().text
                base = Der(base.of, base.by, base.direct, at, number)
            elif self.sign("_") and (entry := self.derivatives.entry_of(base)) is not None:
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

    def raised(self, base: Node, depth: int) -> Node:
        """A power, a transpose, or the step that stands above a fraction."""
        start = self.at
        content = self.index_tokens()
        texts = [token.text for token in content]
        if texts in (["T"], ["⊤"], ["top"]):
            return transposed_of(base)
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
            return self.derivatives.fraction(depth)
        if token.kind == "begin":
            return self.matrix(depth)
        if token.kind == "sign":
            if token.text == "∂":
                return self.derivatives.derivative(depth)
            if token.text == "∇":
                return self.derivatives.nabla(depth)
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
            digits = text_of_tokens(self.index_tokens()).strip("()")
            # One number with its last place, where a product of two would have none.
            if re.fullmatch(r"[+-]?\d{1,2}", digits):
                return number_from(f"{text}e{digits}", self.peek().start)
            self.at = start
        return number_from(text, self.peek().start)

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
            return matrix_tree(rows)
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
        return matrix_tree([[parse(cell, depth + 1) for cell in row] for row in written])


_DEEPER = {"begin": 1, "end": -1}  # what a token adds to the depth of matrices in matrices
