"""A copy made to order becomes a digital copy of the record in the same night: from a request to a page that others
find, read and order, and back, on a real workspace.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFont

from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from onestop.cli import run
from onestop.wiring import Workspace
from search_ui.services import Services
from service_desk.errors import Invalid, NotFound
from service_desk.forms import AnswerForm, RequestForm
from service_desk.made.copies import KeepForm, TakeBackForm
from service_desk.opening import Decision
from service_desk.ports import Upload

ROWS = """\
档号,题名,成文日期,开放状态
J1-1-1,粵漢鐵路購地卷,1905,公开
J1-1-2,鐵路學校章程,1912,公开
J1-1-3,鐵路工人名冊,1990,封闭
J1-1-4,鐵路密電,1913,内部
"""
SOURCE = """\
title: Shelf list
connector: folder
mapping: table
holder: East Wing Archive
access: {access}
settings: {{path: data}}
columns: {{id: 档号, reference_code: 档号, title: 题名, dates: 成文日期, access: 开放状态}}
values: {{access: {{公开: open, 封闭: closed, 内部: internal}}}}
"""
READER, OTHER = Viewer("wang", frozenset({"reader"})), Viewer("zhao", frozenset({"reader"}))
LAND, SCHOOL, WORKERS = "shelves:J1-1-1", "shelves:J1-1-2", "shelves:J1-1-3"


def picture(color: str = "white", size: tuple[int, int] = (300, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


def pdf(*texts: str) -> bytes:
    """A PDF with a page for each text."""
    document = pypdfium2.PdfDocument.new()
    for text in texts:
        page = document.new_page(300, 400)
        thing = pdfium.FPDFPageObj_NewTextObj(document, b"Helvetica", 14.0)
        encoded = (text + "\0").encode("utf-16-le")
        buffer = (pdfium.FPDF_WCHAR * (len(encoded) // 2)).from_buffer_copy(encoded)
        pdfium.FPDFText_SetText(thing, buffer)
        pdfium.FPDFPageObj_Transform(thing, 1, 0, 0, 1, 40, 300)
        pdfium.FPDFPage_InsertObject(page, thing)
        page.gen_content()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class House:
    """A workspace with a desk that is worked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.here = Workspace(folder)

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.here.close()

    @property
    def clerk(self) -> Viewer:
        return self.here.viewer("li")

    @property
    def services(self) -> Services:
        return self.here.services

    def night(self, code: int = 0, *arguments: str) -> None:
        assert run(["--workspace", str(self.folder), "sync", *arguments]) == code
        self.here.close()
        self.here = Workspace(self.folder)

    def id(self, name: str) -> str:
        return str(self.record(name)["id"])

    def record(self, name: str, viewer: Viewer = ANONYMOUS) -> dict[str, Any]:
        found = self.here.searcher.resource(name, viewer)
        assert found is not None
        return found

    def hit(self, text: str, viewer: Viewer = OTHER) -> dict[str, Any]:
        return next(iter(self.here.searcher.search(Query(text), viewer)["hits"]), {})

    def ordered(self, name: str, viewer: Viewer = READER, note: str = "all of it, please") -> str:
        form = RequestForm.model_validate(
            {"resource_id": self.id(name), "type": "copy", "name": "Wang", "contact": "wang@example.org", "note": note}
        )
        return self.here.desk.filing.submit(form, viewer).receipt

    def answered(self, receipt: str, files: Sequence[Upload], **form: Any) -> None:
        self.here.desk.requests.answer(receipt, AnswerForm(text="Here it is.", **form), self.clerk, files)

    def kept(self, receipt: str) -> list[Any]:
        return self.here.desk.made.of_case(receipt, self.clerk)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "archive"
    assert run(["init", str(folder)]) == 0
    (folder / "data").mkdir()
    (folder / "data" / "list.csv").write_text(ROWS, encoding="utf-8")
    (folder / "sources" / "shelves.yml").write_text(SOURCE.format(access="open"), encoding="utf-8")
    assert run(["--workspace", str(folder), "sync"]) == 0
    with Workspace(folder) as here:
        here.desk.accounts.add("li", "long enough", "staff")
        for viewer in (READER, OTHER):
            here.desk.accounts.add(viewer.name or "", "long enough", "reader")
    return folder


