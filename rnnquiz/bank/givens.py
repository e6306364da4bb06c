"""The numbers that a bank gives: which of its entries is drawn for which quantity of the
problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, filterfalse
from typing import Any

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import base_and_step, without_step
from rnnquiz.bank.sampling import GivenProblem, Sampler, is_word, letter_of, read_sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.files import strict_yaml
from rnnquiz.problems import Problems
from rnnquiz.text import nearest

FROM_ZERO = "0"  # from what an optimiser starts where nothing is said


def read_givens(
    written: BankText, drawn: Graph, full: Graph, notation: Notation, problems: Problems
) -> dict[str, Sampler]:
    """The sampler of each given of `drawn`; what is wrong with the entries goes to the problems.
    `full` may need more of them."""
    samplers: dict[str, Sampler] = {}
    missing: dict[str, None] = {}
    for q in drawn.givens:
        key = _key_of(q, written, full)
        if key is None and "#" in q.name:
            samplers[q.name] = read_sampler(FROM_ZERO, q.shape, ("givens", q.name))
        elif key is None:
            *_, for_all_steps = _keys(q.name)
            # What is before the first step is given by itself.
            key = q.name if q.time == 0 else for_all_steps
            missing[key] = None  # once, for all of its steps
        else:
            try:
                samplers[q.name] = _sampler(q, key, written.givens, drawn)
            except GivenProblem as error:
                problems.add(error.path, error.found, error.remedy)
    unsaid = [_shown(key, notation) for key in missing]
    _add_unknown(written, full, unsaid, notation, problems)
    return samplers


def _key_of(q: Quantity, written: BankText, full: Graph) -> str | None:
    """The entry of the bank that is for a quantity."""
    for key in _keys(q.name):
        if key in written.givens and _stands_for(key, q, full):
            return key
    return None


def _sampler(q: Quantity, key: str, givens: Mapping[str, Any], graph: Graph) -> Sampler:
    data: Any = givens[key]
    path: strict_yaml.Path = ("givens", key)
    if key != q.name and q.time is not None:
        data, path = _at_step(data, q, graph, path)
    return read_sampler(data, q.shape, path)


def _add_unknown(
    written: BankText, full: Graph, open_: Sequence[str], notation: Notation, problems: Problems
) -> None:
    """Keys that are no givens, and givens of which nothing is said (`open_`); where one may be the
    other, that is said once."""
    known = set(chain.from_iterable(_keys(q.name) for q in full.givens))
    strange = list(filterfalse(known.__contains__, written.givens))
    usual = dict.fromkeys(map(_usual_key, full.givens))
    names = [_shown(key, notation) for key in usual]
    found = "is not a given of this model"
    # Each given that is missing is probably one of those that are strange.
    if open_ and len(strange) >= len(open_):
        found += f", and nothing is said of {', '.join(open_)}"
    for key in strange:
        remedy = nearest(key, open_ or names, also=names)
        problems.add(("givens", key), found, remedy)
    if len(strange) < len(open_):
        for key in open_:
            remedy = f"add  {key}: a number or a range"
            problems.add(("givens",), f"nothing is said of {key}", remedy)


def _usual_key(q: Quantity) -> str:
    """The key under which most banks have a given: x for all its steps, h[0] as it is."""
    if not q.time or q.time < 0:
        return q.name
    *_, for_all = _keys(q.name)
    return for_all


def _shown(key: str, notation: Notation) -> str:
    """A key in the letter of the notation; steps are counted as the bank counts them."""
    base, step = base_and_step(key)
    return f"{notation.letter(base)}{step}"


def _keys(name: str) -> tuple[str, ...]:
    """The keys under which a given may stand: h[0] or h; what an optimiser starts from as m_U#0,
    m_U or m for all."""
    if "#" in name:
        base = name.partition("#")[0]
        return name, base, base.partition("_")[0]
    letter = without_step(name)
    if letter == name:
        return (name,)
    return name, letter


def _stands_for(key: str, q: Quantity, graph: Graph) -> bool:
    """False where a letter alone would say from what an optimiser starts, and is a letter of the
    network, too."""
    if "#" not in q.name or "#" in key:
        return True
    names = filterfalse(_is_start, (other.name for other in graph.givens))
    return key not in map(without_step, names)


def _is_start(name: str) -> bool:
    """True for what an optimiser starts from."""
    return "#" in name


def _at_step(
    data: Any, q: Quantity, graph: Graph, path: strict_yaml.Path
) -> tuple[Any, strict_yaml.Path]:
    """The entry for one step of what is given step by step."""
    letter = without_step(q.name)
    times = sorted(_steps_of(letter, graph))
    step = times.index(q.time or 0)
    if is_word(data):
        return letter_of(data, step, len(times), path), path
    # With one step a list may be the vector itself.
    if not isinstance(data, list) or (len(times) == 1 and len(data) != 1):
        return data, path
    if len(data) != len(times):
        found = f"{len(data)} entries for {len(times)} steps"
        raise GivenProblem(path, found, f"write {len(times)}")
    return data[step], (*path, step)


def _steps_of(letter: str, graph: Graph) -> Iterator[int]:
    for q in graph.givens:
        if q.time is not None and without_step(q.name) == letter:
            yield q.time
