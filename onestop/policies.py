"""Policies of a workspace. `policies/roles.yml` is read again when it changes; while it cannot be followed, the one
before holds. `policies/retention.yml` is read when it is carried out.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from pydantic import ValidationError

from mappings.mistakes import Mistake, mistakes_in
from onestop import yaml_files
from onestop.errors import SettingsError
from service_desk.retention import RetentionPolicy
from service_desk.roles import InForce, RolePolicy, in_bundle

if TYPE_CHECKING:
    from onestop.wiring import Workspace

log = structlog.get_logger(__name__)

ROLES_FILE = "policies/roles.yml"
RETENTION_FILE = "policies/retention.yml"
Json = dict[str, Any]
Stamp = tuple[int, int, int]


class PolicyMistakes(SettingsError):
    """A policy cannot be followed; `mistakes` are all that is wrong with it."""

    def __init__(self, file: Path, mistakes: list[Mistake]) -> None:
        more = f" And {len(mistakes) - 1} more." if len(mistakes) > 1 else ""
        super().__init__(f"{file}: {mistakes[0]}{more}")
        self.mistakes = mistakes


def read_roles(file: Path) -> RolePolicy:
    """The policy of a file. Raises SettingsError, PolicyMistakes."""
    content = yaml_files.read(file, "roles: {reader: {...}}")
    try:
        return RolePolicy.model_validate(content)
    except ValidationError as error:
        raise PolicyMistakes(file, list(mistakes_in(yaml_files.text_of(file), error, RolePolicy))) from error


def read_retention(workspace: Path) -> InForceRetention | None:
    """How long readers' data is kept, and who wrote that; None without the file. Raises SettingsError,
    PolicyMistakes.
    """
    file = workspace / RETENTION_FILE
    if not file.exists():
        return None
    content = yaml_files.read(file, "requests: 1825")
    try:
        return InForceRetention(RetentionPolicy.model_validate(content), _owner(file))
    except ValidationError as error:
        raise PolicyMistakes(file, list(mistakes_in(yaml_files.text_of(file), error, RetentionPolicy))) from error


class InForceRetention(NamedTuple):
    """A policy of retention, and who wrote it."""

    policy: RetentionPolicy
    by: str


class RolesFile:
    """The policy of a workspace as its file is now; the bundled one where there is none."""

    def __init__(self, workspace: Path) -> None:
        self._file = workspace / ROLES_FILE
        self._stamp: Stamp | None = None
        self._kept: InForce | None = None
        self._lock = threading.Lock()

    def __call__(self) -> InForce:
        """The policy in force. Raises SettingsError when the file cannot be followed and none was in force before."""
        with self._lock:
            stamp = _stamp(self._file)
            if self._kept is None or stamp != self._stamp:
                self._kept, self._stamp = self._read(stamp), stamp
            return self._kept

    def _read(self, stamp: Stamp | None) -> InForce:
        if stamp is None:
            return in_bundle()
        try:
            return InForce(read_roles(self._file), _owner(self._file))
        except SettingsError as error:
            if self._kept is None:
                raise
            log.error("the policy of roles cannot be followed; the one before holds", reason=str(error))
            return self._kept


def check(here: Workspace) -> Json:
    """What is wrong with the policy: ``{"ok", "file", "problems": [{"place", "line", "what"}]}``."""
    file = here.folder / ROLES_FILE
    problems: list[Mistake] = []
    try:
        if file.exists():
            read_roles(file)
    except PolicyMistakes as error:
        problems = error.mistakes
    except SettingsError as error:
        problems = [Mistake("", None, str(error))]
    return {"ok": not problems, "file": str(file), "problems": [problem._asdict() for problem in problems]}


def shown(policy: RolePolicy) -> list[Json]:
    """Each role with what it is called and what it allows."""
    former: Mapping[str, list[str]] = {
        role: [old for old, new in policy.former.items() if new == role] for role in policy.roles
    }
    return [
        {
            "role": name,
            "title": rule.title.model_dump(by_alias=True),
            "permissions": list(rule.permissions),
            "former": former[name],
        }
        for name, rule in policy.roles.items()
    ]


def _stamp(file: Path) -> Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _owner(file: Path) -> str:
    """Whose file it is, as far as the system says."""
    try:
        return f"file of {file.owner()}"
    except (KeyError, OSError, NotImplementedError):
        return "file"
