"""Marks of pages: the boxes are marked as those of any sheet, and what the lines show makes the reasons surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.mark import Marked
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.pages.arithmetic import Slip
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
KINDS = ("formula", "numbers", "arithmetic")  # the surest first


def with_lines(marked: Marked, readings: Sequence[Reading | None]) -> Marked:
    """The sheets with reasons from the lines of their pages; None for a sheet that is no page."""
    explanations = dict(marked.explanations)
    for n, reading in enumerate(readings):
        for box, slips in (_slips_of(reading) if reading is not None else {}).items():
            if (n, box) in explanations or _is_open(marked, n, box):
                explanations[n, box] = _surer(explanations.get((n, box), []), slips)
    return replace(marked, explanations=explanations)


def _is_open(marked: Marked, n: int, box: str) -> bool:
    named = marked.bank.every_box[box]
    return marked.verdict(n, named)[0] == "wrong" and not marked.constant[n]


def _slips_of(reading: Reading) -> dict[str, list[Slip]]:
    """The findings in the lines about each box, the surest first."""
    found: dict[str, list[Slip]] = {}
    for slip in sorted(reading.slips, key=lambda slip: KINDS.index(slip.kind) if slip.kind in KINDS else len(KINDS)):
        owner = reading.placed.owners.get(slip.chain)
        if owner is not None and slip.kind in KINDS:
            for box in _boxes(reading.bank, owner):
                if box in reading.claims:
                    found.setdefault(box, []).append(slip)
    return found


def _boxes(bank: Bank, quantity: str) -> list[str]:
    return [box.name for box in bank.boxes_of(bank.graph[quantity])]


def _surer(known: list[Explanation], slips: Sequence[Slip]) -> list[Explanation]:
    """The reasons with those that a line shows in front."""
    seen: list[Explanation] = []
    for slip in slips:
        if slip.rule is not None:
            says, name, verdict, key = slip.rule.says, slip.rule.name, "misconception", slip.rule.id
        elif slip.name in MADE_IN_A_LINE:
            says, name, verdict, key = slip.says, slip.name, "slip", f"P-{slip.name}"
        else:
            continue
        basis = {"formula": "seen in the formula on the page", "numbers": "seen in the numbers put in"}.get(
            slip.kind, ""
        )
        seen.append(Explanation(key, name, says, verdict, -1, ON_THE_PAGE, None, basis))
    names = {one.name for one in seen}
    return [*dict.fromkeys(seen), *(one for one in known if one.name not in names)]
