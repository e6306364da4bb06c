"""Spellings of numbers whose value is known by construction; nothing here knows how the program
reads."""

from fractions import Fraction

DIGITS = [
    "0123456789",
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "०१२३४५६७८९",
    "০১২৩৪৫৬৭৮৯",
    "๐๑๒๓๔๕๖๗๘๙",
    "０１２３４５６７８９",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙",
]
SUPERSCRIPTS = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
MINUSES = [
    "-",
    "\u2212",
    "\u2013",
    "\u2014",
    "\u2010",
    "\u2011",
    "\ufe63",
    "\uff0d",
    "- ",
    "\u2212\u00a0",
]
PLUSES = ["", "", "", "+", "\uff0b", "+ "]
DECIMALS = [".", ".", ".", ",", ",", "٫", "\uff0e", "\uff0c", "{,}"]
GROUPINGS = ["", "", "", ",", ".", " ", "\u00a0", "\u2009", "\u202f", "'", "’", "٬", r"\,", "_"]
INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u2060\u2061"
    "\u2066\u2069\ufeff\u00ad\u061c\u034f\ufe0e\ufe0f\U000e0100"
)
BLANKS = " \u00a0\u2009\u202f\u3000\t\n"
TIMES = ["x", "X", "×", "*", "·", "⋅", "∙", r"\cdot ", r"\times ", " × ", " * ", "х", "."]
EXPONENTS = [
    "e{k}",
    "E{k}",
    "e{K}",
    " E {k}",
    "ᴇ{k}",
    "Е{k}",
    "⏨{k}",
    "EE{k}",
    "*^{k}",
    "{x}10^{k}",
    "{x}10^({k})",
    "{x}10^{{{k}}}",
    "{x}10**{k}",
    "{x}10{s}",
    "{x}10^{u}",
    "e{u}",
    "{x}10{k}",
    " 10^{k}",
    "^{k}",
    "e^{k}",
    "{x} 10 ^ {k}",
    "e{p}",
]
WRAPPERS = [
    "{}",
    "{}",
    "{}",
    "{}",
    "'{}",
    "’{}",
    "={}",
    "= {}",
    "≈{}",
    "≈ {}",
    "~{}",
    "${}$",
    r"\({}\)",
    r"\num{{{}}}",
    '"{}"',
    "“{}”",
    "`{}`",
    "{}.",
    "{} ",
    " {}",
    "{}\n",
    "'={}",
    "$ {} $",
    "({})",
    "{}..",
    "{}%",
    "‘{}’",
    "{}。",
]


def spelling(rng):
    """A text and the number that the person who typed it means."""
    if rng.random() < 0.05:
        return _fraction(rng)
    whole = rng.choice(
        [
            "0",
            str(rng.randrange(10)),
            str(rng.randrange(1000)),
            str(rng.randrange(10 ** rng.randrange(1, 8))),
        ]
    )
    part = "".join(rng.choices("0123456789", k=rng.choice([0, 1, 2, 3, 3, 3, 4, 5, 6, 10, 17])))
    value = Fraction(int(whole + part), 10 ** len(part))
    mark = rng.choice(DECIMALS)
    text = _grouped(rng, whole, part, mark) + (
        mark + _parted(rng, part) if part else mark * (rng.random() < 0.05)
    )
    if whole == "0" and part and rng.random() < 0.2:
        text = text[1:]
    sign = rng.choice(MINUSES if rng.random() < 0.5 else PLUSES)
    value = -value if sign in MINUSES else value
    if rng.random() < 0.35:
        tail, k = _exponent(rng)
        if mark == "." and tail.startswith(".") and "." not in text:
            tail = "×" + tail[1:]  # 4.10^-3 is a power of 4.10 to everybody
        text, value = text + tail, value * Fraction(10) ** k
    if rng.random() < 0.35:
        script = rng.choice(DIGITS)
        text = "".join(script[int(c)] if c in DIGITS[0] else c for c in text)
    text = rng.choice(WRAPPERS).format(sign + text)
    value = value / 100 if text.endswith("%") else value
    for _ in range(rng.choice([0, 0, 0, 0, 1, 2, 5])):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(INVISIBLE) + text[at:]
    return text, value


def _fraction(rng):
    a, b, whole = rng.randrange(1, 100), rng.randrange(1, 100), rng.randrange(1, 10)
    slash = rng.choice(["/", "⁄", "∕", " / ", "÷"])
    return rng.choice(
        [
            (f"{a}{slash}{b}", Fraction(a, b)),
            (f"-{a}{slash}{b}", Fraction(-a, b)),
            (f"{whole} {a}{slash}{b}", whole + Fraction(a, b)),
        ]
    )


def _grouped(rng, whole, part, mark):
    """Digits before the mark, in thousands (or as in India) with another sign than the mark.

    One group by a point and no decimals is left out: 1.084 alone is 1.084 on any sheet that prints
    points.
    """
    sign = rng.choice(GROUPINGS)
    plain = {"\uff0e": ".", "\uff0c": ",", "{,}": ","}.get(mark, mark)
    if not sign or len(whole) < 4 or sign == plain or (sign == "." and not part and len(whole) < 7):
        return whole
    size = 2 if rng.random() < 0.1 and sign != "." else 3
    head, tail = whole[:-3], whole[-3:]
    parts = [head[max(0, i - size) : i] for i in range(len(head), 0, -size)][::-1]
    return sign.join([*parts, tail])


def _parted(rng, part):
    """Digits after the mark, now and then in threes."""
    return (
        " ".join(part[i : i + 3] for i in range(0, len(part), 3)) if rng.random() < 0.03 else part
    )


def _exponent(rng):
    k = rng.randrange(-12, 7)
    row, times = rng.choice(EXPONENTS), rng.choice(TIMES)
    if times == "." and row in ("{x}10{k}", "{x} 10 ^ {k}"):
        times = "×"  # 4.8.105 and 4.8. 10 ^ 5 say nothing to anybody
    minus = rng.choice(["\u2212", "\u2013", "-"])
    names = {
        "k": str(k),
        "K": f"{k:+03d}",
        "s": str(k).translate(SUPERSCRIPTS),
        "u": str(k).replace("-", minus),
        "p": f"{k:+d}",
        "x": times,
    }
    return row.format(**names), k


def mutation(rng):
    """A plain number into which something was put that makes it no other number: a blank, a stray
    sign, another mark."""
    digits = f"{rng.uniform(-20, 20):.{rng.randrange(1, 7)}f}"
    text = rng.choice([digits, digits.replace(".", ","), f"{rng.uniform(-9, 9):.4e}"])
    value = Fraction(text.replace(",", "."))
    mark = "," if "," in text else "."
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(text) + 1)
        put = rng.choice(
            [*BLANKS, *";:!?&@#()[]<>|_abcdfghzZ", mark, mark, "--", "\u200b", "'", "·"]
        )
        text = text[:at] + put + text[at:]
    return text, value
