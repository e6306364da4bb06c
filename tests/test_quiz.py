"""Quizzes, read back by readers that know the formats and nothing of our writers."""

import html
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.errors import CourseError
from rnnquiz.exports.quiz.moodle import feedback_element, whole_weights
from rnnquiz.exports.quiz.questions import apportioned, questions
from rnnquiz.exports.quiz.writers import QUIZZES
from rnnquiz.languages.catalogue import Language
from rnnquiz.solution.distinguish import mistakes_told_apart
from rnnquiz.solution.solved import solve, solve_all
from tests_support import RANDOM_BANKS, bank_of, shipped, slowly, variants_of

COUNT = 2
NAMES = ["first", "second"]
HOSTILE = "]]> } ~ # \\ {1:NUMERICAL:=1} {{{x}}} <script>alert(1)</script> & \"'"
NUMBER = r"-?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?"


@dataclass(frozen=True)
class Asked:
    """What a reader finds of one box: intervals (low, high, share of marks, feedback), the first
    that fits counts; and its weight."""

    intervals: tuple
    weight: float

    def answer(self, text):
        typed = float(text)
        return next(
            ((share, says) for low, high, share, says in self.intervals if low <= typed <= high),
            (0.0, ""),
        )


class Rounded(Asked):
    """A box in Canvas, which rounds what is typed to four decimals."""

    def answer(self, text):
        return super().answer(f"{float(text):.4f}")


def local(tag):
    return tag.rpartition("}")[2]


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def cloze_questions(data):
    return [q for q in ET.fromstring(data).iter("question") if q.get("type") == "cloze"]


def read_moodle(data):
    return [cloze_parts(q.findtext("questiontext/text")) for q in cloze_questions(data)]


def cloze_parts(text):
    """Parts of an embedded-answers question; Moodle takes a text that is no number for a literal
    answer, which is an error here."""
    found = []
    for weight, body in re.findall(r"\{(\d*):(?:NUMERICAL|NM):(.*?)(?<!\\)\}", text, re.DOTALL):
        answers = re.split(r"(?<!\\)~", body)
        rows = []
        for answer in answers:
            match = re.fullmatch(
                rf"(=|%-?\d+(?:\.\d+)?%)({NUMBER}):({NUMBER})(?:#(.*))?", answer, re.DOTALL
            )
            assert match, answer
            share = 1.0 if match[1] == "=" else float(match[1].strip("%")) / 100
            value, tolerance = float(match[2]), float(match[3])
            eps = 1e-14 * max(1.0, abs(value))
            says = html.unescape(match[4] or "").replace("\\}", "}").replace("\\#", "#")
            shown = "".join(ET.fromstring(f"<all>{says}</all>").itertext())
            rows.append((value - tolerance - eps, value + tolerance + eps, share, shown))
        assert max(row[2] for row in rows) == 1
        found.append(Asked(tuple(rows), int(weight or 1)))
    return found


def canvas_quizzes(files):
    manifest = ET.fromstring(files["imsmanifest.xml"])
    resources = [r for r in manifest.iter() if local(r.tag) == "resource"]
    known = {r.get("identifier") for r in resources}
    for resource in resources:
        assert all(
            d.get("identifierref") in known for d in resource if local(d.tag) == "dependency"
        )
        assert all(f.get("href") in files for f in resource if local(f.tag) == "file")
    return [
        ET.fromstring(files[r[0].get("href")])
        for r in resources
        if r.get("type") == "imsqti_xmlv1p2"
    ]


def read_canvas(data):
    files = unzipped(data)
    assert files["non_cc_assessments/"] == b""
    return [
        [item for item in map(canvas_item, items(quiz)) if item] for quiz in canvas_quizzes(files)
    ]


def items(quiz):
    return [item for item in quiz.iter() if local(item.tag) == "item"]


def canvas_item(item):
    fields = [
        [part.text for part in field]
        for field in item.iter()
        if local(field.tag) == "qtimetadatafield"
    ]
    facts = dict(fields)
    if facts["question_type"] == "text_only_question":
        return None
    assert facts["question_type"] == "numerical_question"
    assert float(facts["points_possible"]) > 0
    found = {
        local(node.tag): node.text
        for node in item.iter()
        if local(node.tag) in ("vargte", "varlte", "setvar")
    }
    low, high = float(found["vargte"]), float(found["varlte"])
    assert all(float(f"{end:.4f}") == end for end in (low, high))
    assert found["setvar"] == "100"
    return Rounded(((low, high, 1.0, ""),), float(facts["points_possible"]))


