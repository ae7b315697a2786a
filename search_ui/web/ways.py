"""What one can do with a resource: a row a way, with its state, its time and one button. Colour, shape and words say the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from search_ui import paths, security
from search_ui.i18n import Translator


@dataclass(frozen=True, slots=True)
class Way:
    """One row: `state` is the CSS class (now, soon, cond, closed, calm), `button` and `href` are None where there is nothing to press."""

    state: str
    label: str
    note: str = ""
    time: str = ""
    button: str | None = None
    href: str | None = None
    external: bool = False


def ways(resource: dict[str, Any], words: Translator, query: str, rank: int | None) -> list[Way]:
    """The ways to a resource in the order of its `available`, best first."""
    made = (_way(action, resource, words, {"q": query, "rank": rank}) for action in resource["available"])
    return [way for way in made if way is not None]


def _way(action: dict[str, Any], resource: dict[str, Any], words: Translator, came: dict[str, Any]) -> Way | None:
    name, t = action["action"], words.t
    label = words.term("action", name)

    def ask(kind: str) -> str:
        return paths.ask(resource["id"], type=kind, **came)

    time = words.n("{count} working day", "{count} working days", action.get("working_days") or 0)
    match name:
        case "read":
            return _read(resource, words, label)
        case "link":
            return _link(action, words, label)
        case "consult":
            return Way("soon", label, t("In the reading room"), time, t("Book a seat"), ask("consult"))
        case "copy":
            return Way("soon", label, t("On paper or as a file"), time, t("Order"), ask("copy"))
        case "apply":
            return Way("cond", label, t("Say who you are and what you need it for"), "", t("Apply"), ask("query"))
        case "sign_in":
            here = paths.record(resource["id"], q=came["q"])
            return Way("cond", label, t("Free for everyone with an account"), "", t("Sign in"), _sign_in(here))
        case "onsite":
            return Way("cond", label, t("At the reading-room terminals"), "", t("Book a seat"), ask("consult"))
        case "opens":
            return _opens(action, words, label)
        case "closed":
            return Way("closed", label, t("The opening date is not fixed yet"))
        case "ask":
            return Way("calm", label, t("We look for you, or tell you who can"), time, t("Ask"), ask("question"))
    return None


def _read(resource: dict[str, Any], words: Translator, label: str) -> Way:
    pages = resource["page_total"]
    if pages:
        note = words.n("{count} page, text can be downloaded", "{count} pages, text can be downloaded", pages)
        return Way("now", label, note, words.t("Now"), words.t("Read"), "#pages")
    count = resource.get("entries_total") or 0
    note = words.n("{count} database entry below", "{count} database entries below", count)
    return Way("now", label, note, words.t("Now"), words.t("Read"), "#entries")


def _link(action: dict[str, Any], words: Translator, label: str) -> Way | None:
    address = security.web_address(action.get("url"))
    if address is None:
        return None
    host = urlsplit(address).hostname or ""
    return Way("now", label, host, words.t("Now"), words.t("Open"), address, external=True)


def _opens(action: dict[str, Any], words: Translator, label: str) -> Way:
    day = dt.date.fromisoformat(action["on"])
    return Way("closed", label, words.t("Opens on {date}", date=words.date(day, year=True)))


def _sign_in(target: str) -> str:
    from urllib.parse import urlencode

    return f"{paths.LOGIN}?{urlencode({'next': target})}"
