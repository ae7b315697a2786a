"""``/tasks``: what a department was asked, each with its date and the answer that is expected; for coordinators what
nobody may overlook. ``/tasks/<code>``: one task, answered, returned or asked back with its files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import may_begin
from search_ui import paths
from search_ui.api.requests import download
from search_ui.web.forms import Fields
from search_ui.web.render import address, here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound
from service_desk.ports import Upload

ACTS: Final = ("acknowledge", "answer", "ask_back", "return")
_SAID: Final = frozenset({"done", "empty", "changed", "files"})


def workers(draw: Callable[..., Response]) -> Callable[..., Response]:
    """A page for whoever may work on requests, be it within one department; the desk asks once more."""

    @wraps(draw)
    def drawn(request: Request, *given: Any) -> Response:
        context = here(request)
        if not context.viewer.signed_in:
            return RedirectResponse(f"{paths.LOGIN}?{urlencode({'next': address(request)})}", 303)
        try:
            return draw(request, *given)
        except NotAllowed:
            context.services.desk.audit.refused(context.viewer, "requests.work", request.url.path[:200])
        except NotFound:
            pass
        return page(request, "not_found.html", 404)

    return drawn


@workers
def listed(request: Request) -> Response:
    """Open tasks, the next date first; with ``?ended=1`` those that were answered."""
    context = here(request)
    legs, viewer, language = context.services.desk.legs, context.viewer, context.language
    ended = request.query_params.get("ended") == "1"
    tasks = legs.tasks(viewer, language, ended=ended)
    overseen = legs.overseen(viewer, language) if may_begin(viewer, "requests.coordinate") and not ended else None
    called = context.services.desk.called(language)
    partners = context.services.desk.legs.partner_titles(language)
    return page(request, "tasks.html", tasks=tasks, overseen=overseen, ended=ended, called=called, partners=partners)


@workers
def one(request: Request) -> Response:
    """A task, with what can be done about it now."""
    context = here(request)
    task = context.services.desk.legs.task(request.path_params["leg"], context.viewer, context.language)
    said = request.query_params.get("said")
    called = context.services.desk.called(context.language)
    return page(request, "task.html", task=task, called=called, said=said if said in _SAID else None)


@workers
def act(request: Request, fields: Fields, files: Sequence[Upload]) -> Response:
    """``POST /tasks/<code>``: acknowledge, answer, ask back or return."""
    context, code = here(request), request.path_params["leg"]
    legs, viewer, text = context.services.desk.legs, context.viewer, {"text": fields.get("text", "")}
    action, said = fields.get("act"), "done"
    try:
        if action == "acknowledge":
            legs.acknowledge(code, viewer)
        elif action == "answer":
            legs.answer(code, {**text, "held": fields.get("held") != "no"}, viewer, files)
        elif action == "ask_back":
            legs.ask_back(code, text, viewer)
        elif action == "return":
            legs.give_back(code, text, viewer)
    except Invalid as error:
        said = "files" if any(each.field == "files" for each in error.errors) else "empty"
    except Conflict:
        said = "changed"
    return RedirectResponse(f"{paths.task(code)}?said={said}", 303)


@workers
def file(request: Request) -> Response:
    """A file of an answer, for who has the task or the request."""
    context = here(request)
    code, number = request.path_params["leg"], request.path_params["number"]
    try:
        found = context.services.desk.legs.file(code, number, context.viewer)
    except (NotFound, NotAllowed):
        raise
    except DeskError:
        sentence = context.words.t("This file cannot be had now. Please try again later, or tell the desk.")
        return page(request, "sorry.html", 503, sentence=sentence)
    return download(*found)


def refused(request: Request) -> Response | None:
    """What is told whoever may send no files here."""
    return None if may_begin(here(request).viewer, "requests.work") else page(request, "not_found.html", 404)
