"""What can be asked of a student."""

from __future__ import annotations

from rnnquiz.text import TextEnum


class TaskKind(TextEnum):
    """What is done with an exercise; its text is a word of banks.

    `COMPUTE`: all that is asked, from the givens. `STEP`: one step of the way back, from the
    numbers that it needs. `FILL`: the derivation is there, and the asked lines are missing. `FIND`:
    the derivation has one mistake.
    """

    COMPUTE = "compute"
    STEP = "step"
    FILL = "fill"
    FIND = "find"

    @property
    def shows_derivation(self) -> bool:
        """The sheet has the lines of the derivation, some of them missing or wrong."""
        return self in (TaskKind.FILL, TaskKind.FIND)
