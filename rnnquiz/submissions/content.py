"""What the format of a file is known by: its bytes, the ending of its name, how its text begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rnnquiz.files.encodings import decode

FIRST_BYTES = 4096  # in which the kind of a text shows


@dataclass(frozen=True)
class Content:
    """A file that was handed in; `suffix`: the ending of its name in small letters, with a dot."""

    data: bytes
    suffix: str

    @cached_property
    def start(self) -> str:
        """The first characters, without the blanks before them."""
        text, *_ = decode(self.data[:FIRST_BYTES])
        return text.lstrip("\ufeff \r\n\t")
