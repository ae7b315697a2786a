"""The request form: what is wanted, by whom, by when it is answered. A draft is kept from the first change.

Draft values are given as the widgets' defaults, never through the session state: after a restart of the server that
would overwrite what the reader changed last. They are kept at the end of each run, because a change made while the
server was away calls no callback.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any, Final

import streamlit as st

from indexer.errors import SearchError
from search_ui.i18n import Translator
from search_ui.screens.blocks import block
from search_ui.screens.context import Here, here
from search_ui.screens.frame import Drawn
from service_desk.errors import Conflict, DeskError, FieldError, Invalid, NotFound, Unavailable
from service_desk.forms import OpenRequestForm, RequestForm, parse
from service_desk.machine import Clock
from service_desk.request_types import Types
from service_desk.views import Receipt

FIELDS: Final = ("type", "name", "contact", "note")
RECEIPT: Final = "ask_receipt"
ERRORS: Final = "ask_errors"
DRAFT: Final = "ask_draft"

Json = dict[str, Any]


def draw(context: Here) -> Drawn:
    """The form, or the receipt right after it was sent."""
    if (receipt := st.session_state.get(RECEIPT)) is not None and not context.parameters:
        return _received(context, receipt)
    st.session_state.pop(RECEIPT, None)
    resource_id = context.parameter("resource")
    try:
        resource = context.services.resource(resource_id, context.viewer) if resource_id else None
    except SearchError:
        resource = {"id": resource_id, "title": resource_id, "reference_code": None, "dates": None}
    else:
        if resource_id and resource is None:
            block("no_record", context.words)
            return Drawn()
    return _form(context, resource_id, resource)


def _form(context: Here, resource_id: str, resource: Json | None) -> Drawn:
    words, t = context.words, context.words.t
    draft = _draft(context, resource_id)
    errors: tuple[FieldError, ...] = st.session_state.get(ERRORS, ())
    block("ask_head", words, resource=resource, errors=[_sentence(error, words) for error in errors])
    left, right = st.columns([0.64, 0.36], gap="large")
    with left, st.container(key="ask", gap="small"):
        kind = _choose_type(context, resource, draft)
        st.text_input(t("Your name"), draft.get("name", ""), key="ask_name", max_chars=200, autocomplete="name")
        st.text_input(
            t("E-mail or telephone, for the answer"),
            draft.get("contact", ""),
            key="ask_contact",
            max_chars=300,
            autocomplete="email",
        )
        st.text_area(
            _note_label(kind, resource, words), draft.get("note", ""), key="ask_note", max_chars=10_000, height=140
        )
        st.button(t("Send the request"), type="primary", key="ask_send", on_click=_send)
        block("ask_foot", words)
    with right:
        block("ask_side", words, resource=resource, promise=_promise(context, kind))
    _keep(context, resource_id, draft)
    return Drawn(alert=str(id(errors)) if errors else "")


def _choose_type(context: Here, resource: Json | None, draft: Json) -> str:
    asked = context.parameter("type") or draft.get("type") or ("query" if resource else "question")
    desk = context.services.desk
    types = desk.rules.now(Types).offered("web", with_record=resource is not None)
    called = desk.called(context.lang)
    known = asked if asked in types else "question"
    chosen: str = st.radio(
        context.words.t("What do you need?"),
        types,
        index=types.index(known),
        key="ask_type",
        horizontal=True,
        format_func=called.type,
    )
    return chosen


def _note_label(kind: str, resource: Json | None, words: Translator) -> str:
    if resource is None or kind == "question":
        return words.t("What would you like to know?")
    return words.t("What it is for, which pages, anything we should know (may be left out)")


def _send() -> None:
    """Callback of the button: file the request as the one who is signed in now, then show the receipt once."""
    context = here()
    resource_id = context.parameter("resource")
    try:
        if not context.desk_answers:  # whose request it is cannot be told
            raise Unavailable("The desk does not answer now.")
        receipt = context.services.desk.filing.submit(
            _filled(context, resource_id), context.viewer, context.visitor or None
        )
    except Invalid as error:
        st.session_state[ERRORS] = error.errors
    except NotFound:
        st.session_state[ERRORS] = (FieldError("resource_id", ""),)
    except (Conflict, DeskError):
        st.session_state[ERRORS] = (FieldError("", ""),)
    else:
        with suppress(Unavailable):
            context.services.desk.drafts.delete(_form_name(resource_id), context.viewer, context.visitor or None)
        for key in (ERRORS, DRAFT, *(f"ask_{name}" for name in FIELDS)):
            st.session_state.pop(key, None)
        st.session_state[RECEIPT] = receipt
        st.query_params.clear()


def _filled(context: Here, resource_id: str) -> OpenRequestForm:
    rank = context.parameter("rank")
    values: Json = {
        **_typed(),
        "query": context.parameter("q")[:1000],
        "rank": int(rank) if rank.isdecimal() and 1 <= int(rank[:6]) <= 100_000 else None,
        "language": context.lang,
    }
    if resource_id:
        return parse(RequestForm, {**values, "resource_id": resource_id})
    return parse(OpenRequestForm, values)


def _typed() -> Json:
    return {name: st.session_state.get(f"ask_{name}") or "" for name in FIELDS}


def _form_name(resource_id: str) -> str:
    return f"request:{resource_id}"[:200]


def _draft(context: Here, resource_id: str) -> Json:
    """What was typed before: read from the database once, when the form is opened."""
    kept = st.session_state.get(DRAFT)
    if kept is None or kept["form"] != _form_name(resource_id):
        body = context.services.desk.drafts.load(_form_name(resource_id), context.viewer, context.visitor or None)
        if "name" not in body and context.viewer.name:
            body = {**body, "name": context.account or ""}
        kept = {"form": _form_name(resource_id), "body": body}
        st.session_state[DRAFT] = kept
        st.session_state.pop(ERRORS, None)
    return dict(kept["body"])


def _keep(context: Here, resource_id: str, draft: Json) -> None:
    """Save what has changed since the last save; nothing typed, nothing kept."""
    typed = _typed()
    if typed != st.session_state.get("ask_saved") and (any(typed[name] for name in ("contact", "note")) or draft):
        with suppress(Unavailable):  # it still stands in the browser; the next change is saved again
            context.services.desk.drafts.save(_form_name(resource_id), typed, context.viewer, context.visitor or None)
            st.session_state["ask_saved"] = typed


def _sentence(error: FieldError, words: Translator) -> Json:
    """What to do about a field, in the reader's language; `target` is the field to go to."""
    sentences = {
        "name": words.t("Write your name, so that we can address the answer"),
        "contact": words.t("Write an e-mail address or a telephone number, so that the answer reaches you"),
        "note": words.t("Say what you would like to know: a name, a place, a year"),
        "type": words.t("Choose what you need"),
        "resource_id": words.t("This record is no longer there; search for it again, or ask without it"),
    }
    text = sentences.get(
        error.field, words.t("The request could not be filed just now; what you typed is kept, try again")
    )
    return {"text": text, "target": f"ask_{error.field}" if error.field in FIELDS else ""}


def _promise(context: Here, kind: str) -> Json:
    desk, now = context.services.desk, dt.datetime.now(dt.UTC)
    limit = desk.rules.now(Types).rule(kind).limit.limit
    return promised(desk.calendar.promise(Clock(now), limit, now), context.words)


def promised(promise: Any, words: Translator) -> Json:
    """A promised date and how it was worked out, in the reader's language."""
    reason = words.n(
        "{count} working day after {start}, weekends left out.",
        "{count} working days after {start}, weekends left out.",
        promise.days,
        start=words.date(promise.start),
    )
    passed = "、".join(f"{day.name} ({day.date.isoformat()})" for day in promise.skipped)
    if passed:
        reason += " " + words.t("Holidays passed over: {days}.", days=passed)
    return {"due": words.date(promise.due), "reason": reason}


def _received(context: Here, receipt: Receipt) -> Drawn:
    block("receipt", context.words, receipt=receipt, signed_in=context.viewer.signed_in)
    return Drawn(context.words.t("Request received"))
