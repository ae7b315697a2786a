"""Two houses that relay to each other: two desks on two databases, and a courier that carries between them, or does
not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from desk_parts import CHEAP, FakeHoldings, StandingClock

from service_desk.desk import Desk
from service_desk.errors import BadCredentials, NotFound
from service_desk.legs.exchange import Answer, Call
from service_desk.legs.ports import Relays, Reply
from service_desk.legs.rules import Partners
from service_desk.notices import FolderOutbox
from service_desk.objects import FolderObjects
from service_desk.rules import bundled_text

SECRET = "s" * 32
NAME = "ONESTOP_RELAY_TEST"
AT_ONE = f"""partners:
  hill:
    title: {{en: Hill Archives, zh-Hans: 山城档案馆, zh-Hant: 山城檔案館}}
    holders: [Hill Archives]
    onestop: {{base: "https://hill.example", known_as: river, secret: {NAME}}}
  mailbox:
    title: {{en: Mailbox, zh-Hans: 邮箱, zh-Hant: 郵箱}}
    webhook: {{url: "https://hook.example/in", secret: {NAME}}}
"""
AT_OTHER = f"""partners:
  river:
    title: {{en: River Archives, zh-Hans: 江城档案馆, zh-Hant: 江城檔案館}}
    files_here: {{secret: {NAME}, type: query, language: zh-Hans}}
"""


class Road:
    """A courier: calls go to the desks by their host. `down` hosts do not answer, `lose` takes the next answer away,
    after it was given; `hooked` is what went to the webhook.
    """

    def __init__(self) -> None:
        self.desks: dict[str, Desk] = {}
        self.down: set[str] = set()
        self.lose = 0
        self.calls: list[Call] = []
        self.hooked: list[Call] = []
        self.hook_status = 200

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", largest: int = 1 << 20
    ) -> Reply:
        parts = urlsplit(url)
        if parts.hostname in self.down:
            raise OSError("the other house cannot be reached")
        if parts.hostname == "hook.example":
            self.hooked.append(Call(method, parts.path, headers, body))
            return Reply(self.hook_status, {}, b"ok")
        target = parts.path.removeprefix("/api/v1") + (f"?{parts.query}" if parts.query else "")
        call = Call(method, target, dict(headers), body)
        self.calls.append(call)
        reply = carried(self.desks[str(parts.hostname)], call)
        if self.lose:
            self.lose -= 1
            raise OSError("the other house did not answer in time")
        return reply


def carried(desk: Desk, call: Call) -> Reply:
    """What the routes of the API do."""
    parts = urlsplit(call.target)
    names = parts.path.strip("/").split("/")
    try:
        if call.method == "POST":
            return _reply(desk.exchange.file(call) if len(names) == 1 else desk.exchange.hear(call, names[1]))
        if len(names) == 4:
            return Reply(200, {}, desk.exchange.fetch(call, names[1], int(names[3]))[1])
        return _reply(desk.exchange.tell(call, names[1], int(parts.query.removeprefix("after="))))
    except BadCredentials as error:
        return Reply(401, {}, str(error).encode())
    except NotFound as error:
        return Reply(404, {}, str(error).encode())


def _reply(answer: Answer) -> Reply:
    return Reply(answer.status, answer.headers, answer.body)


def house(
    address: str, folder: Path, clock: StandingClock, road: Road, partners: str, secret: Callable[[str], str | None]
) -> Desk:
    """A desk of one of them."""
    desk = Desk(
        address,
        objects=FolderObjects(folder / "objects"),
        holdings=FakeHoldings(),
        outbox=FolderOutbox(folder / "outbox"),
        clock=clock,
        hasher=CHEAP,
        relays=Relays(courier=road, secret=secret, site="https://river.example"),
    )
    text = bundled_text(Partners).replace("partners: {}\n", partners)
    desk.rules.bring_into_force(Partners, text, "test")
    return desk
