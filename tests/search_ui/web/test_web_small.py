"""Small parts: what crawlers read, images, health while search is down, the words of three languages."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from babel.messages.extract import extract
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from starlette.testclient import TestClient

from indexer.errors import IndexMissing
from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from search_ui import i18n, images, paths
from search_ui.services import Services
from search_ui.web.render import marks
from tests.search_ui.web.house import FONDS_ID, LAND_ID, ODD_ID, SECRET_ID, Items, client_of, open_house, png

ROOT = Path(i18n.__file__).parent


def test_robots_are_kept_out_of_what_is_personal(browser: TestClient) -> None:
    text = browser.get("/robots.txt").text
    for closed in ("/login", "/s/", "/staff", "/requests", "/api/v1"):
        assert f"Disallow: {closed}\n" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_the_sitemap_lists_what_everybody_may_know_of(browser: TestClient, staff: TestClient) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ElementTree.fromstring(browser.get("/sitemap.xml").content)
    parts = [element.text or "" for element in index.iter(f"{space}loc")]
    assert parts == ["http://testserver/sitemap.xml?page=1"]
    for asking in (browser, staff):
        listed = {element.text for element in ElementTree.fromstring(asking.get(parts[0]).content).iter(f"{space}loc")}
        assert {f"http://testserver/r/{known}" for known in (LAND_ID, FONDS_ID, ODD_ID)} <= listed
        assert f"http://testserver/r/{SECRET_ID}" not in listed
    assert [browser.get(f"/sitemap.xml?page={bad}").status_code for bad in ("0", "x", "-1", "99999", "１")] == [404] * 5


class Silent:
    """A search that does not answer."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise IndexMissing("There is no index in /var/lib/secret-place yet.")

        return fail


@pytest.fixture
def without_search(tmp_path: Path) -> TestClient:
    services = open_house(tmp_path, Items())
    services.searcher = Silent()
    return client_of(services)


def test_while_search_is_down_the_desk_works_and_pages_say_so(without_search: TestClient) -> None:
    health = without_search.get("/health")
    assert (health.status_code, health.json()) == (200, {"status": "degraded", "search": "down", "desk": "ok"})
    ready = without_search.get("/ready")
    assert (ready.status_code, ready.text) == (200, "ok")
    for address in (f"/r/{LAND_ID}", "/r", f"/r/{LAND_ID}/children"):
        page = without_search.get(address)
        assert page.status_code == 503 and "requests go on as usual" in page.text and "secret-place" not in page.text
    answer = without_search.get("/api/v1/search")
    assert answer.status_code == 503 and "secret-place" not in answer.text and answer.headers["retry-after"]
    for address in ("/sitemap.xml", f"/r/{LAND_ID}/pages/1/image"):
        assert without_search.get(address).status_code == 503
    assert [without_search.get(address).status_code for address in ("/login", "/s/", "/search")] == [200] * 3


def test_health_says_when_the_desk_is_down(
    services: Services, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.desk.sessions, "lookup", Silent().lookup)
    answer = browser.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    ready = browser.get("/ready")
    assert (ready.status_code, ready.text) == (503, "not ok")


def test_identity_is_looked_up_each_time(services: Services) -> None:
    from tests.search_ui.web.house import PASSWORD

    token = services.desk.sessions.sign_in("chen", PASSWORD).token
    assert services.viewer({"sid": token}) == Viewer("chen", frozenset({"reader"}))
    services.desk.sessions.end(token)
    assert services.viewer({"sid": token}) == services.viewer({}) == services.viewer({"sid": ""}) == ANONYMOUS
    assert services.search(Query(size=0), ANONYMOUS)["total"] > 0


def test_small_images_are_made_once_for_each_version_of_the_index(tmp_path: Path) -> None:
    items = Items()
    services = open_house(tmp_path, items)
    version = [1]
    services.index_version = lambda: version[0]

    def small() -> images.PageImage:
        found = services.page_image(LAND_ID, 1, ANONYMOUS, 120)
        assert found is not None
        return found

    first = small()
    assert Image.open(io.BytesIO(first.data)).width == 120
    assert small() == first and items.opened == 1
    version[0] = 2
    assert small() == first and items.opened == 2
    assert len(list((tmp_path / "cache").glob("v-*"))) == 1


def test_an_image_nobody_can_read_is_no_image(tmp_path: Path) -> None:
    items = Items()
    items.data["scans", "pages/1.png"] = b"<svg onload=alert(1)>"
    del items.data["scans", "pages/2.png"]
    services = open_house(tmp_path, items)
    assert [
        services.page_image(LAND_ID, number, ANONYMOUS, width) for number in (1, 2, 3) for width in (None, 120)
    ] == [None] * 6


def tiff() -> bytes:
    out = io.BytesIO()
    Image.new("CMYK", (300, 200)).save(out, "TIFF")
    return out.getvalue()


TYPES = {
    "image/png": png(),
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\0\0\0\0WEBPVP8 ",
    None: b"%PDF-1.7",
}


@pytest.mark.parametrize("kind", TYPES)
def test_an_image_is_known_by_its_first_bytes(kind: str | None) -> None:
    assert images.media_type(TYPES[kind]) == kind


def test_what_browsers_cannot_show_is_sent_as_jpeg() -> None:
    made = images.original(tiff())
    assert made is not None and made.media_type == "image/jpeg" and made.data.startswith(b"\xff\xd8\xff")
    assert images.original(b"") is None and images.smaller(b"\x89PNG\r\n\x1a\n rest is missing", 120) is None


