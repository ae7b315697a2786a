"""The desk's list of feedback. Others find the way to sign in instead; the desk itself asks again."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.screens.blocks import block
from search_ui.screens.context import Here, here
from search_ui.screens.frame import Drawn
from service_desk.errors import NotFound
from service_desk.forms import FEEDBACK_STATES
from service_desk.views import FeedbackView

SIZE: Final = 50
Json = dict[str, Any]


def for_staff_only(context: Here, address: str) -> Drawn:
    """What others see where staff work: nothing of it, and how to get there. Who is signed in is kept as refused."""
    context.services.desk.audit.refused(context.viewer, "screen", address.partition("?")[0])
    block(
        "for_staff",
        context.words,
        sign_in=f"{paths.LOGIN}?{urlencode({'next': address})}",
        signed_in=context.viewer.signed_in,
    )
    return Drawn()


def feedback(context: Here) -> Drawn:
    """What readers said of hits, newest first, by where it stands."""
    if not paths.opens_to(context.viewer, paths.FEEDBACK_LIST):
        return for_staff_only(context, paths.FEEDBACK_LIST)
    state, number = _one(context, "state", FEEDBACK_STATES), page_number(context, "page")
    page = context.services.desk.feedback.page(context.viewer, state=state, size=SIZE, offset=(number - 1) * SIZE)
    views = [
        {
            "text": context.words.term("feedback_status", name),
            "count": page.counts[name],
            "href": href(paths.FEEDBACK_LIST, state=name),
            "here": name == state,
        }
        for name in FEEDBACK_STATES
    ]
    rows = [_said(row, context.words) for row in page.rows]
    block(
        "feedback",
        context.words,
        rows=rows,
        views=views,
        state=state,
        **pager(paths.FEEDBACK_LIST, page.total, number, state=state),
    )
    return Drawn(context.words.n("{count} word of feedback", "{count} words of feedback", page.total), act=_mark)


def _mark(act: str) -> None:
    """Callback of a row's button, ``mark:NUMBER:STATE``; the desk asks once more whether this is staff."""
    verb, _, rest = act.partition(":")
    number, _, state = rest.partition(":")
    if verb != "mark" or not number.isdecimal() or state not in FEEDBACK_STATES:
        return
    context = here()
    try:
        context.services.desk.feedback.mark(int(number), state, context.viewer)
    except NotFound:
        return


def _said(row: FeedbackView, words: Translator) -> Json:
    return {
        "number": row.id,
        "at": words.moment(row.at),
        "title": row.title,
        "href": paths.record(row.resource_id, q=row.query, rank=row.rank),
        "kind": words.term("feedback", row.kind),
        "note": row.note,
        "query": row.query,
        "rank": row.rank,
        "state": row.state,
        "marked_by": row.marked_by,
    }


def pager(path: str, total: int, number: int, **kept: str) -> Json:
    more = number * SIZE < total
    return {
        "previous": href(path, **kept, page=number - 1) if number > 1 else None,
        "next": href(path, **kept, page=number + 1) if more else None,
    }


def href(path: str, **parameters: object) -> str:
    return f"{path}?{urlencode({key: value for key, value in parameters.items() if value not in ('', None)})}"


def _one(context: Here, name: str, known: tuple[str, ...]) -> str:
    given = context.parameter(name)
    return given if given in known else known[0]


def page_number(context: Here, name: str) -> int:
    given = context.parameter(name)
    return min(max(int(given), 1), 10_000) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
