"""The version of the program, as sheets, courses and packages name it."""

__version__ = "0.4.0"
