"""LaTeX: class and packages (by PyLaTeX), and text that is only text."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_PAPER = {"a4": "a4paper", "letter": "letterpaper"}


@cache
def packages(paper: str) -> str:
    """Class and packages: the head of the preamble."""
    from pylatex import Command, Package

    parts = [Command("documentclass", "article", ["10pt", "fleqn", _PAPER[paper]])]
    parts += (Package(name, options=options) for name, options in _PACKAGES)
    return "\n".join(part.dumps() for part in parts)


# What three packages of Debian have: texlive-latex-recommended, texlive-pictures, and lmodern,
# without which T1 fonts are bitmaps.
_PACKAGES = (
    ("fontenc", "T1"),
    ("inputenc", "utf8"),
    ("lmodern", None),
    ("geometry", "margin=2cm,top=3.2cm,bottom=2.2cm,headheight=46pt,headsep=14pt,footskip=26pt"),
    ("amsmath", None),
    ("xcolor", None),
    ("graphicx", None),
    ("pict2e", None),
    ("array", None),
    ("longtable", None),
)


def escape(text: str) -> str:
    """Text as LaTeX that prints just this text; a character without a glyph in Latin fonts is named
    by its code."""
    letters = _WITH_MARKS.findall(text.replace("\n", " "))
    return "".join(map(_letter, letters))


def unset(text: str) -> list[str]:
    """The characters of a text that LaTeX names by their codes, in order."""
    letters = _WITH_MARKS.findall(text)
    return list(filter(_is_unset, letters))


def _is_unset(letter: str) -> bool:
    return _CODE in _letter(letter)


_WITH_MARKS = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_CODE = r"\lettercode{"


def _letter(character: str) -> str:
    """A character, with the marks that stand above and below it."""
    if len(character) > 1:
        return _composed(character) or "".join(map(_letter, character))
    if character in "<>,'`?!":
        return character + "{}"  # no ligature with the next one
    if character.isascii():
        return _ascii(character)
    # T1 has most letters of this range; those that it lacks stand in _NO_GLYPH.
    if (
        "\u00a1" <= character <= "\u017e"
        and unicodedata.category(character)[0] in "LPS"
        and character not in _NO_GLYPH
    ):
        return character
    if character in _NAMED:
        return _NAMED[character]
    if unicodedata.category(character) == "Zs":
        return " "  # pasted spaces of other widths part words like any other
    if character in _VIETNAMESE:
        return rf"\vietnamese{{{_VIETNAMESE[character]}}}"
    return _composed(character) or _in_plain_letters(character) or _code(character)


def _in_plain_letters(character: str) -> str:
    """What Unicode has for the sake of old encodings as the letters that it stands for; empty where
    one of them is not known."""
    kind, _, _ = unicodedata.decomposition(character).partition(" ")
    if kind not in ("<compat>", "<super>", "<wide>"):
        return ""
    plain = _WITH_MARKS.findall(unicodedata.normalize("NFKC", character))
    made = "".join(map(_letter, plain))
    if _CODE in made:
        return ""
    return rf"\textsuperscript{{{made}}}" if kind == "<super>" else made


def _code(character: str) -> str:
    """The code of a character in two rows: names in other scripts have many, on one line."""
    code = f"{ord(character):04X}"
    half = len(code) // 2
    return f"{_CODE}{code[:half]}}}{{{code[half:]}}}"


@cache
def _ascii(character: str) -> str:
    # Only what writes LaTeX loads what knows it.
    from pylatex.utils import escape_latex

    shown = character if character.isprintable() else " "
    return str(escape_latex(shown))


def _composed(character: str) -> str:
    """A Latin letter with its marks put on one by one, those above it first; empty where one of
    them is not known."""
    base, *marks = list(unicodedata.normalize("NFD", character))
    name = unicodedata.name(base, "")
    if not marks or not name.startswith("LATIN") or not {*marks} <= _ABOVE.keys() | _BELOW.keys():
        return ""
    made, above = _letter(base), 0
    if made.startswith(_CODE):
        return ""
    # Above first, as the encoding has letters with a mark above as one.
    for mark in sorted(marks, key=lambda mark: mark in _BELOW):
        if mark in _BELOW:
            made = f"{_BELOW[mark]}{{{made}}}"
            continue
        known, place = _ABOVE[mark]
        if base.isascii() and not above:  # for which the encoding has the letter whole
            dotless = _DOTLESS.get(made, made)
            made = f"{known}{{{dotless}}}"
        else:
            made = rf"\raisedmark{{{place}}}{{{made}}}"
        above += 1
    return made


_NO_GLYPH = frozenset(
    "ĐĦħĿŀŉŦŧĸ¤¦¨¬¯´¸ªº¹²³¼½¾×÷±°µ¢¥"
    "ĊċĈĉĜĝĠġĢģĤĥĨĩĪīĬĭĮįĴĵĶķĻļŅņŌōŎŏŔŖŗŜŝŢţŨũŪūŬŭŲųŴŵŶŷĀāĒēĔĕĖėÞþÐð©®¶·"
)
# Letters of the encoding T5 of Latin Modern, from their places on.
_VIETNAMESE = {
    letter: code + start
    for start, letters in (
        (26, "ỶỷỴỵĐ"),
        (128, "ÀÁÃẢẠÂẦẤẪẨẬĂẰẮẴẲẶÈÉẼẺẸÊỀẾỄỂỆÌÍĨỈ"),
        (160, "àáãảạâầấẫẩậăằắẵẳặèéẽẻẹêềếễểệìíĩỉ"),
        (192, "ỊÒÓÕỎỌÔỒỐỖỔỘƠỜỚỠỞỢÙÚŨỦỤƯỪỨỮỬỰỲÝỸ"),
        (224, "ịòóõỏọôồốỗổộơờớỡởợùúũủụưừứữửựỳýỹ"),
    )
    for code, letter in enumerate(letters)
}
# Marks above a letter: the command, and the place of the mark in the encoding T1.
_ABOVE = {
    "\u0300": (r"\`", 0), "\u0301": (r"\'", 1), "\u0302": (r"\^", 2), "\u0303": (r"\~", 3),
    "\u0304": (r"\=", 9), "\u0306": (r"\u", 8), "\u0307": (r"\.", 10), "\u0308": (r'\"', 4),
    "\u030a": (r"\r", 6), "\u030b": (r"\H", 5), "\u030c": (r"\v", 7),
    "\u0313": (r"\raisedmark{39}", 39), "\u0315": (r"\raisedmark{39}", 39),
}  # fmt: skip
_BELOW = {
    "\u0323": r"\d", "\u0326": r"\textcommabelow", "\u0327": r"\c", "\u0328": r"\k",
    "\u0331": r"\b", "\u0324": r"\loweredmark{4}", "\u0325": r"\loweredmark{6}",
    "\u032d": r"\loweredmark{2}", "\u0330": r"\loweredmark{3}",
}  # fmt: skip
_DOTLESS = {"i": r"\i", "j": r"\j"}
_NAMED = {
    "\u00a0": "~", "\u202f": "~", "\u2007": "~", "\u200b": r"\hskip0pt{}", "\u00ad": r"\-",
    "\u2011": r"\mbox{-}", "\u200c": "", "\u200d": "", "\u2060": "",
    "·": r"\middot{}", "–": "--", "—": "---", "‘": "`", "’": "'",
    "“": "``", "”": "''", "„": r"\quotedblbase{}",
    "…": r"\ldots{}", "−": "$-$", "×": r"$\times$", "±": r"$\pm$", "°": r"$^\circ$",
    "≈": r"$\approx$", "²": "$^2$", "³": "$^3$", "µ": r"$\mu$", "€": r"\texteuro{}",
    "©": r"\copyright{}", "½": r"$\frac12$", "→": r"$\to$", "Þ": r"\TH{}", "þ": r"\th{}",
    "Ð": r"\DH{}", "ð": r"\dh{}", "Ā": r"\={A}", "ā": r"\={a}", "Ē": r"\={E}", "ē": r"\={e}",
    "Ī": r"\={I}", "ī": r"\={\i}", "Ō": r"\={O}", "ō": r"\={o}", "Ū": r"\={U}", "ū": r"\={u}",
    "Ţ": r"\c{T}", "ţ": r"\c{t}", "Ķ": r"\c{K}", "ķ": r"\c{k}", "Ļ": r"\c{L}", "ļ": r"\c{l}",
    "Ņ": r"\c{N}", "ņ": r"\c{n}", "Ŗ": r"\c{R}", "ŗ": r"\c{r}", "ģ": r"\'{g}", "Ģ": r"\c{G}",
    "Ė": r"\.{E}", "ė": r"\.{e}", "Į": r"\k{I}", "į": r"\k{i}", "Ų": r"\k{U}", "ų": r"\k{u}",
    "Ŝ": r"\^{S}", "ŝ": r"\^{s}", "Ĉ": r"\^{C}", "ĉ": r"\^{c}", "Ĝ": r"\^{G}", "ĝ": r"\^{g}",
    "Ĥ": r"\^{H}", "ĥ": r"\^{h}", "Ĵ": r"\^{J}", "ĵ": r"\^{\j}", "Ŭ": r"\u{U}", "ŭ": r"\u{u}",
    "Ŵ": r"\^{W}", "ŵ": r"\^{w}", "Ŷ": r"\^{Y}", "ŷ": r"\^{y}", "Ċ": r"\.{C}", "ċ": r"\.{c}",
    "Ġ": r"\.{G}", "ġ": r"\.{g}", "Ŕ": r"\'{R}", "ŕ": r"\'{r}", "Ĩ": r"\~{I}", "ĩ": r"\~{\i}",
    "Ũ": r"\~{U}", "ũ": r"\~{u}", "Ĕ": r"\u{E}", "ĕ": r"\u{e}", "Ĭ": r"\u{I}", "ĭ": r"\u{\i}",
    "Ŏ": r"\u{O}", "ŏ": r"\u{o}", "ª": r"\textordfeminine{}", "º": r"\textordmasculine{}",
    "ı": r"\i{}", "İ": r"\.{I}", "ə": r"\turned{1}{e}", "Ə": r"\turned{1.5}{e}", "ħ": r"\barred{h}",
    "Ħ": r"\barred{H}", "ŧ": r"\barred{t}", "Ŧ": r"\barred{T}", "ɔ": r"\turned{1}{c}",
    "Ɔ": r"\turned{1}{C}", "ɛ": r"$\varepsilon$", "Ɛ": r"\mirrored{3}", "ƒ": r"\textflorin{}",
    "ɣ": r"$\gamma$", "ʋ": r"$\upsilon$", "ɖ": r"\tailed{d}", "Ɖ": r"\DJ{}",
    "ɓ": r"\hooked{.1}{b}", "Ɓ": r"\hooked{0}{B}", "ɗ": r"\hooked{.72}{d}", "Ɗ": r"\hooked{0}{D}",
    "ƙ": r"\hooked{.1}{k}", "Ƙ": r"\hooked{.85}{K}", "ƴ": r"\hooked{.8}{y}",
    "Ƴ": r"\hooked{.9}{Y}", "ɲ": r"\tailed{n}", "ʻ": "`{}", "ʼ": "'{}", "ʽ": "`{}",
    "ʾ": "'{}", "ʿ": "`{}", "ẞ": r"\SS{}",
    "ꞌ": "'{}", "Ꞌ": "'{}", "\u2010": "-", "ǃ": "!{}", "ǀ": r"\textbar{}",
    "ǁ": r"\textbar{}\textbar{}", "ǂ": r"$\ddagger$", "Ƒ": r"\fronttailed{F}",
    "Ɣ": r"\enlarged{1.4}{$\gamma$}", "Ʋ": r"\enlarged{1.4}{$\upsilon$}",
    "ɨ": r"\struck{.2}{i}", "Ɨ": r"\struck{.32}{I}", "ʉ": r"\struck{.2}{u}",
    "Ʉ": r"\struck{.32}{U}", "ƶ": r"\struck{.2}{z}", "Ƶ": r"\struck{.32}{Z}",
    "Ǥ": r"\struck{.12}{G}", "ǥ": r"\struck{-.12}{g}",
}  # fmt: skip
