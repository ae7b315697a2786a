"""The inbox page: views, narrowing, pages, acts on several rows."""

from __future__ import annotations

import re

import pytest

from mappings.access import ANONYMOUS
from mappings.grants import Scope
from search_ui.web import inbox
from service_desk.forms import AnswerForm, RequestForm, parse
from tests.search_ui.web.house import LAND_ID, PASSWORD, Items, client_of, open_house, sign_in, token_in


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    made = open_house(tmp_path_factory.mktemp("house"), Items())
    made.desk.accounts.add("window", PASSWORD, "window_clerk", "窗口")
    made.desk.accounts.add("worker", PASSWORD, "reader")
    made.desk.roles.give("worker", "department_worker", Scope(department="special"), "test")
    yield made
    made.desk.close()


@pytest.fixture(scope="module")
def browsers(services):
    made = {name: client_of(services) for name in ("lin", "window", "worker", "chen")}
    for name, browser in made.items():
        sign_in(browser, name)
    return made


@pytest.fixture(scope="module")
def receipts(services):
    """Seven requests: one urgent, one of them answered."""
    made = []
    for number in range(7):
        form = {"resource_id": LAND_ID, "type": "copy", "name": f"Reader {number}", "contact": "c", "note": "x"}
        made.append(services.desk.filing.submit(parse(RequestForm, form), ANONYMOUS).receipt)
    lin = services.desk.accounts.viewer("lin")
    services.desk.cases.act(made[3], "classify", {"urgent": True}, lin)
    services.desk.requests.answer(made[6], AnswerForm(text="x"), lin)
    return made


def rows(page):
    return re.findall(r'name="row\.([\w-]+)"', page)


def bulk(browser, act, receipts, query="", **fields):
    page = browser.get("/staff?view=open").text
    versions = dict(re.findall(r'name="row\.([\w-]+)" value="(\d+)"', page))
    ticked = {f"row.{receipt}": versions.get(receipt, "1") for receipt in receipts}
    return browser.post(f"/staff/bulk{query}", data={"csrf": token_in(page), "act": act, **ticked, **fields})


def results(page):
    return dict(re.findall(r'class="num">([\w-]+)</a>: ([^<]+)', page))


def test_views_have_counts_and_coordinators_more_of_them(browsers, receipts):
    page = browsers["lin"].get("/staff?view=open").text
    assert rows(page)[0] == receipts[3], "what is urgent comes first"
    assert set(rows(page)) == set(receipts[:6]) and "6 requests" in page
    views = re.findall(r'href="/staff\?view=(\w+)"[^>]*>[^<]*<span class="num">(\d+)', page)
    assert dict(views) | {"open": "6", "closed": "1", "complex": "0", "stuck": "0"} == dict(views)
    assert "view=stuck" not in browsers["window"].get("/staff").text
    fallen_back = browsers["window"].get("/staff?view=stuck")
    assert fallen_back.status_code == 200 and 'view=new" aria-current="page"' in fallen_back.text
    assert rows(browsers["worker"].get("/staff?view=open").text) == []


NARROWED = {
    "find=Reader+2": {2},
    "type=copy&handler=-": set(range(6)),
    "type=loan": set(),
    "urgent=1": {3},
    "status=accepted&channel=web": set(range(6)),
    "channel=post": set(),
    "handler=lin": set(),
    "department=special": set(),
    "find=%00%ef%bb%bf&at=nonsense": set(range(6)),
}


@pytest.mark.parametrize("query", NARROWED)
def test_a_list_is_narrowed_by_its_address(browsers, receipts, query):
    page = browsers["lin"].get(f"/staff?view=open&{query}").text
    assert set(rows(page)) == {receipts[number] for number in NARROWED[query]}
    if not NARROWED[query]:
        assert "Nothing fits." in page


def test_pages_stay_where_they_are_when_rows_go(browsers, receipts, services, monkeypatch):
    monkeypatch.setattr(inbox, "SIZE", 2)
    lin = browsers["lin"]
    first = lin.get("/staff?view=open").text
    order = rows(first)
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = rows(lin.get(following).text)
    services.desk.requests.take(order[0], services.desk.accounts.viewer("window"))
    services.desk.requests.answer(order[1], AnswerForm(text="x"), services.desk.accounts.viewer("lin"))
    page = lin.get(following).text
    assert rows(page) == second, "though a request before them has gone"
    back = re.search(r'rel="prev" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert rows(lin.get(back).text) == order[:1]
    services.desk.requests.release(order[0], services.desk.accounts.viewer("lin"))


def test_several_are_done_at_once_and_each_is_told_of(browsers, services, receipts):
    lin, window = browsers["lin"], browsers["window"]
    left = rows(lin.get("/staff?view=open").text)
    one, other, third = left[:3]
    page = lin.get("/staff?view=open").text
    versions = dict(re.findall(r'name="row\.([\w-]+)" value="(\d+)"', page))
    services.desk.requests.take(other, services.desk.accounts.viewer("window"))
    sent = {"csrf": token_in(page), "act": "take", **{f"row.{name}": versions[name] for name in (one, other)}}
    answer = lin.post("/staff/bulk?view=mine", data={**sent, "row.2222-2222": "1", "row.<b>": "x"})
    assert answer.status_code == 200 and rows(answer.text) == [one], "the list that one came from"
    told = results(answer.text)
    assert told[one] == "done" and told[other].startswith("somebody was faster")
    assert told["2222-2222"].startswith("not allowed") and "<b>" not in answer.text.split("results")[1][:900]
    assert results(bulk(lin, "release", [one, other]).text) == {one: "done", other: "done"}
    assert results(bulk(lin, "hand_over", [one, other], to="window").text) == {one: "done", other: "done"}
    assert rows(window.get("/staff?view=mine").text).count(one) == 1
    assert "handed over by lin" in window.get("/staff?view=mine").text
    assert results(bulk(lin, "hand_over", [one], to="chen").text)[one].startswith("not allowed")
    assert results(bulk(lin, "classify", [third], department="special").text) == {third: "done"}
    assert rows(browsers["worker"].get("/staff?view=open").text) == [third]
    assert results(bulk(browsers["worker"], "take", [third, one]).text)[one].startswith("not allowed")


def test_what_was_forgotten_is_said(browsers, receipts):
    lin = browsers["lin"]
    assert "Tick the requests first." in bulk(lin, "take", []).text
    assert "Choose what to do with them." in bulk(lin, "dance", receipts[:1]).text
    for act, said in (("hand_over", "Choose who is to have them."), ("classify", "Choose a department.")):
        answer = bulk(lin, act, receipts[:1], query="?view=closed")
        assert answer.status_code == 422 and said in answer.text
    assert browsers["chen"].get("/staff").status_code == 404
    assert "/login" in client_of_nobody(browsers).headers["location"]


def client_of_nobody(browsers):
    from starlette.testclient import TestClient

    return TestClient(browsers["lin"].app, follow_redirects=False).get("/staff")
