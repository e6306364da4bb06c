"""Our own templates as Jinja has compiled them, kept for the next command: to compile those of a
page takes several times as long as to fill them in."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

from rnnquiz.errors import ToolError
from rnnquiz.files.private import is_own, write_atomically
from rnnquiz.files.resources import cache_folder
from rnnquiz.version import __version__


class KeptTemplates(BytecodeCache):
    """Keeps what it is given in a file for each template and each kind of environment, of which
    filters that are run when a template is compiled make another text. Jinja compares the source
    and Python's version itself."""

    def __init__(self, environment: str, folder: Path | None = None) -> None:
        self.environment = environment
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what is kept; it is code, and so taken only from the user's own files."""
        path = self._path(bucket)
        # Of what is damaged, however it may be, a new one is made.
        with suppress(Exception):
            if is_own(path):
                bucket.bytecode_from_string(path.read_bytes())

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it; where that cannot be, each command compiles it anew."""
        with suppress(ToolError):
            write_atomically(self._path(bucket), bucket.bytecode_to_string())

    def _path(self, bucket: Bucket) -> Path:
        known = f"{__version__}\0{self.environment}\0{bucket.key}"
        digest = hashlib.sha256(known.encode()).hexdigest()
        folder = self.folder or cache_folder()
        return folder / f"{digest[:32]}.template"
