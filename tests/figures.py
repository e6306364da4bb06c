"""The grain of the package in figures, beside what is to be reached.

Run by hand:  python tests/figures.py             the table; fails where a figure is missed
              python tests/figures.py --worst 5   the places to mend first, by package

`GOALS` is where model codebases of this size stand. `LIMITS` is where the package stands, at its
goal or better: no change may make it worse, and each that makes it better may lower its limit.
"""

from __future__ import annotations

import argparse
import ast
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).resolve().parent.parent / "rnnquiz"
LONG = 30  # lines of a function
WIDE = 100  # columns
MOST_PARAMETERS, MOST_OPERATIONS = 6, 8  # what --worst does not list

GOALS = {
    "functions over 30 lines, %": 1.0,
    "lines over 100 columns": 0,
    "operations in a simple statement, p90": 2,
    "operations in a simple statement, p99": 5,
    "conditional expressions per 100 lines": 1.0,
    "comprehensions nested or with a condition, per 100 lines": 0.2,
    "top-level names defined in several modules": 5,
    "parameters, most": 6,
    "functions with seven parameters and more": 0,
    "comments, %": 4,
}
LIMITS = {
    "functions over 30 lines, %": 0.1,
    "lines over 100 columns": 0,
    "operations in a simple statement, p90": 2,
    "operations in a simple statement, p99": 4,
    "conditional expressions per 100 lines": 0.7,
    "comprehensions nested or with a condition, per 100 lines": 0.06,
    "top-level names defined in several modules": 5,
    "parameters, most": 6,
    "functions with seven parameters and more": 0,
}
COMMENTS = "comments, %"
# What is reached. Directives to tools do not count: they tell a reader nothing.
LEAST_COMMENTS = 4.0
DIRECTIVE = re.compile(r"#+\s*(fmt:|noqa|type: ignore|pragma)")
OPERATIONS = (
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.BoolOp,
    ast.Call,
    ast.Subscript,
    ast.IfExp,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.Raise, ast.Assert)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def modules() -> Iterator[Path]:
    yield from sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def figures() -> dict[str, float]:
    """Each figure of the table, over all modules."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules()]
    lines = [line for path in modules() for line in path.read_text(encoding="utf-8").splitlines()]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    hundreds = len(lines) / 100
    operations = [_operations(node) for node in nodes if isinstance(node, SIMPLE)]
    parameters = [_parameters(function) for function in functions]
    return {
        "functions over 30 lines, %": 100 * np.mean([_length(f) > LONG for f in functions]),
        "lines over 100 columns": sum(len(line) > WIDE for line in lines),
        "operations in a simple statement, p90": float(np.percentile(operations, 90)),
        "operations in a simple statement, p99": float(np.percentile(operations, 99)),
        "conditional expressions per 100 lines": _count(nodes, ast.IfExp) / hundreds,
        "comprehensions nested or with a condition, per 100 lines": sum(map(_dense, nodes))
        / hundreds,
        "top-level names defined in several modules": _repeated(trees),
        "parameters, most": max(parameters),
        "functions with seven parameters and more": sum(number >= 7 for number in parameters),
        COMMENTS: 100 * sum(map(_comments, modules())) / len(lines),
    }


def _length(function: ast.FunctionDef) -> int:
    """Lines of the body, without its docstring."""
    first = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - first[0].lineno + 1 if first else 0


def _operations(statement: ast.AST) -> int:
    return sum(isinstance(node, OPERATIONS) for node in ast.walk(statement))


def _parameters(function: ast.FunctionDef) -> int:
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    command = any("command" in ast.unparse(d) for d in function.decorator_list)
    return 0 if command else len([name for name in names if name not in ("self", "cls")])


def _count(nodes: list[ast.AST], kind: type) -> int:
    return sum(isinstance(node, kind) for node in nodes)


def _dense(node: ast.AST) -> bool:
    """A comprehension with several loops, or with a condition."""
    if not isinstance(node, COMPREHENSIONS):
        return False
    return len(node.generators) > 1 or any(part.ifs for part in node.generators)


def _repeated(trees: list[ast.Module]) -> int:
    """Public names of functions, classes and constants that several modules define."""
    names: Counter[str] = Counter()
    for tree in trees:
        names.update(name for name in set(_defined(tree)) if not name.startswith("_"))
    return sum(number > 1 for number in names.values())


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _comments(path: Path) -> int:
    """Comments that are for a reader."""
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return sum(not DIRECTIVE.match(comment) for comment in comments)


Place = tuple[float, str]  # how bad it is, and where


def worst() -> dict[str, dict[str, list[Place]]]:
    """By package, by figure: the places that make it, worst first."""
    found: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    homes = _homes()
    for path in modules():
        parts = path.relative_to(PACKAGE).parts
        package = parts[0] if len(parts) > 1 else "(rnnquiz)"
        for figure, place in _places(path, homes):
            found[package][figure].append(place)
    for figures_ in found.values():
        for places in figures_.values():
            places.sort(key=lambda place: -place[0])
    return found


def _homes() -> dict[str, list[str]]:
    """The modules that define each public name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for name in set(_defined(ast.parse(path.read_text(encoding="utf-8")))):
            found[name].append(module)
    return found


def _places(path: Path, homes: dict[str, list[str]]) -> Iterator[tuple[str, Place]]:
    """What a module adds to each figure."""
    source, where = path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix()
    tree = ast.parse(source)
    for number, line in enumerate(source.splitlines(), start=1):
        if len(line) > WIDE:
            yield "columns", (len(line), f"{where}:{number}")
    for name in set(_defined(tree)):
        if len(homes[name]) > 1 and not name.startswith("_"):
            yield "names", (len(homes[name]), f"{where} {name}: {', '.join(homes[name])}")
    counted: Counter[str] = Counter()
    for node in ast.walk(tree):
        here = f"{where}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.FunctionDef):
            if (lines := _length(node)) > LONG:
                yield "lines of a function", (lines, f"{here} {node.name}")
            if (given := _parameters(node)) > MOST_PARAMETERS:
                yield "parameters", (given, f"{here} {node.name}")
        elif isinstance(node, SIMPLE) and (operations := _operations(node)) > MOST_OPERATIONS:
            yield "operations of a statement", (operations, here)
        elif _dense(node):
            yield "dense comprehensions", (_operations(node), here)
        counted["conditional expressions"] += isinstance(node, ast.IfExp)
    for figure, number in counted.items():
        if number:
            yield figure, (number, f"{where} ({100 * number / len(source.splitlines()):.1f})")


def missed() -> dict[str, float]:
    """The figures that are worse than they may be."""
    found = figures()
    worse = {name: found[name] for name, most in LIMITS.items() if found[name] > most}
    if found[COMMENTS] < LEAST_COMMENTS:
        worse[COMMENTS] = found[COMMENTS]
    return worse


def print_table() -> None:
    for name, figure in figures().items():
        print(f"{name:58} {figure:8.2f}   to reach: {GOALS[name]:g}")


def print_worst(most: int) -> None:
    for package, by_figure in sorted(worst().items()):
        print(f"\n{package}")
        for figure, places in by_figure.items():
            print(f"  {figure}: {len(places)}")
            for number, where in places[:most]:
                print(f"    {number:6g}  {where}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--worst", type=int, default=0, metavar="N")
    most = options.parse_args().worst
    if most:
        print_worst(most)
        return
    print_table()
    if worse := missed():
        raise SystemExit(f"missed: {', '.join(worse)}")


if __name__ == "__main__":
    main()
