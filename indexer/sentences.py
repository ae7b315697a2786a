"""Telling a sentence from words that name a thing: of a sentence nobody expects one record to hold every word."""

from __future__ import annotations

import re

MANY_WORDS = 7
"""So many words that say something are a sentence, whatever it looks like."""
FEW_WORDS = 5
"""A text shorter than this, stop words counted, may end in a full stop as an abbreviation does."""
_ENDS = re.compile(r"[?？。！!]\s*$")
_FULL_STOP = re.compile(r"[^\W\d_]{2,}\s*\.\s*$")
_ASKS = re.compile(
    r"\s*(?:what|which|who|whom|whose|where|when|why|how|is|are|was|were|do|does|did|can|could|has|have|had|should)\s+\w",
    re.IGNORECASE,
)
_ASKS_IN_CHINESE = re.compile(
    "什[么麼]|甚[么麼]|怎[么麼樣样]|如何|為何|为何|為什|为什|哪[些个個里裡裏年位种種家]|誰|谁|多少|[几幾][个個年天时時次種种]|是否|"
    "是不是|有[没沒]有|能不能|可不可以|[吗嗎呢]$"
)


def is_sentence(text: str, words: int) -> bool:
    """Is a text, of which so many words are asked for, a sentence rather than a name or a title?"""
    if words >= MANY_WORDS or _ENDS.search(text) or _ASKS_IN_CHINESE.search(text.rstrip()):
        return True
    typed = len(text.split())
    return typed >= FEW_WORDS and bool(_ASKS.match(text) or _FULL_STOP.search(text))
