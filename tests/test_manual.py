"""The manual is true: its commands run as they stand and print what is shown, its Python is run,
what is made is made anew."""

import ast
import doctest
import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnquiz import handbook
from rnnquiz.bank.schema import BankText
from rnnquiz.cli import main
from rnnquiz.commands.manual import made
from rnnquiz.models import catalogue

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE = ("bank", "models", "commands")
CHAPTERS = [chapter.name for chapter in handbook.chapters()]


def run(line):
    result = CliRunner().invoke(main, shlex.split(line, comments=True)[1:], catch_exceptions=False)
    assert result.exit_code == 0, f"{line}\n{result.output}"
    return result.output


def walk(text, place):
    """Type every command of a text in a folder, with the files that the text shows."""
    shown = ""
    for kind, name, body in BLOCK.findall(text):
        if name:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(body)
        elif kind == "sh":
            shown = "".join(run(line) for line in body.splitlines() if line.startswith("rnnquiz"))
        elif kind == "python" and ">>>" not in body:
            exec(body, {})
        elif kind == "output":
            for line in body.splitlines():
                assert line in shown, f"{line!r} is not in\n{shown}"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CHAPTERS if name not in MADE])
def test_every_command_in_the_manual_runs(tmp_path, monkeypatch, name):
    """Typed from top to bottom in an empty folder, each command ends well and prints what the
    chapter shows."""
    monkeypatch.chdir(tmp_path)
    walk(handbook.chapter(name).text, tmp_path)


def test_every_line_that_is_not_a_command_of_ours_is_known():
    """Blocks of commands hold nothing but commands of ours, so that none is passed over in
    silence."""
    for chapter in handbook.chapters():
        for kind, _, body in BLOCK.findall(chapter.text):
            if kind == "sh":
                assert all(
                    line.startswith("rnnquiz ") for line in body.splitlines() if line.strip()
                ), chapter.name


def test_the_python_of_the_manual_runs(tmp_path, monkeypatch):
    """Each line of Python in the chapter gives what is written below it."""
    monkeypatch.chdir(tmp_path)
    text = handbook.chapter("python").text
    test = doctest.DocTestParser().get_doctest(text, {}, "python.md", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)

    runner.run(test)

    assert runner.summarize().failed == 0
    assert len(test.examples) > 20


