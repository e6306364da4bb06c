"""How a test is parted: what it arranges, what it does and what it claims are paragraphs.

    python tests/paragraphs.py     the lines of tests that want a blank line above them

A block of up to three lines is read at a glance and stands as it is. In a test that claims, acts
again and claims again, an act of two lines and what is claimed of it may stay together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

TESTS = Path(__file__).resolve().parent
AT_A_GLANCE = 3  # lines
ONE_ACT = 2  # lines

Statements = list[ast.stmt]


def wanting(path: Path) -> list[str]:
    """Where a module of tests wants a blank line, and which of its tests say no law."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    places = []
    for test in _tests(ast.parse(source)):
        if not ast.get_docstring(test):
            places.append(f"{path.name}:{test.lineno} {test.name} has no docstring")
        for statement in unparted(test, lines):
            places.append(f"{path.name}:{statement.lineno} {test.name}")
    return places


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def unparted(test: ast.FunctionDef, lines: list[str]) -> Iterator[ast.stmt]:
    """The statements of a test that want a blank line above them."""
    for block in _blocks(test):
        if _length(block) <= AT_A_GLANCE:
            continue
        stands = ONE_ACT if _claims_and_acts_again(block) else 0
        for paragraph in _paragraphs(block, lines):
            yield from _unparted(paragraph, stands)


def _unparted(paragraph: Statements, stands: int) -> Iterator[ast.stmt]:
    """Where a paragraph is to be parted; what is done in `stands` lines may claim at once."""
    start = 0
    for at, (before, after) in enumerate(pairwise(paragraph), start=1):
        if _claims(before) == _claims(after):
            continue
        if _claims(before) or _length(paragraph[start:at]) > stands:
            yield after
        start = at


def _claims_and_acts_again(block: Statements) -> bool:
    return any(_claims(before) and not _claims(after) for before, after in pairwise(block))


def _paragraphs(block: Statements, lines: list[str]) -> Iterator[Statements]:
    start = 0
    for at, (before, after) in enumerate(pairwise(block), start=1):
        between = lines[before.end_lineno : after.lineno - 1]
        if not all(map(str.strip, between)):
            yield block[start:at]
            start = at
    yield block[start:]


def _length(statements: Statements) -> int:
    return statements[-1].end_lineno - statements[0].lineno + 1


def _blocks(test: ast.FunctionDef) -> Iterator[Statements]:
    """The statements of a test, and those inside of each; a docstring is none."""
    for node in ast.walk(test):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if not isinstance(block, list):
                continue
            if part == "body" and isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                block = block[1:]
            if block:
                yield block


def _claims(statement: ast.stmt) -> bool:
    """Whether an assertion stands in a statement."""
    return any(map(_is_claim, ast.walk(statement)))


def _is_claim(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    return called.startswith("assert") or called in ("raises", "warns", "fail", "same")


def main() -> None:
    places = []
    for path in sorted(TESTS.rglob("test_*.py")):
        places += wanting(path)
    print(*places, sep="\n")
    if places:
        raise SystemExit(f"{len(places)} places of tests to mend")


if __name__ == "__main__":
    main()
