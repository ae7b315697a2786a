"""Two installations as they are run: two workspaces, two databases, two servers. A leg of one is filed at the other,
whose acts flow back; with the other down, and with the sender killed between delivery and its own note of it.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update

from mappings.access import ANONYMOUS, Viewer
from onestop.scaffold import make_workspace
from onestop.wiring import Workspace
from service_desk.calendar_rules import CalendarRules
from service_desk.forms import AnswerForm, OpenRequestForm
from service_desk.legs.rules import Partners
from service_desk.legs.tables import LegPost
from service_desk.ports import Upload
from service_desk.rules import bundled_text

REPOSITORY = Path(__file__).parents[2]
NAME, SECRET = "ONESTOP_RELAY_TRIAL", "t" * 40
PDF = b"%PDF-1.7 from the other house"
ASK = {"kind": "partner", "receiver": "hill", "asks": "請查粵漢鐵路", "expects": "副本"}
KILLED = """
import datetime as dt, sys, time
from pathlib import Path
from onestop.courier import HttpCourier
from onestop.wiring import Workspace
from service_desk.desk import Desk
from service_desk.legs.ports import Relays

class Late:
    def now(self):
        return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=285)

class Hangs(HttpCourier):
    def call(self, *given, **more):
        super().call(*given, **more)
        print("delivered", flush=True)
        time.sleep(600)

here = Workspace(Path(sys.argv[1]))
relays = Relays(courier=Hangs(loopback=True), secret=here.environment.get)
desk = Desk(here.settings.database_url, objects=here.objects, holdings=here.holdings, clock=Late(), relays=relays)
desk.posting.deliver()
"""


class House:
    """An installation in a folder: its server is started and stopped; `desk` is a second process of it, without one."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.folder = make_workspace(folder)
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "ONESTOP_RELAY_LOOPBACK": "1",
            "ONESTOP_RELAY_SECONDS": "0.3",
            "ONESTOP_SITE": self.address,
            NAME: SECRET,
        }
        self.workspace = Workspace(self.folder, self.environment)
        self.desk = self.workspace.desk
        self.desk.accounts.add("lin", "correct horse battery staple", "coordinator")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def clerk(self) -> Viewer:
        return self.desk.accounts.viewer("lin")

    def knows(self, partners: str) -> None:
        text = bundled_text(Partners).replace("partners: {}\n", f"partners:\n{partners}")
        self.desk.rules.bring_into_force(Partners, text, "test")

    def start(self) -> None:
        command = [sys.executable, "-m", "onestop", "--workspace", str(self.folder), "serve", "--port", str(self.port)]
        out = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out, cwd=self.folder)
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/ready", timeout=5).status_code in (200, 503)
        except httpx2.HTTPError:
            return False

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def now(self) -> None:
        """Whatever waits for its next try is tried now."""
        with self.desk._database.write() as session:
            session.execute(update(LegPost).values(next=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10)))


def until(holds: Callable[[], bool], seconds: float = 90) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    made = tmp_path_factory.mktemp("houses")
    one, other = House(made / "one"), House(made / "other")
    titles = "title: {en: %s, zh-Hans: %s, zh-Hant: %s}"
    hill = titles % (("Hill Archives",) * 3)
    one.knows(f'  hill:\n    {hill}\n    onestop: {{base: "{other.address}", known_as: river, secret: {NAME}}}\n')
    river = titles % (("River Archives",) * 3)
    other.knows(f"  river:\n    {river}\n    files_here: {{secret: {NAME}, type: query, language: en}}\n")
    yield one, other
    for house in (one, other):
        house.stop()
        house.workspace.close()


def filed(house: House) -> str:
    form = OpenRequestForm(type="question", name="王小明", contact="wang@example.org", note="我要查")
    return house.desk.filing.submit(form, ANONYMOUS, "v" * 32).receipt


def leg_of(house: House, receipt: str):
    return house.desk.legs.of_case(receipt, house.clerk)[-1]


def open_there(house: House) -> list[str]:
    return [row.receipt for row in house.desk.inbox.page(house.clerk, "open").rows]


