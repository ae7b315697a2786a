"""The four questions: who may know, read the description, read text and images, get a copy; how they are inherited."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from mappings.access import (
    LEVELS,
    STRICTNESS,
    UNSTATED,
    Access,
    Level,
    Viewer,
    effective,
    inherit,
    only,
    opened,
    together,
)
from mappings.grants import ACTIONS, Grant
from mappings.rights import ANSWERS, rights

TODAY = dt.date(2026, 11, 26)
days = st.sampled_from((dt.date(2026, 1, 1), TODAY, dt.date(2027, 1, 1)))
levels = st.sampled_from(LEVELS)
describes = st.sampled_from((None, "open", "internal"))
statements = st.builds(
    Access,
    value=levels,
    reason=st.sampled_from((None, "personal data")),
    opens_on=st.one_of(st.none(), days),
    stated_by=st.just("record"),
    article=st.sampled_from((None, "档案法 第二十七条")),
    describe=describes,
    copy=st.one_of(st.none(), levels),
    copy_reason=st.sampled_from((None, "no photographs")),
)
partial = st.one_of(statements, st.builds(only, st.one_of(st.none(), levels), st.none(), describes))
viewers = st.builds(
    Viewer,
    st.sampled_from((None, "li")),
    st.sampled_from((frozenset(), frozenset({"reader"}), frozenset({"staff"}))),
    st.booleans(),
    st.frozensets(st.sampled_from(ACTIONS).map(Grant), max_size=3),
)


def answers(viewer: Viewer, access: Access, today: dt.date = TODAY) -> tuple[bool, ...]:
    return (
        viewer.may_know(access),
        viewer.may_describe(access),
        viewer.may_read(access, today),
        viewer.may_copy(access, today),
    )


@given(statements, viewers, days)
def test_no_answer_is_wider_than_the_one_before_it(access: Access, viewer: Viewer, today: dt.date) -> None:
    found = answers(viewer, access, today)
    assert list(found) == sorted(found, reverse=True)
    told = structs.astuple(rights(access, viewer, today))
    assert [ANSWERS.index(answer) for answer in told] == sorted(map(ANSWERS.index, told))
    assert tuple(answer == "yes" for answer in told) == found


@given(statements, viewers, st.booleans(), st.frozensets(st.sampled_from(ACTIONS).map(Grant), max_size=3))
def test_who_may_do_more_is_answered_no_less(
    access: Access, viewer: Viewer, on_site: bool, more: frozenset[Grant]
) -> None:
    more = viewer.grants | more if viewer.grants or not viewer.is_staff else viewer.grants
    other = structs.replace(viewer, name=viewer.name or "li", on_site=viewer.on_site or on_site, grants=more)
    assert all(then >= now for now, then in zip(answers(viewer, access), answers(other, access), strict=True))


@given(statements, levels, levels, viewers)
def test_a_stricter_word_lets_nobody_in(access: Access, one: Level, other: Level, viewer: Viewer) -> None:
    """But for the day a closure ends, which only what is closed has; an account and a terminal are ways beside each
    other.
    """
    assume({one, other} != {"registered", "onsite"})
    looser, stricter = sorted((one, other), key=STRICTNESS.__getitem__)
    plain = structs.replace(access, opens_on=None)
    for name in ("value", "copy"):
        wide, narrow = (structs.replace(plain, **{name: level}) for level in (looser, stricter))
        assert all(a >= b for a, b in zip(answers(viewer, wide), answers(viewer, narrow), strict=True))
    open_, hidden = (structs.replace(plain, describe=word) for word in ("open", "internal"))
    assert all(a >= b for a, b in zip(answers(viewer, open_), answers(viewer, hidden), strict=True))


@given(statements, viewers, days, days)
def test_a_day_later_is_answered_no_less(access: Access, viewer: Viewer, one: dt.date, other: dt.date) -> None:
    first, last = sorted((one, other))
    assert all(b >= a for a, b in zip(answers(viewer, access, first), answers(viewer, access, last), strict=True))


@given(st.lists(st.one_of(st.none(), partial), min_size=1, max_size=5))
def test_the_nearest_statement_wins_question_by_question(line: list[Access | None]) -> None:
    """`line` is what each level states, the fonds first."""
    found: Access | None = None
    for own in line:
        found = inherit(own, found)
    said = [own for own in reversed(line) if own is not None]
    if not said:
        assert found is None
        return
    assert found is not None
    valued = next((own for own in said if own.stated_by != "nowhere"), None)
    wanted = (valued.value, valued.reason, valued.opens_on, valued.article) if valued else (UNSTATED.value, *[None] * 3)
    assert (found.value, found.reason, found.opens_on, found.article) == wanted
    assert found.describe == next((own.describe for own in said if own.describe), None)
    copied = next((own for own in said if own.copy), None)
    assert found.copy == (copied and copied.copy)
    if copied:
        assert found.copy_reason == copied.copy_reason
    assert (found.stated_by == "nowhere") == (valued is None)
    assert (found.stated_by == "record") == (valued is not None and valued is line[-1])


@given(st.lists(st.one_of(st.none(), partial), min_size=1, max_size=4), viewers)
def test_below_what_is_hidden_or_closed_only_a_statement_loosens(line: list[Access | None], viewer: Viewer) -> None:
    found: Access | None = None
    for own in line:
        above, found = found, inherit(own, found)
        if above is None or found is None:
            continue
        before, after = answers(viewer, above), answers(viewer, found)
        if own is None or (own.stated_by == "nowhere" and own.describe is None and own.copy is None):
            assert after == before
        elif own.stated_by == "nowhere" and own.describe is None:
            assert after[:3] == before[:3]


@given(st.one_of(st.none(), partial), st.one_of(st.none(), levels))
def test_the_source_speaks_where_nothing_is_stated(stated: Access | None, default: Level | None) -> None:
    found = effective(stated, default)
    if stated is not None and stated.stated_by != "nowhere":
        assert found == stated
        return
    assert (found.value, found.stated_by) == ((default, "source") if default else ("restricted", "nowhere"))
    if stated is not None:
        assert (found.describe, found.copy) == (stated.describe, stated.copy)


@given(st.lists(partial, max_size=4))
def test_of_several_statements_the_strictest_counts_for_each_question(found: list[Access]) -> None:
    one = together(found)
    if one is None:
        assert not found
        return
    valued = [each for each in found if each.stated_by != "nowhere"]
    if valued:
        assert STRICTNESS[one.value] == max(STRICTNESS[each.value] for each in valued)
    copies = [STRICTNESS[each.copy] for each in found if each.copy]
    assert (one.copy and STRICTNESS[one.copy]) == max(copies, default=None)
    assert (one.describe == "internal") == any(each.describe == "internal" for each in found)


ANONYMOUS, READER, ON_SITE = Viewer(), Viewer("li", frozenset({"reader"})), Viewer(on_site=True)
STAFF = Viewer("mei", frozenset({"staff"}))
LATER = dt.date(2031, 1, 1)
CASES = {
    "open": (Access("open"), ANONYMOUS, ("yes", "yes", "yes", "yes")),
    "open, no copies": (Access("open", copy="closed"), ANONYMOUS, ("yes", "yes", "yes", "closed")),
    "open, copies on application": (Access("open", copy="restricted"), READER, ("yes", "yes", "yes", "apply")),
    "open, copies for accounts": (Access("open", copy="registered"), ANONYMOUS, ("yes", "yes", "yes", "sign_in")),
    "open, copies for accounts, signed in": (Access("open", copy="registered"), READER, ("yes", "yes", "yes", "yes")),
    "registered": (Access("registered"), ANONYMOUS, ("yes", "yes", "sign_in", "sign_in")),
    "registered, copies in the house": (
        Access("registered", copy="onsite"),
        ANONYMOUS,
        ("yes", "yes", "sign_in", "onsite"),
    ),
    "a copy is never easier than reading": (
        Access("restricted", copy="open"),
        READER,
        ("yes", "yes", "apply", "apply"),
    ),
    "closed until": (Access("closed", opens_on=LATER), READER, ("yes", "yes", "closed", "closed")),
    "opened": (Access("closed", opens_on=TODAY), ANONYMOUS, ("yes", "yes", "yes", "yes")),
    "opened, copies on application": (
        Access("closed", opens_on=TODAY, copy="restricted"),
        ON_SITE,
        ("yes", "yes", "yes", "apply"),
    ),
    "not described": (Access("closed", describe="internal"), READER, ("yes", "no", "no", "no")),
    "not described, for staff": (Access("closed", describe="internal"), STAFF, ("yes", "yes", "yes", "yes")),
    "internal": (Access("internal"), READER, ("no", "no", "no", "no")),
    "on site": (Access("onsite"), ON_SITE, ("yes", "yes", "yes", "yes")),
}


@pytest.mark.parametrize("name", CASES)
def test_four_answers(name: str) -> None:
    access, viewer, expected = CASES[name]
    assert structs.astuple(rights(access, viewer, TODAY)) == expected


def test_a_note_on_copies_at_the_series_and_one_on_access_at_the_fonds_both_hold() -> None:
    fonds = Access("closed", "personal data", LATER, article="第二十七条")
    series = inherit(only("restricted", "permission of the donor"), fonds)
    file = inherit(None, series)
    assert file == Access(
        "closed",
        "personal data",
        LATER,
        "ancestor",
        article="第二十七条",
        copy="restricted",
        copy_reason="permission of the donor",
    )
    assert not opened(file, TODAY)
