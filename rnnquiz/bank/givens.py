"""The numbers that a bank gives: which of its entries is drawn for which quantity of the
problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnquiz.algebra.notation import Notation
from rnnquiz.bank.network import Lines, line_of
from rnnquiz.bank.sampling import GivenProblem, Sampler, is_word, letter_of, read_sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.errors import Problem
from rnnquiz.text import nearest


def read_givens(
    written: BankText, drawn: Graph, full: Graph, lines: Lines, notation: Notation
) -> tuple[dict[str, Sampler], list[Problem]]:
    """The sampler of each given of `drawn`, and what is wrong with the entries; `full` may need
    more of them."""
    samplers: dict[str, Sampler] = {}
    problems, missing = list[Problem](), dict[str, None]()
    for q in drawn.givens:
        key = next(
            (key for key in _keys(q.name) if _stands_for(key, q, full) and key in written.givens),
            None,
        )
        if key is None and "#" in q.name:
            samplers[q.name] = read_sampler(
                "0", q.shape, ("givens", q.name)
            )  # an optimiser starts from zero
        elif key is None:
            missing[_keys(q.name)[0 if q.time == 0 else -1]] = None
        else:
            try:
                samplers[q.name] = _sampler(q, key, written.givens, drawn)
            except GivenProblem as error:
                problems.append(
                    Problem(
                        ".".join(map(str, error.path)),
                        error.found,
                        error.remedy,
                        line_of(error.path, lines),
                    )
                )
    return samplers, [*problems, *_unknown(written, full, missing, lines, notation)]


def _sampler(q: Quantity, key: str, givens: Mapping[str, Any], graph: Graph) -> Sampler:
    data: Any = givens[key]
    path: tuple[str | int, ...] = ("givens", key)
    if key != q.name and q.time is not None:
        data, path = _at_step(data, q, graph, path)
    return read_sampler(data, q.shape, path)


def _unknown(
    written: BankText, full: Graph, missing: Mapping[str, None], lines: Lines, notation: Notation
) -> list[Problem]:  # fmt: skip
    """Keys that are no givens, and givens of which nothing is said; where one may be the other,
    that is said once."""
    known = dict.fromkeys(key for q in full.givens for key in _keys(q.name))
    shown = dict.fromkeys(_keys(q.name)[-1] if (q.time or 0) > 0 else q.name for q in full.givens)
    strange = [key for key in written.givens if key not in known]
    open_ = [_shown(key, notation) for key in missing]
    names = [_shown(key, notation) for key in shown]
    also = (
        f", and nothing is said of {', '.join(open_)}"
        if open_ and len(strange) >= len(open_)
        else ""
    )
    words = f"is not a given of this model{also}"
    found = [
        Problem(
            f"givens.{key}",
            words,
            nearest(key, open_ or names, also=names),
            line_of(("givens", key), lines),
        )
        for key in strange
    ]
    if len(strange) < len(open_):
        line = line_of(("givens",), lines)
        found += [
            Problem("givens", f"nothing is said of {key}", f"add  {key}: a number or a range", line)
            for key in open_
        ]
    return found


def _shown(key: str, notation: Notation) -> str:
    """A key in the letter of the notation; steps are counted as the bank counts them."""
    base, bracket, time = key.partition("[")
    return notation.letter(base) + bracket + time


def _keys(name: str) -> tuple[str, ...]:
    """The keys under which a given may stand: h[0] or h; what an optimiser starts from as m_U#0,
    m_U or m for all."""
    if "#" in name:
        base = name.partition("#")[0]
        return name, base, base.partition("_")[0]
    return tuple(dict.fromkeys((name, name.partition("[")[0])))


def _stands_for(key: str, q: Quantity, graph: Graph) -> bool:
    """False where a letter alone would say from what an optimiser starts, and is a letter of the
    network, too."""
    others = (other.name.partition("[")[0] for other in graph.givens if "#" not in other.name)
    return "#" not in q.name or "#" in key or key not in others


def _at_step(
    data: Any, q: Quantity, graph: Graph, path: tuple[str | int, ...]
) -> tuple[Any, tuple[str | int, ...]]:
    """The entry for one step of what is given step by step."""
    base = q.name.partition("[")[0]
    times = sorted(
        o.time for o in graph.givens if o.name.partition("[")[0] == base and o.time is not None
    )
    step = times.index(q.time or 0)
    if is_word(data):
        return letter_of(data, step, len(times), path), path
    if not isinstance(data, list) or (len(times) == 1 and len(data) != 1):
        return data, path
    if len(data) != len(times):
        raise GivenProblem(
            path, f"{len(data)} entries for {len(times)} steps", f"write {len(times)}"
        )
    return data[step], (*path, step)
