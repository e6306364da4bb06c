"""Worked pages: what a student wrote, read line by line, and checked. A page goes through `layout`,
`mathematics`, `stated`, `meaning`, `placing` and `checking`; `reading` leads it."""
