"""``/opening``: which records are closed for how long, what opens next, what a changed policy would do; and the review
of one record on its page. For staff.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.errors import SearchError
from mappings.access import may
from mappings.opening import STATES
from pipelines.errors import PipelineError
from search_ui import paths
from search_ui.services import HouseOpening
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, DeskError, Invalid
from service_desk.opening import WITH_DAY, Decision, OpeningReviewView

log = structlog.get_logger(__name__)
SOON: Final = (30, 365)
LISTED: Final = 50
REVIEWED: Final = "reviewed"
_review = only("records.review")
_apply = only("opening.apply")


@_review
def shown(request: Request) -> Response:
    """The policy in force, what opens by itself, what is under review."""
    context = here(request)
    opening = context.services.opening
    if opening is None:
        return page(request, "not_found.html", 404)
    rows = opening.coming(SOON[-1])
    today = dt.date.today()
    counts = [(days, sum(row["on"] <= today + dt.timedelta(days) for row in rows)) for days in SOON]
    values = {"now": opening.in_force(), "file": opening.check(), "history": opening.history()[:LISTED]}
    done = request.query_params.get("done")
    return page(
        request,
        "opening.html",
        **values,
        counts=counts,
        coming=rows[:LISTED],
        more=max(len(rows) - LISTED, 0),
        waiting=[_named(context, one) for one in context.services.desk.openings.under_review(context.viewer)[:LISTED]],
        may_apply=may(context.viewer, "opening.apply"),
        done=done if done in ("apply", "undo", "same") else None,
    )


@_review
def preview(request: Request) -> Response:
    """``/opening/preview``: what the file as it is now would open and close, on a day (``on``)."""
    return _preview(request, None)


def _preview(request: Request, refused: str | None, code: int = 200) -> Response:
    context = here(request)
    opening, on = context.services.opening, _day(request.query_params.get("on", ""))
    if opening is None:
        return page(request, "not_found.html", 404)
    checked = opening.check()
    told = opening.preview(on) if checked["ok"] else None
    values = {"file": checked, "told": told, "on": on.isoformat() if on else "", "refused": refused}
    allowed = may(context.viewer, "opening.apply")
    return page(request, "opening_preview.html", code if checked["ok"] else 409, **values, may_apply=allowed)


@_apply
def apply(request: Request, fields: Fields) -> Response:
    """``POST /opening/apply``: the file comes into force."""
    return _brought(request, fields, "apply")


@_apply
def undo(request: Request, fields: Fields) -> Response:
    """``POST /opening/undo``: back to the policy before."""
    return _brought(request, fields, "undo")


def _brought(request: Request, fields: Fields, what: str) -> Response:
    context = here(request)
    opening = context.services.opening
    if opening is None:
        return page(request, "not_found.html", 404)
    by = context.services.desk.openings.may_apply(context.viewer)
    try:
        _as_it_was_seen(opening, fields, what)
        call = opening.apply if what == "apply" else opening.undo
        told = call(by, fields.get("note", "")[:2000])
    except (PipelineError, SearchError, Conflict, LookupError) as error:
        log.warning("a policy of opening was not brought into force", reason=str(error))
        return _preview(request, "changed" if isinstance(error, Conflict) else "busy", 409)
    return RedirectResponse(f"{paths.OPENING}?done={what if told['changed'] else 'same'}", 303)


def _as_it_was_seen(opening: HouseOpening, fields: Fields, what: str) -> None:
    """Raises Conflict when the file, or the policy in force, is another one than the form was drawn for; LookupError
    when there is none to go back to.
    """
    now = opening.in_force()
    if fields.get("seen", "") != str(now["number"]):
        raise Conflict("Another policy was applied since you looked; look again.")
    if what == "undo" and not now["undoable"]:
        raise LookupError("There is no policy before this one.")
    if what == "apply" and fields.get("file", "") != opening.check()["digest"]:
        raise Conflict("The file has changed since you looked; look again.")


# One record


def of_record(context: Here, resource: dict[str, Any]) -> dict[str, Any] | None:
    """What the record page tells those who review: the decisions on this record and on the units above it."""
    if not may(context.viewer, "records.review") or resource["authority"]:
        return None
    try:
        history = context.services.desk.openings.history(_keys(resource), context.viewer)
    except DeskError:
        return None
    state = history[0].state if history else "not_reviewed"
    return {"states": STATES, "state": state, "history": history, "with_day": WITH_DAY}


@_review
def review(request: Request, fields: Fields) -> Response:
    """``POST /r/<id>/opening``: a decision on a record and what is below it, shown at once."""
    context, wanted = here(request), request.path_params["id"]
    resource = context.services.resource(wanted, context.viewer)
    if resource is None:
        return page(request, "not_found.html", 404)
    decision = Decision(*(fields.get(name, "") for name in ("state", "until", "article", "note")))
    try:
        context.services.desk.openings.review(_keys(resource), decision, context.viewer)
    except Invalid as error:
        return page(request, "sorry.html", 422, sentence=str(error))
    _show_at_once(context)
    return RedirectResponse(f"{paths.record(resource['id'])}#opening", 303)


def _show_at_once(context: Here) -> None:
    """What was decided comes into the index now, or with the run that is under way."""
    if context.services.opening is None:
        return
    try:
        context.services.opening.refresh()
    except (PipelineError, SearchError) as error:
        log.warning("a review is shown with the next run", reason=str(error))


def _keys(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["source"], one["source_id"]) for one in resource["sources"]]


def _named(context: Here, review: OpeningReviewView) -> dict[str, Any]:
    """A review with the record it is of, as far as it can be found."""
    resource = context.services.resource(":".join(review.key), context.viewer)
    return {"review": review, "resource": resource, "key": ":".join(review.key)}


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
