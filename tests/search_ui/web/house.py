"""A small house of real parts for the tests of API and pages: reference engine, search, desk on SQLite, page images."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from argon2 import PasswordHasher
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from indexer.documents import documents
from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.resource import Link, Member, Resource, mint, speaking_order
from indexer.search import Searcher
from mappings.access import Access, effective
from mappings.record import (
    Ancestor,
    Authority,
    Copy,
    Dates,
    Holding,
    Mention,
    Name,
    Page,
    Record,
    Relation,
    Variant,
    Word,
)
from onestop.holdings import SearchHoldings
from search_ui import asgi, index_page
from search_ui.middleware import Front
from search_ui.services import Services, SourceState, set_current
from service_desk.desk import Desk
from service_desk.notices import FolderOutbox
from service_desk.objects import FolderObjects
from tests.empty_desk import empty_desk

CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery staple"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u202egpj.exe {{7*7}} 卷"
HOUSE = "Yunjiang Archives"

FONDS = Ancestor("z013", "政府贈予土地清冊", "fonds", "Z013")
VOLUME = Ancestor("z013-001", "案卷 001", "file", "Z013-1-001")


def page(number: int, text: str) -> Page:
    """A page of one line whose words stand side by side."""
    words = tuple(Word(part, 100.0 * i + 10, 50.0, 90.0, 80.0, 0.9) for i, part in enumerate(text.split()))
    return Page(number, text, label=f"{number}r", image=f"pages/{number}.png", width=400, height=600, lines=(words,))


LAND = Record(
    "z013-005",
    "關於新北市石碇鄉石碇段石碇小段29號贈與案",
    level="item",
    reference_code="Z013-1-001-005",
    holder=HOUSE,
    dates=Dates("19841230", 1984, 1984),
    names=(Name("石碇鄉民眾服務分社", "organisation", "creator"), Name("土地", "subject", "subject")),
    languages=("chi",),
    extent="2 頁",
    description={"note": "原為石碇鄉鄉有土地。", "preferred_citation": "Land files, Z013-1-001-005", "自訂欄": "值"},
    staff_notes={"note": "STAFF-NOTE: check the owner"},
    holdings=(Holding(("案卷 001",), extent="1", location="STACK-4", barcode="BC-77"),),
    ancestors=(FONDS, VOLUME),
    position=5,
)
SCAN = Record(
    "scan-005",
    "scan",
    kind="digital",
    copies=(
        Copy(format="image/png", page_count=2, pages=(page(1, "土地 贈與 登記簿"), page(2, "石碇鄉 公所 railway"))),
    ),
)
ENTRY = Record("LR-216", "石碇小段 29", kind="thematic", values={"地號": "石碇小段 29", "地目": "建"})
ODD = Record(
    "a/b.xml#c1",
    HOSTILE,
    level="file",
    reference_code="<b>1</b>",
    holder=HOUSE,
    dates=Dates("<i>1900</i>", 1900, 1900),
    names=(Name(HOSTILE, "person", "creator"),),
    description={"scope_and_content": HOSTILE + " odd", HOSTILE: HOSTILE},
    holdings=(Holding((HOSTILE,), note=HOSTILE),),
    copies=(Copy(url="javascript:alert(3)", title=HOSTILE), Copy(url="https://example.org/a?b=1&c=<d>", title="safe")),
    ancestors=(Ancestor("a/b.xml", HOSTILE),),
)
ABOVE = Record("a/b.xml", "Odd papers", level="fonds", holder=HOUSE)
CLOSED = Record(
    "closed", "Closed minutes", level="file", holder=HOUSE, access=Access("closed", opens_on=dt.date(2046, 1, 1))
)
SECRET = Record(
    "secret", "Personnel matters", level="file", access=Access("internal"), description={"note": "whistleblower"}
)
MEMBERS_ONLY = Record(
    "registered",
    "Members' bulletin",
    kind="digital",
    access=Access("registered"),
    copies=(Copy(page_count=1, pages=(page(1, "bulletin text"),)),),
)
OFFICE = Record(
    "o1",
    "石碇鄉民眾服務分社",
    kind="thematic",
    authority=Authority(
        "organisation",
        variants=(Variant("Shiding Service Branch", "romanised"), Variant(f"{HOSTILE} too")),
        relations=(Relation("Odd papers' keeper", "successor"), Relation("中國國民黨", "上級", "o2")),
    ),
    description={"administrative_history": "民國四十二年由中國國民黨在石碇成立。"},
    mentions=(
        Mention("中國國民黨", "organisation", "中國國民黨", "administrative_history", 7, 12, "offices:o2"),
        Mention("石碇", "place", "石碇", "administrative_history", 13, 15, candidates=("offices:o2", "offices:no")),
        Mention(f"{HOSTILE} found", "person", "x", "administrative_history", 0, 1),
    ),
)
PARTY = Record("o2", "中國國民黨", kind="thematic", authority=Authority("organisation"))
MANY = 130


def _member(source: str, record: Record, rule: str | None = None) -> Member:
    link = Link(rule, record.reference_code or "Z013-1-001-005") if rule else None
    return Member(source, f"Source {source}", record, effective(record.access, "open"), link)


def _resource(*members: Member) -> Resource:
    ordered = speaking_order(members)
    return Resource(mint(ordered[0].source, ordered[0].record.source_id), ordered)


def _many() -> list[Resource]:
    """A file whose items do not fit into one look at the tree."""
    whole = Record("many", "Many letters", level="series", reference_code="M", holder=HOUSE)
    above = Ancestor("many", "Many letters", "series", "M")
    letters = (
        Record(f"many-{n}", f"Letter {n}", level="item", reference_code=f"M-{n}", ancestors=(above,), position=n)
        for n in range(1, MANY + 1)
    )
    return [_resource(_member("ead", record)) for record in (whole, *letters)]


def resources() -> list[Resource]:
    """What the house holds."""
    return [
        _resource(
            _member("list", LAND),
            _member("scans", SCAN, "reference_code"),
            _member("register", ENTRY, "reference_code"),
        ),
        _resource(_member("list", Record("z013", FONDS.title, level="fonds", reference_code="Z013", holder=HOUSE))),
        _resource(_member("list", Record("z013-001", VOLUME.title, level="file", ancestors=(FONDS,), holder=HOUSE))),
        _resource(_member("east", ABOVE)),
        _resource(_member("east", ODD)),
        _resource(_member("list", CLOSED)),
        _resource(_member("list", SECRET)),
        _resource(_member("scans", MEMBERS_ONLY)),
        _resource(_member("offices", OFFICE)),
        _resource(_member("offices", PARTY)),
        *_many(),
    ]


LAND_ID = mint("list", "z013-005")
FONDS_ID = mint("list", "z013")
ODD_ID = mint("east", "a/b.xml#c1")
CLOSED_ID = mint("list", "closed")
SECRET_ID = mint("list", "secret")
REGISTERED_ID = mint("scans", "registered")
MANY_ID = mint("ead", "many")
OFFICE_ID = mint("offices", "o1")
PARTY_ID = mint("offices", "o2")
LAST_ID = mint("ead", f"many-{MANY}")
UNKNOWN_ID = "r-0000000000000000"


def png(width: int = 400, height: int = 600) -> bytes:
    """A page image."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (240, 235, 220)).save(out, "PNG")
    return out.getvalue()


