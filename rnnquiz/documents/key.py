"""The worked key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, groupby
from operator import attrgetter

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.targets import LATEX
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.derivation.graph import Quantity
from rnnquiz.documents.boxes import is_whole
from rnnquiz.documents.derived import solved
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.mathematics import Formula, Symbol
from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.parts import (
    SharedBlocks,
    document_of,
    drawn,
    givens,
    kind_words,
    plain_marks,
    shown_formula,
)
from rnnquiz.documents.results import MistakenBox, MistakenBoxes, results_of
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.documents.signs import Seen
from rnnquiz.documents.sizes import LONGEST_NARROW
from rnnquiz.documents.tree import Block, Document, Givens, Heading, Paragraph, Reasons, Worked
from rnnquiz.documents.ways import Ways
from rnnquiz.documents.wrong_lines import told_of_wrong_line
from rnnquiz.languages.sentences import Message, said, strung
from rnnquiz.solution.distinguish import Mistakes
from rnnquiz.solution.lines import Line
from rnnquiz.solution.reasons import Reason, reason_of
from rnnquiz.solution.solved import Solution

FEWEST_LINES = 3  # of a topic above which a drawing stands
EXACT_BESIDE = said(
    "A small grey number beside a result is its exact value, where rounding on the way has moved"
    " the result away from it."
)
SUBTITLES = {
    "results": said("Results"),
    "worked": said("Worked key"),
    "explained": said("Worked key, every step explained"),
}


def key(
    solution: Solution,
    name: str,
    depth: str = "worked",
    mistakes: Mistakes | None = None,
    common: SharedBlocks | None = None,
) -> Document:
    """The key: results only, every line worked, or every line explained; asked values boxed, exact
    ones where they differ.

    `mistakes` gives the teacher's appendix.
    """
    bank, common = solution.bank, common or SharedBlocks.of(solution.bank)
    blocks: list[Block] = [Heading(said("Given"))]
    if depth != "results":
        blocks.append(common.equations)
    numbers = givens(bank, solution.variant, _given(bank))
    blocks.append(Givens(numbers))
    alone = depth == "results" and mistakes is not None  # a page of the teacher's book
    if not alone:
        blocks.append(Paragraph(bank.rounding.words(), "note"))
    if depth != "results":
        blocks += common.once("signs", lambda: _signs(bank))
        blocks += _derived(solution, common.ways, depth == "explained")
    else:
        blocks += map(Paragraph, told_of_wrong_line(solution))
    blocks.append(Heading(said("Results, and what is accepted")))
    if not alone:
        blocks.append(Paragraph(_marks_words(bank), "note"))
    blocks.append(results_of(solution, noted=not alone))
    if mistakes is not None:
        blocks += _appendix(bank, mistakes)
    document = document_of(bank, solution.variant, name, blocks, SUBTITLES[depth])
    return replace(document, titled=not alone)


def _given(bank: Bank) -> list[Quantity]:
    # The lines shown are givens of such a task; here they stand in the derivation.
    if bank.task.kind.shows_derivation:
        return drawn(bank)
    return list(bank.graph.givens)


def _signs(bank: Bank) -> Iterator[Block]:
    """What the signs in the lines mean, where not everybody knows it."""
    sentences = list(Seen.in_key(bank).signs())
    if sentences:
        yield Paragraph(strung(" ", sentences), "note")


def _derived(solution: Solution, ways: Ways, explained: bool) -> Iterator[Block]:
    """The derivation that the sheet shows, and the worked lines."""
    bank, worked = solution.bank, list(_worked(solution, ways, explained))
    if any(isinstance(block, Worked) and block.exact for block in worked):
        yield Paragraph(EXACT_BESIDE, "note")
    if bank.task.kind.shows_derivation:
        yield Heading(said("The derivation"))
        yield from map(Paragraph, told_of_wrong_line(solution))
        yield solved(bank, solution.variant, solution.rounded)
    yield from worked


def _worked(solution: Solution, ways: Ways, explained: bool) -> Iterator[Block]:
    for section, topics in groupby(solution.topics(), lambda topic: topic[0]):
        yield Heading(typeset_names(section))
        own = [(topic, _calculated(solution.bank, lines)) for _, topic, lines in topics]
        yield from _section(solution, ways, own, explained)


def _calculated(bank: Bank, lines: list[Line]) -> list[Line]:
    """Without the number of the line that is wrong, for which nothing is worked out."""
    return [line for line in lines if not is_whole(bank, line.name)]


def _section(
    solution: Solution, ways: Ways, topics: list[tuple[str, list[Line]]], explained: bool
) -> Iterator[Block]:
    """The topics of a section, each with the way of its gradient where there is one: beside the
    lines where they leave room for it, else above them."""
    drawings = {topic: ways.drawing(lines) for topic, lines in topics}
    shown = [*filter(None, drawings.values())]
    # Lines that are explained come in many pieces, none of them as high as a drawing.
    beside = not explained and len(shown) > 0
    narrow = beside and _leave_room(topics, shown)
    for topic, lines in topics:
        if topic:
            yield _topic(solution.bank, topic, lines[0].quantity)
        drawing = drawings.get(topic)
        if drawing is not None and not narrow:
            if len(lines) >= FEWEST_LINES:
                yield drawing
            drawing = None
        for reason, group in _reasoned(solution.bank, lines) if explained else [(None, lines)]:
            if reason is not None:
                yield _reasons(solution.bank, reason)
            exact = _differing(solution, group)
            yield Worked(tuple(group), exact, narrow, drawing)


def _leave_room(topics: list[tuple[str, list[Line]]], drawings: list[Drawing]) -> bool:
    # For all outputs by the pieces of one of them, so that each lays the key out alike.
    every = chain.from_iterable(lines for _, lines in topics)
    lengths = [line.lengths(LATEX, LONGEST_NARROW) for line in every]
    longest = max(map(max, lengths))
    if longest > LONGEST_NARROW:
        return False
    return all(drawing.fits_beside for drawing in drawings)


def _topic(bank: Bank, topic: str, first: Quantity) -> Heading:
    letters = {bank.notation.letter(name): name for name in bank.full.parameters}
    if topic not in letters:
        return Heading(typeset_names(topic), 2)
    # As it is in the pass of the lines below.
    now = bank.full.pass_of(first.symbol.number).parameters
    return Heading(said("For"), 2, Symbol(now[letters[topic]]))


def _reasons(bank: Bank, reason: Reason) -> Reasons:
    formulas = tuple(_formula(bank, source) for source in reason.sources)
    return Reasons(formulas, typeset_names(reason.words))


def _reasoned(bank: Bank, lines: list[Line]) -> Iterator[tuple[Reason | None, list[Line]]]:
    """Each line that needs a reason alone with it; those that need none together."""
    plain: list[Line] = []
    for line in lines:
        # The line that tells the wrong one of a derivation is of the task, not of the network.
        known = line.name in bank.full.quantities
        reason = reason_of(bank, bank.full[line.name]) if known else None
        if reason is None:
            plain.append(line)
            continue
        if plain:
            yield None, plain
        plain = []
        yield reason, [line]
    if plain:
        yield None, plain


def _formula(bank: Bank, name: str) -> tuple[Symbol, Formula]:
    formula = bank.full[name].formula
    assert formula is not None
    return Symbol(name), Formula(shown_formula(bank, formula))


def _marks_words(bank: Bank) -> Message:
    """The marks of each kind of boxes, and of all, in a sentence."""
    words = kind_words(bank)
    kinds = [strung(" ", (words[role], plain_marks(n))) for role, n in bank.marks.items()]
    total = plain_marks(sum(bank.marks.values()))
    if len(kinds) == 1:
        return said("Marks: {total}.", total=total)
    return said("Marks: {kinds}; {total} in all.", kinds=strung(", ", kinds), total=total)


def _appendix(bank: Bank, mistakes: Mistakes) -> Iterator[Block]:
    """For the teacher: what the mistakes that people make would give with these numbers, box by box
    in the order of the sheet."""
    found: dict[str, list[tuple[str, str]]] = {}
    for mistake in mistakes.shown:
        found.setdefault(mistake.box, []).append((mistake.wrong, mistake.name))
    rows = tuple(_mistaken_boxes(bank, found))
    yield Heading(said("For the teacher: what mistakes give with these numbers"))
    if not rows:
        yield Paragraph(said("None of those known shows in these numbers."), "note")
    yield MistakenBoxes(rows)
    if mistakes.hidden:
        hidden = strung(", ", mistakes.hidden)
        words = said("Not to be told from the right answer here: {hidden}.", hidden=hidden)
        yield Paragraph(words, "note")


def _mistaken_boxes(
    bank: Bank, found: Mapping[str, list[tuple[str, str]]]
) -> Iterator[MistakenBox]:
    for box in sheet_order(bank).in_order(bank.boxes, attrgetter("quantity")):
        if box.name in found:
            numbers = tuple(found[box.name])
            yield MistakenBox(Symbol(box.quantity), box.shown, numbers)


def _differing(solution: Solution, lines: list[Line]) -> dict[str, str]:
    """Exact values, to two digits more, of the asked scalars whose printed chain has drifted away
    from them."""
    found = {}
    rounding = solution.bank.rounding
    for line in lines:
        if line.asked and line.quantity.shape == () and line.formula != Ref(WHICH):
            exact = float(solution.exact[line.name][0])
            if rounding.format(exact) != line.shown:
                found[line.name] = rounding.format(exact, 2)
    return found
