"""The file of evidence of a marking: written sheet by sheet while marking goes on, whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rnnquiz import __version__
from rnnquiz.bank.specification import Bank
from rnnquiz.course.store import PART, clear_parts
from rnnquiz.errors import Problem, ToolError


class Evidence:
    """Takes the verdicts of one sheet after another."""

    def __init__(self, file: IO[str], bank: Bank) -> None:
        self.file, self.first = file, True
        head = json.dumps({"bank": bank.written.id, "program": __version__}, ensure_ascii=False)
        file.write(f'{head[:-1]}, "results": [')

    def add(self, results: Iterable[str]) -> None:
        """The evidence of some sheets, each as JSON."""
        for result in results:
            self.file.write(("\n" if self.first else ",\n") + result)
            self.first = False

    def close(self, problems: Sequence[str], matches: Sequence[str]) -> None:
        """What is known at the end."""
        rest = json.dumps({"problems": list(problems), "matches": list(matches)}, ensure_ascii=False)
        self.file.write(f"\n], {rest[1:]}\n")


@contextmanager
def evidence_in(folder: Path | None, bank: Bank) -> Iterator[Evidence | None]:
    """The file `evidence.json` of a folder, in place once the block is left without an error; None without a folder."""
    if folder is None:
        yield None
        return
    try:
        yield from _written_in(folder, bank)
    except OSError as error:
        remedy = "make room or choose another folder"
        raise ToolError("disk", Problem(str(folder), f"cannot be written: {error.strerror}", remedy)) from None


def _written_in(folder: Path, bank: Bank) -> Iterator[Evidence]:
    folder.mkdir(parents=True, exist_ok=True)
    clear_parts(folder)
    handle, name = tempfile.mkstemp(dir=folder, prefix=PART)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield Evidence(file, bank)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, folder / "evidence.json")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
