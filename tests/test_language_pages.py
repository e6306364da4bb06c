"""Everything that a student sees, in another language: no page mixes two, nothing sticks out, the
whole course keeps its language."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from html import unescape

import pikepdf
import pytest
from click.testing import CliRunner
from keys_reader import PLACES
from test_documents import needs_tex
from test_feedback_languages import english_words, pseudo

from rnnquiz.algebra.expression import Apply, walk
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.cli import main
from rnnquiz.course import autograder
from rnnquiz.course.practising import practice_bank
from rnnquiz.course.store import Course
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.form import form
from rnnquiz.documents.key import SUBTITLES, key
from rnnquiz.documents.practice import practice_key, practice_sheet
from rnnquiz.documents.render import body, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import Style
from rnnquiz.errors import BankError
from rnnquiz.exports.quiz.questions import questions
from rnnquiz.files.resources import bank_path, folder
from rnnquiz.languages.catalogue import Language, catalogues
from rnnquiz.languages.scripts import script_sentences
from rnnquiz.people.roster import Student
from rnnquiz.solution.distinguish import mistakes_told_apart
from rnnquiz.solution.solved import solve, solve_all
from tests_support import BANKS, corrected, shipped, slowly, variants_of

ADA = Student("1", "Ж", "", 1)


def there(name, language):
    """A bank that ships, for students who read a language, and a variant of it, solved."""
    own = shipped(name)
    variants = variants_of(own, 1)
    bank = replace(own, language=language)
    return bank, variants[0], solve_all(bank, variants)


def documents(bank, variant, solved):
    """All that is made for a student before anything is handed in."""
    solution = solved.one_by_one[0]
    yield sheet(bank, variant, "Ж")
    yield form(bank, variant, ADA)
    for depth in SUBTITLES:
        yield key(solution, "Ж", depth)
    yield key(solution, "Ж", "worked", mistakes_told_apart(solved)[0])


def same_everywhere(bank, document):
    """Names of boxes where a screen reader reads them, functions, the text of a teacher."""
    names = [box.name for box in bank.boxes] + [q.name for q in bank.full]
    own = document.title, document.course, document.token
    return [
        *(name for name in names if len(name) > 2),
        *own,
        "tanh",
        "sech",
        "sigmoid",
        "softmax",
        "10^",
        "e^",
    ]


@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_page_mixes_languages(name):
    """In a language without English letters sheet, answer page and keys have no English word."""
    bank, variant, solved = there(name, pseudo())

    for document in documents(bank, variant, solved):
        page = without_names(render(document, "form" if is_form(document) else "html"), bank)
        found = english_words(page, same_everywhere(bank, document))
        assert not set(found) - mathematical(bank), document.subtitle


def mathematical(bank):
    """Whole words that formulas have in all languages: hy of W_hy, relu."""
    letters = [bank.notation.letter(q.symbol.base) for q in bank.full.givens]
    indices = {part for letter in letters for part in letter.split("_")[1:]}
    formulas = [formula for q in bank.full.computed for formula in (q.formula, *q.alternatives)]
    nodes = {node for tree in formulas for node in walk(tree) if isinstance(node, Apply)}
    return indices | {node.op for node in nodes if node.op in FUNCTIONS}


def is_form(document):
    return any(block.kind == "saving" for block in document.blocks)


def without_names(page, bank):
    """Without the script, the names over boxes and what the page keeps for its script."""
    page = re.sub(r"<script>.*?</script>", " ", page, flags=re.S)
    return re.sub(r'<span class="name">.*?</span>', " ", page, flags=re.S)


@pytest.mark.parametrize("name", slowly(BANKS))
def test_practice_speaks_the_language(name):
    """Sheets and keys for practice have no English word that is not the bank's own."""
    bank = replace(shipped(name), language=pseudo())
    own = practice_bank(bank, bank.graph[bank.asked[0]].role)
    variants = variants_of(own, 1)
    solved = solve_all(own, variants)
    pages = practice_sheet(own, variants[0], "Ж"), practice_key(solved.one_by_one[0], "Ж")

    for document in pages:
        page = without_names(render(document, "html"), own)
        assert not english_words(page, same_everywhere(own, document))


