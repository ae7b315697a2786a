"""Parts of the page of a case that come from what the house knows: what the words suggest, earlier answers, what the
reader can have in place of a refusal, and what was asked of the stacks and of others.
"""

from __future__ import annotations

import json
from typing import Final

import structlog

from mappings.access import ANONYMOUS, Viewer, may, may_begin
from search_ui import paths
from search_ui.web import legs as others
from search_ui.web.case_look import Json, Look, Section
from service_desk.errors import DeskError, NotFound, Unavailable
from service_desk.machine import CLOSED, OPEN
from service_desk.materials import Supposed
from service_desk.routes import Routes
from service_desk.triage import Suggested
from service_desk.triage_routes import suggested_routes

log = structlog.get_logger(__name__)
_MOST: Final = 3


def reader_of(look: Look) -> Viewer:
    """Whoever asked, with the rights of their account; an account that is closed sees what everybody does."""
    if look.case.account is None:
        return ANONYMOUS
    try:
        return look.context.services.desk.accounts.viewer(look.case.account)
    except NotFound:
        return ANONYMOUS


def suggested(look: Look) -> Json | None:
    """What the reader's words say of type, route and department, where that is not what the request has."""
    case, desk, language = look.case, look.context.services.desk, look.context.language
    if case.status in CLOSED or not look.may("classify") or not case.note:
        return None
    found = desk.triage.of(case.note, look.context.viewer, reader_of(look), case.hit)
    hits, asked = (case.hit, *case.more) if case.hit else (), Supposed(case.type, case.relation)
    routes = suggested_routes(desk.rules.now(Routes), asked, case.note, hits, found)
    told = [
        {
            "act": name,
            "value": one.name,
            "label": label,
            "title": one.title.in_language(language),
            "why": _why(one, language),
        }
        for name, label, ones, now in (
            ("type", look.context.words.t("Type"), found.types, case.type),
            ("route", look.context.words.t("Route"), routes, case.route),
            ("department", look.context.words.t("Department"), found.departments, case.department),
        )
        for one in ones[:1]
        if now not in (one.name, *one.covers) and any(reason.because != "nothing" for reason in one.reasons)
    ]
    return {"rows": told} if told else None


def _why(one: Suggested, language: str) -> list[str]:
    return [reason.sentence(language) for reason in one.reasons[:_MOST]]


def answers(look: Look) -> Json | None:
    """Entries of the library and earlier answers to requests like this one: in the reader's language where there are
    any, what was asked and answered in the same words once.
    """
    case, desk, viewer = look.case, look.context.services.desk, look.context.viewer
    text = f"{case.note} {case.hit.title if case.hit else ''}".strip()
    if not text:
        return None
    entries = [one.entry for one in desk.library.find(text, viewer, language=case.language, kind=case.type)]
    own = [one for one in entries if one.language == case.language]
    alike = desk.earlier.similar(case.note, case.hit, viewer, receipt=case.receipt, limit=_MOST * _MOST)
    earlier = list({(one.question or one.title, one.answer): one for one in reversed(alike)}.values())[::-1][:_MOST]
    may_write = may(viewer, "answers.write")
    becomes = f"{paths.ANSWERS}/new?from={case.receipt}" if may_write and case.status in CLOSED else None
    if not entries and not earlier and becomes is None:
        return None
    return {
        "entries": (own or entries)[:_MOST],
        "earlier": earlier,
        "becomes": becomes,
        "may_write": may_write,
    }


def alternatives(look: Look) -> list[Json]:
    """What the reader can have in place of a refusal, a row each, and as lines to be sent."""
    case, words = look.case, look.context.words
    known = look.context.services.desk.knowledge.alternatives
    if known is None or case.hit is None or not look.may("refuse"):
        return []
    try:
        found = known.for_hit(case.hit, reader_of(look))
    except Unavailable as error:
        log.warning("a refusal goes without alternatives", reason=str(error))
        return []
    return [
        {
            "title": one.title,
            "path": one.path,
            "reason": words.term("alternative", one.reason),
            "detail": one.day or one.holder or "",
            "value": json.dumps({"title": one.title[:300], "path": one.path, "reason": one.reason}),
        }
        for one in found
    ]


def legs(look: Look) -> Json | None:
    """What others were asked for this request, and the forms to ask more of them."""
    case, viewer = look.case, look.context.viewer
    if not may_begin(viewer, "requests.work"):
        return None
    try:
        found = others.section(look.context.services, case, viewer, look.context.language)
    except DeskError:
        return None
    return {"legs": found} if found.rows or found.receivers or found.filed_by else None


def fetched(look: Look) -> Json | None:
    """What was ordered from the stacks, and how far it is."""
    case, desk = look.case, look.context.services.desk
    rows = desk.stacks.orders_of(case.receipt)
    if not rows or not may_begin(look.context.viewer, "requests.work"):
        return None
    pick_list = paths.STACKS if may(look.context.viewer, "stacks.work") else None
    return {"rows": rows, "pick_list": pick_list, "open": case.status in OPEN}


KNOWN: Final = (Section("case_suggested.html", suggested), Section("case_answers.html", answers))
"""Beside the acts."""
ASKED: Final = (Section("case_fetched.html", fetched), Section("case_others.html", legs))
"""In the main column, after the records."""
