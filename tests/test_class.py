"""Documents of a class: many in one run, split, filled in, bound in a book; the same bytes each
time; nothing leaks."""

import io
import math
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from dataclasses import replace
from functools import cache

import pikepdf
import pypdf
import pytest
from pypdf import PdfReader

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import Variant, arrays_of, draws, exact_givens, seed_of
from rnnquiz.course.folders import SECRET as SECRET_FILE
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents import texrun
from rnnquiz.documents.classbook import in_order_of_names
from rnnquiz.documents.engines import ENGINES, missing_for_latex, pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.key import SUBTITLES, key
from rnnquiz.documents.pdf import About, split
from rnnquiz.documents.pdf_books import pages_of
from rnnquiz.documents.render import PLAIN, preamble, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import OwnTemplates, Style
from rnnquiz.documents.tree import Heading
from rnnquiz.errors import BankError, CourseError
from rnnquiz.fields import box_name, field_name
from rnnquiz.files.resources import folder
from rnnquiz.grade.mark import mark
from rnnquiz.people.roster import Student
from rnnquiz.solution.distinguish import mistakes_told_apart
from rnnquiz.solution.solved import solve, solve_all
from rnnquiz.submissions.pdf_forms import Form, FormReader
from tests_support import BANKS, SECRET, shipped, variants_of, within

pytestmark = pytest.mark.slow

LATEX = pytest.param(
    "latex", marks=pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
)
BOTH = pytest.mark.parametrize("engine", [LATEX, "typst"])
needs_tex = LATEX.marks[0]
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="no pdftotext on this machine"
)


def class_of(count):
    return [Student(f"s{i:02d}", f"Student {i}", "", i) for i in range(1, count + 1)]


def altered(name, **replaced):
    """A shipped bank with other sizes or steps, and a variant of it that nobody certified."""
    text = (folder("question_banks") / f"{name}.yaml").read_text()
    for pattern, value in replaced.values():
        assert re.search(pattern, text, re.MULTILINE)
        text = re.sub(pattern, value, text, count=1, flags=re.MULTILINE)
    bank = parse_bank(text)
    return bank, Variant(
        "s",
        1,
        "abcd-efg-hij",
        0,
        exact_givens(bank, draws(bank, [seed_of(SECRET, bank, "s", 1)], [0])[0]),
    )


LARGE = {
    "eight steps": lambda: altered("bptt_scalar", steps=("^steps: 3", "steps: 8")),
    "eight steps of deltas": lambda: altered("deltas", steps=("^steps: 3", "steps: 8")),
    "four hidden units": lambda: altered(
        "bptt_vector",
        sizes=("{input: 2, hidden: 2, output: 1}", "{input: 4, hidden: 4, output: 3}"),
    ),
    "gates of four units": lambda: altered(
        "lstm_step", sizes=(r"(cell: \w+)", r"\1\n  sizes: {input: 4, hidden: 4, output: 2}")
    ),
}


def words_of(pdf):
    """Pages as (width, height, [(left, top, right, bottom, word)])."""
    text = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    pages = []
    for found in re.finditer(
        r'<page width="([\d.]+)" height="([\d.]+)"|<word xMin="([\d.]+)" yMin="([\d.]+)"'
        r' xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)',
        text,
    ):
        if found[1]:
            pages.append((float(found[1]), float(found[2]), []))
        else:
            pages[-1][2].append((*(float(found[k]) for k in (3, 4, 5, 6)), found[7]))
    return pages


def text_of(pdf):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def flat(printed):
    return (
        [printed] if isinstance(printed, str) else [text for part in printed for text in flat(part)]
    )


@cache
def solved_bank(name):
    """One variant of a bank with what its numbers show, worked out once for all tests."""
    bank, variant = (
        LARGE[name]() if name in LARGE else (shipped(name), variants_of(shipped(name), 1)[0])
    )
    solved = solve_all(bank, [variant])
    return bank, variant, solved.one_by_one[0], mistakes_told_apart(solved)[0]


def documents_of(name):
    bank, variant, solution, mistakes = solved_bank(name)
    yield sheet(bank, variant, "Ada Lovelace " * 6)
    yield key(solution, "Ada Lovelace", "explained", mistakes)
    yield key(solution, "Ada Lovelace", "worked")
    yield key(solution, "Ada Lovelace", "results", mistakes)
    texts = [{box.name: "1.23456" if k % 3 else "" for k, box in enumerate(bank.boxes)}]
    yield feedback(mark(bank, arrays_of(bank, [variant]), texts), 0, solution, "Ada Lovelace")


