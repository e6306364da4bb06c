"""A line of prose with mathematics in it: what of the words beside it stays, and what is a gap."""

from __future__ import annotations

import re


def blanks_for(text: str) -> str:
    """As many blanks as there are signs; line ends stay."""
    return re.sub(r"[^\n]", " ", text)


_KEPT = re.compile(r"[\s=≈~→⇒+\-−*·×/,;.()<>:]*")
_STATED = re.compile(r"[^\W\d]\S{0,14}\s*[=≈]\s*[-−+]?\s*[\d.]")  # without dollars
_BEHIND = re.compile(r"\s*[-−+]?\s*\d[\d.,]*")  # behind a relation
_LABEL = re.compile(r"(\S{1,14})\s*[:=]\s*$")
_RELATED = re.compile(r"\s*[=≈~]\s*[-−+]?\s*[\d.,]+")


def beside_mathematics(text: str, inline: bytes | bytearray) -> str:
    """A line with mathematics in it: words beside the mathematics become a gap. A line without
    stays as it is."""
    if not any(inline):
        return text
    out: list[str] = []
    within = bytes(inline[: len(text)])
    for match in re.finditer(rb"\x01+|\x00+", within):
        first, last = match.span()
        part = text[first:last]
        if within[first] or _KEPT.fullmatch(part):
            out.append(part)
            continue
        more = last < len(text)
        out.append(_beside(part, out, more))
    return "".join(out)


def _beside(part: str, before: list[str], more: bool) -> str:
    """Words beside mathematics: a name before it and a value behind it stay, the rest is a gap.
    `more`: something stands behind them."""
    label = _LABEL.search(part) if more else None
    if label and _is_indexed(label[1]):
        begin = label.start()
        if not begin:
            return part
        return _gap(part[:begin]) + part[begin:]
    relation = _RELATED.match(part)
    # The sign may stand within the dollars, and its value behind them: $h_1 =$ 0.6.
    if relation is None and before and before[-1].rstrip().endswith(("=", "≈")):
        relation = _BEHIND.match(part)
    if relation is not None:
        end = relation.end()
        value, rest = part[:end], part[end:]
        return value + _gap(rest)
    # A statement without dollars beside others that have them.
    if _STATED.search(part):
        return f";{part[1:]}"
    return _gap(part)


def _is_indexed(label: str) -> bool:
    """True for a letter with a digit, a power or a ∂: no word of prose."""
    if re.search(r"[\d_∂^₀-₉]", label) is None:
        return False
    return re.search(r"[^\W\d_]", label) is not None


def _gap(part: str) -> str:
    """A sign that parts, and as many blanks as there were signs."""
    if not part:
        return ""
    return ";" + blanks_for(part[1:])