class Items:
    """The items of all sources; counts how often one was opened."""

    def __init__(self) -> None:
        self.data = {("scans", f"pages/{number}.png"): png() for number in (1, 2)}
        self.opened = 0

    def open(self, source: str, key: str) -> BinaryIO:
        self.opened += 1
        return io.BytesIO(self.data[source, key])


TOUR: dict[str, dict[str, Any]] = {
    "en": {"name": HOUSE, "tagline": "One question", "hours": "Monday to Friday", "contact": {"phone": "000"}},
    "zh-Hans": {"name": "云江档案馆", "hours": ["周一至周五", "节假日闭馆"]},
    "zh-Hant": {"name": "雲江檔案館"},
}


def open_house(
    folder: Path,
    items: Items,
    calls_per_minute: int = 10_000,
    database: str = "",
    engine: Engine | None = None,
    more: Sequence[Resource] = (),
    **parts: Any,
) -> Services:
    """Services over fresh parts, with one account of each role; what the house holds, and `more`. `parts` are the
    desk's.
    """
    engine = engine or MemoryEngine()
    writer = engine.writer()
    for resource in (*resources(), *more):
        writer.add(documents(resource, mint))
    writer.commit(7)
    writer.close()
    searcher = Searcher(engine, {"list": "File list", "scans": "Scans", "register": "Land register"})
    holdings = SearchHoldings(lambda: searcher, engine.store_version)
    desk = Desk(
        database or empty_desk(folder / "desk.db"),
        objects=FolderObjects(folder / "objects"),
        holdings=holdings,
        records=holdings,
        outbox=FolderOutbox(folder / "outbox"),
        hasher=CHEAP_HASH,
        **parts,
    )
    desk.accounts.add("lin", PASSWORD, "staff", "林曉")
    desk.accounts.add("chen", PASSWORD, "reader", "陳小姐")
    return Services(
        searcher,
        desk,
        items.open,
        folder / "cache",
        index_version=engine.store_version,
        sources=lambda: [SourceState("list", "File list", HOUSE, 3, "2026-11-23")],
        tour=TOUR,
        calls_per_minute=calls_per_minute,
    )


class InThisHouse:
    """ASGI middleware: the services of the process are those of this house, whichever was asked before. Tests open
    several in one process.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        set_current(self._services)
        await self._app(scope, receive, send)


def app_of(services: Services) -> Starlette:
    """Our routes and middleware, without Streamlit behind them: a process can hold only one."""
    set_current(services)
    here = Middleware(InThisHouse, services=services)
    front = Middleware(Front, screen_policy=index_page.policy())
    return Starlette(routes=asgi.routes(services), middleware=[here, front])


def client_of(services: Services, **cookies: str) -> TestClient:
    """A browser on them that reads English."""
    browser = TestClient(app_of(services), follow_redirects=False, headers={"accept-language": "en"})
    browser.cookies.update(cookies)
    return browser


def token_in(html: str) -> str:
    """The form token of a page."""
    return html.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def browser_of(services: Services, name: str | None = None) -> TestClient:
    """The same with an account signed in, nobody when there is none."""
    browser = client_of(services)
    if name is not None:
        sign_in(browser, name)
    return browser


def sign_in(browser: TestClient, name: str) -> None:
    """Sign in as a reader would."""
    token = token_in(browser.get("/login").text)
    answer = browser.post("/login", data={"csrf": token, "name": name, "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303, answer.text
