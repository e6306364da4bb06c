"""Question banks: what is wrong is said with line, key, what was found and what would do, all of it
at once."""

import contextlib
import itertools
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.errors import BankError
from rnnquiz.files.resources import folder
from rnnquiz.variants.issue import issue_variants
from tests_support import BANKS, DATA, RANDOM_BANKS, SECRET, shipped, slowly, variants_of

TEXT = (folder("question_banks") / "bptt_scalar.yaml").read_text()

FAULTS = [
    ("steps: 3", "stepz: 3", r"line 14, stepz: is not a key of a bank -> did you mean steps"),
    ("steps: 3", "steps: 33", r"line 14, steps: '33'"),
    ("steps: 3", "steps: three", r"line 14, steps: 'three'"),
    ("  W: {", "  Q: {", r"nothing is said of W"),
    ("  W: {", "  Q: {", r"line 22, givens.Q: is not a given of this model"),
    (
        "cell: elman",
        "cell: elmann",
        (
            r"line 11, model.cell: 'elmann' is not in the catalogue -> did you mean elman or"
            r" elman_joint. known are bidirectional, elman"
        ),
    ),
    ("decimals: 4", "decimals: x", r"line 29, rounding.decimals"),
    (
        "{decimals: 4, when",
        "{decimals: 4, significant: 3, when",
        r"line 29, rounding: needs one of",
    ),
    (
        "step: 0.1, not: [0, 1, -1]",
        "step: 0.17",
        r"line 19, givens.x.step: steps of 0.17 do not lead",
    ),
    (
        "range: [-1.5, 1.5], step: 0.1, not: [0, 1, -1]",
        "range: [1.5, -1.5], step: 0.1",
        r"line 19, givens.x.range: low 1.5 is above",
    ),
    (
        "range: [-1.5, 1.5], step: 0.1, not: [0, 1, -1]",
        "rnge: [1.5, -1.5], step: 0.1",
        r"line 19, givens.x.rnge",
    ),
    (
        "choices: [0.1, 0.2, 0.5]",
        "choices: [0.1, zero]",
        r"givens.eta.choices.1: 'zero' is not a number",
    ),
    ("ask: [forward,", "ask: [forwards,", r"line 31, ask.0: 'forwards' matches no quantity"),
    ("update: 5", "update: -5", r"line 32, marks.update"),
    ("update: 5", "foo: 5", r"line 32, marks.foo"),
    ("title: Back", "title: &a Back", r"line 3, title: anchors"),
    ("title: Back", "title: !!python/name:os.system Back", r"line 3, title: the tag"),
    ("title: Back", "id: x\ntitle: Back", r"id: stands twice"),
    ("style: total", "style: [", r"YAML"),
    ("style: total", "style: backwards", r"style: 'backwards'"),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_every_fault_is_named_with_its_place_and_remedy(old, new, message):
    """The error of a faulty bank names the line, the key, what was found and what would do."""
    assert old in TEXT

    with pytest.raises(BankError) as error:
        parse_bank(TEXT.replace(old, new, 1), "bank.yaml")

    assert re.search(message, str(error.value)), str(error.value)
    assert "bank.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "certify: {waive: [R1, R22]}",
            r"line 15, certify.waive.1: 'R22' is no mistake -> did you mean",
        ),
        (
            "misconceptions:\n"
            "  - {id: R1, name: doubled, says: Not doubled., rewrite: '_all -> 2 * _all'}",
            r"line 16, misconceptions.0.id: 'R1' is the id of another mistake -> give it one of",
        ),
    ],
)
def test_an_id_is_that_of_one_mistake(tmp_path, keys, message):
    """A file names mistakes that there are, each by an id of its own; the text of a course that was
    issued before that was looked at stays a bank."""
    text = TEXT.replace("steps: 3", f"steps: 3\n{keys}", 1)
    (tmp_path / "bank.yaml").write_text(text)

    with pytest.raises(BankError, match=message):
        load_bank(tmp_path / "bank.yaml")

    assert parse_bank(text).boxes


def test_all_problems_are_listed_at_once():
    """A bank with faults of several kinds lists them all, and none that only follows from
    another."""
    text = (
        TEXT.replace("steps: 3", "steps: 3\nfoo: 1")
        .replace("  U: {", "  Z: {")
        .replace("ask: [forward", "ask: [nothing")
    )

    with pytest.raises(BankError) as error:
        parse_bank(text)
    assert {p.where for p in error.value.problems} == {"foo", "givens.Z", "ask.0"}


@given(st.text(max_size=200))
def test_any_text_is_a_bank_or_a_bank_error(text):
    """No text of a bank raises anything but BankError."""
    with pytest.raises(BankError):
        parse_bank(text)


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_a_bank_with_one_character_changed_is_read_or_refused(position, character):
    """One wrong character gives a bank or a BankError."""
    with contextlib.suppress(BankError):
        parse_bank(TEXT[:position] + character + TEXT[position + 1 :])


def test_a_missing_bank_is_an_error_with_its_path():
    """A path that is no file is named."""
    with pytest.raises(BankError, match=r"no\.yaml"):
        load_bank("no.yaml")


