"""Nothing found: other spellings, one step wider with counts, and somebody to ask. The same for what is absent and what
is forbidden.
"""

from __future__ import annotations

from typing import Any

from indexer.query import Query
from search_ui import address, paths
from search_ui.screens import advice, themed, understood
from search_ui.screens.blocks import draw
from search_ui.screens.context import Here
from service_desk.request_types import QUESTION

Json = dict[str, Any]


def drawn(here: Here, query: Query, answer: Json) -> str:
    """The page for an answer without hits; a page too far leads back to the first."""
    text, found = address.shown_text(query), answer["interpretation"]
    first = {"count": answer["total"], "href": address.href(address.with_page(query, 1))} if answer["total"] else None
    return draw(
        "nothing",
        here.words,
        text=text,
        partial=answer["partial"],
        first=first,
        ask=paths.ask(type="question", q=text),
        days=here.services.usual().limits.get(QUESTION),
        **advice.view(query, found, here.words),
        themes=themed.cards(here),
        **understood.view(query, found, here.words),
    )
