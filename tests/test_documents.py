"""Sheets, keys and feedback: each printed line computes, no sheet tells an answer, hostile text
stays text."""

import io
import math
import re
import shutil
import subprocess
import textwrap
import unicodedata
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

import numpy as np
import pytest
from click.testing import CliRunner
from pikepdf import Dictionary, Pdf

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.targets import TEXT
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.cli import main
from rnnquiz.documents import sizes
from rnnquiz.documents.asked import AskedStep
from rnnquiz.documents.drawing import RADIUS, draw
from rnnquiz.documents.engines import missing_for_latex, names_not_set, pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.gaps import Boxed
from rnnquiz.documents.key import key
from rnnquiz.documents.outputs import OUTPUTS
from rnnquiz.documents.parts import equations_of
from rnnquiz.documents.practice import practice_key, practice_sheet
from rnnquiz.documents.render import PLAIN, body, preamble, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import OwnTemplates, Style
from rnnquiz.documents.texrun import TexFailure, set_together, tex_message
from rnnquiz.documents.tree import Heading, Paragraph, Reasons, Space, Table
from rnnquiz.errors import BankError
from rnnquiz.files.resources import folder
from rnnquiz.grade.mark import mark
from rnnquiz.models import catalogue
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve, solve_all
from rnnquiz.variants.issue import issue_variants
from tests_support import BANKS, SECRET, bank_of, shipped, slowly, variants_of

needs_tex = pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
HOSTILE = [
    r"\input{/etc/passwd} $x_1^2$ & % # ~ ^ { } \catcode`\%=12",
    '#include("x") *bold* _it_ @ref <label> $ \\ ` ~',
    "<script>alert(1)</script> &amp; \" '",
    "=cmd|' /C calc'!A0",
    "\u202eright to left\u202c",
    "\u65e5\u672c\u8a9e \U0001f600 \u0639\u0631\u0628\u0649",
    "a\x00b\x07c\x1b[31m",
    "x" * 300,
    "^^5cinput",
    "".join(chr(c) for c in range(33, 127)),
    "".join(chr(c) for c in range(0xA1, 0x180)),
    "Zoë Ångström Łukasz Şahin Đorđe Þór",
]


def pdf_of(engine, document, style=PLAIN):
    """The PDF of one document; a failure is an error of the test."""
    (pdf,) = pdfs([document], engine, style)
    assert isinstance(pdf, bytes), pdf
    return pdf


def sech2(u):
    return 1 / math.cosh(u) ** 2


def computed(side):
    """The value of one right-hand side in plain text, read back by Python itself (not by our
    parser)."""
    text = side.replace("^", "**")
    scope = {"tanh": math.tanh, "sech2": sech2, "__builtins__": {}}
    return eval(text, scope)


@pytest.mark.parametrize("name", ["worked_example", "bptt_scalar"])
@pytest.mark.parametrize(
    "rule", ["decimals: 3, when: every step", "decimals: 4, when: end", "significant: 4"]
)
def test_each_line_of_a_key_computes_from_its_printed_numbers(name, rule):
    """Recomputing a line's right side from the numbers printed in it gives the printed result, to
    the digit."""
    text = (folder("question_banks") / f"{name}.yaml").read_text()
    bank = parse_bank(re.sub(r"rounding: \{.*\}", f"rounding: {{{rule}}}", text))
    issued = variants_of(shipped(name), 25)
    lines = 0

    for variant in issued:
        for line in solve(bank, variant).lines:
            parts = [p.strip() for p in re.split(r" = | ~ ", line.text())]
            if len(parts) < 4 or not re.search(r"\d", parts[2]):
                continue
            value, printed = computed(parts[2]), Decimal(parts[3])
            expected = Decimal(repr(value)).quantize(printed, rounding=ROUND_HALF_UP)
            tie = abs(
                abs(Decimal(repr(value)) - expected)
                - Decimal(1).scaleb(printed.as_tuple().exponent) / 2
            ) < Decimal("1e-12")

            assert expected == printed or tie, line.text()

            lines += 1
    assert lines > 25 * 40


@pytest.mark.parametrize("output", list(OUTPUTS))
@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_negative_zero_and_no_double_sign(name, output):
    """Nowhere "-0.000", "+ -0.3" or "- -0.3"."""
    for variant in variants_of(shipped(name), 5):
        bank = shipped(name)
        text = render(key(solve(bank, variant), "Ada"), output)

        assert not re.search(r"(?<![\d.])-0\.0+(?![\d])", text)
        assert (
            not re.search(
                r"[+-] ?-\d",
                re.sub(r"<[^>]*>", "", text) if output == "html" else text.replace("{-}", ""),
            )
            or output == "typst"
        )


@pytest.mark.parametrize("output", list(OUTPUTS))
def test_a_sheet_does_not_tell_an_answer(output):
    """No rounded answer of four digits stands in the sheet; the same sheet comes out whatever the
    solution is."""
    bank = shipped("bptt_scalar")

    for variant in variants_of(bank, 5):
        text = render(sheet(bank, variant, "Ada"), output)
        solution = solve(bank, variant)
        given = {v for q in bank.graph.givens for v in [solution.rounded[q.name]]}
        answers = {solution.rounded[name].lstrip("-") for name in bank.asked} - given
        stem = {a for a in answers if len(a.replace(".", "").strip("0")) >= 4}

        assert len(stem) > 20
        assert not [a for a in stem if a in text]


