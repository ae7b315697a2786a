"""What a reader types into a theme's form: understood, or refused with what to do, and never lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.query import YEARS, Part, Query
from search_ui.i18n import LANGUAGES, Translator
from search_ui.themes import form
from tests.search_ui.themes.corner import theme

THEME = theme()
UNDERSTOOD: dict[str, tuple[dict[str, list[str]], tuple[Part, ...], str]] = {
    "several names in one": (
        {"owner": ["石碇鄉公所; Farm Bureau, Raleigh"]},
        (Part(("石碇鄉公所", "Farm Bureau, Raleigh"), field="name"),),
        "石碇鄉公所 Farm Bureau, Raleigh",
    ),
    "Chinese names by comma or blank": (
        {"owner": ["王維，李白"]},
        (Part(("王維", "李白"), field="name"),),
        "王維 李白",
    ),
    "a name repeated": ({"owner": ["王維 王維", "王維"]}, (Part(("王維",), field="name"),), "王維"),
    "one place may hold blanks": ({"place": ["石碇 鄉"]}, (Part(("石碇 鄉",), field="place"),), "石碇 鄉"),
    "words as in the box": ({"words": ['"farm bureau" -x']}, (Part(('"farm bureau" -x',)),), '"farm bureau" -x'),
    "a year": ({"year": ["1984"]}, (Part(("1984",), (1984, 1984)),), "1984"),
    "a year of the Republic": ({"year": ["民國53年"]}, (Part(("民國53年",), (1964, 1964)),), "民國53年"),
    "a decade": ({"year": ["1950年代"]}, (Part(("1950年代",), (1950, 1959)),), "1950年代"),
    "a span": ({"dated.from": ["1950"], "dated.to": ["民國53年"]}, (Part((), (1950, 1964)),), ""),
    "an open span": ({"dated.from": ["1950"]}, (Part((), (1950, YEARS[-1])),), ""),
    "a choice of words": ({"how": ["gift", "sale"]}, (Part(("贈與", "贈", "買賣")),), "贈與 買賣"),
    "a code": ({"code": ["z013/1、J1 2"]}, (Part(("z013/1", "J1 2"), field="code"),), "z013/1 J1 2"),
    "blanks only": ({"owner": ["  "], "year": [""]}, (), ""),
    "what is no field": ({"colour": ["red"], "f": ["level:item"]}, (), ""),
}
REFUSED: dict[str, tuple[dict[str, list[str]], dict[str, str]]] = {
    "signs alone": ({"owner": ["。。"]}, {"owner": "Write a word or a number, not signs alone"}),
    "separators alone": ({"owner": [";;"]}, {"owner": "Write a word or a number, not signs alone"}),
    "too many": ({"owner": ["甲; 乙; 丙"]}, {"owner": "Give at most 2; look for the others afterwards"}),
    "too long": ({"place": ["x" * 201]}, {"place": "Write at most 200 characters"}),
    "no digits": ({"lot": ["29b"]}, {"lot": "Write digits"}),
    "no year": ({"year": ["last summer"]}, {"year": "Write a year, such as 1984"}),
    "another century": ({"year": ["1850"]}, {"year": "Write a year between 1900 and 1999"}),
    "backwards": (
        {"dated.from": ["1960"], "dated.to": ["1950"]},
        {"dated.to": "The last year is before the first; write them the other way round"},
    ),
    "no option": ({"how": ["gift", "theft"]}, {"how": "Choose from the list"}),
    "too many options": (
        {"how": ["gift", "sale", "lease"]},
        {"how": "Give at most 2; look for the others afterwards"},
    ),
    "no code": ({"code": ["abc"]}, {"code": "Write the reference code with its numbers, such as Z013-1"}),
    "several": ({"lot": ["x"], "year": ["y"]}, {"lot": "Write digits", "year": "Write a year, such as 1984"}),
    "too much": (
        {"words": [" ".join(f"a{n}" for n in range(50))], "owner": [" ".join(f"b{n}" for n in range(40))]},
        {"owner": "Fill in fewer words: together they are too many for one search"},
    ),
}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_understood(name: str) -> None:
    typed, parts, text = UNDERSTOOD[name]
    filled = form.fill(THEME, typed)
    assert (filled.mistakes, filled.parts, filled.text) == ((), parts, text)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_kept(name: str) -> None:
    typed, said = REFUSED[name]
    filled = form.fill(THEME, typed)
    words = Translator("en", "web")
    assert {mistake.parameter: form.sentence(mistake, words) for mistake in filled.mistakes} == said
    assert filled.parts == () and {name: list(values) for name, values in filled.values.items()} == typed


def test_a_choice_may_be_a_filter() -> None:
    filled = form.fill(THEME, {"level": ["item"], "place": ["石碇"]})
    assert (filled.standing, filled.text) == ((("level", ("item",)),), "石碇")
    query = filled.query(THEME, Query("*", {"level": ("item", "file")}))
    assert query.corner is not None
    assert query.corner.standing == (("source", ("list", "scans", "register")), ("level", ("item",)))
    assert (query.text, query.filters) == ("石碇", {"level": ("item", "file")})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mistake_has_its_sentence(language: str) -> None:
    words = Translator(language, "web")
    for typed, _ in REFUSED.values():
        said = [form.sentence(mistake, words) for mistake in form.fill(THEME, typed).mistakes]
        assert all("{" not in text for text in said)
        assert language == "en" or not any(text.isascii() for text in said)


parameters: Any = st.dictionaries(
    st.sampled_from([*form.parameter_names(THEME), "f", "x"]), st.lists(st.text(max_size=250), max_size=4)
)


@given(parameters)
def test_whatever_is_typed_is_asked_or_refused(typed: dict[str, list[str]]) -> None:
    filled = form.fill(THEME, typed)
    assert all(mistake.parameter in typed for mistake in filled.mistakes)
    query = filled.query(THEME, Query())
    assert query.corner is not None and query.corner.standing[0][0] == "source"
    again = form.fill(THEME, filled.values)
    assert again == filled
