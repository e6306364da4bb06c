"""Checks of each line: its arithmetic, its formula, and the numbers put in."""
