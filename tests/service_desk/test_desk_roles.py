"""Roles: every action tried in every role by a real call; roles given within a scope; policies kept as they change."""

from __future__ import annotations

import pytest
import yaml
from desk_parts import CLERK, ONCE, READER, StandingClock
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mappings.access import ANONYMOUS, LEVELS, Access, Viewer, may, may_begin
from mappings.grants import ACTIONS, ANYWHERE, FORMERLY_STAFF, SCOPED, Grant, Scope
from search_ui import paths
from service_desk.copies import Looked
from service_desk.database import Database, make_engine
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, UnknownAccount
from service_desk.forms import AnswerForm, DocumentForm, FeedbackForm, MessageForm, PersonForm, RefusalForm
from service_desk.given import Roles
from service_desk.models import Account
from service_desk.opening import Decision
from service_desk.policy import NEEDS, require
from service_desk.roles import InForce, RolePolicy, bundled, bundled_text
from service_desk.views import RoleView

TODAY = StandingClock().time.date()
EAST, WEST = Scope(holder="East Wing"), Scope(holder="West Wing")
ROLES = {
    "reader": set(),
    "verified_reader": set(),
    "window_clerk": {
        "requests.see", "requests.work", "requests.decide", "feedback.see", "persons.register", "records.know_internal",
        "answers.write", "rooms.work",
    },
    "holdings_staff": {
        "requests.see", "requests.work", "records.know_internal", "records.read_text", "stacks.work",
    },
    "department_worker": {
        "requests.see", "requests.work", "requests.decide", "links.decide", "deidentify.review",
        "records.review", "records.know_internal", "records.read_text", "answers.write",
    },
    "coordinator": set(FORMERLY_STAFF) | {
        "persons.register", "requests.coordinate", "answers.write", "rooms.work", "stacks.work", "indicators.see",
    },
    "manager": {
        "requests.see", "feedback.see", "feedback.work", "runs.see", "audit.read", "records.know_internal",
        "requests.coordinate", "indicators.see",
    },
    "administrator": {"accounts.manage", "audit.read", "runs.see", "desk.configure"},
}  # fmt: skip
"""What each role may do: written down once more, so that a change of the bundled policy is noticed."""


def person(role: str, scope: Scope = ANYWHERE) -> Viewer:
    return bundled().viewer("li", [RoleView(role, scope)])


def known(viewer):
    assert viewer.may_know(Access("internal")), "refused"


def read(viewer):
    assert viewer.may_read(Access("closed"), TODAY), "refused"


def shown(viewer, path):
    assert paths.opens_to(viewer, path), "refused"


def walk_in(desk):
    """The code of somebody registered at the window."""
    return desk.people.register(PersonForm(name="n"), CLERK).code


