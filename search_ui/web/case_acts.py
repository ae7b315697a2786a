"""The acts on the page of a case: which are offered, which comes first, how their forms are read, and what is said when
one cannot be done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, cast

from search_ui.answer_files import WITH_FILES, checked
from search_ui.web.asked import amount, consent_of, order_of, why_of
from search_ui.web.case_known import alternatives
from search_ui.web.case_look import Failed, Json, Look
from search_ui.web.case_sections import asked_for
from search_ui.web.forms import Fields
from search_ui.web.inbox import status_of
from search_ui.web.kept import tick
from search_ui.web.render import Here
from service_desk import sniffing
from service_desk.casework import FORMS
from service_desk.errors import DeskError, Invalid, NotFound
from service_desk.estimates import Estimated, estimate
from service_desk.fees import Fees
from service_desk.forms import KEEPING, AnswerForm, MessageForm, RefusalForm, parse
from service_desk.materials import ASKED_FOR
from service_desk.ports import Upload
from service_desk.shown import NEXT_STEP
from service_desk.views import Case

LINES: Final = 8
"""Lines of an estimate that the form offers."""
OFFERED: Final = (
    "accept",
    "ask_materials",
    "take",
    "consent",
    "search",
    "answer",
    "make_ready",
    "hand_out",
    "resume",
    "agree",
    "pay",
    "quote",
    "review",
    "hand_over",
    "tell",
    "note",
    "classify",
    "extend",
    "answer_part",
    "not_held",
    "refuse",
    "reopen",
    "release",
)
"""Acts in the order in which they are offered; `check` has its buttons beside the materials."""
PLAIN: Final = frozenset({"accept", "search", "review", "pay", "hand_out", "resume", "agree"})
"""Acts that need nothing, and may have words with them."""
AT_ONCE: Final = frozenset({"take", "release"})
"""Acts that are a button alone."""
ACTS: Final = frozenset({*OFFERED, "check"})
_FIRST: Final = {
    "check": ("ask_materials", "accept"),
    "accept": ("accept",),
    "search": ("search",),
    "answer": ("answer",),
    "decide": ("answer",),
    "pay": ("pay",),
    "hand_out": ("hand_out",),
}
"""Which act a next step is, the likelier first."""


def acts(look: Look) -> Json | None:
    """What can be done now; the first of them, and the others in their order."""
    case = look.case
    offered = [act for act in OFFERED if look.may(act)]
    if not offered:
        return None
    first, fees = _first(case), _fees(look)
    return {
        "first": first,
        "others": [act for act in offered if act != first],
        "titles": titles(look.context.words.t),
        "failed": look.failed,
        "typed": look.failed.typed if look.failed else {},
        "plain": PLAIN,
        "at_once": AT_ONCE,
        "with_files": WITH_FILES,
        "suffixes": ",".join(f".{suffix}" for suffix in sniffing.SUFFIXES),
        "keeps": tick(look) if WITH_FILES & set(offered) else None,
        "lines": _numbers(LINES if look.failed else len(fees["lines"]) + 2),
        "asked": asked_for(look),
        "instead": alternatives(look),
        "fees": fees,
        "consent": consent_of(look.context) if "consent" in offered else None,
        **_choices(look),
    }


def _fees(look: Look) -> Json:
    """What the lines of an estimate are offered: each price of this type, and what it is for this reader."""
    rules = look.context.services.desk.rules.now(Fees)
    told = [
        (rule.title.in_language(look.case.language), amount(price), price == 0 < rule.price)
        for _, rule, price in rules.of(look.case.type, look.case.relation)
    ]
    lines = [] if look.failed and look.failed.act == "quote" else _lines(expected(rules, look.case), look.case.language)
    return {"currency": rules.currency, "rows": told, "lines": dict(enumerate(lines, 1))}


def expected(fees: Fees, case: Case) -> Estimated:
    """The estimate by the fees in force, of what the reader said of it."""
    records = len([one for one in (case.hit, *case.more) if one])
    return estimate(fees, order_of(case.type, case.relation, case.wishes, records))


def _lines(made: Estimated, language: str) -> list[Json]:
    """The lines as a page shows and sends them, in the reader's language: the reader gets them."""
    return [
        {
            "what": line.what.in_language(language),
            "count": str(line.count),
            "price": amount(line.price),
            "off": amount(line.off) if line.off else "",
            "why": why_of(line, language),
        }
        for line in made.lines[:LINES]
    ]


