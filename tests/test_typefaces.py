"""Fonts in the compact format: the same outlines as those of the font that they come from, in PDFs
that weigh little."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from fontTools.t1Lib import T1Font, readPFB

from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.pdf import About, split
from rnnquiz.documents.render import PLAIN, preamble
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.texrun import set_together
from rnnquiz.documents.typefaces import compact
from rnnquiz.solution.solved import solve
from tests_support import shipped, variants_of

needs_tex = pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
FACES = (
    "lmr10",
    "lmr7",
    "lmr5",
    "lmbx10",
    "lmri10",
    "lmtt10",
    "lmmi10",
    "lmmi7",
    "lmmi5",
    "lmsy10",
    "lmsy7",
    "lmex10",
    "cmr10",
    "msam10",
)


def path_of(face):
    found = subprocess.run(
        ["kpsewhich", f"{face}.pfb"], capture_output=True, text=True, check=True
    ).stdout
    return Path(found.strip())


def drawn(letters):
    """Every letter as fontTools draws it, and its width."""
    found, names = {}, letters.keys()  # a compact font has no other way to name them
    for name in names:
        pen = RecordingPen()
        letters[name].draw(pen)
        found[name] = rounded(pen.value), letters[name].width
    return found


def rounded(outline):
    """An outline to hundredths of a unit; a line of no length draws nothing."""
    steps, here = [], None
    for command, points in outline:
        points = [(round(x, 2), round(y, 2)) for x, y in points]
        if command != "lineTo" or points[-1] != here:
            steps.append((command, points))
        here = points[-1] if points else here
    return steps


def original(path):
    font = T1Font(str(path))
    font.parse()
    return drawn(font.getGlyphSet())


def made_compact(path):
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(compact(in_a_pdf(path))), None)
    return drawn(fonts[0].CharStrings)


def in_a_pdf(path):
    """A font as a PDF holds it: without the heads of its segments."""
    return readPFB(str(path))


@needs_tex
@pytest.mark.parametrize("face", FACES)
def test_letters_keep_their_outlines(face):
    """fontTools draws each letter of the compact font as it draws that of the original, and as
    wide."""
    path = path_of(face)

    before, after = original(path), made_compact(path)

    assert before.keys() == after.keys()
    assert len(before) > 100
    assert [name for name in before if before[name][0] != after[name][0]] == []
    assert [name for name in before if abs(before[name][1] - after[name][1]) > 0.02] == []


@pytest.mark.parametrize("damaged", [b"", b"no font", b"/FontName /A def currentfile eexec 12345"])
def test_what_is_no_font_is_refused(damaged):
    """What is no such font is an error, no font."""
    with pytest.raises(ValueError, match="no Type 1 font"):
        compact(damaged)


KILOBYTES = {"latex": (60, 80), "typst": (65, 130)}  # of a sheet and of a key


@pytest.mark.parametrize("engine", [pytest.param("latex", marks=needs_tex), "typst"])
def test_a_pdf_weighs_little(engine, tmp_path):
    """Sheet and key of a class's exercise, fonts included; all fonts are embedded, as subsets."""
    bank = shipped("bptt_scalar")
    solution = solve(bank, variants_of(bank, 1)[0])
    made = pdfs([sheet(bank, solution.variant, "Ada Lovelace"), key(solution, "Ada")], engine)

    assert all(len(pdf) < 1000 * most for pdf, most in zip(made, KILOBYTES[engine], strict=True)), (
        list(map(len, made))
    )
    if shutil.which("pdffonts"):
        (tmp_path / "a.pdf").write_bytes(made[0])
        listed = subprocess.run(
            ["pdffonts", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.splitlines()[2:]

        assert listed
        assert all(re.match(r"[A-Z]{6}\+", line) and " yes yes " in line for line in listed)
    with pikepdf.open(tmp_path / "a.pdf") as opened:
        assert len(opened.pages) == 2


# Fonts that a teacher's template may name. pdfTeX gives them no table of codes in the PDF: the
# font's own holds.
OWN_CODES = {
    "signs": r"\font\f=msam10 \f\char3\char4\char88",
    "letters": r"\font\f=cmr10 \f ABC \char11\char0\char161",
    "mathematics": r"\font\f=cmmi10 \f\char11\char64\char96",
    "large": r"\font\f=cmex10 \f\char80\char90",
    "all at once": r"\font\f=cmsy10 \f\char0\char1\char161 $\sum_k x_k$",
}


@needs_tex
@pytest.mark.skipif(shutil.which("pdftocairo") is None, reason="no pdftocairo on this machine")
@pytest.mark.parametrize("body", OWN_CODES.values(), ids=OWN_CODES)
def test_a_page_is_the_same_to_the_pixel_whatever_its_fonts(body, tmp_path):
    """What TeX set and what is handed out look alike, with fonts of any encoding. (By cairo:
    another renderer of poppler, pdftoppm, gives edges of large signs another grey.)"""
    run, pages = set_together(preamble(PLAIN), [f"\\begin{{sheet}}{body}\\end{{sheet}}\n"])
    (made,) = split(run, pages, [About("t", "")])
    empty, _ = set_together(preamble(PLAIN), ["\\begin{sheet}\\null\\end{sheet}\n"])
    before, after, nothing = (
        seen(pdf, tmp_path / name) for name, pdf in (("a", run), ("b", made), ("c", empty))
    )

    assert b"/FontFile3" in decompressed(made)
    assert before == after
    assert before != nothing


def seen(pdf, place):
    """The first page as a picture."""
    place.with_suffix(".pdf").write_bytes(pdf)
    command = ["pdftocairo", "-png", "-r", "100", "-singlefile", f"{place}.pdf", str(place)]
    subprocess.run(command, check=True, capture_output=True)
    return place.with_suffix(".png").read_bytes()


def decompressed(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as one:
        out = io.BytesIO()
        one.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()