TEXT = Looked(("a", "1"), "v", ())
DOCUMENT = DocumentForm(kind="passport", number="E1234567")
CALLS = {
    # action: what is done with (desk, receipt, viewer)
    "requests.see": [
        lambda desk, receipt, viewer: desk.inbox.page(viewer),
        lambda desk, receipt, viewer: desk.requests.case(receipt, viewer),
    ],
    "requests.work": [
        lambda desk, receipt, viewer: desk.requests.take(receipt, viewer),
        lambda desk, receipt, viewer: desk.requests.release(receipt, viewer),
        lambda desk, receipt, viewer: desk.requests.tell(receipt, MessageForm(text="x"), viewer),
        lambda desk, receipt, viewer: desk.requests.note(receipt, MessageForm(text="x"), viewer),
    ],
    "requests.decide": [
        lambda desk, receipt, viewer: desk.requests.answer(receipt, AnswerForm(text="x"), viewer),
        lambda desk, receipt, viewer: desk.requests.refuse(receipt, RefusalForm(reason="x", alternative="y"), viewer),
    ],
    "feedback.see": [lambda desk, receipt, viewer: desk.feedback.page(viewer)],
    "feedback.work": [lambda desk, receipt, viewer: desk.feedback.mark(1, "seen", viewer)],
    "links.decide": [
        lambda desk, receipt, viewer: desk.links.decide(("a", "1"), ("b", "1"), "same", viewer),
        lambda desk, receipt, viewer: desk.links.decided(viewer),
    ],
    "deidentify.review": [
        lambda desk, receipt, viewer: desk.copies.review(TEXT, viewer),
        lambda desk, receipt, viewer: desk.copies.release(TEXT, {}, viewer),
        lambda desk, receipt, viewer: (desk.copies.release(TEXT, {}, CLERK), desk.copies.withdraw(TEXT.key, viewer)),
    ],
    "records.review": [
        lambda desk, receipt, viewer: desk.openings.review([("a", "1")], Decision("open"), viewer),
        lambda desk, receipt, viewer: desk.openings.history([("a", "1")], viewer),
        lambda desk, receipt, viewer: desk.openings.under_review(viewer),
    ],
    "opening.apply": [lambda desk, receipt, viewer: desk.openings.may_apply(viewer)],
    "runs.see": [lambda desk, receipt, viewer: shown(viewer, paths.RUNS)],
    "persons.register": [
        lambda desk, receipt, viewer: desk.people.register(PersonForm(name="n", kind="other", number="A12345"), viewer),
        lambda desk, receipt, viewer: desk.people.find("", viewer),
        lambda desk, receipt, viewer: desk.people.one(walk_in(desk), viewer),
        lambda desk, receipt, viewer: desk.people.check(walk_in(desk), DOCUMENT, viewer),
        lambda desk, receipt, viewer: desk.people.join(walk_in(desk), "wang", viewer),
    ],
    "accounts.manage": [
        lambda desk, receipt, viewer: desk.managing.page(viewer),
        lambda desk, receipt, viewer: desk.managing.one(viewer, "wang"),
        lambda desk, receipt, viewer: desk.managing.give(viewer, "wang", "manager", ANYWHERE),
        lambda desk, receipt, viewer: desk.managing.take_back(viewer, "wang", "reader", ANYWHERE),
        lambda desk, receipt, viewer: desk.managing.set_language(viewer, "wang", "en"),
        lambda desk, receipt, viewer: desk.managing.sign_out(viewer, "wang"),
        lambda desk, receipt, viewer: desk.managing.close(viewer, "wang"),
    ],
    "audit.read": [lambda desk, receipt, viewer: desk.audit.page(viewer)],
    "records.know_internal": [lambda desk, receipt, viewer: known(viewer)],
    "records.read_text": [lambda desk, receipt, viewer: read(viewer)],
    "requests.coordinate": [lambda desk, receipt, viewer: require("requests.coordinate", viewer)],
    "answers.write": [lambda desk, receipt, viewer: require("answers.write", viewer)],
    "rooms.work": [lambda desk, receipt, viewer: require("rooms.work", viewer)],
    "stacks.work": [lambda desk, receipt, viewer: require("stacks.work", viewer)],
    "indicators.see": [lambda desk, receipt, viewer: require("indicators.see", viewer)],
    "desk.configure": [lambda desk, receipt, viewer: require("desk.configure", viewer)],
}
CASES = [(role, action, at) for role in ROLES for action in CALLS for at in range(len(CALLS[action]))]


def test_the_bundled_policy_is_the_one_written_down_here():
    policy = bundled()
    assert {role: set(policy.actions(role)) for role in policy.roles} == ROLES
    assert set().union(*ROLES.values()) == set(ACTIONS), "no action that nobody may do"
    assert CALLS.keys() == set(ACTIONS), "no action that nobody tries"


@ONCE
@pytest.mark.parametrize(("role", "action", "at"), CASES)
def test_every_role_does_what_it_may_and_nothing_else(desk, filed, role, action, at):
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), ANONYMOUS)
    if (action, at) == ("requests.work", 1):
        desk.requests.take(filed.receipt, CLERK)
    call, viewer = CALLS[action][at], person(role)
    if action in ROLES[role]:
        call(desk, filed.receipt, viewer)
        return
    with pytest.raises((NotAllowed, AssertionError)):
        call(desk, filed.receipt, viewer)


