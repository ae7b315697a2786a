"""Receipt codes that people read aloud, secrets that nobody guesses, and the hashes that are all we keep of them.

Both are written in 32 letters and digits without 0, 1, I and O; case, spaces, hyphens and full-width forms do not
matter when typed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECEIPT_LENGTH = 8  # 40 bits: a name, not a key
SECRET_LENGTH = 28  # 140 bits


def new_receipt() -> str:
    """A receipt code such as ``A7K2-9QXM``."""
    return _grouped(RECEIPT_LENGTH)


def new_secret() -> str:
    """A secret in seven groups of four."""
    return _grouped(SECRET_LENGTH)


def derived_secret(seed: bytes) -> str:
    """A secret that the same seed gives again; the seed, of 32 random bytes or a digest of as many, stays unknown."""
    number = int.from_bytes(seed)
    return _hyphenated("".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(SECRET_LENGTH)))


def normalise(code: str) -> str:
    """A typed code as it was issued: capitals, in groups of four. Longer than any code of ours, it is cut."""
    folded = unicodedata.normalize("NFKC", code[:200]).upper()
    return _hyphenated("".join(char for char in folded if char.isalnum())[: SECRET_LENGTH + 1])


def digest(value: str) -> str:
    """What is stored of a secret, a session token or a visitor cookie.

    All have over 128 random bits, so a plain hash is enough.
    """
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def fits(given: str | None, stored: str) -> bool:
    """Is `given` the secret whose digest is `stored`? Takes the same time either way."""
    return hmac.compare_digest(digest(normalise(given or "")), stored) and bool(given)


def _grouped(length: int) -> str:
    return _hyphenated("".join(secrets.choice(ALPHABET) for _ in range(length)))


def _hyphenated(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
