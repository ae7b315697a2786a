"""Answers with files by the API: taken as on the page of a case, with its bounds, its kinds and its rights."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from search_ui import answer_files
from search_ui.api import attaching
from search_ui.services import Services
from service_desk.forms import RequestForm
from service_desk.ratelimit import RateLimit
from service_desk.sniffing import MAX_BYTES
from tests.search_ui.web.house import LAND_ID, browser_of, client_of

PDF = ("卷.pdf", b"%PDF-1.7 the answer", "text/html")
TEXT = ("notes.txt", "摘录".encode(), "application/octet-stream")


@pytest.fixture(autouse=True)
def fresh_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_files, "_FILES", RateLimit(answer_files.FILES_A_MINUTE))


@pytest.fixture
def filed(services: Services) -> Any:
    form = RequestForm(resource_id=LAND_ID, type="copy", name="Ada", contact="ada@example.org", note="all of it")
    return services.desk.filing.submit(form, services.desk.accounts.viewer("chen"), None)


def sent(browser: TestClient, receipt: str, act: str, *files: Any, field: str = "files", **fields: str) -> Any:
    token = browser.get("/api/v1/session").json()["csrf_token"] or ""
    address = f"/api/v1/staff/requests/{receipt}/{act}/files"
    given = [(field, file) for file in files]
    return browser.post(address, data=fields, files=given, headers={"x-csrf-token": token})


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json", answer.text
    return [each["field"] for each in answer.json()["errors"]]


def test_an_answer_with_files_reaches_its_reader(staff: TestClient, services: Services, filed: Any) -> None:
    answer = sent(staff, filed.receipt, "answer", PDF, TEXT, text="Here it is")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "delivered"
    assert [(one["name"], one["media_type"]) for one in answer.json()["files"]] == [
        ("卷.pdf", "application/pdf"),
        ("notes.txt", "text/plain"),
    ]
    secret = {"x-request-secret": filed.secret}
    found = client_of(services).get(f"/api/v1/requests/{filed.receipt}/files/1", headers=secret)
    assert found.content == PDF[1] and found.headers["content-type"] == "application/pdf"
    assert sent(staff, filed.receipt, "answer", PDF, text="again").status_code == 409


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("acts/answer_part", {"text": "half of it"}, "partly_delivered"),
        ("acts/make_ready", {"how": "file"}, "ready"),
    ],
)
def test_the_other_acts_that_files_go_with(
    staff: TestClient, filed: Any, act: str, fields: dict[str, str], status: str
) -> None:
    answer = sent(staff, filed.receipt, act, PDF, **fields)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == status and answer.json()["files"][0]["name"] == "卷.pdf"


@pytest.mark.parametrize(
    "files",
    [
        [("a.pdf", b"MZ not a pdf", "application/pdf")],
        [("a.exe", b"MZ", "application/pdf")],
        [("a.html", b"<script>", "text/html")],
        [PDF, ("empty.pdf", b"", "application/pdf")],
        [PDF] * 21,
        [],
    ],
    ids=["no pdf", "a program", "a page", "an empty one", "too many", "none"],
)
def test_what_is_not_taken_is_told_and_nothing_is_done(staff: TestClient, filed: Any, files: list[Any]) -> None:
    assert errors(sent(staff, filed.receipt, "answer", *files, text="x")) == ["files"]
    case = staff.get(f"/api/v1/staff/requests/{filed.receipt}").json()
    assert case["files"] == [] and case["status"] not in ("delivered", "ready")


def test_too_large_is_not_read(staff: TestClient, filed: Any) -> None:
    over = ("a.pdf", b"%PDF-" + b"x" * MAX_BYTES, "application/pdf")
    assert errors(sent(staff, filed.receipt, "answer", over, text="x")) == ["files"]
    more = ("a.pdf", b"%PDF-" + b"x" * attaching.WITH_FILES, "application/pdf")
    assert sent(staff, filed.receipt, "answer", more, text="x").status_code == 413


@pytest.mark.parametrize("who", [None, "chen"])
def test_whoever_may_not_answer_sends_nothing_large(services: Services, filed: Any, who: str | None) -> None:
    browser = browser_of(services, who)
    large = ("a.pdf", b"%PDF-" + b"x" * 100_000, "application/pdf")
    assert sent(browser, filed.receipt, "answer", large, text="x").status_code == 413
    assert sent(browser, filed.receipt, "answer", PDF, text="x").status_code in (401, 403)


def test_without_the_token_of_the_session_nothing_is_done(staff: TestClient, filed: Any) -> None:
    address = f"/api/v1/staff/requests/{filed.receipt}/answer/files"
    assert staff.post(address, data={"text": "x"}, files={"files": PDF}).status_code == 403


def test_so_many_a_minute(staff: TestClient, filed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and API count together."""
    monkeypatch.setattr(answer_files, "_FILES", RateLimit(1))
    answer = sent(staff, filed.receipt, "answer", PDF, TEXT, text="x")
    assert answer.status_code == 429 and answer.headers["retry-after"]


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n\x00\xff", b"--x--", b"[" * 1000])
def test_what_is_no_form_is_told(staff: TestClient, filed: Any, body: bytes) -> None:
    token = staff.get("/api/v1/session").json()["csrf_token"]
    address = f"/api/v1/staff/requests/{filed.receipt}/answer/files"
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "application/json", "text/plain"):
        answer = staff.post(address, content=body, headers={"x-csrf-token": token, "content-type": kind})
        assert answer.status_code == 422, (kind, answer.status_code)


def test_the_documents_of_the_api_say_it(browser: TestClient) -> None:
    schema = browser.get("/api/v1/openapi.json").json()
    body = schema["paths"]["/staff/requests/{receipt}/answer/files"]["post"]["requestBody"]["content"]
    fields = body["multipart/form-data"]["schema"]["properties"]
    assert {"text", "keep", "files"} <= fields.keys()
    page = browser.get("/api/v1/docs").text
    assert "/answer/files" in page and "their bytes say what they are" in page
