"""Laws of marking over assignments: what holds of a bank alone holds of every exercise of a sheet.

A law is registered once in `LAWS` and runs over all assignments in `SUBJECTS`; together these hold
every bank that ships. Sheets go the way of a course: parted by the names of their boxes, marked
piece by piece.
"""

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from rnnquiz.assignment import PortableAssignment, numbered
from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.assignments import issued_sheets
from rnnquiz.course.bundles import Bundle, MarkingOptions, Paper, StudentBundle
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import parted_sheets
from rnnquiz.course.marking import mark_piece
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import HABITS, STUDENT_KINDS, honest_values, texts_of, written_texts
from rnnquiz.models.mistakes import mistakes_of
from rnnquiz.people.roster import Student
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Source
from tests_support import BANKS, SECRET, diagnosis_of

PEOPLE = [Student(f"s{k}", f"Student {k}", "", k) for k in range(1, 5)]


def listed(*exercises):
    return "title: H\nid: h\nexercises:\n" + "".join(f"  - {{{one}}}\n" for one in exercises)


def with_every_bank(size=4):
    """Assignments of four banks each, until every bank that ships is in one."""
    parts = [BANKS[k : k + size] for k in range(0, len(BANKS), size)]
    return {"+".join(part): listed(*(f"bank: {name}" for name in part)) for part in parts}


FEW = {
    "one bank twice": listed(
        "bank: one_neuron, marks: 20", "bank: one_neuron, rounding: {decimals: 3}"
    ),
    "a pool": listed("bank: forward_pass, marks: 7", "one of: [one_neuron, perceptron], marks: 11"),
    "three": listed(
        "bank: bptt_scalar, steps: 2",
        "bank: forward_pass, rounding: {significant: 4}",
        "bank: deltas, marks: 10",
    ),
}
SUBJECTS = {**FEW, **with_every_bank()}
QUICK = ("one bank twice", "a pool")


@dataclass(frozen=True)
class Seen:
    """A sheet as it is marked: its total, what it is out of, and of each box of the sheet the
    verdict, marks, worth, and numbers that are accepted."""

    total: float
    maximum: float
    boxes: dict

    def lost(self):
        return {name: row for name, row in self.boxes.items() if row["marks"] < row["of"]}


class Subject:
    """A course of an assignment: its students, their numbers, and how their sheets are marked."""

    def __init__(self, name):
        self.place = TemporaryDirectory()
        folder = Path(self.place.name)
        (folder / "sheet.yaml").write_text(SUBJECTS[name])
        (folder / "course").mkdir()
        (folder / "course" / "secret.key").write_bytes(SECRET)
        self.assignment = load_assignment(folder / "sheet.yaml")
        numbers = Wanted(documents=False)
        generate(self.assignment, PEOPLE, folder / "course", numbers, executor="alone")
        self.course = Course.open(folder / "course")
        self.variants = issued_sheets(self.course, self.assignment)
        self.options = MarkingOptions(PortableAssignment.of(self.assignment), evidence=True)

    def exercises(self, student):
        """Each exercise of a student: place, bank, and the numbers as arrays of one row."""
        for variant in self.variants[student.id]:
            one = self.assignment[variant.exercise]
            yield one.place, one.bank, arrays_of(one.bank, [variant])

    def written(self, write):
        """A sheet for each student, by what is written for one exercise of theirs."""
        return {student.id: self.sheet(student, write) for student in PEOPLE}

    def sheet(self, student, write):
        found = {}
        for place, bank, givens in self.exercises(student):
            texts = write(bank, givens)
            found |= {numbered(place, box): text for box, text in texts.items()}
        return found

    def right(self):
        return self.written(by_the_rule)

    def boxes(self, student):
        return [
            numbered(place, box.name)
            for place, bank, _ in self.exercises(student)
            for box in bank.boxes
        ]

    def marked(self, sheets):
        """What comes of the sheets of some students, by id."""
        received = {who: Sheet(Source.of("a"), who, "", texts) for who, texts in sheets.items()}
        parts, strange = parted_sheets(self.course, self.assignment, received)
        assert strange == []
        people = {student.id: student for student in PEOPLE if student.id in sheets}
        piece = StudentBundle(
            tuple(people.values()),
            {
                key: Bundle(
                    tuple(
                        Paper(people[who], self.variant(who, key), sheet)
                        for who, sheet in of.items()
                    )
                )
                for key, of in parts.items()
                if of
            },
        )
        _, (outcomes, _) = mark_piece(self.options, piece)
        found = {who: Seen(0.0, 0.0, {}) for who in people}
        for key, outcome in outcomes.items():
            for row in map(json.loads, outcome.evidence):
                found[row["student"]] = self.with_part(found[row["student"]], key, row)
        return found

    def with_part(self, seen, key, row):
        one = self.assignment[key]
        asked = {box.name for box in one.bank.boxes}
        boxes = {numbered(one.place, r["box"]): r for r in row["boxes"] if r["box"] in asked}
        both = seen.total + row["marks"], seen.maximum + row["maximum"]
        return Seen(*both, {**seen.boxes, **boxes})

    def variant(self, student, key):
        return next(one for one in self.variants[student] if one.exercise == key)


