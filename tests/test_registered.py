"""The laws of marking for every cell, loss, output, activation and optimiser there is: by being
registered, without a test of its own."""

import numpy as np
import pytest

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.variant import draws, givens_of, keyed
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import HABITS, honest_values, mistaken_values, texts_of, written_texts
from rnnquiz.models import catalogue
from rnnquiz.variants.certify import Certifier
from tests_support import bank_of

pytestmark = pytest.mark.slow

MISTAKES = 30
CASES = {
    **{
        f"{cell} {style}": {"cell": cell, "style": style}
        for cell in catalogue.names("cells")
        for style in ("delta", "total")
    },
    **{
        f"loss {loss}": {"cell": "elman_preactivation", "loss": loss}
        for loss in catalogue.names("losses")
    },
    **{f"output {out}": {"cell": "elman", "output": out} for out in catalogue.names("outputs")},
    **{
        f"activation {a}": {"cell": "elman_preactivation", "activation": a}
        for a in catalogue.ACTIVATIONS
    },
    **{f"reduction {r}": {"cell": "elman", "reduction": r} for r in ("mean", "last")},
    **{
        f"optimiser {o}": {
            "cell": "neuron",
            "optimiser": o,
            "updates": 2,
            "steps": 1,
            "rounding": "significant: 6",
        }
        for o in catalogue.names("optimisers")
    },
    "window": {"cell": "elman_preactivation", "window": 2, "steps": 3},
    "vectors": {"cell": "gru_after_keep", "sizes": {"input": 2, "hidden": 2}},
}
WRONG = (
    "misconception",
    "slip",
    "wrong",
    "rounding",
    "unreadable",
)  # unreadable where the mistake gives no number


def drawn(bank, count):
    return givens_of(
        bank, draws(bank, [keyed(b"law", "law", i) for i in range(count)], [0] * count)
    )


@pytest.fixture(scope="module", params=list(CASES))
def case(request):
    """A bank of the registered entry, its diagnosis, and numbers: certified ones, and as they are
    drawn."""
    bank = bank_of(**CASES[request.param])
    certifier = Certifier(bank)
    numbers = drawn(bank, 1500)
    good = np.flatnonzero(certifier.certify(numbers).accepted)[:2]
    return (
        request.param,
        bank,
        Diagnosis(bank),
        {k: v[good] for k, v in numbers.items()},
        {k: v[:4] for k, v in numbers.items()},
    )


def test_honest_students_lose_nothing(case):
    """On any numbers, certified or not: exact, rounding each step, any subset, any formula that
    people use, half of the boxes empty."""
    _, bank, diagnosis, _, numbers = case
    defined = np.logical_and.reduce(
        [np.isfinite(v).reshape(4, -1).all(axis=1) for v in evaluate(bank.graph, numbers).values()]
    )
    numbers = {k: v[defined] for k, v in numbers.items()}
    generator = np.random.default_rng(5)

    for habit in HABITS:
        texts = written_texts(bank, honest_values(bank, numbers, generator, habit))
        sparse = [
            {box: text for box, text in sheet.items() if generator.random() < 0.5}
            for sheet in texts
        ]

        for sheets in (texts, sparse):
            marked = mark(bank, numbers, sheets, diagnosis)
            wrong = [
                (r.box, r.typed, r.low, r.high)
                for n in range(len(sheets))
                for r in marked.results(n)
                if r.verdict not in ("correct", "blank")
            ]

            assert not wrong


def test_certified_variants_show_mistakes_and_their_root_is_found(case):
    """On certified variants no registered mistake is accepted; the first wrong box is its own, and
    nearly always it is named."""
    name, bank, diagnosis, numbers, _ = case
    count = len(next(iter(numbers.values())))
    assert count, f"{name} gives no certified variant"

    chain = evaluate(bank.graph, numbers, bank.rounding)
    everything = [
        m
        for quantity in bank.asked
        for m in diagnosis.mistaken[quantity]
        if np.isfinite(value_of(m.formula, chain)).all()
    ]
    chosen = [
        everything[i] for i in np.random.default_rng(9).permutation(len(everything))[:MISTAKES]
    ]

    values = [mistaken_values(bank, numbers, [m]) for m in chosen]
    together = {q: np.concatenate([v[q] for v in values]) for q in values[0]}
    marked = mark(
        bank,
        {k: np.concatenate([v] * len(chosen)) for k, v in numbers.items()},
        texts_of(bank, together),
        diagnosis,
    )
    named = 0

    for k, mistake in enumerate(np.repeat(chosen, count)):
        wrong = [row for row in marked.results(k) if row.verdict in WRONG]
        assert mistake.quantity in [row.quantity for row in wrong], (
            mistake.rule.id,
            mistake.quantity,
        )

        named += wrong[0].quantity == mistake.quantity and mistake.rule.id in [
            e.id for e in wrong[0].explanations[:2]
        ]
    assert named >= 0.9 * count * len(chosen)


def test_one_wrong_box_costs_that_box_alone_and_blank_gets_none(case):
    """A wrong number in one box, gone on with: all other boxes keep their marks. An empty sheet
    gets nothing, one number next to nothing."""
    _, bank, diagnosis, numbers, _ = case
    one = {k: v[:1] for k, v in numbers.items()}
    chain = evaluate(bank.graph, one, bank.rounding)
    generator = np.random.default_rng(3)
    sheets, boxes = [], []
    for k in generator.permutation(len(bank.boxes))[:12]:
        box = bank.boxes[k]
        known = chain[box.quantity].copy()
        known.reshape(1, -1)[:, box.entry] = bank.rounding.round(
            known.reshape(1, -1)[:, box.entry] + generator.choice([-0.3, 0.2, 0.7, 0.01])
        )
        texts = texts_of(
            bank, evaluate(bank.graph, one, bank.rounding, known={box.quantity: known})
        )[0]
        if "no number" not in texts.values():
            sheets.append(texts)
            boxes.append(k)

    assert len(boxes) > 3

    sheets += [{}, {box.name: "0.5" for box in bank.boxes}, {box.name: "0" for box in bank.boxes}]
    marked = mark(
        bank, {k: np.concatenate([v] * len(sheets)) for k, v in one.items()}, sheets, diagnosis
    )

    for n, k in enumerate(boxes):
        assert marked.totals[n] >= marked.maxima[n] - marked.weights[n, k] - 1e-9, [
            (r.box, r.typed, r.verdict) for r in marked.results(n) if r.marks < r.of
        ]
    assert marked.totals[len(boxes)] == 0
    assert (marked.totals[len(boxes) + 1 :] <= 0.05 * marked.maxima[len(boxes) + 1 :]).all()
