"""A hit as the result list shows it: what may be had, in which order, and where each act leads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from mappings import papers
from search_ui import paths, security
from search_ui.busy import NEEDS_ORIGINAL
from search_ui.i18n import Translator
from service_desk.stacks.busy import Busy

SHOWN_STATES: Final = 3
SHOWN_PAGES: Final = 3
SHOWN_PATH: Final = 3
SHOWN_PAPERS: Final = 2
SHOWN_REASON: Final = 40
"""Characters of a reason in a list of hits; the record has all of it."""
STATE_CLASS: Final = {
    "read": "now",
    "link": "now",
    "deidentified": "now",
    "consult": "soon",
    "copy": "soon",
    "apply": "cond",
    "sign_in": "cond",
    "onsite": "cond",
    "holder": "cond",
    "opens": "closed",
    "closed": "closed",
    "ask": "calm",
}
"""Colour says one thing: may I use it. Green now, ochre after days, violet on conditions, red not yet."""
AT_ONCE: Final = {
    "read": "Read now",
    "link": "Online elsewhere",
    "deidentified": "De-identified copy: names and numbers are masked",
}
"""What is said of what can be had without waiting or asking."""
ASKED_BY: Final = {
    "consult": ("consult", "See the original"),
    "copy": ("copy", "Order a copy"),
    "apply": ("query", "Apply"),
    "opens": ("query", "Ask for early access"),
    "closed": ("query", "Ask for access"),
    "ask": ("question", "Ask an archivist"),
}
"""What leads to the request form: the type of request, and the words on the button."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """A link to press."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class State:
    """An availability statement: its colour and shape (a CSS class), and its words."""

    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page with the words sought: its name, its address, the passage with marks, how often when more than once."""

    label: str
    href: str
    highlight: str
    times: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit as the template draws it; `title` and `passage` carry marks when `marked_title`, `marked` are given."""

    id: str
    href: str
    path: list[Json | None]
    reference_code: str | None
    title: str
    marked_title: str | None
    meta: list[str]
    summary: str
    marked: str | None
    pages: list[PageHit]
    more_pages: int
    volume: Way | None
    badges: list[str]
    states: list[State]
    act: Way | None
    alternative: Way | None
    image: str | None


def view(hit: Json, rank: int, came: str, words: Translator, busy: Busy | None = None) -> Shown:
    """What the template needs. `rank` counts from 1 over all result pages; `came` is ``q=...``, encoded; `busy` is what
    keeps its original now.
    """
    came = f"{came}&rank={rank}" if came else f"rank={rank}"
    record = paths.record(hit["id"])
    pages = [_page(record, page, came, words) for page in hit["pages"][:SHOWN_PAGES]]
    acts = _acts(hit, record, came, words)
    return Shown(
        id=hit["id"],
        href=f"{record}?{came}",
        path=_path(hit["ancestors"]),
        reference_code=hit["reference_code"],
        title=hit["title"] if hit["described"] else words.t("Record not described publicly"),
        marked_title=_first(hit["highlights"].get("title")),
        meta=_meta(hit, words),
        summary=hit["summary"],
        marked=_first(hit["highlights"].get("text")),
        pages=pages,
        more_pages=max(hit["page_hits"] - len(pages), 0),
        volume=_volume(hit, came, words),
        badges=_badges(hit, words),
        states=_states(hit, words, busy),
        act=acts[0] if acts else None,
        alternative=acts[1] if len(acts) > 1 else None,
        image=paths.page_image(hit["id"], hit["thumbnail"], w=120) if hit["thumbnail"] else None,
    )


def state(action: Json, words: Translator) -> State:
    """One availability statement: shape, colour and words say the same thing."""
    name, days, told = action["action"], action.get("working_days", 0), action.get("usual")
    ends = (told["low"], told["high"]) if told else None
    said = _said(words.language, name, days, action.get("on", ""), _more(action), ends)
    return State(STATE_CLASS.get(name, "calm"), said)


def _more(action: Json) -> tuple[str, ...]:
    """What an action says besides: papers to bring, the other holder, the article or reason of a closure."""
    if action["action"] == "holder":
        return tuple(one["holder"] for one in sorted(action["holders"], key=lambda one: not one["open"])[:1])
    if "papers" in action:
        return tuple(action["papers"][:SHOWN_PAPERS])
    why = action.get("article") or action.get("reason") or ""
    return (why if len(why) <= SHOWN_REASON else why[: SHOWN_REASON - 1] + "…",) if why else ()


