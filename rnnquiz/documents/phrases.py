"""The sentences of templates, said in a language, with parts that are typeset."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rnnquiz.documents.outputs import TemplateOutput, escaped
from rnnquiz.languages.catalogue import Language
from rnnquiz.languages.sentences import said, template_parts


class Phrases:
    """Says the sentences of templates in a language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.known: dict[str, str] = {}

    def __call__(self, text: str, **values: Any) -> str:
        """A sentence of a template in the language, with its values."""
        if text not in self.known:
            sentence = said(text)
            self.known[text] = self.language.form_of(sentence)
        template = self.known[text]
        if not values:
            return template
        if self.language.plain:
            return template.format(**values)
        return self.language.of(said(text, **values))


def typeset_sentence(
    text: str, values: dict[str, Any], output: TemplateOutput, language: Language
) -> Markup:
    """A sentence in a template with parts that are typeset: its own text is escaped, they are
    not."""
    parts = []
    sentence = language.form_of(said(text))
    for literal, name, _ in template_parts(sentence):
        if literal:
            own = escaped(output, literal)
            parts.append(output.text.format(own))
        if name:
            typeset = values[name]
            parts.append(str(typeset))
    return Markup("".join(parts))
