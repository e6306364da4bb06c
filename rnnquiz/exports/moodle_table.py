"""Where a worksheet of Moodle has what is needed, in each of its languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnquiz.errors import CourseError
from rnnquiz.exports.editing import EditableTable, column_of
from rnnquiz.exports.table_layout import TableLayout, amounts_in, columns_named

# Moodle's word for a student under blind marking; German writes no blank: "Teilnehmer/in57".
PARTICIPANT = re.compile(r"(?:Participante?|Partecipante|Teilnehmer[/_]?in)\s?(\d+)\b")
_MOODLE = {
    "mark": ("grade", "bewertung", "note", "calificación", "valutazione", "cijfer"),
    "maximum": (
        "maximum grade",
        "bestwertung",
        "note maximale",
        "calificación máxima",
        "valutazione massima",
    ),
    "scale": ("scale", "skala", "barème", "escala", "scala"),
    "comment": (
        "feedback comments",
        "feedback als kommentar",
        "feedback par commentaires",
        "comentarios de retroalimentación",
        "commenti",
        "commenti (feedback)",
    ),
    "changeable": (
        "grade can be changed",
        "bewertung kann geändert werden",
        "la note peut être modifiée",
        "la calificación puede ser cambiada",
        "la valutazione può essere cambiata",
    ),
    "before": (
        "email address",
        "e-mail-adresse",
        "adresse de courriel",
        "dirección de correo",
        "indirizzo email",
        "username",
        "id number",
        "id-nummer",
        "numéro d'identification",
        "número de id",
        "codice identificativo",
        "full name",
        "vollständiger name",
        "nom complet",
        "nombre completo",
        "nome",
    ),
    "team": ("group", "gruppe", "groupe", "grupo", "gruppo"),
}
"""The headings of a worksheet in English, German, French, Spanish and Italian."""
_NO = ("no", "nein", "non")  # one word in English, Spanish and Italian


def moodle_layout(table: EditableTable, column: str) -> TableLayout:
    """The layout of a worksheet; `column`: the grade that the teacher names, or nothing.
    CourseError where it has no maximum."""
    header = table.header
    found = {key: columns_named(header, names) for key, names in _MOODLE.items()}
    mark = column_of(table, column, found["mark"], "the grade")
    highest, changeable = _first(found["maximum"]), _first(found["changeable"])
    if highest is None:
        why = "has no column of the maximum grade"
        if found["scale"]:
            why = "is marked by a scale, for which Moodle drops all numbers"
        remedy = "set its grade to type Point with a maximum, and download the worksheet again"
        raise CourseError.at(table.source, "the assignment", why, remedy)

    def why_locked(row: int) -> str:
        # Moodle drops a mark for such a row without a word.
        if changeable is not None and table.value(row, changeable).casefold() in _NO:
            return "is locked"
        return ""

    comment, team = _first(found["comment"]), _first(found["team"])
    amounts = amounts_in(table, (mark, highest))
    # The first column is Moodle's own word for the participant, in any language.
    people = (0, *found["before"])
    return TableLayout(
        people=people,
        mark=mark,
        comment=comment,
        maximum=lambda row: table.value(row, highest),
        amounts=amounts,
        locked=why_locked,
        team=team,
    )


def _first(columns: Sequence[int]) -> int | None:
    return next(iter(columns), None)
