"""Files as Moodle gives them out, in five interface languages: worksheets of assignments, reports
of a quiz's responses.

Headings, order and quirks are those that Moodle 4.5 wrote with its language packs; all people are
invented.
"""

import csv
import html
import io
import re

WORKSHEET = {
    "en": (
        "Identifier",
        "Full name",
        "ID number",
        "Email address",
        "Status",
        "Group",
        "Grade",
        "Maximum grade",
        "Scale",
        "Grade can be changed",
        "Last modified (submission)",
        "Last modified (grade)",
        "Feedback comments",
        "Yes",
        "No",
        "Participant {}",
    ),
    "de": (
        "ID",
        "Vollständiger Name",
        "ID-Nummer",
        "E-Mail-Adresse",
        "Status",
        "Gruppe",
        "Bewertung",
        "Bestwertung",
        "Skala",
        "Bewertung kann geändert werden",
        "Zuletzt geändert (Abgabe)",
        "Zuletzt geändert (Bewertung)",
        "Feedback als Kommentar",
        "Ja",
        "Nein",
        "Teilnehmer/in{}",
    ),
    "fr": (
        "Identifiant",
        "Nom complet",
        "Numéro d’identification",
        "Adresse de courriel",
        "Statut",
        "Groupe",
        "Note",
        "Note maximale",
        "Barème",
        "La note peut être modifiée",
        "Dernière modification (travail remis)",
        "Dernière modification (note)",
        "Feedback par commentaires",
        "Oui",
        "Non",
        "Participant{}",
    ),
    "es": (
        "Identificador",
        "Nombre completo",
        "Número de ID",
        "Dirección de correo",
        "Estado",
        "Grupo",
        "Calificación",
        "Calificación máxima",
        "Escala",
        "La calificación puede ser cambiada",
        "Última modificación (entrega)",
        "Última modificación (calificación)",
        "Comentarios de retroalimentación",
        "Sí",
        "No",
        "Participante{}",
    ),
    "it": (
        "Identificativo",
        "Nome",
        "Codice identificativo",
        "Indirizzo email",
        "Stato",
        "Gruppo",
        "Valutazione",
        "Valutazione massima",
        "Scala",
        "La valutazione può essere cambiata",
        "Ultima modifica (consegna)",
        "Ultima modifica (valutazione)",
        "Commenti",
        "Sì",
        "No",
        "Partecipante{}",
    ),
}
COMMA = ("de", "fr", "es", "it")  # languages that write decimals with a comma

RESPONSES = {
    "en": (
        "Last name",
        "First name",
        "ID number",
        "Email address",
        "Question 1",
        "Response 1",
        "Right answer 1",
        "part {}:",
    ),
    "de": (
        "Nachname",
        "Vorname",
        "ID-Nummer",
        "E-Mail-Adresse",
        "Frage 1",
        "Antwort 1",
        "Richtige Antwort 1",
        "Teil {}:",
    ),
    "fr": (
        "Nom de famille",
        "Prénom",
        "Numéro d’identification",
        "Adresse de courriel",
        "Question 1",
        "Réponse 1",
        "Réponse correcte 1",
        "partie {} :",
    ),
    "es": (
        "Apellido(s)",
        "Nombre",
        "Número de ID",
        "Dirección de correo",
        "Pregunta 1",
        "Respuesta 1",
        "Respuesta correcta 1",
        "parte {}:",
    ),
    "it": (
        "Cognome",
        "Nome",
        "Codice identificativo",
        "Indirizzo email",
        "Domanda 1",
        "Risposta data 1",
        "Risposta corretta 1",
        "parte {}:",
    ),
}


def written(rows):
    """A CSV as Moodle writes it: UTF-8 with a mark, cells quoted that need it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()


def worksheet(people, language="en", maximum="11.00", blind=False, team=False, scale=False):
    """The grading worksheet of (number, name, id number, e-mail, group, whether it may be
    changed)."""
    (
        number,
        name,
        idnumber,
        mail,
        status,
        group,
        grade,
        most,
        _scale_word,
        may,
        handed,
        marked,
        comments,
        yes,
        no,
        participant,
    ) = WORKSHEET[language]
    identity = [] if blind else [name, idnumber, mail]
    most = maximum.replace(".", ",") if language in COMMA else maximum
    header = [
        number,
        *identity,
        status,
        *([group] if team else []),
        grade,
        WORKSHEET[language][8 if scale else 7],
        may,
        handed,
        marked,
        comments,
    ]
    rows = [
        [
            participant.format(k),
            *([] if blind else [who, ident, address]),
            "-",
            *([of] if team else []),
            "",
            "Poor  Fair  Good" if scale else most,
            yes if free else no,
            "Wednesday, 25 November 2026, 9:20 AM",
            "-",
            "",
        ]
        for k, who, ident, address, of, free in people
    ]
    return written([header, *rows])


def plain(text):
    """The text of a question as the report shows it: tags are gone, headings are capitals, a gap
    for each part."""
    text = re.sub(r"\{\d+:NUMERICAL:.*?(?<!\\)\}", "_____", text, flags=re.DOTALL)
    text = re.sub(
        r"<(h\d|strong)>(.*?)</\1>", lambda found: found[2].upper(), text, flags=re.DOTALL
    )
    return html.unescape(re.sub(r"<[^>]*>", " ", text)).strip()


def responses(rows, language="en", question=True):
    """The report of (last name, first name, id number, e-mail, text of the question, answers by
    part)."""
    *identity, asked, answer, _right, part = RESPONSES[language]
    header = [*identity, "Status", "Grade/100.00", *([asked] if question else []), answer]
    table = [
        [
            last,
            first,
            ident,
            mail,
            "Finished",
            "0.00",
            *([plain(text)] if question else []),
            "; ".join(f"{part.format(k)} {value}" for k, value in enumerate(values, start=1)),
        ]
        for last, first, ident, mail, text, values in rows
    ]
    return written([header, *table])