@pytest.mark.parametrize("name", slowly(BANKS))
def test_a_quiz_speaks_the_language(name):
    """Problem, headings, rule and what is said of mistakes; numbers with the mark of the language
    but in the rule, which says what the program reads."""
    bank = replace(shipped(name), language=pseudo())
    (question,) = questions(bank, variants_of(bank, 1), ["Ж"])
    words = [question.heading(part.role) for part in question.parts]
    words += [wrong.says for part in question.parts for wrong in part.wrong]
    page = f"<body>{question.html} {' '.join(words)}"

    assert not english_words(
        page, [bank.written.title, question.ident[2:], "tanh", "sech", "sigmoid", "softmax"]
    )

    formulas = re.findall(r"<math.*?</math>", question.html, flags=re.S)
    assert not [one for one in formulas if re.search(r"\d\.\d", one)]


def test_the_answer_page_has_all_sentences_of_its_script():
    """What looks like a sentence in the script is one that comes in the language of the page."""
    script = (folder("templates") / "form.js").read_text()
    told = {text for pair in script_sentences(script) for text in pair}
    code = re.sub(r"^\s*//.*$|(?<=[;{(,\])]) // .*$|/\*.*?\*/", "", script, flags=re.M)
    texts = set(re.findall(r'"((?:[^"\\\n]|\\.)*[a-z]{3,} [a-z]{2,}(?:[^"\\\n]|\\.)*)"', code))

    assert len(told) > 20
    assert texts <= told | {"use strict"}


@pytest.mark.parametrize("output", ["latex", "typst", "html"])
def test_sheets_have_the_mark_of_the_language(output):
    """Where the language has a decimal comma, no number of a sheet has a point."""
    bank, variant, _ = there("bptt_scalar", Language("de"))
    text = render(sheet(bank, variant, "Ada"), output)
    shown = [one for pattern in PLACES[output] for one in re.findall(pattern, text)]

    assert any(re.search(r'\d(?:,|\{,\}|",")\d', one) for one in shown)
    assert not [one for one in shown if re.search(r"\d\.\d", one)]


needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext")
MARGIN = 56  # points: 2 cm, less what rounding takes


@needs_poppler
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
@pytest.mark.parametrize("name", slowly(BANKS))
def test_nothing_sticks_out_in_german(name, engine):
    """The longest words end before the margin, and the PDF says its language."""
    keeps_its_margins(name, engine, "de")


@needs_poppler
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
@pytest.mark.parametrize("code", sorted(catalogues().keys() - {"de"}))
def test_nothing_sticks_out_in_other_languages(code, engine):
    """As in German, on the bank with the most words in it."""
    keeps_its_margins("bptt_vector", engine, code)


def keeps_its_margins(name, engine, code):
    bank, variant, solved = there(name, Language(code))
    made = [*documents(bank, variant, solved)]
    made = [document for document in made if not is_form(document)]
    for document, pdf in zip(made, pdfs(made, engine), strict=True):
        assert isinstance(pdf, bytes), pdf
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert str(opened.Root.Lang) == code
        for word, right, width in words_of(pdf):
            assert right <= width - MARGIN + 2, (document.subtitle, word, right, width)


def words_of(pdf):
    """Each word of a PDF, where it ends, and how wide its page is."""
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    for page in boxes.split("<page ")[1:]:
        width = float(re.match(r'width="([\d.]+)"', page)[1])
        for right, word in re.findall(r'xMax="([\d.]+)"[^>]*>([^<]*)<', page):
            yield word, float(right), width


def test_a_page_says_its_language():
    """A page names its language, so that a screen reader speaks it."""
    bank, variant, _ = there("forward_pass", Language("de"))
    for output in ("html", "form"):
        assert '<html lang="de">' in render(sheet(bank, variant, "Ada"), output)


