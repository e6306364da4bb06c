"""The annotated page: the student's own lines, each with a mark in the margin, the finding where it
was made, the right line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.returned import PageLine, PageLines, Said, TypedText
from rnnquiz.documents.tree import Block, Heading, Paragraph, Symbol
from rnnquiz.grade.mark import BoxResult
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said
from rnnquiz.pages.arithmetic import SlipOfLine
from rnnquiz.pages.reading import Reading
from rnnquiz.pages.shown import Statement
from rnnquiz.solution import Solution
from rnnquiz.worked_lines import Line

MARKS = {verdict: look.sign for verdict, look in LOOKS.items()} | {"method": "✗", "blank": ""}
TONES = {
    "✓": "correct",
    "→": "follow-through",
    "≈": "rounding",
    "✗": "wrong",
    "?": "unreadable",
    "": "blank",
}


def page_blocks(
    reading: Reading, results: Mapping[str, BoxResult], solution: Solution
) -> list[Block]:
    """The page line by line, and below it what could not be read."""
    blocks: list[Block] = [Heading(said("Your page, line by line"))]
    if reading.few:
        blocks.append(
            Paragraph(
                said(
                    "Less than half of the statements on this page could be read; see the list"
                    " below."
                ),
                "strong",
            )
        )
    if reading.counted:
        blocks.append(Paragraph(reading.counted))
    blocks.append(PageLines(tuple(_rows(reading, results, solution))))
    if reading.placed.unread:
        blocks.append(Heading(said("Not read"), 2))
        blocks += [_unread(reading.described(row)) for row in reading.placed.unread]
    return blocks


def _unread(row: Mapping[str, str]) -> Said:
    line, why = TypedText(row["line"]), typeset_names(row["why"])
    return Said(said("{at}: {line}: {why}", at=row["at"], line=line, why=why), "note")


def _rows(
    reading: Reading, results: Mapping[str, BoxResult], solution: Solution
) -> Iterator[PageLine]:
    lines = {line.name: line for line in solution.lines}
    unread = {row.chain for row in reading.placed.unread}
    scans: dict[int, list[str]] = {}
    for number, says in reading.placed.scans:
        scans.setdefault(number, []).append(said("From the scan: {says}.", says=says))
    slips: dict[int, list[SlipOfLine]] = {}
    for slip in reading.slips:
        slips.setdefault(slip.chain, []).append(slip)
    counted: dict[int, list[str]] = {}
    for box, claim in reading.claims.items():
        counted.setdefault(claim.chain, []).append(box)
    for k, chain in enumerate(reading.placed.chains):
        owner = reading.placed.owners.get(k)
        here = [results[box] for box in counted.get(k, ()) if box in results]
        mark = "?" if k in unread else _mark(here, slips.get(k, []))
        found: list[SlipOfLine | Explanation] = [*slips.get(k, ())]
        found = found or [e for row in here for e in row.explanations[:1]]
        notes = [said("{name}: {says}", name=one.name, says=one.says) for one in found]
        right = _right(here, lines) if mark == "✗" else None
        place = reading.page.shown_place(chain.start)
        about = Symbol(owner) if owner else None
        shown = tuple(map(typeset_names, (*notes, *scans.get(k, ()))))
        yield PageLine(place, mark, TONES[mark], about, Statement(chain), shown, right)


def _mark(results: list[BoxResult], slips: list[SlipOfLine]) -> str:
    """The worst of what is to be said of a line."""
    wrong = any(
        slip.kind in ("arithmetic", "numbers", "formula")
        and slip.name != "carried on in fewer digits"
        for slip in slips
    )
    found = {MARKS.get(row.verdict, "✗") for row in results}
    if wrong or "✗" in found:
        return "✗"
    rounded = bool(slips) or "≈" in found
    return "≈" if rounded else next((mark for mark in ("?", "→", "✓") if mark in found), "")


def _right(results: list[BoxResult], lines: Mapping[str, Line]) -> Line | None:
    return next((lines[row.quantity] for row in results if row.quantity in lines), None)
