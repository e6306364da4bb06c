"""Sentences in other languages: each keeps its values, no catalogue lacks one."""

import pickle
import re
import shutil
import subprocess

import pytest
from babel import Locale
from keys_reader import PLACES, faults, read

from rnnquiz.bank.load import load_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.key import key
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.render import body
from rnnquiz.documents.saying import in_language
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Heading, Paragraph
from rnnquiz.errors import BankError
from rnnquiz.files.resources import bank_path
from rnnquiz.grade.mark import mark
from rnnquiz.languages.catalogue import Language, catalogues, language_names, language_of
from rnnquiz.languages.checking import first_of, holders, known_sentences
from rnnquiz.languages.extract import all_sentences, brought_up_to_date, extracted
from rnnquiz.languages.files import CATALOGUES, Laid, read_catalogue
from rnnquiz.languages.sentences import (
    HERE,
    Figure,
    Message,
    meant,
    pieces_between,
    plural,
    said,
    strung,
)
from rnnquiz.solution.solved import solve_all
from tests_support import slowly, variants_of

needs_tex = pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)


class Shouted:
    """A language whose sentences are those of English in capitals, the other way round."""

    decimal = ","

    def of(self, text):
        return text.said_in(self) if isinstance(text, Message) else text

    def form_of(self, message):
        form = message.message if message.number in (None, 1) else message.many
        parts = re.split(r"(\{[^}]*\})", form)
        return "".join(p if p.startswith("{") else p.upper() for p in reversed(parts))


SHOUTED = Shouted()


def test_a_sentence_is_its_english_text():
    """Whoever uses a text goes on with a sentence as with the text that it is."""
    sentence = said("{box}: off by {amount:.2f}", box="h[1]", amount=0.5)

    assert sentence == "h[1]: off by 0.50"
    assert {sentence: 1}["h[1]: off by 0.50"] == 1
    assert plural("{n} box", "{n} boxes", 1) == "1 box"
    assert plural("{n} box", "{n} boxes", 3) == "3 boxes"
    assert said("{ no values, no place-holders }") == "{ no values, no place-holders }"


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        (said("plain"), "PLAIN"),
        (said("{box} is off by {amount:.2f}", box="h[1]", amount=0.5), "0,50 IS OFF BY h[1]"),
        (said("{number} is typed", number=Figure("-0.604")), " IS TYPED-0,604"),
        (said("{number} is typed", number="-0.604"), " IS TYPED-0.604"),
        (plural("{n} box", "{n} boxes", 1), " BOX1"),
        (plural("{n} box", "{n} boxes", 2), " BOXES2"),
        (said("so {inner}", inner=said("{a} and {b}", a="x", b="y")), "y AND xSO "),
        (strung(", ", [said("one"), "two"]), "ONE, two"),
        (meant("verdict", "right"), "RIGHT"),
    ],
)
def test_a_sentence_keeps_its_values_in_another_language(sentence, wanted):
    """Values stand where the language puts them; what is no sentence is not translated."""
    assert SHOUTED.of(sentence) == wanted
    assert SHOUTED.of(pickle.loads(pickle.dumps(sentence))) == wanted


def test_mathematics_stands_where_the_language_puts_it():
    """Values that are no texts are found again, in the order of the translation."""
    slope, state = Symbol("h'[2]"), Symbol("h[2]")
    sentence = said("{slope} is that of {state}", slope=slope, state=state)

    assert sentence == f"{HERE} is that of {HERE}"
    assert pieces_between(sentence) == (slope, " is that of ", state)
    assert pieces_between(SHOUTED.of(sentence)) == (state, " IS THAT OF ", slope)

    nested = strung(" ", [said("first"), sentence])
    assert pieces_between(SHOUTED.of(nested)) == ("FIRST ", state, " IS THAT OF ", slope)


def test_a_document_is_translated_in_one_place():
    """What is no sentence of ours, such as a teacher's title, stays the object that it was."""
    own = Heading("A title of the teacher's")
    blocks = (own, Heading(said("The network")), Paragraph(said("{n} is", n=Symbol("L"))))

    there = in_language(blocks, SHOUTED, {})

    assert there[0] is own
    assert there[1].text == "THE NETWORK"
    assert there[2].pieces == (" IS", Symbol("L"))


# ---- The catalogues


