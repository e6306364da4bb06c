"""The answer page, in a real browser: from typing to the gradebook, with all that people do with a
file that they fill in."""

import csv
import random
import re

import pytest
from browsers import faults_of, started
from click.testing import CliRunner
from spellings import mutation, spelling
from test_assignment_course import keys_of
from test_course import ROSTER, right_answers, with_secret
from test_typed_numbers import READ, REFUSED, SHEETS, TWO_WAYS

from rnnquiz.assignment_files import load_assignment
from rnnquiz.cli import main
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.templates import template
from rnnquiz.course.wanted import Wanted
from rnnquiz.derivation import evaluate as evaluation
from rnnquiz.documents.form import answer_pages
from rnnquiz.documents.render import PLAIN, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import OwnTemplates, Style
from rnnquiz.errors import BankError, SubmissionError
from rnnquiz.files.resources import folder
from rnnquiz.people.roster import Student
from rnnquiz.solution import solved as solution
from rnnquiz.submissions.formats import READERS, format_of
from rnnquiz.typed.numerals import Typed, Unreadable, read_number, read_sheet
from tests_support import BANKS, shipped, variants_of

pytestmark = pytest.mark.slow

ADA = Student("s1", "Ada Lovelace", "", 1)
SCRIPT = (folder("templates") / "form.js").read_text()
BOX = "input[data-box]"


@pytest.fixture(scope="module")
def browser():
    with started() as browser:
        yield browser


@pytest.fixture
def new_context(browser):
    """Contexts without network, whose pages raise nothing and ask for nothing."""
    faults, contexts = [], []

    def new(**options):
        context = browser.new_context(offline=True, **options)
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda line: faults.append(line.text))
        context.on(
            "request",
            lambda asked: (
                faults.append(asked.url) if asked.url[:5] not in ("file:", "blob:") else None
            ),
        )
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    assert faults == []


def written(tmp_path, name="bptt_vector", student=ADA, number=0, style=PLAIN):
    """The file of one student's answer page."""
    bank = shipped(name)
    path = tmp_path / f"{student.stem}-{name}.html"
    path.write_bytes(answer_pages(bank, [(student, variants_of(bank, 2)[number])], style)[0])
    return path


