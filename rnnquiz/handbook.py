"""The manual that ships with the program: its chapters, on a terminal or as one page of HTML."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from html import escape
from itertools import filterfalse
from pathlib import Path

from rnnquiz.errors import Problem, RnnquizError
from rnnquiz.files.resources import folder
from rnnquiz.text import nearest

FOLDER = Path(__file__).resolve().parent / "manual"
PICTURES = FOLDER / "pictures"
ORDER = (
    "tutorial", "bank", "assignments", "models", "commands", "documents", "languages", "names",
    "marking", "systems", "pages",
    "python", "evidence", "extending", "contributing", "changelog",
)  # fmt: skip
# What the manual has beside the style of all pages.
STYLE = """
body { max-width: 46rem }
h1, h2, h3, nav { font-family: Helvetica, Arial, sans-serif }
h1 { margin-top: 4rem }
img { max-width: 100% }
pre { background: var(--band); padding: .6rem; overflow-x: auto }
code { font-family: Menlo, Consolas, monospace; font-size: .9em }
table { font-size: .9em } td, th { padding: .2rem .6rem .2rem 0 }
"""


class ManualError(RnnquizError):
    """A chapter that there is not."""


@dataclass(frozen=True)
class Chapter:
    """A chapter: its name, its title and what it is about, its text in Markdown."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """The heading of the chapter."""
        return self.text.partition("\n")[0].removeprefix("# ")

    @property
    def about(self) -> str:
        """The first sentence below the title."""
        _, _, below = self.text.partition("\n")
        first, _, _ = below.strip().partition("\n\n")
        return " ".join(first.split())


def chapters() -> list[Chapter]:
    """All chapters, in the order in which they are read."""
    found = {}
    for path in FOLDER.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = Chapter(path.stem, text)
    # A chapter that nobody has put in order yet is shown all the same.
    rest = sorted(filterfalse(ORDER.__contains__, found))
    names = filter(found.__contains__, (*ORDER, *rest))
    return [found[name] for name in names]


def chapter(name: str) -> Chapter:
    """The chapter of this name; ManualError with near names where there is none."""
    known = {each.name: each for each in chapters()}
    if name not in known:
        raise ManualError("manual", Problem(name, "is no chapter", nearest(name, known)))
    return known[name]


def manual_page() -> str:
    """The whole manual as one page that needs nothing else: no network, no script."""
    from markdown_it import MarkdownIt

    # The standard of Markdown knows no tables.
    parser = MarkdownIt("commonmark").enable("table")
    every = chapters()
    places = "\n".join(
        f'<li><a href="#{each.name}">{escape(each.title)}</a></li>' for each in every
    )
    sections = []
    for each in every:
        body = _linked(parser.render(each.text))
        sections.append(f'<section id="{each.name}">\n{body}</section>')
    bodies = "\n".join(sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n<meta name="viewport"'
        ' content="width=device-width, initial-scale=1"><title>The manual of rnnquiz</title>\n'
        f"<style>{_colours()}{STYLE}</style></head>\n<body><main><h1>The manual of rnnquiz</h1>\n"
        f"<nav><ul>\n{places}\n</ul></nav>\n{bodies}</main></body></html>\n"
    )


def _colours() -> str:
    """What all pages of the program look like."""
    return (folder("templates") / "base.css").read_text(encoding="utf-8")


def _linked(text: str) -> str:
    """Links between chapters as places on the page, pictures within it; what may be wider than a
    screen scrolls by itself."""
    # What scrolls has a place in the order of TAB, or keyboards would not reach its end.
    text = text.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    text = text.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    text = re.sub(r'href="([a-z_]+)\.md"', r'href="#\1"', text)
    return re.sub(r'src="pictures/([\w-]+\.png)"', _within, text)


def _within(source: re.Match[str]) -> str:
    """The source of a picture as its bytes."""
    data = (PICTURES / source[1]).read_bytes()
    text = base64.b64encode(data).decode()
    return f'src="data:image/png;base64,{text}"'
