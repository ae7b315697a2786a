"""Two installations: a leg of one is a request of the other, whose acts come back; with a house down, an answer lost, a
message twice, out of order, or signed wrongly.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_parts import CLERK, StandingClock
from houses import AT_ONE, AT_OTHER, NAME, SECRET, Road, carried, house

from mappings.access import ANONYMOUS
from service_desk.desk import Desk
from service_desk.errors import BadCredentials
from service_desk.forms import AnswerForm, MessageForm, OpenRequestForm, RefusalForm
from service_desk.legs import signing
from service_desk.legs.exchange import Call
from service_desk.ports import Upload
from tests.services.postgres_copies import Copies

ASK = {"kind": "partner", "receiver": "hill", "asks": "請查粵漢鐵路購地卷", "expects": "副本"}
PDF = Upload("卷.pdf", "application/pdf", b"%PDF-1.7 found")


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def addresses(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Two databases with accounts."""
    if kind == "sqlite":
        files = [tmp_path / name / "desk.db" for name in ("one", "other")]
        for file in files:
            file.parent.mkdir()
            shutil.copy(request.getfixturevalue("staffed_file"), file)
        yield [f"sqlite:///{file}" for file in files]
        return
    request.getfixturevalue("postgres")
    copies: Copies = request.getfixturevalue("staffed_copies")
    with copies.one() as one, copies.one() as other:
        yield [one, other]


@pytest.fixture
def houses(addresses: list[str], tmp_path: Path, clock: StandingClock, road: Road) -> Iterator[tuple[Desk, Desk]]:
    secrets = {NAME: SECRET}
    one = house(addresses[0], tmp_path / "one", clock, road, AT_ONE, secrets.get)
    other = house(addresses[1], tmp_path / "other", clock, road, AT_OTHER, secrets.get)
    road.desks = {"river.example": one, "hill.example": other}
    yield one, other
    one.close()
    other.close()


@pytest.fixture
def one(houses):
    return houses[0]


@pytest.fixture
def other(houses):
    return houses[1]


@pytest.fixture
def receipt(one: Desk) -> str:
    form = OpenRequestForm(
        type="question", name="王小明", contact="wang@example.org", note="我要查", language="zh-Hans"
    )
    return one.filing.submit(form, ANONYMOUS, "visitor-1").receipt


@pytest.fixture
def leg(one: Desk, receipt: str):
    return one.legs.send(receipt, ASK, CLERK)


def leg_of(one: Desk, receipt: str):
    return one.legs.of_case(receipt, CLERK)[-1]


def status(desk: Desk, receipt: str) -> str:
    return desk.requests.case(receipt, CLERK).status


def there(other: Desk):
    [row] = other.inbox.page(CLERK, "open").rows
    return other.requests.case(row.receipt, CLERK)


def seen(one: Desk, receipt: str) -> list[str]:
    return [event.what for event in leg_of(one, receipt).events]


def test_a_leg_is_a_request_there_and_its_answer_comes_back(one, other, receipt, leg):
    assert leg.waiting == 1 and status(one, receipt) == "relayed"
    one.relay()
    case = there(other)
    assert (case.channel, case.name, case.type, case.status) == ("api", "江城档案馆", "query", "accepted")
    assert ASK["asks"] in case.note and "副本" in case.note
    assert "王小明" not in case.note and "wang@" not in case.note
    assert leg_of(one, receipt).receipt == case.receipt
    one.relay()
    assert seen(one, receipt) == ["sent", "acknowledged"]
    other.requests.answer(case.receipt, AnswerForm(text="找到一卷"), CLERK, [PDF])
    one.relay()
    found = leg_of(one, receipt)
    assert (found.status, found.events[-1].text, found.files[0].name) == ("answered", "找到一卷", "卷.pdf")
    assert one.legs.file(found.code, 1, CLERK)[1] == PDF.data
    assert status(one, receipt) == "in_search"
    assert one.requests.status(receipt, ANONYMOUS, visitor="visitor-1").events[-1].what == "came_back"


