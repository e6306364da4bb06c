"""The sheet of one student from a mapping, as YAML and JSON submissions are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnquiz.errors import SubmissionError
from rnnquiz.people import headings
from rnnquiz.submissions.sheets import MOST_ANSWERS, Sheet, checked, sheet_for
from rnnquiz.text import visible


def sheet_of_mapping(source: str, data: Any, name: str) -> Sheet:
    """A sheet from the mapping that YAML and JSON submissions are."""
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        remedy = "write  student: ...  and  answers:  as in the template"
        raise SubmissionError.at(source, "the file", "has no answers", remedy)
    unknown = set(data) - KEYS
    if unknown:
        key = repr(min(map(str, unknown)))
        remedy = "use the keys of the template"
        raise SubmissionError.at(source, key[:80], "is not a key of a submission", remedy)
    texts = _answers(source, data["answers"])
    who = [_seen(data, key) for key in ("student", "name")]
    words = headings.words_in_row(("student", "name"), who)
    sheet = sheet_for(source, words, name)
    return checked(replace(sheet, token=_seen(data, "token"), answers=texts))


def _seen(data: dict[Any, Any], key: str) -> str:
    """The text under a key; nothing for what is blank, or not there."""
    text = as_typed(data.get(key) or None)
    return visible(text)


KEYS = frozenset(["student", "name", "token", "answers", "course", "assignment"])


def _answers(source: str, answers: dict[Any, Any]) -> dict[str, str]:
    """The texts of the boxes, one number each."""
    if len(answers) > MOST_ANSWERS:
        raise SubmissionError.at(source, "answers", f"more than {MOST_ANSWERS}", "one sheet a file")
    texts = {}
    for box, value in answers.items():
        if isinstance(value, dict | list):
            remedy = "write one number for each box"
            raise SubmissionError.at(source, f"answers.{box}", "is not a single number", remedy)
        texts[str(box)] = as_typed(value)
    return texts


def as_typed(value: Any) -> str:
    """The value as it was typed; nothing for none."""
    if value is None:
        return ""
    return str(value)
