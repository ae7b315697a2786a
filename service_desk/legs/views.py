"""What is shown of legs: plain immutable values. Times are UTC."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from service_desk.ports import FrozenHit
from service_desk.views import FileView


class LegEventView(Struct, frozen=True):
    """Something that happened to a leg; `actor` is an account of this house, None for others."""

    at: dt.datetime
    party: str
    actor: str | None
    what: str
    text: str


class LegView(Struct, frozen=True):
    """A leg as staff see it. `day` is the last day on which its answer is not late, None while nothing is waited for.
    `problem` is why the last thing that was to leave has not left.
    """

    code: str
    kind: str
    receiver: str
    channel: str
    status: str
    asks: str
    expects: str
    sent: dt.datetime
    day: dt.date | None
    late: bool
    beside: bool
    worker: str | None
    events: tuple[LegEventView, ...]
    files: tuple[FileView, ...]
    actions: tuple[str, ...]
    receipt: str | None = None
    problem: str | None = None
    waiting: int = 0
    by_rule: bool = False


class TaskRow(Struct, frozen=True):
    """A line of a list of tasks, or of what coordinators look at: `why` is ``nobody``, ``late``, ``stuck``, ``asked``
    or ``unsent``.
    """

    code: str
    kind: str
    receiver: str
    status: str
    title: str
    reference_code: str | None
    asks: str
    expects: str
    day: dt.date | None
    late: bool
    worker: str | None
    receipt: str | None
    urgent: bool = False
    why: str = ""


class TaskView(Struct, frozen=True):
    """A task as the department sees it: what is asked of which records, and nothing of the reader. `receipt` is that of
    the request, for those who may see it.
    """

    leg: LegView
    type: str
    hits: tuple[FrozenHit, ...]
    urgent: bool
    receipt: str | None
    actions: tuple[str, ...]


class Asked(Struct, frozen=True):
    """What a partner sees: the least that it needs. `name` and `contact` are the reader's, where the rules say so."""

    code: str
    partner: str
    asks: str
    expects: str
    records: tuple[tuple[str, str | None], ...]
    type: str
    status: str
    day: dt.date | None
    events: tuple[LegEventView, ...]
    files: tuple[FileView, ...]
    actions: tuple[str, ...]
    name: str = ""
    contact: str = ""


class Receiver(Struct, frozen=True):
    """Somebody who can be asked: with how long they have."""

    kind: str
    code: str
    titles: dict[str, str]
    staffed: bool = True
    suggested: bool = False
