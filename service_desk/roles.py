"""The policy of roles: which there are and what each may do, as data that an administrator edits.

The file is read by `onestop.policies`; here is what it may say, and what follows for an account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, NamedTuple, Protocol

import yaml
from pydantic import Field, StringConstraints, model_validator

from mappings.access import Viewer
from mappings.grants import ACTIONS, Action, Grant, Scope
from service_desk.told import Title, Told

READER: Final = "reader"
VERIFIED: Final = "verified_reader"
STAFF: Final = "staff"
"""In `Viewer.roles` of everybody whose roles allow anything."""
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class RoleRule(Told):
    """A role: what it is called and what it allows."""

    title: Title
    permissions: tuple[Action, ...]


def _check_complete(name: str, permissions: tuple[Action, ...]) -> None:
    """Whoever works on something has to see it."""
    for action in permissions:
        subject, _, verb = action.partition(".")
        sees = f"{subject}.see"
        if verb in ("work", "decide") and sees in ACTIONS and sees not in permissions:
            raise ValueError(f"the role {name!r} has {action} without {sees}; add it")


class OpenIdRules(Told):
    """What an OpenID provider tells of somebody (`claim`), and the role that each of its values means."""

    claim: str = "groups"
    roles: dict[str, RoleName] = Field(default_factory=dict)


class RolePolicy(Told):
    """All roles of a house. `former` are old names of roles, each with the role that it means now; `openid` are the
    roles that a provider gives.
    """

    roles: dict[RoleName, RoleRule]
    former: dict[RoleName, RoleName] = Field(default_factory=dict)
    openid: OpenIdRules = OpenIdRules()

    @model_validator(mode="after")
    def _fits_together(self) -> RolePolicy:
        for name in (READER, VERIFIED):
            if name not in self.roles:
                raise ValueError(f"there is no role {name!r}, which readers get; add it")
            if self.roles[name].permissions:
                raise ValueError(f"the role {name!r} is everybody's; take its permissions away")
        for old, new in self.former.items():
            if old in self.roles or new not in self.roles:
                raise ValueError(f"former: {old!r} must be no role any more, and {new!r} one that there is")
        for group, role in self.openid.roles.items():
            if role not in self.roles:
                raise ValueError(f"openid: {group!r} means the role {role!r}, which there is not")
        for name, rule in self.roles.items():
            _check_complete(name, rule.permissions)
        if not any("accounts.manage" in rule.permissions for rule in self.roles.values()):
            raise ValueError("no role has accounts.manage, so nobody could give roles; add it to one")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names that an account's role may have, those of today first."""
        return (*self.roles, *self.former)

    @property
    def body(self) -> str:
        """The policy as JSON, the same text for the same policy, however its file is written."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of `body`."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def is_staffs(self, role: str) -> bool:
        """Does this role allow anything?"""
        return bool(self.actions(role))

    def actions(self, role: str) -> tuple[Action, ...]:
        """What a role allows; nothing for one that the policy does not know any more."""
        rule = self.roles.get(self.former.get(role, role))
        return rule.permissions if rule else ()

    def viewer(self, name: str, given: Iterable[Given]) -> Viewer:
        """The account of this name with these roles, as somebody who looks. Whether on site or not is the terminal's
        affair, not the account's.
        """
        held = [(self.former.get(one.role, one.role), one.scope) for one in given]
        grants = frozenset(Grant(action, scope) for role, scope in held for action in self.actions(role))
        roles = frozenset(role for role, _ in held)
        return Viewer(name, roles | ({STAFF} if grants else frozenset()), grants=grants)


class Given(Protocol):
    """A role that an account has."""

    @property
    def role(self) -> str: ...
    @property
    def scope(self) -> Scope: ...


class InForce(NamedTuple):
    """A policy as it is now, and who wrote it."""

    policy: RolePolicy
    by: str


Policies = Callable[[], InForce]
"""Gives the policy each time it is asked; the same object as long as it has not changed."""


@cache
def in_bundle() -> InForce:
    """The same as `Policies`."""
    return InForce(bundled(), "onestop")


@cache
def bundled() -> RolePolicy:
    """The policy of a house that has written none of its own."""
    return RolePolicy.model_validate(yaml.safe_load(bundled_text()))


def bundled_text() -> str:
    """The same as a file, comments and all."""
    return files("service_desk").joinpath("policies", "roles.yml").read_text(encoding="utf-8")
