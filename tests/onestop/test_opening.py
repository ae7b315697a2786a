"""A record opens by itself, carried through the whole line with a clock: index, page, API, feed, sitemap, saved search;
and the commands that change the policy.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS
from onestop.cli import run
from onestop.wiring import Workspace
from tests.search_ui.web.house import PASSWORD, client_of, sign_in, token_in

Captured = pytest.CaptureFixture[str]
EVE, DAY = dt.date(2026, 11, 26), dt.date(2026, 11, 27)
LIST = """Code,Title,Date,Access
P-1,Railway file of 2001,2001-11-26,
P-2,Railway file of 2010,2010,
P-3,Railway file on application,1950,restricted
"""
SOURCE = """title: Files
connector: folder
mapping: table
settings: {path: TABLE}
columns: {title: Title, reference_code: Code, id: Code, dates: Date, access: Access}
"""
TEXTS = "{en: Closed for a time, zh-Hans: 封闭一段时间, zh-Hant: 封閉一段時間}"
POLICY = """rules:
  - name: all
    title: TEXTS
    closed_for: YEARS
    article: § 27
    reason: TEXTS
""".replace("TEXTS", TEXTS)


class Clock:
    """The day by which a workspace goes."""

    def __init__(self) -> None:
        self.day = EVE

    def __call__(self) -> dt.date:
        return self.day


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with three files, and accounts."""
    made = tmp_path / "archive"
    assert run(["init", str(made)]) == 0
    table = tmp_path / "list.csv"
    table.write_text(LIST)
    (made / "sources" / "list.yml").write_text(SOURCE.replace("TABLE", str(table)))
    return made


@pytest.fixture
def here(folder: Path, clock: Clock) -> Iterator[Workspace]:
    with Workspace(folder, {}, clock) as opened:
        opened.sync()
        opened.desk.accounts.add("lin", PASSWORD, "staff")
        opened.desk.accounts.add("wei", PASSWORD, "reader")
        yield opened


def write(folder: Path, years: int) -> None:
    (folder / "policies" / "opening.yml").write_text(POLICY.replace("YEARS", str(years)), encoding="utf-8")


def open_codes(here: Workspace) -> set[str]:
    from indexer.query import Query

    answer = here.searcher.search(Query(filters={"access": ("open",)}), ANONYMOUS)
    return {hit["reference_code"] for hit in answer["hits"]}


class Reader:
    """Somebody with a browser who keeps the search for open railway files."""

    def __init__(self, here: Workspace) -> None:
        self.browser = client_of(here.services)
        token = token_in(self.browser.get("/my-searches/new?q=railway").text)
        for name, address in (("Open ones", "q=railway&f=access:open"), ("All", "q=railway")):
            kept = self.browser.post("/my-searches", data={"csrf": token, "name": name, "address": address})
            assert kept.status_code == 303

    def sees(self) -> dict[str, Any]:
        """What the file of 2001 looks like at every door."""
        found = self.browser.get("/api/v1/search?q=railway&filter=access:open").json()
        resource = self.browser.get("/api/v1/resources/list:P-1").json()
        page = self.browser.get(f"/r/{resource['id']}").text
        return {
            "facet": [hit["reference_code"] for hit in found["hits"]],
            "api": (resource["access"], resource["opens_on"]),
            "page": re.findall(r"(Open|Closed)[^<]*§ 27\)", page),
            "read": [way["action"] for way in resource["available"]],
            "feed": "Railway file of 2001" in self.browser.get("/opened.atom").text,
            "listed": "Railway file of 2001" in self.browser.get("/opened").text,
            "new": re.findall(r">(Open ones|All) <span class=\"state now\">(\d) new", self._searches()),
        }

    def _searches(self) -> str:
        return self.browser.get("/my-searches").text


