"""Triage suggests the route, with its reason: by what the words say of the type, by whose matter it is, by whose
records they find.
"""

from __future__ import annotations

import pytest

from service_desk import rules
from service_desk.knowledge import Place
from service_desk.materials import Supposed
from service_desk.ports import FrozenHit
from service_desk.routes import Departments, Routes
from service_desk.rules import bundled_text
from service_desk.triage import TriageRules, suggest
from service_desk.triage_routes import suggested_routes

TRIAGE = rules.read(TriageRules, bundled_text(TriageRules))
DEPARTMENTS = rules.read(Departments, bundled_text(Departments))
OWN = """routes:
  harbour:
    title: {en: Harbour, zh-Hans: 港口, zh-Hant: 港口}
    when: {holder: [Harbour Archives]}
    to: partner
    partner: harbour
  review:
    title: {en: Opening, zh-Hans: 开放审核, zh-Hant: 開放審核}
    when: {type: [appeal]}
    to: department
    department: description
"""
BUNDLED = bundled_text(Routes)
ROUTES = rules.read(Routes, BUNDLED.replace("routes:\n", OWN, 1))
HIT = FrozenHit("r", "契約", None, "East Wing", "open", True, 1)


def suggested(text, type_="question", hits=(), places=()):
    found = suggest(TRIAGE, text, hits[0] if hits else None, places, DEPARTMENTS)
    return suggested_routes(ROUTES, Supposed(type_), text, hits, found)


def test_the_type_that_the_words_say_leads_where_the_rules_say():
    [one] = suggested("请把这份契约复印发到我的邮箱", hits=(HIT,))
    assert one.name == "own_stacks"
    assert "“" in one.reasons[0].sentence("zh-Hans") and "按规则走这条路径" in one.reasons[0].sentence("zh-Hans")
    assert one.reasons[0].sentence("en").endswith("goes this way by the rules")


def test_what_is_of_that_type_already_is_where_it_belongs():
    assert suggested("请把这份契约复印发到我的邮箱", "copy", (HIT,)) == ()


@pytest.mark.parametrize(("count", "names"), [(8, ["harbour"]), (5, ["harbour"]), (4, []), (0, [])])
def test_whose_records_most_of_the_finds_are_speaks_for_their_route(count, names):
    places = (Place("holder", "Harbour Archives", count, 10), Place("holder", "Nobody's", 10, 10))
    assert [one.name for one in suggested("港口的船", places=places)] == names


def test_each_route_once_and_the_holders_first():
    places = (Place("holder", "Harbour Archives", 9, 10), Place("holder", "Harbour Archives", 9, 10))
    names = [one.name for one in suggested("请把这份契约复印发到我的邮箱", hits=(HIT,), places=places)]
    assert names == ["harbour", "own_stacks"]


def test_what_the_system_alone_answers_is_not_suggested():
    read = FrozenHit("r", "契約", None, "East Wing", "open", True, 1, online=True)
    text = BUNDLED.replace("note: false", "note: true")
    found = suggest(TRIAGE, "请把这份契约复印发到我的邮箱", read, (), DEPARTMENTS)
    assert found.types[0].name == "copy"
    assert suggested_routes(rules.read(Routes, text), Supposed("question"), "请复印", (read,), found) == ()