def opened(context, path):
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def saved(page, place):
    """The file that the page saves, with the name that it gives it."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the file to hand in").click()
    place.mkdir(exist_ok=True)
    file = place / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def names_of(bank):
    """The boxes in the order of the sheet, which is that of the template."""
    lines = template(bank, ADA, variants_of(bank, 1)[0]).decode().partition("answers:")[2]
    return [
        line.strip(" :")
        for line in lines.splitlines()
        if line.strip(" :#") == line.strip(" :") != ""
    ]


def read_back(file):
    data = file.read_bytes()
    (found,) = READERS[format_of(data, file.suffix)].read(file.name, data, file.stem)
    return found


# Numbers


def agrees(said, read):
    """Unsure agrees with all; a number must be one for the grader, in as many digits; and so on."""
    if said["kind"] == "number" and isinstance(read, Typed):
        here = (None, 0) if said.get("exact") else (-said["decimals"], said["figures"])
        return here == (read.last_place, read.significant)
    kinds = {"unsure": object, "none": Unreadable, "blank": type(None)}
    return isinstance(read, kinds.get(said["kind"], ()))


def test_the_page_and_the_grader_read_the_same_numbers(new_context, tmp_path):
    """Of all spellings in the tables and 90,000 generated ones none is readable to one and not to
    the other, or in another number of digits; what keyboards have leaves no doubt."""
    rng = random.Random(19)
    table = [row[0] for row in READ + TWO_WAYS] + REFUSED + ["", " ", "-", "?", "N/A", "none", "~"]
    signs = "0123456789..,,+-eExX*^/ ()'\"$=~%{}10⁻¹²³"
    texts = table + [make(rng)[0] for make in (spelling, mutation) for _ in range(20_000)]
    texts += ["".join(rng.choices(signs, k=rng.randrange(1, 10))) for _ in range(50_000)]
    page = opened(new_context(), written(tmp_path))

    said = page.evaluate("texts => texts.flatMap((text) => readSheet([text]))", texts)
    wrong = [
        row for row in zip(texts, said, strict=True) if not agrees(row[1], read_number(row[0]))
    ]

    assert wrong == []

    plain = [
        one["kind"]
        for text, one in zip(texts, said, strict=True)
        if text.isascii() and text.isprintable() and "\\" not in text
    ]

    assert "unsure" not in plain
    assert min(map(plain.count, ("number", "none", "blank"))) > 50


def test_the_page_and_the_grader_settle_the_same_doubts(new_context, tmp_path):
    """What one number leaves open is settled by the others as in the grader."""
    rng = random.Random(20)
    pool = [
        "1,084",
        "1.084",
        "0,604",
        "0.3",
        "-0.3",
        "1.234,5",
        "1,234.5",
        "1.234.567",
        "1 000",
        "12'345.6",
        "1,234,567",
        "abc",
        "",
        "4.8e-3",
        "4,8e-3",
        "1/3",
        "-2,500",
        "7",
    ]
    sheets = [
        (rng.sample(pool, rng.randrange(1, 7)), rng.choice([None, 2, 3, 4])) for _ in range(3000)
    ]
    sheets += [(row[0], row[1]) for row in SHEETS]
    page = opened(new_context(), written(tmp_path))
    said = page.evaluate(
        "rows => rows.map(([texts, decimals]) => readSheet(texts, decimals))", sheets
    )

    for (texts, decimals), here in zip(sheets, said, strict=True):
        there = read_sheet(texts, decimals)
        assert all(map(agrees, here, there)), (texts, decimals, here, there)
    assert sum(one["kind"] == "unsure" for row in said for one in row) < 100


SAYS = [
    ("0.6041", "4 decimals", "false"),
    ("-0.1", "1 decimal, 4 asked", "false"),
    ("0.60412", "5 decimals, 4 asked", "false"),
    ("48e-4", "4 decimals", "false"),
    ("3e2", "0 decimals, 4 asked", "false"),
    ("1/3", "a fraction", "false"),
    ("-", "", "false"),
    ("abc", "no number", "true"),
    ("5%", "0.05 for 5 %", "true"),
    ("0 604", "no number", "true"),
    ("1,084", "two ways", "true"),
    ("½", "perhaps", "false"),
    ("10⁻³", "3 decimals, 4 asked", "false"),
    ("4.8 · 10⁻³", "4 decimals", "false"),
    ("2²", "no number", "true"),
]


def test_each_box_says_what_it_holds_while_one_types(new_context, tmp_path):
    """Key by key: whether it can be read, in how many digits, and how many boxes are left."""
    page = opened(new_context(), written(tmp_path))
    field, boxes = page.locator(BOX).first, page.locator(BOX).count()

    for text, words, invalid in SAYS:
        field.fill("")
        field.press_sequentially(text)
        says = page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()

        assert (words in says) if words else not says, text
        assert field.get_attribute("aria-invalid") == invalid

        left = page.locator("#left").inner_text()
        assert left.startswith(f"{boxes - (text != '-')} of {boxes} boxes left")
        assert ("1 cannot be read" in left) == (invalid == "true")


@pytest.mark.parametrize("width", [320, 1280])
def test_no_field_moves_while_one_types(new_context, tmp_path, width):
    """Whatever is said of a number, every field stays where it is."""
    page = opened(new_context(viewport={"width": width, "height": 800}), written(tmp_path))
    field = page.locator(BOX).nth(2)
    where = f"() => [...document.querySelectorAll('{BOX}')].map((one) => one.offsetTop)"

    before = page.evaluate(where)

    for text, _, _ in SAYS:
        field.fill(text)
        assert page.evaluate(where) == before, text


def test_figures_are_counted_where_figures_are_asked(new_context, tmp_path):
    """adam_two_steps asks for five significant figures."""
    page = opened(new_context(), written(tmp_path, "adam_two_steps"))
    page.locator(BOX).first.fill("0.00012340")
    assert page.locator(".says").first.inner_text() == "5 figures"

    page.locator(BOX).first.fill("12.0")
    assert page.locator(".says").first.inner_text() == "3 figures, 5 asked"


def test_the_number_of_a_line_is_not_asked_for_decimals(new_context, tmp_path):
    """The line in which a mistake stands is a whole number."""
    page = opened(new_context(), written(tmp_path, "find_the_mistake"))
    for field in page.locator(BOX).all():
        field.fill("7")

    assert page.locator(".says").all_inner_texts() == ["a number", "0 decimals, 4 asked"]


# From typing to the gradebook


def test_from_typing_to_the_gradebook(new_context, tmp_path):
    """Three students type right answers, in their own ways, and a fourth leaves one box out and
    writes one that cannot be read: the gradebook has full marks three times, and the fourth as the
    bank's marks say."""
    course = tmp_path / "course"
    with_secret(course)
    wanted = Wanted(also=("form",))
    generate(shipped("bptt_scalar"), ROSTER, course, wanted)
    for student, (_, texts) in right_answers(course).items():
        number = int(student[1:])
        page = opened(new_context(), course / "templates" / f"{number:04d}-{student}.html")
        for field in page.locator(BOX).all():
            text = texts[field.get_attribute("data-box")]
            field.fill(
                {"s2": text.replace(".", ","), "s3": f" {text.replace('-', '−')} "}.get(
                    student, text
                )
            )
        if student == "s4":
            page.locator(BOX).nth(0).fill("")
            page.locator(BOX).nth(1).fill("about a half")
        saved(page, tmp_path / "in")

    done = CliRunner().invoke(
        main, ["grade", str(course), str(tmp_path / "in"), "--out", str(tmp_path / "grades")]
    )

    assert done.exit_code == 0, done.output

    with (tmp_path / "grades" / "gradebook.csv").open(encoding="utf-8-sig") as file:
        marks = {row["id"]: float(row["marks"]) for row in csv.DictReader(file)}
    bank = shipped("bptt_scalar")
    lost = 2 * 6 / sum(bank.graph[box.quantity].role == "forward" for box in bank.boxes)

    assert marks == pytest.approx({"s1": 40, "s2": 40, "s3": 40, "s4": 40 - lost})


