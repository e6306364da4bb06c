"""The script of the answer page, and its sentences in a language."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from rnnquiz.files.resources import folder
from rnnquiz.languages.catalogue import Language
from rnnquiz.languages.scripts import script_sentences
from rnnquiz.languages.sentences import plural, said

COUNTED = 200  # up to here the form is given for each number


@dataclass(frozen=True)
class Script:
    """The script of the answer page, and its digest, by which the page lets it and no other run."""

    text: str

    @property
    def digest(self) -> str:
        """The hash by which a page's policy lets this script alone run."""
        made = sha256(self.text.encode())
        written = b64encode(made.digest())
        return f"sha256-{written.decode()}"


@cache
def script() -> Script:
    """The script of the form, read once."""
    path = folder("templates") / "form.js"
    return Script(path.read_text(encoding="utf-8"))


def script_words(language: Language) -> str:
    """What the script of the answer page says in a language, as JSON: each sentence by its English
    one, of those that count all forms; and which form is for which number."""
    which = [language.form_number(n) for n in range(COUNTED)]
    # A number that takes each form, in the order of the forms: gettext gives a form by a number.
    forms_of_all = sorted(set(which))
    examples = [which.index(form) for form in forms_of_all]
    found: dict[str, str | list[str]] = {}
    for message, many in script_sentences(script().text):
        if many:
            counted = [plural(message, many, n) for n in examples]
            found[message] = [language.form_of(sentence) for sentence in counted]
        else:
            sentence = said(message)
            found[message] = language.form_of(sentence)
    forms = "".join(map(str, which))
    return json.dumps({"forms": forms, "sentences": found}, ensure_ascii=False)
