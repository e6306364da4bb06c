"""How large the parts of a document are: drawings, worked lines, tables."""

from __future__ import annotations

MARGIN, LARGEST_UNIT = 0.8, 1.6  # of a drawing: steps around it, centimetres of a step
BESIDE_WIDTH, BESIDE_HEIGHT, BESIDE_UNIT = 3.85, 4.2, 0.7  # centimetres of a drawing beside lines
ALONE_WIDTH, ALONE_HEIGHT = 16.0, 3.7  # centimetres of one that stands above them
SMALLEST_UNIT = 0.38  # centimetres of a step in which names can still be read
LABEL_AWAY = 0.09  # of an arrow
NARROW = 0.76  # share of the width that lines have beside a drawing
RESULT_SHARES = (("33%", 160), ("50%", 240))  # of a line, and how many points each has
LOWEST_ROW = 0.65  # centimetres of a worked line with fractions
USUAL_ROW, BESIDE_HEADING = 0.85, 0.95  # centimetres of a line, and of a heading above lines
LONGEST_NARROW = 64  # characters of a piece of a worked line that is narrow
HALF_A_LINE, SIGN = (
    36,
    3,
)  # characters of a line that leaves room for another one beside it; of " = "
RUNNING = 110  # characters at the top of a page
GAP, TELEPHONE = 2, 28  # letters between columns, and of all that fit beside a name
LINE, LONGEST_CELL, TO_FILL_IN = 104, 34, 6  # characters
SHEET_ROOM = (16.0, 5.4)  # of the drawing of a sheet in a row of its own
