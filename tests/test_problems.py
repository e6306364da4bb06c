"""The collector of problems: all that is wrong is said at once."""

import pytest

from rnnquiz.errors import BankError, CourseError, RnnquizError, SubmissionError
from rnnquiz.problems import Problems


def test_nothing_is_raised_where_nothing_is_wrong():
    """A collector that was given no problem lets the work go on."""
    Problems(CourseError, "roster.csv").raise_if_any()


@pytest.mark.parametrize("kind", [BankError, CourseError, SubmissionError])
def test_all_problems_are_said_at_once_and_each_once(kind):
    """The error is of the kind that was asked for, and lists them in the order in which they were
    found."""
    problems = Problems(kind, "a file")
    problems.add("row 3", "is odd", "mend it")
    problems.add("row 2", "is odd")
    problems.add("row 3", "is odd", "mend it")

    with pytest.raises(RnnquizError) as raised:
        problems.raise_if_any()

    assert type(raised.value) is kind
    assert str(raised.value) == "a file: 2 problems\n  row 3: is odd -> mend it\n  row 2: is odd"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("model", "cell"), "line 4, model.cell: is odd"),
        (("model", "loss"), "line 3, model.loss: is odd"),
        (("ask", 2), "line 1, ask.2: is odd"),
    ],
)
def test_an_entry_has_its_line_or_that_of_the_nearest_above_it(path, words):
    """What is missing has no line of its own: the mapping in which it should be has one."""
    problems = Problems(BankError, "my.yaml", {(): 1, ("model",): 3, ("model", "cell"): 4})
    problems.add(path, "is odd")

    assert str(problems.error()) == f"my.yaml: {words}"


@pytest.mark.parametrize(
    ("count", "last"), [(2, "row 2: x"), (5, "... and 3 more rows like these")]
)
def test_of_many_problems_the_first_are_said_and_the_others_counted(count, last):
    """Where there are no more than are shown, no line says so."""
    problems = Problems(CourseError, "roster.csv")
    for number in range(1, count + 1):
        problems.add(f"row {number}", "x")

    first = problems.first(2, "rows")

    assert str(first.found[-1]) == last
