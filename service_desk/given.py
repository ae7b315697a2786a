"""Which roles accounts have, and by which policy: given and taken back, and each policy kept that was ever in force."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from mappings.grants import Scope
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid, UnknownAccount
from service_desk.forms import one_line
from service_desk.models import Account, GivenRole, PolicyVersion, SignIn
from service_desk.ports import Clock
from service_desk.roles import READER, STAFF, InForce, Policies, RolePolicy
from service_desk.views import PolicyView, RoleView

NAME = "roles"
NAME_BOUND = 100
_LONGEST = 100
_POLICY = "policy"


class Roles:
    """Roles of accounts. Commands of the administrator, so without a viewer."""

    def __init__(self, database: Database, clock: Clock, policies: Policies) -> None:
        self._database = database
        self._clock = clock
        self._policies = policies
        self._kept: InForce | None = None

    @property
    def policy(self) -> RolePolicy:
        """The policy in force. One that was not in force before is kept in the database, with who wrote it and when."""
        now = self._policies()
        if now is not self._kept:
            self._keep(now)
            self._kept = now
        return now.policy

    @property
    def known(self) -> RolePolicy:
        """The policy in force, for whoever is in a transaction and keeps nothing."""
        return self._policies().policy

    def _keep(self, now: InForce) -> None:
        keep_version(self._database, NAME, now.policy.digest, now.policy.body, self._clock.now(), now.by)

    def titles(self, viewer: Viewer, language: str) -> list[str]:
        """What the roles of somebody are called in a language of the interface."""
        return [title for name, title in self.names(language).items() if name in viewer.roles]

    def names(self, language: str) -> dict[str, str]:
        """Every role there is, with what it is called in a language of the interface."""
        titles = {name: rule.title for name, rule in self.policy.roles.items()}
        return {name: title.model_dump(by_alias=True).get(language, title.en) for name, title in titles.items()}

    def called(self, language: str) -> dict[str, str]:
        """As `names`, and what former names of roles mean now."""
        names = self.names(language)
        return {**names, **{former: names[now] for former, now in self.policy.former.items() if now in names}}

    def versions(self) -> list[PolicyView]:
        """Every policy of roles that was in force, the newest first."""
        ours = select(PolicyVersion).where(PolicyVersion.name == NAME).order_by(PolicyVersion.id.desc())
        with self._database.read() as session:
            rows = session.scalars(ours)
            return [PolicyView(row.name, row.digest, row.at, row.by) for row in rows]

    def check(self, role: str) -> None:
        """Raises Invalid for a role that there is not."""
        known = self.policy.names
        if role not in known:
            raise Invalid.one("role", f"one of {', '.join(known)}, not {role!r}")

    def give(self, name: str, role: str, scope: Scope, by: str) -> tuple[RoleView, ...]:
        """Give a role within a scope; what the account has then. Raises UnknownAccount, Invalid; Conflict when it has
        it.
        """
        self.check(role)
        limits = _checked(scope)
        with self._database.write(lock=_of(name)) as session:
            account = found(session, name)
            if RoleView(role, limits) in held(account):
                raise Conflict(f"{name} has the role {role} there already.")
            self._keep_former(account)
            self.give_in(session, account, role, limits, by)
            return held(account)

    def give_in(self, session: Session, account: Account, role: str, scope: Scope, by: str) -> None:
        """The same in the caller's transaction, for a role that has been checked."""
        limits = {name: value or "" for name, value in msgspec.structs.asdict(scope).items()}
        account.roles.append(GivenRole(role=role, at=self._clock.now(), by=by[:_LONGEST], **limits))
        account.role = self._kind(account)
        note(session, self._clock.now(), by[:_LONGEST], "role.give", account.name, role=role, **_told(scope))
        self._sign_out(session, account, role, by)

    def set_in(self, session: Session, account: Account, wanted: set[RoleView], by: str) -> None:
        """Of the roles that were given by `by` exactly these are left; those that others gave stay. In the caller's
        transaction; who calls has asked for the policy before.
        """
        for one in [one for one in account.roles if one.by == by and one.role != READER]:
            if RoleView(one.role, one.scope) not in wanted:
                account.roles.remove(one)
                note(session, self._clock.now(), by, "role.take", account.name, role=one.role, **_told(one.scope))
                self._sign_out(session, account, one.role, by)
        for role in sorted(wanted - set(held(account)), key=lambda role: role.role):
            self.give_in(session, account, role.role, role.scope, by)
        account.role = self._kind(account)

    def take_back(self, name: str, role: str, scope: Scope, by: str) -> tuple[RoleView, ...]:
        """Take a role back; what the account has then. It counts at once. Raises UnknownAccount, Invalid."""
        limits = _checked(scope)
        _ = self.policy
        with self._database.write(lock=_of(name)) as session:
            account = found(session, name)
            self._keep_former(account)
            left = [one for one in account.roles if (one.role, one.scope) != (role, limits)]
            if len(left) == len(account.roles):
                raise Invalid.one(
                    "role", f"{name} does not have {role} there; `onestop user list` tells what they have"
                )
            account.roles = left
            account.role = self._kind(account)
            note(session, self._clock.now(), by[:_LONGEST], "role.take", name, role=role, **_told(limits))
            self._sign_out(session, account, role, by)
            return held(account)

    def _sign_out(self, session: Session, account: Account, role: str, by: str) -> None:
        """Whose rights change signs in anew: a session that somebody else took before has nothing of them."""
        if not self._policies().policy.is_staffs(role):
            return
        ended = delete(SignIn).where(SignIn.account_name == account.name).returning(SignIn.account_name)
        if session.scalars(ended).all():
            note(session, self._clock.now(), by[:_LONGEST], "session.end_all", account.name)

    def _keep_former(self, account: Account) -> None:
        """What an account from before there were roles has is written down before it changes."""
        for one in () if account.roles else held(account):
            blank = {"holder": "", "fonds": "", "department": "", "theme": ""}
            account.roles.append(GivenRole(role=one.role, at=account.created, by="", **blank))

    def _kind(self, account: Account) -> str:
        policy = self._policies().policy  # as it is; whoever changes roles has asked for the kept one before
        return STAFF if any(policy.is_staffs(one.role) for one in account.roles) else READER


