"""The verdict on one box, and all that it rests on."""

from __future__ import annotations

import json
from json.encoder import encode_basestring as _quoted
from math import isfinite
from typing import Any, NamedTuple

from rnnquiz.bank.verdict import Verdict
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.text import shortened


# A class has tens of thousands of them: a frozen dataclass of as many fields takes seven times as
# long to make (3.0 against 0.45 microseconds).
class BoxResult(NamedTuple):
    """The verdict on one box and all that it rests on."""

    box: str
    quantity: str
    role: str
    typed: str
    verdict: Verdict
    explanations: tuple[Explanation, ...]
    reason: str
    low: float
    high: float
    exact: float
    own: float
    marks: float
    of: float
    bridged: tuple[str, ...] = ()

    def __repr__(self) -> str:
        marks = f"{self.marks:.2f} of {self.of:.2f} marks"
        return f"<BoxResult {self.box}: {shortened(self.typed)}, {self.verdict}, {marks}>"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        accepted = self.low, self.high
        marks, of = (round(number, 4) for number in (self.marks, self.of))
        found: dict[str, Any] = {
            "box": self.box,
            "typed": self.typed,
            "verdict": self.verdict,
            "reason": self.reason,
        }
        found["explanations"] = [_said_of(reason) for reason in self.explanations]
        found["accepted"] = [_finite(end) for end in accepted]
        found["exact"] = _finite(self.exact)
        found["from_own_numbers"] = _finite(self.own)
        found["bridged"] = list(self.bridged)
        return found | {"marks": marks, "of": of}

    def as_json(self) -> str:
        """What `json.dumps` makes of that, in less than half of its time: most of the evidence of a
        class are boxes."""
        # `_quoted` is what json.dumps quotes a text by where it need not be ASCII.
        reasons = ""
        if self.explanations:
            reasons = ", ".join(_dumped(_said_of(reason)) for reason in self.explanations)
        bridged = ", ".join(map(_quoted, self.bridged))
        return (
            f'{{"box": {_quoted(self.box)}, "typed": {_quoted(self.typed)},'
            f' "verdict": {_quoted(self.verdict)}, "reason": {_quoted(self.reason)},'
            f' "explanations": [{reasons}],'
            f' "accepted": [{_number(self.low)}, {_number(self.high)}],'
            f' "exact": {_number(self.exact)}, "from_own_numbers": {_number(self.own)},'
            f' "bridged": [{bridged}],'
            f' "marks": {round(self.marks, 4)!r}, "of": {round(self.of, 4)!r}}}'
        )


def _said_of(reason: Explanation) -> dict[str, str]:
    """For JSON."""
    return {
        "id": reason.id,
        "name": reason.name,
        "over": reason.basis,
        "detail": reason.detail,
    }


def _finite(value: float) -> float | None:
    """JSON has no word for infinity or for what is no number."""
    return value if isfinite(value) else None


def _number(value: float) -> str:
    return repr(value) if isfinite(value) else "null"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
