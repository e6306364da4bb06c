"""Feedback pages: marks as bars, every box once on the map, at most three cards and two pages, no
colour alone, nothing cut."""

import io
import random
import re
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from pikepdf import Pdf
from pypdf import PdfReader

from pupils import Pupil
from rnnquiz.algebra.targets import MATHML, notated
from rnnquiz.bank.variant import arrays_of
from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.cards import MOST_NAMED
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.feedback import bars, feedback
from rnnquiz.documents.palette import COLOURS, GRAVEST, LOOKS, told_apart
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.files.resources import folder
from rnnquiz.grade.marked import UNKNOWN
from rnnquiz.grade.simulate import STUDENT_KINDS, mistaken_values, texts_of
from rnnquiz.solution.solved import solve
from tests_support import BANKS, corrected, shipped, slowly, variants_of

needs_tex = pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
ENGINES = ["typst"] if missing_for_latex() else ["typst", "latex"]
KIND_NAMES = [kind.name for kind in STUDENT_KINDS]


@cache
def returned(name, kind, seed=1):
    """The feedback of one simulated student, with what it was made from."""
    bank = shipped(name)
    variant = variants_of(bank, 1)[0]
    givens = arrays_of(bank, [variant])
    student = next(one for one in STUDENT_KINDS if one.name == kind)
    answers = student.answer(bank, givens, bank.mistaken, random.Random(seed))
    marked = corrected(bank, givens, [answers])
    return marked, feedback(marked, 0, solve(bank, variant), "Ada Lovelace")


def blocks(document, kind):
    return [block for block in document.blocks if block.kind == kind]


