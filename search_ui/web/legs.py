"""The part of a case about what others were asked, for whatever page shows the case, and the forms it sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import Viewer
from search_ui import paths
from search_ui.services import Services
from search_ui.web.forms import Fields
from search_ui.web.render import here, page
from search_ui.web.tasks import workers
from service_desk.errors import Conflict, Invalid
from service_desk.legs.views import LegView, Receiver
from service_desk.views import Case

SAID: Final = frozenset({"done", "empty", "changed", "files"})


@dataclass(frozen=True, slots=True)
class Section:
    """What `case_legs.html` shows: the legs, what their receivers are called, and whom one may ask."""

    receipt: str
    rows: Sequence[LegView]
    titles: dict[tuple[str, str], str]
    receivers: Sequence[Receiver]
    note: str
    may: bool
    may_answer: bool
    said: str | None = None
    filed_by: tuple[str, str] | None = None

    @property
    def suggested(self) -> bool:
        """Does somebody stand for the holder of the records, who was not asked yet?"""
        return not self.rows and any(one.suggested for one in self.receivers)


def section(services: Services, case: Case, viewer: Viewer, language: str = "en", said: str | None = None) -> Section:
    """The section of a case. Raises NotAllowed, NotFound."""
    legs = services.desk.legs
    receivers = legs.receivers(case.receipt, viewer)
    titles = {(one.kind, one.code): one.titles.get(language, one.code) for one in receivers}
    return Section(
        receipt=case.receipt,
        rows=legs.of_case(case.receipt, viewer, language),
        titles=titles,
        receivers=receivers if case.status in ("accepted", "in_search", "in_review", "relayed") else (),
        note=case.note,
        may="note" in case.actions,
        may_answer="answer" in case.actions,
        said=said if said in SAID else None,
        filed_by=legs.filed_by(case.receipt, viewer, language),
    )


@workers
def shown(request: Request) -> Response:
    """``/tasks/of/<receipt>``: the section on a page of its own."""
    context = here(request)
    case = context.services.desk.requests.case(request.path_params["receipt"], context.viewer)
    found = section(context.services, case, context.viewer, context.language, request.query_params.get("said"))
    return page(request, "case_legs_page.html", v={"legs": found})


@workers
def act(request: Request, fields: Fields) -> Response:
    """``POST /legs/<code>``: send, remind, reply, take back, go on here or wait, answer the reader with it."""
    receipt, said = fields.get("receipt", "")[:40], "done"
    try:
        _done(request, fields, receipt)
    except Invalid:
        said = "empty"
    except Conflict:
        said = "changed"
    return RedirectResponse(f"{paths.case_legs(receipt)}?said={said}", 303)


def _done(request: Request, fields: Fields, receipt: str) -> None:
    context, code, action = here(request), request.path_params["leg"], fields.get("act")
    legs, viewer, text = context.services.desk.legs, context.viewer, {"text": fields.get("text", "")}
    if action == "send":
        kind, _, receiver = fields.get("to", "").partition(":")
        said = {name: fields.get(name, "") for name in ("asks", "expects")}
        legs.send(receipt, {"kind": kind, "receiver": receiver, "beside": "beside" in fields, **said}, viewer)
    elif action == "remind":
        legs.remind(code, text, viewer)
    elif action == "take_back":
        legs.take_back(code, text, viewer)
    elif action == "reply":
        legs.reply(code, text, viewer)
    elif action in ("go_on", "wait"):
        legs.go_on(code, viewer, beside=action == "go_on")
    elif action == "pass_on":
        form, files = legs.as_answer(code, viewer)
        context.services.desk.requests.answer(receipt, form, viewer, files)
