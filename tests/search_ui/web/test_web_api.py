"""The HTTP API: the contract's shapes, its errors, its limits, and that it tells nobody more than the screens do."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from indexer.fields import FACETS
from search_ui.limits import MAX_BODY, too_deep
from tests.search_ui.web.house import (
    CLOSED_ID,
    LAND_ID,
    MANY,
    MANY_ID,
    ODD_ID,
    PARTY_ID,
    REGISTERED_ID,
    SECRET_ID,
    UNKNOWN_ID,
    Items,
    client_of,
    open_house,
)

API = "/api/v1"
REQUEST = {
    "resource_id": LAND_ID,
    "type": "copy",
    "name": "Ms Chen",
    "contact": "chen@example.org",
    "note": "page 2",
    "query": "石碇",
    "rank": 1,
}


def problem(answer: object) -> dict[str, object]:
    """The body of an error, once it is a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text  # type: ignore[attr-defined]
    body: dict[str, object] = answer.json()  # type: ignore[attr-defined]
    assert body["status"] == answer.status_code  # type: ignore[attr-defined]
    return body


def test_search_answers_in_the_shape_of_the_contract(browser: TestClient) -> None:
    body = browser.get(f"{API}/search", params={"q": "石碇乡", "size": 1}).json()
    assert {"query", "interpretation", "total", "took_ms", "hits", "facets"} <= set(body)
    assert body["interpretation"]["words"] and body["hits"][0]["id"] == LAND_ID
    assert set(body["facets"]) == set(FACETS)
    assert body["facets"]["kind"][0].keys() == {"value", "label", "count"}


def test_a_facet_is_searched_in_any_script(browser: TestClient) -> None:
    known = browser.get(f"{API}/facets/holder", params={"q": "*"}).json()
    assert known and known[0].keys() == {"value", "label", "count"}
    some = known[0]["value"]
    found = browser.get(f"{API}/facets/holder", params={"q": "*", "value": some.upper()}).json()
    assert found[0] == known[0]
    assert browser.get(f"{API}/facets/holder", params={"q": "*", "value": "zzzz"}).json() == []
    assert "nonsense" in str(problem(browser.get(f"{API}/facets/nonsense"))["detail"])


def test_filters_of_one_field_widen_and_of_two_narrow(browser: TestClient) -> None:
    def total(*filters: str) -> int:
        return int(
            browser.get(f"{API}/search", params=[("q", "*"), *(("filter", each) for each in filters)]).json()["total"]
        )

    assert total("level:item", "level:fonds") == total("level:item") + total("level:fonds")
    assert total("level:item", "kind:thematic") == 1


def test_similar_records(browser: TestClient) -> None:
    body = browser.get(f"{API}/resources/{PARTY_ID}/similar").json()
    assert body["id"] == PARTY_ID
    assert all(item["reasons"] and item["id"] not in (PARTY_ID, SECRET_ID) for item in body["items"])
    hidden, absent = (browser.get(f"{API}/resources/{one}/similar") for one in (SECRET_ID, UNKNOWN_ID))
    assert hidden.status_code == absent.status_code == 404 and hidden.json() == absent.json()


def test_folded_and_grouped(browser: TestClient) -> None:
    folded = browser.get(f"{API}/search", params={"q": "letter", "fold": "1"}).json()
    assert (folded["total"], folded["folded"], len(folded["hits"])) == (MANY + 1, MANY - 1, 2)
    more = next(hit["more"] for hit in folded["hits"] if hit["more"])
    assert (more["count"], more["parent"]) == (MANY - 1, {"id": MANY_ID, "title": "Many letters"})
    (group,) = browser.get(f"{API}/search", params={"q": "letter", "group": "fonds"}).json()["groups"]
    assert (group["fonds"]["id"], group["count"], len(group["hits"])) == (MANY_ID, MANY + 1, 3)


@pytest.mark.parametrize("offset", [10**6, 10**9])
def test_beyond_the_last_page_is_nothing(browser: TestClient, offset: int) -> None:
    body = browser.get(f"{API}/search", params={"q": "letter", "offset": offset}).json()
    assert (body["total"], body["hits"]) == (MANY + 1, [])


