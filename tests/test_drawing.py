"""Drawings of networks: arrows that cross neither one another nor a circle, for every cell of the
catalogue and every bank."""

from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from math import hypot

import pytest
from numpy import linspace

from rnnquiz.bank.load import parse_bank
from rnnquiz.documents.drawing import RADIUS, draw
from rnnquiz.documents.joints import through_joints
from rnnquiz.documents.turning import turned
from rnnquiz.models import catalogue
from tests_support import BANKS, bank_of, shipped

CELLS = catalogue.names("cells")


TURNED = ", time downwards"
UPRIGHT = [*BANKS, *(f"{cell} {steps}" for cell in CELLS for steps in (2, 5))]
DRAWINGS = [*UPRIGHT, *(f"{name}{TURNED}" for name in UPRIGHT)]


@cache
def network(name):
    """A bank that ships, or one of a cell over some steps with an output at each."""
    if name in BANKS:
        return shipped(name)
    cell, steps = name.split()
    return bank_of(cell, steps=int(steps))


@cache
def drawing_of(name):
    if name.endswith(TURNED):
        return turned(drawing_of(name.removesuffix(TURNED)))
    bank = network(name)
    return draw(bank.full, tuple(bank.cell.inputs))


def side(a, b, c):
    """On which side of the line from a to b the point c is, exactly."""
    (ax, ay), (bx, by), (cx, cy) = ([Fraction(str(v)) for v in point] for point in (a, b, c))
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_arrows_cross(name):
    """No two arrows have a point in common within both."""
    edges = [((e.x1, e.y1), (e.x2, e.y2)) for e in drawing_of(name).edges]
    crossed = [
        (one, other)
        for one, other in combinations(edges, 2)
        if side(*one, other[0]) * side(*one, other[1]) < 0
        and side(*other, one[0]) * side(*other, one[1]) < 0
    ]

    assert crossed == []


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_arrow_runs_through_a_circle(name):
    """The middle of a circle is further from every arrow than its rim, but for arrows that end
    there; circles stand apart."""
    drawing = drawing_of(name)

    for edge in drawing.edges:
        points = [
            (edge.x1 + k / 50 * (edge.x2 - edge.x1), edge.y1 + k / 50 * (edge.y2 - edge.y1))
            for k in range(51)
        ]

        for node in drawing.nodes:
            nearest = min((x - node.x) ** 2 + (y - node.y) ** 2 for x, y in points)
            assert nearest > (RADIUS - 0.01) ** 2
    for one, other in combinations(drawing.nodes, 2):
        assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > (2 * RADIUS) ** 2


def middle(edge):
    """Of a label of one letter."""
    x, y = edge.middle
    return (x + 0.13, y) if edge.beside else (x, y + 0.1)


@pytest.mark.parametrize("name", DRAWINGS)
def test_labels_stand_on_nothing(name):
    """The middle of a label is outside of all circles, on no arrow, and away from other labels."""
    drawing = drawing_of(name)
    places = [middle(edge) for edge in drawing.edges if edge.label]

    for x, y in places:
        assert all(hypot(x - n.x, y - n.y) > RADIUS for n in drawing.nodes)
        for edge in drawing.edges:
            points = zip(
                linspace(edge.x1, edge.x2, 200), linspace(edge.y1, edge.y2, 200), strict=True
            )

            assert all(hypot(x - u, y - v) > 0.08 for u, v in points)
    for one, other in combinations(places, 2):
        assert hypot(one[0] - other[0], one[1] - other[1]) > 0.2