def snake(word):
    """The name of an element or attribute in the spelling of QTI 2.1."""
    head, *tail = local(word).removeprefix("qti-").split("-")
    return head + "".join(part.capitalize() for part in tail)


def find(node, name):
    return [child for child in node.iter() if snake(child.tag) == name]


def attributes(node):
    return {snake(key): value for key, value in node.attrib.items()}


def read_qti(data):
    files = unzipped(data)
    manifest = ET.fromstring(files["imsmanifest.xml"])
    hrefs = [r.get("href") for r in manifest.iter() if local(r.tag) == "resource"]
    assert sorted(hrefs) == sorted(name for name in files if name != "imsmanifest.xml")
    return [qti_item(ET.fromstring(files[href])) for href in hrefs]


def qti_item(item):
    entries = [
        attributes(node)["responseIdentifier"] for node in find(item, "textEntryInteraction")
    ]
    declared = [attributes(node)["identifier"] for node in find(item, "responseDeclaration")]
    assert entries == declared
    says = {
        attributes(node)["identifier"]: "".join(node.itertext())
        for node in find(item, "modalFeedback")
    }
    *parts, _ = find(item, "responseCondition")
    found = [qti_part(condition, says) for condition in parts]
    for part, declaration in zip(found, find(item, "responseDeclaration"), strict=True):
        assert part.answer(find(declaration, "value")[0].text)[0] == 1
    return found


def qti_part(condition, says):
    """The branches of one box; a player that knows no more than and, gte and lte gives the same
    marks."""
    rows, full = [], None
    for branch in condition:
        test, *done = branch
        assert snake(test.tag) == "and"
        ends = {snake(side.tag): float(find(side, "baseValue")[0].text) for side in test}
        assert list(ends) == ["gte", "lte"]
        values = [value for change in done for value in find(change, "baseValue")]
        earned = sum(float(v.text) for v in values if attributes(v)["baseType"] == "float")
        told = [says[v.text] for v in values if attributes(v)["baseType"] == "identifier"]
        full = full or earned
        rows.append((ends["gte"], ends["lte"], earned / full, told[0] if told else ""))
    return Asked(tuple(rows), full)


def server_of(files):
    name = next(name for name in files if name.endswith("/server.py"))
    module = ModuleType("server")
    exec(compile(files[name], "server.py", "exec"), module.__dict__)
    return module


@dataclass(frozen=True)
class Served:
    """A box of a PrairieLearn question, marked by its own server.py."""

    server: ModuleType
    data: dict
    name: str
    weight: float

    def answer(self, text):
        data = {
            **self.data,
            "submitted_answers": {self.name: float(text)},
            "partial_scores": {},
            "feedback": {},
        }
        self.server.grade(data)
        part = data["partial_scores"][self.name]
        total = sum(p["weight"] for p in data["partial_scores"].values())
        assert data["score"] == pytest.approx(part["score"] * part["weight"] / total)
        return part["score"], part["feedback"]


def read_prairielearn(data, folder):
    files = unzipped(data)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    place = folder / next(iter(files)).rpartition("/")[0]
    server, found = server_of(files), []
    known = {}
    for seed in range(COUNT):
        page = {
            "variant_seed": seed,
            "options": {"question_path": str(place)},
            "params": {},
            "correct_answers": {},
        }
        server.generate(page)
        known[page["params"]["variant"]] = page
    every = server.variants(page)
    server.variants = lambda data: every
    for _, page in sorted(known.items()):
        graded = {**page, "submitted_answers": {}, "partial_scores": {}, "feedback": {}}
        server.grade(graded)
        weights = {name: part["weight"] for name, part in graded["partial_scores"].items()}
        assert graded["score"] == 0
        found.append(
            [
                Served(server, page, box["name"], weights[box["name"]])
                for box in page["params"]["boxes"]
            ]
        )
    return found


READERS = {"moodle": read_moodle, "canvas": read_canvas, "qti21": read_qti, "qti3": read_qti}


@cache
def written(name, bank_name):
    bank = shipped(bank_name)
    return QUIZZES[name].write(bank, variants_of(bank, COUNT), NAMES)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """What the reader of a format finds in the quiz of a bank; None where Canvas cannot say it."""

    @cache
    def reading(name, bank_name):
        if name == "canvas" and shipped(bank_name).rounding.digits > 4:
            with pytest.raises(CourseError):
                written(name, bank_name)
            return None
        data = written(name, bank_name)
        return (
            read_prairielearn(data, tmp_path_factory.mktemp(bank_name))
            if name == "prairielearn"
            else READERS[name](data)
        )

    return reading


