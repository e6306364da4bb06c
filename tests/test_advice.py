"""check --stress advises: what refuses most is named, the obvious changes are tried, and nothing is
called sound that cannot be issued."""

import json

import pytest
from click.testing import CliRunner

from rnnquiz.bank.load import parse_bank
from rnnquiz.cli import main
from rnnquiz.variants.stress import report_of

SHORT = """
title: One weight
id: advice
steps: 2
givens:
  x: {range: [-1, 1], step: 0.2, not: [0]}
  y: {range: [-1, 1], step: 0.2, not: [0]}
  h[0]: 0
  W: {range: [-1, 1], step: 0.1, not: [0]}
  U: {range: [-1, 1], step: 0.1, not: [0]}
  V: {range: [-1, 1], step: 0.1, not: [0]}
  b: {range: [-0.5, 0.5], step: 0.1, not: [0]}
  c: {range: [-0.5, 0.5], step: 0.1, not: [0]}
  eta: 0.1
"""
NEVER = SHORT + "rounding: {decimals: 1}\n"


@pytest.fixture(scope="module")
def never():
    return report_of(parse_bank(NEVER), 100)


def test_a_bank_that_gives_nothing_is_not_called_sound(never):
    """As many draws as generate makes are looked at, whatever was asked for."""
    assert not never.usable
    assert (never.accepted, never.drawn) == (0, 2000)
    assert "sound" not in never.text()
    assert "nothing can be issued" in never.text()


def test_what_refuses_most_is_named_first(never):
    """Each quantity with the share of draws that it refuses by itself, a count of draws and not of
    mistakes."""
    shares = [count for _, count in never.blamed.most_common()]
    assert 0 < max(shares) <= never.drawn

    (reason, name), count = never.blamed.most_common(1)[0]
    assert f"{count / never.drawn:6.1%}  {name}: {reason}" in never.text()


def test_changes_are_tried_and_said(never):
    """Another rate, finer steps, one digit more, each waiver; one digit more helps this bank."""
    words = {change.words: change.share for change in never.changes}

    for begins in (
        "eta: 0.5",
        "step: 0.1 for x, y; step: 0.05 for",
        "rounding: {decimals: 2}",
        "certify: {digits: 1}",
        "certify: {waive: [",
    ):
        assert any(word.startswith(begins) for word in words), begins
    assert [change.share for change in never.changes] == sorted(words.values(), reverse=True)


def test_what_a_change_gives_is_what_it_gives():
    """A bank changed as was said has about that share of good draws."""
    report = report_of(parse_bank(SHORT + "rounding: {decimals: 3}\n"), 1000)
    change = next((c for c in report.changes if c.words == "rounding: {decimals: 4}"), None)
    assert change is not None

    changed = report_of(parse_bank(SHORT + "rounding: {decimals: 4}\n"), 1000)
    assert changed.accepted / changed.drawn == pytest.approx(change.share, abs=0.08)
    assert change.share > report.accepted / report.drawn


def run(*args):
    return CliRunner().invoke(main, list(args), catch_exceptions=False)


def test_check_and_generate_say_it(tmp_path):
    """Both end with 1 where nothing can be issued; a dry run of generate says whether there are
    enough, also as JSON."""
    (tmp_path / "never.yaml").write_text(NEVER)
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada\ns2,Bo\n")
    checked = run("check", str(tmp_path / "never.yaml"), "--json")

    assert checked.exit_code == 1
    assert json.loads(checked.output)["usable"] is False

    dry = ["--roster", str(tmp_path / "roster.csv"), "--out", str(tmp_path / "c"), "--dry-run"]
    refused = run("generate", str(tmp_path / "never.yaml"), *dry)
    assert refused.exit_code == 1
    assert "rnnquiz check" in refused.output

    enough = run("generate", "one_neuron", *dry)
    assert "enough numbers" in enough.output

    data = json.loads(run("generate", "one_neuron", *dry, "--json").output)
    assert (data["new"], data["there"], data["dry_run"]) == (2, 0, True)
    assert not (tmp_path / "c").exists()
