"""Legs at the desk: what staff ask of departments and of other institutions, and what departments answer.

Whoever asks has the request; a department worker has the task, and sees of the request what is asked and nothing of its
reader. Every step is written under the lock of the request it is about, so that two never decide at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from mappings.access import Viewer, scopes
from mappings.grants import Scope
from service_desk import ledger, policy
from service_desk.acting import Acting
from service_desk.audit import AuditLog
from service_desk.audit_chain import What, note
from service_desk.database import Database
from service_desk.deadlines import Calendar
from service_desk.errors import Conflict, Invalid, NotFound
from service_desk.forms import LANGUAGES, AnswerForm, parse
from service_desk.given import Roles
from service_desk.legs import machine, making, shown
from service_desk.legs.files import fetch, keep, put
from service_desk.legs.forms import LegAnswerForm, SaidForm, SendForm, WhyForm
from service_desk.legs.making import DEPARTMENT, PARTNER, Sent, Step
from service_desk.legs.rights import does
from service_desk.legs.tables import GuestLeg, Leg, legs_of
from service_desk.legs.views import LegView, Receiver, TaskRow, TaskView
from service_desk.models import Account, GivenRole, Request
from service_desk.ports import Clock, Upload
from service_desk.roles import RolePolicy
from service_desk.views import FileView

NO_LEG = "There is no such task."
STUCK_DAYS = 3
"""Working days after which a task that nobody acknowledged, or a question that nobody answered, is stuck."""
_LISTED = 500


class Legs:
    """What is asked of others."""

    def __init__(
        self,
        acting: Acting,
        database: Database,
        clock: Clock,
        roles: Roles,
        audit: AuditLog,
        deliver: Callable[[], int],
    ) -> None:
        """`deliver` sends what is to leave, after the commit it was written in."""
        self._acting = acting
        self._database = database
        self._clock = clock
        self._roles = roles
        self._audit = audit
        self._deliver = deliver

    # Who has the request

    def send(self, receipt: str, values: Mapping[str, object], viewer: Viewer, seen: int | None = None) -> LegView:
        """Ask a department or a partner. Raises NotAllowed, NotFound, Invalid, Conflict."""
        actor, form, now = policy.require("requests.work", viewer), parse(SendForm, values), self._clock.now()
        with self._writing(receipt, viewer) as (session, request):
            terms = self._acting.terms(session)
            known = terms.departments.departments if form.kind == DEPARTMENT else terms.partners.partners
            if form.receiver not in known:
                raise Invalid.one("receiver", f"one of {', '.join(known) or 'none: there are no rules for it yet'}")
            if seen is not None and seen != request.version:
                raise Conflict("This request has changed since you opened it; look at it again before you go on.")
            sent = Sent(form.kind, form.receiver, form.asks, form.expects, form.beside)
            was_relayed = request.status == "relayed"
            leg = making.begin(request, sent, Step("send", "sender", actor), now, terms)
            if was_relayed and form.kind == PARTNER:
                self._tell_of_another(session, request, now)
            self._acting.follow(session, request, now)
            note(session, now, actor, "leg.send", request.receipt, leg=leg.code, to=form.receiver)
            view = shown.leg_view(leg, terms, now, request.language)
        self._deliver()
        return view

    def remind(self, code: str, values: Mapping[str, object], viewer: Viewer) -> LegView:
        """Remind whoever was asked. Raises NotAllowed, NotFound, Conflict."""
        return self._act("remind", code, parse(WhyForm, values).text, viewer)

    def take_back(self, code: str, values: Mapping[str, object], viewer: Viewer) -> LegView:
        """Nothing is asked any more. Raises NotAllowed, NotFound, Conflict."""
        return self._act("take_back", code, parse(WhyForm, values).text, viewer)

    def reply(self, code: str, values: Mapping[str, object], viewer: Viewer) -> LegView:
        """What was asked back is answered; their time goes on. Raises NotAllowed, NotFound, Invalid, Conflict."""
        return self._act("reply", code, parse(SaidForm, values).text, viewer)

    def go_on(self, code: str, viewer: Viewer, *, beside: bool) -> LegView:
        """Work goes on here beside it, or it is all that is waited for. Raises NotAllowed, NotFound, Conflict."""
        return self._act("go_on" if beside else "wait", code, "", viewer)

    def of_case(self, receipt: str, viewer: Viewer, language: str = "en") -> list[LegView]:
        """The legs of a request, the oldest first. Raises NotAllowed, NotFound."""
        policy.require_staff("case", viewer)
        now = self._clock.now()
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            terms = self._acting.terms(session)
            return [shown.leg_view(leg, terms, now, language) for leg in legs_of(request)]

    def filed_by(self, receipt: str, viewer: Viewer, language: str = "en") -> tuple[str, str] | None:
        """Which institution filed a request here, and what it calls it. Raises NotAllowed, NotFound."""
        policy.require_staff("case", viewer)
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            guest = session.get(GuestLeg, request.id)
            if guest is None:
                return None
            return self._acting.terms(session).partners.title(guest.partner, language), guest.leg

    def receivers(self, receipt: str, viewer: Viewer) -> list[Receiver]:
        """Who can be asked for a request, departments first; `suggested` stand for the holder of its records. Raises
        NotAllowed, NotFound.
        """
        policy.require_staff("case", viewer)
        roles = self._roles.policy
        with self._database.read() as session:
            request = ledger.found(session, receipt)
            policy.check_scope("case", viewer, request)
            terms, staffed = self._acting.terms(session), self._staffed(session, roles)
            holders = {hit.holder for hit in making.hits_of(request)}
            found = [
                Receiver(DEPARTMENT, code, _titles(one.title.in_language), code in staffed)
                for code, one in terms.departments.departments.items()
            ]
            return found + [
                Receiver(PARTNER, code, _titles(one.title.in_language), suggested=bool(holders & set(one.holders)))
                for code, one in terms.partners.partners.items()
                if one.channel is not None
            ]

    def partner_titles(self, language: str) -> dict[str, str]:
        """What every partner is called."""
        with self._database.read() as session:
            partners = self._acting.terms(session).partners.partners
        return {code: one.title.in_language(language) for code, one in partners.items()}

    # Departments

    def tasks(self, viewer: Viewer, language: str = "en", *, ended: bool = False) -> list[TaskRow]:
        """The tasks of the departments of a viewer, the next date first. Raises NotAllowed."""
        policy.require("requests.work", viewer)
        now, statuses = self._clock.now(), machine.ANSWERED if ended else machine.OPEN
        wanted = select(Leg).join(Leg.request).where(Leg.kind == DEPARTMENT, Leg.status.in_(sorted(statuses)))
        order = (Leg.sent.desc(),) if ended else (Request.urgent.desc(), Leg.due.is_(None), Leg.due, Leg.id)
        with self._database.read() as session:
            terms = self._acting.terms(session)
            rows = session.scalars(wanted.where(_within(viewer)).order_by(*order).limit(_LISTED))
            return [shown.task_row(leg, terms, now, language) for leg in rows]

    def task(self, code: str, viewer: Viewer, language: str = "en") -> TaskView:
        """A task, for its department. Raises NotAllowed, NotFound."""
        policy.require("requests.work", viewer)
        with self._database.read() as session:
            leg = self._task(session, code, viewer)
            view = shown.leg_view(leg, self._acting.terms(session), self._clock.now(), language)
            request = leg.request
            can = () if viewer.name in request.barred else machine.available(leg.status, "receiver")
            acts = tuple(name for name in can if name != "refuse")
            receipt = request.receipt if policy.allows("case", viewer, request) else None
            found = TaskView(view, request.type, making.hits_of(request), request.urgent, receipt, acts)
        self._audit.saw(viewer, "leg.see", code)
        return found

    def acknowledge(self, code: str, viewer: Viewer) -> None:
        """Somebody of the department sees to it. Raises NotAllowed, NotFound, Conflict."""
        self._work("acknowledge", code, "", viewer)

    def answer(self, code: str, values: Mapping[str, object], viewer: Viewer, files: Sequence[Upload] = ()) -> None:
        """The answer, or that it is not held. Raises NotAllowed, NotFound, Invalid, Conflict."""
        form = answer_form(values, files)
        self._work("answer" if form.held else "not_held", code, form.text, viewer, files)

    def ask_back(self, code: str, values: Mapping[str, object], viewer: Viewer) -> None:
        """Something has to be known first; its time stands still. Raises NotAllowed, NotFound, Invalid, Conflict."""
        self._work("ask_back", code, parse(SaidForm, values).text, viewer)

    def give_back(self, code: str, values: Mapping[str, object], viewer: Viewer) -> None:
        """It is not theirs, and why. Raises NotAllowed, NotFound, Invalid, Conflict."""
        self._work("return", code, parse(SaidForm, values).text, viewer)

    def file(self, code: str, number: int, viewer: Viewer) -> tuple[FileView, bytes]:
        """A file of an answer, for who has the request or the task. Raises NotAllowed, NotFound, Unavailable."""
        policy.require("requests.see", viewer)
        with self._database.read() as session:
            leg = _by_code(session, code)
            if leg is None or not (policy.allows("case", viewer, leg.request) or does(viewer, leg)):
                raise NotFound(NO_LEG)
            row, data = fetch(self._acting.objects, leg, number)
        self._audit.saw(viewer, "leg.file", code, file=number)
        return shown.file_view(row), data

    def as_answer(self, code: str, viewer: Viewer) -> tuple[AnswerForm, list[Upload]]:
        """What came back, as an answer to the reader. Raises NotAllowed, NotFound, Conflict when there is none."""
        policy.require("requests.decide", viewer)
        with self._database.read() as session:
            leg = _by_code(session, code)
            if leg is None or not policy.allows("answer", viewer, leg.request):
                raise NotFound(NO_LEG)
            if leg.status != "answered":
                raise Conflict("There is no answer to hand on yet.")
            text = next(event.text for event in leg.events if event.what == "answered")
            rows = [fetch(self._acting.objects, leg, row.number) for row in leg.files]
        return AnswerForm(text=text), [Upload(row.name, row.media_type, data) for row, data in rows]

    # Coordinators

    def overseen(self, viewer: Viewer, language: str = "en") -> list[TaskRow]:
        """What nobody may overlook: tasks of departments without people, late ones, stuck ones, questions to us, what
        cannot be delivered. Raises NotAllowed.
        """
        policy.require("requests.coordinate", viewer)
        now, roles = self._clock.now(), self._roles.policy
        wanted = select(Leg).join(Leg.request).where(Leg.status.in_(sorted(machine.OPEN)))
        with self._database.read() as session:
            terms, staffed, rows = self._acting.terms(session), self._staffed(session, roles), []
            for leg in session.scalars(wanted.order_by(Leg.due.is_(None), Leg.due, Leg.id).limit(_LISTED)):
                if not policy.coordinates(viewer, leg.request):
                    continue
                if why := _why(leg, staffed, now, terms.calendar):
                    row = shown.task_row(leg, terms, now, language, why)
                    rows.append(_with_receipt(row, leg.request.receipt))
            return rows

    # Below

    def _act(self, action: str, code: str, text: str, viewer: Viewer) -> LegView:
        actor, now = policy.require("requests.work", viewer), self._clock.now()
        with self._database.read() as session:
            receipt = _receipt_of(session, code)
        with self._writing(receipt, viewer) as (session, request):
            leg, terms = _of(request, code), self._acting.terms(session)
            if action in ("go_on", "wait"):
                leg.beside = action == "go_on"
            making.advance(leg, Step(action, "sender", actor, text), now, terms)
            self._acting.follow(session, request, now)
            note(session, now, actor, cast(What, f"leg.{action}"), request.receipt, leg=code)
            view = shown.leg_view(leg, terms, now, request.language)
        self._deliver()
        return view

    def _work(self, action: str, code: str, text: str, viewer: Viewer, files: Sequence[Upload] = ()) -> None:
        actor, now = policy.require("requests.work", viewer), self._clock.now()
        with self._database.read() as session:
            self._task(session, code, viewer)
            receipt = _receipt_of(session, code)
        kept = put(self._acting.objects, files)
        with self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            leg = _of(request, code)
            if not does(viewer, leg):
                raise NotFound(NO_LEG)
            _check_barred(viewer, request)
            leg.worker = actor if action in ("acknowledge", "ask_back", "answer", "not_held") else None
            keep(leg, kept)
            making.advance(leg, Step(action, "receiver", actor, text), now, self._acting.terms(session))
            self._acting.follow(session, request, now)
            note(session, now, actor, cast(What, f"leg.{action}"), request.receipt, leg=code)
        self._deliver()

    def _task(self, session: Session, code: str, viewer: Viewer) -> Leg:
        leg = _by_code(session, code)
        if leg is None or leg.kind != DEPARTMENT or not does(viewer, leg):
            raise NotFound(NO_LEG)
        return leg

    @contextmanager
    def _writing(self, receipt: str, viewer: Viewer) -> Iterator[tuple[Session, Request]]:
        """A request under its lock, for who may work on it."""
        with self._audit.refusals(viewer, "leg", receipt), self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            policy.check_scope("note", viewer, request)
            _check_barred(viewer, request)
            yield session, request

    def _tell_of_another(self, session: Session, request: Request, now: dt.datetime) -> None:
        terms = self._acting.terms(session)
        text = making.said_to_reader(request, "asked_more", terms, making.reader_day(request, now, terms))
        self._acting.advance(session, request, ledger.Step("progress", "desk", None, text), now)

    def _staffed(self, session: Session, rules: RolePolicy) -> frozenset[str]:
        """The departments that have somebody of their own who may work."""
        rows = session.execute(
            select(GivenRole.department, GivenRole.role)
            .join(Account, Account.name == GivenRole.account_name)
            .where(GivenRole.department != "", Account.disabled.is_(False))
        )
        return frozenset(department for department, role in rows if "requests.work" in rules.actions(role))


def answer_form(values: Mapping[str, object], files: Sequence[Upload]) -> LegAnswerForm:
    """An answer that says something. Raises Invalid."""
    form = parse(LegAnswerForm, values)
    if not form.text and not (form.held and files):
        raise Invalid.one("text", "write an answer, or attach a file")
    return form


def _check_barred(viewer: Viewer, request: Request) -> None:
    if viewer.name in request.barred:
        raise Conflict("This request is about your own work: somebody else has to handle it.")


def _of(request: Request, code: str) -> Leg:
    found = next((leg for leg in legs_of(request) if leg.code == code), None)
    if found is None:
        raise NotFound(NO_LEG)
    return found


def _by_code(session: Session, code: str) -> Leg | None:
    return session.scalar(select(Leg).where(Leg.code == code[:40]))


def _receipt_of(session: Session, code: str) -> str:
    """The receipt of the request a leg belongs to. Raises NotFound."""
    wanted = select(Request.receipt).join(Leg, Leg.request_id == Request.id).where(Leg.code == code[:40])
    found = session.scalar(wanted)
    if found is None:
        raise NotFound(NO_LEG)
    return found


def _within(viewer: Viewer) -> ColumnElement[bool]:
    """`does` in the database's words."""
    return or_(*(_covered(scope) for scope in scopes(viewer, "requests.work")))