@pytest.mark.parametrize("code", language_names())
def test_a_language_has_the_name_and_the_mark_that_unicode_gives_it(code):
    """What a catalogue calls its language, and its decimal mark, are those of Unicode's own data
    (CLDR, as Babel has it)."""
    known = Locale.parse(code)

    assert language_names()[code].casefold() == known.get_display_name().casefold()
    assert Language(code).decimal == known.number_symbols["latn"]["decimal"]


@pytest.fixture(scope="module")
def every_sentence():
    return {(context or "", first_of_ids(ids)) for _, (ids, context) in extracted()}


def first_of_ids(ids):
    return ids if isinstance(ids, str) else ids[0]


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_no_language_lacks_a_sentence(path, every_sentence):
    """What the source, the templates and the data say is in each catalogue, translated, and
    nothing else is."""
    catalogue = read_catalogue(Laid(path.name, path.read_text(encoding="utf-8")))
    entries = [entry for entry in catalogue if entry.id]

    assert {(entry.context or "", first_of(entry)) for entry in entries} == every_sentence

    lacking = [first_of(entry) for entry in entries if not all(forms_of(entry))]
    assert not lacking, f"run  python -m rnnquiz.languages.extract  and translate {lacking}"
    assert not [entry.id for entry in entries if entry.fuzzy]


def forms_of(entry):
    return entry.string if isinstance(entry.string, tuple) else (entry.string,)


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_no_sentence_lacks_its_place_holders(path):
    """A translation has the place-holders of its sentence; a number may be left out of a plural."""
    catalogue = read_catalogue(Laid(path.name, path.read_text(encoding="utf-8")))

    for entry in catalogue:
        if not entry.id or not any(forms_of(entry)):
            continue
        ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        wanted = set().union(*map(holders_of, ids))

        for form in forms_of(entry):
            lost = wanted ^ holders_of(form)
            assert lost <= ({"{n}"} if len(ids) > 1 else set()), (path.name, form)


def holders_of(text):
    """Place-holders as another reader sees them: whatever stands in single braces, a name or a
    formula."""
    return set(re.findall(r"\{[^{}]+\}", text))


def test_the_two_readers_of_place_holders_agree():
    """What the extraction takes for a place-holder is what the catalogues are checked for."""
    for _, (ids, _) in extracted():
        for text in (ids,) if isinstance(ids, str) else ids:
            if "{" in text:
                assert holders(text) == holders_of(text), text


# ---- A teacher's own


def some_sentence():
    return next(
        text for context, text in sorted(known_sentences()) if not context and "{" not in text
    )


def some_sentence_with_values():
    counting = {ids[0] for _, (ids, _) in extracted() if not isinstance(ids, str)}
    found = (
        text for context, text in sorted(known_sentences()) if not context and holders_of(text)
    )
    return next(text for text in found if text not in counting)


def entry_of(text, translation):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'msgid "{quoted}"\nmsgstr "{translation}"\n\n'


def test_a_teachers_catalogue_is_laid_over():
    """Its sentences win; all others are those of the language."""
    text = some_sentence()
    other = next(t for c, t in sorted(known_sentences()) if not c and "{" not in t and t != text)
    over = Laid("my.po", HEADER.format("de") + entry_of(text, "wie ich es sage"))

    language = language_of("de", over)

    assert language.of(said(text)) == "wie ich es sage"
    assert language.of(said(other)) == Language("de").of(said(other))
    assert language.decimal == ","
    assert pickle.loads(pickle.dumps(language)) == language


def test_a_bank_that_is_read_again_has_the_catalogue_of_now(tmp_path):
    """In one process, as in a notebook: its own text is the same, the file beside it is not."""
    text, path = some_sentence(), tmp_path / "bank.yaml"
    bank = bank_path("one_step").read_text(encoding="utf-8")
    path.write_text(f"{bank}\nlanguage: de\ncatalogue: mine.po\n", encoding="utf-8")

    said_as = []
    for words in ("wie ich es sage", "wie ich es nun sage"):
        written = HEADER.format("de") + entry_of(text, words)
        (tmp_path / "mine.po").write_text(written, encoding="utf-8")
        said_as.append(load_bank(path).language.of(said(text)))

    assert said_as == ["wie ich es sage", "wie ich es nun sage"]


def damaged():
    """What is wrong in a catalogue, and what is said of it."""
    text = some_sentence_with_values()
    lost = sorted(holders_of(text))[0]
    return [
        (HEADER.format("de") + entry_of(text, "nichts"), f"{lost} is lost"),
        (HEADER.format("de") + entry_of(text, text + " {x}"), "{x} is no place-holder of it"),
        (HEADER.format("de") + entry_of(text, text + " {"), "write place-holders as {name}"),
        (HEADER.format("de") + entry_of("No such sentence", "x"), "is no sentence of rnnquiz"),
        (HEADER.format("fr"), "this catalogue is for de"),
        (HEADER.format("de") + "msgid nothing\n", "line 6"),
    ]


