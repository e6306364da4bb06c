"""The program runs on the oldest Python that it promises, which is that of Gradescope's image."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for path in (ROOT / "rnnquiz").rglob("*.py") if "_data" not in path.parts)
OLDEST = (3, 10)
NEWER = {"POSSESSIVE_REPEAT", "ATOMIC_GROUP"}  # in regular expressions, since Python 3.11


def test_the_promise_is_that_of_the_project():
    """What is tested here is what the package says it needs, and what ruff looks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f">={OLDEST[0]}.{OLDEST[1]}"
    assert project["tool"]["ruff"]["target-version"] == f"py{OLDEST[0]}{OLDEST[1]}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_syntax_is_that_of_the_oldest_python(path):
    """Each module is parsed by the grammar of that version."""
    ast.parse(path.read_text(), feature_version=OLDEST)


def parsed(pattern):
    """All operations of a regular expression, those within others, too."""
    waiting = [re._parser.parse(pattern)]
    while waiting:
        item = waiting.pop()
        if hasattr(item, "name"):
            yield item.name
        elif isinstance(item, (list, tuple)) or hasattr(item, "data"):
            waiting += list(getattr(item, "data", item))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_regular_expressions_are_those_of_the_oldest_python(path):
    """No text that is a regular expression has a possessive quantifier or an atomic group."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"[*+?}]\+|\(\?>", node.value)
        ):
            try:
                found = NEWER.intersection(parsed(node.value))
            except re.error:
                continue

            assert not found, (node.lineno, node.value)


def test_the_net_for_regular_expressions_holds():
    """What Python 3.10 cannot compile is found within groups, choices and looks ahead."""
    for pattern in ("a*+", "(?:x|(y++))", "(?=(?:a?+))", "[^>]{1,3}+", "(?>a|b)"):
        assert NEWER.intersection(parsed(pattern))
    assert not NEWER.intersection(parsed(r"a*\+(b+)?c{2,}|[*+]+"))


def test_the_library_is_that_of_the_oldest_python():
    """No module, class or function of the standard library is used that came later (vermin's tables
    say when each came)."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from vermin import main; main()",
            "-t=3.10-",
            "--no-tips",
            "--violations",
            str(ROOT / "rnnquiz"),
        ],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout
