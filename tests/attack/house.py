"""The house that is attacked: the one of the tests of API and pages, with a corner of themes, an account of each role,
a request that was answered with a file, and words of every kind that could do harm.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, Final

from starlette.testclient import TestClient

from indexer.resource import Resource, mint
from mappings.access import ANONYMOUS, Access
from mappings.grants import Scope
from mappings.record import Copy, Holding, Name, Page, Record
from onestop.opening import HouseOpening
from onestop.wiring import Workspace
from search_ui.services import Services
from service_desk.attachments import Supplied
from service_desk.forms import AnswerForm, FeedbackForm, PersonForm, RequestForm, parse
from service_desk.legs.ports import Relays
from service_desk.legs.rules import Partners
from service_desk.ports import Upload
from service_desk.roles import bundled
from service_desk.rules import bundled_text
from tests.attack import rooms
from tests.browser import hostile
from tests.search_ui.themes.corner import Corner, theme
from tests.search_ui.web.house import HOUSE, LAND_ID, PASSWORD, Items, _member, _resource, open_house, token_in

MARK: Final = "zzsecret"
"""Stands in everything that is for staff only, and nowhere else."""
FORMULA: Final = '=HYPERLINK("https://foreign.example","x")'
SCOPED: Final = "scoped"
"""The account of a window clerk of one holder; its requests lie elsewhere."""
INTERNAL: Final = Record(
    "internal-1",
    f"Vetting {MARK}",
    level="file",
    reference_code=f"X-{MARK}",
    holder=HOUSE,
    access=Access("internal"),
    names=(Name(f"Person {MARK}", "person", "creator"),),
    description={"note": MARK},
    holdings=(Holding((MARK,), location=MARK, barcode=MARK),),
    copies=(Copy(page_count=1, pages=(Page(1, f"page {MARK}"),)),),
)
CLOSED: Final = Record(
    "closed-1",
    "Closed letters",
    level="file",
    reference_code="C-1",
    holder=HOUSE,
    access=Access("closed"),
    staff_notes={"note": MARK},
    copies=(Copy(page_count=1, pages=(Page(1, f"closed page {MARK}"),)),),
)
INTERNAL_ID: Final = mint("list", "internal-1")
CLOSED_TEXT_ID: Final = mint("list", "closed-1")


def texts() -> dict[str, str]:
    """Words that could do harm where they are shown, handed on or put into a table."""
    return {**hostile.TEXTS, "formula": FORMULA, "at": "@SUM(1+1)*cmd|' /C calc'!A0", "newline": "a\r\nSet-Cookie: x=1"}


def odd(name: str, text: str) -> Record:
    """A record that says it everywhere."""
    return Record(
        f"odd-{name}",
        text,
        level="item",
        reference_code=text[:80],
        holder=HOUSE,
        names=(Name(text, "person", "creator"), Name(text, "place", "subject")),
        description={"scope_and_content": f"{hostile.WORD} {text}", "note": text, text: text},
        values={text[:60]: text},
        holdings=(Holding((text,), note=text),),
        copies=(
            Copy(
                url="javascript:window.pwned=5", title=text, page_count=1, pages=(Page(1, f"{text} page", label=text),)
            ),
        ),
    )


def more() -> list[Resource]:
    """What the attacked house holds beside the usual."""
    every = [INTERNAL, CLOSED, *(odd(name, text) for name, text in texts().items())]
    return [_resource(_member("list", record)) for record in every]


@dataclass(frozen=True)
class Filed:
    """A request that is answered with a file: of nobody signed in, of a reader; a person at the window."""

    receipt: str
    secret: str
    of_chen: str
    person: str
    booking: str
    ticket: str
    leg: str = ""
    token: str = ""


FILED: dict[int, Filed] = {}
"""What is on file at the desk of a house, by the house."""


def furnished(folder: Path, **parts: Any) -> Services:
    """The house, ready to be attacked. `parts` are those of `open_house`."""
    made = open_house(folder, Items(), more=more(), **{"relays": Relays(site="https://house.example"), **parts})
    made.themes = Corner(
        theme(), theme(name="odd", title=dict.fromkeys(("en", "zh-Hans", "zh-Hant"), hostile.BREAKOUT))
    )
    made.opening = HouseOpening(_workspace(folder / "workspace"))
    made.tour = {language: {**told, "tagline": hostile.IMAGE} for language, told in made.tour.items()}
    for role in bundled().roles:
        made.desk.accounts.add(role, PASSWORD, role, f"{role} {hostile.SCRIPT}")
    made.desk.accounts.add(SCOPED, PASSWORD, "reader")
    made.desk.roles.give(SCOPED, "window_clerk", Scope(holder="Elsewhere"), "test")
    leg, token = relayed(made, folder, "coordinator")
    FILED[id(made)] = replace(_filed(made), leg=leg, token=token)
    return made


def _workspace(folder: Path) -> Workspace:
    """An empty one, whose policy of opening can be looked at and applied."""
    (folder / "policies").mkdir(parents=True)
    (folder / "onestop.toml").write_text("", encoding="utf-8")
    (folder / "policies" / "opening.yml").write_text("rules: []\n", encoding="utf-8")
    return Workspace(folder, {})


def _filed(services: Services) -> Filed:
    desk = services.desk
    clerk, reader = desk.accounts.viewer("coordinator"), desk.accounts.viewer("chen")
    form = parse(
        RequestForm,
        {
            "resource_id": LAND_ID,
            "type": "copy",
            "name": hostile.NAME,
            "contact": "a@example.org",
            "note": hostile.IMAGE,  # with words to read, it is not answered at once
        },
    )
    handed_in = [Supplied(Upload("id.txt", "text/plain", b"identity"))]
    filed = desk.filing.submit(form, ANONYMOUS, "v" * 32, handed_in)
    theirs = desk.filing.submit(form, reader, files=handed_in)
    for receipt in (filed.receipt, theirs.receipt):
        page = Upload(f"{hostile.SCRIPT}.html", "text/html", b"<script>window.pwned=9</script>")
        desk.requests.answer(receipt, AnswerForm(text=hostile.BREAKOUT), clerk, [page])
    desk.feedback.add(FeedbackForm(resource_id=LAND_ID, kind="wrong", note=hostile.IMAGE), ANONYMOUS)
    walked_in = desk.people.register(PersonForm(name=hostile.NAME), clerk)
    rooms.open_always(services)
    seat, ticket = rooms.booking_of(services, reader), rooms.called_ticket(services, clerk)
    return Filed(filed.receipt, filed.secret, theirs.receipt, walked_in.code, seat, ticket)


def relayed(services: Services, folder: Path, by: str) -> tuple[str, str]:
    """A task of a department, by its code, and the token of a link that a partner was sent."""
    desk = services.desk
    titles = json.dumps(dict.fromkeys(("en", "zh-Hans", "zh-Hant"), hostile.SCRIPT))
    partner = f"partners:\n  harbour: {{title: {titles}, email: {{address: far@example.org}}}}\n"
    desk.rules.bring_into_force(Partners, bundled_text(Partners).replace("partners: {}\n", partner), "test")
    values = {"resource_id": LAND_ID, "type": "copy", "name": hostile.NAME, "contact": "c@example.org", "note": "n"}
    receipt = desk.filing.submit(parse(RequestForm, values), ANONYMOUS, "w" * 32).receipt
    clerk, asks = desk.accounts.viewer(by), {"asks": f"{hostile.SCRIPT} {MARK}", "expects": hostile.IMAGE}
    task = desk.legs.send(receipt, {"kind": "department", "receiver": "special", **asks}, clerk)
    desk.legs.send(receipt, {"kind": "partner", "receiver": "harbour", **asks, "asks": hostile.SCRIPT}, clerk)
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in (folder / "outbox").glob("*.eml")]
    [letter] = [one.get_content() for one in letters if "/relay/" in one.get_content()]
    return task.code, re.findall(r"/relay/([\w-]+)", letter)[0]


def token_of(browser: TestClient) -> str:
    """The token of forms in this browser, signed in or not."""
    return token_in(browser.get("/reset").text)


def filed(services: Services) -> Filed:
    """What is on file there."""
    return FILED[id(services)]