def _explained(context: Here, receipt: str, lines: Sequence[Json]) -> None:
    """A line that was changed says why. Raises Invalid, NotFound, NotAllowed."""
    desk = context.services.desk
    case = desk.requests.case(receipt, context.viewer)
    known = {one["what"]: one for one in _lines(expected(desk.rules.now(Fees), case), case.language)}
    for line in lines:
        was = known.get(line["what"])
        if was is None:
            continue
        now = {"count": str(line["count"]), "price": line["price"], "off": line["off"]}
        before = {"count": was["count"], "price": _price(was["price"]), "off": _price(was["off"] or "0")}
        if now != before and line["why"] in ("", was["why"]):
            raise Invalid.one("why", "say why a line is not as the fees have it")


def _first(case: Case) -> str | None:
    step = NEXT_STEP.get(case.status, "")
    wanting = any(one.verdict in ASKED_FOR for one in case.materials)
    likely = [act for act in _FIRST.get(step, ()) if act != "ask_materials" or wanting]
    return next((act for act in likely if act in case.actions), None)


def _choices(look: Look) -> Json:
    called, desk = look.called, look.context.services.desk
    may, there = look.may("hand_over"), {one.code for one in look.case.materials}
    colleagues = desk.related.colleagues(look.case.receipt, look.context.viewer) if may else ()
    return {
        "colleagues": colleagues,
        "more": [(code, called.material(code)) for code in called.materials.materials if code not in there],
        "types": [(code, called.type(code)) for code in called.types.types],
        "routes": [(name, called.route(name)) for name in called.routes.routes],
        "departments": [(code, called.department(code)) for code in called.departments.departments],
    }


def titles(t: Callable[[str], str]) -> dict[str, str]:
    """What each act is called, as a verb."""
    return {
        "accept": t("Accept"),
        "ask_materials": t("Ask for what is missing, once"),
        "take": t("Take it in hand"),
        "consent": t("Keep the consent"),
        "search": t("Begin the search"),
        "answer": t("Answer"),
        "make_ready": t("It is ready"),
        "hand_out": t("Handed out"),
        "resume": t("Go on without it"),
        "agree": t("The reader agrees"),
        "pay": t("Mark as paid"),
        "quote": t("Send an estimate"),
        "review": t("Give to opening review"),
        "hand_over": t("Hand over"),
        "tell": t("Write to the reader"),
        "note": t("Internal note"),
        "classify": t("Classify"),
        "extend": t("Extend"),
        "answer_part": t("Answer in part"),
        "not_held": t("Not held here"),
        "refuse": t("Refuse"),
        "reopen": t("Reopen"),
        "release": t("Put it back for others"),
    }


def done(act: str, t: Callable[[str], str]) -> str | None:
    """What is said once an act is done; None of what is no act."""
    said = {
        "accept": t("It is accepted."),
        "ask_materials": t("The reader is told what is missing."),
        "check": t("It is marked."),
        "take": t("It is in your hands now."),
        "search": t("The search has begun; it is in your hands."),
        "answer": t("The answer is sent."),
        "make_ready": t("The reader is told that it is ready."),
        "hand_out": t("It is handed out."),
        "resume": t("It goes on; the clock runs."),
        "agree": t("It is kept that the reader agrees."),
        "pay": t("It is marked as paid; the clock runs."),
        "quote": t("The estimate is sent."),
        "review": t("It is under review."),
        "hand_over": t("It is handed over."),
        "tell": t("The message is sent."),
        "note": t("The note is kept."),
        "classify": t("It is classified."),
        "consent": t("The consent is kept."),
        "extend": t("The date is extended; the reader is told."),
        "answer_part": t("The answer is sent."),
        "not_held": t("The reader is told that it is not held here."),
        "refuse": t("The refusal is sent."),
        "letter": t("The reader is told; the letter lies with the request."),
        "no_letter": t("The reader is told. The letter could not be printed: issue it below later, or tell the desk."),
        "reopen": t("It is open again."),
        "release": t("It is back for others."),
        "issue": t("The document is issued; the reader finds it with the request."),
        "findings": t("The document is issued and given."),
        "told": t("It is kept that you told the reader, and when."),
        "keep": t("It is kept; in the coming night it becomes a digital copy of the record."),
        "take_back": t("The copy is taken back: nobody reads it any more."),
        "revoke": t("The document is revoked; whoever verifies it is told."),
    }
    return said.get(act)


