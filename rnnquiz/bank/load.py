"""From the text of a question bank to a checked specification: graph, samplers, what is asked,
marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rnnquiz.bank.asking import patterns_of
from rnnquiz.bank.copies import second_names
from rnnquiz.bank.marks import check_ids
from rnnquiz.bank.network import derived, model_line, of_training, read_model, read_notation
from rnnquiz.bank.posing import candidates_of, pose, task_of
from rnnquiz.bank.predictions import with_predictions
from rnnquiz.bank.schema import AssignmentText, BankText
from rnnquiz.bank.sections import RoundingText
from rnnquiz.bank.soundness import blamed, check_key
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.written_keys import WrittenKeys, read_keys
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.draft import Slope
from rnnquiz.derivation.graph import Graph
from rnnquiz.derivation.model import Model
from rnnquiz.errors import BankError, Problem
from rnnquiz.files import strict_yaml
from rnnquiz.files.resources import bank_path
from rnnquiz.languages.catalogue import ENGLISH, Language, catalogue_at, language_of
from rnnquiz.models.catalogue import Cell
from rnnquiz.problems import Lines, Problems, line_of


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
    bank = Portable(text, str(path), notation).bank
    _check_ids(bank)
    return bank


def _check_ids(bank: Bank) -> None:
    # Of a file alone: a course goes on with what was issued before ids were looked at.
    _, lines = strict_yaml.load(bank.text)
    problems = Problems(BankError, bank.source, lines)
    check_ids(bank.written, problems)
    problems.raise_if_any()


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
        """The bank as the text that it is read from again."""
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
        # Twice: others name the notation and language that the text has chosen for itself. What a
        # catalogue beside the file says may be another the next time.
        _PARSED[Portable.of(found)] = found
        if portable.language or not found.language.over:
            _PARSED[portable] = found
    return found


def parse_bank(
    text: str, source: str = "bank", notation: str = "", language: Language | None = None
) -> Bank:
    """Check the text of a bank; BankError as for `load_bank`. `notation` and `language` win over
    the bank's own."""
    try:
        data, lines = strict_yaml.load_keys(text)
    except strict_yaml.YamlProblem as error:
        raise BankError(source, error.problem) from None
    if not isinstance(data, dict):
        problem = Problem(
            "the file", "is not a mapping of keys to values", "begin with  title: ...", 1
        )
        raise BankError(source, problem)
    # Most keys of an assignment are keys of a bank: `exercises` alone would seem misspelt.
    if ("exercises",) in lines and ("givens",) not in lines:
        found = "this is an assignment of several exercises, and one bank is needed here"
        line = line_of(("exercises",), lines)
        raise BankError(source, Problem("exercises", found, "give one of its banks", line))
    with blamed(source, lambda: line_of(("model",), lines)):
        return _read(Portable(text, source, notation, language), data, lines)


def _read(portable: Portable, data: dict[str, Any], lines: Lines) -> Bank:
    """A bank from its data, step by step; what is wrong is gathered as long as more can be said."""
    keys = read_keys(portable.source, data, lines)
    written, problems = keys.written, keys.problems
    solved = _derived(keys)
    name = portable.notation or written.notation
    notation = read_notation(name, solved.cell, solved.model, problems)
    posed = pose(keys, solved.full, notation)
    notation = of_training(notation, solved.full, solved.model, posed.task)
    # The notation's own form of slopes is shown, and the bank's is computed with.
    form = solved.forms[notation.slope or written.slope]
    displayed = task_of(written, form, posed.task.asked)
    rounding, candidates = _rounding(written.rounding), candidates_of(solved.full, posed.task)
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
        keys.letters.twice,
        portable.language or chosen_language(portable.source, written, problems.lines),
    )
    check_key(bank, model_line(written.model, problems.lines))
    return bank


def chosen_language(source: str, written: BankText | AssignmentText, lines: Lines) -> Language:
    """The language that a file chooses, with the teacher's catalogue that it names; BankError where
    that is at fault."""
    over = None
    if written.catalogue:
        beside = Path(source).parent / written.catalogue
        try:
            over = catalogue_at(beside)
        except BankError as error:
            # What is wrong is the name in this file, at its line.
            (problem,) = error.problems
            at = line_of(("catalogue",), lines)
            found = f"{written.catalogue!r} {problem.found}"
            raise BankError(source, Problem("catalogue", found, problem.remedy, at)) from None
    return language_of(written.language or ENGLISH.code, over)


@dataclass(frozen=True)
class _Derived:
    """The network of a bank and its whole problem, in the bank's form of slopes and in each."""

    cell: Cell
    model: Model
    full: Graph
    forms: Mapping[Slope, Graph]


def _derived(keys: WrittenKeys) -> _Derived:
    written, problems = keys.written, keys.problems
    cell, model = read_model(written, problems)
    full, forms = derived(written, model, problems)
    names = patterns_of(written.ask, full)
    wider = partial(with_predictions, model=model, patterns=names)
    forms = {slope: wider(form) for slope, form in forms.items()}
    return _Derived(cell, model, wider(full), forms)


def _rounding(rule: RoundingText) -> Rounding:
    if rule.decimals is not None:
        return Rounding("decimals", rule.decimals, rule.when, rule.truncation)
    assert rule.significant is not None
    return Rounding("significant", rule.significant, rule.when, rule.truncation)