@ONCE
def test_a_case_offers_only_the_acts_that_the_role_may_do(desk, filed):
    acts = {
        role: set(desk.requests.case(filed.receipt, person(role)).actions)
        for role in ROLES
        if "requests.see" in ROLES[role]
    }
    works = {
        "take", "search", "tell", "note", "supply", "check", "ask_materials", "hand_over", "classify", "relay",
        "review", "quote", "extend",
    }  # fmt: skip
    decides = works | {"answer", "answer_part", "refuse", "not_held", "make_ready"}
    assert acts == {
        "window_clerk": decides,
        "holdings_staff": works,
        "department_worker": decides,
        "coordinator": decides,
        "manager": set(),
    }  # fmt: skip


WITHIN = {
    "its holder": (EAST, True),
    "another holder": (WEST, False),
    "its fonds": (Scope(fonds="J12"), True),
    "its holder and fonds": (Scope(holder="East Wing", fonds="J12"), True),
    "its holder, another fonds": (Scope(holder="East Wing", fonds="J13"), False),
    "a department": (Scope(department="Maps"), False),
    "a theme of its record": (Scope(theme="railways"), True),
    "another one of its themes, its holder": (Scope(holder="East Wing", theme="rails"), True),
    "another theme": (Scope(theme="rail"), False),
    "its theme, another holder": (Scope(holder="West Wing", theme="railways"), False),
}


@pytest.mark.parametrize("where", WITHIN)
def test_a_role_within_a_scope_sees_and_does_what_belongs_there(desk, filed, where):
    scope, inside = WITHIN[where]
    viewer = person("window_clerk", scope)
    assert [row.receipt for row in desk.inbox.page(viewer).rows] == [filed.receipt] * inside
    assert desk.inbox.page(viewer).counts["new"] == inside
    if inside:
        assert desk.requests.case(filed.receipt, viewer).actions
        assert desk.requests.take(filed.receipt, viewer).handler == "li"
        return
    for act in (desk.requests.case, desk.requests.take):
        with pytest.raises(NotFound) as caught:
            act(filed.receipt, viewer)
        with pytest.raises(NotFound) as absent:
            act("2222-2222", viewer)
        assert str(caught.value) == str(absent.value), "as if there were none"


@ONCE
def test_who_sees_everywhere_and_works_in_one_place(desk, filed):
    policy = bundled()
    viewer = policy.viewer("li", [RoleView("manager"), RoleView("window_clerk", WEST)])
    assert desk.requests.case(filed.receipt, viewer).actions == ()
    with pytest.raises(NotAllowed, match=r"requests\.work"):
        desk.requests.take(filed.receipt, viewer)


@ONCE
def test_a_question_on_no_record_belongs_to_nobody_in_particular(desk, form):
    from service_desk.forms import OpenRequestForm, parse

    asked = parse(OpenRequestForm, {"type": "question", "name": "n", "contact": "c", "note": "?"})
    receipt = desk.filing.submit(asked, READER).receipt
    assert desk.inbox.page(person("window_clerk", EAST)).total == 0
    assert desk.requests.case(receipt, person("window_clerk"))


@ONCE
def test_files_of_answers_go_to_staff_of_that_place_only(desk, filed):
    from service_desk.ports import Upload

    desk.requests.answer(filed.receipt, AnswerForm(), CLERK, [Upload("a", "x/y", b"1")])
    assert desk.requests.file(filed.receipt, 1, person("manager", EAST))[1] == b"1"
    for viewer in (person("manager", WEST), person("administrator")):
        with pytest.raises(NotFound):
            desk.requests.file(filed.receipt, 1, viewer)