@pytest.mark.parametrize("name", slowly(BANKS))
def test_every_target_shows_every_asked_value(name):
    """Each asked value of the key stands in each target."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])

    def flat(printed):
        return [printed] if isinstance(printed, str) else [t for p in printed for t in flat(p)]

    for output in OUTPUTS:
        text = render(key(solution, "Ada"), output)

        for asked in bank.asked:
            for value in flat(solution.rounded[asked]):
                assert value.lstrip("-") in text, (output, asked)


def test_html_is_well_formed_without_script_or_network():
    """A feedback page parses as a document, has no script and refers to nothing outside."""
    from html.parser import HTMLParser

    bank = shipped("bptt_scalar")
    variant = variants_of(bank, 1)[0]
    marked = mark(
        bank, arrays_of(bank, [variant]), [{"h[1]": "<img src=x onerror=alert(1)>", "L": "0.5"}]
    )
    seen, opened = set(), []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.add(tag)
            if tag not in ("meta", "line", "circle", "path"):
                opened.append(tag)

            assert not [
                a
                for a, v in attrs
                if a.startswith("on") or (v or "").startswith(("http", "javascript"))
            ]

        def handle_endtag(self, tag):
            if tag not in ("line", "circle", "path"):
                assert opened.pop() == tag

    for name in HOSTILE:
        page = render(feedback(marked, 0, solve(bank, variant), name), "html")
        Reader().feed(page)

        assert not opened
        assert "<script" not in page
        assert "<img" not in page
    assert "script" not in seen


FILLABLE, STUDENTS = Style(fillable=True), [("a", 1), ("b", 1)]


@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_each_pdf_has_an_identifier_of_its_own(engine):
    """Viewers keep the page that was read last, and what was filled in, by it. The same document
    has the same."""
    bank = shipped("worked_example")
    documents = [
        sheet(bank, variant, student)
        for variant, student in zip(issue_variants(bank, SECRET, STUDENTS)[0], "AB", strict=True)
    ]
    documents.append(documents[0])
    first, again = (
        [
            bytes(Pdf.open(io.BytesIO(data)).trailer.ID[0])
            for data in pdfs(documents, engine, FILLABLE)
        ]
        for _ in range(2)
    )

    assert len(set(first)) == (2 if engine == "typst" else 3)
    assert first == again


@needs_tex
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_compile_in_latex_as_literal_text(name):
    """A name that is LaTeX, control characters or other scripts gives a PDF in which it is only
    text."""
    bank = shipped("worked_example")
    pdf = pdf_of("latex", sheet(bank, variants_of(bank, 1)[0], name))

    assert pdf.startswith(b"%PDF")
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True
        ).stdout.decode()

        assert "root:" not in text


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_compile_in_typst(name):
    """The same in Typst."""
    bank = shipped("worked_example")
    assert pdf_of("typst", sheet(bank, variants_of(bank, 1)[0], name)).startswith(b"%PDF")


@needs_tex
def test_a_tex_failure_names_the_student_and_shows_tex_s_message():
    """The failure has TeX's own words and the line."""
    with pytest.raises(TexFailure, match=r"Undefined control sequence.*\\undefined"):
        set_together(preamble(PLAIN), ["\\undefined\n"])


@needs_tex
def test_tex_cannot_read_system_files():
    """A TeX run reads nothing outside of its folder."""
    with pytest.raises(TexFailure, match="passwd"):
        set_together(preamble(PLAIN), ["\\begin{sheet}\\input{/etc/passwd}\\end{sheet}"])


def test_a_broken_template_is_named_with_its_line(tmp_path):
    """A teacher's own template with a mistake gives file and line."""
    (tmp_path / "document.html.jinja").write_text("<p>\n{% for %}\n")
    bank = shipped("worked_example")

    with pytest.raises(BankError, match=r"document\.html\.jinja: line 2"):
        render(
            sheet(bank, variants_of(bank, 1)[0], "Ada"),
            "html",
            Style(templates=OwnTemplates.read(tmp_path)),
        )


def test_an_own_template_wins(tmp_path):
    """A template in the teacher's folder takes the place of ours."""
    (tmp_path / "document.html.jinja").write_text("mine: {{ document.student }}")
    bank = shipped("worked_example")

    assert (
        render(
            sheet(bank, variants_of(bank, 1)[0], "<Ada>"),
            "html",
            Style(templates=OwnTemplates.read(tmp_path)),
        )
        == "mine: &lt;Ada&gt;"
    )


def test_tex_messages_are_found_in_a_log():
    """The first error line and its source line are picked out."""
    assert (
        tex_message("x\n! Missing $ inserted.\nmore\nl.12 foo_\n")
        == "! Missing $ inserted. l.12 foo_"
    )


def test_issue_is_the_same_for_fixed_banks():
    """A bank with fixed numbers gives every student the same numbers and an own token."""
    bank = shipped("worked_example")
    first, second = issue_variants(bank, SECRET, [("a", 1), ("b", 1)])[0]

    assert first.givens == second.givens
    assert first.token != second.token


