"""Marks of pages: the boxes are marked as those of any sheet, and what the lines show makes the
reasons surer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnnquiz.bank.verdict import Verdict
from rnnquiz.grade.likelihood import Likely, Rank
from rnnquiz.grade.mark import Marked, credited
from rnnquiz.grade.states import Standing
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said
from rnnquiz.pages.checking.findings import SlipOfLine
from rnnquiz.pages.method import method_share, result_of, with_method
from rnnquiz.pages.reading import Reading

ON_THE_PAGE = "page"  # the basis of a reason that was seen in a line
MADE_IN_A_LINE = (
    "decimal point",
    "sign",
    "subtraction without borrowing",
    "value of another step reused",
    "wrong quantity copied",
    "arithmetic",
)
_METHOD = Explanation(
    "P0",
    said("right method, slip in the arithmetic"),
    said("The formula and the numbers put in are right; look at the arithmetic."),
    Verdict.METHOD,
    Rank.of(Likely.SEEN_RIGHT),
    ON_THE_PAGE,
)
SEEN_IN = {
    "formula": said("seen in the formula on the page"),
    "numbers": said("seen in the numbers put in"),
}
KINDS_OF_SLIP = ("formula", "numbers", "arithmetic")  # the surest first


def with_lines(marked: Marked, readings: Sequence[Reading | None]) -> Marked:
    """The sheets with reasons from the lines of their pages; None for a sheet that is no page."""
    if not any(readings):
        return marked
    explanations = dict(marked.explanations)
    worked_out: dict[int, dict[str, str]] = {}
    for n, reading in enumerate(readings):
        if reading is None:
            continue
        for box, slips in _slips_of(reading).items():
            if not _is_open(marked, n, box):
                continue
            known = explanations.get((n, box), [])
            reasons = _surer(known, slips)
            result = _method_result(reading, box, slips)
            if result is not None:
                worked_out.setdefault(n, {})[box] = result
                reasons.insert(0, _METHOD)
            explanations[n, box] = reasons
    explained = replace(marked, explanations=explanations)
    return with_method(credited(explained), worked_out)


def _is_open(marked: Marked, n: int, box: str) -> bool:
    """True for a box whose number does not fit: the lines may say why."""
    if marked.constant[n]:
        return False
    named = marked.bank.every_box[box]
    row = marked.judged.standing[named.quantity][n]
    return int(row.flat[named.entry]) == Standing.OPEN


def _method_result(reading: Reading, box: str, slips: Sequence[SlipOfLine]) -> str | None:
    """What the line of a box should have given, where the bank pays for the method and nothing but
    the arithmetic is wrong; None elsewhere."""
    if method_share(reading.bank, box) <= 0:
        return None
    chain = reading.claims[box].chain
    for slip in slips:
        if slip.kind == "arithmetic" and slip.chain == chain:
            return result_of(reading, box)
    return None


def _slips_of(reading: Reading) -> dict[str, list[SlipOfLine]]:
    """The findings in the lines about each box, the surest first."""
    found: dict[str, list[SlipOfLine]] = {}
    for kind in KINDS_OF_SLIP:
        for slip in reading.slips:
            if slip.kind == kind:
                for box in _boxes_about(reading, slip):
                    found.setdefault(box, []).append(slip)
    return found


def _boxes_about(reading: Reading, slip: SlipOfLine) -> Iterator[str]:
    """The boxes with a claim of the page that a finding is about."""
    owner = reading.placed.owners.get(slip.chain)
    if owner is None:
        return
    quantity = reading.bank.graph[owner]
    for box in reading.bank.boxes_of(quantity):
        # A box that was not read has no number of which this could be the reason.
        if box.name in reading.claims and slip.entry in (None, box.entry):
            yield box.name


def _surer(known: list[Explanation], slips: Sequence[SlipOfLine]) -> list[Explanation]:
    """The reasons with those that a line shows in front."""
    found = dict.fromkeys(filter(None, map(_explanation, slips)))
    # Two findings may say the same; a mistake that the number shows, too, is not said twice.
    names = {one.name for one in found}

    def is_other(one: Explanation) -> bool:
        return one.name not in names

    return [*found, *filter(is_other, known)]


def _explanation(slip: SlipOfLine) -> Explanation | None:
    """A finding as the reason for a number; None for one that changes no number."""
    if slip.rule is not None:
        rule, verdict = slip.rule, Verdict.MISCONCEPTION
        says, name, key = rule.says, rule.name, rule.id
    elif slip.name in MADE_IN_A_LINE:
        says, name, verdict, key = slip.says, slip.name, Verdict.SLIP, f"P-{slip.name}"
    else:
        return None
    detail = SEEN_IN.get(slip.kind, "")
    rank = Rank.of(Likely.SEEN)
    return Explanation(key, name, says, verdict, rank, ON_THE_PAGE, None, detail)
