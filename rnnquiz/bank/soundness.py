"""No key is used that the forward pass contradicts, and no bank ends in a traceback: every way to a
bank leads through here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from rnnquiz.bank.network import model_line
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import draws, givens_of, keyed
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.differences import DoubtfulDerivative, first_doubt
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.errors import BankError, Problem, RnnquizError
from rnnquiz.files import strict_yaml
from rnnquiz.problems import Lines, line_of

LONGEST_ERROR = 500  # characters of an error that nobody foresaw
KEY_STREAM = b"rnnquiz key"
# Draws of a fixed stream, and how many of those that have values are looked at.
TRIED, _LOOKED_AT = 12, 2


@contextmanager
def blamed(source: str, line: Callable[[], int | None]) -> Iterator[None]:
    """Any error of what is computed for a bank, as a problem of the bank at a line; the error
    itself stays its cause."""
    try:
        yield
    except RnnquizError:
        raise
    except Exception as error:
        found = f"unforeseen, {type(error).__name__}: {error}"
        remedy = (
            "simplify the equations until it goes, and report what was too much for the program"
        )
        # The line only now: to find it the text is read again.
        problem = Problem("model", found[:LONGEST_ERROR], remedy, line())
        raise BankError(source, problem) from error


def blamed_on(bank: Bank) -> AbstractContextManager[None]:
    """The same for what is done with a bank that has been read."""
    return blamed(bank.source, lambda: _line(bank))


def givens_line(bank: Bank) -> int | None:
    """The line of a bank's numbers."""
    return line_of(("givens",), _lines(bank))


def _line(bank: Bank) -> int | None:
    return model_line(bank.written.model, _lines(bank))


def _lines(bank: Bank) -> Lines:
    _, lines = strict_yaml.load(bank.text)
    return lines


def check_key(bank: Bank, line: int | None) -> None:
    """BankError where no draw of the bank has a key that agrees with central differences of its
    forward pass.

    All derivatives that have a name are looked at. `line` is that of the model. Draws of which only
    some are wrong (next to a kink) are left to the check of each variant.
    """
    tried = 1 if bank.fixed else TRIED
    seeds = [keyed(KEY_STREAM, "key", number) for number in range(tried)]
    drawn = draws(bank, seeds, [0] * tried)
    whole = evaluate(bank.full, givens_of(bank, drawn))
    defined = np.flatnonzero(_defined(whole, tried))
    # Numbers without a value are a reason to refuse a draw, and no fault of the equations.
    if not len(defined):
        return
    some = defined[:_LOOKED_AT]
    few = {name: value[some] for name, value in whole.items()}
    wrong, doubt = first_doubt(bank.full, few)
    if wrong.all() and doubt is not None:
        raise BankError(bank.source, _problem(bank, doubt, line))


def _defined(whole: Mapping[str, Array], count: int) -> Bools:
    """Draws all of whose quantities have a value."""
    found = np.ones(count, dtype=bool)
    for value in whole.values():
        flat = value.reshape(count, -1)
        found &= np.isfinite(flat).all(axis=1)
    return found


def _problem(bank: Bank, doubt: DoubtfulDerivative, line: int | None) -> Problem:
    at = int(np.argmax(doubt.wrong))
    name = bank.notation.text(doubt.name)
    derived, measured = (float(values[at]) for values in (doubt.derived, doubt.measured))
    found = (
        f"{name} is {derived:.6g} by the rules, {measured:.6g} by central differences of the"
        " forward pass"
    )
    remedy = (
        "no key can be made of these equations and numbers: is a relu, minimum or clip at its kink,"
        " a root at zero; do the targets of a joint loss have the sum 1; is a prediction fed back"
        " whose loss is derived jointly (take the one derived the long way)? Change the numbers or"
        " the equation"
    )
    return Problem("model", found, remedy, line)


def require_key(bank: Bank, whole: Mapping[str, Array]) -> None:
    """BankError where the key of the bank's fixed numbers does not agree with its forward pass;
    `whole` has one variant."""
    wrong, doubt = first_doubt(bank.full, whole)
    if wrong.any() and doubt is not None:
        problem = _problem(bank, doubt, _line(bank))
        raise BankError(bank.source, problem)
