"""``/copies``: staff look at what is proposed to be masked in a record, decide span by span, release and withdraw the
copy. What is shown is personal data: that it was looked at is kept, and nothing of it stands in an address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mappings.deidentification import KINDS, Kind, Mark
from search_ui import paths
from search_ui.reviewing import Json, RecordReview
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, Invalid

STATES: Final = {True: "masked", False: "left", None: "open"}
_MARK: Final = re.compile(rf"(\d{{1,7}}):(\d{{1,9}})-(\d{{1,9}}):({'|'.join(get_args(Kind))})")
_NO_STORE: Final = {"cache-control": "private, no-store"}
_review = only("deidentify.review")


@_review
def listed(request: Request) -> Response:
    """What is in work, what waits, and what was asked for by id or words."""
    context = here(request)
    reviewing, viewer = context.services.reviewing, context.viewer
    if reviewing is None:
        return page(request, "not_found.html", 404)
    asked = request.query_params.get("q", "")[:1000].strip()
    names = reviewing.names(asked, viewer) if asked else []
    if len(names) == 1:
        return RedirectResponse(paths.copy_review(names[0]), 303)
    found = [{"name": name, "title": name, "access": None} for name in names]
    values: Json = {"asked": asked, "found": found or (reviewing.found(asked, viewer) if asked else [])}
    values |= {"begun": [], "waiting": []} if asked else _lists(context)
    return page(request, "reviews.html", **values)


def _lists(context: Here) -> Json:
    reviewing = context.services.reviewing
    assert reviewing is not None
    return {"begun": reviewing.begun(context.viewer), "waiting": reviewing.waiting(context.viewer)}


@_review
def one(request: Request) -> Response:
    """``/copies/<source:id>?page=``: one page of a record with its spans; the first with an open one when none is
    named."""
    return _shown(request, _asked_page(request), None)


@_review
def decide(request: Request, fields: Fields) -> Response:
    """``POST .../decide``: ``mask`` or ``leave`` a span, ``all`` open ones (``page`` or ``record``), or add one."""
    return _changed(request, fields, lambda review: _decided(review, fields, _number(fields.get("page"))))


@_review
def release(request: Request, fields: Fields) -> Response:
    """``POST .../release``."""
    return _changed(request, fields, lambda review: review.release(fields.get("note", "")[:2000], _seen(fields)))


@_review
def withdraw(request: Request, fields: Fields) -> Response:
    """``POST .../withdraw``."""
    return _changed(request, fields, lambda review: review.withdraw(fields.get("note", "")[:2000]))


@_review
def image(request: Request) -> Response:
    """The image of a page, for who decides on it; with ``?masked=1`` as the copy would have it now."""
    context, review = _found(request)
    number = request.path_params["number"]
    if review is None:
        return Response("not found", 404, media_type="text/plain")
    if request.query_params.get("masked"):
        copied = review.preview(number)
        mask = copied.image if copied else None
        drawn = context.services.copies.drawn(review.told()["source"], mask, number) if mask else None
    else:
        shown = review.page(number)
        drawn = context.services.image_at(shown["place"]) if shown and shown["place"] else None
    if drawn is None:
        return Response("not found", 404, media_type="text/plain")
    return Response(drawn.data, media_type=drawn.media_type, headers=_NO_STORE)


@_review
def preview(request: Request) -> Response:
    """A page as readers would get it."""
    _, review = _found(request)
    number = request.path_params["number"]
    copied = review.preview(number) if review else None
    if review is None or copied is None:
        return page(request, "not_found.html", 404)
    told = review.told()
    total = (review.page(number) or {}).get("total", number)
    values = {"name": _name(told), "told": told, "at": number, "total": total, "copied": copied}
    return page(request, "review_preview.html", **values)


def _found(request: Request) -> tuple[Here, RecordReview | None]:
    context = here(request)
    reviewing = context.services.reviewing
    return context, reviewing.of(request.path_params["name"], context.viewer) if reviewing else None


def _changed(request: Request, fields: Fields, change: Callable[[RecordReview], str | None]) -> Response:
    """Something is done, and the page is shown anew; a script gets the spans of the page."""
    context, review = _found(request)
    number = _number(fields.get("page")) or 1
    if review is None:
        return page(request, "not_found.html", 404)
    try:
        problem = change(review)
    except Conflict:
        problem = _conflict(context, review, _seen(fields))
    except Invalid:
        problem = context.words.t("Choose characters of this page, and what they are.")
    if "application/json" in request.headers.get("accept", ""):
        told = review.told()
        states = {_id(span): STATES[span["masked"]] for span in told["spans"] if span["page"] == number}
        answer = {"seen": told["seen"], "open": told["open"], "spans": states, "problem": problem}
        return JSONResponse(answer, 409 if problem else 200, headers=_NO_STORE)
    if problem:
        return _shown(request, number, problem)
    return RedirectResponse(f"{paths.copy_review(request.path_params['name'])}?page={number}", 303)


def _conflict(context: Here, review: RecordReview, seen: int | None) -> str:
    """What stands in the way, for people."""
    told, words = review.told(), context.words
    if seen is not None and told["seen"] != seen:
        return words.t("Somebody has decided something here since you opened it. Look at it again, then go on.")
    if told["status"] == "released":
        return words.t("This copy is released; withdraw it before you change it.")
    if told["open"]:
        return words.n(
            "{count} span is not decided yet; decide it first.",
            "{count} spans are not decided yet; decide them first.",
            told["open"],
        )
    return words.t("This cannot be done now: no copy is released.")


def _decided(review: RecordReview, fields: Fields, number: int | None) -> str | None:
    seen = _seen(fields)
    if fields.get("all") in ("page", "record"):
        spans = [span for span in review.told()["spans"] if span["masked"] is None]
        chosen = [_mark(span) for span in spans if fields["all"] == "record" or span["page"] == number]
        review.decide_marks(accept=chosen, seen=seen)
    elif "kind" in fields:
        review.decide_marks(add=_added(review, fields, number or 1), seen=seen)
    else:
        accept, reject = (_read(fields.get(name, "")) for name in ("mask", "leave"))
        review.decide_marks(accept=accept, reject=reject, seen=seen)
    return None


def _added(review: RecordReview, fields: Fields, number: int) -> list[Mark]:
    """What was chosen on a page: the characters a script tells, else wherever the words typed stand. Raises Invalid."""
    kind, shown = fields.get("kind", ""), review.page(number)
    start, end = (_count(fields.get(name)) for name in ("start", "end"))
    words = fields.get("words", "").strip()
    if kind not in KINDS or shown is None:
        raise Invalid.one("spans", "one of the kinds")
    places = [(start, end)] if start is not None and end is not None else list(_standing(shown["text"], words))
    if not places:
        raise Invalid.one("spans", "words that stand on the page")
    return [Mark(number, *place, kind) for place in places]


def _standing(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Wherever words stand in a text."""
    at = text.find(words) if words else -1
    while at >= 0:
        yield at, at + len(words)
        at = text.find(words, at + len(words))