def overlapping(words):
    """Pairs of words that stand on one another: most of a line's height, and more than a hair of
    width (brackets around a fraction, and indices, touch); accents stand on their letters."""
    found = []
    ordered = sorted(w for w in words if not all(unicodedata.combining(c) for c in w[4]))
    for k, (x0, y0, x1, y1, text) in enumerate(ordered):
        for other in ordered[k + 1 :]:
            if other[0] >= x1 - 1.5:
                break
            shared = min(y1, other[3]) - max(y0, other[1])
            width = min(x1, other[2]) - other[0]
            high = shared > 0.6 * min(y1 - y0, other[3] - other[1])
            if high and width > max(1.5, 0.3 * min(x1 - x0, other[2] - other[0])):
                found.append((text, other[4]))
    return found


def test_words_that_stand_on_one_another_are_found():
    """Two words in one place, and one that runs into the next, overlap; neighbours in a line and
    lines below one another do not."""
    first = (100.0, 100.0, 140.0, 110.0, "first")

    for left, top, found in ((100, 100, 1), (120, 102, 1), (141, 100, 0), (100, 111, 0)):
        second = (left, top, left + 40.0, top + 10.0, "second")
        assert len(overlapping([first, second])) == found


@needs_poppler
@BOTH
@pytest.mark.parametrize("name", [*BANKS, *LARGE])
def test_pages_are_whole_and_the_same_each_time(name, engine):
    """No word leaves the text area or stands on another, no heading ends a page, each page says
    page x of y, in sheet, key (worked and explained), page of the class book and feedback of every
    bank and of large networks; twice the same bytes."""
    documents = list(documents_of(name))
    made = pdfs(documents, engine)

    assert made == pdfs(documents, engine)
    for document, pdf in zip(documents, made, strict=True):
        assert isinstance(pdf, bytes), pdf

        headings = {
            block.text
            for block in document.blocks
            if isinstance(block, Heading) and block.math is None
        }
        pages = words_of(pdf)

        for width, height, words in pages:
            outside = [
                w
                for w in words
                if w[2] > width - 56.7 + 2.5 or w[0] < 56.7 - 2.5 or w[3] > height - 20
            ]

            assert not outside
            assert not overlapping(words)

        text = text_of(pdf).split("\f")[: len(pages)]
        for number, page in enumerate(text, start=1):
            lines = [line.strip() for line in page.splitlines() if line.strip()]
            assert lines[-1] == f"page {number} of {len(pages)}"
            assert lines[-2] not in headings


DERIVATIONS = ("fill_the_gaps", "find_the_mistake")  # whose sheets have all lines of a solution
SCALARS = ("bptt_scalar", "worked_example", "deltas", "truncated")
LINES_ON_A_PAGE, FIRST_AND_LAST = 16, 1.5  # of a key, and pages for what stands around its lines


def most_pages(name, lines):
    """Pages of sheet, key and results: by hand for those that the plan speaks of, else in
    proportion to the lines of the solution."""
    sheets = 3 if name == "hello" else 2
    worked = 4 if name in DERIVATIONS else math.ceil(FIRST_AND_LAST + lines / LINES_ON_A_PAGE)
    if name == "hello":  # products of matrices of eight numbers are worked row by row
        worked = 5
    return sheets, 5 if name in SCALARS else worked, 2 if name == "hello" else 1


@BOTH
@pytest.mark.parametrize("name", BANKS)
def test_no_document_has_more_pages_than_it_needs(name, engine):
    """Sheets of scalars print on one sheet of paper; keys grow with the lines of their solution;
    results take a page."""
    bank, variant, solution, _ = solved_bank(name)
    documents = [sheet(bank, variant, "Ada"), key(solution, "Ada"), key(solution, "A", "results")]
    pages = [pages_of(pdf) for pdf in pdfs(documents, engine)]
    limits = most_pages(name, len(solution.lines))

    assert all(count <= limit for count, limit in zip(pages, limits, strict=True)), pages


LARGER = {
    "vectors over three steps": lambda: altered("bptt_vector", steps=("^steps: 2", "steps: 3")),
    "vectors over four steps": lambda: altered("bptt_vector", steps=("^steps: 2", "steps: 4")),
    "scalars over four steps": lambda: altered("bptt_scalar", steps=("^steps: 3", "steps: 4")),
}
LEAST_LETTERS = 7 - 0.1  # points of a number; drawn letters may be a hair smaller than their name


