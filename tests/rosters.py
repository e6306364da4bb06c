"""Classes of invented people, and rosters of them as each learning system writes them in each
language."""

import csv
import io

from openpyxl import Workbook

# id, first name, last name, e-mail, login: zeros in front, accents, a comma, a quote, one name
# twice
PEOPLE = [
    ("0012345", "Ana", "García-López", "ana@example.org", "agarcia"),
    ("0012346", "Émile", "du Châtelet", "emile@example.org", "echat"),
    ("0012347", "Jörg", "Weiß", "weiss@example.org", "jweiss"),
    ("0012348", "Anna", "Müller", "muller1@example.org", "amuller"),
    ("0012349", "Anna", "Müller", "muller2@example.org", "amuller2"),
    ("0012350", "John", "Smith, Jr.", "smithjr@example.org", "jsmith"),
    ("0012351", 'Bob "Bobby"', "Tables", "bob@example.org", "btables"),
    ("0012352", "Test", "Student", "test@example.org", "tstudent"),
    ("0012353", "Sjöfn", "Þórsdóttir", "sjofn@example.org", "sthors"),
]
FAR = [
    ("0022001", "Иван", "Петров", "ivan@example.org", "ipetrov"),
    ("0022002", "小龙", "李", "li@example.org", "xli"),
    ("0022003", "Łukasz", "Żak", "zak@example.org", "lzak"),
    ("0022004", "Işıl", "İnce", "ince@example.org", "iince"),
    ("0022005", "Νίκος", "Παπάς", "papas@example.org", "npapas"),
    ("0022006", "राम", "शर्मा", "ram@example.org", "rsharma"),
]  # people whose names no encoding of Western Europe has

WORDS = {
    "en": (
        "First name",
        "Last name",
        "ID number",
        "Email address",
        "Groups",
        "Full name",
        "Participant ",
    ),
    "de": (
        "Vorname",
        "Nachname",
        "ID-Nummer",
        "E-Mail-Adresse",
        "Gruppen",
        "Vollständiger Name",
        "Teilnehmer/in",
    ),
    "fr": (
        "Prénom",
        "Nom de famille",
        "Numéro d’identification",
        "Adresse de courriel",
        "Groupes",
        "Nom complet",
        "Participant",
    ),
    "es": (
        "Nombre",
        "Apellido(s)",
        "Número de ID",
        "Dirección de correo",
        "Grupos",
        "Nombre completo",
        "Participante",
    ),
    "it": (
        "Nome",
        "Cognome",
        "Codice identificativo",
        "Indirizzo email",
        "Gruppi",
        "Nome",
        "Partecipante",
    ),
    "pt": (
        "Nome",
        "Sobrenome",
        "Número de identificação",
        "Endereço de e-mail",
        "Grupos",
        "Nome completo",
        "Participante",
    ),
    "nl": (
        "Voornaam",
        "Achternaam",
        "Studentnummer",
        "E-mailadres",
        "Groepen",
        "Volledige naam",
        "Deelnemer",
    ),
    "sv": (
        "Förnamn",
        "Efternamn",
        "ID-nummer",
        "E-postadress",
        "Grupper",
        "Fullständigt namn",
        "Deltagare",
    ),
}
IDENTIFIER = {
    "en": "Identifier",
    "de": "ID",
    "fr": "Identifiant",
    "es": "Identificador",
    "it": "Identificativo",
    "pt": "Identificador",
    "nl": "Identifier",
    "sv": "Identifierare",
}
CAMPUS = {
    "en": ("Student number", "Surname", "First name", "Course of study", "E-mail"),
    "de": ("Matrikelnummer", "Name", "Vorname", "Studiengang", "E-Mail"),
    "fr": ("N° étudiant", "Nom", "Prénom", "Filière", "Courriel"),
    "es": ("Matrícula", "Apellidos", "Nombre", "Titulación", "Correo electrónico"),
    "it": ("Matricola", "Cognome", "Nome", "Corso di laurea", "E-mail"),
    "pt": ("Número de matrícula", "Apelido", "Nome", "Curso", "E-mail"),
    "nl": ("Studentnummer", "Naam", "Voornaam", "Opleiding", "E-mail"),
    "sv": ("Personnummer", "Efternamn", "Förnamn", "Program", "E-post"),
}


