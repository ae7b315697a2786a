"""Which forms a text is written in, and what a typed string asks of them."""

from __future__ import annotations

import pytest

from mappings.forms import forms, written

CASES = {
    "plain words are written as they fold": (["farm bureau"], set()),
    "capitals": (["Farm BUREAU"], {"Farm", "BUREAU"}),
    "both forms of a word": (["Farm farm"], {"Farm", "farm"}),
    "a form nobody could guess": (["McAdam"], {"McAdam", "!mcadam"}),
    "accents": (["Café"], {"Café", "!cafe"}),
    "between words stands more than a blank": (["farm, bureau coal"], {"farm|"}),
    "simplified is written as it folds": (["铁路"], set()),
    "traditional": (["鐵路"], {"鐵"}),
    "both": (["鐵路", "铁"], {"鐵", "铁"}),
    "a compatibility character": (["鐵\uf937"], {"鐵", "\uf937"}),
    "a blank beside Han": (["第 3 號", "第3號"], {"第|", "3|", "號"}),
    "a variation selector": (["葛\U000e0100城"], {"|"}),
    "half-width Kana with its mark": (["ｶﾞｽ"], {"ｶ", "!が", "ｽ", "|", "ｶﾞｽ", "!がす"}),
}


@pytest.mark.parametrize("name", CASES)
def test_forms(name: str) -> None:
    values, tokens = CASES[name]
    assert forms(values) == tokens


def test_what_is_typed() -> None:
    farm = written("Farm")
    assert farm.is_single and farm.units[0].others == ("farm", "FARM", "!farm")
    assert written("Farm Bureau").loose == ("farm|",) and not written("Farm Bureau").is_strewn
    assert written("Farm-Bureau").is_strewn and written("《上海》").is_strewn and written("上海。市").is_strewn
    assert written("鐵").is_single and not written("鐵路").is_single
    assert written("IBM的").loose == ("ibm|",) and not written("IBM的").is_strewn
    assert not written("。").units
