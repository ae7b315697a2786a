"""Links to review through AppTest, on a real desk: what is shown, what is marked, what a button may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import app_house
import pytest
from streamlit.testing.v1 import AppTest

from search_ui.screens import links
from search_ui.services import LinkState, Services

Visit = Callable[..., AppTest]
Markup = Callable[[AppTest], str]
ONE, OTHER = ("land", "a.xml#1"), ("nc", "7")


def pair(title: str, other: str, name: str = "p1") -> dict[str, Any]:
    """A pair as the wiring hands it over."""
    fields = [
        {"field": "title", "level": "part", "one": title, "other": other, "share": 0.1},
        {"field": "numbers", "level": "same", "one": "3", "other": "3", "share": 0.2},
        {"field": "dates", "level": "unsaid", "one": "1905", "other": "", "share": -1.8},
    ]
    return {"id": name, "one": list(ONE), "other": list(OTHER), "score": 0.91, "odds": 2.3, "evidence": fields}


@pytest.fixture
def queue(rooms: Services) -> list[dict[str, Any]]:
    """The pairs of the last link step, to be filled by a test."""
    pairs: list[dict[str, Any]] = []
    rooms.links = lambda: LinkState(pairs)
    return pairs


def test_without_pairs_it_says_so(visit: Visit, markup: Markup, queue: list[dict[str, Any]]) -> None:
    assert "Nothing to review" in markup(visit("/staff-links", "lin"))
    assert "Nothing here." in markup(visit("/staff-links", "lin", view="decided"))
    assert "joined with no other" in markup(visit("/staff-links", "lin", resource="r-404"))


@pytest.mark.parametrize("account", ["", "chen"])
def test_it_is_for_staff(visit: Visit, markup: Markup, queue: list[dict[str, Any]], account: str) -> None:
    queue.append(pair("Secret vetting file", "Vetting file"))
    shown = markup(visit("/staff-links", account))
    assert "This page is for staff" in shown
    assert "etting" not in shown


def test_both_sides_with_what_differs_marked(visit: Visit, markup: Markup, queue: list[dict[str, Any]]) -> None:
    queue.append(pair("粵漢鐵路購地卷", "粵漢鐵路購地卷宗"))
    shown = markup(visit("/staff-links", "lin"))
    assert "粵漢鐵路購地卷<mark>宗</mark>" in shown
    assert "土地清冊" in shown
    assert "only one says" in shown
    assert "Numbers in the title" not in shown, "they stand in the title"


def test_markup_of_a_catalogue_is_text(visit: Visit, markup: Markup, queue: list[dict[str, Any]]) -> None:
    queue.append(pair(app_house.HOSTILE, f"{app_house.HOSTILE} <script>x</script>"))
    shown = markup(visit("/staff-links", "lin"))
    assert "<img" not in shown
    assert "<script>" not in shown


def test_a_decided_pair_is_not_asked_again(
    visit: Visit, rooms: Services, markup: Markup, queue: list[dict[str, Any]]
) -> None:
    queue += [pair("First title", "First"), {**pair("Second title", "Second", "p2"), "other": ["nc", "8"]}]
    clerk = rooms.desk.accounts.viewer("lin")
    rooms.desk.links.decide(ONE, OTHER, "same", clerk)
    shown = markup(visit("/staff-links", "lin"))
    assert "Second" in shown
    assert "First" not in shown
    assert "from the next nightly run on" in markup(visit("/staff-links", "lin", view="decided"))


def test_what_a_button_means(rooms: Services, queue: list[dict[str, Any]], visit: Visit) -> None:
    queue.append(pair("First title", "First"))
    visit("/staff-links", "lin")
    context = _context(rooms)
    assert links._meant("same", "p1", context) == [(ONE, OTHER, "same")]
    assert [
        links._meant(*act, context) for act in (("same", "gone"), ("open", "9"), ("part", "x"), ("drop", "p1"))
    ] == [
        [],
        [],
        [],
        [],
    ]


def _context(rooms: Services) -> Any:
    class Context:
        services = rooms
        viewer = rooms.desk.accounts.viewer("lin")

        def parameter(self, name: str) -> str:
            return ""

    return Context()


def test_how_a_decision_stands(rooms: Services) -> None:
    clerk = rooms.desk.accounts.viewer("lin")
    rooms.desk.links.decide(ONE, OTHER, "same", clerk)
    (view,) = rooms.desk.links.decided(clerk)
    after = view.at + dt.timedelta(hours=1)
    assert links.standing(view, LinkState()) == "waiting"
    assert links.standing(view, LinkState(as_of=after)) == "refused"
    assert links.standing(view, replace(LinkState(), resource_of=lambda *_: "r-1", as_of=after)) == "followed"


@pytest.mark.parametrize(
    ("one", "other", "marked"),
    [
        ("Annual report", "Annual Report, 1950", ("Annual report", "Annual Report<mark>, 1950</mark>")),
        ("a <b>", "a <i>", ("a &lt;<mark>b</mark>&gt;", "a &lt;<mark>i</mark>&gt;")),
        ("購地卷", "购地卷", ("<mark>購</mark>地卷", "<mark>购</mark>地卷")),
        ("", "x", ("", "<mark>x</mark>")),
    ],
)
def test_differing(one: str, other: str, marked: tuple[str, str]) -> None:
    assert links.differing(one, other) == marked
