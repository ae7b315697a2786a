"""Every address of the house, once: screens of Streamlit, what Streamlit needs for itself, and our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from mappings.access import Viewer, may_begin
from mappings.grants import Action

LANDING: Final = "/"
SEARCH: Final = "/search"
THEMES: Final = "/themes"
ASK: Final = "/ask"
FORMS: Final = "/forms"
BASKET: Final = "/basket"
WINDOW: Final = "/window"
MY_REQUESTS: Final = "/requests"
INBOX: Final = "/staff"
CASES: Final = f"{INBOX}/requests"
CASE: Final = "/staff-case"  # where a case was before `case`
FEEDBACK_LIST: Final = "/staff-feedback"
LINKS: Final = "/staff-links"
RUNS: Final = "/staff-runs"
# Screens of the Streamlit app. Any other address that is not a route of ours is not found; Streamlit would say 200.
SCREENS: Final = (LANDING, SEARCH, MY_REQUESTS, FEEDBACK_LIST, LINKS, RUNS)

MY_SEARCHES: Final = "/my-searches"
LOGIN: Final = "/login"
OPENID: Final = "/login/openid"
OPENID_BACK: Final = "/login/openid/return"
LOGOUT: Final = "/logout"
REGISTER: Final = "/register"
RESET: Final = "/reset"
ACCOUNT: Final = "/account"
TERMINAL: Final = "/terminal"
PERSONS: Final = "/persons"
TASKS: Final = "/tasks"
TRAINING: Final = "/training"
ACCOUNTS: Final = "/accounts"
DESK_RULES: Final = "/desk-rules"
INDICATORS: Final = "/indicators"
INDICATOR_CASES: Final = "/indicators/cases"
INDICATORS_CSV: Final = "/indicators.csv"
RATINGS: Final = "/ratings"
COPIES: Final = "/copies"
STACKS: Final = "/stacks"
LOANS: Final = "/loans"
REPAIRS: Final = "/repairs"
OPENING: Final = "/opening"
OPENED: Final = "/opened"
OPENED_FEED: Final = "/opened.atom"
ANSWERS: Final = "/answers"
FAQ: Final = "/faq"
OUTBOX: Final = "/outbox"
NOTICE_TEXTS: Final = "/desk-notices"
VERIFY: Final = "/verify"
ABOUT: Final = "/about"
READING_ROOM: Final = "/reading-room"
ROOMS: Final = "/rooms"
TICKETS: Final = "/tickets"
HALL: Final = "/hall"
COUNTER: Final = "/counter"
COUNTER_SEARCH: Final = "/counter-search"
SUGGEST: Final = "/suggest"
API: Final = "/api/v1"
UPLOADS: Final = "/_stcore/upload_file/"

# The masthead, the same on screens and plain pages: address and English msgid.
READER_LINKS: Final = (
    (SEARCH, "Search"),
    (THEMES, "Themes"),
    (ASK, "Make a request"),
    (MY_REQUESTS, "My requests"),
    (MY_SEARCHES, "My searches"),
    (READING_ROOM, "Reading room"),
)
STAFF_LINKS: Final = (
    (INBOX, "Inbox"),
    (WINDOW, "Window"),
    (TASKS, "Tasks"),
    (STACKS, "Stacks"),
    (ROOMS, "Reading room"),
    (SEARCH, "Search"),
    (COUNTER, "Counter"),
    (PERSONS, "Persons"),
    (ANSWERS, "Answers"),
    (FEEDBACK_LIST, "Feedback"),
    (INDICATORS, "Indicators"),
    (LINKS, "Links"),
    (COPIES, "Masked copies"),
    (OPENING, "Opening"),
    (RUNS, "Nightly runs"),
    (DESK_RULES, "Rules"),
    (OUTBOX, "Outbox"),
    (NOTICE_TEXTS, "Texts of notices"),
    (ACCOUNTS, "Accounts"),
    (THEMES, "Themes"),
)
FIRST_LINKS: Final = 6
"""So many stand in the masthead, the others behind “More”."""
_NEEDS: Final[Mapping[str, Action]] = {
    INBOX: "requests.see",
    WINDOW: "requests.work",
    TASKS: "requests.work",
    FEEDBACK_LIST: "feedback.see",
    LINKS: "links.decide",
    OPENING: "records.review",
    RUNS: "runs.see",
    COPIES: "deidentify.review",
    STACKS: "stacks.work",
    LOANS: "stacks.work",
    REPAIRS: "stacks.work",
    PERSONS: "persons.register",
    ROOMS: "rooms.work",
    COUNTER: "rooms.work",
    COUNTER_SEARCH: "requests.work",
    OUTBOX: "requests.see",
    NOTICE_TEXTS: "desk.configure",
    ACCOUNTS: "accounts.manage",
    DESK_RULES: "desk.configure",
    INDICATORS: "indicators.see",
    ANSWERS: "answers.write",
}
"""What somebody must be allowed, at least somewhere, to be shown the way to a screen, and what is on it."""

# What the Streamlit front end fetches for itself. Metrics and agent interface are left out: they would answer anyone.
_STREAMLIT_PREFIXES: Final = (
    "/static/",
    "/media/",
    UPLOADS,
    "/_stcore/bidi-components/",
)
_STREAMLIT_PATHS: Final = frozenset({"/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/favicon.png"})


def belongs_to_streamlit(path: str) -> bool:
    """Is this one of the addresses the Streamlit front end needs?"""
    return path in _STREAMLIT_PATHS or path.startswith(_STREAMLIT_PREFIXES)


def masthead(viewer: Viewer, has_themes: bool) -> tuple[tuple[str, str], ...]:
    """The links of the masthead; a house without themes has no corner to go to."""
    links = STAFF_LINKS if viewer.is_staff else READER_LINKS
    return tuple(link for link in links if opens_to(viewer, link[0]) and (has_themes or link[0] != THEMES))


def opens_to(viewer: Viewer, path: str) -> bool:
    """Is there anything for this viewer on that screen?"""
    action = _NEEDS.get(path)
    return action is None or may_begin(viewer, action)


def record(resource_id: str, **parameters: object) -> str:
    """The record page; parameters that are None or empty are left out."""
    return _with(f"/r/{quote(resource_id, safe=':')}", parameters)


def viewer(resource_id: str, **parameters: object) -> str:
    """The page viewer of a resource."""
    return _with(f"/view/{quote(resource_id, safe=':')}", parameters)


def theme(name: str, /, **parameters: object) -> str:
    """The page of a theme: what it is, its form and what that found."""
    return _with(f"{THEMES}/{quote(name, safe='')}", parameters)


def is_theme(path: str) -> bool:
    """Is this the address of a theme's page?"""
    return path.startswith(f"{THEMES}/") and theme(path.removeprefix(f"{THEMES}/")) == path


