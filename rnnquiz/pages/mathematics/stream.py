"""A stream of tokens, and the names that begin in it: letters with all that stands below, above and
behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import filterfalse

from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.token import Token, Unparsed
from rnnquiz.pages.mathematics.tokens import closing
from rnnquiz.pages.mathematics.written import Name

_END = Token("end", "", 0, 0)
AHEAD = 8  # signs looked at behind the last token
_BEHIND_STAR = ("=", "≈", ")", "]", ",", ";", "+")
_BOX = re.compile(r"\.\d$")  # the entry in the name of a box: h[2].1
# A step or an index: t-1, n, or a number.
_TIME = re.compile(r"[tTkni](?:[+-]\d)?|-?\d+")
_WITH_NUMBER = re.compile(r"([A-Za-z]+)(\d+)")
_CLOSED_BY = {"(": ")", "[": "]", "<": ">"}
LONGEST_INDEX = 8  # tokens in brackets without braces around them


def _is_arranging(token: Token) -> bool:
    return token.kind == "sign" and token.text in ("gap", "&", "row")


def _sign_of(token: Token) -> str:
    """The sign that a token is; empty for any other."""
    return token.text if token.kind == "sign" else ""


class Stream:
    """Tokens, and the place that has been reached."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = list(filterfalse(_is_arranging, tokens))
        self.signs = list(map(_sign_of, self.tokens))
        # Most of a parser's questions are for a sign: it is looked up, not asked of a token.
        self.signs += [""] * AHEAD
        self.at = 0
        self.ends = closing(self.tokens, "{", "}")

    def peek(self, ahead: int = 0) -> Token:
        """The next token, or one after it; the end where there is none."""
        try:
            return self.tokens[self.at + ahead]
        except IndexError:
            return _END

    def sign(self, text: str, ahead: int = 0) -> bool:
        """True where a sign stands next."""
        place = self.at + ahead
        if place >= len(self.signs):
            return False
        return self.signs[place] == text

    def take(self) -> Token:
        """The next token, which is used up."""
        token = self.peek()
        self.at += 1
        return token

    def skip(self, text: str) -> bool:
        """Uses up a sign where it stands next, and says whether it did."""
        found = self.sign(text)
        self.at += found
        return found

    def starts_atom(self) -> bool:
        """True where a factor begins."""
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

    def fail(self, what: str = "") -> Unparsed:
        """The error that says what cannot be read, and where."""
        token = self.peek()
        if not what and token.kind == "end":
            what = said("it breaks off")
        elif not what:
            what = said("{typed} is not understood", typed=repr(token.text))
        return Unparsed(what, token.start)

    def index_tokens(self) -> list[Token]:
        """What is raised or lowered: a group, something in brackets, or one token (with its
        sign)."""
        if self.at in self.ends:
            begin, end = self.at + 1, self.ends[self.at]
            self.at = end + 1
            return list(self.tokens[begin:end])
        if self.sign("(") or self.sign("[") or self.sign("<"):
            content = self._in_brackets()
            if content:
                return content
        # h_-1 in plain text.
        if (self.sign("-") or self.sign("+")) and self.peek(1).kind == "number":
            return [self.take(), self.take()]
        if self.peek().kind != "end":
            return [self.take()]
        return []

    def _in_brackets(self) -> list[Token]:
        """An index with its brackets; nothing where they are not closed near."""
        opening = self.peek()
        close = _CLOSED_BY[opening.text]
        near = self.tokens[self.at : self.at + LONGEST_INDEX]
        for k, token in enumerate(near):
            if k and token.text == close:
                content = near[: k + 1]
                self.at += len(content)
                return content
        return []

    def name(self) -> Name:
        """A name with its accent and what stands below and above it."""
        accent = ""
        if self.peek().kind == "accent":
            accent = self.take().text
        if accent and self.at in self.ends:  # \hat{y_1} and \hat{\mathbf y}
            end = self.ends[self.at]
            self.at += 1
            inner = self.name()
            if self.at != end:
                raise self.fail()
            self.at = end + 1
            named = Name(inner.letter, accent, inner.primes, inner.words, inner.numbers)
        else:
            if self.peek().kind != "name":
                raise self.fail()
            letter = self.take()
            named = Name(letter.text, accent)
        return self.indexed(named)

    def indexed(self, name: Name) -> Name:
        """The name with all that stands below, above and behind it."""
        while True:
            if self.skip("'"):
                name = Name(name.letter, name.accent, name.primes + 1, name.words, name.numbers)
            elif self.sign("_") and self.peek(1).kind != "end":
                self.at += 1
                below = self.index_tokens()
                name = with_index(name, below, "")
            elif self.sign("^") and self.is_index():
                self.at += 1
                above = self.index_tokens()
                name = with_index(name, above, "^")
            elif self.peek().near and (self.is_time("[") or self.is_time("(")):
                # Behind another index, h_2[0] is an entry; h[2] alone is a step.
                style = "[" if name.numbers and self.sign("[") else ""
                _, *content, _ = self.index_tokens()
                name = with_index(name, content, style)
            elif self.has_near_number() and _BOX.match(self.peek().text):
                name = with_index(name, [self.box_entry()], ".")
            elif self.has_mark(name):
                name = with_index(name, [self.take()], "")
            elif self.sign("#") and self.peek(1).kind == "number":
                self.at += 1
                name = with_index(name, [self.take()], "#")
            elif self.sign("*") and self.peek().near and self.sign("=", 1) and not name.words:
                # y* = 0.5: without an index it may be the target of any step, and is not guessed.
                raise self.fail()
            else:
                return _in_order(name)

    def box_entry(self) -> Token:
        """The digit of  .1 , without its point."""
        token = self.take()
        digit = token.text[1:]
        return replace(token, text=digit)

    def has_mark(self, name: Name) -> bool:
        """True for the star of y_1*, and for the digit of h2."""
        if name.numbers:
            return self.starred()
        return self.has_near_number() and "." not in self.peek().text

    def starred(self) -> bool:
        """True for the star of y_1*: nothing follows that it could be multiplied by."""
        if not self.sign("*") or not self.peek().near:
            return False
        after = self.peek(1)
        if after.kind == "sign":
            return after.text in _BEHIND_STAR
        return after.kind == "end"

    def is_index(self) -> bool:
        """True where what is raised is an index: in brackets, a word, a star; not a power, not a
        transpose."""
        start = self.at
        self.at += 1
        content = self.index_tokens()
        self.at = start
        texts = [token.text for token in content]
        if not content or texts in (["T"], ["⊤"], ["top"]):
            return False
        if texts[0] in ("(", "[", "<") and len(texts) > 2:
            return True
        # y^t is a power; y^{target} is none.
        return texts != ["t"] and all(map(_may_be_index, content))

    def has_near_number(self) -> bool:
        """True where a number follows without a space."""
        token = self.peek()
        return token.kind == "number" and token.near

    def is_time(self, opening: str) -> bool:
        """True for a step in brackets that open here."""
        if not self.sign(opening):
            return False
        close = _CLOSED_BY[opening]
        # t, t-1 or -1 in the brackets: three tokens at most.
        for k in range(2, 5):
            if not self.sign(close, k):
                continue
            begin, end = self.at + 1, self.at + k
            inner = "".join(token.text for token in self.tokens[begin:end])
            if _TIME.fullmatch(inner) is None:
                return False
            # W(2) is a product, and h(t) is none.
            return close == "]" or not inner.isdigit() or self._called()
        return False

    def _called(self) -> bool:
        """True where h(2) is h at step 2: nothing else is multiplied that way."""
        if not self.at:
            return False
        before = self.tokens[self.at - 1]
        return before.kind == "name" and before.text.islower()


