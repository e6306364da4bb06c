"""Commands about this machine."""

from __future__ import annotations

import json

import click

from rnnquiz.commands.frame import AS_JSON

PACKAGES = ("numpy", "jinja2", "pylatex", "pyyaml", "pydantic", "click", "rich", "typst")


@click.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """What is on this machine, and what is missing.

    \b
    rnnquiz doctor
    """
    from importlib.metadata import PackageNotFoundError, version

    from rnnquiz.documents.engines import INSTALL_TEX, missing_for_latex

    versions: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    missing = missing_for_latex()
    engine = "typst" if missing else "latex"
    if as_json:
        shown = {"packages": versions, "missing_for_latex": list(missing), "engine": engine}
        click.echo(json.dumps(shown, indent=1))
        return
    for package, found in versions.items():
        click.echo(f"{package:10} {found or f'missing -> pip install {package}'}")
    lacks = f"missing {', '.join(missing)} -> {INSTALL_TEX}"
    click.echo(f"LaTeX      {lacks if missing else 'complete'}")
    click.echo(f"PDFs are made with {engine} (--engine auto)")
