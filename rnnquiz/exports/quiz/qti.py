"""QTI 2.1 and 3.0: a package with an item for each variant, in it a text entry for each box.

An answer is compared with both ends of what is accepted: there are players that ignore tolerances.
The points of the boxes are added up as binary numbers, so the sum of all is set to the maximum
where it is within half a thousandth. FEEDBACK has a value before anything is answered, as there
are players that cannot add to none. The items are built in the words of QTI 2.1; QTI 3.0 has the
same words in another spelling.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.exports.quiz.questions import (
    POINT,
    Question,
    QuizPart,
    WrongAnswer,
    decimal,
    questions,
)
from rnnquiz.exports.quiz.xml import element, element_of, xml_file
from rnnquiz.packing import zipped

OF_MATHML = "http://www.w3.org/1998/Math/MathML"
NO_MISTAKE = "none"  # what FEEDBACK holds before a mistake is found


@dataclass(frozen=True)
class Version:
    """The namespaces of a version, what its manifest calls it, and whether it is spelt with
    hyphens.
    """

    items: str
    manifest: str
    schema: str
    number: str
    resource: str
    hyphens: bool


TWO = Version(
    "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "http://www.imsglobal.org/xsd/imscp_v1p1",
    "QTIv2.1 Package",
    "1.0.0",
    "imsqti_item_xmlv2p1",
    False,
)
THREE = Version(
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    "QTI Package",
    "3.0.0",
    "imsqti_item_xmlv3p0",
    True,
)


def qti21(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive of QTI 2.1."""
    return _package(bank, questions(bank, variants, names), TWO)


