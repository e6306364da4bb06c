"""PrairieLearn: one question whose variants are those of the class; its own server code marks by
the accepted ends.

The comparisons of pl-number-input have fixed tolerances, so `prairielearn_server` does the marking.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.exports.quiz.questions import Question, QuizPart, WrongAnswer, decimal, questions
from rnnquiz.files.packing import zipped

# Without `blank-value` PrairieLearn turns an empty box into 0, and its placeholder would say in
# each box that a number within one per cent is right.
HTML = """<pl-question-panel>
{{{params.problem}}}
</pl-question-panel>
{{#params.boxes}}
<p>{{#heading}}<strong>{{heading}}</strong><br>{{/heading}}
{{{math}}} = <pl-number-input answers-name="{{name}}" allow-blank="true" blank-value="" \
allow-fractions="false" display="inline" show-help-text="false" show-placeholder="false" \
custom-format=".12g"></pl-number-input></p>
{{/params.boxes}}
<pl-submission-panel>
{{#feedback.mistakes}}<p>{{box}}: {{says}}</p>{{/feedback.mistakes}}
</pl-submission-panel>
"""


def prairielearn(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The zip archive of a question folder."""
    made = map(_variant, questions(bank, variants, names))
    data = _json(list(made))
    server = files("rnnquiz.exports.quiz") / "prairielearn_server.py"
    info = _json(_info(bank, data))
    contents = {
        "info.json": info,
        "question.html": HTML.encode(),
        "server.py": server.read_bytes(),
        "variants.json": data,
    }
    folder = _folder(bank)
    contained = {f"{folder}/{name}": content for name, content in contents.items()}
    return zipped(contained)


def _folder(bank: Bank) -> str:
    # A question is known by the name of its folder.
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", bank.written.id)
    return f"questions/{safe.strip('_') or 'exercise'}"


def _info(bank: Bank, data: bytes) -> dict[str, Any]:
    # The same question has the same id each time, and a changed one has another.
    ident = uuid.uuid5(uuid.NAMESPACE_URL, f"rnnquiz:{bank.digest}:{data.decode()}")
    return {
        "uuid": str(ident),
        "title": bank.written.title,
        "topic": bank.written.course or "Recurrent networks",
        "tags": ["rnnquiz"],
        "type": "v3",
    }


def _json(data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _variant(question: Question) -> dict[str, Any]:
    boxes, before = [], ""
    for k, part in enumerate(question.parts, start=1):
        heading = ""
        if part.role != before:
            heading = question.heading(part.role)
        boxes.append(_box(f"box{k}", part, heading))
        before = part.role
    return {"name": question.name, "problem": question.html, "boxes": boxes}


def _box(name: str, part: QuizPart, heading: str) -> dict[str, Any]:
    # Texts: readers of JSON make binary numbers, and an end such as 0.3085 is none.
    low, high = decimal(part.least), decimal(part.most)
    mistakes = list(map(_mistake, part.wrong))
    return {
        "name": name,
        "box": part.plain,
        "heading": heading,
        "math": part.math,
        "weight": round(part.marks, 6),
        "value": decimal(part.value),
        "low": low,
        "high": high,
        "mistakes": mistakes,
    }


def _mistake(wrong: WrongAnswer) -> dict[str, Any]:
    low, high = wrong.value - wrong.tolerance, wrong.value + wrong.tolerance
    return {"low": decimal(low), "high": decimal(high), "credit": wrong.credit, "says": wrong.says}
