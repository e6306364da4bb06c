"""Mathematics as it was typed, LaTeX or plain, taken apart into tokens that know where they
stand.

pylatexenc parts commands from groups; letters, numbers, indices, unicode, and all that is typed as
text would still be parted here. For that alone it takes longer than reading the whole page does
(tests/benchmarks/pages.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rnnquiz.languages.sentences import said
from rnnquiz.pages.spellings import spellings

LONGEST_PRODUCT = 6  # letters without a blank that may be several names: a longer run is a word
_WITHOUT_BRACES = str.maketrans("", "", "{}")
MOST_TOKENS = 20_000  # of one piece of mathematics


@dataclass(frozen=True)
class Token:
    """`kind`: number, name, function, text, sign, frac, accent, begin, end, matrix or unknown.
    `start` and `end` are places in the text of the piece; `near`: no blank stands before it."""

    kind: str
    text: str
    start: int
    end: int
    near: bool = False


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


class Unparsed(ValueError):
    """What is no mathematics that can be read; `start` is the place."""

    def __init__(self, reason: str, start: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.start = reason, start


def tokens_of(
    text: str, words: Collection[str], comma: bool = False, rows: bool = False
) -> list[Token]:
    """The tokens of a piece. `words`: names of several letters. `comma`: a comma between digits
    stands before decimals.
    `rows`: a line's end ends a row, as in code."""
    lexer = _Lexer(text, frozenset(words), comma, rows)
    bare = _unwrapped(lexer.run())
    return list(_gridded(bare))


# Marks that stand behind their letter in Unicode: circumflex, tilde, macron, overline.
_MARKS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar"}


class _Lexer:
    def __init__(self, text: str, words: frozenset[str], comma: bool, rows: bool) -> None:
        self.text, self.words, self.comma, self.rows = text, words, comma, rows
        self.found: list[Token] = []

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        found = self.found
        near = bool(found) and found[-1].end == start
        token = Token(kind, text, start, end, near)
        found.append(token)
        if len(found) > MOST_TOKENS:
            raise Unparsed(said("it is too long"), start)

    def run(self) -> list[Token]:
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
        for part in self.split(run, index):
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

    def split(self, run: str, index: bool) -> list[str]:
        if len(run) == 1 or run in self.words or run.lower() in _WORDS:
            return [run]
        if index or (run[0] == "d" and "d" not in self.words and run[1:] in self.words):
            return [run]  # dh, dU: derivatives of the loss
        parts = list(self.words_in(run))
        # Wx is a product where the sheet has both; "as" is none, though it has an a.
        if len(run) <= LONGEST_PRODUCT and all(map(self.may_be_a_factor, parts)):
            return parts
        return [run]

    def words_in(self, run: str) -> Iterator[str]:
        """The words that a run consists of, the longest first; single letters between them."""
        known = sorted(self.words, key=len, reverse=True)
        at = 0
        while at < len(run):
            part = run[at]
            for word in known:
                if len(word) > 1 and run.startswith(word, at):
                    part = word
                    break
            yield part
            at += len(part)

    def may_be_a_factor(self, part: str) -> bool:
        """True for a word that is known, and for a letter of the sheet, of time or of a
        derivative."""
        if len(part) > 1 or part in "dtkTe":
            return True
        if part in self.words:
            return True
        # The same weight is written in both cases on one page.
        return part.swapcase() in self.words

    def other(self, found: str, start: int, end: int) -> None:
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
_WORDS = frozenset(
    ["new", "top", "pred", "true", "the", "then", "they", "be", "we", "he", "but", "let", "yet"]
)
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
