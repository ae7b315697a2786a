"""What other houses send here, each message signed: requests they file, what they say of legs that we sent them, and
their question how far it is.

A message is taken once; the same one again is answered alike and does nothing more. Answers are signed, too.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mappings.access import ANONYMOUS
from service_desk import answers, ledger
from service_desk.acting import Acting
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import BadCredentials, Conflict, DeskError, FieldError, Invalid, NotFound
from service_desk.filing import Filing
from service_desk.legs import guests, signing
from service_desk.legs.files import keep, put
from service_desk.legs.guests import DAY
from service_desk.legs.hearing import SAYS, apply_events
from service_desk.legs.ports import Relays
from service_desk.legs.rules import Inbound, Partner, Partners
from service_desk.legs.tables import GuestLeg, Leg, LegFile, LegMessage
from service_desk.models import Request
from service_desk.ports import Clock, Upload
from service_desk.rules import Rules
from service_desk.sniffing import MAX_BYTES

NO_LEG = "There is no such leg of yours here."
_STATUS = {NotFound: 404, Conflict: 409, Invalid: 422}
_FROM_SENDERS = frozenset({"reminded", "replied", "taken_back", "moved"})


class Call(Struct, frozen=True):
    """A call as it came: header names in lower case; `target` from ``/relay`` on."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


class Answer(Struct, frozen=True):
    """What is answered, signed."""

    status: int
    headers: dict[str, str]
    body: bytes


class SentFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A small file within a message, base64."""

    name: Annotated[str, Meta(min_length=1, max_length=300)]
    data: Annotated[str, Meta(max_length=2 * MAX_BYTES)]


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a leg: the body of ``POST /api/v1/relay/{leg}``."""

    what: Annotated[str, Meta(max_length=20)]
    text: Annotated[str, Meta(max_length=10_000)] = ""
    leg: Annotated[str, Meta(max_length=40)] = ""
    due: Annotated[str, Meta(pattern=DAY)] = ""
    files: Annotated[list[SentFile], Meta(max_length=10)] = []


class _Known(Struct, frozen=True):
    """Who calls, and what their answer is signed with."""

    code: str
    partner: Partner
    secret: bytes
    id: str