def do(context: Here, receipt: str, act: str, fields: Fields, given: Sequence[Upload]) -> Case:
    """Do it. Raises what the desk raises, Invalid for what the form lacks, `sniffing.Refused` for a file."""
    requests, viewer, seen = context.services.desk.requests, context.viewer, _number(fields.get("seen", ""))
    files = checked(given) if act in WITH_FILES else []
    if act == "take":
        return requests.take(receipt, viewer, seen)
    if act == "release":
        return requests.release(receipt, viewer, seen)
    if act == "answer":
        return requests.answer(receipt, parse(AnswerForm, _only(fields, "text", *KEEPING)), viewer, files, seen)
    if act == "refuse":
        return requests.refuse(receipt, parse(RefusalForm, _refusal(fields)), viewer, seen)
    if act in ("tell", "note"):
        message = parse(MessageForm, _only(fields, "text"))
        return {"tell": requests.tell, "note": requests.note}[act](receipt, message, viewer)
    said = values(act, fields)
    if act == "quote":
        _explained(context, receipt, cast("Sequence[Json]", said["lines"]))
    return context.services.desk.cases.act(receipt, act, said, viewer, seen, files)


def _refusal(fields: Fields) -> dict[str, object]:
    instead = [json.loads(text) for name, text in fields.items() if name.startswith("instead-") and _is_json(text)]
    return {**_only(fields, "reason", "article", "alternative", "nothing_instead"), "instead": instead}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def values(act: str, fields: Fields) -> dict[str, object]:
    """What a form of `casework.FORMS` asks for, of the fields of a page. Raises Invalid."""
    read: dict[str, Callable[[Fields], dict[str, object]]] = {
        "check": lambda given: {"verdicts": _verdict(given.get("verdict", ""))},
        "ask_materials": lambda given: {"verdicts": _more(given), **_only(given, "text")},
        "classify": _classified,
        "extend": lambda given: {"days": _number(given.get("days", "")), **_only(given, "text")},
        "quote": _quote,
    }
    return read[act](fields) if act in read else _only(fields, *FORMS[act].model_fields)


def _only(fields: Fields, *names: str) -> dict[str, object]:
    return {name: fields[name] for name in names if name in fields}


def _more(fields: Fields) -> dict[str, str]:
    """What is asked for beside what the checklist has."""
    return {fields["more"]: "missing"} if fields.get("more") else {}


def _verdict(said: str) -> dict[str, str]:
    """``CODE:VERDICT``, the value of a button."""
    code, _, verdict = said.partition(":")
    return {code: verdict}


def _classified(fields: Fields) -> dict[str, object]:
    """What is to be changed; what was left as it is, is left out."""
    told = {name: value for name, value in _only(fields, "type", "route", "department", "about").items() if value}
    if fields.get("urgent") in ("yes", "no"):
        told["urgent"] = fields["urgent"] == "yes"
    if not told:
        raise Invalid.one("type", "choose what is to change")
    return {**told, **_only(fields, "text")}


def _quote(fields: Fields) -> dict[str, object]:
    names = ("what", "count", "price", "off", "why")
    rows = [[fields.get(f"{name}{number}", "").strip() for name in names] for number in _numbers()]
    lines = [
        {
            "what": what,
            "count": _number(count.replace(",", "") or "1"),
            "price": _price(price),
            "off": _price(off or "0"),
            "why": why,
        }
        for what, count, price, off, why in rows
        if what or price
    ]
    currency = fields.get("currency", "").strip().upper()
    return {"lines": lines, **({"currency": currency} if currency else {}), **_only(fields, "text")}


def _numbers(count: int = LINES) -> range:
    """The numbers of so many lines, of those that are offered."""
    return range(1, min(max(count, 3), LINES) + 1)


