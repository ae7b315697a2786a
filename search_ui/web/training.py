"""``/training``: the exercises of a training desk, which tick themselves off, and its new beginning."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import may, may_begin
from search_ui import paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import here, page
from service_desk.errors import Invalid, NotFound, Unavailable

_look = only("requests.see", "accounts.manage", somewhere=True)
_see = only("requests.see", somewhere=True)
_manage = only("accounts.manage")


@_look
def shown(request: Request) -> Response:
    """Every exercise and how far the trainee is; to administrators, how far everybody is. At a real desk: not found."""
    context = here(request)
    viewer, training = context.viewer, context.services.desk.training
    try:
        exercises = training.exercises(viewer, context.language) if may_begin(viewer, "requests.see") else []
        trainees = training.trainees(viewer) if may(viewer, "accounts.manage") else []
    except NotFound:
        return page(request, "not_found.html", 404)
    return page(
        request,
        "training.html",
        exercises=exercises,
        works=may_begin(viewer, "requests.see"),
        done=sum(one.is_done for one in exercises),
        trainees=trainees,
        may_begin_anew=may(viewer, "accounts.manage") and context.services.begin_anew is not None,
    )


@_see
def begin(request: Request, fields: Fields) -> Response:
    """``POST /training/EXERCISE``: file the request that it begins with, and go to it."""
    context = here(request)
    try:
        receipt = context.services.desk.training.begin(
            request.path_params["exercise"], context.viewer, context.language
        )
    except NotFound:
        return page(request, "not_found.html", 404)
    except (Invalid, Unavailable):
        sentence = context.words.t("This exercise cannot begin now: what it needs is not here. Tell an administrator.")
        return page(request, "sorry.html", 503, sentence=sentence)
    return RedirectResponse(paths.case(receipt) if receipt else paths.TRAINING, 303)


@_manage
def begin_anew(request: Request, fields: Fields) -> Response:
    """``POST /training``: everything that trainees did goes. Everybody signs in again."""
    anew = here(request).services.begin_anew
    if anew is None:
        return page(request, "not_found.html", 404)
    anew()
    return RedirectResponse(paths.TRAINING, 303)
