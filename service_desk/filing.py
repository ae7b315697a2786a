"""Filing a request: by its reader, or keyed in for one by staff. Its checklist is computed here, once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from mappings.access import ANONYMOUS, Viewer
from service_desk import attachments, codes, ledger, policy, sent
from service_desk.acting import Acting
from service_desk.attachments import Supplied
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid, NotFound, Unavailable
from service_desk.fees import Fees
from service_desk.forms import OLDEST, KeyedForm, OpenRequestForm, RequestForm
from service_desk.hits import frozen
from service_desk.ledger import Step
from service_desk.machine import STATUSES, Status, Verdict
from service_desk.models import Person, Request, VerifiedMaterial
from service_desk.ports import Clock, FrozenHit, Holdings
from service_desk.privacy import Privacy, check_consent
from service_desk.request_types import Channel
from service_desk.rules import Rules
from service_desk.sent import Once
from service_desk.terms import Terms, clock_of
from service_desk.views import Receipt

_RECEIPT_TRIES = 5  # 40 bits: with a million requests one try in a million meets a code in use
IDENTITY = "identity_document"
"""The material that is shown in person: whoever is registered with one has it."""
WISHES = ("pages", "copies", "carrier", "delivery", "certified", "exemption")
"""What a form says of how something is wanted, by which its price is computed."""
TOLD_AGAIN = dt.timedelta(minutes=10)
"""For so long the page that told the secret may be loaded again, by whom it was told to."""
Sign = Callable[[str], str]
"""A signature of the installation under some text, in hex."""


@dataclass(frozen=True, slots=True)
class _Filed:
    """Everything about a request but its rows."""

    form: OpenRequestForm
    hits: tuple[FrozenHit, ...]
    viewer: Viewer
    visitor: str | None
    secret: str
    channel: Channel
    keyed: KeyedForm | None = None
    keyed_by: str | None = None
    verdicts: Mapping[str, Verdict] | None = None
    kept: Sequence[tuple[Supplied, str]] = ()
    once: Once | None = None
    also: Callable[[Session, Request], None] = lambda session, request: None


class Filing:
    """Takes requests in."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holdings: Holdings,
        acting: Acting,
        rules: Rules,
        sign: Sign,
    ) -> None:
        self._database = database
        self._clock = clock
        self._holdings = holdings
        self._acting = acting
        self._rules = rules
        self._sign = sign

    def submit(
        self,
        form: OpenRequestForm,
        viewer: Viewer,
        visitor: str | None = None,
        files: Sequence[Supplied] = (),
        *,
        channel: Channel = "web",
        once: Once | None = None,
        also: Callable[[Session, Request], None] = lambda session, request: None,
    ) -> Receipt:
        """File a request; the secret is told this once. What `also` writes is kept with it, or neither is.

        Raises NotFound when a resource does not exist for the viewer, Invalid for a type that cannot be asked for
        there, for files that are not taken. Of a form that was sent before (`once`) the receipt is given again, or
        AlreadySent raised when something else stands in it by now.

        A signed-in reader's request belongs to the account; anybody else's to the visitor cookie, so on a shared
        machine nobody finds the requests of an account after it has signed out.
        """
        hits = self._hits(form, viewer)
        kept = attachments.put(self._acting.objects, attachments.sniffed(files))
        secret = self._secret(once)
        filed = _Filed(form, hits, viewer, visitor, secret, channel, kept=kept, once=once, also=also)
        return self._filed(filed)

    def key_in(
        self,
        form: OpenRequestForm,
        keyed: KeyedForm,
        viewer: Viewer,
        verdicts: Mapping[str, Verdict] | None = None,
        files: Sequence[Supplied] = (),
        once: Once | None = None,
    ) -> Receipt:
        """File what came by post, by telephone or in person; the clerk may say what was shown (`verdicts`).

        Without consent to the privacy notice (`form.consent`, `keyed.consent_way`) only an urgent type is filed, and it
        is to be got later. Raises NotAllowed, NotFound, Invalid.
        """
        actor = policy.require("requests.work", viewer)
        _check_received(keyed, self._clock.now())
        hits = tuple(self._as_readers_see(hit) for hit in self._hits(form, viewer))
        kept = attachments.put(self._acting.objects, attachments.sniffed(files))
        filed = _Filed(
            form,
            hits,
            ANONYMOUS,
            None,
            self._secret(once),
            keyed.channel,
            keyed,
            actor,
            dict(verdicts or {}),
            kept,
            once,
        )
        return self._filed(filed)

    def notices(self) -> list[Privacy]:
        """The privacy notices to be chosen from where a request is keyed in, the one in force first."""
        with self._database.read() as session:
            return self._acting.privacy(session)

    def told(self, once: Once) -> Receipt:
        """The receipt of a form that was sent a moment ago, with its secret. Raises NotFound after `TOLD_AGAIN`."""
        now = self._clock.now()
        with self._database.read() as session:
            receipt = sent.receipt_of(session, once, now - TOLD_AGAIN)
            if receipt is None:
                raise NotFound(policy.NO_REQUEST)
            return self._again(session, receipt, self._secret(once), Terms.of(self._rules, session), now)

    def _secret(self, once: Once | None) -> str:
        """A new secret; of a form that may be sent twice the same for both, and kept nowhere."""
        if once is None:
            return codes.new_secret()
        signed = bytes.fromhex(self._sign(f"secret {once.owner} {once.number}"))
        return codes.derived_secret(hashlib.sha256(signed).digest())

    def _again(self, session: Session, receipt: str, secret: str, terms: Terms, now: dt.datetime) -> Receipt:
        request = ledger.by_receipt(session, receipt)
        if request is None:
            raise NotFound(policy.NO_REQUEST)
        return _receipt(request, secret, terms, now)

    def checklist(self, form: OpenRequestForm, viewer: Viewer, person: str = "") -> dict[str, Verdict]:
        """What a request like this would need, and what of it is there already. Raises NotFound."""
        return self.checklists(form, viewer, person)[form.relation or ""]

    def checklists(self, form: OpenRequestForm, viewer: Viewer, person: str = "") -> dict[str, dict[str, Verdict]]:
        """The same for each relation that the reader may have to the matter, "" for none that is said. Raises
        NotFound.
        """
        hits = self._hits(form, viewer)
        with self._database.read() as session:
            rules = Terms.of(self._rules, session).materials
            there = _verified(session, _owners(session, viewer, person), self._clock.now())
        told: dict[str, dict[str, Verdict]] = {}
        for relation in dict.fromkeys(("", *rules.relations, form.relation or "")):
            needed = rules.checklist(form.model_copy(update={"relation": relation or None}), hits)
            told[relation] = {code: "verified" if code in there else "missing" for code in needed}
        return told

    def _hits(self, form: OpenRequestForm, viewer: Viewer) -> tuple[FrozenHit, ...]:
        if not isinstance(form, RequestForm):
            return ()
        first = frozen(self._holdings, form.resource_id, viewer)
        others = (id for id in dict.fromkeys(form.more) if id != form.resource_id)
        first = msgspec.structs.replace(first, query=form.query, rank=form.rank)
        return (first, *(frozen(self._holdings, id, viewer) for id in others))

    def _as_readers_see(self, hit: FrozenHit) -> FrozenHit:
        """A hit that a clerk looked up, with what holds for whoever stands at the window."""
        try:
            public = self._holdings.hit(hit.id, ANONYMOUS)
        except Unavailable:
            public = None
        readable, papers = (public.readable, public.papers) if public else (False, ())
        return msgspec.structs.replace(hit, readable=readable, papers=papers)

    def _filed(self, filed: _Filed) -> Receipt:
        for _ in range(_RECEIPT_TRIES):
            try:
                with self._database.write() as session:
                    receipt = self._begin(session, filed)
            except IntegrityError as error:
                told = str(error.orig)
                if "receipt" not in told and not (filed.once and "draft" in told):
                    raise
            else:
                self._acting.leave()
                return receipt
        raise Conflict("No receipt code was free; try again.")

    def _begin(self, session: Session, filed: _Filed) -> Receipt:
        now, terms = self._clock.now(), Terms.of(self._rules, session)
        if filed.once and (before := sent.receipt_of(session, filed.once)):
            return self._again(session, before, filed.secret, terms, now)
        self._check(filed, terms, session)
        request = _row(filed, codes.new_receipt(), now, terms)
        payload = self._said(session, filed, request, terms, now)
        if filed.once:
            sent.keep(session, filed.once, request.receipt, now)
        party = "staff" if filed.keyed_by else "reader"
        actor = filed.keyed_by or filed.viewer.name
        ledger.advance(request, Step("submit", party, actor, filed.form.note, payload), now, terms)
        if concerned := self._concerned(session, filed):
            request.barred = sorted(_who_worked_on(concerned))
        if filed.keyed_by:
            note(session, now, filed.keyed_by, "request.key", request.receipt, channel=filed.channel)
        session.add(request)
        session.flush()
        filed.also(session, request)
        self._acting.follow(session, request, now, 0)
        return _receipt(request, filed.secret, terms, now)

    def _check(self, filed: _Filed, terms: Terms, session: Session) -> None:
        if filed.form.type not in terms.types.types:
            raise Invalid.one("type", f"one of {', '.join(terms.types.types)}")
        rule = terms.types.types[filed.form.type]
        if filed.channel not in rule.offered:
            raise Invalid.one("type", "cannot be asked for here; come to the window, or ring us")
        if not filed.hits and not rule.without_record:
            raise Invalid.one("type", "goes with a record; search for it, and ask from there")
        if filed.keyed and not (rule.urgent and filed.form.consent is None and filed.keyed.consent_way is None):
            check_consent(self._acting.privacy(session), filed.form.consent, filed.keyed.consent_way)
        self._check_wishes(filed.form, session)
        if filed.form.relation is not None and filed.form.relation not in terms.materials.relations:
            raise Invalid.one("relation", f"one of {', '.join(terms.materials.relations)}")

    def _check_wishes(self, form: OpenRequestForm, session: Session) -> None:
        """What the price depends on is among what the fees have."""
        fees = self._rules.within(session, Fees)
        known = {
            "carrier": fees.choices.carrier,
            "delivery": fees.choices.delivery,
            "exemption": fees.claims(form.type),
        }
        for name, there in known.items():
            if (wanted := getattr(form, name)) is not None and wanted not in there:
                raise Invalid.one(name, f"one of {', '.join(there) or 'none'}")

    def _said(
        self, session: Session, filed: _Filed, request: Request, terms: Terms, now: dt.datetime
    ) -> dict[str, Any]:
        """What the first event keeps: where each material stands, the files, when it came in."""
        needed = terms.materials.checklist(filed.form, filed.hits)
        person = filed.keyed.person if filed.keyed else ""
        there = _verified(session, _owners(session, filed.viewer, person), now)
        given = {one.material for one, _ in filed.kept}
        said = {code: _verdict(code, there, given, filed.verdicts or {}) for code in needed}
        payload: dict[str, Any] = {"materials": said} if said else {}
        if wishes := wishes_of(filed.form):
            payload["wishes"] = wishes
        if filed.kept:
            payload["files"] = attachments.attach(request, filed.kept, now)
        if filed.keyed and filed.keyed.received:
            payload["received"] = filed.keyed.received.isoformat()
        if filed.keyed and filed.keyed.consent_way:
            payload["consent_way"] = filed.keyed.consent_way
        return payload

    def _concerned(self, session: Session, filed: _Filed) -> Request | None:
        """The request that this one is about; a code that nobody has says nothing, and tells nothing."""
        return ledger.by_receipt(session, filed.form.concerns) if filed.form.concerns else None


