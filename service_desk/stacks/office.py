"""All of the stacks on one database, as ``desk.stacks``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from service_desk.database import Database
from service_desk.notices import Notices
from service_desk.ports import Clock, FrozenHit
from service_desk.rules import Rules
from service_desk.stacks.busy import BusyThings
from service_desk.stacks.loans import Loans
from service_desk.stacks.logbook import InOutLog
from service_desk.stacks.picking import Picking, Priority, Wanted
from service_desk.stacks.register import Register
from service_desk.stacks.repairs import Repairs


class Stacks:
    """| call (``desk.stacks.``) | who | gives |
    |---|---|---|
    | `picking.order(session, receipt, hits, wanted_by, priority, goes_to=)` | the flow, in its transaction | how many |
    | `picking.cancel_for(session, receipt)`, `.orders_of(session, receipt)` | the flow, in its transaction | |
    | `picking.pick_list(viewer)`, `.scan(barcode, viewer, act)`, `.handle(number, ...)` | ``stacks.work`` | |
    | `register.read_table`, `.add`, `.rename`, `.move`, `.fill`, `.one`, `.find`, `.where` | ``stacks.work`` | |
    | `log.page(viewer, barcode=, receipt=)` | ``stacks.work`` | `LogPage` |
    | `loans.lend(receipt, hit, borrower, viewer)`, `.bring_back(text, viewer)`, `.page` | ``stacks.work`` | |
    | `loans.of_request(receipt, viewer, secret=, visitor=)`, `.mine`, `.renew` | its reader | `LoanView` |
    | `loans.send_reminders()` | nightly job | how many left |
    | `repairs.begin`, `.move`, `.end`, `.page` | ``stacks.work`` | `TreatmentView` |
    | `busy(things)` | whoever shows hits | `Busy` by id |
    """

    def __init__(
        self, database: Database, clock: Clock, rules: Rules, day: Callable[[dt.datetime], dt.date], notices: Notices
    ) -> None:
        """`day` tells the day at the archive of an instant."""
        self._database = database
        self.picking = Picking(database, clock)
        self.register = Register(database, clock, self.picking)
        self.log = InOutLog(database)
        self.loans = Loans(database, clock, rules, day, self.picking, notices)
        self.repairs = Repairs(database, clock, rules, day, self.picking)
        self.busy = BusyThings(database, rules, clock, day)

    def order(
        self,
        receipt: str,
        hits: Iterable[FrozenHit],
        wanted_by: dt.date,
        priority: Priority = "normal",
        *,
        goes_to: str = "",
    ) -> int:
        """`picking.order` in a transaction of its own."""
        with self._database.write() as session:
            return self.picking.order(session, receipt, hits, wanted_by, priority, goes_to=goes_to)

    def orders_of(self, receipt: str) -> tuple[Wanted, ...]:
        """`picking.orders_of` in a transaction of its own: for whoever may open the request."""
        with self._database.read() as session:
            return self.picking.orders_of(session, receipt)

    def cancel_for(self, receipt: str) -> int:
        """`picking.cancel_for` in a transaction of its own."""
        with self._database.write() as session:
            return self.picking.cancel_for(session, receipt)
