"""What joins and what does not, and what resources are called afterwards, on rows as the intake writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.resource import Link, mint
from pipelines.link import Links, link
from pipelines.record_store import RecordStore
from pipelines.tasks import KEY_SEPARATOR


class Shelf:
    """A store to put records into and take them out of."""

    def __init__(self, folder: Path) -> None:
        self.store = RecordStore(folder / "records")
        self.since: dict[tuple[str, str], int] = {}

    def put(self, name: str, *keys: str, kind: str = "physical", aid: str | None = None) -> Shelf:
        """A record ``SOURCE:SOURCE_ID`` with link keys ``RULE=VALUE``, perhaps a component of a finding aid."""
        source, source_id = name.split(":")
        with self.store.begin("run") as commit:
            since = self.since.setdefault((source, source_id), commit.version)
            row = {
                "item": aid or source_id,
                "source_id": source_id,
                "action": "index",
                "record_kind": kind,
                "nested": aid is not None,
                "link_keys": [key.replace("=", KEY_SEPARATOR) for key in keys] or None,
                "since": since,
                "record": "{}",
            }
            commit.add("record", {column: [value] for column, value in row.items()}, source)
            commit.commit()
        return self

    def take(self, name: str) -> Shelf:
        source, source_id = name.split(":")
        del self.since[source, source_id]
        with self.store.begin("run") as commit:
            commit.add("record", {"source_id": [source_id], "item": [source_id], "action": ["delete"]}, source)
            commit.commit()
        return self

    def link(self) -> Shelf:
        link(self.store, "run")
        return self

    def groups(self) -> set[str]:
        """The resources of several records, as ``a:1 b:2``."""
        links = Links.read(self.store)
        there = set(self.since)
        found = (
            [f"{source}:{one}" for source, one in sorted(keys) if (source, one) in there]
            for keys in links.by_resource().values()
        )
        return {" ".join(keys) for keys in found if len(keys) > 1}

    def id(self, name: str) -> str:
        source, source_id = name.split(":")
        return Links.read(self.store).resource_of(source, source_id)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def own(name: str) -> str:
    source, source_id = name.split(":")
    return mint(source, source_id)


class TestJoining:
    def test_by_one_key(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x").put("b:2", "ark=y").link()
        assert shelf.groups() == {"a:1 b:1"}

    def test_through_a_third(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x", "doi=y").put("c:1", "doi=y").link()
        assert shelf.groups() == {"a:1 b:1 c:1"}

    def test_the_same_value_of_another_rule_is_another_key(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "doi=x").link()
        assert shelf.groups() == set()

    def test_rows_of_one_table_may_be_about_one_thing(self, shelf: Shelf) -> None:
        shelf.put("t:1", "ark=x", kind="thematic").put("t:2", "ark=x", kind="thematic").link()
        assert shelf.groups() == {"t:1 t:2"}

    def test_components_of_one_finding_aid_never(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x", aid="f").put("a:2", "ark=x", aid="f").link()
        assert shelf.groups() == set()

    def test_a_key_that_two_components_carry_joins_neither_to_others(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x", aid="f").put("a:2", "ark=x", aid="f").put("b:1", "ark=x").put("c:1", "ark=x").link()
        assert shelf.groups() == {"b:1 c:1"}

    def test_components_of_one_finding_aid_not_through_a_third(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x", aid="f").put("a:2", "doi=y", aid="f").put("b:1", "ark=x", "doi=y").link()
        assert shelf.groups() == {"a:1 b:1"}

    def test_identifiers_before_reference_codes(self, shelf: Shelf) -> None:
        shelf.put("a:1", "reference_code=x", aid="f").put("a:2", "uri=y", aid="f").put(
            "b:1", "reference_code=x", "uri=y"
        ).link()
        assert shelf.groups() == {"a:2 b:1"}

    def test_two_copies_of_a_finding_aid_join_part_by_part(self, shelf: Shelf) -> None:
        for aid in ("f", "g"):
            shelf.put(f"a:{aid}1", "reference_code=1", aid=aid).put(f"a:{aid}2", "reference_code=2", aid=aid)
        assert shelf.link().groups() == {"a:f1 a:g1", "a:f2 a:g2"}

    def test_with_the_evidence(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x").put("c:1").link()
        links = Links.read(shelf.store)
        assert links.evidence(("b", "1")) == Link("ark", "x")
        assert links.evidence(("c", "1")) is None


class TestNames:
    def test_a_new_resource_is_named_after_its_first_member(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x", kind="thematic").put("z:1", "ark=x").put("m:1", "ark=x", kind="digital").link()
        assert {shelf.id(name) for name in ("a:1", "m:1", "z:1")} == {own("z:1")}

    def test_the_order_of_arrival_does_not_matter_before_the_first_link_step(self, tmp_path: Path) -> None:
        (tmp_path / "1").mkdir()
        (tmp_path / "2").mkdir()
        one = Shelf(tmp_path / "1").put("a:1", "ark=x").put("b:1", "ark=x", kind="thematic").link()
        other = Shelf(tmp_path / "2").put("b:1", "ark=x", kind="thematic").put("a:1", "ark=x").link()
        assert one.id("a:1") == other.id("b:1") == own("a:1")

    def test_the_older_id_survives_a_later_join(self, shelf: Shelf) -> None:
        shelf.put("z:1", "ark=x", kind="thematic").link().put("a:1", "ark=x").link()
        assert shelf.id("a:1") == shelf.id("z:1") == own("z:1")
        assert Links.read(shelf.store).redirects == {}

    def test_of_two_that_were_given_the_younger_redirects(self, shelf: Shelf) -> None:
        shelf.put("z:1", "ark=x").link().put("a:1").link().put("a:1", "ark=x").link()
        assert shelf.id("a:1") == own("z:1")
        assert Links.read(shelf.store).follow(own("a:1")) == own("z:1")

    def test_redirects_lead_on(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").link().put("b:1").link().put("c:1").link()
        shelf.put("c:1", "doi=y").put("b:1", "doi=y").link()
        shelf.put("b:1", "doi=y", "ark=x").link()
        links = Links.read(shelf.store)
        assert links.follow(own("c:1")) == links.follow(own("b:1")) == own("a:1")

    def test_those_that_stay_together_keep_the_id(self, shelf: Shelf) -> None:
        for name in ("a:1", "b:1", "c:1"):
            shelf.put(name, "ark=x")
        shelf.link().put("a:1").link()
        assert shelf.id("b:1") == shelf.id("c:1") == own("a:1")
        assert shelf.id("a:1") not in {own("a:1"), own("b:1"), own("c:1")}

    def test_the_one_that_stays_keeps_the_id_when_the_other_is_deleted(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x").link().take("a:1").link()
        assert shelf.id("b:1") == own("a:1")

    def test_one_that_comes_back_joins_again(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x").link().take("a:1").link().put("a:1", "ark=x").link()
        assert shelf.id("a:1") == shelf.id("b:1") == own("a:1")

    def test_one_that_comes_back_as_something_else_gets_another_id(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x").link().take("a:1").link().put("a:1", "ark=y").link()
        assert shelf.id("b:1") == own("a:1")
        assert shelf.id("a:1") != own("a:1")

    def test_a_parted_pair_is_as_it_was(self, shelf: Shelf) -> None:
        shelf.put("a:1").put("b:1").link().put("a:1", "ark=x").put("b:1", "ark=x").link()
        assert Links.read(shelf.store).redirects == {own("b:1"): own("a:1")}
        shelf.put("b:1").link()
        assert (shelf.id("a:1"), shelf.id("b:1")) == (own("a:1"), own("b:1"))
        assert Links.read(shelf.store).redirects == {}
        assert Links.read(shelf.store).assigned == {}

    def test_nothing_is_written_when_no_record_changed(self, shelf: Shelf) -> None:
        shelf.put("a:1", "ark=x").put("b:1", "ark=x").link()
        version = shelf.store.version
        assert link(shelf.store, "run") is None
        assert shelf.store.version == version
