"""Gradescope: the results of one submission in its format, and the archive of an autograder that
needs no network when it runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnnquiz.documents.palette import LOOKS
from rnnquiz.files.packing import zipped
from rnnquiz.files.resources import folder
from rnnquiz.grade.mark import BoxResult, Marked
from rnnquiz.languages.catalogue import Language
from rnnquiz.languages.sentences import said
from rnnquiz.requirements import required

SETUP = """#!/usr/bin/env bash
# An environment of its own: newer systems let nobody install beside their own packages.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
cd "$root/source"
python={python}
"$python" -m venv --clear "$root/venv" || {
  apt-get update -q
  apt-get install -y -q --no-install-recommends "$python" "$python-venv"
  "$python" -m venv --clear "$root/venv"
}
"$root/venv/bin/python" -c 'import sys; assert sys.version_info >= (3, 10), "choose a newer image"'
"$root/venv/bin/pip" install -q --no-input {needed}
"$root/venv/bin/python" -m rnnquiz.course.autograder --check
"""
# 500 seconds: Gradescope itself stops after ten minutes, and gives 0.
RUN = """#!/usr/bin/env bash
# Whatever happens there are results: nothing else is shown to the student.
root=${AUTOGRADER_ROOT:-/autograder}
results=$root/results/results.json
mkdir -p "$root/results"
rm -f "$results"
cd "$root/source" && timeout 500 "$root/venv/bin/python" -m rnnquiz.course.autograder "$root"
code=$?
if [ ! -s "$results" ]; then
  words="The autograder stopped (code $code) before this was marked. Please tell your teacher."
  printf '{"score": 0, "output": "%s", "tests": []}\\n' "$words" > "$results"
fi
"""
SETUP_FILE, RUN_FILE, DATA = "setup.sh", "run_autograder", "exercise.json"


def results(parts: Sequence[tuple[str, Marked]], words: str) -> dict[str, Any]:
    """The results of a student, from the exercises of the sheet, each with what stands before the
    names of its boxes: a test for each box with verdict and reason, all of it visible; the score is
    their sum.
    """
    totals = (marked.totals[0] for _, marked in parts)
    score = sum(map(float, totals))
    found = _answer(words, round(score, 4))
    tests: list[dict[str, Any]] = []
    for before, marked in parts:
        for row in marked.results(0):
            # A box that asks for nothing and has nothing in it is no test.
            if row.of or row.typed:
                test, number = _test(before, row, marked.bank.language), len(tests) + 1
                # A text: Gradescope has numbers such as 1.1.
                tests.append({**test, "number": str(number)})
    return {**found, "tests": tests}


def _answer(words: str, score: float) -> dict[str, Any]:
    return {
        # It overrides the sum of the tests, each of which is rounded.
        "score": score,
        "output": words,
        # The default is a markup of Gradescope's own.
        "output_format": "text",
        # With one hidden test a student would not see the total.
        "visibility": "visible",
        "tests": [],
    }


def _test(before: str, row: BoxResult, language: Language) -> dict[str, Any]:
    words = said("Nothing stands there.")
    if row.typed:
        verdict = LOOKS[row.verdict].word
        words = said("You wrote {typed}: {verdict}.", typed=repr(row.typed), verdict=verdict)
    lines = [language.of(words)]
    for mistake in row.explanations[:1]:
        name, says = language.of(mistake.name), language.of(mistake.says)
        lines.append(f"{name}. {says}")
    lines.append(language.of(row.reason))
    # It overrides the colour that Gradescope takes from the score: a step that follows is right.
    status = "failed"
    if row.verdict.agrees:
        status = "passed"
    return {
        "name": f"{before}{row.box}",
        "score": round(row.marks, 4),
        "max_score": round(row.of, 4),
        "status": status,
        "output": "\n".join(filter(None, lines)),
    }


def failed(words: str) -> dict[str, Any]:
    """The results where nothing could be marked: no points, and why."""
    return _answer(words, 0)


NEEDED = ("babel", "defusedxml", "numpy", "openpyxl", "pikepdf", "pydantic", "pypdf", "pyyaml")
"""What marking a file needs of all that the program needs."""


def requirements() -> list[str]:
    """The packages to install, with their versions."""
    rows = required()
    names = rows.keys() & set(NEEDED)
    return sorted(rows[name] for name in names)


def autograder(exercise: Mapping[str, Any], wheels: Sequence[Path] | None = None) -> bytes:
    """The archive to upload: this program, the exercise with the numbers of each student, and how
    to start it. No secret is in it.

    With `wheels`, the files of a folder, not even its installation needs a network; CourseError
    where some are missing.
    """
    # Only who makes the archive needs it; this module is read for each submission, too.
    from rnnquiz.exports.wheels import Chosen, choose_wheels

    chosen = Chosen((), "")
    if wheels is not None:
        chosen = choose_wheels(wheels, requirements())
    data = json.dumps(exercise, ensure_ascii=False, indent=1)
    texts = {SETUP_FILE: _setup(chosen.python), RUN_FILE: RUN, DATA: data}
    files = {name: text.encode() for name, text in texts.items()}
    for name, path in _program():
        files[name] = path.read_bytes()
    for path in chosen.wheels:
        files[f"wheels/{path.name}"] = path.read_bytes()
    return zipped(files, programs=(SETUP_FILE, RUN_FILE))


def _program() -> Iterator[tuple[str, Path]]:
    """The files of this program, by their names in the archive."""
    package = Path(__file__).resolve().parent.parent
    # The manual, pictures and an installed package's copies of templates are not run.
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".yaml", ".po") and "_data" not in path.parts:
            yield f"rnnquiz/{path.relative_to(package).as_posix()}", path
    for name in ("templates", "question_banks"):
        for path in sorted(folder(name).glob("*.*")):
            yield f"{name}/{path.name}", path


def _setup(wheels_for: str) -> str:
    """How to install: from the network, or from wheels that are for one Python, such as 3.10."""
    words = " ".join(f"'{row}'" for row in requirements())
    if wheels_for:
        words = f"--no-index --find-links wheels {words}"
    # Not `format`: the scripts of a shell have braces of their own.
    script = SETUP.replace("{python}", f"python{wheels_for or 3}")
    return script.replace("{needed}", words)
