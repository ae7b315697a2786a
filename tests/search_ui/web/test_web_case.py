"""The page of a case: every act by its form, what stands in the way told in place, who sees what."""

from __future__ import annotations

import html
import re

import pytest

from mappings.access import ANONYMOUS
from mappings.grants import Scope
from search_ui import paths
from search_ui.web import case_acts
from service_desk.attachments import Supplied
from service_desk.forms import AnswerForm, KeyedForm, OpenRequestForm, RequestForm, parse
from service_desk.library.entries import EntryForm
from service_desk.machine import ACTIONS
from service_desk.made.views import Outcome
from service_desk.ports import Upload
from service_desk.privacy import Privacy
from tests.search_ui.web.house import (
    CLOSED_ID,
    HOSTILE,
    LAND_ID,
    PASSWORD,
    Items,
    client_of,
    open_house,
    sign_in,
    token_in,
)

FORM = {
    "resource_id": LAND_ID,
    "type": "copy",
    "name": "陳小姐",
    "contact": "chen@example.org",
    "note": "page 2, please",
    "query": "土地",
    "rank": 3,
    "language": "zh-Hans",
}


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    made = open_house(tmp_path_factory.mktemp("house"), Items())
    made.desk.accounts.add("zhou", PASSWORD, "staff", "周敏")
    made.desk.accounts.add("worker", PASSWORD, "reader", "Worker of a department")
    made.desk.roles.give("worker", "department_worker", Scope(department="special"), "test")
    made.desk.accounts.add("mgr", PASSWORD, "manager")
    yield made
    made.desk.close()


_browsers = {}


def signed_in(services, name):
    key = (id(services), name)
    if key not in _browsers:
        _browsers[key] = client_of(services)
        sign_in(_browsers[key], name)
    return _browsers[key]


@pytest.fixture
def lin(services):
    return signed_in(services, "lin")


@pytest.fixture
def zhou(services):
    return signed_in(services, "zhou")


@pytest.fixture
def file(services):
    """Files a request: with what is given instead of `FORM`, and files."""

    def filed(files=(), viewer=ANONYMOUS, **changes):
        form = parse(RequestForm, FORM | changes)
        return services.desk.filing.submit(form, viewer, "v" * 32, [Supplied(Upload(*one)) for one in files])

    return filed


def address(receipt):
    return f"/staff/requests/{receipt}"


def shown(browser, receipt):
    page = browser.get(address(receipt))
    assert page.status_code == 200, page.text
    return page.text


def act(browser, receipt, name, files=None, seen=None, **fields):
    """Fill in the form of an act as the page shows it, and send it."""
    page = shown(browser, receipt)
    hidden = {"csrf": token_in(page), "seen": seen or re.search(r'name="seen" value="(\d+)"', page)[1]}
    return browser.post(f"{address(receipt)}/acts/{name}", data={**hidden, **fields}, files=files)


def done(browser, receipt, name, **given):
    """The same, done; the page after it."""
    answer = act(browser, receipt, name, **given)
    assert answer.status_code == 303, re.findall(r'role="alert"[^>]*>([^<]*)', answer.text)
    return browser.get(answer.headers["location"]).text


def case_of(services, receipt):
    return services.desk.requests.case(receipt, services.desk.accounts.viewer("lin"))


def test_everything_is_on_the_page(services, lin, file):
    receipt = file([("id.pdf", "application/pdf", b"%PDF-1.7 x")]).receipt
    page = shown(lin, receipt)
    for told in ("陳小姐", "chen@example.org", "page 2, please", "searched “土地”", "place 3", "index version 7"):
        assert told in page, told
    assert "Today: the same." in page and "From the stacks" in page and "by the rules" in page
    assert "5 working days left" in page and "working days from" in page
    (primary,) = re.findall(r'<button class="button primary">([^<]*)', page)
    assert primary == "Begin the search", "the likeliest act, and no other, is filled"
    assert lin.get(f"/staff-case?receipt={receipt}").headers["location"] == address(receipt)


