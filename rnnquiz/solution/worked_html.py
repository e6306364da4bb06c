"""A worked solution as a notebook shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from rnnquiz.algebra.shown_numbers import value_piece
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import MATHML, notated
from rnnquiz.algebra.tight import tight
from rnnquiz.bank.given_order import given_rank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.derivation.graph import Quantity
from rnnquiz.solution.lines import Line, Printed

# What does not fit into a line of a notebook goes on below, further in; results stand below one
# another at the right.
_LINES_STYLE = (
    ".rnnquiz-worked { overflow-x: auto; max-width: 56em; }"
    " .rnnquiz-worked .line { display: flex; flex-wrap: wrap; justify-content: flex-end;"
    " align-items: last baseline; gap: .3em 1em; margin: .5em 0; padding: 0; }"
    " .rnnquiz-worked .steps { flex: 1 1 0; min-width: min-content; max-width: 100%;"
    " box-sizing: border-box; padding-left: 2em; text-indent: -2em; }"
    " .rnnquiz-worked .value { white-space: nowrap; }"
    " .rnnquiz-worked .result { display: inline-block; border: 1px solid; padding: .15em .35em; }"
    " .rnnquiz-worked math { text-indent: 0; math-style: normal; }"
)


def worked_html(
    bank: Bank,
    printed: Mapping[str, Printed],
    topics: Iterable[tuple[str, str, Sequence[Line]]],
) -> str:
    """The solution as HTML: its givens, and its lines below their sections and topics.

    `printed`: each given as it is printed.
    """
    givens = ", ".join(_givens(bank, printed))
    out = [f"<style>{_LINES_STYLE}</style>", f"<p>Given: {givens}</p>"]
    for section, topic, lines in topics:
        first = lines[0].quantity
        titles = (_title(bank, title, first) for title in (section, topic) if title)
        out.append(f"<h4>{': '.join(titles)}</h4>")
        out += map(_line, lines)
    shown = "\n".join(out)
    return tight(f'<div class="rnnquiz-worked">{shown}</div>')


def _givens(bank: Bank, printed: Mapping[str, Printed]) -> Iterator[str]:
    """Symbol = value of each given, as MathML."""
    target = notated(MATHML, bank.notation)
    for q in sorted(bank.graph.givens, key=given_rank(bank)):
        if q.name != WHICH:
            value = value_piece(printed[q.name], target).text
            yield f"<math><mrow>{symbol(q.name, target)}<mo>=</mo>{value}</mrow></math>"


def _title(bank: Bank, title: str, first: Quantity) -> str:
    """A title with what is mathematics in it as such: a parameter, as it is in the pass of the
    first quantity below, a time."""
    target = notated(MATHML, bank.notation)
    # Titles have the letters of the notation.
    letters = {bank.notation.letter(name): name for name in bank.full.parameters}
    if title in letters:
        now = bank.full.pass_of(first.symbol.number).parameters
        return f"for <math>{symbol(now[letters[title]], target)}</math>"
    time = r"<math><mi>t</mi><mo>=</mo><mn>\1</mn></math>"
    return re.sub(r"\bt = (\d+)", time, escape(title))


def _line(line: Line) -> str:
    steps, sign, result = line.html()
    # The sign stays with its result, however far that stands from the steps.
    value = f'<span class="value">{sign} <span class="result">{result}</span></span>'
    return f'<p class="line"><span class="steps">{steps}</span> {value}</p>'
