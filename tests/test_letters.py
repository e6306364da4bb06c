"""A bank may use the letters of its notation everywhere; a letter that could mean two things means
the network's own, unless the bank says otherwise; what is not known is answered with what is
near."""

import pytest
import yaml

from rnnquiz.bank.load import parse_bank
from rnnquiz.errors import BankError
from rnnquiz.models import catalogue
from rnnquiz.variants.issue import issue_variants
from tests_support import ELMAN_GIVENS

BASE = {
    "title": "Letters",
    "id": "letters",
    "steps": 2,
    "givens": ELMAN_GIVENS,
    "rounding": {"decimals": 4},
}


def bank(**changes):
    return parse_bank(yaml.safe_dump({**BASE, **changes}))


def numbers(read):
    (variant,), _ = issue_variants(read, b"s" * 32, [("a", 1)])
    return variant.givens


SHOWN = {"W": "W_xh", "U": "W_hh", "V": "W_hy", "b": "b_h", "c": "b_y"}
RENAMED = {SHOWN.get(name, name): value for name, value in ELMAN_GIVENS.items()}


def test_all_names_may_be_those_of_the_notation():
    """Givens, ask, parameters and rewrites in the letters of xh_hh_hy give the same exercise as in
    the network's own."""
    rule = {"id": "T1", "name": "doubled", "says": "It is not doubled.", "where": ["forward"]}
    own = bank(
        notation="xh_hh_hy",
        ask=["h[2]", "dL/dU", "U_new", "dL[*]/dV"],
        model={"parameters": ["U", "V"]},
        misconceptions=[{**rule, "rewrite": "_rest + b -> _rest + c"}],
    )
    shown = bank(
        notation="xh_hh_hy",
        ask=["h[2]", "dL/dW_hh", "W_hh_new", "dL[*]/dW_hy"],
        givens=RENAMED,
        model={"parameters": ["W_hh", "W_hy"]},
        misconceptions=[{**rule, "rewrite": "_rest + b_h -> _rest + b_y"}],
    )

    assert [box.name for box in shown.boxes] == [box.name for box in own.boxes]
    assert "dL/dW_hh" in {box.name for box in shown.boxes}
    assert numbers(shown) == numbers(own)
    assert shown.rules[0] == own.rules[0]

    made = [mistake.formula for mistake in shown.mistaken["h[2]"] if mistake.rule.id == "T1"]
    assert made


@pytest.mark.parametrize("name", catalogue.names("notations"))
def test_every_notation_can_be_written_in(name):
    """`letters: notation` reads the names of the sheet, also where a notation exchanges letters and
    counts steps from 0."""
    own = bank(notation=name, ask=["all"])
    written = own.notation
    names = {written.text(q.name): q.name for q in own.graph.givens if q.time is None}
    given = {shown: ELMAN_GIVENS[name] for shown, name in names.items()}
    given |= {
        written.letter("x"): ELMAN_GIVENS["x"],
        written.letter("y"): ELMAN_GIVENS["y"],
        written.text("h[0]"): ELMAN_GIVENS["h[0]"],
    }
    again = bank(
        notation=name,
        letters="notation",
        givens=given,
        ask=[written.text(name) for name in own.asked],
    )

    assert again.asked == own.asked
    assert numbers(again) == numbers(own)


def test_a_letter_that_means_two_things_is_the_networks_own():
    """U is the recurrent weight in the equations and the input weight in goodfellow: without a word
    on it, it is the former."""
    assert numbers(bank(notation="goodfellow"))["U"] == numbers(bank())["U"]
    assert bank(notation="goodfellow").unclear == ("U", "W")
    assert bank(notation="goodfellow", letters="notation").unclear == ()
    assert bank(notation="xh_hh_hy").unclear == ()


def test_a_letter_alone_asks_all_of_its_steps():
    """h is h[*], yhat is yhat[*]; L stays the loss as a whole."""
    names = {box.name for box in bank(ask=["h", "yhat", "L"]).boxes}
    assert names == {"h[1]", "h[2]", "yhat[1]", "yhat[2]", "L"}


NEAR = [
    (
        {"ask": ["dL/dW_hg"], "notation": "xh_hh_hy"},
        "'dL/dW_hg' matches no quantity -> did you mean .*dL/dW_hh",
    ),
    (
        {"ask": ["W_hh"], "notation": "xh_hh_hy"},
        "'W_hh' matches no quantity -> it is given; computed of it are .*W_hh_new",
    ),
    ({"model": {"cell": "elmann"}}, "did you mean elman"),
    ({"model": {"loss": "squared_eror"}}, "did you mean squared_error"),
    ({"model": {"optimizer": "adam"}}, "did you mean optimiser"),
    ({"model": {"activation": "tahn"}}, "did you mean tanh"),
    ({"notation": "goodfelow"}, "did you mean goodfellow"),
    ({"style": "deltas"}, "did you mean delta"),
    (
        {"givens": {**{k: v for k, v in ELMAN_GIVENS.items() if k != "eta"}, "etha": "0.1"}},
        "etha: is not a given.* and nothing is said of eta -> did you mean eta",
    ),
    (
        {
            "givens": {**{k: v for k, v in RENAMED.items() if k != "W_hh"}, "Whh": "1"},
            "notation": "xh_hh_hy",
        },
        "did you mean W_hh",
    ),
    ({"marks": {"fordward": 1}}, "did you mean forward"),
    ({"credit": {"follow_trough": 1}}, "did you mean follow-through"),
]


@pytest.mark.parametrize(("changes", "message"), NEAR)
def test_unknown_words_are_answered_with_near_ones(changes, message):
    """A word that is not known is answered with those that are like it, and with nothing that only
    follows from it."""
    with pytest.raises(BankError, match=message) as error:
        bank(**changes)
    assert len(error.value.problems) == 1, str(error.value)


WRONG = [
    {"steps": "three"},
    {"steps": 99},
    {"steps": [1]},
    {"ask": "all"},
    {"givens": "none"},
    {"rounding": {"decimals": "x"}},
    {"rounding": {"decimals": 3, "truncation": "perhaps"}},
    {"title": ""},
    {"id": "a b"},
    {"model": {"sizes": {"Hidden": 2}}},
    {"model": {"shapes": {"W": ["a", "b", "c"]}}},
    {"certify": {"level": 0}},
    {"credit": {"slip": 2}},
    {"minutes": 0},
    {"model": "elman"},
    {"misconceptions": [{"id": "a"}]},
    {"policy": {"penalty": {"slips": 1}}},
    {"task": {"kind": "guess"}},
    {"wording": []},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_no_sentence_is_pydantics(changes):
    """Whatever is wrong with a key is said in the program's own words, with what would do."""
    with pytest.raises(BankError) as error:
        bank(**changes)
    for problem in error.value.problems:
        assert problem.remedy
        assert not [
            word
            for word in ("Input should", "Value error", "valid ", "pydantic", "Field", "{'")
            if word in str(problem)
        ], str(problem)
