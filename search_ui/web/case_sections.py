"""The parts of the page of a case: who and why, the records then and now, materials, what happened, what else there is,
the clock. A new part is a template and a function here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import structlog

from indexer.errors import SearchError
from mappings.access import may, may_begin
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.asked import amount, amount_of
from search_ui.web.case_look import Json, Look, Section
from search_ui.web.inbox import row_of, status_of
from search_ui.web.promised import called
from service_desk.fees import Fees
from service_desk.machine import OPEN, RUNNING
from service_desk.materials import ASKED_FOR, DONE
from service_desk.ports import FrozenHit
from service_desk.privacy import Privacy
from service_desk.views import CaseEvent, FileView

log = structlog.get_logger(__name__)
COMPARED: Final = 10
"""Records of a request that are looked up as they are today."""


def who(look: Look) -> Json:
    """Who asks, by which way, what they are to the matter, and what they wrote."""
    case, called, viewer = look.case, look.called, look.context.viewer
    person = f"{paths.PERSONS}/{case.person}" if case.person and may(viewer, "persons.register") else None
    return {
        "relation": called.relation(case.relation) if case.relation else None,
        "person": person,
        "told": look.context.services.desk.notices.reaches(case.contact, case.account),
        "by_phone": look.context.services.desk.notices.by_phone(case.contact, case.account),
        "language": look.context.words.language_name(case.language),
        "route": called.route(case.route) if case.route else None,
        "department": called.department(case.department) if case.department else None,
        "concerns": paths.case(case.concerns) if case.concerns else None,
        "wishes": _wishes(look),
        "consent": _way_of_consent(look, case.consent_way) if case.consent else None,
    }


def _way_of_consent(look: Look, way: str | None) -> str:
    """How the reader agreed to the privacy notice: on their own form, or as a clerk keyed in."""
    if way is None:
        return look.context.words.t("Ticked on the form")
    title = look.context.services.desk.rules.now(Privacy).ways.get(way)
    return title.in_language(look.context.language) if title else way


def _wishes(look: Look) -> list[str]:
    """How it is wanted: what its price depends on."""
    words, wishes = look.context.words, look.case.wishes
    fees, language = look.context.services.desk.rules.now(Fees), look.context.language
    named = {"carrier": fees.choices.carrier, "delivery": fees.choices.delivery}
    told = [words.n("{count} page", "{count} pages", wishes["pages"])] if "pages" in wishes else []
    told += [words.n("{count} copy", "{count} copies", wishes["copies"])] if "copies" in wishes else []
    told += [words.t("Certified")] if wishes.get("certified") else []
    for name, titles in named.items():
        code = wishes.get(name)
        told += [titles[code].in_language(language) if code in titles else code] if code else []
    if code := wishes.get("exemption"):
        one = fees.exemptions.get(code)
        told.append(words.t("claims: {ground}", ground=one.title.in_language(language) if one else code))
    return told


def to_tell(look: Look) -> Json | None:
    """What the reader is to be told by telephone, for whoever may work on the request."""
    waiting = look.context.services.desk.telephone.waiting(look.case.receipt, look.context.viewer)
    return {"waiting": waiting, "may": may_begin(look.context.viewer, "requests.work")} if waiting else None


def records(look: Look) -> Json:
    """Each record as it was when it was asked for, and what is different today."""
    case = look.case
    hits = ([case.hit] if case.hit else []) + list(case.more)
    return {"hits": [_compared(look, hit, number < COMPARED) for number, hit in enumerate(hits)]}


def _compared(look: Look, hit: FrozenHit, compare: bool) -> Json:
    words = look.context.words
    told: Json = {
        "hit": hit,
        "href": paths.record(hit.id, q=hit.query, rank=hit.rank),
        "access": words.term("access", hit.access) if hit.access else None,
        "today": None,
        "changes": [],
    }
    if not compare:
        return told
    try:
        found = look.context.services.resource(hit.id, look.context.viewer)
    except SearchError as error:
        log.warning("a record cannot be compared", reason=str(error))
        return told | {"today": "down"}
    if found is None:
        return told | {"today": "gone"}
    changes = _changes(hit, found, words)
    return told | {"today": "changed" if changes else "same", "changes": changes}


def _changes(hit: FrozenHit, found: Json, words: Translator) -> list[tuple[str, str, str]]:
    """What is called or ruled otherwise today: which, then, now."""
    if not hit.checked:
        return []
    pairs = {
        words.t("Title"): (hit.title, found["title"]),
        words.t("Reference code"): (hit.reference_code or "—", found["reference_code"] or "—"),
        words.t("Access"): (
            words.term("access", hit.access) if hit.access else "—",
            words.term("access", found["access"]) if found["access"] else "—",
        ),
    }
    return [(what, then, now) for what, (then, now) in pairs.items() if then != now]


def materials(look: Look) -> Json | None:
    """The checklist with where each row stands and the files handed in for it; files for nothing in particular."""
    case, called = look.case, look.called
    known = {one.code for one in case.materials}
    rows = [
        {
            "code": one.code,
            "title": called.material(one.code),
            "how": called.how(one.code),
            "verdict": one.verdict,
            "done": one.verdict in DONE,
            "files": [_file(look, file) for file in case.attachments if file.material == one.code],
        }
        for one in case.materials
    ]
    others = [_file(look, file) for file in case.attachments if file.material not in known]
    if not rows and not others:
        return None
    return {"rows": rows, "others": others, "may_check": look.may("check"), "verdicts": VERDICTS}


VERDICTS: Final = ("verified", "unclear", "missing", "waived")
"""What a clerk says of a material, in the order of the buttons."""


def _file(look: Look, file: FileView) -> Json:
    return {
        "href": f"{paths.case(look.case.receipt)}/files/{file.number}",
        "name": file.name,
        "kilobytes": (file.size + 1023) // 1024,
    }


def asked_for(look: Look) -> list[Json]:
    """What the one notice names: every material that is not there or not in order, as its reader will read it."""
    reader = look.context.services.desk.called(look.case.language)
    wanting = [one for one in look.case.materials if one.verdict in ASKED_FOR]
    words = Translator(look.case.language, "web")
    return [
        {"title": reader.material(one.code), "how": reader.how(one.code), "verdict": words.term("verdict", one.verdict)}
        for one in wanting
    ]


_MESSAGES: Final = frozenset({"message", "notice", "supplied"})


def messages(look: Look) -> Json | None:
    """What reader and desk wrote to one another."""
    said = [event for event in look.case.events if event.what in _MESSAGES and event.text]
    return {"messages": [_happened(look, event) for event in said]} if said else None


def history(look: Look) -> Json:
    """Everything that happened, the latest first."""
    return {"events": [_happened(look, event) for event in reversed(look.case.events)]}


def _happened(look: Look, event: CaseEvent) -> Json:
    words = look.context.words
    whose = {"reader": words.t("the reader"), "desk": words.t("by the rules")}
    when = words.moment if look.case.status in OPEN else words.stamp
    by = event.actor or whose.get(event.party, words.t("staff"))
    return {
        "what": words.term("event", event.what),
        "at": when(event.at),
        "who": by,
        "text": event.text,
        "hidden": not event.shown,
        "from_reader": event.party == "reader",
        "details": _details(look, event.payload),
    }


def _details(look: Look, payload: Json) -> list[tuple[str, str]]:
    """What an event keeps beside its words, each with its label."""
    words, called = look.context.words, look.called
    between = words.t(", ")
    simple = {
        "alternative": words.t("Instead"),
        "nothing_instead": words.t("Nothing can be had instead:").rstrip(":："),
        "article": words.t("Provision"),
        "tried": words.t("Looked for in"),
    }
    told = [(label, str(payload[name])) for name, label in simple.items() if payload.get(name)]
    if verdicts := payload.get("materials"):
        said = (f"{called.material(code)}: {words.term('verdict', verdict)}" for code, verdict in verdicts.items())
        told.append((words.t("Materials"), between.join(said)))
    named: dict[str, tuple[str, Callable[[Any], str]]] = {
        "to": (words.t("To"), str),
        "type": (words.t("Type"), called.type),
        "route": (words.t("Route"), called.route),
        "department": (words.t("Department"), called.department),
        "how": (words.t("How"), lambda how: words.term("ready", how)),
        "days": (words.t("Days"), str),
        "consent_way": (words.t("Consent"), lambda way: _way_of_consent(look, way)),
    }
    told += [(label, name_of(payload[name])) for name, (label, name_of) in named.items() if payload.get(name)]
    if rung := payload.get("told_by_phone"):
        told.append((words.t("Told by phone"), between.join(words.term("told", what) for what in rung)))
    if files := payload.get("files"):
        told.append((words.t("Files"), between.join(str(file["name"]) for file in files)))
    return told + _estimate(words, payload)


def _estimate(words: Translator, payload: Json) -> list[tuple[str, str]]:
    lines = payload.get("lines") or ()
    if not lines:
        return []
    currency = str(payload.get("currency", ""))
    total = sum(amount_of(line) for line in lines)
    each = (_line(line) for line in lines)
    return [(words.t("Estimate"), words.t("; ").join(each)), (words.t("Sum"), f"{amount(total)} {currency}")]


def _line(line: Json) -> str:
    less = f" − {amount(line['off'])}" if line.get("off") else ""
    why = f" ({line['why']})" if line.get("why") else ""
    return f"{line['what']} {line['count']} × {amount(line['price'])}{less}{why}"


def related(look: Look) -> Json | None:
    """Other requests of the same reader, and on the same record."""
    desk, words = look.context.services.desk, look.context.words
    found = desk.related.requests(look.case.receipt, look.context.viewer)
    now = dt.datetime.now(dt.UTC)
    groups = ((words.t("Of the same reader"), found.of_reader), (words.t("On the same record"), found.on_record))
    listed = [
        (heading, [row_of(row, words, look.called, desk.calendar, now) for row in rows]) for heading, rows in groups
    ]
    return {"groups": [group for group in listed if group[1]]} if any(rows for _, rows in groups) else None


def answer(look: Look) -> Json | None:
    """The files that were given to the reader."""
    case = look.case
    if not case.files:
        return None
    base = paths.receipt(case.receipt)
    return {"files": [{"href": f"{base}/files/{one.number}", "name": one.name} for one in case.files]}


def clock(look: Look) -> Json:
    """Where it stands and until when, with how that was worked out."""
    case, desk = look.case, look.context.services.desk
    promise, calendar = case.promise, desk.calendar
    today = calendar.day_of(dt.datetime.now(dt.UTC))
    left = calendar.working_days(today, promise.due) if promise.due > today else 0
    accepted = next((event.at for event in case.events if event.what == "accepted"), None)
    return {
        "status": status_of(look.context.words, case.status),
        "running": case.status in RUNNING,
        "open": case.status in OPEN,
        "class": "late" if case.late else "soon" if case.status in RUNNING and left <= 1 else "calm",
        "left": left,
        "over": calendar.working_days(promise.due, today) if today > promise.due else 0,
        "accepted": accepted,
        "until": calendar.day_of(case.due - dt.timedelta(microseconds=1)) if case.due else None,
        "how": how(look),
    }


def how(look: Look) -> list[str]:
    """How the date was worked out, a sentence each."""
    words, promise = look.context.words, look.case.promise
    day = words.date
    sentences: dict[str, Any] = {
        "working_days": lambda: words.n(
            "{count} working day from {start} on",
            "{count} working days from {start} on",
            promise.days,
            start=day(promise.start),
        ),
        "calendar_days": lambda: words.n(
            "{count} day from {start} on", "{count} days from {start} on", promise.days, start=day(promise.start)
        ),
        "months": lambda: words.n(
            "{count} month from {start} on", "{count} months from {start} on", promise.days, start=day(promise.start)
        ),
        "hours": lambda: words.n(
            "{count} hour from {start} on", "{count} hours from {start} on", promise.days, start=day(promise.start)
        ),
    }
    told = [sentences[promise.unit]()]
    if promise.extended:
        told.append(words.n("{count} of them added", "{count} of them added", promise.extended))
    told += [
        words.t("Stood still from {begin} to {end}", begin=day(pause.asked), end=day(pause.last))
        if pause.last
        else words.t("Stands still since {begin}: it is the reader’s turn", begin=day(pause.asked))
        for pause in promise.pauses
    ]
    if passed := [f"{called(one, words)} {one.date.isoformat()}".strip() for one in promise.skipped]:
        told.append(words.t("Holidays passed over: {days}", days=words.t(", ").join(passed)))
    if promise.basis:
        told.append(words.t("By {provision}", provision=promise.basis))
    return told


LEFT: Final = (
    Section("case_who.html", who),
    Section("case_phone.html", to_tell),
    Section("case_records.html", records),
    Section("case_materials.html", materials),
    Section("case_messages.html", messages),
    Section("case_answer.html", answer),
    Section("case_history.html", history),
    Section("case_related.html", related),
)
"""The main column, in its order."""
