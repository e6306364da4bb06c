"""How large the parts of a document are: drawings, worked lines, tables."""

from __future__ import annotations

MARGIN, LARGEST_UNIT = 0.8, 1.6  # of a drawing: steps around it, centimetres of a step
BESIDE_WIDTH, BESIDE_HEIGHT, BESIDE_UNIT = 3.85, 4.2, 0.7  # centimetres of a drawing beside lines
ALONE_WIDTH, ALONE_HEIGHT = 16.0, 3.7  # centimetres of one that stands above them
SMALLEST_UNIT = 0.38  # centimetres of a step in which names can still be read
READABLE_UNIT = 0.5  # of one in which letters are as large as notes
LABEL_AWAY, LABEL_AWAY_FROM_WAY = 0.09, 0.15  # of an arrow, and of a thick one
NARROW = 0.75  # share of the width that lines have beside a drawing
RESULT_LINE, MOST_RESULTS = 440.0, 6  # points of a line of results, scalars in it at the most
# Points of a letter of a name, of what says at which step, of a sign of equality.
NAME_LETTER, AT_STEP, EQUALS = 2.8, 12.0, 16.0
# Points of a digit and of a small one, of the space beside a number; letters between two ends.
DIGIT, SMALL_DIGIT, AROUND, BETWEEN = 5.0, 4.0, 10.0, 4
BRACKETS, EM_POINTS = 20.0, 10.0  # points of brackets with the sign of a transpose; of an em
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
SHEET_ROOM = (16.0, 4.8)  # of the drawing of a sheet in a row of its own
BESIDE_EQUATIONS = (9.0, 4.2)  # of one that is narrow
NARROW_DRAWING, NARROW_LABELLED, FEW_LABELS = 12, 8, 6  # steps; arrows with labels
EM, SMALL_EM = 0.66, 0.44  # width of a digit on a screen, and of a small one
