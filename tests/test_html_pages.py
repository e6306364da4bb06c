"""Every kind of HTML page that the program makes, in a real browser: light and dark, from 320 px to
a desktop, on paper, by the rules of WCAG 2.2 AA."""

import re
from functools import cache
from io import BytesIO
from itertools import chain
from random import Random

import pytest
from browsers import faults_of, started
from PIL import Image
from pypdf import PdfReader
from test_class import altered
from test_report import fifty_boxes, marking_of

from rnnquiz import handbook
from rnnquiz.bank.variant import arrays_of
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.form import answer_pages, form
from rnnquiz.documents.key import key
from rnnquiz.documents.render import PLAIN, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.exercise import Exercise
from rnnquiz.grade.simulate import STUDENT_KINDS
from rnnquiz.people.roster import Student
from rnnquiz.report import page as report
from rnnquiz.solution.solved import solve
from tests_support import BANKS, corrected, shipped, variants_of

pytestmark = pytest.mark.slow

WIDTHS = (320, 768, 1280)
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 6  # a name of two hundred letters
TITLE = (
    r"^title: .*$",
    "title: '" + "Rückwärtsausbreitungsalgorithmus <b> $x_1$ #let 😀 " * 3 + "'",
)


SIZES = "{input: 4, hidden: 8, output: 3}"


@cache
def issued(name):
    """A shipped bank with a variant; "wide": one whose matrices have eight columns, with long names
    in all places."""
    if name != "wide":
        return shipped(name), variants_of(shipped(name), 1)[0]
    bank, variant = altered(
        "bptt_vector", sizes=("{input: 2, hidden: 2, output: 1}", SIZES), title=TITLE
    )
    return bank, variant


def sheet_of(name):
    return render(sheet(*issued(name), f"{LONG} (s1)"), "html")


def key_of(name):
    return render(key(solve(*issued(name)), "Ada Lovelace (s1)", "explained"), "html")


def feedback_of(name):
    bank, variants = issued(name)[0], [issued(name)[1]]
    made = next(kind for kind in STUDENT_KINDS if kind.name == "one slip")
    answers = made.answer(bank, arrays_of(bank, variants), bank.mistaken, Random(1))
    first, second = list(answers)[:2]
    answers = {**answers, first: "about a half", second: ""}
    marked = corrected(bank, arrays_of(bank, variants), [answers])
    return render(feedback(marked, 0, solve(bank, variants[0]), "Ada Lovelace (s1)"), "html")


def annotated():
    read = Exercise.load("worked_example").read(handbook.PICTURES / "page.md")
    return render(read.annotated(), "html")


def form_of(name):
    bank, variant = issued(name)
    return answer_pages(bank, [(Student("s1", LONG, "", 1), variant)], PLAIN)[0].decode()


PAGES = {
    "sheet, scalar": lambda: sheet_of("bptt_scalar"),
    "sheet, hello": lambda: sheet_of("hello"),
    "sheet, gaps": lambda: sheet_of("fill_the_gaps"),
    "sheet, wide": lambda: sheet_of("wide"),
    "key, vector": lambda: key_of("bptt_vector"),
    "key, gates": lambda: key_of("lstm_step"),
    "feedback": lambda: feedback_of("bptt_vector"),
    "feedback, wide": lambda: feedback_of("wide"),
    "worked page": annotated,
    "answer page": lambda: form_of("hello"),
    "answer page, wide": lambda: form_of("wide"),
    "report": lambda: report.html(marking_of(40)),
    "manual": handbook.manual_page,
}


@pytest.fixture(scope="module")
def browser():
    with started() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_fault(browser, tmp_path, name, scheme):
    """axe-core finds nothing at any width; the page never scrolls sideways; it asks for nothing
    from a network; what it is coloured by is not the other scheme's paper."""
    (path := tmp_path / "page.html").write_text(PAGES[name](), encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())

    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 200) == (scheme == "dark")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide, seen = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )

        assert wide <= seen, width
        if width != 768:
            assert faults_of(page) == [], width
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []

    context.close()


SCROLLING = """[...document.querySelectorAll("*")].filter(one =>
  one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
  && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  .map(one => one.outerHTML.slice(0, 300))"""


@pytest.mark.parametrize("made", [sheet_of, form_of, key_of, feedback_of])
def test_nothing_scrolls_sideways_on_a_telephone(browser, made):
    """At 320 pixels no part of a sheet, an answer page, a key or a feedback page of any bank, and
    of one with eight hidden units, is wider than what is seen of it: lines are broken, and rows of
    boxes and of numbers go on below, each row for itself."""
    page = browser.new_page(viewport={"width": 320, "height": 800})
    for name in [*BANKS, "wide"]:
        page.set_content(made(name))
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")

        assert page.evaluate("document.documentElement.scrollWidth") == 320, name
        assert page.evaluate(SCROLLING) == [], name

    page.close()


