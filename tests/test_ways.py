"""The way of a gradient in the small drawings of a key is what the gradient depends on."""

import math
import re

import numpy as np
import pytest

from rnnquiz.algebra.targets import TEXT
from rnnquiz.bank.variant import arrays_of
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.documents.diagram import Circle, Drawing, Edge
from rnnquiz.documents.drawing import RADIUS
from rnnquiz.documents.key import key
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.parts import SharedBlocks
from rnnquiz.documents.render import body
from rnnquiz.documents.sizes import READABLE_UNIT
from rnnquiz.documents.strokes import POINTS_A_CM, strokes
from rnnquiz.documents.tree import Heading, Paragraph, Worked
from rnnquiz.solution.solved import solve
from tests_support import shipped, variants_of


def ways_of(name):
    """Heading and drawing of each topic of the key that has one."""
    bank = shipped(name)
    found, topic, section = [], None, ""
    for block in key(solve(bank, variants_of(bank, 1)[0]), "Ada").blocks:
        if isinstance(block, Heading):
            section, topic = (said_by(block), None) if block.level == 1 else (section, block)
        drawing = block if isinstance(block, Drawing) else getattr(block, "beside", None)
        if drawing is not None:
            found.append((section, topic, drawing))
    return found


def said_by(heading):
    """A heading as plain text, with its mathematics."""
    return Paragraph(heading.text).show(TEXT)


def moved_by(bank, name):
    """The quantities whose value changes where another value is put in the place of one; those of
    the forward pass, all numbers being as drawn."""
    givens = arrays_of(bank, variants_of(bank, 1))
    givens["h[0]"] = givens["h[0]"] + 0.3  # no state that is 0 hides what is multiplied by it
    before = evaluate(bank.full, givens)
    after = evaluate(bank.full, givens | {name: givens[name] + 0.01})
    return {q.name for q in bank.full if not np.allclose(before[q.name], after[q.name], atol=1e-12)}


@pytest.mark.parametrize("name", ["bptt_scalar", "worked_example"])
def test_the_way_of_a_gradient_is_what_it_depends_on(name):
    """Beside the gradient of one loss by a parameter those circles are thick that change when the
    parameter does, up to the step of that loss; and the parameter stands at the arrows that it
    multiplies."""
    bank, found = shipped(name), 0

    for section, topic, drawing in ways_of(name):
        step, parameter = int(section.rpartition(" ")[2]), topic.math.name
        thick = {node.math.name for node in drawing.nodes if node.way}
        moved = moved_by(bank, parameter)

        assert thick == {
            node.math.name
            for node in drawing.nodes
            if node.math.name in moved
            and (bank.full[node.math.name].time or 0) <= step
            and node.math.name in bank.full.ancestors[f"L[{step}]"]
        }

        labels = {edge.label.name for edge in drawing.edges if edge.label is not None}
        assert labels <= {parameter, f"L[{step}]"}

        found += 1
    assert found >= 6


@pytest.mark.parametrize("name", ["gru_step", "lstm_step", "bptt_vector", "deltas", "sentiment"])
def test_each_step_backwards_has_its_way(name):
    """In keys that run gradients backwards step by step each step shows the way from the losses:
    the later the step, the shorter; arrows on it point against time."""
    bank = shipped(name)
    drawings = [drawing for _, _, drawing in ways_of(name)]
    sizes = [sum(node.way for node in drawing.nodes) for drawing in drawings]

    assert len(sizes) == bank.full.steps
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    for drawing in drawings:
        levels = {(round(node.x, 3), round(node.y, 3)): node.math.name for node in drawing.nodes}
        found = 0

        for edge in drawing.edges:
            start, end = owner(levels, edge.x1, edge.y1), owner(levels, edge.x2, edge.y2)

            if edge.way and start and end:
                assert end in bank.full.parents[start]
                found += 1
        assert found


def owner(levels, x, y):
    """The quantity at whose rim a point is; None for a joint, and above a circle."""
    near = (place for place in levels if abs(math.dist(place, (x, y)) - RADIUS) < 0.01)
    return next(map(levels.get, near), None)


