"""Derivatives in each way in which they are written: a fraction, on one line, an operator, with
a nabla, and what behind them says which part or step is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rnnquiz.pages.mathematics.stream import Stream, with_index
from rnnquiz.pages.mathematics.token import Token, text_of_tokens
from rnnquiz.pages.mathematics.written import TOTAL, Der, DerOf, Name, Node, Op

DIRECT, WHOLE = ("direct", "dir", "immediate", "local", "explicit"), ("total", "tot", "full")
Power = Callable[[int], Node]
Parse = Callable[[Sequence[Token], int], Node]


class Derivatives:
    """Derivatives that begin at the place of a stream. `power` and `parse` are those of the grammar
    that asks: what stands in a derivative is read as anything else."""

    def __init__(self, stream: Stream, power: Power, parse: Parse) -> None:
        self.stream, self.power, self.parse = stream, power, parse

    def entry_of(self, base: Node) -> Node | None:
        """(h_2)_1 and (dL/dW)_{12}: the name with one index more; None for anything else."""
        inner = base.by if isinstance(base, Der) else base
        if not isinstance(inner, Name):
            return None
        self.stream.at += 1
        named = with_index(inner, self.stream.index_tokens(), "")
        if isinstance(base, Der):
            return replace(base, by=named)
        return named

    def marked(self, base: Der) -> Der | None:
        """The derivative with the word behind it that says which part it is; None for any other."""
        start = self.stream.at
        self.stream.skip("|")
        if self.stream.skip("^") or self.stream.skip("_"):
            word = text_of_tokens(self.stream.index_tokens())
            word = word.strip("{}()").lower()
            if word in DIRECT:
                return replace(base, direct=True)
            if word in WHOLE:
                return replace(base, at=TOTAL)
        self.stream.at = start
        return None

    def restricted(self) -> str:
        """The step of  |_{t=2} ,  |_2  or  @2  behind a derivative; empty where there is none."""
        start = self.stream.at
        if self.stream.skip("@") and self.stream.peek().kind == "number":
            return self.stream.take().text
        if self.stream.skip("|") and self.stream.skip("_"):
            index = self.stream.index_tokens()
            numbers = list(filter(_is_number, index))
            if len(numbers) == 1:
                return numbers[0].text
        self.stream.at = start
        return ""

    def fraction(self, depth: int) -> Node:
        """A fraction: a derivative, where a ∂ or a d stands on both sides, else a quotient."""
        self.stream.at += 1
        top, bottom = self.part(), self.part()
        of, by = _behind_d(top), _behind_d(bottom)
        if of is not None and by:
            return self.of_by(of, by, depth)
        dividend = self.parse(top, depth + 1)
        return Op("div", (dividend, self.parse(bottom, depth + 1)))

    def part(self) -> list[Token]:
        """Numerator or denominator: a group or one token."""
        if self.stream.at in self.stream.ends:
            end = self.stream.ends[self.stream.at]
            content = self.stream.tokens[self.stream.at + 1 : end]
            self.stream.at = end + 1
            return list(content)
        if self.stream.peek().kind == "end":
            raise self.stream.fail()
        token = self.stream.take()
        if token.kind == "number" and len(token.text) == 2:  # \frac12
            above, below = token.text[0], token.text[1]
            self.stream.at -= 1
            self.stream.tokens[self.stream.at] = Token("number", below, token.start, token.end)
            return [Token("number", above, token.start, token.end)]
        return [token]

    def of_by(self, top: list[Token], bottom: list[Token], depth: int) -> Node:
        """The derivative of what stands above by what stands below."""
        direct, top = _direct(top)
        by = self.parse(bottom, depth + 1)
        if not top:
            return self.operator(by, depth)
        of = self.parse(top, depth + 1)
        return Der(of, by, direct)

    def operator(self, by: Node, depth: int) -> DerOf:
        """∂/∂h_2 and what stands behind it, if anything does."""
        if self.stream.starts_atom():
            return DerOf(by, self.power(depth + 1))
        return DerOf(by, Op("nothing", ()))

    def nabla(self, depth: int) -> Node:
        """∇_W L, and with a step above it: a gradient."""
        self.stream.at += 1
        if not self.stream.skip("_"):
            raise self.stream.fail()
        index = self.stream.index_tokens()
        by, at = self.parse(index, depth + 1), ""
        if self.stream.skip("^"):
            at = text_of_tokens(self.stream.index_tokens()).strip("()")
            if not at.isdigit():
                raise self.stream.fail()
        loss = self.stream.name()
        return Der(loss, by, at=at)

    def derivative(self, depth: int) -> Node:
        """∂L/∂h_2 on one line, and ∂/∂h_2 (...)."""
        self.stream.at += 1
        longest = self.stream.at + 4  # ^{+}
        direct, _ = _direct(self.stream.tokens[self.stream.at : longest])
        if direct:
            self.stream.at += 1
            self.stream.skip("+")
            last = self.stream.tokens[self.stream.at - 1]
            if last.text == "^":
                self.stream.index_tokens()
        if self.stream.sign("/") and self.stream.sign("∂", 1):
            self.stream.at += 2
            by = self.power(depth + 1)
            return self.operator(by, depth)
        of = self.stream.name()
        # dh_2 alone, as programs have it: a name, until it is known what it is the derivative of.
        if not self.stream.sign("∂", 1) or not (self.stream.sign("_") or self.stream.sign("/")):
            letter = "d" + of.letter
            return Name(letter, of.accent, of.primes, of.words, of.numbers)
        self.stream.at += 2  # dL_dU, as a program has it, is a derivative, too
        bracket = self.stream.skip("(")
        by_ = self.stream.name()
        if bracket:
            self.stream.skip(")")
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


def _is_number(token: Token) -> bool:
    return token.kind == "number"
