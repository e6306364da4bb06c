"""PDF forms as viewers and tools save them: each answer comes back as it was typed, or a line says
why not."""

import io
import subprocess
import sys
import warnings
import zipfile

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Stream, String
from pypdf import PdfReader, PdfWriter

from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.receiving import receive
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import Style
from rnnquiz.errors import SubmissionError
from rnnquiz.fields import TOKEN, field_name
from rnnquiz.people.roster import Student
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.formats import READERS
from rnnquiz.submissions.kinds import stranger
from rnnquiz.submissions.pdf_filled import read_form
from rnnquiz.submissions.pdf_forms import READING_PROCESS, Form, FormReader
from rnnquiz.submissions.pdf_text import text_of_string
from rnnquiz.submissions.pdf_walk import own_name
from rnnquiz.typed.numerals import Unreadable, read_number
from tests_support import shipped, variants_of, within

BANK = shipped("bptt_scalar")
VARIANT = variants_of(BANK, 1)[0]
BOXES = [box.name for box in BANK.boxes]
TYPED = ["-0.5", "−0.5", "0,25", "4.8·10⁻³", "1/3", " 0.604 ", "½", "0.5\u00a0", "abc"]
ANSWERS = {box: TYPED[k % len(TYPED)] for k, box in enumerate(BOXES)}


@pytest.fixture(scope="module")
def blank():
    """The sheet as it is given out: a field for each box."""
    (made,) = pdfs([sheet(BANK, VARIANT, "Ada")], "typst", Style(fillable=True))
    return made


def saved(pdf, **options):
    out = io.BytesIO()
    with warnings.catch_warnings(
        action="ignore"
    ):  # pikepdf warns of just what is tested: fields that are in the pages alone
        pdf.save(out, **options)
    return out.getvalue()


def widgets(pdf):
    """The fields of boxes, by name."""
    return {
        str(note.T): note
        for page in pdf.pages
        for note in page.get("/Annots", ())
        if "/T" in note and str(note.T) != TOKEN
    }


def all_widgets(pdf):
    return [note for page in pdf.pages for note in page.get("/Annots", ()) if "/T" in note]


def fill(pdf, value=String):
    for name, note in widgets(pdf).items():
        note.V = value(NAMED[name])


NAMED = {field_name(box): text for box, text in ANSWERS.items()}


def as_utf16(text):
    return String(b"\xfe\xff" + text.encode("utf-16-be"))


VALUES = {
    "as pikepdf writes it": String,
    "UTF-16 with mark": as_utf16,
    "UTF-16, little end first": lambda text: String(b"\xff\xfe" + text.encode("utf-16-le")),
    "UTF-16 without mark": lambda text: (
        String(text.encode("utf-16-be")) if text.isascii() else as_utf16(text)
    ),
    "UTF-16 with a language": lambda text: String(
        b"\xfe\xff\x00\x1b\x00e\x00n\x00\x1b" + text.encode("utf-16-be")
    ),
    "UTF-8 with mark": lambda text: String(b"\xef\xbb\xbf" + text.encode()),
    "UTF-8 without mark": lambda text: String(text.encode()),
    "octal": lambda text: Object.parse(
        b"(" + b"".join(b"\\%03o" % byte for byte in b"\xfe\xff" + text.encode("utf-16-be")) + b")"
    ),
    "octal of UTF-8": lambda text: Object.parse(
        b"(" + b"".join(b"\\%03o" % byte for byte in text.encode()) + b")"
    ),
    "hexadecimal": lambda text: Object.parse(
        b"<" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">"
    ),
    "a name": lambda text: Name("/" + text),
    "an array": lambda text: Array([String(text)]),
}


def in_pages_alone(pdf):
    fill(pdf)
    del pdf.Root.AcroForm


def no_longer_listed(pdf):
    fill(pdf)
    pdf.Root.AcroForm.Fields = Array()


def under_a_parent(pdf):
    fill(pdf, as_utf16)
    top = pdf.make_indirect(Dictionary(T=String("sheet (1)"), Kids=Array(all_widgets(pdf))))
    for note in all_widgets(pdf):
        note.Parent = top
    pdf.Root.AcroForm.Fields = Array([top])


