"""A small version of benchmarks/names.py: mistakes made by programs that know nothing of the
rewrite rules are found and named."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from names import EXTRA, GOAL, PROGRAMS, Score, honest_sheets, named

from rnnquiz.bank.variant import arrays_of
from tests_support import corrected, variants_of

pytestmark = pytest.mark.slow

SOME = (
    "bptt_scalar",
    "deltas",
    "bptt_vector",
    "lstm_step",
    "gru_step",
    "one_neuron",
    "perceptron",
    "hello",
    "adam_two_steps",
    "momentum_epochs",
)


@pytest.fixture(scope="module")
def scores():
    """Every mistake of every program, on one variant each."""
    return {
        (name, key): score
        for name in SOME
        for key, score in named(PROGRAMS[name][0](), PROGRAMS[name][1], 1).items()
        if key not in EXTRA
    }


def shares(scores, part):
    made = sum(score.made for score in scores.values())
    return sum(getattr(score, part) for score in scores.values()) / made


def short(scores, part):
    rows = sorted(scores.items(), key=lambda row: getattr(row[1], part) - row[1].made)
    return "\n".join(
        f"{where}: {getattr(s, part)} of {s.made} {dict(s.instead.most_common(2))}"
        for where, s in rows[:25]
    )


@pytest.mark.parametrize("name", ["sentiment", "one_step", "bptt_scalar, slope by argument"])
def test_the_programs_themselves_are_right(name):
    """Without a mistake each program gets full marks."""
    make, program = PROGRAMS[name]
    bank = make()
    marked = corrected(bank, arrays_of(bank, variants_of(bank, 3)), honest_sheets(bank, program, 3))

    assert (marked.totals >= marked.maxima - 1e-9).all()


def test_the_box_is_found_where_a_mistake_was_made_first(scores: dict[tuple[str, str], Score]):
    """The first box that is not right is the first with the mistake in it."""
    assert shares(scores, "found") >= 0.99, short(scores, "found")


def test_mistakes_are_called_by_their_names(scores):
    """The right name is among the first two."""
    assert shares(scores, "second") >= GOAL, short(scores, "second")
