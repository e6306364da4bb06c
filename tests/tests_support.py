"""What many tests need: shipped banks, models of any shape, variants, answers."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.derivation.backward import derive
from rnnquiz.files.resources import folder
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import Network, Span, assemble
from rnnquiz.variants.issue import issue_variants

BANKS = sorted(path.stem for path in folder("question_banks").glob("*.yaml"))
RANDOM_BANKS = [name for name in BANKS if name != "worked_example"]
DATA = Path(__file__).parent / "data"
SECRET = b"a secret of tests, 32 bytes long"
SMALL_CLASS = 16  # as many as most tests need


LOOP = 400_000  # rounds of a loop that took USUAL seconds where the tests' limits were written
USUAL = 0.02


# Of an Elman network of scalars, written as in a bank.
ELMAN_GIVENS = {
    "x": "1.5",
    "y": "0.3",
    "h[0]": "0.2",
    "W": "0.7",
    "U": "-0.4",
    "V": "0.9",
    "b": "0.1",
    "c": "0.3",
    "eta": "0.1",
}


def _pace() -> float:
    """How many times slower a processor is now than where the limits were written; at least 1.
    A core that two processes share, or an older one, is two or three times slower."""
    before = time.process_time()
    total = 0
    for number in range(LOOP):
        total += number & 7
    return max(1.0, (time.process_time() - before) / USUAL)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done here takes no more seconds of a processor than these, processes that it waits
    for counted. How busy or how old the machine is changes nothing, nor what other tests have left
    in memory, which the collector passes over."""
    pace = _pace()
    # Not collected first: with all that a run of tests holds that takes a second.
    gc.freeze()
    before = os.times()
    try:
        yield
        spent = sum(os.times()[:4]) - sum(before[:4])
    finally:
        gc.unfreeze()
    limit = seconds * max(pace, _pace())
    assert spent < limit, f"took {spent:.1f} seconds of a processor, of {limit:.1f}"


@cache
def loaded(source):
    """A bank, read and checked once for all tests."""
    return load_bank(source)


def shipped(name):
    return loaded(str(folder("question_banks") / f"{name}.yaml"))


@cache
def _class_of(name, count):
    return issue_variants(shipped(name), SECRET, [(f"s{i}", 1) for i in range(count)])[0]


def _issued(name, count):
    """Variants of a shipped bank. Whoever comes later moves nobody: a small class is the beginning
    of a large one."""
    size = SMALL_CLASS
    while size < count:
        size *= 4
    return _class_of(name, size)[:count]


def _is_shipped(bank):
    """True for a bank as it ships, not for a copy with another notation or rounding rule."""
    name = Path(bank.source).stem
    return name in BANKS and shipped(name).digest == bank.digest


QUICK = ("bptt_scalar", "bptt_vector", "find_the_mistake")


def slowly(values, quick=QUICK):
    """Parameters of which the default loop of tests takes those in `quick`; CI takes all."""
    return [v if v in quick else pytest.param(v, marks=pytest.mark.slow) for v in values]


def variants_of(bank, count):
    """Variants of a bank; those of shipped banks are drawn once for all tests."""
    if _is_shipped(bank):
        return _issued(Path(bank.source).stem, count)
    return issue_variants(bank, SECRET, [(f"s{i}", 1) for i in range(count)])[0]


@cache
def _diagnosis(source):
    return Diagnosis(loaded(source))


def diagnosis_of(bank):
    """The diagnosis of a shipped bank, also for the same bank under another rounding rule: mistakes
    do not depend on it."""
    if not bank.source.endswith(".yaml"):
        return Diagnosis(bank)
    found = copy(_diagnosis(bank.source))
    found.bank = bank
    return found


def corrected(bank, givens, texts):
    """The sheets, marked; the diagnosis of a shipped bank is worked out once for all tests."""
    return mark(bank, givens, texts, diagnosis_of(bank))


def model_of(
    cell,
    loss="half_squared_error",
    optimiser="gradient_descent",
    steps=3,
    out="",
    activation="",
    reduction="sum",
    updates=1,
    window=None,
    **sizes,
):
    """A model of the catalogue with these sizes (1: scalars)."""
    lossy = catalogue.loss(loss) if loss else None
    made = catalogue.output(out or (lossy.output if lossy else "linear"))
    size = {"input": 1, "hidden": 1, "output": 1, **sizes}
    network = Network(
        catalogue.cell(cell), made, lossy, catalogue.optimiser(optimiser), activation, reduction
    )
    return assemble(network, size, Span(steps, updates, window))


def random_givens(graph, seed, low=-1.0, high=1.0, count=1):
    generator = np.random.default_rng(seed)
    return {
        q.name: np.round(generator.uniform(low, high, (count, *q.shape)), 2) for q in graph.givens
    }


RANGES = {
    "eta": "{choices: [0.1, 0.2, 0.5]}",
    "lam": "{choices: [0.05, 0.1]}",
    "mu": "0.9",
    "rho": "0.9",
    "beta_1": "0.9",
    "beta_2": "0.99",
    "epsilon": "0.0000001",
    "theta": "{choices: [0.02, 0.03]}",
}


def bank_of(cell="elman", style="delta", steps=2, rounding="decimals: 6", ask="all", **model):
    """A bank for any entry of the catalogue, with random numbers for all that is given."""
    keys = "\n".join(
        f"  {key}: {value}" for key, value in {"cell": cell, **model}.items() if key != "sizes"
    )
    out = model.get("output") or (
        catalogue.loss(model["loss"]).output if model.get("loss") else "linear"
    )
    sizes = {**({"output": 2} if out == "softmax" else {}), **model.get("sizes", {})}
    graph = derive(
        model_of(
            cell,
            model.get("loss", "half_squared_error"),
            model.get("optimiser", "gradient_descent"),
            steps,
            out,
            model.get("activation", ""),
            model.get("reduction", "sum"),
            model.get("updates", 1),
            model.get("window"),
            **sizes,
        ),
        style,
    )
    weights = "{range: [-1.2, 1.2], step: 0.01, not: [0, 1, -1]}"
    targets = {"sigmoid": "{choices: [0.1, 0.2, 0.7, 0.9]}", "softmax": "{alphabet: ab}"}.get(
        out, "{range: [-0.9, 0.9], step: 0.01, not: [0]}"
    )
    bases = {
        q.name if q.time in (0, steps + 1) else q.name.partition("[")[0]
        for q in graph.givens
        if "#" not in q.name
    }
    givens = "\n".join(
        f"  {base}: {RANGES.get(base, targets if base == 'y' else weights)}"
        for base in sorted(bases)
    )
    return parse_bank(
        f"title: {cell}\nid: law\nstyle: {style}\nsteps: {steps}\nask: [{ask}]\nrounding:"
        f" {{{rounding}}}\nmodel:\n{keys}\n  sizes:"
        f" {{{', '.join(f'{k}: {v}' for k, v in sizes.items())}}}\ngivens:\n{givens}\n"
    )