def letters_of(text):
    """Text without spaces, as both engines may print it: curly quotes are straight, ligatures and
    hyphens plain."""
    plain = str.maketrans(
        {
            "’": "'",
            "‘": "`",
            "“": '"',
            "”": '"',
            "–": "-",
            "‐": "-",
            "ﬁ": "fi",
            "ﬂ": "fl",
            "ﬀ": "ff",
            "−": "-",
            "∗": "*",
            "ˆ": "^",
            "˜": "~",
            "Ð": "Đ",
        }
    )
    return re.sub(r"[\s\u200b]", "", text).translate(plain)  # without places to break


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("engine", [pytest.param("latex", marks=needs_tex), "typst"])
@pytest.mark.parametrize("number", [0, 1, 2, 3, 7, 8, 9, 11])
def test_hostile_names_titles_and_texts_are_literal(number, engine):
    """A name, a title, a course and an introduction that are TeX, Typst or HTML stand in the PDF
    letter by letter."""
    hostile = HOSTILE[number]
    bank = shipped("worked_example")
    wording = bank.written.wording.model_copy(update={"intro": hostile})
    bank = replace(
        bank,
        written=bank.written.model_copy(
            update={"title": hostile, "course": hostile, "wording": wording}
        ),
    )
    pdf = pdf_of(engine, sheet(bank, variants_of(shipped("worked_example"), 1)[0], hostile))

    text = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert letters_of(text).count(letters_of(hostile)[:60]) >= 4


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_and_texts_are_literal_in_html_and_text(hostile):
    """In HTML the same stands as text of the page, without any tag of its own; in Markdown as it
    is."""
    from html import unescape

    from rnnquiz.documents.outputs import printable

    bank = shipped("worked_example")
    bank = replace(
        bank, written=bank.written.model_copy(update={"title": hostile, "course": hostile})
    )
    document = sheet(bank, variants_of(shipped("worked_example"), 1)[0], "Ada")

    page = render(document, "html")

    assert re.findall(r"<(script|img|a)\b", page) == []
    assert printable(hostile) in unescape(page)
    assert printable(hostile) in render(document, "markdown")


def asked_bands(bank):
    """The blocks of a sheet that have boxes."""
    document = sheet(bank, variants_of(bank, 1)[0], "Ada")
    return [block for block in document.blocks if isinstance(block, Boxed) and block.boxes]


@pytest.mark.parametrize("name", BANKS)
def test_every_box_stands_once_in_the_shape_of_its_quantity(name):
    """All boxes of the bank, each once; a vector has a column of boxes in brackets, a matrix its
    rows and columns, named by row and column, a scalar one box without."""
    bank = shipped(name)
    unknowns = [unknown for band in asked_bands(bank) for unknown in band.unknowns]
    shapes = {unknown.math.name: unknown for unknown in unknowns}

    assert len(shapes) == len(unknowns)
    assert sorted(box.name for unknown in unknowns for box in unknown.boxes) == sorted(
        box.name for box in bank.boxes
    )
    for asked, unknown in shapes.items():
        shape = bank.graph[asked].shape

        assert (len(unknown.rows), unknown.columns) == (*shape, 1, 1)[:2]
        assert unknown.bracketed == bool(shape)
        for row, boxes in enumerate(unknown.rows, start=1):
            for column, box in enumerate(boxes, start=1):
                assert box.name.endswith(("", f".{row}", f".{row}.{column}")[len(shape)])


@pytest.mark.parametrize("output", ["latex", "typst", "html"])
def test_gaps_of_a_derivation_have_one_place_each(output):
    """Each box of a derivation to be filled in stands once, in its line; there is no second list
    of boxes, also in an assignment."""
    bank = shipped("fill_the_gaps")
    document = sheet(bank, variants_of(bank, 1)[0], "Ada")
    text = render(document, output)
    frame = {"latex": r"\\sheetbox\{", "typst": r"\bcell\(\"", "html": 'class="cell"'}[output]

    assert len(re.findall(frame, text)) == len(bank.boxes)
    assert not any(isinstance(block, AskedStep) for block in document.blocks)


WITHOUT_TIME = ("one_neuron", "perceptron")
OF_TIME = re.compile(r"\btime\b|\bt = \d|\bt\]|each step|in every step|add up|summed|unrolled")


@pytest.mark.parametrize("name", WITHOUT_TIME)
def test_where_there_is_no_time_nothing_speaks_of_it(name):
    """Sheet, key and feedback of a network without time steps have no word of steps, of sums over
    them, or of the index t."""
    bank = shipped(name)
    variant = variants_of(bank, 1)[0]
    solution = solve(bank, variant)
    marked = mark(bank, arrays_of(bank, [variant]), [{}])
    documents = [
        sheet(bank, variant, "Ada"),
        key(solution, "Ada", "explained"),
        feedback(marked, 0, solution, "Ada"),
    ]

    for document in documents:
        for output in ("markdown", "html"):
            text = re.sub(r"<style>.*?</style>", "", render(document, output), flags=re.DOTALL)
            assert OF_TIME.findall(text) == []


def test_one_step_of_several_is_not_summed_over_time():
    """An exercise of one step has gradients of this step alone, and its key sums nothing."""
    bank = shipped("one_step")
    variant = variants_of(bank, 1)[0]

    for document in (sheet(bank, variant, "Ada"), key(solve(bank, variant), "Ada")):
        text = render(document, "markdown")

        assert "Gradients of the parameters" in text
        assert "summed over time" not in text
        assert "each step" not in text


def test_a_way_through_one_loss_adds_nothing_up():
    """What to do speaks of several losses, and of sums, where there are such."""
    found = {}
    for name in ("bptt_scalar", "bptt_vector", "both_directions", "perceptron", "one_neuron"):
        bank = shipped(name)
        text = render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "markdown")
        found[name] = ("one loss at a time" in text, "add up over time" in text)

    assert found == {
        "bptt_scalar": (True, True),
        "bptt_vector": (False, True),
        "both_directions": (False, False),
        "perceptron": (False, False),
        "one_neuron": (False, False),
    }


def test_boxes_of_row_vectors_stand_in_rows():
    """Where vectors are rows, their boxes are; a matrix shown transposed has them where its entries
    are printed."""
    bank = with_notation("d2l")
    unknowns = {u.math.name: u for band in asked_bands(bank) for u in band.unknowns}
    assert [len(unknowns["h[1]"].rows), unknowns["h[1]"].columns] == [1, 2]

    names = [[box.name.split(".", 1)[1] for box in row] for row in unknowns["W_new"].rows]
    assert names == [["1.1", "1.2"], ["2.1", "2.2"]]


