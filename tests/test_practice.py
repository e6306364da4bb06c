"""Practice sheets and quizzes: new numbers, only the weak step open, with a key; files for each
system."""

import re
from dataclasses import replace
from io import BytesIO
from unicodedata import normalize

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from test_documents import needs_tex

from rnnquiz.algebra.expression import Number
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import TEXT
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.task import LINE_FOUND
from rnnquiz.cli import main
from rnnquiz.course.practising import PracticeOptions, practice_bank, practise
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.practice import practice_key, practice_sheet
from rnnquiz.documents.render import PLAIN, render
from rnnquiz.documents.tree import Space
from rnnquiz.exports.quiz.writers import QUIZZES
from rnnquiz.solution.sections import in_order_of_steps
from rnnquiz.solution.solved import solve
from rnnquiz.variants.issue import issue_variants
from tests_support import QUICK, RANDOM_BANKS, SECRET, shipped

KINDS = {
    name: list(dict.fromkeys(shipped(name).graph[q].role for q in shipped(name).asked))
    for name in RANDOM_BANKS
}
CASES = [
    (name, kinds[k % len(kinds)]) for k, (name, kinds) in enumerate(KINDS.items())
]  # each bank once, the kinds in turn
CASES += [("bptt_scalar", kind) for kind in KINDS["bptt_scalar"]]
SOME_CASES = [
    pytest.param(*row, marks=() if row[0] in QUICK else pytest.mark.slow) for row in CASES
]


@pytest.mark.parametrize(("name", "kind"), SOME_CASES)
def test_only_what_is_practised_is_open(name, kind):
    """A kind of a bank gives a bank of its own that asks for this kind alone, and whose variants
    are certified."""
    bank = shipped(name)
    own = practice_bank(bank, kind)

    assert isinstance(own.written, BankText)
    if bank.task.kind != "find":
        assert {own.graph[q].role for q in own.asked} == {kind}
        assert set(own.asked) <= set(bank.asked)
    assert len(issue_variants(own, SECRET, [("p", 1)])[0]) == 1


def practised(name, kind):
    """The sheet and the key of one practice."""
    own = practice_bank(shipped(name), kind)
    solution = solve(own, issue_variants(own, SECRET, [("p", 1)])[0][0])
    return own, practice_sheet(own, solution.variant, "Ada"), practice_key(solution, "Ada")


@pytest.mark.parametrize(("name", "kind"), SOME_CASES)
def test_a_practice_sheet_has_what_to_do_the_numbers_and_the_open_lines(name, kind):
    """What to do, the numbers that the open lines read, all of them and no others, and these lines,
    each with its boxes where its value would stand."""
    own, sheet, _ = practised(name, kind)
    if own.task.kind != "fill":
        return
    kinds = [block.kind for block in sheet.blocks]

    assert kinds[0] == "heading"
    assert sheet.blocks[0].text == "What to do"
    assert kinds.index("givens") < kinds.index("derivation")
    assert {"answers", "drawing", "equations"}.isdisjoint(kinds)

    (lines,) = [block.rows for block in sheet.blocks if block.kind == "derivation"]
    in_order = in_order_of_steps(own.graph[name] for name in own.asked)
    assert [line.left.name for line in lines] == [q.name for q in in_order]

    boxes = [box.name for line in lines for box in line.gap.boxes]
    assert boxes == [box.name for q in in_order for box in own.boxes_of(q)]

    (given,) = [[left for left, _ in b.rows] for b in sheet.blocks if b.kind == "givens"]
    known = {left.name for left in given if isinstance(left, Symbol)}
    text = " ".join(line.right.show(TEXT) for line in lines)

    everything = {symbol(q.name, TEXT): q.name for q in own.graph}
    longest_first = sorted(map(re.escape, everything), key=len, reverse=True)
    words = rf"(?<![\w'/+])({'|'.join(longest_first)})(?![\w'/\[])"
    read = {everything[word] for word in re.findall(words, text)} - set(own.asked)

    assert known <= read
    if len(known) == len(given):  # else some inputs are given as letters
        assert known == read


@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector"])
def test_numbers_stand_in_the_order_in_which_they_are_read(name):
    """What the bank gives as on the sheet, then results of other lines as the open ones, read from
    left to right, come to them."""
    _, sheet, _ = practised(name, "sum")
    (given,) = [[left for left, _ in b.rows] for b in sheet.blocks if b.kind == "givens"]
    (lines,) = [block.rows for block in sheet.blocks if block.kind == "derivation"]
    text = " ".join(line.right.show(TEXT) for line in lines)
    places = [text.index(left.show(TEXT)) for left in given]

    assert places == sorted(places)


@pytest.mark.parametrize("name", ["one_step", "fill_the_gaps"])
def test_a_step_and_gaps_are_practised_as_lines(name):
    """Of a bank that shows one step, or all lines, only the kind that is practised is asked, and
    nothing else stands on the sheet."""
    for kind in KINDS[name]:
        own, sheet, _ = practised(name, kind)

        assert own.task.kind == "fill"
        assert [b.kind for b in sheet.blocks if b.kind in ("answers", "drawing", "derivation")] == [
            "derivation"
        ]


