"""Reading XML from outside: bytes that are none of its encoding."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.formats.xml import Sound, parse


class Slow(io.BytesIO):
    """A stream that gives three bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(3)


def whole(stream: Sound) -> bytes:
    return b"".join(iter(lambda: stream.read(8), b""))


SOUND = {
    "plain": b"<a>b</a>",
    "UTF-8": "<a>é 卷 \U00020000</a>".encode(),
    "another encoding that says so": b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>',
    "UTF-16": "<a>é</a>".encode("utf-16"),
    "nothing": b"",
}


@pytest.mark.parametrize("payload", SOUND.values(), ids=SOUND)
def test_what_is_sound_stays_as_it_is(payload: bytes) -> None:
    for stream in (io.BytesIO(payload), Slow(payload)):
        read = Sound(stream)
        assert whole(read) == payload
        assert read.problem is None


def test_other_bytes_are_read_as_windows_1252_and_told() -> None:
    payload = b"<a>\n\xc3\xa9 caf\xe9 \x81 \xe5\x8d</a>"
    for stream in (io.BytesIO(payload), Slow(payload)):
        read = Sound(stream)
        assert whole(read).decode() == "<a>\né café \ufffd å\ufffd</a>"
        assert read.problem is not None
        assert (read.problem.code, read.problem.position) == ("bad-bytes", "line 2")


def test_a_name_of_broken_bytes_is_a_name() -> None:
    root, problem = parse(b"<a><b\xb7>text</b\xb7></a>")
    assert root is not None and "".join(root.itertext()) == "text"
    assert [child.tag for child in root] == ["b·"]
    assert problem is not None and problem.code == "bad-bytes"


@given(st.binary(max_size=300))
def test_whatever_the_bytes_the_result_is_utf8(payload: bytes) -> None:
    read = Sound(Slow(b"<?xml version='1.0'?>" + payload.replace(b"\0", b"")))
    whole(read).decode()
