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
from itertools import islice
from pathlib import Path
from threading import Timer

from rnnquiz.errors import ToolError
from rnnquiz.files.private import new_file, scratch, write_atomically
from rnnquiz.files.resources import cache_folder

_LIMITS = 'ulimit -t "$1" -f "$2" -v "$3" 2>/dev/null; shift 3; exec "$@"'
# Debian's TeX reads files of the system in spite of -no-shell-escape; p is for paranoid: no file
# outside of the run's own. The dates are fixed so that a PDF has the same bytes each time.
_SAFE = {
    "openin_any": "p", "openout_any": "p", "shell_escape": "f",
    "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000",
}  # fmt: skip
_LONGEST_MESSAGE = 500  # characters: a line of a sheet's source may be as long as a page
_FLAGS = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")


class TexFailure(Exception):
    """A run that failed, in TeX's own words."""


@dataclass(frozen=True)
class Limits:
    """What a run may take: seconds of the processor, for the run and for each document in it, and
    memory and files. A block has 512 bytes."""

    seconds: float = 10
    seconds_each: float = 0.5
    kilobytes_of_memory: int = 2_000_000
    blocks_of_output: int = 400_000


LIMITS = Limits()


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
        # Tried alone first: in halves a preamble at fault would be tried once for each document.
        message = f"the preamble: {failure}"
        return [Fault(number, message) for number, _ in enumerate(bodies)]
    every = range(len(bodies))
    return list(_halved(preamble, bodies, every))


def _halved(preamble: str, bodies: Sequence[str], numbers: range) -> Iterator[TexPages | Fault]:
    own = [bodies[k] for k in numbers]
    try:
        pdf, pages = set_together(preamble, own)
        yield TexPages(pdf, tuple(numbers), pages)
    except TexFailure as failure:
        if len(numbers) == 1:
            (number,) = numbers
            yield Fault(number, str(failure))
            return
        middle = len(numbers) // 2
        yield from _halved(preamble, bodies, numbers[:middle])
        yield from _halved(preamble, bodies, numbers[middle:])


def set_together(
    preamble: str, bodies: Sequence[str], limits: Limits = LIMITS
) -> tuple[bytes, tuple[int, ...]]:
    """The PDF of the documents one after the other, and the pages of each; TexFailure with TeX's
    message.

    No shell, no file outside of the run's own folder, limits on time, memory and output.
    """
    with scratch() as folder:
        start = _start(preamble, folder)
        text = "".join([start, "\\begin{document}\n", *bodies, "\\end{document}\n"])
        _put(folder / "sheet.tex", text)
        dumped = "pdflatex" if start else "sheet"
        log = _run(folder, [f"-fmt={dumped}", "sheet.tex"], limits, len(bodies))
        # By what TeX says of each document: a template of a teacher's may take any number of pages.
        counts = re.findall(r"^rnnquiz-pages (\d+)", log, re.MULTILINE)
        pages = tuple(map(int, counts))
        if len(pages) != len(bodies) or not all(pages):
            raise TexFailure(
                f"{len(pages)} of {len(bodies)} documents came out; is  sheet  the environment"
                " around each?"
            )
        made = folder / "sheet.pdf"
        return made.read_bytes(), pages


def _start(preamble: str, folder: Path) -> str:
    """Put the dumped preamble into the folder; where it cannot be kept, the preamble itself has to
    be read."""
    here = folder / "sheet.fmt"
    with suppress(OSError):
        # TeX looks for a format by its name in its own folder; to copy one of 18 MB takes longer.
        here.symlink_to(_dumped(preamble))
        return ""
    return preamble


def _put(path: Path, text: str) -> None:
    new_file(path, text.encode()).close()


def _digest(text: str, digits: int) -> str:
    digest = hashlib.sha256(text.encode())
    return digest.hexdigest()[:digits]


def _kpsewhich(*files: str) -> str:
    """Where TeX finds files, a line for each that it has."""
    command = ["kpsewhich", "-engine=pdftex", *files]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _keep(path: Path, data: bytes) -> None:
    """Write what is kept for later runs; OSError where it cannot be."""
    # As a whole: another process may make the same at the same time.
    try:
        write_atomically(path, data)
    except ToolError as error:
        raise OSError(str(error)) from None


@cache
def _dumped(preamble: str) -> Path:
    """The format of a preamble, made once for each version of it and of LaTeX. Uncompressed, it
    loads in half the time."""
    latex = Path(_kpsewhich("pdflatex.fmt").strip())
    version = latex.stat()
    # Time and size change when the format does; to read its 18 MB each time would take longer.
    known = f"{preamble}\0{latex}\0{version.st_mtime_ns}\0{version.st_size}"
    kept = cache_folder() / f"{_digest(known, 32)}.fmt"
    if kept.is_file():
        return kept
    with scratch() as folder:
        _put(folder / "sheet.tex", f"{preamble}\n\\dump\n")
        _run(folder, ["-ini", "-jobname=sheet", "&pdflatex", "sheet.tex"], LIMITS)
        data = (folder / "sheet.fmt").read_bytes()
    # TeX Live compresses formats, other TeXs may not.
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    _keep(kept, data)
    return kept


def _run(folder: Path, arguments: list[str], limits: Limits, documents: int = 1) -> str:
    """One run of pdfTeX in the folder, and what it said. Its words go to a file, as the limit on
    output counts those."""
    seconds = limits.seconds + limits.seconds_each * documents
    # The shell sets the limits for itself and becomes TeX: a hook between fork and exec of this
    # process would not be safe with threads.
    whole_seconds = int(seconds) + 1
    most = map(str, (whole_seconds, limits.blocks_of_output, limits.kilobytes_of_memory))
    command = ["sh", "-c", _LIMITS, "sh", *most, "pdftex", *_FLAGS, *arguments]
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
        # The limit above is of the time of the processor; a run can also sleep.
        code = _ended(run, 4 * seconds)
    log = _first_of(said)
    if code != 0:
        message = tex_message(log)
        if code < 0:
            message += f"; stopped by signal {-code} (limit of time or output)"
        raise TexFailure(message)
    return log


def _first_of(said: Path) -> str:
    """What a run said, up to 16 MiB; names in it may be in any encoding."""
    with said.open("rb") as file:
        begun = file.read(2**24)
    return begun.decode("utf-8", "replace")


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
        # With -file-line-error the name of the file stands in place of the exclamation mark.
        if line.startswith("!") or re.match(r"[^:]*sheet\.tex:\d+:", line):
            following = islice(lines, i + 1, i + 6)
            source = next(filter(_SOURCE.match, following), "")
            message = f"{line} {source}".strip()
            return message[:_LONGEST_MESSAGE]
    *_, last = lines or ["no message"]
    return last[:_LONGEST_MESSAGE]


_SOURCE = re.compile(r"l\.\d+")
