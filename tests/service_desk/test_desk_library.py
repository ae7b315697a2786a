"""The answer library on both databases: written in versions, found by its words in any script, made of what was
answered before with nobody's name in it.
"""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, COLLEAGUE, ONCE, READER
from past import day, had

from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant, Scope
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.forms import parse
from service_desk.knowledge import Knowledge
from service_desk.library.earlier import EarlierAnswers
from service_desk.library.entries import EntryForm, Library
from service_desk.library.tables import AnswerVersion
from service_desk.models import AppendOnly
from service_desk.ports import FrozenHit


class FakePersonal:
    """Knows one person."""

    def spans(self, text):
        at = text.find("李四")
        return [(at, at + 2, "name")] if at >= 0 else []

    def masked(self, text):
        return text.replace("李四", "某甲")


def entry(**changes):
    told = {
        "question": "婚姻登记证明怎么开？",
        "answer": "带上身份证，到窗口填写查档申请。",
        "language": "zh-Hans",
        "tags": "婚姻，证明",
    }
    return parse(EntryForm, told | changes)


@pytest.fixture
def library(desk, clock):
    return Library(desk._database, clock, Knowledge(personal=FakePersonal()))


def questions(found):
    return [one.entry.question for one in found]


def test_an_entry_is_written_changed_retired_and_restored_in_versions(desk, clock, library):
    number = library.write(entry(), CLERK)
    clock.push(days=1)
    library.write(entry(answer="带上身份证和户口簿。"), COLLEAGUE, number, seen=1)
    library.retire(number, CLERK, seen=2)
    told = [(one.number, one.by, one.answer, one.retired) for one in library.versions(number, CLERK)]
    assert told == [
        (3, "li", "带上身份证和户口簿。", True),
        (2, "chen", "带上身份证和户口簿。", False),
        (1, "li", "带上身份证，到窗口填写查档申请。", False),
    ]
    assert library.find("婚姻", CLERK) == [] and library.listed(CLERK) == []
    assert [one.entry for one in library.listed(CLERK, retired=True)] == [number]
    library.retire(number, CLERK, retired=False)
    assert questions(library.find("婚姻", CLERK)) == ["婚姻登记证明怎么开？"]
    what = [
        row.what
        for row in desk.audit.page(Viewer("x", frozenset({"staff"}), grants=frozenset({Grant("audit.read")}))).rows
    ]
    assert [one for one in what if one.startswith("answer.")] == [
        "answer.restore",
        "answer.retire",
        "answer.write",
        "answer.write",
    ]


def test_what_another_process_wrote_is_found_at_once(open_desk, library):
    other = open_desk()
    assert library.find("婚姻", CLERK) == []
    number = other.library.write(entry(), CLERK)
    assert questions(library.find("婚姻", CLERK)) == ["婚姻登记证明怎么开？"]
    library.write(entry(question="怎样预约座位？", answer="网上预约。", tags=""), COLLEAGUE, number)
    assert questions(other.library.find("预约", CLERK)) == ["怎样预约座位？"]
    assert other.library.find("婚姻", CLERK) == []


