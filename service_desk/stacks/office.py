"""All of the stacks on one database, as ``desk.stacks``."""

from __future__ import annotations

from service_desk.database import Database
from service_desk.ports import Clock
from service_desk.stacks.logbook import InOutLog
from service_desk.stacks.picking import Picking
from service_desk.stacks.register import Register


class Stacks:
    """| call (``desk.stacks.``) | gives |
    |---|---|
    | `register.add`, `.rename`, `.move`, `.fill`, `.one`, `.find`, `.where`, `.read_table` | the register of places |
    | `picking.order(session, receipt, hits, wanted_by, priority)`, `.cancel_for(session, receipt)` | for the flow |
    | `picking.pick_list`, `.scan`, `.handle`, `.holds` | staff of the stacks |
    | `log.page` | what went which way |
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.picking = Picking(database, clock)
        self.register = Register(database, clock, self.picking)
        self.log = InOutLog(database)
