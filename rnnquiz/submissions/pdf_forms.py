"""Form fields of a PDF, read in a process of its own that may take little time and memory: a PDF can be made to harm its reader.

Run as a module it is that process: it reads PDFs, each after its length in eight bytes, and answers each with a line of JSON.
"""

from __future__ import annotations

import io
import json
import select
import subprocess
import sys
from typing import Any, BinaryIO

SECONDS = 2.0
START_SECONDS = 20.0
BYTES_OF_MEMORY, LARGEST = 1_000_000_000, 20 * 2**20
LATE, ENDED = "no answer in time", "the process has ended"
MOST_FIELDS, DEEPEST = 4000, 8


class FormReader:
    """The process that reads PDFs; started when it is first needed, and anew after a PDF that it did not survive."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def fields(self, data: bytes) -> dict[str, str] | str:
        """Name and text of each text field; a message where there are none to be read."""
        if len(data) > LARGEST:
            return f"is larger than {LARGEST // 2**20} MB"
        for _ in range(2):  # once more, as the process may have been ended while it was idle
            process = self._given(data)
            answer = self._line(process, SECONDS) if process is not None else ENDED
            if answer not in (LATE, ENDED):
                return answer
            self._stop()
            if answer == LATE:
                break
        return f"takes more than {SECONDS:.0f} s or too much memory to read"

    def _given(self, data: bytes) -> subprocess.Popen[bytes] | None:
        """The process, with the PDF handed to it; None where it is no longer there."""
        process = self._started()
        try:
            if process is not None and process.stdin is not None:
                process.stdin.write(len(data).to_bytes(8, "big") + data)
                process.stdin.flush()
            return process
        except OSError:
            self._stop()
            return None

    def _started(self) -> subprocess.Popen[bytes] | None:
        if self.process is None:
            command = [sys.executable, "-m", "rnnquiz.submissions.pdf_forms"]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if self._line(self.process, START_SECONDS) != "ready":
                self._stop()
        return self.process

    def _line(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, str] | str:
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], seconds)[0]:
            return LATE
        line = process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else ENDED

    def _stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
        self.process = None

    def __del__(self) -> None:
        self._stop()


def read_fields(data: bytes) -> dict[str, str] | str:
    """Read by pikepdf; by pypdf where that finds no PDF in it."""
    from pikepdf import PasswordError, Pdf, PdfError

    _, end, after = data.rpartition(b"%%EOF")
    if not end or b" obj" in after:  # a viewer adds what was filled in at the end: without it the form would seem blank
        return "is cut off: its end is missing"
    try:
        with Pdf.open(io.BytesIO(data)) as pdf:
            found = _walk(pdf.Root.get("/AcroForm"))
    except PasswordError:
        return "is protected by a password"
    except PdfError:
        found = _by_pypdf(data)
    except (ValueError, TypeError, AttributeError, RecursionError):
        found = None
    if found is None:
        return "cannot be read as a PDF"
    return found or "has no form fields: it was printed or flattened, or it is another file"


def _walk(form: Any) -> dict[str, str] | None:
    """All text fields below the form, by their full names; fields in a circle or in great number are left."""
    from pikepdf import Array, Dictionary, Name, String

    found: dict[str, str] = {}
    seen: set[Any] = set()
    waiting = [(field, "", 0) for field in form.get("/Fields", Array())] if isinstance(form, Dictionary) else []
    while waiting and len(seen) < MOST_FIELDS:
        field, above, depth = waiting.pop(0)
        if not isinstance(field, Dictionary) or depth > DEEPEST or (field.is_indirect and field.objgen in seen):
            continue
        seen.add(field.objgen if field.is_indirect else len(seen))
        own = str(field.get("/T", "")) if isinstance(field.get("/T"), String) else ""
        name = ".".join(part for part in (above, own) if part)
        kids = field.get("/Kids")
        if isinstance(kids, Array):
            waiting += [(kid, name, depth + 1) for kid in list(kids)[:MOST_FIELDS]]
        if own and field.get("/FT", Name.Tx) == Name.Tx:
            value = field.get("/V")
            found[name] = _text(value) if isinstance(value, String) else ""
    return found


def _text(value: Any) -> str:
    """The text of a field; bytes that are no text are shown as such, and make the box unreadable, not the sheet."""
    try:
        return str(value)
    except UnicodeDecodeError:
        return bytes(value).decode("utf-8", "replace")


def _by_pypdf(data: bytes) -> dict[str, str] | None:
    from pypdf import PdfReader

    try:
        fields = PdfReader(io.BytesIO(data)).get_form_text_fields(full_qualified_name=True)
    except Exception:  # a library that meets a broken file; what it raises is not stated
        return None
    return {str(name): str(value or "") for name, value in list(fields.items())[:MOST_FIELDS]}


def _serve(source: BinaryIO, out: BinaryIO) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (BYTES_OF_MEMORY, BYTES_OF_MEMORY))
    import pikepdf  # noqa: F401 - loaded before anybody waits for an answer

    out.write(b'"ready"\n')
    out.flush()
    while len(size := source.read(8)) == 8:
        try:
            answer = read_fields(source.read(int.from_bytes(size, "big")))
        except MemoryError:
            answer = "takes too much memory to read"
        except Exception:  # whatever else a damaged file makes a library raise, the next file is to be read
            answer = "cannot be read as a PDF"
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
