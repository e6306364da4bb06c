"""One family of errors; the type names who has to act, the text says where and what would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

MOST_PROBLEMS = 20  # of a message that repeats what stands elsewhere: more than a screen holds

Error = TypeVar("Error", bound="RnnquizError")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands, what was found, what would do."""

    where: str
    found: str
    remedy: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line else self.where
        text = ": ".join(filter(None, (place, self.found)))
        if not self.remedy:
            return text
        return f"{text} -> {self.remedy}"


class RnnquizError(Exception):
    """Base of all errors that a user can mend; `problems` lists every one found in `source`."""

    def __init__(self, source: str, problems: str | Problem | Iterable[Problem] = ()) -> None:
        self.source = source
        if isinstance(problems, str):
            problems = Problem("", problems)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        # An error of another process is made again here, of what the base class was given.
        super().__init__(source, self.problems)

    @classmethod
    def at(cls: type[Error], source: str, where: str, found: str, remedy: str = "") -> Error:
        """The error of a single problem."""
        return cls(source, Problem(where, found, remedy))

    @property
    def why(self) -> str:
        """What is wrong, without where."""
        if len(self.problems) == 1:
            return str(self.problems[0])
        lines = [f"{len(self.problems)} problems"]
        lines += [f"  {problem}" for problem in self.problems]
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.source}: {self.why}"


class BankError(RnnquizError):
    """The author of a question bank (or of a cell, a loss, a misconception) has to mend a text."""


class SubmissionError(RnnquizError):
    """A file that a student handed in cannot be read. `token`: of which sheet it is, where the
    file says so."""

    def __init__(
        self, source: str, problems: str | Problem | Iterable[Problem] = (), token: str = ""
    ) -> None:
        super().__init__(source, problems)
        self.token = token


class CourseError(RnnquizError):
    """The teacher's roster or course folder does not allow what was asked."""


class ToolError(RnnquizError):
    """Something outside of the program failed: TeX, Typst, the disk."""
