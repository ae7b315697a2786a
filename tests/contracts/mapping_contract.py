"""What every mapping promises. A test class supplies `mapping` and `sample`: (name, bytes) of good items that give a
record.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.base import Failed, Mapping, Outcome, Skipped, outcomes
from mappings.record import Record, decode_record, encode

Sample = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Bytes:
    """An item in memory."""

    name: str
    payload: bytes = b""
    row: dict[str, Any] | None = None

    def open(self) -> BinaryIO:
        return io.BytesIO(self.payload)


def mapped(mapping: Mapping, *items: tuple[str, bytes]) -> list[Outcome]:
    """All outcomes of one item made of these files."""
    return outcomes(mapping.records([Bytes(name, payload) for name, payload in items]))


def records(mapping: Mapping, *items: tuple[str, bytes]) -> list[Record]:
    """Only the records."""
    return [outcome for outcome in mapped(mapping, *items) if isinstance(outcome, Record)]


def check_outcome(outcome: Outcome) -> None:
    """A record that survives its encoding, or a reason."""
    if isinstance(outcome, Record):
        assert outcome.title and outcome.source_id
        assert decode_record(encode(outcome)) == outcome
        for page in outcome.pages:
            assert page.text.count("\n") == max(len(page.lines) - 1, 0)
    else:
        assert isinstance(outcome, Skipped | Failed)
        assert outcome.problem.code and outcome.problem.reason


class MappingContract:
    def test_the_same_input_gives_the_same_records(self, mapping: Mapping, sample: Sample) -> None:
        first, second = mapped(mapping, *sample), mapped(mapping, *sample)
        assert first == second
        assert any(isinstance(outcome, Record) for outcome in first)

    def test_every_outcome_is_a_whole_record_or_a_reason(self, mapping: Mapping, sample: Sample) -> None:
        for outcome in mapped(mapping, *sample):
            check_outcome(outcome)

    def test_source_ids_are_unique_within_an_item(self, mapping: Mapping, sample: Sample) -> None:
        found = [record.source_id for record in records(mapping, *sample)]
        assert len(set(found)) == len(found)

    @pytest.mark.parametrize(
        "payload",
        [
            b"",
            b" \n",
            b"\0\0\0\0",
            b"\xff\xfe",
            b"PK\x03\x04rest",
            b"%PDF-1.7",
            b"<",
            b"<a/>",
            b"{",
            b"[",
            b"\x89PNG\r\n",
        ],
        ids=repr,
    )
    def test_what_is_no_such_format_has_a_reason(self, mapping: Mapping, sample: Sample, payload: bytes) -> None:
        found = mapped(mapping, (sample[0][0], payload))
        assert found
        for outcome in found:
            check_outcome(outcome)

    # One test for many classes by design: nothing is replayed from a database, and mappings keep no state between
    # items.
    @settings(
        deadline=None,
        max_examples=60,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(data=st.data())
    def test_damage_gives_outcomes_and_never_an_exception(self, mapping: Mapping, sample: Sample, data: Any) -> None:
        name, payload = sample[0]
        damaged = bytearray(payload)
        for _ in range(data.draw(st.integers(1, 6))):
            place = data.draw(st.integers(0, len(damaged) - 1))
            damaged[place] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(1, len(damaged)))
        found = mapped(mapping, (name, bytes(damaged[:cut])), *sample[1:])
        assert found
        for outcome in found:
            check_outcome(outcome)
