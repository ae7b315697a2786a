"""Sentences in English that still know what they were made of, so that a page can say them in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Sentence(str):
    """English text, with the `msgid` and the `values` from which another language is said. A value may be a list of
    names, or a clause: a sentence itself.
    """

    msgid: str
    values: Mapping[str, Any]


def sentence(msgid: str, /, **values: Any) -> Sentence:
    """The sentence of a msgid, whose places in braces are values by name."""
    return _made(filled(msgid, {name: _in_english(value) for name, value in values.items()}), msgid, values)


def quoted(text: str, msgid: str, /, **values: Any) -> Sentence:
    """What another program says in English, which is said less exactly - by that msgid - in other languages."""
    return _made(text, msgid, values)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The text with its values; without any, its braces are just braces."""
    return text.format(**values) if values else text


def _made(text: str, msgid: str, values: Mapping[str, Any]) -> Sentence:
    made = Sentence(text)
    made.msgid, made.values = msgid, values
    return made


def _in_english(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
