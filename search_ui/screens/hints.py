"""How to ask: the language of the box by example, and what fields are called, in the language of the reader."""

from __future__ import annotations

from typing import Any, Final

from indexer.field_names import shown_names
from search_ui.i18n import Translator

_TYPED: Final = {
    "en": ("railway station", '"railway station"', '="Railway"', "railway -coal", "railway OR tram", "railw*"),
    "zh-Hans": ("铁路 车站", '"铁路车站"', '="鐵路"', "铁路 -煤矿", "铁路 OR 电车", "railw*"),
    "zh-Hant": ("鐵路 車站", '"鐵路車站"', '="鐵路"', "鐵路 -煤礦", "鐵路 OR 電車", "railw*"),
}
_QUESTION: Final = {
    "en": "letters about railways before 1911",
    "zh-Hans": "1950年代上海的婚姻登记",
    "zh-Hant": "光緒二十年的奏摺",
}


def view(words: Translator) -> dict[str, Any]:
    """What the help at the box shows: examples with what each asks for, and names of fields."""
    t = words.t
    told = (
        t("All the words, in any order and script"),
        t("These words, in this order"),
        t("Exactly these characters"),
        t("Without this word"),
        t("One or the other"),
        t("Words that begin so"),
    )
    examples = [
        (_QUESTION[words.language], t("A question in your own words")),
        ("J1-2-345", t("A reference code, however it is spaced")),
        *zip(_TYPED[words.language], told, strict=True),
    ]
    return {"examples": examples, "fields": list(shown_names(words.language).values())}