def page_of_the_book(name):
    if name in BANKS or name in LARGE:
        _, _, solution, mistakes = solved_bank(name)
    else:
        bank, variant = LARGER[name]()
        solved = solve_all(bank, [variant])
        solution, mistakes = solved.one_by_one[0], mistakes_told_apart(solved)[0]
    return key(solution, "Ada", "results", mistakes)


def sizes_of_numbers(pdf):
    """The sizes of the letters in which numbers with a point stand on the first page, in points.
    Engines draw a number in pieces; only numbers have points without letters around them."""
    found = set()

    def look(text, transformed, place, _font, size):
        if text.strip(" =−-0123456789()") == ".":
            found.add(round(size * abs(place[3]) * abs(transformed[3]), 1))

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=look)
    return found


@BOTH
@pytest.mark.parametrize("name", [*BANKS, *LARGER])
def test_a_page_of_the_class_book_is_one_page(name, engine):
    """Results and what each mistake gives take one page, also of 60 to 80 boxes, with no number in
    letters of less than 7 points."""
    (pdf,) = pdfs([page_of_the_book(name)], engine)

    assert pages_of(pdf) == 1

    sizes = sizes_of_numbers(pdf)
    assert sizes
    assert min(sizes) >= LEAST_LETTERS


@BOTH
def test_what_does_not_fit_on_a_page_of_the_book_is_in_full_size(engine):
    """Where letters of 7 points are too large, there are several pages, in those of a key."""
    page = page_of_the_book("eight steps")
    several, whole = pdfs([page, replace(page, titled=True, title="", subtitle="")], engine)

    assert pages_of(several) > 1
    assert sizes_of_numbers(several) == sizes_of_numbers(whole)


@BOTH
def test_vectors_of_two_over_four_steps_take_few_pages(engine):
    """Hidden 2, four steps, at least 67 boxes: a sheet of three pages, a key of six."""
    bank, variant = altered("bptt_vector", steps=("^steps: 2", "steps: 4"))
    solution = solve(bank, variant)
    assert len(bank.boxes) >= 67

    pages = [pages_of(pdf) for pdf in pdfs([sheet(bank, variant, "A"), key(solution, "A")], engine)]
    assert pages[0] <= 3
    assert pages[1] <= 6


HOSTILE_TITLE = (
    r"Rückwärts <b>bold</b> $x_1$ \input{a} #let x = 1 & 100 % {a} ~ ^ @ref *b* _i_ " * 3
)


@needs_poppler
@BOTH
@pytest.mark.parametrize("name", ["W" * 200, "Wolfeschlegelsteinhausenbergerdorff " * 6, "Ẽ" * 200])
def test_names_and_titles_of_any_length_stay_in_their_place(name, engine):
    """A name of two hundred letters without a blank, and a title of five lines with the signs of
    three languages: no word leaves the page or stands on another; the id stands whole on each page,
    and the title whole on the first."""
    bank = shipped("bptt_vector")
    written = bank.written.model_copy(update={"title": HOSTILE_TITLE.strip()})
    shown = Student("s1234567", name, "", 1).shown
    variant = variants_of(bank, 1)[0]
    (pdf,) = pdfs([sheet(replace(bank, written=written), variant, shown)], engine)

    for width, height, words in words_of(pdf):
        assert not [w for w in words if w[2] > width - 54 or w[0] < 54 or w[3] > height - 20]
        assert not overlapping(words)

        text = " ".join(word for *_, word in words)
        assert "(s1234567)" in text
    assert text_of(pdf).count("@ref") >= 3


@needs_poppler
@BOTH
@pytest.mark.parametrize("name", BANKS)
def test_a_key_has_every_boxed_value_and_a_sheet_none(name, engine):
    """pdftotext finds every asked value in the key; no long answer stands in the sheet's text,
    metadata, attachments or form fields."""
    bank = shipped(name)
    variant = variants_of(bank, 1)[0]
    solution = solve(bank, variant)

    empty = sheet(bank, variant, "Ada")
    worked, short, plain = pdfs(
        [key(solution, "Ada"), key(solution, "Ada", "results"), empty], engine
    )
    (form,) = pdfs([empty], engine, Style(fillable=True))
    answers = {text.lstrip("-") for asked in bank.asked for text in flat(solution.rounded[asked])}

    for pdf in (worked, short):
        printed = text_of(pdf)
        assert not [answer for answer in answers if answer not in printed]

    given = {
        text.lstrip("-")
        for q in bank.graph.givens
        if q.name in solution.rounded
        for text in flat(solution.rounded[q.name])
    }
    telling = {answer for answer in answers - given if len(answer.replace(".", "").strip("0")) >= 4}

    for pdf in (plain, form):
        inside = text_of(pdf) + everything_in(pdf)
        assert not [answer for answer in telling if answer in inside]


