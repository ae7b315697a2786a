"""What every transport promises. A test class supplies `connector` over a source of at least two items."""

from __future__ import annotations

import pytest

from connectors.base import Connector, Gone, RawItem, SkipItem


def items_of(connector: Connector) -> list[RawItem]:
    """The items of a full run."""
    return [item for item in connector.read(None) if not isinstance(item, Gone)]


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

    def test_a_second_run_from_the_cursor_loses_nothing_new(self, connector: Connector) -> None:
        listed = items_of(connector)
        cursor = connector.next_cursor()
        again = {item.key for item in connector.read(cursor)}
        assert again <= {item.key for item in listed}
        if connector.complete:
            assert cursor is None
            assert again == {item.key for item in listed}
