"""The file of evidence of a marking: written sheet by sheet while marking goes on, whole or not at
all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rnnquiz import __version__
from rnnquiz.private import clear_parts, make_folder, writing


class EvidenceFile:
    """Takes the verdicts of one sheet after another."""

    def __init__(self, file: BinaryIO, of: str) -> None:
        self.file, self.first = file, True
        head = json.dumps({"bank": of, "program": __version__}, ensure_ascii=False)
        file.write(f'{head[:-1]}, "results": ['.encode())

    def add(self, results: Iterable[str]) -> None:
        """The evidence of some sheets, each as JSON."""
        for result in results:
            self.file.write((("\n" if self.first else ",\n") + result).encode())
            self.first = False

    def close(self, problems: Sequence[str], matches: Sequence[str]) -> None:
        """What is known at the end."""
        rest = json.dumps(
            {"problems": list(problems), "matches": list(matches)}, ensure_ascii=False
        )
        self.file.write(f"\n], {rest[1:]}\n".encode())


@contextmanager
def evidence_in(folder: Path | None, of: str) -> Iterator[EvidenceFile | None]:
    """The file `evidence.json` of a folder, in place once the block is left without an error; None
    without a folder. `of`: the id of what is marked."""
    if folder is None:
        yield None
        return
    make_folder(folder)
    clear_parts(folder)
    with writing(folder, "evidence.json") as file:
        yield EvidenceFile(file, of)
