"""The pictures of the manual: a sheet, its key and a feedback page, of one student under a secret
that everybody knows; and a handwritten page as it comes back."""

from __future__ import annotations

from random import Random

from rnnquiz.bank.load import load_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.key import key
from rnnquiz.documents.render import PLAIN, body
from rnnquiz.documents.sheet import sheet
from rnnquiz.exercise import Exercise
from rnnquiz.files.resources import folder
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import STUDENT_KINDS
from rnnquiz.handbook import PICTURES
from rnnquiz.solution.solved import solve_all
from rnnquiz.variants.issue import issue_variants

SECRET_OF_PICTURES = b"the pictures of the manual, no course"
STUDENT = "Ada Lovelace"
PIXELS = 90.0  # an inch


def pictures() -> dict[str, bytes]:
    """The first page of each document, the third of the handwritten one, where its lines are, as
    PNG; the same bytes with the same version of Typst."""
    bank = load_bank(folder("question_banks") / "bptt_scalar.yaml")
    variants, _ = issue_variants(bank, SECRET_OF_PICTURES, [("ada", 1)])
    solution = solve_all(bank, variants).one_by_one[0]
    kinds = {kind.name: kind for kind in STUDENT_KINDS}
    slip, givens = kinds["one slip"], arrays_of(bank, variants)
    answers = slip.answer(bank, givens, bank.mistaken, Random(1))
    marked = mark(bank, givens, [answers])
    page = Exercise.load("worked_example").read(PICTURES / "page.md")
    own = variants[0]
    made = {
        "sheet": sheet(bank, own, STUDENT),
        "key": key(solution, STUDENT),
        "feedback": feedback(marked, 0, solution, STUDENT),
        "page": page.annotated(),
    }
    found = {}
    for name, document in made.items():
        text = body(document, "typst", PLAIN)
        number = 2 if name == "page" else 0
        found[name] = _page(text, number)
    return found


def _page(text: str, number: int) -> bytes:
    import typst

    # The same bytes everywhere: no font of this machine, no time of today.
    fonts = typst.Fonts(include_system_fonts=False)
    pages = typst.compile(text.encode(), format="png", ppi=PIXELS, font_paths=fonts, timestamp=0)
    assert pages is not None
    return pages[number] if isinstance(pages, list) else pages
