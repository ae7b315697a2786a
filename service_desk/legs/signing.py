"""Signed messages between houses: HMAC-SHA256 (RFC 2104) over the time, the message's id, who sends it, where it goes,
and the body. What is older than `WINDOW` is not taken; what came before under the same id does nothing more.

An answer is signed over its time, the id of the question, its status and the body.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping

from service_desk.errors import BadCredentials

PARTNER, TIME, ID, SIGNATURE = "x-onestop-partner", "x-onestop-time", "x-onestop-id", "x-onestop-signature"
WINDOW = dt.timedelta(minutes=5)
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TIME = re.compile(r"[0-9]{9,11}")
WRONG = "The signature is wrong, too old or of nobody known here; check secret, partner code and clock."


def signed(
    secret: bytes, partner: str, id_: str, method: str, target: str, body: bytes, at: dt.datetime
) -> dict[str, str]:
    """The headers of a message. `target` is the address from ``/relay`` on, with what stands behind a question mark."""
    time = str(int(at.timestamp()))
    return {PARTNER: partner, TIME: time, ID: id_, SIGNATURE: _sign(secret, [time, id_, partner, method, target], body)}


def check(
    secret: bytes | None, headers: Mapping[str, str], method: str, target: str, body: bytes, now: dt.datetime
) -> str:
    """The id of a message that is what it says. Raises BadCredentials, always the same and after the same work."""
    time, id_, partner = headers.get(TIME, ""), headers.get(ID, ""), headers.get(PARTNER, "")
    expected = _sign(secret or b"\0" * 32, [time, id_, partner, method, target], body)
    fits = hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode("utf-8", "replace"))
    if not (fits and secret and _ID.fullmatch(id_) and is_fresh(time, now)):
        raise BadCredentials(WRONG)
    return id_


def signed_answer(secret: bytes, id_: str, status: int, body: bytes, at: dt.datetime) -> dict[str, str]:
    """The headers of an answer to the message with that id."""
    time = str(int(at.timestamp()))
    return {TIME: time, ID: id_, SIGNATURE: _sign(secret, [time, id_, str(status)], body)}


def answer_fits(
    secret: bytes, id_: str, status: int, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> bool:
    """Is an answer to this message what it says?"""
    time = headers.get(TIME, "")
    expected = _sign(secret, [time, id_, str(status)], body)
    return hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode("utf-8", "replace")) and is_fresh(
        time, now
    )


def is_fresh(time: str, now: dt.datetime) -> bool:
    """Is a time, in seconds of 1970, near enough?"""
    return bool(_TIME.fullmatch(time)) and abs(int(time) - now.timestamp()) <= WINDOW.total_seconds()


def _sign(secret: bytes, parts: list[str], body: bytes) -> str:
    text = "\n".join(parts).encode("utf-8", "replace") + b"\n" + body
    return "v1=" + hmac.new(secret, text, hashlib.sha256).hexdigest()
