"""Languages as codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.languages import code_of, codes_of

ONE = {
    "eng": "en",
    "en": "en",
    "en-GB": "en",
    "English": "en",
    "English.": "en",
    "ger": "de",
    "deu": "de",
    "chi": "zh",
    "zho": "zh",
    "zh-CN": "zh-Hans",
    "zh_TW": "zh-Hant",
    "zh-Hant": "zh-Hant",
    "繁體中文": "zh-Hant",
    "中文": "zh",
    "英语": "en",
    "满文": "mnc",
    "tlh": "tlh",
    "zxx": None,
    "und": None,
    "": None,
    "Materials": None,
    "xx": None,
}
SENTENCES = {
    "English": ["en"],
    "Materials are in English.": ["en"],
    "English and French": ["en", "fr"],
    "Materials are mostly in English, with some materials in Chinese, Japanese, and Arabic.": ["en", "zh", "ja", "ar"],
    "中文、英文": ["zh", "en"],
    "Spoken Chinese is mostly Cantonese": [],
    "": [],
}


@pytest.mark.parametrize(("value", "code"), ONE.items())
def test_a_code_or_name(value: str, code: str | None) -> None:
    assert code_of(value) == code


@pytest.mark.parametrize(("text", "codes"), SENTENCES.items())
def test_a_sentence_that_names_languages_and_nothing_else(text: str, codes: list[str]) -> None:
    assert codes_of(text) == codes


@given(st.text(max_size=40))
def test_nothing_raises(text: str) -> None:
    code_of(text)
    codes_of(text)
