"""Readers: one module for each format of a file that is handed in."""
