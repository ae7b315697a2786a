"""Two houses that differ in nothing but what their reader may not know of: every address answers alike in both, status,
headers and body. The addresses are those of the route tables, so a new page is looked at without being named here.

Scores are left out: they tell how many documents there are, and nothing of what these say
(docs/decisions/0019-words-count-among-those-one-may-read.md, `tests/contracts/leak_contract.py`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from msgspec import structs
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from indexer.engines.tantivy_engine import TantivyEngine
from indexer.fields import FACETS
from indexer.resource import Link, Resource, mint
from mappings.access import Access
from mappings.record import Ancestor, Authority, Copy, Holding, Name, Page, Record, Variant
from search_ui.services import Services, set_current
from search_ui.web import routing
from tests.indexer.corpus import page
from tests.search_ui.themes.corner import Corner, theme
from tests.search_ui.web import house

WORD, PERSON, CODE = "zxqvornith", "Quibblethwaite, Ada", "ZZ-999"
"""They stand in nothing but secrets."""
ABOVE = Ancestor("many", "Many letters", "series", "M")
BELOW = Record("kept", f"Letter of {WORD}", level="item", reference_code=CODE, ancestors=(ABOVE,), position=2)


def told(secrets: bool) -> Iterator[Resource]:
    """What the house holds beside the rest; with its secrets, or as if they had never been."""
    if secrets:
        yield from map(_alone, _unknown())
    noted, scan = _noted(secrets), _scan("restricted", secrets)
    yield _alone(noted)
    yield _alone(scan)
    yield _alone(_scan("closed", secrets))
    members = [house._member("list", Record("open-part", "Bridge file", reference_code="Q-1", holder=house.HOUSE))]
    if secrets:
        hidden = Record("kept-part", f"{WORD} entry", "thematic", access=Access("internal"), values={"地號": WORD})
        members.append(structs.replace(house._member("register", hidden), link=Link("reference_code", "Q-1")))
    yield Resource(mint("list", "open-part"), tuple(members))


def _alone(record: Record) -> Resource:
    return Resource(mint("list", record.source_id), (house._member("list", record),))


def _unknown() -> Iterator[Record]:
    closed_off = Access("internal", f"because of {WORD}")
    named = (Name(PERSON, "person", "subject"), Name(house.OFFICE.title, "organisation", "creator"))
    yield structs.replace(BELOW, access=closed_off, names=named, description={"note": f"{WORD} 土地"})
    yield Record("keeper", PERSON, authority=Authority("person", (PERSON,), (Variant(WORD),)), access=closed_off)
    yield Record(
        "whole", f"{WORD} fonds", level="fonds", reference_code="ZZ", holder=f"{WORD} house", access=closed_off
    )


def _noted(secrets: bool) -> Record:
    holding = Holding(("box 9",), location=WORD if secrets else None, barcode=CODE if secrets else None)
    return Record("noted", "A file with notes", staff_notes={"note": WORD} if secrets else {}, holdings=(holding,))


def _scan(access: Any, secrets: bool) -> Record:
    text = f"土地 {WORD} {PERSON}" if secrets else "letter 1936"
    pages: tuple[Page, ...] = (page(1, text), page(2, text))
    copy = Copy(page_count=2, pages=pages)
    return Record(f"scan-{access}", f"A {access} scan", "digital", access=Access(access), copies=(copy,))


def _opened(folder: Path, secrets: bool) -> Services:
    made = house.open_house(
        folder, house.Items(), 10**6, engine=TantivyEngine(folder / "index"), more=list(told(secrets))
    )
    made.themes = Corner(theme(), theme(name="bare", corner="research", pack=None, data=None))
    return made


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, Services]]:
    """With secrets, and without."""
    made = _opened(tmp_path_factory.mktemp("with"), True), _opened(tmp_path_factory.mktemp("without"), False)
    yield made
    for one in made:
        one.desk.close()


IDS = (
    *(
        mint("list", name)
        for name in ("kept", "whole", "keeper", "kept-part", "scan-restricted", "scan-closed", "noted")
    ),
    "list:kept",
    house.MANY_ID,
    house.LAND_ID,
    house.OFFICE_ID,
)
ASKED = (
    "",
    f"q={WORD}",
    f"q={WORD[:5]}",
    f"q=letter+{WORD}",
    "q=lettre",
    f"q={quote(PERSON)}",
    f"q={CODE}",
    "q=*&group=fonds",
    "q=土地&sort=date",
    "q=letter&page=7",
    f"q=*&in={quote(mint('list', 'kept'), safe='')}",
    f"q=*&name={quote(PERSON)}&f=name:{quote(PERSON)}",
)
FEW = ("", f"q={WORD}")
"""What is asked where an id or a name is in the address already."""


def _pages() -> Iterator[str]:
    """The addresses of plain pages that can be got, and of the API."""
    yield from (route.path for route in routing.routes() if isinstance(route, Route) and "GET" in (route.methods or ()))


def _filled(path: str) -> Iterator[str]:
    """The address with everything that can stand in it."""
    path = re.sub(r":(path|int)}", "}", path)
    for name, values in (
        ("{id}", tuple(quote(one, safe=":") for one in IDS)),
        ("{number}", ("1", "2")),
        ("{receipt}", ("AAAA-AAAA",)),
        ("{token}", ("no-such-token",)),
        ("{code}", ("P-1",)),
        ("{barcode}", ("B-1",)),
        ("{leg}", ("A" * 24,)),
        ("{token}", ("A" * 32,)),
        ("{type}", ("certificate", "nothing")),
        ("{name}", ("land", "bare", "lin", *FACETS)),
    ):
        if name in path:
            yield from (full for one in values for full in _filled(path.replace(name, one)))
            return
    yield path


def _addresses(browser: TestClient) -> Iterator[str]:
    described = browser.get("/api/v1/openapi.json").json()["paths"]
    known = {path if path.startswith("/api") else f"/api/v1{path}" for path in described if "get" in described[path]}
    for path in (*_pages(), *sorted(known), "/", "/themes", "/themes/{name}"):
        for filled in _filled(path):
            asked = FEW if "{" in path else ASKED
            yield from (f"{filled}?{query}" for query in asked)
    for path in ("/ask", "/ask/part", "/api/v1/request-types/certificate/checklist"):
        named = "resource_id" if path.startswith("/api") else "type=certificate&resource"
        yield from (f"{path}?{named}={quote(one, safe=':')}" for one in IDS)


def _answer(browser: TestClient, address: str) -> tuple[int, dict[str, str], object]:
    """What is answered, without what differs from one answer to the next."""
    got = browser.get(address)
    if got.headers.get("content-type") == "application/zip":
        with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
            return got.status_code, {}, {name: packed.read(name) for name in packed.namelist()}
    body = re.sub(r'name="(?:csrf|once)" value="[^"]*"|"csrf_token":"\w+"|"(?:took_ms|score)": ?[\d.]+', "", got.text)
    body = re.sub(r"\b20\d\d-\d\d-\d\dT[\d:.]+(Z|\+00:00)?", "NOW", body)
    told = ("content-type", "location", "cache-control", "content-disposition", "link", "x-robots-tag")
    return got.status_code, {name: got.headers[name] for name in told if name in got.headers}, body


@pytest.mark.parametrize("who", ["", "chen"])
def test_every_address_answers_as_if_the_secrets_had_never_been(twins: tuple[Services, Services], who: str) -> None:
    browsers = [house.client_of(one) for one in twins]
    for services, browser in zip(twins, browsers, strict=True):
        set_current(services)
        if who:
            house.sign_in(browser, who)
    addresses = list(dict.fromkeys(_addresses(browsers[0])))
    assert len(addresses) > 300
    if who:  # what is known to a reader with an account differs little: a part of the addresses shows it
        addresses = addresses[::3]
    answers: list[dict[str, Any]] = []
    for services, browser in zip(twins, browsers, strict=True):
        set_current(services)
        answers.append({address: _answer(browser, address) for address in addresses})
    told = [address for address in addresses if answers[0][address] != answers[1][address]]
    assert told == []


def test_logs_hold_nothing_that_the_reader_did_not_say(twins: tuple[Services, Services]) -> None:
    set_current(twins[0])
    browser = house.client_of(twins[0])
    with capture_logs() as logged:
        for address in _addresses(browser):
            if WORD[:5] not in address and CODE not in address and quote(PERSON) not in address:
                browser.get(address)
    assert [line for line in logged if WORD in repr(line) or PERSON in repr(line) or CODE in repr(line)] == []


def test_staff_are_told_what_readers_are_not(twins: tuple[Services, Services]) -> None:
    """The secrets are there, so that their absence means something."""
    set_current(twins[0])
    browser = house.client_of(twins[0])
    house.sign_in(browser, "lin")
    assert browser.get("/api/v1/search", params={"q": WORD}).json()["total"] >= 5
