"""The rules of notices: what may stand in a text, where a mistake is, when nothing leaves, how pauses grow."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from desk_parts import CLERK, ONCE, START
from hypothesis import given
from hypothesis import strategies as st
from notice_parts import ANSWERS_ONLY, TEXT, only_answers, without

from mappings.access import ANONYMOUS
from service_desk import ledger
from service_desk.database import Database, make_engine
from service_desk.forms import AnswerForm
from service_desk.models import QueuedNotice
from service_desk.notices import Addressee
from service_desk.rules import RulesMistaken, read
from service_desk.sending.events import CODES, COMMON, EVENTS, LETTERS, SAMPLES
from service_desk.sending.rules import NoticeRules, Quiet, Tries
from service_desk.sending.timing import is_given_up, next_try, quiet_until

RULES = read(NoticeRules, TEXT)
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told_whole_and_with_nothing_but_its_values(event, language):
    bare = RULES.said(event, "email", language, {})
    for channel in ("email", "sms"):
        said = RULES.said(event, channel, language, SAMPLES)
        assert said.subject and "{" not in said.subject + said.body and "None" not in said.body
        assert "\n" not in said.subject and "\n\n\n" not in said.body
        assert SAMPLES["where"] in said.body
    assert bare.body and "{" not in bare.body, "values that are not given leave no hole"
    assert "\n" not in RULES.said(event, "sms", language, SAMPLES).body.strip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", CODES)
def test_every_message_about_an_account(what, language):
    said = RULES.code(what, language, SAMPLES)
    assert (SAMPLES["code"] in said.body) == (what in ("register", "reset"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_to_another_institution(name, language):
    said = RULES.letter(name, language, SAMPLES)
    assert SAMPLES["asks"] in said.body and (SAMPLES["link"] in said.body) == (name != "taken_back")
    assert "{" not in said.subject + said.body + RULES.letter(name, language, {}).body


MISTAKES = {
    "a name that does not exist": ("{{ recipt }}", "line 1 of the text: there is no value 'recipt' here"),
    "a value of another event": ("{{ amount }}", "there is no value 'amount' here"),
    "a loop": ("{% for x in receipt %}{{ x }}{% endfor %}", "only {{ a value }}"),
    "arithmetic": ("{{ receipt * 999999999 }}", "only {{ a value }}"),
    "an attribute": ("{{ receipt.__class__ }}", "only {{ a value }}"),
    "a call": ("{{ receipt() }}", "only {{ a value }}"),
    "a filter": ("{{ receipt | list }}", "only {{ a value }}"),
    "a file": ("{% include '/etc/passwd' %}", "only {{ a value }}"),
    "an open brace": ("{{ receipt", "line 1 of the text"),
    "too much": ("x" * 4_001, "more than 4,000 characters"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_a_text_is_told_with_its_place_and_line(case):
    wrong, told = MISTAKES[case]
    right = '      en: "Your request {{ receipt }} is answered"'
    line = TEXT.splitlines().index(right) + 1
    with pytest.raises(RulesMistaken) as caught:
        read(NoticeRules, TEXT.replace(right, f"      en: {wrong!r}" if "'" not in wrong else f'      en: "{wrong}"'))
    [mistake] = caught.value.mistakes
    assert (mistake.place, mistake.line) == ("events.answered.subject.en", line) and told in mistake.what


def test_an_event_nobody_knows_and_a_time_that_is_none():
    with pytest.raises(RulesMistaken, match="did you mean 'answered'"):
        read(NoticeRules, TEXT.replace("urgent: [alarm]", "urgent: [answerd]"))
    with pytest.raises(RulesMistaken, match=r"quiet\.begins"):
        read(NoticeRules, TEXT.replace('begins: "21:00"', 'begins: "25:00"'))


def quiet(begins, ends):
    return Quiet.model_validate({"begins": begins, "ends": ends, "channels": ["sms"]})


TIMES = st.times(timezones=st.none()).map(lambda time: time.replace(second=0, microsecond=0).isoformat("minutes"))
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=dt.UTC))
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])


@given(TIMES, TIMES, MOMENTS, ZONES)
def test_quiet_hours_end_and_are_those_of_the_wall_clock(begins, ends, now, zone):
    hours, there = quiet(begins, ends), ZoneInfo(zone)
    until = quiet_until(now, hours, there)
    wall = now.astimezone(there).time()
    if until is None:
        return
    assert now < until <= now + dt.timedelta(hours=25)
    after = quiet_until(until, hours, there)
    assert after is None or (after - until) < dt.timedelta(hours=2), "but where a clock is put back"
    changes = {(now + dt.timedelta(hours=hour)).astimezone(there).utcoffset() for hour in range(-26, 27)}
    if len(changes) == 1:
        first, last = hours.begins, hours.ends
        assert (first <= wall < last) if first < last else (wall >= first or wall < last)


@given(TIMES, MOMENTS, ZONES)
def test_hours_that_begin_as_they_end_are_none(time, now, zone):
    assert quiet_until(now, quiet(time, time), ZoneInfo(zone)) is None


@pytest.mark.parametrize(
    "now, until",
    [
        ("2026-03-28T22:30+01:00", "2026-03-29T08:00+02:00"),  # the night on which clocks go forward
        ("2026-10-24T22:30+02:00", "2026-10-25T08:00+01:00"),  # and back
        ("2026-03-29T08:00+02:00", None),
        ("2026-03-28T20:59+01:00", None),
    ],
)
def test_a_night_on_which_the_clocks_change(now, until):
    found = quiet_until(dt.datetime.fromisoformat(now), quiet("21:00", "08:00"), BERLIN)
    assert found == (dt.datetime.fromisoformat(until) if until else None)


@given(st.lists(st.integers(1, 10_080), min_size=1, max_size=20), st.integers(1, 200), st.integers(1, 60), MOMENTS)
def test_a_notice_is_tried_later_and_given_up_one_day(pauses, attempts, days, now):
    tries = Tries.model_validate({"pauses": sorted(pauses), "give_up_days": days})
    assert now < next_try(now, attempts, tries) <= next_try(now, attempts + 1, tries)
    assert is_given_up(now + dt.timedelta(days=days), now, tries) and not is_given_up(now, now, tries)


class Texting:
    """A house with a channel for telephones."""

    names = frozenset({"email", "sms"})
    is_quick = True

    def __init__(self):
        self.sent = []

    def send(self, notice):
        self.sent.append(notice)


@pytest.fixture
def texting(desk):
    only_answers(desk)
    desk.notices._outbox = Texting()
    return desk.notices._outbox


def answered(desk, form, **changes):
    receipt = desk.filing.submit(form(**changes), ANONYMOUS).receipt
    desk.requests.answer(receipt, AnswerForm(text="x"), CLERK)
    return receipt


@ONCE
def test_a_text_message_is_one_line_and_waits_for_the_morning(desk, form, texting, clock):
    clock.push(hours=13)  # ten in the evening in Shanghai
    receipt = answered(desk, form, contact="138 0000 0000")
    assert texting.sent == [] and desk.notices.waiting() == 1
    clock.push(hours=9, minutes=59)
    assert desk.notices.deliver() == 0
    clock.push(minutes=1)
    assert desk.notices.deliver() == 1
    [notice] = texting.sent
    assert (notice.recipient, notice.channel, notice.has_subject) == ("13800000000", "sms", False)
    assert receipt in notice.body and notice.body.count("\n") == 1


@ONCE
def test_what_is_urgent_and_codes_do_not_wait(desk, form, texting, clock):
    desk.rules.bring_into_force(NoticeRules, ANSWERS_ONLY.replace("urgent: [alarm]", "urgent: [answered]"), "test")
    clock.push(hours=13)
    answered(desk, form, contact="13800000000")
    with desk._database.write() as session:
        desk.notices.queue_code(session, "13900000000", "register", "en", clock.now(), "K7MX", 15)
    desk.notices.deliver()
    assert [notice.recipient for notice in texting.sent] == ["13800000000", "13900000000"]


def test_an_event_is_told_once_by_each_channel(desk, form, clock, texting):
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    queued = []
    for number in (7, 7, 8):
        with desk._database.write() as session:
            request = ledger.found(session, receipt, to_write=True)
            queued.append(desk.notices.queue(session, request, "progress", clock.now(), number=number))
            assert not desk.notices.queue(session, request, "no such event", clock.now(), number=number)
    assert queued == [True, False, True] and desk.notices.deliver() == 2


def test_two_at_once_tell_of_one_thing_once(desk, clock, database):
    """The second finds the key of the first, even when it did not see it before."""
    to = Addressee("wang@example.org", "en")
    engine = make_engine(database)
    with desk._database.write() as session:
        assert desk.notices.tell(session, to, "booking_made", clock.now(), key="booking:1:made", values={})
    with Database(engine).write() as session:
        session.add(QueuedNotice(key="booking:2:made:email", recipient="r", subject="s", body="b", created=START))
    with desk._database.write() as session:
        assert not desk.notices.tell(session, to, "booking_made", clock.now(), key="booking:1:made", values={})
        assert not desk.notices.tell(session, to, "booking_made", clock.now(), key="booking:2:made", values={})
    engine.dispose()
    assert desk.notices.waiting() == 2


@ONCE
def test_a_notice_that_is_taken_out_of_the_rules_is_not_sent(desk, form, outbox):
    desk.rules.bring_into_force(NoticeRules, without(ANSWERS_ONLY, "answered"), "test")
    answered(desk, form)
    assert desk.notices.waiting() == 0 and not outbox.exists()


@ONCE
def test_the_texts_of_the_house_are_what_is_sent(desk, form, texting):
    changed = ANSWERS_ONLY.replace(
        'en: "Your request {{ receipt }} is answered"', 'en: "Done: {{ receipt }}, {{ title }}"'
    )
    desk.rules.bring_into_force(NoticeRules, changed, "test")
    receipt = answered(desk, form)
    assert texting.sent[0].subject == f"Done: {receipt}, 粵漢鐵路購地卷"


def test_the_values_are_known():
    assert {name for names in (COMMON, *EVENTS.values(), *CODES.values(), *LETTERS.values()) for name in names} == set(
        SAMPLES
    )
