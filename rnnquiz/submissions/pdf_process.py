"""The process that reads PDFs, each after its length in eight bytes, and answers each with a line
of JSON; run as a module."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

BYTES_OF_MEMORY = 1_000_000_000  # for the whole process; a form of ours takes 30 MB
_SIZE = 8  # bytes in which the length of a file is sent


def limit_memory(most: int = BYTES_OF_MEMORY) -> bool:
    """Have the system limit the memory of this process; whether it does. macOS refuses, Windows has
    no such limits: the limits on size and time stand there alone."""
    try:
        import resource
    except ImportError:
        return False
    for name in ("RLIMIT_AS", "RLIMIT_DATA"):
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))
            return True
    return False


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Answer PDFs until there are no more."""
    limit_memory()
    # Within the limit, and before anybody waits for an answer.
    from rnnquiz.submissions.pdf_filled import read_form

    out.write(b'"ready"\n')
    out.flush()
    while len(size := source.read(_SIZE)) == _SIZE:
        try:
            length = int.from_bytes(size, "big")
            found = read_form(source.read(length))
            answer = found if isinstance(found, str) else asdict(found)
        except MemoryError:
            answer = "takes too much memory to read"
        except Exception:  # whatever a damaged file makes a library raise: the next one is read
            answer = "cannot be read as a PDF"
        line = json.dumps(answer) + "\n"
        out.write(line.encode())
        out.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
