"""Who is told of what is urgent: whoever the rules put on duty, and where they name nobody, all who coordinate."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.access import may
from service_desk import ledger, policy
from service_desk.database import Database
from service_desk.given import Roles
from service_desk.models import Account, Request
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
        return named or tuple(self._coordinators(session, request))

    def _coordinators(self, session: Session, request: Request) -> list[str]:
        everyone = session.scalars(select(Account).where(Account.disabled.is_(False)).order_by(Account.name))
        policies, scopes = self._roles.known, list(policy.scopes_of(request))
        viewers = (policies.viewer(account.name, account.roles) for account in everyone if account.roles)
        found = (one.name for one in viewers if any(may(one, "requests.coordinate", scope) for scope in scopes))
        return [name for name in found if name and name not in request.barred]