class Signs(HTMLParser):
    """The signs that stand on a page inside of elements of each verdict's colour."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(dict(attrs).get("class") or "")

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        shade = re.search(r"\bv-([a-z-]+)", self.open[-1]) if self.open else None
        if shade and data.strip():
            self.found.append((shade[1], data.strip()))


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("name", slowly(BANKS))
def test_each_box_is_once_on_the_map_with_its_verdict(name, kind):
    """The boxes of the sheet, each once, with the verdict that marking gave it; the page shows as
    many signs."""
    marked, document = returned(name, kind)
    (shown,) = blocks(document, "map")
    found = [(mark.box, mark.verdict) for chip in shown.chips for mark in chip.marks]

    assert Counter(found) == Counter((row.box, row.verdict) for row in marked.results(0))
    assert {box.name for box in marked.bank.boxes} <= {box for box, _ in found}

    page = render(document, "html")
    part = page[page.index('<div class="map">') : page.index('<p class="legend">')]
    # The network is there twice, of which a page shows one: with time across, and downwards.
    across = re.sub(r'<svg class="drawing downwards".*?</svg>', "", part, flags=re.S)
    downwards = re.sub(r'<svg class="drawing across".*?</svg>', "", part, flags=re.S)
    ways = [across, downwards] if 'class="drawing downwards"' in part else [across]

    for way in ways:
        assert_signs(way, found)


def assert_signs(part, found):
    """A part of a page shows a sign for each of these boxes with their verdicts."""
    signs = Signs()
    signs.feed(part.replace('markerWidth="6"', "").replace("/>", "></path>"))
    assert Counter(signs.found) == Counter((verdict, LOOKS[verdict].sign) for _, verdict in found)


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("name", slowly(BANKS))
def test_the_bars_add_up_to_the_marks(name, kind):
    """What is printed beside the bars adds up to what is printed above them, got and possible; no
    bar is longer than its frame."""
    _, document = returned(name, kind)
    total = next(b.text for b in document.blocks if b.kind == "paragraph" and b.tone == "strong")
    got, of = map(Decimal, re.fullmatch(r"(\S+) of (\S+) marks", total).groups())
    (shown,) = blocks(document, "bars")

    assert sum(Decimal(bar.got) for bar in shown.rows) == got
    assert sum(Decimal(bar.of) for bar in shown.rows) == of
    assert all(0 <= bar.filled <= bar.length + 1e-9 <= 1 + 2e-9 for bar in shown.rows)


def test_thirds_of_marks_add_up_too():
    """Three thirds print as 0.33, 0.33 and 0.34; two thirds thrice as two marks."""
    third = {"forward": (1 / 3, 2 / 3), "loss": (1 / 3, 2 / 3), "update": (1 / 3, 2 / 3)}
    shown = bars(third, list(third), 1.0, 2.0)

    assert sorted(bar.got for bar in shown.rows) == ["0.33", "0.33", "0.34"]
    assert sum(Decimal(bar.of) for bar in shown.rows) == 2


@cache
def on_the_sheet(name):
    """What is asked, as the sheet has it: the headings, and the symbols below each."""
    bank = shipped(name)
    parts = {}
    for block in sheet(bank, variants_of(bank, 1)[0], "Ada").blocks:
        if block.kind == "heading":
            heading = block.text
        elif block.kind == "answers":
            found = parts.setdefault(heading, [])
            found += [unknown.math for unknown in block.unknowns]
    return parts


def places(symbols, order):
    """Where symbols stand in an order, each once."""
    return [order.index(symbol) for symbol in dict.fromkeys(symbols)]


@pytest.mark.parametrize("kind", ["one slip", "unreadable"])
@pytest.mark.parametrize("name", slowly(sorted({*BANKS} - {"fill_the_gaps"})))
def test_all_lists_stand_in_the_order_of_the_sheet(name, kind):
    """Below the headings of the sheet and in its order stand the map beside the network, the boxes
    that are right and those that are not; so do the cards."""
    _, document = returned(name, kind)
    parts = on_the_sheet(name)
    order = [symbol for symbols in parts.values() for symbol in symbols]
    (shown,) = blocks(document, "map")
    lists = [[(words, [chip.math for chip in chips]) for words, chips in shown.groups]]
    for fold in blocks(document, "folded"):
        folded = [(p.words, [row.place.math for row in p.rows]) for p in fold.parts]
        lists.append(folded)

    for found in lists:
        assert all(set(symbols) <= set(parts[words]) for words, symbols in found)
        every = places([symbol for _, symbols in found for symbol in symbols], order)
        assert every == sorted(every)

    carded = places([card.place.math for card in blocks(document, "card")], order)
    assert carded == sorted(carded)


def test_a_vector_is_named_once_among_the_boxes():
    """Behind the folds a quantity has its name at the first of its boxes, the others their place
    in it."""
    _, document = returned("bptt_vector", "one misconception")
    page = render(document, "html")
    folds = re.split("<details[^>]*>", page)[1:]

    for fold, text in zip(blocks(document, "folded"), folds, strict=True):
        quantities = [boxes for part in fold.parts for boxes in part.quantities]
        named = re.findall(r'<tr class="v-[^"]*"><td>(<math>)?', text)

        assert len(named) == len(fold.rows) > len(quantities)
        assert named.count("<math>") == len(quantities)


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("name", slowly(BANKS))
def test_a_page_has_three_cards_at_most(name, kind):
    """Each card has what was written, the right line and a hint; a mistake has a card; every box
    that is not right is on a card, or named after them."""
    marked, document = returned(name, kind)
    starts = [k for k, block in enumerate(document.blocks) if block.kind == "card"]
    ends = [k for k, block in enumerate(document.blocks) if block.kind == "card end"]

    assert len(starts) == len(ends) <= 3
    assert bool(starts) == bool(marked.findings(0))

    typed = {row.box: row.typed for row in marked.results(0)}
    for start, end in zip(starts, ends, strict=True):
        inside = document.blocks[start + 1 : end]
        sentences = [block for block in inside if block.kind == "said"]

        assert sentences[0].parts[0] == "You wrote "
        assert sentences[0].parts[1].typed in typed.values()
        assert [block for block in inside if block.kind == "worked"]
        assert any(sentence.lead == "Hint:" for sentence in sentences)


@cache
def of_many_mistakes(name, seed=1):
    """The feedback of a student with several known mistakes, one number out of nothing, a box with
    words and an empty one."""
    bank, dice = shipped(name), random.Random(seed)
    (variant,) = variants_of(bank, 1)
    givens = arrays_of(bank, [variant])
    pool = [mistake for made in bank.mistaken.values() for mistake in made]
    made = {mistake.quantity: mistake for mistake in dice.sample(pool, min(6, len(pool)))}
    (written,) = texts_of(bank, mistaken_values(bank, givens, made.values()))
    answers = {box.name: written[box.name] for box in bank.boxes if box.name in written}
    boxes = [*answers, *(box.name for box in bank.boxes)]
    answers |= {boxes[-1]: "", boxes[len(boxes) // 2]: "12.3456", boxes[-2]: "half, or so"}
    marked = corrected(bank, givens, [answers])
    return marked, feedback(marked, 0, solve(bank, variant), "Ada Lovelace")


def sentences_of(document):
    """What is said on cards and around them, names as a list shows them."""
    found = []
    for block in blocks(document, "said"):
        parts = (part if isinstance(part, str) else "@" for part in block.parts)
        found.append("".join(parts))
    return found


@pytest.mark.parametrize("name", slowly(BANKS))
def test_no_hint_is_a_wrong_equation(name):
    """It says from which formula a number comes, never that the quantity is equal to it; each hint
    is a sentence, and no list of names is long."""
    for _, document in (of_many_mistakes(name), returned(name, "all zeros")):
        for block in blocks(document, "said"):
            formulas = [part.math for part in block.parts if hasattr(part, "math")]
            texts = [part for part in block.parts if isinstance(part, str)]

            assert not [text for text in texts if " = " in text]
            assert texts[-1].endswith((".", ".)", ":", "?"))
            if not texts[0].startswith("When these"):
                assert len(formulas) <= MOST_NAMED + 2


def test_a_list_of_names_says_how_many_more_there_are():
    """On a sheet with one number everywhere a card names the first boxes, and the number of the
    others."""
    marked, document = returned("bptt_scalar", "all zeros")
    (same,) = [text for text in sentences_of(document) if text.startswith("The same again")]
    named = same.count("@")
    more = int(re.search(r"and (\d+) more", same)[1])

    assert named == MOST_NAMED
    assert 1 + named + more == len(list(marked.results(0)))


@pytest.mark.parametrize("name", ["bptt_scalar", "gru_step", "bptt_vector"])
def test_a_hint_names_what_was_copied_once(name):
    """The number of another quantity is said to be its value, and not once more in brackets."""
    bank = shipped(name)
    texts = Pupil(name).texts
    boxes = list(texts)
    copied = boxes[len(boxes) // 2], boxes[0]
    sheet_of_copies = Pupil(name).writes({copied[0]: texts[copied[1]]}).hands_in().marked
    solution = solve(bank, variants_of(bank, 1)[0])
    document = feedback(sheet_of_copies, 0, solution, "Ada")
    said = [*sentences_of(document), *(note for row in rows_of(document) for note in row.notes)]

    hints = [text for text in said if "This is the value of" in text]

    assert hints
    for hint in hints:
        (name_of_it,) = re.findall(r"This is the value of (.*?)(?:, of another|\.(?: |$))", hint)
        assert hint.count(name_of_it) == 1


def rows_of(document):
    return [row for folded in blocks(document, "folded") for row in folded.rows]


def test_the_number_of_a_line_comes_from_no_other():
    """Who names another line is not told what it would be with other numbers."""
    bank = shipped("find_the_mistake")
    right = Pupil("find_the_mistake").texts["line"]
    wrong = "5" if right != "5" else "6"
    marked = Pupil("find_the_mistake").writes({"line": wrong}).hands_in().marked
    document = feedback(marked, 0, solve(bank, variants_of(bank, 1)[0]), "Ada")

    assert blocks(document, "card")
    assert not [text for text in sentences_of(document) if "would be" in text]


def test_a_step_that_nothing_explains_has_a_kind_card():
    """It is to be computed again; no verdict stands for a title."""
    _, document = of_many_mistakes("bptt_scalar")
    titles = [block.title for block in blocks(document, "card")]

    assert "a step to compute again" in titles
    assert UNKNOWN not in titles


def test_a_network_of_which_nothing_is_asked_is_not_drawn():
    """Where a mistake is to be found in lines, circles without a verdict would say nothing."""
    _, document = returned("find_the_mistake", "exact")
    (shown,) = blocks(document, "map")

    assert not shown.is_drawn
    assert 'class="drawing' not in render(document, "html")
    assert r"\begin{picture}" not in render(document, "latex").partition(r"\begin{document}")[2]
    for engine in ENGINES:
        (pdf,) = pdfs([document], engine)
        assert isinstance(pdf, bytes), pdf


@pytest.mark.parametrize("engine", ENGINES)
def test_parts_in_one_line_are_told_apart(engine):
    """On paper the right boxes stand in a row; a sign parts what is of two kinds."""
    _, document = returned("bptt_scalar", "exact")
    (pdf,) = pdfs([document], engine)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    right = text[text.index("Right: 55 boxes") :]

    assert right.count(";") == 6


@pytest.mark.parametrize("name", slowly(BANKS))
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_many_mistakes_fit_on_two_pages(engine, name):
    """Three cards with the longest lines of a bank, and what comes after them."""
    made = [of_many_mistakes(name, seed)[1] for seed in (1, 2)]

    for pdf in pdfs(made, engine):
        assert isinstance(pdf, bytes), pdf
        assert len(Pdf.open(io.BytesIO(pdf)).pages) <= 2


@pytest.mark.parametrize("name", slowly(BANKS))
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_a_pdf_has_two_pages_at_most(engine, name):
    """Whatever kind of student it is for."""
    for kind, pdf in zip(
        KIND_NAMES, pdfs([returned(name, kind)[1] for kind in KIND_NAMES], engine), strict=True
    ):
        assert isinstance(pdf, bytes), (kind, pdf)
        assert len(Pdf.open(io.BytesIO(pdf)).pages) <= 2, kind


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_no_word_runs_off_the_paper(engine, tmp_path):
    """The words of a page lie within its margins of 2 cm, a few points aside, in the pages with the
    most on them."""
    documents = [returned(name, "all zeros")[1] for name in BANKS]

    for name, pdf in zip(BANKS, pdfs(documents, engine), strict=True):
        (tmp_path / "x.pdf").write_bytes(pdf)
        words = subprocess.run(
            ["pdftotext", "-bbox", str(tmp_path / "x.pdf"), "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        right = [float(x) for x in re.findall(r'<word [^>]*xMax="([0-9.]+)"', words)]

        assert max(right) <= 595.3 - 56.7 + 6, name


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("name", BANKS)
def test_nothing_is_cut(name, kind):
    """No dots stand for what was left out, in any output."""
    _, document = returned(name, kind)

    for output in ("html", "markdown", "latex", "typst"):
        text = render(document, output)
        assert "…" not in text
        assert r"\ldots" not in text.partition(r"\begin{document}")[2]


def test_what_was_typed_is_there_in_full():
    """A long answer stands on the page letter for letter."""
    bank = shipped("bptt_scalar")
    variant = variants_of(bank, 1)[0]
    typed = "about " + "0123456789" * 12
    marked = corrected(bank, arrays_of(bank, [variant]), [{"h[1]": typed}])
    document = feedback(marked, 0, solve(bank, variant), "Ada")

    assert typed in render(document, "html")
    assert "".join(re.findall(r"\\texttt\{([^{}]*)\}", render(document, "latex"))).count(typed) >= 1


@pytest.mark.parametrize("name", BANKS)
def test_the_right_line_on_a_card_is_whole(name):
    """Its sides are those of the worked line, in full, sign by sign; a browser may break it before
    each of them, and a long side before the signs in it."""
    _, document = returned(name, "one slip")
    page = render(document, "html")
    shown = re.findall(r'<p class="line">(.*?)</p>', page, re.S)
    lines = [line for block in blocks(document, "worked") for line in block.lines]

    assert len(shown) >= len(lines)
    for line, text in zip(lines, shown, strict=False):
        sides = line.parts(notated(MATHML, line.solution.bank.notation))
        found = re.split(r'<span class="side[^>]*>', text)

        assert len(found) == len(sides) + (line.shown != line.printed)
        for side, part in zip(sides[1:], found[1:], strict=False):
            # A matrix that is wider than a telephone is there once more, row by row.
            as_printed = re.sub(r'<span class="narrow">.*?(</span>){4}', "", part)
            assert seen(as_printed)[1:] == seen(side)

            pieces = [piece for piece in re.split(r"</?math[^>]*>", part) if seen(piece)]
            assert all(widest(piece) <= 60 for piece in pieces)


def widest(mathml):
    """How many letters of a formula stand beside one another: of a matrix its longest row."""
    rows = re.findall("<mtr>(.*?)</mtr>", mathml)
    beside = re.sub("<mtr>.*?</mtr>", "", mathml)
    return len(seen(beside)) + max((len(seen(row)) for row in rows), default=0)


def seen(mathml):
    """The letters and signs of a formula, in order."""
    return unescape(re.sub(r"<[^>]*>|\s", "", mathml))


def luminance(colour):
    """The relative luminance of WCAG 2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_wrong_boxes_without_a_cause_are_no_matter_of_one_kind():
    """Boxes changed at random have a card each, as far as there are cards: nothing says that one is
    the same again as another."""
    wrong = {"h[1]": "0.1234", "yhat[2]": "0.7777", "L[3]": "4.3210", "dL/dV": "-3.1415"}
    bank = shipped("bptt_scalar")
    variant = variants_of(bank, 1)[0]
    pupil = Pupil(bank).writes(wrong)
    document = feedback(pupil.hands_in().marked, 0, solve(bank, variant), "Ada")

    text = render(document, "markdown")

    unexplained = [row for row in pupil.hands_in().rows.values() if row.box in wrong]

    assert sum(not row.explanations for row in unexplained) > 1
    assert "The same again" not in text
    assert text.count("This is the right line") == 3


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_told_without_colour(verdict):
    """Sign and words of every verdict are in the table; right, followed, nearly, wrong, empty and
    unreadable differ by sign; inks can be read on their tint and on paper (WCAG 2.2, 4.5 to 1)."""
    look = LOOKS[verdict]
    shade = look.shade
    assert look.sign
    assert look.says
    for ink, paper in (
        (shade.ink, shade.tint),
        (shade.ink, "FFFFFF"),
        (shade.dark_ink, shade.dark_tint),
        (shade.dark_ink, "121212"),
    ):
        assert contrast(ink, paper) >= 4.5

    wrong = {"slip", "misconception", "wrong"}
    same = {other for other in Verdict if LOOKS[other].sign == look.sign}
    assert same == (wrong if verdict in wrong else {verdict})


