"""Exercises, solutions and sheets in a notebook: typeset, and nothing of their style outside of
them."""

import json
import re
import shutil
import subprocess

import pytest
from browsers import started

from rnnquiz.algebra.targets import MATHML, notated
from rnnquiz.documents.notebook import SCOPE, fragment, scoped
from rnnquiz.documents.sheet import sheet as problem
from rnnquiz.exercise import Exercise

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
# What JupyterLab lays on every output (packages/rendermime/style/base.css).
JUPYTER = """
.jp-RenderedHTMLCommon { color: #111; font-family: system-ui, sans-serif; font-size: 14px;
  line-height: 1.6; }
.jp-RenderedHTMLCommon table { border-collapse: collapse; border: none; font-size: 12px;
  table-layout: fixed; margin-left: auto; margin-right: auto; }
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr {
  vertical-align: middle; padding: .5em; line-height: normal; white-space: normal; max-width: none;
  border: none; text-align: right; }
.jp-RenderedHTMLCommon :not(pre) > code { background-color: #efefef; padding: 1px 5px; }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: #f5f5f5; }
"""
OUTSIDE = """
<div class="jp-RenderedHTMLCommon"><h1>Title</h1><p class="note strong card">Text <code>x</code></p>
<table><thead><tr><th>a</th></tr></thead><tbody><tr><td class="number">1</td></tr></tbody></table>
<details><summary>more</summary></details>
<svg><text class="badge">x</text></svg><dl><dt>a</dt><dd>b</dd></dl></div>
"""
ASK = """<script>
const all = (root) => [...document.querySelectorAll(root)].map(e => {
  const s = getComputedStyle(e);
  return e.tagName + " " + [...s].map(k => k + ":" + s.getPropertyValue(k)).join(";");
});
const cells = [...document.querySelectorAll(".rnnquiz tbody td:first-child")].map(e => {
  const s = getComputedStyle(e), r = getComputedStyle(e.parentElement);
  return [s.textAlign, r.backgroundColor];
});
const codes = [...document.querySelectorAll(".rnnquiz code")]
  .map(e => getComputedStyle(e).backgroundColor);
document.body.innerHTML = "<pre id=found>" + btoa(unescape(encodeURIComponent(JSON.stringify({
  outside: all("#outside, #outside *"), cells: cells, codes: codes})))) + "</pre>";
</script>"""


def exercise(name="bptt_vector"):
    return Exercise.load(name)


def shown():
    """The HTML of each kind of object that shows itself in a notebook."""
    own = exercise()
    sheet = own.mark({"a[1].1": "0.5", "h[1].1": "0.9"})
    return {
        "exercise": own._repr_html_(),
        "solution": own.solution._repr_html_(),
        "sheet": sheet._repr_html_(),
    }


