"""Catalogues of sentences as files: read with Babel, compiled for the standard library."""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rnnquiz.errors import BankError, Problem

if TYPE_CHECKING:
    # Loaded where a catalogue is read: English needs none.
    from babel.messages.catalog import Catalog

CATALOGUES = Path(__file__).resolve().parent


def language_codes() -> tuple[str, ...]:
    """The codes of the languages that there are: English, and one for each catalogue."""
    codes = (path.stem for path in CATALOGUES.glob("*.po"))
    return "en", *sorted(codes)


@dataclass(frozen=True)
class Laid:
    """A catalogue: where it stands, and its text, which goes wherever documents are made. Where it
    stands makes no difference."""

    source: str = field(compare=False)
    text: str


def read_catalogue(laid: Laid) -> Catalog:
    """A catalogue from its text. BankError with the line where it is no catalogue."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        return read_po(io.StringIO(laid.text), abort_invalid=True)
    except PoFileError as error:
        # Babel ends its message with the line, counted from nought.
        reason, *_ = str(error.args[0]).rpartition(" on ")
        problem = Problem("the catalogue", reason, "", error.lineno + 1)
        raise BankError(laid.source, problem) from None
    except (ValueError, LookupError) as error:
        remedy = "begin it with an empty msgid and a header, as rnnquiz/languages/de.po does"
        raise BankError.at(laid.source, "the catalogue", str(error), remedy) from None


def compiled_catalogue(catalogue: Catalog) -> gettext.GNUTranslations:
    """The sentences of a catalogue as the standard library reads them."""
    from babel.messages.mofile import write_mo

    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return gettext.GNUTranslations(file)
