"""Readings of Han characters, and what people type for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.pinyin import compact, cut, syllables
from mappings.text import fold

READ = {
    "characters": ("铁路", "tie lu"),
    "a word that is read otherwise": ("重庆银行", "chong qing yin hang"),
    "the same character alone": ("重土", "zhong tu"),
    "traditional, folded": ("光緒", "guang xu"),
    "ü is v": ("女绿", "nv lv"),
    "what has no reading": ("铁a1路", "tie   lu"),
    "nothing": ("", ""),
}
TYPED = {
    "as it is": ("guangxu", "guangxu"),
    "blanks": ("guang xu", "guangxu"),
    "tones": ("Guāng Xù", "guangxu"),
    "numbers": ("guang1xu4", "guangxu"),
    "a sign between": ("xi'an", "xian"),
    "ü": ("lǜsè", "lvse"),
    "Han characters": ("光xu", None),
    "digits": ("guang12", None),
    "nothing": (" ", None),
}
CUT = {
    "one way": ("guangxu", ["guang", "xu"]),
    "the last one begun": ("tiel", ["tie", "l"]),
    "the longest first": ("xian", ["xian"]),
    "back from a dead end": ("fangan", ["fang", "an"]),
    "no pinyin": ("farm", None),
    "nothing": ("", []),
}
SYLLABLES = st.sampled_from(
    sorted({syllables(char)[0] for char in "光绪铁路重庆上海市图书馆王维杜甫女儿安二欧" if char})
)


@pytest.mark.parametrize("name", READ)
def test_read(name: str) -> None:
    text, read = READ[name]
    assert " ".join(syllables(fold(text))) == read


def test_family_names_are_read_as_such() -> None:
    assert syllables("单雄信", surname=True)[0] == "shan"
    assert syllables("尉迟敬德", surname=True)[:2] == ["yu", "chi"]
    assert syllables("简单")[1] == "dan"


@pytest.mark.parametrize("name", TYPED)
def test_typed(name: str) -> None:
    text, letters = TYPED[name]
    assert compact(text) == letters


@pytest.mark.parametrize("name", CUT)
def test_cut(name: str) -> None:
    letters, read = CUT[name]
    assert cut(letters) == read


@given(st.lists(SYLLABLES, max_size=8), st.integers(0, 5))
def test_whatever_is_read_so_can_be_typed(read: list[str], unfinished: int) -> None:
    letters = "".join(read)[: -unfinished or None]
    found = cut(letters)
    assert found is not None and "".join(found) == letters


def test_dead_ends_are_met_once() -> None:
    assert cut("an" * 24 + "q" * 2) is None
    assert compact("a" * 200 + "!") is None


@given(st.text())
def test_each_character_has_its_place(text: str) -> None:
    assert len(syllables(fold(text), surname=True)) == len(text)
