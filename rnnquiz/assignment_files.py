"""From the text of an assignment to its exercises: each bank with what is different here, checked
as a bank of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from rnnquiz.assignment import CENT, Assigned, Assignment, Head, shared_out
from rnnquiz.bank.form import problem_at
from rnnquiz.bank.load import chosen_language, load_bank, parse_bank
from rnnquiz.bank.schema import AssignmentText, ExerciseText
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import plain
from rnnquiz.errors import BankError, Problem
from rnnquiz.files import strict_yaml
from rnnquiz.files.resources import bank_path
from rnnquiz.problems import Lines, Problems

OF_THE_SHEET = (
    "id",
    "version",
    "course",
    "due",
    "handing-in",
    "signature",
    "language",
    "catalogue",
)
"""Keys of a bank that the assignment has for all of its exercises."""
MOST_MARKS = 1000


def load_assignment(path: str | Path, notation: str = "") -> Assignment:
    """Read and check an assignment, or a bank, which is an assignment of one exercise; by its path
    or the name under which the bank ships.

    BankError lists every problem with file, line, key and remedy.
    """
    path = bank_path(path)
    data, lines = _read(path)
    # What is no mapping at all is for the reader of banks, which says what is wrong with it.
    if not isinstance(data, dict) or ("exercises",) not in lines:
        return Assignment.of(load_bank(path, notation))
    return _Reader(path, data, lines, notation).assignment()


def load_exercise(path: str | Path, name: str = "", notation: str = "") -> Bank:
    """One exercise of an assignment, by its number or its key, or a bank alone; BankError where it
    is not clear which."""
    assignment = load_assignment(path, notation)
    found = assignment.named(name)
    if len(found) == 1:
        return found[0].bank
    keys = [one.key for one in found or assignment.exercises]
    listed = ", ".join(filter(None, keys)) or "none"
    first, _, _ = listed.partition(",")
    what = "holds several exercises"
    if name and not found:
        what = f"has no exercise {name!r}"
    remedy = f"say which: --exercise {first} (there are {listed})"
    problem = Problem("the assignment", what, remedy)
    raise BankError(str(path), problem)


def _read(path: Path) -> tuple[Any, Lines]:
    """The data of a file; none of one that is no YAML, of which `load_bank` says why."""
    try:
        # Editors of Windows begin a file with the mark of its encoding.
        return strict_yaml.load_keys(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, strict_yaml.YamlProblem):
        return None, {}


@dataclass(frozen=True)
class _Named:
    """An exercise as it is written: where it stands in the list, and what of its bank is
    different."""

    at: int
    key: str
    name: str
    marks: Any
    overrides: Mapping[str, Any]

    @property
    def place(self) -> int:
        return self.at + 1


class _Reader:
    """Reads one file; all of its problems are listed at once."""

    def __init__(self, path: Path, data: dict[str, Any], lines: Lines, notation: str) -> None:
        self.path, self.data, self.notation = path, data, notation
        self.problems = Problems(BankError, str(path), lines)

    def assignment(self) -> Assignment:
        written = self._validated()
        head = Head(**written.model_dump(exclude={"exercises", "language", "catalogue"}))
        self.language = chosen_language(str(self.path), written, self.problems.lines)
        named: list[_Named] = []
        for at, text in enumerate(written.exercises):
            named += self._named(at, text)
        # All are read, also after a fault: each has its own problems to list.
        found = [self._assigned(head, one) for one in named]
        exercises = list(filter(None, found))
        self._check_pools(exercises)
        self.problems.raise_if_any()
        return Assignment(head, tuple(exercises))

    def _validated(self) -> AssignmentText:
        try:
            return AssignmentText.model_validate(self.data)
        except ValidationError as error:
            items = error.errors(include_url=False)
        for item in items:
            found = problem_at(item, self.data, self.problems, AssignmentText, "an assignment")
            self.problems.extend([found])
        raise self.problems.error()

    def _named(self, at: int, text: ExerciseText) -> Iterator[_Named]:
        """The exercise, or those of its pool; none where it cannot be said which."""
        overrides = dict(text.model_extra or {})
        for key in overrides.keys() & set(OF_THE_SHEET):
            self._add(at, key, "is said once, for the whole assignment", "write it at the top")
        if bool(text.bank) == bool(text.one_of):
            remedy = "write  bank: NAME  or  one of: [NAME, NAME]"
            self._add(at, "", "needs one of  bank  and  one of", remedy)
        names = text.one_of or [text.bank]
        if len(set(names)) < len(names):
            self._add(at, "one of", "names a bank twice", "keep one of them")
        marks: Any = text.marks
        if isinstance(text.marks, dict):
            # Marks of each kind are those of the bank; a number is shared out in its proportions.
            overrides["marks"], marks = text.marks, None
        for number, name in enumerate(names, start=1):
            key = str(at + 1)
            if text.one_of:
                key += f".{number}"
            if name:
                yield _Named(at, key, name, marks, overrides)

    def _assigned(self, head: Head, named: _Named) -> Assigned | None:
        """The exercise with its bank; None where that cannot be had."""
        bank = self._bank(named)
        if bank is None:
            return None
        data = _data(bank)
        for key in OF_THE_SHEET:
            data.pop(key, None)
        # With an id of its own: numbers are drawn by it, and no two exercises may share them.
        data |= {"id": f"{head.id}.{named.key}", "version": str(head.version)}
        data |= {"course": head.course, **named.overrides}
        changed = self._parsed(named, bank, data)
        if changed is not None and named.marks is not None:
            changed = self._scaled(named, bank, data, changed)
        if changed is None:
            return None
        return Assigned(named.key, named.place, changed)

    def _scaled(
        self, named: _Named, bank: Bank, data: Mapping[str, Any], changed: Bank
    ) -> Bank | None:
        """The bank with the marks of the exercise, shared out in the proportions of its own."""
        total = self._total(named, changed)
        if total is None:
            return None
        shares = shared_out(changed.marks, total)
        marks = {kind: plain(share) for kind, share in shares.items()}
        return self._parsed(named, bank, {**data, "marks": marks})

    def _bank(self, named: _Named) -> Bank | None:
        """The bank as it is named: beside the assignment, by its path, or one that ships."""
        path = self.path.parent / named.name
        try:
            # A file beside the assignment comes before a bank that ships under its name.
            if not path.is_file():
                path = bank_path(named.name)
        except BankError as error:
            key = "bank"
            # Only the key of one of a pool has two numbers.
            if "." in named.key:
                key = "one of"
            problem = error.problems[0]
            self._add(named.at, key, f"{named.name!r} {problem.found}", problem.remedy)
            return None
        return load_bank(path, self.notation)

    def _parsed(self, named: _Named, bank: Bank, data: Mapping[str, Any]) -> Bank | None:
        """The bank of some data; what is wrong with it comes from what the assignment changes."""
        text = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False)
        source = f"{self.path}, exercise {named.place} ({bank.written.id})"
        try:
            return parse_bank(text, source, self.notation, self.language)
        except BankError as error:
            placed = [self._placed(named, problem) for problem in error.problems]
            self.problems.extend(placed)
            return None

    def _placed(self, named: _Named, problem: Problem) -> Problem:
        """A problem of a changed bank, at the line of the assignment that it comes from."""
        inside = filter(None, problem.where.split("."))
        path = "exercises", named.at, *map(_step, inside)
        where = ".".join(map(str, path))
        return replace(problem, where=where, line=self.problems.line(path))

    def _total(self, named: _Named, bank: Bank) -> Fraction | None:
        """All marks of an exercise, in whole hundredths."""
        try:
            # As it is written: 0.1 is a tenth, not the float next to it.
            total = Fraction(str(named.marks))
        except (ValueError, ZeroDivisionError):
            total = Fraction(0)
        if not 0 < total <= MOST_MARKS or total % CENT:
            remedy = f"write a number above 0, to {MOST_MARKS}, with two decimals at most"
            self._add(named.at, "marks", f"{named.marks!r} are no marks", remedy)
            return None
        if not sum(bank.marks.values()):
            remedy = "give the marks of each kind, as in a bank"
            self._add(named.at, "marks", "the bank gives no marks to share them out by", remedy)
            return None
        return total

    def _check_pools(self, exercises: Sequence[Assigned]) -> None:
        """Exercises of a pool are worth the same: nobody's total hangs on the lot."""
        worth: dict[int, set[float]] = {}
        for exercise in exercises:
            # Marks are sums of floats, which differ in their last digits.
            total = round(exercise.marks, 6)
            worth.setdefault(exercise.place, set()).add(total)
        for place, marks in worth.items():
            if len(marks) > 1:
                listed = " and ".join(f"{one:g}" for one in sorted(marks))
                remedy = "give the marks of the exercise:  marks: 20"
                self._add(place - 1, "one of", f"these are worth {listed} marks", remedy)

    def _add(self, at: int, key: str, found: str, remedy: str) -> None:
        inside = filter(None, (key,))
        self.problems.add(("exercises", at, *inside), found, remedy)


def _step(word: str) -> str | int:
    """A step on the way to a key: a number is a place in a list."""
    if word.isdecimal():
        return int(word)
    return word


def _data(bank: Bank) -> dict[str, Any]:
    """What the text of a bank says, key by key."""
    data, _ = strict_yaml.load_keys(bank.text)
    return dict(data)