def test_what_is_asked_back_is_replied(one, other, receipt, leg):
    one.relay()
    case = there(other)
    other.cases.act(
        case.receipt, "ask_materials", {"verdicts": {"identity_document": "missing"}, "text": "请补"}, CLERK
    )
    one.relay()
    back = leg_of(one, receipt)
    assert back.status == "asked_back" and "请补" in back.events[-1].text and len(back.events[-1].text) > 3
    one.legs.reply(leg.code, {"text": "附后"}, CLERK)
    one.relay()
    assert there(other).status == "accepted"
    other.requests.tell(case.receipt, MessageForm(text="在找"), CLERK)
    one.legs.remind(leg.code, {}, CLERK)
    one.relay()
    assert there(other).events[-1].what == "message"
    one.relay()
    assert seen(one, receipt)[-2:] == ["reminded", "informed"]
    other.requests.refuse(case.receipt, RefusalForm(reason="未开放", article="第三条", alternative="目录"), CLERK)
    one.relay()
    refused = leg_of(one, receipt)
    assert refused.status == "refused" and "第三条" in refused.events[-1].text
    assert status(one, receipt) == "in_search"


def test_not_held_and_taken_back(one, other, receipt, leg):
    one.relay()
    other.cases.act(there(other).receipt, "not_held", {"text": "没有", "tried": "库房"}, CLERK)
    one.relay()
    assert leg_of(one, receipt).status == "not_held"
    second = one.legs.send(receipt, ASK, CLERK)
    one.relay()
    case = there(other)
    one.legs.take_back(second.code, {"text": "不用了"}, CLERK)
    one.relay()
    assert status(other, case.receipt) == "withdrawn" and status(one, receipt) == "in_search"


def test_a_house_that_is_down_is_tried_again(one, other, road, receipt, leg, clock):
    road.down.add("hill.example")
    one.relay()
    told = leg_of(one, receipt)
    assert told.problem and "reached" in told.problem and status(one, receipt) == "relayed"
    assert [row.why for row in one.legs.overseen(CLERK)] == ["unsent"]
    one.relay()
    assert len(other.inbox.page(CLERK, "open").rows) == 0
    road.down.clear()
    one.relay()
    assert len(other.inbox.page(CLERK, "open").rows) == 0, "not yet: it waits longer each time"
    clock.push(minutes=2)
    one.relay()
    case = there(other)
    assert leg_of(one, receipt).problem is None
    road.down.add("hill.example")
    other.requests.answer(case.receipt, AnswerForm(text="x"), CLERK)
    one.relay()
    assert status(one, receipt) == "relayed"
    road.down.clear()
    one.relay()
    assert status(one, receipt) == "in_search"


def test_an_answer_that_is_lost_files_nothing_twice(one, other, road, receipt, leg, clock):
    road.lose = 1
    one.relay()
    assert leg_of(one, receipt).problem
    clock.push(minutes=2)
    one.relay()
    posts = [call.headers[signing.ID] for call in road.calls if call.method == "POST"]
    assert len(posts) == 2 and len(set(posts)) == 1, "tried again under the same id"
    assert there(other).receipt == leg_of(one, receipt).receipt


def test_a_message_twice_does_nothing_more(one, other, road, receipt, leg):
    one.relay()
    one.legs.remind(leg.code, {"text": "快"}, CLERK)
    one.relay()
    [again] = [call for call in road.calls if b"reminded" in call.body]
    before = len(there(other).events)
    for _ in range(3):
        assert carried(other, again).status == 200
    assert len(there(other).events) == before


def test_a_reminder_after_the_end_does_nothing(one, other, road, receipt, leg):
    one.relay()
    case = there(other)
    other.requests.answer(case.receipt, AnswerForm(text="x"), CLERK)
    one.legs.remind(leg.code, {}, CLERK)
    one.relay()
    assert seen(one, receipt)[-1] == "answered" and leg_of(one, receipt).problem is None
    assert status(other, case.receipt) == "delivered"


def call(method: str, target: str, body: object = None, at=None, secret: str = SECRET, id_: str = "i" * 20, **more):
    data = json.dumps(body).encode() if body is not None else b""
    headers = signing.signed(secret.encode(), "river", id_, method, target, data, at)
    return Call(method, target, headers | more, data)


def test_what_is_signed_wrongly_is_not_taken(one, other, road, receipt, leg, clock):
    one.relay()
    now, target = clock.now(), f"/relay/{leg.code}"
    good = call("POST", target, {"what": "taken_back"}, now)
    wrong = {
        "another secret": call("POST", target, {"what": "taken_back"}, now, secret="x" * 32),
        "no signature": Call("POST", target, {}, good.body),
        "another body": Call("POST", target, good.headers, good.body + b" "),
        "another method": Call("GET", target, good.headers, good.body),
        "another address": Call("POST", target + "x", good.headers, good.body),
        "another partner": Call("POST", target, {**good.headers, signing.PARTNER: "hill"}, good.body),
        "nobody": Call("POST", target, {**good.headers, signing.PARTNER: "\ud800"}, good.body),
        "another id": Call("POST", target, {**good.headers, signing.ID: "j" * 20}, good.body),
        "an id of none": call("POST", target, {"what": "taken_back"}, now, id_="x"),
        "no time": Call("POST", target, {**good.headers, signing.TIME: "soon"}, good.body),
    }
    for name, each in wrong.items():
        with pytest.raises(BadCredentials):
            other.exchange.hear(each, leg.code)
        assert there(other).status == "accepted", name
    clock.push(minutes=6)
    with pytest.raises(BadCredentials):
        other.exchange.hear(good, leg.code)
    early = call("POST", target, {"what": "taken_back"}, clock.now())
    clock.push(minutes=-6)
    with pytest.raises(BadCredentials):
        other.exchange.hear(early, leg.code)
    assert other.exchange.hear(good, leg.code).status == 200


