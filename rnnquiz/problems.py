"""What is wrong with something that was given, gathered: all of it is said at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rnnquiz.errors import Problem, RnnquizError
from rnnquiz.files import strict_yaml

Lines = Mapping[strict_yaml.Path, int]
"""The line at which each entry of a file stands."""


def line_of(path: strict_yaml.Path, lines: Lines) -> int | None:
    """Line of the entry, or of the nearest one above it."""
    # What is missing has no line of its own, and a default has none either.
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def dotted(path: strict_yaml.Path) -> str:
    """A place in a file as a problem names it: model.cell, ask.2."""
    return ".".join(map(str, path))


@dataclass(frozen=True)
class Problems:
    """The problems of one thing that was given, in the order in which they were found; of which
    `kind` their error is. `lines`: those of its entries, where it is a file of entries."""

    kind: type[RnnquizError]
    source: str
    lines: Lines = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.found)

    def add(self, where: str | strict_yaml.Path, found: str, remedy: str = "") -> None:
        """A problem at a place in words, or of an entry."""
        self.found.append(self.problem(where, found, remedy))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Takes problems that were found elsewhere."""
        self.found.extend(problems)

    def problem(self, where: str | strict_yaml.Path, found: str, remedy: str = "") -> Problem:
        """A problem at a place, with its line and a remedy; it is not taken."""
        if isinstance(where, str):
            return Problem(where, found, remedy)
        return Problem(dotted(where), found, remedy, self.line(where))

    def line(self, path: strict_yaml.Path) -> int | None:
        """The line of a key in the file; none where it is not there."""
        return line_of(path, self.lines)

    def first(self, most: int, what: str) -> Problems:
        """The first of them, and how many more there are; `what`: things such as rows."""
        more = len(self) - most
        if more <= 0:
            return self
        rest = Problem("", f"... and {more} more {what} like these")
        return replace(self, found=[*self.found[:most], rest])

    def raise_if_any(self) -> None:
        """The error with all of them, where there are any."""
        if self.found:
            raise self.error()

    def error(self, *last: Problem) -> RnnquizError:
        """The error that lists all of them, and what ended the reading."""
        # The same may be found in two ways.
        return self.kind(self.source, dict.fromkeys([*self.found, *last]))