@cache
def expected(bank_name):
    """For each variant the boxes that are not zero by structure: name, role, ends, printed
    value."""
    bank, found = shipped(bank_name), []
    for variant in variants_of(bank, COUNT):
        solution = solve(bank, variant)
        boxes = [
            b
            for b in bank.boxes
            if solution.exact[b.quantity].reshape(-1)[b.entry] != 0
            and bank.marks.get(bank.graph[b.quantity].role)
        ]
        value = {
            b.name: bank.rounding.format(float(solution.chain[b.quantity].reshape(-1)[b.entry]))
            for b in boxes
        }
        found.append(
            [(b.name, bank.graph[b.quantity].role, *solution.wide(b), value[b.name]) for b in boxes]
        )
    return found


@cache
def neutral(bank_name):
    bank = shipped(bank_name)
    return questions(bank, variants_of(bank, COUNT), NAMES)


@pytest.mark.parametrize("bank_name", slowly(RANDOM_BANKS))
@pytest.mark.parametrize("name", QUIZZES)
def test_accepts_what_the_grader_accepts(name, bank_name, read):
    """The printed value and both ends earn full marks in every box, one unit beyond an end earns
    none."""
    found = read(name, bank_name)
    if found is None:
        return

    for boxes, parts in zip(expected(bank_name), found, strict=True):
        assert len(boxes) == len(parts)
        for (_, _, low, high, value), part in zip(boxes, parts, strict=True):
            unit = Decimal(1).scaleb(Decimal(low).as_tuple().exponent)

            assert [part.answer(text)[0] for text in (value, low, high)] == [1, 1, 1]
            assert [
                part.answer(beyond)[0] for beyond in (Decimal(low) - unit, Decimal(high) + unit)
            ] == [0, 0]


@pytest.mark.parametrize("bank_name", slowly(RANDOM_BANKS))
@pytest.mark.parametrize("name", QUIZZES)
def test_more_digits_than_asked_are_right(name, bank_name, read):
    """Whoever types the calculator's number, not rounded, is right in every box, and so is who
    gives one digit more."""
    found = read(name, bank_name)
    bank = shipped(bank_name)

    for variant, boxes, parts in zip(
        variants_of(bank, COUNT), expected(bank_name), found or [], strict=bool(found)
    ):
        exact = solve(bank, variant).exact
        quantity = {box.name: (box.quantity, box.entry) for box in bank.boxes}

        for (box, _, low, high, _), part in zip(boxes, parts, strict=True):
            where, entry = quantity[box]
            value = float(exact[where].reshape(-1)[entry])
            unit = Decimal(1).scaleb(Decimal(low).as_tuple().exponent)
            typed = [
                repr(value),
                f"{value:.17g}",
                Decimal(low) - unit * Decimal("0.4"),
                Decimal(high) + unit * Decimal("0.4"),
            ]

            assert [part.answer(text)[0] for text in typed] == [1, 1, 1, 1], box


def item_points(name, bank_name):
    """The points of each box of each variant, and what the format says they add up to."""
    files = unzipped(written(name, bank_name))
    if name == "canvas":
        for quiz in canvas_quizzes(files):
            fields = [
                [part.text for part in field]
                for field in quiz.iter()
                if local(field.tag) == "qtimetadatafield"
            ]
            meta = ET.fromstring(files[f"{quiz[0].get('ident')}/assessment_meta.xml"])
            yield (
                [v for k, v in fields if k == "points_possible"],
                next(n.text for n in meta if local(n.tag) == "points_possible"),
            )
    else:
        for file in (file for file in files if file.startswith("items/")):
            item = ET.fromstring(files[file])
            *parts, _last = find(item, "responseCondition")
            values = [find(find(part, "setOutcomeValue")[0], "baseValue")[0].text for part in parts]
            yield (
                values,
                find(
                    next(n for n in item if attributes(n).get("identifier") == "MAXSCORE"), "value"
                )[0].text,
            )


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
@pytest.mark.parametrize("name", ["canvas", "qti21", "qti3"])
def test_points_add_up_to_the_marks_of_the_bank(name, bank_name, read):
    """The points of all boxes together are the bank's marks exactly, as decimal numbers."""
    if read(name, bank_name) is None:
        return

    for values, total in item_points(name, bank_name):
        assert all(round(Decimal(value), 3) == Decimal(value) >= 0 for value in values)
        assert (
            sum(map(Decimal, values))
            == Decimal(total)
            == Decimal(repr(sum(shipped(bank_name).marks.values())))
        )