def keep_version(database: Database, name: str, digest: str, body: str, at: dt.datetime, by: str) -> None:
    """Keep a policy that comes into force, unless it is the one that was in force before."""
    newest = select(PolicyVersion).where(PolicyVersion.name == name).order_by(PolicyVersion.id.desc()).limit(1)
    who = by[:_LONGEST]
    with database.write(lock=_POLICY) as session:
        last = session.scalar(newest)
        if last is None or last.digest != digest:
            session.add(PolicyVersion(name=name, digest=digest, body=body, at=at, by=who))
            note(session, at, who, "policy.change", name, digest=digest, before=last.digest if last else None)


def held(account: Account) -> tuple[RoleView, ...]:
    """The roles of an account."""
    return tuple(RoleView(one.role, one.scope) for one in account.roles) or (RoleView(account.role),)


def is_name(name: str) -> bool:
    """Can an account be called so?"""
    return 0 < len(name) <= NAME_BOUND and name.isprintable() and " " not in name


def found(session: Session, name: str) -> Account:
    """The open account of that name. Raises UnknownAccount."""
    account = session.get(Account, name) if is_name(name) else None
    if account is None or account.disabled:
        raise UnknownAccount(f"There is no account named {name!r}; add it with: onestop user add NAME --role ROLE")
    return account


def _checked(scope: Scope) -> Scope:
    """The scope as it is kept. Raises Invalid for a part that is too long."""
    parts = {name: str(one_line(value)) if value else None for name, value in msgspec.structs.asdict(scope).items()}
    for name, value in parts.items():
        if value is not None and not 0 < len(value) <= _LONGEST:
            raise Invalid.one(name, f"1 to {_LONGEST} characters")
    return Scope(**parts)


def _told(scope: Scope) -> dict[str, str]:
    return {name: value for name, value in msgspec.structs.asdict(scope).items() if value is not None}


def _of(name: str) -> str:
    return f"roles of {name}"
