"""Languages: a catalogue of gettext for each, and a teacher's own that is laid over it.

A language is one file of this folder, `de.po`: its sentences, and among them its own name and its
decimal mark. A wheel has each compiled, too (`de.mo`); a checkout reads the text itself, by Babel,
when it is first needed.
"""

from __future__ import annotations

import gettext
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rnnquiz.errors import BankError
from rnnquiz.languages.checking import problems_of
from rnnquiz.languages.files import CATALOGUES, Laid, compiled_catalogue, read_catalogue
from rnnquiz.languages.sentences import Figure, Message, meant
from rnnquiz.problems import Problems

OWN_NAME, DECIMAL = meant("language", "English"), meant("decimal mark", ".")


@dataclass(frozen=True)
class Language:
    """In which language a document is written; `over`: the sentences that a teacher words
    otherwise. Equal ones share their catalogue."""

    code: str = "en"
    over: Laid | None = None

    @property
    def plain(self) -> bool:
        """True where all sentences stay as they are."""
        return self == ENGLISH

    def words(self) -> str:
        """What tells two languages apart, in a few words."""
        if self.over is None:
            return self.code
        # It is known by its text: two files may have one name.
        digest = hashlib.sha256(self.over.text.encode())
        own = digest.hexdigest()[:8]
        return f"{self.code} with a catalogue of the teacher's ({own})"

    @property
    def decimal(self) -> str:
        """The mark before the decimals of a number."""
        return DECIMAL if self.plain else _mark_of(self)

    def of(self, text: str) -> str:
        """A sentence in this language; a text that is none of ours stays as it is."""
        if self.plain:
            return text
        if isinstance(text, Message):
            return text.said_in(self)
        return text.replace(DECIMAL, self.decimal) if isinstance(text, Figure) else text

    def form_of(self, message: Message) -> str:
        """The sentence with its place-holders, in the form for its number."""
        sentences = _sentences(self)
        if message.number is None:
            known = message.context
            if known:
                return sentences.pgettext(known, message.message)
            # What a catalogue has for an empty text is its own header.
            return sentences.gettext(message.message) if message.message else ""
        return sentences.ngettext(message.message, message.many, message.number)

    def form_number(self, n: int) -> int:
        """Which form of a sentence that counts is that for a number: 0 for the first one."""
        rule = getattr(_sentences(self), "plural", None)
        # Without a catalogue it is English.
        if rule is None:
            return int(n != 1)
        return int(rule(n))


ENGLISH = Language()


def language_of(code: str, over: Laid | None = None) -> Language:
    """A language by its code, with its catalogues read.

    BankError with the languages that there are, or with all that is wrong in the teacher's own.
    """
    if code not in ("en", *catalogues()):
        listed = ", ".join(f"{one} ({name})" for one, name in language_names().items())
        raise BankError.at("language", code, "is none of the languages", f"take one of {listed}")
    language = Language(code, over)
    # Read now, so that what is wrong in it is said before anything is written.
    if over is not None:
        _sentences(language)
    return language


def catalogue_at(path: Path) -> Laid:
    """A teacher's catalogue as it is now. BankError where it cannot be read."""
    try:
        # Editors of Windows put a mark before the first line.
        return Laid(str(path), path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        found = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        remedy = "give the path of a .po file in UTF-8"
        raise BankError.at(str(path), "the catalogue", found, remedy) from None


@cache
def catalogues() -> dict[str, Path]:
    """The catalogues that come with the program, by code: compiled ones where there are any."""
    texts, compiled = (sorted(CATALOGUES.glob(pattern)) for pattern in ("*.po", "*.mo"))
    # Where a code has both, the compiled one stays: it needs no Babel.
    return {path.stem: path for path in (*texts, *compiled)}


def language_names() -> dict[str, str]:
    """The languages that there are: code and own name."""
    names: dict[str, str] = {"en": OWN_NAME}
    for code in catalogues():
        names[code] = Language(code).of(OWN_NAME)
    return names


@cache
def _mark_of(language: Language) -> str:
    return language.of(DECIMAL)


@cache
def _sentences(language: Language) -> gettext.NullTranslations:
    """The sentences of a language: those laid over first, then its own."""
    path = catalogues().get(language.code)
    base = gettext.NullTranslations()
    if path is not None:
        base = _of_file(path)
    if language.over is None:
        return base
    catalogue = read_catalogue(language.over)
    problems = Problems(BankError, language.over.source)
    problems.extend(problems_of(catalogue, language.code))
    problems.raise_if_any()
    laid = compiled_catalogue(catalogue)
    # A teacher words only some sentences: the others are those of the language.
    laid.add_fallback(base)
    return laid


def _of_file(path: Path) -> gettext.GNUTranslations:
    if path.suffix == ".mo":
        with path.open("rb") as compiled:
            return gettext.GNUTranslations(compiled)
    laid = Laid(path.name, path.read_text(encoding="utf-8"))
    return compiled_catalogue(read_catalogue(laid))