def test_gaps_are_filled_in_where_they_stand(new_context, tmp_path):
    """The fields of a derivation stand in its lines, one for each box and no others, are counted
    down, and come to full marks."""
    course = tmp_path / "course"
    with_secret(course)
    generate(shipped("fill_the_gaps"), [ADA], course, Wanted(also=("form",)))
    ((_, texts),) = right_answers(course).values()
    page = opened(new_context(), course / "templates" / f"{ADA.stem}.html")

    fields = page.locator(BOX).all()
    in_lines = page.locator(f".derivation .line {BOX}").count()
    for left, field in enumerate(fields[::-1]):
        count = page.locator("#left").inner_text()
        assert count == f"{len(fields) - left} of {len(fields)} boxes left"
        field.fill(texts.pop(field.get_attribute("data-box")))

    saved(page, tmp_path / "in")
    arguments = ["grade", str(course), str(tmp_path / "in"), "--out", str(tmp_path / "grades")]
    done = CliRunner().invoke(main, arguments)

    assert len(fields) == in_lines == 9
    assert texts == {}
    assert page.locator("#left").inner_text() == "All boxes are filled in"
    assert done.exit_code == 0, done.output
    with (tmp_path / "grades" / "gradebook.csv").open(encoding="utf-8-sig") as file:
        assert [float(row["marks"]) for row in csv.DictReader(file)] == [9]