LETTERS = """[...document.querySelectorAll("svg.drawing")].filter(one => one.clientWidth)
  .map(drawing => {
    const box = drawing.getBoundingClientRect(), scale = box.width / drawing.viewBox.baseVal.width;
    const letters = [...drawing.querySelectorAll("mi, mn, mo, text")];
    const sizes = letters.map(one => parseFloat(getComputedStyle(one).fontSize) * scale);
    const ends = letters.map(one => one.getBoundingClientRect());
    const cut = ends.filter(one => one.left < box.left - 1 || one.right > box.right + 1);
    return [Math.min(...sizes), Math.max(...sizes), cut.length];
  })"""


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("made", [sheet_of, key_of, feedback_of])
def test_the_letters_of_drawings_can_be_read(browser, made, width):
    """In every drawing of a sheet, a key and a feedback page of any bank a name is as large as the
    text of a page, its index at least nine pixels, and none is cut off."""
    page, seen = browser.new_page(viewport={"width": width, "height": 800}), 0
    for name in [*BANKS, "wide"]:
        page.set_content(made(name))

        for least, most, cut in page.evaluate(LETTERS):
            assert least >= 9, name
            assert 13 <= most <= 17.5, name
            assert cut == 0, name

            seen += 1
    assert seen > len(BANKS) / 2

    page.close()


RESULTS = """[...document.querySelectorAll(".aligned")].map(block => {
  const edge = one => Math.round(one.getBoundingClientRect().right);
  return [edge(block), [...block.querySelectorAll(".result")].map(edge)];
})"""


@pytest.mark.parametrize("name", ["hello", "bptt_scalar", "clipping", "wide"])
def test_values_of_a_key_stand_below_one_another(browser, name):
    """On a wide screen all values of a block end at one line, at its right edge but for the room of
    exact values; nothing is wider than its block. On a telephone a value follows its line."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_content(key_of(name))
    for width in (1280, 768):
        page.set_viewport_size({"width": width, "height": 800})
        room = {block - end for block, ends in page.evaluate(RESULTS) for end in ends}

        assert max(room) - min(room) <= 1, width
        assert max(room) <= (115 if page.locator(".exact").count() else 1)
        assert page.evaluate(SCROLLING) == [], width

    page.set_viewport_size({"width": 320, "height": 800})
    assert any(block - end > 100 for block, ends in page.evaluate(RESULTS) for end in ends)

    page.close()


@pytest.mark.parametrize("width", [768, 1000, 1280])
def test_no_exact_value_of_a_key_is_cut(browser, width):
    """Beside the results there is room for the longest exact value of every bank."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    for name in [*BANKS, "wide"]:
        page.set_content(key_of(name))
        assert page.evaluate(SCROLLING) == [], name

    page.close()


def test_a_wide_matrix_keeps_its_brackets_and_its_rows(browser):
    """On a telephone every box and every number lies between the brackets of its quantity, those of
    a row above those of the next; on a desktop a row is a line."""
    page = browser.new_page()
    page.set_content(form_of("wide"))
    for width, lines in ((320, 4), (1280, 1)):
        page.set_viewport_size({"width": width, "height": 800})
        (cells,) = page.locator(".cells:has([data-box='dL/dU.8.8'])").all()
        frame, above = cells.bounding_box(), 0

        for k in range(1, 9):
            boxes = [
                page.locator(f"[data-box='dL/dU.{k}.{n}']").bounding_box() for n in range(1, 9)
            ]

            assert len({round(box["y"]) for box in boxes}) == lines
            assert min(box["y"] for box in boxes) > above

            above = max(box["y"] + box["height"] for box in boxes)
            assert all(box["width"] >= 80 for box in boxes)
            assert min(box["x"] for box in boxes) > frame["x"]
            assert max(box["x"] + box["width"] for box in boxes) < frame["x"] + frame["width"]

    page.close()


