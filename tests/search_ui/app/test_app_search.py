"""Landing and search through AppTest: one search a run, the address as the state, hostile text as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import app_house
import pytest
from streamlit.testing.v1 import AppTest

from indexer.query import Query
from search_ui.i18n import Translator
from search_ui.screens import blocks, frame, histogram, hits
from search_ui.services import Services

Visit = Callable[..., AppTest]
Markup = Callable[[AppTest], str]


class Tags(HTMLParser):
    """The elements and attribute names of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [tag, *(name for name, _ in attrs)]


def test_landing_offers_three_questions_and_the_hours(visit: Visit, markup: Markup) -> None:
    shown = markup(visit("/"))
    assert shown.count("data-go>") >= 3
    assert "Monday to Friday, 9 to 17" in shown


@pytest.mark.parametrize(("lang", "heading"), [("en", "44 results"), ("zh-Hans", "44 项"), ("zh-Hant", "44 項")])
def test_results_are_counted_in_the_readers_language(visit: Visit, markup: Markup, lang: str, heading: str) -> None:
    shown = markup(visit("/search", lang=lang, q="石碇"))
    assert heading in shown
    assert "關於新北市<mark>石碇鄉</mark>石碇段石碇小段29號贈與案" in shown


def test_a_run_searches_once(visit: Visit, rooms: Services) -> None:
    test = visit("/search", q="石碇")
    first = rooms.searcher.searches
    test.run()
    assert rooms.searcher.searches == first + 1


def test_the_landing_page_counts_what_is_here(visit: Visit, markup: Markup) -> None:
    page = markup(visit("/"))
    assert "kind%3Aphysical" in page and "/r" in page


def told(test: AppTest) -> dict[str, str]:
    """What the page component is told at the end of a run."""
    (component,) = test.get("bidi_component")
    return json.loads(component.proto.bytes.partition(b"\n")[0])


@pytest.mark.parametrize("path", ["/search", "/"])
def test_the_box_and_the_spoken_count_follow_the_address(visit: Visit, markup: Markup, path: str) -> None:
    test = visit(path, q="石碇", f=["kind:physical"])
    assert "data-box" in markup(test)
    assert (told(test)["text"], told(test)["announce"]) == ("石碇", "43 results")


def test_what_is_typed_is_left_alone_by_a_rerun(visit: Visit) -> None:
    """The head is the same text whatever was asked, so that the browser does not replace the box."""
    test = visit("/search", q="石碇")
    first = test.get("html")[0].proto.body
    test.query_params["q"] = "minutes"
    assert test.run().get("html")[0].proto.body == first


FOLLOWED = {
    "this screen": ("/search?q=a&f=kind:x&f=kind:y", "/search", {"q": ["a"], "f": ["kind:x", "kind:y"]}),
    "results on the landing page": ("/search?q=a", "/", {"q": ["a"]}),
    "another screen": ("/staff-feedback?state=new", "/search", None),
    "another host": ("//evil.example/search?q=a", "/search", None),
    "another scheme": ("javascript:/search", "/search", None),
    "not an address": ("http://[", "/search", None),
    "nothing": ("", "", None),
}


@pytest.mark.parametrize(("target", "path", "parameters"), FOLLOWED.values(), ids=FOLLOWED)
def test_only_links_to_the_screen_itself_are_followed(
    target: str, path: str, parameters: dict[str, list[str]] | None
) -> None:
    assert frame.followed(target, path) == parameters


def test_pages_are_numbered_and_twenty_long(visit: Visit, markup: Markup) -> None:
    shown = markup(visit("/search", q="石碇", page="3"))
    assert shown.count('class="hit"') == 4
    assert 'aria-current="page" aria-label="Page 3"' in shown


def test_filters_stay_to_be_taken_back_when_nothing_is_left_of_them(visit: Visit, markup: Markup) -> None:
    shown = markup(visit("/search", q="minutes", f=["kind:thematic", "kind:digital"]))
    assert re.search(r'data-filter="kind:thematic" checked>', shown)


def test_hostile_words_of_a_record_stay_words(visit: Visit, markup: Markup) -> None:
    shown = markup(visit("/search", q="evil"))
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    seen = Tags(shown).seen
    assert not {"script", "b", "onerror", "onclick"} & set(seen)


def test_hostile_words_in_the_box_stay_words(visit: Visit, markup: Markup) -> None:
    seen = Tags(markup(visit("/search", q='"><script>alert(1)</script><img src=x onerror=y>'))).seen
    assert not {"script", "img", "onerror"} & set(seen)


def test_nothing_found_leads_one_step_wider_and_to_an_archivist(visit: Visit, markup: Markup) -> None:
    shown = markup(visit("/search", q="下乡 minutes 永丰厂", f=["kind:thematic"]))
    assert "Nothing found for" in shown
    assert "/search?q=minutes" in shown
    assert "/ask?type=question" in shown


