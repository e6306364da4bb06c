"""Form fields of a PDF, read in a process of its own that may take little time and memory: a PDF
can be made to harm its reader."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Thread
from weakref import finalize

READ_SECONDS = 2.0  # a sheet of 73 boxes takes 0.005
START_SECONDS = 20.0  # an idle machine imports pikepdf in 0.1, a busy one is not to be given up
LARGEST_PDF = 20 * 2**20  # bytes; a sheet of 73 boxes has 0.4 MB
READING_PROCESS = (sys.executable, "-m", "rnnquiz.submissions.pdf_process")
MOST_SAID, LONGEST_SAID = 5, 40  # texts that are quoted, and characters of each
_LATE, ENDED = "no answer in time", "the process has ended"


@dataclass(frozen=True)
class Form:
    """What a PDF holds of a student: the text of each field, by the last part of its name.

    `over`: what stands over a blank field but is not in it. `beside`: other texts with digits typed
    over the page. `drawn`: pen strokes, stamps and the like. `twice`: the texts of fields that
    stand there several times, with different ones.
    """

    fields: dict[str, str] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    drawn: int = 0
    twice: dict[str, list[str]] = field(default_factory=dict)


def unreadable(form: Form) -> dict[str, str]:
    """Texts of fields that cannot be told: a box of a number that is not in its field, or of two
    numbers, is never a blank one."""
    found = {name: f"not in the field, but over it: «{text}»" for name, text in form.over.items()}
    for name, texts in form.twice.items():
        shown = " ".join(f"«{text}»" for text in texts)
        found[name] = f"several texts in one field: {shown}"
    return found


def strangers(form: Form) -> list[str]:
    """What of a form is in no field, or twice in one, in words."""
    typed = [*form.over.values(), *form.beside]
    beginnings = (text[:LONGEST_SAID] for text in typed[:MOST_SAID])
    quoted = list(map(repr, beginnings))
    if len(typed) > MOST_SAID:
        quoted.append("...")
    shown = ", ".join(quoted)
    counts = {
        f"texts with numbers are typed over the page, not into the fields: {shown}": len(typed),
        "drawings by pen, stamps or shapes are on the page": form.drawn,
        "fields stand there several times, with different texts": len(form.twice),
    }
    return [f"{counts[words]} {words}" for words in filter(counts.get, counts)]


class FormReader:
    """The process that reads PDFs; started when it is first needed, and anew after a PDF that it
    did not survive."""

    def __init__(
        self, seconds: float = READ_SECONDS, command: Sequence[str] = READING_PROCESS
    ) -> None:
        self.seconds = seconds
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.heard: Queue[bytes] = Queue()

    def read(self, data: bytes) -> Form | str:
        """The form; a message where there is none to be read."""
        if len(data) > LARGEST_PDF:
            return f"is larger than {LARGEST_PDF // 2**20} MB"
        for _ in range(2):  # once more, as the process may have been ended while it was idle
            answer = self._line(self.seconds) if self._given(data) else ENDED
            if answer not in (_LATE, ENDED):
                found = json.loads(answer)
                if isinstance(found, str):
                    return found
                return Form(**found)
            self._stop()
            if answer == _LATE:
                break
        return f"takes more than {self.seconds:.0f} s or too much memory to read"

    def _given(self, data: bytes) -> bool:
        """Whether the process is there, with the PDF handed to it."""
        process = self._started()
        try:
            if process is None or process.stdin is None:
                return False
            length = len(data).to_bytes(8, "big")
            process.stdin.write(length + data)
            process.stdin.flush()
            return True
        except OSError:
            self._stop()
            return False

    def _started(self) -> subprocess.Popen[bytes] | None:
        if self.process is None:
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, stderr=nowhere)
            self.heard = Queue()
            listener = Thread(target=_listen, args=(self.process, self.heard), daemon=True)
            listener.start()
            # At the end of the program, too.
            self.end = finalize(self, _end, self.process, listener)
            if self._line(START_SECONDS) != '"ready"\n':
                self._stop()
        return self.process

    def _line(self, seconds: float) -> str:
        """The next line of the process. A thread waits for it: Windows cannot wait for a pipe with
        a time-out."""
        try:
            line = self.heard.get(timeout=seconds)
        except Empty:
            return _LATE
        if line.endswith(b"\n"):
            return line.decode()
        return ENDED

    def _stop(self) -> None:
        if self.process is not None:
            self.end()
        self.process = None


def _end(process: subprocess.Popen[bytes], listener: Thread) -> None:
    """End the process; its listener ends with it, as at the end of the program no thread may wait
    for anything."""
    process.kill()
    process.wait()
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    listener.join(READ_SECONDS)


def _listen(process: subprocess.Popen[bytes], heard: Queue[bytes]) -> None:
    """Put each line of a process into the queue; an empty one at its end."""
    assert process.stdout is not None
    with suppress(OSError, ValueError), process.stdout as lines:
        for line in lines:
            heard.put(line)
    heard.put(b"")