def test_every_way_to_ask_is_understood(browser: TestClient) -> None:
    asked = {"q": "letter", "in": "ead:many", "plain": ["all"], "synonyms": "0", "fold": "1", "group": "fonds"}
    body = browser.get(f"{API}/search", params=asked).json()
    assert body["interpretation"]["within"]["title"] == "Many letters"
    assert body["total"] == MANY + 1
    assert browser.get(f"{API}/search", params={**asked, "in": "ead:nothing"}).json()["total"] == 0


BAD_SEARCHES = {
    "unknown group": ({"group": "holder"}, "group"),
    "neither folded nor not": ({"fold": "perhaps"}, "fold"),
    "too many readings taken back": ({"plain": ["x"] * 51}, "plain"),
    "below something endless": ({"in": "x" * 501}, "in"),
    "unknown field": ({"filter": "colour:red"}, "filter"),
    "filter without a value": ({"filter": "kind"}, "filter"),
    "year in words": ({"from": "last year"}, "from"),
    "year out of range": ({"to": "99999"}, "to"),
    "unknown order": ({"sort": "price"}, "sort"),
    "too many at once": ({"size": "201"}, "size"),
    "negative": ({"offset": "-1"}, "offset"),
    "too long": ({"q": "x" * 1001}, "q"),
    "years backwards": ({"from": "1950", "to": "1940"}, "from"),
}


@pytest.mark.parametrize("name", BAD_SEARCHES)
def test_a_search_that_cannot_be_names_the_parameter(browser: TestClient, name: str) -> None:
    parameters, field = BAD_SEARCHES[name]
    answer = browser.get(f"{API}/search", params=parameters)
    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["field"] == field  # type: ignore[index]


def test_a_resource_by_id_and_by_source_id(browser: TestClient) -> None:
    whole = browser.get(f"{API}/resources/{LAND_ID}").json()
    assert {"description", "holdings", "copies", "entries", "names", "children_total", "links"} <= set(whole)
    assert whole["copies"][0]["pages_url"].startswith(f"{API}/resources/{LAND_ID}/pages/")
    for name in ("list:z013-005", "scans:scan-005", "east:a/b.xml#c1"):
        found = browser.get(f"{API}/resources/{quote(name, safe='')}").json()
        assert found["id"] in (LAND_ID, ODD_ID)


@pytest.mark.parametrize("unknown", [UNKNOWN_ID, SECRET_ID, "list:secret", "nothing:here", "x/pages/1"])
def test_unknown_and_forbidden_resources_look_the_same(browser: TestClient, unknown: str) -> None:
    answer = browser.get(f"{API}/resources/{quote(unknown, safe='')}")
    assert answer.status_code == 404
    assert problem(answer) == problem(browser.get(f"{API}/resources/{UNKNOWN_ID}"))


def test_staff_data_reaches_staff_only(browser: TestClient, staff: TestClient) -> None:
    public, internal = browser.get(f"{API}/resources/{LAND_ID}").text, staff.get(f"{API}/resources/{LAND_ID}").text
    for secret in ("STAFF-NOTE", "STACK-4", "BC-77"):
        assert secret not in public and secret in internal
    assert staff.get(f"{API}/resources/{SECRET_ID}").status_code == 200


def test_a_page_with_its_words_and_boxes(browser: TestClient) -> None:
    body = browser.get(f"{API}/resources/{LAND_ID}/pages/2", params={"q": "石碇鄉"}).json()
    words = [word for line in body["lines"] for word in line]
    assert [word["text"] for word in words if word["match"]] == ["石碇鄉"]
    assert set(words[1]) == {"text", "x", "y", "w", "h", "match"}
    assert words[0]["hit"] == 1 and body["hits"] == 1
    assert browser.get(f"{API}/resources/{LAND_ID}/pages/3").status_code == 404


