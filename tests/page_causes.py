"""Mistakes made in one line of a page, formula shown, numbers put in and value: is the mistake the
first that is named?"""

import random
from collections import Counter

import numpy as np

from rnnquiz.algebra.forms import typeset_numbers
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import typeset_symbols
from rnnquiz.bank.variant import arrays_of, shown_digits
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.exercise import Exercise
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import texts_of
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader

NAMED_RIGHTLY = 0.98  # of the mistakes whose formula a page shows


def mistaken_lines(exercise, draw, most):
    """(quantity, mistake, its line, its value): one mistake in the formula of one quantity."""
    bank = exercise.bank
    chain = evaluate(
        bank.graph, arrays_of(bank, [exercise.variant]), bank.rounding, shown_digits(bank)
    )
    target, printed = notated(LATEX, bank.notation), exercise.solution.printed
    rows = [
        (q, m) for q in bank.graph.computed if q.name in bank.asked for m in bank.mistaken[q.name]
    ]
    for q, m in draw.sample(rows, min(len(rows), most)):
        with np.errstate(all="ignore"):
            found = np.broadcast_to(value_of(m.formula, chain), (1, *q.shape))[0]
        if not np.isfinite(found).all():
            continue
        texts = [bank.rounding.format(float(entry)) for entry in found.ravel()]
        rows = np.reshape(texts, (-1, 1) if len(q.shape) < 2 else q.shape).tolist()
        value = target.matrix(rows) if q.shape else texts[0]
        try:
            parts = [
                symbol(q.name, target),
                typeset_symbols(m.formula, target),
                typeset_numbers(m.formula, target, printed),
                value,
            ]
        except KeyError:
            continue  # a formula over numbers that the sheet does not print
        yield q, m, " = ".join(dict.fromkeys(parts)), texts


def causes_named(name, most):
    """For mistakes in lines of one bank: how many change the number, how many are named first, with
    the line and by the number alone; and the lines of those that are not."""
    exercise, total, others = Exercise.load(name), Counter(), []
    bank = exercise.bank
    if bank.task.kind == "find":
        return total, others
    lines = list(mistaken_lines(exercise, random.Random(name), most))
    reader = PageReader(bank)
    givens = arrays_of(bank, [exercise.variant] * len(lines))
    chain = evaluate(bank.graph, arrays_of(bank, [exercise.variant]), bank.rounding)
    honest = texts_of(bank, chain)[0]
    boxes = [[box.name for box in bank.boxes_of(q)] for q, *_ in lines]
    texts = [
        {**honest, **dict(zip(names, values, strict=True))}
        for names, (*_, values) in zip(boxes, lines, strict=True)
    ]
    readings = [reader.read(Page(f"$${line}$$"), exercise.variant) for _, _, line, _ in lines]
    plain = mark(bank, givens, texts, Diagnosis(bank))
    marked = with_lines(plain, readings)
    for n, (q, m, line, _) in enumerate(lines):
        box = next((name for name in boxes[n] if (n, name) in marked.explanations), None)
        if box is None:
            total["no mistake in the number"] += 1
            continue
        mistaken = reader.formulas.mistaken(q.name)
        alike = {rule.name for rule, value in mistaken if _same(reader, m, value)} | {m.rule.name}
        first, before = marked.explanations[n, box][0].name, plain.explanations.get((n, box))
        total["named"] += 1
        total["of vectors and matrices"] += bool(q.shape)
        total["right"] += first in alike
        total["right by the number alone"] += bool(before) and before[0].name in alike
        if first not in alike:
            others.append(f"{name} {q.name}: {m.rule.name}, named {first}: {line[:140]}")
    return total, others


def _same(reader, mistaken, value):
    with np.errstate(all="ignore"):
        own = np.asarray(value_of(mistaken.formula, reader.formulas.sample), dtype=float)
    shown = reader.formulas.as_shown(np.broadcast_to(own, own.shape or value.shape))
    return reader.formulas.same(shown, value)
