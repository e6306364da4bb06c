"""A small version of benchmarks/honest.py: what honest students lose, by arithmetic that the
package has no part in."""

import sys
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from honest import ALLOWED, LAWS, Tally

from tests_support import bank_of, shipped

pytestmark = pytest.mark.slow

SIZES = {"slip": 120, "mend": 100, "digits": 1500, "standing": 50, "key": 300}
NAMES = [
    "bptt_scalar",
    "bptt_vector",
    "jordan_network",
    "adam_two_steps",
    "forward_pass",
    "hello",
    "worked_example",
]


@cache
def banks():
    return [
        *map(shipped, NAMES),
        bank_of("minimal_gated_unit", sizes={"input": 1, "hidden": 2}),
        bank_of("elman", loss="log_cosh"),
    ]


def blamed(tally):
    return "\n".join(
        f"{number} x {kind}: {tally.examples[kind]}" for kind, number in tally.kinds.most_common(5)
    )


def counted(law, banks):
    tally = Tally(law)
    for number, bank in enumerate(banks):
        LAWS[law](
            bank, SIZES[law], 7000 + number, tally, *((Tally("no law"),) if law == "mend" else ())
        )
    return tally


@pytest.mark.parametrize("law", SIZES)
def test_honest_work_is_paid(law):
    """One slip costs one box; mending never costs; surplus digits are welcome; entries stand for
    themselves; what a key accepts is accepted."""
    tally = counted(law, banks())
    assert tally.tried > 100
    assert tally.broken <= max(ALLOWED[law] * tally.tried, 1 if ALLOWED[law] else 0), blamed(tally)