def test_letters_are_explained_once_where_targets_are_numbers():
    """The vectors of the letters stand once, after inputs and targets."""
    text = (folder("question_banks") / "hello.yaml").read_text()
    numbers = {
        "y: {alphabet: helo, word: el}": "y: {range: [-0.9, 0.9], step: 0.1}",
        "loss: cross_entropy_joint": "loss: half_squared_error",
        "output: 4": "output: 1",
    }
    for letters, number in numbers.items():
        text = text.replace(letters, number)
    bank = parse_bank(text)
    lines = render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "markdown").split("\n")

    assert [line.split(" = ")[0].strip() for line in lines if ".T" in line] == ['"h"', '"e"']


def test_boxes_of_vectors_stand_as_their_values_are_printed():
    """In a notation that stores vectors as rows the boxes are a row, too."""
    unknowns = {
        u.math.name: u for band in asked_bands(with_notation("pytorch")) for u in band.unknowns
    }

    assert [len(unknowns["h[1]"].rows), unknowns["h[1]"].columns] == [1, 2]


def with_notation(name):
    """The bank of vectors in a notation."""
    text = (folder("question_banks") / "bptt_vector.yaml").read_text()
    return parse_bank(f"notation: {name}\n{text}")


@pytest.mark.parametrize("name", BANKS)
def test_boxes_come_in_an_order_of_computation(name):
    """Within a kind no box comes before one that it is computed from, and a step has one band."""
    bank = shipped(name)
    document = sheet(bank, variants_of(bank, 1)[0], "Ada")
    kinds, steps = [], []
    for block in document.blocks:
        if isinstance(block, Heading):
            kinds.append([])
            steps.append([])
        elif isinstance(block, AskedStep):
            kinds[-1] += [unknown.math.name for unknown in block.unknowns]
            steps[-1] += [block.step] if block.step else []

    for names in kinds:
        for k, name in enumerate(names):
            assert not bank.graph.ancestors[name] & set(names[k + 1 :])
    if bank.written.id != "both-directions":
        assert all(len(found) == len(set(found)) for found in steps)


RULES = (
    "due: Friday 12 June\n"
    "aids: a pocket calculator\n"
    "handing-in: Moodle\n"
    "lines: 3\n"
    "signature: true\n"
)


def written_blocks(text):
    """The blocks of a sheet of a bank."""
    bank = parse_bank(text)
    return sheet(bank, variants_of(bank, 1)[0], "Ada").blocks


def test_a_sheet_says_until_when_with_what_and_where():
    """What the bank says of date, aids and handing in stands on the sheet; there is room for work
    after each kind of boxes, and a line for the signature at the end."""
    text = (folder("question_banks") / "bptt_scalar.yaml").read_text()
    blocks = written_blocks(RULES + text)
    said = next(block.text for block in blocks if isinstance(block, Paragraph))

    assert (
        said == "Due: Friday 12 June. Aids: a pocket calculator. Hand in: Moodle. About 90 minutes."
    )

    spaces = [block for block in blocks if isinstance(block, Space)]
    assert [space.lines for space in spaces] == [*[3] * 7, 1]
    assert blocks[-1].label == "Date and signature"
    assert not any(isinstance(block, Space) for block in written_blocks(text))


@pytest.mark.parametrize(("own", "option", "ruled"), [(0, 4, 4), (3, 0, 0), (3, None, 3)])
def test_space_for_work_is_an_option_of_generate(tmp_path, monkeypatch, own, option, ruled):
    """`--lines` gives each kind of boxes so many ruled lines, whatever the bank gives; without it
    those of the bank. Another number of them in the same folder is refused."""
    text = (folder("question_banks") / "bptt_scalar.yaml").read_text()
    (tmp_path / "bank.yaml").write_text(f"lines: {own}\n{text}")
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada Lovelace\n")
    monkeypatch.chdir(tmp_path)
    given = [] if option is None else ["--lines", str(option)]

    def run(*more):
        base = ["generate", "bank.yaml", "--roster", "roster.csv", "--out", "course"]
        return CliRunner().invoke(main, [*base, "--engine", "none", "--also", "html", *more])

    assert run(*given).exit_code == 0

    (page,) = (tmp_path / "course" / "sheets").glob("*.html")
    heights = re.findall(r'<p class="space" style="height: ([\d.]+)rem">', page.read_text())
    assert [round(float(height) / 1.8, 6) for height in heights] == ([ruled] * 7 if ruled else [])

    again = run("--lines", "7")
    assert again.exit_code == 1
    assert "7 lines for the work" in again.output


def test_a_sheet_has_its_marks_as_a_table_with_their_total():
    """The marks of each kind as the bank gives them, and their sum."""
    bank = shipped("bptt_scalar")
    blocks = sheet(bank, variants_of(bank, 1)[0], "Ada").blocks
    table = next(block for block in blocks if isinstance(block, Table))

    assert table.rows[1] == ("marks", "6", "4", "6", "6", "8", "5", "5", "40")


def test_a_legend_says_what_letters_are():
    """The words of the catalogue for letters of its networks, in the letters of the notation; of a
    network of one's own what the bank says."""
    bank = shipped("lstm_forward")
    text = render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "markdown")
    assert "f[t]: forget gate" in text
    assert "W_f, W_i, W_o, W_g: weights of the input" in text

    noted = with_notation("d2l")
    text = render(sheet(noted, variants_of(noted, 1)[0], "Ada"), "markdown")
    assert "W_xh: weights of the input" in text


