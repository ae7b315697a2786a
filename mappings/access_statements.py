"""Access words."""
from __future__ import annotations
from mappings.access import Access
def statement(text: str) -> Access | None:
    return None
