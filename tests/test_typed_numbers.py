"""Typed numbers: any spelling is read as the number that it spells, or not at all; what one leaves
open its sheet settles."""

import os
import random
import re
import sys
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from spellings import mutation, spelling

from rnnquiz.bank.load import load_bank
from rnnquiz.course.templates import template, workbook
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.files.resources import bank_path
from rnnquiz.people.roster import Student
from rnnquiz.submissions.formats import READERS
from rnnquiz.typed.numerals import (
    WELCOME,
    Typed,
    Unreadable,
    read_number,
    read_sheet,
    with_decimal_commas,
)
from rnnquiz.variants.issue import issue_variants

SPELLINGS = int(os.environ.get("RNNQUIZ_SPELLINGS", "100000"))

READ = [
    ("0.0048", "0.0048", -4), ("+.5", "0.5", -1), ("5.", "5", 0), ("4.8e-3", "0.0048", -4),
    ("4.8E-3", "0.0048", -4), ("\u22120.17", "-0.17", -2), ("\uff0d0.17", "-0.17", -2),
    ("\u20130.17", "-0.17", -2), ("- 0.5", "-0.5", -1), ("1,5", "1.5", -1), ("0,234", "0.234", -3),
    ("1 000", "1000", 0), ("1\u00a0000", "1000", 0), ("1\u2009000.5", "1000.5", -1),
    ("12 345.678", "12345.678", -3), ("4.8x10^-3", "0.0048", -4), ("4.8*10**-3", "0.0048", -4),
    ("4.8\u00d710\u207b\u00b3", "0.0048", -4), ("4.8\u00b710^-3", "0.0048", -4),
    (r"4.8\cdot10^{-3}", "0.0048", -4), ("4.8 x 10^{-3}", "0.0048", -4), ("1,234.5", "1234.5", -1),
    ("1.234.567,5", "1234567.5", -1), ("\uff10.\uff15", "0.5", -1), ("-0", "0", 0),
    ("0.50", "0.5", -2), ("  0.604 ", "0.604", -3), ("1.084", "1.084", -3),
    ("\u200b0.6\u206004\ufeff", "0.604", -3), ("\u200e-0.3\u200f", "-0.3", -1),
    ("'-0.7443", "-0.7443", -4), ("‘0.5", "0.5", -1), ("=0.604", "0.604", -3),
    ("≈ 0,604", "0.604", -3), ("~0.5", "0.5", -1), ("0.604.", "0.604", -3), ("0,604.", "0.604", -3),
    ("٠٫٦٠٤", "0.604", -3), ("०.६०४", "0.604", -3), ("१,५", "1.5", -1), ("٣", "3", 0),
    ("1٬234٫5", "1234.5", -1), ("0。604", "0.604", -3), ("4.8 E -3", "0.0048", -4),
    ("4,8*10^(-3)", "0.0048", -4), ("4.8x10-3", "0.0048", -4), ("4.8e–3", "0.0048", -4),
    ("4.8ᴇ-3", "0.0048", -4), ("4,8Е-3", "0.0048", -4), ("4.8EE-3", "0.0048", -4),
    ("4.8*^-3", "0.0048", -4), ("4,8.10^-3", "0.0048", -4), ("10^-3", "0.001", -3),
    ("−10⁻³", "-0.001", -3), ("$0.604$", "0.604", -3), (r"$-4.8\cdot 10^{-3}$", "-0.0048", -4),
    (r"\num{4.8e-3}", "0.0048", -4), ("0{,}604", "0.604", -3), (r"\(0.5\)", "0.5", -1),
    ('"0.5"', "0.5", -1), ("1'234.5", "1234.5", -1),
    ("-0.74430000000000001", "-0.74430000000000001", -17),
    ("(-0.604)", "-0.604", -3), ("( −0,604 )", "-0.604", -3), ("(+.5)", "0.5", -1),
    ("$(-4.8e-3)$", "-0.0048", -4), ("½", "0.5", None), ("−¾", "-0.75", None),
    ("= ⅛", "0.125", None),
    ("6.039999723434448e-01", "0.6039999723434448", -16), ("1e-45", "1e-45", -45),
]  # fmt: skip

