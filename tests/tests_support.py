"""What many tests need: shipped banks, models of any shape, variants, answers."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

import numpy as np

from rnnquiz.bank.load import load_bank
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.issue import issue_variants
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import assemble
from rnnquiz.resources import folder

BANKS = sorted(path.stem for path in folder("question_banks").glob("*.yaml"))
RANDOM_BANKS = [name for name in BANKS if name != "worked_example"]
DATA = Path(__file__).parent / "data"
SECRET = b"a secret of tests, 32 bytes long"


@cache
def shipped(name):
    return load_bank(folder("question_banks") / f"{name}.yaml")


@cache
def _issued(source, count):
    return tuple(issue_variants(load_bank(source), SECRET, [(f"s{i}", 1) for i in range(count)])[0])


def variants_of(bank, count):
    """Variants of a bank; those of shipped banks are drawn once for all tests."""
    if bank.source.endswith(".yaml") and load_bank(bank.source).digest == bank.digest:
        return list(_issued(bank.source, count))
    return issue_variants(bank, SECRET, [(f"s{i}", 1) for i in range(count)])[0]


@cache
def _diagnosis(source):
    return Diagnosis(load_bank(source))


def diagnosis_of(bank):
    """The diagnosis of a shipped bank, also for the same bank under another rounding rule: mistakes do not depend on it."""
    if not bank.source.endswith(".yaml"):
        return Diagnosis(bank)
    found = copy(_diagnosis(bank.source))
    found.bank = bank
    return found


def corrected(bank, givens, texts):
    """The sheets, marked; the diagnosis of a shipped bank is worked out once for all tests."""
    return mark(bank, givens, texts, diagnosis_of(bank))


def model_of(cell, loss="half_squared_error", optimiser="gradient_descent", steps=3, out="", activation="", reduction="sum", updates=1, window=None, **sizes):
    """A model of the catalogue with these sizes (1: scalars)."""
    lossy = catalogue.loss(loss) if loss else None
    made = catalogue.output(out or (lossy.output if lossy else "linear"))
    size = {"input": 1, "hidden": 1, "output": 1, **sizes}
    return assemble(catalogue.cell(cell), made, lossy, catalogue.optimiser(optimiser), size, steps, activation, reduction, updates, window)


def random_givens(graph, seed, low=-1.0, high=1.0, count=1):
    generator = np.random.default_rng(seed)
    return {q.name: np.round(generator.uniform(low, high, (count, *q.shape)), 2) for q in graph.givens}