def test_pages_have_the_colours_of_print():
    """Headings and the bands of time steps are of one colour in HTML on white paper and in PDF."""
    light, *_ = (folder("templates") / "base.css").read_text().splitlines()
    colours = dict(re.findall(r"--(\w+): #(\w+);", light))

    assert colours["accent"].upper() == COLOURS["accent"]
    assert colours["band"].upper() == COLOURS["band"]


def test_the_palette_knows_every_verdict():
    """Looks, letters and the order of gravity; a legend names each sign once."""
    assert set(LOOKS) == set(Verdict) == set(GRAVEST)
    assert len({look.letter for look in LOOKS.values()}) == len(Verdict)

    signs = [LOOKS[verdict].sign for verdict, _ in told_apart(Verdict)]
    assert len(signs) == len(set(signs))


def test_names_of_boxes_are_typeset():
    """Outside of the alternatives for screen readers no box is named as in a template file."""
    marked, document = returned("bptt_scalar", "one slip")
    page = render(document, "html")
    seen = re.sub(r"<[^>]*>", " ", page[page.index("<main>") :])
    named = [box.name for box in marked.bank.boxes if "[" in box.name or "/" in box.name]

    assert named
    assert not [name for name in named if name in seen]


@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
@pytest.mark.parametrize("kind", ["unreadable", "one misconception", "many"])
@pytest.mark.parametrize("name", ["bptt_vector", "lstm_step"])
def test_a_telephone_shows_the_page_without_scrolling_sideways(name, kind, tmp_path):
    """At 320 pixels, all folds open, the page is as wide as the screen (only a long line scrolls
    within its own frame)."""
    _, document = of_many_mistakes(name) if kind == "many" else returned(name, kind)
    page = render(document, "html").replace("<details>", "<details open>")
    (tmp_path / "wrapper.html").write_text(
        f'<meta charset=utf-8><iframe id=f style="width:320px;height:900px;border:0"'
        f' srcdoc="{escape(page)}"></iframe><script>f.onload = () => {{ document.body.innerHTML ='
        ' "<pre>" + f.contentDocument.documentElement.scrollWidth + "</pre>" }</script>'
    )

    found = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=3000",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            f"file://{tmp_path / 'wrapper.html'}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout

    assert int(re.search(r"<pre>(\d+)</pre>", found)[1]) <= 320
