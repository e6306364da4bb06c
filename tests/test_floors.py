"""The structure of the package: imports point down, the top level holds what was planned, files
stay readable.

The tables of floors could be contracts of import-linter. Tried with its version 2.17: thirteen
contracts of layers say the same, in 0.6 s. They stay here, for what it adds is that it follows
imports through other modules; in a total order, as each of these is, what holds for every direct
import holds for every chain of them. It also takes `from rnnquiz import __version__` for a way to
all that the package offers lazily, and would need an exception for that.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from figures import missed

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "rnnquiz"

FLOORS = [
    {
        "errors",
        "text",
        "decimals",
        "direction",
        "fields",
        "files",
        "handbook",
        "languages",
        "progress",
        "requirements",
        "typed",
    },
    {"algebra"},
    {"derivation"},
    {"models"},
    {"bank"},
    {"variants", "grade", "solution", "assignment", "assignment_files"},
    {"people", "handing_in", "pages"},
    {"documents", "submissions", "exports", "exercise"},
    {"report"},
    {"course"},
    {"commands"},
    {"cli"},
]
WITHIN = {
    "variants": 0,
    "assignment": 0,
    "assignment_files": 1,
    "solution": 2,
    "grade": 2,
}  # on the fifth floor
INSIDE = {
    "files": [
        "encodings",
        "packing",
        "private",
        "resources",
        "strict_yaml",
        "tables",
        "workbook",
    ],
    "typed": ["spelling", "numerals"],
    "people": ["identity", "headings", "roster", "columns", "rows", "lists"],
    "languages": [
        "sentences",
        "scripts",
        "files",
        "checking",
        "catalogue",
        "extract",
    ],
    "algebra": [
        "symbols",
        "expression",
        "notation",
        "prints",
        "functions",
        "parser",
        "affine",
        "shapes",
        "slopes",
        "row",
        "arithmetic",
        "matrices",
        "sums",
        "choices",
        "joining",
        "operations",
        "writing",
        "specialise",
        "language",
        "latex",
        "typst",
        "mathml",
        "breaks",
        "plain",
        "targets",
        "typeset_part",
        "shown_symbols",
        "shown_numbers",
        "sum_entries",
        "typeset",
        "named",
        "forms",
        "rows",
        "products",
        "ones",
        "rewrite",
    ],
    "derivation": [
        "roles",
        "plan",
        "graph",
        "reading_order",
        "unroll",
        "training",
        "differentiate",
        "backward",
        "evaluate",
        "extrapolation",
        "moves",
        "differences",
        "tolerance",
    ],
    "bank": [
        "problems",
        "spelling",
        "copies",
        "predictions",
        "sampling",
        "verdict",
        "keys",
        "sections",
        "schema",
        "task",
        "marks",
        "specification",
        "given_order",
        "telling",
        "network",
        "form",
        "letters",
        "asking",
        "givens",
        "variant",
        "soundness",
        "written_keys",
        "posing",
        "load",
    ],
    "grade": [
        "answers",
        "states",
        "likelihood",
        "verdicts",
        "fits",
        "matching",
        "slips",
        "repeated",
        "misread",
        "agreement",
        "exercises",
        "going_on",
        "judge",
        "case",
        "further_up",
        "other_causes",
        "diagnose",
        "idle",
        "reading",
        "ownership",
        "work",
        "results",
        "marked",
        "credits",
        "mark",
        "explain",
        "simulate",
    ],
    "documents": [
        "latex",
        "glyphs",
        "sizes",
        "breaking",
        "sides",
        "style",
        "qr",
        "palette",
        "columns",
        "leaves",
        "tree",
        "gaps",
        "saying",
        "returned",
        "joints",
        "naming",
        "tangles",
        "arranging",
        "labels",
        "placing",
        "drawing",
        "turning",
        "ways",
        "strokes",
        "parts",
        "boxes",
        "sheet_order",
        "results",
        "staying",
        "derived",
        "signs",
        "legend",
        "verdict_map",
        "cards",
        "page",
        "sheet",
        "key",
        "practice",
        "feedback",
        "bound",
        "outputs",
        "script",
        "compiled",
        "render",
        "notebook",
        "form",
        "typefaces",
        "texrun",
        "pdf",
        "engines",
        "produce",
        "classbook",
    ],
    "course": [
        "database",
        "older",
        "records",
        "folders",
        "store",
        "runs",
        "issued",
        "outside",
        "assignments",
        "deadlines",
        "kept",
        "standing",
        "counting",
        "terms",
        "crew",
        "evidence",
        "box_names",
        "parting",
        "receiving",
        "responses",
        "reporting",
        "templates",
        "issuing",
        "known_again",
        "foreseeing",
        "wanted",
        "class_files",
        "generating",
        "bundles",
        "marks_kept",
        "feedback_pages",
        "marking",
        "graded",
        "bench",
        "desk",
        "grading",
        "regrading",
        "autograder",
        "exporting",
        "practising",
        "quizzing",
        "clearing",
        "erasing",
        "demo",
        "pictures",
        "classroom",
    ],
    "submissions": [
        "pdf_forms",
        "pdf_text",
        "pdf_walk",
        "pdf_process",
        "archives",
        "kinds",
        "lines",
        "sheets",
        "answer_page",
        "fitting",
        "worked",
        "rows",
        "responses",
        "tabular",
        "online_text",
        "workbooks",
        "filled",
        "formats",
        "readers",
        "origins",
        "gradescope",
        "files",
        "collect",
        "owners",
    ],
    "exports": ["amounts", "gradebook", "editing", "layouts", "roundtrip", "wheels", "gradescope"],
    "commands": [
        "frame",
        "starting",
        "exercises",
        "practice",
        "issued",
        "issuing",
        "reading",
        "marking",
        "regrading",
        "explaining",
        "outgoing",
        "machine",
        "manual",
    ],
    "models": [
        "catalogue",
        "assemble",
        "describe",
        "misconceptions",
        "places",
        "setting",
        "renamings",
        "omissions",
        "transforms",
        "rules",
        "mistakes",
    ],
    "variants": [
        "draft",
        "refusals",
        "ties",
        "confusion",
        "certify",
        "others",
        "issue",
        "advice",
        "stress",
    ],
    "pages": [
        "spellings",
        "written",
        "tokens",
        "stream",
        "members",
        "values",
        "worded",
        "context",
        "foreign",
        "printed",
        "pieces",
        "problems",
        "parts",
        "headed",
        "placed",
        "tables",
        "statements",
        "names",
        "entries",
        "formulas",
        "components",
        "alignment",
        "known",
        "evidence",
        "indices",
        "boxes",
        "candidates",
        "choosing",
        "steps",
        "claims",
        "arithmetic",
        "another",
        "lines",
        "reading",
        "shown",
        "method",
        "marked",
    ],
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def part_of(module):
    return module.split(".")[1] if "." in module else ""


def floor_of(part):
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rnnquiz"):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (alias.name, "") for alias in node.names if alias.name.startswith("rnnquiz")
            )


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path):
    """A module imports from lower floors, or from what stands before it on its own."""
    if path == PACKAGE / "__init__.py":
        return
    own = path.relative_to(PACKAGE).with_suffix("").parts
    for module, name in imports_of(path):
        parts = module.split(".")[1:] or [name]
        if parts == ["__version__"]:
            continue
        here, there = floor_of(own[0]), floor_of(parts[0])
        assert there <= here, f"{path.name} imports {module}"
        if there == here and parts[0] == own[0] and own[0] in INSIDE and len(own) > 1:
            order = INSIDE[own[0]]
            other = parts[1] if len(parts) > 1 else name
            assert other not in order or order.index(other) < order.index(own[1]), (
                f"{path.name} imports {other}"
            )
        elif there == here == floor_of("grade"):
            assert WITHIN[parts[0]] <= WITHIN[own[0]], f"{path.name} imports {module}"


@pytest.mark.parametrize("package", list(INSIDE))
def test_each_module_has_its_place(package):
    """A package whose modules have an order lists all of them, each once, and no others."""
    there = {path.stem for path in (PACKAGE / package).glob("*.py")} - {"__init__"}

    assert sorted(INSIDE[package]) == sorted(there)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_modules_say_what_they_are_and_stay_short(path):
    """A module begins with a sentence; no file is past 530 lines, no function past 45."""
    source = path.read_text()
    tree = ast.parse(source)
    if source.strip():
        assert ast.get_docstring(tree), path
    assert source.count("\n") <= 530
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
