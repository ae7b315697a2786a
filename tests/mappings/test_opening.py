"""What a record's access is on a day: rules as tables of cases, and promises that hold for whatever is said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from mappings.access import LEVELS, STRICTNESS, Access, effective
from mappings.dates import dated
from mappings.opening import STATES, Decided, Facts, Opening, Review, decide, facts_of
from mappings.opening_policy import OpeningPolicy, pack, phrases
from mappings.opening_terms import last_day, opening_day
from mappings.record import Ancestor, Authority, Record, encode

DAY = dt.date(2026, 11, 27)
TEXTS = {"en": "why", "zh-Hans": "为何", "zh-Hant": "為何"}
FIRST, LAST = dt.date(1800, 1, 1), dt.date(2200, 1, 1)
DAYS = st.dates(FIRST, LAST)


def rule(name: str = "own", **said: Any) -> dict[str, Any]:
    kept = {"name": name, "title": TEXTS, "reason": TEXTS, "article": "§ 1"}
    if not {"leave", "no_end", "closed_for"} & said.keys():
        said["closed_for"] = 25
    return {**kept, **said}


def opening(*rules: dict[str, Any], about: str | None = None) -> Opening:
    return Opening(OpeningPolicy.model_validate({"rules": rules}), lambda facts, words: about)


def facts(date: str | None = None, **said: Any) -> Facts:
    return Facts("1", dates=dated(date) if date else None, **said)


def asked(record: Facts, policy: Opening, *reviews: Review, day: dt.date = DAY, default: Any = None) -> Decided:
    return decide(record, "papers", default, policy, reviews, day)


@pytest.mark.parametrize(
    ("date", "years", "calendar", "opens"),
    [
        ("1999-05-03", 25, False, "2024-05-04"),  # the last day of the term has to be over
        ("1999", 25, False, "2025-01-01"),  # any day of the year
        ("1999年5月", 25, False, "2024-06-01"),  # any day of the month
        ("1990-1999", 25, False, "2025-01-01"),  # the end of what it holds
        ("ca. 1999", 25, False, "2025-01-01"),
        ("1996-02-29", 25, False, "2021-03-01"),  # no 29 February in 2021
        ("1996-02-29", 28, False, "2024-03-01"),
        ("1999-05-03", 20, True, "2020-01-01"),  # FOIA 62: twenty years that begin with the year after
        ("1999-", 25, False, None),  # it may still run
        ("undated", 25, False, None),
        ("1999", 9000, False, None),
        ("before 1900", 25, False, "1926-01-01"),
    ],
)
def test_the_day_a_term_is_over(date: str, years: int, calendar: bool, opens: str | None) -> None:
    day = last_day(dated(date))
    found = day and opening_day(day, years, calendar)
    assert (found and found.isoformat()) == opens


@given(DAYS, st.integers(0, 150), st.booleans())
def test_a_term_is_never_over_a_day_early(day: dt.date, years: int, calendar: bool) -> None:
    opens = opening_day(day, years, calendar)
    assert opens is not None
    assert opens > day.replace(year=day.year + years, day=min(day.day, 28))
    assert (opens - day).days >= 365 * years + 1


def test_a_record_opens_the_night_its_term_is_over() -> None:
    policy = opening(rule())
    before = asked(facts("2001-11-26"), policy, day=dt.date(2026, 11, 26))
    assert before.access == Access(
        "closed", "why", DAY, "policy", "§ 1", reasons=(("zh-Hans", "为何"), ("zh-Hant", "為何"))
    )
    assert (before.rule, before.again) == ("own", DAY)
    after = asked(facts("2001-11-26"), policy)
    assert (after.access.value, after.access.opens_on, after.again) == ("open", None, None)
    assert (after.access.stated_by, after.access.article) == ("policy", "§ 1"), "why it is open is told, too"


def test_what_has_no_date_is_closed_without_a_day_and_says_so() -> None:
    found = asked(facts(), opening(rule())).access
    assert (found.value, found.opens_on) == ("closed", None)
    assert found.reason == f"why {phrases()['undated'].en}"
    assert dict(found.reasons)["zh-Hant"] == f"為何{phrases()['undated'].zh_hant}"


def test_without_a_policy_a_record_keeps_what_it_states_until_its_own_day() -> None:
    stated = Access("closed", "closed by the family", DAY, article="deed 3")
    eve = asked(facts(access=stated), opening(), day=DAY - dt.timedelta(1))
    assert eve == Decided(stated, again=DAY)
    then = asked(facts(access=stated), opening()).access
    assert then == Access("open", "closed by the family", article="deed 3")


STATED = [
    # what it states, what the rule may loosen, what holds
    (None, "default", "open"),
    (Access("restricted"), "default", "restricted"),
    (Access("restricted", stated_by="ancestor"), "default", "restricted"),
    (Access("restricted"), "record", "open"),
    (Access("closed"), "default", "closed"),
    (Access("open"), "default", "open"),
    (None, "nothing", "onsite"),
    (Access("internal"), "record", "internal"),
]


@pytest.mark.parametrize(("stated", "loosens", "value"), STATED)
def test_a_policy_loosens_no_more_than_its_rule_says(stated: Access | None, loosens: str, value: str) -> None:
    found = asked(facts("1900", access=stated), opening(rule(loosens=loosens)), default="onsite")
    assert found.access.value == value


@pytest.mark.parametrize("stated", [None, Access("open"), Access("restricted"), Access("onsite", stated_by="ancestor")])
def test_a_policy_always_tightens(stated: Access | None) -> None:
    assert asked(facts("2020", access=stated), opening(rule()), default="open").access.value == "closed"


def test_of_two_closures_the_longer_one_counts_and_the_day_it_opens_is_its() -> None:
    long, short = Access("closed", "family", dt.date(2060, 1, 1)), Access("closed", "family", dt.date(2030, 1, 1))
    policy = opening(rule())
    assert asked(facts("2020", access=long), policy).access.opens_on == dt.date(2060, 1, 1)
    found = asked(facts("2020", access=short), policy).access
    assert (found.opens_on, found.reason) == (dt.date(2046, 1, 1), "why")


def test_no_day_is_promised_on_which_something_else_still_stands_in_the_way() -> None:
    """Closed by the rule until 2046, and on application after that by its own word."""
    found = asked(facts("2020", access=Access("restricted")), opening(rule()))
    assert (found.access.value, found.access.opens_on, found.again) == ("closed", None, dt.date(2046, 1, 1))


def test_what_has_to_be_reviewed_waits_for_a_yes() -> None:
    policy = opening(rule(review=True))
    waits = asked(facts("1999"), policy)
    assert (waits.access.value, waits.access.opens_on) == ("closed", None)
    assert str(waits.access.reason).endswith(phrases()["not_reviewed"].en)
    yes = Review(("papers", "1"), "open", DAY, article="minutes 7")
    assert asked(facts("1999"), policy, yes).access.value == "open"
    assert asked(facts("1999"), policy, yes).access.article == "minutes 7"
    early = asked(facts("2020"), policy, yes)
    assert early.access.opens_on == dt.date(2046, 1, 1), "a yes shortens no term"
    assert asked(facts("2020"), policy).access.opens_on is None, "nothing is promised before the review"


REVIEWS = [
    # state, until, value, opens on
    ("open", None, "open", None),
    ("open", dt.date(2030, 1, 1), "closed", dt.date(2030, 1, 1)),
    ("extended", dt.date(2040, 1, 1), "closed", dt.date(2040, 1, 1)),
    ("closed", None, "closed", None),
    ("partly", None, "closed", None),
    ("not_reviewed", None, "open", None),
]


@pytest.mark.parametrize(("state", "until", "value", "opens"), REVIEWS)
def test_a_review_decides(state: Any, until: dt.date | None, value: str, opens: dt.date | None) -> None:
    review = Review(("papers", "1"), state, DAY, until, "art. 30")
    found = asked(facts("1999"), opening(rule()), review).access
    assert (found.value, found.opens_on) == (value, opens)
    if state != "not_reviewed":
        assert (found.stated_by, found.article) == ("review", "art. 30")


def test_a_day_to_come_takes_no_application_away() -> None:
    later = Review(("papers", "1"), "open", DAY, dt.date(2030, 1, 1))
    found = asked(facts(access=Access("restricted")), opening(), later)
    assert (found.access.value, found.access.opens_on, found.again) == ("restricted", None, dt.date(2030, 1, 1))
    assert found.access.reason == "Opens on 2030-01-01 after review."
    assert asked(facts(), opening(), later, day=dt.date(2030, 1, 1)).access.value == "open"


def test_the_nearest_review_counts_and_one_that_is_taken_back_covers_what_stands_above() -> None:
    file, fonds = Review(("papers", "1"), "open", DAY), Review(("papers", "f"), "closed", DAY)
    back = Review(("papers", "1"), "not_reviewed", DAY)
    policy = opening(rule(review=True))
    assert asked(facts("1999"), policy, file, fonds).access.value == "open"
    assert asked(facts("1999"), policy, fonds).access.value == "closed"
    assert asked(facts("1999"), policy, back, fonds).access.stated_by == "policy"


def test_nothing_opens_by_itself_while_it_is_under_review_and_what_was_open_stays_so() -> None:
    review = Review(("papers", "1"), "under_review", dt.date(2024, 6, 1))
    waits = asked(facts("1999"), opening(rule()), review)
    assert (waits.access.value, waits.access.opens_on, waits.access.stated_by) == ("closed", None, "review")
    assert asked(facts("1990"), opening(rule()), review).access.value == "open"


def test_a_review_may_loosen_what_a_record_states_but_not_internal() -> None:
    yes = Review(("papers", "1"), "open", DAY)
    assert asked(facts(access=Access("closed")), opening(), yes).access.value == "open"
    assert asked(facts(access=Access("internal")), opening(), yes).access.value == "internal"
    assert asked(facts(), opening(rule()), yes, default="internal").access.value == "internal"


CHOSEN: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({"source": ["papers"]}, {}, True),
    ({"source": ["other"]}, {}, False),
    ({"fonds": ["J1"]}, {"fonds": "J1"}, True),
    ({"fonds": ["J1"]}, {"ancestors": (Ancestor("f", "Fonds", reference_code="J1"),)}, True),
    ({"fonds": ["Fonds"]}, {"ancestors": (Ancestor("f", "Fonds"),)}, True),
    ({"fonds": ["J1"]}, {"reference_code": "J1"}, True),
    ({"fonds": ["J1"]}, {"reference_code": "J12", "ancestors": (Ancestor("f", "Fonds"),)}, False),
    ({"code": ["J1-2", "K"]}, {"reference_code": "K-9"}, True),
    ({"code": ["J1-2"]}, {}, False),
    ({"level": ["file"], "kind": ["physical"]}, {"level": "file"}, True),
    ({"level": ["file"], "kind": ["digital"]}, {"level": "file"}, False),
    ({"form": ["書信"]}, {"formats": ("书信",)}, True),
    ({"class": ["personnel"]}, {}, True),
    ({"class": ["court"]}, {}, False),
    ({"title": ["會議紀錄"]}, {"title": "第三次会议纪录"}, True),
    ({"holder": ["East"]}, {"holder": "East"}, True),
]


@pytest.mark.parametrize(("select", "said", "holds"), CHOSEN)
def test_what_a_rule_chooses(select: dict[str, Any], said: dict[str, Any], holds: bool) -> None:
    policy = opening(rule(select=select), about="personnel")
    assert (policy.rule(facts(**said), "papers") is not None) == holds


def test_facts_are_what_the_record_says() -> None:
    record = Record(
        "7",
        "任免",
        description={"security_class": "機密★20年", "retention_period": "永久", "note": "-"},
        ancestors=(Ancestor("f", "Fonds"),),
        access=Access("closed", opens_on=DAY),
    )
    found = facts_of(encode(record))
    assert (found.title, found.access, found.ancestors) == (record.title, record.access, record.ancestors)
    policy = opening(rule(select={"security": ["机密"], "retention": ["永久"]}))
    assert policy.rule(found, "papers") is not None
    named = facts_of(encode(Record("8", "杜甫", authority=Authority("person"))))
    assert opening(rule()).rule(named, "papers") is None, "a name is no material"


def test_the_first_rule_counts_and_one_that_leaves_a_record_alone_is_a_rule() -> None:
    policy = opening(rule("books", leave=True, select={"holder": ["Library"]}), rule("rest"))
    assert asked(facts("2020", holder="Library"), policy, default="open").access.value == "open"
    assert asked(facts("2020"), policy, default="open").rule == "rest"


def test_years_may_be_counted_from_a_birth_where_one_is_known() -> None:
    policy = opening(rule(closed_for=100, counted_from=["birth", "end"]))
    born = facts("1950", values={"出生日期": "1930-05-03"})
    assert asked(born, policy).access.opens_on == dt.date(2030, 5, 4)
    assert asked(facts("1950", values={"出生地": "1930"}), policy).access.opens_on == dt.date(2051, 1, 1)


@pytest.mark.parametrize("name", ["cn", "tw", "uk"])
def test_packs_can_be_followed_and_name_their_article(name: str) -> None:
    policy = pack(name)
    assert policy.rules and all(one.name.startswith(f"{name}.") and one.article for one in policy.rules)
    assert policy.rules[-1].select == type(policy.rules[-1].select)(), "the last rule is for everything else"
    whole = OpeningPolicy.model_validate({"extends": [name], "rules": [rule("first")]}).whole()
    assert [one.name for one in whole.rules] == ["first", *(one.name for one in policy.rules)]
    again = OpeningPolicy.model_validate(msgspec.json.decode(whole.body))
    assert (again, again.digest) == (whole, whole.digest)


def test_classified_files_of_the_mainland_stay_closed_however_old_they_are() -> None:
    chinese = Opening(pack("cn"), lambda facts, words: None)
    record = facts_of(encode(Record("1", "电报", dates=dated("1949"), description={"security_class": "绝密"})))
    assert asked(record, chinese).access.value == "closed"
    assert asked(record, chinese).rule == "cn.classified"


WRONG = [
    rule(leave=True, closed_for=3),
    rule(closed_for=-1),
    rule(counted_from=["tomorrow"]),
    rule(select={"sauce": ["a"]}),
    {"name": "x", "title": TEXTS, "closed_for": 5},
    rule(name="Not So"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_rule(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpeningPolicy.model_validate({"rules": [wrong]})


def _own(value: Any, day: dt.date | None, by: Any) -> Access:
    return Access(value, "note", day if value == "closed" else None, by)


ACCESS = st.none() | st.builds(_own, st.sampled_from(LEVELS), st.none() | DAYS, st.sampled_from(["record", "ancestor"]))
SAID = st.fixed_dictionaries(
    {
        "before": st.sampled_from(["closed", "restricted"]),
        "after": st.sampled_from(["open", "registered", "onsite"]),
        "review": st.booleans(),
        "loosens": st.sampled_from(["nothing", "default", "record"]),
        "counting": st.sampled_from(["days", "calendar_years"]),
    }
)
TERMS = st.one_of(
    st.just({"no_end": True}), st.just({"leave": True}), st.integers(0, 110).map(lambda years: {"closed_for": years})
)
REVIEWED = st.lists(
    st.builds(Review, st.just(("papers", "1")), st.sampled_from(STATES), DAYS, st.none() | DAYS), max_size=2
)
DATES = st.none() | DAYS.map(dt.date.isoformat) | st.integers(1800, 2100).map(str)
DEFAULTS = st.none() | st.sampled_from(LEVELS)


@given(ACCESS, DATES, SAID, TERMS, REVIEWED, DEFAULTS, DAYS)
def test_what_is_said_today_is_true_until_the_day_it_names(
    stated: Access | None, date: str | None, said: Any, term: Any, reviews: Any, default: Any, day: dt.date
) -> None:
    record, policy = facts(date, access=stated), opening(rule(**said, **term))
    now = asked(record, policy, *reviews, day=day, default=default)
    assert now == asked(record, policy, *reviews, day=day, default=default)
    if now.access.opens_on is not None:
        then = asked(record, policy, *reviews, day=now.access.opens_on, default=default)
        eve = asked(record, policy, *reviews, day=now.access.opens_on - dt.timedelta(1), default=default)
        assert (then.access.value, eve.access.value) == ("open", "closed")
        assert now.again is not None and now.again <= now.access.opens_on
    until = now.again or LAST
    for at in (day + (until - day) / 2, until - dt.timedelta(1)):
        if at >= day:
            assert asked(record, policy, *reviews, day=at, default=default).access == now.access


@given(ACCESS, DATES, SAID, TERMS, DEFAULTS, DAYS)
def test_no_policy_is_looser_than_what_the_record_states(
    stated: Access | None, date: str | None, said: Any, term: Any, default: Any, day: dt.date
) -> None:
    assume(stated is not None and said["loosens"] != "record")
    record = facts(date, access=stated)
    own = asked(record, opening(), day=day, default=default).access
    ruled = asked(record, opening(rule(**said, **term)), day=day, default=default).access
    assert STRICTNESS[ruled.value] >= STRICTNESS[own.value]
    assert own.value != "internal" or ruled == own == effective(stated, default)
