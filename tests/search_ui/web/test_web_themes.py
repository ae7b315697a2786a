"""The thematic corner over HTTP: pages, API, and what can be taken away, each as its viewer may have it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet
from starlette.testclient import TestClient

from indexer.errors import IndexMissing
from search_ui.services import Services
from tests.search_ui.themes.corner import Corner, theme
from tests.search_ui.web.house import LAND_ID, Items, client_of, open_house, sign_in

API = "/api/v1/themes"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The house of the other tests, with a corner of two themes."""
    made = open_house(Path(tmp_path_factory.mktemp("corner")), Items())
    made.themes = Corner(theme(), theme(name="bare", corner="research", pack=None, data=None))
    yield made
    made.desk.close()


def test_the_corner_shows_every_theme_with_its_records(browser: TestClient) -> None:
    page = browser.get("/themes").text
    assert page.index("Livelihood") < page.index('href="/themes/land"') < page.index("Research")
    assert "Land &amp; &lt;b&gt;houses&lt;/b&gt;" in page and '<span class="num">5 records</span>' in page
    assert page.count("#pack") == page.count("#data") == 1


@pytest.mark.parametrize("path", ["/about", "/themes/land", "/"])
def test_every_page_leads_to_the_corner(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert '<a href="/themes">Themes</a>' in answer.text  # where there is no script, too


def test_a_house_without_themes_has_no_way_to_them(services: Services) -> None:
    browser = client_of(replace(services, themes=Corner()))
    assert "/themes" not in browser.get("/about").text + browser.get("/").text
    assert "There is no theme here yet" in browser.get("/themes").text
    assert browser.get("/themes/land").status_code == browser.get(f"{API}/land").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_a_theme_shows_form_pack_guide_and_data(browser: TestClient, language: str) -> None:
    page = browser.get("/themes/land", params={"lang": language}).text
    end = {"en": "", "zh-Hans": " 简", "zh-Hant": " 繁"}[language]
    for said in ("Owner", "Two at most", "Gift", "To begin with", "A row an entry", "Begin here"):
        assert f"{said}{end}<" in page
    for part in ('name="dated.from"', 'type="checkbox" name="how"', 'type="radio" name="level"', "/land/data.parquet"):
        assert part in page
    assert "<h3>What" in page and "<script>x" not in page and 'href="javascript' not in page


def test_what_is_filled_in_is_found_and_stays(browser: TestClient) -> None:
    page = browser.get("/themes/land", params={"owner": "石碇鄉民眾; nobody", "year": "1984", "how": "gift"}).text
    assert f'href="/r/{LAND_ID}?' in page and "1 result" in page
    assert 'value="石碇鄉民眾; nobody"' in page and 'value="gift" checked' in page
    assert "A row an entry" not in page and 'content="noindex"' in page


def test_facets_are_links_that_keep_the_form(browser: TestClient) -> None:
    page = browser.get("/themes/land", params={"show": "all"}).text
    assert "5 results" in page and 'href="/themes/land?f=level%3Aitem"' in page
    chosen = browser.get("/themes/land", params={"place": "石碇", "f": "level:item"}).text
    assert 'class="chip" href="/themes/land?place=%E7%9F%B3%E7%A2%87"' in chosen
    assert 'href="/themes/land?f=access%3Aopen&amp;sort=date"' in browser.get("/themes/land?f=access:open").text


def test_most_is_told_from_everything(browser: TestClient) -> None:
    page = browser.get("/themes/land", params={"owner": "石碇鄉; zebra", "words": "土地"}).text
    assert "1 record has everything you filled in and stands first" in page
    narrowed = browser.get("/themes/land", params={"owner": "石碇鄉; zebra", "words": "土地", "only": "whole"}).text
    assert "&amp;only=whole" in page and "1 result" in narrowed and "Only with everything filled in" in narrowed
    called = {"owner": "石碇鄉; zebra", "words": "土地", "only": "whole"}
    assert browser.get(f"{API}/land/search", params=called).json()["total"] == 1
    none = browser.get("/themes/land", params={"owner": "石碇鄉", "words": "zebra"}).text
    assert "No record has everything you filled in" in none


def test_nothing_found_leads_on(browser: TestClient) -> None:
    page = browser.get("/themes/land", params={"owner": "zebra", "f": "level:item"}).text
    assert "Nothing found" in page and 'href="/ask?type=question&amp;q=zebra"' in page
    assert 'href="/search?q=zebra"' in page and 'href="/themes/land?owner=zebra"' in page


def test_a_mistake_stands_beside_its_field(browser: TestClient) -> None:
    page = browser.get("/themes/land", params={"year": "<soon>", "dated.from": "1990", "dated.to": "1980"}).text
    assert "2 fields need another look" in page and '<a href="#year">' in page and '<a href="#dated-to">' in page
    assert 'value="&lt;soon&gt;"' in page and 'aria-describedby="year-mistake" aria-invalid="true"' in page
    assert (
        '<p class="mistake" id="dated-to-mistake">' in page
        and "result" not in page.split("<main")[1].split("#results")[0]
    )


def test_while_search_is_down_the_corner_says_so(services: Services) -> None:
    class Down:
        def __getattr__(self, name: str) -> object:
            raise IndexMissing("no index")

    browser = client_of(replace(services, searcher=Down(), index_version=lambda: None))  # type: ignore[arg-type]
    assert browser.get("/themes").status_code == 200
    guide = browser.get("/themes/land")
    assert guide.status_code == 200 and 'id="guide"' in guide.text and 'id="pack"' not in guide.text
    for address in ("/themes/land?show=all", f"{API}/land/search", f"{API}/land/data.csv", f"{API}/land/data.parquet"):
        assert browser.get(address).status_code == 503, address
    assert browser.get(f"{API}/land/pack.zip").status_code == 503
    assert browser.get(API).status_code == 200


def test_a_record_leads_back_to_the_form(browser: TestClient) -> None:
    came = {"referer": "http://testserver/themes/land?place=%E7%9F%B3"}
    assert 'href="/themes/land?place=%E7%9F%B3#results"' in browser.get(f"/r/{LAND_ID}", headers=came).text
    foreign = {"referer": "http://elsewhere/themes/land?place=x"}
    assert "themes/land?" not in browser.get(f"/r/{LAND_ID}", headers=foreign).text


def test_the_api_tells_what_a_form_asks(browser: TestClient) -> None:
    assert [one["name"] for one in browser.get(API).json()["themes"]] == ["land", "bare"]
    told = browser.get(f"{API}/land").json()
    assert told["form"][0]["label"]["zh-Hant"] == "Owner 繁" and told["data"]["columns"][0]["from"] == "source_id"
    assert set(told["files"]) == {"pack.zip", "data.csv", "data.parquet", "data.md"}
    assert browser.get(f"{API}/bare").json()["files"] == {}


def test_the_api_finds_what_the_page_finds(browser: TestClient) -> None:
    body = browser.get(f"{API}/land/search", params={"owner": ["石碇鄉民眾", "nobody"], "year": "1984"}).json()
    assert [hit["id"] for hit in body["hits"]] == [LAND_ID]
    assert body["interpretation"]["complete"] == 1 or not body["interpretation"]["relaxed"]
    limited = browser.get(f"{API}/land/search", params={"filter": "level:fonds", "size": 1}).json()
    assert (limited["total"], len(limited["hits"])) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"year": "soon"}, "year"),
        ({"dated.to": "x"}, "dated.to"),
        ({"colour": "red"}, "colour"),
        ({"filter": "level"}, "filter"),
        ({"from": "1990", "to": "1980"}, "from"),
        ({"size": "9999"}, "size"),
    ],
)
def test_the_api_names_the_field(browser: TestClient, asked: dict[str, str], field: str) -> None:
    answer = browser.get(f"{API}/land/search", params=asked)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_messages_are_in_the_language_asked_for(browser: TestClient) -> None:
    answer = browser.get(f"{API}/land/search", params={"lot": "x", "lang": "zh-Hant"})
    assert answer.json()["errors"] == [{"field": "lot", "message": "Write digits 繁"}]


