"""The file of evidence of a marking: written sheet by sheet while marking goes on, whole or not at
all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rnnquiz.files.private import clear_parts, make_folder, writing
from rnnquiz.version import __version__


class EvidenceFile:
    """Takes the verdicts of one sheet after another."""

    def __init__(self, file: BinaryIO, of: str) -> None:
        self.file, self.before = file, "\n"
        about = {"bank": of, "program": __version__}
        head = json.dumps(about, ensure_ascii=False).removesuffix("}")
        file.write(f'{head}, "results": ['.encode())

    def add(self, results: Iterable[str]) -> None:
        """The evidence of some sheets, each as JSON."""
        # One a line: what is larger than the memory can still be read, and cleared, line by line.
        for result in results:
            self.file.write(f"{self.before}{result}".encode())
            self.before = ",\n"

    def close(self, problems: Sequence[str], matches: Sequence[str]) -> None:
        """What is known at the end."""
        known = {"problems": list(problems), "matches": list(matches)}
        rest = json.dumps(known, ensure_ascii=False).removeprefix("{")
        self.file.write(f"\n], {rest}\n".encode())


@contextmanager
def evidence_in(folder: Path | None, of: str) -> Iterator[EvidenceFile | None]:
    """The file `evidence.json` of a folder, in place once the block is left without an error; None
    without a folder. `of`: the id of what is marked."""
    if folder is None:
        yield None
        return
    make_folder(folder)
    # A marking that was killed has left its evidence half-written, as large as the class.
    clear_parts(folder)
    with writing(folder, "evidence.json") as file:
        yield EvidenceFile(file, of)
