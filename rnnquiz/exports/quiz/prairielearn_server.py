"""The server.py of a PrairieLearn question: picks a variant, and marks each box by its own accepted
ends."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any


def variants(data: dict[str, Any]) -> list[dict[str, Any]]:
    """All variants that stand beside the question."""
    folder = Path(data["options"]["question_path"])
    text = (folder / "variants.json").read_text(encoding="utf-8")
    return list(json.loads(text))


def generate(data: dict[str, Any]) -> None:
    """Show the variant that the seed picks; a student's page holds nothing of what is accepted."""
    every = variants(data)
    number = seeded(data["variant_seed"]) % len(every)
    boxes, right = [], {}
    for box in every[number]["boxes"]:
        boxes.append({key: box[key] for key in ("name", "heading", "math")})
        right[box["name"]] = float(box["value"])
    params, answers = data["params"], data["correct_answers"]
    params.update(variant=number, problem=every[number]["problem"], boxes=boxes)
    answers.update(right)


def seeded(seed: Any) -> int:
    """The number of a seed, which is a text to the base 36 or a number."""
    if isinstance(seed, str):
        return int(seed, 36)
    return int(seed)


def grade(data: dict[str, Any]) -> None:
    """Marks of each box and of the whole question, and what the student mistook."""
    number, answers = data["params"]["variant"], data["submitted_answers"]
    boxes, scores = variants(data)[number]["boxes"], data["partial_scores"]
    told = []
    earned, possible = 0.0, 0.0
    for box in boxes:
        name, weight = box["name"], box["weight"]
        score, says = judged(box, answers.get(name))
        scores[name] = {"score": score, "weight": weight, "feedback": says}
        earned += score * weight
        possible += weight
        if says:
            told.append({"box": box["box"], "says": says})
    data["score"] = earned / possible
    data["feedback"]["mistakes"] = told


def judged(box: dict[str, Any], submitted: Any) -> tuple[float, str]:
    """The share of a box's marks that an answer earns, and what to say to the student."""
    number = typed_number(submitted)
    if number is None:
        return 0.0, ""
    if accepts(box, number):
        return 1.0, ""
    for mistake in box["mistakes"]:
        if accepts(mistake, number):
            credit, says = mistake["credit"], mistake["says"]
            return float(credit), str(says)
    return 0.0, ""


def accepts(ends: dict[str, Any], number: Decimal) -> bool:
    """Whether a number lies between two ends, these included. Ends are exact: texts of decimals."""
    low, high = Decimal(ends["low"]), Decimal(ends["high"])
    return low <= number <= high


def typed_number(submitted: Any) -> Decimal | None:
    """A submitted number, also in the form in which PrairieLearn keeps those of numpy; None for
    anything else."""
    value = submitted
    if isinstance(submitted, dict):
        value = submitted.get("_value")
    try:
        nearest = float(str(value))
    except ValueError:
        return None
    # The shortest text of the float is what was typed.
    number = Decimal(str(nearest))
    if not number.is_finite():
        return None
    return number
