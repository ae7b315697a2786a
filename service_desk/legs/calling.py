"""What is told to, and asked of, other houses over the network: signed, and, between two installations of this, the
answers signed, too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from service_desk.answers import file_name
from service_desk.forms import without_controls
from service_desk.legs import shown, signing
from service_desk.legs.making import DATE
from service_desk.legs.ports import Relays, Reply
from service_desk.legs.rules import Partner
from service_desk.legs.tables import LegPost
from service_desk.ports import Upload
from service_desk.sniffing import MAX_BYTES
from service_desk.terms import Terms

API = "/api/v1"
ANSWER_BYTES = 1 << 20
TEXT = 10_000
_FILES = 20
_WITH_FILES = frozenset({"answered"})


class Message(Struct, frozen=True):
    """One call: where to, and under which id. `may_be_unknown`: a release before this one refuses it."""

    id: str
    url: str
    target: str
    body: bytes
    may_be_unknown: bool = False


class TheirEvent(Struct, frozen=True):
    """Something that happened at the other house, in our words for legs."""

    number: Annotated[int, Meta(ge=1)]
    what: Annotated[str, Meta(max_length=20)]
    text: Annotated[str, Meta(max_length=4 * TEXT)] = ""


class TheirFile(Struct, frozen=True):
    """A file of their answer."""

    number: Annotated[int, Meta(ge=1)]
    name: Annotated[str, Meta(max_length=300)]
    size: Annotated[int, Meta(ge=1, le=MAX_BYTES)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Told(Struct, frozen=True):
    """How far another house is: what happened there since we last asked, and `version`, how much that is in all."""

    receipt: Annotated[str, Meta(min_length=1, max_length=40)]
    version: Annotated[int, Meta(ge=0)]
    events: Annotated[list[TheirEvent], Meta(max_length=1000)] = []
    files: Annotated[list[TheirFile], Meta(max_length=_FILES)] = []


class Heard(Struct, frozen=True):
    """The same, with the files fetched."""

    version: int
    events: Sequence[TheirEvent]
    files: Sequence[Upload]


def message(post: LegPost, partner: Partner, terms: Terms, relays: Relays) -> Message:
    """What a post says. The same post is the same bytes as long as the rules are the same."""
    leg = post.leg
    asked = shown.asked(leg, terms, "en")
    said: dict[str, Any] = {"leg": leg.code, "what": post.what, "text": post.body.get("text", "")}
    due = post.body.get(DATE, str(shown.last_day(leg, terms) or ""))
    said |= {"due": due} if post.what == "moved" else {}
    if post.what == "sent":
        said |= {
            "asks": asked.asks,
            "expects": asked.expects,
            "due": due,
            "type": asked.type,
            "records": [{"title": title, "reference_code": code} for title, code in asked.records],
            "name": asked.name,
            "contact": asked.contact,
            "language": leg.request.language,
        }
    if partner.webhook is not None:
        said |= {"id": post.id, "partner": leg.receiver, "answer_to": f"{relays.site}{API}/relay/{leg.code}"}
        url = partner.webhook.url
        return Message(post.id, url, urlsplit(url).path or "/", _body(said))
    assert partner.onestop is not None
    target = "/relay" if post.what == "sent" else f"/relay/{leg.code}"
    return Message(post.id, f"{partner.onestop.base}{API}{target}", target, _body(said), post.what == "moved")


def tell(said: Message, partner: Partner, relays: Relays, now: dt.datetime) -> str | None:
    """Send it; the receipt code it was given there, if any. Raises OSError when it was not taken."""
    known_as, secret = _identity(partner, relays)
    headers = signing.signed(secret, known_as, said.id, "POST", said.target, said.body, now)
    reply = _call(relays, "POST", said.url, {**headers, "content-type": "application/json"}, said.body)
    if partner.webhook is not None:
        if not 200 <= reply.status < 300:
            raise OSError(f"the other house answers {reply.status}")
        return None
    _check(secret, said.id, reply, now)
    if reply.status == 409 and said.target != "/relay":
        return None  # it is over there: what happened is heard when we ask
    if reply.status == 422 and said.may_be_unknown:
        return None  # to be tried again for ever would keep back what is said after it
    if reply.status not in (200, 201):
        raise OSError(f"the other house answers {reply.status}: {_detail(reply.body)}")
    return _read(reply.body, Told).receipt


def ask(code: str, after: int, partner: Partner, relays: Relays, now: dt.datetime) -> Heard:
    """What has happened there since. Raises OSError when it does not say, or not under its signature."""
    told = _read(_got(f"/relay/{code}?after={after}", partner, relays, now).body, Told)
    news = [event for event in told.events if event.number > after]
    wanted = told.files if any(event.what in _WITH_FILES for event in news) else []
    files = [_fetched(code, file, partner, relays, now) for file in wanted]
    return Heard(told.version, sorted(news, key=lambda event: event.number), files)


def _fetched(code: str, file: TheirFile, partner: Partner, relays: Relays, now: dt.datetime) -> Upload:
    data = _got(f"/relay/{code}/files/{file.number}", partner, relays, now, file.size, is_file=True).body
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise OSError("a file of the other house came damaged")
    return Upload(file_name(file.name), "", data)


def _got(
    target: str,
    partner: Partner,
    relays: Relays,
    now: dt.datetime,
    largest: int = ANSWER_BYTES,
    *,
    is_file: bool = False,
) -> Reply:
    assert partner.onestop is not None
    known_as, secret = _identity(partner, relays)
    name = secrets.token_hex(16)
    headers = signing.signed(secret, known_as, name, "GET", target, b"", now)
    reply = _call(relays, "GET", f"{partner.onestop.base}{API}{target}", headers, b"", largest)
    if not is_file:  # a file is told by its digest, which stands in what was signed
        _check(secret, name, reply, now)
    if reply.status != 200:
        raise OSError(f"the other house answers {reply.status}: {_detail(reply.body)}")
    return reply


def _call(
    relays: Relays, method: str, url: str, headers: dict[str, str], body: bytes, largest: int = ANSWER_BYTES
) -> Reply:
    if relays.courier is None:
        raise OSError("this house calls no others")
    return relays.courier.call(method, url, headers, body, largest)


def _identity(partner: Partner, relays: Relays) -> tuple[str, bytes]:
    """What we are called there, and what we sign with. Raises OSError."""
    way = partner.onestop or partner.webhook
    assert way is not None
    secret = relays.secret_of(way.secret)
    if secret is None:
        raise OSError(f"the variable {way.secret} is not set, or shorter than 32 characters")
    return (partner.onestop.known_as if partner.onestop else "onestop"), secret


def _check(secret: bytes, name: str, reply: Reply, now: dt.datetime) -> None:
    if not signing.answer_fits(secret, name, reply.status, reply.headers, reply.body, now):
        raise OSError(f"the answer ({reply.status}) is not signed with the secret we share")


def _read(body: bytes, kind: type[Told]) -> Told:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise OSError(f"the other house answers what cannot be read ({error})") from None


def _detail(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = found.get("detail") if isinstance(found, dict) else None
    return str(without_controls(said))[:200] if isinstance(said, str) else ""


def _body(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
