"""Marking: what follows from what, which mistakes explain the rest, verdicts and marks."""
