"""QTI 2.1 and 3.0: a package with an item for each variant, in it a text entry for each box.

An answer is compared with both ends of what is accepted: there are players that ignore tolerances.
The points of the boxes are added up as binary numbers, so the sum of all is set to the maximum
where it is within half a thousandth. FEEDBACK has a value before anything is answered, as there
are players that cannot add to none. The items are built in the words of QTI 2.1; QTI 3.0 has the
same words in another spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

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
from rnnquiz.files.packing import zipped

if TYPE_CHECKING:
    from rnnquiz.exports.quiz.xml import Element

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
    files = {"imsmanifest.xml": xml_file(_manifest(bank, made, version))}
    for question in made:
        files[f"items/{question.ident}.xml"] = xml_file(_item(question, version))
    return zipped(files)


def _manifest(bank: Bank, made: Sequence[Question], version: Version) -> Element:
    schema, number = element("schema", version.schema), element("schemaversion", version.number)
    metadata = element("metadata", "", schema, number)
    resources = [_resource(question.ident, version) for question in made]
    # The schema of a package wants the organisation of its content, although there is none.
    parts = metadata, element("organizations"), element("resources", "", *resources)
    # An identifier must not begin with a digit.
    ident = f"m-{bank.digest[:16]}"
    return element("manifest", "", *parts, xmlns=version.manifest, identifier=ident)


def _resource(ident: str, version: Version) -> Element:
    href = f"items/{ident}.xml"
    file = element("file", href=href)
    return element("resource", "", file, identifier=ident, type=version.resource, href=href)


def _item(question: Question, version: Version) -> Element:
    numbered = [(f"R{k}", part) for k, part in enumerate(question.parts, start=1)]
    declarations = _declarations(question, numbered)
    # The schema wants this order, and the feedback last.
    item = element(
        "assessmentItem",
        "",
        *declarations,
        _body(question, numbered),
        _processing(question, numbered),
        xmlns=version.items,
        identifier=question.ident,
        title=question.name,
        adaptive="false",
        timeDependent="false",
    )
    for name, part in numbered:
        item.extend(_shown(key, wrong, version) for key, wrong in _keyed(name, part))
    # Each formula says its own namespace: a prefix is not read by all players.
    for math in item.iter("math"):
        math.set("xmlns", OF_MATHML)
    if version.hyphens:
        return _hyphenated(item)
    return item


def _declarations(
    question: Question, numbered: Sequence[tuple[str, QuizPart]]
) -> Iterator[Element]:
    """What a player keeps: the answers, the score and the mistakes that were made."""
    for name, part in numbered:
        yield _declaration(name, part)
    yield _outcome("SCORE", "single", "float", "0")
    maximum = decimal(_total(question))
    yield _outcome("MAXSCORE", "single", "float", maximum)
    # Not empty: there are players that cannot add to none.
    yield _outcome("FEEDBACK", "multiple", "identifier", NO_MISTAKE)


def _total(question: Question) -> Decimal:
    return sum(question.points, Decimal(0))


def _processing(question: Question, numbered: Sequence[tuple[str, QuizPart]]) -> Element:
    conditions = []
    for (name, part), points in zip(numbered, question.points, strict=True):
        conditions.append(_condition(name, part, points))
    at_last = _all_of_it(_total(question))
    return element("responseProcessing", "", *conditions, at_last)


def _declaration(name: str, part: QuizPart) -> Element:
    value = element("value", decimal(part.value))
    correct = element("correctResponse", "", value)
    return element(
        "responseDeclaration", "", correct, identifier=name, cardinality="single", baseType="float"
    )


def _outcome(name: str, cardinality: str, kind: str, value: str) -> Element:
    default = element("defaultValue", "", element("value", value))
    return element(
        "outcomeDeclaration", "", default, identifier=name, cardinality=cardinality, baseType=kind
    )


def _body(question: Question, numbered: Sequence[tuple[str, QuizPart]]) -> Element:
    body, role = element("itemBody", "", element_of(question.html)), ""
    for name, part in numbered:
        if part.role != role:
            role = part.role
            body.append(element("h4", question.heading(role)))
        math = element_of(part.math)
        math.tail = " = "
        # The same for all boxes: the width must not tell how long the answer is.
        box = element("textEntryInteraction", responseIdentifier=name, expectedLength="15")
        body.append(element("p", "", math, box))
    return body


def _keyed(name: str, part: QuizPart) -> Iterator[tuple[str, WrongAnswer]]:
    for k, wrong in enumerate(part.wrong, start=1):
        yield f"{name}-M{k}", wrong


def _condition(name: str, part: QuizPart, points: Decimal) -> Element:
    """Marks for what is accepted; else, for each mistake, its credit and its feedback."""
    right = _between(name, part.least, part.most)
    rows = [element("responseIf", "", right, _earned(points))]
    for key, wrong in _keyed(name, part):
        told = element("multiple", "", _variable("FEEDBACK"), _constant("identifier", key))
        outcomes = [element("setOutcomeValue", "", told, identifier="FEEDBACK")]
        if wrong.credit:
            # A player may keep three decimals of a score at every step.
            share = points * Decimal(wrong.credit)
            earned = _earned(share.quantize(POINT))
            outcomes.insert(0, earned)
        low, high = wrong.value - wrong.tolerance, wrong.value + wrong.tolerance
        mistaken = _between(name, low, high)
        rows.append(element("responseElseIf", "", mistaken, *outcomes))
    return element("responseCondition", "", *rows)


def _between(name: str, low: Decimal, high: Decimal) -> Element:
    # Two comparisons: there are players that ignore the tolerance of an equation.
    above = element("gte", "", _variable(name), _number(low))
    below = element("lte", "", _variable(name), _number(high))
    return element("and", "", above, below)


def _earned(points: Decimal) -> Element:
    total = element("sum", "", _variable("SCORE"), _number(points))
    return element("setOutcomeValue", "", total, identifier="SCORE")


def _all_of_it(total: Decimal) -> Element:
    """The maximum itself for a sum that differs from it by what binary numbers lose."""
    below = total - POINT / 2
    almost = _number(below)
    reached = element("gt", "", _variable("SCORE"), almost)
    exact = element("setOutcomeValue", "", _variable("MAXSCORE"), identifier="SCORE")
    return element("responseCondition", "", element("responseIf", "", reached, exact))


def _variable(name: str) -> Element:
    return element("variable", identifier=name)


def _number(value: Decimal) -> Element:
    return _constant("float", decimal(value))


def _constant(kind: str, value: str) -> Element:
    return element("baseValue", value, baseType=kind)


def _shown(key: str, wrong: WrongAnswer, version: Version) -> Element:
    content = element("p", wrong.says)
    # QTI 3.0 wants the content of a feedback in an element of its own.
    if version.hyphens:
        content = element("contentBody", "", content)
    return element(
        "modalFeedback", "", content, outcomeIdentifier="FEEDBACK", showHide="show", identifier=key
    )


PLAIN_WORDS = frozenset({"div", "p", "h2", "h3", "h4", "strong", "math"})
"""Elements of HTML, and of MathML with all that is in it: spelt alike in both versions."""


def _hyphenated(made: Element) -> Element:
    """An item of QTI 2.1 in the spelling of QTI 3.0."""
    if made.tag == "math":
        return made
    tag, attributes = made.tag, {str(name): str(value) for name, value in made.items()}
    if tag not in PLAIN_WORDS:
        tag = f"qti-{_hyphens(tag)}"
        attributes = {_hyphens(name): value for name, value in attributes.items()}
    copy = element(tag, **attributes)
    copy.text, copy.tail = made.text, made.tail
    copy.extend(map(_hyphenated, made))
    return copy


def _hyphens(word: str) -> str:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word)
    return parted.lower()