def test_a_record_opens_everywhere_the_night_its_term_is_over(here: Workspace, clock: Clock) -> None:
    write(here.folder, 25)
    here.opening.apply("test")
    reader = Reader(here)
    before = reader.sees()
    assert (before["facet"], before["api"], before["page"]) == ([], ("closed", "2026-11-27"), ["Closed"])
    assert (before["feed"], before["listed"], before["new"]) == (False, False, [])

    clock.day = DAY
    here.sync()
    after = reader.sees()
    assert (after["facet"], after["api"], after["page"]) == (["P-1"], ("open", None), ["Open"])
    assert (after["feed"], after["listed"], after["new"]) == (True, True, [("All", "1"), ("Open ones", "1")])
    assert "opens" in before["read"] and "opens" not in after["read"]

    write(here.folder, 30)
    assert open_codes(here) == {"P-1"}, "a file that is only written changes nothing"
    here.sync()
    assert open_codes(here) == {"P-1"}
    assert here.opening.apply("test")["closed"] == 1
    tightened = reader.sees()
    assert (tightened["facet"], tightened["api"]) == ([], ("closed", "2031-11-27"))
    assert (tightened["feed"], tightened["listed"]) == (False, False), "what is closed again is in no feed"

    assert here.opening.undo("test")["opened"] == 1
    again = reader.sees()
    assert (again["facet"], again["api"], again["feed"]) == (["P-1"], ("open", None), True)


def test_what_is_opened_is_new_once(here: Workspace, clock: Clock) -> None:
    write(here.folder, 25)
    here.opening.apply("test")
    reader = Reader(here)
    clock.day = DAY
    here.sync()
    assert reader.sees()["new"] == [("All", "1"), ("Open ones", "1")]
    listed = reader.browser.get("/my-searches").text
    for number in re.findall(r"/my-searches/(\d+)/open", listed):
        reader.browser.post(f"/my-searches/{number}/open", data={"csrf": token_in(listed)})
    here.opening.refresh()
    assert reader.sees()["new"] == []


