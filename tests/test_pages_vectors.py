"""Worked pages about vectors and matrices: whole, and entry by entry."""

import random

import pytest
import yaml

from rnnquiz.algebra.expression import Apply
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import typeset_symbols
from rnnquiz.exercise import Exercise
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.reading import PageReader
from tests_support import BANKS, DATA, shipped

ROWS = yaml.safe_load((DATA / "pages" / "vectors.yaml").read_text())
VECTORS = [
    name
    for name in BANKS
    if any(q.shape for q in shipped(name).graph.computed) and shipped(name).task.kind != "find"
]


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_a_page_about_vectors_is_read_and_checked(row):
    """What is stated is read for its entries; formulas, numbers put in and results are compared;
    and nothing else is found."""
    exercise = Exercise.load("bptt_vector")
    reading = PageReader(exercise.bank).read(Page(row["page"]), exercise.variant)
    chains = reading.placed.chains
    found = [
        [reading.page.place(chains[slip.chain].start)[0], slip.kind, slip.name, slip.entry]
        for slip in reading.slips
    ]

    assert reading.answers == row["read"]
    assert found == row["findings"]
    assert sorted(reading.page.place(chains[k].start)[0] for k in reading.methods) == row["methods"]
    assert len(reading.placed.unread) == row.get("unread", 0)


@pytest.mark.parametrize("bank", VECTORS)
def test_an_entry_has_the_row_of_its_formula(bank):
    """The formula of one entry, over entries, gives what that entry of the whole is, for arbitrary
    numbers: two ways to the same value."""
    formulas = Formulas(shipped(bank))
    entries = formulas.entries.by_name.values()
    rows = [(e, formulas.quantity(e.name)) for e in entries]
    rows = [(e, q) for e, q in rows if q.formula is not None and e.name not in str(q.formula)]

    for entry, q in rows:
        assert formulas.same(value_of(q.formula, formulas.sample), formulas.sample[entry.name])
    assert rows


STYLES = {
    "below": lambda letter, t, i: f"{letter}_{{{t},{i}}}",
    "above": lambda letter, t, i: f"{letter}_{{{t}}}^{{({i})}}",
    "step above": lambda letter, t, i: f"{letter}_{{{i}}}^{{({t})}}",
    "step behind": lambda letter, t, i: f"{letter}_{{{i},{t}}}",
    "brackets": lambda letter, t, i: f"({letter}_{{{t}}})_{{{i}}}",
    "program": lambda letter, t, i: f"{letter}[{t}][{i - 1}]",
}


def lines_of_entries(exercise, style, draw):
    """A statement for each entry of each state, some with other numbers at their ends."""
    printed, expected, lines = exercise.solution.printed, {}, []
    for q in exercise.bank.graph.computed:
        if len(q.shape) != 1 or q.time is None or not q.name[0].isalpha() or "/" in q.name:
            continue
        if "'" in q.name:
            continue
        for box, text in zip(exercise.bank.boxes_of(q), printed[q.name], strict=True):
            said = (
                exercise.bank.rounding.format(draw.uniform(2, 3)) if draw.random() < 0.2 else text
            )
            name = STYLES[style](symbol(q.name.partition("[")[0], TARGET), q.time, box.entry + 1)
            lines.append(f"$${name} = {said}$$")
            expected[box.name] = said
    return expected, lines


TARGET = notated(LATEX, shipped("bptt_vector").notation)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("bank", ["bptt_vector", "lstm_forward"])
def test_entries_are_read_in_every_way_in_which_they_are_written(bank, style):
    """The states of a key, entry by entry, right or with other numbers: each box its own number."""
    exercise = Exercise.load(bank)
    expected, lines = lines_of_entries(exercise, style, random.Random(f"{bank} {style}"))
    page = Page("\n\n".join(lines))

    assert PageReader(exercise.bank).read(page, exercise.variant).answers == expected
    assert expected


@pytest.mark.parametrize("bank", VECTORS)
def test_a_mistaken_formula_of_vectors_is_named(bank):
    """Each registered mistake of a vector or matrix, its formula alone: it is named, or the formula
    has the same value as another mistake's."""
    exercise = Exercise.load(bank)
    reader, target = PageReader(exercise.bank), notated(LATEX, exercise.bank.notation)
    rows = [
        (q, m)
        for q in exercise.bank.graph.computed
        if q.shape
        for m in exercise.bank.mistaken[q.name]
        if isinstance(m.formula, Apply)
    ]  # a name alone says what a delta is
    rows = random.Random(bank).sample(rows, min(len(rows), 12))
    wrong = []

    for q, m in rows:
        line = f"$${symbol(q.name, target)} = {typeset_symbols(m.formula, target)}$$"
        reading = reader.read(Page(line), exercise.variant)
        names = {slip.name for slip in reading.slips if slip.kind == "formula"}
        own = reader.formulas.as_shown(value_of(m.formula, reader.formulas.sample))

        alike = {
            rule.name
            for rule, value in reader.formulas.mistaken(q.name)
            if reader.formulas.same(own, value)
        }

        if not names & alike:
            wrong.append((m.rule.name, line, names))
    assert len(wrong) <= 0.02 * len(rows), wrong
