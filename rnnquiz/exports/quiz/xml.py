"""XML of quizzes: elements with their texts, fragments and files.

All of it is written by way of a tree but Moodle's file, which holds its texts in CDATA: escaped,
they would take a third more (measured: 323 kB for 242 kB), and the upload of a fresh PHP takes two
megabytes. The standard library writes no CDATA; lxml would, and is no dependency for that alone.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from rnnquiz.documents.render import printable


def element(tag: str, text: str = "", *children: ET.Element, **attributes: str) -> ET.Element:
    """An element with its text and children; characters that XML cannot hold are left out."""
    made = ET.Element(tag, attributes)
    made.text = printable(text)
    made.extend(children)
    return made


def element_of(markup: str) -> ET.Element:
    """A fragment as a tree."""
    return ET.fromstring(markup)


def serialised(made: ET.Element) -> str:
    """The element as text, every element with its end tag, so that HTML reads it as XML does."""
    return ET.tostring(made, encoding="unicode", short_empty_elements=False)


def xml_file(root: ET.Element) -> bytes:
    """The element as a file."""
    # With empty elements in short, as XML has them: no browser reads this one as HTML.
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def raw_text(content: str) -> str:
    """A text element of Moodle around raw characters."""
    # The three signs that end a CDATA cannot stand in it: they are parted over two.
    return "<text><![CDATA[" + content.replace("]]>", "]]]]><![CDATA[>") + "]]></text>"
