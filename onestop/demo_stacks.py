"""The stacks of the demo: a register of places, and boxes on their way, so that there is something to see at once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mappings.access import Viewer
    from onestop.wiring import Workspace
    from service_desk.desk import Desk
    from service_desk.ports import FrozenHit

FILE: Final = "stacks.csv"
OUT, AT_DESK, URGENT, WANTED = (f"land_files:Z013-1-00{number}-001" for number in (1, 2, 3, 4))
LENT: Final = "land_files:Z034-1-001-006"
IN_REPAIR: Final = "land_files:Z031-1-004-010"
COPIED: Final = "land_files:Z013-1-005-009"
DAYS: Final = dt.timedelta(3)


def fill(here: Workspace, reader: Viewer, staff: Viewer) -> None:
    """The register from its table; one box given out, one at the desk, two to fetch, one lent, one record in repair,
    one being copied. Nothing where there is a register already.
    """
    desk = here.desk
    if desk.stacks.register.find("", staff).rows:
        return
    table = here.folder / FILE
    desk.stacks.register.bring_in(table.read_bytes(), table.name, "onestop")
    for record, priority, scans in (
        (OUT, "normal", 2),
        (AT_DESK, "normal", 1),
        (URGENT, "urgent", 0),
        (WANTED, "normal", 0),
    ):
        hit = _hit(here, record, reader)
        _order(desk, _request(desk, hit, "consult", reader), hit, priority)
        place = desk.stacks.register.where(hit, staff)
        for act in ("picked", "out")[:scans]:
            assert place is not None
            desk.stacks.picking.scan(place.barcode, staff, act)  # type: ignore[arg-type]  # two of `Act`
    lent = _hit(here, LENT, reader)
    borrowed = _request(desk, lent, "borrow", reader)
    desk.cases.act(borrowed, "check", {"verdicts": {"identity_document": "verified"}}, staff)
    desk.stacks.loans.lend(borrowed, lent, "institution", staff)
    begun = desk.stacks.repairs.begin("repair", staff, hit=_hit(here, IN_REPAIR, staff), text="纸张酥脆，局部霉斑")
    desk.stacks.repairs.move(begun.number, "mended", staff, text="已除尘，正在托裱")
    desk.stacks.repairs.begin("copying", staff, hit=_hit(here, COPIED, staff))


def _hit(here: Workspace, record: str, viewer: Viewer) -> FrozenHit:
    hit = here.holdings.hit(record, viewer)
    assert hit is not None, f"the samples have {record}"
    return hit


def _request(desk: Desk, hit: FrozenHit, kind: str, reader: Viewer) -> str:
    from service_desk.forms import RequestForm, parse

    form = {"resource_id": hit.id, "type": kind, "name": "陈晓", "contact": "chen@example.org", "language": "zh-Hans"}
    return desk.filing.submit(parse(RequestForm, form), reader).receipt


def _order(desk: Desk, receipt: str, hit: FrozenHit, priority: str) -> None:
    wanted_by = desk.calendar.day_of(dt.datetime.now(dt.UTC)) + DAYS
    desk.stacks.order(receipt, [hit], wanted_by, priority, goes_to="阅览室 12 座")  # type: ignore[arg-type]  # a `Priority`