OF_UPDATES = {
    "gradient_descent": "eta theta",
    "weight_decay": "eta lam theta",
    "momentum": "eta mu m_theta#k theta",
    "nesterov": "eta mu m_theta#k theta",
    "adagrad": "eta epsilon v_theta#k theta",
    "rmsprop": "eta rho epsilon v_theta#k theta",
    "adam": "eta beta_1 beta_2 epsilon m_theta#k v_theta#k mhat_theta vhat_theta theta",
    "clip_value": "eta theta gclip_w w",
    "clip_norm": "eta theta norm scale w",
}


@pytest.mark.parametrize("optimiser", catalogue.names("optimisers"))
def test_a_legend_says_what_letters_of_the_update_are(optimiser):
    """Each letter in the equations of the training step, that for any parameter too, which is no
    letter of anything else."""
    bank = bank_of(optimiser=optimiser)
    (text,) = [
        block.text
        for block in sheet(bank, variants_of(bank, 1)[0], "Ada").blocks
        if isinstance(block, Paragraph) and "any parameter" in block.text
    ]
    explained = {one.show(TEXT) for one in text.objects}

    assert explained >= set(OF_UPDATES[optimiser].split())


SIGNS = {
    r"\|_\{t=": "contributes to",
    r"[A-Za-z}]'[_^]": "by the argument of",
    r"\\partial\^\{\+\}": "A plus, as in",
    r"\\sigma": "stands for",
    r"\\odot": "A product with a circled dot",
    r"softmax": "the exponential of each entry",
    r"\\operatorname\{relu\}": "stands for",
    r"\\operatorname\{sech\}": "stands for",
    r"\\operatorname\{step\}": "is 1 above 0",
    r"\\mathbf\{1\}": "Each entry of",
    r"\\delta_": "is the derivative of the loss by",
}


@pytest.mark.parametrize("name", BANKS)
def test_signs_are_explained_where_they_are_and_nowhere_else(name):
    """On sheets, in keys and in the open lines of a practice."""
    bank = shipped(name)
    solution = solve_all(bank, variants_of(bank, 1)).one_by_one[0]
    pages = [sheet(bank, solution.variant, "Ada"), key(solution, "Ada")]
    if bank.task.kind == "fill":
        pages += [practice_sheet(bank, solution.variant, "Ada"), practice_key(solution, "Ada")]

    for document in pages:
        said = [b for b in document.blocks if isinstance(b, Paragraph) and b.tone == "note"]
        # Reasons say by themselves what the functions in them are.
        others = [b for b in document.blocks if b not in said and not isinstance(b, Reasons)]
        text = " ".join(block.text for block in said)
        mathematics = body(replace(document, blocks=tuple(others)), "latex")

        for sign, words in SIGNS.items():
            if re.search(sign, mathematics):
                assert words in text, (document.subtitle, sign)
        for words in set(SIGNS.values()):
            signs = [sign for sign, same in SIGNS.items() if same == words]
            if words in text:
                assert any(re.search(sign, mathematics) for sign in signs), words


def test_one_hot_vectors_are_letters_each_said_once():
    """An input is the letter that it stands for, and the vector of a letter stands once."""
    bank = shipped("hello")
    text = render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "markdown")
    letters = re.findall(r'^    [xy]\[\d\] = "(\w)"$', text, re.MULTILINE)
    vectors = re.findall(r'^    "(\w)" = \[([01, ]+)\]\.T$', text, re.MULTILINE)

    assert len(letters) == 4
    assert sorted(letter for letter, _ in vectors) == sorted(set(letters))
    assert all(vector.count("1") == 1 for _, vector in vectors)


def test_a_state_that_runs_backwards_is_said_to():
    """In a network that reads both ways the sheet says which state runs from the last step to the
    first, and each direction's boxes stand in its own order."""
    bank = shipped("both_directions")
    document = sheet(bank, variants_of(bank, 1)[0], "Ada")
    assert "h_b[t] is computed from the last step to the first: it needs h_b[t+1]." in render(
        document, "markdown"
    )

    names = [
        u.math.name
        for block in document.blocks
        if isinstance(block, AskedStep)
        for u in block.unknowns
    ]

    assert [name for name in names if name.startswith("h_b")] == ["h_b[3]", "h_b[2]", "h_b[1]"]
    assert [name for name in names if name.startswith("h_f")] == ["h_f[1]", "h_f[2]", "h_f[3]"]


