"""Laws of marking, over every shipped bank: no honest answer is lost, no trick pays, one mistake
costs one box."""

import json
from functools import cache
from itertools import cycle
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pupils import Pupil
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.telling import telling_bits
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.files.resources import folder
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.explain import explained
from rnnquiz.grade.mark import mark
from rnnquiz.grade.matching import Keys
from rnnquiz.grade.simulate import (
    HABITS,
    STUDENT_KINDS,
    honest_values,
    mistaken_values,
    texts_of,
    written_texts,
)
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import verdict_names
from rnnquiz.grade.worth import Worth
from tests_support import (
    BANKS,
    QUICK,
    RANDOM_BANKS,
    corrected,
    diagnosis_of,
    shipped,
    slowly,
    variants_of,
)

MISTAKEN_BANKS = [name for name in RANDOM_BANKS if shipped(name).task.kind != "find"]
LONG_BANKS = [name for name in BANKS if len(shipped(name).boxes) > 8]


@cache
def with_rounding(name, rule):
    import re

    text = (folder("question_banks") / f"{name}.yaml").read_text()
    return parse_bank(re.sub(r"rounding: \{.*\}", f"rounding: {{{rule}}}", text))


def prepared(bank, count):
    givens = arrays_of(bank, variants_of(bank, count))
    return givens, evaluate(bank.graph, givens), evaluate(bank.graph, givens, bank.rounding)


RULES = [
    "decimals: 2",
    "decimals: 3",
    "decimals: 4",
    "significant: 3",
    "significant: 4",
    "decimals: 4, when: end",
]
ALL_RULES = ["bptt_scalar", "bptt_vector", "worked_example", "gru_step", "hello", "jordan_network"]
RULED = [
    (name, rule)
    for name in BANKS
    for rule in (RULES if name in ALL_RULES else ["decimals: 3", "significant: 4"])
]
RULED.remove(
    ("adam_two_steps", "decimals: 3")
)  # squares of gradients vanish there, and no variant is certified


SOME_RULED = [
    pytest.param(*row, marks=() if row[0] in QUICK else pytest.mark.slow) for row in RULED
]


FEW_BITS = 30


@pytest.mark.parametrize(("name", "rule"), SOME_RULED)
def test_honest_students_get_full_marks(name, rule):
    """Exact, rounding each step, any subset of steps, any digits not fewer than asked: nothing is
    lost."""
    bank = with_rounding(name, rule)
    variants = variants_of(shipped(name), 4)
    givens = arrays_of(bank, variants)
    generator = np.random.default_rng(11)
    sheets = [
        texts_of(bank, evaluate(bank.graph, givens)),
        texts_of(bank, evaluate(bank.graph, givens, bank.rounding)),
    ]
    sheets += [
        written_texts(bank, honest_values(bank, givens, generator, habit)) for habit in HABITS
    ]

    for texts in sheets:
        marked = corrected(bank, givens, texts)
        lost = [
            (row.box, row.typed, row.verdict, row.low, row.high)
            for n in range(4)
            for row in marked.results(n)
            if row.verdict != "correct"
        ]

        assert not lost
        np.testing.assert_allclose(marked.totals, marked.maxima)


@pytest.mark.parametrize(("name", "rule"), SOME_RULED)
def test_honest_students_who_leave_boxes_empty_lose_those_boxes_only(name, rule):
    """Whatever is left out, every box that an honest student fills is right."""
    bank = with_rounding(name, rule)
    givens = arrays_of(bank, variants_of(shipped(name), 3))
    generator = np.random.default_rng(3)

    for share, habit in zip(cycle((0.2, 0.8)), HABITS):
        texts = written_texts(bank, honest_values(bank, givens, generator, habit))
        kept = [
            {box: text for box, text in sheet.items() if generator.random() > share}
            for sheet in texts
        ]
        marked = corrected(bank, givens, kept)
        wrong = [
            (r.box, r.typed, r.verdict, r.low, r.high)
            for n in range(3)
            for r in marked.results(n)
            if r.verdict not in ("correct", "blank")
        ]

        assert not wrong


