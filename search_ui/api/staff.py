"""The desk's other side. Identity is the cookie ``sid``; calls that change something carry the session's token too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from search_ui import security
from search_ui.api.context import Asked, Context
from search_ui.api.requests import json
from search_ui.letters import give_letter
from service_desk.casework import FORMS
from service_desk.forms import AnswerForm, Form, MessageForm, RefusalForm
from service_desk.inbox import Narrowed
from service_desk.made.copies import KeepForm, TakeBackForm
from service_desk.printed.giving import LETTERS
from service_desk.views import Case

router = APIRouter(tags=["Staff"])
Size = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=100_000)]
Line = Annotated[str | None, Query(max_length=100)]
Version = Annotated[int | None, Query(ge=0, description="The version of the case that this was decided on.")]


class Seen(Form):
    """The `version` of the case an act was decided on, so that it fails when somebody was faster."""

    seen: Annotated[int, Field(ge=0)] | None = None


def writer(
    context: Context,
    request: Request,
    token: Annotated[str | None, Header(alias="X-CSRF-Token", max_length=200)] = None,
) -> Asked:
    """The context of a call that changes something: from a session, with its token, not from another site."""
    sessions = context.services.desk.sessions
    if not context.viewer.signed_in or context.session is None:
        raise HTTPException(401, "Sign in with a staff account.")
    if not security.same_origin(request.headers) or not sessions.form_token_fits(context.session, token):
        raise HTTPException(403, "X-CSRF-Token: is missing or not of this session; GET /session tells it.")
    return context


Writer = Annotated[Asked, Depends(writer)]


@router.get("/session", summary="Who is signed in")
def session(context: Context) -> JSONResponse:
    """Name and roles, and the token that calls which change something carry in ``X-CSRF-Token``."""
    viewer, token = context.viewer, context.session
    csrf = context.services.desk.sessions.form_token(token) if viewer.signed_in and token else None
    return json({"name": viewer.name, "roles": sorted(viewer.roles), "csrf_token": csrf})


def narrowed(
    type: Line = None,
    department: Line = None,
    channel: Line = None,
    handler: Line = None,
    status: Line = None,
    urgent: bool | None = None,
) -> Narrowed:
    """What a list is narrowed to; `handler` is an account, or ``-`` for nobody."""
    return Narrowed(type, department, channel, handler, status, urgent)


@router.get("/staff/inbox", summary="Requests of a saved view")
def inbox(
    context: Context,
    only: Annotated[Narrowed, Depends(narrowed)],
    view: str = "new",
    find: str = "",
    at: Line = None,
    size: Size = 50,
    offset: Offset = 0,
) -> JSONResponse:
    """What must happen next first. Views: new, mine, late, waiting, open, closed; for those who coordinate also stuck,
    unassigned, complex. ``at`` is ``next`` or ``previous`` of another page: nothing that came or went moves its rows.
    """
    desk, viewer = context.services.desk, staff(context).viewer
    return json(desk.inbox.page(viewer, view, find=find, narrowed=only, at=at, size=size, offset=offset))


@router.get("/staff/requests/{receipt}/colleagues", summary="Who may work on a request")
def colleagues(context: Context, receipt: str) -> JSONResponse:
    """To hand it over to."""
    return json(context.services.desk.related.colleagues(receipt, staff(context).viewer))


@router.get("/staff/requests/{receipt}", summary="A request with everything on it")
def case(context: Context, receipt: str) -> JSONResponse:
    """The case, its ``version`` and the acts open now."""
    return json(context.services.desk.requests.case(receipt, staff(context).viewer))


@router.post("/staff/requests/{receipt}/take", summary="Take a request in hand")
def take(context: Writer, receipt: str, body: Seen | None = None) -> JSONResponse:
    """409 when somebody was faster."""
    return json(context.services.desk.requests.take(receipt, context.viewer, body.seen if body else None))


@router.post("/staff/requests/{receipt}/release", summary="Put a request back for others")
def release(context: Writer, receipt: str, body: Seen | None = None) -> JSONResponse:
    """Any colleague may release."""
    return json(context.services.desk.requests.release(receipt, context.viewer, body.seen if body else None))


@router.post("/staff/requests/{receipt}/answer", summary="Answer with text")
def answer(context: Writer, receipt: str, form: AnswerForm) -> JSONResponse:
    """The reader sees the answer at once. Files go to ``.../answer/files``."""
    return json(context.services.desk.requests.answer(receipt, form, context.viewer))


@router.post("/staff/requests/{receipt}/refuse", summary="Refuse, with a reason and an alternative")
def refuse(context: Writer, receipt: str, form: RefusalForm) -> JSONResponse:
    """The reader sees the reason, and what can be had instead: `alternative` or `instead`, or in `nothing_instead` why
    that is nothing. The letter is among the `files`, where it could be printed.
    """
    case = context.services.desk.requests.refuse(receipt, form, context.viewer)
    return json(with_letter(context, case))


@router.post("/staff/requests/{receipt}/messages", status_code=201, summary="Write to the reader")
def tell(context: Writer, receipt: str, form: MessageForm) -> JSONResponse:
    """A progress notice or a question."""
    return json(context.services.desk.requests.tell(receipt, form, context.viewer), 201)


def with_letter(context: Asked, case: Case) -> Case:
    """The case once the letter of an act is given with it, where it could be printed."""
    if not give_letter(context.services, case.receipt, context.viewer):
        return case
    return context.services.desk.requests.case(case.receipt, context.viewer)


def _act(action: str, form: type[Form]) -> Callable[..., JSONResponse]:
    """The call of an act of `casework.FORMS`, with its form as the body."""

    def act(context: Writer, receipt: str, body: Form, seen: Version = None) -> JSONResponse:
        values = body.model_dump(exclude_unset=True)
        case = context.services.desk.cases.act(receipt, action, values, context.viewer, seen)
        return json(with_letter(context, case) if action in LETTERS else case)

    act.__annotations__["body"] = form
    return act


for _action, _form in FORMS.items():
    router.add_api_route(
        f"/staff/requests/{{receipt}}/acts/{_action}",
        _act(_action, _form),
        methods=["POST"],
        name=f"act_{_action}",
        summary=f"Act on a request: {_action.replace('_', ' ')}",
        description="409 when it cannot be done now, or somebody was faster.",
    )


@router.get("/staff/requests/{receipt}/copies", summary="Digital copies from the answer to a request")
def copies(context: Context, receipt: str) -> JSONResponse:
    """What was kept for everyone: since when it is a digital copy, its pages, and when it was taken back and why."""
    return json(context.services.desk.made.of_case(receipt, staff(context).viewer))


@router.post("/staff/requests/{receipt}/copies", status_code=201, summary="Keep files of an answer for everyone")
def keep(context: Writer, receipt: str, form: KeepForm) -> JSONResponse:
    """In the coming night they become a digital copy of the record, for whoever may read it."""
    return json(context.services.desk.made.keep(receipt, form, context.viewer), 201)


@router.post("/staff/requests/{receipt}/copies/back", summary="Take a copy back")
def take_back(context: Writer, receipt: str, form: TakeBackForm) -> JSONResponse:
    """Nobody reads it from now on."""
    return json(context.services.desk.made.take_back(receipt, form, context.viewer))


@router.get("/staff/feedback", summary="What readers said about hits")
def feedback(
    context: Context, state: str | None = None, kind: str | None = None, size: Size = 50, offset: Offset = 0
) -> JSONResponse:
    """Newest first."""
    found = context.services.desk.feedback.page(staff(context).viewer, state=state, kind=kind, size=size, offset=offset)
    return json(found)


@router.get("/staff/audit", summary="Who saw, changed, exported and decided what")
def audit(
    context: Context,
    actor: str | None = None,
    what: str | None = None,
    subject: str | None = None,
    size: Size = 50,
    offset: Offset = 0,
) -> JSONResponse:
    """Newest first. For whoever may read the audit log; that it was read stands in it."""
    viewer, log = staff(context).viewer, context.services.desk.audit
    return json(log.page(viewer, actor=actor, what=what, subject=subject, size=size, offset=offset))


def staff(context: Asked) -> Asked:
    """The context, once somebody is signed in; whether that is staff is the desk's to say."""
    if not context.viewer.signed_in:
        raise HTTPException(401, "Sign in with a staff account.")
    return context
