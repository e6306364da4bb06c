"""Feedback pages in other languages: nothing of ours stays in English, nothing of the student's is
changed, names are mathematics, numbers have the decimal mark of the language."""

import io
import random
import re
import string
from functools import cache
from html import unescape
from itertools import cycle

import pytest
from babel.messages.pofile import write_po

from rnnquiz.assignment import Assigned, Assignment, Head
from rnnquiz.bank.variant import arrays_of
from rnnquiz.documents.bound import Reviewed, feedback_of, of_attempt
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.documents.render import body, render
from rnnquiz.documents.style import Style
from rnnquiz.grade.simulate import STUDENT_KINDS
from rnnquiz.languages.catalogue import Language, catalogues
from rnnquiz.languages.extract import all_sentences
from rnnquiz.languages.files import Laid
from rnnquiz.languages.sentences import template_parts
from rnnquiz.pages.layout.opening import page_of
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader
from rnnquiz.solution.solved import solve
from tests_support import BANKS, corrected, shipped, slowly, variants_of

STRANGE = str.maketrans(string.ascii_letters, "ж" * len(string.ascii_letters))


def strange(text):
    """A sentence with its letters exchanged, its place-holders as they are."""
    try:
        parts = list(template_parts(text))
    except ValueError:
        return text.translate(STRANGE)
    if all(name is None for _, name, _ in parts):
        return text.translate(STRANGE)
    return "".join(
        literal.translate(STRANGE) + ("" if name is None else f"{{{name}{':' * bool(spec)}{spec}}}")
        for literal, name, spec in parts
    )


@cache
def pseudo():
    """A language that has no letter in common with English: what is not translated shows."""
    catalogue = all_sentences()
    catalogue.locale = "de"
    for entry in catalogue:
        if not entry.id or entry.context in ("language", "decimal mark"):
            continue
        forms = (entry.id,) if isinstance(entry.id, str) else entry.id
        said = tuple(map(strange, forms))
        entry.string = said[0] if isinstance(entry.id, str) else said
    file = io.BytesIO()
    write_po(file, catalogue)
    return Language("de", Laid("pseudo.po", file.getvalue().decode()))


def wrong_without_a_name(bank, givens, _mistaken, generator):
    return {box.name: f"{generator.uniform(3, 90):.7f}" for box in bank.boxes[::2]}


def last_digit(bank, givens, _mistaken, generator):
    """Every third right number with its last digit one larger."""
    right = STUDENT_KINDS[0].answer(bank, givens, _mistaken, generator)
    moved = cycle((True, False, False))
    return {name: bumped(text) if next(moved) else text for name, text in right.items()}


def bumped(text):
    rounded = text[:8]
    digit = rounded[-1]
    return rounded[:-1] + str((int(digit) + 1) % 10) if digit.isdigit() else text


def copied(bank, _givens, mistaken, generator):
    """The numbers of somebody else's sheet."""
    other = arrays_of(bank, [variants_of(bank, 2)[1]])
    return STUDENT_KINDS[0].answer(bank, other, mistaken, generator)


def misread(bank, _givens, _mistaken, _generator):
    """Texts that are no numbers, each for another reason."""
    texts = cycle(["five", "0 604", "1e99", "50 %", "1/0", "2^3", "1,234", "0.1-", "4" * 200])
    return {box.name: next(texts) for box in bank.boxes}


MORE = {
    "wrong without a name": wrong_without_a_name,
    "last digit": last_digit,
    "copied": copied,
    "misread": misread,
}
SITUATIONS = {kind.name: kind.answer for kind in STUDENT_KINDS} | MORE


@cache
def page_for(name, situation):
    """The document of one student, and what the student typed."""
    bank = shipped(name)
    variant = variants_of(bank, 1)[0]
    givens = arrays_of(bank, [variant])
    answers = SITUATIONS[situation](bank, givens, bank.mistaken, random.Random(1))
    marked = corrected(bank, givens, [answers])
    return feedback(marked, 0, solve(bank, variant), "Ж"), marked


def prose(page):
    """What is read on a page, without mathematics and without what the student typed."""
    page = page[page.index("<body>") :]
    page = re.sub(r"<math\b.*?</math>", " ", page, flags=re.S)
    page = re.sub(r"<code\b.*?</code>", " ", page, flags=re.S)
    spoken = " ".join(re.findall(r'(?:aria-label|title|alt)="([^"]*)"', page))
    return unescape(re.sub(r"<[^>]*>", " ", page) + " " + spoken)


