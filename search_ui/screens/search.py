"""Landing and search: one box, what we understood, hits that say what can be had now. The address is the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from indexer.errors import SearchError
from indexer.query import SORTS, Query
from indexer.understanding.question import CODE
from search_ui import address, paths
from search_ui.busy import of_hits
from search_ui.i18n import Translator
from search_ui.memory import Memory
from search_ui.resting import Rest, rest
from search_ui.screens import advice, facets, nothing, themed, together, understood
from search_ui.screens.blocks import draw
from search_ui.screens.context import Here
from search_ui.screens.frame import Drawn

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of results as it is sent, and what a screen reader should hear of it; `leave` is the address of the one
    record whose code was typed, `partial` says that some of the index did not answer.
    """

    markup: str
    announce: str
    leave: str = ""
    partial: bool = False


_PAGES: Final[Memory[Page]] = Memory()


def landing(here: Here) -> Drawn:
    """First visit: the box, three questions this archive can answer, when it is open. No feed, no hero picture.

    With a question in its address it is the search screen, so that the first search needs no other page.
    """
    if address.write(address.read(here.parameters)):
        return search(here)
    hours, glance = _lines(here.services.text("hours", here.lang)), _glance(here)
    shown = {"examples": _examples(here), "themes": themed.cards(here), "glance": glance, "hours": hours}
    told = None if glance is not None else rest(here.services, here.viewer, here.words) or Rest()
    return Drawn(content=draw("landing", here.words, rest=told, **shown))


def search(here: Here) -> Drawn:
    """The results of the address."""
    query = address.read(here.parameters)
    try:
        page = _page(here, query)
    except SearchError:
        return _paused(here, query)
    return Drawn(page.announce, page.markup, leave=page.leave)


def _paused(here: Here, query: Query) -> Drawn:
    """That search is paused: since when, and what goes on."""
    told = rest(here.services, here.viewer, here.words) or Rest()
    ask = paths.ask(type="question", q=address.shown_text(query))
    markup = draw("paused", here.words, ask=ask, rest=told, themes=themed.cards(here))
    return Drawn(here.words.t("Search is paused; requests go on"), markup)


def _page(here: Here, query: Query) -> Page:
    """The page of a query, remembered as long as nothing it depends on changes: a rerun then draws nothing anew."""
    state, as_of = here.services.state(query, here.viewer), _as_of(here)
    if state is None:
        return _drawn(here, query, as_of)
    key = (state, as_of, here.lang, themed.stamp(here), here.services.busy.state())
    return _PAGES.get(key, lambda: _drawn(here, query, as_of), lambda page: not page.partial)


def _drawn(here: Here, query: Query, as_of: str | None) -> Page:
    answer = here.services.search(query, here.viewer)
    if not answer["hits"] and not answer["groups"]:
        return Page(nothing.drawn(here, query, answer), here.words.t("Nothing found"), partial=answer["partial"])
    markup = draw("results", here.words, as_of=as_of, **results(here, query, answer))
    announce = here.words.n("{count} result", "{count} results", answer["total"])
    return Page(markup, announce, _record_of_code(query, answer["interpretation"]["record"]), answer["partial"])


def _record_of_code(query: Query, record: str | None) -> str:
    """The page of the record whose code was typed into the box, and nothing else asked; from there leads a way to what
    else holds the text.
    """
    if record is None or query != address.with_text(address.NEW, query.text):
        return ""
    text = address.shown_text(query)
    return paths.record(record, q=text, **{"from": urlencode({"q": text, "plain": CODE})})