REFUSED = [
    "1.234,5", "5%", "1_000", "nan", "inf", "-inf", "1e400", "1e999999999", "1/0", "0.5 or 0.6",
    "1..2", "--1", "0x10", "1e", "e5", "abc", "1" * 41, "1½", "1 ½", "½%", "5²½", "5²", "①",
    "0.5;0.6", "1,2,3",
    "1e5e2", "0.604..", "0.6.04", "(-1)/(3)", "(-0.6,0.4)", "((-0.5)", "(-0.5)(-0.5)",
    "0,604,", "0.5\u0305", "5\u20e3", "1 000 00", "<0.5", "±0.5",
    "1" * 5000, "\u200b" * 5000 + "1", "1e" + "9" * 100, "H",
]  # fmt: skip

TWO_WAYS = [
    ("1,234", "1.234", "1234"), ("1 1/2", "1 + 1/2", "11/2"),
    ("0 604", "0.604", "the two numbers 0 and 604"),
    ("0.5 12", "0.512", "the two numbers 0.5 and 12"),
    ("0.6 04", "0.604", "the two numbers 0.6 and 04"), ("12 34", "1234", "12 and 34"),
    ("3/4/5", "(3/4)/5", "3/(4/5)"), ("4.8^-3", "4.8 times 10^-3", "to the power of -3"),
    ("4.8e^-3", "10^-3", "times e^-3"), ("4.8 10^-3", "4.8 times 10^-3", "the two numbers"),
    ("5x103", "5 times 10^3", "5 times 103"), ("10-3", "10^-3", "10 - 3"),
    ("0·604", "0.604", "0 times 604"), ("1'234", "1.234", "1234"), ("(0.5)", "0.5", "-0.5"),
    ("0.5-", "-0.5", "difference"), ("\u00ad0.5", "0.5", "-0.5"),
    ("1.234.567", "two or more numbers", "1234567"), ("1.234,5", "two or more numbers", "1234.5"),
    ("0.5–0.6", "difference", "range"), ("1,234e-3", "0.001234", "1.234"),
    ("1, 2", "1,2", "the two numbers"),
]  # fmt: skip


def value_of(read):
    return read.value if isinstance(read, Typed) else None


@pytest.mark.parametrize(("text", "value", "place"), READ)
def test_every_usual_writing_of_a_number_is_read_exactly(text, value, place):
    """A typed number is read as its exact decimal value, with the exponent of the last digit
    written."""
    typed = read_number(text)

    assert isinstance(typed, Typed), typed
    assert typed.value == Fraction(value)
    assert typed.last_place == place


@pytest.mark.parametrize("text", ["-1/3", "- 1 / 3", "-1⁄3", "-1∕3", "-1÷3"])
def test_a_quotient_is_exact(text):
    """a/b is the exact quotient; it has no last place."""
    assert read_number(text) == Typed(Fraction(-1, 3), None)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_is_unreadable_with_a_reason(text):
    """What is no number is never zero, and the student is told what would be one."""
    found = read_number(text)
    assert isinstance(found, Unreadable)
    assert 15 < len(found.reason) < 300


@pytest.mark.parametrize(("text", "one", "other"), TWO_WAYS)
def test_what_has_two_readings_names_both(text, one, other):
    """Nothing ambiguous is guessed or joined: the reason says the two readings."""
    found = read_number(text)

    assert isinstance(found, Unreadable)
    assert "two ways" in found.reason
    assert one in found.reason
    assert other in found.reason


@pytest.mark.parametrize(
    "text", ["", "   ", "-", "—", "?", "n/a", "None", "\u200b", "\ufeff \u00a0", "~"]
)
def test_nothing_written_is_blank(text):
    """A blank is None, neither unreadable nor zero."""
    assert read_number(text) is None


@given(st.text(max_size=60))
def test_no_text_raises(text):
    """Any text gives a number, a reason or None."""
    assert isinstance(read_number(text), Typed | Unreadable | type(None))


