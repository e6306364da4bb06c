"""A run of letters without a blank: a word, or several names side by side."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST_PRODUCT = 6  # letters without a blank that may be several names: a longer run is a word


def names_in_run(run: str, index: bool, words: frozenset[str]) -> list[str]:
    """The names that a run of letters stands for, one after the other. `index`: it is raised or
    lowered; `words`: names of several letters, and the letters of the sheet."""
    if len(run) == 1 or run in words or run.lower() in _WORDS:
        return [run]
    if index or (run[0] == "d" and "d" not in words and run[1:] in words):
        return [run]  # dh, dU: derivatives of the loss
    parts = list(_words_in(run, words))
    # Wx is a product where the sheet has both; "as" is none, though it has an a.
    if len(run) <= LONGEST_PRODUCT and all(_may_be_a_factor(part, words) for part in parts):
        return parts
    return [run]


def _words_in(run: str, words: frozenset[str]) -> Iterator[str]:
    """The words that a run consists of, the longest first; single letters between them."""
    known = sorted(words, key=len, reverse=True)
    at = 0
    while at < len(run):
        part = run[at]
        for word in known:
            if len(word) > 1 and run.startswith(word, at):
                part = word
                break
        yield part
        at += len(part)


def _may_be_a_factor(part: str, words: frozenset[str]) -> bool:
    """True for a word that is known, and for a letter of the sheet, of time or of a
    derivative."""
    if len(part) > 1 or part in "dtkTe":
        return True
    if part in words:
        return True
    # The same weight is written in both cases on one page.
    return part.swapcase() in words


_WORDS = frozenset(
    ["new", "top", "pred", "true", "the", "then", "they", "be", "we", "he", "but", "let", "yet"]
)