SHAPES = """[...document.querySelectorAll(".results .cells.bracketed")].map(cells => {
  const rows = [...cells.querySelectorAll(".row")];
  const top = one => Math.round(one.getBoundingClientRect().top);
  const tops = row => new Set([...row.children].map(top));
  const sign = cells.parentElement.querySelector(".top");
  return {
    entries: rows.map(row => row.children.length), lines: rows.map(row => tops(row).size),
    transposed: sign !== null && sign.getClientRects().length > 0 };
})"""


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_result_keeps_its_shape(browser, width):
    """In a key a matrix has its rows on a telephone, too. A vector stands as a row with the sign of
    a transpose, or as a column without it."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(key_of("bptt_vector"))
    found = page.evaluate(SHAPES)

    assert any(len(one["entries"]) == 2 for one in found)
    for one in found:
        if len(one["entries"]) > 1 or one["transposed"]:
            assert set(one["lines"]) == {1}, one
        else:
            assert one["lines"] == one["entries"], one
    assert any(one["transposed"] for one in found) == (width == 1280)

    page.close()


def printed(page):
    """The lines of each page of paper."""
    written = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    texts = (one.extract_text() for one in written.pages)
    return [[line for line in text.splitlines() if line.strip()] for text in texts]


def test_no_printed_page_of_a_report_is_empty(browser):
    """Each picture of a report stands below its heading, on one page with it, and all of it within
    the margins of the page."""
    page = browser.new_page()
    page.set_content(report.html(fifty_boxes()))
    pages = printed(page)

    assert len(pages) > 3
    assert min(map(len, pages)) > 4
    for lines in pages:
        assert not lines[-1].startswith("Appendix")

    page.close()


@pytest.mark.parametrize("name", ["lstm_step", "gru_step", "bptt_scalar"])
def test_no_printed_page_of_a_key_ends_with_a_heading(browser, name):
    """A drawing is on one page with the words above it, as are lines with their heading."""
    bank, page = shipped(name), browser.new_page()
    made = key(solve(bank, variants_of(bank, 1)[0]), "Ada")
    page.set_content(render(made, "html"))

    for lines in printed(page):
        assert not re.match(r"For |t =|The way of|Backward|Gradients|Update", lines[-1]), lines

    page.close()


def test_what_is_not_right_is_unfolded_on_paper(browser):
    """Who prints a feedback page reads what each box would have been that is not right; on the
    screen it is folded."""
    page = browser.new_page()
    page.set_content(feedback_of("bptt_scalar"))
    text = "\n".join(map("\n".join, printed(page)))

    assert page.locator("details[open]").count() == 0
    assert "you wrote" in text
    assert text.count("about a half") >= 2

    page.close()


def test_an_id_stands_behind_a_name_of_any_direction(browser):
    """A browser sets the id right of a name from right to left, and the token after both."""
    page = browser.new_page()
    for name in ("אברהם בן-דוד", "محمد علي", "\u202eAda", "\u2067Ada"):
        shown = Student("1234-5678", name, "", 1).shown
        page.set_content(render(sheet(*issued("hello"), shown), "html"))
        name_end, start, end, token = page.evaluate(PLACES)

        assert name_end <= start < end < token, name

    page.close()


PLACES = """(() => {
  const text = document.querySelector("header p:last-child").firstChild;
  const range = document.createRange();
  const place = (from, to) => {
    range.setStart(text, from); range.setEnd(text, to); return range.getBoundingClientRect(); };
  const id = text.data.indexOf("(1234");
  const name = place(0, id - 1), first = place(id, id + 1), last = place(id + 10, id + 11);
  const code = document.querySelector("header code").getBoundingClientRect();
  return [name.right, first.left, last.right, code.left];
})()"""


@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector"])
def test_the_frame_is_round_the_result_only(browser, name):
    """In a key each frame holds the value of its line, and nothing of the formula before it."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])
    page = browser.new_page()
    page.set_content(render(key(solution, "Ada"), "html"))
    asked = [line for line in solution.lines if line.asked]
    frames = page.locator(".boxed")

    assert frames.count() == len(asked)

    texts = frames.all_text_contents()
    assert not any(sign in text for text in texts for sign in "=·+h")

    held = ["".join(re.findall(r"[-−\d.]", text)).replace("−", "-") for text in texts]
    shown = ["".join(re.findall(r"[-\d.]", str(line.shown))) for line in asked]
    assert held == shown

    page.close()


# Of each part its bands; of a band its quantities, as they are called in every step, and where
# their boxes or numbers begin, each in its row.
COLUMNS = """[...document.querySelectorAll("h3")].map(part => {
  const bands = [];
  for (let next = part.nextElementSibling; next?.matches(".band"); next = next.nextElementSibling)
    if (next.querySelector(".step"))
      bands.push([...next.querySelectorAll(".unknown:not(.free)")].map(one => [
        one.querySelector("math:last-of-type").textContent.replace(/[+\\d\\s]/g, ""),
        one.querySelector(".cells").getBoundingClientRect().x]));
  return bands; })"""