@pytest.mark.parametrize("which", range(6))
def test_a_bad_catalogue_is_refused(which):
    """With the file, the entry, the line and what would do."""
    text, wanted = damaged()[which]

    with pytest.raises(BankError) as refused:
        language_of("de", Laid("my.po", text))

    assert "my.po" in str(refused.value)
    assert wanted in str(refused.value)


def test_a_language_that_is_not_there_is_refused_with_those_that_are():
    """The error for an unknown language lists the known ones with their names."""
    with pytest.raises(BankError, match=r"xx.*en \(English\), de \(Deutsch\)"):
        language_of("xx")


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_a_catalogue_is_brought_up_to_date_and_then_stays_as_it_is(path):
    """One that lacks a sentence gets it, untranslated, in its place; one that has all of them is
    the same byte by byte."""
    text, sentences = path.read_text(encoding="utf-8"), all_sentences()
    head, *entries = text.split("\n\n")
    lacking = "\n\n".join([head, *entries[:7], *entries[8:]])
    lost = entries[7].partition("\nmsgstr")[0]

    mended = brought_up_to_date(lacking, path.name, sentences)

    assert brought_up_to_date(text, path.name, sentences) == text
    assert mended.split("\n\n")[8] == f'{lost}\nmsgstr ""'


# ---- Keys in other languages

POINTED = {
    "latex": (r"\{,\}", "."),
    "typst": (r'(?<=\d)","(?=\d)', "."),
    "html": (r"(?<=\d),(?=\d)", "."),
}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_a_decimal_comma_stands_close_to_its_digits(engine):
    """On the printed page nothing parts a comma from the digits beside it."""
    bank = load_bank(bank_path("bptt_scalar"))
    solution = solve_all(bank, variants_of(bank, 1)).one_by_one[0]

    (pdf,) = pdfs([key(solution, "Ada")], engine, Style(language=Language("de")))
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert len(re.findall(r"\d,\d", text)) > 100
    assert not re.findall(r"\d +,\d|\d, +\d|\d\.\d", text)


def test_what_is_found_of_a_mistake_has_a_word_in_the_language():
    """The sheet asks for a line and a value in German; a text that is typed keeps the names by
    which its boxes are known."""
    bank = load_bank(bank_path("find_the_mistake"))
    (variant,) = variants_of(bank, 1)
    (solution,) = solve_all(bank, [variant]).one_by_one
    german = Style(language=Language("de"))
    documents = sheet(bank, variant, "Ada"), key(solution, "Ada")
    wrong = [{}, {"line": "0", "value": "0"}, {"line": "x", "value": solution.rounded["value"]}]
    marked = mark(bank, arrays_of(bank, [variant] * len(wrong)), wrong)
    returned = [feedback(marked, n, solution, "Ada") for n in range(len(wrong))]
    outputs = ("latex", "typst", "html")

    printed = [body(d, output, german) for d in (*documents, *returned) for output in outputs]
    typed = [body(d, "markdown", german) for d in documents]

    for text in printed:
        assert "Zeile" in text
        assert not re.search(r"{(line|value)}|<m\w+>(line|value)<|\$ *\"?(line|value)\b", text)
    for text in typed:
        assert "line =" in text
        assert "value =" in text


@pytest.mark.parametrize("output", POINTED)
@pytest.mark.parametrize("code", slowly(catalogues(), ("de",)))
@pytest.mark.parametrize("name", ["bptt_vector", "gru_step", "worked_example"])
def test_a_key_in_each_language_is_read_back(name, code, output):
    """With the decimal mark of the language and no other; each line follows from the numbers
    printed in it."""
    bank = load_bank(bank_path(name))
    solution = solve_all(bank, variants_of(bank, 1)).one_by_one[0]
    document = key(solution, "Ada")
    english = body(document, output)
    text = body(document, output, Style(language=Language(code)))

    shown = [source for pattern in PLACES[output] for source in re.findall(pattern, text)]
    assert len(shown) > len(solution.lines)
    assert not [source for source in shown if re.search(r"\d\.\d", source)]

    found = read(re.sub(*POINTED[output], text), output)
    assert faults(found) == []
    assert [worked.value for worked in found.lines] == [
        worked.value for worked in read(english, output).lines
    ]