@given(st.lists(st.floats(1e-5, 1e4), min_size=1, max_size=130))
def test_apportioned_marks_add_up_and_none_is_empty(marks):
    """Units are whole, at least one each; the sum is that of the marks wherever there are units
    enough, and no box is a unit off."""
    units = apportioned(marks, Fraction(1, 10_000))
    exact = [Fraction(mark) * 10_000 for mark in marks]

    assert min(units) >= 1
    if min(exact) >= 1:
        assert sum(units) == round(sum(exact))
        assert all(abs(unit - mark) < 1 for unit, mark in zip(units, exact, strict=True))


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
@pytest.mark.parametrize("name", ["qti21", "qti3"])
def test_all_right_is_the_maximum_and_never_more(name, bank_name):
    """Added up as binary numbers, in the order of the item, all boxes give MAXSCORE itself; all but
    one give less."""
    files = unzipped(written(name, bank_name))

    for file in (file for file in files if file.startswith("items/")):
        item = ET.fromstring(files[file])
        outcomes = {
            attributes(node)["identifier"]: find(node, "value")[0].text
            for node in find(item, "outcomeDeclaration")
        }

        assert set(outcomes) == {"SCORE", "MAXSCORE", "FEEDBACK"}
        assert outcomes["FEEDBACK"] not in {
            attributes(node)["identifier"] for node in find(item, "modalFeedback")
        }

        *parts, last = find(item, "responseCondition")
        values = [
            float(find(find(part, "setOutcomeValue")[0], "baseValue")[0].text) for part in parts
        ]
        (branch,) = last
        test, change = branch

        assert (snake(test.tag), attributes(test[0])["identifier"]) == ("gt", "SCORE")
        assert (attributes(change)["identifier"], attributes(change[0])["identifier"]) == (
            "SCORE",
            "MAXSCORE",
        )

        score = kept = 0.0
        for value in values:
            score, kept = (
                score + value,
                round(kept + value, 3),
            )  # as binary numbers, and as a player that keeps three decimals

        assert min(score, kept) > float(test[1].text)
        assert score - min(values) < float(test[1].text)


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
@pytest.mark.parametrize("name", QUIZZES)
def test_every_question_says_how_to_type_and_whose_numbers_these_are(name, bank_name, read):
    """The same sentence on digits, point and minus stands on every question of every program, and
    so does the token of its numbers."""
    if read(name, bank_name) is None:
        return
    bank, data = shipped(bank_name), written(name, bank_name)
    shown = {
        "moodle": lambda: [q.findtext("questiontext/text") for q in cloze_questions(data)],
        "canvas": lambda: ["".join(quiz.itertext()) for quiz in canvas_quizzes(unzipped(data))],
        "prairielearn": lambda: [
            v["problem"]
            for v in json.loads(
                next(c for n, c in unzipped(data).items() if n.endswith("variants.json"))
            )
        ],
    }.get(
        name,
        lambda: [
            "".join(ET.fromstring(c).itertext())
            for n, c in unzipped(data).items()
            if n.startswith("items/")
        ],
    )()
    unit = {"decimals": "decimal place", "significant": "significant figure"}[bank.rounding.kind]
    rule = (
        rf"Give {bank.rounding.digits} {unit}s?; more digits are right, too\..*point.*no"
        r" comma.*minus sign of the keyboard"
    )

    for text in shown:
        assert re.search(rule, text)

    tokens = {variant.token for variant in variants_of(bank, COUNT)}
    assert {
        found[0]
        for text in shown
        if (found := re.search(r"(?<=Sheet )[a-z2-7]{4}-[a-z2-7]{3}-[a-z2-7]{3}", text))
    } == tokens
    if name == "canvas":
        for quiz in canvas_quizzes(unzipped(data)):
            numerical = [item for item in items(quiz) if canvas_item(item)]
            assert all(re.search(rule, "".join(item.itertext())) for item in numerical)


EMOTICONS = (
    ":-)",
    ":)",
    ":-D",
    ";-)",
    ":-/",
    "V-.",
    ":-P",
    ":-p",
    "B-)",
    "^-)",
    "8-)",
    "8-o",
    ":-o",
    ":-(",
    ":(",
    "B-(",
    ":-I",
    ":-X",
    "8-|",
    ":-|",
    "(h)",
    "(y)",
    "(n)",
    "(martin)",
)