def _price(text: str) -> int:
    """A sum as it is written, in the smallest unit. Raises Invalid."""
    try:
        price = Decimal(text.replace(",", "")) * 100
    except InvalidOperation:
        raise Invalid.one("lines", "a price such as 12.50") from None
    if not price.is_finite() or price != price.to_integral_value():
        raise Invalid.one("lines", "a price such as 12.50")
    return int(price)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,8}", text.strip()) else None


def failure(look: Look, act: str, error: Exception, typed: Mapping[str, str], seen: str) -> Failed:
    """What is said of an act that was not done."""
    t = look.context.words.t
    if isinstance(error, sniffing.Refused):
        return Failed(act, _file_sentence(error, t), ("files",), typed)
    if isinstance(error, Invalid):
        fields = tuple(dict.fromkeys(one.field for one in error.errors))
        return Failed(act, " ".join(dict.fromkeys(_field_sentence(act, name, t) for name in fields)), fields, typed)
    if isinstance(error, NotFound):  # an account that there is not
        name = "to" if act == "hand_over" else "about"
        return Failed(act, _field_sentence(act, name, t), (name,), typed)
    return Failed(act, _conflict(look, act, seen), (), typed, 409)


def _file_sentence(error: sniffing.Refused, t: Callable[..., str]) -> str:
    return {
        "empty": t("{name} is empty. Nothing was sent.", name=error.name),
        "large": t("{name} is over 20 MB: send it in parts. Nothing was sent.", name=error.name),
        "kind": t("{name} is not what its name says, or of a kind we do not send. Nothing was sent.", name=error.name),
    }[error.reason]


def _field_sentence(act: str, field: str, t: Callable[..., str]) -> str:
    if act == "answer" and field == "text":
        return t("Write an answer, or attach a file.")
    return {
        "text": t("Write something first: an empty message says nothing."),
        "reason": t("Say on which ground it is refused."),
        "alternative": t("Say what the reader can have instead, or why that is nothing: no refusal goes without it."),
        "article": t("The provision is too long: at most 300 characters."),
        "to": t("Choose a colleague who may work on this request."),
        "about": t("There is no account of this name."),
        "type": t("Choose what is to change."),
        "days": t("Write by how many days, from 1 to 365."),
        "lines": t("Write what it is made of: at least one line, each with a price such as 12.50."),
        "why": t("Say why a line is not as the fees have it."),
        "currency": t("Write the currency in three letters, such as CNY."),
        "how": t("Choose how it is ready."),
        "keep": t("Only PDF files and pictures of a record in the index can be kept for everyone."),
        "record": t("Choose one of the records of this request."),
        "instead_of": t("The copy to be replaced does not stand any more."),
        "verdicts": t("Nothing is missing or unclear: mark above what is."),
        "consent": t("Choose the privacy notice that was agreed to"),
        "consent_way": t("Say how they agreed to the privacy notice."),
    }.get(field, t("Something in the form is not as it should be; nothing was sent."))


def _conflict(look: Look, act: str, seen: str) -> str:
    """Why it cannot be done now: what somebody did meanwhile, or what stands in the way."""
    case, words, called = look.case, look.context.words, look.called
    if seen != str(case.version) and case.events:
        last = case.events[-1]
        who = last.actor or (words.t("the reader") if last.party == "reader" else words.t("by the rules"))
        what, at = words.term("event", last.what), words.moment(last.at)
        return words.t(
            "Somebody was faster ({who}, {at}: {what}). Nothing was sent; below is how it is now, and what you typed.",
            who=who, at=at, what=what,
        )  # fmt: skip
    if act == "extend":
        rule = called.types.rule(case.type).extension
        days, times = (rule.days, rule.times) if rule else (0, 0)
        return words.t(
            "The rules allow {times} times {days} days for this type; a coordinator can decide otherwise.",
            times=times, days=days,
        )  # fmt: skip
    if case.handler not in (None, look.context.viewer.name):
        return words.t("It is in the hands of {name}; it has to be put back or handed over first.", name=case.handler)
    return words.t("This cannot be done now: the request stands at “{status}”.", status=status_of(words, case.status))


Known = (DeskError, sniffing.Refused)
"""What an act may fail with that the page tells of."""
