"""Writers of marks: one for each format, in a literal table."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rnnquiz.tables import defused, write_table


@dataclass(frozen=True)
class GradeRow:
    """One student's line of the gradebook; `marks` is None where nothing was handed in."""

    id: str
    name: str
    email: str
    marks: float | None
    maximum: float
    skills: dict[str, tuple[float, float]]
    verdicts: dict[str, int]
    first_wrong: str
    status: str


def csv_gradebook(title: str, rows: Sequence[GradeRow]) -> str:
    """Plain CSV, UTF-8: id, name, e-mail, status, marks, maximum, marks by skill, counts of verdicts, first wrong step."""
    skills = list(dict.fromkeys(skill for row in rows for skill in row.skills))
    verdicts = list(dict.fromkeys(v for row in rows for v in sorted(row.verdicts)))
    header = ["id", "name", "email", "status", "marks", "maximum", *skills, *verdicts, "first wrong step"]
    table = [header]
    for row in rows:
        table.append([
            defused(row.id), defused(row.name), defused(row.email), row.status,
            "" if row.marks is None else f"{row.marks:.2f}", f"{row.maximum:.2f}",
            *(f"{row.skills[s][0]:.2f}" if s in row.skills else "" for s in skills),
            *(str(row.verdicts.get(v, 0)) if row.marks is not None else "" for v in verdicts), row.first_wrong,
        ])  # fmt: skip
    return write_table(table)


def json_gradebook(title: str, rows: Sequence[GradeRow]) -> str:
    """The same for programs."""
    data: list[dict[str, Any]] = [
        {
            "id": row.id, "name": row.name, "email": row.email, "status": row.status, "marks": _rounded(row.marks),
            "maximum": round(row.maximum, 4), "skills": {k: [round(v, 4) for v in pair] for k, pair in row.skills.items()},
            "verdicts": row.verdicts, "first_wrong": row.first_wrong,
        }
        for row in rows
    ]  # fmt: skip
    return json.dumps({"title": title, "students": data}, ensure_ascii=False, indent=1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


WRITERS: dict[str, tuple[str, Callable[[str, Sequence[GradeRow]], str]]] = {
    "csv": ("gradebook.csv", csv_gradebook),
    "json": ("gradebook.json", json_gradebook),
}