def _covered(scope: Scope) -> ColumnElement[bool]:
    held = [
        Request.hit[name].as_string() == value
        for name, value in (("holder", scope.holder), ("fonds", scope.fonds))
        if value
    ]
    if scope.department:
        held.append(Leg.receiver == scope.department)
    if scope.theme:
        held.append(Request.hit["themes"].as_string().contains(f'"{scope.theme}"', autoescape=True))
    return and_(true(), *held)


def _why(leg: Leg, staffed: frozenset[str], now: dt.datetime, calendar: Calendar) -> str:
    """Why somebody has to look at an open leg; nothing for one that goes its way."""
    if leg.kind == DEPARTMENT and leg.receiver not in staffed:
        return "nobody"
    if shown.is_late(leg, now):
        return "late"
    if leg.status == "asked_back":
        return "asked"
    if any(post.sent is None and post.problem for post in leg.posts):
        return "unsent"
    idle = calendar.working_days(calendar.day_of(leg.events[-1].at), calendar.day_of(now))
    return "stuck" if leg.status == "sent" and idle >= STUCK_DAYS else ""


def _titles(told: Callable[[str], str]) -> dict[str, str]:
    return {language: told(language) for language in LANGUAGES}


def _with_receipt(row: TaskRow, receipt: str) -> TaskRow:
    return replace(row, receipt=receipt)