def filtered(markup):
    """The markup as a filter of Moodle sees it: what stands outside of spans of class nolink is
    open to it, tags and all."""
    depth, out = 0, []
    for piece in re.split(r"(</?span[^>]*>)", markup):
        if piece.startswith("<span"):
            depth += depth > 0 or 'class="nolink"' in piece
        elif piece.startswith("</span"):
            depth -= depth > 0
        elif not depth:
            for face in EMOTICONS:
                piece = piece.replace(face, "<img>")
        out.append(piece)
    return "".join(out)


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
def test_no_text_in_moodle_becomes_a_picture(bank_name):
    """Neither a problem nor the sentence on a mistake holds anything outside of a span that the
    filters pass over."""
    for question in cloze_questions(written("moodle", bank_name)):
        text = question.findtext("questiontext/text")
        shown = re.sub(
            r"\{\d+:NUMERICAL:.*?(?<!\\)\}",
            '<span class="nolink">marker</span>',
            text,
            flags=re.DOTALL,
        )

        assert filtered(shown) == shown
        for body in re.findall(r"\{\d+:NUMERICAL:(.*?)(?<!\\)\}", text, re.DOTALL):
            for says in (
                html.unescape(answer.partition("#")[2]) for answer in re.split(r"(?<!\\)~", body)
            ):
                assert filtered(says) == says

    bank = shipped("one_neuron")
    wording = bank.written.wording.model_copy(update={"intro": "tanh(h)^2 :-) (y)"})
    bank = replace(bank, written=bank.written.model_copy(update={"wording": wording}))
    text = cloze_questions(
        QUIZZES["moodle"].write(bank, variants_of(shipped("one_neuron"), COUNT), NAMES)
    )[0].findtext("questiontext/text")

    assert "tanh(h)^2 :-) (y)" in filtered(text)
    assert "tanh(h)^2" in filtered(feedback_element("1 - tanh(h)^2"))


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
def test_moodle_shows_the_key_as_the_right_answer(bank_name):
    """The first answer that earns all marks, which the review shows, is the number of the key."""
    for boxes, question in zip(
        expected(bank_name), cloze_questions(written("moodle", bank_name)), strict=True
    ):
        bodies = re.findall(r"\{\d+:NUMERICAL:=([^:]+):", question.findtext("questiontext/text"))
        assert list(map(Decimal, bodies)) == [Decimal(value) for *_, value in boxes]


def test_banks_of_one_title_have_categories_of_their_own():
    """A random question draws from one bank, one set of variants: other ids, texts or numbers stand
    elsewhere, the same ones do not."""

    def category(**changes):
        bank = shipped("one_neuron")
        bank = replace(bank, written=bank.written.model_copy(update=changes))
        return ET.fromstring(
            QUIZZES["moodle"].write(bank, variants_of(shipped("one_neuron"), COUNT), NAMES)
        ).findtext("question/category/text")

    first = category()
    assert first.startswith("$course$/top/One neuron by hand (one-neuron ")
    assert category() == first != category(id="other")

    bank = shipped("one_neuron")
    fewer = ET.fromstring(QUIZZES["moodle"].write(bank, variants_of(bank, 1), NAMES[:1])).findtext(
        "question/category/text"
    )

    assert fewer != first
    assert (
        fewer.rpartition("/")[0]
        == first.rpartition("/")[0]
        != category(id="other").rpartition("/")[0]
    )


def test_moodle_says_what_its_file_cannot_hold():
    """Marks that are no whole numbers, a file that a fresh PHP refuses, and the column that the
    report needs are said."""
    bank = shipped("bptt_scalar")
    data = written("moodle", "bptt_scalar")
    total = sum(part.weight for part in read_moodle(data)[0])
    lines = QUIZZES["moodle"].notes(data, bank)

    assert any(f"here to {total}:" in line and "to 40" in line for line in lines)
    assert any("tick 'question text'" in line for line in lines)
    assert not any("upload_max_filesize" in line for line in lines)
    assert any(
        "2.0 MB" in line and "upload_max_filesize" in line
        for line in QUIZZES["moodle"].notes(data.ljust(2_000_001), bank)
    )

    whole = shipped("one_neuron")
    assert sum(part.weight for part in read_moodle(written("moodle", "one_neuron"))[0]) == sum(
        whole.marks.values()
    )
    assert not any(
        "weights" in line
        for line in QUIZZES["moodle"].notes(written("moodle", "one_neuron"), whole)
    )


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
def test_no_text_is_longer_than_canvas_keeps(bank_name, read):
    """A long problem is several texts, each within 16,384 characters, in order and without a
    loss."""
    if read("canvas", bank_name) is None:
        return

    for question, quiz in zip(
        neutral(bank_name), canvas_quizzes(unzipped(written("canvas", bank_name))), strict=True
    ):
        texts = [
            [node.text for node in item.iter() if local(node.tag) == "mattext"]
            for item in items(quiz)
        ]

        assert all(len(text) <= 16_384 for item in texts for text in item)

        problem = "".join(
            "".join(ET.fromstring(text).itertext())
            for item in texts[: len(texts) - len(question.parts)]
            for text in item
        )

        assert problem == "".join(ET.fromstring(question.html).itertext())

        idents = [item.get("ident") for item in items(quiz)]
        assert len(set(idents)) == len(idents)