def looked_at(content, tmp_path):
    """What a browser computes for all outside of the outputs, and for cells of tables within."""
    import base64

    page = (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><style>{JUPYTER}</style></head><body>"
        f'<div id="outside">{OUTSIDE}</div>{content}{ASK}</body></html>'
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    found = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--hide-scrollbars",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=900,4000",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            f"file://{tmp_path / 'page.html'}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    return json.loads(base64.b64decode(re.search(r'id="found">([^<]*)<', found)[1]))


@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_no_style_leaks_into_the_notebook(tmp_path):
    """What stands outside looks the same with all outputs on the page as without them, in every
    property; the tables within are set to the left, without stripes."""
    outputs = "".join(
        f'<div class="jp-RenderedHTMLCommon">{text}</div>' for text in shown().values()
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    without, together = looked_at("", tmp_path / "a"), looked_at(outputs, tmp_path / "b")

    assert len(without["outside"]) > 10

    assert together["outside"] == without["outside"]
    assert together["cells"]
    assert {align for align, _ in together["cells"]} <= {"left", "start"}
    assert {shade for _, shade in together["cells"]} == {"rgba(0, 0, 0, 0)"}
    assert set(together["codes"]) == {"rgba(0, 0, 0, 0)"}


def test_each_rule_is_for_the_fragment_alone():
    """Every selector begins with the scope; body is the fragment; rules of media keep their inner
    ones; paper and imports are left out."""
    css = """@import url(x.css); /* a { } */ body { color: red } h1, .a > p, :is(b, i) { margin: 0 }
    @media print { html, td { color: black } } @page { margin: 0 } :root { --ink: #000; }"""

    assert scoped(css).splitlines() == [
        f"{SCOPE} {{ color: red }}",
        f"{SCOPE} h1, {SCOPE} .a > p, {SCOPE} :is(b, i) {{ margin: 0 }}",
        f"@media print {{ {SCOPE}, {SCOPE} td {{ color: black }} }}",
        f"{SCOPE} {{ --ink: #000; }}",
    ]


@pytest.mark.parametrize("kind", ["exercise", "sheet"])
def test_an_output_is_a_part_of_a_page(kind):
    """No head, no script, one element around all."""
    text = shown()[kind]

    assert not re.search(r"<!DOCTYPE|<html|<head>|<body|<meta|<script|<title>", text, re.IGNORECASE)
    assert text.startswith('<div class="rnnquiz">')
    assert text.count("<div") == text.count("</div>")


def test_a_page_without_a_body_is_no_page():
    """Nothing is made of what is no page."""
    with pytest.raises(AssertionError, match="body"):
        fragment("<p>text</p>")


def test_the_solution_has_givens_and_titles_typeset():
    """Each given is there as mathematics, the title of a parameter and of a step, too."""
    own = exercise("bptt_scalar")
    text = own.solution._repr_html_()
    given = text[: text.index("</p>")]

    assert given.count("<math>") == len(own.bank.graph.givens)

    blocks = problem(own.bank, own.variant, "Ada").blocks
    (on_sheet,) = [block.rows for block in blocks if block.kind == "givens"]
    names = [left.show(notated(MATHML, own.bank.notation)) for left, _ in on_sheet]

    assert re.findall(r"<math><mrow>(.*?)<mo>=</mo>", given) == names

    titles = re.findall(r"<h4>(.*?)</h4>", text)
    assert any("<mi>t</mi>" in title for title in titles)
    assert any(title.endswith(": for <math><mi>W</mi></math>") for title in titles), titles
    assert not [title for title in titles if re.search(r"\bt = \d", title)]


@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
@pytest.mark.parametrize("name", ["bptt_scalar", "lstm_step", "bptt_vector"])
def test_lines_of_a_solution_break(name):
    """In an output as narrow as half a screen no line is wider than it; each has its value, framed
    and below the others, and is in one line where there is room."""
    own = exercise(name)
    text = own.solution._repr_html_()
    with started() as browser:
        page = browser.new_page(viewport={"width": 480, "height": 800})
        page.set_content(f"<style>{JUPYTER}</style><div class=jp-RenderedHTMLCommon>{text}</div>")
        wide = "one => one.scrollWidth > one.clientWidth"

        assert (
            page.evaluate(
                f"[...document.querySelectorAll('.rnnquiz-worked, .line')].filter({wide})"
            )
            == []
        )

        heights = "[...document.querySelectorAll('.line')].map(one => one.clientHeight)"
        narrow = page.evaluate(heights)
        page.set_viewport_size({"width": 1600, "height": 800})

        assert sum(page.evaluate(heights)) < sum(narrow)

        edge = "[...document.querySelectorAll('.result')].map(one => one.getBoundingClientRect())"
        frames = page.evaluate(f"{edge}.map(one => one.right)")
        signs = edge.replace(".result", ".value > math")
        ends = page.evaluate(f"{signs}.map(one => one.right)")
        starts = page.evaluate(f"{edge}.map(one => one.left)")
        styles = "getComputedStyle(document.querySelector('.result')).borderTopStyle"

        assert page.evaluate(styles) == "solid"

    shown = list(own.solution.shown_lines)
    assert len(frames) == len(shown)
    assert max(frames) - min(frames) < 1
    # The sign of equality stands with the value, not at the end of the steps.
    assert len(ends) == len(shown)
    assert all(0 <= start - end < 20 for end, start in zip(ends, starts, strict=True))
    assert len(narrow) == len(shown)


@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_a_solution_looks_alike_beside_any_output():
    """The styles of a sheet in another cell change nothing in it."""
    own = exercise("bptt_vector")
    heights = "[...document.querySelectorAll('.rnnquiz-worked > *')].map(one => one.offsetHeight)"
    seen = []
    with started() as browser:
        page = browser.new_page(viewport={"width": 900, "height": 800})
        for before in ("", own._repr_html_()):
            page.set_content(f"{before}{own.solution._repr_html_()}")
            seen.append(page.evaluate(heights))

    alone, beside = seen

    assert len(alone) > 20
    assert alone == beside