def _may_be_index(token: Token) -> bool:
    """True for a part of a raised word, or a mark such as a star."""
    return token.kind in ("name", "text") or token.text in ("*", "'", ",", "+")


def _stands_below(number: tuple[str, str]) -> bool:
    style, _ = number
    return not style.startswith("^")


def _in_order(name: Name) -> Name:
    """The name with what stands above before what stands below: h_1^{(2)} looks like h^{(2)}_1."""
    numbers = sorted(name.numbers, key=_stands_below)
    if tuple(numbers) == name.numbers:
        return name
    return replace(name, numbers=tuple(numbers))


def with_index(name: Name, content: Sequence[Token], style: str) -> Name:
    """The name with more indices; words are kept apart from numbers and steps."""
    texts = [token.text for token in content]
    if texts and texts[0] in ("(", "[", "<") and len(texts) > 2:
        style, content = style + texts[0], content[1:-1]
    words, numbers = list(name.words), list(name.numbers)
    primes = name.primes
    part = ""
    # A comma behind the last part ends it as any other.
    for token in [*content, Token("sign", ",", 0, 0)]:
        if token.text == "," or token.text == ";":
            if _TIME.fullmatch(part):
                numbers.append((style, part))
            elif part == "'":
                primes += 1
            elif part.startswith(("t=", "T=")) and part[2:].isdigit():
                numbers.append((style, part[2:]))
            elif found := _WITH_NUMBER.fullmatch(part):
                word, number = found.groups()
                words.append(word)
                numbers.append((style, number))
            elif part:
                words.append(part)
            part = ""
        # Two numbers with a blank between them are two indices.
        elif token.kind == "number" and part and part.isdigit():
            numbers.append((style, part))
            part = token.text
        elif token.text not in ("{", "}", "_"):
            part += token.text.strip("()[]<>")
    return Name(name.letter, name.accent, primes, tuple(words), tuple(numbers))
