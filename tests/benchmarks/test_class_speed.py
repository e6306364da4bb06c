"""Documents of a class against plain TeX in the same run; run with  pytest
tests/benchmarks/test_class_speed.py --benchmark-only -n 0 -s."""

import os
import resource
import subprocess
import time
from itertools import count

import pytest

from rnnquiz.course.generating import generate
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.render import body
from rnnquiz.documents.sheet import sheet
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve_all
from tests_support import shipped, variants_of

needs_tex = pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
SAMPLE = 20  # of the files that are set one by one


def class_of(students):
    return [Student(f"s{i:05d}", f"Student {i}", "", i) for i in range(1, students + 1)]


def plainly(folder, *files):
    start = time.perf_counter()
    for file in files:
        subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", f"-output-directory={folder}", str(file)],
            capture_output=True,
            check=True,
        )
    return time.perf_counter() - start


@needs_tex
def test_a_class_of_200(benchmark, tmp_path):
    """Numbers, templates, TeX, splitting and files, against one bare run over the same pages and
    one run for each file."""
    folders = count()
    bank = shipped("bptt_scalar")
    benchmark.pedantic(
        lambda: generate(bank, class_of(200), tmp_path / str(next(folders)), Wanted("latex")),
        rounds=3,
        warmup_rounds=1,
    )

    files = sorted((tmp_path / "1").glob("sheets/*.tex")) + sorted(
        (tmp_path / "1").glob("keys/*.tex")
    )
    head = files[0].read_text().split("\\begin{document}")[0]
    inner = [
        file.read_text().split("\\begin{document}")[1].split("\\end{document}")[0] for file in files
    ]
    (tmp_path / "all.tex").write_text(
        "".join([head, "\\begin{document}", *inner, "\\end{document}"])
    )

    bare = min(plainly(tmp_path, tmp_path / "all.tex") for _ in range(3))
    each = plainly(tmp_path, *files[:: len(files) // SAMPLE]) / SAMPLE * len(files)
    ours = benchmark.stats.stats.min
    print(
        f"\nclass of 200: {ours:.1f} s; one bare run {bare:.1f} s ({ours / bare:.2f} times); one"
        f" run a file {each:.0f} s ({each / ours:.0f} times faster)"
    )
    benchmark.extra_info.update(bare=bare, each=each)


@needs_tex
def test_one_sheet_with_its_format_kept(benchmark):
    """One sheet alone."""
    bank = shipped("bptt_scalar")
    document = sheet(bank, variants_of(bank, 1)[0], "Ada")
    benchmark.pedantic(lambda: pdfs([document], "latex"), rounds=20, warmup_rounds=2)


@pytest.mark.parametrize("engine", [pytest.param("latex", marks=needs_tex), "typst"])
def test_weight(benchmark, engine):
    """Kilobytes of a sheet and of a key, fonts included."""
    bank = shipped("bptt_scalar")
    (solution,) = solve_all(bank, variants_of(bank, 1)).one_by_one
    documents = [sheet(bank, solution.variant, "Ada"), key(solution, "Ada")]

    made = benchmark.pedantic(lambda: pdfs(documents, engine), rounds=3, warmup_rounds=1)
    sizes = [len(pdf) / 1000 for pdf in made]

    benchmark.extra_info.update(sheet=sizes[0], key=sizes[1])
    print(f"\n{engine}: sheet {sizes[0]:.0f} kB, key {sizes[1]:.0f} kB")


def test_typst_warm(benchmark):
    """Sheet and key of one student after another, on one core."""
    bank = shipped("bptt_scalar")
    solutions = solve_all(bank, variants_of(bank, 10)).one_by_one
    documents = [
        document for s in solutions for document in (sheet(bank, s.variant, "Ada"), key(s, "Ada"))
    ]
    texts = [body(document, "typst") for document in documents]
    benchmark.pedantic(lambda: pdfs(documents, "typst", bodies=texts), rounds=3, warmup_rounds=1)
    print(
        f"\nTypst: {benchmark.stats.stats.min / len(solutions) * 1e3:.0f} ms a student on one core"
    )


def test_a_class_by_typst(benchmark, tmp_path):
    """Sheets and keys of a class of 200 on all cores, numbers and files included."""
    folders = count()
    bank = shipped("bptt_scalar")
    benchmark.pedantic(
        lambda: generate(bank, class_of(200), tmp_path / str(next(folders)), Wanted("typst")),
        rounds=2,
        warmup_rounds=1,
    )
    print(
        f"\nTypst: {benchmark.stats.stats.min / 200 * 1e3:.0f} ms a student, everything included,"
        " on all cores"
    )


@needs_tex
@pytest.mark.parametrize(
    "students", [50, 200, 800, *([5000] if os.environ.get("RNNQUIZ_LARGE") else [])]
)
def test_growth(benchmark, tmp_path, students):
    """The time for a student does not grow with the class, nor does the memory; RNNQUIZ_LARGE=1
    adds a class of 5,000."""
    folders = count()
    bank = shipped("bptt_scalar")
    benchmark.pedantic(
        lambda: generate(bank, class_of(students), tmp_path / str(next(folders)), Wanted("latex")),
        rounds=1,
    )
    each = benchmark.stats.stats.min / students * 1e3
    used = (
        max(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        / 1024
    )
    print(f"\n{students} students: {each:.1f} ms a student, largest process {used:.0f} MB")
