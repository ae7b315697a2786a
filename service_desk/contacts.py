"""How somebody is reached: an e-mail address or a telephone number, written in one way."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from service_desk.errors import Invalid
from service_desk.forms import as_email

Kind = Literal["email", "phone"]
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")  # ITU-T E.164: at most fifteen digits


def normalised(contact: str) -> str:
    """The contact as it is kept and compared: full-width forms narrow, e-mail in small letters, a number as digits.
    Raises Invalid for what is neither.
    """
    text = unicodedata.normalize("NFKC", contact[:300]).strip()
    if (address := as_email(text.casefold())) is not None and text.isprintable():
        return address
    number = _BETWEEN_DIGITS.sub("", text)
    if _PHONE.fullmatch(number):
        return number
    raise Invalid.one("contact", "an e-mail address, or a telephone number of 6 to 15 digits")


def kind_of(contact: str) -> Kind:
    """Which of the two a normalised contact is."""
    return "email" if "@" in contact else "phone"


def shown(contact: str) -> str:
    """Enough of a contact to recognise one's own by: ``w***@example.org``, ``***678``."""
    name, at, host = contact.partition("@")
    return f"{name[:1]}***@{host}" if at else f"***{contact[-3:]}"