def test_one_id_is_one_message(one, other, road, receipt, leg, clock):
    one.relay()
    target = f"/relay/{leg.code}"
    assert other.exchange.hear(call("POST", target, {"what": "reminded"}, clock.now()), leg.code).status == 200
    answer = other.exchange.hear(call("POST", target, {"what": "taken_back"}, clock.now()), leg.code)
    assert answer.status == 409 and there(other).status == "accepted"


def test_partners_know_of_their_own_alone(one, other, road, receipt, leg, clock):
    one.relay()
    for target in ("/relay/" + "x" * 24, "/relay/" + there(other).receipt):
        known = other.exchange.tell(call("GET", f"{target}?after=0", None, clock.now()), target[7:], 0)
        assert known.status == 404
    filed = other.exchange.file(call("POST", "/relay", {"leg": "x" * 24, "asks": "?", "role": "admin"}, clock.now()))
    assert filed.status == 422
    with pytest.raises(BadCredentials):
        one.exchange.file(call("POST", "/relay", {"leg": "x" * 24, "asks": "?"}, clock.now()))


def test_an_answer_under_another_secret_is_not_believed(one, other, road, receipt, leg):
    one.relay()
    case = there(other)
    other.requests.answer(case.receipt, AnswerForm(text="forged?"), CLERK)
    real = road.call

    def forged(*given, **more):
        reply = real(*given, **more)
        return type(reply)(reply.status, reply.headers, reply.body.replace(b"forged?", b"forged!"))

    road.call = forged
    one.relay()
    assert seen(one, receipt) == ["sent"]
    road.call = real
    one.relay()
    assert leg_of(one, receipt).status == "answered"


def test_a_secret_that_is_not_there_is_told(one, other, road, receipt, leg):
    road.desks["hill.example"] = other
    one.posting._relays = type(one.posting._relays)(courier=road, secret=lambda name: "short")
    one.relay()
    assert NAME in leg_of(one, receipt).problem and "short" not in leg_of(one, receipt).problem.replace("shorter", "")


def test_by_webhook(one, road, receipt, clock):
    leg = one.legs.send(receipt, ASK | {"receiver": "mailbox"}, CLERK)
    road.hook_status = 500
    one.relay()
    assert "500" in leg_of(one, receipt).problem
    road.hook_status, first = 200, road.hooked[0]
    clock.push(minutes=2)
    one.relay()
    assert [each.body for each in road.hooked] == [first.body] * 2
    said = json.loads(first.body)
    assert said["leg"] == leg.code and said["answer_to"].endswith(f"/api/v1/relay/{leg.code}")
    assert "王小明" not in first.body.decode()
    last = road.hooked[-1]
    assert signing.check(SECRET.encode(), last.headers, "POST", "/in", last.body, clock.now()) == said["id"]

    def answer(id_: str, **body):
        data = json.dumps(body).encode()
        headers = signing.signed(SECRET.encode(), "mailbox", id_, "POST", f"/relay/{leg.code}", data, clock.now())
        return one.exchange.hear(Call("POST", f"/relay/{leg.code}", headers, data), leg.code)

    files = [{"name": "a.pdf", "data": base64.b64encode(PDF.data).decode()}]
    assert answer("a" * 16, what="nonsense").status == 422
    assert answer("b" * 16, what="answered", text="有", files=[{"name": "a.pdf", "data": "%%%"}]).status == 422
    assert answer("c" * 16, what="answered", text="有", files=files).status == 200
    assert answer("c" * 16, what="answered", text="有", files=files).status == 200
    assert answer("d" * 16, what="acknowledged").status == 200, "out of order: it moves nothing"
    found = leg_of(one, receipt)
    assert [event.what for event in found.events] == ["sent", "answered"] and len(found.files) == 1
    assert status(one, receipt) == "in_search"