@lru_cache(maxsize=1024)
def _said(
    language: str, name: str, days: int, on: str, more: tuple[str, ...] = (), ends: tuple[int, int] | None = None
) -> str:
    """The words of an availability statement, its days or its date included; the same few on every page. `ends` are
    those between which most requests took, where `days` is what is usual.
    """
    words = Translator(language)
    if more:
        return _conditional(words, name, on, more)
    return _usual(words, name, days, ends) if ends else _plain(words, name, days, on)


def _usual(words: Translator, name: str, days: int, ends: tuple[int, int]) -> str:
    """How long it usually takes here."""
    if name == "consult":
        said = words.n("Original usually in {count} working day", "Original usually in {count} working days", days)
    elif name == "copy":
        said = words.n("Copy usually in {count} working day", "Copy usually in {count} working days", days)
    else:
        said = words.n("Answer usually in {count} working day", "Answer usually in {count} working days", days)
    low, high = map(words.number, ends)
    return said if low == high else words.t("{said} ({low}–{high})", said=said, low=low, high=high)


def _conditional(words: Translator, name: str, on: str, more: tuple[str, ...]) -> str:
    """A statement that says why, what to bring, or where else."""
    if name == "holder":
        return words.t("Also at {holder}", holder=more[0])
    if name == "opens":
        return words.t("Opens on {date} ({why})", date=on, why=more[0])
    if name == "closed":
        return words.t("Not open ({why})", why=more[0])
    named = words.t(", ").join(papers.called(code, words.language) for code in more)
    if name == "copy":
        return words.t("Copies on application, with {papers}", papers=named)
    return words.t("Apply with {papers}", papers=named)


def _plain(words: Translator, name: str, days: int, on: str) -> str:
    if name in AT_ONCE:
        return words.t(AT_ONCE[name])
    match name:
        case "consult":
            return words.n("Original in {count} working day", "Original in {count} working days", days)
        case "copy":
            return words.n("Copy in {count} working day", "Copy in {count} working days", days)
        case "apply":
            return words.t("Apply with papers")
        case "sign_in":
            return words.t("After signing in")
        case "onsite":
            return words.t("In the reading room")
        case "opens":
            return words.t("Opens on {date}", date=on)
        case "closed":
            return words.t("Not open")
        case _:
            return words.n("Answer in {count} working day", "Answer in {count} working days", days)


def busy_said(busy: Busy, words: Translator) -> str:
    """What keeps a record now, until when, and in which stage of a repair."""
    date = words.date(busy.until) if busy.until else ""
    match busy.kind:
        case "on_loan":
            return words.t("On loan until {date}", date=date)
        case "at_seat":
            return words.t("On a reader’s seat today")
        case "out":
            return words.t("Being looked at by somebody now")
        case "being_copied":
            return words.t("Being copied, expected until {date}", date=date) if date else words.t("Being copied")
    if not date:
        return words.t("In repair")
    if busy.stage is None:
        return words.t("In repair, expected until {date}", date=date)
    stage = busy.stage.in_language(words.language)
    return words.t("In repair: {stage}, expected until {date}", stage=stage, date=date)


def _states(hit: Json, words: Translator, busy: Busy | None = None) -> list[State]:
    """What is said of a hit; that one may read but have no copy is said, too. What keeps the original stands in place
    of the first way that needs it.
    """
    statements = _statements(hit["available"])
    found = [state(action, words) for action in statements]
    names = [action["action"] for action in statements]
    kept = next((names.index(name) for name in NEEDS_ORIGINAL if name in names), None)
    if busy is not None and kept is not None:
        found[kept] = State("soon", busy_said(busy, words))
    if hit["rights"]["read"] == "yes" and hit["rights"]["copy"] in ("closed", "no"):
        found = [*found[: SHOWN_STATES - 1], State("closed", words.t("No copies"))]
    return found


def _statements(available: list[Json]) -> list[Json]:
    """At most three, best first; that one can always ask is said only where nothing else is."""
    said = [action for action in available if action["action"] != "ask"]
    return (said or available)[:SHOWN_STATES]


