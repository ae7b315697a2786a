"""Fees are data: which belong to a type, and whom they are free for."""

from __future__ import annotations

import pytest
from desk_parts import ONCE

from service_desk.fees import Fees
from service_desk.materials import Materials
from service_desk.rules import bundled_text, read

FEES = read(Fees, bundled_text(Fees))


def test_a_price_belongs_to_types_and_is_free_for_some():
    prices = [("scan_master", 200), ("postage", 1200)]
    assert [(code, price) for code, _, price in FEES.of("copy")] == [("scan_page", 100), *prices]
    assert [(code, price) for code, _, price in FEES.of("copy", "self")] == [("scan_page", 0), *prices]
    assert FEES.of("question") == ()


def test_those_it_is_free_for_are_relations_that_there_are():
    relations = read(Materials, bundled_text(Materials)).relations
    assert {one for rule in FEES.fees.values() for one in rule.free_for} <= relations.keys()


@ONCE
@pytest.mark.parametrize("wrong", ["price: -1", "price: 1.5", "price: a"])
def test_a_price_is_a_whole_number(desk, wrong):
    text = f"fees: {{x: {{title: {{en: a, zh-Hans: a, zh-Hant: a}}, {wrong}}}}}"
    with pytest.raises(Exception, match="price"):
        desk.rules.check(Fees, text)
