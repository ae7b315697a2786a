"""A small register for the tests of the stacks."""

from __future__ import annotations

import csv
import datetime as dt
import io

from desk_parts import CLERK

from service_desk.desk import Desk
from service_desk.ports import FrozenHit

DAY = dt.date(2026, 3, 4)
RAIL = FrozenHit("r-rail", "粵漢鐵路購地卷", "J12-3-45", "East Wing", fonds="J12")
BRIDGE = FrozenHit("r-bridge", "Bridge file", "J12-3-46", "East Wing", fonds="J12")
LETTER = FrozenHit("r-letter", "A letter", "J12-9-1", "East Wing", fonds="J12")
STRAY = FrozenHit("r-stray", "A stray", None, "East Wing")
HEADER = ("barcode", "kind", "title", "inside", "contents", "resources", "containers")
ROWS = (
    ("H", "building", "Main house"),
    ("K2", "room", "Stack 2", "H"),
    ("K2-10", "row", "Row 10", "K2"),
    ("K2-9", "row", "Row 9", "K2"),
    ("K2-9-1", "shelf", "Shelf 1", "K2-9"),
    ("K2-10-1", "shelf", "Shelf 1", "K2-10"),
    ("B1", "box", "Box 1", "K2-10-1", "J12-3-40..J12-3-49"),
    ("B2", "box", "Box 2", "K2-9-1", "J12-9"),
    ("B3", "box", "Box 3", "K2-9-1", "", "r-odd"),
)


def table(*rows: tuple[str, ...]) -> bytes:
    """A CSV with our headers."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


def shelved(desk: Desk) -> Desk:
    """A desk whose register is filled."""
    report = desk.stacks.register.read_table(table(*ROWS), "places.csv", CLERK)
    assert report.count("added") == len(ROWS), report
    return desk


def order(desk: Desk, receipt: str, *hits: FrozenHit, day: dt.date = DAY, **more: str) -> int:
    """Ordered in a transaction of its own."""
    return desk.stacks.order(receipt, hits, day, **more)  # type: ignore[arg-type]


def cancel(desk: Desk, receipt: str) -> int:
    """Cancelled in a transaction of its own."""
    return desk.stacks.cancel_for(receipt)


def for_loan(desk: Desk, receipt: str) -> str:
    """The same request, as one on which something is lent."""
    desk.cases.act(receipt, "classify", {"type": "borrow"}, CLERK)
    return receipt
