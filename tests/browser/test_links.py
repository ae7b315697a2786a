"""Two records that may be one: reviewed, decided, one hit after the next run; undone, two hits with their old ids."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from search_ui import paths
from tests.browser.conftest import CORNERS, SCREENS
from tests.browser.house import PASSWORDS, House, run
from tests.browser.people import Person

HOSTILE: Final = "<img src=x onerror=alert(1)> <b data-act='same:x'>land tenders</b> and petitions"
TABLES: Final = {
    "east": (
        "E1,粵漢鐵路公司購地卷宗,光緒三十一年,粵漢鐵路公司,3 卷",
        "E2,Minutes of the harbour board and its committees,1931-1935,Harbour Board,2 boxes",
        f"E3,{HOSTILE},1911,,",
    ),
    "maps": (
        "M1,粤汉铁路公司购地卷,1905,粤汉铁路公司,3 卷",
        "M2,Minutes of the harbour board,1931-1935,Harbour Board,",
        f"M3,{HOSTILE} received,1911,,",
    ),
}


def arrange(workspace: Path) -> None:
    """Two lists of one archive, and what each calls the same files."""
    (workspace / "sources").mkdir(parents=True)
    (workspace / "onestop.toml").write_text("", encoding="utf-8")
    for name, rows in TABLES.items():
        text = "\n".join(["no,title,dates,creator,extent", *rows])
        (workspace / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
        source = {
            "title": f"List {name}",
            "connector": "folder",
            "mapping": "table",
            "holder": "Cloud River Archives",
            "access": "open",
            "settings": {"path": f"{name}.csv"},
            "columns": {"id": "no", **{column: column for column in ("title", "dates", "creator", "extent")}},
            "expect": {"min_records": 1},
        }
        (workspace / "sources" / f"{name}.yml").write_text(json.dumps(source), encoding="utf-8")
    run(workspace, "sync")
    run(workspace, "user", "add", "staff", "--role", "staff", ONESTOP_PASSWORD=PASSWORDS["staff"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: here runs change what is one hit."""
    workspace = tmp_path_factory.mktemp("links") / "workspace"
    arrange(workspace)
    made = House(workspace)
    made.start()
    yield made
    made.kill()


def hits(house: House, text: str) -> list[dict[str, Any]]:
    """What is found now, by id."""
    with urllib.request.urlopen(f"{house.base}{paths.API}/search?{urlencode({'q': text})}", timeout=60) as answer:
        return sorted(json.load(answer)["hits"], key=lambda hit: str(hit["id"]))


def decide(clerk: Person, title: str, verdict: str) -> None:
    """Skip to the pair with this title, and say what it is."""
    clerk.open(paths.LINKS)
    pair = clerk.page.locator("table.pair")
    while title not in (pair.text_content() or ""):
        with clerk.rerun():
            clerk.page.locator(".acts a.text").click()
        clerk.ready()
    with clerk.rerun():
        clerk.page.locator(f"[data-act^={verdict}]").click()
    clerk.ready()


@CORNERS
def test_decided_joined_undone(clerk: Person, house: House) -> None:
    before = hits(house, "購地")
    assert len(before) == 2
    decide(clerk, "粵漢鐵路公司購地卷宗", "same")
    clerk.open(f"{paths.LINKS}?view=decided")
    row = clerk.page.locator("table.decided tbody tr")
    expect(row).to_contain_text(clerk.term("link_standing", "waiting"))
    run(house.workspace, "sync")
    (joined,) = hits(house, "購地")
    assert joined["id"] in {hit["id"] for hit in before}
    clerk.open(f"{paths.LINKS}?view=decided")
    expect(row).to_contain_text(clerk.term("link_standing", "followed"))
    for hit in before:
        clerk.open(paths.record(hit["id"]))
        expect(clerk.page.locator("ul.joined li")).to_have_count(2)
        expect(clerk.page.locator("ul.joined")).to_contain_text(clerk.term("link_rule", "decided"))
    clerk.open(f"{paths.LINKS}?view=decided")
    with clerk.rerun():
        row.locator("[data-act]").click()
    expect(clerk.page.locator("table.decided")).to_have_count(0)
    run(house.workspace, "sync")
    assert [hit["id"] for hit in hits(house, "購地")] == [hit["id"] for hit in before]


@pytest.mark.parametrize("screen", [SCREENS[-1]], ids=str, indirect=True)
def test_a_record_is_parted_from_its_page(clerk: Person, house: House) -> None:
    before = hits(house, "harbour board")
    decide(clerk, "harbour board and its", "same")
    run(house.workspace, "sync")
    (joined,) = hits(house, "harbour board")
    clerk.open(paths.record(joined["id"]))
    clerk.page.get_by_role("link", name=clerk.web("Part one of them")).click()
    clerk.ready()
    with clerk.rerun():
        clerk.page.locator("table.members [data-act]").first.click()
    expect(clerk.page.locator("table.members")).to_contain_text(clerk.t("Parted from the next nightly run on"))
    run(house.workspace, "sync")
    assert [hit["id"] for hit in hits(house, "harbour board")] == [hit["id"] for hit in before]
    clerk.open(f"{paths.LINKS}?view=decided")
    with clerk.rerun():
        clerk.page.locator("table.decided [data-act]").first.click()
    clerk.ready()


@CORNERS
def test_titles_are_text(clerk: Person) -> None:
    """Markup in a title is shown, not obeyed: neither picture nor button comes of it."""
    clerk.open(paths.LINKS)
    while "petitions" not in (clerk.page.locator("table.pair").text_content() or ""):
        with clerk.rerun():
            clerk.page.locator(".acts a.text").click()
        clerk.ready()
    expect(clerk.page.locator("table.pair")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(clerk.page.locator("table.pair img, table.pair [data-act]")).to_have_count(0)
    assert not clerk.is_wider_than_the_window()


@CORNERS
def test_others_see_nothing_of_it(reader: Person) -> None:
    reader.open(paths.LINKS)
    expect(reader.page.locator("table.pair")).to_have_count(0)
    expect(reader.h1).to_have_text(reader.t("This page is for staff"))
