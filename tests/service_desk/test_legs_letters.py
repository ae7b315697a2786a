"""Legs by e-mail: one letter a send, a link that shows the least and ends with the answer, the request relayed
meanwhile and back by itself.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk_parts import CHEAP, CLERK
from legs_parts import HARBOUR, partners_text, ruled, staffed
from notice_parts import TEXT
from sqlalchemy import select

from mappings.access import ANONYMOUS
from service_desk.desk import Desk
from service_desk.errors import Conflict, Invalid, NotFound
from service_desk.forms import AnswerForm, MessageForm, OpenRequestForm
from service_desk.legs.ports import Relays
from service_desk.legs.rules import Partners
from service_desk.legs.tables import LegLink, LegPost
from service_desk.models import QueuedNotice
from service_desk.notices import FolderOutbox
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
from service_desk.retention import RetentionPolicy
from service_desk.sending.rules import NoticeRules

ASK = {"kind": "partner", "receiver": "harbour", "asks": "請查粵漢鐵路", "expects": "副本"}


@pytest.fixture
def desk(tmp_path, database, clock, holdings, outbox):
    """Needs `desk` in its name, so that the database has its accounts."""
    made = Desk(
        database,
        objects=FolderObjects(tmp_path / "objects"),
        holdings=holdings,
        outbox=FolderOutbox(outbox),
        clock=clock,
        hasher=CHEAP,
        relays=Relays(site="https://a.example", archive=lambda language: f"House ({language})"),
    )
    ruled(made)
    staffed(made)
    yield made
    made.close()


@pytest.fixture
def receipt(desk: Desk) -> str:
    form = OpenRequestForm(
        type="question", name="王小明", contact="wang@example.org", note="我要查", language="zh-Hans"
    )
    return desk.filing.submit(form, ANONYMOUS, "visitor-1").receipt


def letters(outbox: Path, to: str = "harbour") -> list[str]:
    from email import message_from_bytes, policy

    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(outbox.glob("*.eml"))]
    return [f"{one['subject']}\n{one.get_content()}" for one in read if to in one["to"]]


def token(letter: str) -> str:
    return re.search(r"https://a\.example/relay/(\S+)", letter)[1]


def status(desk: Desk, receipt: str) -> str:
    return desk.requests.case(receipt, CLERK).status


def test_a_letter_an_answer_and_back(desk, receipt, outbox, clock):
    leg = desk.legs.send(receipt, ASK, CLERK)
    assert (leg.status, leg.channel, str(leg.day)) == ("sent", "email", "2026-03-06")
    assert status(desk, receipt) == "relayed"
    [letter] = letters(outbox)
    assert "House (en)" in letter and "請查粵漢鐵路" in letter and "6 March 2026" in letter
    assert "王小明" not in letter and "wang@example.org" not in letter and receipt not in letter
    reader = desk.requests.status(receipt, ANONYMOUS, visitor="visitor-1")
    [told] = [event.text for event in reader.events if event.what == "relayed"]
    assert "3 月 9 日" in told and "另一家档案馆" in told and "港口" not in told, "as the house has promised"

    name = token(letter)
    asked = desk.answering.asked(name, "en")
    assert asked.asks == ASK["asks"] and asked.name == asked.contact == ""
    assert "wang@example.org" not in repr(asked) and "visitor" not in repr(asked)
    desk.answering.act(name, "acknowledge", {})
    desk.answering.act(name, "answer", {"text": "找到"}, [Upload("a.pdf", "text/html", b"%PDF-1.7 x")])
    assert status(desk, receipt) == "in_search"
    [back] = desk.legs.of_case(receipt, CLERK)
    assert (back.status, back.files[0].media_type) == ("answered", "application/pdf")
    assert desk.legs.file(back.code, 1, CLERK)[1] == b"%PDF-1.7 x"
    assert desk.requests.status(receipt, ANONYMOUS, visitor="visitor-1").events[-1].what == "came_back"
    over = desk.answering.asked(name, "en")
    assert (over.status, over.asks, over.actions) == ("answered", "", ())
    with pytest.raises(Conflict):
        desk.answering.act(name, "answer", {"text": "x"})


@pytest.mark.parametrize(("type_", "day"), [("question", "3 月 9 日"), ("complaint", "3 月 10 日")])
def test_the_reader_has_word_in_four_days_and_two_to_hand_it_on_and_never_later_than_promised(desk, type_, day):
    form = OpenRequestForm(type=type_, name="n", contact="wang@example.org", note="我要查", language="zh-Hans")
    filed = desk.filing.submit(form, ANONYMOUS)
    desk.legs.send(filed.receipt, ASK, CLERK)
    reader = desk.requests.status(filed.receipt, ANONYMOUS, secret=filed.secret)
    [told] = [event.text for event in reader.events if event.what == "relayed"]
    assert f"最迟 {day}" in told


def test_a_link_is_one_of_many_and_ends(desk, receipt, outbox, clock):
    desk.legs.send(receipt, ASK, CLERK)
    name = token(letters(outbox)[0])
    with desk._database.read() as session:
        assert name not in repr([row.token_digest for row in session.scalars(select(LegLink))])
        assert name not in repr([(row.body, row.subject) for row in session.scalars(select(QueuedNotice))])
    for wrong in ("", "x", name[:-1], name + "x", name.swapcase(), "../" + name, "\ud800", "x" * 5000):
        with pytest.raises(NotFound):
            desk.answering.asked(wrong, "en")
    clock.push(days=61)
    with pytest.raises(NotFound):
        desk.answering.asked(name, "en")
    with pytest.raises(NotFound):
        desk.answering.act(name, "answer", {"text": "x"})
    desk.chasing.expire()
    with desk._database.read() as session:
        assert session.scalars(select(LegLink)).all() == []


def test_each_send_is_one_letter(desk, receipt, outbox):
    leg = desk.legs.send(receipt, ASK, CLERK)
    for _ in range(3):
        desk.posting.deliver()
        desk.relay()
    assert len(letters(outbox)) == 1
    desk.legs.remind(leg.code, {}, CLERK)
    assert len(letters(outbox)) == 2 and "Reminder" in letters(outbox)[1]
    first, second = map(token, letters(outbox))
    assert first != second and desk.answering.asked(first, "en") == desk.answering.asked(second, "en")
    desk.legs.take_back(leg.code, {"text": "谢谢"}, CLERK)
    assert "relay/" not in letters(outbox)[2] and "谢谢" in letters(outbox)[2]
    assert status(desk, receipt) == "in_search"
    with pytest.raises(Conflict):
        desk.answering.act(first, "answer", {"text": "x"})


def test_asking_back_stops_their_clock(desk, receipt, outbox, clock):
    leg = desk.legs.send(receipt, ASK, CLERK)
    name = token(letters(outbox)[0])
    with pytest.raises(Invalid):
        desk.answering.act(name, "ask_back", {"text": ""})
    desk.answering.act(name, "ask_back", {"text": "哪一年？"})
    clock.push(days=14)
    assert desk.chasing.look().escalated == 0 and status(desk, receipt) == "relayed"
    desk.legs.reply(leg.code, {"text": "1936"}, CLERK)
    assert "1936" in letters(outbox)[1]
    assert str(desk.legs.of_case(receipt, CLERK)[0].day) == "2026-03-20"


def test_reminded_before_and_escalated_after(desk, receipt, outbox, clock):
    desk.legs.send(receipt, ASK, CLERK)
    clock.push(days=2)
    assert desk.chasing.look().reminded == 0
    clock.push(days=1)
    assert desk.chasing.look().reminded == 1 and desk.chasing.look().reminded == 0
    desk.posting.deliver()
    assert len(letters(outbox)) == 2
    clock.push(days=3)
    assert desk.chasing.look().escalated == 1 and desk.chasing.look().escalated == 0
    [row] = desk.legs.overseen(CLERK)
    assert (row.why, row.receipt) == ("late", receipt)


def test_several_at_once(desk, receipt, outbox):
    one = desk.legs.send(receipt, ASK, CLERK)
    two = desk.legs.send(receipt, ASK | {"receiver": "hill"}, CLERK)
    assert "王小明" in letters(outbox, "hill")[0] and "wang@" not in letters(outbox, "hill")[0], "the rules say so"
    said = [event.what for event in desk.requests.case(receipt, CLERK).events]
    assert said.count("relayed") == 1 and said.count("progress") == 1
    task = desk.legs.send(receipt, ASK | {"kind": "department", "receiver": "holdings"}, CLERK)
    assert status(desk, receipt) == "in_search", "a department works on it"
    desk.legs.take_back(task.code, {}, CLERK)
    assert status(desk, receipt) == "relayed"
    desk.answering.act(token(letters(outbox)[0]), "answer", {"held": False, "text": "没有"})
    assert status(desk, receipt) == "relayed"
    desk.legs.go_on(two.code, CLERK, beside=True)
    assert status(desk, receipt) == "in_search"
    desk.legs.go_on(two.code, CLERK, beside=False)
    assert status(desk, receipt) == "relayed"
    desk.answering.act(token(letters(outbox, "hill")[0]), "return", {"text": "不归我们"})
    assert status(desk, receipt) == "in_search"
    assert [leg.status for leg in desk.legs.of_case(receipt, CLERK)] == ["not_held", "returned", "taken_back"]
    assert one.code != two.code


def test_the_holder_of_a_record_leads_to_its_partner(desk, form, holdings, outbox):
    import msgspec

    there = holdings.records["r-rail"]
    holdings.records["r-far"] = msgspec.structs.replace(
        there, id="r-far", holder="Harbour Archives", title="遠方的檔案"
    )
    receipt = desk.filing.submit(form(resource_id="r-far"), ANONYMOUS, "visitor-1").receipt
    assert status(desk, receipt) == "relayed"
    desk.relay()
    [letter] = letters(outbox)
    assert "遠方的檔案" in letter and "A copy" in letter
    desk.requests.withdraw(receipt, ANONYMOUS, visitor="visitor-1")
    desk.relay()
    assert "needs no answer" in letters(outbox)[1]


def test_without_an_address_of_the_house_nothing_is_lost(open_desk, desk, receipt, outbox, clock):
    other = open_desk()
    leg = other.legs.send(receipt, ASK, CLERK)
    assert letters(outbox) == []
    found = other.legs.of_case(receipt, CLERK)[0]
    assert found.problem and "site" in found.problem and other.legs.overseen(CLERK)[0].why == "unsent"
    clock.push(hours=1)
    desk.posting.deliver()
    assert len(letters(outbox)) == 1 and desk.legs.of_case(receipt, CLERK)[0].problem is None
    assert leg.waiting == 1


def test_two_processes_send_one_letter(desk, receipt, outbox, tmp_path):
    import threading

    desk.posting.leave = lambda: 0
    desk.legs._deliver = lambda: 0
    desk.legs.send(receipt, ASK, CLERK)
    threads = [threading.Thread(target=desk.posting.deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with desk._database.read() as session:
        assert len(session.scalars(select(LegLink)).all()) == 1
        [post] = session.scalars(select(LegPost)).all()
    assert post.sent is not None and post.attempts == 1


def test_what_a_reader_writes_meanwhile(desk, receipt):
    desk.legs.send(receipt, ASK, CLERK)
    desk.requests.write(receipt, MessageForm(text="还有一件"), ANONYMOUS, visitor="visitor-1")
    assert status(desk, receipt) == "relayed"


def test_what_others_were_asked_is_forgotten_in_time(desk, receipt, outbox, clock):
    leg = desk.legs.send(receipt, ASK, CLERK)
    desk.answering.act(
        token(letters(outbox)[0]), "answer", {"text": "王小明的案卷"}, [Upload("王小明.pdf", "", b"%PDF-1.7 x")]
    )
    desk.requests.answer(receipt, AnswerForm(text="x"), CLERK)
    clock.push(days=400)
    desk.retention.apply(RetentionPolicy(requests=365), "test")
    [kept] = desk.legs.of_case(receipt, CLERK)
    assert (kept.code, kept.status, kept.asks) == (leg.code, "answered", "")
    assert "王小明" not in repr(kept) and [event.what for event in kept.events] == ["sent", "answered"]


def test_the_reader_is_told_that_it_was_passed_on_and_that_it_is_back(desk, receipt, outbox):
    desk.legs.send(receipt, ASK, CLERK)
    desk.answering.act(token(letters(outbox)[0]), "answer", {"text": "找到"})
    told = letters(outbox, "wang@example.org")
    assert [text.partition("\n")[0] for text in told[-2:]] == [
        f"您的申请 {receipt} 已转请协查",
        f"您的申请 {receipt} 协查已返回",
    ]
    assert "最迟 2026 年 3 月 9 日（周一）给您答复" in told[-2] and "港口" not in told[-2]


def test_letters_are_those_of_the_notices_unless_a_house_has_its_own_with_its_partners(desk, receipt, outbox):
    changed = TEXT.replace("{{ archive }} asks for your help.", "Dear colleagues of {{ archive }},")
    desk.rules.bring_into_force(NoticeRules, changed, "test")
    desk.legs.send(receipt, ASK | {"asks": "長" * 3000}, CLERK)
    [letter] = letters(outbox)
    assert "Dear colleagues of House (en)," in letter and "長" * 3000 in letter.replace("\n", "")
    own = (
        "  letter:\n    subject: {en: Ours, zh-Hans: 我们, zh-Hant: 我們}\n"
        '    text: {en: "Old: {asks} {link}", zh-Hans: "{link}", zh-Hant: "{link}"}\n'
    )
    older = partners_text(HARBOUR).replace("words:\n", f"words:\n{own}")
    desk.rules.bring_into_force(Partners, older, "test")
    desk.legs.send(receipt, ASK, CLERK)
    assert letters(outbox)[-1].startswith("Ours\nOld: 請查粵漢鐵路 https://a.example/relay/")
    desk.rules.bring_into_force(NoticeRules, TEXT[: TEXT.index("\nletters:")], "test")
    desk.rules.bring_into_force(Partners, partners_text(HARBOUR), "test")
    desk.legs.send(receipt, ASK | {"receiver": "hill"}, CLERK)
    assert "贵馆协查" in letters(outbox, "hill")[0], "rules from before there were letters"
