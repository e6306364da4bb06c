"""What several documents of a course have in common: the head, the equations, the givens, the
derivation that is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.ones import with_ones
from rnnquiz.algebra.symbols import without_step
from rnnquiz.bank.given_order import GIVEN_TARGETS, given_rank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.variant import Variant
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.roles import COMPUTED, Role
from rnnquiz.derivation.training import update_rule
from rnnquiz.direction import isolated
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.drawing import NetworkDrawing
from rnnquiz.documents.leaves import Word
from rnnquiz.documents.mathematics import Formula, Math, Symbol, Value
from rnnquiz.documents.tree import Block, Document, Equations, Table
from rnnquiz.documents.ways import Ways
from rnnquiz.languages.sentences import Figure, Message, of_bank, said
from rnnquiz.solution.solved import given_text

LONGEST_ON_TOP, SHORTEST_ON_TOP = 70, 20

KIND_WORDS: Mapping[str, Message] = {role: role.words for role in COMPUTED}


def kind_words(bank: Bank) -> Mapping[str, Message]:
    """What the kinds of boxes are called in an exercise."""
    if not bank.in_time:
        return {role: role.words_of_one_step for role in COMPUTED}
    if bank.task.kind == TaskKind.STEP:  # in time, and all of its gradients are of one step
        return {**KIND_WORDS, Role.GRADIENT: Role.GRADIENT.words_of_one_step}
    return KIND_WORDS


def document_of(
    bank: Bank, variant: Variant, name: str, blocks: list[Block], subtitle: str = ""
) -> Document:
    """A document of one student, titled and worded as the bank is."""
    title, course = of_bank(bank.written.title), of_bank(bank.written.course)
    plain = Document(title, course, name_on_top(name), variant.token, tuple(blocks), subtitle)
    return replace(plain, notation=bank.notation, language=bank.language)


@dataclass(frozen=True)
class SharedBlocks:
    """The blocks that are the same in the documents of all students of a bank."""

    drawing: Drawing
    equations: Equations
    ways: Ways
    made: dict[str, tuple[Block, ...]] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Iterable[Block]]) -> tuple[Block, ...]:
        """Blocks that do not depend on the student, made for the first one."""
        if name not in self.made:
            self.made[name] = tuple(make())
        return self.made[name]

    @classmethod
    def of(cls, bank: Bank, key: str = "") -> SharedBlocks:
        """`key`: that of the exercise, where documents have several."""
        network = NetworkDrawing.of(bank.full, tuple(bank.cell.inputs))
        drawing = network.drawing(bank.full.steps)
        # A label stands for one drawing: LaTeX keeps it in a box of that name.
        if key:
            drawing = replace(drawing, label=f"{drawing.label} {key}")
        equations = Equations(equations_of(bank))
        ways = Ways(bank.full, network, drawing.label)
        return cls(drawing, equations, ways)


def drawn(bank: Bank) -> list[Quantity]:
    """The givens that were drawn, without what the sheet shows of the solution."""
    shown = {*bank.task.shown, WHICH}
    return [q for q in bank.graph.givens if q.name not in shown]


def equations_of(bank: Bank) -> tuple[tuple[Symbol, Formula], ...]:
    """The equations of one step, with t for the step, those without time, and the training step
    where it is needed."""
    # At the last step all letters are there: some networks have an output at the end only.
    last = max(_times(bank), default=None)
    rows = []
    written = [equation.target for equation in (*bank.model.cell, *bank.model.loss)]

    def place(q: Quantity) -> int:
        letter = without_step(q.name).partition("#")[0]
        # Derivatives have no equation, and their order does not count.
        return [*written, letter].index(letter)

    # As the network has them, not as they are computed: a state that is read backwards is the first
    # at the last step.
    for q in sorted(bank.full.computed, key=place):
        number = q.symbol.number
        if q.time not in (None, last) or number not in (None, 1):
            continue
        if q.role.runs_forward:
            assert q.formula is not None
            # With its own step as now, h[2] is printed as h_t.
            now = q.time if bank.has_t else None
            formula = shown_formula(bank, q.formula)
            row = Symbol(q.name, now, number), Formula(formula, now, number)
            rows.append(row)
    if any(q.role == Role.UPDATE for q in bank.full.computed):
        for name, formula in update_rule(bank.model):
            row = Symbol(name, None, 1), Formula(formula, None, 1)
            rows.append(row)
    return tuple(rows)


def shown_formula(bank: Bank, formula: Expression) -> Expression:
    """A formula as documents show it: what is added to a vector is a vector."""
    return with_ones(formula, bank.full.shapes, bank.notation)


def _times(bank: Bank) -> Iterator[int]:
    """The steps of what the forward pass computes."""
    for q in bank.full.computed:
        if q.role == Role.FORWARD and q.time is not None:
            yield q.time


def givens(bank: Bank, variant: Variant, shown: list[Quantity]) -> tuple[tuple[Math, Math], ...]:
    """What is given: inputs, targets, initial states, parameters. A one-hot vector is the letter
    that it stands for, and each letter is said once."""
    rank = given_rank(bank)
    rows, words = list[tuple[Math, Math]](), dict[str, Value]()
    for q in sorted(shown, key=rank):
        sampler, value = bank.samplers.get(q.name), given_text(bank, variant, q)
        if sampler and len(q.shape) == 1 and (word := sampler.word(variant.givens[q.name])):
            rows.append((Symbol(q.name), Word(word)))
            words.setdefault(word, Value(value, lying=True))
            continue
        kind, *_ = rank(q)
        # Inputs and targets may be of one alphabet: its letters are said once, after both.
        if kind > GIVEN_TARGETS:
            rows += _meanings(words)
            words = {}
        rows.append((Symbol(q.name), Value(value)))
    return (*rows, *_meanings(words))


def _meanings(words: Mapping[str, Value]) -> Iterator[tuple[Math, Math]]:
    """Which vector each letter stands for."""
    for word, value in words.items():
        yield Word(word), value


def name_on_top(name: str) -> str:
    """A name as it fits on the top of a page; the id in brackets behind it is never cut."""
    if len(name) <= LONGEST_ON_TOP:
        return name
    rest, bracket, id_ = name.rpartition(" (")
    has_id = bracket and id_.endswith(")")
    whole = f" ({id_}" if has_id else ""
    room = LONGEST_ON_TOP - len(f"{whole}…")
    longest = max(room, SHORTEST_ON_TOP)  # an id may be as long as the line
    begun = rest if whole else name
    kept = begun[:longest]
    # A name from right to left would draw the id behind it to its other side.
    return f"{isolated(f'{kept}…')}{whole}"


def plain_marks(marks: float) -> Figure:
    """Marks without zeros behind the point: 4, 0.5."""
    return Figure(f"{marks:g}")


def marks_table(bank: Bank) -> Table:
    """The marks of each kind, and of all."""
    asked = (bank.graph[box.quantity] for box in bank.boxes)
    counts: Counter[str] = Counter(q.role for q in asked)
    numbers = [*map(counts.__getitem__, bank.marks), len(bank.boxes)]
    marks = [*bank.marks.values(), sum(bank.marks.values())]
    header: tuple[str, ...] = ("", *map(kind_words(bank).__getitem__, bank.marks), said("Total"))
    # Of one kind the total is the same.
    if len(bank.marks) == 1:
        header, numbers, marks = header[:-1], numbers[:-1], marks[:-1]
    of_boxes = (said("boxes"), *map(str, numbers))
    of_marks = (said("marks"), *map(plain_marks, marks))
    return Table(header, (of_boxes, of_marks), lying=True)