def test_canvas_refuses_a_paragraph_that_it_would_throw_away():
    """One paragraph that is too long is an error with a remedy, not a question without its text."""
    bank = shipped("one_neuron")
    wording = bank.written.wording.model_copy(update={"intro": "long " * 4000})
    bank = replace(bank, written=bank.written.model_copy(update={"wording": wording}))

    with pytest.raises(CourseError, match=r"16,384.*shorten"):
        QUIZZES["canvas"].write(bank, variants_of(shipped("one_neuron"), COUNT), NAMES)


def test_a_blank_box_of_prairielearn_is_blank():
    """An empty box is sent on as empty, and no box shows a tolerance that is not ours."""
    page = next(
        content.decode()
        for name, content in unzipped(written("prairielearn", "one_neuron")).items()
        if name.endswith("question.html")
    )
    box = re.search(r"<pl-number-input [^>]*>", page)[0]

    assert 'allow-blank="true"' in box
    assert 'blank-value=""' in box
    assert 'show-placeholder="false"' in box


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
@pytest.mark.parametrize("name", QUIZZES)
def test_weights_follow_the_bank(name, bank_name, read):
    """Each kind of box has the share of all marks that the bank gives it."""
    found = read(name, bank_name)
    marks = shipped(bank_name).marks

    for boxes, parts in zip(expected(bank_name), found or [], strict=bool(found)):
        total = sum(part.weight for part in parts)
        of = {role for _, role, *_ in boxes}

        for role in of:
            share = (
                sum(part.weight for box, part in zip(boxes, parts, strict=True) if box[1] == role)
                / total
            )

            assert share == pytest.approx(marks[role] / sum(marks[r] for r in of), abs=2e-3)


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
@pytest.mark.parametrize("name", [name for name in QUIZZES if name != "canvas"])
def test_named_mistakes_get_their_sentence(name, bank_name, read):
    """The value that a named mistake gives is answered with the sentence of the mistake."""
    for question, parts in zip(neutral(bank_name), read(name, bank_name), strict=True):
        for part, asked in zip(question.parts, parts, strict=True):
            for wrong in part.wrong:
                credit, says = asked.answer(wrong.value)

                assert (credit, " ".join(says.split())) == (
                    wrong.credit,
                    " ".join(wrong.says.split()),
                )


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
def test_mistakes_are_those_of_the_key(bank_name):
    """Each mistake that the teacher's key lists for a box is named there, unless six others come
    before it."""
    bank = shipped(bank_name)
    solved = solve_all(bank, variants_of(bank, COUNT))

    for question, told in zip(neutral(bank_name), mistakes_told_apart(solved), strict=True):
        named = {part.box: [wrong.value for wrong in part.wrong] for part in question.parts}
        ends = {part.box: (part.low, part.high) for part in question.parts}

        for shown in told.shown:
            value = Decimal(bank.rounding.format(float(shown.wrong)))
            if shown.box in named and not ends[shown.box][0] <= value <= ends[shown.box][1]:
                assert len(named[shown.box]) == 6 or value in named[shown.box]


@pytest.mark.parametrize("name", QUIZZES)
def test_same_bytes(name):
    """A quiz has the same bytes each time it is made, and archives no time."""
    data = written(name, "one_neuron")
    bank = shipped("one_neuron")

    assert QUIZZES[name].write(bank, variants_of(bank, COUNT), NAMES) == data
    if QUIZZES[name].ending == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert archive.namelist() == sorted(archive.namelist())