@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_a_sheet_of_a_class_has_two_pages(engine):
    """Answers begin on the first page, and the shipped exercise of one class fits on two."""
    bank = shipped("bptt_scalar")
    pdf = pdf_of(engine, sheet(bank, variants_of(bank, 1)[0], "Ada"))
    with Pdf.open(io.BytesIO(pdf)) as made:
        assert len(made.pages) == 2

    first = subprocess.run(
        ["pdftotext", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert "Answers" in first
    assert "h[1]" in first


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_answers_begin_on_the_first_page(engine, name):
    """Equations, numbers, task, rounding rule and marks stand there, and the first box."""
    bank = shipped(name)
    pdf = pdf_of(engine, sheet(bank, variants_of(bank, 1)[0], "Ada"))
    first = subprocess.run(
        ["pdftotext", "-raw", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    answers = "derivation" if bank.task.kind == "fill" else "Answers"
    words = ("network", "numbers", "What", "every named quantity", "marks", answers)

    assert [word for word in words if word not in " ".join(first.split())] == []
    assert asked_bands(bank)[0].boxes[0].name in first


LATIN = [
    "Ọlájídé Ṣọlá",
    "Kɔfi Ɛnyɔnam Ŋutɔ",
    "Ɓauɗa Ƙyari Ƴar'adua",
    "G̃uarani Ỹ Ã́",
    "Kaʻiulani Lunalilo",
    "Mikŏlas Ǘ Ǟ Ắ",
    "Straẞe",
    "Nguyễn Thị Phượng",
    "Đặng Hữu Đức",
    "Ștefan Țurcanu",
    "Čiurlionis Žemaitė",
    "Ġużeppi Ħaż",
    "Ǧānī Ṣāliḥ",
    "Ẽnẽ Ỹvoty",
    "Şahin Çağrı İnci",
    "Əliyev Vüsalə",
    "Ḥasan Ẕafar",
]


@needs_tex
@pytest.mark.parametrize("name", LATIN)
def test_latin_names_are_set_by_latex_without_codes(name):
    """No letter of a Latin alphabet is replaced by its code, and the letters that have a glyph can
    be read back."""
    from rnnquiz.documents.latex import escape

    assert "U+" not in escape(name)

    bank = shipped("worked_example")
    pdf = pdf_of("latex", sheet(bank, variants_of(bank, 1)[0], name))
    text = subprocess.run(
        ["pdftotext", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert "U+" not in text
    if name.startswith(("Nguyễn", "Đặng")):
        assert name in " ".join(text.split())


@pytest.mark.parametrize("engine", ["latex", "typst"])
@pytest.mark.parametrize("space", sorted("\u00a0\u2003\u2007\u2009\u202f\u3000"))
def test_pasted_spaces_of_any_width_part_words(engine, space):
    """A space that a word processor or a roster leaves in a name is set as a space, not as its
    code."""
    bank = shipped("worked_example")
    pdf = pdf_of(engine, sheet(bank, variants_of(bank, 1)[0], f"Ada{space}Lovelace"))
    text = subprocess.run(
        ["pdftotext", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert "Ada Lovelace" in " ".join(text.split())


RARE_LATIN = [
    "Ǆemal ǅemal ǆ Ǉ ǈ ǉ Ǌ ǋ ǌ",
    "Ƒofie Ɣebe Ʋinu Ɖela",
    "Ǥollegiella ǥ",
    "Jɨm Ɨsa Tʉi Ʉ Ƶ ƶ",
    "ǃXóõ ǀGui ǁAni ǂHoan",
    "Čaṵ̓ k̓ʷal",
    "M̤o̤ R̥ V̭ Ḛ̀",
    "Vall·l Paraŀlel",
    "Ada‐Mary",
    "ŉ ſ ﬁ Ａda",
    "N̄ūn m̌ ŋ̀",
    "Ꞌa Niqꞌa",
]


@needs_tex
@pytest.mark.parametrize("name", RARE_LATIN)
def test_rare_latin_letters_are_set_by_latex_without_codes(name):
    """Digraphs and other letters of old encodings, letters of Ewe, Skolt Sami, Cameroon, Khoisan
    and Salish, marks below and in rows: as composed and as single signs."""
    from rnnquiz.documents.latex import unset

    bank = shipped("worked_example")

    for form in ("NFC", "NFD"):
        shown = unicodedata.normalize(form, name)
        assert unset(shown) == []
        assert pdf_of("latex", sheet(bank, variants_of(bank, 1)[0], shown)).startswith(b"%PDF")


@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
@pytest.mark.parametrize("sign", sorted("\t\n\u200b\u200c\u200d\u2060\u00ad"))
def test_what_is_not_seen_is_not_named(engine, sign):
    """Signs that join letters, part them, or allow a break leave no code in a name."""
    bank = shipped("worked_example")
    pdf = pdf_of(engine, sheet(bank, variants_of(bank, 1)[0], f"Ada{sign}Love"))
    text = subprocess.run(
        ["pdftotext", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert "AdaLove" in "".join(filter(str.isalnum, text))
    assert names_not_set(engine, [f"Ada{sign}Love"]) == []


OTHER = [
    "Ελένη Παπαδοπούλου",
    "Анна Ковалёва",
    "Արամ Խաչատրյան",
    "ნინო ბერიძე",
    "अमर शर्मा",
]


@pytest.mark.parametrize("name", [*LATIN, *OTHER])
def test_names_of_other_scripts_are_set_by_typst(name):
    """What the fonts of Typst have stands in the PDF letter by letter."""
    bank = shipped("worked_example")
    pdf = pdf_of("typst", sheet(bank, variants_of(bank, 1)[0], name))
    text = subprocess.run(
        ["pdftotext", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()

    assert name in " ".join(text.split())


LONG_IN_OTHERS = [
    "Ελένη Παπαδοπούλου-Κωνσταντινίδη",
    "Александра Владимировна Константинопольская",
    "محمد عبد الرحمن بن عبد العزيز",
    "歐陽娜娜" * 6,
]


@needs_tex
@pytest.mark.parametrize("name", LONG_IN_OTHERS)
def test_letters_that_latex_lacks_leave_the_head_of_a_page_its_room(name):
    """A long name of letters that are named by their codes stays left of the token and above the
    title, and the id stands behind it."""
    bank = shipped("worked_example")
    shown = Student("0017042", name, "", 1).shown
    pdf = pdf_of("latex", sheet(bank, variants_of(bank, 1)[0], shown))

    boxes = subprocess.run(
        ["pdftotext", "-l", "1", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', boxes)
    words = {text: tuple(map(float, place)) for *place, text in found}

    token = words[variants_of(bank, 1)[0].token]
    title = next(place for text, place in words.items() if place[1] > token[3])
    head = [place for place in words.values() if place[1] < token[3] and place != token]

    assert "(0017042)" in words
    assert max(right for _, _, right, low in head) < token[0]
    assert words["(0017042)"][3] < title[1]


def test_typst_draws_what_it_is_said_to():
    """Every character of the table stands in a PDF/UA, which Typst refuses to make where a glyph is
    missing; those of scripts that are not there are refused."""
    import typst

    from rnnquiz.documents.glyphs import has_glyph
    from rnnquiz.documents.outputs import escape_typst

    fonts = typst.Fonts(include_system_fonts=False)

    def made(literals):
        text = "".join(f"#par({one})" for one in literals)
        head = '#set document(title: "x")\n'
        return typst.compile(
            (head + text).encode(), font_paths=fonts, timestamp=0, pdf_standards=["ua-1"]
        )

    known = [chr(k) for k in range(0x21, 0x2300) if has_glyph(chr(k))]

    assert made(map(escape_typst, known)).startswith(b"%PDF")
    for character in "กあ中가አ":
        assert not has_glyph(character)
        with pytest.raises(RuntimeError, match="could not be displayed"):
            made([f'"{character}"'])


@pytest.mark.parametrize(
    ("engine", "lacking"), [("latex", ["李明", "Ελένη", "אברהם"]), ("typst", ["李明"])]
)
def test_names_that_cannot_be_set_are_said(tmp_path, engine, lacking):
    """`generate` names them with the letters and what to do; of others it says nothing."""
    names = ["Ada", "Nguyễn Phượng", "李明", "Ελένη", "אברהם"]
    shown = [Student(f"s{k}", name, "", k).shown for k, name in enumerate(names, start=1)]
    (line,) = names_not_set(engine, shown)

    assert [name for name in names if name in line] == lacking
    assert "U+674E U+660E" in line
    assert "--also html" in line
    assert names_not_set(engine, shown[:2]) == []

    (tmp_path / "roster.csv").write_text(f"id,name\ns1,{names[2]}\n", encoding="utf-8")
    run = CliRunner().invoke(
        main,
        [
            "generate",
            "worked_example",
            "--roster",
            str(tmp_path / "roster.csv"),
            "--out",
            str(tmp_path / "course"),
            "--engine",
            "typst",
        ],
    )

    assert "a name has letters that the fonts of Typst lack" in run.output


def test_the_id_is_never_cut_from_the_header():
    """A long name is cut before the id; a name without one at its end."""
    from rnnquiz.documents.parts import name_on_top

    assert name_on_top(f"{'Ada ' * 40} (s123456)").endswith("… (s123456)")
    assert len(name_on_top("x" * 300)) == 70
    assert name_on_top(f"A ({'7' * 200})").endswith(f"({'7' * 200})")


def test_marks_of_direction_do_not_leave_a_name():
    """Signs that turn the direction of the text after them are closed with the name that has them;
    LaTeX, which knows one direction, has none of them."""
    bank = shipped("worked_example")
    shown = Student("s1", "a\u202eb\u2067c\u200fd", "", 1).shown

    for output in OUTPUTS:
        text = render(sheet(bank, variants_of(bank, 1)[0], shown), output)
        closed = "\u2068a\u202eb\u2067c\u200fd\u2069\u202c\u2069 (s1)"
        assert ("abcd (s1)" if output == "latex" else closed) in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("name", ["אברהם בן-דוד", "محمد علي", "\u202eAda", "Ada \u2067"])
def test_an_id_stands_behind_a_name_of_any_direction(name):
    """On the paper of Typst the id is right of the name, whatever way that is written, and reads
    from left to right."""
    bank = shipped("worked_example")
    shown = Student("1234-5678", name, "", 1).shown
    pdf = pdf_of("typst", sheet(bank, variants_of(bank, 1)[0], shown))

    found = subprocess.run(
        ["pdftotext", "-bbox", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    rows = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)".*?>([^<]*)</word>', found)
    top = next(float(y) for _, y, word in rows if "1234-5678" in word)
    line = [(float(x), word) for x, y, word in rows if abs(float(y) - top) < 4]
    *_, (_, last), (_, token) = sorted(line)  # from left to right

    assert last.endswith("(1234-5678)")
    assert token == variants_of(bank, 1)[0].token


@pytest.mark.parametrize("name", BANKS)
def test_a_heading_of_a_key_says_what_stands_below_it(name):
    """No heading speaks of a loss or of a forward pass where there is none; shares of a gradient
    come in the order in which they are added up."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])
    sections = groupby(solution.topics(), key=lambda topic: topic[0])

    for heading, topics in sections:
        lines = [line for _, _, own in topics for line in own]
        roles = {line.quantity.role for line in lines}
        if "from the" in heading or "by itself" in heading:
            assert ("loss" in heading.lower()) == ("loss" in roles)
            assert ("Forward pass" in heading) == ("forward" in roles)

        order = [line.name for line in lines]
        for line in lines:
            if line.quantity.role == "sum":
                shares = [parent for parent in refs(line.formula) if parent in order]
                assert shares == sorted(shares, key=order.index)


def test_equations_come_in_the_order_of_the_network():
    """Also where a state that is read backwards is computed before others at the last step."""
    bank = shipped("both_directions")
    letters = [str(left.name).partition("[")[0] for left, _ in equations_of(bank)]
    assert letters == ["h_f", "h_b", "yhat", "L", "L"]


@pytest.mark.parametrize("name", BANKS)
def test_each_section_of_a_key_comes_once_in_an_order_of_computation(name):
    """A heading of a key stands once, and each line below it reads what stands above it."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])
    topics = list(solution.topics())
    sections = [k for k, _ in groupby(section for section, _, _ in topics)]

    assert len(sections) == len(set(sections))

    order = [line.name for _, _, lines in topics for line in lines]
    assert sorted(order) == sorted(line.name for line in solution.shown_lines)
    for k, reader in enumerate(order):
        assert not set(order[k:]) & set(bank.displayed.parents[reader])


@pytest.mark.parametrize("name", BANKS)
def test_arrows_of_time_have_a_line_of_their_own(name):
    """An arrow along a row meets no circle between the two that it joins, nor another arrow."""
    bank = shipped(name)
    drawing = draw(bank.full, tuple(bank.cell.inputs))
    spans = [(edge.y1, *sorted((edge.x1, edge.x2))) for edge in drawing.edges if edge.y1 == edge.y2]
    circles = [(round(n.y, 3), n.x - RADIUS, n.x + RADIUS) for n in drawing.nodes]

    for k, (row, start, end) in enumerate(spans):
        for other, left, right in [*circles, *spans[:k]]:
            assert other != row or right <= start + 0.002 or left >= end - 0.002


@needs_tex
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="no poppler on this machine")
@pytest.mark.parametrize("name", ["hello", "lstm_step", "bptt_vector"])
def test_the_foot_of_a_page_is_grey(name, tmp_path):
    """No colour of a heading goes on into the number of the next page."""
    bank = shipped(name)
    document = sheet(bank, variants_of(bank, 1)[0], "Ada")
    (tmp_path / "a.pdf").write_bytes(pdf_of("latex", document))
    subprocess.run(
        ["pdftoppm", "-r", "72", "-y", "790", "-H", "40", "-x", "0", "-W", "595", "a.pdf", "a"],
        cwd=tmp_path,
        check=True,
    )
    feet = sorted(tmp_path.glob("*.ppm"))

    assert len(feet) > 1
    for foot in feet:
        pixels = foot.read_bytes().split(b"255\n", 1)[1]
        shades = {pixels[k : k + 3] for k in range(0, len(pixels), 3)}

        assert len(shades) > 1  # the number is there
        assert all(len(set(shade)) == 1 for shade in shades)


def grey(pdf, dots):
    """The first page as a viewer shows it, so many dots an inch; 0 is black."""
    command = ["pdftoppm", "-gray", "-r", str(dots), "-f", "1", "-l", "1", "-"]
    made = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    _, size, _, data = made.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(data, np.uint8).reshape(height, width)


@pytest.mark.parametrize("dots", [72, 100, 150])
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_a_box_has_a_frame_on_all_sides(engine, dots):
    """On screens too: no side of it is hidden by the ground of the box."""
    bank = shipped("bptt_vector")
    style = Style(fillable=True)
    (pdf,) = pdfs([sheet(bank, variants_of(bank, 1)[0], "Ada")], engine, style)
    with Pdf.open(io.BytesIO(pdf)) as made:
        page = made.pages[0]
        top = float(page.mediabox[3])
        rects = [[float(v) for v in field.Rect] for field in page.Annots if field.Rect[2] > 0]
        del made.Root.AcroForm  # what a viewer shows in a field would lie on top
        for one in made.pages:
            del one.Annots
        made.save(out := io.BytesIO())
    seen, scale = grey(out.getvalue(), dots), dots / 72

    def darkest(x, y):
        row, column = int((top - y) * scale), int(x * scale)
        return seen[row - 2 : row + 3, column - 2 : column + 3].min()

    assert len(rects) >= 5
    for left, low, right, _ in rects:
        high = low + 23
        across, along = (left + right) / 2 + 4, (low + high) / 2 - 4
        sides = [(left, along), (right, along), (across, low), (across, high)]

        assert [darkest(*side) < 170 for side in sides] == [True] * 4


def test_a_screen_reader_hears_each_worked_line_once():
    """In a Typst key the text of a line stands for all of its parts; nothing else is said of it."""
    bank = shipped("bptt_scalar")
    solution = solve(bank, variants_of(bank, 1)[0])
    with Pdf.open(io.BytesIO(pdf_of("typst", key(solution, "Ada")))) as made:
        parts = [item for item in made.objects if isinstance(item, Dictionary) and "/Alt" in item]
        said = [str(part.Alt) for part in parts]
    texts = [line.text() for line in solution.lines]

    assert [said.count(text) for text in texts] == [1] * len(texts)
    assert not {"and on", "value"} & set(said)


def test_headings_of_a_table_take_few_lines():
    """Columns are as wide as their headings where all fit in a line, else so wide that none takes
    more lines than it has to; all of them fit on the page with the space between."""
    short = Table(("", "Forward pass", "Total"), (("boxes", "6", "55"),))
    assert short.shares[1] * sizes.LINE >= len("Forward pass")

    heads = ("", "Local derivatives", "Derivatives through time", "Gradients, summed over time")
    long = Table((*heads, "Gradients of each step", "Total"), (("boxes", *"12345"),))
    for head, share in zip(long.header, long.shares, strict=True):
        assert len(textwrap.wrap(head, int(share * sizes.LINE))) <= 2
    assert sum(long.shares) + 2.5 * len(long.header) / sizes.LINE <= 1


@pytest.mark.parametrize(
    ("output", "said", "fraction"),
    [
        ("latex", r" as in $\partial^{+} h_{2}/\partial U$,{} marks", r"\frac{\partial"),
        ("typst", r"$partial^+ h_(2)\/partial U$", "frac(partial"),
        ("html", '<mo lspace="0" rspace="0">/</mo>', "<mfrac><mrow><mo>∂</mo>"),
        ("markdown", "A plus, as in d+h[2]/dU, marks", ""),
    ],
)
def test_a_derivative_in_a_sentence_has_a_slash(output, said, fraction):
    """The letters of a fraction would be too small there; before a box and in a line it stays."""
    bank = shipped("bptt_scalar")

    text = body(sheet(bank, variants_of(bank, 1)[0], "Ada"), output)

    assert said in text
    assert fraction in text
