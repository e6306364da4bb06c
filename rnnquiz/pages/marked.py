"""Marks of pages: the boxes are marked as those of any sheet, and what the lines show makes the
reasons surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.grade.mark import Marked, credited
from rnnquiz.grade.states import Standing
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said
from rnnquiz.pages.arithmetic import SlipOfLine
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
SEEN = {
    "formula": said("seen in the formula on the page"),
    "numbers": said("seen in the numbers put in"),
}
_METHOD = Explanation(
    "P0",
    said("right method, slip in the arithmetic"),
    said("The formula and the numbers put in are right; look at the arithmetic."),
    "method",
    -2,
    ON_THE_PAGE,
)
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
            explanations[n, box] = _surer(explanations.get((n, box), []), slips)
            result = _method_result(reading, box, slips)
            if result is not None:
                worked_out.setdefault(n, {})[box] = result
                explanations[n, box].insert(0, _METHOD)
    return with_method(credited(replace(marked, explanations=explanations)), worked_out)


def _is_open(marked: Marked, n: int, box: str) -> bool:
    """True for a box whose number does not fit: the lines may say why."""
    named = marked.bank.every_box[box]
    standing = Standing(int(marked.judged.standing[named.quantity][n].flat[named.entry]))
    return standing == Standing.OPEN and not marked.constant[n]


def _method_result(reading: Reading, box: str, slips: Sequence[SlipOfLine]) -> str | None:
    """What the line of a box should have given, where the bank pays for the method and nothing but
    the arithmetic is wrong; None elsewhere."""
    if method_share(reading.bank, box) <= 0:
        return None
    chain = reading.claims[box].chain
    arithmetic = any(slip.kind == "arithmetic" and slip.chain == chain for slip in slips)
    return result_of(reading, box) if arithmetic else None


def _slips_of(reading: Reading) -> dict[str, list[SlipOfLine]]:
    """The findings in the lines about each box, the surest first."""
    found: dict[str, list[SlipOfLine]] = {}
    for slip in sorted(
        reading.slips,
        key=lambda slip: (
            KINDS_OF_SLIP.index(slip.kind) if slip.kind in KINDS_OF_SLIP else len(KINDS_OF_SLIP)
        ),
    ):
        owner = reading.placed.owners.get(slip.chain)
        if owner is not None and slip.kind in KINDS_OF_SLIP:
            for box in reading.bank.boxes_of(reading.bank.graph[owner]):
                if box.name in reading.claims and slip.entry in (None, box.entry):
                    found.setdefault(box.name, []).append(slip)
    return found


def _surer(known: list[Explanation], slips: Sequence[SlipOfLine]) -> list[Explanation]:
    """The reasons with those that a line shows in front."""
    seen: list[Explanation] = []
    for slip in slips:
        if slip.rule is not None:
            says, name, verdict, key = slip.rule.says, slip.rule.name, "misconception", slip.rule.id
        elif slip.name in MADE_IN_A_LINE:
            says, name, verdict, key = slip.says, slip.name, "slip", f"P-{slip.name}"
        else:
            continue
        detail = SEEN.get(slip.kind, "")
        seen.append(Explanation(key, name, says, verdict, -1, ON_THE_PAGE, None, detail))
    names = {one.name for one in seen}
    return [*dict.fromkeys(seen), *(one for one in known if one.name not in names)]
