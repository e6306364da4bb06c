"""`python -m rnnquiz` is the command `rnnquiz`, of the Python that runs it."""

from rnnquiz.cli import main

main(prog_name="rnnquiz")
