"""Who is told of what is urgent: whoever the rules put on duty, and where they name nobody, all who coordinate."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service_desk import ledger, policy
from service_desk.accounts import staff_of, viewer_of
from service_desk.database import Database
from service_desk.given import Roles
from service_desk.models import Request
from service_desk.routes import Departments
from service_desk.rules import Rules


class Duty:
    """An alarm that reaches nobody is none: a house that has not said who is on duty still has its coordinators."""

    def __init__(self, database: Database, rules: Rules, roles: Roles) -> None:
        self._database = database
        self._rules = rules
        self._roles = roles

    def of(self, receipt: str) -> tuple[str, ...]:
        """Accounts that are told of this request, by name. Raises NotFound."""
        with self._database.read() as session:
            return self.within(session, ledger.found(session, receipt))

    def within(self, session: Session, request: Request) -> tuple[str, ...]:
        """The same in the caller's transaction."""
        named = self._rules.within(session, Departments).on_duty
        return named or self._coordinators(session, request)

    def _coordinators(self, session: Session, request: Request) -> tuple[str, ...]:
        accounts, roles = staff_of(session), self._roles.known
        coordinate = (one for one in accounts if policy.coordinates(viewer_of(one, roles), request))
        return tuple(one.name for one in coordinate if one.name not in request.barred)
