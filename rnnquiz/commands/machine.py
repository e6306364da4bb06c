"""Commands about this machine."""

from __future__ import annotations

import click

from rnnquiz.commands.columns import show_columns
from rnnquiz.commands.frame import AS_JSON, show_json


@click.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """What is on this machine, and what is missing.

    \b
    rnnquiz doctor
    """
    from rnnquiz.documents.engines import INSTALL_TEX, missing_for_latex
    from rnnquiz.requirements import required

    needed = sorted(required())
    # By what is installed, not by an import: a package that is damaged stops nothing here.
    versions = {package: _version(package) for package in needed}
    missing = missing_for_latex()
    engine = "typst" if missing else "latex"
    if as_json:
        shown = {"packages": versions, "missing_for_latex": list(missing), "engine": engine}
        show_json(shown)
        return
    rows = [
        (package, found or f"missing -> pip install {package}")
        for package, found in versions.items()
    ]
    lacks = f"missing {', '.join(missing)} -> {INSTALL_TEX}"
    show_columns([*rows, ("LaTeX", lacks if missing else "complete")])
    click.echo(f"PDFs are made with {engine} (--engine auto)")


def _version(package: str) -> str | None:
    """The version that is installed; None where none is."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None
