"""How documents are laid out, apart from what they say: paper, form fields, the teacher's own templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Style:
    """`fillable`: each answer box becomes a form field of the PDF. `templates`: a folder whose templates win over ours."""

    paper: Literal["a4", "letter"] = "a4"
    fillable: bool = False
    templates: Path | None = None

    def words(self) -> str:
        """What tells two layouts apart."""
        return f"{self.paper}, {'fillable' if self.fillable else 'to print'}, templates {self.templates or 'of rnnquiz'}"
