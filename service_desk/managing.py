"""Accounts as an administrator manages them on line: found, given roles, signed out, closed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, func, or_, select

from mappings.access import Viewer
from mappings.grants import Scope
from service_desk import policy
from service_desk.accounts import Accounts, view
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import Conflict
from service_desk.forms import one_line
from service_desk.given import Roles, found
from service_desk.models import Account, GivenRole
from service_desk.sessions import Sessions
from service_desk.views import AccountPage, AccountView, RoleView

_MANAGES: Final = "accounts.manage"
_FIND_BOUND = 200


class Managing:
    """For whoever may manage accounts. Raises NotAllowed for others."""

    def __init__(self, database: Database, accounts: Accounts, roles: Roles, sessions: Sessions) -> None:
        self._database = database
        self._accounts = accounts
        self._roles = roles
        self._sessions = sessions

    def page(self, viewer: Viewer, find: str = "", size: int = 50, offset: int = 0) -> AccountPage:
        """Accounts by part of their name, of what they are called, or by a role; those with roles of staff first."""
        policy.require(_MANAGES, viewer)
        wanted = _matching(str(one_line(find))[:_FIND_BOUND])
        order = (Account.role.desc(), func.lower(Account.name), Account.name)
        chosen = select(Account).where(*wanted).order_by(*order)
        with self._database.read() as session:
            rows = session.scalars(chosen.offset(paging(offset, OFFSET_BOUND)).limit(paging(size, PAGE_BOUND)))
            total = session.scalar(select(func.count()).select_from(Account).where(*wanted)) or 0
            return AccountPage(total, tuple(view(account) for account in rows))

    def one(self, viewer: Viewer, name: str) -> AccountView:
        """An open account. Raises UnknownAccount."""
        policy.require(_MANAGES, viewer)
        with self._database.read() as session:
            return view(found(session, name))

    def give(self, viewer: Viewer, name: str, role: str, scope: Scope) -> tuple[RoleView, ...]:
        """As `Roles.give`."""
        return self._roles.give(name, role, scope, policy.require(_MANAGES, viewer))

    def take_back(self, viewer: Viewer, name: str, role: str, scope: Scope) -> tuple[RoleView, ...]:
        """As `Roles.take_back`. Raises Conflict for one's own right to manage accounts: somebody else has to."""
        actor = policy.require(_MANAGES, viewer)
        if name == actor and _MANAGES in self._roles.policy.actions(role):
            raise Conflict("Nobody takes the right to manage accounts from themselves; ask another administrator.")
        return self._roles.take_back(name, role, scope, actor)

    def set_language(self, viewer: Viewer, name: str, language: str | None) -> AccountView:
        """As `Accounts.set_language`."""
        return self._accounts.set_language(name, language, policy.require(_MANAGES, viewer))

    def sign_out(self, viewer: Viewer, name: str) -> None:
        """Signed out everywhere."""
        self._sessions.end_all(name, by=policy.require(_MANAGES, viewer))

    def close(self, viewer: Viewer, name: str) -> None:
        """As `Accounts.disable`. Raises UnknownAccount, Conflict for one's own."""
        actor = policy.require(_MANAGES, viewer)
        if name == actor:
            raise Conflict("Nobody closes their own account; ask another administrator.")
        self._accounts.disable(name, by=actor)


def _matching(find: str) -> list[ColumnElement[bool]]:
    if not find:
        return []
    contained = (column.icontains(find, autoescape=True) for column in (Account.name, Account.display_name))
    return [or_(*contained, Account.roles.any(GivenRole.role == find))]