@pytest.fixture
def house(begun: Path, tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "archive"
    shutil.copytree(begun, folder)
    with House(folder) as found:
        yield found


def actions(hit: dict[str, Any]) -> list[str]:
    return [offer["action"] for offer in hit["available"]]


def test_from_a_request_to_a_page_that_others_read_and_back(house: House) -> None:
    before = house.hit("粵漢鐵路")
    assert "read" not in actions(before) and before["page_total"] == 0
    receipt = house.ordered(LAND)
    house.here.desk.stacks.repairs.begin("copying", house.clerk, hit=house.here.holdings.hit(LAND, READER))
    assert house.here.desk.stacks.busy([before["id"]])[before["id"]].kind == "being_copied"
    files = [
        Upload("deed.pdf", "application/pdf", pdf("Survey of Wuchang", "Signed by Cheung")),
        Upload("map.png", "image/png", picture()),
    ]
    house.answered(receipt, files, keep=True)
    assert "read" not in actions(house.hit("粵漢鐵路"))  # the night has not come
    [kept] = house.kept(receipt)
    assert (kept.shown, kept.pages, [file.name for file in kept.files]) == (None, 0, ["deed.pdf", "map.png"])

    house.night()
    [kept] = house.kept(receipt)
    assert kept.shown is not None and [file.pages for file in kept.files] == [2, 1]
    hit = house.hit("粵漢鐵路")
    assert (hit["id"], actions(hit)[0], hit["page_total"]) == (before["id"], "read", 3)
    assert house.here.desk.stacks.busy([hit["id"]]) == {}
    assert {link["rule"] for link in house.record(LAND)["links"]} == {"made_to_order"}
    assert hit["title"] == "粵漢鐵路購地卷" and set(hit["kinds"]) == {"physical", "digital"}
    found = house.hit("Wuchang survey")
    assert found["id"] == hit["id"] and [page["number"] for page in found["pages"]] == [1]
    page = house.services.page(hit["id"], 2, OTHER)
    assert page is not None and page["text"] == "Signed by Cheung"
    assert all(house.services.page_image(hit["id"], number, OTHER, 200) is not None for number in (1, 3))

    again = house.ordered(LAND, OTHER, note="")
    status = house.here.desk.requests.status(again, OTHER)
    assert (status.status, status.read) == ("delivered", (hit["id"],))

    house.here.desk.made.take_back(receipt, TakeBackForm(kept=kept.copy, why="the wrong volume"), house.clerk)
    assert house.services.page(hit["id"], 2, OTHER) is None
    assert house.services.page_image(hit["id"], 1, OTHER, 200) is None
    gone = house.hit("粵漢鐵路")
    assert "read" not in actions(gone) and gone["page_total"] == 0 and gone["thumbnail"] is None
    assert house.hit("Wuchang") == {} and house.record(LAND)["copies"] == []
    third = house.ordered(LAND, OTHER, note="")
    assert house.here.desk.requests.status(third, OTHER).status != "delivered"

    house.night()
    assert house.hit("粵漢鐵路")["kinds"] == ["physical"]
    assert house.record(LAND)["id"] == before["id"]
    [kept] = house.kept(receipt)
    assert (kept.why, kept.ended_by) == ("the wrong volume", "li")


def test_what_is_not_ticked_reaches_its_reader_alone(house: House) -> None:
    receipt = house.ordered(LAND)
    house.answered(receipt, [Upload("deed.pdf", "application/pdf", pdf("Survey of Wuchang"))])
    house.night()
    assert house.kept(receipt) == [] and house.hit("Wuchang") == {}
    later = house.here.desk.made.keep(receipt, KeepForm(), house.clerk)
    assert [file.name for file in later[0].files] == ["deed.pdf"]
    house.night()
    assert house.hit("Wuchang")["id"] == house.id(LAND)


def test_a_closed_record_has_a_closed_copy(house: House) -> None:
    receipt = house.ordered(WORKERS)
    house.answered(receipt, [Upload("list.pdf", "application/pdf", pdf("Worker Hensley"))], keep=True)
    house.night()
    [kept] = house.kept(receipt)
    assert kept.pages == 1
    identifier = house.id(WORKERS)
    for viewer in (ANONYMOUS, OTHER):
        assert house.hit("Hensley", viewer) == {}
        assert house.services.page(identifier, 1, viewer) is None
        assert house.services.page_image(identifier, 1, viewer, 200) is None
        assert house.record(WORKERS, viewer)["copies"][0]["readable"] is False
        assert "read" not in actions(house.hit("鐵路工人名冊", viewer))
    assert house.hit("Hensley", house.clerk)["id"] == identifier
    status = house.here.desk.requests.status(house.ordered(WORKERS, OTHER, note=""), OTHER)
    assert status.status != "delivered"


def test_a_copy_follows_its_record_in_the_night_that_closes_it(house: House) -> None:
    receipt = house.ordered(LAND)
    house.answered(receipt, [Upload("deed.pdf", "application/pdf", pdf("Survey of Wuchang"))], keep=True)
    house.night()
    assert house.hit("Wuchang")["id"] == house.id(LAND)
    rows = (house.folder / "data" / "list.csv").read_text(encoding="utf-8")
    (house.folder / "data" / "list.csv").write_text(rows.replace("1905,公开", "1905,封闭"), encoding="utf-8")
    house.night()
    assert house.hit("Wuchang") == {} and house.record(LAND)["copies"][0]["readable"] is False
    (house.folder / "data" / "list.csv").write_text(
        rows.replace("J1-1-1,粵漢鐵路購地卷,1905,公开\n", ""), encoding="utf-8"
    )
    house.night()
    assert house.hit('"粵漢鐵路購地卷"') == {}
    alone = house.hit('"粵漢鐵路購地卷"', house.clerk)
    assert alone["access"] == "internal" and alone["page_total"] == 1  # nobody lost it


def test_a_copy_of_an_internal_record_is_for_whoever_knows_of_it(house: House) -> None:
    identifier = house.record("shelves:J1-1-4", house.clerk)["id"]
    form = RequestForm.model_validate(
        {"resource_id": identifier, "type": "copy", "name": "Li", "contact": "x@example.org", "note": "for the file"}
    )
    receipt = house.here.desk.filing.submit(form, house.clerk).receipt
    house.answered(receipt, [Upload("wire.pdf", "application/pdf", pdf("Cipher Wolfram"))], keep=True)
    house.night()
    assert house.here.searcher.resource(identifier, OTHER) is None
    assert house.hit("Wolfram") == {} and house.hit("Wolfram", house.clerk)["id"] == identifier


def test_a_broken_file_is_told_of_and_the_others_are_read(house: House) -> None:
    receipt = house.ordered(SCHOOL)
    files = [
        Upload("torn.pdf", "application/pdf", pdf("Rules of the school")[:300]),
        Upload("good.png", "image/png", picture()),
    ]
    house.answered(receipt, files, keep=True)
    house.night()
    [kept] = house.kept(receipt)
    torn, good = kept.files
    assert torn.pages is None and "cut off" in torn.problem and good.pages == 1
    assert house.hit("鐵路學校章程")["page_total"] == 1
    alone = house.ordered(LAND)
    house.answered(alone, [files[0]], keep=True)
    house.night(1)
    [kept] = house.kept(alone)
    assert kept.shown is None and "cut off" in kept.files[0].problem
    data = house.here.desk.requests.file(alone, 1, READER)[1]
    assert data == files[0].data  # its reader has it all the same


def test_what_has_no_pages_is_not_kept(house: House) -> None:
    receipt = house.ordered(LAND)
    with pytest.raises(Invalid, match="keep"):
        house.answered(receipt, [Upload("a.txt", "text/plain", b"words")], keep=True)
    with pytest.raises(Invalid, match="keep"):
        house.answered(receipt, [], keep=True)
    assert house.here.desk.requests.case(receipt, house.clerk).status != "delivered"


def test_a_second_copy_comes_after_the_first_and_the_same_bytes_once(house: House) -> None:
    first, second = house.ordered(LAND), house.ordered(LAND, OTHER)
    scan = Upload("one.png", "image/png", picture("white", (300, 400)))
    house.answered(first, [scan], keep=True)
    more = Upload("two.png", "image/png", picture("white", (500, 600)))
    house.answered(second, [more, scan], keep=True)
    house.night()
    pages = [house.services.page(house.id(LAND), number, OTHER) for number in (1, 2)]
    assert [(page or {}).get("width") for page in pages] == [300.0, 500.0]
    assert house.hit("粵漢鐵路")["page_total"] == 2
    [kept] = house.kept(second)
    assert [file.name for file in kept.files] == ["two.png"]


def test_the_better_copy_takes_the_place_of_the_other_when_it_is_there(house: House) -> None:
    first, second = house.ordered(LAND), house.ordered(LAND, OTHER)
    house.answered(first, [Upload("dim.pdf", "application/pdf", pdf("Survey of Wuchang"))], keep=True)
    house.night()
    [dim] = house.kept(first)
    better = Upload("sharp.pdf", "application/pdf", pdf("Survey of Hankow"))
    house.answered(second, [better], keep=True, instead_of=dim.copy)
    assert house.hit("Wuchang")["id"] == house.id(LAND)  # until the better one is there
    house.night()
    assert house.hit("Hankow")["id"] == house.id(LAND) and house.hit("Wuchang") == {}
    [dim] = house.kept(first)
    assert dim.why == "replaced by a better copy"
    house.night()
    assert house.hit("粵漢鐵路")["page_total"] == 1


def test_pages_are_in_the_order_that_is_said(house: House) -> None:
    receipt = house.ordered(LAND)
    files = [Upload(f"{width}.png", "image/png", picture("white", (width, 400))) for width in (300, 310, 320)]
    house.answered(receipt, files)
    house.here.desk.made.keep(receipt, KeepForm(files=(3, 1, 2)), house.clerk)
    house.night()
    widths = [(house.services.page(house.id(LAND), number, OTHER) or {})["width"] for number in (1, 2, 3)]
    assert widths == [320.0, 300.0, 310.0]


def test_pages_without_text_are_read_by_machine_where_the_house_says_so(house: House) -> None:
    with (house.folder / "onestop.toml").open("a", encoding="utf-8") as settings:
        settings.write('\ncopies_ocr = "tesseract:eng"\n')
    page = Image.new("RGB", (900, 300), "white")
    ImageDraw.Draw(page).text((60, 100), "Harbour Ledger", "black", ImageFont.load_default(90))
    out = io.BytesIO()
    page.save(out, "PNG")
    receipt = house.ordered(LAND)
    house.answered(receipt, [Upload("scan.png", "image/png", out.getvalue())], keep=True)
    house.night()
    found = house.hit("harbour ledger")
    assert found["id"] == house.id(LAND) and found["pages"][0]["number"] == 1
    shown = house.services.page(found["id"], 1, OTHER)
    assert shown is not None and "tesseract" in shown["read_by"]


def test_a_review_that_closes_the_record_closes_its_copy(house: House) -> None:
    receipt = house.ordered(SCHOOL)
    house.answered(receipt, [Upload("rules.pdf", "application/pdf", pdf("Rules of Wuchang"))], keep=True)
    house.night()
    assert house.hit("Wuchang")["id"] == house.id(SCHOOL)
    keys = [("shelves", "J1-1-2")]
    house.here.desk.openings.review(keys, Decision("closed", note="names of pupils"), house.clerk)
    house.night()
    assert house.hit("Wuchang") == {} and house.record(SCHOOL)["copies"][0]["readable"] is False
    assert house.services.page(house.id(SCHOOL), 1, OTHER) is None


def test_a_file_that_is_named_like_the_source_is_refused(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(house.folder / "sources" / "shelves.yml", house.folder / "sources" / "copies-to-order.yml")
    house.night(1)
    assert "copies made to order are a source of this name" in capsys.readouterr().err


def test_the_index_made_anew_is_the_same(house: House) -> None:
    receipt = house.ordered(LAND)
    house.answered(receipt, [Upload("deed.pdf", "application/pdf", pdf("Survey of Wuchang"))], keep=True)
    house.night()
    identifier = house.id(LAND)
    shutil.rmtree(house.folder / "index")
    shutil.rmtree(house.folder / "records")
    shutil.rmtree(house.folder / "cache", ignore_errors=True)
    house.night()
    hit = house.hit("Wuchang")
    assert (hit["id"], hit["title"]) == (identifier, "粵漢鐵路購地卷")
    house.night(0, "shelves")
    assert house.hit("Wuchang")["id"] == identifier


def test_nobody_reads_a_file_by_its_name(house: House) -> None:
    with pytest.raises(NotFound):
        house.here.desk.made.file("00000001", "../../desk.db")
