"""Mistakes in rules, told in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mappings.mistakes import Mistake
from mappings.sentences import Sentence
from search_ui.i18n import Translator


def told(mistakes: Iterable[Mistake], language: str) -> list[Mistake]:
    """The same mistakes, with what is wrong said in this language."""
    words = Translator(language, "mistakes")
    return [mistake._replace(what=in_words(mistake.what, words)) for mistake in mistakes]


def in_words(text: str, words: Translator) -> str:
    """A sentence in the language of `words`; text that is none stays as it is."""
    if not isinstance(text, Sentence) or words.language == "en":
        return text
    return words.t(text.msgid, **{name: _value(value, words) for name, value in text.values.items()})


def _value(value: Any, words: Translator) -> Any:
    if isinstance(value, list | tuple):
        return words.t(", ").join(in_words(str(each), words) for each in value)
    return in_words(value, words) if isinstance(value, str) else value
