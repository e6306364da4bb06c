"""Compiles the catalogues of languages into the wheel; Hatch runs it when it builds one.

A checkout, also one that is installed as it is, reads the text of each catalogue with Babel.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "rnnquiz/languages"


class CompiledCatalogues(BuildHookInterface):
    """Puts a `.mo` beside each `.po` of the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is made: compiles, and says where each file goes."""
        if version == "editable":
            return
        self.made = tempfile.TemporaryDirectory()
        for source in sorted(Path(self.root, CATALOGUES).glob("*.po")):
            target = Path(self.made.name, f"{source.stem}.mo")
            with source.open("rb") as text, target.open("wb") as compiled:
                write_mo(compiled, read_po(text))
            build_data["force_include"][str(target)] = f"{CATALOGUES}/{target.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After it is made: what was compiled is gone."""
        if version != "editable":
            self.made.cleanup()
