"""Canvas: a QTI 1.2 package with a quiz for each variant, in it the problem and a numerical
question for each box.

What is accepted is a range with both ends. Canvas rounds what a student types to four decimals, so
a range with other ends would mark right answers wrong; such boxes are refused, all at once. Canvas
has no place for named mistakes. A text of more than 16,384 characters is thrown away when it is
imported, so a long problem is several texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, count, starmap
from typing import TYPE_CHECKING

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.quiz.questions import Question, QuizPart, decimal, one_in_place, questions
from rnnquiz.exports.quiz.xml import element, element_of, serialised, xml_file
from rnnquiz.files.packing import zipped
from rnnquiz.problems import Problems

if TYPE_CHECKING:
    from rnnquiz.exports.quiz.xml import Element

DECIMALS = 4  # that Canvas keeps of what is typed
LONGEST_TEXT_OF_CANVAS = 16_000  # characters of a text: Canvas takes 16,384
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
META = "http://canvas.instructure.com/xsd/cccv1p0"
MANIFEST = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
QUIZ_TYPE, META_TYPE = (
    "imsqti_xmlv1p2",
    "associatedcontent/imscc_xmlv1p1/learning-application-resource",
)
FEWER_DECIMALS = (
    f"ask for at most {DECIMALS} decimals instead of significant figures, take fewer steps, or"
    " ranges that give larger numbers"
)


def canvas(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive; CourseError, naming every box, where four decimals cannot say what is
    accepted.
    """
    made = questions(bank, variants, names)
    problems = Problems(CourseError, bank.source)
    for question in made:
        problems.extend(_unsayable(question))
        problems.extend(_too_long(question))
    problems.raise_if_any()
    # Packages that Canvas makes have the folder; in ours it stays empty.
    files = {"imsmanifest.xml": xml_file(_manifest(bank, made)), "non_cc_assessments/": b""}
    for question in made:
        ident = question.ident
        files[f"{ident}/{ident}.xml"] = xml_file(_quiz(question))
        files[f"{ident}/assessment_meta.xml"] = xml_file(_meta(question))
    return zipped(files)


_LEAST = one_in_place(-DECIMALS)  # what Canvas tells from 0


def _unsayable(question: Question) -> Iterator[Problem]:
    for part in question.parts:
        # Between ends of so few decimals no right answer is rounded out of the range.
        if all(end == round(end, DECIMALS) for end in _ends(part)):
            continue
        fate = f"rounds to {DECIMALS} decimals"
        if min(abs(part.low), abs(part.high)) < _LEAST:
            fate = "takes so small a number for 0"
        found = f"accepted is {part.low:f} to {part.high:f}, but Canvas {fate}"
        yield Problem(f"{question.name}, box {part.box}", found, FEWER_DECIMALS)


def _ends(part: QuizPart) -> tuple[Decimal, Decimal]:
    """From where to where Canvas is to accept: with the digits that it rounds away on its own, only
    numbers with those asked.
    """
    if part.unit <= _LEAST:
        return part.low, part.high
    return part.least, part.most


def _too_long(question: Question) -> Iterator[Problem]:
    for text in _texts(question.html):
        if len(text) > LONGEST_TEXT_OF_CANVAS:
            remedy = "take fewer steps or smaller sizes, or shorten the text of the bank"
            yield Problem(
                question.name,
                f"one paragraph has {len(text)} characters, Canvas takes 16,384",
                remedy,
            )


def _texts(html: str) -> list[str]:
    """The problem in as few texts as possible, parted between its blocks."""
    texts: list[str] = []
    for block in map(serialised, element_of(html)):
        if texts and len(texts[-1]) + len(block) <= LONGEST_TEXT_OF_CANVAS:
            texts[-1] += block
        else:
            texts.append(block)
    return texts


def _manifest(bank: Bank, made: Sequence[Question]) -> Element:
    schema = element("schema", "IMS Content"), element("schemaversion", "1.1.3")
    resources = chain.from_iterable(map(_resources, made))
    parts = element("organizations"), element("resources", "", *resources)
    ident = f"m-{bank.digest[:16]}"
    metadata = element("metadata", "", *schema)
    return element("manifest", "", metadata, *parts, xmlns=MANIFEST, identifier=ident)


