"""The report in the order in which a teacher reads: who, how many, what to teach again; statistics
last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnquiz.report import appendix, teaching
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import Blocks, Remark, Section
from rnnquiz.report.fairness import Fairness, fairness
from rnnquiz.report.heat import heat
from rnnquiz.report.marking import Marking


def sections(marking: Marking) -> tuple[Section, ...]:
    """All of the report, in order; what has nothing to say is left out."""
    boxes, kinds, found = st.boxes(marking), st.kinds(marking), fairness(marking)
    first = {
        "Who handed in": teaching.who_handed_in(marking),
        "What to teach again": teaching.what_to_teach(marking, kinds),
        "Students": teaching.students(marking),
        "Where marks were lost": heat(marking),
        "Mistakes": teaching.mistakes_made(marking),
        "Shared answers": teaching.matches(marking),
        "Unequal variants": _warned(marking, found),
        "Attempts": teaching.sheets_handed_in(marking),
    }
    last = {
        "Marks": appendix.about_marks(marking),
        "Kinds of boxes": appendix.about_kinds(marking, kinds),
        "Boxes": appendix.about_boxes(marking, boxes),
        "Verdicts": appendix.about_verdicts(marking, boxes),
        "Fairness of the variants": appendix.about_variants(marking, found),
    }
    made = [*_made(first, appendix=False), *_made(last, appendix=True)]
    return tuple(filter(_says_something, made))


def _says_something(section: Section) -> bool:
    return bool(section.blocks)


def _warned(marking: Marking, found: Fairness) -> Blocks:
    """Said before the appendix only where there is something to look at."""
    if any(row.flagged for row in found.associations):
        yield Remark((*appendix.flagged(marking, found), " The appendix has the evidence."))


def _made(headed: Mapping[str, Blocks], appendix: bool) -> Iterator[Section]:
    for heading, blocks in headed.items():
        # Blocks come one by one: only now the statistics of a section are worked out and drawn.
        yield Section(heading, tuple(blocks), appendix)


__all__ = ["sections"]