def test_from_one_house_to_the_other_and_back(houses: tuple[House, House]) -> None:
    one, other = houses
    one.start()
    receipt = filed(one)
    one.desk.legs.send(receipt, ASK, one.clerk)
    until(lambda: leg_of(one, receipt).problem is not None)  # the other is down
    assert "reached" in str(leg_of(one, receipt).problem)
    assert one.desk.requests.case(receipt, one.clerk).status == "relayed"

    other.start()
    one.now()
    until(lambda: leg_of(one, receipt).status == "acknowledged")
    [there] = open_there(other)
    assert leg_of(one, receipt).receipt == there
    case = other.desk.requests.case(there, other.clerk)
    assert (case.channel, case.name) == ("api", "River Archives") and "王小明" not in case.note

    other.stop()
    other.desk.requests.answer(there, AnswerForm(text="found"), other.clerk, [Upload("a.pdf", "application/pdf", PDF)])
    time.sleep(1)
    assert leg_of(one, receipt).status == "acknowledged"
    other.start()
    until(lambda: leg_of(one, receipt).status == "answered")
    found = leg_of(one, receipt)
    assert found.events[-1].text == "found"
    assert one.desk.legs.file(found.code, 1, one.clerk)[1] == PDF
    assert one.desk.requests.case(receipt, one.clerk).status == "in_search"
    assert one.desk.requests.status(receipt, ANONYMOUS, visitor="v" * 32).events[-1].what == "came_back"
    for house in houses:
        assert SECRET not in (house.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    signed_by_nobody = httpx2.get(f"{other.address}/api/v1/relay/{found.code}")
    assert signed_by_nobody.status_code == 401 and "found" not in signed_by_nobody.text


def test_killed_between_delivery_and_its_note_of_it(houses: tuple[House, House]) -> None:
    one, other = houses
    one.stop(signal.SIGKILL)
    receipt = filed(one)
    one.desk.legs.send(receipt, ASK, one.clerk)
    one.now()
    before = set(open_there(other))
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(one.folder)], env=one.environment, stdout=subprocess.PIPE
    )
    assert killed.stdout is not None and killed.stdout.readline() == b"delivered\n"
    killed.kill()
    killed.wait(10)
    [there] = set(open_there(other)) - before
    assert leg_of(one, receipt).receipt is None and leg_of(one, receipt).waiting == 1

    one.start()
    until(lambda: leg_of(one, receipt).receipt is not None)
    assert leg_of(one, receipt).receipt == there, "told twice, filed once"
    assert set(open_there(other)) - before == {there}


def test_a_date_that_moves_moves_there_once(houses: tuple[House, House]) -> None:
    """With the calendar of the asking house; started again, it says nothing a second time."""
    one, other = houses
    for house in houses:
        if house.process is None:
            house.start()
    receipt = filed(one)
    one.desk.legs.send(receipt, ASK, one.clerk)
    until(lambda: leg_of(one, receipt).status == "acknowledged")
    there, agreed = str(leg_of(one, receipt).receipt), leg_of(one, receipt).day
    first = one.desk.calendar.day_of(dt.datetime.now(dt.UTC))
    days = [first + dt.timedelta(days=number) for number in range(1, 31)]
    rows = "".join(f"\n  - {{day: {day}, working: false, name: Moving}}" for day in days)
    text = bundled_text(CalendarRules).replace("exceptions: []", f"exceptions:{rows}")
    one.desk.rules.bring_into_force(CalendarRules, text, "test")
    moved = leg_of(one, receipt).day
    assert agreed is not None and moved is not None and moved > days[-1] > agreed
    until(lambda: other.desk.requests.case(there, other.clerk).promise.due == moved)
    one.stop(signal.SIGKILL)
    one.start()
    one.now()
    time.sleep(2)
    assert leg_of(one, receipt).waiting == 0
    case = other.desk.requests.case(there, other.clerk)
    assert [event.what for event in case.events].count("extended") == 1 and case.events[-1].text.endswith(str(moved))