# ---- Banks and courses


def test_a_bank_says_its_language():
    """The language of a bank is English unless it says another one that is known here."""
    text = bank_path("forward_pass").read_text()

    assert parse_bank(text).language == Language()
    assert parse_bank(f"{text}\nlanguage: de\n").language == Language("de")
    with pytest.raises(BankError, match=r"language: 'dd' is not known here -> .*\bde\b"):
        parse_bank(f"{text}\nlanguage: dd\n")


HEADER = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n\n'


def test_a_bank_names_a_catalogue_beside_it(tmp_path):
    """The teacher's words win, the others are those of the language."""
    (tmp_path / "mine.po").write_text(HEADER + 'msgid "Answers"\nmsgstr "Hier hinein"\n')
    text = bank_path("forward_pass").read_text()
    (tmp_path / "bank.yaml").write_text(f"{text}\nlanguage: de\ncatalogue: mine.po\n")
    bank = load_bank(tmp_path / "bank.yaml")

    page = render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "html")

    assert "Hier hinein" in page
    assert "Das Netz" in page
    with pytest.raises(BankError, match=r"none\.po.*cannot be read"):
        parse_bank(f"{text}\ncatalogue: none.po\n", str(tmp_path / "bank.yaml"))


def run(*arguments, code=0):
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in the language without English letters, of which a sheet was marked."""
    place = tmp_path_factory.mktemp("languages")
    (place / "pseudo.po").write_text(pseudo().over.text)
    (place / "roster.csv").write_text("id,name\n1,Ж\n")
    (place / "homework.yaml").write_text(
        "title: '17'\nid: h17\nexercises:\n"
        "  - {bank: forward_pass, marks: 10}\n  - {bank: bptt_scalar, marks: 20}\n"
    )
    made = place / "course"
    language = "--language", "de", "--catalogue", place / "pseudo.po"
    run(
        "generate",
        place / "homework.yaml",
        "--roster",
        place / "roster.csv",
        "--out",
        made,
        "--engine",
        "none",
        "--also",
        "form",
        "--also",
        "html",
        *language,
    )
    (blank,) = (made / "templates").glob("*.yaml")
    filled = re.sub(r"(?m)^( +[12]/\S+):$", r'\1: "0,1"', blank.read_text())
    (place / "in").mkdir()
    (place / "in" / "one.yaml").write_text(filled)
    run("grade", made, place / "in", "--out", place / "grades", "--no-report")
    return place


def texts_of(bank_names):
    boxes = [box.name for name in bank_names for box in shipped(name).boxes]
    names = [q.name for name in bank_names for q in shipped(name).full]
    return [
        *(f"{n}: {box}" for box in boxes for n in (1, 2)),
        *boxes,
        *names,
        "tanh",
        "sech",
        "h17",
    ]


@pytest.mark.parametrize(
    "place", ["course/sheets", "course/keys", "course/templates", "grades/feedback"]
)
def test_a_course_keeps_its_language(course, place):
    """All commands speak it that come after generate; none of them is told again."""
    with Course.open(course / "course") as opened:
        tokens = list(opened.sheets().values())
    (path,) = (course / place).glob("*.html")
    page = without_names(path.read_text(), None)

    assert not english_words(page, [*texts_of(["forward_pass", "bptt_scalar"]), *tokens])
    assert "Ж" in page


def test_practice_and_quiz_of_a_course_keep_its_language(course, tmp_path):
    """What is made from a course later speaks the language that its sheets have."""
    run(
        "practice",
        "--course",
        course / "course",
        "--exercise",
        "1",
        "--on",
        "forward",
        "--engine",
        "none",
        "--out",
        tmp_path / "practice",
    )
    names = texts_of(["forward_pass"])
    token = r"\b[0-9a-z]{4}-[0-9a-z]{3}-[0-9a-z]{3}\b"

    for path in (tmp_path / "practice").glob("*.html"):
        page = re.sub(token, " ", without_names(path.read_text(), None))
        assert not english_words(page, names)

    for form_, ending in (("moodle", "xml"), ("qti21", "zip")):
        out = tmp_path / f"quiz.{ending}"
        run("quiz", "--course", course / "course", "--exercise", "1", "--to", form_, "--out", out)
    problem = (tmp_path / "quiz.xml").read_text()

    assert "What to do" not in problem
    assert "жжж" in problem


def test_gradescope_answers_in_the_language(course, tmp_path):
    """The archive has the catalogues, also the teacher's own; nothing that it says is English."""
    run("export", course / "course", "--to", "gradescope", "--out", tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "source")

    assert (tmp_path / "source" / "rnnquiz" / "languages" / "de.po").is_file()

    shutil.copytree(course / "in", tmp_path / "submission")
    users = {"users": [{"email": "", "name": "Ж"}]}
    (tmp_path / "submission_metadata.json").write_text(json.dumps(users))
    (tmp_path / "results").mkdir()

    found = autograder.run(tmp_path)

    said = [found["output"], *(test["output"] for test in found["tests"])]
    boxes = [test["name"] for test in found["tests"]]
    assert len(boxes) > 20

    names = texts_of(["forward_pass", "bptt_scalar"])
    assert not english_words("<body>" + " ".join(said), [*names, *boxes])
    assert "ж" in said[0]