def test_a_spelling_is_read_as_its_number_or_not_at_all():
    """Of any number of generated spellings (100,000; RNNQUIZ_SPELLINGS for more) none is read as
    another number."""
    rng = random.Random(14)
    read = 0

    for _ in range(SPELLINGS):
        text, value = spelling(rng)
        found = read_number(text)
        assert found is not None, ascii(text)
        assert value_of(found) in (None, value), (ascii(text), value, found)

        read += isinstance(found, Typed)
    assert read > 0.6 * SPELLINGS


def test_what_is_put_into_a_number_never_makes_another_of_it():
    """A number with stray blanks, signs and marks in it is read as that number, or not at all."""
    rng = random.Random(15)

    for _ in range(max(1, SPELLINGS // 4)):
        text, value = mutation(rng)
        found = read_number(text)
        assert value_of(found) in (None, value), (ascii(text), value, found)


def _every_character():
    """Every assigned character but the letters of scripts without compatibility forms."""
    for code in range(0x110000):
        character = chr(code)
        category = unicodedata.category(character)
        if category not in ("Cn", "Co", "Cs") and (
            category[0] != "L" or unicodedata.normalize("NFKC", character).isascii()
        ):
            yield character


def test_no_character_makes_another_number():
    """Of all of Unicode only digits, signs, marks and what spells a power, a fraction or a list of
    them change what a number says."""
    active, names = (
        set("+-0123456789.,/eE^*"),
        (
            "MINUS",
            "PLUS",
            "COMMA",
            "FULL STOP",
            "DECIMAL",
            "THOUSANDS",
            "SLASH",
            "SOLIDUS",
            "DIVISION",
        ),
    )

    for character in _every_character():
        plain, name = unicodedata.normalize("NFKC", character), unicodedata.name(character, "")
        if (
            unicodedata.category(character) in ("Nd", "Pd")
            or active & set(plain)
            or any(word in name for word in names)
        ):
            continue

        for text in (
            f"12{character}34",
            f"{character}12.34",
            f"12.34{character}",
            f"12.3{character}4",
        ):
            found = value_of(read_number(text))

            assert found in (None, Fraction("12.34") if "." in text else Fraction(1234)), (
                ascii(text),
                found,
            )


@pytest.mark.parametrize(
    "code",
    [c for c in range(sys.maxunicode) if unicodedata.decimal(chr(c), None) == 4],
)
def test_digits_of_every_script_have_their_value(code):
    """A number in the decimal digits of any script is read."""
    digits = [chr(code + d - 4) for d in range(10)]

    assert value_of(read_number(f"-{digits[0]}.{digits[6]}{digits[0]}{digits[4]}")) == Fraction(
        "-0.604"
    )


@given(st.floats(1e-12, 1e6) | st.floats(-1e6, -1e-12))
def test_what_programs_print_is_read(value):
    """Floats of 32, 64 and 80 bits, as Python, NumPy and Decimal print them, are read to the last
    digit."""
    single, extended = np.float32(value), np.longdouble(value) / 3
    printed = [
        repr(value),
        str(single),
        str(extended),
        f"{value:.17e}",
        f"{value:.17g}",
        np.format_float_positional(value),
        str(Decimal(repr(value))),
    ]

    for text in printed:
        assert value_of(read_number(text)) == Fraction(text)


@given(st.floats(1e-6, 1e6))
def test_the_exact_value_of_a_float_is_read(value):
    """Decimal(float) is up to 70 characters long, and a number."""
    assert value_of(read_number(f"{Decimal(value):f}")) == Fraction(value)


# The sheet around a number


def written(value, kind, digits):
    """A value rounded by the rule, as a person writes it with a point, and the number that this
    is."""
    exact = Decimal(repr(value))
    place = -digits if kind == "decimals" else exact.adjusted() - digits + 1
    rounded = exact.quantize(Decimal(1).scaleb(place), rounding=ROUND_HALF_UP)
    text = f"{rounded:f}"
    return text, Fraction(text)


def is_doubtful(text):
    whole, _, part = text.lstrip("-").partition(".")
    return len(part) == 3 and len(whole) <= 3 and whole[0] != "0"


RULES = [*(("decimals", d) for d in range(1, 7)), *(("significant", s) for s in range(2, 6))]


@pytest.mark.parametrize(("kind", "digits"), RULES)
@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize("short", [False, True])
def test_a_consistent_writer_is_read(kind, digits, mark, short):
    """Who writes one decimal mark throughout, with or without final zeros, has every number read,
    unless all are doubtful."""
    rng = random.Random(f"{kind}{digits}{mark}")

    for _ in range(300):
        sheet = [
            written(rng.gauss(0, rng.choice([0.4, 1.5, 12])), kind, digits)
            for _ in range(rng.choice([3, 10, 55]))
        ]
        texts = [
            text.rstrip("0").rstrip(".") if short and "." in text else text for text, _ in sheet
        ]
        if all(is_doubtful(text) or "." not in text for text in texts):
            continue
        read = read_sheet(
            [text.replace(".", mark) for text in texts], digits if kind == "decimals" else None
        )

        assert [value_of(one) for one in read] == [value for _, value in sheet]


@pytest.mark.parametrize(("kind", "digits"), RULES)
def test_a_writer_of_both_marks_is_never_read_as_another_number(kind, digits):
    """Who writes now a point, now a comma, has each number read as it is meant, or not at all."""
    rng = random.Random(f"{kind}{digits}")

    for _ in range(500):
        sheet = [
            written(rng.gauss(0, rng.choice([0.4, 1.5, 12])), kind, digits)
            for _ in range(rng.choice([2, 3, 10]))
        ]
        read = read_sheet(
            [text.replace(".", rng.choice(".,")) for text, _ in sheet],
            digits if kind == "decimals" else None,
        )

        assert all(
            value_of(one) in (None, value) for one, (_, value) in zip(read, sheet, strict=True)
        )


@pytest.mark.parametrize("group", [",", ".", " ", "\u202f", "'"])
@pytest.mark.parametrize("digits", [1, 2, 3, 4])
def test_thousands_are_read_where_the_sheet_shows_them(group, digits):
    """Who parts thousands has each number read as it is meant, or not at all; with decimals, nearly
    all of them."""
    rng, mark = random.Random(f"{group}{digits}"), "," if group == "." else "."

    for _ in range(200):
        values = [round(rng.uniform(0, 10 ** rng.randrange(0, 7)), digits) for _ in range(12)]
        texts = [
            f"{value:,.{digits}f}".translate({ord(","): group, ord("."): mark}) for value in values
        ]

        for read, text, value in zip(read_sheet(texts, digits), texts, values, strict=True):
            assert value_of(read) == Fraction(repr(value)) or (
                group == "." and isinstance(read, Unreadable)
            ), text


SHEETS = [
    (["0,604", "-0,3", "1,084"], 4, "1.084"), (["0,604", "0.5", "1,084"], 4, "1.084"),
    (["1,084"], 3, "1.084"), (["1,084"], 4, None), (["1,084"], None, None),
    (["0.604", "1,084"], 3, None), (["0.604", "1,084"], 4, None), (["1,234.5", "1,084"], 4, "1084"),
    (["1,234.5", "0,604", "1,084"], 4, None), (["1.084"], 4, "1.084"),
    (["0,604", "1.084"], 4, None), (["0.5", "0,604", "1.084"], 4, "1.084"),
    (["0,604", "1.234,5"], 4, "1234.5"), (["0.604", "1.234,5"], 4, None),
    (["0,604", "1.234.567"], 4, "1234567"), (["1 234,5", "1,084"], 4, "1.084"),
    (["4,8e-3", "1,084e-3"], 4, "0.001084"), (["1,234", "5,678", "9,123"], 4, None),
    (["", "0,6", "?", "1,084"], 4, "1.084"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "decimals", "last"), SHEETS)
def test_the_sheet_settles_what_a_number_leaves_open(texts, decimals, last):
    """A mark does one thing on a sheet: what other numbers show of it decides, then the digits
    asked; else both readings are named."""
    found = read_sheet(texts, decimals)[-1]

    assert value_of(found) == (None if last is None else Fraction(last))
    if last is None:
        assert "two ways" in found.reason
    for order in (texts[::-1], [*texts[1:], texts[0]]):
        assert read_sheet(order, decimals)[order.index(texts[-1])] == found


def test_the_reason_says_what_the_sheet_shows():
    """A student whose number speaks against the others reads so."""
    found = read_sheet(["0.604", "1,084"], 4)[1]
    assert "1.084 or as 1084 (other numbers here have a decimal point)" in found.reason


@pytest.mark.parametrize(
    ("texts", "pointed"),
    [
        (["1,084", "2,5"], ["1,084", "2,5"]),
        (["1,084", "2,337"], ["1.084", "2.337"]),
        (["1,084", "0.5"], ["1,084", "0.5"]),
        (["1.234,5"], ["1234.5"]),
    ],
)
def test_a_file_of_decimal_commas_settles_what_its_sheet_leaves_open(texts, pointed):
    """Where a sheet shows nothing of its marks, a file whose commas are decimal commas does."""
    assert with_decimal_commas(texts) == pointed


FILES = [
    (
        "box;answer\nh[1];1,084\nh[2];2,337\n",
        [("1.084", "2.337")],
    ),  # commas before decimals, by the file
    ("box;answer\nh[1];1,084\nh[2];0,5\n", [("1.084", "0.5")]),  # by the sheet
    ("box;answer\nh[1];1,084\nh[2];0.5\n", [(None, "0.5")]),  # the sheet speaks against the file
    ("box,answer\nh[1],1,084\nh[2],0,5\n", [("1.084", "0.5")]),  # not in quotes
    ("box,answer\nh[1],-0,604\nh[2],0.5,,\n", [("-0.604", "0.5")]),
    ("student;h[1];h[2]\na;1,084;2,111\nb;1,084;0.5\n", [("1.084", "2.111"), (None, "0.5")]),
]


@pytest.mark.parametrize(("text", "values"), FILES)
def test_the_file_has_a_say_in_what_a_comma_is(text, values):
    """A CSV file parted by semicolons has decimal commas; one parted by commas has them, too, where
    a number takes two cells."""
    sheets = list(READERS["csv"].read("sheet.csv", text.encode(), "s1"))

    assert [dict(one.answers).keys() for one in sheets] == [{"h[1]", "h[2]"}] * len(values)
    for one, expected in zip(sheets, values, strict=True):
        found = [value_of(read) for read in read_sheet(tuple(one.answers.values()), 4)]
        assert found == [None if value is None else Fraction(value) for value in expected]


def test_a_table_that_a_decimal_comma_tears_apart_is_joined_or_refused():
    """A row of a class's table with more cells than headings is put together where there is one
    way, else it is refused with its number: the numbers would be those of other boxes."""
    text = b"student,h[1],h[2]\na,0.5,0.6\nb,0,5,0,6\nc,0,5,6\n"
    _, joined, refused = READERS["csv"].read("class.csv", text, "")

    assert dict(joined.answers) == {"h[1]": "0,5", "h[2]": "0,6"}
    assert (dict(refused.answers), str(refused.source)) == ({}, "class.csv, row 4")
    assert "headings" in refused.refusal


@pytest.mark.parametrize("kind", ["latex", "typst", "html", "markdown"])
def test_sheet_and_templates_say_how_to_write_numbers(kind):
    """The sheet in every output, and both templates, say the same of decimal marks; what they say
    is read."""
    bank = load_bank(bank_path("worked_example"))
    (variant,), _ = issue_variants(bank, b"0" * 32, [("s1", 1)])
    page = render(sheet(bank, variant, "S. One"), kind)

    assert "decimal point or a decimal comma" in " ".join(page.split())

    student = Student("s1", "S. One", "", 0)
    assert WELCOME in template(bank, student, variant).decode()
    assert WELCOME in {
        str(row[0].value)[2:]
        for row in load_workbook(BytesIO(workbook(bank, student, variant))).active.iter_rows()
    }

    examples = re.findall(r"(?<=[( ])\d[\d.,]*\d(?:e-\d)?", WELCOME)
    assert len(examples) == 3
    assert all(isinstance(read_number(text), Typed) for text in examples)
