"""What is wrong with a bank, gathered: all of it is said at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rnnquiz.errors import BankError, Problem
from rnnquiz.files import strict_yaml

Lines = Mapping[strict_yaml.Path, int]
"""The line at which each entry of a bank stands."""


def line_of(path: strict_yaml.Path, lines: Lines) -> int | None:
    """Line of the entry, or of the nearest one above it."""
    # What is missing has no line of its own, and a default has none either.
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def dotted(path: strict_yaml.Path) -> str:
    """A place in a bank as a problem names it: model.cell, ask.2."""
    return ".".join(map(str, path))


@dataclass(frozen=True)
class Problems:
    """The problems of one bank, in the order in which they were found."""

    source: str
    lines: Lines
    found: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.found)

    def add(self, path: strict_yaml.Path, found: str, remedy: str = "") -> None:
        """A problem of the entry at a place."""
        self.found.append(self.problem(path, found, remedy))

    def extend(self, problems: Iterable[Problem]) -> None:
        self.found.extend(problems)

    def problem(self, path: strict_yaml.Path, found: str, remedy: str = "") -> Problem:
        line = self.line(path)
        return Problem(dotted(path), found, remedy, line)

    def line(self, path: strict_yaml.Path) -> int | None:
        return line_of(path, self.lines)

    def raise_any(self) -> None:
        """BankError with all of them, where there are any."""
        if self.found:
            raise self.error()

    def error(self, *last: Problem) -> BankError:
        """The error that lists all of them, and what ended the reading."""
        # The same may be found in two ways.
        return BankError(self.source, dict.fromkeys([*self.found, *last]))
