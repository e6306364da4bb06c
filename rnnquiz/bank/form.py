"""The keys of a bank held against its form; what is wrong is said in our own words, once, with what
would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from itertools import filterfalse
from typing import Any

from pydantic import BaseModel, ValidationError

from rnnquiz.bank.schema import BankText
from rnnquiz.errors import Problem
from rnnquiz.problems import Problems, dotted
from rnnquiz.text import nearest, shortened

FOLLOWED_BY_OTHERS = frozenset({"model", "steps", "style", "task", "givens", "notation", "letters"})
"""What hangs on these keys cannot be judged where they are wrong."""

KindAndDetail = Callable[[str, Mapping[str, Any]], tuple[str, str]]

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_NO_ID = ("is no id", "write letters, digits, and . _ - after the first of them, as in bptt-scalar")
_NO_SIZE = ("is no name of a size", "write it in small letters: input, hidden, output")


def _outside(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    # pydantic gives one bound: that which is crossed.
    bound = next(filter(context.__contains__, _BOUNDS))
    return f"{shown} is out of range", f"write a number of {_BOUNDS[bound]} {context[bound]}"


def _choice(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    # pydantic has the choices in a sentence alone: 'sum', 'mean' or 'last'.
    expected = str(context["expected"])
    known = list(filter(None, re.findall(r"'([^']*)'", expected)))
    return f"{shown} is not known here", nearest(shown.strip("'"), known)


def _too_long(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    most = context["max_length"]
    return f"{shown} has too many entries", f"write at most {most}"


def _other(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"{shown} does not fit here", "see  rnnquiz help bank"


_NO_KEYS = ("has no keys", "write  key: value  below it, or {key: value}")
_PLAIN = {
    "int_parsing": ("is no whole number", "write one like 3"),
    "float_parsing": ("is no number", "write one like 0.5"),
    "bool_parsing": ("is neither yes nor no", "write true or false"),
    "list_type": ("is no list", "write one like [forward, loss]"),
    "dict_type": _NO_KEYS,
    "model_type": _NO_KEYS,
    "string_type": ("is no text", "write a text"),
    "too_short": ("has no entry", "write at least one"),
    "value_error": ("is empty", "write something"),
}
"""By pydantic's name of an error: what is said of what was found there, and what would do."""

_WORDS: dict[str, KindAndDetail] = {
    "literal_error": _choice,
    "greater_than_equal": _outside,
    "greater_than": _outside,
    "less_than_equal": _outside,
    "less_than": _outside,
    "too_long": _too_long,
}
"""The same, where the error says more."""


def validated(data: dict[str, Any], problems: Problems) -> BankText:
    """The bank's keys; those that are wrong have their defaults, where nothing hangs on them.
    BankError at once where something wrong would make other things look wrong.
    """
    try:
        return BankText.model_validate(data)
    except ValidationError as error:
        items = error.errors(include_url=False)
    problems.extend(problem_at(item, data, problems) for item in items)
    places = (item["loc"] for item in items)
    wrong = {str(key) for key, *_ in places}
    if any(map(_is_followed, wrong)):
        raise problems.error()
    # What must be given has no default of its own.
    usable: dict[str, Any] = {"title": "?", "id": "unknown"}
    for key, value in data.items():
        if key not in wrong:
            usable[key] = value
    return BankText.model_validate(usable)


def _is_followed(key: str) -> bool:
    """True for a key on which others hang, also where it is misspelt."""
    # An exact key is the closest match of all.
    return bool(get_close_matches(key, FOLLOWED_BY_OTHERS))


def problem_at(
    item: Any, data: Any, problems: Problems, form: type[BaseModel] = BankText, what: str = "a bank"
) -> Problem:
    """A pydantic error as one of ours; `form` is that of the file, and `what` it is in words."""
    path = tuple(filter(_is_of_the_file, item["loc"]))
    *above, last = path
    kind = item["type"]
    if kind == "extra_forbidden":
        return problems.problem(path, *_unknown_key(data, path, form, what))
    if kind == "missing":
        # What is not there has no line: that of the mapping in which it should be.
        line = problems.line(tuple(above))
        return Problem(dotted(path), "is missing", f"add  {last}: ...", line)
    shown = _shown(item["input"])
    if kind == "string_pattern_mismatch":
        found, remedy = _NO_ID if last == "id" else _NO_SIZE
        return problems.problem(path, f"{shown} {found}", remedy)
    if kind in _PLAIN:
        found, remedy = _PLAIN[kind]
        return problems.problem(path, f"{shown} {found}", remedy)
    found, remedy = _WORDS.get(kind, _other)(shown, item.get("ctx", {}))
    return problems.problem(path, found, remedy)


def _is_of_the_file(part: str | int) -> bool:
    # So pydantic marks that it is the key of a mapping which is wrong, not what stands under it.
    return part != "[key]"


def _unknown_key(
    data: Any, path: tuple[Any, ...], form: type[BaseModel], what: str
) -> tuple[str, str]:
    """What is said of a key that is none, and which of those not yet used may have been meant."""
    above, key = path[:-1], str(path[-1])
    fields, used = fields_at(above, form), _inside(data, above)
    free = list(filterfalse(used.__contains__, fields))
    where = dotted(above) or what
    return f"is not a key of {where}", nearest(key, free or fields)


def _shown(value: Any) -> str:
    """What was found, in a few words."""
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, list):
        return "a list"
    return "a mapping"


def _inside(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        data = data[part]
    if isinstance(data, dict):
        return data
    return {}


def fields_at(path: tuple[Any, ...], form: type[BaseModel] = BankText) -> list[str]:
    """The keys that are known at a place of a bank, or of another form."""
    model: Any = form
    for part in path:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            model = _by_key(model)[part].annotation
            if not hasattr(model, "model_fields"):
                model = model.__args__[-1]  # what a list or a mapping holds
    return list(_by_key(model))


def _by_key(model: Any) -> dict[str, Any]:
    """The fields of a part of a bank, by their keys in the file."""
    # A name of Python has no hyphen, as in follow-through-cap.
    fields = model.model_fields
    return {field.alias or name: field for name, field in fields.items()}