def _acts(hit: Json, record: str, came: str, words: Translator) -> list[Way]:
    """The likeliest next act and one other, each leading somewhere else."""
    acts: list[Way] = []
    for action in hit["available"]:
        act = _act(hit, action, record, came, words)
        if act and all(act.href != known.href for known in acts):
            acts.append(act)
        if len(acts) == 2:
            break
    return acts


def _act(hit: Json, action: Json, record: str, came: str, words: Translator) -> Way | None:
    name = action["action"]
    if name == "read":
        first = hit["pages"][0]["number"] if hit["pages"] else 1
        return Way(words.t("Read online"), f"{record}?page={first}&{came}")
    if name == "deidentified":
        first = hit["pages"][0]["number"] if hit["pages"] else None
        page = f"page={first}&" if first else ""
        return Way(words.t("Read the de-identified copy"), f"{record}?{page}{came}#pages")
    if name == "link":
        url = security.web_address(action.get("url"))
        return Way(words.t("Open the copy"), url) if url else None
    if name == "holder":
        return _elsewhere(action, words)
    if name == "sign_in":
        return Way(words.t("Sign in"), f"{paths.LOGIN}?{urlencode({'next': record})}")
    if name == "onsite":
        return Way(words.t("Book a seat"), paths.seats(resource=hit["id"]))
    if name in ASKED_BY:
        kind, label = ASKED_BY[name]
        return Way(words.t(label), f"{paths.ask(hit['id'], type=kind)}&{came}")
    return None


def _elsewhere(action: Json, words: Translator) -> Way | None:
    """The copy at another holder where it is open and has an address."""
    for one in action["holders"]:
        url = security.web_address(one["url"]) if one["open"] and one["url"] else None
        if url:
            return Way(words.t("Open at {holder}", holder=one["holder"]), url)
    return None


def _meta(hit: Json, words: Translator) -> list[str]:
    level = words.term("level", hit["level"]) if hit["level"] else None
    parts = (hit["dates"]["text"] if hit["dates"] else None, hit["creator"], level, hit["extent"])
    return [part for part in parts if part]


def _path(ancestors: list[Json]) -> list[Json | None]:
    """The way down to the hit: the outermost and the nearest units; None stands for those left out."""
    if len(ancestors) <= SHOWN_PATH:
        return list(ancestors)
    return [ancestors[0], None, *ancestors[-(SHOWN_PATH - 1) :]]


def _page(record: str, page: Json, came: str, words: Translator) -> PageHit:
    number, label = page["number"], page["label"]
    name = words.t("Page {page}", page=number)
    if label and label != str(number):
        name = words.t("Page {number} ({label})", number=number, label=label)
    times = page["times"] or 1
    often = words.n("{count} time on this page", "{count} times on this page", times) if times > 1 else None
    return PageHit(name, f"{record}?page={number}&{came}#pages", _first(page["highlights"]) or "", often)


def _volume(hit: Json, came: str, words: Translator) -> Way | None:
    """All pages of the volume that match: leads to the first of them, with the list of all beside it."""
    if hit["page_hits"] < 2:
        return None
    text = words.n("{count} page of this volume matches", "{count} pages of this volume match", hit["page_hits"])
    return Way(text, f"{paths.viewer(hit['id'], list=1)}&{came}")


def _badges(hit: Json, words: Translator) -> list[str]:
    """The faces of the resource, each with how many of it there are."""
    badges = []
    if count := hit["holdings_total"]:
        badges.append(words.t("Original {count}", count=count))
    if count := hit["page_total"]:
        badges.append(_pages_badge(hit, count, words))
    elif count := hit["copies_total"]:
        badges.append(words.t("Digital copy {count}", count=count))
    if hit["authority"]:
        badges.append(words.term("name_type", hit["authority"]).capitalize())
    elif count := hit["entries_total"]:
        badges.append(words.t("Database entry {count}", count=count))
    if hit["internal"]:
        badges.append(words.t("Internal"))
    elif hit["rights"]["description_internal"] and hit["described"]:
        badges.append(words.t("Description for staff only"))
    return badges


def _pages_badge(hit: Json, count: int, words: Translator) -> str:
    """Pages as what we have of them: images, text, or only that they exist elsewhere."""
    if hit["imaged"]:
        return words.n("Scans {count} page", "Scans {count} pages", count)
    if hit["worded"]:
        return words.n("Text {count} page", "Text {count} pages", count)
    return words.n("{count} page", "{count} pages", count)


def _first(texts: list[str] | None) -> str | None:
    return texts[0] if texts else None