def english_words(page, same_everywhere):
    """Words of more than one letter that stand on a page."""
    text = prose(page)
    assert "" not in same_everywhere  # it would part every word into letters
    for own in sorted(same_everywhere, key=len, reverse=True):
        text = text.replace(own, " ")
    return re.findall(r"[A-Za-z]{2,}", text)


def own_words(document, marked):
    """What is the same in all languages: the teacher's words, and names of boxes where a screen
    reader reads them."""
    names = [row.box for row in marked.results(0)]
    texts = [row.typed for row in marked.results(0) if row.typed]
    typed = [one for text in texts for one in (text, " ".join(text.split()))]
    functions = ["tanh", "sigmoid", "softmax", "10^", "e^"]
    return [document.course, document.title, document.token, *names, *typed, *functions]


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_english_is_left(name, situation):
    """In a language without English letters a feedback page has no English word."""
    document, marked = page_for(name, situation)
    page = render(document, "html", Style(language=pseudo()))

    assert not english_words(page, own_words(document, marked))
    assert "Ж" in page


@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_english_is_left_in_other_outputs(name):
    """Nor in the Markdown of a page, whose mathematics is text."""
    document, marked = page_for(name, "one slip")
    english = render(document, "markdown").splitlines()
    other = render(document, "markdown", Style(language=pseudo())).splitlines()

    words = re.compile(r"\b[a-z]{4,}\b")
    same = own_words(document, marked)
    kept = {word for line in other for word in words.findall(line)}
    allowed = set(words.findall(" ".join(same))) | {"tanh", "sigmoid", "softmax", "relu", "onehot"}

    assert kept <= allowed | mathematics(document), kept - allowed
    assert len(english) == len(other)


def mathematics(document):
    """Words within the formulas of a document."""
    lines = [line for block in document.blocks if block.kind == "worked" for line in block.lines]
    folded = [block for block in document.blocks if block.kind == "folded"]
    lines += [row.line for block in folded for row in block.rows if row.line]
    return set(re.findall(r"\b[a-z]{4,}\b", " ".join(line.text() for line in lines)))


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_name_is_left_plain(name, situation):
    """In running text names of boxes and quantities, and formulas, are mathematics."""
    document, marked = page_for(name, situation)
    page = render(document, "html")
    visible = re.sub(r'(?:aria-label|title)="[^"]*"', "", page[page.index("<main>") :])
    text = prose("<body>" + visible)

    bank = marked.bank
    names = {bank.notation.text(q.name) for q in bank.graph} | {box.name for box in bank.boxes}
    plain = [one for one in names if re.search(r"[\[/_.'#]", one) and one in text]

    assert not plain
    assert not re.findall(r"\w\^2|\bh\(1", text)


def test_names_and_formulas_of_sentences_are_typeset():
    """Every misconception with a formula in its sentence has that formula as mathematics, and as
    text where a sentence is mere text."""
    from rnnquiz.documents.naming import typeset_names
    from rnnquiz.languages.sentences import pieces_between
    from rnnquiz.models.misconceptions import catalogue

    with_formulas = [rule for rule in catalogue() if getattr(rule.says, "values", None)]

    assert len(with_formulas) >= 10
    for rule in with_formulas:
        texts = [
            piece for piece in pieces_between(typeset_names(rule.says)) if isinstance(piece, str)
        ]

        assert not re.search(r"[\^{}]|\d", "".join(texts)), rule.says
        assert "{" not in rule.says


@pytest.mark.parametrize("code", sorted(catalogues()))
@pytest.mark.parametrize("name", slowly(BANKS))
def test_numbers_have_the_mark_of_the_language(name, code):
    """Marks and the numbers of the key have a decimal comma where the language writes it; what was
    typed stays as it was typed."""
    document, marked = page_for(name, "one misconception")
    page = render(document, "html", Style(language=Language(code)))
    text = prose(page)
    for own in sorted(own_words(document, marked), key=len, reverse=True):
        text = text.replace(own, "")

    assert Language(code).decimal == ","
    assert not re.findall(r"\d\.\d", text)
    assert f"{marked.totals[0]:.2f}".replace(".", ",") in text

    typed = [row.typed for row in marked.results(0) if row.verdict == "misconception"]
    assert all(f"<code>{one}</code>" in page for one in typed)
    assert not re.findall(r"<mn>\d+\.\d", page)