def hostile(name):
    bank = shipped("one_neuron")
    wording = bank.written.wording.model_copy(update={"intro": HOSTILE})
    bank = replace(
        bank, written=bank.written.model_copy(update={"title": HOSTILE, "wording": wording})
    )
    return QUIZZES[name].write(bank, variants_of(shipped("one_neuron"), COUNT), [HOSTILE, "second"])


def tags_and_text(markup):
    tree = ET.fromstring(f"<all>{markup}</all>")
    return {local(node.tag) for node in tree.iter()}, " ".join("".join(tree.itertext()).split())


def test_hostile_text_in_moodle():
    """Text of a bank or a roster neither ends a CDATA section nor opens a part nor becomes an
    element."""
    data = hostile("moodle")
    question = cloze_questions(data)[0]
    assert question.findtext("name/text") == HOSTILE

    category = ET.fromstring(data).findtext("question/category/text")
    assert category.startswith("$course$/top/" + HOSTILE.replace("/", "//") + " (one-neuron ")

    text = question.findtext("questiontext/text")
    assert len(cloze_parts(text)) == len(read_moodle(written("moodle", "one_neuron"))[0])

    tags, shown = tags_and_text(re.sub(r"\{\d+:NUMERICAL:.*?(?<!\\)\}", "", text))
    assert "script" not in tags
    assert HOSTILE in shown


def test_hostile_feedback_in_moodle():
    """A sentence about a mistake comes out of a part as it was written."""
    part = cloze_parts("{1:NUMERICAL:=1:0~%0%2:0.5#" + feedback_element(HOSTILE) + "}")[0]
    assert part.answer("2")[1] == HOSTILE


def test_hostile_text_in_canvas():
    """Titles are text, and the problem is HTML in which the text of a bank is no element."""
    quiz = canvas_quizzes(unzipped(hostile("canvas")))[0]
    assert quiz[0].get("title") == HOSTILE

    markup = next(node.text for node in items(quiz)[0].iter() if local(node.tag) == "mattext")
    tags, shown = tags_and_text(markup)
    assert "script" not in tags
    assert HOSTILE in shown


@pytest.mark.parametrize("name", ["qti21", "qti3"])
def test_hostile_text_in_qti(name):
    """Titles are text, and the body of an item shows the text of a bank as it is."""
    roots = [
        ET.fromstring(content)
        for file, content in unzipped(hostile(name)).items()
        if file.startswith("items/")
    ]

    assert HOSTILE in {root.get("title") for root in roots}
    for root in roots:
        assert "script" not in {local(node.tag) for node in root.iter()}
        assert HOSTILE in "".join(root.itertext())


@pytest.mark.parametrize("name", ["moodle", "canvas", "qti21", "qti3"])
@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\ud800", "\ufffe"])
def test_what_xml_cannot_hold_is_left_out(name, sign):
    """A title with a character that XML forbids gives files that parsers take."""
    bank = shipped("one_neuron")

    data = QUIZZES[name].write(bank, variants_of(bank, 1), [f"one{sign}two"])

    files = {"quiz.xml": data} if name == "moodle" else unzipped(data)
    for file, content in files.items():
        if file.endswith(".xml"):
            ET.fromstring(content)


def test_hostile_text_in_prairielearn():
    """Titles are text, and no text of a bank stands in the template."""
    files = {
        name.rpartition("/")[2]: content
        for name, content in unzipped(hostile("prairielearn")).items()
    }

    assert json.loads(files["info.json"])["title"] == HOSTILE

    tags, shown = tags_and_text(json.loads(files["variants.json"])[0]["problem"])
    assert "script" not in tags
    assert HOSTILE in shown
    assert b"script" not in files["question.html"]


@pytest.mark.parametrize("name", ["qti21", "qti3"])
def test_qti_namespaces(name):
    """Formulas are MathML, all else is of the version's namespace, in its spelling."""
    version = {"qti21": "imsqti_v2p1", "qti3": "imsqtiasi_v3p0"}[name]
    root = ET.fromstring(
        next(
            content
            for file, content in unzipped(written(name, "one_neuron")).items()
            if file.startswith("items/")
        )
    )
    spaces = {node.tag[1:].partition("}")[0] for node in root.iter()}

    assert spaces == {
        f"http://www.imsglobal.org/xsd/{version}",
        "http://www.w3.org/1998/Math/MathML",
    }

    words = {local(node.tag) for node in root.iter()} | {
        local(key) for node in root.iter() for key in node.attrib
    }

    assert any("-" in word for word in words) == (name == "qti3")
    assert ("responseIdentifier" in words) == (name == "qti21")