def test_what_is_saved_is_what_was_typed(new_context, tmp_path):
    """Every text comes out of the reader as it went into the box, whatever YAML makes of it, and
    the student and the token with it."""
    bank, path = shipped("bptt_vector"), written(tmp_path)
    page = opened(new_context(), path)
    hostile = [
        "0.604",
        "-0,1",
        "'",
        '"',
        "#",
        "a: b",
        "- x",
        "yes",
        "1e5",
        "\\",
        "{",
        "&a",
        "$0.6$",
        "٠٫٦٠٤",
        "𝟎.𝟔",
        "é",
        "%",
        "  5 ",
        "null",
        "!!python",
        "\ufffe",
        "<b>",
        "=1+1",
        "2026-01-01",
    ]

    for field, text in zip(page.locator(BOX).all(), hostile, strict=False):
        field.fill(text)
    file = saved(page, tmp_path / "in")
    found = read_back(file)

    typed = [text.replace("\ufffe", "\ufffd") for text in hostile]
    names = names_of(bank)

    assert (found.student, found.token) == ("s1", variants_of(bank, 2)[0].token)
    assert list(found.answers) == names
    assert [found.answers[name].strip() for name in names[: len(typed)]] == [
        t.strip() for t in typed
    ]
    assert re.fullmatch(r"answers-0001-s1-\d{4}-\d\d-\d\d-\d{6}\.yaml", file.name)
    for name in ("a.txt", "my answers (1).yaml.txt", "a.md"):  # renamed, as phones and people do
        (renamed := tmp_path / name).write_bytes(file.read_bytes())
        assert read_back(renamed).answers == found.answers


def test_what_is_copied_is_read_too(new_context, tmp_path):
    """The text for a learning system's editor holds the same answers."""
    page = opened(new_context(), written(tmp_path))
    page.locator(BOX).nth(0).fill("-0,5")
    page.locator(BOX).nth(2).fill("1/3")
    page.get_by_role("button", name="Copy").click()

    assert "Copied" in page.locator("#said").inner_text()

    page.locator(BOX).nth(1).focus()
    text = page.locator("#text").input_value()
    html = "".join(f"<p>{line}</p>" for line in text.replace("&", "&amp;").splitlines())

    for kind, data in (("yaml", text), ("html", html), ("text", text)):
        (found,) = READERS[kind].read("x", data.encode(), "")
        filled = {box: answer for box, answer in found.answers.items() if answer}

        assert filled == {"a[1].1": "-0,5", "h[1].1": "1/3"}
        assert found.student == "s1"


def test_the_page_that_a_browser_saves_is_read(new_context, tmp_path):
    """Who hands in the page itself, saved with what was typed, is marked; who hands it in as it was
    given out is told, and gets no 0."""
    path = written(tmp_path)
    page = opened(new_context(), path)
    page.locator(BOX).nth(0).fill('0.5" > <')
    page.locator(BOX).nth(1).fill("0.25")
    copy = tmp_path / "saved by the browser.htm"
    copy.write_text(page.content(), encoding="utf-8")

    found = read_back(copy)

    assert {box: text for box, text in found.answers.items() if text} == {
        "a[1].1": '0.5" > <',
        "a[1].2": "0.25",
    }
    assert (found.student, found.token) == ("s1", variants_of(shipped("bptt_vector"), 1)[0].token)
    with pytest.raises(SubmissionError, match="answer page, with nothing in its boxes") as refused:
        read_back(path)
    assert refused.value.token == found.token


# What people do with it


def test_a_draft_is_kept_for_each_sheet(new_context, tmp_path):
    """Closed and opened again, the page has what was typed; another student's page in the same
    browser has nothing of it; starting again forgets it."""
    context = new_context()
    mine, other = (
        written(tmp_path),
        written(tmp_path, student=Student("s2", "Émile", "", 2), number=1),
    )
    page = opened(context, mine)
    page.locator(BOX).nth(3).fill("0.5")
    page.close()

    assert opened(context, other).locator(BOX).nth(3).input_value() == ""

    again = opened(context, mine)
    assert again.locator(BOX).nth(3).input_value() == "0.5"
    assert "draft is back" in again.locator("#said").inner_text()
    assert "52 of 53" in again.locator("#left").inner_text()

    beside = opened(context, mine)  # a second window shows what is typed in the first
    again.locator(BOX).nth(4).fill("0.25")
    beside.wait_for_function("document.querySelectorAll('input')[4].value === '0.25'")

    again.once("dialog", lambda dialog: dialog.accept())
    again.get_by_role("button", name="Start again").click()
    beside.close()
    again.close()

    assert "0.5" not in opened(context, mine).locator(BOX).evaluate_all(
        "all => all.map(one => one.value)"
    )