def results(here: Here, query: Query, answer: Json) -> Json:
    """Everything the result block shows."""
    words, text = here.words, address.shown_text(query)
    came = urlencode({"q": text}) if text else ""
    kept = of_hits(here.services.busy, together.all_hits(answer))
    return {
        "heading": _heading(query, answer["total"], words),
        "total": answer["total"],
        "partial": answer["partial"],
        **understood.view(query, answer["interpretation"], words),
        "facets": facets.view(answer, query, words),
        "themes": themed.near(here, answer, text),
        "relaxed": answer["interpretation"]["relaxed"],
        **advice.view(query, answer["interpretation"], words),
        "notes": [words.term("note", code) for code in answer["interpretation"]["notes"]],
        "entries": together.entries(answer, query, came, words, kept),
        "groups": together.groups(answer, query, came, words, kept),
        "switch": together.switch(query, words),
        "sorts": _sorts(query, words),
        **(_steps(query, answer) if query.group else _pager(query, answer["total"] - answer["folded"])),
    }


def _heading(query: Query, total: int, words: Translator) -> str:
    if query.group:
        return words.n("{count} result, by fonds", "{count} results, by fonds", total)
    if query.sort == "relevance":
        return words.n("{count} result, by relevance", "{count} results, by relevance", total)
    if query.sort == "date":
        return words.n("{count} result, oldest first", "{count} results, oldest first", total)
    return words.n("{count} result, by reference code", "{count} results, by reference code", total)


def _sorts(query: Query, words: Translator) -> list[Json]:
    return [
        {
            "text": words.term("sort", sort),
            "chosen": sort == query.sort,
            "href": address.href(address.with_sort(query, sort)),
        }
        for sort in SORTS
    ]


def _pager(query: Query, total: int) -> Json:
    """Numbered pages of so many entries: first, last and those around; None stands for a gap."""
    last = min(-(-total // address.PAGE_SIZE), address.MAX_PAGE)
    here = address.page(query)
    numbers = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
    pages: list[Json | None] = []
    for place, number in enumerate(numbers):
        if place and number > numbers[place - 1] + 1:
            pages.append(None)
        pages.append({"number": number, "here": number == here, "href": _page_href(query, number)})
    return {
        "pages": pages,
        "previous": _page_href(query, here - 1) if here > 1 else None,
        "next": _page_href(query, here + 1) if here < last else None,
    }


def _steps(query: Query, answer: Json) -> Json:
    """To the groups before and after these: how many there are nobody counts."""
    here = address.page(query)
    return {
        "pages": [],
        "previous": _page_href(query, here - 1) if here > 1 else None,
        "next": _page_href(query, here + 1) if answer["more_groups"] else None,
    }


def _page_href(query: Query, number: int) -> str:
    return address.href(address.with_page(query, number))


def _as_of(here: Here) -> str | None:
    """How fresh the catalogue is: the newest refresh of its sources, and those left behind."""
    days = sorted((source.as_of, source.title) for source in here.services.sources() if source.as_of)
    if not days:
        return None
    newest = days[-1][0]
    text = here.words.t("Catalogue as of {date}.", date=newest[:16].replace("T", " "))
    late = [title for day, title in days if day[:10] < newest[:10]]
    if late:
        text += " " + here.words.n(
            "{count} source was not refreshed then.", "{count} sources were not refreshed then.", len(late)
        )
    return text


def _glance(here: Here) -> list[Json] | None:
    """What can be searched, counted for this viewer: originals, copies, entries. None while search is down."""
    try:
        counted = here.services.search(address.NEW, here.viewer)["facets"]["kind"]
    except SearchError:
        return None
    return [
        {
            "count": here.words.number(kind["count"]),
            "text": here.words.term("kind", kind["value"]),
            "href": address.href(address.toggled(address.NEW, "kind", kind["value"])),
        }
        for kind in counted
    ]


def _examples(here: Here) -> list[Json]:
    """The example questions of the tour: plain texts, or ``{text, why}`` with an explanation."""
    found = here.services.text("examples", here.lang) or []
    examples = [item if isinstance(item, dict) else {"text": str(item)} for item in found]
    return [
        {
            "text": item["text"],
            "why": item.get("why"),
            "href": address.href(address.with_text(address.NEW, item["text"])),
        }
        for item in examples
        if item.get("text")
    ]


def _lines(text: Any) -> list[str]:
    if isinstance(text, list):
        return [str(line) for line in text]
    return str(text).splitlines() if text else []
