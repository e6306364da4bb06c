"""The map of a marked sheet: the unrolled network and what else was asked, each box with its
verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.drawing import caption_of, draw
from rnnquiz.documents.mathematics import Symbol, name_of
from rnnquiz.documents.palette import LOOKS, told_apart
from rnnquiz.documents.returned import Chip, Map, Mark
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.grade.mark import BoxResult
from rnnquiz.languages.sentences import said

KEPT_MARKS = 5_000  # boxes with their verdicts, of the banks of a few classes


def map_of(bank: Bank, results: Sequence[BoxResult], drawing: Drawing | None = None) -> Map:
    """Every box of the results once: on its circle where the drawing has one, else as a chip."""
    chips = _chips(bank, results)
    drawing = drawing or draw(bank.full, tuple(bank.cell.inputs))
    nodes = []
    for node in drawing.nodes:
        name = node.math.name if isinstance(node.math, Symbol) else ""
        # Taken out: what is left afterwards has no circle.
        nodes.append((node, chips.pop(name, None)))
    groups = tuple(_by_part(bank, chips))
    caption = caption_of(bank.full.steps)
    legend = told_apart(row.verdict for row in results)
    size = drawing.width, drawing.height
    return Map(tuple(nodes), drawing.edges, *size, groups, caption, legend)


def _by_part(bank: Bank, chips: Mapping[str, Chip]) -> Iterator[tuple[str, tuple[Chip, ...]]]:
    """The chips of each part of the sheet, in its order."""
    for heading, names in sheet_order(bank).by_part(chips, str):
        yield heading, tuple(chips[name] for name in names)


def _chips(bank: Bank, results: Sequence[BoxResult]) -> dict[str, Chip]:
    """A chip for each quantity that has a box, as they come."""
    marks = {row.box: _mark(row.box, row.verdict) for row in results}
    names = dict.fromkeys(row.quantity for row in results)
    chips: dict[str, Chip] = {}
    for name in names:
        rows = _shaped(bank, name, marks)
        chips[name] = Chip(name_of(bank.graph[name]), rows)
    return chips


@lru_cache(maxsize=KEPT_MARKS)
def _mark(box: str, verdict: Verdict) -> Mark:
    words = said("{box}: {verdict}", box=box, verdict=LOOKS[verdict].word)
    return Mark(box, verdict, words)


def _shaped(bank: Bank, name: str, marks: dict[str, Mark]) -> tuple[tuple[Mark | None, ...], ...]:
    """The verdicts on the entries of a quantity as rows and columns."""
    boxes = bank.boxes_of(bank.graph[name])
    flat = [marks.get(box.name) for box in boxes]
    shape = bank.graph.shapes[name]
    width = shape[1] if len(shape) > 1 else 1
    starts = range(0, len(flat), width)
    rows = (flat[start : start + width] for start in starts)
    return tuple(map(tuple, rows))


__all__ = ["map_of"]
