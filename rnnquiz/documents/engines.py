"""From LaTeX or Typst text to a PDF: each run in its own temporary folder, without shell, with a time limit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rnnquiz.errors import Problem, ToolError

if TYPE_CHECKING:
    import typst

TIME_LIMIT = 60.0
STYLES = ("lmodern.sty", "amsmath.sty", "xcolor.sty", "pict2e.sty", "fancyhdr.sty", "geometry.sty")
INSTALL_TEX = "apt-get install -y --no-install-recommends texlive-latex-recommended texlive-pictures lmodern"
_SAFE_ENVIRONMENT = {"openin_any": "p", "openout_any": "p", "shell_escape": "f", "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}


@cache
def missing_for_latex() -> tuple[str, ...]:
    """What LaTeX lacks on this machine; empty where PDFs can be made with it."""
    programs = tuple(name for name in ("pdflatex", "kpsewhich") if shutil.which(name) is None)
    if programs:
        return programs
    found = subprocess.run(["kpsewhich", *STYLES], capture_output=True, text=True, check=False).stdout
    return tuple(style for style in STYLES if f"/{style}" not in found)


def choose_engine(wanted: str) -> str:
    """latex or typst; `auto` takes LaTeX where it is complete. ToolError where LaTeX is wanted and is not."""
    missing = missing_for_latex() if wanted != "typst" else ()
    if wanted == "latex" and missing:
        raise ToolError("LaTeX", Problem("engine", f"{', '.join(missing)} not found", f"run: {INSTALL_TEX}; or use --engine typst"))
    return "latex" if wanted != "typst" and not missing else "typst"


def latex_pdf(text: str, who: str) -> bytes:
    """The PDF of a LaTeX text; ToolError with TeX's own message, naming `who` it was for."""
    with tempfile.TemporaryDirectory(prefix="rnnquiz-") as place:
        (Path(place) / "sheet.tex").write_text(text, encoding="utf-8")
        command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error", "sheet.tex"]
        environment = {**os.environ, **_SAFE_ENVIRONMENT, "TEXMFOUTPUT": place}
        try:
            run = subprocess.run(
                command, cwd=place, env=environment, capture_output=True, timeout=TIME_LIMIT, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise ToolError("LaTeX", Problem(who, f"TeX ran for more than {TIME_LIMIT:.0f} s", "look at the .tex file")) from None
        except OSError as error:
            raise ToolError("LaTeX", Problem(who, f"TeX could not be started: {error}", f"run: {INSTALL_TEX}")) from None
        if run.returncode != 0:
            raise ToolError("LaTeX", Problem(who, tex_message(run.stdout.decode("utf-8", "replace")), "look at the .tex file"))
        return (Path(place) / "sheet.pdf").read_bytes()


def tex_message(log: str) -> str:
    """TeX's own error: the line that reports it and the line of source that follows."""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        if line.startswith("!") or re.match(r"[^:]*sheet\.tex:\d+:", line):
            source = next((rest for rest in lines[i + 1 : i + 6] if re.match(r"l\.\d+", rest)), "")
            return f"{line} {source}".strip()[:500]
    return (lines[-1] if lines else "no message")[:500]


def typst_pdf(text: str, who: str) -> bytes:
    """The PDF of a Typst text; ToolError with Typst's own message."""
    import typst

    try:
        return typst.compile(text.encode(), font_paths=_fonts(), timestamp=0)
    except RuntimeError as error:  # TypstError is one; so is a missing working folder
        raise ToolError("Typst", Problem(who, str(error)[:500], "look at the .typ file")) from None


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the wheel alone: the same on every machine, and quicker than looking for others."""
    import typst

    return typst.Fonts(include_system_fonts=False)


ENGINES: dict[str, Callable[[str, str], bytes]] = {"latex": latex_pdf, "typst": typst_pdf}
