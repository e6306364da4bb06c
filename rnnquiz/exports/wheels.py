"""A folder of wheels for an autograder: all that is needed, built, and for the Python that runs it.

Wheels are looked up as pip would on Gradescope's machines: CPython on Linux, x86-64, glibc 2.35.
"""

from __future__ import annotations

import fnmatch
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import (
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from rnnquiz.errors import CourseError, Problem

PYTHONS = ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14))
"""The first is that of Gradescope's newest image (Ubuntu 22.04)."""
GLIBC = 35  # the minor version of that image
_OLD = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64")
_MINORS = range(GLIBC, 4, -1)  # 2.5 is that of manylinux1, the oldest for which wheels were built
NEWEST = [f"manylinux_2_{minor}_x86_64" for minor in _MINORS]
PLATFORMS = (*NEWEST, *_OLD)


@dataclass(frozen=True)
class Chosen:
    """The wheels to take along, and the Python that they are for, such as 3.10."""

    wheels: tuple[Path, ...]
    python: str


def choose_wheels(folder: Sequence[Path], needed: Sequence[str]) -> Chosen:
    """The wheels that install `needed`, for the first Python for which there are all.

    CourseError, naming what is missing and the command that gets it, where there is none.
    """
    kept = _wheels(folder)
    faults = {}
    for python in PYTHONS:
        taken, problems = _resolved(kept, folder, needed, python)
        if not problems:
            wheels = tuple(sorted(taken))
            return Chosen(wheels, _dotted(python))
        faults[python] = problems
    # The Python for which least is missing is probably the one that was meant.
    missing = {python: len(problems) for python, problems in faults.items()}
    best = min(missing, key=missing.__getitem__)
    raise CourseError(f"the wheels for Python {_dotted(best)}", faults[best])


def _dotted(python: tuple[int, int]) -> str:
    major, minor = python
    return f"{major}.{minor}"


def command(needed: Sequence[str], python: tuple[int, int]) -> str:
    """How to fill the folder, from any machine."""
    # A newer platform does not stand for the older ones to pip: packages are built for these two.
    platforms = "manylinux_2_28_x86_64", _OLD[0]
    places = " ".join(f"--platform {name}" for name in platforms)
    words = " ".join(f"'{row}'" for row in needed)
    version = _dotted(python)
    return f"pip download --only-binary=:all: --python-version {version} {places} -d WHEELS {words}"


def _wheels(folder: Sequence[Path]) -> dict[str, list[Path]]:
    """The wheels by the names of their packages; CourseError where a file is no wheel."""
    kept: dict[str, list[Path]] = {}
    for path in folder:
        if path.suffix != ".whl":
            continue
        try:
            name, *_ = parse_wheel_filename(path.name)
        except InvalidWheelFilename as error:
            found, remedy = str(error), "remove it, or download it again"
            raise CourseError.at(str(path), "the wheel", found, remedy) from None
        kept.setdefault(name, []).append(path)
    return kept


def _resolved(
    kept: Mapping[str, list[Path]],
    folder: Sequence[Path],
    needed: Sequence[str],
    python: tuple[int, int],
) -> tuple[set[Path], list[Problem]]:
    """All that `needed` needs, as far as it is there, and a problem for each that is not."""
    tags = frozenset(_tags(python))
    taken: set[Path] = set()
    problems: dict[str, Problem] = {}
    waiting = [Requirement(row) for row in needed]
    seen: set[str] = set()
    while waiting:
        row = waiting.pop(0)
        words = str(row)
        # Packages may need one another in a circle.
        if words in seen:
            continue
        seen.add(words)
        found = _fitting(kept, row, tags)
        if found is not None:
            taken.add(found)
            waiting += _needs(found, python)
        else:
            why = _why(kept, folder, row)
            problems[row.name] = Problem(words, why, command([words], python))
    return taken, list(problems.values())


def _tags(python: tuple[int, int]) -> Iterator[Tag]:
    major, minor = python
    yield from cpython_tags(python, platforms=PLATFORMS)
    yield from compatible_tags(python, f"cp{major}{minor}", PLATFORMS)


def _fitting(kept: Mapping[str, list[Path]], row: Requirement, tags: frozenset[Tag]) -> Path | None:
    """The newest wheel that a requirement accepts."""
    fitting = []
    for path in kept.get(canonicalize_name(row.name), []):
        _, version, _, own = parse_wheel_filename(path.name)
        # Whoever put a pre-release into the folder did so on purpose.
        if row.specifier.contains(version, prereleases=True) and not tags.isdisjoint(own):
            fitting.append((version, path))
    if not fitting:
        return None
    _, newest = max(fitting)
    return newest


def _why(kept: Mapping[str, list[Path]], folder: Sequence[Path], row: Requirement) -> str:
    name = canonicalize_name(row.name)
    others = [path.name for path in kept.get(name, [])]
    if others:
        return f"is there for other machines, Pythons or in other versions: {', '.join(others[:3])}"
    for path in folder:
        if _source_of(path) == name:
            return f"is a source archive, {path.name}, which is not built there"
    return "is missing"


def _source_of(path: Path) -> str:
    """The package of a source archive; empty where the file is none."""
    try:
        return parse_sdist_filename(path.name)[0]
    except ValueError:
        return ""


def _needs(wheel: Path, python: tuple[int, int]) -> Iterator[Requirement]:
    """What a wheel itself needs there; CourseError where it is damaged."""
    version = f"{python[0]}.{python[1]}"
    # Gradescope's machine, and not this one; without extras, which the program does not use.
    machine = {
        "python_version": version, "python_full_version": f"{version}.0", "os_name": "posix",
        "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64",
        "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
    }  # fmt: skip
    for text in _metadata(wheel).get_all("Requires-Dist") or []:
        row = _requirement(wheel, text)
        if row.marker is None or row.marker.evaluate(machine):
            yield row


def _metadata(wheel: Path) -> Message:
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = fnmatch.filter(archive.namelist(), "*.dist-info/METADATA")
            text = archive.read(names[0]).decode()
    except (OSError, zipfile.BadZipFile, IndexError, UnicodeDecodeError):
        raise CourseError(str(wheel), _DAMAGED) from None
    return Parser().parsestr(text)


def _requirement(wheel: Path, text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise CourseError(str(wheel), _DAMAGED) from None


_DAMAGED = Problem("the wheel", "is damaged", "download it again")
