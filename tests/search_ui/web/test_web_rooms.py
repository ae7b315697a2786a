"""The reading room on its pages: a seat is booked, seen by staff, changed, refused in words; days are closed."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.search_ui.web.house import Items, open_house, token_in

START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)  # Monday, 9 o'clock in Shanghai
MONDAY, TUESDAY, WEDNESDAY = "2026-03-02", "2026-03-03", "2026-03-04"


class Clock:
    """Stands still until told."""

    def __init__(self):
        self.time = START

    def now(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def services(tmp_path, clock):
    made = open_house(tmp_path, Items(), clock=clock)
    yield made
    made.desk.close()


def post(browser, path, **fields):
    token = token_in(browser.get("/reading-room").text)
    return browser.post(path, data={"csrf": token, **fields})


def book(browser, **fields):
    given = {"room": "main", "day": TUESDAY, "starts": "10:00", "ends": "12:00", "contact": "chen@example.org"}
    return post(browser, "/reading-room/book", **(given | fields))


def row_of(page, name):
    return next(row for row in page.split("<tr>") if name in row)


def test_a_seat_goes_through_page_database_and_plan(reader, staff, clock):
    assert "None yet. Choose a day" in reader.get("/reading-room").text
    answer = book(reader, day=MONDAY)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    page = reader.get(address).text
    assert "The seat is yours." in page and "Monday 2 March 10:00–12:00" in page
    plan = staff.get("/rooms").text
    assert "陳小姐" in plan and "chen@example.org" in plan and "10:00–12:00" in plan
    clock.time += dt.timedelta(hours=1)
    code = address.split("/")[-1].partition("?")[0]
    assert post(staff, f"/rooms/{code}/arrive", room="main", day=MONDAY).status_code == 303
    assert "Here 10:00" in row_of(staff.get("/rooms").text, "陳小姐")
    assert post(staff, f"/rooms/{code}/leave", room="main", day=MONDAY).status_code == 303
    assert "Has left" in row_of(staff.get("/rooms").text, "陳小姐")
    assert "Book another seat" in reader.get(address).text