@pytest.mark.parametrize(
    ("cell", "letters"),
    [("lstm", "WU"), ("gru", "WU"), ("gru_after", "WU"), ("lstm_peephole", "WUP")],
)
def test_weights_of_gates_are_named_at_the_joint(cell, letters):
    """Where gates read alike, the line to their joint has the letter of the weights by which all of
    them read (W of W_f, W_i, W_o), at each step."""
    edges = drawing_of(f"{cell} 2").edges
    named = [edge.label.name for edge in edges if not edge.head and edge.label]
    assert sorted(named) == sorted(2 * letters)


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_use_is_drawn(name):
    """From each circle that a quantity reads a way leads to its own: an arrow, or a line to a joint
    and an arrow from there; and there is no other arrow."""
    drawing, name = drawing_of(name), name.removesuffix(TURNED)
    bank = network(name)
    places = {node.math.name: (node.x, node.y) for node in drawing.nodes}

    def owner(point):
        return next(
            (
                name
                for name, (x, y) in places.items()
                if (x - point[0]) ** 2 + (y - point[1]) ** 2 < (RADIUS + 0.02) ** 2
            ),
            point,
        )

    ways = {(owner((e.x1, e.y1)), owner((e.x2, e.y2))) for e in drawing.edges}
    joints = {end for way in ways for end in way if isinstance(end, tuple)}
    ways |= _through(ways, joints)
    ways |= _through(ways, joints)  # a joint may be behind another one
    found = {way for way in ways if not joints & set(way)}

    graph = bank.full
    used = {
        (parent, q)
        for q in places
        if graph[q].formula is not None
        for parent in graph.parents[q]
        if parent in places
    }

    assert found == used


def _through(ways, joints):
    return {(a, c) for a, b in ways for other, c in ways if b == other and b in joints}


def test_what_is_read_alike_goes_through_one_point():
    """Two that are read by four: six lines in place of eight arrows; of two readings that which
    spares more."""
    arrows = [((a, 1), (b, 1)) for a in "xh" for b in "fgio"]
    made = through_joints([*arrows, (("c", 1), ("f", 1)), (("c", 1), ("g", 1))])
    assert len(made) == 8

    (joint,) = {b for _, b in made if b[0].startswith(".")}
    assert {a for a, b in made if b == joint} == {("x", 1), ("h", 1)}
    assert {b for a, b in made if a == joint} == {("f", 1), ("g", 1), ("i", 1), ("o", 1)}
    assert through_joints(arrows[:4]) == arrows[:4]


@pytest.mark.parametrize("name", UPRIGHT)
def test_time_goes_downwards_once_a_drawing_is_turned(name):
    """The same circles in the same order: what stood left stands above, what stood above stands on
    the right; no further apart than they were."""
    drawing, down = drawing_of(name), drawing_of(name + TURNED)
    assert [node.math for node in down.nodes] == [node.math for node in drawing.nodes]
    for (one, new), (two, other) in combinations(zip(drawing.nodes, down.nodes, strict=True), 2):
        assert (one.x < two.x) == (new.y > other.y)
        assert (one.y < two.y) == (new.x < other.x)
    assert down.height == drawing.width
    assert 0.8 * drawing.height <= down.width <= drawing.height

    heads = [edge.head for edge in drawing.edges]
    assert [edge.head for edge in down.edges] == heads


def test_steps_look_alike():
    """In a network over five steps each letter stands at the same height in every step, and steps
    are as far apart."""
    for cell in CELLS:
        nodes = drawing_of(f"{cell} 5").nodes

        for letter in {node.math.name.partition("[")[0] for node in nodes}:
            own = [n for n in nodes if n.math.name.partition("[")[0] == letter]
            assert len({n.y for n in own}) == 1

            steps = [round(b.x - a.x, 2) for a, b in pairwise(sorted(own, key=lambda n: n.x))]
            assert len(set(steps)) <= 1 or letter not in ("h", "c")


def test_a_network_without_arrows_is_drawn():
    """States that read parameters alone are circles, and no arrow meets them."""
    bank = parse_bank(
        "title: t\nid: t\nsteps: 2\nstyle: delta\nmodel:\n  equations: |\n    h[t] = W * U\n"
        "    L = sum_t(h[t])\n  parameters: [W]\ngivens: {W: 0.5, U: 0.6, eta: 0.1}\n"
    )
    found = draw(bank.full, ())

    assert [node.math.name for node in found.nodes] == ["h[1]", "h[2]"]
    assert found.edges == ()