def under_parents_that_kids_do_not_name(pdf):
    fill(pdf)
    page = pdf.make_indirect(Dictionary(T=String("Page1[0]"), Kids=Array(all_widgets(pdf))))
    pdf.Root.AcroForm.Fields = Array(
        [
            pdf.make_indirect(
                Dictionary(T=String("topmostSubform[0]"), FT=Name.Tx, Kids=Array([page]))
            )
        ]
    )
    for note in all_widgets(pdf):
        del note.FT
        note.T = String(f"{note.T}[0]")


def field_and_widget_apart(pdf):
    """The value stands in the field, the widget is a kid without a name."""
    fields = []
    for note in all_widgets(pdf):
        name = str(note.T)
        field = pdf.make_indirect(
            Dictionary(
                FT=Name.Tx, T=note.T, V=String(NAMED.get(name) or str(note.V)), Kids=Array([note])
            )
        )
        del note.T
        note.Parent = field
        if "/V" in note:
            del note.V
        fields.append(field)
    pdf.Root.AcroForm.Fields = Array(fields)


def value_in_the_widget(pdf):
    """The same, but the viewer has written the value into the kid."""
    field_and_widget_apart(pdf)
    for field in pdf.Root.AcroForm.Fields:
        field.Kids[0].V = field.V
        del field.V


def renamed(pdf):
    fill(pdf)
    for k, note in enumerate(all_widgets(pdf)):
        note.T = String(f"{note.T}{('#1', '_2', ' [77]', '.0', '.1.0')[k % 5]}")


def name_in_utf16(pdf):
    fill(pdf)
    for note in all_widgets(pdf):
        note.T = as_utf16(str(note.T))


def copies_on_pages(pdf):
    """A tool has copied the pages: those in the form are filled, those on the pages are not."""
    fill(pdf)
    originals = [
        pdf.make_indirect(
            Dictionary({key: value for key, value in note.items() if key not in ("/P", "/Rect")})
        )
        for note in all_widgets(pdf)
    ]
    for note in widgets(pdf).values():
        del note.V
    pdf.Root.AcroForm.Fields = Array(originals)


def stale_originals(pdf):
    """The other way round: the form's own fields still hold what was there before."""
    fill(pdf)
    originals = [
        pdf.make_indirect(
            Dictionary(FT=Name.Tx, T=note.T, V=String("9") if str(note.T) != TOKEN else note.V)
        )
        for note in all_widgets(pdf)
    ]
    pdf.Root.AcroForm.Fields = Array(originals)


def with_appearances(pdf):
    """Acrobat: a value and how it looks, no more NeedAppearances."""
    fill(pdf, as_utf16)
    for note in widgets(pdf).values():
        note.AP = Dictionary(
            N=Stream(
                pdf,
                b"/Tx BMC q BT /Helv 10 Tf (0) Tj ET Q EMC",
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=[0, 0, 9, 9],
            )
        )
    del pdf.Root.AcroForm.NeedAppearances


def as_streams(pdf):
    fill(pdf, lambda text: Stream(pdf, b"\xef\xbb\xbf" + text.encode()))


def rich_text_alone(pdf):
    fill(pdf, lambda text: String(f"<?xml version='1.0'?><body><p><b>{text}</b></p></body>"))
    for note in widgets(pdf).values():
        note.RV = note.V
        del note.V


def direct_widgets(pdf):
    """Annotations that are no objects of their own."""
    fill(pdf)
    for page in pdf.pages:
        page.Annots = Array([Dictionary(dict(note.items())) for note in page.get("/Annots", ())])


CHANGES = [
    in_pages_alone,
    no_longer_listed,
    under_a_parent,
    under_parents_that_kids_do_not_name,
    field_and_widget_apart,
    value_in_the_widget,
    renamed,
    name_in_utf16,
    copies_on_pages,
    stale_originals,
    with_appearances,
    as_streams,
    rich_text_alone,
    direct_widgets,
]


def read(data):
    """The answers by box, and the token."""
    (found,) = READERS["pdf"].read("a.pdf", data, "a")
    return found


