"""What headings and prose say of the lines below them: the step, the parameter, the part of the
solution, another network."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.worded import component_in

# Given once by a heading or a label for all rows below, on two of three pages; "t = 0.5" is none.
_STEP = re.compile(
    r"(?:\b[tT]\s*=\s*|第\s*|時間步\s*|时间步\s*|시점\s*|ขั้นที่\s*"
    r"|\b(?:time[-"
    r" ]?step|timestep|step|schritt|paso|étape|etape|bước|шаг)\s*[:=]?\s*(?:[tT]\s*=\s*)?)"
    r"(\d{1,2})(?![\dA-Za-z])(?!\s*[.,]\d)",
    re.IGNORECASE,
)
# "Step 2: Backward" is a part of the solution, on one page of four.
_PART = re.compile(
    r"\bsteps?\s*\d+\s*[:.–-]?\s*\S*\s*(?:forward|back|loss|gradient|update|compute|initial"
    r"|output|sum|derivative|setup)",
    re.IGNORECASE,
)
_SUMS = re.compile(
    r"\bsum|\btotal gradient|\badd(?:ing)? up|\baccumulat|总和|總和|suma\b|somme\b", re.IGNORECASE
)
_UPDATE = re.compile(
    r"\bupdat|\bnew (?:weights|parameters)|gradient descent step|更新|actualiz|mise à"
    r" jour|aktualis",
    re.IGNORECASE,
)
# Another network, or the same one after the update, uses the same letters: the last number would
# win; the signs at the end are those of a merge that was not resolved, with the page twice in it.
_OTHER = re.compile(
    r"\bafter (?:the|one|this) update\b|\bwith (?:the )?(?:new|updated)"
    r" (?:weights|parameters)\b|\bwhat if\b"
    r"|\bsecond (?:case|example|network|sequence|pass|epoch|forward)\b|\bcase"
    r" (?:2|b|two)\b|\bexample 2\b"
    r"|\banother (?:network|example|case)\b|\bother (?:network|numbers|weights)\b|\bsanity check\b"
    r"|\b(?:numerical|finite difference|gradient) check\b|\bnext (?:pass|epoch|iteration)\b"
    r"|\b(?:epoch|iteration|pass)\s*#?(?:[2-9]|two)\b|\bforward (?:pass )?again\b"
    r"|\bcheck (?:that|whether|if) the (?:loss|error)\b|\b(?:loss|error) after\b"
    r"|\bexample (?:from|in|of) (?:the|our) (?:lecture|book|slides|class|notes|text)"
    r"|\b(?:compare|comparison) (?:with|to)\b|^<{7}|^>{7}|^={7}",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\bback to\b|\b(?:my|our) (?:own )?(?:solution|numbers|sheet|exercise)\b"
    r"|\b(?:our|the original|first) (?:network|case|example)\b",
    re.IGNORECASE,
)
# What a writer supposes, corrects or has from elsewhere is no statement of the writer's own.
_QUOTED = re.compile(
    r"\bif\b|\bsuppose\b|\binstead\b|\bnotes? say|\bbook says|\bsolution says|\bshould (?:be|have"
    r" been)|\bnot\b"
    r"|\bwould (?:be|give|get|have)|\bwrong(?:ly)?\b|\bwhat if|\bassum|\be\.g\.|\bfor"
    r" example|\bneighbou?r|\bclassmate|\bChatGPT"
    r"|\bcompare|\brather than\b|\binitially thought|\bfriend\b|\bso far\b|\brunning total\b"
    r"|\baccording to (?:the|my|our) (?:book|notes|slides|lecture|solution|key|internet|web)"
    r"|\b(?:slides|textbook) (?:say|give|have|show)"
    r"|\bwithout (?:any |the |a )?(?:recurren|memory|bias)",
    re.IGNORECASE,
)
LONGEST_LINE = 300  # characters: longer prose says nothing of what follows
SHORT_LINE = 80  # only short prose opens a section


@dataclass(frozen=True)
class Context:
    """Where a line stands. `step`: the step given once for the lines below; `part`: "", "sums" or
    "update"; `scope`: 0 for the writer's own derivation; `why` a scope is another's, the line where
    it begins, and the level of its heading (0: prose). `head`: the level of the last heading;
    `below`: that of the heading which the step stands in or under. `entry`: the entry, from 1,
    that the last line of prose says the next ones are about; nought for all.
    """

    step: int | None = None
    part: str = ""
    scope: int = 0
    why: str = ""
    line: int = 0
    level: int = 0
    head: int = 0
    below: int = 0
    entry: int = 0


def after(
    context: Context, words: str, level: int, line: int, scopes: int, own: frozenset[str]
) -> Context:
    """The context below a line of prose (level 0) or a heading. `scopes`: how many there are so
    far; `own`: words that name the network. Another scope ends with the next heading that is not
    below its own."""
    bare = words.strip()
    if not bare or len(bare) > LONGEST_LINE:
        return context
    entry = component_in(bare)
    # A formula alone between two lines of one entry is still about that entry.
    if entry or (context.entry and _speaks(bare)):
        context = replace(context, entry=entry)
    if context.scope and level and (not context.level or level <= context.level):
        context = Context()
    if level:
        context = _under_heading(context, level)
    brief = len(bare) <= SHORT_LINE
    short = brief or bool(level)
    if (short and _OTHER.search(bare)) or (level and _stranger(bare, own)):
        why = repr(bare[:60])
        return Context(scope=scopes + 1, why=why, line=line, level=level)
    if not short:
        return context
    if context.scope and _OWN.search(bare):
        return Context()
    return _in_section(context, bare, level)


def _under_heading(context: Context, level: int) -> Context:
    """A heading as high as that of the step ends what was said of the step."""
    step = context.step
    if context.below and level <= context.below:
        step = None
    return replace(context, head=level, step=step)


def _in_section(context: Context, bare: str, level: int) -> Context:
    """The part of the solution that a line opens, or the step."""
    if _SUMS.search(bare) and not _STEP.search(bare):
        context = replace(context, part="sums", step=None)
    elif _UPDATE.search(bare):
        context = replace(context, part="update", step=None)
    step = step_in(bare)
    if step is None:
        return context
    return replace(context, step=step, part="", below=level or context.head)


def level_of(heading: str) -> int:
    """The level of a heading, 1 for the highest."""
    bare = heading.strip(" >\t")
    title = bare.lstrip("#")
    if title != bare:
        return len(bare) - len(title)
    command, _, _ = bare.partition("{")  # \subsubsection
    return 1 + command.count("sub")


def _speaks(words: str) -> bool:
    """True for a line with words in it, rather than a formula alone."""
    functions = spellings().functions
    found = re.findall(r"[^\W\d_]{3,}", words)
    # tanh is a word of three letters and more, too.
    lowered = map(str.lower, found)
    return any(word not in functions for word in lowered)


def _stranger(words: str, own: frozenset[str]) -> bool:
    """True for a heading that names another network than that of the exercise."""
    low = words.lower()
    for name, spelled in spellings().networks.items():
        if name in own:
            continue
        if any(re.search(rf"\b{word}", low) for word in spelled):
            return True
    return False


def step_in(words: str) -> int | None:
    """The step that a line names once; None where it names none, several, or a part of the
    solution."""
    found = set(map(int, _STEP.findall(words)))
    if len(found) == 1 and not _PART.search(words):
        return found.pop()
    return None


_DIRECT = re.compile(r"\b(?:direct|immediate|local|explicit)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:total|whole|full|altogether)\b", re.IGNORECASE)


def part_in(words: str) -> str:
    """Which part of a derivative a line says that it is: "direct", "whole", or neither."""
    direct, whole = _DIRECT.search(words), _WHOLE.search(words)
    # "direct part and total" says of neither which it is.
    if bool(direct) == bool(whole):
        return ""
    if direct:
        return "direct"
    return "whole"


def quoted(words: str) -> str:
    """The word by which a line says that its numbers are not the writer's own; empty where none
    does."""
    found = _QUOTED.search(words)
    if found:
        return found.group()
    return ""
