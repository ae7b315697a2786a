"""Copies made to order on the page of a case: the tick with an answer, what became a digital copy, keeping files of an
answer later, taking a copy back.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.web.case_look import Json, Look, Section
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import here, page
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import KEEPING, parse
from service_desk.made.copies import SUFFIXES, KeepForm, TakeBackForm
from service_desk.made.views import KeptCopy
from service_desk.ports import FrozenHit

_PLACE: Final = "place-"
_decide = only("requests.decide", somewhere=True)


def tick(look: Look) -> Json | None:
    """What is offered with the files of an answer; None where nothing may be kept."""
    hits = look.keeps
    return {"hits": [(hit.id, hit.title) for hit in hits], "older": _older(look, hits)} if hits else None


def kept(look: Look) -> Json | None:
    """What was kept of this answer, and what can be done about it now."""
    case, made = look.case, look.context.services.desk.made
    copies = made.of_case(case.receipt, look.context.viewer)
    stands = {file.number for copy in copies if copy.ended is None for file in copy.files}
    able = [file for file in case.files if file.media_type in SUFFIXES and file.number not in stands]
    hits = look.keeps if able else ()
    if not copies and not hits:
        return None
    return {
        "copies": [
            {"kept": copy, "href": paths.record(copy.resource_id), "about": _about(look, copy)} for copy in copies
        ],
        "may": made.may(case.receipt, look.context.viewer),
        "files": able if hits else (),
        "hits": [(hit.id, hit.title) for hit in hits],
        "older": _older(look, hits),
    }


KEPT: Final = Section("case_kept.html", kept)


@_decide
def keep(request: Request, fields: Fields) -> Response:
    """``POST .../copies``: the files that have a number for their place are kept, in that order."""
    context, receipt = here(request), request.path_params["receipt"]
    places = sorted((place, number) for number, place in _places(fields))
    form = {name: fields[name] for name in KEEPING & fields.keys() - {"keep"}}
    made = context.services.desk.made
    try:
        made.of_case(receipt, context.viewer)  # before anything is said of the form: is there such a case for them?
        if not places:
            raise Invalid.one("files", "say which files")
        made.keep(receipt, parse(KeepForm, {**form, "files": [number for _, number in places]}), context.viewer)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    except Invalid:
        sentence = context.words.t(
            "Nothing was kept: number the files in their order, and choose a record in the index."
        )
        return page(request, "sorry.html", 422, sentence=sentence)
    return RedirectResponse(f"{paths.case(receipt)}?done=keep#kept", 303)


@_decide
def take_back(request: Request, fields: Fields) -> Response:
    """``POST .../copies/back``: nobody reads this copy any more."""
    context, receipt = here(request), request.path_params["receipt"]
    given = {name: fields.get(name, "") for name in TakeBackForm.model_fields}
    made = context.services.desk.made
    try:
        made.of_case(receipt, context.viewer)
        made.take_back(receipt, parse(TakeBackForm, given), context.viewer)
    except (NotFound, NotAllowed):
        return page(request, "not_found.html", 404)
    except Conflict:
        sentence = context.words.t("Somebody was faster: this copy is taken back already.")
        return page(request, "sorry.html", 409, sentence=sentence)
    except Invalid:
        sentence = context.words.t("Say why the copy is taken back.")
        return page(request, "sorry.html", 422, sentence=sentence)
    return RedirectResponse(f"{paths.case(receipt)}?done=take_back#kept", 303)


def _older(look: Look, hits: tuple[FrozenHit, ...]) -> list[tuple[str, str]]:
    """Copies of the same records that a better one can replace, each by its day and pages."""
    made, words = look.context.services.desk.made, look.context.words
    found = (copy for hit in hits for copy in made.of_record(hit.id, look.context.viewer))
    return [
        (copy.copy, words.n("{day}, {count} page", "{day}, {count} pages", copy.pages, day=words.date(copy.at)))
        for copy in found
    ]


def _about(look: Look, copy: KeptCopy) -> str:
    """Where a copy stands, in a sentence."""
    words = look.context.words
    if copy.ended is not None:
        return words.t(
            "Taken back on {day} by {name}: {why}", day=words.moment(copy.ended), name=copy.ended_by, why=copy.why
        )
    if copy.shown is not None:
        return words.n(
            "Became a digital copy on {day}: {count} page",
            "Became a digital copy on {day}: {count} pages",
            copy.pages,
            day=words.moment(copy.shown),
        )
    if any(file.problem for file in copy.files):
        return words.t("It could not become a digital copy; the reader has the files all the same.")
    return words.t("Becomes a digital copy in the coming night.")


def _places(fields: Fields) -> list[tuple[int, int]]:
    """(number of a file, its place) of the files that have one."""
    found = []
    for name, value in fields.items():
        number, place = name.removeprefix(_PLACE), value.strip()
        if name.startswith(_PLACE) and all(
            text.isascii() and text.isdigit() and len(text) < 5 for text in (number, place)
        ):
            found.append((int(number), int(place)))
    return found
