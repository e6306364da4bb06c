"""Many documents in one TeX run: a dumped format, limits on what a run may take, and a search for
the document at fault."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Timer

from rnnquiz.errors import ToolError
from rnnquiz.private import new_file, scratch, write_atomically

SECONDS, SECONDS_EACH = 10, 0.5
KILOBYTES_OF_MEMORY, BLOCKS_OF_OUTPUT = 2_000_000, 400_000  # a block has 512 bytes
_LIMITS = 'ulimit -t "$1" -f "$2" -v "$3" 2>/dev/null; shift 3; exec "$@"'
_SAFE = {
    "openin_any": "p", "openout_any": "p", "shell_escape": "f",
    "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000",
}  # fmt: skip
_FLAGS = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")


class TexFailure(Exception):
    """A run that failed, in TeX's own words."""


@dataclass(frozen=True)
class TexPages:
    """The PDF of one run over the documents `numbers`, and how many pages each of them has."""

    pdf: bytes
    numbers: tuple[int, ...]
    pages: tuple[int, ...]


@dataclass(frozen=True)
class Fault:
    """The document that no run can set, and TeX's message."""

    number: int
    message: str


def typeset_all(preamble: str, bodies: Sequence[str]) -> list[TexPages | Fault]:
    """All documents in one run; where it fails, in halves of it, until the documents at fault stand
    alone."""
    try:
        with suppress(OSError):
            _dumped(preamble)
    except TexFailure as failure:
        return [Fault(number, f"the preamble: {failure}") for number in range(len(bodies))]
    return list(_halved(preamble, bodies, range(len(bodies))))


def _halved(preamble: str, bodies: Sequence[str], numbers: range) -> Iterator[TexPages | Fault]:
    try:
        pdf, pages = set_together(preamble, [bodies[k] for k in numbers])
        yield TexPages(pdf, tuple(numbers), pages)
    except TexFailure as failure:
        if len(numbers) == 1:
            yield Fault(numbers[0], str(failure))
            return
        middle = len(numbers) // 2
        yield from _halved(preamble, bodies, numbers[:middle])
        yield from _halved(preamble, bodies, numbers[middle:])


def set_together(preamble: str, bodies: Sequence[str]) -> tuple[bytes, tuple[int, ...]]:
    """The PDF of the documents one after the other, and the pages of each; TexFailure with TeX's
    message.

    No shell, no file outside of the run's own folder, limits on time, memory and output.
    """
    with scratch() as folder:
        start = _start(preamble, folder)
        text = "".join([start, "\\begin{document}\n", *bodies, "\\end{document}\n"])
        new_file(folder / "sheet.tex", text.encode()).close()
        log = _run(
            folder,
            ["-fmt=sheet", "sheet.tex"] if not start else ["-fmt=pdflatex", "sheet.tex"],
            len(bodies),
        )
        pages = tuple(
            int(found) for found in re.findall(r"^rnnquiz-pages (\d+)", log, re.MULTILINE)
        )
        if len(pages) != len(bodies) or not all(pages):
            raise TexFailure(
                f"{len(pages)} of {len(bodies)} documents came out; is  sheet  the environment"
                " around each?"
            )
        return (folder / "sheet.pdf").read_bytes(), pages


def _start(preamble: str, folder: Path) -> str:
    """Put the dumped preamble into the folder; where it cannot be kept, the preamble itself has to
    be read."""
    with suppress(OSError):
        (folder / "sheet.fmt").symlink_to(_dumped(preamble))
        return ""
    return preamble


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rnnquiz"


def _keep(path: Path, data: bytes) -> None:
    """Write what is kept for later runs; OSError where it cannot be."""
    try:
        write_atomically(path, data)
    except ToolError as error:
        raise OSError(str(error)) from None


@cache
def _dumped(preamble: str) -> Path:
    """The format of a preamble, made once for each version of it and of LaTeX. Uncompressed, it
    loads in half the time."""
    found = subprocess.run(
        ["kpsewhich", "-engine=pdftex", "pdflatex.fmt"], capture_output=True, text=True, check=False
    )
    latex = Path(found.stdout.strip())
    version = latex.stat()
    known = hashlib.sha256(
        f"{preamble}\0{latex}\0{version.st_mtime_ns}\0{version.st_size}".encode()
    ).hexdigest()[:32]
    kept = _cache() / f"{known}.fmt"
    if kept.is_file():
        return kept
    with scratch() as folder:
        new_file(folder / "sheet.tex", f"{preamble}\n\\dump\n".encode()).close()
        _run(folder, ["-ini", "-jobname=sheet", "&pdflatex", "sheet.tex"], 1)
        data = (folder / "sheet.fmt").read_bytes()
    _keep(kept, gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    return kept


def _run(folder: Path, arguments: list[str], documents: int) -> str:
    """One run of pdfTeX in the folder, and what it said. Its words go to a file, as the limit on
    output counts those."""
    seconds = SECONDS + SECONDS_EACH * documents
    command = [
        "sh",
        "-c",
        _LIMITS,
        "sh",
        str(int(seconds) + 1),
        str(BLOCKS_OF_OUTPUT),
        str(KILOBYTES_OF_MEMORY),
        "pdftex",
        *_FLAGS,
        *arguments,
    ]
    environment = {**os.environ, **_SAFE, "TEXMFOUTPUT": str(folder)}
    said = folder / "said"
    with new_file(said) as out:
        try:
            run = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        except OSError as error:
            raise TexFailure(f"TeX could not be started: {error}") from None
        code = _ended(run, 4 * seconds)
    with said.open("rb") as out:
        log = out.read(2**24).decode("utf-8", "replace")
    if code != 0:
        taken = f"; stopped by signal {-code} (limit of time or output)" if code < 0 else ""
        raise TexFailure(tex_message(log) + taken)
    return log


def _ended(run: subprocess.Popen[bytes], seconds: float) -> int:
    """The code with which a run ends, killed where it takes too long. (To wait with a time-out is
    to look every 50 ms.)"""
    clock = Timer(seconds, run.kill)
    clock.start()
    try:
        return run.wait()
    finally:
        clock.cancel()
        run.kill()


def tex_message(log: str) -> str:
    """TeX's own error: the line that reports it and the line of source that follows."""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        if line.startswith("!") or re.match(r"[^:]*sheet\.tex:\d+:", line):
            source = next((rest for rest in lines[i + 1 : i + 6] if re.match(r"l\.\d+", rest)), "")
            return f"{line} {source}".strip()[:500]
    return (lines[-1] if lines else "no message")[:500]
