"""Meaning: the names, numbers and formulas of a page beside those of the sheet."""