def _resources(question: Question) -> tuple[Element, Element]:
    ident, meta = question.ident, f"{question.ident}-meta"
    href = f"{ident}/assessment_meta.xml"
    quiz = element("file", href=f"{ident}/{ident}.xml"), element("dependency", identifierref=meta)
    described = element("file", href=href)
    return (
        element("resource", "", *quiz, identifier=ident, type=QUIZ_TYPE),
        element("resource", "", described, identifier=meta, type=META_TYPE, href=href),
    )


def _meta(question: Question) -> Element:
    total = sum(question.points, Decimal(0))
    settings = {
        "title": question.name,
        "description": "",
        "shuffle_answers": "false",
        "scoring_policy": "keep_highest",
        "quiz_type": "assignment",
        "points_possible": decimal(total),
        "allowed_attempts": "1",
        "one_question_at_a_time": "false",
        "available": "false",
    }
    entries = starmap(element, settings.items())
    return element("quiz", "", *entries, xmlns=META, identifier=question.ident)


def _quiz(question: Question) -> Element:
    items: list[Element] = []
    # One count for texts and boxes: no two items of a package may have one identifier.
    number = count()
    for text in _texts(question.html):
        items.append(_problem(question, text, next(number)))
    for part, points in zip(question.parts, question.points, strict=True):
        items.append(_item(question, part, points, next(number)))
    section = element("section", "", *items, ident="root_section")
    attempts = element("qtimetadata", "", *_fields({"cc_maxattempts": "1"}))
    named = {"ident": question.ident, "title": question.name}
    assessment = element("assessment", "", attempts, section, **named)
    return element("questestinterop", "", assessment, xmlns=QTI)


def _fields(values: dict[str, str]) -> Iterator[Element]:
    for label, entry in values.items():
        pair = element("fieldlabel", label), element("fieldentry", entry)
        yield element("qtimetadatafield", "", *pair)


def _metadata(kind: str, marks: str, ident: str) -> Element:
    # By these fields Canvas knows the kind of an item.
    fields = _fields({
        "question_type": kind, "points_possible": marks, "original_answer_ids": "",
        "assessment_question_identifierref": f"{ident}-question",
    })  # fmt: skip
    return element("itemmetadata", "", element("qtimetadata", "", *fields))


def _material(html: str) -> Element:
    return element("material", "", element("mattext", html, texttype="text/html"))


def _problem(question: Question, text: str, number: int) -> Element:
    ident = f"{question.ident}-{number}"
    shown = element("presentation", "", _material(f"<div>{text}</div>"))
    return element(
        "item",
        "",
        _metadata("text_only_question", "0", ident),
        shown,
        ident=ident,
        title=question.name,
    )


def _item(question: Question, part: QuizPart, points: Decimal, number: int) -> Element:
    ident = f"{question.ident}-{number}"
    blank = element("render_fib", "", element("response_label", ident="answer1"), fibtype="Decimal")
    response = element("response_str", "", blank, ident="response1", rcardinality="Single")
    shown = element(
        "presentation", "", _material(f"<p>{part.math} = ?</p><p>{question.rule}</p>"), response
    )
    metadata = _metadata("numerical_question", decimal(points), ident)
    return element("item", "", metadata, shown, _processing(part), ident=ident, title=part.plain)


def _processing(part: QuizPart) -> Element:
    outcome = element("decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    low, high = map(decimal, _ends(part))
    above = element("vargte", low, respident="response1")
    below = element("varlte", high, respident="response1")
    condition = element("conditionvar", "", above, below)
    score = element("setvar", "100", action="Set", varname="SCORE")
    # `continue` is a word of Python, and cannot be written as a name of an argument.
    accepted = element("respcondition", "", condition, score, **{"continue": "No"})
    return element("resprocessing", "", element("outcomes", "", outcome), accepted)
