"""What a request will cost: examples, and what holds of every document of fees and every order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service_desk.estimates import Order, estimate
from service_desk.fees import Fees
from service_desk.rules import RulesMistaken, bundled_text, read
from service_desk.told import Title

FEES = read(Fees, bundled_text(Fees))
RELATIONS = ("self", "heir", "authority")
CASES = {
    "a page": (Order(type="copy"), [("scan_page", 1, 100, 0)]),
    "pages times copies": (Order(type="paper_copy", pages=12, copies=2), [("paper_page", 24, 50, 0)]),
    "the carrier adds": (
        Order(type="copy", pages=3, carrier="tiff"),
        [("scan_page", 3, 100, 0), ("scan_master", 3, 200, 0)],
    ),
    "by post": (Order(type="copy", delivery="post"), [("scan_page", 1, 100, 0), ("postage", 1, 1200, 0)]),
    "free for whom it is about": (Order(type="copy", pages=5, relation="self"), [("scan_page", 5, 100, 500)]),
    "a student": (Order(type="copy", pages=3, exemption="student"), [("scan_page", 3, 100, 150)]),
    "half a cent is the reader's": (
        Order(type="paper_copy", pages=1, exemption="student"),
        [("paper_page", 1, 50, 25)],
    ),
    "of postage a student pays all": (
        Order(type="copy", exemption="student", delivery="post"),
        [("scan_page", 1, 100, 50), ("postage", 1, 1200, 0)],
    ),
    "nothing is claimed that there is not": (Order(type="copy", exemption="king"), [("scan_page", 1, 100, 0)]),
    "a question": (Order(type="question"), []),
}


@pytest.mark.parametrize("name", CASES)
def test_examples(name):
    order, expected = CASES[name]
    found = estimate(FEES, order)
    assert [(line.code, line.count, line.price, line.off) for line in found.lines] == expected


def fees_of(text):
    return read(Fees, f"fees:\n  a: {{title: {{en: a, zh-Hans: a, zh-Hant: a}}, price: 30, per: page}}\n{text}")


@pytest.mark.parametrize(
    ("more", "pages", "total"),
    [
        ("minimum: 100", 1, 100),
        ("minimum: 100", 4, 120),
        ("rounding: {to: 50, way: down}", 4, 100),
        ("rounding: {to: 50, way: up}", 4, 150),
        ("rounding: {to: 50, way: half}", 4, 100),
        ("rounding: {to: 50, way: half}", 5, 150),
        ("minimum: 100\nrounding: {to: 1000, way: up}", 1, 1000),
        ("rounding: {to: 1000, way: down}", 1, 0),
    ],
)
def test_minimum_and_rounding(more, pages, total):
    assert estimate(fees_of(more), Order(type="copy", pages=pages)).total == total


def test_what_is_less_says_why():
    text = "fees:\n  a: {title: {en: a, zh-Hans: a, zh-Hant: a}, price: 30, per: page, allowance: 10, cap: 300}\n"
    found = estimate(read(Fees, text), Order(type="copy", pages=100)).lines[0]
    assert (found.amount, [one.en for one in found.why]) == (
        300,
        ["The first 10 are free", "Never more than this for one request"],
    )
    assert [one.en for one in estimate(FEES, Order(type="copy", exemption="student")).lines[0].why] == [
        FEES.exemptions["student"].ground.en
    ]


OLD = """\
currency: CNY
fees:
  scan_page: {title: {en: a, zh-Hans: a, zh-Hant: a}, price: 100, types: [copy], free_for: [self]}
  postage: {title: {en: p, zh-Hans: p, zh-Hant: p}, price: 1200}