@pytest.mark.parametrize(("name", "kind"), SOME_CASES)
def test_a_practice_key_has_every_line_and_no_empty_box(name, kind):
    """Each open line is worked once; there is nothing left to fill in."""
    own, _, key = practised(name, kind)
    worked = [line.name for block in key.blocks if block.kind == "worked" for line in block.lines]
    # Nothing is worked out for the number of a line.
    calculated = [own.graph[name] for name in own.asked if name != LINE_FOUND]
    in_order = in_order_of_steps(calculated)

    assert [name for name in worked if name in own.asked] == [q.name for q in in_order]
    assert not [block for block in key.blocks if block.kind == "answers"]

    rows = [row for block in key.blocks if block.kind == "derivation" for row in block.rows]
    assert all(row.gap is None for row in rows)
    # A formula that is a number is its value.
    assert all(row.value or isinstance(row.right.tree, Number) for row in rows)
    assert 'class="cell"' not in render(key, "html")


def test_sheets_are_new_and_the_same_for_one_seed(tmp_path):
    """Two seeds give other numbers, one seed the same files; keys stand beside the sheets."""
    bank = shipped("bptt_scalar")
    for place, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        practise(bank, PracticeOptions("recurrence", 2, tmp_path / place, seed=seed))
    pages = {
        place: [file.read_text() for file in sorted((tmp_path / place).iterdir())]
        for place in "abc"
    }

    assert pages["a"] == pages["b"]
    assert not set(pages["a"]) & set(pages["c"])
    assert [file.name for file in sorted((tmp_path / "a").iterdir())] == [
        f"practice-0{k}-{w}.html" for k in (1, 2) for w in ("key", "sheet")
    ]


@pytest.mark.parametrize("seed", [SECRET.decode(), SECRET.hex()])
def test_the_numbers_of_a_practice_sheet_are_drawn_by_a_key_that_no_course_has(tmp_path, seed):
    """Not even who takes the secret of a course for a seed gets a sheet that the secret draws."""
    bank = shipped("bptt_scalar")
    ((drawn,), _) = issue_variants(practice_bank(bank, "update"), SECRET, [("practice", 1)])

    practise(bank, PracticeOptions("update", 1, tmp_path, seed=seed))
    page = (tmp_path / "practice-01-sheet.html").read_text()

    assert re.findall(r"\b[0-9a-z]{4}-[0-9a-z]{3}-[0-9a-z]{3}\b", page)
    assert drawn.token not in page


def test_what_cannot_be_practised_is_said(tmp_path):
    """A kind that the bank does not ask for is an error that lists those that it does."""
    result = CliRunner().invoke(
        main,
        ["practice", "forward_pass", "--on", "update", "--out", str(tmp_path), "--engine", "none"],
    )

    assert result.exit_code == 1
    assert "known are forward" in result.output


@pytest.mark.parametrize("form", list(QUIZZES))
def test_a_quiz_is_the_same_for_one_seed(form, tmp_path):
    """One seed gives the same file, another seed another one; a course's quiz names no student."""
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        result = CliRunner().invoke(
            main,
            [
                "quiz",
                "forward_pass",
                "--to",
                form,
                "-n",
                "2",
                "--seed",
                seed,
                "--out",
                str(tmp_path / name),
            ],
        )

        assert result.exit_code == 0, result.output

    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_what_canvas_cannot_hold_is_refused(tmp_path):
    """Numbers that Canvas would change are refused with exit code 1, all in one message, and no
    file is left."""
    result = CliRunner().invoke(
        main, ["quiz", "lstm_step", "--to", "canvas", "-n", "2", "--out", str(tmp_path / "x.zip")]
    )

    assert result.exit_code == 1
    assert "problems" in result.output
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["latex", "typst"])
def test_a_reason_stands_on_the_page_of_its_line(engine):
    """Wherever a page ends: below a reason there is a worked line before the number of the page."""
    _, _, key = practised("bptt_scalar", "recurrence")
    reasons = [block.text.split()[-1] for block in key.blocks if block.kind == "reasons"]
    lower = [replace(key, blocks=(Space(lines), *key.blocks)) for lines in range(15, 23)]

    made = pdfs(lower, engine, PLAIN)
    ends = [
        page.extract_text().strip().splitlines()[-2].split()[-1]
        for pdf in made
        for page in PdfReader(BytesIO(pdf)).pages
    ]

    assert len(ends) >= 2 * len(lower)
    assert not set(ends) & set(reasons)


@pytest.mark.parametrize("engine", ["typst", pytest.param("latex", marks=needs_tex)])
def test_derivatives_among_the_numbers_are_as_large_as_in_the_lines(engine):
    """No sign of a derivative on a sheet of gradients is as small as an index."""
    _, on_sheet, _ = practised("bptt_scalar", "gradient")
    (made,) = pdfs([on_sheet], engine, PLAIN)
    sizes = []

    def see(text, moved, turned, _font, size):
        if "∂" in normalize("NFKC", text):
            sizes.append(size * abs(turned[3] * moved[3]))

    for page in PdfReader(BytesIO(made)).pages:
        page.extract_text(visitor_text=see)

    assert len(sizes) > 20
    assert min(sizes) > 8.5
