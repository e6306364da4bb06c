"""Marks of pages: the boxes are marked as those of any sheet, and what the lines show makes the
reasons surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnquiz.grade.mark import Marked, credited
from rnnquiz.grade.states import Standing
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
_METHOD = Explanation(
    "P0",
    "right method, slip in the arithmetic",
    "The formula and the numbers put in are right; look at the arithmetic.",
    "method",
    -2,
    ON_THE_PAGE,
)
KINDS = ("formula", "numbers", "arithmetic")  # the surest first


def with_lines(marked: Marked, readings: Sequence[Reading | None]) -> Marked:
    """The sheets with reasons from the lines of their pages; None for a sheet that is no page."""
    if not any(readings):
        return marked
    explanations = dict(marked.explanations)
    for n, reading in enumerate(readings):
        for box, slips in (_slips_of(reading) if reading is not None else {}).items():
            if _is_open(marked, n, box):
                known = explanations.get((n, box), [])
                method = [_METHOD] if _shows_method(marked, reading, box, slips) else []
                explanations[n, box] = [*method, *_surer(known, slips)]
    return credited(replace(marked, explanations=explanations))


def _is_open(marked: Marked, n: int, box: str) -> bool:
    """True for a box whose number does not fit: the lines may say why."""
    named = marked.bank.every_box[box]
    standing = Standing(int(marked.judged.standing[named.quantity][n].flat[named.entry]))
    return standing == Standing.OPEN and not marked.constant[n]


def _shows_method(marked: Marked, reading: Reading | None, box: str, slips: Sequence[Slip]) -> bool:
    """True where a bank pays for the method, and the line of a box shows it: nothing but the
    arithmetic is wrong."""
    if reading is None or reading.claims[box].chain not in reading.methods:
        return False
    written, role = marked.bank.written, marked.bank.graph[marked.bank.every_box[box].quantity].role
    credit = {str(kind): of for kind, of in written.credit_by.items()}.get(role, written.credit)
    arithmetic = any(
        slip.kind == "arithmetic" and slip.chain == reading.claims[box].chain for slip in slips
    )
    return arithmetic and credit.method > 0


def _slips_of(reading: Reading) -> dict[str, list[Slip]]:
    """The findings in the lines about each box, the surest first."""
    found: dict[str, list[Slip]] = {}
    for slip in sorted(
        reading.slips, key=lambda slip: KINDS.index(slip.kind) if slip.kind in KINDS else len(KINDS)
    ):
        owner = reading.placed.owners.get(slip.chain)
        if owner is not None and slip.kind in KINDS:
            for box in reading.bank.boxes_of(reading.bank.graph[owner]):
                if box.name in reading.claims and slip.entry in (None, box.entry):
                    found.setdefault(box.name, []).append(slip)
    return found


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
        basis = {
            "formula": "seen in the formula on the page",
            "numbers": "seen in the numbers put in",
        }.get(slip.kind, "")
        seen.append(Explanation(key, name, says, verdict, -1, ON_THE_PAGE, None, basis))
    names = {one.name for one in seen}
    return [*dict.fromkeys(seen), *(one for one in known if one.name not in names)]
