"""Sentences that keep their place-holders, so that a document can say them in its own language.

How a sentence is written:

    said("{box}: rounded too early, by {amount}", box=box, amount=Figure("0.002"))
    said("{got:.2f} of {of:.2f} marks", got=3.5, of=10.0)
    plural("{n} box is empty.", "{n} boxes are empty.", len(blank))
    meant("verdict", "right")                  one word that has several meanings: which is meant
    strung(" ", [said("First."), said("Second.")])

Each is a `Message`: a `str` whose text is the English sentence, so that the report, the command
line and the tests use it as they use any text, which also knows what it was made of. A document in
another language says it with `Language.of(message)` of `rnnquiz.languages.catalogue`; documents do
so in one place (`documents/saying.py`), and so does what writes quizzes and files to fill in.

- The text is a literal (it is extracted from the source: `python -m rnnquiz.languages.extract`
  adds it to each catalogue); values come by name. Whole sentences only: their parts stand in
  another order in other languages. Never `message + "."`, an f-string or `", ".join`: these make
  a plain text, which is not translated.
- A value may be a Message itself, or a text that is the same in all languages (the name of a box,
  what a student typed). A number as `float` with a format, or a printed one as `Figure("0.604")`,
  is written with the decimal mark of the language. A count is an `int`.
- A value that is no text and no number (a `Symbol`, a `Formula`, a `Typed` answer) stands in the
  text as HERE, and in `message.objects`; `pieces_between(message)` gives texts and objects in turn.
- What has no values is not formatted: its braces are braces.
- Words in data (YAML) become messages where they are read: `said(row["says"])`; where they are
  extracted from is a row of `extract.DATA_FILES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from string import Formatter
from typing import Any, Protocol, TypeVar

# The sign that Unicode has for an object in a text: nobody types it.
HERE = "\ufffc"
"""Stands in a text for a value that is none."""

_Part = tuple[str, str | None, str]


OWN_CONTEXT = "bank"
"""The context of the texts of question banks, of which a teacher may have others."""


class Figure(str):
    """A printed number, whose decimal mark is that of the language."""

    __slots__ = ()


class Speaker(Protocol):
    """What a sentence needs of a language."""

    @property
    def decimal(self) -> str:
        """The decimal mark."""

    def of(self, text: str) -> str:
        """A text as the language says it; itself where it is no message."""

    def form_of(self, message: Message) -> str:
        """The text of a message with its place-holders."""


class Message(str):
    """An English sentence that can be said in other languages. `message`: its text with
    place-holders, by which catalogues know it; `many` and `number`: where it counts something;
    `context`: where one text has several meanings; `objects`: the values that are no texts, in
    their order in the text."""

    message: str
    values: Mapping[str, object]
    many: str = ""
    number: int | None = None
    context: str = ""
    objects: tuple[object, ...] = ()

    def said_in(self, words: Speaker) -> str:
        """The sentence in a language: with objects a Message again, else a text."""
        template = words.form_of(self)
        if not self.values:
            return template
        return _template_filled(template, self.values, words)

    def with_values(self, values: Mapping[str, object]) -> Message:
        """The same sentence with other values in the same places."""
        return _message(self.message, self.many, self.number, self.context, values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _message, (self.message, self.many, self.number, self.context, self.values)


class Joined(Message):
    """Sentences or names beside one another, with the same sign between them in all languages."""

    def said_in(self, words: Speaker) -> str:
        """The parts in a language, side by side."""
        return _beside(self.message, self.values.values(), words)

    def with_values(self, values: Mapping[str, object]) -> Message:
        """The same with other parts."""
        return strung(self.message, values.values())

    def __reduce__(self) -> tuple[Any, ...]:
        return strung, (self.message, tuple(self.values.values()))


class _English:
    """The language in which sentences are written."""

    decimal = "."

    def of(self, text: str) -> str:
        return text

    def form_of(self, message: Message) -> str:
        return message.message if message.number in (None, 1) else message.many


_ENGLISH = _English()
AnyMessage = TypeVar("AnyMessage", bound=Message)


# The sentence is given by its place, for a value may be called message.
def said(message: str, /, **values: object) -> Message:
    """A sentence with its values."""
    return _message(message, "", None, "", values)


def plural(one: str, many: str, n: int, /, **values: object) -> Message:
    """A sentence that counts: `one` for one, `many` for others; the number is `{n}` in it."""
    return _message(one, many, n, "", {"n": n, **values})


def meant(context: str, message: str, /, **values: object) -> Message:
    """A sentence that means different things in different places."""
    return _message(message, "", None, context, values)


def strung(between: str, parts: Iterable[object]) -> Joined:
    """Sentences, names or objects, with a sign between them."""
    # Numbers are their names: no sentence has place-holders for them.
    values = {str(k): part for k, part in enumerate(parts)}
    text = _beside(between, values.values(), _ENGLISH)
    return _of_kind(Joined, text, between, values)


def listing(parts: Sequence[object]) -> Message:
    """Names or sentences with commas between them, and "and" before the last."""
    *before, last = parts
    if not before:
        return strung("", parts)
    return said("{first} and {last}", first=strung(", ", before), last=last)


def of_bank(text: str) -> Message:
    """A text of a question bank: in the catalogues where the bank ships with the program."""
    return meant(OWN_CONTEXT, text)


def pieces_between(text: str) -> tuple[Any, ...]:
    """Texts and the objects between them, in order; no text that is empty."""
    objects = getattr(text, "objects", ())
    if not objects:
        return (text,)
    texts = str(text).split(HERE)
    # One text more than there are objects.
    between = zip(texts, (*objects, ""), strict=True)
    return tuple(filter(_is_something, chain.from_iterable(between)))


def _is_something(piece: object) -> bool:
    return piece != ""


def _message(
    message: str, many: str, number: int | None, context: str, values: Mapping[str, object]
) -> Message:
    template = message if number in (None, 1) else many
    text = _template_filled(template, values, _ENGLISH) if values else template
    made = _of_kind(Message, text, message, values)
    # Most sentences share what the class has: that takes no memory, and no time.
    if context or number is not None:
        made.many, made.number, made.context = many, number, context
    return made


def _of_kind(
    kind: type[AnyMessage], text: str, message: str, values: Mapping[str, object]
) -> AnyMessage:
    made = kind(text)
    made.message, made.values = message, values
    # A text that was filled with objects carries them.
    if isinstance(text, Message):
        made.objects = text.objects
    return made


@lru_cache(maxsize=5_000)
def template_parts(template: str) -> tuple[_Part, ...]:
    """Literal texts, each with the name of the place-holder after it and its format. ValueError
    where braces do not match."""
    found = Formatter().parse(template)
    return tuple((literal, name, spec or "") for literal, name, spec, _ in found)


def _template_filled(template: str, values: Mapping[str, object], words: Speaker) -> str:
    texts: list[str] = []
    objects: list[object] = []
    for literal, name, spec in template_parts(template):
        texts.append(literal)
        if name is not None:
            shown = _value_shown(values[name], spec, words, objects)
            texts.append(shown)
    return _with_objects("".join(texts), objects)


def _beside(between: str, parts: Iterable[object], words: Speaker) -> str:
    objects = list[object]()
    text = between.join([_value_shown(part, "", words, objects) for part in parts])
    return _with_objects(text, objects)


def _value_shown(value: object, spec: str, words: Speaker, objects: list[object]) -> str:
    """A value as it stands in the text; what is no text is added to the objects."""
    # Figures come first, for they are texts, too.
    if isinstance(value, (float, Figure)):
        return format(value, spec).replace(".", words.decimal)
    if isinstance(value, str):
        text = words.of(value)
        objects += getattr(text, "objects", ())
        return str(text)
    if isinstance(value, int):
        return format(value, spec)
    objects.append(value)
    return HERE


def _with_objects(text: str, objects: list[object]) -> str:
    if not objects:
        return text
    made = _of_kind(Message, text, text, {})
    made.objects = tuple(objects)
    return made