def all_are_there(found):
    assert {box: found.answers.get(box) for box in BOXES} == {
        box: text.strip() for box, text in ANSWERS.items()
    }
    assert found.token == VARIANT.token
    assert found.notes == ()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_every_way_to_write_a_text_is_read(blank, value):
    """Whatever encoding or type the viewer gives a value, the text is what was typed."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf, value)
        all_are_there(read(saved(pdf)))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_fields_are_found_wherever_a_tool_has_put_them(blank, change):
    """In the pages, in the form, under parents, under other names, twice: the same answers."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        change(pdf)
        all_are_there(read(saved(pdf)))


SAVES = {
    "object streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "no object streams": {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "linearized": {"linearize": True},
    "restricted, without a password": {"encryption": pikepdf.Encryption(owner="teacher", user="")},
}


@pytest.mark.parametrize("options", SAVES.values(), ids=SAVES)
def test_every_way_to_save_is_read(blank, options):
    """Compressed, linearized, restricted: the same answers."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf)
        all_are_there(read(saved(pdf, **options)))


def by_pypdf(data):
    """Filled by another library, with appearances."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    for page in writer.pages:
        writer.update_page_form_field_values(page, NAMED, auto_regenerate=False)
    return writer


def appended(data):
    """Filled, then appended to a cover page by pypdf."""
    filled, writer = io.BytesIO(), PdfWriter()
    by_pypdf(data).write(filled)
    writer.add_blank_page(200, 200)
    writer.append(PdfReader(io.BytesIO(filled.getvalue())))
    return writer


def below_a_name(data):
    """Filled, and its fields put below a name, so that several forms can be merged."""
    filled, writer = io.BytesIO(), PdfWriter()
    by_pypdf(data).write(filled)
    reader = PdfReader(io.BytesIO(filled.getvalue()))
    reader.add_form_topname("form1")
    writer.append(reader)
    return writer


def added_at_the_end(data):
    """An incremental update, as viewers save."""
    writer = PdfWriter(io.BytesIO(data), incremental=True)
    for page in writer.pages:
        writer.update_page_form_field_values(page, NAMED, auto_regenerate=False)
    return writer


@pytest.mark.parametrize(
    "make", [by_pypdf, appended, below_a_name, added_at_the_end], ids=lambda make: make.__name__
)
def test_what_another_library_fills_and_merges_is_read(blank, make):
    """pypdf fills, appends and merges forms in its own way."""
    out = io.BytesIO()
    make(blank).write(out)
    all_are_there(read(out.getvalue()))


def test_pages_that_were_taken_out_are_read(blank):
    """Pages copied into a new file: there is no form any more, but its fields are on the pages."""
    with pikepdf.open(io.BytesIO(blank)) as pdf, pikepdf.new() as other:
        fill(pdf)
        with warnings.catch_warnings(action="ignore"):
            other.pages.extend(pdf.pages)

        assert "/AcroForm" not in other.Root or not len(other.Root.AcroForm.get("/Fields", ()))

        all_are_there(read(saved(other)))


# what is written over the page


def freetext(pdf, page, place, text, **more):
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.FreeText,
        Rect=Array(place),
        Contents=String(text),
        DA=String("/Helv 12 Tf"),
        **more,
    )
    pdf.pages[page].Annots.append(pdf.make_indirect(note))


def ink(pdf, page=0):
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Ink,
        Rect=Array([10, 10, 50, 50]),
        InkList=Array([Array([10, 10, 50, 50])]),
    )
    pdf.pages[page].Annots.append(pdf.make_indirect(note))


def page_of(pdf, note):
    return next(
        k
        for k, page in enumerate(pdf.pages)
        if any(other.objgen == note.objgen for other in page.get("/Annots", ()))
    )


