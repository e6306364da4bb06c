"""Every kind of HTML page that the program makes, in a real browser: light and dark, from 320 px to
a desktop, on paper, by the rules of WCAG 2.2 AA."""

import re
from random import Random

import pytest
from browsers import faults_of, started
from test_report import marking_of

from rnnquiz import handbook
from rnnquiz.bank.variant import arrays_of
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.form import answer_pages
from rnnquiz.documents.key import key
from rnnquiz.documents.render import PLAIN, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.exercise import Exercise
from rnnquiz.report import page as report
from rnnquiz.roster import Student
from rnnquiz.simulate import KINDS
from rnnquiz.solution import solve
from tests_support import corrected, shipped, variants_of

pytestmark = pytest.mark.slow

WIDTHS = (320, 768, 1280)


def sheet_of(name):
    return render(
        sheet(shipped(name), variants_of(shipped(name), 1)[0], "Ada Lovelace (s1)"), "html"
    )


def key_of(name):
    bank = shipped(name)
    return render(
        key(solve(bank, variants_of(bank, 1)[0]), "Ada Lovelace (s1)", "explained"), "html"
    )


def feedback_of(name):
    bank, variants = shipped(name), variants_of(shipped(name), 1)
    made = next(kind for kind in KINDS if kind.name == "one slip")
    answers = made.answer(bank, arrays_of(bank, variants), bank.mistaken, Random(1))
    first, second = list(answers)[:2]
    answers = {**answers, first: "about a half", second: ""}
    marked = corrected(bank, arrays_of(bank, variants), [answers])
    return render(feedback(marked, 0, solve(bank, variants[0]), "Ada Lovelace (s1)"), "html")


def annotated():
    read = Exercise.load("worked_example").read(handbook.PICTURES / "page.md")
    return render(read.annotated(), "html")


def form_of(name):
    issued = [(Student("s1", "Ada Lovelace", "", 1), variants_of(shipped(name), 1)[0])]
    return answer_pages(shipped(name), issued, PLAIN)[0].decode()


PAGES = {
    "sheet, scalar": lambda: sheet_of("bptt_scalar"),
    "sheet, hello": lambda: sheet_of("hello"),
    "sheet, gaps": lambda: sheet_of("fill_the_gaps"),
    "key, vector": lambda: key_of("bptt_vector"),
    "key, gates": lambda: key_of("lstm_step"),
    "feedback": lambda: feedback_of("bptt_vector"),
    "worked page": annotated,
    "answer page": lambda: form_of("hello"),
    "report": lambda: report.html(marking_of(40)),
    "manual": handbook.html,
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


def test_edges_of_a_drawing_have_their_labels(browser):
    """The weight that multiplies a quantity stands at the middle of its arrow, on no circle."""
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_content(sheet_of("bptt_scalar"))
    labels = page.locator(".drawing .label")
    assert {text.strip() for text in labels.all_text_contents()} == {"W", "U", "V"}
    circles = [circle.bounding_box() for circle in page.locator(".drawing circle").all()]
    for label in labels.all():
        at = label.bounding_box()
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        for circle in circles:
            radius = circle["width"] / 2
            middle = (circle["x"] + radius, circle["y"] + radius)
            assert (x - middle[0]) ** 2 + (y - middle[1]) ** 2 > (radius + at["height"] / 4) ** 2
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