def test_a_large_image_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 1000)
    assert images.smaller(png(), 120) is None
    monkeypatch.setattr(images, "MAX_BYTES", 10)
    assert images.read(io.BytesIO(b"x" * 11)) is None


@given(st.text(max_size=60))
def test_a_highlight_can_only_mark(text: str) -> None:
    assert set(re.findall(r"<[^>]*>?", marks(text))) <= {"<mark>", "</mark>"}


# Words


def used() -> dict[str, str | None]:
    """Every msgid of the plain pages, with its plural."""
    found: dict[str, str | None] = {}
    templates = [(path, "jinja2") for path in (ROOT / "templates").glob("*.html")]
    modules = [(path, "python") for folder in ("web", "api", "themes") for path in (ROOT / folder).glob("*.py")]
    for path, method in [*templates, *modules, (ROOT / "index_page.py", "python")]:
        with path.open("rb") as stream:
            for _, message, _, _ in extract(method, stream, {"t": None, "n": (1, 2)}):
                key, plural = (message, None) if isinstance(message, str) else (message[0], message[1])
                found[key] = plural
    return dict.fromkeys(label for _, label in (*paths.READER_LINKS, *paths.STAFF_LINKS)) | found


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_every_word_of_the_pages_is_translated_and_none_is_left_over(language: str) -> None:
    words, messages = i18n.catalogue(language, "web"), used()
    assert len(messages) > 100
    assert set(messages) == set(words)
    for message, forms in words.items():
        assert all(set(re.findall(r"{\w+}", message)) == set(re.findall(r"{\w+}", form)) and form for form in forms), (
            message
        )


def test_the_terms_are_the_same_in_all_languages() -> None:
    first, *others = (set(i18n.catalogue(language, "terms")) for language in i18n.LANGUAGES)
    assert first and all(other == first for other in others)
    assert all(all(forms) for language in i18n.LANGUAGES for forms in i18n.catalogue(language, "terms").values())


def test_every_code_of_the_desk_and_the_model_has_a_word() -> None:
    from mappings.access import LEVELS
    from mappings.record import DESCRIPTION_FIELDS
    from service_desk.forms import FEEDBACK_KINDS, FEEDBACK_STATES
    from service_desk.machine import ACTIONS, STATUSES

    codes = {
        "access": LEVELS,
        "field": DESCRIPTION_FIELDS,
        "feedback": FEEDBACK_KINDS,
        "feedback_status": FEEDBACK_STATES,
        "status": STATUSES,
        "event": [action.event for action in ACTIONS.values()],
        "kind": ("physical", "digital", "thematic"),
    }
    known = i18n.catalogue("en", "terms")
    assert [
        f"{group}.{code}" for group, members in codes.items() for code in members if f"{group}.{code}" not in known
    ] == []


NEGOTIATED = {
    "address first": (("en", "zh-Hans", "zh-TW"), "en"),
    "then the choice before": ((None, "zh-Hant", "en"), "zh-Hant"),
    "unknown choices are passed over": (("xx", "yy", "en-GB"), "en"),
    "Taiwan reads traditional": ((None, None, "zh-TW,en;q=0.8"), "zh-Hant"),
    "Hong Kong too": ((None, None, "zh-HK"), "zh-Hant"),
    "script beats region": ((None, None, "zh-Hans-HK"), "zh-Hans"),
    "weights count": ((None, None, "en;q=0.3, zh-CN;q=0.9"), "zh-Hans"),
    "refused": ((None, None, "en;q=0, zh;q=0.1"), "zh-Hans"),
    "nothing we speak": ((None, None, "fr, de;q=0.5"), "zh-Hans"),
    "nonsense": ((None, None, ";;q=x,,=,\x00"), "zh-Hans"),
}


@pytest.mark.parametrize("name", NEGOTIATED)
def test_the_language_of_a_page(name: str) -> None:
    wishes, language = NEGOTIATED[name]
    assert i18n.negotiate(*wishes) == language


@given(st.text(max_size=200))
def test_any_header_gives_a_language(header: str) -> None:
    assert i18n.negotiate(header, header, header) in i18n.LANGUAGES


def test_dates_and_numbers_as_each_language_writes_them() -> None:
    day = dt.date(2026, 12, 1)
    said = {language: i18n.Translator(language).date(day) for language in i18n.LANGUAGES}
    assert said == {"zh-Hans": "12 月 1 日（周二）", "zh-Hant": "12 月 1 日（週二）", "en": "Tuesday 1 December"}
    assert i18n.Translator("en").date(day, year=True) == "Tuesday 1 December 2026"
    assert i18n.Translator("en").number(12345) == "12,345"
    assert i18n.Translator("en", "web").n("{count} unit", "{count} units", 1) == "1 unit"
    assert i18n.Translator("en", "web").n("{count} unit", "{count} units", 2000) == "2,000 units"


def test_the_day_of_a_moment_is_the_one_at_the_archive() -> None:
    at_night = dt.datetime(2026, 11, 30, 20, tzinfo=dt.UTC)
    said = {zone: i18n.Translator("en", timezone=zone).date(at_night) for zone in ("Asia/Shanghai", "America/New_York")}
    assert said == {"Asia/Shanghai": "Tuesday 1 December", "America/New_York": "Monday 30 November"}


def test_languages_are_named_and_unknown_ones_left() -> None:
    words = i18n.Translator("en")
    assert [words.language_name(code) for code in ("chi", "en", "zh-Hant", "q'x", "")] == [
        "Chinese",
        "English",
        "Chinese (Traditional)",
        "q'x",
        "",
    ]
    assert words.term("level", "file") == "file" and words.term("level", "<odd>") == "<odd>"
