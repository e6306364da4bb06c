"""From the text of a question bank to a checked specification: graph, samplers, what is asked,
marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import Derivative, in_pass
from rnnquiz.bank.asking import Asking, patterns_of
from rnnquiz.bank.copies import second_names
from rnnquiz.bank.form import validated
from rnnquiz.bank.givens import read_givens
from rnnquiz.bank.letters import Letters, in_own_letters, letters
from rnnquiz.bank.marks import check_own_rules, marks_by_role
from rnnquiz.bank.network import derived, model_line, of_training, read_model, read_notation
from rnnquiz.bank.predictions import with_predictions
from rnnquiz.bank.problems import Lines, Problems, line_of
from rnnquiz.bank.sampling import Sampler
from rnnquiz.bank.schema import AssignmentText, BankText, RoundingText
from rnnquiz.bank.soundness import blamed, check_key
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.bank.spelling import spell
from rnnquiz.bank.task import Task, computing, finding, showing
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.backward import Slope
from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.unroll import Model
from rnnquiz.errors import BankError, Problem
from rnnquiz.languages.catalogue import ENGLISH, Language, catalogue_at, language_of
from rnnquiz.models.catalogue import Cell
from rnnquiz.models.misconceptions import Mistaken, catalogue
from rnnquiz.models.mistakes import mistakes_of
from rnnquiz.resources import bank_path


def load_bank(path: str | Path, notation: str = "") -> Bank:
    """Read and check a bank, by its path or the name under which it ships.

    BankError lists every problem with file, line, key and remedy.
    """
    path = bank_path(path)
    try:
        # Editors of Windows put the mark of UTF-8 in front.
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        remedy = "give the path of a bank, or the name of one that ships: rnnquiz banks lists them"
        raise BankError.at(
            str(path), "the file", f"cannot be read: {error.strerror}", remedy
        ) from None
    except UnicodeDecodeError as error:
        raise BankError.at(
            str(path), "the file", f"cannot be read: {error}", "save it in UTF-8"
        ) from None
    return parse_bank(text, str(path), notation)


MOST_PARSED = 64  # banks of one assignment, pools and all


@dataclass(frozen=True)
class Portable:
    """A bank as text: what another process, or another machine, needs to have it, too."""

    text: str
    source: str
    notation: str
    language: Language | None = None

    @classmethod
    def of(cls, bank: Bank) -> Portable:
        return cls(bank.text, bank.source, bank.notation.name, bank.language)

    @property
    def bank(self) -> Bank:
        """The bank, parsed once in each process."""
        return _parsed(self)


_PARSED: dict[Portable, Bank] = {}


def _parsed(portable: Portable) -> Bank:
    found = _PARSED.get(portable)
    if found is None:
        found = parse_bank(portable.text, portable.source, portable.notation, portable.language)
        if len(_PARSED) > 2 * MOST_PARSED:
            _PARSED.clear()
        # Twice: others name the notation and language that the text has chosen for itself.
        _PARSED[portable] = _PARSED[Portable.of(found)] = found
    return found


def parse_bank(
    text: str, source: str = "bank", notation: str = "", language: Language | None = None
) -> Bank:
    """Check the text of a bank; BankError as for `load_bank`. `notation` and `language` win over
    the bank's own."""
    try:
        data, lines = strict_yaml.load(text)
    except strict_yaml.YamlProblem as error:
        raise BankError(source, error.problem) from None
    if not isinstance(data, dict):
        problem = Problem(
            "the file", "is not a mapping of keys to values", "begin with  title: ...", 1
        )
        raise BankError(source, problem)
    # Most keys of an assignment are keys of a bank: `exercises` alone would seem misspelt.
    if "exercises" in data and "givens" not in data:
        found = "this is an assignment of several exercises, and one bank is needed here"
        line = line_of(("exercises",), lines)
        raise BankError(source, Problem("exercises", found, "give one of its banks", line))
    with blamed(source, lambda: line_of(("model",), lines)):
        return _read(Portable(text, source, notation, language), data, lines)


def _read(portable: Portable, data: dict[str, Any], lines: Lines) -> Bank:
    """A bank from its data, step by step; what is wrong is gathered as long as more can be said."""
    worded = _worded(portable.source, data, lines)
    written, problems = worded.written, worded.problems
    solved = _derived(worded)
    name = portable.notation or written.notation
    notation = read_notation(name, solved.cell, solved.model, problems)
    posed = _posed(worded, solved.full, notation)
    notation = of_training(notation, solved.full, solved.model, posed.task)
    # The notation's own form of slopes is shown, and the bank's is computed with.
    form = solved.forms[notation.slope or written.slope]
    displayed = _task(written, form, posed.task.asked)
    rounding, candidates = _rounding(written.rounding), _candidates(solved.full, posed.task)
    bank = Bank(
        portable.source,
        portable.text,
        written,
        solved.cell,
        solved.model,
        posed.drawn,
        posed.task,
        displayed.graph,
        notation,
        rounding,
        posed.samplers,
        posed.marks,
        candidates,
        second_names(solved.full),
        worded.letters.twice,
        portable.language or chosen_language(portable.source, written),
    )
    check_key(bank, model_line(written.model, problems.lines))
    return bank