def test_of_two_who_edit_one_version_one_is_told(library):
    number = library.write(entry(), CLERK)
    said = []

    def edit(viewer):
        try:
            library.write(entry(), viewer, number, seen=1)
            said.append("kept")
        except Conflict:
            said.append("conflict")

    threads = [threading.Thread(target=edit, args=(viewer,)) for viewer in (CLERK, COLLEAGUE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["conflict", "kept"]
    assert [one.number for one in library.versions(number, CLERK)] == [2, 1]


def test_entries_written_at_once_have_numbers_of_their_own(library):
    made = []
    threads = [threading.Thread(target=lambda: made.append(library.write(entry(), CLERK))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [1, 2, 3, 4, 5, 6]
    assert len(library.listed(CLERK)) == 6


def test_versions_are_never_changed(desk, library):
    library.write(entry(), CLERK)
    with pytest.raises(AppendOnly), desk._database.write() as session:
        session.scalar(sa.select(AnswerVersion)).answer = "x"
        session.flush()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), desk._database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE answer_version SET answer = 'x'"))


@ONCE
def test_words_are_found_in_any_script_and_the_best_comes_first(library):
    for one in (
        entry(),
        entry(question="土地登记簿在哪里查？", answer="在专题库里查地号。", tags="土地"),
        entry(question="Can copies be posted?", answer="Yes, copies are sent by post.", language="en", tags="copies"),
        entry(question="閱覽室開放時間？", answer="週一至週五九時至十七時。", language="zh-Hant", tags="時間"),
    ):
        library.write(one, CLERK)
    assert questions(library.find("土地登記簿", CLERK))[0] == "土地登记簿在哪里查？"
    assert questions(library.find("阅览室什么时候开放", CLERK)) == ["閱覽室開放時間？"]
    assert questions(library.find("posting a copy", CLERK)) == ["Can copies be posted?"]
    assert library.find("鐵路", CLERK) == [] and library.find("", CLERK) == []


@ONCE
def test_the_language_type_and_theme_that_are_asked_for_count(library):
    library.write(
        entry(question="複製件可以郵寄嗎？", answer="可以。", language="zh-Hant", type="copy", theme=""), CLERK
    )
    library.write(entry(question="复制件可以邮寄吗？", answer="可以。", type="copy", theme="land"), CLERK)
    first = [
        library.find("复制件邮寄", CLERK, language=language)[0].entry.language for language in ("zh-Hans", "zh-Hant")
    ]
    assert first == ["zh-Hans", "zh-Hant"]
    assert questions(library.find("复制件邮寄", CLERK, theme="marriage")) == ["複製件可以郵寄嗎？"]
    assert library.find("复制件邮寄", CLERK, kind="consult") == []


@ONCE
def test_who_may_do_what(library):
    number = library.write(entry(public=True), CLERK)
    for nobody in (READER, ANONYMOUS):
        for call in (
            lambda: library.find("x", nobody),  # noqa: B023
            lambda: library.listed(nobody),  # noqa: B023
            lambda: library.versions(number, nobody),  # noqa: B023
            lambda: library.write(entry(), nobody),  # noqa: B023
            lambda: library.retire(number, nobody),  # noqa: B023
        ):
            with pytest.raises(NotAllowed):
                call()
    sees = Viewer("zhu", frozenset({"staff"}), grants=frozenset({Grant("requests.see", Scope(holder="North"))}))
    assert library.find("婚姻", sees)
    with pytest.raises(NotAllowed):
        library.write(entry(), sees)
    with pytest.raises(NotFound):
        library.versions(99, CLERK)
    with pytest.raises(NotFound):
        library.retire(10**30, CLERK)


@ONCE
def test_readers_see_what_is_public_in_their_language(library):
    library.write(entry(public=True), CLERK)
    library.write(entry(question="内部", public=False), CLERK)
    gone = library.write(entry(question="旧", public=True), CLERK)
    library.retire(gone, CLERK)
    library.write(entry(question="Hours?", answer="9 to 17", language="en", public=True), CLERK)
    assert [one.question for one in library.often_asked("zh-Hans")] == ["婚姻登记证明怎么开？"]
    assert [one.question for one in library.often_asked("en")] == ["Hours?"]


@ONCE
def test_a_form_is_bounded(library):
    assert entry(tags="a, b，a、 c ").tags == ("a", "b", "c")
    for wrong in (
        {"question": ""},
        {"answer": " \n"},
        {"language": "fr"},
        {"tags": ",".join(map(str, range(11)))},
        {"tags": "x" * 41},
        {"type": "<b>"},
    ):
        with pytest.raises(Invalid):
            entry(**wrong)


@ONCE
def test_a_file_is_brought_in_once(library):
    assert library.bring_in([entry(), entry(question="二")], "command line") == 2
    assert library.bring_in([entry(), entry(question="三")], "command line") == 1
    assert len(library.listed(CLERK)) == 3


def test_earlier_answers_come_by_record_and_by_words(desk):
    record = had(
        desk,
        "query",
        day("2026-02-02"),
        day("2026-02-04"),
        text="完全不同的事",
        answer="在本馆。",
        resource_id="r-rail",
    )
    words = had(
        desk,
        "query",
        day("2026-02-02"),
        day("2026-02-05"),
        text="想查外公 1972 年的收養登記",
        answer="收养档案需持证件申请。",
        resource_id="r-2",
        fonds="J9",
        title="民政局",
    )
    had(
        desk, "query", day("2026-02-02"), day("2026-02-06"), text="查收养登记", answer="", resource_id="r-3", fonds="J9"
    )
    had(
        desk,
        "query",
        day("2026-02-02"),
        day("2026-02-06"),
        text="报纸",
        answer="x",
        resource_id="r-4",
        title="报",
        fonds="J9",
    )
    hit = FrozenHit("r-rail", "粵漢鐵路購地卷", fonds="J12")
    found = desk.earlier.similar("收养登记怎么查", hit, CLERK)
    assert {(one.receipt, one.because) for one in found} == {(words, "words"), (record, "record")}
    assert found[0].receipt == words and found[0].answer == "收养档案需持证件申请。"
    assert [one.receipt for one in desk.earlier.similar("收養", None, CLERK)] == [words]
    assert desk.earlier.similar("收養", None, CLERK, receipt=words) == []
    with pytest.raises(NotAllowed):
        desk.earlier.similar("收养", hit, READER)


@ONCE
def test_earlier_answers_are_those_one_may_open(desk):
    had(desk, "query", day("2026-02-02"), day("2026-02-04"), text="收养登记", answer="不给。", holder="West Wing")
    scoped = Viewer("zhu", frozenset({"staff"}), grants=frozenset({Grant("requests.see", Scope(holder="East Wing"))}))
    assert desk.earlier.similar("收养登记", None, scoped) == []
    own = had(desk, "query", day("2026-02-02"), day("2026-02-04"), text="收养登记", answer="给。", holder="East Wing")
    assert [one.receipt for one in desk.earlier.similar("收养登记", None, scoped)] == [own]
    had(desk, "complaint", day("2026-02-02"), day("2026-02-04"), text="收养登记", answer="致歉。", barred=["li"])
    assert all(one.type != "complaint" for one in desk.earlier.similar("收养登记", None, CLERK))
    assert any(one.type == "complaint" for one in desk.earlier.similar("收养登记", None, COLLEAGUE))


def test_an_answer_becomes_an_entry_without_persons(desk, clock, library):
    receipt = had(
        desk,
        "query",
        day("2026-02-02"),
        day("2026-02-04"),
        text="我是王小明，想查李四的婚姻登记，电邮 wang@example.org",
        answer="王小明您好：李四的登记在 J9-1。",
    )
    earlier = EarlierAnswers(desk._database, clock, Knowledge(personal=FakePersonal()))
    draft = earlier.draft(receipt, CLERK)
    assert draft.question == "我是…，想查某甲的婚姻登记，电邮 …"
    assert (draft.answer, draft.origin, draft.type) == ("…您好：某甲的登记在 J9-1。", receipt, "query")
    told = draft.model_dump() | {"answer": "李四可以申请。"}
    with pytest.raises(Invalid) as refused:
        library.write(parse(EntryForm, told), CLERK)
    assert refused.value.errors[0].field == "answer"
    number = library.write(parse(EntryForm, told | {"checked": True}), CLERK)
    library.write(parse(EntryForm, draft.model_dump()), CLERK, number)
    assert library.versions(number, CLERK)[0].origin == receipt
    for wrong in ("AAAA-AAAA", had(desk, "query", day("2026-02-02"), day("2026-02-04"), answer="")):
        with pytest.raises(NotFound):
            earlier.draft(wrong, CLERK)
    with pytest.raises(NotAllowed):
        earlier.draft(receipt, READER)


@ONCE
def test_without_rules_for_personal_data_nothing_is_taken_over_unseen(desk, clock):
    receipt = had(desk, "query", day("2026-02-02"), day("2026-02-04"), text="x", answer="y")
    with pytest.raises(Unavailable):
        desk.earlier.draft(receipt, CLERK)
    with pytest.raises(Invalid):
        desk.library.write(entry(origin=receipt), CLERK)

    class Away(FakePersonal):
        def spans(self, text):
            raise Unavailable("away")

    away = Library(desk._database, clock, Knowledge(personal=Away()))
    with pytest.raises(Invalid):
        away.write(entry(origin=receipt), CLERK)
    assert away.write(entry(origin=receipt, checked=True), CLERK)
