"""Nothing that holds records, pages, files or requests is read without saying who looks.

That the types are kept to is mypy's part. Here it is looked at that they ask: every door, every port of an engine, and
each place where a viewer becomes a filter, an item is opened or an object is fetched.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.engines.base import Engine
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from onestop.alternatives import SearchAlternatives
from pipelines.stored_records import StoredRecords
from search_ui import services
from service_desk.audit import AuditLog
from service_desk.basket import Basket
from service_desk.copies import DeidentifiedCopies
from service_desk.drafts import Drafts
from service_desk.feedback import Feedback
from service_desk.filing import Filing
from service_desk.inbox import InboxView
from service_desk.legs.office import Legs
from service_desk.library.earlier import EarlierAnswers
from service_desk.library.entries import Library
from service_desk.links import LinkDecisions
from service_desk.made.copies import MadeCopies
from service_desk.people import People
from service_desk.printed.giving import Giving
from service_desk.printed.issued import DocumentRegister
from service_desk.printed.links import FileLinks
from service_desk.reading_room.bookings import Bookings
from service_desk.reading_room.queue import WindowQueue
from service_desk.reading_room.room_desk import RoomDesk
from service_desk.related import Related
from service_desk.requests import Requests
from service_desk.searches import Searches
from service_desk.sending.outbox_view import OutboxView
from service_desk.stacks.loans import Loans
from service_desk.stacks.logbook import InOutLog
from service_desk.stacks.picking import Picking
from service_desk.stacks.register import Register
from service_desk.stacks.repairs import Repairs

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("onestop", "search_ui", "service_desk", "pipelines", "indexer", "connectors", "mappings")
DOORS = (
    Searcher,
    StoredRecords,
    services.Records,
    services.Searcher,
    Requests,
    InboxView,
    Related,
    Drafts,
    Basket,
    Filing,
    Searches,
    Feedback,
    LinkDecisions,
    People,
    DeidentifiedCopies,
    MadeCopies,
    AuditLog,
    Library,
    EarlierAnswers,
    SearchAlternatives,
    Register,
    Picking,
    InOutLog,
    Loans,
    Repairs,
    Bookings,
    RoomDesk,
    WindowQueue,
    Legs,
    OutboxView,
    DocumentRegister,
    FileLinks,
    Giving,
)
KNOWN: dict[str, str] = {
    "StoredRecords.version": "a number",
    "Requests.catch_up": "the nightly job; fills in what everybody may know",
    "Filing.notices": "the texts about privacy, which everybody is shown before asking",
    "Filing.told": "a receipt, to whom the form belongs that filed it",
    "Drafts.expire": "the nightly job; gives nothing",
    "Searches.expire": "the nightly job; gives nothing",
    "LinkDecisions.standing": "the nightly job; pairs of keys",
    "DeidentifiedCopies.ended": "ids of releases that stand no more, which rights leave out",
    "DeidentifiedCopies.standing": "the nightly job; places to mask, no text",
    "DeidentifiedCopies.released": "places to mask, no text",
    "MadeCopies.ended": "names of copies that were taken back, which rights leave out",
    "MadeCopies.standing": "the nightly job; keys, titles and places of files",
    "MadeCopies.file": "the nightly job, and whoever opens an item of a source, below a door that asked",
    "MadeCopies.note": "the nightly job; gives nothing",
    "Repairs.copied": "the nightly job; gives nothing",
    "Library.often_asked": "what is public",
    "Library.bring_in": "the command line, for whoever owns the machine; a number",
    "SearchAlternatives.for_hit": "a reader, who is not the one who looks",
    "Register.bring_in": "the command line, for whoever owns the machine; what became of each row",
    "Picking.order": "the flow of a request, which asked for its rights; a number",
    "Picking.cancel_for": "the flow of a request, which asked for its rights; a number",
    "Picking.orders_of": "the flow of a request, which asked for its rights",
    "Picking.place_found": "the register, when it changes; a number",
    "Picking.leave": "loans and repairs, of a box they hold; gives nothing",
    "Loans.send_reminders": "the nightly job; a number",
    "Bookings.rules": "what administrators wrote",
    "Bookings.today": "a day",
    "Bookings.window_hours": "what administrators wrote",
    "Bookings.day": "hours, and which seats are free: nothing of who has the others",
    "Bookings.tidy": "the nightly job; gives nothing",
    "WindowQueue.by": "the same by another clock",
    "WindowQueue.services": "how many wait, for everybody in the hall",
    "WindowQueue.is_open": "hours",
    "WindowQueue.hall": "numbers that are called, for everybody in the hall",
    "WindowQueue.tidy": "the nightly job; gives nothing",
    "Legs.partner_titles": "what institutions are called",
    "InboxView.forget_known": "gives nothing",
    "AuditLog.forget_known": "gives nothing",
    "AuditLog.is_news": "has this process told it yet?",
    "AuditLog.remember": "gives nothing",
    "AuditLog.rows": "the command line, for whoever owns the machine",
    "AuditLog.verify": "the command line; whole or not, and where",
    "DocumentRegister.issue": "for callers who know whose request it is; gives what they printed",
    "DocumentRegister.verify": "whoever has number and code; kind, date, whether it holds",
    "DocumentRegister.pdf": "for callers who know who may have it",
    "FileLinks.shown": "whoever has the link",
    "FileLinks.taken": "whoever has the link",
    "FileLinks.close": "gives nothing",
    "FileLinks.expire": "the nightly job; gives nothing",
}
"""What names no viewer, and why."""
WITHOUT_RIGHTS = {
    "store_version": "a number",
    "writer": "the nightly run",
    "refresh": "gives nothing",
    "frequencies": "counted over what everyone may know of",
}
PLACES = {
    "rights_of": {"indexer/search.py", "indexer/suggest.py"},
    "Rights": {"indexer/plan.py"},
}
"""Where a viewer becomes a filter, and the one place where a filter is made."""
OPENED = {
    "open_item": {"search_ui/services.py", "onestop/copies.py", "pipelines/deidentify/drawing.py"},
    "objects.get": {"service_desk/answers.py", "service_desk/printed/issued.py", "service_desk/printed/links.py"},
}
"""Where an item of a source is opened for somebody, and an object of the desk fetched: below a door that asked."""


def _public(kind: type) -> Iterator[tuple[str, Any]]:
    for name, member in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            yield name, member


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.__module__}.{door.__name__}")
def test_a_door_asks_who_looks(door: type) -> None:
    asked = {f"{door.__name__}.{name}": inspect.signature(member).parameters for name, member in _public(door)}
    without = {name for name, parameters in asked.items() if not _asks(parameters)}
    assert without - set(KNOWN) == set()


def _asks(parameters: Any) -> bool:
    """Has it a viewer? Where one may be left out, since a receipt has a secret, it is somebody who may nothing."""
    given = parameters.get("viewer")
    return given is not None and str(given.annotation) == "Viewer" and given.default in (given.empty, ANONYMOUS)


def test_what_needs_no_viewer_is_still_there() -> None:
    there = {f"{door.__name__}.{name}" for door in DOORS for name, _ in _public(door)}
    assert set(KNOWN) - there == set()


def test_an_engine_is_asked_with_rights() -> None:
    def told(member: Any) -> bool:
        kinds = " ".join(str(one.annotation) for one in inspect.signature(member).parameters.values())
        return any(kind in kinds for kind in ("Rights", "Plan", "Beginning"))

    assert {name for name, member in _public(Engine) if not told(member)} == set(WITHOUT_RIGHTS)


def _calls() -> Iterator[tuple[str, str]]:
    """Every call in the packages by the last two parts of its name, with the file."""
    for file in sorted(one for package in PACKAGES for one in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func).replace("_objects", "objects"), file.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def calls() -> list[tuple[str, str]]:
    return list(_calls())


@pytest.mark.parametrize("name", PLACES)
def test_a_filter_is_made_in_one_place(calls: list[tuple[str, str]], name: str) -> None:
    assert {file for called, file in calls if called == name} == PLACES[name]


@pytest.mark.parametrize("name", OPENED)
def test_a_file_is_opened_below_a_door(calls: list[tuple[str, str]], name: str) -> None:
    named = {file for called, file in calls if called == name or called.endswith(f".{name}")}
    found = {file for file in named if not file.startswith("connectors/")}  # which open files of their own
    assert found == OPENED[name]


def test_screens_have_no_way_to_engines_and_stores_but_the_doors() -> None:
    """They may know what goes wrong there, how a picture is turned and masked; not the parts that answer."""
    imported = {
        module
        for file in (ROOT / "search_ui").rglob("*.py")
        for module in _imported(file)
        if module.startswith(("pipelines", "indexer.engines"))
    }
    drawn = {f"pipelines.deidentify.{name}" for name in ("drawing", "layer", "masks")}
    harmless = {"pipelines.errors", "pipelines.ledger", "pipelines.pictures", "pipelines.workers", *drawn}
    assert imported - harmless == {"indexer.engines.guarded"}


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
