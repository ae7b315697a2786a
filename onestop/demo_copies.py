"""A copy made to order in the demo: two pages of a case file that only lay on the shelf, as a reader asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mappings.access import Viewer
    from onestop.wiring import Workspace

RECORD: Final = "land_files:Z013-1-001"
PAGES: Final = ("Z013-1-001-001/0002.jpg", "Z013-1-001-002/0002.jpg")
"""Sheets of the register in that file, as the samples have them with its items."""
NOTE: Final = "请复制前两件的土地登记簿各一页"


def fill(here: Workspace, reader: Viewer, staff: Viewer) -> None:
    """A request that was answered with pictures, kept for everyone; the next night makes them a digital copy. Nothing
    where a copy was kept already.
    """
    from service_desk.forms import AnswerForm, RequestForm, parse
    from service_desk.ports import Upload

    desk, hit = here.desk, here.holdings.hit(RECORD, reader)
    if hit is None or desk.made.standing() or desk.made.ended():
        return
    asked = {"resource_id": hit.id, "type": "copy", "name": "陈晓", "contact": "chen@example.org", "note": NOTE}
    receipt = desk.filing.submit(parse(RequestForm, {**asked, "language": "zh-Hans"}), reader).receipt
    data = [(here.folder / "data" / "volumes" / page).read_bytes() for page in PAGES]
    files = [Upload(f"{number}.jpg", "image/jpeg", one) for number, one in enumerate(data, start=1)]
    desk.requests.answer(receipt, AnswerForm(text="登记簿两页，见附件。", keep=True), staff, files)