def qti3(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive of QTI 3.0."""
    return _package(bank, questions(bank, variants, names), THREE)


def _package(bank: Bank, made: Sequence[Question], version: Version) -> bytes:
    files = {f"items/{question.ident}.xml": xml_file(_item(question, version)) for question in made}
    return zipped({"imsmanifest.xml": xml_file(_manifest(bank, made, version)), **files})


def _manifest(bank: Bank, made: Sequence[Question], version: Version) -> ET.Element:
    metadata = element(
        "metadata", "", element("schema", version.schema), element("schemaversion", version.number)
    )
    hrefs = {question.ident: f"items/{question.ident}.xml" for question in made}
    resources = [
        element(
            "resource",
            "",
            element("file", href=href),
            identifier=ident,
            type=version.resource,
            href=href,
        )
        for ident, href in hrefs.items()
    ]
    return element(
        "manifest",
        "",
        metadata,
        element("organizations"),
        element("resources", "", *resources),
        xmlns=version.manifest,
        identifier=f"m-{bank.digest[:16]}",
    )


def _item(question: Question, version: Version) -> ET.Element:
    numbered = [(f"R{k}", part) for k, part in enumerate(question.parts, start=1)]
    total = sum(question.points, Decimal(0))
    conditions = (
        _condition(*row, points) for row, points in zip(numbered, question.points, strict=True)
    )
    mistakes = chain.from_iterable(_keyed(name, part) for name, part in numbered)
    item = element(
        "assessmentItem",
        "",
        *(_declaration(name, part) for name, part in numbered),
        _outcome("SCORE", "single", "float", "0"),
        _outcome("MAXSCORE", "single", "float", decimal(total)),
        _outcome("FEEDBACK", "multiple", "identifier", NO_MISTAKE),
        _body(question, numbered),
        element("responseProcessing", "", *conditions, _all_of_it(total)),
        *(_shown(key, wrong, version) for key, wrong in mistakes),
        xmlns=version.items,
        identifier=question.ident,
        title=question.name,
        adaptive="false",
        timeDependent="false",
    )
    for math in item.iter("math"):
        math.set("xmlns", OF_MATHML)
    return _hyphenated(item) if version.hyphens else item


def _declaration(name: str, part: QuizPart) -> ET.Element:
    correct = element("correctResponse", "", element("value", decimal(part.value)))
    return element(
        "responseDeclaration", "", correct, identifier=name, cardinality="single", baseType="float"
    )


def _outcome(name: str, cardinality: str, kind: str, value: str) -> ET.Element:
    default = element("defaultValue", "", element("value", value))
    return element(
        "outcomeDeclaration", "", default, identifier=name, cardinality=cardinality, baseType=kind
    )


def _body(question: Question, numbered: Sequence[tuple[str, QuizPart]]) -> ET.Element:
    body, role = element("itemBody", "", element_of(question.html)), ""
    for name, part in numbered:
        if part.role != role:
            role = part.role
            body.append(element("h4", question.heading(role)))
        math = element_of(part.math)
        math.tail = " = "
        body.append(
            element(
                "p",
                "",
                math,
                element("textEntryInteraction", responseIdentifier=name, expectedLength="15"),
            )
        )
    return body


def _keyed(name: str, part: QuizPart) -> Iterator[tuple[str, WrongAnswer]]:
    return ((f"{name}-M{k}", wrong) for k, wrong in enumerate(part.wrong, start=1))


def _condition(name: str, part: QuizPart, points: Decimal) -> ET.Element:
    """Marks for what is accepted; else, for each mistake, its credit and its feedback."""
    rows = [element("responseIf", "", _between(name, part.least, part.most), _earned(points))]
    for key, wrong in _keyed(name, part):
        told = element("multiple", "", _variable("FEEDBACK"), _constant("identifier", key))
        given = element("setOutcomeValue", "", told, identifier="FEEDBACK")
        earned = [_earned((points * Decimal(wrong.credit)).quantize(POINT))] if wrong.credit else []
        ends = wrong.value - wrong.tolerance, wrong.value + wrong.tolerance
        rows.append(element("responseElseIf", "", _between(name, *ends), *earned, given))
    return element("responseCondition", "", *rows)


def _between(name: str, low: Decimal, high: Decimal) -> ET.Element:
    ends = {"gte": low, "lte": high}
    return element(
        "and", "", *(element(test, "", _variable(name), _number(end)) for test, end in ends.items())
    )


def _earned(points: Decimal) -> ET.Element:
    return element(
        "setOutcomeValue",
        "",
        element("sum", "", _variable("SCORE"), _number(points)),
        identifier="SCORE",
    )


def _all_of_it(total: Decimal) -> ET.Element:
    """The maximum itself for a sum that differs from it by what binary numbers lose."""
    reached = element("gt", "", _variable("SCORE"), _number(total - POINT / 2))
    exact = element("setOutcomeValue", "", _variable("MAXSCORE"), identifier="SCORE")
    return element("responseCondition", "", element("responseIf", "", reached, exact))


def _variable(name: str) -> ET.Element:
    return element("variable", identifier=name)


def _number(value: Decimal) -> ET.Element:
    return _constant("float", decimal(value))


def _constant(kind: str, value: str) -> ET.Element:
    return element("baseValue", value, baseType=kind)


def _shown(key: str, wrong: WrongAnswer, version: Version) -> ET.Element:
    text = element("p", wrong.says)
    content = element("contentBody", "", text) if version.hyphens else text
    return element(
        "modalFeedback", "", content, outcomeIdentifier="FEEDBACK", showHide="show", identifier=key
    )


PLAIN_WORDS = frozenset({"div", "p", "h2", "h3", "h4", "strong", "math"})
"""Elements of HTML, and of MathML with all that is in it: spelt alike in both versions."""


def _hyphenated(made: ET.Element) -> ET.Element:
    """An item of QTI 2.1 in the spelling of QTI 3.0."""
    if made.tag == "math":
        return made
    plain = made.tag in PLAIN_WORDS
    attributes = (
        made.attrib if plain else {_hyphens(key): value for key, value in made.attrib.items()}
    )
    copy = ET.Element(made.tag if plain else f"qti-{_hyphens(made.tag)}", attributes)
    copy.text, copy.tail = made.text, made.tail
    copy.extend(map(_hyphenated, made))
    return copy


def _hyphens(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word).lower()
