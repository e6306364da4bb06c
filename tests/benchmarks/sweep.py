"""The figures of marking over many simulated students; run by hand:  python
tests/benchmarks/sweep.py [--answers 1000000]

The scalar and the vector bank in both backward styles where the shapes allow, 2, 3 and 4 decimals
and 3 and 4 significant figures, 2 to 6 steps; and every other bank that ships, by its own rule.
Prints, for each setting: false rejections of honest answers; registered mistakes accepted as right
on certified variants; how often the root of one and of two mistakes is found and named; what sheets
of one number score; and last the table of fixed tolerances for comparison.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of, draws, givens_of, keyed, problem_of, shown_digits
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.errors import BankError
from rnnquiz.files.resources import folder
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import HABITS, honest_values, mistaken_values, texts_of, written_texts
from rnnquiz.grade.states import Standing
from tests_support import RANDOM_BANKS, shipped, variants_of

RULES = ("decimals: 2", "decimals: 3", "decimals: 4", "significant: 3", "significant: 4")
WRONG = ("misconception", "slip", "wrong", "rounding")


def settings():
    """Name and bank of every setting: bank, style, rule, steps."""
    for name, style, rule, steps in itertools.product(
        ("bptt_scalar", "bptt_vector"), ("total", "delta"), RULES, range(2, 7)
    ):
        if name == "bptt_vector" and style == "total":
            continue
        text = (folder("question_banks") / f"{name}.yaml").read_text()
        text = re.sub(r"rounding: \{.*\}", f"rounding: {{{rule}}}", text)
        text = re.sub(
            r"steps: \d+", f"steps: {steps}", re.sub(r"style: \w+", f"style: {style}", text)
        )
        text = re.sub(r"marks: \{.*\}\n", "", text)
        yield f"{name} {style} {rule} T={steps}", parse_bank(text)
    for name in RANDOM_BANKS:
        if name not in ("bptt_scalar", "bptt_vector") and shipped(name).task.kind != "find":
            yield name, shipped(name)


def any_variants(bank, count, salt):
    """Variants as drawn, certified or not: honest work must never be refused on either."""
    seeds = [keyed(b"sweep", "any", salt, i) for i in range(count)]
    return problem_of(bank, givens_of(bank, draws(bank, seeds, [0] * count)))


def honest(bank, diagnosis, answers, salt):
    """Answers marked and refused, over all habits."""
    generator = np.random.default_rng(salt)
    total = refused = 0
    rows = max(1, answers // (len(HABITS) * len(bank.boxes)))
    for habit in HABITS:
        for start in range(0, rows, 500):
            givens = any_variants(bank, min(500, rows - start), salt * 1000 + start)
            marked = mark(
                bank,
                givens,
                written_texts(bank, honest_values(bank, givens, generator, habit)),
                diagnosis,
            )
            for name in bank.asked:
                right = (marked.judged.standing[name] == Standing.RIGHT) & marked.judged.full(name)
                total += right.size
                refused += int((~right).sum())
    return total, refused


def first_wrong(marked, n):
    return [row for row in marked.results(n) if row.verdict in WRONG]


def insisted(bank, diagnosis):
    """Every registered mistake in an asked quantity, but for those that the bank does not insist
    on."""
    return [
        m
        for name in bank.asked
        for m in diagnosis.mistaken[name]
        if m.rule.id not in bank.written.certify.waive
    ]


def numbers_of(bank, givens, mistake):
    """Of which students the mistake gives a number: the root of what is below zero is none, and who
    meets it has nothing to write."""
    chain = evaluate(bank.graph, givens, bank.rounding, shown_digits(bank))
    found = np.broadcast_to(value_of(mistake.formula, chain), chain[mistake.quantity].shape)
    return np.isfinite(found.reshape(len(found), -1)).all(axis=1)


def marked_together(bank, givens, diagnosis, made):
    """Mark the students of several sets of mistakes in one go: rows are (set of mistakes,
    student)."""
    values = [mistaken_values(bank, givens, some) for some in made]
    together = {name: np.concatenate([v[name] for v in values]) for name in values[0]}
    repeated = {name: np.concatenate([v] * len(made)) for name, v in givens.items()}
    return mark(bank, repeated, texts_of(bank, together), diagnosis), together


def mistakes_of(bank, diagnosis, givens, pairs, generator):
    """One mistake at a time, then pairs: accepted as right, roots found, names right."""
    counts = Counter()
    count = len(next(iter(givens.values())))
    made = insisted(bank, diagnosis)
    marked, _ = marked_together(bank, givens, diagnosis, [[m] for m in made])
    written = np.concatenate([numbers_of(bank, givens, m) for m in made])
    for k, (mistake, _) in enumerate(itertools.product(made, range(count))):
        if not written[k]:
            continue
        wrong = first_wrong(marked, k)
        counts["single"] += 1
        counts["accepted"] += bool(marked.judged.full(mistake.quantity)[k].all())
        if wrong and wrong[0].quantity == mistake.quantity:
            counts["root"] += 1
            counts["named"] += mistake.rule.id in [e.id for e in wrong[0].explanations[:2]]
        else:
            counts[f"missed {mistake.rule.id}"] += 1
    chosen = [
        [made[i] for i in generator.choice(len(made), 2, replace=False)] for _ in range(pairs)
    ]
    chosen = [pair for pair in chosen if pair[0].quantity != pair[1].quantity]
    marked, _ = marked_together(bank, givens, diagnosis, chosen)
    for k, (pair, _) in enumerate(itertools.product(chosen, range(count))):
        boxes = {row.quantity for row in first_wrong(marked, k)}
        counts["pairs"] += 1
        counts["both"] += {m.quantity for m in pair} <= boxes
    return counts


def constants(bank, givens, diagnosis):
    """The largest share of the marks that a sheet of one number gets."""
    worst = 0.0
    for text in ("0", "1", "-1", "0.5", "0.1", "0.3"):
        count = len(next(iter(givens.values())))
        marked = mark(bank, givens, [{box.name: text for box in bank.boxes}] * count, diagnosis)
        worst = max(worst, float((marked.totals / marked.maxima).max()))
    return worst


def fixed_rules(bank, givens, diagnosis, salt):
    """False rejections and acceptances of the fixed tolerances of other systems and of ours, on the
    same students."""
    generator = np.random.default_rng(salt)
    exact = evaluate(bank.graph, givens)
    rules = {
        "±0.51 unit": lambda s, key, unit: np.abs(s - key) <= 0.51 * unit,
        "±1 unit": lambda s, key, unit: np.abs(s - key) <= unit,
        "1 % relative": lambda s, key, unit: np.abs(s - key) <= 0.01 * np.abs(key) + 1e-8,
        "±0.01": lambda s, key, unit: np.abs(s - key) <= 0.01,
    }
    counts = {name: Counter() for name in (*rules, "rnnquiz")}

    def tally(kind, written, accepted_by_us, name, rows=slice(None)):
        s, key = (
            written[rows],
            (
                np.broadcast_to(exact[name], written[rows].shape)
                if rows == slice(None)
                else exact[name]
            ),
        )
        verdicts = {rule: test(s, key, bank.rounding.unit(key)) for rule, test in rules.items()} | {
            "rnnquiz": accepted_by_us[rows]
        }
        for rule, accepted in verdicts.items():
            hit = ~accepted if kind == "honest" else accepted.reshape(len(s), -1).all(axis=1)
            counts[rule][kind] += int(hit.sum())
            counts[rule][kind + " of"] += hit.size

    for habit in HABITS[:3]:
        written = honest_values(bank, givens, generator, habit)
        marked = mark(bank, givens, written_texts(bank, written), diagnosis)
        for name in bank.asked:
            tally("honest", written[name][0], marked.judged.full(name), name)
    made = [m for m in insisted(bank, diagnosis) if numbers_of(bank, givens, m).all()]
    count = len(next(iter(givens.values())))
    marked, values = marked_together(bank, givens, diagnosis, [[m] for m in made])
    for k, mistake in enumerate(made):
        name = mistake.quantity
        tally(
            "mistaken",
            values[name],
            marked.judged.full(name),
            name,
            slice(k * count, (k + 1) * count),
        )
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--answers", type=int, default=1_000_000, help="honest answers over all settings"
    )
    parser.add_argument(
        "--students", type=int, default=2, help="certified variants for each mistake"
    )
    parser.add_argument("--pairs", type=int, default=10, help="pairs of mistakes for each setting")
    parser.add_argument("--every", type=int, default=1, help="take every n-th setting")
    parser.add_argument("--bank", default="", help="only settings whose names begin like this")
    chosen = parser.parse_args()
    banks = [s for s in settings() if s[0].startswith(chosen.bank)][:: chosen.every]
    total, clock = Counter(), time.perf_counter()
    tables: dict[str, Counter] = {}
    for salt, (name, bank) in enumerate(banks):
        diagnosis = Diagnosis(bank)
        marked, refused = honest(bank, diagnosis, chosen.answers // len(banks), salt)
        total["answers"] += marked
        total["refused"] += refused
        line = f"{name:42} honest {marked:6} refused {refused}"
        try:
            givens = arrays_of(bank, variants_of(bank, chosen.students))
        except BankError:
            total["without variants"] += 1
            print(line, " no certified variant at this precision", flush=True)
            continue
        counts = mistakes_of(bank, diagnosis, givens, chosen.pairs, np.random.default_rng(salt))
        total.update(counts)
        worst = constants(bank, givens, diagnosis)
        total["constant permille"] = max(total["constant permille"], round(1000 * worst))
        for rule, row in fixed_rules(bank, givens, diagnosis, salt).items():
            tables.setdefault(rule, Counter()).update(row)
        share = {k: counts[k] / max(1, counts["single"]) for k in ("root", "named")}
        print(
            line,
            f"accepted {counts['accepted']}/{counts['single']} root {share['root']:.3f} named"
            f" {share['named']:.3f} both {counts['both']}/{counts['pairs']} constant {worst:.3f}",
            flush=True,
        )
    print(
        f"\n{len(banks)} settings, {total['without variants']} without certified variants,"
        f" {time.perf_counter() - clock:.0f} s"
    )
    print(f"honest answers {total['answers']}, false rejections {total['refused']}")
    print(
        f"single mistakes {total['single']}, accepted as right {total['accepted']}, root found"
        f" {total['root'] / max(1, total['single']):.4f}, name among the first two"
        f" {total['named'] / max(1, total['single']):.4f}"
    )
    print(f"pairs {total['pairs']}, both roots found {total['both'] / max(1, total['pairs']):.4f}")
    print(
        "largest share of the marks for one number everywhere"
        f" {total['constant permille'] / 1000:.3f}\n"
    )
    print("| rule | honest answers refused | mistaken answers accepted |\n| --- | --- | --- |")
    for rule, row in tables.items():
        refused, accepted = (
            row["honest"] / max(1, row["honest of"]),
            row["mistaken"] / max(1, row["mistaken of"]),
        )
        print(f"| {rule} | {refused:.2%} | {accepted:.2%} |")


if __name__ == "__main__":
    main()