def test_without_a_store_the_page_says_so_and_saves(new_context, tmp_path):
    """A private window, or a full store: nothing breaks, the page says that no draft is kept, and
    asks before it is closed unsaved."""
    context = new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })"
    )
    page = opened(context, written(tmp_path))
    page.locator(BOX).first.press_sequentially("0.5")

    assert "No draft can be kept here" in page.locator("#draft").inner_text()

    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    assert read_back(saved(page, tmp_path / "in")).answers["a[1].1"] == "0.5"

    with page.expect_event("close"):
        page.close(run_before_unload=True)  # nothing is lost now, and nothing is asked
    assert asked == ["beforeunload"]


def test_of_two_saved_files_the_later_has_the_later_name(new_context, tmp_path):
    """grade takes the last of a student's files, by name where nothing else tells."""
    page = opened(new_context(), written(tmp_path))
    names = []
    for _ in range(2):
        names.append(saved(page, tmp_path / "in").name)
        page.wait_for_timeout(1100)

    assert names == sorted(names)
    assert names[0] != names[1]


@pytest.mark.parametrize(
    "text", ["0.1\n0.2\n\n0.4\n", "0.1\t0.2\r\n\t0.4", "0.1\r\n0.2\r\n\r\n0.4\r\n"]
)
def test_a_column_of_numbers_fills_the_boxes(new_context, tmp_path, text):
    """A column or a table of a spreadsheet goes into the boxes one after the other, an empty cell
    into its own; nothing is written over unasked."""
    context = new_context()
    source = context.new_page()
    source.set_content("<textarea></textarea>")
    source.locator("textarea").fill(text)
    source.evaluate("document.querySelector('textarea').select()")
    source.keyboard.press("Control+C")

    page = opened(context, written(tmp_path))
    page.locator(BOX).nth(1).focus()
    page.keyboard.press("Control+V")
    values = page.locator(BOX).evaluate_all("all => all.slice(0, 6).map(one => one.value)")

    assert values == ["", "0.1", "0.2", "", "0.4", ""]

    page.locator(BOX).nth(2).focus()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Control+V")

    assert page.locator(BOX).nth(2).input_value() == "0.2"

    page.locator(BOX).last.focus()
    page.keyboard.press("Control+V")
    assert "3 more numbers found no box" in page.locator("#said").inner_text()


