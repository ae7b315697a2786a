"""``/staff/requests/<receipt>``: a request as staff work it, everything on one page."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import answer_files, paths
from search_ui.api.requests import download
from search_ui.letters import give_letter
from search_ui.web import case_acts
from search_ui.web.case_known import ASKED, KNOWN
from search_ui.web.case_look import Failed, Look, Section, drawn
from search_ui.web.case_sections import LEFT, clock
from search_ui.web.forms import TOKEN, Fields, Files
from search_ui.web.guarded import only
from search_ui.web.issuing import PAPERS
from search_ui.web.kept import KEPT
from search_ui.web.render import here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound, TooMany, Unavailable, UnknownAccount
from service_desk.forms import KEEPING
from service_desk.printed.giving import LETTERS
from service_desk.sniffing import Refused

RIGHT: Final = (Section("case_clock.html", clock), Section("case_acts.html", case_acts.acts))
"""The side, in its order."""
_TYPED_BOUND: Final = 20_000
_see = only("requests.see", somewhere=True)
_work = only("requests.work", somewhere=True)


@_see
def shown(request: Request) -> Response:
    """The case."""
    return _page(request)


@_see
def act(request: Request, fields: Fields, files: Files) -> Response:
    """``POST .../acts/<act>``: done, or told in place why not, with what was typed."""
    context, receipt, name = here(request), request.path_params["receipt"], request.path_params["act"]
    if name not in case_acts.ACTS:
        return page(request, "not_found.html", 404)
    given = [one for sent in files.values() for one in sent]
    try:
        answer_files.spend(context.viewer, given)
        case_acts.do(context, receipt, name, fields, given)
    except UnknownAccount as error:
        return _page(request, name, error, fields)
    except NotFound:
        return page(request, "not_found.html", 404)
    except NotAllowed:
        return page(request, "sorry.html", 403, sentence=context.words.t("Your roles do not allow this here."))
    except TooMany:
        return page(request, "sorry.html", 429, sentence=context.words.t("Too many files at once; wait a minute."))
    except Unavailable:
        raise
    except (Invalid, Conflict, Refused) as error:
        return _page(request, name, error, fields)
    if name in LETTERS:
        name = "letter" if give_letter(context.services, receipt, context.viewer) else "no_letter"
    anchor = "#materials" if name == "check" else ""
    return RedirectResponse(f"{paths.case(receipt)}?done={name}{anchor}", 303)


@_work
def told(request: Request, fields: Fields) -> Response:
    """``POST .../told``: the reader was rung, and told what is ticked."""
    context, receipt = here(request), request.path_params["receipt"]
    chosen = [name.removeprefix("notice-") for name in fields if name.startswith("notice-")]
    numbers = [int(number) for number in chosen if number.isascii() and number.isdecimal() and len(number) < 10]
    try:
        context.services.desk.telephone.told(receipt, numbers, context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    except NotAllowed:
        return page(request, "sorry.html", 403, sentence=context.words.t("Your roles do not allow this here."))
    except Conflict:
        sentence = context.words.t("Nothing of this waits to be told any more. Open the case again.")
        return page(request, "sorry.html", 409, sentence=sentence)
    return RedirectResponse(f"{paths.case(receipt)}?done=told", 303)


@_see
def attachment(request: Request) -> Response:
    """A file that the reader handed in: to be saved, never shown as a page of ours."""
    context, receipt = here(request), request.path_params["receipt"]
    try:
        found, data = context.services.desk.cases.attachment(receipt, request.path_params["number"], context.viewer)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    except DeskError:
        sentence = context.words.t("This file cannot be had now. Please try again later, or tell the desk.")
        return page(request, "sorry.html", 503, sentence=sentence)
    return download(found, data)


def may_send(request: Request) -> bool:
    """Does the large body of an answer with files come from somebody who may answer?"""
    return answer_files.may_send(request.cookies)


def _kept(failed: Failed | None, look: Look) -> list[str]:
    """What was typed into a form that is not there any more."""
    if failed is None or look.may(failed.act):
        return []
    return [text for name, text in failed.typed.items() if text.strip() and name not in KEEPING]


def _page(request: Request, name: str = "", error: Exception | None = None, fields: Fields | None = None) -> Response:
    context = here(request)
    desk, words = context.services.desk, context.words
    try:
        case = desk.requests.case(request.path_params["receipt"], context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    look = Look(context, case, desk.called(context.language))
    failed: Failed | None = None
    if error is not None and fields is not None:
        typed = {key: value[:_TYPED_BOUND] for key, value in fields.items() if key not in (TOKEN, "seen")}
        failed = case_acts.failure(look, name, error, typed, fields.get("seen", ""))
        look = Look(context, case, look.called, failed)
    kind = look.called.type(case.type)
    return page(
        request,
        "case.html",
        failed.code if failed else 200,
        case=case,
        title=f"{kind} · {case.hit.title}" if case.hit else kind,
        failed=failed,
        kept=_kept(failed, look),
        done=case_acts.done(request.query_params.get("done", ""), words.t) if failed is None else None,
        left=drawn((*LEFT[:3], *ASKED, *LEFT[3:5], KEPT, PAPERS, *LEFT[5:]), look),
        right=drawn((*RIGHT, *KNOWN), look),
        base=paths.case(case.receipt),
    )
