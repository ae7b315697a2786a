"""What is sent to people who work here is in the language of their account, else in that of the house."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, ONCE, mails
from legs_parts import FILMS, ruled, staffed
from notice_parts import TEXT
from test_desk_registration import registered

from mappings.access import ANONYMOUS
from service_desk.errors import Invalid, NotAllowed, UnknownAccount
from service_desk.forms import RegisterForm, parse
from service_desk.models import Account, Confirmation, Contact
from service_desk.retention import RetentionPolicy
from service_desk.rules import read
from service_desk.sending.rules import NoticeRules

DAYS = {"en": "Monday 9 March 2026", "zh-Hans": "2026 年 3 月 9 日（周一）", "zh-Hant": "2026 年 3 月 9 日（週一）"}
TASKS = {"en": "A task for Film and sound", "zh-Hans": "声像档案部有新任务", "zh-Hant": "影音檔案組有新任務"}
ALARMS = {"en": "Urgent: ", "zh-Hans": "应急：", "zh-Hant": "緊急："}
FOREIGN = {"en": "周任務务声應应", "zh-Hans": "Task Urgent Monday week", "zh-Hant": "Task Urgent Monday 应务周"}


def house_speaks(desk, language):
    text = TEXT.replace("staff_language: zh-Hans", f"staff_language: {language}")
    assert (text == TEXT) == (language == "zh-Hans")
    desk.rules.bring_into_force(NoticeRules, text, "test")


def reached(desk, clock, *names):
    with desk._database.write() as session:
        for name in names:
            session.add(Contact(account_name=name, value=f"{name}@a.example", confirmed=clock.now()))


def told(outbox, name):
    return [mail for mail in mails(outbox) if mail["to"] == f"{name}@a.example"]


@pytest.mark.parametrize("language", DAYS)
def test_a_task_is_told_in_the_language_of_the_account(desk, form, outbox, clock, language):
    ruled(desk)
    staffed(desk)
    reached(desk, clock, FILMS.name)
    desk.accounts.set_language(FILMS.name, language)
    desk.filing.submit(form(language="zh-Hant"), ANONYMOUS, "visitor-1")
    desk.notices.deliver()
    [mail] = told(outbox, FILMS.name)
    assert mail["subject"] == TASKS[language] and DAYS[language] in mail.get_content()
    assert not any(word in mail.get_content() for word in FOREIGN[language].split())


@pytest.mark.parametrize("language", DAYS)
def test_an_account_that_chose_none_is_told_in_the_language_of_the_house(desk, form, outbox, clock, language):
    house_speaks(desk, language)
    ruled(desk)
    staffed(desk)
    reached(desk, clock, FILMS.name)
    desk.filing.submit(form(), ANONYMOUS, "visitor-1")
    for _ in range(2):
        clock.push(days=9)
        desk.tick()
    first, late = told(outbox, FILMS.name)
    assert first["subject"] == TASKS[language]
    for mail in (first, late):
        assert DAYS[language] in mail.get_content()
        assert not any(word in mail.get_content() for word in FOREIGN[language].split())


def test_an_alarm_is_told_to_each_in_their_own_language_and_to_the_reader_in_theirs(desk, form, outbox, clock):
    reached(desk, clock, "chen", "li")
    desk.accounts.set_language("chen", "en")
    desk.accounts.set_language("li", "zh-Hant")
    receipt = desk.filing.submit(form(type="query", language="zh-Hans"), ANONYMOUS).receipt
    desk.cases.act(receipt, "classify", {"urgent": True}, CLERK)
    desk.notices.deliver()
    for name, language in (("chen", "en"), ("li", "zh-Hant")):
        [mail] = told(outbox, name)
        assert mail["subject"].startswith(ALARMS[language])
        assert ("By " in mail.get_content()) == (language == "en"), "the day, too, is in this language"
        assert "secret" not in mail.get_content() and "密码" not in mail.get_content(), "which only its reader has"
    readers = [mail for mail in mails(outbox) if not mail["to"].endswith("@a.example")]
    assert readers and all("您的申请" in mail["subject"] for mail in readers)


def test_rules_from_before_have_the_language_they_had():
    former = TEXT.replace("staff_language: zh-Hans\n", "")
    assert former != TEXT and read(NoticeRules, former).staff_language == "zh-Hans"


def test_a_language_is_kept_with_the_account_and_in_the_audit_log(desk):
    assert desk.accounts.language_of("chen") is None
    assert desk.accounts.add("root", "long enough", "administrator", language="en").language == "en"
    assert desk.accounts.set_language("chen", "zh-Hant", by="chen").language == "zh-Hant"
    desk.accounts.set_language("chen", "zh-Hant", by="chen")
    desk.accounts.set_language("chen", None, by="root")
    rows = [(row.actor, row.detail) for row in desk.audit.rows(what="account.language").rows]
    assert rows == [("root", {"language": None}), ("chen", {"language": "zh-Hant"})], "and only what changed"
    assert {account.name: account.language for account in desk.accounts.all()}["root"] == "en"


@ONCE
@pytest.mark.parametrize("wrong", ["", "zh", "zh-hans", "fr", "en\0", "' OR 1=1 --"])
def test_another_language_is_refused(desk, wrong):
    for change in (
        lambda: desk.accounts.set_language("chen", wrong),
        lambda: desk.accounts.add("root", "long enough", "staff", language=wrong),
    ):
        with pytest.raises(Invalid) as refused:
            change()
        assert refused.value.errors[0].field == "language"
    assert desk.accounts.language_of("chen") is None
    with pytest.raises(UnknownAccount):
        desk.accounts.set_language("nobody", "en")


@ONCE
def test_administrators_choose_it_for_others_and_nobody_else_does(desk):
    administrator = desk.accounts.add("root", "long enough", "administrator").name
    desk.managing.set_language(desk.accounts.viewer(administrator), "li", "en")
    assert desk.accounts.language_of("li") == "en"
    for viewer in (CLERK, ANONYMOUS, desk.accounts.viewer("wang")):
        with pytest.raises(NotAllowed):
            desk.managing.set_language(viewer, "li", "zh-Hant")
    assert desk.accounts.language_of("li") == "en"


@pytest.mark.parametrize("language", DAYS)
def test_who_registers_has_the_language_of_the_page(desk, outbox, language):
    form = {"contact": "new@example.org", "password": "correct horse", "name": "n", "language": language}
    made = registered(desk, outbox, "new@example.org", parse(RegisterForm, form))
    assert desk.accounts.language_of(made.name) == language


def test_a_code_that_was_sent_before_the_update_still_makes_an_account(desk, outbox):
    def forget_language(session):
        row = session.query(Confirmation).one()
        row.body = {key: value for key, value in row.body.items() if key != "language"}

    made = registered(desk, outbox, "new@example.org", between=forget_language)
    assert desk.accounts.language_of(made.name) is None


@ONCE
def test_it_is_forgotten_with_the_account(desk, clock, outbox):
    made = registered(desk, outbox, "new@example.org")
    assert desk.accounts.language_of(made.name) == "en"
    clock.push(days=366)
    desk.retention.apply(RetentionPolicy(accounts=365), "file")
    with desk._database.read() as session:
        account = session.get(Account, made.name)
        assert account.disabled and account.language is None