def test_on_a_phone(new_context, tmp_path):
    """At 320 px nothing is wider than the screen; a keypad for numbers has a minus and a power of
    ten beside it; what can be touched is 24 px high at least."""
    context = new_context(viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True)
    page = opened(context, written(tmp_path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

    field = page.locator(BOX).nth(2)
    assert field.get_attribute("inputmode") == "decimal"

    field.tap()
    field.press_sequentially("4,8")
    page.get_by_role("button", name="minus").tap()

    assert field.input_value() == "-4,8"

    page.get_by_role("button", name="times ten").tap()
    assert field.input_value() == "-4,8e-"
    assert page.evaluate("document.activeElement.id") == field.get_attribute("id")

    page.keyboard.type("3")
    assert field.input_value() == "-4,8e-3"

    page.get_by_role("button", name="minus").tap()
    assert field.input_value() == "-4,8e3"
    for touched in page.locator("input, button").all():
        assert not touched.is_visible() or touched.bounding_box()["height"] >= 24


def test_the_keyboard_is_enough(new_context, tmp_path):
    """Tab and Enter go from box to box in the order of the sheet, and to the button that saves;
    each box is called by its name; what is in focus is not below the foot."""
    page = opened(new_context(viewport={"width": 800, "height": 500}), written(tmp_path))
    names = names_of(shipped("bptt_vector"))
    for _ in range(5):  # past what scrolls sideways where the window is narrow
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.box") == names[0]:
            break

    for name in names[1:]:
        page.keyboard.type("0.5")
        page.keyboard.press("Tab" if name != "h[1].2" else "Enter")
        assert page.evaluate("document.activeElement.dataset.box") == name

    page.keyboard.type("0.5")
    seen = page.get_by_role("textbox", name="U_new.2.1", exact=True)
    assert seen.count() == 1

    below = "document.activeElement.getBoundingClientRect().bottom"
    assert page.evaluate(below) <= page.locator("#bar").bounding_box()["y"]

    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "save"

    with page.expect_download():
        page.keyboard.press("Enter")
    assert page.locator("#left").inner_text() == "All boxes are filled in"


@pytest.mark.parametrize("name", ["bptt_vector", "find_the_mistake", "lstm_step"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(new_context, tmp_path, name, scheme):
    """By axe-core's rules for WCAG 2.2 AA, with messages of each kind on the page."""
    page = opened(new_context(color_scheme=scheme), written(tmp_path, name))
    for field, (text, _, _) in zip(page.locator(BOX).all(), SAYS, strict=False):
        field.fill(text)
    page.get_by_role("button", name="Copy").click()

    assert faults_of(page) == []


def test_without_script_it_is_the_sheet(new_context, tmp_path):
    """The fields can be filled in and printed; nothing that needs the script is shown."""
    page = opened(new_context(java_script_enabled=False), written(tmp_path))
    page.locator(BOX).first.fill("0.5")

    assert "Scripts are switched off" in page.inner_text("main")
    assert not page.get_by_role("button").count()


def test_printed_it_is_the_sheet_with_the_numbers(new_context, tmp_path):
    """On paper stand the boxes, and not the buttons and messages."""
    page = opened(new_context(), written(tmp_path))
    page.locator(BOX).first.fill("0.5")
    page.emulate_media(media="print")

    assert page.locator(BOX).first.is_visible()
    assert not page.locator("#save").is_visible()
    assert not page.locator(".says").first.is_visible()


# What is not in it


@pytest.mark.parametrize("name", BANKS)
def test_nothing_of_the_key_is_in_the_page(monkeypatch, name):
    """Beside what stands on the sheet, the page of one student is that of any other but for who it
    is: so no value of the key is in it, and nothing that was made of one. No solution is computed
    for it."""

    def refused(*arguments, **options):
        raise AssertionError("a solution was computed")

    bank, people = shipped(name), [ADA, Student("s22", "Émile", "", 2)]
    issued = list(zip(people, variants_of(bank, 2), strict=True))
    sheets = [render(sheet(bank, variant, one.shown), "html") for one, variant in issued]
    monkeypatch.setattr(solution, "solve_all", refused)
    monkeypatch.setattr(evaluation, "evaluate", refused)

    rests = []
    for page, own, (one, variant) in zip(
        answer_pages(bank, issued, Style()), sheets, issued, strict=True
    ):
        text = page.decode().replace(variant.token, "TOKEN").replace(one.shown, "NAME")
        text = text.replace(one.stem, "STEM").replace(f'data-student="{one.id}"', "WHO")
        given = set(own.replace(variant.token, "TOKEN").replace(one.shown, "NAME").splitlines())
        rests.append([line for line in text.splitlines() if line not in given])

    assert rests[0] == rests[1]
    assert len(rests[0]) > 100


HOSTILE = [
    "</script><script>document.title='bad'</script>",
    '"><img src=x onerror="document.title=\'bad\'">',
    "'-alert(1)-'",
    "&quot;&lt;",
    "{{ 7*7 }}",
    "<!--",
    "Ada\u2028answers:\n  x: 1",
    "\u202eevil",
    "a" * 500,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_ids_and_titles_are_text(new_context, tmp_path, text):
    """No name, id, course or title runs or changes the page; the file says the same student."""
    from dataclasses import replace

    bank, student = shipped("worked_example"), Student(text, text, "", 1)
    words = bank.written.model_copy(update={"title": text, "course": text})
    page_of = answer_pages(
        replace(bank, written=words), [(student, variants_of(bank, 1)[0])], Style()
    )
    (path := tmp_path / "x.html").write_bytes(page_of[0])
    page = opened(new_context(), path)
    page.locator(BOX).first.fill("0.5")

    assert page.title() != "bad"
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0

    found = read_back(saved(page, tmp_path / "in"))
    assert found.answers["h[1]"] == "0.5"
    assert found.student.split() == text.replace("\u202e", "").split()


def test_only_its_own_script_runs(browser, tmp_path):
    """The page names its script by its digest: one that somebody puts in does not run."""
    path = written(tmp_path)
    text = path.read_text().replace("</main>", "<script>document.title = 'bad'</script></main>")
    path.write_text(text)
    page, blocked = browser.new_page(), []
    page.on("console", lambda line: blocked.append(line.text))
    page.goto(path.as_uri())

    assert page.title() != "bad"
    assert page.locator("#left").inner_text() == "53 of 53 boxes left"
    assert "Content Security Policy" in blocked[0]

    page.close()


def test_the_same_bytes_twice(tmp_path):
    """Two builds of one course are the same."""
    pages = []
    for name in ("one", "two"):
        with_secret(tmp_path / name)
        generate(shipped("worked_example"), ROSTER, tmp_path / name, Wanted(also=("form",)))
        pages.append(
            [path.read_bytes() for path in sorted((tmp_path / name / "templates").glob("*.html"))]
        )

    assert pages[0] == pages[1]
    assert len(pages[0]) == len(ROSTER)


def test_templates_without_boxes_are_named(tmp_path):
    """A teacher's own document without the place of a box is an error, and no page without
    fields."""
    (tmp_path / "document.html.jinja").write_text("mine: {{ document.student }}")
    with pytest.raises(BankError, match=r"no field for a\[1\]\.1"):
        written(tmp_path, style=Style(templates=OwnTemplates.read(tmp_path)))


SEVERAL = """\
title: Homework
id: homework
exercises:
  - {bank: forward_pass, marks: 10, rounding: {decimals: 2}}
  - {bank: find_the_mistake, marks: 20}
  - {bank: forward_pass, marks: 30, rounding: {significant: 4}}
"""


def test_an_answer_page_of_several_problems_comes_to_full_marks(new_context, tmp_path):
    """Each box has the rule of its problem; what is typed comes back to its problem, saved and
    copied, and as the page that the browser saves."""
    (tmp_path / "homework.yaml").write_text(SEVERAL)
    course = tmp_path / "course"
    with_secret(course)
    generate(load_assignment(tmp_path / "homework.yaml"), [ADA], course, Wanted(also=("form",)))
    keys, _ = keys_of(course)
    page = opened(new_context(), course / "templates" / f"{ADA.stem}.html")

    fields = page.locator(BOX).all()
    for field in fields:
        place, _, box = field.get_attribute("data-box").partition("/")
        field.fill(keys["s1"].pop((int(place), box)))
    says = [
        field.evaluate("one => document.getElementById(one.id + '-says').textContent")
        for field in fields
    ]
    saved(page, tmp_path / "in")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "a.html").write_text(page.content())

    assert keys["s1"] == {}
    assert says[0] == "2 decimals"
    assert says[-1] == "4 figures"
    assert "a number" in says
    assert page.locator("#left").inner_text() == "All boxes are filled in"
    assert faults_of(page) == []
    for name in ("in", "page"):
        graded = grade(course, tmp_path / name, None, GradeOptions(dry_run=True, executor="alone"))
        assert [row.marks for row in graded.rows] == [pytest.approx(60)]
