"""What goes wrong at the desk, named by what the caller should do next.

Every message is a sentence fit for the person's screen.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class DeskError(Exception):
    """Root of everything the desk raises on purpose."""


class NotFound(DeskError):
    """There is no such thing, or the caller may not know of it: the two are told alike. HTTP 404."""


class UnknownAccount(NotFound):
    """No account of that name (command line ``--as``): name another, or add it."""


class Conflict(DeskError):
    """Someone was faster, or the request is no longer where it was: read it again, then decide. HTTP 409."""


class NotAllowed(DeskError):
    """This viewer may not do that: sign in as somebody who may. HTTP 403."""


class BadCredentials(DeskError):
    """Name and password do not fit, which of them is not told: try again. HTTP 401."""


class TooMany(DeskError):
    """Too often: wait `retry_after` whole seconds. HTTP 429."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DeskError):
    """A part the desk relies on (holdings, objects) does not answer now: go on without it or try later. HTTP 503."""


class Occupied(DeskError):
    """A place that was to be filled holds something else: name an empty one."""


class FieldError(Struct, frozen=True):
    """What is wrong with one field: its name in the form, a sentence, and a stable code for other languages."""

    field: str
    message: str
    code: str = "invalid"


class Invalid(DeskError):
    """A form was filled in wrongly: mend the fields named in `errors`. HTTP 422."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors)

    @classmethod
    def one(cls, field: str, message: str) -> Invalid:
        """The error of a single field."""
        return cls([FieldError(field, message)])
