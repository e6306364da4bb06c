"""A page of several problems, parted under their headings: Problem 1, Aufgabe 2, or 2 alone.

A part is the whole page with all that belongs to other problems made blank, so that each line keeps
its place. What stands under no heading of a problem belongs to none: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rnnquiz.languages.sentences import said
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.layout.pieces import Piece, pieces_of
from rnnquiz.pages.spellings import spellings

SHORT_HEADING = 80  # characters of a line of prose that may be a heading
_MARKUP = re.compile(r"\\[a-zA-Z]+\*?\s*\{|[#*_{}>]|</?[a-zA-Z]{1,10}>")
# A number of two digits at most: 2026 is no problem of a sheet.
_BARE = re.compile(r"(\d{1,2})\s*[.):]?\s*(.*)")
_STATES = re.compile(r"[=≈←]|\\approx|\\leftarrow|\\gets")
_NUMBER = re.compile(r"\s*[-−+]?\d")
_FENCE = re.compile(r"[ \t>]*(?:```|~~~)")


@dataclass(frozen=True)
class Parted:
    """The part of each problem, by its place; `lost`: lines with statements that belong to no
    problem of the sheet, each with the reason."""

    parts: Mapping[int, Page]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Section:
    """From a heading of a problem to the next: the place of the problem, 0 for what stands above
    all of them."""

    place: int
    start: int
    end: int


@cache
def _worded() -> re.Pattern[str]:
    """Problem 2; Aufgabe Nr. 2: through time; with the sign behind the number, and the rest."""
    escaped = map(re.escape, spellings().problems)
    # The longer first: Problem set before Problem.
    words = "|".join(sorted(escaped, key=len, reverse=True))
    number = r"\s*(?:n[ro]\.|n[°º]|№)?\s*(\d{1,2})(?!\d|[.,]\d)(?:[a-h]\b)?"
    return re.compile(rf"(?:{words})\.?{number}\s*([-–—:.()]?)(.*)", re.IGNORECASE)


def place_in_name(name: str) -> int:
    """The number of the problem in the name of a file, such as problem-2.md; 0 where there is none,
    or more than one."""
    plain = re.sub(r"[-_\s]+", " ", name)
    escaped = map(re.escape, spellings().problems)
    words = "|".join(escaped)
    found = re.findall(rf"(?<![^\W\d_])(?:{words}) ?(\d{{1,2}})(?!\d)", plain, re.IGNORECASE)
    if len(set(found)) == 1:
        return int(found[0])
    return 0


def parted_page(page: Page, titles: Mapping[int, str], name: str = "") -> Parted:
    """The parts of a page of a sheet whose problems have these titles; `name` is that of its
    file, which tells the problem of what stands under no heading. Without any part it cannot be
    told what the page is of."""
    headings = _headings(page, titles)
    by_place: dict[int, list[_Section]] = {}
    for section in _sections(page, headings, place_in_name(name)):
        by_place.setdefault(section.place, []).append(section)
    parts: dict[int, Page] = {}
    lost = list[str]()
    for place, own in sorted(by_place.items()):
        if place in titles:
            parts[place] = _only(page, own)
        else:
            lost += _lost(page, own)
    return Parted(parts, tuple(lost))


def _headings(page: Page, titles: Mapping[int, str]) -> list[tuple[int, int]]:
    """Where the heading of a problem begins, and its number; numbers without a word count where no
    heading has one, and where all of them are numbers of problems, each once."""
    worded: list[tuple[int, int]] = []
    bare: list[tuple[int, int]] = []
    for piece in pieces_of(page):
        if piece.kind not in ("heading", "prose"):
            continue
        if place := _place_of(page, piece):
            worded.append((piece.start, place))
        if place := _bare_place(page, piece, titles):
            bare.append((piece.start, place))
    if worded:
        return worded
    places = [place for _, place in bare]
    distinct = set(places)
    once = len(distinct) == len(places)
    if once and titles.keys() >= distinct:
        return bare
    return []


def _line(page: Page, piece: Piece) -> str:
    """The line of a piece without marks of a heading."""
    line = page.line_of(piece.start).strip()
    bare = _MARKUP.sub(" ", line)
    return " ".join(bare.split())


def _place_of(page: Page, piece: Piece) -> int:
    """The number of the problem that a line is the heading of; 0 where it is none. A sentence is no
    heading: Problem 2 was hard."""
    line = _line(page, piece)
    found = _worded().match(line)
    if found is None:
        return 0
    number, sign, rest = found.groups()
    if piece.kind == "heading" or not rest.strip() or _is_bold(page, piece):
        return int(number)
    # Problem 2: through time, and not  Problem 2: 0.3
    if sign and len(line) <= SHORT_HEADING and not _NUMBER.match(rest):
        return int(number)
    return 0


def _bare_place(page: Page, piece: Piece, titles: Mapping[int, str]) -> int:
    """The number that a heading consists of, with the title of its problem or without; 0 where it
    is none: 2. Backward pass is a part of a solution."""
    if piece.kind == "prose" and not _is_bold(page, piece):
        return 0
    found = _BARE.fullmatch(_line(page, piece))
    if found is None:
        return 0
    number = int(found[1])
    title = titles.get(number, "").casefold()
    rest = found[2].strip().casefold()
    if not rest or rest == title:
        return number
    return 0


def _is_bold(page: Page, piece: Piece) -> bool:
    """True for a line all of which is bold."""
    line = page.line_of(piece.start).strip()
    return re.fullmatch(r"\*\*[^*]+\*\*|__[^_]+__|\\textbf\s*\{[^{}]*\}\W*", line) is not None


def _sections(page: Page, headings: Sequence[tuple[int, int]], named: int) -> Iterator[_Section]:
    """What stands above all headings, of the problem in the name of the file, and each section."""
    # The marks of a heading stand before its piece.
    starts = [_start_of_line(page, at) for at, _ in headings]
    ends = [*starts, len(page.text)]
    yield _Section(named, 0, ends[0])
    for (_, place), start, end in zip(headings, starts, ends[1:], strict=True):
        yield _Section(place, start, end)


def _start_of_line(page: Page, at: int) -> int:
    return page.text.rfind("\n", 0, at) + 1


def _only(page: Page, own: Sequence[_Section]) -> Page:
    """The page with nothing but some sections; fences of code stay, so that each is closed."""
    lines, at = list[str](), 0
    for line in page.text.splitlines(keepends=True):
        inside = any(section.start <= at < section.end for section in own)
        if inside or _FENCE.match(line):
            lines.append(line)
        else:
            blank = re.sub(r"[^\n]", " ", line)
            lines.append(blank)
        at += len(line)
    return replace(page, text="".join(lines))


def _lost(page: Page, own: Sequence[_Section]) -> Iterator[str]:
    """A line for each section that belongs to no problem and has statements in it."""
    for section in own:
        stated = next(_statements(page, section), None)
        if stated is None:
            continue
        where = page.shown_place(stated.start)
        if section.place:
            yield said(
                "{place}: the sheet has no problem {number}: not read",
                place=where,
                number=section.place,
            )
        else:
            yield said("{place}: stands under no heading such as Problem 2: not read", place=where)


def _statements(page: Page, section: _Section) -> Iterator[Piece]:
    """What of a section looks like a statement; what a document of LaTeX begins with does not."""
    for piece in pieces_of(page):
        if section.start <= piece.start < section.end and _STATES.search(piece.text):
            yield piece