def chosen_language(source: str, written: BankText | AssignmentText) -> Language:
    """The language that a file chooses, with the teacher's catalogue that it names; BankError where
    that is at fault."""
    over = None
    if written.catalogue:
        beside = Path(source).parent / written.catalogue
        over = catalogue_at(beside)
    return language_of(written.language or ENGLISH.code, over)


@dataclass(frozen=True)
class _Posed:
    """What is asked, the quantities that are computed for it, what is drawn, and the marks."""

    task: Task
    drawn: Graph
    samplers: Mapping[str, Sampler]
    marks: Mapping[str, float]


def _posed(worded: _Worded, full: Graph, notation: Notation) -> _Posed:
    """BankError with all that is wrong with what is asked and given, and with what was found
    before."""
    written, problems = worded.written, worded.problems
    _check_rounding(written.rounding, problems)
    before = len(problems)
    # As typed, so that a name that is unknown is shown in the letters of the teacher.
    asked = Asking(written, full, notation, worded.typed).asked(problems)
    badly_asked = len(problems) > before
    _check_task(written, full, problems)
    if not asked:
        problems.raise_any()
    task = _task(written, full, asked)
    drawn = _drawn(full, task)
    samplers = read_givens(written, drawn, full, notation, problems)
    # Where it is not clear what is asked, marks would be wrong for that alone.
    unheard = Problems("", {})
    marks = marks_by_role(written, task, unheard if badly_asked else problems)
    check_own_rules(written, problems)
    problems.raise_any()
    return _Posed(task, drawn, samplers, marks)


@dataclass(frozen=True)
class _Worded:
    """The keys of a bank, with all names in the letters of the network. `typed` is what is asked
    as it stands in the bank."""

    written: BankText
    typed: Sequence[str]
    letters: Letters
    problems: Problems


def _worded(source: str, data: dict[str, Any], lines: Lines) -> _Worded:
    misspelt: list[Problem] = []
    data, lines = spell(data, lines, misspelt)
    found = Problems(source, lines)
    as_typed = validated(data, found)
    # Which letter is meant is known only when the model and the notation are.
    spelled = letters(as_typed)
    data, lines = in_own_letters(data, lines, spelled)
    # What is wrong is said already, in the letters of the teacher.
    written = validated(data, Problems(source, lines))
    problems = Problems(source, lines, [*found.found, *misspelt])
    return _Worded(written, as_typed.ask, spelled, problems)


@dataclass(frozen=True)
class _Derived:
    """The network of a bank and its whole problem, in the bank's form of slopes and in each."""

    cell: Cell
    model: Model
    full: Graph
    forms: Mapping[Slope, Graph]


def _derived(worded: _Worded) -> _Derived:
    written, problems = worded.written, worded.problems
    cell, model = read_model(written, problems)
    full, forms = derived(written, model, problems)
    names = patterns_of(written.ask, full)
    wider = partial(with_predictions, model=model, patterns=names)
    forms = {slope: wider(form) for slope, form in forms.items()}
    return _Derived(cell, model, wider(full), forms)


def _task(written: BankText, full: Graph, asked: tuple[str, ...]) -> Task:
    kind = written.task.kind
    if kind == "compute":
        return computing(full, asked)
    if kind == "find":
        every_line = tuple(q.name for q in full.computed)
        return finding(full, every_line)
    return showing(full, asked, kind)


def _drawn(full: Graph, task: Task) -> Graph:
    """What is computed for a variant: all that is asked, and whatever is differentiated, by which
    the key is checked; everything where numbers of it are shown."""
    if task.kind != "compute":
        return full
    needed = set(task.asked)
    for q in task.graph:
        symbol = q.symbol
        if isinstance(symbol, Derivative):
            differentiated = str(symbol.of)
            needed.add(in_pass(differentiated, symbol.number))
    return full.restricted(frozenset(needed))


def _check_task(written: BankText, full: Graph, problems: Problems) -> None:
    task = written.task
    line = problems.line(("task",))
    if task.kind == "step" and task.at is None:
        remedy = "write  task: {kind: step, at: 2}"
        problems.add(("task",), "a step is asked and not which", remedy)
    if task.kind != "step" and task.at is not None:
        problems.extend([Problem("task.at", "is for a task of kind step", "remove it", line)])
    # One of the lines is selected by its number: they must all be of one shape.
    if task.kind == "find" and any(q.shape for q in full.computed):
        found = "finding a mistake is for networks of scalars"
        problems.add(("task",), found, "set all sizes to 1")


def _candidates(full: Graph, task: Task) -> tuple[Mistaken, ...]:
    """What a find task draws from: every registered mistake in a line of the derivation, in a fixed
    order."""
    if task.kind != "find":
        return ()
    mistakes = mistakes_of(full, catalogue())
    found: list[Mistaken] = []
    for name in task.lines:
        if not trivial(full[name]):
            found += mistakes[name]
    return tuple(found)


def _check_rounding(rule: RoundingText, problems: Problems) -> None:
    if (rule.decimals is None) == (rule.significant is None):
        remedy = "write {decimals: 3} or {significant: 3}"
        problems.add(("rounding",), "needs one of decimals and significant", remedy)


def _rounding(rule: RoundingText) -> Rounding:
    if rule.decimals is not None:
        return Rounding("decimals", rule.decimals, rule.when, rule.truncation)
    assert rule.significant is not None
    return Rounding("significant", rule.significant, rule.when, rule.truncation)
