"""Golden records: real inputs give exactly the outcomes kept beside them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from mappings.base import MappingOptions
from mappings.registry import mapping
from tests.contracts.mapping_contract import mapped

GOLDEN = Path(__file__).parents[1] / "golden"
OPTIONS = {
    "ead": MappingOptions(),
    "alto": MappingOptions(holder="Newspaper Archive"),
    "table": MappingOptions(
        holder="East Wing Archive",
        columns={
            "id": "档号",
            "reference_code": "档号",
            "fonds": "全宗号",
            "title": "题名",
            "dates": "成文日期",
            "creator": "责任者",
        },
        fixed={"level": "file"},
    ),
}
INPUTS = sorted(path for path in GOLDEN.rglob("*") if path.is_file() and path.suffix in (".xml", ".csv"))


@pytest.mark.parametrize("path", INPUTS, ids=[path.name for path in INPUTS])
def test_golden_records(path: Path) -> None:
    kind = path.relative_to(GOLDEN).parts[0]
    name = path.relative_to(GOLDEN / kind).as_posix()
    found = mapped(mapping(kind, OPTIONS[kind]), (name, path.read_bytes()))
    given = [
        {"outcome": type(outcome).__name__, **msgspec.json.decode(msgspec.json.encode(outcome))} for outcome in found
    ]
    kept = path.with_suffix(".json")
    if os.environ.get("ONESTOP_GOLDEN") == "write":
        kept.write_text(json.dumps(given, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert given == json.loads(kept.read_text("utf-8"))