def everything_in(pdf):
    """All strings of a PDF: metadata, names, values of fields; and that nothing is attached."""
    found = []

    def strings(item, depth=0):
        if isinstance(item, pikepdf.String):
            found.append(str(item))
        elif isinstance(item, pikepdf.Dictionary | pikepdf.Array) and depth < 4:
            for part in item.values() if isinstance(item, pikepdf.Dictionary) else item:
                strings(part, depth + 1)

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.attachments
        strings(opened.trailer.get("/Info", pikepdf.Dictionary()))
        for item in opened.objects:
            strings(item)
        found.append(str(opened.open_metadata()))
    return " ".join(found)


@needs_tex
def test_a_document_that_cannot_be_set_is_found_and_the_others_come_out():
    """Of five documents two are at fault: TeX's message for each of them, whole PDFs for the
    rest."""
    bodies = ["\\begin{sheet}\nA\n\\end{sheet}\n"] * 5
    bodies[1] = "\\begin{sheet}\n\\undefined\n\\end{sheet}\n"
    bodies[4] = "\\begin{sheet}\n$x_1_2$\n\\end{sheet}\n"
    results = ENGINES["latex"](bodies, [About(str(k), "") for k in range(5)], PLAIN)

    assert [isinstance(result, bytes) for result in results] == [True, False, True, True, False]
    assert "Undefined control sequence" in results[1]
    assert "Double subscript" in results[4]


@needs_tex
def test_a_preamble_at_fault_is_said_once_for_each_document(tmp_path):
    """A teacher's preamble that TeX cannot read is tried once, not once for every student."""
    (tmp_path / "preamble.tex.jinja").write_text("<< packages >>\n\\undefined\n")
    with within(20):
        results = ENGINES["latex"](
            ["\\begin{sheet}x\\end{sheet}\n"] * 40,
            [About("t", "")] * 40,
            Style(templates=OwnTemplates.read(tmp_path)),
        )

    assert len(results) == 40
    assert all(
        "preamble" in result and "Undefined control sequence" in result for result in results
    )


@needs_tex
@pytest.mark.parametrize(
    "body",
    [
        r"\def\x{\x}\x",
        r"\def\x{\x\x}\x",
        r"\loop\typeout{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\iftrue\repeat",
        r"\loop\shipout\hbox{\vrule width 9cm height 9cm}\iftrue\repeat",
        (
            r"\newcount\n\loop\advance\n by 1 \expandafter\xdef\csname"
            r" a\the\n\endcsname{\the\n}\iftrue\repeat"
        ),
    ],
)
def test_a_run_without_end_is_stopped(body):
    """A document that never ends, fills the memory or the disk is stopped within seconds, with a
    message."""
    few = texrun.Limits(seconds=1, kilobytes_of_memory=400_000, blocks_of_output=20_000)
    texrun.set_together(preamble(PLAIN), ["\\begin{sheet}x\\end{sheet}\n"])

    with within(20), pytest.raises(texrun.TexFailure):
        texrun.set_together(preamble(PLAIN), [f"\\begin{{sheet}}{body}\\end{{sheet}}"], few)