@pytest.mark.parametrize("name", BANKS)
def test_shipped_banks_are_sound(name):
    """Each bank that ships has boxes and marks for all that it asks, and says its goal, its time
    and its level."""
    bank = shipped(name)

    assert len(bank.boxes) > (5 if bank.task.kind != "find" else 1)
    assert bank.written.goal
    assert bank.written.minutes
    assert bank.written.level
    assert all(bank.marks[bank.graph[box.quantity].role] > 0 for box in bank.boxes)


@pytest.mark.parametrize("name", slowly(RANDOM_BANKS))
def test_variants_are_pinned(name):
    """The same secret, bank and student give the same numbers for ever; another secret or student
    gives others."""
    bank = shipped(name)
    again, first = variants_of(bank, 3), variants_of(bank, 3)
    assert again == first
    assert len({tuple(v.givens.values()) for v in first}) == 3

    other, _ = issue_variants(bank, b"another secret, 32 bytes or more", [("s0", 1)])
    assert other[0].givens != first[0].givens
    assert other[0].token != first[0].token

    pinned = json.loads((DATA / "pinned_variants.json").read_text())[name]
    assert [first[0].token, first[0].candidate] == pinned[:2]
    assert {k: [str(x) for x in v] for k, v in first[0].givens.items() if k in pinned[2]} == pinned[
        2
    ]


@pytest.mark.parametrize("name", slowly(RANDOM_BANKS))
def test_the_class_size_and_order_do_not_change_a_students_numbers(name):
    """A student's variant depends on the key and the student, not on how many others are drawn with
    it."""
    bank = shipped(name)
    many = {v.student: v.givens for v in variants_of(bank, 40)}
    alone = issue_variants(bank, SECRET, [("s17", 1)])[0][0]

    assert many["s17"] == alone.givens


def test_ranges_too_narrow_for_a_class_are_named():
    """A bank that cannot give enough variants fails with reasons and ranges."""
    text = re.sub(r"\{(range|choices)[^}]*\}", "0.5", TEXT)
    text = text.replace("  U: 0.5", "  U: {choices: [0.3, 0.4]}")

    with pytest.raises(
        BankError, match=r"draws did not give enough variants.*refused: .*U: 0.3 to 0.4, 2 choices"
    ):
        variants_of(parse_bank(text), 5)


@pytest.mark.parametrize("name", ["one_neuron", "adam_two_steps", "bptt_scalar"])
def test_no_two_sheets_of_a_class_agree_in_what_proves_a_sheet_ones_own(name):
    """Bits by which two sheets agree, counted here from the numbers as they are printed: the
    choices of each free entry from what the bank says, and which entries agree as one of all ways
    to choose so many."""
    bank = shipped(name)
    sizes = [len(g) for s in bank.samplers.values() for g in s.groups if len(g) > 1]
    names = [n for n, s in bank.samplers.items() for g in s.groups if len(g) > 1]
    rows = [
        [v.givens[n][k] for n in dict.fromkeys(names) for k in range(names.count(n))]
        for v in variants_of(bank, 200)
    ]

    ways = [math.log2(math.comb(len(sizes), k)) for k in range(len(sizes) + 1)]
    most = 0.0
    for one, two in itertools.combinations(rows, 2):
        same = [a == b for a, b in zip(one, two, strict=True)]
        bits = sum(math.log2(size) for size, agrees in zip(sizes, same, strict=True) if agrees)
        most = max(most, bits - ways[sum(same)])
    # who misreads two numbers still agrees in all others, but for the two that tell most
    rest = sum(sorted(map(math.log2, sizes))[:-2]) - ways[2]

    assert most < rest


@pytest.mark.parametrize("notation", ["columns", "rows"])
@pytest.mark.parametrize("name", ["bptt_vector", "bptt_scalar"])
def test_a_box_knows_its_numbers_and_where_it_is_shown(name, notation):
    """Its numbers are those at its place in the array of its quantity, row by row; the ending of
    its name and what stands behind its symbol say that place, which a layout of rows turns."""
    bank = load_bank(name, notation)
    shapes = set()

    for q in bank.graph.computed:
        numbers = np.arange(3 * math.prod(q.shape)).reshape(3, *q.shape)
        boxes = list(bank.boxes_of(q))
        columns = np.stack([box.of(numbers) for box in boxes], axis=1)

        assert (columns == numbers.reshape(3, -1)).all()
        for box in boxes:
            assert box.name == bank.notation.text(q.name) + box.ending
            assert box.shown.split(",") == box.ending[1:].split(".")
        if len(q.shape) == 2:
            last = boxes[-1].place if notation == "columns" else boxes[-1].place[::-1]
            assert last == q.shape

        shapes.add(len(q.shape))
    assert shapes == ({0, 1, 2} if name == "bptt_vector" else {0})


def test_a_mistake_is_to_be_found_in_fixed_numbers():
    """Where no number is drawn, students of a find task have the same numbers, and other
    mistakes."""
    text = (folder("question_banks") / "worked_example.yaml").read_text(encoding="utf-8")
    before = text.partition("ask:")[0]
    bank = parse_bank(before + "task: {kind: find}\n")
    variants = variants_of(bank, 8)

    assert len({str(variant.givens["W"]) for variant in variants}) == 1
    assert len({str(variant.givens["which"]) for variant in variants}) > 1