def test_a_form_with_all_numbers_typed_over_it_is_refused_not_blank(blank):
    """Text boxes instead of fields (Preview, Firefox, Edge): the sheet is not marked as blank, and
    the line says why."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        for note in list(widgets(pdf).values())[:8]:
            freetext(pdf, page_of(pdf, note), [float(x) for x in note.Rect], "0.604")
        data = saved(pdf)

    with pytest.raises(
        SubmissionError,
        match=(
            r"nothing is in its fields: 8 texts with numbers are typed over the page, not into the"
            r" fields: '0\.604'"
        ),
    ):
        read(data)


def test_the_gradebook_says_that_a_sheet_was_typed_over(tmp_path):
    """Under any file name, by the token of the sheet: handed in, not marked, and why; never 0
    marks, never  not handed in ."""
    course, place = tmp_path / "course", tmp_path / "in"
    people = [Student("s1", "Ada", "", 1), Student("s2", "Bob", "", 2)]
    generate(BANK, people, course, Wanted("typst", Style(fillable=True)))
    place.mkdir()
    for stem, name in (("0001-s1", "download.pdf"), ("0002-s2", "scan.pdf")):
        with pikepdf.open(course / "sheets" / f"{stem}.pdf") as pdf:
            if name == "scan.pdf":
                fill(pdf)
            for note in list(widgets(pdf).values())[:3] if name == "download.pdf" else ():
                freetext(pdf, page_of(pdf, note), [float(x) for x in note.Rect], "0.604")
            (place / name).write_bytes(saved(pdf))

    graded = grade(course, place, tmp_path / "out", GradeOptions(report=False))
    status = {row.id: row.status for row in graded.rows}

    assert status["s1"].startswith(
        "handed in, not marked: download.pdf: the PDF: nothing is in its fields: 3 texts with"
        " numbers"
    )
    assert status["s2"] == "marked"
    assert graded.rows[0].marks is None


@pytest.mark.parametrize("kind", ["Ink", "Stamp", "Line"])
def test_a_form_that_was_drawn_on_is_refused_not_blank(blank, kind):
    """Written by pen on a tablet: nothing is in the fields, and that is said."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        ink(pdf)
        pdf.pages[0].Annots[-1].Subtype = Name("/" + kind)
        data = saved(pdf)

    with pytest.raises(SubmissionError, match="nothing is in its fields: 1 drawings by pen"):
        read(data)


def test_a_number_typed_over_a_blank_field_is_unreadable_and_said(tmp_path, blank):
    """Some fields filled, one typed over: that box cannot be read, which is not blank; notes in the
    margin change nothing, but are said."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf)
        name, note = next(iter(widgets(pdf).items()))
        del note.V
        left, low, right, high = (float(x) for x in note.Rect)
        freetext(pdf, page_of(pdf, note), [left + 1, low - 2, right + 30, high], "0.604")
        freetext(pdf, 0, [0, 0, 5, 5], "0.5 * 0.6 = 0.3")
        freetext(pdf, 0, [0, 0, 5, 5], "phew")
        (tmp_path / "s1.pdf").write_bytes(saved(pdf))
    sheets, unread = collect(tmp_path)
    box = next(box for box in BOXES if field_name(box) == name)
    text = sheets[0].answers[box]

    assert "0.604" in text
    assert isinstance(read_number(text), Unreadable)
    assert {other: sheets[0].answers[other] for other in BOXES if other != box} == {
        o: ANSWERS[o].strip() for o in BOXES if o != box
    }

    received = receive(BANK, sheets, {"s1": Student("s1", "Ada", "", 1)}, {"s1": VARIANT.token})
    assert unread == []
    assert any(
        "2 texts with numbers are typed over the page, not into the fields" in line
        and "'s1'" in line
        for line in map(str, received.lines)
    )


def test_a_printed_form_with_texts_over_it_says_both(blank):
    """Flattened, then typed on: there are no fields, and the texts are counted."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        del pdf.Root.AcroForm
        for page in pdf.pages:
            page.Annots = Array()
        freetext(pdf, 0, [0, 0, 5, 5], "0.5")
        data = saved(pdf)

    with pytest.raises(
        SubmissionError,
        match=(
            "no form fields: it was printed or flattened, or it is another file; 1 texts were typed"
            " over its pages"
        ),
    ):
        read(data)


def test_what_a_field_shows_but_does_not_hold_is_said(blank):
    """An appearance without a value: neither blank nor believed."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf)
        name, note = next(iter(widgets(pdf).items()))
        del note.V
        note.AP = Dictionary(
            N=Stream(
                pdf,
                b"BT (0.6) Tj (04) Tj ET",
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=[0, 0, 9, 9],
            )
        )
        found = read_form(saved(pdf))

    assert found.over == {name: "0.6 04"}


def test_one_field_with_two_texts_is_unreadable_and_two_sheets_are_refused(blank):
    """Two merged sheets: of one student, a box with different numbers is none; of two students, the
    file is refused."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf)
        name = next(iter(widgets(pdf)))
        more = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T=String(name),
                V=String("7"),
                Rect=[0, 0, 1, 1],
            )
        )
        pdf.pages[0].Annots.append(more)
        found = read(saved(pdf))
        box = next(box for box in BOXES if field_name(box) == name)

        assert isinstance(read_number(found.answers[box]), Unreadable)
        assert found.notes == ("1 fields stand there several times, with different texts",)

        more.T, more.V = String(TOKEN), String("another")
        assert "holds several sheets (tokens" in read_form(saved(pdf))