def test_the_pages_of_a_volume_that_match(browser: TestClient) -> None:
    body = browser.get(f"{API}/resources/{LAND_ID}/pages", params={"q": "石碇乡"}).json()
    marked = "<mark>石碇鄉</mark> 公所 railway"
    assert body == {"total": 1, "items": [{"number": 2, "label": "2r", "times": 1, "highlights": [marked]}]}
    assert browser.get(f"{API}/resources/{LAND_ID}/pages", params={"q": "石碇乡", "offset": 1}).json()["items"] == []
    assert browser.get(f"{API}/resources/{SECRET_ID}/pages", params={"q": "x"}).status_code == 404
    assert browser.get(f"{API}/resources/{LAND_ID}/pages", params={"limit": 0}).status_code == 422


def test_images_come_with_the_right_asked_each_time(browser: TestClient, reader: TestClient) -> None:
    answer = browser.get(f"{API}/resources/{LAND_ID}/pages/1/image")
    assert answer.headers["content-type"] == "image/png" and answer.content.startswith(b"\x89PNG")
    assert "private" in answer.headers["cache-control"]
    small = browser.get(f"{API}/resources/{LAND_ID}/pages/1/image", params={"w": 120})
    assert small.headers["content-type"] == "image/jpeg" and len(small.content) < len(answer.content) * 10
    assert problem(browser.get(f"{API}/resources/{LAND_ID}/pages/1/image", params={"w": 121}))["status"] == 422
    assert browser.get(f"{API}/resources/{REGISTERED_ID}/pages/1").status_code == 404
    assert reader.get(f"{API}/resources/{REGISTERED_ID}/pages/1").status_code == 200


def test_children_in_pages(browser: TestClient) -> None:
    body = browser.get(f"{API}/resources/{MANY_ID}/children", params={"offset": 120}).json()
    assert body["total"] == MANY and [item["title"] for item in body["items"]] == [
        f"Letter {n}" for n in range(121, MANY + 1)
    ]


def test_a_request_opens_with_its_secret_only(browser: TestClient, services: object) -> None:
    filed = browser.post(f"{API}/requests", json=REQUEST)
    assert filed.status_code == 201
    receipt, secret = filed.json()["receipt"], filed.json()["secret"]
    assert filed.json()["status"] == "accepted"
    address = f"{API}/requests/{receipt}"
    assert browser.get(address).status_code == 404
    assert browser.get(address, headers={"X-Request-Secret": "wrong"}).status_code == 404
    body = browser.get(address, headers={"X-Request-Secret": secret}).json()
    assert body["receipt"] == receipt and body["events"][0].keys() >= {"at", "what", "text"}
    assert problem(browser.get(address)) == problem(browser.get(f"{API}/requests/NO-SUCH-CODE"))


def test_an_account_reads_its_own_requests_without_the_secret(reader: TestClient, browser: TestClient) -> None:
    receipt = reader.post(f"{API}/requests", json=REQUEST).json()["receipt"]
    assert reader.get(f"{API}/requests/{receipt}").status_code == 200
    assert browser.get(f"{API}/requests/{receipt}").status_code == 404


