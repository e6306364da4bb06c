"""A table that was handed in, and the sheet that a row of it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rnnquiz.files.workbook import Row
from rnnquiz.people.identity import AsId
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Source


@dataclass(frozen=True)
class AnswerTable:
    """The rows of one table. `comma`: what parts its cells may also be the comma of decimals;
    `longest`: cells of its longest row.
    """

    source: str
    rows: Iterable[Row]
    comma: bool = False
    longest: int = 0


class RowSheets:
    """A table, in which each row is the sheet of a student."""

    def __init__(self, source: str) -> None:
        self.source, self.folder = source, str(PurePosixPath(source).parent)

    def sheet(
        self,
        number: int,
        words: Sequence[str],
        token: str,
        answers: Mapping[str, str],
        refusal: str = "",
    ) -> Sheet:
        """The sheet of a row, from the words that say whose it is."""
        student, *others = words or ("",)
        known_as = tuple(others)
        return Sheet(
            Source.of(self.source, number),
            student,
            token,
            answers,
            bool(words),
            known_as,
            number=_first_id(words),
            place=self.source,
            # Tables in one folder were handed in together: their boxes are put together.
            attempt=self.folder,
            refusal=refusal,
        )


def _first_id(words: Sequence[str]) -> str:
    for word in words:
        if isinstance(word, AsId):
            return word
    return ""