def test_commands_from_check_to_undo(here: Workspace, capsys: Captured) -> None:
    folder = str(here.folder)

    def told(*words: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert run(["--workspace", folder, "opening", *words, "--json"]) == code
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    assert told("check")["exists"] is False
    write(here.folder, 5)
    assert told("check")["ok"]
    preview = told("preview")
    assert (preview["opens"], preview["closes"], preview["is_in_force"]) == (2, 0, False)
    assert {one["reference_code"] for one in preview["records"] if one["how"] == "opens"} == {"P-1", "P-2"}
    assert preview["rules"][0]["title"]["zh-Hans"] == "封闭一段时间"
    assert told("preview", "--on", "2005-01-01")["closes"] == 2, "as of another night"
    done = told("apply", "--as", "lin", "--note", "trial")
    assert (done["changed"], done["number"], done["by"], done["opened"]) == (True, 1, "lin", 2)
    here.engine.refresh()
    assert open_codes(here) == {"P-1", "P-2"}
    assert told("apply")["changed"] is False
    assert told("preview")["is_in_force"] is True
    undone = told("undo")
    assert (undone["what"], undone["closed"]) == ("undone", 2)
    assert [one["what"] for one in told("history")["versions"]] == ["undone", "applied"]
    rows = [row.what for row in here.desk.audit.rows().rows]
    assert rows[:2] == ["opening.undo", "opening.apply"]


def test_commands_that_are_refused_say_why(here: Workspace, capsys: Captured) -> None:
    folder = ["--workspace", str(here.folder)]
    write(here.folder, 25)
    file = here.folder / "policies" / "opening.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("article", "artikel"), encoding="utf-8")
    assert run([*folder, "opening", "check"]) == 1
    assert (
        "rules[0].artikel (line 5): there is no key 'artikel' here; did you mean 'article'?" in capsys.readouterr().err
    )
    assert run([*folder, "opening", "apply"]) == 2
    assert run([*folder, "opening", "undo"]) == 2
    assert "There is no policy of opening before this one" in capsys.readouterr().err
    assert run([*folder, "opening", "preview", "--on", "soon"]) == 2
    assert run([*folder, "opening", "apply", "--as", "wei"]) == 2
    assert run([*folder, "opening", "review", "list:P-1", "open", "--as", "wei"]) == 2
    assert run([*folder, "opening", "review", "list:P-1", "ajar", "--as", "lin"]) == 2
    assert run([*folder, "opening", "review", "list:none", "open", "--as", "lin"]) == 2


def test_a_review_on_the_command_line_is_shown_at_once(here: Workspace, capsys: Captured) -> None:
    words = ["opening", "review", "list:P-3", "open", "--as", "lin", "--until", "2026-01-01", "--article", "§ 30"]
    assert run(["--workspace", str(here.folder), *words]) == 0
    here.engine.refresh()
    assert open_codes(here) == {"P-3"}
    assert "1 records opened" in capsys.readouterr().err


@pytest.fixture
def staff(here: Workspace) -> TestClient:
    made = client_of(here.services)
    sign_in(made, "lin")
    return made


def test_staff_look_apply_and_go_back_on_the_page(here: Workspace, staff: TestClient) -> None:
    assert "No policy is in force" in staff.get("/opening").text
    write(here.folder, 5)
    preview = staff.get("/opening/preview").text
    assert "2 records open" in preview and "Railway file of 2010" in preview
    [seen] = re.findall(r'name="file" value="(\w+)"', preview)
    form = {"csrf": token_in(preview), "seen": "0", "file": seen, "note": "from the page"}
    assert staff.post("/opening/apply", data={**form, "seen": "7"}).status_code == 409, "another one was applied since"
    write(here.folder, 1)
    changed = staff.post("/opening/apply", data=form)
    assert changed.status_code == 409 and "has changed since you looked" in changed.text, "what was not looked at"
    write(here.folder, 5)
    assert open_codes(here) == set()
    done = staff.post("/opening/apply", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/opening?done=apply")
    assert open_codes(here) == {"P-1", "P-2"}
    shown = staff.get("/opening?done=apply").text
    assert (
        "The policy is in force." in shown and "from the page" in shown and "§ 27" in shown and "for 5 years" in shown
    )
    assert staff.post("/opening/apply", data={"seen": "1"}).status_code == 403, "a form of nobody's"
    back = staff.post("/opening/undo", data={"csrf": token_in(shown), "seen": "1"})
    assert back.headers["location"] == "/opening?done=undo"
    assert open_codes(here) == set()


def test_a_record_is_reviewed_on_its_page(here: Workspace, staff: TestClient) -> None:
    page = staff.get("/r/list:P-2", follow_redirects=True)
    record, token = str(page.url.path), token_in(page.text)
    assert "Not reviewed." in page.text
    form = {"csrf": token, "state": "under_review", "note": "with the ministry"}
    assert staff.post(f"{record}/opening", data=form).status_code == 303
    assert "with the ministry" in staff.get("/opening").text
    assert staff.post(f"{record}/opening", data={**form, "state": "extended"}).status_code == 422
    kept = {"csrf": token, "state": "extended", "until": "2040-01-01", "article": "§ 27"}
    assert staff.post(f"{record}/opening", data=kept).status_code == 303
    after = staff.get(record).text
    assert "Closed for now (Opening postponed after review until 2040-01-01. · § 27)" in after, (
        "on application after that"
    )
    assert "延期至 2040-01-01 开放" in staff.get(f"{record}?lang=zh-Hans").text


@pytest.mark.parametrize("who", [None, "wei"])
def test_readers_find_none_of_it(here: Workspace, who: str | None) -> None:
    reader = client_of(here.services)
    if who:
        sign_in(reader, who)
    token = token_in(reader.get("/my-searches/new?q=a").text)
    expected = 404 if who else 303
    for address in ("/opening", "/opening/preview"):
        assert reader.get(address).status_code == expected
    for address in ("/opening/apply", "/opening/undo", "/r/list:P-1/opening"):
        assert reader.post(address, data={"csrf": token, "state": "open", "seen": "0"}).status_code == expected
    assert "Opening" not in reader.get("/r/list:P-1", follow_redirects=True).text
    assert here.desk.openings.standing() == []


def test_a_feed_tells_only_what_everybody_may_know_of(here: Workspace, clock: Clock) -> None:
    table = Path(here.sources(["list"])["list"].settings["path"])
    table.write_text(LIST + "P-4,Railway file nobody knows of,1950,internal\n")
    write(here.folder, 25)
    here.sync()
    here.opening.apply("test")
    clock.day = DAY
    here.sync()
    for address in ("/opened", "/opened.atom", "/sitemap.xml?page=1"):
        assert "nobody knows" not in client_of(here.services).get(address).text
    feed = client_of(here.services).get("/opened.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert feed.text.count("<entry>") == 1