BAD_REQUESTS = {
    "no resource": ({**REQUEST, "resource_id": None}, 422, "resource_id"),
    "unknown type": ({**REQUEST, "type": "steal"}, 422, "type"),
    "no name": ({key: value for key, value in REQUEST.items() if key != "name"}, 422, "name"),
    "blank contact": ({**REQUEST, "contact": "  "}, 422, "contact"),
    "rank in words": ({**REQUEST, "rank": "first"}, 422, "rank"),
    "unknown field": ({**REQUEST, "colour": "red"}, 422, "colour"),
    "long note": ({**REQUEST, "note": "x" * 10_001}, 422, "note"),
    "unknown resource": ({**REQUEST, "resource_id": UNKNOWN_ID}, 404, None),
    "forbidden resource": ({**REQUEST, "resource_id": SECRET_ID}, 404, None),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_names_the_field(browser: TestClient, name: str) -> None:
    body, status, field = BAD_REQUESTS[name]
    answer = browser.post(f"{API}/requests", json=body)
    assert answer.status_code == status
    if field:
        assert problem(answer)["errors"][0]["field"] == field  # type: ignore[index]


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(browser: TestClient, body: bytes) -> None:
    answer = browser.post(f"{API}/requests", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    problem(answer)


def test_bodies_are_bounded_in_size_and_depth(browser: TestClient) -> None:
    headers = {"content-type": "application/json"}
    assert browser.post(f"{API}/requests", content=b"[" * 100_000, headers=headers).status_code == 413
    assert browser.post(f"{API}/requests", content=b"[" * 10_000, headers=headers).status_code == 422
    assert browser.post(f"{API}/requests", content=b" " * (MAX_BODY + 1), headers=headers).status_code == 413
    chunks = (b" " * 1000 for _ in range(100))
    assert browser.post(f"{API}/requests", content=chunks, headers=headers).status_code == 413


def test_depth_is_counted_as_brackets_open() -> None:
    assert not too_deep(json.dumps({"a": [{"b": []}]}).encode())
    assert too_deep(b"[" * 17)


def test_feedback_is_kept_with_query_and_rank(browser: TestClient, staff: TestClient) -> None:
    word = {"resource_id": LAND_ID, "kind": "wrong", "note": "year", "query": "石碇", "rank": 3}
    assert browser.post(f"{API}/feedback", json=word).status_code == 201
    kept = staff.get(f"{API}/staff/feedback").json()["rows"][0]
    assert (kept["kind"], kept["query"], kept["rank"], kept["index_version"]) == ("wrong", "石碇", 3, "7")
    assert browser.post(f"{API}/feedback", json={**word, "kind": "rude"}).status_code == 422
    assert browser.post(f"{API}/feedback", json={**word, "resource_id": SECRET_ID}).status_code == 404


STAFF_READS = ["/staff/inbox", "/staff/feedback", "/staff/requests/X"]


@pytest.mark.parametrize("path", STAFF_READS)
def test_staff_routes_need_staff(browser: TestClient, reader: TestClient, path: str) -> None:
    assert browser.get(API + path).status_code == 401
    assert reader.get(API + path).status_code == 403
    problem(reader.get(API + path))


def test_staff_take_and_answer_with_the_token_of_their_session(browser: TestClient, staff: TestClient) -> None:
    filed = browser.post(f"{API}/requests", json=REQUEST).json()
    case = f"{API}/staff/requests/{filed['receipt']}"
    token = {"X-CSRF-Token": staff.get(f"{API}/session").json()["csrf_token"]}
    assert staff.post(f"{case}/take").status_code == 403
    assert staff.post(f"{case}/take", headers={"X-CSRF-Token": "wrong"}).status_code == 403
    assert staff.post(f"{case}/take", headers={**token, "origin": "https://evil.example"}).status_code == 403
    taken = staff.post(f"{case}/take", headers=token, json={"seen": 2}).json()
    assert (taken["status"], taken["handler"]) == ("accepted", "lin")
    assert staff.post(f"{case}/take", headers=token).status_code == 409
    assert staff.post(f"{case}/answer", headers=token, json={"text": "Here it is."}).json()["status"] == "delivered"
    seen = browser.get(f"{API}/requests/{filed['receipt']}", headers={"X-Request-Secret": filed["secret"]}).json()
    assert seen["status"] == "delivered" and "Here it is." in [event["text"] for event in seen["events"]]
    assert "lin" not in json.dumps(seen)


def test_staff_refuse_with_a_reason(browser: TestClient, staff: TestClient, reader: TestClient) -> None:
    filed = browser.post(f"{API}/requests", json=REQUEST).json()
    case = f"{API}/staff/requests/{filed['receipt']}"
    token = {"X-CSRF-Token": staff.get(f"{API}/session").json()["csrf_token"]}
    assert problem(staff.post(f"{case}/refuse", headers=token, json={"reason": ""}))["errors"][0]["field"] == "reason"  # type: ignore[index]
    own = {"X-CSRF-Token": reader.get(f"{API}/session").json()["csrf_token"]}
    assert reader.post(f"{case}/refuse", headers=own, json={"reason": "no"}).status_code == 403
    bare = problem(staff.post(f"{case}/refuse", headers=token, json={"reason": "Closed.", "alternative": " "}))
    assert bare["status"] == 422 and bare["errors"][0]["field"] == "alternative"  # type: ignore[index]
    none = {"reason": "Closed.", "nothing_instead": "There is one copy."}
    refused = staff.post(f"{case}/refuse", headers=token, json=none)
    assert refused.status_code == 200
    assert [file["media_type"] for file in refused.json()["files"]] == ["application/pdf"], "the letter"
    told = browser.get(f"{API}/requests/{filed['receipt']}", headers={"X-Request-Secret": filed["secret"]})
    assert "There is one copy." in told.text


def test_staff_act_by_the_name_of_the_act(browser: TestClient, staff: TestClient, reader: TestClient) -> None:
    filed = browser.post(f"{API}/requests", json=REQUEST).json()
    case = f"{API}/staff/requests/{filed['receipt']}"
    token = {"X-CSRF-Token": staff.get(f"{API}/session").json()["csrf_token"]}
    lines = [{"what": "scan", "count": 3, "price": 150}]
    quoted = staff.post(f"{case}/acts/quote?seen=2", headers=token, json={"lines": lines}).json()
    assert (quoted["status"], quoted["handler"]) == ("quoted", "lin")
    late = staff.post(f"{case}/acts/agree?seen=2", headers=token, json={})
    assert late.status_code == 409 and "changed since" in problem(late)["detail"]
    assert staff.post(f"{case}/acts/dance", headers=token, json={}).status_code == 404
    wrong = problem(staff.post(f"{case}/acts/extend", headers=token, json={"days": 0, "text": "x"}))
    assert [each["field"] for each in wrong["errors"]] == ["days"]  # type: ignore[attr-defined]
    assert {"name": "lin", "display_name": "林曉"} in staff.get(f"{case}/colleagues").json()
    assert reader.get(f"{case}/colleagues").status_code == 403
    described = browser.get(f"{API}/openapi.json").json()["paths"]["/staff/requests/{receipt}/acts/quote"]["post"]
    assert described["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/QuoteForm")


def test_the_inbox_is_narrowed_and_paged(browser: TestClient, staff: TestClient) -> None:
    for number in range(3):
        browser.post(f"{API}/requests", json={**REQUEST, "name": f"Narrow {number}"})
    first = staff.get(f"{API}/staff/inbox?find=Narrow&size=2&type=copy&handler=-").json()
    assert (len(first["rows"]), first["total"], first["previous"]) == (2, 3, None)
    then = staff.get(f"{API}/staff/inbox", params={"find": "Narrow", "size": 2, "at": first["next"]}).json()
    assert len(then["rows"]) == 1 and then["next"] is None
    assert staff.get(f"{API}/staff/inbox?find=Narrow&type=loan").json()["total"] == 0
    assert staff.get(f"{API}/staff/inbox?at=x").status_code == 422


def test_health_and_documentation(browser: TestClient) -> None:
    assert browser.get(f"{API}/health").json() == {"status": "ok", "search": "ok", "desk": "ok"}
    page = browser.get(f"{API}/docs")
    assert page.status_code == 200 and "/resources/{id}" in page.text and "resource_id" in page.text
    assert "https://" not in page.text.split("<main", 1)[1].split("</main>", 1)[0]
    assert browser.get(f"{API}/openapi.json").json()["info"]["title"] == "onestop"


def test_unknown_routes_and_methods_are_problems(browser: TestClient) -> None:
    assert problem(browser.get(f"{API}/nothing"))["status"] == 404
    assert problem(browser.put(f"{API}/search"))["status"] == 405


def test_sixty_calls_a_minute_then_wait(tmp_path: Path) -> None:
    services = open_house(tmp_path, Items(), calls_per_minute=60)
    browser = client_of(services)
    answers = [browser.get(f"{API}/search", params={"size": 0}).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    refused = browser.get(f"{API}/resources/{CLOSED_ID}")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert problem(refused)["status"] == 429
    assert browser.get(f"{API}/health").status_code == 200
    services.desk.close()
