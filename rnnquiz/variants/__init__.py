"""Variants: numbers are drawn, certified to tell mistakes apart, and issued."""
