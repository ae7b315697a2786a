"""Several real processes on one database: one of two clerks wins, all who start at once find the tables."""

from __future__ import annotations

import pytest
from desk_parts import CLERK

from service_desk.database import current_revision, make_engine, newest_revision
from service_desk.desk import Desk
from service_desk.forms import MessageForm
from tests.forked import Program

# A process says that it is ready, waits for the word, does one thing, and says how it went.
CHILD = """
import sys
from mappings.access import Viewer
from service_desk.database import Database, make_engine
from service_desk.desk import Desk
from service_desk.errors import DeskError
from service_desk.forms import AnswerForm, RefusalForm
_, address, act, name, receipt, seen = sys.argv
clerk, seen = Viewer(name, frozenset({"staff"})), int(seen)
class Told:
    def send(self, notice):
        with open(receipt, "a") as file:
            file.write(f"{notice.number}\\n")
if act != "start":
    desk = Desk(address, objects=None, holdings=None, outbox=Told() if act == "deliver" else None)
print("ready", flush=True)
sys.stdin.readline()
try:
    if act == "start":
        Desk(address, objects=None, holdings=None)
    elif act == "take":
        desk.requests.take(receipt, clerk, seen)
    elif act == "refuse":
        desk.requests.refuse(receipt, RefusalForm(reason=name, alternative="y"), clerk, seen)
    elif act == "deliver":
        desk.notices.deliver()
    elif act == "notes":
        from service_desk.forms import MessageForm
        for number in range(20):
            desk.requests.note(receipt, MessageForm(text=str(number)), clerk)
    print("done", flush=True)
except DeskError as error:
    print(type(error).__name__, error, flush=True)
"""


def all_at_once(database: str, *acts: tuple[str, str, str, int]) -> list[str]:
    """What became of each act; every process is ready before the first may begin."""
    children = [Program(CHILD, database, *map(str, act)) for act in acts]
    for child in children:
        assert child.stdout.readline() == "ready\n", child.stderr.read()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [child.communicate(timeout=60) for child in children]
    assert not any(error for _, error in told), told
    return [out.strip() for out, _ in told]


def test_of_two_clerks_taking_one_request_one_wins(desk, filed, database):
    told = all_at_once(database, ("take", "li", filed.receipt, 2), ("take", "chen", filed.receipt, 2))
    [lost] = [each for each in told if each != "done"]
    winner = desk.requests.case(filed.receipt, CLERK).handler
    assert lost == f"Conflict This request is accepted, in the hands of {winner}, and cannot be taken now."
    happened = [event.what for event in desk.requests.case(filed.receipt, CLERK).events]
    assert happened == ["submitted", "accepted", "taken"]


@pytest.mark.parametrize("kind", ["sqlite"])  # the race above, with another act
def test_taking_and_refusing_at_once(desk, filed, database):
    told = all_at_once(database, ("take", "li", filed.receipt, 2), ("refuse", "chen", filed.receipt, 2))
    assert sorted(each.split()[0] for each in told) == ["Conflict", "done"]
    assert desk.requests.case(filed.receipt, CLERK).version == 3


def test_writers_wait_for_each_other_and_lose_nothing(desk, filed, database):
    told = all_at_once(database, *(("notes", name, filed.receipt, 0) for name in ("li", "chen", "li")))
    assert told == ["done"] * 3
    events = desk.requests.case(filed.receipt, CLERK).events
    assert [event.number for event in events] == list(range(1, 63))


def test_several_senders_send_each_notice_once(desk, filed, database, tmp_path):
    mute = Desk(database, objects=None, holdings=None)
    for number in range(30):
        mute.requests.tell(filed.receipt, MessageForm(text=str(number)), CLERK)
    mute.close()
    sent = tmp_path / "sent"
    assert all_at_once(database, *[("deliver", "li", str(sent), 0)] * 3) == ["done"] * 3
    left = sent.read_text().split()
    assert len(left) == len(set(left)) == 30
    assert desk.notices.waiting() == 0


def test_four_processes_start_at_once_on_a_database_that_is_not_there(database):
    assert all_at_once(database, *[("start", "li", "-", 0)] * 4) == ["done"] * 4
    engine = make_engine(database)
    assert current_revision(engine) == newest_revision()
    engine.dispose()