class Exchange:
    """The signed addresses."""

    def __init__(
        self,
        acting: Acting,
        database: Database,
        clock: Clock,
        rules: Rules,
        filing: Filing,
        relays: Relays,
        deliver: Callable[[], int],
    ) -> None:
        self._acting = acting
        self._database = database
        self._clock = clock
        self._rules = rules
        self._filing = filing
        self._relays = relays
        self._deliver = deliver

    def file(self, call: Call) -> Answer:
        """A request of another institution. Raises BadCredentials."""
        known = self._known(call)
        return self._answered(known, lambda: self._file(known, call))

    def hear(self, call: Call, leg: str) -> Answer:
        """What is said of a leg, by who was asked or by who asks. Raises BadCredentials."""
        known = self._known(call)
        return self._answered(known, lambda: self._heard(known, call, leg))

    def tell(self, call: Call, leg: str, after: int) -> Answer:
        """How far a request is that they filed. Raises BadCredentials."""
        known = self._known(call)
        return self._answered(known, lambda: (200, self._told(known, leg, after)))

    def fetch(self, call: Call, leg: str, number: int) -> tuple[str, bytes]:
        """A file of an answer to what they filed: its name and its bytes. Raises BadCredentials, NotFound."""
        known = self._known(call)
        with self._database.read() as session:
            request = self._guest(session, known, leg)
            row = next((file for file in guests.files_of(request) if file.number == number), None)
            if row is None:
                raise NotFound("There is no such file.")
            return row.name, answers.intact(self._acting.objects, row.object_key, row.sha256)

    def _known(self, call: Call) -> _Known:
        """Who signed this call. Raises BadCredentials."""
        code, now = call.headers.get(signing.PARTNER, ""), self._clock.now()
        partner = self._rules.now(Partners).partners.get(code)
        secrets = [self._relays.secret_of(name) for name in partner.secrets] if partner else []
        for secret in secrets or [None]:
            try:
                id_ = signing.check(secret, call.headers, call.method, call.target, call.body, now)
            except BadCredentials:
                continue
            assert partner is not None and secret is not None
            return _Known(code, partner, secret, id_)
        raise BadCredentials(signing.WRONG)

    def _answered(self, known: _Known, do: Callable[[], tuple[int, dict[str, Any]]]) -> Answer:
        try:
            status, said = do()
        except (NotFound, Conflict, Invalid) as error:
            status, said = _STATUS[type(error)], _problem(error)
        body = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
        headers = signing.signed_answer(known.secret, known.id, status, body, self._clock.now())
        return Answer(status, headers, body)

    def _file(self, known: _Known, call: Call) -> tuple[int, dict[str, Any]]:
        way = known.partner.files_here
        if way is None:
            raise Conflict("You may not file requests here; ask the administrators of this house.")
        filed = _read(call.body, guests.Filed)
        form = guests.form_of(filed, known.partner, way)

        def also(session: Session, request: Request) -> None:
            session.add(GuestLeg(request_id=request.id, partner=known.code, leg=filed.leg))
            session.flush()
            note(session, self._clock.now(), f"partner:{known.code}", "leg.send", request.receipt, leg=filed.leg)

        with self._database.read() as session:
            before = guests.of_partner(session, known.code, filed.leg)
        if before is None:
            try:
                self._filing.submit(form, ANONYMOUS, channel="api", also=also)
            except IntegrityError as error:
                if "guest_leg" not in str(error.orig):
                    raise
        return 201 if before is None else 200, self._told(known, filed.leg, 0)

    def _heard(self, known: _Known, call: Call, code: str) -> tuple[int, dict[str, Any]]:
        said, now = _read(call.body, Said), self._clock.now()
        with self._database.read() as session:
            guest = guests.of_partner(session, known.code, code)
            leg = None if guest else _sent_to(session, known.code, code)
            if guest is None and leg is None:
                raise NotFound(NO_LEG)
            number = guest.request_id if guest else leg.request_id if leg else 0
            receipt = session.get_one(Request, number).receipt
        files = put(self._acting.objects, _files(said)) if leg else []
        with self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            if self._is_new(session, known, call.body, now):
                if guest is not None:
                    self._from_sender(session, request, said, known.partner.files_here, now)
                elif leg is not None:
                    self._from_receiver(session, request, leg.id, said, files, now)
        self._deliver()
        return 200, self._told(known, code, 0) if guest else {"leg": code, "status": self._status(code)}

    def _is_new(self, session: Session, known: _Known, body: bytes, now: dt.datetime) -> bool:
        """Note that a message was taken; False for one that was taken before. Raises Conflict for another one."""
        digest = hashlib.sha256(body).hexdigest()
        before = session.get(LegMessage, (known.code, known.id))
        if before is None:
            session.add(LegMessage(partner=known.code, id=known.id, digest=digest, at=now))
            return True
        if before.digest != digest:
            raise Conflict("Another message had this id; give each its own.")
        return False

    def _from_sender(
        self, session: Session, request: Request, said: Said, way: Inbound | None, now: dt.datetime
    ) -> None:
        if said.what not in _FROM_SENDERS:
            raise Invalid.one("what", f"one of {', '.join(sorted(_FROM_SENDERS))}")
        language, terms = way.language if way else "en", self._acting.terms(session)
        if said.what == "moved":
            step = guests.moved(request, _day(said.due), language, now, terms)
        else:
            step = guests.step_of(request, said.what, said.text, language)
        if step is not None:
            self._acting.advance(session, request, step, now)

    def _from_receiver(
        self, session: Session, request: Request, number: int, said: Said, files: list[LegFile], now: dt.datetime
    ) -> None:
        if said.what not in SAYS:
            raise Invalid.one("what", f"one of {', '.join(SAYS)}")
        leg = session.get_one(Leg, number, populate_existing=True)
        if apply_events(leg, [said], now, self._acting.terms(session)):
            keep(leg, files)
            note(session, now, f"partner:{leg.receiver}", "leg.answer", request.receipt, leg=leg.code, said=said.what)
        self._acting.follow(session, request, now)

    def _told(self, known: _Known, leg: str, after: int) -> dict[str, Any]:
        way = known.partner.files_here
        with self._database.read() as session:
            request = self._guest(session, known, leg)
            return guests.told(request, after, self._acting.terms(session), way.language if way else "en")

    def _guest(self, session: Session, known: _Known, leg: str) -> Request:
        guest = guests.of_partner(session, known.code, leg)
        if guest is None:
            raise NotFound(NO_LEG)
        return session.get_one(Request, guest.request_id)

    def _status(self, code: str) -> str | None:
        with self._database.read() as session:
            return session.scalar(select(Leg.status).where(Leg.code == code))


def _sent_to(session: Session, partner: str, code: str) -> Leg | None:
    """The leg of that code, if that partner was asked by webhook."""
    wanted = select(Leg).where(Leg.code == code[:40], Leg.receiver == partner, Leg.channel == "webhook")
    return session.scalar(wanted)


def _files(said: Said) -> list[Upload]:
    try:
        return [
            Upload(answers.file_name(one.name), "", base64.b64decode(one.data, validate=True)) for one in said.files
        ]
    except (binascii.Error, ValueError):
        raise Invalid.one("files", "is not base64") from None


def _read(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid([FieldError("body", str(error)[:300])]) from None


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid.one("due", "a day such as 2026-03-06") from None


def _problem(error: DeskError) -> dict[str, Any]:
    return {"type": "about:blank", "status": _STATUS[type(error)], "detail": str(error)}
