"""Languages as ISO 639 codes."""
from __future__ import annotations
def code_of(value: str) -> str | None:
    return value or None
def codes_of(text: str) -> list[str]:
    return []
