"""Worked pages: what a student wrote, read line by line, and checked."""
