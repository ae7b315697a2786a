"""A blind oracle: a thousand words that stand in nothing but secrets are confirmed by no public door. Whoever asks for
one is answered as who asks for a word that is nowhere.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from indexer.engines.tantivy_engine import TantivyEngine
from indexer.resource import Resource, mint
from mappings.access import Access
from mappings.record import Copy, Holding, Name, Page, Record
from tests.indexer.corpus import page
from tests.search_ui.web import house

SECRETS = 1_000
HAN = "龘靐齉爩龖厵灪麤鱻馫"
"""Characters that stand nowhere else in the house."""


def _words(seed: int) -> list[str]:
    """Words that nobody says: half of consonants, half of rare characters."""
    chance = random.Random(seed)
    latin = ("".join(chance.choices("bcdfghjklmnpqrstvwxz", k=8)) for _ in range(SECRETS // 2))
    han = ("".join(chance.sample(HAN, 4)) for _ in range(SECRETS // 2))
    return [*latin, *han]


SECRET, NOWHERE = _words(1), _words(2)


def _hidden() -> Iterator[Resource]:
    """Records a reader may not know of, and texts of records a reader may not read, with all the secret words."""
    told = [SECRET[part::5] for part in range(5)]
    internal = Record(
        "whole",
        " ".join(told[0]),
        access=Access("internal"),
        names=tuple(Name(word, "person", "subject") for word in told[1][:50]),
        description={"note": " ".join(told[1])},
        reference_code=told[0][0],
        ancestors=(),
    )
    noted = Record(
        "noted",
        "A file with notes",
        staff_notes={"note": " ".join(told[2])},
        holdings=(Holding(("box 9",), location=told[2][0], barcode=told[2][1]),),
    )
    for record in (internal, noted):
        yield Resource(mint("s", record.source_id), (house._member("s", record),))
    later = dt.date(2999, 1, 1)
    for name, access, words in (
        ("restricted", Access("restricted"), told[3]),
        ("closed", Access("closed", "personal data", later), told[4]),
    ):
        pages: tuple[Page, ...] = (page(1, " ".join(words[::2])), page(2, " ".join(words[1::2])))
        record = Record(
            f"scan-{name}", f"A {name} scan", "digital", access=access, copies=(Copy(page_count=2, pages=pages),)
        )
        yield Resource(mint("s", record.source_id), (house._member("s", record),))


HIDDEN_ID = mint("s", "whole")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = Path(tmp_path_factory.mktemp("house"))
    services = house.open_house(
        folder, house.Items(), 10**6, engine=TantivyEngine(folder / "index"), more=list(_hidden())
    )
    yield house.client_of(services)
    services.desk.close()


def _asked(browser: TestClient, path: str, word: str) -> Any:
    """What a door answers, as if every word were the same."""
    answer = browser.get(path.replace("WORD", quote(word)))
    text = answer.text.replace(word, "WORD")
    return answer.status_code, text.partition('"took_ms"')[0], text.partition('"took_ms"')[2].partition(",")[2]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/search?q=WORD", "/api/v1/suggest?q=WORD", '/api/v1/search?q="WORD"', "/api/v1/search?q=letter+WORD"],
)
def test_no_word_is_confirmed(browser: TestClient, path: str) -> None:
    answers = {word: _asked(browser, path, word) for word in (*SECRET, *NOWHERE)}
    for secret, nowhere in zip(SECRET, NOWHERE, strict=True):
        assert answers[secret] == answers[nowhere]


def test_words_are_confirmed_to_who_may_know(browser: TestClient) -> None:
    house.sign_in(browser, "lin")
    totals = [browser.get("/api/v1/search", params={"q": word}).json()["total"] for word in SECRET[::25]]
    browser.cookies.clear()
    assert all(totals)


DOORS: Sequence[str] = (
    "/api/v1/resources/{id}",
    "/api/v1/resources/{id}/pages",
    "/api/v1/resources/{id}/pages/1",
    "/api/v1/resources/{id}/pages/1/image",
    "/api/v1/resources/{id}/children",
    "/api/v1/resources/{id}/similar",
    "/api/v1/search?q=*&in={id}",
    "/r/{id}",
    "/r/{id}/children",
    "/r/{id}/pages/1",
    "/r/{id}/pages/1/image",
    "/r/{id}/similar",
    "/r/{id}/text.txt",
    "/r/{id}/description.txt",
    "/view/{id}",
    "/my-searches/new?in={id}",
)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", [HIDDEN_ID, "s:whole"])
def test_a_hidden_id_is_as_one_that_is_not_there(browser: TestClient, door: str, name: str) -> None:
    nowhere = house.UNKNOWN_ID if ":" not in name else "s:wholE"
    hidden, absent = (browser.get(door.format(id=one)) for one in (name, nowhere))
    assert hidden.status_code == absent.status_code
    asked = ((hidden, name), (absent, nowhere))
    shown = [answer.text.replace(one, "ID").replace(quote(one, safe=""), "ID") for answer, one in asked]
    assert _without_chance(shown[0]) == _without_chance(shown[1])


def _without_chance(text: str) -> str:
    """Without what differs from one answer to the next: form tokens and times."""
    if 'name="csrf" value="' in text:
        text = text.replace(house.token_in(text), "TOKEN")
    head, took, rest = text.partition('"took_ms":')
    return head + took + rest.partition(",")[2]


@pytest.mark.parametrize("path", ["/api/v1/requests", "/api/v1/feedback"])
def test_nothing_is_asked_on_a_hidden_id(browser: TestClient, path: str) -> None:
    def posted(resource_id: str) -> Any:
        body = {"resource_id": resource_id, "type": "copy", "name": "Chen", "contact": "c@example.org", "kind": "wrong"}
        answer = browser.post(path, json=body)
        return answer.status_code, answer.text.replace(resource_id, "ID")

    assert posted(HIDDEN_ID) == posted(house.UNKNOWN_ID)