def test_with_the_engine_down_the_box_stays_and_requests_go_on(visit: Visit, rooms: Services, markup: Markup) -> None:
    rooms.searcher.down = True
    test = visit("/search", q="石碇")
    assert told(test)["text"] == "石碇"
    assert "Search is paused; requests go on" in markup(test)
    assert "/ask?type=question" in markup(test)


def test_an_answer_of_a_part_of_the_index_says_so_and_is_not_kept(
    visit: Visit, rooms: Services, markup: Markup
) -> None:
    rooms.index_version = lambda: 7
    rooms.searcher.partial = True
    told_so = "A part of the index did not answer"
    assert told_so in markup(visit("/search", q="石碇"))
    assert told_so in markup(visit("/search", q="下乡 minutes 永丰厂", f=["kind:thematic"]))
    rooms.searcher.partial = False
    assert told_so not in markup(visit("/search", q="石碇"))


def test_a_broken_screen_gives_a_number_and_no_traceback(
    visit: Visit, rooms: Services, markup: Markup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms.searcher, "search", lambda query, viewer: {})
    test = visit("/search", q="x")
    assert not test.exception
    assert re.search(r"if it happens again: [0-9a-f]{8}", markup(test))


ACTS = {
    "read": (app_house.READ, "now", "/r/r-1?page=2&"),
    "link": ({"action": "link", "url": "https://a.example/b"}, "now", "https://a.example/b"),
    "script in a link": ({"action": "link", "url": "javascript:alert(1)"}, "now", None),
    "consult": (app_house.CONSULT, "soon", "/ask?resource=r-1&type=consult"),
    "copy": (app_house.COPY, "soon", "/ask?resource=r-1&type=copy"),
    "apply": ({"action": "apply"}, "cond", "/ask?resource=r-1&type=query"),
    "sign in": ({"action": "sign_in"}, "cond", "/login?next="),
    "on site": ({"action": "onsite"}, "cond", "/reading-room?resource=r-1"),
    "opens": ({"action": "opens", "on": "2046-01-01"}, "closed", "/ask?resource=r-1&type=query"),
    "closed": ({"action": "closed"}, "closed", "/ask?resource=r-1&type=query"),
    "another holder, open there": (
        {
            "action": "holder",
            "holders": [{"holder": "South", "access": "open", "open": True, "url": "https://south.example/1"}],
        },
        "cond",
        "https://south.example/1",
    ),
    "another holder": (
        {"action": "holder", "holders": [{"holder": "South", "access": "closed", "open": False, "url": None}]},
        "cond",
        None,
    ),
    "ask": (app_house.ASK, "calm", "/ask?resource=r-1&type=question"),
}


@pytest.mark.parametrize(("action", "colour", "leads_to"), ACTS.values(), ids=ACTS)
def test_what_can_be_had_has_one_colour_and_one_way(
    action: dict[str, object], colour: str, leads_to: str | None
) -> None:
    shown = hits.view({**app_house.HITS[0], "available": [action]}, 1, "q=x", Translator("en"))
    assert [state.colour for state in shown.states] == [colour]
    assert shown.act.href.startswith(leads_to) if leads_to else shown.act is None


def test_only_marks_pass_through_a_highlight() -> None:
    chips = [{"text": "<b>", "what": None, "href": "/"}]
    others = {"names": ["<u>"], "text": "x", "href": "/"}
    shown = blocks.draw("understood", Translator("en"), chips=chips, ways=[], others=others, intents=[], save="/")
    assert "&lt;b&gt;" in shown and "&lt;u&gt;" in shown
    assert blocks.marks("a<mark>b</mark><b>&lt;i&gt;") == "a<mark>b</mark>&lt;b&gt;&lt;i&gt;"


def decades(*counts: tuple[int, int]) -> list[dict[str, int]]:
    return [{"from": first, "to": first + 9, "count": count} for first, count in counts]


def test_bars_are_few_whatever_the_holdings_span() -> None:
    spread = decades(*((year, 5) for year in range(-2000, 2000, 10)))
    shown = histogram.bars(spread, Query(), Translator("en"))
    assert 10 < len(shown) <= histogram.MOST
    assert sum(bar.count for bar in shown) >= 0.98 * 5 * len(spread)


def test_a_gap_keeps_its_room_and_an_outlier_takes_none() -> None:
    holdings = decades((1040, 1), (1050, 8), (1900, 100), (1930, 50))
    shown = histogram.bars(holdings, Query(year_from=1931), Translator("en"))
    assert [(bar.first, bar.count, bar.within) for bar in shown] == [
        (1900, 100, False),
        (1910, 0, False),
        (1920, 0, False),
        (1930, 50, True),
    ]


def test_without_dates_there_are_no_bars() -> None:
    assert histogram.bars([], Query(), Translator("en")) == []
