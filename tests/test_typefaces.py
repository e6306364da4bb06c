"""Fonts without subroutines: the same outlines as those of the font that they come from, in PDFs
that weigh little."""

import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.texrun import FACES
from rnnquiz.documents.typefaces import without_subroutines
from rnnquiz.solution import solve
from tests_support import shipped, variants_of

needs_tex = pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
t1Lib = pytest.importorskip("fontTools.t1Lib")
RecordingPen = pytest.importorskip("fontTools.pens.recordingPen").RecordingPen


def path_of(face):
    found = subprocess.run(
        ["kpsewhich", f"{face}.pfb"], capture_output=True, text=True, check=True
    ).stdout
    return Path(found.strip())


def outlines(path):
    """Every letter as fontTools draws it."""
    font = t1Lib.T1Font(str(path))
    font.parse()
    letters = font.getGlyphSet()
    found = {}
    for name in letters:
        pen = RecordingPen()
        letters[name].draw(pen)
        found[name] = pen.value, letters[name].width
    return found


@needs_tex
@pytest.mark.parametrize("face", FACES)
def test_letters_keep_their_outlines(face, tmp_path):
    """fontTools draws each letter of the font as it draws that of the original, and as wide."""
    made = tmp_path / "a.pfb"
    made.write_bytes(without_subroutines(path_of(face).read_bytes()))
    before, after = outlines(path_of(face)), outlines(made)
    assert before.keys() == after.keys()
    assert len(before) > 700
    assert [name for name in before if before[name] != after[name]] == []


@pytest.mark.parametrize("damaged", [b"", b"no font", b"\x80\x01\x05\x00\x00\x00abcde\x80\x03"])
def test_what_is_no_font_is_refused(damaged):
    """A file without the segments of such a font is an error, no font."""
    with pytest.raises(ValueError, match="no Type 1 font"):
        without_subroutines(damaged)


KILOBYTES = {"latex": (80, 100), "typst": (65, 130)}  # of a sheet and of a key


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
