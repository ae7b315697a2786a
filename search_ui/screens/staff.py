"""The desk's lists: inbox and feedback. Others find the way to sign in instead; the desk itself asks again."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.screens.blocks import block, sentence
from search_ui.screens.context import Here, here
from search_ui.screens.frame import Drawn
from service_desk.called import Called
from service_desk.errors import NotFound
from service_desk.forms import FEEDBACK_STATES
from service_desk.inbox import VIEWS
from service_desk.views import FeedbackView, InboxRow

SIZE: Final = 50
VIEW_NAMES: Final = {
    "new": "New",
    "mine": "Mine",
    "late": "Late",
    "waiting": "Waiting",
    "open": "Open",
    "closed": "Closed",
}
STEPS: Final = {
    "check": "Check",
    "accept": "Accept",
    "search": "Search",
    "answer": "Answer",
    "decide": "Decide",
    "pay": "Mark payment",
    "hand_out": "Hand out",
    "wait": "Reader's turn",
    "wait_for_others": "Others' turn",
}

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


def inbox(context: Here) -> Drawn:
    """Requests in order of what must happen next, in saved views with their counts."""
    if not paths.opens_to(context.viewer, paths.INBOX):
        return for_staff_only(context, paths.INBOX)
    view, find, number = _one(context, "view", VIEWS), context.parameter("find")[:300], page_number(context, "page")
    page = context.services.desk.inbox.page(context.viewer, view, find=find, size=SIZE, offset=(number - 1) * SIZE)
    called = context.services.desk.called(context.lang)
    rows = [_row(row, context.words, called) for row in page.rows]
    views = [
        {
            "text": context.words.t(VIEW_NAMES[name]),
            "count": page.counts[name],
            "href": href(paths.INBOX, view=name),
            "here": name == view,
        }
        for name in VIEWS
    ]
    block(
        "inbox",
        context.words,
        rows=rows,
        views=views,
        find=find,
        view=view,
        total=page.total,
        **pager(paths.INBOX, page.total, number, view=view, find=find),
    )
    return Drawn(context.words.n("{count} request", "{count} requests", page.total))


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


def _row(row: InboxRow, words: Translator, called: Called) -> Json:
    late, days = row.late, (row.due - dt.date.today()).days
    return {
        "receipt": row.receipt,
        "href": href(paths.CASE, receipt=row.receipt),
        "title": row.title or words.t("Question without a record"),
        "code": row.reference_code,
        "name": row.name,
        "type": called.type(row.type),
        "status": sentence(words.term("status", row.status)),
        "due": row.due.isoformat(),
        "due_text": words.t("Late since {date}", date=row.due.isoformat())
        if late
        else words.t("by {date}", date=words.date(row.due)),
        "class": "late" if late else "soon" if row.next_step and days <= 1 else "calm",
        "late": late,
        "step": words.t(STEPS[row.next_step]) if row.next_step else "—",
        "handler": row.handler,
    }


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
