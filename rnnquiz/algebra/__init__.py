"""Formulas as data: symbols, trees, operations and their derivatives, and how they are written."""
