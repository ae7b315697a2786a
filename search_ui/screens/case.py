"""One request as staff work it: who and why, the hit as it was, what happened; and the acts that its state allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.screens import staff
from search_ui.screens.blocks import block, sentence
from search_ui.screens.context import Here, here
from search_ui.screens.frame import Drawn
from search_ui.screens.promised import promised
from service_desk import sniffing
from service_desk.called import Called
from service_desk.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, parse
from service_desk.machine import OPEN
from service_desk.views import Case

SAID: Final = "case_said"
"""What the last act came to, shown once: class and sentence."""

Json = dict[str, Any]
Act = Callable[[Here, str, int], object]


def draw(context: Here) -> Drawn:
    """The case of the address."""
    receipt = context.parameter("receipt")[:40]
    if not paths.opens_to(context.viewer, paths.INBOX):
        return staff.for_staff_only(context, f"{paths.CASE}?receipt={receipt}" if receipt.isalnum() else paths.INBOX)
    try:
        case = context.services.desk.requests.case(receipt, context.viewer)
    except NotFound:
        block("no_case", context.words, receipt=receipt)
        return Drawn()
    said = st.session_state.pop(SAID, None)
    called = context.services.desk.called(context.lang)
    block("case_head", context.words, case=case, title=_title(case, called), said=said)
    left, right = st.columns([0.64, 0.36], gap="large")
    with left:
        block("case", context.words, **_shown(case, context.words))
    with right, st.container(key="acts", gap="small"):
        _clock(case, context.words)
        _acts(case, context.words)
    return Drawn(said[1] if said else "", alert=said[1] if said else "")


def _title(case: Case, called: Called) -> str:
    kind = called.type(case.type)
    return f"{kind} · {case.hit.title}" if case.hit else kind


def _shown(case: Case, words: Translator) -> Json:
    return {
        "case": case,
        "events": [
            {
                "what": words.term("event", event.what),
                "at": words.moment(event.at),
                "who": event.actor or (words.t("the reader") if event.party != "staff" else words.t("staff")),
                "text": event.text,
                "alternative": event.payload.get("alternative", ""),
                "hidden": not event.shown,
            }
            for event in reversed(case.events)
        ],
        "record": paths.record(case.hit.id, q=case.hit.query, rank=case.hit.rank) if case.hit else "",
        "access": words.term("access", case.hit.access) if case.hit and case.hit.access else "",
        "language": words.language_name(case.language),
    }


def _clock(case: Case, words: Translator) -> None:
    is_open = case.status in OPEN
    due = promised(case.promise, words)
    block("case_clock", words, case=case, due=due, is_open=is_open, status=sentence(words.term("status", case.status)))


def _acts(case: Case, words: Translator) -> None:
    t, may = words.t, set(case.actions)
    if "take" in may:
        _button(t("Take this request"), "take", case, "primary")
    if "answer" in may:
        _answer_form(case, words)
    if "refuse" in may:
        _refusal_form(case, words)
    if "tell" in may:
        _text_form(case, "tell", t("Message to the reader"), t("Send the message"))
    if "note" in may:
        _text_form(case, "note", t("Internal note"), t("Keep the note"))
    if "release" in may:
        _button(t("Put it back for others"), "release", case, "tertiary")


def _button(label: str, act: str, case: Case, kind: Any) -> None:
    st.button(
        label, key=f"case_{act}", type=kind, width="stretch", on_click=_do, args=(act, case.receipt, case.version)
    )


def _answer_form(case: Case, words: Translator) -> None:
    t = words.t
    with st.form("answer_form", border=False):
        st.text_area(t("Answer"), key="answer_text", height=140, max_chars=10_000)
        st.file_uploader(
            t("Files (PDF, pictures, text, Office, ZIP; up to 20 MB each)"),
            type=list(sniffing.SUFFIXES),
            accept_multiple_files=True,
            key=f"answer_files_{case.version}",
        )
        kind: Any = "secondary" if case.handler is None else "primary"
        st.form_submit_button(
            t("Send the answer"), type=kind, width="stretch", on_click=_do, args=("answer", case.receipt, case.version)
        )


def _refusal_form(case: Case, words: Translator) -> None:
    t = words.t
    with st.expander(t("Refuse…")), st.form("refuse_form", border=False):
        st.text_area(t("Reason, with the rule it rests on"), key="refuse_reason", max_chars=10_000)
        st.text_area(
            t("What the reader can have instead"),
            t("You may see the open records of the same file, or ask for a copy without personal data."),
            key="refuse_alternative",
            max_chars=10_000,
        )
        st.form_submit_button(
            t("Send the refusal"), width="stretch", on_click=_do, args=("refuse", case.receipt, case.version)
        )


def _text_form(case: Case, act: str, label: str, button: str) -> None:
    with st.expander(label), st.form(f"{act}_form", border=False, clear_on_submit=True):
        st.text_area(label, key=f"{act}_text", max_chars=10_000, label_visibility="collapsed")
        st.form_submit_button(button, width="stretch", on_click=_do, args=(act, case.receipt, case.version))


def _do(act: str, receipt: str, seen: int) -> None:
    """Callback of every act: who is looking is asked anew, and the desk decides whether it still can be done."""
    context = here()
    t = context.words.t
    try:
        if not context.desk_answers:
            raise Unavailable("The desk does not answer now.")
        ACTS[act](context, receipt, seen)
    except sniffing.Refused as error:
        st.session_state[SAID] = ("closed", _file_sentence(error, context.words))
    except Conflict:
        st.session_state[SAID] = (
            "closed",
            t("Somebody was faster: below is the request as it is now. Nothing was sent."),
        )
    except Invalid:
        st.session_state[SAID] = ("closed", t("Write something first: an empty message says nothing."))
    except NotAllowed:
        context.services.desk.audit.refused(context.viewer, act, receipt[:40])
        st.session_state[SAID] = ("closed", t("You are no longer signed in as staff. Nothing was sent."))
    except (NotFound, Unavailable, DeskError):
        st.session_state[SAID] = ("closed", t("That could not be done just now. Nothing was sent; try again."))
    else:
        st.session_state[SAID] = ("now", t(DONE[act]))
        for key in ("answer_text", "refuse_reason"):
            st.session_state.pop(key, None)


def _take(context: Here, receipt: str, seen: int) -> object:
    return context.services.desk.requests.take(receipt, context.viewer, seen)


def _release(context: Here, receipt: str, seen: int) -> object:
    return context.services.desk.requests.release(receipt, context.viewer, seen)


def _answer(context: Here, receipt: str, seen: int) -> object:
    given = st.session_state.get(f"answer_files_{seen}") or []
    files = [sniffing.checked(file.name, file.getvalue()) for file in given]
    form = parse(AnswerForm, {"text": _typed("answer_text")})
    return context.services.desk.requests.answer(receipt, form, context.viewer, files, seen)


def _refuse(context: Here, receipt: str, seen: int) -> object:
    form = parse(RefusalForm, {"reason": _typed("refuse_reason"), "alternative": _typed("refuse_alternative")})
    return context.services.desk.requests.refuse(receipt, form, context.viewer, seen)


def _tell(context: Here, receipt: str, seen: int) -> object:
    return context.services.desk.requests.tell(
        receipt, parse(MessageForm, {"text": _typed("tell_text")}), context.viewer
    )


def _note(context: Here, receipt: str, seen: int) -> object:
    return context.services.desk.requests.note(
        receipt, parse(MessageForm, {"text": _typed("note_text")}), context.viewer
    )


ACTS: Final[dict[str, Act]] = {
    "take": _take,
    "release": _release,
    "answer": _answer,
    "refuse": _refuse,
    "tell": _tell,
    "note": _note,
}
DONE: Final = {
    "take": "It is in your hands now.",
    "release": "It is back for others.",
    "answer": "The answer is sent.",
    "refuse": "The refusal is sent.",
    "tell": "The message is sent.",
    "note": "The note is kept.",
}


def _file_sentence(error: sniffing.Refused, words: Translator) -> str:
    sentences = {
        "empty": words.t("{name} is empty. Nothing was sent.", name=error.name),
        "large": words.t("{name} is over 20 MB: send it in parts. Nothing was sent.", name=error.name),
        "kind": words.t(
            "{name} is not what its name says, or of a kind we do not send. Nothing was sent.", name=error.name
        ),
    }
    return sentences[error.reason]


def _typed(key: str) -> str:
    return str(st.session_state.get(key) or "")