@needs_tex
@pytest.mark.parametrize(
    "body",
    [
        r"\immediate\pdfobj stream file{/etc/passwd}",
        r"\pdfmapfile{/etc/passwd}",
        r"\newread\f\openin\f=/etc/passwd \read\f to\x \x",
        r"\pdffiledump offset 0 length 100 {/etc/passwd}",
        r"\immediate\write18{cat /etc/passwd}",
        r"\input|cat\space/etc/passwd ",
        r"\pdfximage{/etc/passwd}",
        r"\newwrite\f\immediate\openout\f=FOLDER/was-here\immediate\write\f{x}",
    ],
)
def test_a_run_reads_and_writes_nothing_outside(body, tmp_path):
    """Whatever a template asks TeX for, no line of a file of this machine comes into the PDF, and
    none is written."""
    (result,) = ENGINES["latex"](
        [f"\\begin{{sheet}}x {body.replace('FOLDER', str(tmp_path))}\\end{{sheet}}"],
        [About("t", "")],
        PLAIN,
    )

    if isinstance(result, str):
        assert "root:" not in result
    else:
        with pikepdf.open(io.BytesIO(result)) as opened:
            assert not [
                item
                for item in opened.objects
                if isinstance(item, pikepdf.Stream) and b"root:" in item.read_bytes()
            ]
    assert not list(tmp_path.iterdir())


@needs_tex
def test_a_split_keeps_links_bookmarks_and_pages_apart():
    """Each document of a run has its own pages, in order, and its own links."""
    more = "P\\newpage "
    bodies = [
        f"\\begin{{sheet}}\n"
        f"{more * k}\\sheetfield{{https://example.org/{k}}}{{20pt}} end\n"
        "\\end{sheet}\n"
        for k in range(4)
    ]
    pdf, pages = texrun.set_together(preamble(Style(fillable=True)), bodies)

    assert pages == (1, 2, 3, 4)
    for k, one in enumerate(split(pdf, pages, [About("t", "")] * 4)):
        with pikepdf.open(io.BytesIO(one)) as opened:
            assert len(opened.pages) == k + 1
            links = [str(link.A.URI) for page in opened.pages for link in page.get("/Annots", [])]
            assert links == [f"https://example.org/{k}"]


@pytest.mark.parametrize(
    "name",
    ["dL[2]/dU", "h'[1]", "U_new.1.2", "dL/dW_aa@3", "m_U#1", "Zeta", "λ[1]", "a b", "Z2F", "#%&"],
)
def test_names_of_fields_can_be_read_back(name):
    """Letters and digits only, unlike for unlike names, and the name comes back."""
    assert re.fullmatch("[A-Za-z0-9]+", field_name(name))
    assert box_name(field_name(name)) == name


def test_fields_of_all_boxes_differ():
    """No two boxes of a bank share a field."""
    for name in BANKS:
        boxes = [box.name for box in shipped(name).boxes]
        assert len({field_name(box) for box in boxes}) == len(boxes)


@BOTH
def test_filled_sheets_are_marked(tmp_path, engine):
    """A sheet filled in by two libraries has full marks; a printed, a cut and a foreign PDF are
    named; a blank one has none."""
    bank = shipped("bptt_scalar")
    roster = class_of(5)
    generate(bank, roster, tmp_path / "course", Wanted(engine, Style(fillable=True)))

    submissions = tmp_path / "in"
    submissions.mkdir()
    with Course.open(tmp_path / "course") as course:
        variants = {variant.student: variant for variant in course.variants()}
    for student in roster:
        rounded = solve(bank, variants[student.id]).rounded
        values = {field_name(name): str(rounded[name]) for name in bank.asked}
        empty = (tmp_path / "course" / "sheets" / f"{student.stem}.pdf").read_bytes()
        fill(student.position, empty, values, submissions)

    graded = grade(tmp_path / "course", submissions, None, GradeOptions(dry_run=True))

    assert [row.marks for row in graded.rows] == [40, 40, 0, None, None]
    assert len(graded.problems) == 3
    for number, word in ((3, "all fields are empty"), (4, "printed"), (5, "cut off")):
        assert [p for p in graded.problems if p.startswith(f"{number}.pdf") and word in p]


def fill(kind, empty, values, place):
    """Hand in: 1 by pypdf with appearances, 2 by pikepdf with minus signs, 3 blank, 4 without
    fields, 5 cut off."""
    if kind == 1:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(empty))
        for page in writer.pages:
            writer.update_page_form_field_values(page, values, auto_regenerate=False)
        writer.write(place / "download (1).pdf")
        return
    with pikepdf.open(io.BytesIO(empty)) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) in values and kind == 2:
                field.V = pikepdf.String(values[str(field.T)].replace("-", "\u2212"))
        if kind == 4:
            del pdf.Root.AcroForm
            for page in pdf.pages:
                page.Annots = pikepdf.Array()
        pdf.save(place / f"{kind}.pdf")
    if kind == 5:
        (place / "5.pdf").write_bytes(empty[:4000])