def test_rights_on_records_within_a_scope_count_nowhere_yet():
    viewer = person("holdings_staff", EAST)
    assert viewer.is_staff and not viewer.knows_internal
    assert viewer.readable_levels() == {"open", "registered", "onsite"}
    assert person("manager").readable_levels() == {"open", "registered", "onsite"}, "staff sit in the house"
    assert person("holdings_staff").readable_levels() == frozenset(LEVELS)


def test_staff_made_by_code_have_what_staff_had():
    old = Viewer("onestop", frozenset({"staff"}))
    assert {action for action in ACTIONS if may(old, action)} == FORMERLY_STAFF
    assert old.readable_levels() == frozenset(LEVELS) and old.may_know(Access("internal"))


def scope_strategy():
    part = st.none() | st.sampled_from("ab")
    return st.builds(Scope, part, part, part, part)


@given(scope_strategy(), scope_strategy(), scope_strategy())
def test_scopes_are_ordered(one, two, three):
    assert one.covers(one) and ANYWHERE.covers(one)
    if one.covers(two) and two.covers(three):
        assert one.covers(three)
    if one.covers(two) and two.covers(one):
        assert one == two


@given(st.frozensets(st.builds(Grant, st.sampled_from(ACTIONS), scope_strategy())), scope_strategy())
def test_nobody_may_do_more_in_a_narrow_place_than_the_grants_say(grants, where):
    viewer = Viewer("li", frozenset({"staff"}) if grants else frozenset(), grants=grants)
    for action in ACTIONS:
        if may(viewer, action, where):
            assert any(grant.action == action for grant in grants)
        if may(viewer, action):
            assert may(viewer, action, where) and may_begin(viewer, action)
        if may_begin(viewer, action) and action not in SCOPED:
            assert may(viewer, action)


def test_every_operation_of_staff_needs_an_action():
    from service_desk.policy import OPERATIONS

    assert {name for name, parties in OPERATIONS.items() if "staff" in parties} == NEEDS.keys()
    assert set(NEEDS.values()) <= set(ACTIONS)


# Roles of accounts


def test_a_role_is_given_and_taken_back_and_counts_at_once(desk):
    token = desk.sessions.sign_in("wang", "wang").token
    assert not desk.sessions.lookup(token).viewer.is_staff
    desk.roles.give("wang", "holdings_staff", EAST, "zhou")
    assert desk.sessions.lookup(token) is None, "a session from before has nothing of the new rights"
    token = desk.sessions.sign_in("wang", "wang").token
    signed_in = desk.sessions.lookup(token)
    assert signed_in.viewer.roles == {"reader", "holdings_staff", "staff"}
    assert signed_in.account.roles == (RoleView("reader"), RoleView("holdings_staff", EAST))
    with pytest.raises(Conflict, match="already"):
        desk.roles.give("wang", "holdings_staff", EAST, "zhou")
    desk.roles.give("wang", "holdings_staff", WEST, "zhou")
    assert desk.roles.take_back("wang", "holdings_staff", EAST, "zhou") == (
        RoleView("reader"),
        RoleView("holdings_staff", WEST),
    )
    desk.roles.take_back("wang", "holdings_staff", WEST, "zhou")
    assert desk.sessions.lookup(token) is None
    assert desk.sessions.sign_in("wang", "wang").viewer == READER
    desk.roles.give("wang", "verified_reader", ANYWHERE, "zhou")
    assert desk.sessions.open_sessions("wang") == 1, "what allows nothing changes nothing"


def test_who_loses_the_last_role_is_staff_no_more(desk):
    desk.accounts.add("zhou", "x", "administrator")
    desk.roles.take_back("zhou", "administrator", ANYWHERE, "li")
    assert desk.accounts.viewer("zhou") == Viewer("zhou", frozenset({"reader"}))


