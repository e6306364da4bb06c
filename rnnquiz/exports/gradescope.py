"""Gradescope: the results of one submission in its format, and the archive of an autograder that needs no network when it runs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from rnnquiz.grade.mark import BoxResult, Marked
from rnnquiz.resources import folder

RUN = "#!/usr/bin/env bash\ncd /autograder/source\nexec python3 -m rnnquiz.course.autograder /autograder\n"
DATA = "exercise.json"
_PASSED = ("correct", "follow-through")


def results(marked: Marked, n: int, words: str) -> dict[str, Any]:
    """The results of student n: a test for each box with verdict and reason, all of it visible; the score is their sum."""
    rows = [row for row in marked.results(n) if row.of or row.typed]
    return {
        "score": round(float(marked.totals[n]), 4),
        "output": words,
        "output_format": "text",
        "visibility": "visible",
        "tests": [_test(number, row) for number, row in enumerate(rows, start=1)],
    }


def _test(number: int, row: BoxResult) -> dict[str, Any]:
    reasons = [f"{e.name}. {e.says}" for e in row.explanations[:1]] + ([row.reason] if row.reason else [])
    return {
        "number": str(number), "name": row.box, "score": round(row.marks, 4), "max_score": round(row.of, 4),
        "status": "passed" if row.verdict in _PASSED else "failed",
        "output": "\n".join([f"You wrote {row.typed!r}: {row.verdict}." if row.typed else "Nothing stands there.", *reasons]),
    }  # fmt: skip


def failed(words: str) -> dict[str, Any]:
    """The results where nothing could be marked: no points, and why."""
    return {"score": 0, "output": words, "output_format": "text", "visibility": "visible", "tests": []}


def autograder(exercise: Mapping[str, Any], wheels: Sequence[Path] = ()) -> bytes:
    """The archive to upload: this program, the exercise with the numbers of each student, and how to start it. No secret is in it.

    With `wheels` (of all that the program needs) not even its installation needs a network.
    """
    files: dict[str, bytes] = {"setup.sh": _setup(bool(wheels)).encode(), "run_autograder": RUN.encode()}
    files[DATA] = json.dumps(exercise, ensure_ascii=False, indent=1).encode()
    package = Path(__file__).resolve().parent.parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".yaml") and "_data" not in path.parts:
            files[f"rnnquiz/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    for name in ("templates", "question_banks"):
        for path in sorted(folder(name).glob("*.*")):
            files[f"{name}/{path.name}"] = path.read_bytes()
    files |= {f"wheels/{path.name}": path.read_bytes() for path in wheels}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)  # of 1980: the same bytes each time
            info.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _setup(offline: bool) -> str:
    needed = " ".join(f"'{row.partition(';')[0].strip()}'" for row in requires("rnnquiz") or [] if "extra ==" not in row)
    source = "--no-index --find-links wheels " if offline else ""
    return (
        "#!/usr/bin/env bash\nset -e\ncd /autograder/source\n"
        f"apt-get update -q && apt-get install -y -q --no-install-recommends python3 python3-pip\npip3 install {source}{needed}\n"
    )