SEQUENCES = {
    "take, release": [("take", {}, "accepted", "lin"), ("release", {}, "accepted", None)],
    "search, review, answer": [
        ("search", {"text": "we look"}, "in_search", "lin"),
        ("review", {}, "in_review", "lin"),
        ("answer", {"text": "Here it is."}, "delivered", "lin"),
        ("reopen", {"text": "a page was missing"}, "reopened", None),
        ("accept", {}, "accepted", None),
    ],
    "quote, agree, pay": [
        ("quote", {"what1": "scan", "count1": "3", "price1": "1.50", "what3": "post", "price3": "1"}, "quoted", "lin"),
        ("agree", {}, "awaiting_payment", "lin"),
        ("pay", {}, "accepted", "lin"),
    ],
    "ready, handed out": [("make_ready", {"how": "pickup"}, "ready", "lin"), ("hand_out", {}, "delivered", "lin")],
    "in part": [("answer_part", {"text": "two of three pages"}, "partly_delivered", "lin")],
    "refused": [
        ("refuse", {"reason": "closed", "article": "Art. 27", "alternative": "the register"}, "refused", "lin"),
    ],
    "not held": [("not_held", {"text": "the East has it", "tried": "three fonds"}, "not_held", "lin")],
    "hand over": [("hand_over", {"to": "zhou", "text": "yours"}, "accepted", "zhou")],
    "classify": [("classify", {"department": "special", "urgent": "yes", "type": "query"}, "accepted", None)],
    "extend, tell, note": [
        ("extend", {"days": "5", "text": "many files"}, "accepted", None),
        ("tell", {"text": "we are at it"}, "accepted", None),
        ("note", {"text": "only for us"}, "accepted", None),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SEQUENCES)
def test_an_act_is_done_by_its_form(services, lin, file, name):
    receipt = file().receipt
    for what, fields, status, handler in SEQUENCES[name]:
        offered = shown(lin, receipt)
        assert f'data-act="{what}"' in offered, (what, "is offered")
        page = done(lin, receipt, what, **fields)
        assert 'role="status"' in page
        case = case_of(services, receipt)
        assert (case.status, case.handler) == (status, handler), what
        acted = [event.what for event in case.events if "document" not in event.payload]  # a letter goes with it
        assert acted[-1] in {ACTIONS[what].event, "classified"}


def test_every_act_of_the_house_is_offered_somewhere():
    assert set(case_acts.OFFERED) == {*case_acts.titles(str)}
    tried = {what for acts in SEQUENCES.values() for what, *_ in acts} | {"ask_materials", "resume", "consent"}
    assert set(case_acts.OFFERED) == tried
    assert all(case_acts.done(name, str) for name in case_acts.ACTS)


def test_what_an_act_says_stands_in_the_history(services, lin, file):
    receipt = file().receipt
    done(lin, receipt, "quote", what1="scan", count1="1,000", price1="1.50")
    page = shown(lin, receipt)
    assert "scan 1000 × 1.50" in page and "1,500.00 CNY" in page
    assert case_of(services, receipt).events[-1].payload["lines"] == [{"what": "scan", "count": 1000, "price": 150}]


def test_materials_are_looked_at_and_asked_for_once(services, lin, file):
    receipt = file(resource_id=CLOSED_ID, type="certificate", relation="heir").receipt
    page = shown(lin, receipt)
    assert "The reader has until" in page and "waiting for what is missing" in page
    codes = re.findall(r'name="verdict" value="(\w+):verified"', page)
    assert len(codes) >= 2
    page = done(lin, receipt, "check", verdict=f"{codes[0]}:verified")
    assert f'value="{codes[0]}:verified" class="verified" aria-pressed="true"' in page and "It is marked." in page
    for code in codes[1:]:
        page = done(lin, receipt, "check", verdict=f"{code}:waived")
    assert case_of(services, receipt).status == "accepted", "nothing is missing any more: it goes on by itself"
    page = done(lin, receipt, "check", verdict=f"{codes[1]}:unclear")
    notice = page.split('class="preview"', 1)[1].split("</ul>", 1)[0]
    called = services.desk.called("zh-Hans")
    assert called.material(codes[1]) in notice and called.how(codes[1]) in notice, "in the language of its reader"
    assert called.material(codes[0]) not in notice
    done(lin, receipt, "ask_materials", text="the stamp cannot be read", more="research_outline")
    asked = case_of(services, receipt).events[-1]
    assert asked.what == "materials_asked" and asked.payload["missing"] == [codes[1], "research_outline"]
    status = services.desk.requests.status(receipt, visitor="v" * 32)
    assert status.events[-1].details["missing"] == [codes[1], "research_outline"]
    done(lin, receipt, "resume")
    assert case_of(services, receipt).status == "accepted"


def test_files_handed_in_are_saved_and_never_shown(services, lin, file):
    receipt = file([("a.txt", "text/plain", b"<script>")]).receipt
    assert f'href="{address(receipt)}/files/1" target="_blank"' in shown(lin, receipt)
    got = lin.get(f"{address(receipt)}/files/1")
    assert got.content == b"<script>" and got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-security-policy"] == "sandbox"
    assert lin.get(f"{address(receipt)}/files/2").status_code == 404
    assert signed_in(services, "worker").get(f"{address(receipt)}/files/1").status_code == 404
    assert signed_in(services, "mgr").get(f"{address(receipt)}/files/1").status_code == 404


def test_an_answer_takes_files(services, lin, file):
    filed = file()
    files = [
        ("files", ("scan.png", b"\x89PNG\r\n\x1a\n123", "image/png")),
        ("files", ("", b"", "application/octet-stream")),
    ]
    done(lin, filed.receipt, "answer", files=files, text="")
    status = services.desk.requests.status(filed.receipt, secret=filed.secret)
    assert [one.name for one in status.files] == ["scan.png"]
    assert "scan.png" in shown(lin, filed.receipt)


PICTURE = b"\x89PNG\r\n\x1a\n"


def scans(*names):
    return [("files", (name, PICTURE + name.encode(), "image/png")) for name in names]


def test_a_tick_keeps_the_files_of_an_answer_for_everyone(services, lin, file):
    receipt = file(type="copy").receipt
    page = shown(lin, receipt)
    assert page.count('name="keep"') == 3 and "becomes a digital copy of the record tonight" in page
    page = done(lin, receipt, "answer", files=scans("a.png", "b.png"), text="", keep="yes")
    assert "Becomes a digital copy in the coming night." in page
    [copy] = services.desk.made.standing()
    services.desk.made.note([Outcome(copy.copy, "0001.png", 2), Outcome(copy.copy, "0002.png", 0, "<torn>")])
    page = shown(lin, receipt)
    assert "Became a digital copy on" in page and "2 pages" in page and "&lt;torn&gt;" in page
    back = {"csrf": token_in(page), "kept": copy.copy}
    assert lin.post(f"{address(receipt)}/copies/back", data={**back, "why": " "}).status_code == 422
    said = lin.post(f"{address(receipt)}/copies/back", data={**back, "why": "the <wrong> box"})
    assert said.status_code == 303
    page = lin.get(said.headers["location"]).text
    assert "nobody reads it any more" in page and "by lin: the &lt;wrong&gt; box" in page
    assert lin.post(f"{address(receipt)}/copies/back", data={**back, "why": "again"}).status_code == 409
    assert lin.post(f"{address(receipt)}/copies/back", data={**back, "kept": "1", "why": "x"}).status_code == 404


def test_files_are_kept_later_in_the_order_of_their_numbers(services, lin, file):
    receipt = file(type="copy").receipt
    page = done(lin, receipt, "answer", files=scans("c.png", "d.png", "e.png"), text="")
    assert services.desk.made.standing() == [] and "Keep files of the answer for everyone" in page
    sent = {"csrf": token_in(page), "place-1": "2", "place-2": "", "place-3": "1", "place-x": "1"}
    for wrong in ({}, {"place-1": "1", "record": "r-no-such"}, {"place-9": "1"}, {"place-1": "first"}):
        answer = lin.post(f"{address(receipt)}/copies", data={"csrf": sent["csrf"], **wrong})
        assert answer.status_code == 422 and "Nothing was kept" in answer.text
    said = lin.post(f"{address(receipt)}/copies", data=sent)
    assert said.status_code == 303 and "becomes a digital copy" in lin.get(said.headers["location"]).text
    [copy] = services.desk.made.of_case(receipt, services.desk.accounts.viewer("lin"))
    assert [one.name for one in copy.files] == ["e.png", "c.png"]
    told = lin.get(f"/api/v1/staff/requests/{receipt}/copies").json()
    assert [one["copy"] for one in told] == [copy.copy] and "object_key" not in str(told)
    older = file(type="copy").receipt
    assert f'<option value="{copy.copy}">' in shown(lin, older)


def test_no_tick_where_nothing_can_be_kept(services, lin, file):
    assert 'name="keep"' not in shown(lin, file(type="query").receipt)
    form = parse(OpenRequestForm, {"type": "copy", "name": "n", "contact": "c", "note": "a map of the harbour"})
    receipt = services.desk.filing.submit(form, ANONYMOUS, "v" * 32).receipt
    assert 'name="keep"' not in shown(lin, receipt)
    answer = act(lin, receipt, "answer", text="kept words", keep="yes", files=scans("f.png"))
    assert answer.status_code == 422 and "of a record in the index can be kept" in answer.text


WRONG = {
    "nothing with pages": ("answer", {"text": "kept words", "keep": "yes"}, None, "can be kept for everyone"),
    "a page under a picture's name": ("answer", {"text": "kept words"}, ("a.png", b"<p>"), "is not what its name"),
    "an empty file": ("answer", {"text": "kept words"}, ("a.png", b""), "is empty"),
    "neither words nor files": ("answer", {"text": " "}, None, "Write an answer, or attach a file."),
    "no ground": ("refuse", {"reason": "", "alternative": "kept words"}, None, "on which ground"),
    "no alternative": ("refuse", {"reason": "kept words", "alternative": " "}, None, "no refusal goes without it"),
    "no words": ("tell", {"text": ""}, None, "an empty message says nothing"),
    "nobody": ("hand_over", {"to": "nobody-at-all", "text": "kept words"}, None, "Choose a colleague"),
    "a reader": ("hand_over", {"to": "chen", "text": "kept words"}, None, "Choose a colleague"),
    "nothing to change": ("classify", {"text": "kept words"}, None, "Choose what is to change"),
    "no such type": ("classify", {"type": "dance", "text": "kept words"}, None, "Choose what is to change"),
    "no such account": ("classify", {"about": "nobody-at-all", "text": "kept words"}, None, "no account of this name"),
    "no days": ("extend", {"days": "many", "text": "kept words"}, None, "from 1 to 365"),
    "no price": ("quote", {"what1": "kept words", "price1": "much"}, None, "a price such as 12.50"),
    "too fine a price": ("quote", {"what1": "kept words", "price1": "1.505"}, None, "a price such as 12.50"),
    "an endless price": ("quote", {"what1": "kept words", "price1": "NaN"}, None, "a price such as 12.50"),
    "no line": ("quote", {"text": "kept words"}, None, "at least one line"),
    "no currency": ("quote", {"what1": "kept words", "price1": "1", "currency": "X"}, None, "in three letters"),
    "not how": ("make_ready", {"how": "", "text": "kept words"}, None, "Choose how it is ready"),
    "nothing missing": ("ask_materials", {"text": "kept words"}, None, "Nothing is missing or unclear"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_place_and_what_was_typed_stays(services, lin, file, name):
    what, fields, given, said = WRONG[name]
    receipt = file().receipt
    files = [("files", (*given, "image/png"))] if given else None
    before = case_of(services, receipt)
    answer = act(lin, receipt, what, files=files, **fields)
    assert answer.status_code == 422 and said in answer.text, re.findall(r'role="alert"[^>]*>([^<]*)', answer.text)
    assert "aria-invalid" in answer.text or what == "ask_materials"
    if "kept words" in fields.values():
        assert "kept words" in answer.text
    assert case_of(services, receipt).version == before.version


def test_of_two_clerks_on_the_page_the_second_is_told_who_was_faster(services, lin, zhou, file):
    receipt = file().receipt
    seen = re.search(r'name="seen" value="(\d+)"', shown(lin, receipt))[1]
    done(zhou, receipt, "search", text="")
    answer = act(lin, receipt, "answer", seen=seen, text="half an hour of work")
    assert answer.status_code == 409
    told = html.unescape(re.search(r'role="alert"[^>]*>([^<]*)', answer.text)[1])
    assert "Somebody was faster (zhou" in told and "Nothing was sent" in told
    assert "half an hour of work" in answer.text, "what was typed is kept, though it cannot be sent now"
    assert case_of(services, receipt).status == "in_search"
    late = act(lin, receipt, "take")
    assert late.status_code == 409 and "in the hands of zhou" in late.text


def test_the_rules_bound_an_extension_and_a_coordinator_may_go_beyond(services, lin, file):
    receipt = file().receipt
    services.desk.accounts.add("window", PASSWORD, "window_clerk")
    window = signed_in(services, "window")
    answer = act(window, receipt, "extend", days="300", text="long")
    assert answer.status_code == 409 and "The rules allow 1 times 10 days" in answer.text
    done(lin, receipt, "extend", days="300", text="long")


def test_a_worker_of_a_department_sees_theirs_alone(services, lin, file):
    worker = signed_in(services, "worker")
    receipt, other = file(name="Ours").receipt, file(name="Theirs").receipt
    assert worker.get(address(receipt)).status_code == 404
    done(lin, receipt, "classify", department="special")
    page = shown(worker, receipt)
    assert "Ours" in page and other not in page, "not among the requests on the same record either"
    done(worker, receipt, "take")
    token = token_in(page)
    assert worker.post(f"{address(other)}/acts/take", data={"csrf": token, "seen": "3"}).status_code == 404
    assert worker.get("/staff?view=open&find=s").text.count(other) == 0
    colleagues = re.search(r'id="hand_over-to".*?</select>', shown(worker, receipt))[0]
    assert 'value="worker"' in colleagues and 'value="zhou"' in colleagues and 'value="chen"' not in colleagues
    assert 'value="worker"' not in re.search(r'id="hand_over-to".*?</select>', shown(lin, other))[0]


def test_who_only_looks_has_no_acts(services, file):
    receipt = file().receipt
    manager = signed_in(services, "mgr")
    page = shown(manager, receipt)
    assert "data-act" not in page and "What to do" not in page
    answer = manager.post(f"{address(receipt)}/acts/take", data={"csrf": _token(manager), "seen": "3"})
    assert answer.status_code == 403 and case_of(services, receipt).handler is None


def _token(browser):
    return token_in(browser.get("/account").text)


def test_a_handed_over_request_says_by_whom(services, lin, zhou, file):
    receipt = file(name="Handed").receipt
    done(lin, receipt, "hand_over", to="zhou", text="you know the fonds")
    mine = zhou.get("/staff?view=mine&find=Handed").text
    assert receipt in mine and "handed over by lin" in mine
    assert "you know the fonds" in shown(zhou, receipt)


def test_a_form_needs_its_token_and_an_act_its_name(services, lin, file):
    receipt = file().receipt
    assert lin.post(f"{address(receipt)}/acts/take", data={"csrf": "x", "seen": "3"}).status_code == 403
    sent = [("csrf", (None, b"x")), ("text", (None, b"y"))]
    assert lin.post(f"{address(receipt)}/acts/answer", files=sent).status_code == 403
    token = _token(lin)
    assert lin.post(f"{address(receipt)}/acts/dance", data={"csrf": token}).status_code == 404
    assert lin.post(f"{address('2222-2222')}/acts/take", data={"csrf": token}).status_code == 404
    stranger = client_of(services)
    assert stranger.get(address(receipt)).headers["location"].startswith("/login?next=%2Fstaff")
    assert signed_in(services, "chen").get(address(receipt)).status_code == 404
    broken = lin.post(
        f"{address(receipt)}/acts/answer", content=b"--x\r\nnonsense", headers={"content-type": "multipart/form-data"}
    )
    assert broken.status_code == 413


def test_a_large_body_is_read_of_those_alone_who_may_send_one(services, lin, file):
    receipt = file().receipt
    large = [("files", ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 100_000, "image/png"))]
    for browser, code in ((signed_in(services, "chen"), 413), (client_of(services), 413)):
        answer = browser.post(f"{address(receipt)}/acts/answer", data={"csrf": "x"}, files=large)
        assert answer.status_code == code
    done(lin, receipt, "answer", files=large, text="")


def test_hostile_words_are_words(services, lin, file):
    receipt = file(name=HOSTILE, note=HOSTILE, contact=HOSTILE[:60], query=HOSTILE).receipt
    done(lin, receipt, "note", text=HOSTILE)
    answer = act(lin, receipt, "classify", about=HOSTILE[:90], text=HOSTILE)
    for page in (shown(lin, receipt), answer.text, lin.get("/staff", params={"find": HOSTILE, "view": "open"}).text):
        assert "<script>alert(1)" not in page and "<img src=x" not in page
        assert "49" not in re.sub(r"\d{2,}-|-\d{2,}|\d{3,}|:\d\d", "", page.split("{{7*7}}")[0][-200:])
        assert "{{7*7}}" in page


def test_records_are_compared_with_today(services, lin, file, monkeypatch):
    receipt = file().receipt
    found = services.resource(LAND_ID, services.desk.accounts.viewer("lin"))
    changed = {**found, "title": "Another title", "access": "closed"}
    monkeypatch.setattr(type(services), "resource", lambda *given, **more: changed)
    page = shown(lin, receipt)
    assert "Today: Title is “Another title”" in page and "Today: Access is" in page and "Reference code is" not in page
    monkeypatch.setattr(type(services), "resource", lambda *given, **more: None)
    assert "Today: the record is gone" in shown(lin, receipt)

    def silent(*given, **more):
        from indexer.errors import EngineUnavailable

        raise EngineUnavailable("down")

    monkeypatch.setattr(type(services), "resource", silent)
    page = shown(lin, receipt)
    assert "search does not answer" in page and 'data-act="answer"' in page
    done(lin, receipt, "answer", text="all the same")


def test_what_else_was_asked_is_listed(services, lin, file):
    chen = services.desk.accounts.viewer("chen")
    first, second = file(viewer=chen).receipt, file(viewer=chen, resource_id=CLOSED_ID, type="question").receipt
    page = shown(lin, second)
    assert "Of the same reader" in page and address(first) in page
    assert "On the same record" in shown(lin, first)
    lin_viewer = services.desk.accounts.viewer("lin")
    person = services.desk.people.register(_person(), lin_viewer).code
    notice = services.desk.rules.now(Privacy).mark
    asked = [
        services.desk.filing.key_in(
            parse(OpenRequestForm, {"type": "question", "name": "n", "contact": "c", "note": "x", "consent": notice}),
            KeyedForm(channel="phone", person=person, consent_way="telephone"),
            lin_viewer,
        ).receipt
        for _ in range(2)
    ]
    page = shown(lin, asked[1])
    assert address(asked[0]) in page and f"/persons/{person}" in page
    assert "by telephone" in page and "keyed in by lin" in page and "A question without a record." in page


def _person():
    from service_desk.forms import PersonForm

    return PersonForm(name="n")


def test_an_urgent_and_a_barred_one(services, lin, zhou, file):
    receipt = file().receipt
    done(lin, receipt, "classify", urgent="yes", about="zhou")
    assert '<span class="kind urgent">urgent</span>' in shown(lin, receipt)
    page = shown(zhou, receipt)
    assert "data-act" not in page, "it is about their own work"
    assert 'value="zhou"' not in re.search(r'id="hand_over-to".*?</select>', shown(lin, receipt))[0]


def test_a_reader_whom_no_notice_reaches_is_named(services):
    browser, told = client_of(services), "No notice reaches this reader"
    sign_in(browser, "lin")
    values = {"resource_id": LAND_ID, "type": "copy", "name": "n", "note": "by hand"}
    by_hand, by_mail, by_phone = (
        services.desk.filing.submit(parse(RequestForm, values | {"contact": one}), ANONYMOUS).receipt
        for one in ("the house by the well", "a@example.org", "13800000000")
    )
    assert told in browser.get(paths.case(by_hand)).text
    assert all(told not in browser.get(paths.case(one)).text for one in (by_mail, by_phone))


def test_who_is_told_by_phone_is_marked_until_somebody_ticks_it(services):
    browser = client_of(services)
    sign_in(browser, "lin")
    values = {"resource_id": LAND_ID, "type": "copy", "name": "n", "note": "by hand", "contact": "13800000000"}
    receipt = services.desk.filing.submit(parse(RequestForm, values), ANONYMOUS).receipt
    page = browser.get(paths.case(receipt)).text
    assert (
        "To be told by phone" in page
        and "to be told by phone" in browser.get(f"{paths.INBOX}?view=open&find={receipt}").text
    )
    ticks = dict.fromkeys(re.findall(r'name="(notice-\d+)"', page), "yes")
    assert len(ticks) == 1
    assert browser.post(f"{paths.case(receipt)}/told", data={"csrf": token_in(page)}).status_code == 409
    answer = browser.post(f"{paths.case(receipt)}/told", data={"csrf": token_in(page), **ticks})
    after = browser.get(answer.headers["location"]).text
    assert "It is kept that you told the reader" in after and 'id="to-tell"' not in after
    assert "Told by phone" in after and "told.accepted" not in after, "in the history"
    assert "to be told by phone" not in browser.get(f"{paths.INBOX}?view=open&find={receipt}").text


def test_what_is_known_is_said_once_and_in_the_readers_language(lin, services, file):
    writer = services.desk.accounts.viewer("lin")
    for language, question in (("zh-Hans", "馆藏船员名册可以拍照吗？"), ("en", "馆藏船员名册可以拍照吗 (photographs)")):
        entry = {"question": question, "answer": "拍照 ok", "language": language, "public": False}
        services.desk.library.write(parse(EntryForm, entry), writer)
    for _ in range(2):
        before = file(type="question", note="馆藏船员名册可以拍照吗").receipt
        services.desk.requests.answer(before, AnswerForm(text="可以拍照。"), writer)
    assert shown(lin, file(type="question", note="馆藏船员名册可以拍照吗").receipt).count("可以拍照。") == 1
    asked = OpenRequestForm(type="question", name="n", contact="c", note="馆藏船员名册可以拍照吗", language="zh-Hans")
    page = shown(lin, services.desk.filing.submit(asked, ANONYMOUS).receipt)
    assert "馆藏船员名册可以拍照吗？" in page and "(photographs)" not in page


def test_where_the_words_say_nothing_nothing_is_suggested(lin, file):
    page = shown(lin, file(type="query", note="abcde").receipt)
    assert "Their words suggest" not in page
