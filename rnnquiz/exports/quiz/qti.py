"""QTI 2.1 and 3.0: a package with an item for each variant, in it a text entry for each box.

An answer is compared with the middle of what is accepted; the absolute tolerance is half the width and a thousandth of a
unit in the last place more, as players compare binary numbers and would lose the ends otherwise. The items are built in
the words of QTI 2.1; QTI 3.0 has the same words in another spelling.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.exports.quiz.packages import document, zipped
from rnnquiz.exports.quiz.problem import element
from rnnquiz.exports.quiz.questions import Part, Question, WrongAnswer, decimal, element_of, points, questions

MATHML = "http://www.w3.org/1998/Math/MathML"
SLACK = 1000  # the part of a unit in the last place by which the ends are widened


@dataclass(frozen=True)
class Version:
    """The namespaces of a version, what its manifest calls it, and whether it is spelt with hyphens."""

    items: str
    manifest: str
    schema: str
    number: str
    resource: str
    hyphens: bool


TWO = Version(
    "http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imscp_v1p1", "QTIv2.1 Package", "1.0.0",
    "imsqti_item_xmlv2p1", False,
)  # fmt: skip
THREE = Version(
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0", "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1", "QTI Package", "3.0.0",
    "imsqti_item_xmlv3p0", True,
)  # fmt: skip


def qti21(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive of QTI 2.1."""
    return _package(bank, questions(bank, variants, names), TWO)


def qti3(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive of QTI 3.0."""
    return _package(bank, questions(bank, variants, names), THREE)


def _package(bank: Bank, made: Sequence[Question], version: Version) -> bytes:
    files = {f"items/{question.ident}.xml": document(_item(question, version)) for question in made}
    return zipped({"imsmanifest.xml": document(_manifest(bank, made, version)), **files})


def _manifest(bank: Bank, made: Sequence[Question], version: Version) -> ET.Element:
    metadata = element("metadata", "", element("schema", version.schema), element("schemaversion", version.number))
    hrefs = {question.ident: f"items/{question.ident}.xml" for question in made}
    resources = [
        element("resource", "", element("file", href=href), identifier=ident, type=version.resource, href=href)
        for ident, href in hrefs.items()
    ]
    return element(
        "manifest", "", metadata, element("organizations"), element("resources", "", *resources), xmlns=version.manifest,
        identifier=f"m-{bank.digest[:16]}",
    )  # fmt: skip


def _item(question: Question, version: Version) -> ET.Element:
    numbered = [(f"R{k}", part) for k, part in enumerate(question.parts, start=1)]
    total = points(sum(float(points(part.marks)) for part in question.parts))
    item = element(
        "assessmentItem", "",
        *(_declaration(name, part) for name, part in numbered), _outcome("SCORE", "float", "0"), _outcome("MAXSCORE", "float", total),
        element("outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple", baseType="identifier"),
        _body(question, numbered),
        element("responseProcessing", "", *(_condition(name, part) for name, part in numbered)),
        *(_shown(key, wrong, version) for name, part in numbered for key, wrong in _keyed(name, part)),
        xmlns=version.items, identifier=question.ident, title=question.name, adaptive="false", timeDependent="false",
    )  # fmt: skip
    for math in item.iter("math"):
        math.set("xmlns", MATHML)
    return _hyphenated(item) if version.hyphens else item


def _declaration(name: str, part: Part) -> ET.Element:
    correct = element("correctResponse", "", element("value", decimal(part.value)))
    return element("responseDeclaration", "", correct, identifier=name, cardinality="single", baseType="float")


def _outcome(name: str, kind: str, value: str) -> ET.Element:
    default = element("defaultValue", "", element("value", value))
    return element("outcomeDeclaration", "", default, identifier=name, cardinality="single", baseType=kind)


def _body(question: Question, numbered: Sequence[tuple[str, Part]]) -> ET.Element:
    body, role = element("itemBody", "", element_of(question.html)), ""
    for name, part in numbered:
        if part.role != role:
            role = part.role
            body.append(element("h4", KIND_WORDS[role]))
        math = element_of(part.math)
        math.tail = " = "
        body.append(element("p", "", math, element("textEntryInteraction", responseIdentifier=name, expectedLength="15")))
    return body


def _keyed(name: str, part: Part) -> Iterator[tuple[str, WrongAnswer]]:
    return ((f"{name}-M{k}", wrong) for k, wrong in enumerate(part.wrong, start=1))


def _condition(name: str, part: Part) -> ET.Element:
    """Marks for what is accepted; else, for each mistake, its credit and its feedback."""
    right = _equal(name, decimal(part.middle), decimal(part.half + part.unit / SLACK))
    rows = [element("responseIf", "", right, _earned(part.marks))]
    for key, wrong in _keyed(name, part):
        told = element("multiple", "", element("variable", identifier="FEEDBACK"), _constant("identifier", key))
        given = element("setOutcomeValue", "", told, identifier="FEEDBACK")
        earned = [_earned(part.marks * wrong.credit)] if wrong.credit else []
        rows.append(element("responseElseIf", "", _equal(name, decimal(wrong.value), decimal(wrong.tolerance)), *earned, given))
    return element("responseCondition", "", *rows)


def _equal(name: str, value: str, tolerance: str) -> ET.Element:
    return element(
        "equal", "", element("variable", identifier=name), _constant("float", value),
        toleranceMode="absolute", tolerance=f"{tolerance} {tolerance}", includeLowerBound="true", includeUpperBound="true",
    )  # fmt: skip


def _earned(marks: float) -> ET.Element:
    total = element("sum", "", element("variable", identifier="SCORE"), _constant("float", points(marks)))
    return element("setOutcomeValue", "", total, identifier="SCORE")


def _constant(kind: str, value: str) -> ET.Element:
    return element("baseValue", value, baseType=kind)


def _shown(key: str, wrong: WrongAnswer, version: Version) -> ET.Element:
    text = element("p", wrong.says)
    content = element("contentBody", "", text) if version.hyphens else text
    return element("modalFeedback", "", content, outcomeIdentifier="FEEDBACK", showHide="show", identifier=key)


PLAIN_WORDS = frozenset({"div", "p", "h2", "h3", "h4", "strong", "math"})
"""Elements of HTML, and of MathML with all that is in it: spelt alike in both versions."""


def _hyphenated(made: ET.Element) -> ET.Element:
    """An item of QTI 2.1 in the spelling of QTI 3.0."""
    if made.tag == "math":
        return made
    plain = made.tag in PLAIN_WORDS
    attributes = made.attrib if plain else {_hyphens(key): value for key, value in made.attrib.items()}
    copy = ET.Element(made.tag if plain else f"qti-{_hyphens(made.tag)}", attributes)
    copy.text, copy.tail = made.text, made.tail
    copy.extend(map(_hyphenated, made))
    return copy


def _hyphens(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word).lower()
