"""LaTeX: the preamble (as PyLaTeX packages) and text that is only text."""

from __future__ import annotations

import unicodedata
from functools import cache

from pylatex import Command, NoEscape, Package
from pylatex.utils import escape_latex

_PACKAGES = (
    Package("fontenc", options="T1"),
    Package("inputenc", options="utf8"),
    Package("lmodern"),
    Package("geometry", options=["a4paper", "margin=2cm", "top=3cm", "headheight=28pt"]),
    Package("amsmath"),
    Package("xcolor"),
    Package("pict2e"),
    Package("fancyhdr"),
)

_SETTINGS = r"""
\pdfinfoomitdate=1 \pdftrailerid{} \pdfsuppressptexinfo=-1
\definecolor{accent}{HTML}{1F4E8C}\definecolor{given}{HTML}{F0F0F0}\definecolor{computed}{HTML}{DFEAF7}
\setlength{\parindent}{0pt}\setlength{\parskip}{4pt}\allowdisplaybreaks
\setlength{\topsep}{2pt}\setlength{\partopsep}{0pt}\setlength{\abovedisplayskip}{5pt}\setlength{\belowdisplayskip}{5pt}
\pagestyle{fancy}\fancyhf{}\cfoot{\small\thepage}
\newcommand{\sheethead}[5]{%
  \fancyhead[L]{\small\parbox[b]{0.8\textwidth}{\raggedright #1 \textperiodcentered\ #2\\#4}}\fancyhead[R]{\small\texttt{#5}}%
  \begin{center}{\Large\bfseries #2}\\[2pt]{\large #3}\end{center}}
\newcommand{\sheetsection}[1]{\par\addvspace{10pt}\pagebreak[2]{\large\bfseries #1}\nopagebreak}
\newcommand{\sheettopic}[1]{\par\addvspace{5pt}\pagebreak[1]{\bfseries #1}\nopagebreak}
\makeatletter\@beginparpenalty=10000\makeatother
\newcommand{\given}[1]{\mbox{#1}\hspace{1.6em}\allowbreak}
\newcommand{\answerbox}[4]{\begin{minipage}[t]{#1\linewidth}\raggedright\vspace{1pt}%
  #2\;\fbox{\rule[-3pt]{0pt}{12pt}\hspace{#4ex}\hspace{#4ex}}\\[1pt]{\scriptsize\texttt{#3}}\vspace{2pt}\end{minipage}\hspace{0pt}}
"""


@cache
def preamble() -> str:
    """Everything before the document begins; the same for every student."""
    head = [Command("documentclass", "article", "10pt").dumps(), *(package.dumps() for package in _PACKAGES)]
    return "\n".join([*head, NoEscape(_SETTINGS.strip())])


def escape(text: str) -> str:
    """Text as LaTeX that prints just this text; a character without a glyph in Latin fonts is named by its code."""
    return "".join(_letter(character) for character in text.replace("\n", " "))


def _letter(character: str) -> str:
    if character in "<>,'`?!":
        return character + "{}"  # no ligature with the next one
    if character.isascii():
        return str(escape_latex(character)) if character.isprintable() else " "
    if "\u00a1" <= character <= "\u017e" and unicodedata.category(character)[0] in "LPS" and character not in _NO_GLYPH:
        return character
    return _NAMED.get(character, rf"\fbox{{\tiny U+{ord(character):04X}}}")


_NO_GLYPH = frozenset("ĦħĿŀŉŦŧĸ¤¦¨¬¯´¸ªº¹²³¼½¾×÷±°µ¢¥ĊċĈĉĜĝĠġĢģĤĥĨĩĪīĬĭĮįĴĵĶķĻļŅņŌōŎŏŔŖŗŜŝŢţŨũŪūŬŭŲųŴŵŶŷĀāĒēĔĕĖėÞþÐð©®¶·")
_NAMED = {
    "\u00a0": "~", "·": r"\textperiodcentered{}", "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''",
    "„": r"\quotedblbase{}",
    "…": r"\ldots{}", "−": "$-$", "×": r"$\times$", "±": r"$\pm$", "°": r"$^\circ$", "≈": r"$\approx$", "²": "$^2$", "³": "$^3$",
    "µ": r"$\mu$", "€": r"\texteuro{}", "©": r"\copyright{}", "½": r"$\frac12$", "→": r"$\to$", "Þ": r"\TH{}", "þ": r"\th{}",
    "Ð": r"\DH{}", "ð": r"\dh{}",
    "Ā": r"\={A}", "ā": r"\={a}", "Ē": r"\={E}", "ē": r"\={e}", "Ī": r"\={I}", "ī": r"\={\i}", "Ō": r"\={O}", "ō": r"\={o}",
    "Ū": r"\={U}", "ū": r"\={u}", "Ţ": r"\c{T}", "ţ": r"\c{t}", "Ķ": r"\c{K}", "ķ": r"\c{k}", "Ļ": r"\c{L}", "ļ": r"\c{l}",
    "Ņ": r"\c{N}", "ņ": r"\c{n}", "Ŗ": r"\c{R}", "ŗ": r"\c{r}", "ģ": r"\'{g}", "Ģ": r"\c{G}", "Ė": r"\.{E}", "ė": r"\.{e}",
    "Į": r"\k{I}", "į": r"\k{i}", "Ų": r"\k{U}", "ų": r"\k{u}", "Ŝ": r"\^{S}", "ŝ": r"\^{s}", "Ĉ": r"\^{C}", "ĉ": r"\^{c}",
    "Ĝ": r"\^{G}", "ĝ": r"\^{g}", "Ĥ": r"\^{H}", "ĥ": r"\^{h}", "Ĵ": r"\^{J}", "ĵ": r"\^{\j}", "Ŭ": r"\u{U}", "ŭ": r"\u{u}",
    "Ŵ": r"\^{W}", "ŵ": r"\^{w}", "Ŷ": r"\^{Y}", "ŷ": r"\^{y}", "Ċ": r"\.{C}", "ċ": r"\.{c}", "Ġ": r"\.{G}", "ġ": r"\.{g}",
    "Ŕ": r"\'{R}", "ŕ": r"\'{r}", "Ĩ": r"\~{I}", "ĩ": r"\~{\i}", "Ũ": r"\~{U}", "ũ": r"\~{u}", "Ĕ": r"\u{E}", "ĕ": r"\u{e}",
    "Ĭ": r"\u{I}", "ĭ": r"\u{\i}", "Ŏ": r"\u{O}", "ŏ": r"\u{o}", "ª": r"\textordfeminine{}", "º": r"\textordmasculine{}",
    "ı": r"\i{}", "İ": r"\.{I}",
}  # fmt: skip
