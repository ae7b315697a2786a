"""A list looked up at the counter, findings written down, a certificate issued and given; and who may not."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from starlette.testclient import TestClient

from mappings.access import ANONYMOUS, Viewer
from search_ui.services import Services
from search_ui.web.looked_up import NoSheet, first_column, lines_of
from service_desk.forms import RequestForm
from tests.search_ui.web.house import LAND_ID, client_of, token_in
from tests.search_ui.web.test_web_following import unlocked
from tests.search_ui.web.test_web_printing import text_of

STAFF = Viewer("lin", frozenset({"staff"}))
NAMES = "Z013-1-001-005\n登記簿\n\n王五九\n登記簿"


@pytest.fixture
def filed(services: Services) -> tuple[str, str]:
    form = RequestForm(
        resource_id=LAND_ID,
        type="question",
        note="石碇小段 29 号",
        name="王小明",
        contact="w@example.org",
        language="zh-Hans",
    )
    receipt = services.desk.filing.submit(form, ANONYMOUS)
    return receipt.receipt, receipt.secret


def looked_up(staff: TestClient, receipt: str, text: str = NAMES, sheet: tuple[str, bytes] | None = None) -> str:
    token = token_in(staff.get(f"/counter-search?receipt={receipt}").text)
    data = {"csrf": token, "receipt": receipt, "list": text}
    answer = staff.post("/counter-search", data=data, files={"sheet": sheet} if sheet else {})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def picked(page: str) -> dict[str, str]:
    """Every record ticked, with the words that are offered for quoting."""
    passages = dict(re.findall(r'<textarea name="(passage-[\d-]+)"[^>]*>([^<]*)<', page))
    pages = dict(re.findall(r'name="(page-[\d-]+)" value="(\d+)"', page))
    return dict(re.findall(r'name="(pick-[\d-]+)" value="([^"]+)"', page)) | passages | pages


def written_down(staff: TestClient, receipt: str) -> str:
    """The page of the draft, once the list was looked up and everything ticked."""
    page = looked_up(staff, receipt)
    data = {"csrf": token_in(page), "receipt": receipt, "nothing": "王五九", "tell-nothing": "1", **picked(page)}
    answer = staff.post("/counter-search/findings", data=data)
    assert answer.status_code == 303, answer.text
    return str(staff.get(answer.headers["location"]).text)


def typed(page: str) -> dict[str, str]:
    """What stands in the form of the draft."""
    inputs = dict(re.findall(r'<input(?: type="hidden")?[^>]*? name="([\w-]+)"[^>]*? value="([^"]*)"', page))
    areas = dict(re.findall(r'<textarea id="[\w-]+" name="([\w-]+)"[^>]*>([^<]*)</textarea>', page))
    return {name: value for name, value in (inputs | areas).items() if not name.startswith(("drop", "compared"))}


def test_each_line_is_looked_up_with_its_evidence(staff: TestClient, filed: tuple[str, str]) -> None:
    page = looked_up(staff, filed[0])
    assert "3 lines" in page and "nothing found for 1" in page and "Nothing found." in page
    assert "this reference code" in page and "<mark>登記簿</mark>" in page
    assert f"/view/{LAND_ID}?page=1&amp;q=" in page and page.count('name="pick-') == 2


def test_a_sheet_is_a_list_too() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (("王五", "x"), ("登記簿", "y"), (None, "z"), (1936, "")):
        book.active.append(row)
    book.save(out)
    assert first_column("a.xlsx", out.getvalue()) == ["王五", "登記簿", "1936"]
    assert first_column("a.csv", "姓名,年\n王五,1936\n李六,1937".encode("gb18030")) == ["姓名", "王五", "李六"]
    assert first_column("a.csv", '\ufeff"王, 五",1\n'.encode()) == ["王, 五"]
    for bad in (b"PK\x03\x04 no book", b"\x00\x01", b"x" * (2 * 2**20 + 1)):
        with pytest.raises(NoSheet):
            first_column("a", bad)
    assert lines_of(" a \n\nb\x07\na") == ["a", "b"]


def test_a_sheet_is_uploaded_and_what_is_none_is_told(staff: TestClient, filed: tuple[str, str]) -> None:
    page = looked_up(staff, filed[0], "", ("names.csv", "登記簿\n王五九".encode()))
    assert "2 lines" in page
    data = {"csrf": token_in(page), "receipt": filed[0], "list": ""}
    assert staff.post("/counter-search", data=data, files={"sheet": ("a.xlsx", b"PK\x03\x04no")}).status_code == 422
    assert staff.post("/counter-search", data=data | {"list": "\n".join(map(str, range(201)))}).status_code == 422
    assert staff.post("/counter-search", data=data).status_code == 422


def test_what_is_ticked_becomes_a_certificate_and_the_answer(
    services: Services, staff: TestClient, browser: TestClient, reader: TestClient, filed: tuple[str, str]
) -> None:
    receipt, base = filed[0], f"/staff/requests/{filed[0]}"
    page = written_down(staff, receipt)
    form = typed(page)
    assert form["title-1"].startswith("關於新北市") and form["passage-2"] == "土地 贈與 登記簿"
    assert "Z013-1-001-005" in form["citation-2"] and "第 1 页" in form["citation-2"]
    assert form["statement"] == "未查得有关记载：王五九" and form["person"] == "王小明"
    form |= {
        "kind": "certificate",
        "passage-2": "土地 贈與 登記簿（摘）",
        "purpose": "办理登记",
        "text": "随信附上证明。",
    }
    preview = staff.post(f"{base}/findings", data=form | {"do": "preview"})
    assert preview.content[:5] == b"%PDF-"
    assert services.desk.documents.of(receipt, STAFF) == []
    assert staff.post(f"{base}/findings", data=form | {"do": "answer"}).status_code == 422  # not compared
    stale = staff.post(f"{base}/findings", data=form | {"do": "answer", "compared": "1", "seen": "0"})
    assert stale.status_code == 409 and services.desk.documents.of(receipt, STAFF) == []
    done = staff.post(f"{base}/findings", data=form | {"do": "answer", "compared": "1"})
    assert done.status_code == 303, done.text
    [issued] = services.desk.documents.of(receipt, STAFF)
    case = services.desk.requests.case(receipt, STAFF)
    assert case.status == "delivered" and [file.name for file in case.files] == ["查档证明.pdf"]
    follows = unlocked(browser, *filed)
    assert "查档证明.pdf" in follows.get(f"/s/{receipt}").text
    pdf = follows.get(f"/s/{receipt}/files/1").content
    text = text_of(pdf)
    for said in ("查档证明", issued.number, "王小明", "办理登记", "土地贈與登記簿（摘）", "未查得有关记载：王五九"):
        assert said in text, said
    code = re.search(r"核验码([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", text)
    assert code and services.desk.documents.verify(issued.number, code[1]).kind == "certificate"
    assert typed(staff.get(f"{base}/findings").text).get("title-1") == ""  # the draft is gone
    for stranger in (reader, client_of(services)):
        assert stranger.get(f"/s/{receipt}/files/1").status_code == 404


def test_a_report_written_by_hand_waits_at_the_window(
    services: Services, staff: TestClient, filed: tuple[str, str]
) -> None:
    receipt, base = filed[0], f"/staff/requests/{filed[0]}"
    services.desk.cases.act(receipt, "search", {}, STAFF)
    form = typed(staff.get(f"{base}/findings").text)
    form |= {"title-1": "粵漢鐵路購地卷", "reference_code-1": "J12-3", "passage-1": "第 214 頁", "compared": "1"}
    kept = staff.post(f"{base}/findings", data=form | {"do": "keep"})
    assert kept.status_code == 303 and "粵漢鐵路購地卷" in staff.get(f"{base}/findings").text
    done = staff.post(f"{base}/findings", data=form | {"do": "make_ready"})
    assert done.status_code == 303, done.text
    case = services.desk.requests.case(receipt, STAFF)
    [issued] = services.desk.documents.of(receipt, STAFF)
    assert case.status == "ready" and issued.kind == "report" and len(case.files) == 1
    assert "findings" in staff.get(base).text and issued.number in staff.get(base).text


def test_a_finding_can_be_left_out(staff: TestClient, filed: tuple[str, str]) -> None:
    page = written_down(staff, filed[0])
    base = f"/staff/requests/{filed[0]}"
    staff.post(f"{base}/findings", data=typed(page) | {"do": "keep", "drop-1": "1"})
    form = typed(staff.get(f"{base}/findings").text)
    assert form["passage-1"] == "土地 贈與 登記簿" and form["title-2"] == ""


def test_readers_look_nothing_up(services: Services, reader: TestClient, filed: tuple[str, str]) -> None:
    assert reader.get("/counter-search").status_code == 404
    assert client_of(services).get("/counter-search").status_code == 303
    assert reader.get(f"/staff/requests/{filed[0]}/findings").status_code == 404
    token = token_in(reader.get("/ask").text)
    for path in ("/counter-search", "/counter-search/findings", f"/staff/requests/{filed[0]}/findings"):
        data = {"csrf": token, "receipt": filed[0], "list": "登記簿", "pick-1-1": LAND_ID}
        assert reader.post(path, data=data).status_code == 404


def test_a_request_that_is_not_there_is_looked_up_for_nobody(staff: TestClient) -> None:
    assert staff.get("/counter-search?receipt=AAAA-AAAA").status_code == 404
    assert "Look up" in staff.get("/counter-search").text
    assert staff.get("/staff/requests/AAAA-AAAA/findings").status_code == 404


def test_a_draft_begins_as_what_was_asked_for(services: Services, staff: TestClient) -> None:
    form = RequestForm(resource_id=LAND_ID, type="certificate", name="n", contact="c@example.org")
    receipt = services.desk.filing.submit(form, ANONYMOUS).receipt
    assert '<option value="certificate" selected' in staff.get(f"/staff/requests/{receipt}/findings").text
