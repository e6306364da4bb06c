"""What can be wrong in a catalogue: another language, sentences that are none of ours,
place-holders lost or made up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from rnnquiz.errors import Problem
from rnnquiz.languages.files import CATALOGUES, Laid, read_catalogue
from rnnquiz.languages.sentences import template_parts
from rnnquiz.text import nearest

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

OWN_CONTEXT = "bank"
"""The context of the texts of question banks, of which a teacher may have others."""
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
    first, where = first_of(entry), f"entry {_brief(first_of(entry))}"
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
    wanted = {name for one in (entry.id if counts else (entry.id,)) for name in holders(one)}
    if not wanted:  # it is not formatted: its braces are braces
        return
    try:
        has = holders(form)
    except ValueError as error:
        yield f"{form!r}: {error}", "write place-holders as {name}"
        return
    # where there is one of a thing, some languages say so in a word
    for name in sorted(wanted - has - ({"{n}"} if counts else set())):
        yield f"{name} is lost", f"write {name} into the translation"
    for name in sorted(has - wanted):
        yield f"{name} is no place-holder of it", f"it has {', '.join(sorted(wanted))}"


def first_of(entry: Any) -> str:
    """The sentence of an entry, of one that counts that for one."""
    return str(entry.id[0] if isinstance(entry.id, tuple) else entry.id)


def holders(template: str) -> set[str]:
    """The place-holders of a sentence, each with its format; none where it has braces that match
    none. ValueError."""
    named = [(name, spec) for _, name, spec in template_parts(template) if name is not None]
    return {f"{{{name}:{spec}}}" if spec else f"{{{name}}}" for name, spec in named}


@cache
def known_sentences() -> set[tuple[str, str]]:
    """Every sentence of ours, by context and text."""
    path = min(CATALOGUES.glob("*.po"))
    entries = read_catalogue(Laid(path.name, path.read_text(encoding="utf-8")))
    return {(entry.context or "", first_of(entry)) for entry in entries if entry.id}


def _brief(text: str) -> str:
    return repr(text if len(text) < LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 3]}...")
