"""Whoever does the work, the files and the marks are the same; what a cluster lacks is said before
anything is begun."""

import hashlib
import os
import socket

import pytest

from rnnquiz.assignment import Assignment, PortableAssignment
from rnnquiz.bank.load import load_bank
from rnnquiz.course import crew
from rnnquiz.course.folders import SECRET as SECRET_FILE
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.issuing import Batches
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents.produce import Recipe, rehearse
from rnnquiz.documents.render import PLAIN
from rnnquiz.errors import ToolError
from rnnquiz.files.resources import folder
from rnnquiz.people.roster import Student
from tests_support import BANKS, SECRET, shipped

BANK = load_bank(folder("question_banks") / "bptt_scalar.yaml")
PEOPLE = [Student(f"s{k}", f"Student {k}", "", k) for k in range(1, 11)]


def prints_of(place):
    """The bytes of every file but the database, and what the database holds."""
    files = (path for path in place.rglob("*") if path.is_file() and path.suffix != ".sqlite")
    found = {
        path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    with Course.open(place) as course:
        return found, course.variants(), course.standing()


def whole_loop(place, executor):
    """A course, generated and graded: a third of the class copies a number wrongly, a few hand in
    nothing."""
    place.mkdir()
    (place / SECRET_FILE).write_bytes(SECRET)
    generate(
        BANK, PEOPLE, place, Wanted("typst", also=("short_keys", "book", "xlsx")), executor=executor
    )
    rows = [f"{student.id},0.{student.position}1,{student.position % 3}" for student in PEOPLE[:-2]]
    (place / "in.csv").write_text("\n".join(["student,h[1],h[2]", *rows]))
    graded = grade(place, place / "in.csv", place / "grades", GradeOptions(executor=executor))
    assert graded.marked == len(PEOPLE) - 2
    return prints_of(place)


@pytest.fixture(scope="module", autouse=True)
def small_batches():
    """Many pieces of work from a small class."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnquiz.course.class_files.DOCUMENTS_TOGETHER", 4)
        patch.setattr("rnnquiz.course.desk.PAGES_TOGETHER", 4)
        patch.setattr(crew, "ALONE", 0)
        yield


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return whole_loop(tmp_path_factory.mktemp("crew") / "alone", "alone")


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes(alone, tmp_path):
    """A local cluster that is started for the work, and one that is found by its address."""
    from dask.distributed import LocalCluster

    assert whole_loop(tmp_path / "own", "dask") == alone
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=":0") as cluster:
        assert whole_loop(tmp_path / "found", f"dask={cluster.scheduler_address}") == alone


@pytest.mark.slow
def test_processes_give_the_same_bytes(alone, tmp_path):
    """Several processes write what one process writes, byte by byte."""
    assert whole_loop(tmp_path / "course", "processes") == alone


def test_many_variants_are_drawn_by_the_hands_and_are_the_same(tmp_path):
    """Beyond some number the hands draw; who draws, and how many at a time, changes nothing."""
    for executor, at_home in (("alone", 1000), ("processes", 0)):
        numbers = Wanted(documents=False, batches=Batches(at_home=at_home))
        place = tmp_path / executor
        place.mkdir()
        (place / SECRET_FILE).write_bytes(SECRET)
        generate(BANK, PEOPLE, place, numbers, executor=executor)

    with Course.open(tmp_path / "alone") as one, Course.open(tmp_path / "processes") as other:
        assert one.variants() == other.variants()
        assert len(one.variants()) == len(PEOPLE)


@pytest.mark.parametrize(
    ("executor", "says"),
    [
        ("spark", "known are alone, processes, dask"),
        ("alone=here", "is none"),
        ("dask=tcp://127.0.0.1:9", "no cluster answers"),
    ],
)
def test_what_is_no_executor_is_said(executor, says):
    """An executor that is unknown or does not answer is refused with what is known."""
    with pytest.raises(ToolError, match=says), crew.crew_for(executor, int, 1000, patience=1):
        pass


NOBODY = ["spark", "alone=here", "dask=foo", "dask=tcp://127.0.0.1:http", "dask=nonsense://a:1"]


@pytest.mark.parametrize("executor", NOBODY)
def test_no_course_is_begun_before_somebody_is_there_to_do_the_work(executor, tmp_path):
    """Neither its database nor its secret is left behind."""
    with pytest.raises(ToolError, match="->"):
        generate(BANK, PEOPLE, tmp_path / "course", executor=executor)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("executor", NOBODY)
def test_no_marking_is_begun_before_somebody_is_there_to_do_the_work(executor, tmp_path):
    """The course stays as it is, and no folder of grades is made."""
    course, handed_in = tmp_path / "course", tmp_path / "in.csv"
    generate(BANK, PEOPLE[:1], course, Wanted(None, documents=False), executor="alone")
    handed_in.write_text("student,h[1]\ns1,0.5\n")
    before = prints_of(course)

    with pytest.raises(ToolError, match="->"):
        grade(course, handed_in, tmp_path / "out", GradeOptions(executor=executor))

    assert prints_of(course) == before
    assert not (tmp_path / "out").exists()


def test_a_server_that_is_no_cluster_is_not_waited_for_longer():
    """One takes the connection and says nothing: it is said in place of waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _, port = silent.getsockname()

        with pytest.raises(ToolError, match=r"no cluster answers .*check host and port"):
            crew.check_executor(f"dask=tcp://127.0.0.1:{port}", patience=0.5)


def test_no_client_is_made_for_a_cluster_that_does_not_answer(monkeypatch):
    """A client of Dask that finds nobody waits for a minute when it is given up."""
    monkeypatch.setattr("distributed.Client", None)

    with pytest.raises(ToolError, match="no cluster answers"):
        crew.check_executor("dask=tcp://127.0.0.1:9", patience=0.5)


def test_workers_with_another_version_are_refused():
    """Their marks could be others."""
    from dask.distributed import LocalCluster

    with LocalCluster(n_workers=1, processes=False, dashboard_address=":0") as cluster:
        executor = f"dask={cluster.scheduler_address}"

        with (
            pytest.raises(ToolError, match=r"\d -> install rnnquiz 9\.9\.9 on each"),
            crew.crew_for(executor, int, 1000, version="9.9.9"),
        ):
            pass


def test_what_fails_while_processes_get_ready_is_left_to_the_work():
    """A bank whose arbitrary numbers have no value is no reason to stop."""
    with crew.crew_for("processes", broken, 1000) as hands:
        assert list(hands.map(abs, [-1, 2])) == [1, 2]


def broken():
    raise ValueError("no value")


@pytest.mark.parametrize("name", BANKS)
def test_each_bank_can_be_rehearsed(name):
    """With its first numbers, whatever they are."""
    portable = PortableAssignment.of(Assignment.of(shipped(name)))
    rehearse(Recipe(portable, None, PLAIN), ("keys", "sheets"))


@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_a_process_that_is_killed_is_said_to_be_so(executor):
    """No traceback, and no waiting for ever."""
    with (
        pytest.raises(ToolError, match="run it again"),
        crew.crew_for(executor, int, 1000) as hands,
    ):
        list(hands.map(os._exit, [1, 1]))