def test_page_of_prairielearn_holds_no_solution(tmp_path):
    """What a student's page is made of says nothing of what is accepted."""
    served = read_prairielearn(written("prairielearn", "one_neuron"), tmp_path)[0][0]

    assert {key for box in served.data["params"]["boxes"] for key in box} == {
        "name",
        "heading",
        "math",
    }


@pytest.mark.parametrize(
    "submitted", [None, "", "abc", "nan", float("inf"), {"_type": "np_scalar"}, [1.0]]
)
def test_prairielearn_marks_no_number_as_nothing(submitted, tmp_path):
    """What is no finite number earns nothing and breaks nothing; a number of numpy is read."""
    served = read_prairielearn(written("prairielearn", "one_neuron"), tmp_path)[0][0]

    assert served.server.typed_number(submitted) is None
    assert served.server.typed_number(
        {"_type": "np_scalar", "_concrete_type": "float64", "_value": "1.5"}
    ) == Decimal("1.5")


def test_canvas_refuses_small_numbers_all_at_once():
    """A box whose ends four decimals cannot say is refused, and the error lists every such box of
    every variant."""
    bank = bank_of(rounding="decimals: 6")
    variants = variants_of(bank, COUNT)
    bad = [
        f"{name}, box {part.box}"
        for question, name in zip(questions(bank, variants, NAMES), NAMES, strict=True)
        for part in question.parts
        if any(Decimal(f"{end:.4f}") != end for end in (part.low, part.high))
    ]

    with pytest.raises(CourseError) as caught:
        QUIZZES["canvas"].write(bank, variants, NAMES)
    assert [problem.where for problem in caught.value.problems] == bad
    assert all(problem.remedy for problem in caught.value.problems)


def test_moodle_refuses_a_credit_that_it_does_not_keep():
    """A credit for mistakes that is none of Moodle's percentages is refused; one of them is
    kept."""
    bank = shipped("one_neuron")
    variants = variants_of(bank, COUNT)

    def crediting(share):
        credit = bank.written.credit.model_copy(update={"misconception": share})
        return QUIZZES["moodle"].write(
            replace(bank, written=bank.written.model_copy(update={"credit": credit})),
            variants,
            NAMES,
        )

    shares = {
        round(row[2], 4)
        for question in read_moodle(crediting(1 / 3))
        for part in question
        for row in part.intervals
    }

    assert shares == {1.0, 0.3333}
    with pytest.raises(CourseError, match="which Moodle does not keep"):
        crediting(0.47)


@pytest.mark.parametrize(
    ("marks", "weights"),
    [
        ([1, 1, 1], [1, 1, 1]),
        ([0.5, 1.5], [1, 3]),
        ([2 / 3, 2 / 3, 2 / 3, 1], [2, 2, 2, 3]),
        ([7], [7]),
        ([4, 6], [4, 6]),
        ([1e-5, 1.0], [1, 10000]),
    ],
)
def test_whole_weights(marks, weights):
    """Marks become whole numbers in the same proportions whose sum is that of the marks, or the
    smallest multiple."""
    assert whole_weights(marks) == weights


@pytest.mark.parametrize("name", ["fill_the_gaps", "find_the_mistake"])
def test_a_question_has_the_derivation_that_it_is_about(name):
    """Every line of it stands in the problem, with its value or a question mark, as a fragment and
    as text; the section of the answer boxes does not."""
    bank = shipped(name)
    (question,) = questions(bank, variants_of(bank, 1), ["Ada"])
    numbers = list(range(1, len(bank.full.computed) + 1))
    lines = re.findall(r"(?m)^(\d+)\. .* = (?:-?[\d.]+|\?)$", question.plain)

    assert list(map(int, lines)) == numbers
    assert list(map(int, re.findall(r"<p>(\d+)\. <math", question.html))) == numbers
    assert question.plain.count("= ?") == (len(bank.boxes) if name == "fill_the_gaps" else 0)
    assert "Answers" not in question.plain


def test_a_question_asks_for_a_line_in_the_language_of_its_bank():
    """As the sheet does; the plain name, which a response is read by, stays."""
    bank = replace(shipped("find_the_mistake"), language=Language("de"))

    (question,) = questions(bank, variants_of(bank, 1), ["Ada"])

    assert ["Zeile" in part.math for part in question.parts] == [True, False]
    assert ["Wert" in part.math for part in question.parts] == [False, True]
    assert [part.plain for part in question.parts] == ["line", "value"]
