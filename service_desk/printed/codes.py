"""Verification codes: eleven letters and digits that nobody guesses and one by which a slip in typing is seen (Luhn's
algorithm modulo 32).
"""

from __future__ import annotations

import secrets

from service_desk import codes

LENGTH = 12  # 55 bits and the check character
_BASE = len(codes.ALPHABET)


def new_code() -> str:
    """A code such as ``K7MX-2Q9A-3BCD``."""
    body = "".join(secrets.choice(codes.ALPHABET) for _ in range(LENGTH - 1))
    return codes.normalise(body + check_character(body))


def is_well_typed(code: str) -> bool:
    """Does the check character fit? One wrong character never does, nor two neighbours that changed places (but 2 and
    Z).
    """
    typed = codes.normalise(code).replace("-", "")
    known = len(typed) == LENGTH and all(char in codes.ALPHABET for char in typed)
    return known and check_character(typed[:-1]) == typed[-1]


def check_character(body: str) -> str:
    """The character that stands behind this text."""
    total, factor = 0, 2
    for char in reversed(body):
        addend = factor * codes.ALPHABET.index(char)
        total += addend // _BASE + addend % _BASE
        factor = 3 - factor
    return codes.ALPHABET[-total % _BASE]