def link_target(book, link):
    """The page, from 0, that a link leads to."""
    return book.pages.index(pikepdf.Page(link.Dest[0]))


@BOTH
def test_a_book_of_worked_keys_by_option(tmp_path, engine):
    """`worked_book` makes a book of worked keys, also beside the one with a page a student."""
    wanted = Wanted(engine, also=("book", "worked_book"))
    generate(shipped("one_neuron"), class_of(2), tmp_path, wanted)

    for name, worked in (("class_book.pdf", 0), ("class_book_worked.pdf", 2)):
        text = text_of((tmp_path / name).read_bytes())
        assert text.count("Worked key") == worked
        assert text.count("what mistakes give") == 2


@needs_poppler
@BOTH
def test_index_and_feet_of_pages_count_alike(tmp_path, engine):
    """In a book in which students have several pages, the index leads to the page whose foot has
    that number, where the student's own pages begin; each of these says which it is."""
    generate(shipped("one_neuron"), class_of(3), tmp_path, Wanted(engine, also=("worked_book",)))

    *pages, _ = text_of((tmp_path / "class_book_worked.pdf").read_bytes()).split("\f")

    feet = [page.strip().splitlines()[-1] for page in pages]
    numbers = [re.search(r"page (\d+) of (\d+)$", foot).groups() for foot in feet]
    assert numbers == [(str(k), str(len(pages))) for k in range(1, len(pages) + 1)]

    rows = re.findall(r"(Student \d) .* (\d+)\n", pages[0])
    assert [name for name, _ in rows] == ["Student 1", "Student 2", "Student 3"]
    for name, number in rows:
        assert name in pages[int(number) - 1]
        assert re.match(r"this sheet: page 1 of [2-9]", feet[int(number) - 1])


@needs_poppler
@BOTH
def test_a_book_says_who_has_several_pages(tmp_path, engine):
    """Its first page tells what small numbers mean, and how many students one page is not enough
    for."""
    bank, _ = altered("bptt_scalar", steps=("^steps: 3", "steps: 8"))
    generate(bank, class_of(1), tmp_path, Wanted(engine, also=("book",)), executor="alone")

    first, *_ = text_of((tmp_path / "class_book.pdf").read_bytes()).split("\f")

    assert "units of its last digit" in " ".join(first.split())
    assert "One student has several pages" in first


@BOTH
def test_the_class_book_has_all_keys_bookmarks_and_an_index(tmp_path, engine):
    """A page a student: results, and what mistakes give. Each student's bookmark and line of the
    index lead there, and the student's name leads back."""
    generate(
        shipped("worked_example"),
        class_of(4),
        tmp_path,
        Wanted(engine, also=("book", "marking_sheet", "short_keys")),
    )
    with pikepdf.open(tmp_path / "class_book.pdf") as book, book.open_outline() as outline:
        at = {
            item.title: book.pages.index(pikepdf.Page(item.destination[0])) for item in outline.root
        }
        index = book.pages[0]
        lead_to = [link_target(book, link) for link in index.Annots]
        backs = [link_target(book, book.pages[page].Annots[0]) for page in lead_to]

    assert list(at) == ["Index", *(f"Student {i} (s{i:02d})" for i in range(1, 5))]
    assert list(at.values()) == [0, *lead_to] == list(range(5))
    assert backs == [0] * 4
    if shutil.which("pdftotext"):
        text = text_of((tmp_path / "class_book.pdf").read_bytes()).split("\f")

        for title, page in list(at.items())[1:]:
            name, number = title.split(" (")[0], title.split("(")[1][:-1]

            assert name in text[page]
            assert f"page {page + 1} of 5" in text[page]
            assert "what mistakes give" in text[page]
            assert "Forward pass and loss" not in text[page]
            assert re.search(rf"{name} +{number} +[\w-]+ +{page + 1}\b", text[0])
        assert "Student 4" in text_of((tmp_path / "marking_sheet.pdf").read_bytes())

    made = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.pdf")}
    assert (
        generate(
            shipped("worked_example"),
            class_of(4),
            tmp_path,
            Wanted(engine, also=("book", "marking_sheet", "short_keys")),
        ).written
        == 0
    )
    assert made == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.pdf")}


def bare(text):
    """Letters and digits alone: LaTeX parts the hyphens of a token."""
    return "".join(filter(str.isalnum, text)).lower()


