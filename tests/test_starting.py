"""The way into the program: a bank of one's own, its form for editors, names that complete and are
near."""

import json
from pathlib import Path

import pytest
import yaml
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from rnnquiz.bank.load import load_bank
from rnnquiz.bank.schema import BankText, json_schema
from rnnquiz.cli import main, show_error
from rnnquiz.errors import BankError, Problem
from rnnquiz.files.resources import folder
from rnnquiz.models import catalogue
from rnnquiz.variants.stress import report_of
from tests_support import BANKS

FIRST = "# yaml-language-server: $schema=bank.schema.json"


def run(*args, code=0):
    result = CliRunner().invoke(main, list(args), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_a_new_bank_is_sound_and_gives_variants(tmp_path):
    """What new writes can be issued as it stands, is named after its file, and lies beside its
    schema."""
    out = run("new", str(tmp_path / "week 3.yaml"))
    assert "rnnquiz check" in out

    bank = load_bank(tmp_path / "week 3.yaml")
    assert bank.written.id == "week-3"
    assert report_of(bank, 200).accepted > 10
    assert json.loads((tmp_path / "bank.schema.json").read_text()) == json_schema()


def test_a_new_bank_like_another_keeps_its_text(tmp_path):
    """--like copies a bank that ships, comments and all, under an id of its own."""
    run("new", str(tmp_path / "mine.yaml"), "--like", "bptt_scalar")
    old = (folder("question_banks") / "bptt_scalar.yaml").read_text()
    assert (tmp_path / "mine.yaml").read_text() == old.replace("id: bptt-scalar", "id: mine")


def test_new_overwrites_nothing(tmp_path):
    """A file that is there stays as it is; a name that is no YAML file is a mistake of usage."""
    (tmp_path / "mine.yaml").write_text("mine")
    assert "is there already" in run("new", str(tmp_path / "mine.yaml"), code=1)
    assert (tmp_path / "mine.yaml").read_text() == "mine"

    run("new", str(tmp_path / "mine.txt"), code=2)
    assert "cannot be written" in run("new", str(tmp_path / "no" / "mine.yaml"), code=1)


@pytest.mark.parametrize("name", BANKS)
def test_editors_find_the_schema_of_every_bank(name):
    """Each bank that ships begins with the line that names the schema, and is right by it as far as
    types go."""
    path = folder("question_banks") / f"{name}.yaml"
    assert path.read_text().splitlines()[0] == FIRST
    assert set(yaml.safe_load(path.read_text())) <= set(json_schema()["properties"])


def test_the_schema_is_that_of_the_program():
    """The file beside the banks is what rnnquiz schema prints."""
    assert json.loads((folder("question_banks") / "bank.schema.json").read_text()) == json_schema()
    assert json.loads(run("schema")) == json_schema()


def keys(model):
    for name, field in model.model_fields.items():
        yield model.__name__, name, field
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(inner, "model_fields"):
                yield from keys(inner)


def test_every_key_says_what_it_is():
    """No key of a bank is without a sentence."""
    for model, name, field in keys(BankText):
        assert field.description, f"{model}.{name}"
        assert field.description.endswith("."), f"{model}.{name}"


@pytest.mark.parametrize("kind", catalogue.PART_KINDS)
def test_models_shows_every_entry(kind):
    """Each cell, output, loss, optimiser and notation is shown with its equations, as text and as
    data."""
    for name in catalogue.names(kind):
        text = run("models", name)
        entry = catalogue.read(kind, name)

        assert all(line.strip() in text for line in entry.get("equations", "").splitlines())
        assert name in [row["name"] for row in json.loads(run("models", name, "--json"))]
    if kind == "cells":
        assert "W_xh" in run("models", "elman")


UNKNOWN = [
    (["bank"], "did you mean banks"),
    (["check", "bptt_scalr"], "did you mean bptt_scalar"),
    (["models", "elmann"], "did you mean elman"),
    (["new", "x.yaml", "--like", "helo"], "did you mean hello"),
    (["quiz", "hello", "--to", "moodel", "--out", "x.xml"], "did you mean moodle"),
    (["solve", "hello", "--notation", "goodfelow"], "did you mean goodfellow"),
]


@pytest.mark.parametrize(
    ("args", "answer"),
    UNKNOWN,
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_near_names_are_offered(args, answer):
    """What is not known is answered with what is like it."""
    result = CliRunner().invoke(main, args)
    assert result.exit_code in (1, 2)
    assert answer in result.output


def test_banks_complete_in_the_shell():
    """TAB gives the banks that ship, beside files."""
    found = ShellComplete(main, {}, "rnnquiz", "_RNNQUIZ_COMPLETE").get_completions(
        ["check"], "bptt"
    )

    assert [item.value for item in found if item.type == "plain"] == ["bptt_scalar", "bptt_vector"]
    assert [item.type for item in found][-1] == "file"


@pytest.mark.parametrize("colourless", [False, True])
def test_errors_are_bold_in_a_terminal_and_plain_elsewhere(monkeypatch, capsys, colourless):
    """Colours go to terminals only, and nowhere where NO_COLOR is set."""
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    monkeypatch.setattr(
        "click._compat.should_strip_ansi", lambda stream=None, color=None: color is False
    )
    monkeypatch.setattr(
        "click.utils.should_strip_ansi", lambda stream=None, color=None: color is False
    )
    if colourless:
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)
    show_error(BankError("x.yaml", Problem("steps", "is wrong", "mend it")))
    shown = capsys.readouterr().err

    assert ("\x1b[" in shown) is not colourless
    assert "BankError:" in shown


def test_a_solution_of_a_course_needs_no_bank(tmp_path):
    """solve takes a BANK or --course; students are found by id, name or e-mail, and near ones
    offered."""
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada Lovelace\ns2,Bo Li\n")
    course = str(tmp_path / "course")

    run(
        "generate",
        "one_neuron",
        "--roster",
        str(tmp_path / "roster.csv"),
        "--out",
        course,
        "--no-documents",
    )
    by_id = run("solve", "--course", course, "--student", "s1")

    assert by_id == run("solve", "--course", course, "--student", "Ada Lovelace")
    assert "did you mean s1" in run("solve", "--course", course, "--student", "s11", code=1)
    assert "say whose" in run("solve", "--course", course, code=1)

    run("solve", code=2)
    assert Path(course, "course.sqlite").exists()