def test_an_account_from_before_there_were_roles(desk, database):
    engine = make_engine(database)
    old = {"display_name": "Old", "password_hash": "x", "created": StandingClock().time, "disabled": False}
    with Database(engine).write() as session:
        session.add_all([Account(name="old", role="staff", **old), Account(name="older", role="reader", **old)])
    engine.dispose()
    assert desk.accounts.viewer("old").roles == {"coordinator", "staff"}
    assert desk.accounts.viewer("older") == Viewer("older", frozenset({"reader"}))
    desk.roles.give("old", "manager", ANYWHERE, "li")
    assert desk.roles.take_back("old", "staff", ANYWHERE, "li") == (RoleView("manager"),)
    desk.roles.take_back("old", "manager", ANYWHERE, "li")
    assert not desk.accounts.viewer("old").is_staff


WRONG = {
    "unknown account": (UnknownAccount, "nobody", "reader", ANYWHERE),
    "unknown role": (Invalid, "wang", "king", ANYWHERE),
    "a long scope": (Invalid, "wang", "reader", Scope(holder="x" * 101)),
}


@ONCE
@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_given(desk, case):
    error, name, role, scope = WRONG[case]
    with pytest.raises(error):
        desk.roles.give(name, role, scope, "li")


@ONCE
def test_a_role_that_nobody_gave_cannot_be_taken(desk):
    with pytest.raises(Invalid, match="does not have"):
        desk.roles.take_back("wang", "manager", ANYWHERE, "li")


# Policies


def changed(**roles):
    content = yaml.safe_load(bundled_text())
    for name, permissions in roles.items():
        content["roles"][name]["permissions"] = permissions
    return content


def test_a_policy_that_differs_is_kept_with_who_and_when(database, clock):
    from service_desk.database import upgrade

    engine = make_engine(database)
    upgrade(engine)
    other = RolePolicy.model_validate(changed(manager=["requests.see"]))
    policies = [InForce(bundled(), "onestop")]
    roles = Roles(Database(engine), clock, lambda: policies[-1])
    for written in (InForce(other, "file of li"), InForce(bundled(), "file of li"), InForce(bundled(), "another file")):
        assert roles.policy == policies[-1].policy
        clock.push(days=1)
        policies.append(written)
    assert roles.policy == bundled()
    told = [(version.digest, version.by, (version.at - StandingClock().time).days) for version in roles.versions()]
    assert told == [
        (bundled().digest, "file of li", 2),
        (other.digest, "file of li", 1),
        (bundled().digest, "onestop", 0),
    ]
    restarted = Roles(Database(engine), clock, lambda: policies[-1])
    assert restarted.policy == bundled() and len(restarted.versions()) == 3
    engine.dispose()


def test_a_changed_policy_counts_at_once_and_unknown_roles_count_nothing(desk):
    policy = RolePolicy.model_validate(changed(coordinator=["feedback.see"]))
    written = InForce(policy, "file")
    desk.roles._policies = lambda: written
    token = desk.sessions.sign_in("li", "li").token
    assert {grant.action for grant in desk.sessions.lookup(token).viewer.grants} == {"feedback.see"}
    assert not policy.viewer("x", [RoleView("gone")]).is_staff


def without(name):
    content = changed()
    del content["roles"][name]
    return content


REFUSED = {
    "no reader": (without("reader"), "reader"),
    "no verified reader": (without("verified_reader"), "verified_reader"),
    "a reader who may": (changed(reader=["feedback.see"]), "everybody's"),
    "nobody gives roles": (changed(administrator=["runs.see"]), r"accounts\.manage"),
    "work without sight": (changed(manager=["feedback.work"]), r"feedback\.see"),
    "unknown permission": (changed(manager=["king"]), "king"),
    "former of nothing": (changed() | {"former": {"staff": "gone"}}, "gone"),
    "former that is": (changed() | {"former": {"reader": "manager"}}, "reader"),
    "strange key": (changed() | {"rolls": {}}, "rolls"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_policy_that_cannot_be(case):
    content, named = REFUSED[case]
    with pytest.raises(ValidationError, match=named):
        RolePolicy.model_validate(content)
