"""What the headings of columns about people say, in the languages in which learning systems write
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from rnnquiz.people.identity import AsId, AsName, squeezed

ID, FULL, FIRST, LAST, SECOND, EMAIL, ROLE, COUNTER, OTHER = (
    "id",
    "name",
    "first name",
    "last name",
    "second last name",
    "e-mail",
    "role",
    "counter",
    "other",
)

_WORDS: Mapping[str, tuple[str, ...]] = {
    ID: (
        "id", "student id", "student", "sid", "sis user id", "sis id", "id number",
        "student number", "student no", "username", "user name", "user id", "login", "login id",
        "sis login id", "orgdefinedid", "org defined id", "identifier", "matriculation number",
        "matriculation no", "matric number", "enrolment number", "enrollment number",
        "university id", "campus id", "net id", "student nr", "student id number", "unique id",
        "uni id", "uid", "uin", "puid", "cwid", "urn", "emplid", "banner id", "institutional id",
        "institutional identifier", "number", "registration", "registration number",
        "canvas id", "moodle id", "participant id", "integration id", "external id", "id nummer",
        "matrikelnummer", "matrikelnr", "matrikel nr", "matr nr", "matrnr", "matrikel",
        "studierendennummer", "benutzername", "anmeldename", "nutzername", "kennung",
        "benutzerkennung", "personenkennziffer", "legi nummer", "legi", "mtknr", "nutzernamen",
        "loginname", "login name", "immatrikulationsnummer", "studentennummer", "studenten id",
        "institutionsnummer",
        "numéro d'identification", "numéro étudiant", "n° étudiant", "no étudiant",
        "numéro d'étudiant", "matricule", "identifiant", "nom d'utilisateur", "code permanent",
        "code étudiant", "id étudiant", "num étudiant", "numetu",
        "número de id", "número de identificación", "número de matrícula",
        "matrícula", "número de alumno", "número de estudiante", "identificador",
        "nombre de usuario", "usuario", "legajo", "código de estudiante", "código", "nia",
        "carné", "carnet", "número de cuenta", "número de control", "no de control", "no de cuenta",
        "boleta", "dni", "expediente", "nº de matrícula", "nº matrícula", "código de alumno",
        "id del estudiante", "id de estudiante", "id de usuario", "matricola",
        "numero di matricola", "n matricola", "codice identificativo", "numero id",
        "codice persona", "identificativo", "nome utente", "codice studente", "id studente",
        "número de identificação", "nº mecanográfico", "id do aluno", "número mecanográfico",
        "número de aluno", "número do aluno", "nome de usuário", "nome de utilizador",
        "registro acadêmico", "identificação", "utilizador", "usuário", "nusp", "studentnummer",
        "studienummer", "gebruikersnaam", "registratienummer", "studentnr", "idnummer",
        "brukernavn", "brugernavn", "användarnamn", "kandidatnummer", "personnummer",
        "opiskelijanumero", "käyttäjätunnus", "tunnistenumero", "numer albumu", "nr albumu",
        "numer indeksu", "nr indeksu", "nazwa użytkownika", "numer identyfikacyjny", "osobní číslo",
        "číslo studenta", "uživatelské jméno", "používateľské meno", "evidenční číslo", "učo",
        "azonosító", "hallgatói azonosító", "neptun kód", "neptun kod", "felhasználónév",
        "azonosítószám", "număr matricol", "nr matricol", "nume de utilizator", "jmbag",
        "korisničko ime", "vpisna številka", "uporabniško ime", "öğrenci no", "öğrenci numarası",
        "numara", "kullanıcı adı", "kimlik numarası", "okul no", "номер студента",
        "номер зачётной книжки", "номер зачетки", "студенческий билет", "логин", "идентификатор",
        "табельный номер", "индивидуальный номер", "имя пользователя", "номер заліковки", "логін",
        "факултетен номер", "број индекса", "αριθμός μητρώου", "αρ μητρώου", "όνομα χρήστη",
        "αριθμός ταυτότητας", "学号", "學號", "学生番号", "学籍番号", "用户名", "使用者名稱",
        "ユーザ名", "ユーザー名",
        "idナンバー", "학번", "사용자 이름", "الرقم الجامعي", "رقم الطالب",
        "اسم المستخدم", "מספר סטודנט",
        "שם משתמש", "מספר זהות", "mã số sinh viên", "mssv", "nim",
    ),
    FULL: (
        "name", "full name", "student name", "display name", "names", "nombre completo",
        "nombre y apellidos", "apellidos y nombre", "apellidos, nombre", "vollständiger name",
        "name, vorname", "nachname, vorname", "vor und nachname", "vorname nachname",
        "nom complet", "nom", "nome", "nom et prénom", "nom prénom", "nom et prénoms",
        "prénom nom", "nome completo", "nome e cognome", "cognome e nome", "cognome nome",
        "nome cognome", "volledige naam", "naam", "fullständigt namn", "namn", "fulde navn",
        "fullt navn", "navn", "koko nimi", "nimi", "imię i nazwisko", "nazwisko i imię",
        "jméno a příjmení", "celé jméno", "příjmení a jméno", "teljes név", "név",
        "numele și prenumele", "nume complet", "ime i prezime", "prezime i ime",
        "ime in priimek", "ad soyad", "adı soyadı", "фио", "полное имя", "фамилия имя отчество",
        "піб", "име и фамилия", "ονοματεπώνυμο", "姓名", "氏名", "名前", "이름", "성명", "الاسم",
        "الاسم الكامل", "שם מלא", "họ và tên", "họ tên", "nama",
    ),
    FIRST: (
        "first name", "first", "given name", "given names", "forename", "forenames",
        "preferred name", "first name s", "first name of student", "student first name",
        "vorname", "vornamen", "rufname", "nombre", "nombres",
        "nombre s", "prénom", "prénoms", "prénom s", "primeiro nome", "voornaam", "förnamn",
        "fornavn", "etunimi", "imię", "jméno", "křestní jméno", "meno", "keresztnév", "utónév",
        "prenume", "prenumele", "ime", "vardas", "vārds", "eesnimi", "ad", "adı", "имя",
        "имя отчество", "ім'я", "име", "όνομα", "名", "名字", "الاسم الأول", "שם פרטי", "tên",
        "nom de pila", "izena",
    ),
    LAST: (
        "last name", "last", "student last name", "surname", "surnames", "family name",
        "last name s", "nachname", "familienname", "zuname", "apellido", "apellidos", "apellido s",
        "primer apellido", "apellido 1", "apellido paterno", "family name of student",
        "nom de famille", "nom s", "cognome", "cognomi", "sobrenome", "apelido", "apelidos",
        "último nome", "achternaam", "efternamn", "efternavn", "etternavn", "sukunimi",
        "nazwisko", "příjmení", "priezvisko", "vezetéknév", "családnév", "nume", "numele",
        "nume de familie", "prezime", "priimek", "pavardė", "uzvārds", "perekonnanimi", "soyad",
        "soyadı", "soyisim", "фамилия", "прізвище", "фамилно име", "презиме", "επώνυμο",
        "επίθετο", "姓", "姓氏", "苗字", "성", "اسم العائلة", "שם משפחה", "họ", "cognom", "cognoms",
        "abizena", "abizenak",
    ),
    SECOND: (
        "segundo apellido", "apellido 2", "apellido materno", "second last name",
        "second surname", "segundo sobrenome", "segon cognom",
    ),
    EMAIL: (
        "email", "e mail", "email address", "e mail address", "mail", "student email",
        "university email", "mail address", "e mail adresse", "mailadresse", "email adresse",
        "adresse de courriel", "courriel", "adresse e mail", "adresse électronique",
        "adresse mail", "adresse de messagerie", "dirección de correo",
        "dirección de correo electrónico", "correo electrónico", "correo",
        "correo institucional", "indirizzo email", "indirizzo e mail", "posta elettronica",
        "indirizzo mail", "endereço de e mail", "endereço de email",
        "endereço de correio eletrónico", "correio eletrónico", "correio eletrônico",
        "e mailadres", "emailadres", "mailadres", "e postadress", "e post", "e postadresse",
        "mailadresse", "sähköposti", "sähköpostiosoite", "adres e mail", "adres email",
        "adres poczty elektronicznej", "e mailová adresa", "emailová adresa", "emailcím",
        "e mail cím", "adresă email", "adresa de e mail", "adresa e pošte", "e posta",
        "e posta adresi", "eposta", "почта", "электронная почта", "адрес электронной почты",
        "эл почта", "електронна пошта", "имейл", "ηλεκτρονικό ταχυδρομείο",
        "διεύθυνση ηλεκτρονικού ταχυδρομείου", "电子邮件", "邮箱", "电子邮件地址", "電子郵件",
        "メールアドレス", "이메일",
        "이메일 주소", "البريد الإلكتروني", "דוא\"ל", "דואר אלקטרוני", "adreça electrònica",
        "adreça de correu",
    ),
    ROLE: ("role", "roles", "rolle", "rollen", "rôle", "rôles", "rol", "ruolo", "ruoli", "função",
    "papel", "papéis", "rola", "роль"),
    COUNTER: (
        "#", "nr", "no", "n°", "nº", "lfd nr", "lfdnr", "laufende nummer", "s no", "sl no",
        "sr no", "row", "index", "line", "pos", "response id", "response number", "responseid",
        "submission id", "antwort id", "antwortnummer", "id de respuesta", "numéro de réponse",
        "identifiant de la réponse", "entry", "entry id", "номер", "序号", "番号",
    ),
    OTHER: (
        "section", "sections", "root account", "groups", "group", "gruppe", "gruppen", "grupo",
        "grupos", "groupe", "groupes", "gruppo", "gruppi", "institution", "department",
        "abteilung", "city", "country", "end of line indicator", "last access", "availability",
        "status", "estado", "statut", "stato", "started", "completed", "started on",
        "time taken", "begonnen", "beendet", "dauer", "comenzado", "finalizado", "duración",
        "duration", "start time", "completion time", "last modified time", "timestamp",
        "startzeit", "fertigstellungszeit", "uhrzeit der letzten änderung", "zeitstempel",
        "hora de inicio", "hora de finalización", "heure de début", "heure de fin", "horodateur",
        "marca temporal", "ora di inizio", "ora di completamento", "informazioni cronologiche",
        "carimbo de data hora", "total points", "quiz feedback", "score", "points",
        "total score", "max points", "submitted", "submission time", "attempt", "section id",
        "section sis id", "view count", "submission count", "lateness h m s", "language",
        "sprache", "langue", "idioma", "lingua", "comments", "comment", "kommentar",
    ),
}  # fmt: skip


def _by_word() -> dict[str, str]:
    """The role of each word, squeezed; of a word with several that which stands first."""
    found: dict[str, str] = {}
    for role, words in _WORDS.items():
        for word in words:
            # Of a heading in signs alone, such as #, nothing is left: it stays as it is.
            found.setdefault(squeezed(word) or word, role)
    return found


def _by_rank() -> dict[str, int]:
    found: dict[str, int] = {}
    # A word that is there twice counts where it is first.
    for rank, word in enumerate(_WORDS[ID]):
        found.setdefault(squeezed(word), rank)
    return found


_ROLES = _by_word()
_RANKS = _by_rank()
PEOPLE = (ID, FULL, FIRST, LAST, SECOND, EMAIL)
_PARTS = (FIRST, LAST, SECOND)
# Which mean a whole name, or one part of it beside a column for the other.
_SHORT = frozenset(
    map(squeezed, ("name", "nom", "nome", "naam", "namn", "navn", "nimi", "név", "nama"))
)
# Programs that make forms and tables number their rows under these.
_GENERIC = frozenset(
    map(squeezed, ("id", "number", "student", "identifier", "código", "numara", "index"))
)
# What Microsoft Forms and Google Forms write, in several languages.
_FORM = frozenset(map(squeezed, (
    "start time", "completion time", "timestamp", "startzeit", "fertigstellungszeit",
    "zeitstempel", "hora de inicio", "hora de finalización", "heure de début", "heure de fin",
    "horodateur", "marca temporal", "ora di inizio", "ora di completamento", "submission time",
)))  # fmt: skip


@lru_cache(maxsize=4096)
def role_of(heading: str) -> str:
    """What the column holds, one of the roles above; empty where the heading is none of those
    known.
    """
    # Forms mark what must be filled in with a star, and end their questions with a colon.
    text = heading.strip().strip("*:").strip()
    word = squeezed(text)
    if word in _ROLES:
        return _ROLES[word]
    return _ROLES.get(text, "")


def rank_of(heading: str) -> int:
    """How well a column of ids says who a student is: the less, the better."""
    unknown = len(_RANKS)
    return _RANKS.get(squeezed(heading), unknown)


def roles_of(header: Sequence[str]) -> list[str]:
    """The role of each column, as it is among the others.

    A column  Name  is the last name beside  Vorname  (Nom beside Prénom), the first beside
    Cognome ; Student  is a name beside ids.
    """
    roles = [role_of(heading) for heading in header]
    words = [_word_of(heading, role) for heading, role in zip(header, roles, strict=True)]
    short = [word in _SHORT for word in words]
    # With one of the two parts there, the first short heading is the other one.
    if True in short and (FIRST in roles) != (LAST in roles):
        missing = FIRST
        if FIRST in roles:
            missing = LAST
        column = short.index(True)
        roles[column] = missing
    nameless = {FULL, FIRST, LAST}.isdisjoint(roles)
    # Canvas heads its column of names so, beside ID and SIS User ID.
    if "student" in words and roles.count(ID) > 1 and nameless:
        roles[words.index("student")] = FULL
    return roles


def _word_of(heading: str, role: str) -> str:
    """The heading of a column of names or ids, squeezed; nothing of another."""
    if role not in (FULL, ID):
        return ""
    return squeezed(heading)


def columns_of(header: Sequence[str], *roles: str) -> list[int]:
    """The columns with one of the roles, from the left."""
    found = []
    for k, role in enumerate(roles_of(header)):
        if role in roles:
            found.append(k)
    return found


def is_generic(heading: str) -> bool:
    """True for a heading such as ID, which heads students' ids, but counters of rows and of
    responses as well.
    """
    return squeezed(heading) in _GENERIC


def is_form(header: Sequence[str]) -> bool:
    """True for the answers to a form, which numbers them in its first column."""
    return not _FORM.isdisjoint(map(squeezed, header))


def has_people(header: Sequence[str]) -> bool:
    """True where a row of cells is the header of a table of people: it has a column of ids, or of
    e-mails and names.
    """
    roles = set(map(role_of, header))
    if ID in roles:
        return True
    # A heading such as Name alone is that of many tables.
    named = not roles.isdisjoint({FULL, FIRST, LAST})
    return EMAIL in roles and named


def joined_name(roles: Sequence[str], cells: Sequence[str]) -> str:
    """The name in a row: that of the column of full names, else first name and last names."""
    texts: dict[str, str] = {}
    for role, cell in zip(roles, padded(cells, len(roles)), strict=True):
        if cell.strip():
            texts.setdefault(role, cell.strip())  # of several columns the first
    if FULL in texts:
        return texts[FULL]
    parts = [texts.get(role, "") for role in _PARTS]
    return " ".join(filter(None, parts))


_KINDS: dict[str, Callable[[str], str]] = {ID: AsId, EMAIL: AsId, FULL: AsName}


class People:
    """Who the rows of a table say that a student is: what stands in each column of people, but for
    those to leave out.
    """

    def __init__(self, header: Sequence[str], leave_out: Sequence[int] = ()) -> None:
        by_role: dict[str, list[int]] = {}
        for k, role in enumerate(roles_of(header)):
            if k not in leave_out:
                by_role.setdefault(role, []).append(k)
        self.whole: list[tuple[int, WordKind]] = []
        for role, kind in _KINDS.items():
            for k in by_role.get(role, ()):
                # A column  Student  can hold an id or a name.
                if squeezed(header[k]) == "student":
                    self.whole.append((k, str))
                else:
                    self.whole.append((k, kind))
        self.parts: list[int] = []
        for part in _PARTS:
            self.parts += by_role.get(part, ())

    def words(self, cells: Sequence[str]) -> list[str]:
        """The words of a row, ids first; a name in parts is one."""
        found = []
        for k, kind in self.whole:
            if text := _text_at(cells, k):
                found.append(kind(text))
        parts = filter(None, (_text_at(cells, k) for k in self.parts))
        if name := " ".join(parts):
            found.append(AsName(name))
        return found


def _text_at(cells: Sequence[str], column: int) -> str:
    """What stands in a cell; nothing past the end of a short row."""
    if column >= len(cells):
        return ""
    return cells[column].strip()


def words_in_row(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    """The words of one row under its header."""
    return People(header).words(cells)


def padded(cells: Sequence[str], width: int) -> list[str]:
    """The first cells of a row, as many as there are columns."""
    # Spreadsheets drop empty cells at the end of a row.
    missing = width - len(cells)
    return [*cells[:width], *[""] * missing]


WordKind = Callable[[str], str]
