"""A line that may be several statements, with no sign between them."""

from __future__ import annotations

from itertools import pairwise

from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.values import number_of
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_name, is_value
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.stated.chains import Chain, Member, beside, has_times_sign

# The pages of tests/test_pages.py and tests/test_pages_vectors.py are read alike with half of it
# and with twice.
NEARLY_PRODUCT = 0.02  # of a product of rounded numbers


def is_torn(chain: Chain, evidence: Evidence) -> bool:
    """h_1 = 0.604 y_1 = 0.402: true where the number and the name behind it are no product of
    the value that follows."""
    for member, after in pairwise(chain.right):
        if _has_words(member, chain, evidence):
            return True
        pair = beside(member)
        if pair is None or after.tree is None:
            continue
        # A formula behind it shows that the chain goes on.
        if not is_value(after.tree) and not beside(after):
            continue
        if not _is_product(pair, after.tree, chain, evidence):
            return True
    return False


def _is_product(pair: tuple[Num, Node], after: Node, chain: Chain, evidence: Evidence) -> bool:
    """True for a number times a known one that is, nearly, what follows."""
    factor, name = pair
    meant = evidence.meaning(name, chain.context, None)
    known = evidence.known.number(meant) if meant else None
    value = number_of(after)
    if known is None or value is None:
        return False
    written, place = value
    gap = abs(factor.value * known - written)
    unit = 10.0**place
    # Cut off, not only rounded: a whole unit.
    return gap <= NEARLY_PRODUCT * abs(written) + unit


def _has_words(member: Member, chain: Chain, evidence: Evidence) -> bool:
    """0.6 et h_2: true for a number with several names right behind it, one of which is not
    known."""
    tree = member.tree
    if chain.piece.kind == "math" or not isinstance(tree, Op) or tree.op != "mul":
        return False
    number, *names = tree.args
    if not isinstance(number, Num) or len(names) < 2 or not all(map(is_name, names)):
        return False
    if has_times_sign(member):
        return False  # whoever writes the sign means a product
    meanings = [evidence.meaning(name, chain.context, None) for name in names]
    return None in meanings


TORN = said("it may be several statements, with no sign between them")
