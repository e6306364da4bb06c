"""How documents are laid out, apart from what they say: paper, form fields, the teacher's own
templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rnnquiz.languages.catalogue import ENGLISH, Language


@dataclass(frozen=True)
class OwnTemplates:
    """A teacher's own templates: the folder, and its files by name with their texts, which go
    wherever the work is done."""

    folder: str
    texts: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, folder: Path) -> OwnTemplates:
        """The templates in a folder, as they are now. OSError, UnicodeDecodeError."""
        # Sorted: the same templates are the same to what is kept of them, in whatever order the
        # folder lists its files.
        paths = sorted(folder.glob("*.jinja"))
        texts = tuple((path.name, path.read_text(encoding="utf-8")) for path in paths)
        return cls(str(folder), texts)


@dataclass(frozen=True)
class Style:
    """`fillable`: each answer box becomes a form field of the PDF. `templates`: those that win over
    ours. `lines`: ruled lines for the work after each kind of boxes; None for as many as the bank
    gives. `language`: what a student reads is in this one."""

    paper: Literal["a4", "letter"] = "a4"
    fillable: bool = False
    templates: OwnTemplates | None = None
    lines: int | None = None
    language: Language = ENGLISH

    def words(self) -> str:
        """What tells two layouts apart."""
        templates = self.templates.folder if self.templates else "of rnnquiz"
        fields = "fillable" if self.fillable else "to print"
        words = f"{self.paper}, {fields}, templates {templates}"
        # Said only where they are chosen: courses made before there was a choice keep their words.
        if self.lines is not None:
            words += f", {self.lines} lines for the work"
        return words if self.language.plain else f"{words}, in {self.language.words()}"