def theme_file(name: str, file: str) -> str:
    """What can be taken away of a theme: ``pack.zip``, ``data.csv``, ``data.parquet``, ``data.md``."""
    return f"{API}/themes/{quote(name, safe='')}/{file}"


def page_image(resource_id: str, number: int, **parameters: object) -> str:
    """The image of a page; ``w`` asks for a smaller one."""
    return _with(f"/r/{quote(resource_id, safe=':')}/pages/{number}/image", parameters)


def copy_pdf(resource_id: str, number: int) -> str:
    """A released de-identified copy as a PDF."""
    return f"/r/{quote(resource_id, safe=':')}/copies/{number}/copy.pdf"


def ask(*resource_ids: str | None, **parameters: object) -> str:
    """The request form, on a resource, on several, or without one."""
    address = _with(ASK, parameters)
    named = urlencode([("resource", one) for one in resource_ids if one])
    if not named:
        return address
    return f"{ASK}?{named}" + address.removeprefix(ASK).replace("?", "&", 1)


def paper_form(type_: str) -> str:
    """The form of a type of requests, to print and fill in by hand."""
    return f"{FORMS}/{quote(type_, safe='')}"


def asked(number: str) -> str:
    """What a form that was sent has filed: the receipt, for a few minutes, for whom it was told."""
    return f"{ASK}/receipt/{number}"


def save_search(parameters: Mapping[str, str | list[str]]) -> str:
    """The form that saves the search with these parameters."""
    return f"{MY_SEARCHES}/new?{urlencode(parameters, doseq=True)}"


def copy_review(name: str) -> str:
    """The page on which the copy of a record (``SOURCE:SOURCE_ID``) is looked at; of a resource the way to it."""
    return f"{COPIES}/{quote(name, safe=':')}" if ":" in name else _with(COPIES, {"q": name})


def answer(number: int) -> str:
    """An entry of the answer library, for staff."""
    return f"{ANSWERS}/{number}"


def task(code: str) -> str:
    """A task of a department."""
    return f"{TASKS}/{quote(code, safe='')}"


def case_legs(receipt_code: str) -> str:
    """What others were asked for a request, on a page of its own."""
    return f"{TASKS}/of/{quote(receipt_code, safe='')}"


def leg_act(code: str) -> str:
    """Where the forms about a leg are sent; ``new`` for one that is to be."""
    return f"/legs/{quote(code, safe='')}"


def task_file(code: str, number: int) -> str:
    """A file that came with the answer of a task, or of a partner."""
    return f"{task(code)}/files/{number}"


def managed(name: str) -> str:
    """The page that manages an account."""
    return f"{ACCOUNTS}/{quote(name, safe='')}"


def desk_rules(name: str) -> str:
    """The page of one document of the desk's rules."""
    return f"{DESK_RULES}/{quote(name, safe='')}"


def rating(receipt_code: str) -> str:
    """The page on which a clerk takes a rating down."""
    return f"{RATINGS}/{quote(receipt_code, safe='')}"


def stack_place(barcode: str) -> str:
    """The page of a place in the register."""
    return f"{STACKS}/places/{quote(barcode, safe='')}"


def case(code: str) -> str:
    """The page on which staff work a request."""
    return f"{CASES}/{quote(code, safe='')}"


def receipt(code: str) -> str:
    """The page that follows a request; the secret never stands in an address."""
    return f"/s/{quote(code, safe='')}"


def seats(receipt_code: str | None = None, **parameters: object) -> str:
    """Where seats are booked; with a receipt code for that request, below its address, where its secret is known."""
    return _with(f"{receipt(receipt_code)}/seat" if receipt_code else READING_ROOM, parameters)


def seat(code: str, receipt_code: str | None = None) -> str:
    """The page of a booking."""
    return f"{seats(receipt_code)}/bookings/{quote(code, safe='')}"


def plan(room: str = "", day: object = "") -> str:
    """A day of a room, for staff."""
    return _with(ROOMS, {"room": room, "day": day})


def ticket(code: str) -> str:
    """The page of a ticket of the queue."""
    return f"{TICKETS}/{quote(code, safe='')}"


def counter(number: str) -> str:
    """The queue as one counter sees it."""
    return _with(COUNTER, {"counter": number})


def file_link(token: str) -> str:
    """The page of a link to a file that ends."""
    return f"/f/{quote(token, safe='')}"


def _with(path: str, parameters: dict[str, object]) -> str:
    given = {key: value for key, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path
