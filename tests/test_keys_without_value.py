"""A key of a bank or an assignment with nothing behind it is as if it were not there."""

import json
import types
import typing

import pytest
import yaml
from pydantic import BaseModel

from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.schema import AssignmentText, BankText
from rnnquiz.errors import BankError

# Each key of a mapping of which the form says only what stands under it.
KEYS = {
    "givens": "x",
    "marks": "forward",
    "credit-by": "forward",
    "penalty": "wrong",
    "shapes": "R",
    "roles": "R",
    "sizes": "hidden",
}
BANK = {
    "title": "A bank",
    "id": "a-bank",
    "givens": {
        "x": {"range": ["-1", "1"], "step": "0.5", "not": ["0"]},
        "U": "0.5",
        "W": {"choices": ["0.2", "0.4"]},
        "V": "0.3",
        "h[0]": "0",
        "b": "0.1",
        "c": "0",
        "y": "0.1",
        "eta": "0.1",
    },
    "misconceptions": [
        {"id": "T1", "name": "doubled", "says": "It is not.", "rewrite": "_all -> 2 * _all"}
    ],
}
ASSIGNMENT = {"title": "Homework", "id": "homework", "exercises": [{"bank": "hello"}]}
NOTHING = "nothing-behind-it"
SPELLINGS = ("", "~", "null", "Null", "NULL")


def places(form, above=()):
    """Every key of a form, as the way to it through mappings and lists."""
    for name, field in form.model_fields.items():
        key = field.alias or name
        yield (*above, key)
        yield from inside(field.annotation, (*above, key))


def inside(kind, way):
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from places(kind, way)
    elif origin is list:
        yield from inside(args[0], (*way, 0))
    elif origin is dict:
        one = (*way, KEYS[way[-1]])
        yield one
        yield from inside(args[1], one)
    elif origin in (typing.Annotated, typing.Union, types.UnionType):
        yield from inside(args[0], way)


def changed(data, way, present):
    """The data with nothing behind one key, or without that key."""
    first, *rest = way
    if isinstance(data, list):
        return [changed(data[0], rest, present)]
    if rest:
        inner = data.get(first) or ([{}] if rest[0] == 0 else {})
        return {**data, first: changed(inner, rest, present)}
    without = {key: value for key, value in data.items() if key != first}
    return {**without, first: NOTHING} if present else without


def outcome(read, text):
    """What is read, or all problems that are found; without the lines, which differ."""
    try:
        return read(text)
    except BankError as error:
        return [(one.where, one.found, one.remedy) for one in error.problems]


def bank_of(text):
    return parse_bank(text, "bank").written


def assignment_in(folder):
    def read(text):
        (folder / "a.yaml").write_text(text)
        found = load_assignment(folder / "a.yaml")
        return found.head, [one.bank.written for one in found.exercises]

    return read


BANK_PLACES = [*places(BankText), *(("givens", "x", key) for key in ("range", "step", "not"))]
ASSIGNMENT_PLACES = [
    *places(AssignmentText),
    *(("exercises", 0, str(*way)) for way in places(BankText) if len(way) == 1),
]


@pytest.mark.parametrize("way", BANK_PLACES, ids=str)
def test_a_key_of_a_bank_with_nothing_behind_it_is_as_if_absent(way):
    """In each spelling that YAML has for nothing, whether the bank can do without the key or
    not."""
    absent = yaml.safe_dump(changed(BANK, way, False), sort_keys=False)
    text = yaml.safe_dump(changed(BANK, way, True), sort_keys=False)

    found = [outcome(bank_of, text.replace(NOTHING, nothing)) for nothing in SPELLINGS]

    assert found == [outcome(bank_of, absent)] * len(SPELLINGS)


@pytest.mark.parametrize("way", ASSIGNMENT_PLACES, ids=str)
def test_a_key_of_an_assignment_with_nothing_behind_it_is_as_if_absent(way, tmp_path):
    """An exercise keeps what its bank says; but a list of exercises makes an assignment, also
    while it is empty."""
    read = assignment_in(tmp_path)
    text = yaml.safe_dump(changed(ASSIGNMENT, way, True), sort_keys=False)
    absent = yaml.safe_dump(changed(ASSIGNMENT, way, False), sort_keys=False)
    expected = outcome(read, absent)
    if way == ("exercises",):
        expected = [("exercises", "is missing", "add  exercises: ...")]

    found = [outcome(read, text.replace(NOTHING, nothing)) for nothing in SPELLINGS]

    assert found == [expected] * len(SPELLINGS)


def test_the_word_null_can_be_written_in_quotes():
    """It is a text like others there."""
    text = yaml.safe_dump(BANK) + 'course: "null"\naids: "~"\n'

    written = bank_of(text)

    assert (written.course, written.aids) == ("null", "~")


def test_the_same_bank_in_json_is_the_same_bank():
    """Its null is that of YAML."""
    data = {**BANK, "course": None, "steps": None}

    assert bank_of(json.dumps(data)) == bank_of(yaml.safe_dump(BANK))


def test_a_file_too_large_for_a_bank_is_not_called_a_sheet():
    """What would do is said of the thing that was given."""
    (problem,) = outcome(bank_of, "#" * 300_000)

    assert problem == (
        "the file",
        "is larger than 256 kB",
        "give a bank alone: the longest that ships has 2 kB",
    )