@pytest.mark.parametrize("name", slowly(BANKS))
def test_one_number_everywhere_scores_nothing(name):
    """A sheet with one number in every box gets at most 2 % of the marks; where few boxes are
    asked, what is right by chance."""
    bank = shipped(name)
    givens, _, _ = prepared(bank, 6)
    numbers = ["0", "0.0000", "1", "-1", "0.5", "0.1", "100", "1e-9"]
    repeated = {q: np.concatenate([value] * len(numbers)) for q, value in givens.items()}

    marked = corrected(
        bank,
        repeated,
        [{box.name: what for box in bank.boxes} for what in numbers for _ in range(6)],
    )

    assert (
        marked.totals
        <= np.maximum(0.02 * marked.maxima, correct_worth(marked) if len(bank.boxes) < 5 else 0)
    ).all()


def correct_worth(marked):
    """Marks of the boxes that are right."""
    return np.array(
        [
            sum(row.marks for row in marked.results(n) if row.verdict == "correct")
            for n in range(marked.answers.count)
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG_BANKS)
def test_tricks_score_no_more_than_their_right_boxes(name):
    """Givens copied, the previous box copied, random numbers, another student's answers: no
    follow-through pays."""
    bank = shipped(name)
    givens, _exact, chain = prepared(bank, 20)
    generator = np.random.default_rng(4)
    right = texts_of(bank, chain)

    boxes = [box.name for box in bank.boxes]
    numbers = [
        [f"{v:g}" for q in bank.graph.givens for v in givens[q.name][n].reshape(-1)]
        for n in range(20)
    ]
    copied = [
        {box: numbers[n][k % len(numbers[n])] for k, box in enumerate(boxes)} for n in range(20)
    ]
    before = [dict.fromkeys(boxes, right[n][boxes[0]]) for n in range(20)]
    noise = [{box: f"{generator.normal(0, 0.5):.4f}" for box in boxes} for n in range(20)]
    others = [right[(n + 1) % 20] for n in range(20)]

    for trick, sheets in {"copied": copied, "before": before, "noise": noise}.items():
        marked = corrected(bank, givens, sheets)
        assert (marked.totals <= correct_worth(marked) + 0.03 * marked.maxima).all(), trick
        assert (marked.totals <= 0.2 * marked.maxima).all(), trick
    if not bank.fixed:
        shares = corrected(bank, givens, others).totals / sum(bank.marks.values())

        assert shares.mean() <= 0.1
        # of few givens it cannot be told who copied and who misread two of them: the student is
        # believed
        assert (shares <= 0.25).all() or sum(telling_bits(bank).values()) < FEW_BITS


@pytest.mark.parametrize("name", BANKS)
def test_blank_gets_nothing_and_is_not_zero_nor_unreadable(name):
    """An empty sheet is blank in every box, a sheet of words unreadable in every box; both get no
    marks."""
    bank = shipped(name)
    givens, _, _ = prepared(bank, 2)
    marked = corrected(bank, givens, [{}, {box.name: "three" for box in bank.boxes}])

    assert {row.verdict for row in marked.results(0)} == {"blank"}
    assert {row.verdict for row in marked.results(1)} == {"unreadable"}
    assert (marked.totals == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", BANKS)
@settings(max_examples=6)
@given(data=st.data())
def test_one_wrong_box_costs_that_box_alone(name, data):
    """Any wrong number in one box, gone on with or not, costs at most the marks of that box."""
    honest = Pupil(name)
    box = data.draw(st.sampled_from(honest.boxes))
    by = data.draw(st.sampled_from([-1.0, -0.3, 0.2, 0.7, 1.5, 0.01, -0.004]))
    carried = honest.slips(box, by)
    # Nobody can go on from a probability below zero: its logarithm is no number.
    assume(all(np.isfinite(value).all() for value in carried.values.values()))
    isolated = honest.writes({box: carried.texts[box]})

    for pupil in (carried, isolated):
        returned = pupil.hands_in()
        worth = returned.rows[box].of

        assert returned.total >= returned.maximum - worth - 1e-9, [
            (r.box, r.typed, r.verdict) for r in returned.rows.values() if r.marks < r.of
        ]


@pytest.mark.parametrize("name", slowly(BANKS))
@settings(max_examples=3)
@given(seed=st.integers(0, 10**6))
def test_mending_an_answer_never_lowers_the_total(name, seed):
    """Right answers put in place of wrong ones, one after the other, never cost marks."""
    bank = shipped(name)
    givens, _, chain = prepared(bank, 1)
    generator = np.random.default_rng(seed)
    right = texts_of(bank, chain)[0]

    texts = {
        box: f"{generator.normal(0, 1):.3f}" if generator.random() < 0.4 else text
        for box, text in right.items()
    }
    steps = [dict(texts)]
    for box in generator.permutation(list(right)):
        steps.append({**steps[-1], box: right[box]})

    repeated = {name_: np.repeat(value, len(steps), axis=0) for name_, value in givens.items()}
    totals = corrected(bank, repeated, steps).totals

    assert (np.diff(totals) >= -1e-9).all()


# of a bank's, chosen at random, so that the tests of large networks stay quick; all of them in the
# sweep
MISTAKES = 60


def made_together(bank, givens, made):
    """The marked sheets of students who each make one set of mistakes; rows are (set of mistakes,
    variant)."""
    values = [mistaken_values(bank, givens, some) for some in made]
    together = {name: np.concatenate([v[name] for v in values]) for name in values[0]}
    repeated = {name: np.concatenate([v] * len(made)) for name, v in givens.items()}
    return corrected(bank, repeated, texts_of(bank, together))


@pytest.mark.parametrize("name", MISTAKEN_BANKS)
def test_no_registered_mistake_is_right_and_its_root_is_found_and_named(name):
    """One mistake, gone on with, on a certified variant: never accepted; the first wrong box is its
    own; its name is given."""
    bank = shipped(name)
    givens, _, _ = prepared(bank, 2)
    waived = bank.written.certify.waive
    chain = evaluate(bank.graph, givens, bank.rounding)

    everything = [
        m
        for quantity in bank.asked
        for m in diagnosis_of(bank).mistaken[quantity]
        if m.rule.id not in waived
    ]
    everything = [m for m in everything if np.isfinite(value_of(m.formula, chain)).all()]
    chosen = [
        everything[i] for i in np.random.default_rng(9).permutation(len(everything))[:MISTAKES]
    ]

    sheets = made_together(bank, givens, [[m] for m in chosen])
    named = 0

    for k, mistake in enumerate(np.repeat(chosen, 2)):
        wrong = [
            row for row in sheets.results(k) if row.verdict not in ("correct", "follow-through")
        ]

        assert mistake.quantity in [row.quantity for row in wrong], (
            mistake.rule.id,
            mistake.quantity,
        )

        named += wrong[0].quantity == mistake.quantity and mistake.rule.id in [
            e.id for e in wrong[0].explanations[:2]
        ]
    assert named / (2 * len(chosen)) > 0.9


@pytest.mark.parametrize("name", BANKS)
def test_a_mistake_made_everywhere_costs_only_where_it_is_made(name):
    """Each registered mistake, made wherever it can be: all other boxes keep their marks, save what
    follows from a zero."""
    bank = shipped(name)
    givens, _, _ = prepared(bank, 2)
    found = diagnosis_of(bank)
    made = {
        rule.id: [
            m[0]
            for q in bank.asked
            if (m := [x for x in found.mistaken[q] if x.rule.id == rule.id])
        ]
        for rule in found.rules
    }
    made = {rule: some for rule, some in made.items() if some}
    if not made:
        return

    sheets = made_together(bank, givens, list(made.values()))

    for k, (rule, _) in enumerate((rule, n) for rule in made for n in range(2)):
        struck = {m.quantity for m in made[rule]}
        lost = [
            (rule, row.box, row.typed, row.verdict)
            for row in sheets.results(k)
            if row.marks < row.of
            and row.quantity not in struck
            and row.typed != "no number"
            and "X3" not in [e.id for e in row.explanations]
        ]

        assert not lost


@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector", "deltas", "gru_step", "hello"])
def test_mistakes_in_steps_that_are_not_asked_are_named_from_the_final_gradients(name):
    """Only sums and updates are asked: a mistake made wherever it can be is nearly always named all
    the same."""
    import re

    text = (folder("question_banks") / f"{name}.yaml").read_text()
    bank = parse_bank(
        re.sub(r"\nask: \[.*\]", "", re.sub(r"\nmarks: \{.*\}", "", text)) + "\nask: [sum]\n"
    )
    givens = arrays_of(
        bank, [Variant(v.student, 1, v.token, 0, v.givens) for v in variants_of(shipped(name), 2)]
    )

    diagnosis = Diagnosis(bank)
    made = [
        [
            m[0]
            for q in bank.graph.computed
            if (m := [x for x in diagnosis.mistaken[q.name] if x.rule.id == rule.id])
        ]
        for rule in diagnosis.rules
    ]
    rules = [rule for rule, some in zip(diagnosis.rules, made, strict=True) if some]

    sheets = made_together(bank, givens, [some for some in made if some])
    named = noticed = 0
    for k, rule in enumerate(np.repeat(rules, 2)):
        findings = sheets.findings(k)
        noticed += bool(findings)
        named += any(rule.name in (f.name, *f.others) for f in findings)

    assert named / noticed > 0.85


@pytest.mark.parametrize("name", slowly(BANKS))
def test_batches_do_not_change_verdicts(name):
    """Marking together, one by one, or twice gives the same."""
    bank = shipped(name)
    givens, _, chain = prepared(bank, 6)
    texts = texts_of(bank, chain)
    texts[1] = {box: text if i % 3 else "0.25" for i, (box, text) in enumerate(texts[1].items())}
    texts[2] = {box: text for i, (box, text) in enumerate(texts[2].items()) if i % 2}
    texts[3] = {box: text[:-1] for box, text in texts[3].items()}

    together = corrected(bank, givens, texts)
    again = corrected(bank, givens, texts)

    for n in range(6):
        alone = corrected(bank, {k: v[n : n + 1] for k, v in givens.items()}, texts[n : n + 1])
        rows = [row.as_dict() for row in together.results(n)]
        assert rows == [row.as_dict() for row in again.results(n)]

        strip = [
            (r["box"], r["verdict"], r["marks"], [e["id"] for e in r["explanations"]]) for r in rows
        ]

        assert strip == [
            (r.box, r.verdict, round(r.marks, 4), [e.id for e in r.explanations])
            for r in alone.results(0)
        ]


@pytest.mark.parametrize("name", ["bptt_scalar", "hello", "lstm_step"])
def test_a_class_of_nobody_is_marked(name):
    """No sheets, no marks, and no error: with diagnosis and without."""
    bank = shipped(name)
    givens = {given: values[:0] for given, values in arrays_of(bank, variants_of(bank, 1)).items()}

    assert mark(bank, givens, []).totals.shape == (0,)
    assert corrected(bank, givens, []).totals.shape == (0,)


@pytest.mark.parametrize("name", ["bptt_scalar", "lstm_step", "find_the_mistake"])
def test_the_json_of_a_box_is_that_of_its_dictionary(name):
    """Written by itself, for it is most of the evidence: the same to the byte, whatever was
    typed."""
    bank, dice = shipped(name), Random(3)
    givens = arrays_of(bank, variants_of(bank, len(STUDENT_KINDS) + 1))
    texts = []
    for n, kind in enumerate(STUDENT_KINDS):
        own = {key: values[n : n + 1] for key, values in givens.items()}
        texts.append(kind.answer(bank, own, bank.mistaken, dice))
    strange = ['0,5 "', "\\ \n\t\u2028", "ähnlich \U0001f600", "1e999", "nan", "-0"]
    texts.append(dict(zip(bank.every_box, strange * 50, strict=False)))

    marked = mark(bank, givens, texts)

    for n in range(len(texts)):
        for row in marked.results(n):
            assert row.as_json() == json.dumps(row.as_dict(), ensure_ascii=False)


def test_final_gradients_alone_get_follow_through_from_what_is_there():
    """Who writes only sums and updates, with one wrong sum, keeps the update that follows from
    it."""
    honest = Pupil("bptt_scalar")
    last = [box for box in honest.boxes if box.startswith("dL/d") or box.endswith("_new")]

    returned = honest.slips("dL/dU", by=0.3).fills_only(*last).hands_in()

    assert returned.verdict("dL/dU") not in ("correct", "follow-through")
    assert returned.verdict("U_new") == "follow-through"
    assert returned.verdict("dL/dW") == "correct"
    assert returned.rows["dL/dW"].bridged


def test_a_teachers_own_misconception_is_found():
    """A mistake written in the bank as a rewrite is tried like any other, and named."""
    text = (folder("question_banks") / "bptt_scalar.yaml").read_text()
    own = (
        "misconceptions:\n"
        "  - {id: T1, name: output doubled, says: 'The output is not doubled.',"
        " rewrite: '_all -> 3 * _all', where: [forward]}\n"
    )
    bank = parse_bank(text + own)
    givens, _, _ = prepared(bank, 1)
    made = [m for m in Diagnosis(bank).mistaken["yhat[2]"] if m.rule.id == "T1"]

    marked = corrected(bank, givens, texts_of(bank, mistaken_values(bank, givens, made)))
    row = next(row for row in marked.results(0) if row.box == "yhat[2]")

    assert row.explanations[0].id == "T1"


def explanations_of(bank, givens, texts):
    """The reasons that are given for each box, in their order, without those of the bank's own."""
    marked = corrected(bank, givens, texts)
    found = []
    for n in range(len(texts)):
        for row in marked.results(n):
            reasons = [one.id for one in row.explanations if not one.id.startswith("T")]
            found.append((row.box, row.typed, reasons))
    return found


@pytest.mark.parametrize("name", slowly(LONG_BANKS))
def test_more_rows_move_no_mistake_against_another(name):
    """A bank's own mistakes stand before those of the catalogue; however many they are, all others
    are named in the order in which they were."""
    text = (folder("question_banks") / f"{name}.yaml").read_text()
    row = "  - {id: T%d, name: own, says: own, rewrite: '_all -> %d.123 * _all'}\n"
    own = "misconceptions:\n" + "".join(row % (k, k + 17) for k in range(40))
    bank, longer = parse_bank(text), parse_bank(text + own)

    givens = arrays_of(bank, variants_of(bank, 40))
    texts = written_texts(bank, honest_values(bank, givens, np.random.default_rng(7), "each step"))

    dice = Random(7)
    for sheet in texts:
        for box in dice.sample(sorted(sheet), len(sheet) // 4):
            number, other = float(sheet[box]), float(dice.choice([*sheet.values()]))
            wrong = dice.choice((-number, 10 * number, number + 0.3, number / 2, other))
            sheet[box] = f"{wrong:.4f}"

    few, many = (explanations_of(some, givens, texts) for some in (bank, longer))

    assert any(len(reasons) > 1 for *_, reasons in few)
    assert many == few


STANDS = {"RIGHT": "correct", "FOLLOWS": "follow-through"}
OTHERWISE = {"BLANK": "blank", "OPEN": "wrong", "UNREAD": "unreadable"}
SURPLUS = {"accept": "", "right": "", "rounding": "rounding"}
MISSING = {"rounding": "rounding", "correct": "", "wrong": "wrong"}
CREDIT = {"correct": 1.0, "follow-through": 0.8, "rounding": 0.5, "wrong": 0.0}


@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("missing", MISSING)
def test_how_a_number_stands_and_is_written_and_the_policy_give_verdict_and_credit(
    surplus, missing
):
    """Each of them for itself: a policy changes what too many or too few digits are worth, and
    nothing else; what does not fit is wrong, however it is written; what is not there is nothing.
    """
    policy = f"policy: {{surplus-digits: {surplus}, missing-digits: {missing}}}\n"
    keys = f"{policy}credit: {{follow-through: 0.8, rounding: 0.5}}\n"
    bank = Pupil("bptt_scalar", keys).the_bank
    writings = {
        "AS_ASKED": "",
        "SURPLUS": SURPLUS[surplus],
        "CUT": "rounding",
        "SHORT": MISSING[missing],
        "SHORT_CUT": MISSING[missing],
        "OFF_BY_ONE": "rounding",
        "NOT_FITTING": "wrong",
    }

    names = verdict_names(surplus, missing)
    shares = Worth(bank).table("forward")

    for standing in Standing:
        for writing in Writing:
            where = standing, writing
            if standing.name in STANDS:
                expected = writings[writing.name] or STANDS[standing.name]
            else:
                expected = OTHERWISE[standing.name]

            assert names[standing][writing] == expected, where
            assert shares[standing, writing] == CREDIT.get(expected, 0.0), where


@pytest.mark.parametrize("name", slowly(MISTAKEN_BANKS))
def test_what_is_said_of_a_box_is_among_what_was_tried(name):
    """`explain` lists every cause that a number was held against: whatever is named, a teacher
    finds it there."""
    bank, dice = shipped(name), Random(5)
    givens = arrays_of(bank, variants_of(bank, 12))
    right = texts_of(bank, evaluate(bank.graph, givens, bank.rounding))
    boxes, named = {box.name: box for box in bank.boxes}, set()
    for sheet in right:
        for box in dice.sample(sorted(sheet), min(6, len(sheet) // 2)):
            number, other = float(sheet[box]), dice.choice([*sheet.values()])
            sheet[box] = dice.choice(
                [other, f"{-number:.4f}", f"{10 * number:.3f}", f"{number:.2f}", f"{number:.7f}9"]
            )
        for box in dice.sample(sorted(sheet), len(sheet) // 8):
            del sheet[box]

    marked = corrected(bank, givens, right)

    for n in range(len(right)):
        for row in marked.results(n):
            told = explained(marked, n, boxes[row.box], diagnosis_of(bank))
            _, _, tried = told.partition("\nTried")

            for one in row.explanations:
                assert f"{one.id} {one.name}" in tried, (row.box, one, told)
                named.add(one.id)
    assert len(named) >= 3


def test_follow_through_can_be_capped():
    """A cap on follow-through limits what all of it together earns, and nothing else."""
    policy = "policy: {follow-through-cap: 0.1}\n"

    full = Pupil("bptt_scalar").slips("h[1]").hands_in()
    capped = Pupil("bptt_scalar", policy).slips("h[1]").hands_in()

    assert capped.marks_of("follow-through") == pytest.approx(0.1 * capped.maximum)
    assert capped.total == pytest.approx(
        capped.marks_of("follow-through") + capped.marks_of("correct")
    )
    assert capped.total < full.total


def test_more_digits_than_asked_evade_no_cap():
    """What follows counts to the cap in however many digits it is written, and is no stranger's."""
    policy = "policy: {surplus-digits: rounding, follow-through-cap: 0}\n"

    returned = Pupil("bptt_scalar", policy).slips("h[1]").keeps_all_digits(written=2).hands_in()

    assert returned.verdicts(but="h[1]") == {"rounding"}
    assert returned.total == 0


def test_penalties_never_take_a_kind_below_zero():
    """A penalty costs a share of the box; a kind with nothing but faults has zero marks, not
    less."""
    policy = "policy: {penalty: {wrong: 0.5, slip: 0.5, misconception: 0.5}}\n"
    forward = [f"{name}[{t}]" for name in ("h", "yhat") for t in (1, 2, 3)]

    def totals(*wrong):
        texts = dict.fromkeys(wrong, "9.9999")
        without = Pupil("bptt_scalar").writes(texts).hands_in()
        penalised = Pupil("bptt_scalar", policy).writes(texts).hands_in()
        return without, penalised

    without, penalised = totals("h[1]")
    assert penalised.total == pytest.approx(without.total - 0.5 * without.rows["h[1]"].of)

    without, penalised = totals(*forward)
    assert penalised.least_of_a_kind() == 0
    assert penalised.total == pytest.approx(without.total)


@pytest.mark.parametrize("penalty", slowly([0.3, 0.9, 1.0], (0.9,)))
def test_mending_a_box_never_costs_marks_under_penalties(penalty):
    """The fewer boxes of a kind are wrong the more it earns, whatever a wrong one costs; it earns
    nothing at the least."""
    policy = (
        f"policy: {{penalty: {{wrong: {penalty}, slip: {penalty}, misconception: {penalty}}}}}\n"
    )
    updates = [f"{name}_new" for name in "UWbVc"]

    def earned(wrong):
        pupil = Pupil("bptt_scalar", policy).writes(dict.fromkeys(updates[:wrong], "9.9999"))
        return pupil.hands_in().marks_of_kind("update")

    marks = list(map(earned, range(6)))

    assert marks == pytest.approx([max(0, 5 - wrong * (1 + penalty)) for wrong in range(6)])


def test_credit_can_differ_by_kind():
    """credit-by gives one kind of quantity its own credits."""
    keys = "credit-by: {update: {rounding: 0}}\n"
    updates = [f"{name}_new" for name in "UWbVc"]

    half = Pupil("bptt_scalar").cuts_the_last_digit(*updates).hands_in()
    none = Pupil("bptt_scalar", keys).cuts_the_last_digit(*updates).hands_in()

    assert none.total < half.total < half.maximum


@pytest.mark.parametrize(
    ("policy", "verdict"), [("rounding", "rounding"), ("correct", "correct"), ("wrong", "wrong")]
)
def test_missing_digits_are_judged_as_the_bank_says(policy, verdict):
    """A right value in one digit fewer than asked gets the verdict of the policy."""
    pupil = Pupil("bptt_scalar", f"policy: {{missing-digits: {policy}}}\n")
    short = f"{pupil.values['L'][0]:.3f}"

    returned = pupil.writes({"L": short}).hands_in()

    assert returned.verdict("L") == verdict


def test_surplus_digits_can_be_a_fault():
    """Under surplus-digits: rounding a right value in more digits than asked is a matter of
    rounding."""
    pupil = Pupil("bptt_scalar", "policy: {surplus-digits: rounding}\n")

    returned = pupil.keeps_all_digits(written=2).hands_in()

    assert returned.verdicts() == {"rounding"}
    assert returned.total == pytest.approx(returned.maximum / 2)


@pytest.mark.parametrize(
    ("policy", "verdict"), [("accept", ("correct",)), ("right", ("slip", "wrong"))]
)
def test_surplus_digits_have_to_be_right_only_where_the_bank_insists(policy, verdict):
    """Two digits more than asked, of which the last two are wrong: right at the digits asked, wrong
    at those written."""
    pupil = Pupil("bptt_scalar", f"policy: {{surplus-digits: {policy}}}\n").keeps_all_digits(2)
    off = f"{float(pupil.values['h[1]'][0]) + 0.00004:.6f}"

    returned = pupil.writes({"h[1]": off}).hands_in()

    assert returned.verdict("h[1]") in verdict
    assert returned.verdicts(but="h[1]") <= {"correct", "follow-through"}


@pytest.mark.parametrize("rule", ["decimals: 3", "significant: 3", "significant: 2"])
def test_the_search_for_shared_answers_counts_every_number_that_agrees(rule):
    """Of a sheet with most numbers of another one, some with a slip of a unit or three, it says how
    many agree with that and with the rest, as a comparison of all with all does."""
    bank, dice = with_rounding("bptt_scalar", rule), np.random.default_rng(5)
    givens = {q.name: dice.normal(size=(60, *q.shape)) for q in bank.graph.givens}
    keys = Keys(
        bank,
        [
            {name: value[part] for name, value in givens.items()}
            for part in (slice(25), slice(25, None))
        ],
    )
    values, boxes = keys.values, np.arange(keys.values.shape[1])
    units = bank.rounding.unit(values)
    seen = 0

    for n in range(60):
        other = (n + 7) % 60
        whose = np.where(dice.random(len(boxes)) < 0.9, other, dice.integers(60, size=len(boxes)))
        off = dice.normal(size=len(boxes)) * dice.choice([0, 0, 0, 0, 1, 3], len(boxes))
        written = values[whose, boxes] + off * units[whose, boxes]
        written[dice.random(len(boxes)) < 0.1] = np.nan
        near = (np.abs(values - written) <= 1.5 * units) & (np.abs(values) >= 5 * units)
        agreeing = near.sum(axis=1)
        rest = np.delete(agreeing, [n, other])

        for found in keys.matches(written[None], [n]):
            seen += 1
            assert (found.other, found.agreeing) == (other, agreeing[other])
            assert (found.base, found.most) == (pytest.approx(rest.mean()), rest.max())

    assert seen > 50


@pytest.mark.parametrize(
    ("copied", "says"),
    [
        ("h_1[2]", "This is the value of h_1[2]."),
        ("h_2[1]", "This is the value of h_2[1], of another time step."),
    ],
)
def test_a_number_of_another_layer_is_not_called_one_of_another_step(copied, says):
    """What stands in the box of a layer was copied from another layer, or from another step of its
    own, and each is called what it is."""
    bank = shipped("stacked_layers")
    diagnosis = diagnosis_of(bank)

    for variant in variants_of(bank, 4):
        givens = arrays_of(bank, [variant])
        chain = evaluate(bank.graph, givens, bank.rounding)
        numbers = {box.name: float(box.of(chain[box.quantity])[0]) for box in bank.boxes}
        texts = {name: bank.rounding.format(number) for name, number in numbers.items()}
        texts["h_2[2]"] = texts[copied]

        marked = mark(bank, givens, [texts], diagnosis)

        (row,) = (row for row in marked.results(0) if row.box == "h_2[2]")

        assert [str(one.says) for one in row.explanations if one.id in ("S6", "S7")] == [says]
