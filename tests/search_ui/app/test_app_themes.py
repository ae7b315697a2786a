"""Ways from the screens into the thematic corner: where there are themes, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from search_ui.services import Services
from tests.search_ui.themes.corner import Corner, theme

Visit = Callable[..., AppTest]
Markup = Callable[[AppTest], str]


@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_the_landing_page_offers_the_themes(visit: Visit, markup: Markup, rooms: Services, lang: str) -> None:
    assert "/themes" not in markup(visit("/", lang=lang))
    rooms.themes = Corner(theme())
    shown = markup(visit("/", lang=lang))
    end = "" if lang == "en" else " 繁"
    assert f'<a href="/themes/land">Land &amp; &lt;b&gt;houses&lt;/b&gt;{end}</a>' in shown
    assert '<a href="/themes">' in shown


def test_nothing_found_names_the_forms(visit: Visit, markup: Markup, rooms: Services) -> None:
    rooms.themes = Corner(theme())
    assert "Or with the form of a theme:" in markup(visit("/search", q="qqqq"))


def test_hits_lead_to_the_theme_of_their_source(visit: Visit, markup: Markup, rooms: Services) -> None:
    found = rooms.searcher.search

    def with_sources(*asked: object) -> dict[str, object]:
        answer = found(*asked)  # type: ignore[arg-type]
        return {**answer, "facets": {**answer["facets"], "source": [{"value": "list", "label": "List", "count": 2}]}}

    rooms.searcher.search = with_sources  # type: ignore[method-assign, assignment]
    rooms.themes = Corner(theme(), theme(name="other", sources=["elsewhere"], data=None))
    shown = markup(visit("/search", q="石碇"))
    assert 'href="/themes/land?words=%E7%9F%B3%E7%A2%87"' in shown and "/themes/other" not in shown
