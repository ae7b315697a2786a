"""Every role by every action, each by real calls through the doors of the house, within and outside of scopes.

Roles and what they may come from the policy; what is tried for an action stands in `CALLS`. A new action, a new
operation of the desk and a new door for staff fail here until they are tried, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from starlette.testclient import TestClient

from mappings.access import Viewer
from mappings.grants import ACTIONS, ANYWHERE, SCOPED, Action, Scope
from search_ui import paths
from service_desk.copies import Looked
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import (
    FeedbackForm,
    KeyedForm,
    MessageForm,
    OpenRequestForm,
    parse,
)
from service_desk.library.entries import EntryForm
from service_desk.policy import NEEDS
from service_desk.ports import FrozenHit
from service_desk.privacy import Privacy
from service_desk.ratings.rules import RatingRules
from service_desk.roles import InForce, RolePolicy, bundled
from service_desk.rules import bundled_text, read
from service_desk.sending.rules import NoticeRules
from tests.attack.doors import Door, doors
from tests.attack.house import CLOSED_TEXT_ID, INTERNAL_ID, furnished, token_of
from tests.attack.role_house import NUMBERS, STUCK, House
from tests.search_ui.web.house import HOUSE, LAND_ID, PASSWORD, client_of, sign_in

REFUSED: Final = frozenset({401, 403, 404})
BUNDLED: Final = bundled()
NOTICE: Final = read(Privacy, bundled_text(Privacy)).mark


def custom() -> RolePolicy:
    """A policy of a house of its own: a role for each action alone, with what one must see to do it."""
    titles = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}
    roles = {name: rule.model_dump(by_alias=True) for name, rule in BUNDLED.roles.items()}
    for action in ACTIONS:
        subject, _, verb = action.partition(".")
        seen = [f"{subject}.see"] if verb in ("work", "decide", "coordinate") and f"{subject}.see" in ACTIONS else []
        roles[f"only_{subject}_{verb}"] = {"title": titles, "permissions": [*seen, action]}
    roles["nothing_at_all"] = {"title": titles, "permissions": []}
    roles["everything"] = {"title": titles, "permissions": list(ACTIONS)}
    return RolePolicy.model_validate({"roles": roles, "former": BUNDLED.former})


POLICY: Final = custom()


class Call(NamedTuple):
    """What is tried: through a door, or at the desk where there is none (`operation` is the desk's name of it)."""

    door: Door | None = None
    body: dict[str, Any] | None = None
    operation: str = ""
    desk: Callable[[House, Viewer], object] | None = None
    has: Callable[[Any], bool] = lambda answer: True
    """Does the answer show what was asked for, where 200 alone does not tell?"""
    somewhere: bool = False
    """Is it for whoever may do it within any scope, whatever that is? It is about no request yet."""
    brings: bool = False
    """Is it a form in parts that brings a file?"""


def api(method: str, path: str, body: dict[str, Any] | None = None, operation: str = "", **more: Any) -> Call:
    return Call(Door(method, f"{paths.API}{path}"), body, operation, **more)


def page(method: str, path: str, body: dict[str, Any] | None = None, **more: Any) -> Call:
    return Call(Door(method, path), body, **more)


def at_desk(operation: str, desk: Callable[[House, Viewer], object], **more: Any) -> Call:
    return Call(operation=operation, desk=desk, **more)


def shown(house: House, viewer: Viewer, path: str) -> None:
    """A screen of Streamlit is drawn for who may see it: `search_ui.screens` ask `opens_to`."""
    if not paths.opens_to(viewer, path):
        raise NotAllowed("not for them")


def unassigned(house: House, viewer: Viewer) -> None:
    """A request that nobody has is in the list of whoever coordinates there."""
    receipt, desk = house.fresh(), house.services.desk
    try:
        page = desk.inbox.page(viewer, "unassigned", find=receipt)
    except Invalid:
        raise NotAllowed("there is no such view for them") from None
    if not page.rows:
        raise NotFound(receipt)


STAFF = "/staff/requests/{receipt}"
ANSWER = {"question": "q", "answer": "a", "language": "en"}
NO_DOOR: Final = frozenset({"supply", "relay", "come_back"})
"""Operations of staff that nothing calls yet."""
CALLS: Final[dict[str, list[Call]]] = {
    "requests.see": [
        api("GET", "/staff/inbox", operation="inbox", has=lambda answer: answer.json()["total"] > 0),
        api("GET", STAFF, operation="case"),
        api("GET", f"{STAFF}/copies"),
        api("GET", "/requests/{receipt}/files/{number}", operation="file"),
        page("GET", "/s/{receipt}/files/{number:int}"),
        page("GET", "/tasks/of/{receipt}"),
        page("GET", paths.INBOX, has=lambda answer: "data-row" in answer.text),
        page("GET", paths.TRAINING, has=lambda answer: "exercises" in answer.text, somewhere=True),
        page("POST", paths.TRAINING + "/{exercise}", {}, somewhere=True),
        page("GET", f"{paths.CASES}/{{receipt}}"),
        page("GET", f"{paths.CASES}/{{receipt}}/receipt.pdf"),
        page("GET", paths.OUTBOX, has=lambda answer: STUCK in answer.text),
    ],
    "requests.work": [
        *(
            api("POST", f"{STAFF}/acts/{action}", body, action)
            for action, body in {
                "accept": {},
                "ask_materials": {"verdicts": {"identity_document": "missing"}},
                "check": {"verdicts": {"identity_document": "verified"}},
                "resume": {},
                "hand_over": {},
                "classify": {"urgent": True},
                "search": {},
                "review": {},
                "quote": {"lines": [{"what": "x", "price": 1}]},
                "agree": {},
                "pay": {},
                "hand_out": {},
                "reopen": {"text": "x"},
                "extend": {"days": 1, "text": "x"},
                "consent": {"consent": NOTICE, "consent_way": "paper"},
            }.items()
        ),
        api("GET", f"{STAFF}/colleagues", operation="hand_over"),
        page(
            "POST",
            f"{paths.INBOX}/bulk",
            {"act": "take", "row.{receipt}": "0"},
            has=lambda answer: "somebody was faster" in answer.text,
        ),
        page("GET", f"{paths.CASES}/{{receipt}}/files/{{number:int}}", operation="attachment"),
        page("POST", f"{paths.CASES}/{{receipt}}/acts/{{act}}", {"text": "x"}),
        page("GET", paths.COUNTER_SEARCH, somewhere=True),
        page("POST", paths.COUNTER_SEARCH, {"receipt": "{receipt}", "list": "x"}),
        page("POST", f"{paths.COUNTER_SEARCH}/findings", {"receipt": "{receipt}"}),
        page("GET", f"{paths.CASES}/{{receipt}}/findings"),
        page("POST", f"{paths.CASES}/{{receipt}}/findings", {"do": "keep"}),
        page("POST", f"{paths.CASES}/{{receipt}}/documents", {"kind": "voucher"}),
        page("POST", f"{paths.CASES}/{{receipt}}/told", {"notice-1": "yes"}),
        page("GET", paths.WINDOW, somewhere=True),
        page(
            "POST",
            paths.WINDOW,
            {
                "do": "send",
                "channel": "window",
                "type": "question",
                "name": "n",
                "contact": "c",
                "note": "x",
                "consent": NOTICE,
                "consent_way": "paper",
            },
            somewhere=True,
        ),
        api("POST", f"{STAFF}/take", {}, "take"),
        api("POST", f"{STAFF}/release", {}, "release"),
        api("POST", f"{STAFF}/messages", {"text": "x"}, "tell"),
        page("GET", paths.RATINGS + "/{receipt}"),
        page("POST", paths.RATINGS + "/{receipt}", {"stars": "5"}),
        page("POST", paths.OUTBOX + "/{number:int}/again", {}),
        at_desk(
            "submit",
            lambda house, viewer: house.services.desk.filing.key_in(
                OpenRequestForm(type="question", name="n", contact="c", note="x", consent=NOTICE),
                KeyedForm(consent_way="paper"),
                viewer,
            ),
            somewhere=True,
        ),
        at_desk(
            "note",
            lambda house, viewer: house.services.desk.requests.note(house.fresh(), MessageForm(text="x"), viewer),
        ),
        page("GET", "/tasks", somewhere=True),
        page("GET", "/tasks/{leg}"),
        page("POST", "/tasks/{leg}", {"act": "ask_back", "text": "x"}),
        page("POST", "/legs/{leg}", {"act": "remind"}),
    ],
    "requests.decide": [
        api("POST", f"{STAFF}/answer", {"text": "x"}, "answer"),
        page("POST", f"{paths.CASES}/{{receipt}}/revoke", {"number": "2026-C-00001", "why": "x"}),
        api("POST", f"{STAFF}/refuse", {"reason": "x", "alternative": "y"}, "refuse"),
        api("POST", f"{STAFF}/acts/make_ready", {"how": "pickup"}, "make_ready"),
        api("POST", f"{STAFF}/acts/answer_part", {"text": "x"}, "answer_part"),
        api("POST", f"{STAFF}/acts/not_held", {"text": "x"}, "not_held"),
        api("POST", f"{STAFF}/answer/files", {"text": "x"}, "answer", brings=True),
        api("POST", f"{STAFF}/acts/answer_part/files", {"text": "x"}, "answer_part", brings=True),
        api("POST", f"{STAFF}/acts/make_ready/files", {"how": "file"}, "make_ready", brings=True),
        api("POST", f"{STAFF}/copies", {}, "keep copy"),
        api("POST", f"{STAFF}/copies/back", {"kept": "{made}", "why": "x"}, "take back copy"),
        page("POST", f"{paths.CASES}/{{receipt}}/copies", {"place-1": "1"}),
        page("POST", f"{paths.CASES}/{{receipt}}/copies/back", {"kept": "{made}", "why": "x"}),
    ],
    "feedback.see": [api("GET", "/staff/feedback", operation="list feedback")],
    "feedback.work": [
        at_desk("mark feedback", lambda house, viewer: house.services.desk.feedback.mark(1, "seen", viewer))
    ],
    "links.decide": [
        at_desk(
            "decide link",
            lambda house, viewer: house.services.desk.links.decide(("a", "1"), ("b", "1"), "same", viewer),
        ),
        at_desk("list link decisions", lambda house, viewer: house.services.desk.links.decided(viewer)),
    ],
    "runs.see": [at_desk("", lambda house, viewer: shown(house, viewer, paths.RUNS))],
    "deidentify.review": [
        at_desk(
            "review copy", lambda house, viewer: house.services.desk.copies.review(Looked(("a", "1"), "v", ()), viewer)
        )
    ],
    "records.review": [
        page("GET", paths.OPENING),
        page("GET", f"{paths.OPENING}/preview"),
        page("POST", "/r/{id:path}/opening", {"state": "open"}),
        at_desk("review opening", lambda house, viewer: house.services.desk.openings.history([("a", "1")], viewer)),
        at_desk("review opening", lambda house, viewer: house.services.desk.openings.under_review(viewer)),
    ],
    "opening.apply": [
        page("POST", f"{paths.OPENING}/apply", {"seen": "0", "file": "{digest}"}),
        page("POST", f"{paths.OPENING}/undo", {"seen": "x"}),
        at_desk("apply opening", lambda house, viewer: house.services.desk.openings.may_apply(viewer)),
    ],
    "records.know_internal": [
        api("GET", f"/resources/{INTERNAL_ID}"),
        page("GET", f"/r/{INTERNAL_ID}"),
        api("GET", "/search?q=Vetting", has=lambda answer: answer.json()["total"] > 0),
    ],
    "records.read_text": [
        api("GET", f"/resources/{CLOSED_TEXT_ID}/pages/1"),
        page("GET", f"/r/{CLOSED_TEXT_ID}/text.txt", has=lambda answer: "closed page" in answer.text),
    ],
    "persons.register": [
        page("GET", "/persons"),
        page("POST", "/persons", {"name": "n"}),
        page("POST", "/persons/find", {"find": "n"}),
        page("GET", "/persons/{code}"),
        page("POST", "/persons/{code}/document", {"kind": "other", "number": "A%d"}),
        page("POST", "/persons/{code}/account", {"account": "{name}"}),
    ],
    "accounts.manage": [
        page("GET", "/accounts"),
        page("GET", "/accounts/{name:path}"),
        page("POST", "/accounts/{name:path}/give", {"role": "manager"}),
        page("POST", "/accounts/{name:path}/take", {"role": "reader"}),
        page("POST", "/accounts/{name:path}/language", {"language": "en"}),
        page("POST", "/accounts/{name:path}/sign-out", {}),
        page("POST", "/accounts/{name:path}/close", {}),
        page("POST", paths.TRAINING, {}),
    ],
    "indicators.see": [
        page("GET", paths.INDICATORS),
        page("GET", paths.INDICATOR_CASES),
        page("GET", paths.INDICATORS_CSV),
    ],
    "desk.configure": [
        page("GET", paths.DESK_RULES),
        page("GET", paths.DESK_RULES + "/{name}"),
        page("POST", paths.DESK_RULES + "/{name}", {"text": bundled_text(RatingRules), "do": "apply"}),
        page("GET", paths.NOTICE_TEXTS),
        page("POST", paths.NOTICE_TEXTS, {"text": bundled_text(NoticeRules), "seen": "0", "do": "try"}),
    ],
    "answers.write": [
        page("GET", "/answers"),
        page("GET", "/answers/new"),
        page("GET", "/answers/{number:int}"),
        page("POST", "/answers", ANSWER),
        page("POST", "/answers/{number:int}", ANSWER),
        page("POST", "/answers/{number:int}/retire", {}),
        page("POST", "/answers/{number:int}/restore", {}),
    ],
    "requests.coordinate": [at_desk("", unassigned)],
    "audit.read": [api("GET", "/staff/audit")],
    "stacks.work": [
        page("GET", paths.STACKS),
        page("GET", f"{paths.STACKS}/log"),
        page("GET", f"{paths.STACKS}/places"),
        page("GET", paths.STACKS + "/places/{barcode:path}"),
        page("GET", paths.LOANS),
        page("GET", paths.REPAIRS),
        page("POST", f"{paths.STACKS}/scan", {"barcode": "{box}", "act": "picked"}),
        page("POST", f"{paths.STACKS}/places", {"barcode": "A%d", "kind": "room", "title": "x"}),
        page("POST", f"{paths.STACKS}/import", {"table": "barcode,kind,title\nR,room,r", "really": "yes"}),
        page("POST", f"{paths.STACKS}/rename", {"place": "{box}", "title": "x"}),
        page("POST", f"{paths.STACKS}/move", {"place": "{box}", "to": "ROOM", "why": "x"}),
        page("POST", f"{paths.STACKS}/fill", {"place": "{box}"}),
        page("POST", f"{paths.LOANS}/lend", {"receipt": "{receipt}", "record": LAND_ID, "borrower": "office"}),
        page("POST", f"{paths.LOANS}/renew", {"voucher": "{loan}"}),
        page("POST", f"{paths.LOANS}/back", {"voucher": "{loan}"}),
        page("POST", paths.REPAIRS, {"kind": "repair", "barcode": "{box}"}),
        page("POST", paths.REPAIRS + "/{number:int}/stage", {"stage": "mended"}),
        page("POST", paths.REPAIRS + "/{number:int}/end", {}),
    ],
    "rooms.work": [
        page("GET", "/rooms"),
        page("POST", "/rooms/give", {"room": "main", "name": "n", "ends": "23:45"}),
        page("POST", "/rooms/close", {"room": "main", "day": "2199-01-01", "reason": "r"}),
        page("POST", "/rooms/{code}/arrive", {"room": "main"}),
        page("POST", "/rooms/{code}/leave", {"room": "main"}),
        page("POST", "/rooms/{code}/move", {"room": "main", "seat": "499"}),
        page("POST", "/rooms/{code}/cancel", {"room": "main", "reason": "r"}),
        page("GET", "/counter"),
        page("POST", "/counter/call", {"counter": "1"}),
        page("POST", "/counter/{code}/recall", {"counter": "1"}),
        page("POST", "/counter/{code}/end", {"counter": "1", "how": "done"}),
    ],
}
"""What is tried for each action. A new action of `mappings.grants` gets its calls here."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = furnished(Path(tmp_path_factory.mktemp("roles")), policies=lambda: InForce(POLICY, "test"), training=True)
    made.begin_anew = lambda: None
    for role in ("everything", *(role for role in POLICY.roles if role not in BUNDLED.roles)):
        if role not in {account.name for account in made.desk.accounts.all()}:
            made.desk.accounts.add(role, PASSWORD, role)
    made.desk.feedback.add(FeedbackForm(resource_id=LAND_ID, kind="wrong"), Viewer())
    made.desk.library.bring_in([parse(EntryForm, ANSWER)], "test")
    powerful = made.desk.accounts.viewer("everything")
    made.desk.stacks.register.add("ROOM", "room", "Room", "", powerful)
    made.desk.stacks.repairs.begin("repair", powerful, hit=FrozenHit("r-broken", "x"))
    found = House(made, powerful)
    found.fresh()
    found.stick()
    yield found
    made.desk.close()


def test_nothing_is_forgotten(house: House) -> None:
    assert CALLS.keys() == set(ACTIONS), "an action without a call: add what it allows to CALLS"
    tried = {call.operation for calls in CALLS.values() for call in calls} - {""}
    assert tried == NEEDS.keys() - NO_DOOR, "an operation of the desk without a call"
    known = {door.pattern.partition("?")[0] for door in doors(house.services)}
    for call in (call for calls in CALLS.values() for call in calls if call.door):
        pattern = call.door.pattern.partition("?")[0]
        assert pattern in known or any(one in pattern for one in (INTERNAL_ID, CLOSED_TEXT_ID)), call.door


def test_every_door_for_staff_is_tried(house: House) -> None:
    """A door that says one thing to who may everything and another to who may nothing is a door for staff."""
    tried = {call.door for calls in CALLS.values() for call in calls}
    powerful, nobody_special = browser_of(house, "everything"), browser_of(house, "nothing_at_all")
    untold = []
    for door in doors(house.services):
        if door in tried or door.pattern in ("/logout", "/account/sign-out"):
            continue
        answers = []
        for browser in (powerful, nobody_special):
            headers = {"x-csrf-token": tokens(browser)[0]}
            sent: dict[str, Any] = {}
            if door.method == "POST":
                sent = {"json": {}} if door.is_api else {"data": {"csrf": tokens(browser)[1]}}
            answers.append(
                browser.request(door.method, door.address(house.services), headers=headers, **sent).status_code
            )
        if answers[0] not in REFUSED and answers[1] in REFUSED:
            untold.append((door, answers))
    assert untold == [], "add them to CALLS, at the action they need"


BROWSERS: dict[tuple[int, str], TestClient] = {}


def browser_of(house: House, name: str) -> TestClient:
    key = (id(house.services), name)
    if key not in BROWSERS:
        BROWSERS[key] = client_of(house.services)
        sign_in(BROWSERS[key], name)
    return BROWSERS[key]


def is_done(house: House, name: str, call: Call) -> bool:
    """Try it as this account. Anything but done (or: it may, but not now) and refused is a mistake of this test, or of
    the house.
    """
    if call.desk is not None:
        try:
            call.desk(house, house.services.desk.accounts.viewer(name))
        except (NotAllowed, NotFound):
            return False
        except (Conflict, Invalid) as error:
            raise AssertionError(f"{call}: {error}") from error
        return True
    assert call.door is not None
    answer = through(house, browser_of(house, name), call)
    assert answer.status_code in REFUSED | {200, 201, 303, 409}, (call.door, answer.status_code, answer.text[:300])
    to_sign_in = answer.headers.get("location", "").startswith(paths.LOGIN)
    return answer.status_code not in REFUSED and not to_sign_in and call.has(answer)


def through(house: House, browser: TestClient, call: Call) -> Any:
    door = call.door
    assert door is not None
    answered = "files" in door.pattern and not call.brings and not door.pattern.startswith(paths.CASES)
    receipt = house.taken() if door.pattern.endswith("release") else house.answered() if answered else ""
    if "{receipt}/copies" in door.pattern:
        receipt = house.answered_with_picture()
    places = {
        "exercise": "seat",
        "act": "note",
        "number:int": 1,
        "number": 1,
        "name:path": "",
        "name": "",
        "id:path": LAND_ID,
    }
    address, fields = door.pattern, dict(call.body or {})
    code = house.code(door.pattern) if "{code}" in door.pattern else None
    made = {"receipt": receipt or None, "code": code, "barcode:path": None, "leg": None} | places
    if address.startswith(paths.DESK_RULES):
        made["name"] = RatingRules.name
    for place in made:
        if f"{{{place}}}" in address:
            address = address.replace(f"{{{place}}}", str(made[place] or _new(house, place)))
    if fields.get("kept") == "{made}":
        fields["kept"] = house.made(receipt)
    fields = {
        key.replace("{receipt}", house.fresh() if "{receipt}" in key else ""): _filled(house, value)
        for key, value in fields.items()
    }
    if door.method == "GET":
        return browser.get(address)
    if call.brings:
        files = {"files": ("a.txt", b"text", "text/plain")}
        return browser.post(address, data=fields, files=files, headers={"x-csrf-token": tokens(browser)[0]})
    if door.is_api:
        return browser.post(address, json=fields, headers={"x-csrf-token": tokens(browser)[0]})
    return browser.post(address, data={**fields, "csrf": tokens(browser)[1]})


TOKENS: dict[tuple[str | None, str | None], tuple[str, str]] = {}


def tokens(browser: TestClient) -> tuple[str, str]:
    """The tokens of session and visitor, which stay the same as long as these do."""
    key = (browser.cookies.get("sid"), browser.cookies.get("vid"))
    if key not in TOKENS:
        TOKENS[key] = (browser.get("/api/v1/session").json()["csrf_token"] or "", token_of(browser))
    return TOKENS[key]


def _new(house: House, place: str) -> str:
    return {
        "receipt": house.fresh,
        "leg": house.leg,
        "code": house.person,
        "name:path": house.account,
        "name": house.account,
        "barcode:path": house.box,
    }[place]()


def _filled(house: House, value: Any) -> Any:
    if value == "{name}":
        return house.account()
    if value == "{digest}":  # of the file, which says what is in force
        assert house.services.opening is not None
        return house.services.opening.check()["digest"]
    if value in ("{box}", "{loan}", "{receipt}"):
        return {"{box}": house.box, "{loan}": house.loan, "{receipt}": house.fresh}[value]()
    return value % (100_000 + next(NUMBERS)) if value == "A%d" else value


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", POLICY.roles)
def test_a_role_does_what_the_policy_says_and_nothing_else(house: House, role: str, action: Action) -> None:
    """Bundled roles, and those of a house of its own."""
    may = action in POLICY.actions(role)
    for call in CALLS[action]:
        assert is_done(house, role, call) is may, (role, action, call.door or call.operation)


WITHIN: Final = {
    "here": (Scope(holder=HOUSE), True),
    "elsewhere": (Scope(holder="Elsewhere"), False),
    "here, but another fonds": (Scope(holder=HOUSE, fonds="X1"), False),
    "a theme": (Scope(theme="land"), False),
}


@pytest.mark.parametrize("where", WITHIN)
def test_a_role_within_a_scope_does_it_there_and_nowhere_else(house: House, where: str) -> None:
    """With every action granted, within the scope alone: what lies elsewhere, and what lies nowhere, stays shut."""
    scope, inside = WITHIN[where]
    name = f"within-{where.replace(' ', '-').replace(',', '')}"
    house.services.desk.accounts.add(name, PASSWORD, "reader")
    house.services.desk.roles.give(name, "everything", scope, "test")
    assert house.services.desk.roles.policy.viewer(name, []).grants == frozenset()
    for action in ACTIONS:
        for call in CALLS[action]:
            expected = (inside or call.somewhere) and action in SCOPED
            assert is_done(house, name, call) is expected, (where, action, call.door or call.operation)


def test_who_is_not_signed_in_does_nothing(house: House) -> None:
    browser = client_of(house.services)
    browser.get("/about")
    for action in ACTIONS:
        for call in CALLS[action]:
            if call.desk is not None:
                with pytest.raises((NotAllowed, NotFound)):
                    call.desk(house, Viewer())
                continue
            answer = through(house, browser, call)
            to_sign_in = answer.headers.get("location", "").startswith(paths.LOGIN)
            assert answer.status_code in REFUSED or to_sign_in or not call.has(answer), (action, call.door)


def test_a_right_that_is_taken_back_is_gone_at_the_next_click(house: House) -> None:
    name = "for-a-while"
    house.services.desk.accounts.add(name, PASSWORD, "everything")
    for action in ACTIONS:
        assert is_done(house, name, CALLS[action][0]), action
    house.services.desk.roles.take_back(name, "everything", ANYWHERE, "test")
    for action in ACTIONS:
        assert not is_done(house, name, CALLS[action][0]), action
