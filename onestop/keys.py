"""A workspace's secrets: what cookies are signed with, and what identity documents are digested under.

Each is a setting, or made once and kept in the workspace, readable by its owner only.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from onestop.errors import SettingsError
from onestop.settings import Settings

COOKIE_FILE: Final = ".secret"
IDENTITY_FILE: Final = ".identity-key"


class Keys:
    """The secrets of one workspace. Each call raises SettingsError when a kept one can be neither read nor made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def cookies(self) -> str:
        """What cookies are signed with: the setting `secret`, else one made once."""
        return self._settings.secret or self._made_once(COOKIE_FILE, "secret")

    def identity(self) -> str:
        """What numbers of identity documents are digested under: the setting `identity_key`, else one derived from the
        setting `secret`, else one made once. With another one, documents seen before are not found again.
        """
        if self._settings.identity_key:
            return self._settings.identity_key
        if self._settings.secret:
            return hmac.new(self._settings.secret.encode(), b"identity documents", hashlib.sha256).hexdigest()
        return self._made_once(IDENTITY_FILE, "identity_key")

    def _made_once(self, name: str, key: str) -> str:
        file = self._settings.workspace / name
        try:
            if not file.exists():
                _make(file)
            return file.read_text(encoding="ascii")
        except OSError as error:
            raise SettingsError(f"{file} cannot be used: {error.strerror}; set {key} in onestop.toml.") from error


def _make(file: Path) -> None:
    """A new secret under that name, whole or not at all; of several made at once the first one stays."""
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(beside, file)
    beside.unlink()
