"""Tasks and legs of the demo: a task in work, one that its department asks back about, another archive that was asked
by letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mappings.access import Viewer
    from onestop.wiring import Workspace
    from service_desk.desk import Desk

ARCHIVE: Final = "harbour"
PARTNERS: Final = """partners:
  harbour:                             # for trying: its letters lie in the folder outbox
    title: {en: Harbour Archives, zh-Hans: 港口档案馆, zh-Hant: 港口檔案館}
    limit: {working_days: 4}
    hand_on: {working_days: 2}
    email: {address: desk@harbour.example, language: zh-Hans}
"""


def fill(here: Workspace, reader: Viewer, staff: Viewer) -> None:
    """Three requests with what others were asked for them. Nothing where there are rules of partners already."""
    from service_desk.legs.rules import Partners
    from service_desk.rules import bundled_text

    desk = here.desk
    if desk.rules.now(Partners).partners:
        return
    text = bundled_text(Partners).replace("partners: {}\n", PARTNERS)
    desk.rules.bring_into_force(Partners, text, "demo")
    first = _question(desk, "民国三十八年的航运登记，是否有藏？", reader)
    film = {"kind": "department", "receiver": "special", "expects": "可播放的副本，或可提供的日期"}
    desk.legs.send(first, {**film, "asks": "请查航运题材的影片。"}, staff)
    second = _question(desk, "我祖父的船员登记", reader)
    asked = desk.legs.send(second, {**film, "receiver": "description", "asks": "请核对船员名册的著录。"}, staff)
    desk.legs.ask_back(asked.code, {"text": "请告知船名或年份。"}, staff)
    third = _question(desk, "港口码头的地契", reader)
    ask = {"asks": "请查码头地契，一九三六年至一九四九年。", "expects": "扫描件，或档号"}
    desk.legs.send(third, {"kind": "partner", "receiver": ARCHIVE, **ask}, staff)


def _question(desk: Desk, note: str, reader: Viewer) -> str:
    from service_desk.forms import OpenRequestForm, parse

    form = {"type": "question", "name": "陈晓", "contact": "chen@example.org", "note": note, "language": "zh-Hans"}
    return desk.filing.submit(parse(OpenRequestForm, form), reader).receipt