def _shown(request: Request, number: int | None, problem: str | None = None) -> Response:
    context, review = _found(request)
    if review is None:
        return page(request, "not_found.html", 404)
    told = review.told()
    open_on = Counter(span["page"] for span in told["spans"] if span["masked"] is None)
    number = number or min(open_on, default=1)
    shown = review.page(number)
    if shown is None:
        return page(request, "not_found.html", 404)
    context.services.desk.audit.saw(context.viewer, "record.read", _name(told), page=number, part="review")
    spans = [_span(span, shown) for span in told["spans"] if span["page"] == number]
    values = {
        "name": _name(told),
        "told": told,
        "shown": shown,
        "spans": spans,
        "pieces": list(_pieces(shown["text"], spans)),
        "open_on": sorted(open_on.items()),
        "next_open": next((other for other in sorted(open_on) if other > number), min(open_on, default=None)),
        "kinds": KINDS,
        "problem": problem,
    }
    return page(request, "review.html", 409 if problem else 200, **values)


def _span(span: Json, shown: Json) -> Json:
    boxes = shown["boxes"](span["start"], span["end"]) if shown["place"] and shown["width"] else ()
    return {**span, "id": _id(span), "state": STATES[span["masked"]], "boxes": boxes}


def _pieces(text: str, spans: Sequence[Json]) -> Iterator[tuple[str, Json | None]]:
    """The text in pieces, each with the span it belongs to. Of what two spans cover the first has it."""
    at = 0
    for span in sorted(spans, key=lambda one: (one["start"], -one["end"])):
        if span["end"] <= at:
            continue
        start = max(span["start"], at)
        if start > at:
            yield text[at:start], None
        yield text[start : span["end"]], span
        at = span["end"]
    if at < len(text):
        yield text[at:], None


def _id(span: Json) -> str:
    return f"{span['page']}:{span['start']}-{span['end']}:{span['kind']}"


def _mark(span: Json) -> Mark:
    return Mark(span["page"], span["start"], span["end"], span["kind"])


def _read(text: str) -> list[Mark]:
    """A span as a form names it, none without one. Raises Invalid for what is none."""
    if not text:
        return []
    found = _MARK.fullmatch(text)
    if found is None:
        raise Invalid.one("spans", "a span of the page")
    return [Mark(int(found[1]), int(found[2]), int(found[3]), cast(Kind, found[4]))]


def _name(told: Json) -> str:
    return f"{told['source']}:{told['source_id']}"


def _seen(fields: Fields) -> int | None:
    return _count(fields.get("seen"))


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _number(text: str | None) -> int | None:
    return _count(text) or None


def _asked_page(request: Request) -> int | None:
    return _number(request.query_params.get("page"))


ROUTES: Final[tuple[tuple[str, Any, bool], ...]] = (
    (paths.COPIES, listed, False),
    (paths.COPIES + "/{name:path}/pages/{number:int}/image", image, False),
    (paths.COPIES + "/{name:path}/pages/{number:int}/preview", preview, False),
    (paths.COPIES + "/{name:path}/decide", decide, True),
    (paths.COPIES + "/{name:path}/release", release, True),
    (paths.COPIES + "/{name:path}/withdraw", withdraw, True),
    (paths.COPIES + "/{name:path}", one, False),
)