# what is no form


def zipped(*names, first=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in first:
            made.writestr(zipfile.ZipInfo(name), data)
        for name in names:
            made.writestr(name, "x" * 50)
    return out.getvalue()


STRANGE = {
    "an empty file": (b"", "empty: it has 0 bytes"),
    "zeros": (bytes(5000), "all of its bytes are zero"),
    "blanks": (b" \r\n\t\n", "nothing but blanks"),
    "RTF": (b"{\\rtf1\\ansi h[1] = 0.5}", "a rich text"),
    "Word": (zipped("[Content_Types].xml", "word/document.xml"), "a Word document"),
    "PowerPoint": (
        zipped("[Content_Types].xml", "ppt/presentation.xml"),
        "a PowerPoint presentation",
    ),
    "Pages": (zipped("Index/Document.iwa"), "a document of Pages"),
    "ODT": (
        zipped("content.xml", first=[("mimetype", "application/vnd.oasis.opendocument.text")]),
        "a text document of LibreOffice",
    ),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "a document of an old Office"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), "a picture (PNG)"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG)"),
    "HEIC": (b"\0\0\0\x18ftypheic", "a picture (HEIC)"),
    "film": (b"\0\0\0\x18ftypmp42", "a film"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(9), "a 7z archive"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
    "gzip": (b"\x1f\x8b\x08\0" + bytes(9), "a gzip archive"),
    "cut Word": (
        zipped("[Content_Types].xml", "word/document.xml")[:120],
        "a Word document, workbook or other archive that is cut off",
    ),
    "cut archive": (zipped("a.txt", "b.txt")[:90], "a ZIP archive that is cut off"),
}


@pytest.mark.parametrize("ending", ["pdf", "yaml", "txt", "json", "csv", "xlsx"])
@pytest.mark.parametrize(("data", "words"), STRANGE.values(), ids=STRANGE)
def test_what_is_no_submission_is_named_for_what_it_is(tmp_path, data, words, ending):
    """Under whatever name: the line says what the file is, whose it is, and what to hand in."""
    (tmp_path / f"0001-s1.{ending}").write_bytes(data)
    sheets, (refusal,) = collect(tmp_path)

    assert sheets == []
    assert str(refusal).startswith(f"0001-s1.{ending}: the file: this is ")
    assert words in refusal.why
    assert "hand in the sheet" in refusal.why
    assert refusal.known_as == ("s1",)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.docx", "this is a Word document; .docx is not read"),
        ("a.jpg", "this is a picture"),
        ("a.pages", "this is a document of Pages"),
        ("a.rtf", "this is a rich text"),
        ("a.gdoc", "this is a link to a document of Google"),
        ("a.xyz", ".xyz is not read"),
    ],
)
def test_endings_that_are_not_read_are_named(tmp_path, name, words):
    """By the ending, without opening the file."""
    (tmp_path / name).write_bytes(b"x")
    assert words in collect(tmp_path)[1][0].why


def test_what_is_a_submission_is_not_taken_for_a_stranger(blank):
    """Texts that begin with letters that could be a mark; every template."""
    for data in (
        b"BM = 0.5\n",
        b"MZ: 1\n",
        b"GIF = 1",
        b"h[1] = 0.5",
        b"{",
        b"student: s1\nanswers:\n",
        blank,
        zipped("a.txt"),
        zipped("[Content_Types].xml", "xl/workbook.xml"),
    ):
        assert stranger(data) == "", data[:20]


def test_a_pdf_that_is_cut_off_says_so(tmp_path, blank):
    """At any place: cut off, and never a blank sheet."""
    for part in (0.1, 0.5, 0.9, 0.99):
        (tmp_path / "s1.pdf").write_bytes(blank[: int(len(blank) * part)])
        sheets, (refusal,) = collect(tmp_path)

        assert sheets == []
        assert "is cut off: its end is missing" in refusal.why


