"""Every sentence that a student may see, from the source, the templates and the data; run as a
command it brings each catalogue up to date:

    python -m rnnquiz.languages.extract
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from rnnquiz.files.resources import folder
from rnnquiz.languages.files import CATALOGUES, Laid, read_catalogue
from rnnquiz.languages.scripts import script_sentences
from rnnquiz.languages.sentences import OWN_CONTEXT

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

PACKAGE = CATALOGUES.parent
KEYWORDS: dict[str, Any] = {
    "said": None,
    "plural": (1, 2),
    "meant": ((1, "c"), 2),
}
_SENTENCE = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})\(\s*\"")
OF_TEMPLATES = {"_": None, "_set": None}
# LaTeX and Typst are full of braces and per cent signs: their templates have other marks.
ANGLED = {
    "block_start_string": "<%",
    "block_end_string": "%>",
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "comment_start_string": "<%#",
    "comment_end_string": "#%>",
}
BRACED: dict[str, str] = {}
SYNTAX = {".tex.jinja": ANGLED, ".typ.jinja": ANGLED, ".html.jinja": BRACED, ".md.jinja": BRACED}
OF_BANKS = ("title", "course", "due", "aids", "handing-in")
OF_REPORTS = "report."  # templates of what only teachers read
PO_COLUMNS = 100

Extracted = tuple[str | tuple[str, ...], str | None]
"""A sentence, or one that counts in both forms, and its context."""


def _words(data: Any) -> Iterator[Extracted]:
    """What letters stand for: of the catalogue, or of one cell."""
    for text in data.values():
        yield text, "symbol"


def _words_of_part(data: Any) -> Iterator[Extracted]:
    yield from _words(data.get("words", {}))


def _words_of_mistakes(rows: Any) -> Iterator[Extracted]:
    for row in rows:
        yield row["name"], None
        yield row["says"], None


TextsOf = Callable[[Any], Iterator[Extracted]]
DATA_FILES: dict[str, TextsOf] = {
    "models/words.yaml": _words,
    "models/cells/*.yaml": _words_of_part,
    "models/optimisers/*.yaml": _words_of_part,
    "models/misconceptions.yaml": _words_of_mistakes,
}
"""Data files of the package (a pattern), and which of their texts are sentences."""


@cache
def extracted() -> tuple[tuple[str, Extracted], ...]:
    """Each sentence with the file that it stands in."""
    return (*_of_package(), *_of_layouts(), *_of_scripts(), *_of_data(), *_of_banks())


def _of_banks() -> Iterator[tuple[str, Extracted]]:
    """What the banks that ship say to a student."""
    for path in sorted(folder("question_banks").glob("*.yaml")):
        bank = yaml.safe_load(path.read_text(encoding="utf-8"))
        wording = bank.get("wording", {})
        texts = [bank.get(key, "") for key in OF_BANKS]
        texts += [wording.get(key, "") for key in ("intro", "note")]
        for text in filter(None, map(str.strip, texts)):
            yield path.name, (text, OWN_CONTEXT)


def _of_package() -> Iterator[tuple[str, Extracted]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        # Babel takes a module apart token by token: not those without a sentence.
        if _SENTENCE.search(path.read_text(encoding="utf-8")):
            found = _of_source("python", path, KEYWORDS, {})
            yield from _with_path(path.relative_to(PACKAGE), found)


def _of_layouts() -> Iterator[tuple[str, Extracted]]:
    for path in sorted(folder("templates").glob("*.jinja")):
        ending = "".join(path.suffixes[-2:])
        if not path.name.startswith(OF_REPORTS):
            found = _of_source("jinja2", path, OF_TEMPLATES, SYNTAX[ending])
            yield from _with_path(Path(path.name), found)


def _of_scripts() -> Iterator[tuple[str, Extracted]]:
    """What a page says by itself, while it is filled in."""
    for path in sorted(folder("templates").glob("*.js")):
        script = path.read_text(encoding="utf-8")
        for one, many in script_sentences(script):
            yield path.name, ((one, many) if many else one, None)


def _of_data() -> Iterator[tuple[str, Extracted]]:
    for pattern, texts in DATA_FILES.items():
        for path in sorted(PACKAGE.glob(pattern)):
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            yield from _with_path(path.relative_to(PACKAGE), texts(data))


def _with_path(path: Path, found: Iterator[Extracted]) -> Iterator[tuple[str, Extracted]]:
    for one in found:
        yield path.as_posix(), one


def _of_source(
    method: str, path: Path, keywords: dict[str, Any], options: dict[str, str]
) -> Iterator[Extracted]:
    from babel.messages.extract import extract
    from jinja2.ext import babel_extract

    how: Any = babel_extract if method == "jinja2" else method
    file = io.BytesIO(path.read_bytes())
    settings: Any = {"encoding": "utf-8", "trim_blocks": "true", **options}
    for _, message, _, context in extract(how, file, keywords, (), settings):
        yield message, context


def all_sentences() -> Catalog:
    """A catalogue of all sentences, none of them translated."""
    from babel.messages.catalog import Catalog

    made = Catalog(project="rnnquiz", charset="utf-8")
    for where, (message, context) in extracted():
        # A line would change with every edit above it: the file is enough.
        made.add(message, locations=[(where, 1)], context=context)
    return made


def brought_up_to_date(text: str, source: str, sentences: Catalog) -> str:
    """The text of a catalogue with all sentences of ours and no others, in their order."""
    from babel.messages.pofile import write_po

    catalogue = read_catalogue(Laid(source, text))
    # A translation of a sentence that is only similar may be wrong: better none.
    catalogue.update(sentences, no_fuzzy_matching=True, update_creation_date=False)
    file = io.BytesIO()
    write_po(
        file, catalogue, PO_COLUMNS, omit_header=True, ignore_obsolete=True, include_lineno=False
    )
    head, _, _ = text.partition("\n\n")  # as it is: who translated it, and when, stays
    return f"{head}\n\n{file.getvalue().decode()}"


def _is_open(entry: Any) -> bool:
    """True for a sentence that is not translated."""
    return entry.id and not entry.string


def bring_up_to_date() -> None:
    """Bring each catalogue up to date, and say what is to be translated."""
    sentences = all_sentences()
    for path in sorted(CATALOGUES.glob("*.po")):
        text = path.read_text(encoding="utf-8")
        new = brought_up_to_date(text, path.name, sentences)
        path.write_text(new, encoding="utf-8")
        catalogue = read_catalogue(Laid(path.name, new))
        open_ = list(filter(_is_open, catalogue))
        print(f"{path.name}: {len(catalogue)} sentences, {len(open_)} of them not translated")


if __name__ == "__main__":
    bring_up_to_date()
