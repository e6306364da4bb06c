"""What can be wrong in a catalogue: another language, sentences that are none of ours,
place-holders lost or made up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from rnnquiz.errors import Problem
from rnnquiz.languages.files import CATALOGUES, Laid, read_catalogue
from rnnquiz.languages.sentences import OWN_CONTEXT, template_parts
from rnnquiz.text import nearest

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LONGEST_QUOTED = 60  # letters of a sentence in a message about it


def problems_of(catalogue: Catalog, code: str) -> Iterator[Problem]:
    """All that is wrong in a catalogue for a language."""
    found = str(catalogue.locale or "")
    if found and found != code:
        yield Problem("header, Language", found, f"this catalogue is for {code}: write {code}")
    for entry in catalogue:
        if entry.id:
            yield from _problems_of_entry(entry)


def _problems_of_entry(entry: Any) -> Iterator[Problem]:
    first = first_of(entry)
    where = f"entry {_brief(first)}"
    context = entry.context or ""
    if context != OWN_CONTEXT and (context, first) not in known_sentences():
        texts = {text for _, text in known_sentences()}
        near = nearest(first, texts, "take a sentence of ours, or leave it out")
        yield Problem(where, "is no sentence of rnnquiz", near, entry.lineno)
        return
    forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
    for form in filter(None, forms):
        for found, remedy in _problems_of_form(entry, form):
            yield Problem(where, found, remedy, entry.lineno)


def _problems_of_form(entry: Any, form: str) -> Iterator[tuple[str, str]]:
    """What was found in one translation, and what would do."""
    counts = isinstance(entry.id, tuple)
    sentences = entry.id if counts else (entry.id,)
    wanted = set[str]().union(*map(holders, sentences))
    if not wanted:  # it is not formatted: its braces are braces
        return
    try:
        has = holders(form)
    except ValueError as error:
        yield f"{form!r}: {error}", "write place-holders as {name}"
        return
    # Where there is one of a thing, some languages say so in a word.
    may_be_left_out = {"{n}"} if counts else set()
    for name in sorted(wanted - has - may_be_left_out):
        yield f"{name} is lost", f"write {name} into the translation"
    for name in sorted(has - wanted):
        yield f"{name} is no place-holder of it", f"it has {', '.join(sorted(wanted))}"


def first_of(entry: Any) -> str:
    """The sentence of an entry, of one that counts that for one."""
    if isinstance(entry.id, tuple):
        return str(entry.id[0])
    return str(entry.id)


def holders(template: str) -> set[str]:
    """The place-holders of a sentence, each with its format; none where it has braces that match
    none. ValueError."""
    found: set[str] = set()
    for _, name, spec in template_parts(template):
        # A text behind the last place-holder has none of its own.
        if name is not None:
            found.add(f"{{{name}:{spec}}}" if spec else f"{{{name}}}")
    return found


@cache
def known_sentences() -> set[tuple[str, str]]:
    """Every sentence of ours, by context and text."""
    # Each has all of them: any will do, and the first is always the same.
    path = min(CATALOGUES.glob("*.po"))
    catalogue = read_catalogue(Laid(path.name, path.read_text(encoding="utf-8")))
    # The entry without a text is the header.
    entries = filter(attrgetter("id"), catalogue)
    return {(entry.context or "", first_of(entry)) for entry in entries}


def _brief(text: str) -> str:
    if len(text) >= LONGEST_QUOTED:
        text = f"{text[: LONGEST_QUOTED - 3]}..."
    return repr(text)
