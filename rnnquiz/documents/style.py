"""How documents are laid out, apart from what they say: paper, form fields, the teacher's own
templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Own:
    """A teacher's own templates: the folder, and its files by name with their texts, which go
    wherever the work is done."""

    folder: str
    texts: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, folder: Path) -> Own:
        """The templates in a folder, as they are now. OSError, UnicodeDecodeError."""
        return cls(
            str(folder),
            tuple(
                (path.name, path.read_text(encoding="utf-8"))
                for path in sorted(folder.glob("*.jinja"))
            ),
        )


@dataclass(frozen=True)
class Style:
    """`fillable`: each answer box becomes a form field of the PDF. `templates`: those that win over
    ours."""

    paper: Literal["a4", "letter"] = "a4"
    fillable: bool = False
    templates: Own | None = None

    def words(self) -> str:
        """What tells two layouts apart."""
        templates = self.templates.folder if self.templates else "of rnnquiz"
        return f"{self.paper}, {'fillable' if self.fillable else 'to print'}, templates {templates}"