# limits


PRELUDES = {
    "Windows: no module": "import sys; sys.modules['resource'] = None",
    "macOS: refused": (
        "import resource\n"
        "def no(*a): raise ValueError('current limit exceeds maximum limit')\n"
        "resource.setrlimit = no"
    ),
    "no such limit": "import resource\ndel resource.RLIMIT_AS, resource.RLIMIT_DATA",
    "the system says no": (
        "import resource\n"
        "def no(*a): raise OSError(22, 'Invalid argument')\n"
        "resource.setrlimit = no"
    ),
}


@pytest.mark.parametrize("prelude", PRELUDES.values(), ids=PRELUDES)
def test_forms_are_read_where_the_system_has_no_limits(blank, prelude):
    """Where memory cannot be limited the reader reads all the same; size and time are limited
    there, too."""
    code = (
        f"{prelude}\n"
        "import sys\n"
        "from rnnquiz.submissions.pdf_process import limit_memory, serve\n"
        "assert not limit_memory()\n"
        "serve(sys.stdin.buffer, sys.stdout.buffer)"
    )
    reader = FormReader(command=[sys.executable, "-c", code])
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf)
        found = reader.read(saved(pdf))

    assert isinstance(found, Form)
    assert {name: found.fields[name] for name in NAMED} == NAMED
    assert reader.read(b"%PDF-1.7 %%EOF") == "cannot be read as a PDF"


def test_the_limit_on_memory_holds_where_there_is_one():
    """What takes more than it may gets a MemoryError."""
    pytest.importorskip("resource")
    code = (
        "from rnnquiz.submissions.pdf_process import limit_memory\n"
        "print(limit_memory(300_000_000))\n"
        "try:\n"
        "    bytes(10**9)\n"
        "except MemoryError:\n"
        "    print('refused')"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert out in ("True\nrefused\n", "False\n")


def test_a_reader_that_does_not_answer_is_given_up():
    """A process that hangs is ended, and the next file is read by another."""
    hanging = "import sys, threading; print('\"ready\"', flush=True); threading.Event().wait()"
    reader = FormReader(seconds=0.5, command=[sys.executable, "-c", hanging])
    late = reader.read(b"%PDF-1.4")

    reader.seconds, reader.command = 5.0, READING_PROCESS
    next_one = reader.read(b"%PDF-1.4")

    assert "takes more than" in late
    assert next_one == "is cut off: its end is missing"


def test_what_a_form_may_cost_is_limited(blank):
    """A million fields, deep parents, a value that unpacks to very much: refused or unreadable,
    within the time."""
    with within(20), pikepdf.open(io.BytesIO(blank)) as pdf:
        fill(pdf)
        note = next(iter(widgets(pdf).values()))
        note.V = Stream(pdf, bytes(50_000_000))
        found = read_form(saved(pdf, compress_streams=True))

        assert isinstance(found, Form)

        one = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("a")))
        pdf.Root.AcroForm.Fields = Array(
            [pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("a"))) for _ in range(5000)]
        )

        assert read_form(saved(pdf)) == "has more than 4000 fields"

        one.Parent = one
        pdf.Root.AcroForm.Fields = Array([one])
        assert isinstance(read_form(saved(pdf)), Form)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xfe\xff",
        b"\xff\xfe\x00",
        b"\xfe\xff\xd8\x00",
        b"\x00",
        b"\x80\x81\xff",
        b"\xef\xbb\xbf\xff",
        b"\x1b" * 9,
    ],
)
def test_no_bytes_of_a_value_stop_the_reader(raw):
    """Whatever stands in a string, it becomes a text that can be written down."""
    text_of_string(raw).encode()


def test_names_of_parents_and_marks_behind_are_left_out():
    """What viewers put around the name of a field."""
    for names in (
        ["a", "hZ5B1Z5D"],
        ["a.b.hZ5B1Z5D"],
        ["hZ5B1Z5D", "0"],
        ["hZ5B1Z5D#12"],
        ["P1", "hZ5B1Z5D.2.1"],
    ):
        assert own_name(names) == "hZ5B1Z5D"
