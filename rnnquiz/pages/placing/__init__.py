"""Placing: which quantity each statement is about, and what it claims for it."""