def pack(browser: TestClient) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """The register and the files of the pack this browser gets."""
    answer = browser.get(f"{API}/land/pack.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="land.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return list(csv.DictReader(io.StringIO(files["register.csv"].decode("utf-8-sig")))), files


def test_the_pack_holds_what_its_reader_may_read(browser: TestClient, reader: TestClient) -> None:
    rows, files = pack(browser)
    assert [row["Reference code"] for row in rows] == ["Z013-1-001-005", "", "Z013"]
    assert (rows[0]["Pages with text"], rows[0]["Images of pages"], rows[0]["Note"]) == ("2", "2", "Begin here")
    assert rows[0]["Address"] == f"http://testserver/r/{LAND_ID}"
    assert "石碇鄉 公所" in files[rows[0]["File of the text"]].decode()
    assert len([name for name in files if name.startswith("pages/001-Z013-1-001-005/")]) == 2
    assert (rows[1]["Title"], rows[1]["Pages with text"]) == ("Members' bulletin", "0")
    assert rows[1]["What is not here"].startswith("Not for everyone")
    rows, files = pack(reader)
    assert rows[1]["Pages with text"] == "1" and "bulletin text" in files[rows[1]["File of the text"]].decode()
    readme = files["README.md"].decode()
    for said in ("# Land & <b>houses</b>", "## How to cite it", "[ask](http://testserver/ask)"):
        assert said in readme


def test_nobody_learns_from_a_pack_of_what_is_internal(browser: TestClient, staff: TestClient) -> None:
    rows, files = pack(browser)
    seen = browser.get("/themes/land").text + str(rows) + str(files.keys())
    assert "Personnel" not in seen and [row["Number"] for row in rows] == ["1", "2", "3"]
    assert "Personnel matters" in {row["Title"] for row in pack(staff)[0]}


def test_a_pack_is_bounded_and_says_what_is_missing(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_ui.themes.pack.MOST_BYTES", 10)
    monkeypatch.setattr("search_ui.themes.pack._Room.__init__.__defaults__", (10, 2))
    rows, files = pack(browser)
    assert set(files) == {"register.csv", "README.md"}
    assert rows[0]["What is not here"] == "The pack is full; read the rest at the address"


def test_the_data_is_the_same_in_both_forms(browser: TestClient) -> None:
    answer = browser.get(f"{API}/land/data.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["entry"] for row in rows] == ["LR-216"]
    assert (rows[0]["year"], rows[0]["owners"], rows[0]["area"]) == ("1984", "石碇鄉民眾服務分社", "")
    table = parquet.read_table(io.BytesIO(browser.get(f"{API}/land/data.parquet").content))
    assert table.column_names == list(rows[0])
    assert table.to_pylist()[0]["year"] == 1984 and str(table.schema.field("area").type) == "double"
    assert table.schema.field("area").metadata[b"description.zh-Hans"].decode() == "No number 简"
    assert table.schema.metadata[b"licence"] == b"CC0-1.0"


def test_the_readme_explains_the_data(browser: TestClient) -> None:
    text = browser.get(f"{API}/land/data.md").text
    for said in (
        "# Register",
        "- As of: –",
        "CC0-1.0, https://example.org/cc0",
        "| `area` | number (m2) | No number |",
    ):
        assert said in text
    assert "| `owners` | text | Owners / of it |" in text
    assert "字段" in browser.get(f"{API}/land/data.md", params={"lang": "zh-Hans"}).text


@pytest.mark.parametrize("file", ["pack.zip", "data.csv", "data.parquet", "data.md"])
def test_what_a_theme_does_not_have_is_not_there(browser: TestClient, file: str) -> None:
    assert browser.get(f"{API}/bare/{file}").status_code == browser.get(f"{API}/none/{file}").status_code == 404


def test_a_session_may_have_more_than_nobody(services: Services) -> None:
    browser = client_of(services)
    assert "bulletin text" not in str(pack(browser)[1].values())
    sign_in(browser, "chen")
    assert "bulletin text" in str(pack(browser)[1].values())
