"""Text out of texts that hold HTML, as descriptions of repositories often do."""

from __future__ import annotations

import html
import re

from mappings.record import clean

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")


def without_tags(text: str) -> str | None:
    """The text with HTML tags taken out and entities replaced; what only looks like a tag ("a < b") stays."""
    return clean(html.unescape(_TAG.sub(" ", text))) if "<" in text or "&" in text else clean(text)
