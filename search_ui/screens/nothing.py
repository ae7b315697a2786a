"""Nothing found: one step wider with counts, and somebody to ask. The same for what is absent and what is forbidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from indexer import availability
from indexer.errors import SearchError
from indexer.query import Query
from search_ui import address, paths
from search_ui.screens import facets, themed, understood
from search_ui.screens.blocks import draw
from search_ui.screens.context import Here

TRIED: Final = 8
"""At most so many wider questions are counted: each is a search."""
STEPS: Final = 4

Json = dict[str, Any]


def drawn(here: Here, query: Query, answer: Json) -> str:
    """The page for an answer without hits."""
    text, found = address.shown_text(query), answer["interpretation"]
    wider = [step for other in _candidates(query, found["words"]) if (step := _counted(here, other))]
    return draw(
        "nothing",
        here.words,
        text=text,
        wider=wider[:STEPS],
        ask=paths.ask(type="question", q=text),
        days=availability.ANSWER_DAYS,
        themes=themed.cards(here),
        **understood.view(query, found, here.words),
    )


def _candidates(query: Query, words: list[str]) -> list[Query]:
    """Wider by a step: without filters and years, without one of the words, or with one word alone.

    A page too far leads back to the first.
    """
    if query.offset:
        return [address.with_page(query, 1)]
    unfiltered = [address.without_filters(query)] if facets.chosen_total(query) else []
    fewer = [understood.without_word(query, words, place) for place in range(len(words))] if len(words) > 1 else []
    single = [address.with_text(query, word) for word in words] if len(words) > 2 else []
    return (unfiltered + fewer + single)[:TRIED]


def _counted(here: Here, wider: Query) -> Json | None:
    try:
        total = here.services.search(replace(wider, size=0, offset=0), here.viewer)["total"]
    except SearchError:
        return None
    text = address.shown_text(wider) or here.words.t("Everything")
    return {"text": text, "count": total, "href": address.href(wider)} if total else None
