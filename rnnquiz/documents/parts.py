"""What several documents of a course have in common: the head, the equations, the givens, the
derivation that is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import Variant
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.training import update_rule
from rnnquiz.direction import isolated
from rnnquiz.documents.drawing import NetworkDrawing
from rnnquiz.documents.tree import (
    Block,
    Derivation,
    Document,
    Drawing,
    Equations,
    Formula,
    Math,
    Symbol,
    Table,
    Value,
    Word,
)
from rnnquiz.documents.ways import Ways
from rnnquiz.languages.sentences import Figure, said
from rnnquiz.solution import given_text

LONGEST_ON_TOP, SHORTEST_ON_TOP = 70, 20
DERIVED = ("fill", "find")  # tasks whose sheet shows a derivation

KIND_WORDS = {
    "forward": said("Forward pass"),
    "loss": said("Loss"),
    "local": said("Local derivatives"),
    "recurrence": said("Derivatives through time"),
    "gradient": said("Gradients of each step"),
    "sum": said("Gradients, summed over time"),
    "update": said("Update"),
    "finding": said("The mistake"),
}


def document_of(
    bank: Bank, variant: Variant, name: str, blocks: list[Block], subtitle: str = ""
) -> Document:
    written = bank.written
    return Document(
        written.title,
        written.course,
        name_on_top(name),
        variant.token,
        tuple(blocks),
        subtitle,
        bank.notation,
    )


@dataclass(frozen=True)
class Common:
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
    def of(cls, bank: Bank, key: str = "") -> Common:
        """`key`: that of the exercise, where documents have several."""
        network = NetworkDrawing.of(bank.full, tuple(bank.cell.inputs))
        drawing = network.drawing(bank.full.steps)
        if key:
            drawing = replace(drawing, label=f"{drawing.label} {key}")
        return cls(drawing, Equations(_equations(bank)), Ways(bank.full, network, drawing.label))


def drawn(bank: Bank) -> list[Quantity]:
    """The givens that were drawn, without what the sheet shows of the solution."""
    return [q for q in bank.graph.givens if q.name not in (*bank.task.shown, WHICH)]


def _equations(bank: Bank) -> tuple[tuple[Symbol, Formula], ...]:
    """The equations of one step, with t for the step, those without time, and the training step
    where it is needed."""
    rows = []
    last = max(
        (q.time for q in bank.full.computed if q.role == "forward" and q.time is not None),
        default=None,
    )
    for q in bank.full.computed:
        if (
            q.role in ("forward", "loss")
            and q.time in (None, last)
            and q.symbol.number in (None, 1)
        ):
            assert q.formula is not None
            rows.append(
                (
                    Symbol(q.name, q.time, q.symbol.number),
                    Formula(q.formula, q.time, q.symbol.number),
                )
            )
    if any(q.role == "update" for q in bank.full.computed):
        rows += [
            (Symbol(name, None, 1), Formula(formula, None, 1))
            for name, formula in update_rule(bank.model)
        ]
    return tuple(rows)


def givens(bank: Bank, variant: Variant, shown: list[Quantity]) -> tuple[tuple[Math, Math], ...]:
    """What is given: inputs, targets, initial states, parameters. A one-hot vector is the letter
    that it stands for, and each letter is said once."""
    order = {q.name: i for i, q in enumerate(bank.full)}

    def rank(q: Quantity) -> tuple[int, str, int]:
        base = q.name.partition("[")[0]
        if q.name in bank.task.shown:
            return 5, "", order[q.name]
        letters = (*bank.cell.inputs, *bank.cell.targets)
        if base in letters:
            return letters.index(base) >= len(bank.cell.inputs), base, q.time or 0
        return 3 if q.time is not None else 4, "", q.time or 0

    rows, words = list[tuple[Math, Math]](), dict[str, Value]()
    for q in sorted(shown, key=rank):
        sampler, value = bank.samplers.get(q.name), given_text(bank, variant, q)
        if sampler and len(q.shape) == 1 and (word := sampler.word(variant.givens[q.name])):
            rows.append((Symbol(q.name), Word(word)))
            words.setdefault(word, Value(value, lying=True))
            continue
        rows += [(Word(word), value_) for word, value_ in words.items()]
        words = {} if rank(q)[0] > 1 else words
        rows.append((Symbol(q.name), Value(value)))
    return tuple(rows) + tuple((Word(word), value) for word, value in words.items())


def derivation(bank: Bank, variant: Variant) -> Derivation:
    """All lines of the solution as the sheet shows them; what is asked is left open."""
    rows: list[tuple[str, Math, Math, Math | None]] = []
    for number, q in enumerate(bank.full.computed, start=1):
        assert q.formula is not None
        value = Value(given_text(bank, variant, q)) if q.name in bank.task.shown else None
        rows.append((str(number), Symbol(q.name), Formula(q.formula), value))
    return Derivation(tuple(rows))


def entry_of(bank: Bank, name: str, box: str) -> str:
    """Row and column of a box within its quantity, as shown; empty for a scalar."""
    return box[len(bank.notation.text(name)) + 1 :].replace(".", ",")


def name_on_top(name: str) -> str:
    """A name as it fits on the top of a page; the id in brackets behind it is never cut."""
    if len(name) <= LONGEST_ON_TOP:
        return name
    rest, bracket, id_ = name.rpartition(" (")
    whole = f" ({id_}" if bracket and id_.endswith(")") else ""
    kept = (rest if whole else name)[: max(LONGEST_ON_TOP - len(whole) - 1, SHORTEST_ON_TOP)]
    return f"{isolated(f'{kept}…')}{whole}"


def plain_marks(marks: float) -> Figure:
    return Figure(f"{marks:g}")


def marks_table(bank: Bank) -> Table:
    """The marks of each kind, and of all."""
    counts = Counter(bank.graph[box.quantity].role for box in bank.boxes)
    total = plain_marks(sum(bank.marks.values()))
    boxes = [str(counts[role]) for role in bank.marks]  # type: ignore[index]
    return Table(
        ("", *(KIND_WORDS[role] for role in bank.marks), "Total"),
        (
            ("boxes", *boxes, str(len(bank.boxes))),
            ("marks", *map(plain_marks, bank.marks.values()), total),
        ),
        lying=True,
    )