@pytest.mark.parametrize("width", [700, 1000, 1280])
@pytest.mark.parametrize("made", [sheet_of, form_of, key_of])
@pytest.mark.parametrize("name", ["bptt_scalar", "lstm_step", "gru_step", "bptt_vector", "deltas"])
def test_a_quantity_stands_below_itself(browser, name, made, width):
    """In all steps of a part, where they take the same lines; the first of each always does."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(made(name))
    parts = [bands for bands in page.evaluate(COLUMNS) if len(bands) > 1]
    page.close()

    assert parts
    for bands in parts:
        fullest = max(bands, key=len)
        places = dict(fullest)

        for quantity, x in chain.from_iterable(bands):
            assert abs(places[quantity] - x) < 2, (quantity, bands)


@pytest.mark.parametrize("name", ["hello", "bptt_vector"])
def test_only_letters_of_one_hot_vectors_are_set_as_typed(browser, name):
    """Beside them all of a formula, the place of an entry too, has the letters of mathematics."""
    page = browser.new_page()
    fonts = """[...document.querySelectorAll("mtext")].map(
        one => [one.textContent, getComputedStyle(one).fontFamily])"""
    seen = {}
    for made in (sheet_of, feedback_of):
        page.set_content(made(name))
        seen |= dict(page.evaluate(fonts))
    page.close()

    assert any(text.startswith("[") for text in seen)
    for text, font in seen.items():
        assert ("Mono" in font) == text.isalpha(), (text, font)


def test_edges_of_a_drawing_have_their_labels(browser):
    """The weight that multiplies a quantity stands at the middle of its arrow, on no circle."""
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_content(sheet_of("bptt_scalar"))
    labels = page.locator(".across .label")

    assert {text.strip() for text in labels.all_text_contents()} == {"W", "U", "V"}

    circles = [circle.bounding_box() for circle in page.locator(".across circle").all()]
    for label in labels.all():
        at = label.bounding_box()
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2

        for circle in circles:
            radius = circle["width"] / 2
            middle = (circle["x"] + radius, circle["y"] + radius)
            assert (x - middle[0]) ** 2 + (y - middle[1]) ** 2 > (radius + at["height"] / 4) ** 2

    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_a_report_have_its_paper(browser, scheme):
    """Round each picture as within it, and letters that stand out from it."""
    page = browser.new_page(color_scheme=scheme)
    page.set_content(PAGES["report"]())
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ground = tuple(map(int, re.findall(r"\d+", paper)[:3]))
    pictures = page.locator("svg")

    assert pictures.count() > 3
    for picture in pictures.all():
        shown = Image.open(BytesIO(picture.screenshot())).convert("RGB")
        assert shown.getpixel((1, 1)) == ground

        greys = shown.convert("L").getextrema()
        assert greys[1] - greys[0] > 180

    page.close()


@pytest.mark.parametrize("name", ["sheet, hello", "key, vector", "feedback", "report"])
def test_paper_is_white(browser, tmp_path, name):
    """Printed from a dark screen, a page is dark on white, and nothing is cut off at its side."""
    page = browser.new_page(color_scheme="dark", viewport={"width": 700, "height": 1000})
    page.set_content(PAGES[name]())
    page.emulate_media(media="print", color_scheme="dark")

    paper = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')")

    assert paper.strip() == "#fff"
    assert page.evaluate("document.documentElement.scrollWidth") <= 700

    page.close()


HOSTILE = '"}</style><script>alert(1)</script>\\\\ 5'


@pytest.mark.parametrize("made", [sheet, form])
def test_each_printed_page_says_whose_it_is(browser, made):
    """On every page of paper stand the student and the token; the name stays a text, whatever it
    is."""
    page = browser.new_page()
    bank, variant = issued("bptt_scalar")
    for name in ("Ada Lovelace", HOSTILE):
        student = Student("s1", name, "", 1)
        document = made(bank, variant, student.shown if made is sheet else student)
        page.set_content(render(document, "form" if made is form else "html"))
        written = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
        pages = ["".join(one.extract_text().split()) for one in written.pages]

        assert len(pages) > 2
        for text in pages:
            assert f"{''.join(name.split())}(s1)" in text
            assert variant.token in text

    page.close()


@pytest.mark.parametrize("width", [320, 1000])
def test_equations_stand_below_one_another_at_their_signs(browser, width):
    """As in a textbook; on a telephone too."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(sheet_of("gru_step"))
    signs = page.locator(".equation > span:last-child > math:first-child > mo:first-child")
    places = [sign.bounding_box()["x"] for sign in signs.all()]

    assert len(places) >= 5
    assert max(places) - min(places) < 1

    page.close()


@pytest.mark.parametrize("width", [320, 800, 1200])
def test_an_exact_number_is_not_broken(browser, width):
    """It takes one line, and room of its own."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(key_of("gru_step"))
    for exact in page.locator(".exact").all():
        assert exact.evaluate("one => one.getClientRects().length") == 1

        box, line = exact.bounding_box(), exact.locator("xpath=..").bounding_box()
        assert box["height"] < 30
        assert box["x"] + box["width"] <= line["x"] + line["width"] + 1
    assert page.locator(".exact").count() > 0

    page.close()
