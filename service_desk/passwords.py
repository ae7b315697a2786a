"""Passwords: argon2id, never more than two at work at once, and something to compare with where there is nothing."""

from __future__ import annotations

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service_desk.errors import Invalid

PASSWORD_BOUND = 1_000
ADVISED_LENGTH = 8  # NIST SP 800-63B, 5.1.1.1
_CONCURRENT_HASHES = 2  # argon2 takes 64 MiB each: a flood of sign-ins must not take the machine


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_CONCURRENT_HASHES)

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._turn:
            return self._hasher.hash(_bytes(password))

    def matches(self, hashed: str, password: str) -> bool:
        """Is it the one?"""
        try:
            with self._turn:
                right = self._hasher.verify(hashed, _bytes(password[:PASSWORD_BOUND]))
                return right and len(password) <= PASSWORD_BOUND
        except (VerificationError, InvalidHashError):
            return False

    def is_stale(self, hashed: str) -> bool:
        """Have the parameters changed since?"""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def nobody(self) -> str:
        """What passwords for unknown names are checked against, for the time it takes."""
        return self.hash("")


def check(password: str) -> None:
    """Raises Invalid for what cannot be a password."""
    if not 0 < len(password) <= PASSWORD_BOUND:
        raise Invalid.one("password", f"1 to {PASSWORD_BOUND} characters")


def check_chosen(password: str) -> None:
    """Raises Invalid for a password that somebody who chooses one on line may not have."""
    if not ADVISED_LENGTH <= len(password) <= PASSWORD_BOUND:
        raise Invalid.one("password", f"{ADVISED_LENGTH} to {PASSWORD_BOUND} characters")


def password_advice(password: str) -> str | None:
    """A sentence for the administrator when a password is poor; it is taken all the same."""
    if len(password) < ADVISED_LENGTH:
        return f"This password is short: {ADVISED_LENGTH} characters or more are advised."
    return None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
