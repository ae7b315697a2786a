"""Partners without an account: what a link of a letter shows, and what can be done there. It ends with the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from service_desk import ledger
from service_desk.acting import Acting
from service_desk.audit_chain import What, note
from service_desk.database import Database
from service_desk.errors import Invalid
from service_desk.forms import parse
from service_desk.legs import machine, making, shown
from service_desk.legs.files import keep, put
from service_desk.legs.forms import SaidForm
from service_desk.legs.letters import leg_of_link
from service_desk.legs.making import Step
from service_desk.legs.office import answer_form
from service_desk.legs.tables import Leg
from service_desk.legs.views import Asked
from service_desk.ports import Clock, Upload

ACTS = frozenset({"acknowledge", "answer", "ask_back", "return"})


class Answering:
    """What holders of a link see and do. Whoever has it is the partner, and nobody else."""

    def __init__(self, acting: Acting, database: Database, clock: Clock) -> None:
        self._acting = acting
        self._database = database
        self._clock = clock

    def asked(self, token: str, language: str) -> Asked:
        """What is asked; nothing of it once it is answered. Raises NotFound."""
        with self._database.read() as session:
            leg = leg_of_link(session, token, self._clock.now())
            found = shown.asked(leg, self._acting.terms(session), language)
        if leg.status in machine.OPEN:
            return found
        return Asked(leg.code, leg.receiver, "", "", (), found.type, found.status, None, (), (), ())

    def act(self, token: str, action: str, values: Mapping[str, object], files: Sequence[Upload] = ()) -> None:
        """Acknowledge, answer, ask back or return. Raises NotFound, Invalid, Conflict."""
        name, text = _meant(action, values, files)
        with self._database.read() as session:
            leg = leg_of_link(session, token, self._clock.now())
            receipt, number = leg.request.receipt, leg.id
            machine.check(machine.fold(leg.events), machine.ACTIONS[name])  # nothing is stored for what cannot be
        kept, now = put(self._acting.objects, files) if name == "answer" else [], self._clock.now()
        with self._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            leg = session.get_one(Leg, number, populate_existing=True)
            keep(leg, kept)
            making.advance(leg, Step(name, "receiver", None, text), now, self._acting.terms(session))
            self._acting.follow(session, request, now)
            note(session, now, f"partner:{leg.receiver}", cast(What, f"leg.{name}"), request.receipt, leg=leg.code)
        self._acting.leave()


def _meant(action: str, values: Mapping[str, object], files: Sequence[Upload]) -> tuple[str, str]:
    """The action of the machine, and its words."""
    if action == "acknowledge":
        return action, ""
    if action == "answer":
        form = answer_form(values, files)
        return ("answer" if form.held else "not_held"), form.text
    if action in ACTS:
        return action, parse(SaidForm, {"text": values.get("text", "")}).text
    raise Invalid.one("act", f"one of {', '.join(sorted(ACTS))}")