def test_the_notebook_runs(tmp_path):
    """The notebook of the manual is executed from top to bottom."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(handbook.FOLDER / "notebook.ipynb", as_version=4)
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    done = nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]

    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 2
    assert not [output for output in outputs if output.output_type == "error"]


@pytest.mark.parametrize("name", MADE)
def test_chapters_that_are_made_are_those_of_the_program(name):
    """Who changes a key, a model or a command makes its chapter anew: rnnquiz help --write
    rnnquiz/manual."""
    assert handbook.chapter(name).text == made(main)[name]


def test_what_is_made_is_complete():
    """Every key of a bank, every entry of the catalogue, every command has its place."""
    bank = handbook.chapter("bank").text
    assert all(
        f"**`{field.alias or name}`**" in bank for name, field in BankText.model_fields.items()
    )

    models = handbook.chapter("models").text
    assert all(
        f"### {name}\n" in models for kind in catalogue.PART_KINDS for name in catalogue.names(kind)
    )

    commands = handbook.chapter("commands").text
    assert all(f"## {name}\n" in commands for name in main.commands)


def test_every_command_shows_an_example_and_fits_its_line():
    """Each help has a command to type, and a summary that is not cut off in the list of
    commands."""
    listed = CliRunner().invoke(main, ["--help"]).output

    assert "..." not in listed.partition("Commands:")[2]
    for name, command in main.commands.items():
        text = CliRunner().invoke(main, [name, "--help"]).output

        assert re.search(rf"^\s+rnnquiz {name}\b", text, re.MULTILINE), name
        assert "_" not in "".join(
            option for p in command.params for option in p.opts if option.startswith("-")
        ), name


def test_pictures_can_be_made_again():
    """The pictures are those of the program: a page each, made under a secret that is known."""
    from rnnquiz.course.pictures import pictures

    again = pictures()
    kept = {path.stem: path.read_bytes() for path in handbook.PICTURES.glob("*.png")}

    assert again.keys() == kept.keys() == {"sheet", "key", "feedback", "page"}
    for name, picture in again.items():
        assert picture[:8] == kept[name][:8] == b"\x89PNG\r\n\x1a\n"
        assert picture[16:24] == kept[name][16:24]  # width and height
        assert abs(len(picture) - len(kept[name])) < 0.1 * len(picture)


def test_the_annotated_page_is_a_picture_that_the_readme_links_to():
    """The handwritten page, marked, stands in its chapter of the manual; README leads to both."""
    readme = (ROOT / "README.md").read_text()
    chapter = (ROOT / "rnnquiz" / "manual" / "pages.md").read_text()

    links = re.findall(r"\]\(([^)\s]+)\)", readme)

    assert {"rnnquiz/manual/pages.md", "rnnquiz/manual/pictures/page.png"} <= set(links)
    assert "](pictures/page.png)" in chapter
    assert (handbook.PICTURES / "page.png").read_bytes()[:4] == b"\x89PNG"


def test_help_shows_chapters_commands_and_a_page(tmp_path):
    """help lists the chapters, shows one, shows a command, writes all as one page that needs
    nothing else."""
    listed = run("rnnquiz help")
    assert all(f"{name} " in listed for name in CHAPTERS)
    assert run("rnnquiz help tutorial").startswith("# A course in ten minutes")
    assert "--stress" in run("rnnquiz help check")

    missing = CliRunner().invoke(main, ["help", "tutrial"])
    assert (missing.exit_code, "did you mean tutorial" in missing.output) == (1, True)

    page = tmp_path / "manual.html"
    run(f"rnnquiz help --html {page}")
    text = page.read_text()

    assert all(f'<section id="{name}">' in text for name in CHAPTERS)
    assert not re.search(r'(src|href)="(?!data:|#|https?:)', text)
    assert "<script" not in text


def test_links_between_chapters_lead_somewhere():
    """Each link names a chapter that there is."""
    for chapter in handbook.chapters():
        for target in re.findall(r"\]\(([a-z_]+)\.md\)", chapter.text):
            assert target in CHAPTERS, f"{chapter.name}: {target}"


@pytest.mark.slow
def test_the_loop_in_readme_runs(tmp_path, monkeypatch):
    """The commands of README, with the files of the tutorial, print what README shows."""
    monkeypatch.chdir(tmp_path)
    for _, name, body in BLOCK.findall(handbook.chapter("tutorial").text):
        if name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(body)
    (tmp_path / "canvas.csv").rename("downloaded.csv")
    shown = ""
    lines = [
        line
        for kind, _, body in BLOCK.findall((ROOT / "README.md").read_text())
        if kind == "console"
        for line in body.splitlines()
    ]

    assert len([line for line in lines if line.startswith("$ rnnquiz ")]) >= 8
    for line in lines:
        if line.startswith("$ "):
            shown = run(line.removeprefix("$ ").replace("-n 50", "-n 2"))
        else:
            assert line in shown


def test_readme_is_short_and_its_pictures_are_there():
    """README has about a hundred lines, three pictures, and links that lead somewhere."""
    text = (ROOT / "README.md").read_text()
    assert text.count("\n") <= 130

    pictures = re.findall(r"!\[[^\]]*\]\((rnnquiz/manual/pictures/\w+\.png)\)", text)
    assert len(set(pictures)) == 3
    for target in [*pictures, *re.findall(r"\]\((rnnquiz/manual/\w+\.md)\)", text)]:
        assert (ROOT / target).is_file(), target


def test_the_map_of_the_packages_is_what_they_say_of_themselves():
    """Each package has its line, which is the sentence that the package begins with."""
    rows = handbook.chapter("contributing").text.splitlines()
    packages = [path.parent for path in (ROOT / "rnnquiz").rglob("*/__init__.py")]

    for package in packages:
        about = ast.get_docstring(ast.parse((package / "__init__.py").read_text()))
        name = package.relative_to(ROOT / "rnnquiz").as_posix()
        assert f"| `{name}` | {' '.join(about.split())} |" in rows