def test_a_gradient_does_not_go_back_over_a_cut():
    """In a network cut after two steps no way crosses the cut."""
    bank = shipped("truncated")
    cuts = {frozenset(pair) for pair in bank.full.cuts}

    assert cuts
    for _, _, drawing in ways_of("truncated"):
        levels = {(node.x, node.y): node.math.name for node in drawing.nodes}
        crossed = [
            edge
            for edge in drawing.edges
            if edge.way
            and frozenset((owner(levels, edge.x1, edge.y1), owner(levels, edge.x2, edge.y2)))
            in cuts
        ]

        assert not crossed


def test_lines_beside_a_drawing_are_narrow():
    """Where a drawing stands beside lines, all lines of that section leave room for it."""
    bank = shipped("bptt_scalar")
    document = key(solve(bank, variants_of(bank, 1)[0]), "Ada")
    section, narrow = "", {}

    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            section = said_by(block)
        elif isinstance(block, Worked):
            narrow.setdefault(section, set()).add(block.narrow)
            assert block.narrow or block.beside is None
    assert all(len(found) == 1 for found in narrow.values())
    assert narrow["Backward pass, loss at t = 3"] == {True}
    assert narrow["Forward pass and loss"] == {False}


def test_drawings_of_a_class_are_made_once():
    """Two students of a bank share the drawings of the ways."""
    bank = shipped("deltas")
    common = SharedBlocks.of(bank)
    documents = [
        key(solve(bank, variant), "Ada", common=common) for variant in variants_of(bank, 2)
    ]
    first, second = (
        [id(block.beside) for block in document.blocks if getattr(block, "beside", None)]
        for document in documents
    )

    assert first
    assert first == second


def test_strokes_end_at_the_rims():
    """One arrow from (0, 0) to (1, 0): its head ends at the rim of the second circle, in points."""
    nodes = (Circle(0, 0, Symbol("h[1]"), given=True), Circle(1, 0, Symbol("h[2]"), given=False))
    text = strokes(Drawing(nodes, (Edge(0.3, 0, 0.7, 0, None),), 1, 0, ""), 2.0)

    assert f"{0.3 * 2 * POINTS_A_CM:.2f} 0.00 m" in text
    assert f"{0.7 * 2 * POINTS_A_CM:.2f} 0.00 m" in text
    assert text.count(" c B") == 2
    assert text.startswith("q ")
    assert text.endswith(" Q")


def test_a_thick_rim_grows_outwards():
    """The inner edge of a circle, at half the width of its line, lies no nearer to the letters
    where the circle is on a way."""
    inner = []
    for on in (False, True):
        node = Circle(0, 0, Symbol("h[1]"), given=False, way=on)
        text = strokes(Drawing((node,), (Edge(0, 2, 0, 1, None, way=True),), 1, 2, ""), 0.5)
        width, right = re.search(r"([\d.]+) w [\d. ]+ rg ([\d.]+) 0\.00 m", text).groups()
        inner.append(float(right) - float(width) / 2)

    assert inner[1] >= inner[0] - 0.01


@pytest.mark.parametrize("name", ["bptt_scalar", "worked_example", "one_step"])
def test_each_way_has_its_drawing(name):
    """Beside each gradient of a loss stands its way, also where it is worked in one line, and no
    drawing is much higher than the lines beside it, as long as its names can be read."""
    bank = shipped(name)
    document = key(solve(bank, variants_of(bank, 1)[0]), "Ada")
    sections = {}
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            section = said_by(block)
        elif isinstance(block, Worked) and section.startswith("Backward pass"):
            sections.setdefault(section, []).append(block)
    drawn = [block for blocks in sections.values() for block in blocks]

    assert drawn
    for block in drawn:
        drawing = block.beside
        assert drawing is not None

        high = drawing.small * (drawing.height + 0.8)
        assert high <= len(block.lines) * 0.85 + 1 or drawing.small <= READABLE_UNIT


def test_typst_breaks_a_line_only_where_it_is_full():
    """No break is put before a value: it stands in a row of its own only where it does not fit."""
    for name in ("jordan_network", "sentiment"):
        bank = shipped(name)
        text = body(key(solve(bank, variants_of(bank, 1)[0]), "Ada"), "typst")
        # A line with boxes has two forms, one of them with the boxes below it.
        worked = re.sub(r"#let derivedgap.*?\n}", "", text, flags=re.S)

        assert "linebreak()" not in worked
        assert "workedline(" in text