def _check_received(keyed: KeyedForm, now: dt.datetime) -> None:
    """A slip in the year would start a clock in another century. Raises Invalid."""
    if keyed.received is None:
        return
    if keyed.received > now:
        raise Invalid.one("received", "a time that has passed; leave it out for now")
    if keyed.received < now - OLDEST:
        raise Invalid.one("received", f"a time within the last {OLDEST.days} days; look at the year")


def wishes_of(form: OpenRequestForm) -> dict[str, Any]:
    """What was said of how it is wanted."""
    return {name: value for name in WISHES if (value := getattr(form, name))}


def _receipt(request: Request, secret: str, terms: Terms, now: dt.datetime) -> Receipt:
    promise = terms.promise(request.type, clock_of(request), now)
    status: Status = next(status for status in STATUSES if status == request.status)
    return Receipt(request.receipt, secret, status, promise.due)


def _who_worked_on(request: Request) -> set[str]:
    return {event.actor for event in request.events if event.party == "staff" and event.actor}


def _verdict(code: str, there: set[str], given: set[str | None], verdicts: Mapping[str, Verdict]) -> Verdict:
    if code in there:
        return "verified"
    return verdicts.get(code, "given" if code in given else "missing")


def _row(filed: _Filed, receipt: str, now: dt.datetime, terms: Terms) -> Request:
    form, viewer, hits = filed.form, filed.viewer, filed.hits
    nothing_yet: dict[str, list[object]] = {"events": [], "files": [], "attachments": [], "legs": []}
    return Request(
        **nothing_yet,  # known, so that nobody asks the database for it
        receipt=receipt,
        secret_digest=codes.digest(filed.secret),
        type=form.type,
        submitted=now,
        resource_id=hits[0].id if hits else None,
        hit=msgspec.to_builtins(hits[0]) if hits else None,
        more=[msgspec.to_builtins(hit) for hit in hits[1:]],
        name=form.name,
        contact=form.contact,
        language=form.language,
        account_name=viewer.name,
        visitor_digest=codes.digest(filed.visitor) if filed.visitor and viewer.name is None else None,
        person_code=(filed.keyed.person or None) if filed.keyed else None,
        channel=filed.channel,
        keyed_by=filed.keyed_by,
        relation=form.relation,
        urgent=terms.types.types[form.type].urgent,
        concerns=codes.normalise(form.concerns)[:20] if form.concerns else None,
        barred=[],
        consent=form.consent,
    )


def _owners(session: Session, viewer: Viewer, person: str) -> dict[str, Person | None]:
    """Under which names materials of this reader are kept, with the person at the window they are joined to."""
    found: dict[str, Person | None] = {}
    if viewer.name is not None:
        found[f"account:{viewer.name}"] = None
    conditions: list[ColumnElement[bool]] = []
    if viewer.name is not None:
        conditions.append(Person.account_name == viewer.name)
    if person:
        conditions.append(Person.code == person)
    if conditions:
        wanted = select(Person).where(or_(*conditions)).options(selectinload(Person.documents))
        found |= {f"person:{one.code}": one for one in session.scalars(wanted)}
    return found


def _verified(session: Session, owners: Mapping[str, Person | None], now: dt.datetime) -> set[str]:
    """What was verified before and still holds."""
    holds = or_(VerifiedMaterial.until.is_(None), VerifiedMaterial.until > now)
    wanted = select(VerifiedMaterial.material).where(VerifiedMaterial.owner.in_(list(owners)), holds)
    shown = {IDENTITY} if any(person is not None and person.documents for person in owners.values()) else set()
    return set(session.scalars(wanted)) | shown