def test_another_language_is_refused_for_a_course_that_is_there(course):
    """The language of a course stays: another one asks for a new folder."""
    said = run(
        "generate",
        course / "homework.yaml",
        "--roster",
        course / "roster.csv",
        "--out",
        course / "course",
        "--engine",
        "none",
        "--language",
        "de",
        code=1,
    )

    assert "the language" in said
    assert "or choose a new folder" in said


def test_the_templates_to_fill_in_speak_the_language(course):
    """No remark of a template to fill in is left in English."""
    (blank,) = (course / "course" / "templates").glob("*.yaml")
    remarks = re.findall(r"# (.*)", blank.read_text())

    assert len(remarks) > 4
    assert not re.findall(r"[A-Za-z]{3,}", " ".join(remarks))


def test_a_course_without_a_language_is_english(tmp_path):
    """What was made before there were languages is read as it was."""
    (tmp_path / "roster.csv").write_text("id,name\n1,Ada\n")
    made = tmp_path / "course"
    run(
        "generate",
        "forward_pass",
        "--roster",
        tmp_path / "roster.csv",
        "--out",
        made,
        "--engine",
        "none",
    )
    with Course.open(made) as opened, opened.transaction() as db:
        db.execute("DELETE FROM meta WHERE key = 'language'")

    with Course.open(made) as opened:
        assert opened.language() == Language()
        assert opened.bank().language == Language()


@pytest.mark.parametrize("name", ["bptt_vector", "lstm_step", "find_the_mistake"])
def test_french_sets_a_space_before_double_signs(name):
    """On sheets, keys and feedback pages, in each output, also where the sign stands between two
    names."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])
    wrong = {box.name: "7.25" for box in bank.boxes[::3]}
    marked = corrected(bank, arrays_of(bank, variants_of(bank, 1)), [wrong])
    documents = [
        sheet(bank, solution.variant, "Ada"),
        key(solution, "Ada"),
        feedback(marked, 0, solution, "Ada"),
    ]

    for document in documents:
        page = render(document, "html", Style(language=Language("fr")))
        content = page[page.index("<body>") :]
        text = unescape(re.sub(r"<code.*?</code>|<[^>]*>", "", content, flags=re.S))
        tight = re.findall(r"[^\s\u00a0][:;](?=[\s\u00a0]).{0,20}", text)

        assert text.count(":") > 1
        assert not tight
        # Nor does a line begin with a sign that belongs to a formula.
        assert not re.findall(r"</math> [:;]", content)

        latex = body(document, "latex", Style(language=Language("fr")))
        assert not re.findall(r"[\w}$][:;] (?!\\)[^\n]*", latex)
