"""The answers that the samples bring along, and what is said of a file with a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

import samples
from onestop.answer_files import FILE, read_answers
from onestop.errors import SettingsError
from search_ui.i18n import LANGUAGES

SAMPLES = Path(samples.__file__).parent


def test_the_samples_answer_a_dozen_questions_in_each_language() -> None:
    found = read_answers(SAMPLES)
    for language in LANGUAGES:
        own = [one for one in found if one.language == language]
        assert len(own) == 12 == len({one.question for one in own})
        assert all(one.tags and one.answer for one in own)


def test_a_mistake_is_told(tmp_path: Path) -> None:
    assert read_answers(tmp_path) == []
    (tmp_path / FILE).write_text("answers:\n  - {question: {fr: Quoi}, answer: {fr: Rien}}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="language"):
        read_answers(tmp_path)
    (tmp_path / FILE).write_text("answers:\n  - {question: {en: q}, reply: {en: a}}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="'answer' is missing"):
        read_answers(tmp_path)
