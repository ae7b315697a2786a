"""What one can do with a resource: a row a way, with its state, its time and one button."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from mappings import papers
from search_ui import paths, security
from search_ui.busy import NEEDS_ORIGINAL
from search_ui.i18n import Translator
from search_ui.screens.hits import busy_said
from service_desk.stacks.busy import Busy


@dataclass(frozen=True, slots=True)
class Way:
    """One row. `state` is the CSS class (now, soon, cond, closed, calm); without `href` there is nothing to press."""

    state: str
    label: str
    note: str = ""
    time: str = ""
    button: str | None = None
    href: str | None = None
    external: bool = False


def ways(
    resource: dict[str, Any], words: Translator, query: str, rank: int | None, busy: Busy | None = None
) -> list[Way]:
    """The ways to a resource in the order of its `available`, best first. What keeps its original now (`busy`) is said
    of the first way that needs it, in place of its time.
    """
    made = [_way(action, Asked(resource, words, query, rank)) for action in resource["available"]]
    names = [action["action"] for action in resource["available"]]
    kept = next((names.index(name) for name in NEEDS_ORIGINAL if name in names), None)
    if busy is not None and kept is not None and (way := made[kept]) is not None:
        said = busy_said(busy, Translator(words.language))
        made[kept] = replace(way, state="soon", time="", note=" · ".join(filter(None, (said, way.note))))
    return [way for way in (*made, _no_copies(resource, words)) if way is not None]


def _no_copies(resource: dict[str, Any], words: Translator) -> Way | None:
    """That one may read and have no copy, and why: a row without anything to press."""
    told = resource["rights"]
    if told["read"] != "yes" or told["copy"] not in ("closed", "no"):
        return None
    return Way("closed", words.t("No copies"), told["copy_reason"] or told["reason"] or "")


@dataclass(frozen=True, slots=True)
class Asked:
    """The resource, and how the reader came to it: a request keeps query and rank."""

    resource: dict[str, Any]
    words: Translator
    query: str
    rank: int | None

    def form(self, kind: str) -> str:
        """The request form for this resource."""
        return paths.ask(self.resource["id"], type=kind, q=self.query, rank=self.rank)

    def sign_in(self) -> str:
        """The sign-in that leads back to this record."""
        return f"{paths.LOGIN}?{urlencode({'next': paths.record(self.resource['id'], q=self.query)})}"


def _way(action: dict[str, Any], asked: Asked) -> Way | None:
    make = _ACTS.get(action["action"])
    return make(action, asked, asked.words.term("action", action["action"])) if make else None


def _read(action: dict[str, Any], asked: Asked, label: str) -> Way:
    words, pages = asked.words, asked.resource["page_total"]
    if pages:
        if asked.resource["worded"]:
            note = words.n("{count} page, text can be downloaded", "{count} pages, text can be downloaded", pages)
        else:
            note = words.n("{count} page", "{count} pages", pages)
        return Way("now", label, note, words.t("Now"), words.t("Read"), "#pages")
    if asked.resource["authority"]:
        return Way("now", label, words.t("Described below"), words.t("Now"), words.t("Read"), "#description")
    count = asked.resource["entries_total"]
    note = words.n("{count} database entry below", "{count} database entries below", count)
    return Way("now", label, note, words.t("Now"), words.t("Read"), "#entries")


def _deidentified(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    return Way("now", label, t("Names and numbers are masked"), t("Now"), t("Read"), "#pages")


def _link(action: dict[str, Any], asked: Asked, label: str) -> Way | None:
    address, t = security.web_address(action["url"]), asked.words.t
    if address is None:
        return None
    return Way("now", label, urlsplit(address).hostname or "", t("Now"), t("Open"), address, external=True)


def _consult(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    note = _counted(t("In the reading room"), action, asked)
    return Way("soon", label, note, _time(action, asked), t("Have it fetched"), asked.form("consult"))


def _copy(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    if "papers" in action:
        why = asked.resource["rights"]["copy_reason"]
        note = " · ".join(filter(None, (_bring(action, asked), why)))
        return Way("cond", label, note, "", t("Apply"), asked.form("copy"))
    note = _counted(t("On paper or as a file"), action, asked)
    return Way("soon", label, note, _time(action, asked), t("Order"), asked.form("copy"))


def _apply(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    return Way("cond", label, _bring(action, asked), "", t("Apply"), asked.form("query"))


def _bring(action: dict[str, Any], asked: Asked) -> str:
    words = asked.words
    named = words.t(", ").join(papers.called(code, words.language) for code in action["papers"])
    return words.t("Bring: {papers}", papers=named)


def _holder(action: dict[str, Any], asked: Asked, label: str) -> Way:
    """The other holders; the button leads to a copy that is open there."""
    words = asked.words
    told = words.t("; ").join(
        words.t("{holder} ({access})", holder=one["holder"], access=words.term("access", one["access"]))
        for one in action["holders"]
    )
    there = (security.web_address(one["url"]) for one in action["holders"] if one["open"] and one["url"])
    url = next(filter(None, there), None)
    return Way("cond", label, told, "", words.t("Open") if url else None, url, external=True)


def _sign_in(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    return Way("cond", label, t("Free for everyone with an account"), "", t("Sign in"), asked.sign_in())


def _onsite(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    return Way(
        "cond",
        label,
        t("At the reading-room terminals"),
        "",
        t("Book a seat"),
        paths.seats(resource=asked.resource["id"]),
    )


def _opens(action: dict[str, Any], asked: Asked, label: str) -> Way:
    day = asked.words.date(dt.date.fromisoformat(action["on"]), year=True)
    return Way("closed", label, _why(asked.words.t("Opens on {date}", date=day), action))


def _closed(action: dict[str, Any], asked: Asked, label: str) -> Way:
    return Way("closed", label, _why(asked.words.t("The opening date is not fixed yet"), action))


def _why(said: str, action: dict[str, Any]) -> str:
    """A closure with the provision it rests on and its reason."""
    return " · ".join(filter(None, (said, action.get("article"), action.get("reason"))))


def _ask(action: dict[str, Any], asked: Asked, label: str) -> Way:
    t = asked.words.t
    note = _counted(t("We look for you, or tell you who can"), action, asked)
    return Way("calm", label, note, _time(action, asked), t("Ask"), asked.form("question"))


def _counted(note: str, action: dict[str, Any], asked: Asked) -> str:
    """The note, and from how many requests it is told how long it takes."""
    if action.get("limited"):
        return " · ".join((note, asked.words.t("our limit; too few requests yet to say what is usual")))
    if "usual" not in action:
        return note
    words, told = asked.words, action["usual"]
    counted = words.n("time from {count} request", "time from {count} requests", told["requests"])
    return " · ".join((note, counted))


def _time(action: dict[str, Any], asked: Asked) -> str:
    if "usual" in action:
        return _usually(action["working_days"], action["usual"], asked.words)
    if action.get("limited"):
        return asked.words.n("within {count} working day", "within {count} working days", action["working_days"])
    return asked.words.n("{count} working day", "{count} working days", action["working_days"])


def _usually(days: int, told: dict[str, int], words: Translator) -> str:
    """How long it usually takes, and between which ends most times lie where these differ."""
    if told["low"] == told["high"]:
        return words.n("usually {count} working day", "usually {count} working days", days)
    return words.n(
        "usually {count} working day ({low}–{high})",
        "usually {count} working days ({low}–{high})",
        days,
        low=words.number(told["low"]),
        high=words.number(told["high"]),
    )


_ACTS: dict[str, Callable[[dict[str, Any], Asked, str], Way | None]] = {
    "read": _read,
    "link": _link,
    "deidentified": _deidentified,
    "consult": _consult,
    "copy": _copy,
    "apply": _apply,
    "sign_in": _sign_in,
    "onsite": _onsite,
    "holder": _holder,
    "opens": _opens,
    "closed": _closed,
    "ask": _ask,
}
