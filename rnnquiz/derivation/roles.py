"""What a quantity is in an exercise: the kinds by which boxes are asked, headed and paid."""

from __future__ import annotations

from rnnquiz.languages.sentences import Message, said
from rnnquiz.text import TextEnum


class Role(TextEnum):
    """The role of a quantity, in the order of computation, which is that of sheets and tables.

    Its text is a key of banks (`ask`, `marks`, `credit-by`) and stands in evidence. `words` is what
    it is called on a page, `words_of_one_step` where an exercise has no time over which to sum.
    """

    words: Message
    words_of_one_step: Message

    GIVEN = "given", said("Given")
    FORWARD = "forward", said("Forward pass")
    LOSS = "loss", said("Loss")
    LOCAL = "local", said("Local derivatives")
    RECURRENCE = (
        "recurrence",
        said("Derivatives through time"),
        said("Derivatives on the way back"),
    )
    GRADIENT = "gradient", said("Gradients of each step"), said("Gradients of the parameters")
    SUM = "sum", said("Gradients, summed over time"), said("Gradients of the parameters")
    UPDATE = "update", said("Update")
    FINDING = "finding", said("The mistake")

    def __new__(cls, text: str, words: Message, words_of_one_step: Message | None = None) -> Role:
        """A role by its key in a bank, with the words that a sheet has for it."""
        # The text alone is the value: a key of a bank finds its role by it.
        role = str.__new__(cls, text)
        role._value_ = text
        role.words = words
        role.words_of_one_step = words_of_one_step or words
        return role

    @property
    def runs_forward(self) -> bool:
        """Computed from the inputs to the loss."""
        return self in (Role.FORWARD, Role.LOSS)

    @property
    def runs_back(self) -> bool:
        """Computed from the loss to the gradients of the parameters."""
        return self in BACKWARD


BACKWARD = frozenset([Role.LOCAL, Role.RECURRENCE, Role.GRADIENT, Role.SUM])
_, *_computed = Role
COMPUTED: tuple[Role, ...] = tuple(_computed)
SOLVED = COMPUTED[:-1]
"""The roles that a solution has: in a find task one is found."""
