"""What was read of a question, as the search page tells it: chips, other names, intents, slips, and a code's record."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer.engines.memory import MemoryEngine
from indexer.field_names import field_of, shown_names
from indexer.resource import mint
from indexer.search import Searcher
from indexer.understanding import asking, kinds
from mappings.access import ANONYMOUS
from search_ui import address, paths
from search_ui.i18n import LANGUAGES, Translator, catalogue
from search_ui.screens import hints, understood
from search_ui.screens.search import _record_of_code
from tests.contracts.asking_contract import everything
from tests.indexer.corpus import fill

NOTES = ("too-long", "unfinished-quotation", "lone-operator", "unknown-field", "empty-field")


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    engine = MemoryEngine()
    fill(engine, everything())
    return Searcher(engine)


def shown(searcher: Searcher, parameters: dict[str, list[str]], lang: str = "en") -> dict[str, Any]:
    query = address.read(parameters)
    interpretation = searcher.search(query, ANONYMOUS)["interpretation"]
    return understood.view(query, interpretation, Translator(lang))


def plain(href: str) -> list[str]:
    return parse_qs(urlsplit(href).query).get("plain", [])


def test_each_reading_is_a_chip_that_takes_it_back(searcher: Searcher) -> None:
    told = shown(searcher, {"q": ["letters about railways before 1911 in German"]})
    assert [(chip["text"], chip["what"]) for chip in told["chips"]] == [
        ("railways", None),
        ("letters", "kind of material"),
        ("about", "left out"),
        ("before 1911", "to 1910"),
        ("in German", "German"),
    ]
    years = told["chips"][3]
    assert plain(years["href"]) == ["years:before 1911"]
    again = shown(searcher, parse_qs(urlsplit(years["href"]).query))
    assert [chip["text"] for chip in again["chips"]][:3] == ["railways", "before", "1911"]


def test_all_can_be_read_as_words_and_as_a_question_again(searcher: Searcher) -> None:
    told = shown(searcher, {"q": ["railways before 1911"]})
    words = next(way for way in told["ways"] if way["text"] == "Only the words")
    assert plain(words["href"]) == ["all"]
    back = shown(searcher, parse_qs(urlsplit(words["href"]).query))["ways"]
    assert "Only the words" not in [way["text"] for way in back]
    assert plain(next(way["href"] for way in back if way["text"] == "Read as a question")) == []


def test_years_are_told_as_numbers(searcher: Searcher) -> None:
    for text, what in (
        ("光緒二十年", "1894"),
        ("1950年代", "1950–1959"),
        ("天順元年", "1328 / 1457"),
        ("1949年以后", "自 1949 年"),
    ):
        (chip,) = shown(searcher, {"q": [text]}, "zh-Hans")["chips"]
        assert (chip["text"], chip["what"]) == (text, what)


def test_other_names_are_told_and_switched(searcher: Searcher) -> None:
    told = shown(searcher, {"q": ["苏东坡"]})
    assert told["others"]["names"] == ["蘇軾", "子瞻", "Su, Shi, 1037-1101"]
    assert [(chip["text"], chip["what"]) for chip in told["chips"]] == [("苏东坡", "Person 蘇軾")]
    off = parse_qs(urlsplit(told["others"]["href"]).query)
    assert off["synonyms"] == ["0"]
    without = shown(searcher, off)["others"]
    assert without["names"] == [] and "synonyms" not in without["href"]
    assert shown(searcher, {"q": ["railways"]})["others"] is None


def test_what_is_wanted_besides_finding_leads_where_one_gets_it(searcher: Searcher) -> None:
    (told,) = shown(searcher, {"q": ["我爷爷的参军证明"]}, "zh-Hans")["intents"]
    assert urlsplit(told["href"]).path == paths.ASK and parse_qs(urlsplit(told["href"]).query)["type"] == ["query"]
    (hours,) = shown(searcher, {"q": ["opening hours"]})["intents"]
    assert hours["href"] == paths.ABOUT


def test_a_code_alone_leads_to_its_record_and_back_to_the_text(searcher: Searcher) -> None:
    land = mint("list", "z013-005")
    query = address.read({"q": ["z013 1 1 5"]})
    record = searcher.search(query, ANONYMOUS)["interpretation"]["record"]
    href = urlsplit(_record_of_code(query, record))
    assert href.path == paths.record(land)
    back = address.read_string(parse_qs(href.query)["from"][0])
    assert (back.text, back.plain) == ("z013 1 1 5", ("code",))
    assert searcher.search(back, ANONYMOUS)["interpretation"]["record"] is None
    assert _record_of_code(address.with_years(query, 1900, None), record) == ""
    assert _record_of_code(query, None) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_fields_that_can_be_typed(language: str) -> None:
    told = hints.view(Translator(language))
    assert told["fields"] == list(shown_names(language).values())
    assert all(field_of(name) == field for field, name in shown_names(language).items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reading_and_slip_has_a_word(language: str) -> None:
    terms = set(catalogue(language, "terms"))
    wanted = {f"note.{code}" for code in NOTES}
    wanted |= {f"material.{kind}" for kind, _ in kinds.KINDS.values()}
    wanted |= {f"{group}.{name}" for group in ("intent", "intent_said", "intent_way") for name in asking.INTENTS}
    assert wanted - terms == set()
