"""Indicators on their page: numbers with definitions that open their cases, filters as addresses, an export; and
ratings as readers and clerks send them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from starlette.requests import Request

from mappings.access import ANONYMOUS
from search_ui import paths
from search_ui.services import set_current
from search_ui.web.measured_charts import course_line, handling_chart
from search_ui.web.rating_part import rating_of
from search_ui.web.render import environment
from service_desk.deadlines import Limit
from service_desk.forms import AnswerForm, RefusalForm, RequestForm, parse
from service_desk.indicators.definitions import DEFINITIONS, Spread
from service_desk.indicators.service import Group
from service_desk.ratings.service import RatingForm
from tests.search_ui.web.house import LAND_ID, PASSWORD, Items, client_of, open_house, sign_in, token_in

YEAR = str(dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).year)


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    made = open_house(tmp_path_factory.mktemp("house"), Items())
    made.desk.accounts.add("boss", PASSWORD, "manager")
    yield made
    made.desk.close()


@pytest.fixture(scope="module")
def receipts(services):
    """Two answered, of which one is rated, one refused, one open."""
    form = {"resource_id": LAND_ID, "name": "n", "contact": "c", "note": "all pages, please"}
    filed = [
        services.desk.filing.submit(parse(RequestForm, {**form, "type": type_}), ANONYMOUS)
        for type_ in ("copy", "copy", "query", "query")
    ]
    clerk = services.desk.accounts.viewer("lin")
    for one in filed[:2]:
        services.desk.requests.answer(one.receipt, AnswerForm(text="here"), clerk)
    services.desk.requests.refuse(filed[2].receipt, RefusalForm(reason="x", alternative="y"), clerk)
    services.desk.ratings.give(filed[0].receipt, RatingForm(stars=2), secret=filed[0].secret)
    return filed


@pytest.fixture
def manager(services, receipts):
    return signed_in(services, "boss")


def signed_in(services, name):
    browser = client_of(services)
    sign_in(browser, name)
    return browser


def test_each_number_has_its_definition_its_n_and_its_cases(manager):
    page = manager.get("/indicators").text
    assert "66.7%" in page and "from 3 cases" in page and "2 of 5" in page and "0% satisfied" in page
    for one in DEFINITIONS:
        assert (one.says.en.replace("'", "&#39;") in page) == (one.key != "visits"), "visits only where somebody counts"
    opened = [manager.get(link.replace("&amp;", "&")) for link in re.findall(r'href="(/indicators/cases[^"]*)"', page)]
    assert len(opened) > 6 and {answer.status_code for answer in opened} == {200}
    assert f"of=handling&amp;period={YEAR}" in page or f"period={YEAR}&amp;of=handling" in page


def test_a_number_opens_the_requests_it_was_counted_from(manager, receipts):
    page = manager.get(f"/indicators/cases?of=refused&period={YEAR}").text
    assert receipts[2].receipt in page and receipts[0].receipt not in page and "1 case" in page
    assert f'href="{paths.case(receipts[2].receipt)}"' in page
    page = manager.get(f"/indicators/cases?of=dissatisfied&period={YEAR}&type=copy").text
    assert receipts[0].receipt in page and receipts[1].receipt not in page and "Digital copy" in page
    assert "There is none" in manager.get("/indicators/cases?of=late&period=2001").text
    for query in ("of=nothing", "of=__init__", "of=stood.", "of=<b>"):
        assert manager.get(f"/indicators/cases?{query}").status_code == 404
    for at in ("0", "-1", "x", "99999999999", "2"):
        assert manager.get(f"/indicators/cases?of=all&page={at}").status_code == 200


def test_periods_and_filters_are_addresses(manager):
    page = manager.get("/indicators?type=query").text
    assert 'value="query" selected' in page and "0%" in page
    assert "No request was closed" in manager.get("/indicators?period=2001-Q3").text
    for wrong in ("2026-13", "x", "'\"><script>", "0000", "9" * 30):
        answer = manager.get("/indicators", params={"period": wrong})
        assert answer.status_code == 422 and "That is no period" in answer.text and "<script>alert" not in answer.text
        assert manager.get("/indicators.csv", params={"period": wrong}).status_code == 404
    for edge in ("1990", "1990-01", "1990-Q1", "2200", "2200-12"):
        for path in ("/indicators", "/indicators/cases", "/indicators.csv"):
            assert manager.get(path, params={"period": edge}).status_code == 200
    hostile = manager.get("/indicators", params={"type": "<img src=x>", "theme": "=1+1", "department": "x" * 500})
    assert hostile.status_code == 200 and "<img" not in hostile.text.split("<main")[1]


def test_the_export_is_kept_in_the_audit_log(services, manager):
    answer = manager.get(f"/indicators.csv?period={YEAR}")
    assert (
        answer.headers["content-type"].startswith("text/csv") and "attachment" in answer.headers["content-disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    told = {(row["by"], row["value"], row["what"]): (row["number"], row["n"]) for row in rows}
    assert told["all", "", "fulfilment"] == ("0.6667", "3") and told["all", "", "refused"] == ("1", "3")
    assert told["type", "copy", "handling"] == ("0.0", "2")
    noted = services.desk.audit.rows(what="data.export").rows
    assert ("boss", f"/indicators?period={YEAR}") in [(row.actor, row.subject) for row in noted]


def test_others_see_no_numbers(services, receipts):
    services.desk.accounts.add("window", PASSWORD, "window_clerk")
    for name in ("chen", "window"):
        browser = signed_in(services, name)
        for path in ("/indicators", "/indicators/cases", "/indicators.csv"):
            assert browser.get(path).status_code == 404
        assert 'href="/indicators"' not in browser.get("/about").text
    assert client_of(services).get("/indicators").headers["location"].startswith("/login")


@pytest.mark.parametrize(("language", "words"), [("zh-Hans", "满足率"), ("zh-Hant", "滿足率")])
def test_in_chinese(manager, language, words):
    page = manager.get("/indicators", headers={"accept-language": language}).text
    assert words in page and not re.search(r">\s*(Fulfilment|Median|Weak points|Show)\b", page)
    page = manager.get("/indicators/cases?of=all", headers={"accept-language": language}).text
    assert not re.search(r">\s*(Receipt code|Begun|Closed)\b", page)


def test_the_charts_are_positions_within_their_frames():
    groups = [
        Group("copy", {}, Spread(3, 2.0, 7.0, 1), Limit(working_days=5)),
        Group("emergency", {}, Spread(1, 0.0, 0.0, 0), Limit(hours=2)),
        Group("query", {}, Spread(0), Limit(working_days=5)),
    ]
    chart = handling_chart(groups, str)
    assert chart is not None and [row["value"] for row in chart["rows"]] == ["copy", "emergency"]
    assert chart["rows"][1]["promised"] is None and chart["rows"][0]["width"] > 0
    assert (
        all(0 <= x <= chart["width"] for x, _ in chart["ticks"]) and next(label for _, label in chart["ticks"]) == "0"
    )
    assert handling_chart(groups[2:], str) is None
    assert course_line([None, 1.0]) is None and course_line([]) is None
    assert course_line([1.0, None, 3.0]) == "0.0,44.0 220.0,4.0"


# Ratings


def send(browser, receipt, path=None, **fields):
    token = token_in(
        browser.get("/login").text if browser.get("/login").status_code == 200 else browser.get("/about").text
    )
    return browser.post(path or f"/s/{receipt.receipt}/rating", data={"csrf": token, **fields})


def unlocked(services, receipt):
    browser = client_of(services)
    token = token_in(browser.get("/s/").text)
    browser.post("/s/", data={"csrf": token, "receipt": receipt.receipt, "secret": receipt.secret})
    return browser


def part(services, receipt, browser_secret, query=b""):
    """What the page of the request shows of it, as its handler would put it in."""
    set_current(services)
    scope = {"type": "http", "method": "GET", "path": "/s/x", "query_string": query, "headers": [], "server": ("t", 80)}
    request = Request({**scope, "state": {"language": "en", "visitor": "v" * 32}})
    found = rating_of(request, receipt.receipt, browser_secret, None)
    words = {"t": lambda text, **values: text.format(**values), "term": lambda group, code: f"{group}.{code}"}
    draw = environment().get_template("rating_part.html")
    return draw.render(rating=found, status=receipt, csrf="c", day=str, paths=paths, **words)


def test_a_reader_rates_from_the_page_of_the_request(services, receipts):
    mine = receipts[1]
    shown = part(services, mine, mine.secret)
    assert "How was the answer?" in shown and shown.count('type="radio"') == 5 and "checked" not in shown
    assert part(services, mine, "wrong").strip() == "" and part(services, receipts[3], receipts[3].secret).strip() == ""
    browser = unlocked(services, mine)
    assert "How was the answer?" in browser.get(f"/s/{mine.receipt}").text
    assert send(browser, mine).headers["location"].endswith("?rated=choose#rating")
    answer = send(browser, mine, stars="4", words="<b>gut</b>")
    assert answer.status_code == 303 and answer.headers["location"] == f"/s/{mine.receipt}?rated=thanks#rating"
    shown = part(services, mine, mine.secret, b"rated=thanks")
    assert "rating.4" in shown and "&lt;b&gt;gut" in shown and "Thank you" in shown and "Change it" in shown
    assert send(browser, receipts[2], stars="5").status_code == 404
    assert send(client_of(services), mine, stars="5").status_code == 404
    assert services.desk.ratings.of(mine.receipt, secret=mine.secret).stars == 4


def test_a_clerk_takes_a_rating_down_and_sees_none(services, receipts):
    clerk = signed_in(services, "lin")
    refused, rated, still_open = receipts[2], receipts[0], receipts[3]
    assert "How was the answer?" in clerk.get(f"/ratings/{refused.receipt}").text
    assert f'href="/ratings/{refused.receipt}"' in clerk.get(paths.case(refused.receipt)).text
    for other in (rated, still_open):
        page = clerk.get(f"/ratings/{other.receipt}").text
        assert "cannot be rated" in page and "radio" not in page and "Dissatisfied" not in page
    path = f"/ratings/{refused.receipt}"
    assert send(clerk, refused, path).status_code == 422
    assert "The rating is kept." in send(clerk, refused, path, stars="3").text
    assert send(clerk, refused, path, stars="1").status_code == 409
    assert clerk.get("/ratings/2222-2222").status_code == 404
    assert send(clerk, refused, "/ratings/2222-2222", stars="3").status_code == 404
    assert signed_in(services, "chen").get(path).status_code == 404