def by_the_rule(bank, givens):
    return texts_of(bank, evaluate(bank.graph, givens, bank.rounding))[0]


# The laws: each gets a subject and dice ----------------------------------------------------------


def honest_work_has_full_marks(subject, dice):
    """Whatever an honest habit rounds, nothing is lost; in one exercise so, in the next so."""
    generator = np.random.default_rng(11)
    for _ in range(2):
        sheets = subject.written(
            lambda bank, givens: written_texts(
                bank, honest_values(bank, givens, generator, dice.choice(HABITS))
            )[0]
        )
        for seen in subject.marked(sheets).values():
            assert seen.lost() == {}
            assert seen.total == pytest.approx(seen.maximum)


def empty_boxes_cost_themselves_alone(subject, dice):
    """Of an honest sheet with some boxes empty those are lost, and no other."""
    for share in (0.2, 0.8):
        sheets = {
            who: {box: text for box, text in texts.items() if dice.random() > share}
            for who, texts in subject.right().items()
        }
        for who, seen in subject.marked(sheets).items():
            assert set(seen.lost()).isdisjoint(sheets[who])
            gone = sum(row["of"] for box, row in seen.boxes.items() if box not in sheets[who])
            assert seen.total == pytest.approx(seen.maximum - gone, abs=0.02)


def nothing_and_words_have_no_marks(subject, dice):
    """An empty exercise is blank in each box, one of words unreadable; neither takes or gives
    marks elsewhere."""
    right = subject.right()
    spoilt = {s.id: dice.choice([place for place, *_ in subject.exercises(s)]) for s in PEOPLE}
    for word, verdict in (("", "blank"), ("three", "unreadable")):
        sheets = {
            who: {box: word if _of(box, spoilt[who]) else text for box, text in texts.items()}
            for who, texts in right.items()
        }
        for who, seen in subject.marked(sheets).items():
            for box, row in seen.boxes.items():
                if _of(box, spoilt[who]):
                    assert (row["verdict"], row["marks"]) == (verdict, 0)
                else:
                    assert row["marks"] == row["of"]


def _of(box, place):
    return box.startswith(f"{place}: ")


def one_number_everywhere_earns_nothing(subject, dice):
    """In each exercise of more than a few boxes at most a fiftieth of the marks."""
    numbers = dice.sample(["0", "0.0000", "1", "-1", "0.5", "100"], len(PEOPLE))
    right = subject.right()
    sheets = {who: dict.fromkeys(right[who], n) for who, n in zip(right, numbers, strict=True)}
    marked = subject.marked(sheets)
    for student in PEOPLE:
        for place, bank, _ in subject.exercises(student):
            mine = [row for box, row in marked[student.id].boxes.items() if _of(box, place)]
            chance = sum(row["marks"] for row in mine if row["verdict"] == "correct")
            most = max(0.02 * sum(row["of"] for row in mine), chance * (len(bank.boxes) < 5))
            assert sum(row["marks"] for row in mine) <= most + 0.01


def one_wrong_box_costs_itself_alone(subject, dice):
    """A wrong number in one box of the sheet, gone on with or not, costs that box at most."""
    right = subject.right()
    gone_on, alone, spoilt = {}, {}, {}
    for student in PEOPLE:
        exercises = {place: (bank, givens) for place, bank, givens in subject.exercises(student)}
        place = dice.choice(list(exercises))
        bank, givens = exercises[place]
        box, off = dice.choice(bank.boxes), dice.choice([-1.0, -0.3, 0.2, 0.7, 1.5, -0.004])
        chain = evaluate(bank.graph, givens, bank.rounding)
        known = chain[box.quantity].copy()
        known.reshape(1, -1)[0, box.entry] += off
        known = bank.rounding.round(known)
        carried = evaluate(bank.graph, givens, bank.rounding, known={box.quantity: known})
        if not all(np.isfinite(value).all() for value in carried.values()):
            continue  # nobody can go on from a probability below zero
        wrong = {numbered(place, name): t for name, t in texts_of(bank, carried)[0].items()}
        spoilt[student.id] = name = numbered(place, box.name)
        gone_on[student.id] = right[student.id] | wrong
        alone[student.id] = right[student.id] | {name: wrong[name]}
    for sheets in (gone_on, alone):
        for who, seen in subject.marked(sheets).items():
            least = seen.maximum - seen.boxes[spoilt[who]]["of"]
            assert seen.total >= least - 1e-3, seen.lost()