"""


def test_a_document_of_an_earlier_version_is_offered_as_before_and_computes_nothing():
    old = read(Fees, OLD)
    assert [(code, price) for code, _, price in old.of("copy", "self")] == [("scan_page", 0), ("postage", 1200)]
    assert estimate(old, Order(type="copy", pages=9)).lines == ()
    assert old.asks("copy") == frozenset()


def test_only_what_the_price_depends_on_is_asked():
    assert FEES.asks("copy") == {"pages", "copies", "carrier", "delivery", "exemption"}
    assert FEES.asks("certificate") == {"copies", "delivery", "exemption"}
    assert FEES.asks("question") == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("carrier: [tiff]", "carrier: [papyrus]", "papyrus"),
        ("fees: [scan_page, paper_page]", "fees: [gold]", "gold"),
        ("share: 50", "share: 0", "share"),
        ("share: 50", "share: 101", "share"),
        ("per: request", "per: weekday", "per"),
        ("per: request", "per: request\n    allowances: 1", "allowances"),
        ("minimum: 0", "minimum: -1", "minimum"),
    ],
)
def test_mistakes_are_told(old, new, said):
    with pytest.raises(RulesMistaken, match=said):
        read(Fees, bundled_text(Fees).replace(old, new))


def test_an_exemption_is_of_a_relation_that_there_is(desk):
    text = bundled_text(Fees).replace("    share: 50", "    share: 50\n    relations: [king]")
    with pytest.raises(RulesMistaken, match="king"):
        desk.rules.check(Fees, text)


TITLE = Title.of("t", "t", "t")
SUMS = st.integers(0, 5_000)
RULES = st.fixed_dictionaries(
    {"title": st.just(TITLE), "price": SUMS, "per": st.sampled_from([None, "page", "copy", "record", "request"])},
    optional={
        "allowance": st.integers(0, 20),
        "cap": SUMS,
        "free_for": st.lists(st.sampled_from(RELATIONS), max_size=2).map(tuple),
        "when": st.fixed_dictionaries(
            {},
            optional={
                "carrier": st.just(("tiff",)),
                "delivery": st.just(("post",)),
                "certified": st.booleans(),
            },
        ),
    },
)
EXEMPTIONS = st.fixed_dictionaries(
    {"title": st.just(TITLE), "ground": st.just(TITLE), "share": st.integers(1, 100)},
    optional={"relations": st.lists(st.sampled_from(RELATIONS), max_size=2).map(tuple), "fees": st.just(("f0",))},
)
DOCUMENTS = st.builds(
    lambda fees, exemptions, minimum, rounding: Fees.model_validate(
        {
            "fees": {f"f{number}": rule for number, rule in enumerate(fees)},
            "exemptions": {f"e{number}": one for number, one in enumerate(exemptions)},
            "choices": {"carrier": {"tiff": TITLE}, "delivery": {"post": TITLE}},
            "minimum": minimum,
            "rounding": rounding,
        }
    ),
    st.lists(RULES, min_size=1, max_size=5),
    st.lists(EXEMPTIONS, max_size=3),
    SUMS,
    st.fixed_dictionaries({"to": st.integers(1, 1_000), "way": st.sampled_from(["down", "up", "half"])}),
)
ORDERS = st.builds(
    Order,
    type=st.just("copy"),
    relation=st.sampled_from([None, *RELATIONS]),
    pages=st.integers(1, 300),
    copies=st.integers(1, 20),
    records=st.integers(1, 20),
    carrier=st.sampled_from([None, "tiff"]),
    delivery=st.sampled_from([None, "post"]),
    certified=st.booleans(),
    exemption=st.sampled_from([None, "e0", "e1", "nonsense"]),
)


@given(DOCUMENTS, ORDERS)
def test_no_line_is_negative_and_the_total_is_their_sum(fees, order):
    found = estimate(fees, order)
    assert all(line.amount >= 0 and line.off >= 0 and line.count >= 1 for line in found.lines)
    assert all(line.why for line in found.lines if line.off)
    assert found.total == sum(line.count * line.price - line.off for line in found.lines)
    assert found.total % fees.rounding.to == 0
    assert all(isinstance(number, int) for line in found.lines for number in (line.count, line.price, line.off))


@given(DOCUMENTS, ORDERS)
def test_an_exemption_never_raises(fees, order):
    without = replace(order, exemption=None)
    assert estimate(fees, order).total <= estimate(fees, without).total
    stranger = replace(without, relation=None)
    assert estimate(fees, without).total <= estimate(fees, stranger).total


@given(DOCUMENTS, ORDERS, st.integers(0, 200), st.integers(0, 5))
def test_more_pages_or_copies_never_cost_less(fees, order, pages, copies):
    more = replace(order, pages=order.pages + pages, copies=order.copies + copies)
    assert estimate(fees, more).total >= estimate(fees, order).total


@given(DOCUMENTS, ORDERS)
def test_what_costs_something_comes_to_the_minimum(fees, order):
    raw = fees.model_copy(update={"minimum": 0, "rounding": fees.rounding.model_copy(update={"to": 1})})
    plain = estimate(raw, order).total
    unrounded = estimate(raw.model_copy(update={"minimum": fees.minimum}), order).total
    assert unrounded == (max(plain, fees.minimum) if plain else 0)


@given(DOCUMENTS, ORDERS)
def test_nothing_that_is_not_asked_changes_the_price(fees, order):
    """So a form that leaves out what is not asked shows the right sum."""
    asked = fees.asks("copy")
    plain = {"pages": 1, "copies": 1, "carrier": None, "delivery": None, "certified": False, "exemption": None}
    bare = replace(order, **{name: value for name, value in plain.items() if name not in asked})
    assert estimate(fees, bare).total == estimate(fees, order).total
