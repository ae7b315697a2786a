"""Where the holdings have what somebody writes of, from the searcher: the port `service_desk.knowledge.Finder`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from indexer.errors import QueryError, SearchError
from indexer.query import Corner, Query
from mappings.access import Viewer
from mappings.text import STOP_WORDS, fold, is_han, runs, segment
from search_ui.themes.model import Theme
from service_desk.errors import Unavailable
from service_desk.knowledge import Place

MOST_WORDS: Final = 12
MOST_THEMES: Final = 12
"""Themes that are looked into: a search each."""
_SAID_BY_EVERYBODY: Final = frozenset(
    fold(
        "请问 我想 想要 需要 可以 能否 是否 怎么 什么 哪里 哪些 你们 我们 贵馆 档案 谢谢 您好 申请 查询 证明 "
        "please would like want need could can my your thank thanks record records"
    ).split()
)
"""Words of requests that say nothing of where the record is."""


class Catalogue(Protocol):
    """The searcher, as far as finding needs it."""

    def search(self, query: Query, viewer: Viewer) -> dict[str, Any]: ...


class SearchFinder:
    """Implements `service_desk.knowledge.Finder`; the searcher is opened at the first question."""

    def __init__(self, catalogue: Callable[[], Catalogue], themes: Callable[[], Sequence[Theme]]) -> None:
        self._catalogue, self._themes = catalogue, themes

    def places(self, text: str, reader: Viewer) -> tuple[Place, ...]:
        """The fullest holder, fonds and theme of the records with the telling words of a text. Raises Unavailable."""
        words = " OR ".join(telling(text))
        if not words:
            return ()
        try:
            return tuple(self._found(words, reader))
        except QueryError:
            return ()
        except SearchError as error:
            raise Unavailable(f"The holdings cannot be looked up now: {error}") from error

    def _found(self, words: str, reader: Viewer) -> Iterator[Place]:
        catalogue = self._catalogue()
        found = catalogue.search(Query(words, size=1, plain=("all",), group="fonds"), reader)
        total = found["total"]
        if not total:
            return
        yield from self._of_themes(catalogue, words, total, reader)
        for group in found["groups"][:1]:
            yield Place("fonds", group["fonds"]["title"], group["count"], total)
        for value in found["facets"]["holder"][:1]:
            yield Place("holder", value["value"], value["count"], total)

    def _of_themes(self, catalogue: Catalogue, words: str, total: int, reader: Viewer) -> Iterator[Place]:
        """The theme that has the most of them, if one has any."""
        counted = []
        for theme in self._themes()[:MOST_THEMES]:
            query = Query(words, size=0, plain=("all",), corner=Corner(theme.standing))
            counted.append((catalogue.search(query, reader)["total"], theme.name))
        best = max(counted, default=(0, ""))
        if best[0]:
            yield Place("theme", best[1], best[0], total)


def telling(text: str) -> list[str]:
    """The words of a request that may stand in a record: none that every request has, none of one character."""
    found: dict[str, None] = {}
    for run in runs(fold(text)):
        for word in segment(run) if is_han(run) else (run,):
            if len(word) > 1 and word not in STOP_WORDS and word not in _SAID_BY_EVERYBODY:
                found[word] = None
    return list(found)[:MOST_WORDS]
