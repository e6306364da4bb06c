"""Mathematics as it was typed, LaTeX or plain, sign by sign: tokens that know where they stand.

pylatexenc parts commands from groups; letters, numbers, indices, unicode, and all that is typed as
text would still be parted here. For that alone it takes longer than reading the whole page does
(tests/benchmarks/pages.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.letter_runs import names_in_run
from rnnquiz.pages.mathematics.token import Token, Unparsed
from rnnquiz.pages.spellings import spellings

_WITHOUT_BRACES = str.maketrans("", "", "{}")
MOST_TOKENS = 20_000  # of one piece of mathematics


@cache
def _pattern(comma: bool) -> re.Pattern[str]:
    """One alternative for each kind; of those that fit, the first."""
    point = r"(?:[.,]|\{[.,]\})" if comma else r"(?:\.|\{\.\})"
    raised, lowered = "".join(spellings().raised), "".join(spellings().lowered)
    # 10 000 with a blank is two numbers, and no member: whether it is one is not guessed.
    return re.compile(
        rf"""(?P<number>(?:\d+(?:{point}\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)
        |(?P<environment>\\(?:begin|end)\s*\{{[a-zA-Z*]*\}}(?:\{{[^{{}}]*\}})?)
        |(?P<command>\\(?:operatorname\*|[a-zA-Z]+|.))
        |(?P<word>[A-Za-z]+)
        |(?P<long>:=|\+=|[-−]=|<-|->|=>|==|\.\.\.|\*\*)
        |(?P<raised>[{raised}]+)
        |(?P<lowered>[{lowered}]+)
        |(?P<newline>\n)
        |(?P<blank>\s+)
        |(?P<other>.)""",
        re.VERBOSE | re.DOTALL,
    )


# Marks that stand behind their letter in Unicode: circumflex, tilde, macron, overline.
_MARKS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar"}


class Lexer:
    """Goes through a text once. `comma` and `rows` as in `tokens_of`."""

    def __init__(self, text: str, words: frozenset[str], comma: bool, rows: bool) -> None:
        self.text, self.words, self.comma, self.rows = text, words, comma, rows
        self.found: list[Token] = []

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        """Takes one token."""
        found = self.found
        near = bool(found) and found[-1].end == start
        token = Token(kind, text, start, end, near)
        found.append(token)
        if len(found) > MOST_TOKENS:
            raise Unparsed(said("it is too long"), start)

    def run(self) -> list[Token]:
        """All tokens of the text."""
        table, at = spellings(), 0
        pattern = _pattern(self.comma)
        while at < len(self.text):
            match = pattern.match(self.text, at)
            assert match is not None
            kind, found, start, at = str(match.lastgroup), match.group(), at, match.end()
            if kind in ("number", "word") and (index := self.mixed_index(start)):
                at = start + len(index)
                self.add("name", index, start, at)
            elif kind == "number":
                digits = found.translate(_WITHOUT_BRACES)
                self.add("number", digits, start, at)
            elif kind == "environment":
                opened, closed = found.index("{"), found.index("}")
                side = "begin" if found.startswith("\\b") else "end"
                self.add(side, found[opened + 1 : closed], start, at)
            elif kind == "command":
                at = self.command(found, start, at)
            elif kind == "word":
                at = self.word(found, start)
            elif kind == "raised":
                self.group("^", table.raised, found, start)
            elif kind == "lowered":
                self.group("_", table.lowered, found, start)
            elif kind == "newline" and self.rows:
                self.add("sign", "row", start, at)
            elif kind in ("other", "long"):
                self.other(found, start, at)
        return self.found

    def mixed_index(self, start: int) -> str:
        """An index of letters and digits that a name of the bank has (W_i2); empty where there is
        none."""
        if not (self.found and self.found[-1].text == "_" and self.found[-1].end == start):
            return ""
        run = _MIXED.match(self.text, start)
        if run is not None and run.group() in self.words and not run.group().isdigit():
            return run.group()
        return ""

    def group(self, sign: str, mapped: Mapping[str, str], found: str, start: int) -> None:
        """A raised or lowered run as a group of its own."""
        end = start + len(found)
        content = "".join(mapped[c] for c in found)
        # h₂ as h_{2}: the sign and the braces have no length of their own.
        self.add("sign", sign, start, start)
        self.add("sign", "{", start, start)
        for part in re.findall(r"\d+|[a-z]+|.", content):
            self.add(_kind_of_index(part), part, start, end)
        self.add("sign", "}", end, end)

    def command(self, found: str, start: int, end: int) -> int:
        """A command of LaTeX; returns where it ends."""
        table = spellings()
        if found in table.silent and (argument := _ARGUMENT.match(self.text, end)):
            end = argument.end()
        if found in table.texts or found in table.romans:
            content = _GROUP.match(self.text, end)
            if content is not None:
                return self.roman(content, start, found in table.romans)
            if found in table.romans:
                return end  # \rm h: the letter behind it is read by itself
        if found in ("\\%", "\\#", "\\_"):
            self.add("sign", found[1], start, end)
        elif found in table.greek and found not in table.functions:
            self.add("name", table.greek[found], start, end)
        elif found in table.signs:
            self.add("sign", table.signs[found], start, end)
        elif found in table.functions:
            self.add("function", table.functions[found], start, end)
        elif found in table.accents:
            self.add("accent", table.accents[found], start, end)
        elif found in ("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"):
            self.add("frac", "frac", start, end)
        elif found in ("\\left", "\\right") and self.text[end : end + 1] == ".":
            return end + 1  # it opens nothing: the point is no point of a number
        elif found in table.unwrapped:
            self.add("wrap", found, start, end)
        elif found in ("\\ell",):
            self.add("name", "L", start, end)
        elif found not in table.dropped and found not in table.silent:
            self.add("unknown", found, start, end)
        return end

    def roman(self, braced: re.Match[str], start: int, upright: bool) -> int:
        """What stands in upright letters: a function, an index, or words. Where it ends."""
        table, content, end = spellings(), braced[1].strip(), braced.end()
        if content in table.functions and content not in ("σ",):
            self.add("function", table.functions[content], start, end)
        elif upright and content == "d":
            # The d of a derivative (ISO 80000-2).
            self.add("sign", "∂", start, end)
        elif re.fullmatch(r"[A-Za-z]+", content):
            self.add("name" if upright else "text", content, start, end)
        elif re.fullmatch(r"\d+", content):
            self.add("number", content, start, end)
        elif content in ("*", "⊤"):
            self.add("sign", content, start, end)
        elif content:
            self.add("text", content, start, end)
        return end

    def word(self, run: str, start: int) -> int:
        """A run of letters: a word that is known, or letters that stand for a product. Where it
        ends."""
        table, end = spellings(), start + len(run)
        index = self.is_behind_index_sign(start)
        if not index and (joined := _JOINED.match(self.text, start)):
            return self.joined(joined)
        if not index and run[0] == "d" and self.begins_derivative(start):
            self.add("sign", "∂", start, start + 1)
            if len(run) > 1:
                rest = run[1:]
                return self.word(rest, start + 1)
            return end
        if run in ("grad", "nabla") and self.text[end : end + 1] == "_":
            self.add("sign", "∇", start, end)
            return end
        # With its length behind it, ones(2), it is a call that nobody writes by hand.
        if not index and run in table.ones and self.text[end : end + 1] != "(":
            self.add("number", "1", start, end)
            return end
        if not index and run in table.functions:
            function = table.functions[run]
            if run == "sech" and self.text.startswith("2", end):
                function = "sech2"
            self.add("function", function, start, end)
            return end
        place = start
        for part in names_in_run(run, index, self.words):
            kind, name = "name", part
            # Two letters in a run are rather two names than a function.
            if part in table.functions and len(part) > 2 and not index:
                kind, name = "function", table.functions[part]
            self.add(kind, name, place, place + len(part))
            place += len(part)
        return end

    def joined(self, found: re.Match[str]) -> int:
        """dL3_dc, as a program has it, as ∂L3/∂. Where it ends."""
        start, end = found.span()
        loss = found[1]
        self.add("sign", "∂", start, start + 1)
        letter = loss.rstrip("0123456789")
        index_at = self.word(letter, start + 1)
        if letter != loss:
            step = loss.removeprefix(letter)
            self.add("number", step, index_at, found.end(1))
        self.add("sign", "/", start, start)
        self.add("sign", "∂", start, end)
        return end

    def begins_derivative(self, start: int) -> bool:
        """True for a d on either side of a slash."""
        if _SLASHED.match(self.text, start):
            return True
        behind = self.text[start + 1 : start + 2]
        return behind.isalpha() and self._after_slash()

    def is_behind_index_sign(self, start: int) -> bool:
        """True for what is raised or lowered without braces."""
        if not self.found:
            return False
        last = self.found[-1]
        return last.text in ("_", "^") and last.end == start

    def _after_slash(self) -> bool:
        """True behind the slash of  dL/dU ."""
        if not self.found or self.found[-1].text != "/":
            return False
        # 16 tokens: a numerator is a letter with its indices and marks, and no longer.
        for token in reversed(self.found[-16:-1]):
            if token.text == "∂":
                return True
            if token.kind == "sign" and token.text in ("=", "*", "/", "≈"):
                return False
        return False

    def other(self, found: str, start: int, end: int) -> None:
        """A sign that is neither letter nor number nor command."""
        table = spellings()
        if found in table.signs:
            self.add("sign", table.signs[found], start, end)
        elif found in table.functions and found != "σ":
            self.add("function", table.functions[found], start, end)
        elif found == "σ":
            self.add("function", "sigmoid", start, end)
        elif found in table.greek:
            self.add("name", table.greek[found], start, end)
        elif found in "_^{}()[]+*/=,;:|&'@#%!<>.":
            self.add("sign", found, start, end)
        elif found == "**":
            self.add("sign", "^", start, end)
        elif found == "==":
            self.add("sign", "=", start, end)
        elif found == "½":
            for kind, text in _HALF:
                self.add(kind, text, start, end)
        elif found in _MARKS:
            self.mark(_MARKS[found], start, end)
        elif found not in table.dropped:
            self.letter(found, start, end)

    def letter(self, found: str, start: int, end: int) -> None:
        """A letter with its mark (ŷ), a letter of another alphabet, or a sign that is not known."""
        parts = unicodedata.normalize("NFKD", found)
        if len(parts) == 2 and parts[1] in _MARKS and parts[0].isascii():
            letter, mark = parts[0], _MARKS[parts[1]]
            self.add("name", letter, start, end)
            self.mark(mark, start, end)
        # A letter in bold or script of its own in Unicode (𝐡) is that letter.
        elif parts.isascii() and parts.isalpha():
            self.add("name", parts, start, end)
        # So is a number in bold (𝟏): a vector of ones.
        elif parts.isascii() and parts.isdigit():
            self.add("number", parts, start, end)
        else:
            self.add("unknown", found, start, end)

    def mark(self, accent: str, start: int, end: int) -> None:
        """A mark over the letter before it."""
        if self.found and self.found[-1].kind == "name":
            last = self.found.pop()
            # Before the letter, where LaTeX has it (\hat y).
            self.add("accent", accent, last.start, last.start)
            self.found.append(replace(last, end=end, near=True))


# ½ in brackets: it is one number, also behind a slash.
_HALF = (("sign", "("), ("number", "1"), ("sign", "/"), ("number", "2"), ("sign", ")"))
_GROUP = re.compile(r"\s*\{([^{}]*)\}")
_ARGUMENT = re.compile(r"\*?\s*\{[^{}]*\}")
_MIXED = re.compile(r"[A-Za-z0-9]+")
_JOINED = re.compile(r"d((?:L|loss|E|J)\d*)_d(?=[A-Za-z])")  # dL_dW, dL3_dc
_SLASHED = re.compile(r"d\+?[A-Za-z][^\s/=*·×<>≈;]{0,24}\s?/\s?d[^\W\d]")  # dL[3]/dU


def _kind_of_index(part: str) -> str:
    """The kind of a part of what is raised or lowered."""
    if part.isdigit():
        return "number"
    if part.isalpha() and part != "⊤":
        return "name"
    return "sign"
