"""The reading room on its pages: a seat is booked, seen by staff, changed, refused in words; days are closed."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from tests.search_ui.web.house import HOSTILE, LAND_ID, Items, client_of, open_house, token_in

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


def test_a_browser_books_waits_and_cancels(services):
    first, second = client_of(services), client_of(services)
    taken = book(first, name="甲", seat="6").headers["location"]
    full = book(second, name="乙", contact="b@example.org", seat="6")
    assert full.status_code == 409 and "Seat 6 is not free at this time." in full.text
    assert "Free next:" in full.text and "Tuesday 3 March 10:00–12:00, seat 1" in full.text
    offered = re.search(r'href="([^"]*starts=10%3A00[^"]*)"', full.text)[1].replace("&amp;", "&")
    assert "<option selected>10:00</option>" in second.get(offered).text
    waits = book(second, name="乙", contact="b@example.org", seat="6", wait="1").headers["location"]
    page = second.get(waits).text
    assert "You are on the waiting list." in page and "number 1" in page
    assert first.get(waits).status_code == 404
    code = taken.partition("?")[0]
    changed = post(first, f"{code}/change", room="main", day=TUESDAY, starts="13:00", ends="12:00")
    assert changed.status_code == 409 and "at least 30 minutes" in changed.text
    assert "is cancelled" in first.get(post(first, f"{code}/cancel").headers["location"]).text
    assert "Booked" in second.get(waits.partition("?")[0]).text
    assert "Book another seat" in first.get(code).text


def test_what_is_missing_is_said(services):
    browser = client_of(services)
    assert "Write your name." in book(browser).text
    assert "Write an e-mail address" in book(browser, name="n", contact="").text
    answer = book(browser, name="n", day="2026-02-31")
    assert answer.status_code == 422 and "Choose a day." in answer.text
    assert "Choose from when to when." in book(browser, name="n", starts="soon").text
    wrong = book(browser, name="n", typed_receipt="ABCD-EFGH", secret="x")
    assert wrong.status_code == 404 and "do not fit" in wrong.text
    assert "has passed" in book(browser, name="n", day="2026-03-01").text
    for odd in ("/reading-room?day=x&room=%00", "/reading-room?day=9999-12-31", f"/reading-room?records={'x ' * 3000}"):
        assert browser.get(odd).status_code == 200


def test_for_a_request_by_secret_below_its_address(services):
    from mappings.access import ANONYMOUS
    from service_desk.forms import RequestForm, parse

    asked = {"resource_id": LAND_ID, "type": "consult", "name": "n", "contact": "n@example.org"}
    receipt = services.desk.filing.submit(parse(RequestForm, asked), ANONYMOUS)
    browser = client_of(services)
    here = f"/s/{receipt.receipt}/seat"
    assert browser.get(here).headers["location"] == f"/s/{receipt.receipt}", "first the secret"
    post(browser, "/s/", receipt=receipt.receipt, secret=receipt.secret)
    assert f"Book a seat for request {receipt.receipt}" in browser.get(here).text
    time = {"room": "main", "day": TUESDAY, "starts": "10:00", "ends": "12:00"}
    made = post(browser, f"{here}/book", **time).headers["location"]
    page = browser.get(made).text
    assert made.startswith(f"{here}/bookings/") and "石碇小段29號" in page and receipt.receipt in page
    other = client_of(services)
    assert other.get(made.partition("?")[0]).status_code == 404
    typed = {"typed_receipt": receipt.receipt, "secret": receipt.secret, "contact": ""}
    by_hand = book(other, **typed, starts="14:00", ends="15:00")
    assert by_hand.status_code == 303 and by_hand.headers["location"].startswith("/reading-room/bookings/")


def test_records_are_ordered_to_the_seat(reader, staff):
    page = reader.get(f"/reading-room?day={TUESDAY}&resource={LAND_ID}").text
    assert f'name="records" value="{LAND_ID}"' in page
    answer = book(reader, records=LAND_ID)
    assert "Z013-1-001-005" in reader.get(answer.headers["location"]).text
    assert "Z013-1-001-005" in row_of(staff.get(f"/rooms?day={TUESDAY}").text, "陳小姐")


def test_staff_give_move_cancel_and_close(staff, reader):
    given = post(staff, "/rooms/give", room="main", name=HOSTILE, ends="12:00", seat="3")
    assert given.status_code == 303
    plan = staff.get("/rooms").text
    assert "<script>alert" not in plan and "Here 09:00" in plan
    code = re.search(r"/rooms/([0-9A-Z-]+)/leave", plan)[1]
    assert post(staff, f"/rooms/{code}/move", room="main", seat="4").status_code == 303
    assert "4" in row_of(staff.get("/rooms").text, "alert(1)")
    assert post(staff, f"/rooms/{code}/move", room="main", seat="77").status_code == 409
    booked = book(reader).headers["location"].split("/")[-1].partition("?")[0]
    empty = post(staff, f"/rooms/{booked}/cancel", room="main", day=TUESDAY, reason=" ")
    assert empty.status_code == 422 and "readers are told" in empty.text
    assert post(staff, f"/rooms/{booked}/cancel", room="main", day=TUESDAY, reason="Lamp").status_code == 303
    assert "Lamp" in reader.get(f"/reading-room/bookings/{booked}").text
    closed = post(staff, "/rooms/close", room="main", day=WEDNESDAY, reason="Wasser", hours="")
    assert closed.status_code == 303
    assert "Wasser" in reader.get(f"/reading-room?day={WEDNESDAY}").text
    again = post(staff, "/rooms/close", room="main", day=WEDNESDAY, reason="Wasser", hours="")
    assert again.status_code == 409
    bad = post(staff, "/rooms/close", room="main", day="2026-03-05", reason="x", hours="9")
    assert bad.status_code == 422 and "09:00-12:00" in bad.text
    assert post(staff, "/rooms/give", room="main", name="", ends="12:00").status_code == 422
    assert post(staff, "/rooms/give", room="main", person="2222-2222", ends="12:00").status_code == 404
    assert post(staff, "/rooms/2222-2222/arrive", room="main").status_code == 404
    assert post(staff, f"/rooms/{booked}/dance", room="main").status_code == 404


def test_no_seat_is_offered_on_a_day_the_room_is_closed(staff):
    open_day, closed_day = (staff.get(f"/rooms?day={day}").text for day in (TUESDAY, "2026-03-01"))
    assert "Nobody has booked. Give somebody a seat" in open_day and 'action="/rooms/give"' in open_day
    assert "The room is closed on this day." in closed_day and 'action="/rooms/give"' not in closed_day
    assert 'action="/rooms/close"' in closed_day, "it can be opened all the same"


def test_tickets_from_the_kiosk_to_the_counter(services, staff):
    phone = client_of(services)
    assert "Ask and request" in phone.get("/tickets").text
    mine = post(phone, "/tickets", service="ask").headers["location"]
    page = phone.get(mine).text
    assert "A001" in page and "You are next" in page and 'http-equiv="refresh"' in page and "<script src" in page
    assert post(phone, "/tickets", service="dance").status_code == 404
    counter = staff.get("/counter").text
    assert "Call A001" in counter
    assert post(staff, "/counter/call", counter="2").headers["location"] == "/counter?counter=2"
    assert "It is your turn: Counter 2" in phone.get(mine).text
    hall = phone.get("/hall").text
    assert "A001" in hall and "Counter 2" in hall and 'http-equiv="refresh"' in hall
    code = mine.split("/")[-1]
    assert post(staff, f"/counter/{code}/recall", counter="2").status_code == 303
    assert "called again" in phone.get("/hall").text
    assert post(staff, f"/counter/{code}/end", counter="2", how="done", receipt="ABCD").status_code == 404
    assert post(staff, f"/counter/{code}/end", counter="2", how="done").status_code == 303
    late = post(staff, f"/counter/{code}/recall", counter="2")
    assert late.status_code == 409 and "colleague was faster" in late.text
    assert "Served." in phone.get(mine).text and "refresh" not in phone.get(mine).text
    other = post(phone, "/tickets", service="ask").headers["location"]
    assert post(phone, f"{other}/give-up").headers["location"] == "/tickets"
    assert "not valid any more" in phone.get(other).text
    assert post(phone, f"{other}/give-up").status_code == 303
    assert phone.get("/tickets/2222-2222").status_code == post(phone, "/tickets/2222-2222/give-up").status_code == 404
    assert post(staff, "/counter/call", counter="9").status_code == 404


def test_while_the_window_is_closed(services, clock):
    clock.time += dt.timedelta(hours=9)
    browser = client_of(services)
    page = browser.get("/tickets").text
    assert "The window is closed now." in page and "Make a request" in page
    assert post(browser, "/tickets", service="ask").status_code == 409
    clock.time += dt.timedelta(days=5)
    assert "No tickets are given today." in browser.get("/tickets").text


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_pages_in_chinese(services, staff, language):
    browser = client_of(services)
    book(browser, name="甲")
    post(browser, "/tickets", service="ask")
    for address in ("/reading-room", "/tickets", "/hall"):
        page = browser.get(f"{address}?lang={language}").text
        assert not re.search(r">[^<]*\b(seat|Seat|wait|Book|Free)\b[^<]*<", page), address
    for address in (f"/rooms?day={TUESDAY}&lang={language}", f"/counter?lang={language}"):
        page = staff.get(address).text
        assert not re.search(r">[^<]*\b(seat|Seat|waits?|Call|Served)\b[^<]*<", page), address


def test_the_masthead_leads_there(staff, reader):
    assert 'href="/rooms"' in staff.get("/about").text and 'href="/counter"' in staff.get("/about").text
    shown = reader.get("/about").text
    assert 'href="/reading-room"' in shown and 'href="/rooms"' not in shown
    assert reader.get("/rooms").status_code == reader.get("/counter").status_code == 404


def chosen(page):
    return re.findall(r"<option selected>(\d\d:\d\d)", page)


def test_the_first_free_time_is_proposed(browser, reader, clock):
    assert chosen(browser.get("/reading-room").text) == ["09:00", "11:00"]
    clock.time += dt.timedelta(hours=4, minutes=51)
    assert chosen(browser.get("/reading-room").text) == ["14:00", "16:00"]
    with_record = chosen(browser.get(f"/reading-room?resource={LAND_ID}").text)
    assert "14:00" < with_record[0] < with_record[1]
    assert chosen(browser.get(f"/reading-room?day={TUESDAY}&starts=10:00&ends=10:30").text) == ["10:00", "10:30"]


def test_the_first_day_with_a_free_seat_is_proposed(browser, clock):
    def shown():
        return re.search(r'name="day" value="([0-9-]+)"', browser.get("/reading-room").text)[1]

    assert shown() == MONDAY
    clock.time += dt.timedelta(hours=9)
    assert shown() == TUESDAY, "the room is closed for today"
    clock.time += dt.timedelta(days=5)
    assert shown() == "2026-03-09", "it is closed on a Saturday"


def test_a_seat_that_is_taken_does_not_mean_that_all_are(services):
    first, second = client_of(services), client_of(services)
    assert book(first, seat="3", name="Ada").status_code == 303
    told = book(second, seat="3", name="Wang", contact="w@example.org")
    assert told.status_code == 409 and "Seat 3 is not free at this time." in told.text
