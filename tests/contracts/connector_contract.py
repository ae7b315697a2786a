"""What every transport promises. A test class supplies `connector` over a source of at least two items."""

from __future__ import annotations

import pickle

import pytest

from connectors.base import Checkpoint, Connector, RawItem, SkipItem


def items_of(connector: Connector, cursor: str | None = None) -> list[RawItem]:
    """The items of a run, a full one without a cursor."""
    return [item for item in connector.read(cursor) if isinstance(item, RawItem)]


class ConnectorContract:
    def test_keys_are_unique_and_in_a_stable_order(self, connector: Connector) -> None:
        first, second = ([item.key for item in items_of(connector)] for _ in range(2))
        assert first == second
        assert len(set(first)) == len(first) >= 2

    def test_an_item_opens_anew_each_time_with_the_same_bytes(self, connector: Connector) -> None:
        item = items_of(connector)[0]
        with item.open() as one, item.open() as other:
            assert one.read() == other.read() != b""

    def test_the_name_is_the_key(self, connector: Connector) -> None:
        assert all(item.name == item.key for item in items_of(connector))

    def test_fetch_gives_the_bytes_of_the_listed_item(self, connector: Connector) -> None:
        item = items_of(connector)[-1]
        with connector.fetch(item.key) as fetched, item.open() as listed:
            assert fetched.read() == listed.read()

    @pytest.mark.parametrize("key", ["no such item", "", "../secret", "/etc/passwd", "a\0b", "."])
    def test_fetch_of_anything_else_says_skip(self, connector: Connector, key: str) -> None:
        with pytest.raises(SkipItem):
            connector.fetch(key)

    def test_a_full_run_is_complete_and_its_keys_are_those_it_can_tell(self, connector: Connector) -> None:
        listed = [item.key for item in items_of(connector)]
        assert sorted(connector.keys()) == sorted(listed)

    def test_a_second_run_from_the_cursor_loses_nothing_new(self, connector: Connector) -> None:
        listed = items_of(connector)
        cursor = connector.next_cursor()
        again = {item.key for item in items_of(connector, cursor)}
        assert again <= {item.key for item in listed}
        if connector.complete:
            assert again == {item.key for item in listed}

    def test_a_run_that_goes_on_from_any_checkpoint_tells_all_that_comes_after(self, connector: Connector) -> None:
        listing = list(connector.read(None))
        for at, entry in enumerate(listing):
            if isinstance(entry, Checkpoint):
                after = {item.key for item in listing[at:] if isinstance(item, RawItem)}
                assert after <= {item.key for item in items_of(connector, entry.cursor)}

    def test_items_travel_to_worker_processes(self, connector: Connector) -> None:
        for item in items_of(connector)[:3]:
            there = pickle.loads(pickle.dumps(item))
            with there.open() as arrived, item.open() as here:
                assert arrived.read() == here.read()

    def test_says_whether_it_asks_somebody_else(self, connector: Connector) -> None:
        assert connector.remote in (True, False)
        assert connector.separate in (True, False)
