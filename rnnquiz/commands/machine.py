"""Commands about this machine."""

from __future__ import annotations

import click


@click.command()
def doctor() -> None:
    """What is on this machine, and what is missing.

    \b
    rnnquiz doctor
    """
    from importlib.metadata import PackageNotFoundError, version

    from rnnquiz.documents.engines import INSTALL_TEX, missing_for_latex

    for package in ("numpy", "jinja2", "pylatex", "pyyaml", "pydantic", "click", "rich", "typst"):
        try:
            click.echo(f"{package:10} {version(package)}")
        except PackageNotFoundError:
            click.echo(f"{package:10} missing -> pip install {package}")
    missing = missing_for_latex()
    click.echo(f"LaTeX      missing {', '.join(missing)} -> {INSTALL_TEX}" if missing else "LaTeX      complete")
    click.echo(f"PDFs are made with {'typst' if missing else 'latex'} (--engine auto)")
