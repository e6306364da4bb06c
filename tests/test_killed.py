"""Killed at any moment, nothing that was issued or graded is lost, and the same command again comes
to the same end."""

import hashlib
import os
import random

import pytest

from killed_at import calls_of, kill_at
from rnnquiz.course.folders import SECRET as SECRET_FILE
from rnnquiz.course.store import Course
from tests_support import SECRET

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("RNNQUIZ_KILLS", "2"))


def prints_of(folder):
    """The bytes of every file that a user looks at."""
    files = (
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".sqlite", ".key")
    )
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def state_of(course):
    with Course.open(course) as opened:
        standing = [(row.student, row.answers, row.marks, row.boxes) for row in opened.standing()]
        return opened.variants(), standing


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A course that nobody interrupted, with its grades and how much each command had to do."""
    place = tmp_path_factory.mktemp("killed")
    (place / "roster.csv").write_text(
        "id,name\n" + "".join(f"s{k},Student {k}\n" for k in range(1, 16))
    )
    made = place / "whole"
    (made / "course").mkdir(parents=True)
    (made / "course" / SECRET_FILE).write_bytes(SECRET)
    calls = []
    for arguments in steps(place, made):
        calls.append(calls_of(*arguments))
        if arguments[0] == "generate":
            hand_in(place, made / "course")
    return place, made, calls


def steps(place, made):
    yield [
        "generate",
        "bptt_scalar",
        "--roster",
        place / "roster.csv",
        "--out",
        made / "course",
        "--engine",
        "none",
    ]
    yield ["grade", made / "course", place / "in.csv", "--out", made / "grades"]


def hand_in(place, course):
    with Course.open(course) as opened:
        rows = [f"{variant.student},0.5,{k}" for k, variant in enumerate(opened.variants())]
    (place / "in.csv").write_text("\n".join(["student,h[1],L", *rows]))


@pytest.mark.parametrize("seed", range(TIMES))
def test_killed_at_random_moments_the_rerun_completes_to_the_same(undisturbed, tmp_path, seed):
    """generate and grade, each killed without warning at a random moment: the course opens, keeps
    what it issued and graded, and ends as one that was never disturbed, to the byte, with no
    half-written file left."""
    place, whole, calls = undisturbed
    dice = random.Random(seed)
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / SECRET_FILE).write_bytes(SECRET)

    for arguments, usual in zip(steps(place, tmp_path), calls, strict=True):
        kill_at(dice.randint(1, usual), *arguments)
        before = (
            state_of(tmp_path / "course")
            if (tmp_path / "course" / "course.sqlite").exists()
            else ([], [])
        )
        calls_of(*arguments)
        after = state_of(tmp_path / "course")

        assert before[0] == after[0][: len(before[0])]
        assert set(map(repr, before[1])) <= set(map(repr, after[1]))
    assert state_of(tmp_path / "course") == state_of(whole / "course")
    assert prints_of(tmp_path) == prints_of(whole)
