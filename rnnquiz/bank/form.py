"""The keys of a bank held against its form; what is wrong is said in our own words, once, with what
would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from rnnquiz.bank.network import Lines, line_of
from rnnquiz.bank.schema import BankText
from rnnquiz.errors import BankError, Problem
from rnnquiz.text import nearest, shortened

FOLLOWED = frozenset({"model", "steps", "style", "task", "givens", "notation", "letters"})
"""What hangs on these keys cannot be judged where they are wrong."""

Words = Callable[[str, Mapping[str, Any]], tuple[str, str]]

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_PATTERNS = {
    "id": (
        "is no id",
        "write letters, digits, and . _ - after the first of them, as in bptt-scalar",
    ),
    "sizes": ("is no name of a size", "write it in small letters: input, hidden, output"),
}


def _outside(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    bound = next(key for key in _BOUNDS if key in context)
    return f"{shown} is out of range", f"write a number of {_BOUNDS[bound]} {context[bound]}"


def _choice(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    known = [word for word in re.findall(r"'([^']*)'", str(context["expected"])) if word]
    return f"{shown} is not known here", nearest(shown.strip("'"), known)


def _other(shown: str, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"{shown} does not fit here", "see  rnnquiz help bank"


_WORDS: dict[str, Words] = {
    "literal_error": _choice,
    "int_parsing": lambda shown, _: (f"{shown} is no whole number", "write one like 3"),
    "float_parsing": lambda shown, _: (f"{shown} is no number", "write one like 0.5"),
    "bool_parsing": lambda shown, _: (f"{shown} is neither yes nor no", "write true or false"),
    "greater_than_equal": _outside,
    "greater_than": _outside,
    "less_than_equal": _outside,
    "less_than": _outside,
    "list_type": lambda shown, _: (f"{shown} is no list", "write one like [forward, loss]"),
    "dict_type": lambda shown, _: (
        f"{shown} has no keys",
        "write  key: value  below it, or {key: value}",
    ),
    "model_type": lambda shown, _: (
        f"{shown} has no keys",
        "write  key: value  below it, or {key: value}",
    ),
    "string_type": lambda shown, _: (f"{shown} is no text", "write a text"),
    "too_short": lambda shown, _: (f"{shown} has no entry", "write at least one"),
    "too_long": lambda shown, context: (
        f"{shown} has too many entries",
        f"write at most {context['max_length']}",
    ),
    "value_error": lambda shown, _: (f"{shown} is empty", "write something"),
}


def validated(data: dict[str, Any], lines: Lines, source: str) -> tuple[BankText, list[Problem]]:
    """The bank's keys, and what is wrong with those on which nothing hangs, which have their
    defaults.

    BankError at once where something wrong would make other things look wrong.
    """
    try:
        return BankText.model_validate(data), []
    except ValidationError as error:
        items = error.errors(include_url=False)
    problems = [problem_at(item, data, lines) for item in items]
    wrong = {str(item["loc"][0]) for item in items}
    if any(key in FOLLOWED or get_close_matches(key, FOLLOWED) for key in wrong):
        raise BankError(source, problems)
    usable = {"title": "?", "id": "unknown"} | {
        key: value for key, value in data.items() if key not in wrong
    }
    return BankText.model_validate(usable), problems


def problem_at(
    item: Any, data: Any, lines: Lines, form: type[BaseModel] = BankText, what: str = "a bank"
) -> Problem:
    """A pydantic error as one of ours; `form` is that of the file, and `what` it is in words."""
    path = tuple(part for part in item["loc"] if part != "[key]")
    key, line = ".".join(map(str, path)), line_of(path, lines)
    if item["type"] == "extra_forbidden":
        fields = fields_at(path[:-1], form)
        free = [field for field in fields if field not in _inside(data, path[:-1])]
        where = f" of {'.'.join(map(str, path[:-1]))}" if len(path) > 1 else f" of {what}"
        return Problem(key, f"is not a key{where}", nearest(str(path[-1]), free or fields), line)
    if item["type"] == "missing":
        return Problem(key, "is missing", f"add  {path[-1]}: ...", line_of(path[:-1], lines))
    shown = (
        shortened(item["input"])
        if isinstance(item["input"], str)
        else "a list"
        if isinstance(item["input"], list)
        else "a mapping"
    )
    if item["type"] == "string_pattern_mismatch":
        found, remedy = _PATTERNS["id" if path[-1] == "id" else "sizes"]
        return Problem(key, f"{shown} {found}", remedy, line)
    found, remedy = _WORDS.get(item["type"], _other)(shown, item.get("ctx", {}))
    return Problem(key, found, remedy, line)


def _inside(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        data = data[part]
    return data if isinstance(data, dict) else {}


def fields_at(path: tuple[Any, ...], form: type[BaseModel] = BankText) -> list[str]:
    """The keys that are known at a place of a bank, or of another form."""
    model: Any = form
    for part in path:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            named = {field.alias or name: field for name, field in model.model_fields.items()}
            model = named[part].annotation
            model = model if hasattr(model, "model_fields") else model.__args__[-1]
    return [field.alias or name for name, field in model.model_fields.items()]
