"""The rules of the desk: versions, two administrators at once, mistakes with lines, changes seen everywhere."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desk_parts import CLERK, ONCE, START
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field
from sqlalchemy import event, func, select

from mappings.access import Viewer
from mappings.grants import Grant
from service_desk import rule_documents, rules
from service_desk.desk import Desk
from service_desk.errors import Conflict, NotAllowed, NotFound
from service_desk.models import AuditRow, PolicyVersion
from service_desk.rule_changes import changes
from service_desk.rules import BUNDLED, MOST_MISTAKES, TEXT_BOUND, Document, RulesMistaken, read
from service_desk.told import Title, Told
from tests.forked import without_main

ADMIN = Viewer("adm", frozenset({"administrator", "staff"}), grants=frozenset({Grant("desk.configure")}))
OTHER = Viewer("adm2", frozenset({"administrator", "staff"}), grants=frozenset({Grant("desk.configure")}))


class Part(Told):
    days: int
    names: tuple[str, ...] = ()


class Hours(Document):
    name = "hours"

    opens: int = Field(ge=0, le=23)
    parts: dict[str, Part] = Field(default_factory=dict)


class Rooms(Document):
    """One that names what stands in the other."""

    name = "rooms"

    rooms: dict[str, str] = Field(default_factory=dict)

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[str]:
        known = other(Hours).parts
        yield from (f"{room}: no part {part!r}" for room, part in self.rooms.items() if part not in known)


TEXTS = {"hours": "# Hours\nopens: 9\nparts:\n  hall: {days: 5}\n", "rooms": "rooms: {east: hall}\n"}


@pytest.fixture(autouse=True)
def bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "bundled_text", lambda kind: TEXTS[kind.name])


def body(opens: int, more: str = "") -> str:
    return f"opens: {opens}\nparts:\n  hall: {{days: 5}}\n{more}"


def kept(desk: Desk) -> int:
    with desk._database.read() as session:
        return session.scalar(select(func.count()).where(PolicyVersion.name.in_(TEXTS))) or 0


def test_the_package_holds_until_a_house_writes_its_own(desk: Desk) -> None:
    assert desk.rules.now(Hours).opens == 9
    assert desk.rules.version(Hours) == rules.Version(BUNDLED, TEXTS["hours"])
    assert desk.rules.versions(Hours) == []
    assert desk.rules.standing(Hours) == rules.Standing(BUNDLED, None, None)


def test_every_version_is_kept_with_who_and_when(desk: Desk, clock) -> None:
    first = desk.rules.put(Hours, body(10), ADMIN, BUNDLED)
    clock.push(days=1)
    second = desk.rules.put(Hours, body(11), OTHER, first)
    assert desk.rules.now(Hours).opens == 11
    assert [(one.number, one.by) for one in desk.rules.versions(Hours)] == [(second, "adm2"), (first, "adm")]
    assert desk.rules.version(Hours, first).text == body(10)
    assert desk.rules.version(Hours, BUNDLED).text == TEXTS["hours"]
    assert desk.rules.before(Hours, second) == rules.Version(first, body(10))
    assert desk.rules.before(Hours, first) == rules.Version(BUNDLED, TEXTS["hours"])
    assert desk.rules.standing(Hours) == rules.Standing(second, "adm2", clock.now())
    with desk._database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.what == "policy.change", AuditRow.subject == "hours"))
        told = [(row.actor, row.detail["digest"], row.detail["before"]) for row in rows]
    digests = [one.digest for one in reversed(desk.rules.versions(Hours))]
    assert told == [("adm", digests[0], None), ("adm2", digests[1], digests[0])]


def test_restoring_is_putting_an_older_text_again(desk: Desk) -> None:
    first = desk.rules.put(Hours, body(10), ADMIN)
    second = desk.rules.put(Hours, body(11), ADMIN)
    third = desk.rules.put(Hours, desk.rules.version(Hours, first).text, ADMIN, second)
    assert third > second and desk.rules.now(Hours).opens == 10


def test_the_same_text_again_is_no_version(desk: Desk) -> None:
    number = desk.rules.put(Hours, body(10), ADMIN)
    assert desk.rules.put(Hours, body(10).replace("\n", "\r\n"), OTHER, number) == number
    assert len(desk.rules.versions(Hours)) == 1


def test_versions_of_one_document_are_not_those_of_another(desk: Desk) -> None:
    number = desk.rules.put(Hours, body(10), ADMIN)
    assert desk.rules.versions(Rooms) == []
    for asked in (number, 10_000):
        with pytest.raises(NotFound):
            desk.rules.version(Rooms, asked)
        with pytest.raises(NotFound):
            desk.rules.before(Rooms, asked)


def test_only_who_may_configure_the_desk(desk: Desk) -> None:
    for viewer in (CLERK, Viewer("wang"), Viewer()):
        with pytest.raises(NotAllowed):
            desk.rules.put(Hours, body(10), viewer)
    assert desk.rules.now(Hours).opens == 9


def test_the_second_of_two_administrators_is_told(desk: Desk) -> None:
    desk.rules.put(Hours, body(10), ADMIN, BUNDLED)
    with pytest.raises(Conflict):
        desk.rules.put(Hours, body(11), OTHER, BUNDLED)
    assert desk.rules.now(Hours).opens == 10


def test_of_many_at_once_one_is_first(open_desk: Callable[[], Desk], database: str) -> None:
    desks = [open_desk() for _ in range(4)]
    ready, told = threading.Barrier(8), []

    def try_it(at: int) -> None:
        ready.wait()
        try:
            desks[at % 4].rules.put(Hours, body(10 + at), ADMIN, BUNDLED)
            told.append("done")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=try_it, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["conflict"] * 7 + ["done"]
    assert len({desk.rules.now(Hours).opens for desk in desks}) == 1


def test_a_change_is_seen_at_once_by_whoever_has_read_before(open_desk: Callable[[], Desk]) -> None:
    one, other = open_desk(), open_desk()
    assert other.rules.now(Hours).opens == 9
    one.rules.put(Hours, body(10), ADMIN)
    assert other.rules.now(Hours).opens == 10
    other.rules.put(Hours, body(12), ADMIN)
    assert one.rules.now(Hours).opens == 12


def _elsewhere(database: str, pipe: Any) -> None:
    from service_desk.database import Database, make_engine
    from service_desk.ports import SystemClock

    rules.bundled_text = lambda kind: TEXTS[kind.name]  # type: ignore[assignment]
    there = rules.Rules(Database(make_engine(database)), SystemClock())
    pipe.send(there.now(Hours).opens)
    pipe.recv()
    pipe.send(there.now(Hours).opens)


def test_a_second_process_sees_it_without_a_restart(desk: Desk, database: str) -> None:
    mine, its = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_elsewhere, args=(database, its))
    with without_main():
        process.start()
    assert mine.poll(60) and mine.recv() == 9
    desk.rules.put(Hours, body(10), ADMIN)
    mine.send("look")
    assert mine.poll(60) and mine.recv() == 10
    process.join(60)
    assert process.exitcode == 0


MISTAKES = {
    "opens: 99\n": ("opens", 1),
    "opens: 9\nopen: 8\n": ("open", 2),
    "parts: {}\n": ("opens", None),
    "opens: 9\nparts:\n  hall:\n    dayz: 5\n    days: x\n": ("parts.hall.days", 5),
    "opens: 9\nopens: 10\n": ("", 2),
    "opens: [9\n": ("", 2),
    "opens: 2026-99-99\n": ("", 1),
    "- opens\n": ("", None),
    "": ("", None),
}


@ONCE
@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_told_with_their_place_and_line_and_nothing_changes(desk: Desk, text: str) -> None:
    for act in (lambda: desk.rules.check(Hours, text), lambda: desk.rules.put(Hours, text, ADMIN)):
        with pytest.raises(RulesMistaken) as caught:
            act()
        assert MISTAKES[text] in [(one.place, one.line) for one in caught.value.mistakes]
    assert kept(desk) == 0 and desk.rules.now(Hours).opens == 9


HOSTILE = {
    "an alias": "opens: &a 9\nparts: *a\n",
    "many laughs": "a: &a [x,x]\nb: &b [*a,*a]\nopens: *b\n",
    "a tag": "opens: !!python/object/apply:os.system ['true']\n",
    "deep": "opens: " + "[" * 5_000,
    "deep maps": "opens: " + "{a: " * 5_000,
    "huge": "opens: 9\n#" + "x" * TEXT_BOUND,
    "many mistakes": "opens: 9\n" + "".join(f"k{at}: 1\n" for at in range(10_000)),
    "a long number": "opens: " + "9" * 10_000,
    "a long number of another base": "opens: 0x" + "f" * 10_000,
    "nothing to be read": "opens: 9\x00",
    "two documents": "opens: 9\n---\nopens: 10\n",
    "a merge": "opens: 9\n<<: {parts: 3}\n",
}


@ONCE
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_refused_in_a_few_sentences(desk: Desk, case: str) -> None:
    with pytest.raises(RulesMistaken) as caught:
        desk.rules.put(Hours, HOSTILE[case], ADMIN)
    assert 0 < len(caught.value.mistakes) <= MOST_MISTAKES
    assert all(len(str(one)) < 2_000 for one in caught.value.mistakes)
    assert kept(desk) == 0


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("opens: 9parthldy{}[]\n-!&*<>|'\"#0x\t年"), max_size=80))
def test_any_text_is_a_document_or_mistakes(text: str) -> None:
    try:
        assert isinstance(read(Hours, text), Hours)
    except RulesMistaken as error:
        assert error.mistakes


def test_what_one_document_names_of_another_must_be_there(desk: Desk) -> None:
    with pytest.raises(RulesMistaken, match="no part 'cellar'"):
        desk.rules.put(Rooms, "rooms: {east: cellar}\n", ADMIN)
    desk.rules.put(Hours, body(9, "  cellar: {days: 1}\n"), ADMIN)
    desk.rules.put(Rooms, "rooms: {east: cellar}\n", ADMIN)
    assert desk.rules.now(Rooms).rooms == {"east": "cellar"}


def test_what_follows_is_in_the_same_transaction(desk: Desk) -> None:
    seen = []
    desk.rules.followed(Hours, lambda session, at: seen.append((desk.rules.within(session, Hours).opens, at)))
    desk.rules.put(Hours, body(10), ADMIN)
    desk.rules.put(Rooms, "rooms: {}\n", ADMIN)
    assert seen == [(10, START)]


def test_when_what_follows_fails_the_old_version_stays(desk: Desk) -> None:
    broken = True

    def follow(session: Any, at: object) -> None:
        assert desk.rules.within(session, Hours).opens in (10, 11)
        if broken:
            raise RuntimeError("no")

    desk.rules.followed(Hours, follow)
    with pytest.raises(RuntimeError):
        desk.rules.put(Hours, body(10), ADMIN)
    assert kept(desk) == 0 and desk.rules.now(Hours).opens == 9
    with desk._database.read() as session:
        assert (
            session.scalar(select(func.count()).where(AuditRow.what == "policy.change", AuditRow.subject == "hours"))
            == 0
        )
    broken = False
    desk.rules.put(Hours, body(11), ADMIN)  # which may get the number that the one not kept had
    assert desk.rules.now(Hours).opens == 11


def test_what_would_follow_is_told_before_and_changes_nothing(desk: Desk) -> None:
    desk.rules.foreseen(Hours, lambda session, new: [Title.of(f"opens at {new.opens}", "x", "x")])
    assert [said.en for said in desk.rules.consequences(Hours, body(10))] == ["opens at 10"]
    assert desk.rules.consequences(Rooms, "rooms: {}\n") == []
    with pytest.raises(RulesMistaken):
        desk.rules.consequences(Hours, "opens: x")
    assert kept(desk) == 0


def test_rules_that_a_release_cannot_read_any_more_leave_the_ones_before(desk: Desk, clock) -> None:
    desk.rules.put(Hours, body(10), ADMIN)
    with desk._database.write() as session:
        session.add(PolicyVersion(name="hours", digest="x", body="opened: 9\n", at=clock.now(), by="adm"))
    assert desk.rules.now(Hours).opens == 10
    assert not desk.rules.standing(Hours).followed
    desk.rules.put(Hours, body(12), ADMIN)
    assert desk.rules.now(Hours).opens == 12 and desk.rules.standing(Hours).followed


@pytest.mark.parametrize("document", rule_documents.DOCUMENTS, ids=lambda kind: kind.name)
def test_every_document_comes_with_a_text_and_a_title(document: type[Document], monkeypatch) -> None:
    monkeypatch.undo()
    assert read(document, rules.bundled_text(document))
    assert rules.bundled_text(document).startswith("#"), "administrators read what it is for"
    assert all(rule_documents.called(document, language) != document.name for language in ("en", "zh-Hans", "zh-Hant"))
    assert rule_documents.named(document.name) is document


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="ratings"):
        rule_documents.named("rating")


def test_changes_line_by_line() -> None:
    before = "\n".join(f"line {at}" for at in range(1, 21))
    after = before.replace("line 10\n", "line ten\n").replace("line 20", "line 20\nlast")
    told = changes(before, after)
    assert [(one.what, one.before, one.after) for one in told if one.what in ("gone", "new")] == [
        ("gone", 10, None),
        ("new", None, 10),
        ("new", None, 21),
    ]
    assert told[0].what == "gap" and [one.text for one in told if one.what == "new"] == ["line ten", "last"]
    assert changes(before, before) == []


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
def test_changes_lose_nothing(old: list[str], new: list[str]) -> None:
    told = changes("\n".join(old), "\n".join(new))
    for line in told:
        if line.before is not None:
            assert old[line.before - 1] == line.text
        if line.after is not None:
            assert new[line.after - 1] == line.text
    gone = sum(line.what == "gone" for line in told)
    assert len(old) - gone == len(new) - sum(line.what == "new" for line in told)


def test_a_transaction_follows_the_rules_of_one_moment_and_asks_once(desk: Desk) -> None:
    assert desk.rules.now(Rooms).rooms == {"east": "hall"}
    with desk._database.read() as session:
        assert desk.rules.within(session, Hours).opens == 9
        asked: list[str] = []
        event.listen(desk._database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        assert desk.rules.within(session, Hours).opens == 9 and desk.rules.within(session, Rooms).rooms
        assert asked == []
        desk.rules.put(Hours, body(8), ADMIN)
        assert desk.rules.within(session, Hours).opens == 9
    assert desk.rules.now(Hours).opens == 8


def test_what_follows_from_a_change_sees_it(desk: Desk) -> None:
    seen: list[int] = []
    desk.rules.followed(Hours, lambda session, now: seen.append(desk.rules.within(session, Hours).opens))
    desk.rules.put(Hours, body(7), ADMIN)
    assert seen == [7]