def mending_never_lowers_the_total(subject, dice):
    """Right answers put in place of wrong ones, box by box over the whole sheet, never cost."""
    right = subject.right()
    sheets = {
        who: {b: f"{dice.gauss(0, 1):.3f}" if dice.random() < 0.4 else t for b, t in texts.items()}
        for who, texts in right.items()
    }
    before = {who: seen.total for who, seen in subject.marked(sheets).items()}
    order = {who: dice.sample(list(texts), len(texts)) for who, texts in right.items()}
    steps = 5
    for step in range(steps):
        for who, boxes in order.items():
            at = slice(step * len(boxes) // steps, (step + 1) * len(boxes) // steps)
            sheets[who] = sheets[who] | {box: right[who][box] for box in boxes[at]}
        now = {who: seen.total for who, seen in subject.marked(sheets).items()}
        assert all(now[who] >= before[who] - 1e-3 for who in now)
        before = now
    assert all(seen.lost() == {} for seen in subject.marked(sheets).values())


def what_a_key_accepts_has_full_marks(subject, dice):
    """The least and the greatest number that is accepted in a box, with the key's numbers in all
    others, is paid in full."""
    right = subject.right()
    keys = subject.marked(right)
    for which in (0, 1):
        sheets = {}
        for student in PEOPLE:
            banks = {place: bank for place, bank, _ in subject.exercises(student)}
            box = dice.choice(subject.boxes(student))
            bank = banks[int(box.partition(":")[0])]
            accepted = keys[student.id].boxes[box]["accepted"]
            text = bank.rounding.format(accepted[which])
            if not accepted[0] <= float(text) <= accepted[1]:
                text = right[student.id][box]
            sheets[student.id] = right[student.id] | {box: text}
        for seen in subject.marked(sheets).values():
            assert seen.lost() == {}


def anothers_numbers_count_in_their_exercise_alone(subject, dice):
    """Who writes a neighbour's answers in one exercise, and the own ones in all others, loses
    nothing there."""
    right = subject.right()
    sheets, copied = {}, {}
    for student, other in zip(PEOPLE, [*PEOPLE[1:], PEOPLE[0]], strict=True):
        place = dice.choice([place for place, _, _ in subject.exercises(student)])
        copy = {box: text for box, text in right[other.id].items() if _of(box, place)}
        mine = right[student.id]
        sheets[student.id] = mine | {box: t for box, t in copy.items() if box in mine}
        copied[student.id] = place
    for who, seen in subject.marked(sheets).items():
        assert all(_of(box, copied[who]) for box in seen.lost())


def each_exercise_is_marked_as_it_is_alone(subject, dice):
    """Whoever the student is in one exercise and in the next: verdicts and marks of each are those
    of the bank alone."""

    def write(bank, givens):
        kind = dice.choice(STUDENT_KINDS)
        mistaken = mistakes_of(bank.graph, diagnosis_of(bank).rules)
        return kind.answer(bank, givens, mistaken, dice)

    sheets = subject.written(write)
    marked = subject.marked(sheets)
    for student in PEOPLE:
        for place, bank, givens in subject.exercises(student):
            boxes = [box.name for box in bank.boxes]
            texts = {box: sheets[student.id].get(numbered(place, box), "") for box in boxes}
            alone = mark(bank, givens, [texts], diagnosis_of(bank))
            rows = {row.box: row for row in alone.results(0)}
            for box in boxes:
                found = marked[student.id].boxes[numbered(place, box)]
                assert found["verdict"] == rows[box].verdict
                assert found["marks"] == pytest.approx(rows[box].marks, abs=1e-4)


LAWS = (
    honest_work_has_full_marks,
    empty_boxes_cost_themselves_alone,
    nothing_and_words_have_no_marks,
    one_number_everywhere_earns_nothing,
    one_wrong_box_costs_itself_alone,
    mending_never_lowers_the_total,
    what_a_key_accepts_has_full_marks,
    anothers_numbers_count_in_their_exercise_alone,
    each_exercise_is_marked_as_it_is_alone,
)


@cache
def subject_of(name):
    return Subject(name)


CASES = [
    pytest.param(
        law, name, marks=() if name in QUICK else pytest.mark.slow, id=f"{name}-{law.__name__}"
    )
    for name in SUBJECTS
    for law in LAWS
]


@pytest.mark.parametrize(("law", "name"), CASES)
def test_a_law_of_marking_holds_of_an_assignment(law, name):
    """Each law over each assignment, by registration."""
    law(subject_of(name), random.Random(f"{law.__name__} {name}"))


def test_every_bank_is_in_an_assignment_that_the_laws_look_at():
    """Whoever ships a bank has it here."""
    found = {bank for name in with_every_bank() for bank in name.split("+")}

    assert found == set(BANKS)
