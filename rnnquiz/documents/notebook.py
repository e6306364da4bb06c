"""A page inside of a notebook: its content without a head, its styles for itself alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

SCOPE = ".rnnquiz.rnnquiz.rnnquiz"  # thrice, to win over the notebook's rules for tables
WHOLE_PAGE = re.compile(r"^(:root|html|body)\b")  # what stands for the whole page
RULES_WITH_RULES = ("@media", "@supports", "@container")  # rules with rules in them
# What notebooks lay on all tables and lists, taken off before the page's own rules.
RULES_TAKEN_OFF = (
    "table { display: table; table-layout: auto; margin: 1rem 0; border: none; font-size: inherit;"
    " color: inherit; } tr, th, td { background: none; text-align: left; vertical-align: top;"
    " max-width: none; white-space: normal; border: none; line-height: inherit; }"
    " dl, dt, dd, p { float: none; width: auto; } code { background: none; padding: 0; }"
)
LAST_RULE = "body { margin: 0; padding: .5rem; }"

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


def fragment(page: str) -> str:
    """An HTML page as what a notebook can show among its own cells."""
    body = _BODY.search(page)
    assert body is not None, "a page has a body"
    rules = " ".join((RULES_TAKEN_OFF, *_STYLE.findall(page), LAST_RULE))
    styles = scoped(rules)
    content = body[1].strip()
    return f'<div class="rnnquiz">\n<style>\n{styles}</style>\n{content}\n</div>\n'


def scoped(css: str) -> str:
    """The rules of a style sheet, each for what is inside of the fragment only; what can only be
    said of a whole page or of its paper is left out."""
    without_comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules = _scoped(without_comments)
    return "".join(f"{rule}\n" for rule in rules)


def _scoped(css: str) -> Iterator[str]:
    for head, block in _rules(css):
        if head.startswith(RULES_WITH_RULES):
            yield f"{head} {{ {' '.join(_scoped(block))} }}"
        elif not head.startswith("@"):
            selectors = map(_selector, _parts(head))
            yield f"{', '.join(selectors)} {{{block}}}"


def _selector(one: str) -> str:
    """A selector within the fragment; `body` is the fragment itself."""
    rest, found = WHOLE_PAGE.subn("", one)
    return f"{SCOPE}{rest}" if found else f"{SCOPE} {one}"


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """The head and the block of each rule, of nested ones the outermost."""
    depth = start = opened = 0
    for place, sign in enumerate(css):
        if sign == "{":
            depth += 1
            opened = place if depth == 1 else opened
        elif sign == "}":
            depth -= 1
            if depth == 0:
                head, block = css[start:opened], css[opened + 1 : place]
                yield head.strip(), block
                start = place + 1
        elif sign == ";" and depth == 0:
            start = place + 1  # a rule without a block, such as @import


def _parts(selectors: str) -> list[str]:
    """A list of selectors at its commas, not at those within brackets."""
    parts = re.split(r",(?![^()]*\))", selectors)
    return list(map(str.strip, parts))


__all__ = ["fragment", "scoped"]
