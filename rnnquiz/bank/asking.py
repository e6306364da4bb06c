"""What a bank asks: kinds and names of quantities, with stars, in the letters of the network or of
the notation."""

from __future__ import annotations

from collections.abc import Sequence

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import updated
from rnnquiz.bank.network import Lines, line_of
from rnnquiz.bank.predictions import fits
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.specification import trivial
from rnnquiz.derivation.graph import ROLES, Graph, Quantity
from rnnquiz.errors import Problem
from rnnquiz.text import nearest

MOST_STARS = 3
SOLVED = ROLES[1:-1]  # kinds of quantities that a solution has
HOW = f"write all, a kind ({', '.join(SOLVED)}) or a name such as h[2] or dL/d*"


def patterns_of(ask: Sequence[str], graph: Graph) -> list[str]:
    """The names that are asked, each with its steps: h is h[*] where there is no h without a
    step."""
    names = [
        word
        for word in ask
        if word not in SOLVED and word != "all" and word.count("*") <= MOST_STARS
    ]
    return [_stepped(name, graph) for name in names]


def _stepped(name: str, graph: Graph) -> str:
    whole = "[" not in name.rpartition("/")[2] and "*" not in name and name not in graph.quantities
    return f"{name}[*]" if whole else name


def asked(
    written: BankText, graph: Graph, lines: Lines, notation: Notation, typed: Sequence[str]
) -> tuple[tuple[str, ...], list[Problem]]:  # fmt: skip
    """Names of the asked quantities in the order of computation; trivial ones only where they are
    asked by name.

    `typed` is what is asked as it stands in the bank, in the letters of its notation.
    """
    chosen: set[str] = set()
    problems = []
    patterns = written.ask
    if written.task.kind == "find":
        return tuple(q.name for q in graph.computed), []
    if written.task.kind == "step" and "ask" not in written.model_fields_set:
        chosen |= {
            q.name for q in graph.computed if _belongs(q, written.task.at) and not trivial(q)
        }
        patterns = []
    for index, pattern in enumerate(patterns):
        place = line_of(("ask", index), lines)
        if pattern in SOLVED or pattern == "all":
            chosen |= {
                q.name for q in graph.computed if pattern in (q.role, "all") and not trivial(q)
            }
        elif pattern.count("*") > MOST_STARS:
            problems.append(
                Problem(
                    f"ask.{index}",
                    f"more than {MOST_STARS} stars",
                    "write a shorter pattern",
                    place,
                )
            )
        elif fitting := _named(pattern, graph, notation):
            chosen |= fitting
        else:
            problems.append(
                Problem(
                    f"ask.{index}",
                    f"{typed[index]!r} matches no quantity",
                    _meant(pattern, graph, notation),
                    place,
                )
            )
    if not chosen and not problems:
        problems.append(
            Problem(
                "ask",
                "nothing is asked",
                f"write all, or a kind ({', '.join(SOLVED)})",
                line_of(("ask",), lines),
            )
        )
    return tuple(q.name for q in graph.computed if q.name in chosen), problems


def _named(pattern: str, graph: Graph, notation: Notation) -> set[str]:
    """The quantities that a pattern names, by their own names or else as the notation shows
    them."""
    own = _stepped(pattern, graph)
    found = {q.name for q in graph.computed if fits(own, q.name)}
    return found or {q.name for q in graph.computed if fits(own, notation.text(q.name))}


def _meant(pattern: str, graph: Graph, notation: Notation) -> str:
    """What may have been meant; for a given letter what is computed of it."""
    computed = [q.name for q in graph.computed]
    if pattern in graph.quantities:
        of_it = [name for name in (updated(pattern), f"dL/d{pattern}") if name in computed]
        return (
            f"it is given; computed of it are {', '.join(map(notation.text, of_it))}"
            if of_it
            else "it is given, and not computed"
        )
    return nearest(pattern, map(notation.text, computed), HOW)


def _belongs(q: Quantity, step: int | None) -> bool:
    """True for what is computed in one step of backpropagation."""
    return q.time == step and q.role in ("local", "recurrence", "gradient")
