"""What every store of the desk's files promises. A test class supplies `objects`, empty."""

from __future__ import annotations

import os

import pytest

from service_desk.ports import ObjectStore

LARGE = 48 << 20
"""Near the largest file of an answer."""
NO_KEYS = ("", "/etc/passwd", "../x", "a/../b", "a//b", "a/.b", ".", "a\\b", "a b", "ä", "a/")


class ObjectsContract:
    def test_what_was_put_is_got(self, objects: ObjectStore) -> None:
        objects.put("answers/ab/abc", b"one")
        assert objects.get("answers/ab/abc") == b"one"

    def test_what_is_put_again_is_replaced(self, objects: ObjectStore) -> None:
        objects.put("answers/ab/abc", b"one")
        objects.put("answers/ab/abc", b"another")
        assert objects.get("answers/ab/abc") == b"another"
        assert list(objects.keys()) == ["answers/ab/abc"]

    @pytest.mark.parametrize("key", ["answers/none", "answers", "answers/ab/abc/d"])
    def test_what_was_not_put_is_a_key_error(self, objects: ObjectStore, key: str) -> None:
        objects.put("answers/ab/abc", b"one")
        with pytest.raises(KeyError):
            objects.get(key)

    def test_what_is_deleted_is_gone_and_nothing_else_is(self, objects: ObjectStore) -> None:
        objects.put("answers/ab/abc", b"one")
        objects.put("answers/ab/abd", b"another")
        for key in ("answers/ab/abc", "answers/none", "answers", "answers/ab/abd/e"):
            objects.delete(key)
        assert list(objects.keys()) == ["answers/ab/abd"]
        with pytest.raises(ValueError, match="not a key"):
            objects.delete("../x")

    @pytest.mark.parametrize(
        "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.b", ".", "a\\b", "a b", "ä", "a/"]
    )
    def test_keys_stay_below_the_store(self, objects: ObjectStore, key: str) -> None:
        with pytest.raises(ValueError, match="not a key"):
            objects.put(key, b"x")
        with pytest.raises(ValueError, match="not a key"):
            objects.get(key)

    def test_nothing_and_any_bytes_may_be_kept(self, objects: ObjectStore) -> None:
        every = bytes(range(256)) * 3
        objects.put("empty", b"")
        objects.put("every", every)
        assert (objects.get("empty"), objects.get("every")) == (b"", every)

    def test_a_large_file_comes_back_as_it_was(self, objects: ObjectStore) -> None:
        data = os.urandom(LARGE)
        objects.put("large", data)
        assert objects.get("large") == data

    def test_all_keys_are_told_in_their_order(self, objects: ObjectStore) -> None:
        keys = ["a/b", "a/b-c", "a.b", "b", "Z"]
        for key in keys:
            objects.put(key, b"x")
        assert list(objects.keys()) == sorted(keys)

    def test_an_empty_store_is_in_its_place(self, objects: ObjectStore) -> None:
        objects.check()
        assert list(objects.keys()) == []
