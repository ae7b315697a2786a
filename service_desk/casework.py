"""What staff do to a request beside answering it: accept, ask for materials and check them, hand over, classify,
estimate, extend, make ready, hand out, reopen. Each act is a form; whether it may be done now is the machine's to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import answers, attachments, flow, materials, policy, privacy
from service_desk.accounts import Accounts
from service_desk.acting import Acting, nothing
from service_desk.audit import AuditLog
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid
from service_desk.forms import (
    KEEPING,
    AnswerForm,
    ClassifyForm,
    ConsentForm,
    ExtendForm,
    Form,
    HandOverForm,
    MadeForm,
    MaterialsForm,
    MessageForm,
    NotHeldForm,
    OptionalMessageForm,
    QuoteForm,
    ReadyForm,
    parse,
)
from service_desk.ledger import found
from service_desk.machine import fold
from service_desk.made.copies import MadeCopies
from service_desk.models import Attachment, Request, VerifiedMaterial
from service_desk.ports import Clock, Upload
from service_desk.views import Case

FORMS: dict[str, type[Form]] = {
    "accept": OptionalMessageForm,
    "ask_materials": MaterialsForm,
    "check": MaterialsForm,
    "resume": OptionalMessageForm,
    "hand_over": HandOverForm,
    "classify": ClassifyForm,
    "search": OptionalMessageForm,
    "review": OptionalMessageForm,
    "quote": QuoteForm,
    "agree": OptionalMessageForm,
    "pay": OptionalMessageForm,
    "make_ready": ReadyForm,
    "hand_out": OptionalMessageForm,
    "answer_part": AnswerForm,
    "not_held": NotHeldForm,
    "reopen": MessageForm,
    "extend": ExtendForm,
    "consent": ConsentForm,
}
"""The form of each act."""


class Hands(NamedTuple):
    """Who acts, and the colleague whom the act names."""

    viewer: Viewer
    colleague: Viewer | None


class Casework:
    """Acts of staff, by their names in the machine."""

    def __init__(
        self,
        acting: Acting,
        database: Database,
        clock: Clock,
        accounts: Accounts,
        audit: AuditLog,
        made: MadeCopies,
    ) -> None:
        self._made = made
        self._acting = acting
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._audit = audit

    def act(
        self,
        receipt: str,
        action: str,
        values: Mapping[str, object],
        viewer: Viewer,
        seen: int | None = None,
        files: Sequence[Upload] = (),
    ) -> Case:
        """Do it. Raises NotAllowed, NotFound, Conflict, Invalid; `files` go with ``answer_part`` and ``make_ready``."""
        if action not in FORMS:
            raise Invalid.one("action", f"one of {', '.join(FORMS)}")
        policy.require_staff(action, viewer)
        form = parse(FORMS[action], values)
        payload = form.model_dump(mode="json", exclude={"text", *KEEPING}, exclude_none=True)
        self._accounts.know_policy()
        answers.check(files)
        then = self._made.with_answer(form, receipt, viewer, files) if isinstance(form, MadeForm) else nothing
        stored = answers.store(self._acting.objects, files) if files else []
        prepare = getattr(self, f"_{action}", None) or _unprepared
        named = payload.get("to") or payload.get("about")
        colleague = self._accounts.viewer(named) if named else None  # asked before: it may write itself
        if stored:
            payload["files"] = answers.evidence(stored)
        text = str(getattr(form, "text", ""))

        def prepared(session: Session, request: Request) -> None:
            prepare(session, request, payload, Hands(viewer, colleague))

        return self._acting.staff(action, receipt, viewer, text, payload, seen, stored, prepared, then)

    def attachment(self, receipt: str, number: int, viewer: Viewer) -> tuple[Attachment, bytes]:
        """A file that the reader handed in, for those who work on it. Raises NotAllowed, NotFound, Unavailable."""
        policy.require_staff("attachment", viewer)
        with self._audit.refusals(viewer, "attachment", receipt), self._database.read() as session:
            request = found(session, receipt)
            policy.check_scope("attachment", viewer, request)
            row, data = attachments.fetch(self._acting.objects, request, number)
        self._audit.saw(viewer, "request.file", request.receipt, attachment=number)
        return row, data

    def _ask_materials(self, session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
        """One notice names everything: what the clerk found wanting now, and what was missing before."""
        verdicts = materials.standing(request.events) | payload.pop("verdicts")
        wanting = [code for code, verdict in verdicts.items() if verdict in materials.ASKED_FOR]
        self._check_codes(session, wanting)
        if not wanting:
            raise Invalid.one("verdicts", "say what is missing or unclear")
        payload |= {"materials": {code: verdicts[code] for code in verdicts}, "missing": wanting}

    def _check(self, session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
        payload["materials"] = payload.pop("verdicts")
        self._check_codes(session, payload["materials"])
        good = [code for code, verdict in payload["materials"].items() if verdict == "verified"]
        self._keep_verified(session, request, good, hands.viewer)

    def _check_codes(self, session: Session, codes: Sequence[str] | Mapping[str, str]) -> None:
        known = self._acting.terms(session).materials.materials
        if unknown := [code for code in codes if code not in known]:
            raise Invalid.one("verdicts", f"there is no material {unknown[0]!r}")

    def _keep_verified(self, session: Session, request: Request, codes: Sequence[str], viewer: Viewer) -> None:
        """So that the same person is not asked again while it holds; a material without a term is for one request."""
        owner = owner_of(request)
        known = self._acting.terms(session).materials.materials
        for code in codes:
            if owner is not None and (days := known[code].valid_days) is not None:
                now = self._clock.now()
                until = now + dt.timedelta(days=days)
                session.add(
                    VerifiedMaterial(owner=owner, material=code, verified=now, until=until, by=viewer.name or "")
                )

    def _hand_over(self, session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
        to = payload.setdefault("to", None)
        if hands.colleague is None:
            return
        if to in request.barred:
            raise Invalid.one("to", "this request is about that person's work: choose somebody else")
        if not policy.allows("search", hands.colleague, request):
            raise Invalid.one("to", f"{to} may not work on this request")

    def _classify(self, session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
        terms = self._acting.terms(session)
        if payload.get("type", request.type) not in terms.types.types:
            raise Invalid.one("type", f"one of {', '.join(terms.types.types)}")
        if payload.get("route", next(iter(terms.routes.routes))) not in terms.routes.routes:
            raise Invalid.one("route", f"one of {', '.join(terms.routes.routes)}")
        named = flow.department_of(payload["route"], terms) if "route" in payload else None
        if named is not None:
            payload.setdefault("department", named)
        if about := payload.get("about"):
            request.barred = sorted({*request.barred, about})
        flow.classified(request, payload)

    def _extend(self, session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
        """Within what the rules allow; a coordinator may go beyond."""
        rule = self._acting.terms(session).types.rule(request.type).extension
        clock = fold(request.events).clock
        used = clock.extensions if clock else 0
        fits = rule is not None and used < rule.times and payload["days"] <= rule.days
        if not fits and not policy.coordinates(hands.viewer, request):
            allowed = f"{rule.times} times {rule.days} days" if rule else "no extension"
            raise Conflict(f"The rules allow {allowed} for this type; a coordinator can decide otherwise.")

    def _consent(self, session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
        if not privacy.is_to_be_got(request):
            raise Conflict("Nothing is to be got: the consent is there, or the reader gave it with their own form.")
        privacy.check_consent(self._acting.privacy(session), payload["consent"], payload["consent_way"])
        request.consent = payload["consent"]


def owner_of(request: Request) -> str | None:
    """Under which name materials of its reader are kept; None for somebody who cannot be told from others."""
    if request.account_name is not None:
        return f"account:{request.account_name}"
    return f"person:{request.person_code}" if request.person_code else None


def _unprepared(session: Session, request: Request, payload: dict[str, Any], hands: Hands) -> None:
    """Most acts need nothing before their step."""
