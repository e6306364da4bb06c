"""Items of QTI 3 played in real players, in Chromium: python tests/benchmarks/qti_players.py
PACKAGES [BANK ...]

PACKAGES is a folder made by  npm install qti3-item-player @citolab/qti-components playwright-core ;
CHROMIUM names the browser where it is not /usr/bin/chromium. Of each bank an item is answered with
keys, both ends, one unit beyond each end, numbers that are not rounded, nothing, and a named
mistake in every box; the score of the player has to be that of the bank.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rnnquiz.exports.quiz.questions import Question, questions
from rnnquiz.exports.quiz.writers import QUIZZES
from rnnquiz.solution.solved import solve
from tests_support import shipped, variants_of

PLAYERS = ("@citolab/qti-components", "qti3-item-player")
BANKS = ("one_neuron", "jordan_network", "adam_two_steps", "bptt_scalar")


def answers(question: Question, exact: dict[str, float]) -> dict[str, tuple[list[str], Decimal]]:
    """What is typed in every box, by kind; and the score that it earns."""
    parts, points = question.parts, question.points
    total = sum(points, Decimal(0))
    wrong = [part.wrong[0] if part.wrong else None for part in parts]
    earned = sum(
        (Decimal(w.credit) * p for w, p in zip(wrong, points, strict=True) if w), Decimal(0)
    )
    return {
        "keys": ([f"{part.value:f}" for part in parts], total),
        "low": ([f"{part.low:f}" for part in parts], total),
        "high": ([f"{part.high:f}" for part in parts], total),
        "exact": ([f"{exact[part.box]:.17f}" for part in parts], total),
        "below": ([f"{part.low - part.unit:f}" for part in parts], Decimal(0)),
        "above": ([f"{part.high + part.unit:f}" for part in parts], Decimal(0)),
        "blank": (["" for _ in parts], Decimal(0)),
        "mistakes": ([f"{w.value:f}" if w else "" for w in wrong], earned),
    }


def cases(bank_name: str) -> tuple[str, dict[str, tuple[list[str], Decimal]]]:
    """An item and what is typed into it."""
    bank = shipped(bank_name)
    (variant,) = variants_of(bank, 1)
    (question,) = questions(bank, [variant], ["one"])
    values = solve(bank, variant).exact
    exact = {box.name: float(values[box.quantity].reshape(-1)[box.entry]) for box in bank.boxes}
    with zipfile.ZipFile(io.BytesIO(QUIZZES["qti3"].write(bank, [variant], ["one"]))) as made:
        xml = next(
            made.read(name).decode() for name in made.namelist() if name.startswith("items/")
        )
    return xml, answers(question, exact)


def main(packages: str, *banks: str) -> int:
    made = {name: cases(name) for name in banks or BANKS}
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "cases.json"
        file.write_text(
            json.dumps(
                [
                    {"xml": xml, "typed": [texts for texts, _ in kinds.values()]}
                    for xml, kinds in made.values()
                ]
            )
        )
        for player in PLAYERS:
            command = [
                "node",
                str(Path(__file__).with_suffix("").with_name("qti_player.mjs")),
                packages,
                player,
                str(file),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
            if done.returncode:
                print(f"{player}: {done.stderr.strip()[-800:]}")
                bad += 1
                continue
            found = json.loads(done.stdout)
            for (bank, (_, kinds)), scores in zip(made.items(), found["scores"], strict=True):
                for (kind, (_, expected)), score in zip(kinds.items(), scores, strict=True):
                    right = score is not None and abs(Decimal(str(score)) - expected) < Decimal(
                        "0.00005"
                    )
                    right &= (
                        kind not in ("keys", "low", "high", "exact")
                        or Decimal(str(score)) == expected
                    )
                    bad += not right
                    print(
                        f"{player:26} {bank:16} {kind:9} {score} of"
                        f" {expected}{'' if right else '   WRONG'}"
                    )
            print(f"{player}: {len(found['errors'])} errors {found['errors'][:3]}")
            bad += len(found["errors"])
    return bad


if __name__ == "__main__":
    sys.exit(min(1, main(*sys.argv[1:])))
