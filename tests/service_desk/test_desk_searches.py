"""Saved searches: whose they are, how many, and what is remembered of the last look."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, OTHER_READER, READER

from mappings.access import ANONYMOUS
from service_desk import searches
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import NameForm, SearchForm, parse
from service_desk.views import Seen

SEEN = Seen(2, ("r-1", "r-2"), "7")


def saved(desk, name="Railways", viewer=READER, visitor=None, seen=SEEN):
    return desk.searches.save(SearchForm(name=name, address="q=railway&from=1911"), seen, viewer, visitor)


def test_a_search_is_kept_with_what_was_seen(desk, open_desk, clock):
    number = saved(desk)
    [kept] = open_desk().searches.mine(READER)
    assert (kept.id, kept.name, kept.address, kept.seen) == (number, "Railways", "q=railway&from=1911", SEEN)
    assert kept.looked == clock.now()


def test_a_look_a_new_name_and_the_end(desk, clock):
    number = saved(desk)
    clock.push(minutes=5)
    desk.searches.looked(number, Seen(900, None, "8"), READER)
    desk.searches.rename(number, NameForm(name="  Old \n railways "), READER)
    kept = desk.searches.one(number, READER)
    assert (kept.name, kept.seen, kept.looked) == ("Old railways", Seen(900, None, "8"), clock.now())
    desk.searches.delete(number, READER)
    assert desk.searches.mine(READER) == []


def refuses(act, *arguments):
    with pytest.raises(NotFound):
        act(*arguments)


def test_they_belong_to_their_owner(desk):
    number = saved(desk)
    elsewhere = saved(desk, "Mine", ANONYMOUS, "visitor-1")
    assert [kept.name for kept in desk.searches.mine(READER, "visitor-1")] == ["Mine", "Railways"]
    assert [kept.name for kept in desk.searches.mine(ANONYMOUS, "visitor-1")] == ["Mine"]
    for viewer, visitor in ((OTHER_READER, None), (CLERK, "visitor-2"), (ANONYMOUS, None)):
        assert desk.searches.mine(viewer, visitor) == []
        for one in (number, elsewhere, 0, -1, 10**40):
            refuses(desk.searches.one, one, viewer, visitor)
            refuses(desk.searches.rename, one, NameForm(name="x"), viewer, visitor)
            refuses(desk.searches.looked, one, SEEN, viewer, visitor)
            refuses(desk.searches.delete, one, viewer, visitor)
    assert len(desk.searches.mine(READER)) == 1


def test_nobody_in_particular_keeps_nothing(desk):
    with pytest.raises(NotAllowed):
        saved(desk, viewer=ANONYMOUS)


def test_one_reader_keeps_so_many(desk, monkeypatch):
    monkeypatch.setattr(searches, "MOST", 2)
    saved(desk), saved(desk)
    with pytest.raises(Conflict):
        saved(desk)
    saved(desk, viewer=OTHER_READER)


@pytest.mark.parametrize("values", [{"name": " "}, {"name": "x" * 201}, {"name": "x", "address": "q" * 4_001}])
def test_names_and_addresses_have_bounds(values):
    with pytest.raises(Invalid):
        parse(SearchForm, values)


def test_a_browser_that_never_comes_back_is_forgotten(desk, clock):
    saved(desk, viewer=ANONYMOUS, visitor="visitor-1")
    saved(desk)
    clock.push(minutes=60 * 24 * 366)
    desk.tidy()
    assert desk.searches.mine(ANONYMOUS, "visitor-1") == []
    assert len(desk.searches.mine(READER)) == 1
