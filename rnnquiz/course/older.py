"""What the banks of older programs say: names of the catalogue that meant something else then.

A course goes on with the exercise that was issued, whatever the names in its bank mean today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from rnnquiz.models.catalogue import renamed_losses

# In the text itself, so that its comments and the order of its keys stay. The name may be quoted,
# and the key may stand within braces.
_LOSS = re.compile(r"""^([^#\n]*\bloss["']?\s*:\s*["']?)(\w+)(?=["']?\s*(?:[,}#\n]|$))""", re.M)


def as_issued(text: str, programs: Iterable[str]) -> str:
    """The text of a bank in the names of today; `programs` are the versions that used it."""
    oldest = min(map(_version, programs), default=None)
    for version, names in renamed_losses().items():
        if oldest is not None and oldest < _version(version):
            text = _LOSS.sub(partial(_renamed, names), text)
    return text


def _renamed(names: dict[str, str], found: re.Match[str]) -> str:
    before, name = found.groups()
    return f"{before}{names.get(name, name)}"


def _version(text: str) -> tuple[int, ...]:
    """The numbers of a version; none are older than any."""
    numbers = re.findall(r"\d+", text)[:3]
    return tuple(map(int, numbers))
