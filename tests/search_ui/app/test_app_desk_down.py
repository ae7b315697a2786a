"""Screens while the desk's database is away: each says so, search goes on, nothing that was typed is lost."""

from __future__ import annotations

import app_house
import pytest

from search_ui import services
from search_ui.services import Services

SAID = {"en": "The desk is closed for the moment", "zh-Hans": "服务台暂时关闭", "zh-Hant": "服務臺暫時關閉"}


@pytest.fixture
def rooms(tmp_path, postgres, monkeypatch):
    """The same small house, its desk on a server."""
    opened: Services = app_house.open_house(tmp_path, postgres.url("rooms"))
    monkeypatch.setattr(services, "_current", opened)
    yield opened
    opened.desk.close()
    postgres.start()
    postgres.drop("rooms")


@pytest.mark.parametrize("lang", SAID)
def test_screens_say_that_the_desk_is_down(visit, markup, postgres, lang):
    for path, account in (("/requests", ""), ("/staff-feedback", "lin")):
        screen = visit(path, account, lang)
        assert SAID[lang] not in markup(screen)
        postgres.kill()
        assert SAID[lang] in markup(screen.run())
        postgres.start()
        assert SAID[lang] not in markup(screen.run()), "still signed in"


def test_search_goes_on(visit, markup, postgres):
    screen = visit("/search", "lin", "en", q="land")
    before = markup(screen).count("<article")
    postgres.kill()
    assert markup(screen.run()).count("<article") == before
