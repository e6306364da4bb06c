"""The annotated page: the student's own lines, each with a mark in the margin, the finding where it
was made, the right line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.returned import PageLine, PageLines, Said, TypedText
from rnnquiz.documents.tree import Block, Heading, Paragraph
from rnnquiz.grade.mark import BoxResult
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said
from rnnquiz.pages.shown import Statement
from rnnquiz.solution.lines import Line
from rnnquiz.solution.solved import Solution

if TYPE_CHECKING:
    from rnnquiz.pages.checking.findings import SlipOfLine
    from rnnquiz.pages.reading import Reading

# A line with a slip in its arithmetic is wrong, whatever the box gets for its method.
MARKS = {verdict: look.sign for verdict, look in LOOKS.items()}
MARKS |= {Verdict.METHOD: "✗", Verdict.BLANK: ""}
TONES = {
    "✓": Verdict.CORRECT,
    "→": Verdict.FOLLOW_THROUGH,
    "≈": Verdict.ROUNDING,
    "✗": Verdict.WRONG,
    "?": Verdict.UNREADABLE,
    "": Verdict.BLANK,
}


def page_blocks(
    reading: Reading, results: Mapping[str, BoxResult], solution: Solution
) -> list[Block]:
    """The page line by line, and below it what could not be read."""
    blocks: list[Block] = [Heading(said("Your page, line by line"))]
    if reading.few:
        warning = said(
            "Less than half of the statements on this page could be read; see the list below."
        )
        blocks.append(Paragraph(warning, "strong"))
    if reading.counted:
        blocks.append(Paragraph(reading.counted))
    rows = tuple(_rows(reading, results, solution))
    blocks.append(PageLines(rows))
    if reading.placed.unread:
        blocks.append(Heading(said("Not read"), 2))
        blocks += map(_unread, map(reading.described, reading.placed.unread))
    return blocks


def _unread(row: Mapping[str, str]) -> Said:
    line = TypedText(row["line"])
    why = typeset_names(row["why"])
    sentence = said("{at}: {line}: {why}", at=row["at"], line=line, why=why)
    return Said(sentence, "note")


def _rows(
    reading: Reading, results: Mapping[str, BoxResult], solution: Solution
) -> Iterator[PageLine]:
    lines = {line.name: line for line in solution.lines}
    unread = {row.chain for row in reading.placed.unread}
    scans: dict[int, list[str]] = defaultdict(list)
    for number, says in reading.placed.scans:
        sentence = said("From the scan: {says}.", says=says)
        scans[number].append(sentence)
    slips: dict[int, list[SlipOfLine]] = defaultdict(list)
    for slip in reading.slips:
        slips[slip.chain].append(slip)
    counted: dict[int, list[BoxResult]] = defaultdict(list)
    for box, claim in reading.claims.items():
        row = results.get(box)
        if row is not None:
            counted[claim.chain].append(row)
    for k, chain in enumerate(reading.placed.chains):
        owner = reading.placed.owners.get(k)
        here, wrong = counted[k], slips[k]
        mark = "?" if k in unread else _mark(here, wrong)
        found = _found(here, wrong)
        notes = [said("{name}: {says}", name=one.name, says=one.says) for one in found]
        # Beside a line that is right the right one would say the same again.
        right = _right(here, lines) if mark == "✗" else None
        place = reading.page.shown_place(chain.start)
        about = Symbol(owner) if owner else None
        shown = map(typeset_names, [*notes, *scans[k]])
        tone = TONES[mark]
        yield PageLine(place, mark, tone, about, Statement(chain), tuple(shown), right)


def _found(results: list[BoxResult], slips: list[SlipOfLine]) -> Iterator[SlipOfLine | Explanation]:
    """What is said of a line: its slips, and where it has none the mistakes of its boxes."""
    yield from slips
    if not slips:
        for row in results:
            yield from row.explanations[:1]


def _mark(results: list[BoxResult], slips: list[SlipOfLine]) -> str:
    """The worst of what is to be said of a line."""
    found = {MARKS.get(row.verdict, "✗") for row in results}
    if any(map(_is_wrong, slips)) or "✗" in found:
        return "✗"
    if slips or "≈" in found:
        return "≈"
    # The gravest first.
    return next(filter(found.__contains__, ("?", "→", "✓")), "")


def _is_wrong(slip: SlipOfLine) -> bool:
    # The kind that is left is rounding; to carry on in fewer digits is no worse.
    wrong = slip.kind in ("arithmetic", "numbers", "formula")
    return wrong and slip.name != "carried on in fewer digits"


def _right(results: list[BoxResult], lines: Mapping[str, Line]) -> Line | None:
    names = (row.quantity for row in results)
    first = next(filter(lines.__contains__, names), None)
    return None if first is None else lines[first]
