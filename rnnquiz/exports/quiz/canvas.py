"""Canvas: a QTI 1.2 package with a quiz for each variant, in it the problem and a numerical question for each box.

What is accepted is a range with both ends. Canvas rounds what a student types to four decimals, so a range with other
ends would mark right answers wrong; such boxes are refused, all at once. Canvas has no place for named mistakes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.quiz.packages import document, zipped
from rnnquiz.exports.quiz.problem import element
from rnnquiz.exports.quiz.questions import Part, Question, decimal, points, questions

DECIMALS = 4  # that Canvas keeps of what is typed
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
META = "http://canvas.instructure.com/xsd/cccv1p0"
MANIFEST = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
QUIZ_TYPE, META_TYPE = "imsqti_xmlv1p2", "associatedcontent/imscc_xmlv1p1/learning-application-resource"
REMEDY = f"ask for at most {DECIMALS} decimals instead of significant figures, take fewer steps, or ranges that give larger numbers"


def canvas(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive; CourseError, naming every box, where four decimals cannot say what is accepted."""
    made = questions(bank, variants, names)
    problems = [p for question in made for p in _unsayable(question)]
    if problems:
        raise CourseError(bank.source, problems)
    files = {"imsmanifest.xml": document(_manifest(bank, made)), "non_cc_assessments/": b""}
    for question in made:
        files[f"{question.ident}/{question.ident}.xml"] = document(_quiz(question))
        files[f"{question.ident}/assessment_meta.xml"] = document(_meta(question))
    return zipped(files)


def _unsayable(question: Question) -> Iterator[Problem]:
    for part in question.parts:
        if any(end != round(end, DECIMALS) for end in (part.low, part.high)):
            small = min(abs(part.low), abs(part.high)) < Decimal(1).scaleb(-DECIMALS)
            fate = "takes so small a number for 0" if small else f"rounds to {DECIMALS} decimals"
            found = f"accepted is {part.low:f} to {part.high:f}, but Canvas {fate}"
            yield Problem(f"{question.name}, box {part.box}", found, REMEDY)


def _manifest(bank: Bank, made: Sequence[Question]) -> ET.Element:
    metadata = element("metadata", "", element("schema", "IMS Content"), element("schemaversion", "1.1.3"))
    resources = [resource for question in made for resource in _resources(question)]
    parts = metadata, element("organizations"), element("resources", "", *resources)
    return element("manifest", "", *parts, xmlns=MANIFEST, identifier=f"m-{bank.digest[:16]}")


def _resources(question: Question) -> tuple[ET.Element, ET.Element]:
    ident, meta = question.ident, f"{question.ident}-meta"
    quiz = element("file", href=f"{ident}/{ident}.xml")
    described = element("file", href=f"{ident}/assessment_meta.xml")
    return (
        element("resource", "", quiz, element("dependency", identifierref=meta), identifier=ident, type=QUIZ_TYPE),
        element("resource", "", described, identifier=meta, type=META_TYPE, href=f"{ident}/assessment_meta.xml"),
    )


def _meta(question: Question) -> ET.Element:
    total = points(sum(float(points(part.marks)) for part in question.parts))
    settings = {
        "title": question.name, "description": "", "shuffle_answers": "false", "scoring_policy": "keep_highest", "quiz_type": "assignment",
        "points_possible": total, "allowed_attempts": "1", "one_question_at_a_time": "false", "available": "false",
    }  # fmt: skip
    return element("quiz", "", *(element(key, value) for key, value in settings.items()), xmlns=META, identifier=question.ident)


def _quiz(question: Question) -> ET.Element:
    items = [_problem(question), *(_item(question, part, k) for k, part in enumerate(question.parts, start=1))]
    section = element("section", "", *items, ident="root_section")
    attempts = _fields({"cc_maxattempts": "1"})
    assessment = element("assessment", "", element("qtimetadata", "", *attempts), section, ident=question.ident, title=question.name)
    return element("questestinterop", "", assessment, xmlns=QTI)


def _fields(values: dict[str, str]) -> list[ET.Element]:
    return [
        element("qtimetadatafield", "", element("fieldlabel", label), element("fieldentry", entry)) for label, entry in values.items()
    ]


def _metadata(kind: str, marks: str, ident: str) -> ET.Element:
    fields = _fields({
        "question_type": kind, "points_possible": marks, "original_answer_ids": "",
        "assessment_question_identifierref": f"{ident}-question",
    })  # fmt: skip
    return element("itemmetadata", "", element("qtimetadata", "", *fields))


def _material(html: str) -> ET.Element:
    return element("material", "", element("mattext", html, texttype="text/html"))


def _problem(question: Question) -> ET.Element:
    ident = f"{question.ident}-0"
    shown = element("presentation", "", _material(question.html))
    return element("item", "", _metadata("text_only_question", "0", ident), shown, ident=ident, title=question.name)


def _item(question: Question, part: Part, number: int) -> ET.Element:
    ident = f"{question.ident}-{number}"
    blank = element("render_fib", "", element("response_label", ident="answer1"), fibtype="Decimal")
    response = element("response_str", "", blank, ident="response1", rcardinality="Single")
    shown = element("presentation", "", _material(f"<p>{part.math} = ?</p>"), response)
    metadata = _metadata("numerical_question", points(part.marks), ident)
    return element("item", "", metadata, shown, _processing(part), ident=ident, title=part.plain)


def _processing(part: Part) -> ET.Element:
    outcome = element("decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    ends = {"vargte": part.low, "varlte": part.high}
    condition = element("conditionvar", "", *(element(test, decimal(end), respident="response1") for test, end in ends.items()))
    score = element("setvar", "100", action="Set", varname="SCORE")
    accepted = element("respcondition", "", condition, score, **{"continue": "No"})
    return element("resprocessing", "", element("outcomes", "", outcome), accepted)
