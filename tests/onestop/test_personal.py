"""The rules of de-identified copies, for texts of the desk."""

from __future__ import annotations

from onestop.personal import DeidentifyRules


def test_persons_and_numbers_are_found_and_masked() -> None:
    text = "王建国您好，您父亲王建国的电话 13800138000，身份证号 11010519491231002X，登记簿在二层。"
    rules = DeidentifyRules()
    assert {kind for _, _, kind in rules.spans(text)} >= {"phone", "id_number"}
    masked = rules.masked(text)
    assert "13800138000" not in masked and "11010519491231002X" not in masked and "登记簿在二层" in masked
    assert rules.spans("阅览室周一至周五开放。") == []
    assert rules.masked("阅览室周一至周五开放。") == "阅览室周一至周五开放。"