@pytest.mark.parametrize("ending", ["tex", "html", "md", "typ"])
def test_other_forms_of_all_documents(tmp_path, ending):
    """`--also html` (md, typ) writes sheet and key of each student in that form, without an
    engine, each with its name and its token."""
    people = class_of(2)
    generate(shipped("worked_example"), people, tmp_path, Wanted(also=(ending,)))
    with Course.open(tmp_path) as course:
        tokens = {variant.student: variant.token for variant in course.variants()}

    for student in people:
        for kind in ("sheets", "keys"):
            text = (tmp_path / kind / f"{student.stem}.{ending}").read_text()
            assert student.name in text
            assert bare(tokens[student.id]) in bare(text)


def test_another_layout_in_the_same_folder_is_refused(tmp_path):
    """Half of a class on A4 and half on letter paper is nobody's wish."""
    generate(shipped("worked_example"), class_of(1), tmp_path)
    with pytest.raises(CourseError, match="layout"):
        generate(shipped("worked_example"), class_of(2), tmp_path, Wanted(style=Style("letter")))


@needs_tex
def test_a_killed_class_goes_on_to_the_same_bytes(tmp_path):
    """kill -9 in the middle of 60 students: the rerun completes, and all PDFs are those of a class
    made in one go."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n" + "".join(f"{s.id},{s.name}\n" for s in class_of(60)))
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / SECRET_FILE).write_bytes(SECRET)

    def command(name):
        return [
            sys.executable,
            "-m",
            "rnnquiz.cli",
            "generate",
            "bptt_scalar",
            "--roster",
            str(roster),
            "--out",
            str(tmp_path / name),
            "--engine",
            "latex",
        ]

    subprocess.run(command("whole"), check=True, capture_output=True)
    process = subprocess.Popen(
        command("killed"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    while not list((tmp_path / "killed").glob("*/*.pdf")):
        assert process.poll() is None, "it has ended, and made no PDF"
        time.sleep(0.02)

    process.send_signal(signal.SIGKILL)
    subprocess.run(["pkill", "-KILL", "-g", str(process.pid)], check=False)
    process.wait()

    for path in (tmp_path / "killed").rglob("*.pdf"):
        assert path.read_bytes().rstrip().endswith(b"%%EOF") or path.name.startswith(
            ".rnnquiz-part-"
        )

    subprocess.run(command("killed"), check=True, capture_output=True)
    made = {
        path.relative_to(tmp_path / "whole"): path.read_bytes()
        for path in (tmp_path / "whole").rglob("*.pdf")
    }

    assert len(made) == 120
    assert made == {
        path.relative_to(tmp_path / "killed"): path.read_bytes()
        for path in (tmp_path / "killed").rglob("*.pdf")
    }
    assert not list((tmp_path / "killed").rglob(".rnnquiz-part-*"))


@BOTH
def test_two_builds_of_a_class_give_the_same_bytes(tmp_path, engine):
    """Sheets, keys, book and marking sheet of two folders with one secret are equal."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / SECRET_FILE).write_bytes(SECRET)
        generate(
            shipped("bptt_vector"),
            class_of(3),
            tmp_path / name,
            Wanted(engine, Style(fillable=True), also=("book", "marking_sheet", "html")),
        )

    for path in (tmp_path / "a").rglob("*.*"):
        if path.suffix in (".pdf", ".tex", ".html", ".yaml"):
            assert (
                path.read_bytes()
                == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
            )


@pytest.mark.parametrize("depth", SUBTITLES)
def test_depths_of_a_key(depth):
    """Every depth has the results and what is accepted; only explained keys give rules; only
    teachers get the appendix."""
    for name in BANKS:
        _, _, solution, mistakes = solved_bank(name)
        document = key(solution, "Ada", depth)
        kinds = [block.kind for block in document.blocks]

        assert kinds.count("results") == 1
        assert ("worked" in kinds) == (depth != "results")

        backward = any(
            line.quantity.role in ("local", "recurrence", "gradient", "sum")
            for line in solution.lines
        )

        assert ("reasons" in kinds) == (depth == "explained" and backward)

        text = render(document, "markdown")
        assert "For the teacher" not in text
        assert "For the teacher" in render(key(solution, "Ada", depth, mistakes), "markdown")