@pytest.mark.parametrize("output", ["latex", "typst"])
@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_decimal_comma_is_one_between_two_numbers(name, output):
    """In mathematics, where a bare comma is followed by a space."""
    document, _ = page_for(name, "one slip")
    text = body(document, output, Style(language=Language("de")))

    formulas = re.findall(r"(?<!\\)\$(.*?)(?<!\\)\$", text, re.S)
    numbers = [formula for formula in formulas if "[" not in formula]

    assert len(numbers) > 1
    assert not [formula for formula in numbers if re.search(r"\d,\d", formula)]


@pytest.mark.parametrize("days", [0, 1, 3])
def test_several_exercises_late_and_attempts(days):
    """The pages of an assignment of two exercises, of another attempt, handed in late or not."""
    exercises = tuple(
        Assigned(name, place, shipped(name))
        for place, name in enumerate(("bptt_scalar", "gru_step"), start=1)
    )
    assignment = Assignment(Head("Жж", "ж"), exercises)
    reviewed = {}
    for exercise in exercises:
        document, marked = page_for(exercise.key, "one misconception")
        marks = float(marked.totals[0]), float(marked.maxima[0])
        reviewed[exercise.place] = Reviewed(document, exercise, *marks)
    whole = of_attempt(feedback_of(assignment, reviewed, (days, 0.1 * days)), 2)
    page = render(whole, "html", Style(language=pseudo()))

    same = [word for one in reviewed.values() for word in (one.page.title, one.page.course)]
    same += [
        row.box
        for key in (1, 2)
        for row in page_for(exercises[key - 1].key, "one misconception")[1].results(0)
    ]

    assert not english_words(page, [*same, whole.token])
    assert (f" {10 * days}% " in prose(page)) == (days > 0)


WORKED_PAGE = """
h_1 = tanh(0.5) = 0.9
h_2 = 0.123456
q_7 = 0.5 + 0.25 = 0.75
L = (0.1
some words = 3
"""


@pytest.mark.parametrize("name", ["bptt_scalar", "deltas", "gru_step"])
def test_a_worked_page_speaks_the_language(name):
    """Findings, and what could not be read with the reason, are in the language; the student's
    lines stay as they are."""
    bank = shipped(name)
    variant = variants_of(bank, 1)[0]
    solution = solve(bank, variant)
    lines = [line.latex() for line in solution.lines]
    slipped = [f"$${bumped_line(line)}$$" for line in lines[:6]]

    reading = PageReader(bank).read(
        page_of((WORKED_PAGE + "\n\n".join(slipped)).encode(), ".md"), variant
    )

    givens = arrays_of(bank, [variant])
    marked = with_lines(corrected(bank, givens, [reading.answers]), [reading])
    document = feedback(marked, 0, solution, "Ж", reading)

    page = render(document, "html", Style(language=pseudo()))

    assert reading.placed.unread
    assert reading.slips

    typed = re.findall(r"[A-Za-z_]+", WORKED_PAGE)
    assert not english_words(page, [*own_words(document, marked), *typed])


def bumped_line(line):
    """A worked line with another number at its end."""
    return re.sub(r"(\d)(\D*)$", lambda m: f"{(int(m[1]) + 3) % 10}{m[2]}", line)


@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector"])
@pytest.mark.parametrize("output", ["latex", "typst"])
def test_names_are_typeset_in_print_too(name, output):
    """No sentence of a LaTeX or Typst page has a name with its brackets as text."""
    document, marked = page_for(name, "copied")
    text = render(document, output)
    names = [box.name for box in marked.bank.boxes if "[" in box.name]
    body = text.partition(r"\begin{document}")[2] if output == "latex" else alternatives(text)

    assert names
    assert not [one for one in names if one in body]


def alternatives(text):
    """Typst without the texts that screen readers read in place of formulas and pictures."""
    return re.sub(r'(?:(?:eq|line)\(|alt:)\s*"(?:[^"\\]|\\.)*"', "", text)


@pytest.mark.parametrize("code", sorted(catalogues()))
def test_the_names_of_kinds_have_room_beside_their_bars(code):
    """No language has longer ones than English, which fit: the LaTeX page gives them one width."""
    widest = max(map(len, KIND_WORDS.values()))

    assert max(len(Language(code).of(words)) for words in KIND_WORDS.values()) <= widest
