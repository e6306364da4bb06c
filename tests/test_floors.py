"""The structure of the package: imports point down, the top level holds what was planned, files
stay readable. Which module may import which stands in pyproject.toml, and import-linter reads it.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from importlinter.api import read_configuration
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from figures import missed
from paragraphs import TESTS, wanting

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "rnnquiz"
SETTINGS = ROOT / "pyproject.toml"

FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def test_imports_point_down(capsys):
    """The contracts of pyproject.toml hold: no import upwards, and a place for each module."""
    code = lint_imports(str(SETTINGS), no_cache=True, no_logo=True)

    assert code == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_each_package_has_an_order_inside():
    """A package has a contract on its own modules; import-linter does not ask for one."""
    packages = {path.parent.relative_to(ROOT) for path in FILES}
    named = {".".join(package.parts) for package in packages}
    ordered = set()
    for contract in read_configuration(str(SETTINGS))["contracts_options"]:
        ordered |= set(contract.get("containers", ()))
        ordered |= {name.removesuffix(".*") for name in contract.get("modules", ())}

    assert ordered == named


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_modules_say_what_they_are_and_stay_short(path):
    """A module begins with a sentence; no file is past 340 lines, no function past 45."""
    source = path.read_text()
    tree = ast.parse(source)

    assert ast.get_docstring(tree), path
    assert source.count("\n") <= 340
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, node.name


def test_no_network_is_named_in_python_or_templates():
    """Cells, losses and optimisers are data: no module or template knows one by name."""
    names = {
        p.stem
        for kind in ("cells", "losses", "optimisers")
        for p in (PACKAGE / "models" / kind).glob("*.yaml")
    }
    defaults = PACKAGE / "bank" / "sections.py"

    for path in [*FILES, *(ROOT / "templates").iterdir()]:
        if path != defaults:
            text = path.read_text()
            assert not [name for name in names if re.search(rf"[\"']{name}[\"']", text)], path


def test_the_top_level_holds_what_was_planned():
    """Nothing lies about beside the package."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    planned = {
        "README.md",
        "pyproject.toml",
        "LICENSE",
        ".gitignore",
        ".ci",
        "rnnquiz",
        "templates",
        "tests",
        "question_banks",
    }

    assert {name.split("/")[0] for name in listed} <= planned


def test_the_grain_does_not_get_coarser():
    """Each figure of `figures.py` is where it was, or better: what gets better lowers its limit."""
    assert missed() == {}


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: path.stem)
def test_each_test_says_a_law_and_parts_what_it_does_from_what_it_claims(path):
    """A test has a docstring; arranging, acting and claiming are paragraphs."""
    assert wanting(path) == []


CROWDED = """
def test_one():
    one = 1
    two = one + one
    three = two + one
    assert two == 2
    assert three == 3
"""
PARTED = CROWDED.replace("():", "():\n    'A law.'").replace("    assert two", "\n    assert two")
AGAIN = PARTED + "    four = three + one\n    assert four == 4\n"


@pytest.mark.parametrize(("source", "lines"), [(CROWDED, [2, 6]), (PARTED, []), (AGAIN, [10])])
def test_a_test_without_a_law_or_a_blank_line_is_named_with_its_line(tmp_path, source, lines):
    """What is crowded is found: a claim behind what is done, and what is done behind a claim."""
    (tmp_path / "test_x.py").write_text(source)

    places = wanting(tmp_path / "test_x.py")

    assert [int(re.match(r"test_x\.py:(\d+) ", place)[1]) for place in places] == lines


def test_the_script_of_answer_pages_is_short_and_asks_for_nothing():
    """Short, with at most 100 columns; no way to the network, no code out of text."""
    (path,) = (ROOT / "templates").glob("*.js")
    script = path.read_text(encoding="utf-8")

    assert script.count("\n") < 300
    assert max(map(len, script.splitlines())) <= 100
    for word in (
        "fetch",
        "XMLHttp",
        "WebSocket",
        "sendBeacon",
        "import",
        "eval(",
        "Function(",
        "innerHTML",
        "http",
        "</",
    ):
        assert word not in script