def moodle(people, language):
    first, last, id_, mail, groups, *_ = WORDS[language]
    return [[first, last, id_, mail, groups], *([p[1], p[2], p[0], p[3], ""] for p in people)]


def moodle_by_default(people, language):
    first, last, _, mail, groups, *_ = WORDS[language]
    return [[first, last, mail, groups], *([p[1], p[2], p[3], "Übung/2"] for p in people)]


def moodle_worksheet(people, language):
    *_, id_, mail, _, full, word = WORDS[language]
    header = [IDENTIFIER[language], full, id_, mail, "Status"]
    return [
        header,
        *([f"{word}{57 + k}", f"{p[1]} {p[2]}", p[0], p[3], "-"] for k, p in enumerate(people)),
    ]


def campus(people, language):
    rows = [[p[0], p[2], p[1], "B. Sc.", p[3]] for p in people]
    title = [
        ["Lecture 4711: recurrent networks"],
        ["2026-11-25", "", "", "", ""],
        [],
        list(CAMPUS[language]),
    ]
    return [*title, *rows, [], [f"Total: {len(rows)} participants"]]


def numbered(people, language):
    id_, last, first, _, mail = CAMPUS[language]
    return [
        ["Nr.", id_, last, first, mail],
        *([str(k), p[0], p[2], p[1], p[3]] for k, p in enumerate(people, start=1)),
    ]


def canvas(people, language):
    rows = [[f"{p[2]}, {p[1]}", str(4711 + k), p[0], p[4], "S1", ""] for k, p in enumerate(people)]
    return [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 1 (101)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "8.00"],
        *rows,
        ["Student, Test", "4700", "", "a1b2c3", "S1", ""],
    ]


def canvas_split(people, language):
    rows = [[p[2], p[1], str(4711 + k), p[0], p[4], "S1", ""] for k, p in enumerate(people)]
    return [
        [
            "LastName",
            "FirstName",
            "ID",
            "SIS User ID",
            "SIS Login ID",
            "Section",
            "Homework 1 (101)",
        ],
        ["    Points Possible", "", "", "", "", "", "8.00"],
        *rows,
        ["Student", "Test", "4700", "", "x", "S1", ""],
    ]


def gradescope(people, language):
    rows = [[p[1], p[2], p[0], p[3], "Student", "L1"] for p in people]
    return [
        ["First Name", "Last Name", "SID", "Email", "Role", "Sections"],
        *rows,
        ["Tia", "Ay", "", "tia@example.org", "TA", ""],
    ]


def brightspace(people, language):
    rows = [[f"#{p[0]}", f"#{p[4]}", p[2], p[1], p[3], "#"] for p in people]
    return [
        ["OrgDefinedId", "Username", "Last Name", "First Name", "Email", "End-of-Line Indicator"],
        *rows,
    ]


def blackboard(people, language):
    rows = [[p[2], p[1], p[4], p[0], "2026-01-01", "Yes", p[3]] for p in people]
    return [
        [
            "Last Name",
            "First Name",
            "Username",
            "Student ID",
            "Last Access",
            "Availability",
            "Email",
        ],
        *rows,
    ]


def spreadsheet(people, language):
    id_, last, first, _, mail = CAMPUS[language]
    return [[id_, last, first, mail], *([f'="{p[0]}"', p[2], p[1], p[3]] for p in people)]


ID, LOGIN, MAIL, CANVAS = 0, 4, 3, None
SYSTEMS = {
    moodle: ID,
    moodle_by_default: MAIL,
    moodle_worksheet: ID,
    campus: ID,
    numbered: ID,
    canvas: CANVAS,
    canvas_split: CANVAS,
    gradescope: ID,
    brightspace: LOGIN,
    blackboard: ID,
    spreadsheet: ID,
}
"""Each roster, and which of a person's words is the id in it; Canvas has numbers of its own."""


def as_csv(rows, separator=","):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def as_xlsx(rows, before=()):
    book = Workbook()
    for other in before:
        book.active.append(other)
        book.create_sheet()
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(row or [None])
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