def test_a_template_beside_the_bank_is_a_sandbox(tmp_path):
    """A template that reaches for Python's insides is refused with its line."""
    (tmp_path / "document.html.jinja").write_text("a\n{{ document.__class__.__mro__ }}\n")
    bank = shipped("worked_example")

    with pytest.raises(BankError, match=r"document\.html\.jinja: line 2.*unsafe"):
        render(
            sheet(bank, variants_of(bank, 1)[0], "Ada"),
            "html",
            Style(templates=OwnTemplates.read(tmp_path)),
        )


def test_typst_pages_are_tagged():
    """The PDF says that it is PDF/UA-1, has a structure, a title and a language, also with form
    fields."""
    bank = shipped("bptt_scalar")

    for style in (PLAIN, Style(fillable=True)):
        (pdf,) = pdfs([sheet(bank, variants_of(bank, 1)[0], "Ada")], "typst", style)

        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert opened.Root.MarkInfo.Marked
            assert opened.open_metadata()["pdfuaid:part"] == "1"
            assert str(opened.Root.Lang) == "en"
            assert style.fillable == ("/AcroForm" in opened.Root)


def test_no_pdf_stops_the_reader():
    """Cut off at any place, with bytes changed, locked, in a circle, deep, or no PDF: a message or
    texts, and the next file is read."""
    good = io.BytesIO()
    with pikepdf.new() as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=pikepdf.String("L"), V=pikepdf.String("0.5"))
        )
        strange = pdf.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Tx, T=pikepdf.String("h"), V=pikepdf.String(b"\xef\xbb\xbf\xff")
            )
        )
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field, strange, strange]))
        pdf.save(good)
        field.Kids, field.Parent = pikepdf.Array([field]), field
        circle = io.BytesIO()
        pdf.save(circle)
        locked = io.BytesIO()
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    reader, data = FormReader(), good.getvalue()

    assert reader.read(data).fields["L"] == "0.5"
    assert reader.read(circle.getvalue()).fields["L"] == "0.5"
    assert reader.read(locked.getvalue()) == "is protected by a password"

    dice = random.Random(1)
    for cut in range(0, len(data) - 6, 37):
        assert reader.read(data[:cut]) == "is cut off: its end is missing"
    for _ in range(60):
        changed = bytearray(data)
        changed[dice.randrange(len(data))] = dice.randrange(256)
        assert isinstance(reader.read(bytes(changed)), str | Form)
    for foreign in (b"", b"%PDF-1.7 %%EOF", b"{}", b"%PDF-" + bytes(10**6) + b"%%EOF"):
        assert isinstance(reader.read(foreign), str)

    reader.process.kill()
    assert reader.read(data).fields["L"] == "0.5"


def test_all_sheets_in_one_file_for_the_printer(tmp_path):
    """The file has every sheet in the order of the roster or by name, each beginning on the front
    of a sheet of paper, and no form fields."""
    names = ["Azur", "Ångström", "Bea"]
    people = [Student(f"s{k}", name, "", k) for k, name in enumerate(names, start=1)]
    wanted = Wanted("typst", Style(fillable=True), also=("printer", "printer_by_name"))
    generate(shipped("one_neuron"), people, tmp_path, wanted, executor="alone")

    for file, order in (("printer", names), ("printer_by_name", ["Ångström", "Azur", "Bea"])):
        data = (tmp_path / f"{file}.pdf").read_bytes()
        pages = [" ".join(page.split()) for page in text_of(data).split("\f")[:-1]]
        starts = [number for number, page in enumerate(pages) if "page 1 of" in page]

        assert len(starts) == 3
        assert all(start % 2 == 0 for start in starts)
        assert [
            name for start, name in zip(starts, order, strict=True) if name in pages[start]
        ] == order
        with pikepdf.open(io.BytesIO(data)) as made:
            assert not any("/Annots" in page for page in made.pages)
    assert generate(shipped("one_neuron"), people, tmp_path, wanted, executor="alone").written == 0


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_stand_where_one_looks_for_them(form):
    """A letter with an accent or a stroke is sorted as the letter; between equal names the accent
    decides; a short name stands before one that goes on."""
    order = [
        "Ångström, Eva", "Azur, Ada", "Émile", "Emilie", "Li, Zoe", "Lia", "Łoś, Jan", "Lot",
        "Muller", "Müller", "Øster", "Pa",
    ]  # fmt: skip
    names = [unicodedata.normalize(form, name) for name in order]
    shuffled = random.Random(1).sample(names, len(names))

    assert sorted(shuffled, key=in_order_of_names) == names
