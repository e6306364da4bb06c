"""The server.py of a PrairieLearn question: picks a variant, and marks each box by its own accepted
ends."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any


def variants(data: dict[str, Any]) -> list[dict[str, Any]]:
    text = (Path(data["options"]["question_path"]) / "variants.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


def generate(data: dict[str, Any]) -> None:
    """Show the variant that the seed picks; a student's page holds nothing of what is accepted."""
    seed, every = data["variant_seed"], variants(data)
    number = (int(seed, 36) if isinstance(seed, str) else int(seed)) % len(every)
    shown = every[number]
    keys = ("name", "heading", "math")
    boxes = [{key: box[key] for key in keys} for box in shown["boxes"]]
    data["params"].update(variant=number, problem=shown["problem"], boxes=boxes)
    data["correct_answers"].update({box["name"]: float(box["value"]) for box in shown["boxes"]})


def grade(data: dict[str, Any]) -> None:
    """Marks of each box and of the whole question, and what the student mistook."""
    boxes = variants(data)[data["params"]["variant"]]["boxes"]
    told = []
    for box in boxes:
        score, says = judged(box, data["submitted_answers"].get(box["name"]))
        data["partial_scores"][box["name"]] = {
            "score": score,
            "weight": box["weight"],
            "feedback": says,
        }
        if says:
            told.append({"box": box["box"], "says": says})
    earned = sum(data["partial_scores"][box["name"]]["score"] * box["weight"] for box in boxes)
    data["score"] = earned / sum(box["weight"] for box in boxes)
    data["feedback"]["mistakes"] = told


def judged(box: dict[str, Any], submitted: Any) -> tuple[float, str]:
    """The share of a box's marks that an answer earns, and what to say to the student."""
    number = typed_number(submitted)
    if number is None:
        return 0.0, ""
    if Decimal(box["low"]) <= number <= Decimal(box["high"]):
        return 1.0, ""
    for mistake in box["mistakes"]:
        if Decimal(mistake["low"]) <= number <= Decimal(mistake["high"]):
            return float(mistake["credit"]), str(mistake["says"])
    return 0.0, ""


def typed_number(submitted: Any) -> Decimal | None:
    """A submitted number, also in the form in which PrairieLearn keeps those of numpy; None for
    anything else."""
    value = submitted.get("_value") if isinstance(submitted, dict) else submitted
    try:
        number = Decimal(str(float(str(value))))
    except ValueError:
        return None
    return number if number.is_finite() else None
