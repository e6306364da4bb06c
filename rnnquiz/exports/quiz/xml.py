"""XML of quizzes: elements with their texts, fragments and files, all written by lxml.

The library is there in any case, for pikepdf needs it. It writes CDATA, in which Moodle's file has
its HTML: escaped, that would take a third more (measured: 323 kB for 242 kB), and the upload of a
fresh PHP takes two megabytes. It is imported where XML is made, for marking a quiz's responses only
asks which boxes there were.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rnnquiz.documents.outputs import printable

if TYPE_CHECKING:
    from lxml.etree import _Element

    Element: TypeAlias = _Element


_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def element(tag: str, text: str = "", *children: Element, **attributes: str) -> Element:
    """An element with its text and children; characters that XML cannot hold are left out."""
    from lxml import etree

    made = etree.Element(tag)
    for name, value in attributes.items():
        made.set(name, _holdable(value))
    made.text = _holdable(printable(text)) or None
    made.extend(children)
    return made


def _holdable(text: str) -> str:
    return _NOT_IN_XML.sub(" ", text)


def element_of(markup: str) -> Element:
    """A fragment as a tree."""
    from lxml import etree

    return etree.fromstring(markup)


def serialised(made: Element) -> str:
    """The element as text, every element with its end tag, so that HTML reads it as XML does."""
    from lxml import etree

    for part in made.iter():
        # An element has its end tag written where it has a text, be it an empty one.
        part.text = part.text or ""
    return etree.tostring(made, encoding="unicode")


def xml_file(root: Element) -> bytes:
    """The element as a file."""
    from lxml import etree

    # With empty elements in short, as XML has them: no browser reads this one as HTML.
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def html_text(markup: str) -> Element:
    """A text element of Moodle that holds HTML, in which no sign is escaped once more."""
    from lxml import etree

    made = element("text")
    made.text = etree.CDATA(markup)
    return made
