"""GeoJSON: features as rows, geometries in words, damage."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import Failed, MappingOptions, Skipped
from mappings.dates import dated
from mappings.formats.geojson import GeoJsonMapping, geometry
from mappings.record import Name, Record
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = GeoJsonMapping(MappingOptions())
SQUARE = {"type": "Polygon", "coordinates": [[[121.0, 25.0], [121.5, 25.0], [121.5, 25.2], [121.0, 25.0]]]}


def feature(properties: Any, shape: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": shape, **more}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}, ensure_ascii=False).encode()


def record(*features: Any, options: MappingOptions | None = None) -> Record:
    made = GeoJsonMapping(options) if options is not None else MAPPING
    return records(made, ("a.geojson", collection(*features)))[0]


class TestGeoJson(MappingContract):
    @pytest.fixture
    def mapping(self) -> GeoJsonMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.geojson", collection(*[feature({"name": "Lot", "area": 3.5}, SQUARE, id=n) for n in (1, 2, 3)]))]


def test_columns_are_those_of_tables() -> None:
    options = MappingOptions(
        columns={"id": "地號", "title": "分類", "dates": "日期", "place": ["縣市", "鄉鎮"]},
        values={"place": {"彰化": "彰化縣"}},
        fixed={"level": "item"},
    )
    one = feature(
        {"地號": "369", "分類": "土地", "日期": "1984-12-30T16:00:00.000Z", "縣市": "彰化", "鄉鎮": "彰化市"}, SQUARE
    )
    found = record(one, options=options)
    assert (found.source_id, found.title, found.kind, found.level) == ("369", "土地", "thematic", "item")
    assert found.dates == dated("1984-12-30T16:00:00.000Z")
    assert found.names == (Name("彰化縣", "place", "subject"), Name("彰化市", "place", "subject"))
    assert found.values["縣市"] == "彰化"


def test_headers_are_recognised() -> None:
    found = record(feature({"name": "Lot 3", "備註": "一、<br />二、"}))
    assert (found.title, found.description) == ("Lot 3", {"note": "一、\n二、"})


IDS = {
    "a property": (feature({"id": "p1"}, id="f1"), "p1"),
    "the feature's own": (feature({"a": "x"}, id="f1"), "f1"),
    "a number": (feature({"a": "x"}, id=7), "7"),
    "none": (feature({"a": "x"}), "a.geojson#row-1"),
}


@pytest.mark.parametrize(("one", "expected"), IDS.values(), ids=IDS)
def test_source_ids(one: dict[str, Any], expected: str) -> None:
    assert record(one).source_id == expected


def test_a_title_is_made_of_the_first_short_properties() -> None:
    one = {
        "縣市": "屏東",
        "x": "120.5",
        "當": "2001-01-01T16:00:00Z",
        "段": "新街段",
        "號": "563",
        "長": "x" * 61,
        "e": "",
    }
    found = record(feature(one, SQUARE))
    assert (found.title, found.supplied_title) == ("屏東, 新街段, 563, Polygon", True)


GEOMETRIES: dict[str, tuple[Any, dict[str, str]]] = {
    "point": (
        {"type": "Point", "coordinates": [121.5, -25.25]},
        {"geometry": "Point", "coordinates": "25.25000° S, 121.50000° E"},
    ),
    "with a height": (
        {"type": "Point", "coordinates": [-0.5, 51, 12]},
        {"geometry": "Point", "coordinates": "51.00000° N, 0.50000° W"},
    ),
    "polygon": (
        SQUARE,
        {
            "geometry": "Polygon",
            "coordinates": "25.10000° N, 121.25000° E",
            "bounding box": "25.00000° N, 121.00000° E to 25.20000° N, 121.50000° E",
        },
    ),
    "collection": (
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]},
        {"geometry": "GeometryCollection", "coordinates": "2.00000° N, 1.00000° E"},
    ),
    "another reference system": (
        {"type": "Point", "coordinates": [250000, 2700000]},
        {"geometry": "Point", "coordinates": "x 250000.00, y 2700000.00"},
    ),
    "empty": ({"type": "Polygon", "coordinates": []}, {"geometry": "Polygon"}),
    "no numbers": ({"type": "Point", "coordinates": ["a", True]}, {"geometry": "Point"}),
    "unknown": ({"type": "Blob"}, {}),
    "none": (None, {}),
}


@pytest.mark.parametrize(("shape", "expected"), GEOMETRIES.values(), ids=GEOMETRIES)
def test_geometries(shape: Any, expected: dict[str, str]) -> None:
    assert geometry(shape) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_any_geometry_is_told_or_not(value: Any) -> None:
    for shape in (
        value,
        {"type": "Polygon", "coordinates": value},
        {"type": "GeometryCollection", "geometries": value},
    ):
        assert all(isinstance(text, str) for text in geometry(shape).values())


@given(JSON, JSON, JSON)
def test_any_feature_gives_a_row(properties: Any, shape: Any, other: Any) -> None:
    found = mapped(MAPPING, ("a.geojson", collection(feature(properties, shape, id=other), other)))
    assert len(found) == 2
    for outcome in found:
        check_outcome(outcome)


LINES = {
    "lines": b"\n".join(json.dumps(feature({"name": f"L{n}"}, SQUARE)).encode() for n in (1, 2)),
    "text sequence": b"".join(b"\x1e" + json.dumps(feature({"name": f"L{n}"})).encode() + b"\n" for n in (1, 2)),
}


@pytest.mark.parametrize("payload", LINES.values(), ids=LINES)
def test_features_one_a_line(payload: bytes) -> None:
    assert [one.title for one in records(MAPPING, ("a.geojsonl", payload))] == ["L1", "L2"]


def test_a_bad_line_fails_alone() -> None:
    payload = LINES["lines"] + b"\n{broken\n" + LINES["lines"]
    found = mapped(MAPPING, ("a.geojsonl", payload))
    assert [type(outcome) for outcome in found] == [Record, Record, Failed, Record, Record]
    assert isinstance(found[2], Failed)
    assert (found[2].problem.code, found[2].problem.position) == ("damaged-json", "line 3")


def test_a_single_feature() -> None:
    payload = json.dumps(feature({"name": "Lot"}), indent=1).encode()
    assert [one.title for one in records(MAPPING, ("a.geojson", payload))] == ["Lot"]


def test_a_truncated_file_keeps_the_features_before() -> None:
    payload = collection(*[feature({"name": f"L{n}"}, SQUARE) for n in range(5)])
    found = mapped(MAPPING, ("a.geojson", payload[: payload.index(b"L3")]))
    assert [one.title for one in found[:-1] if isinstance(one, Record)] == ["L0", "L1", "L2"]
    assert isinstance(found[-1], Failed) and found[-1].problem.position == "feature 4"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings(encoding: str) -> None:
    payload = json.dumps({"type": "FeatureCollection", "features": [feature({"name": "中国人民的一个地方是在这里"})]},
                         ensure_ascii=False).encode(encoding)  # fmt: skip
    assert records(MAPPING, ("a.geojson", payload))[0].title == "中国人民的一个地方是在这里"


NOTHING = {
    "empty": (b" ", Skipped, "empty-file"),
    "another JSON": (b'{"type": "Topology"}', Skipped, "wrong-format"),
    "a list": (b"[1]", Skipped, "wrong-format"),
    "no JSON": (b"{", Failed, "damaged-json"),
    "no features": (b'{"type": "FeatureCollection", "features": []}', Skipped, "empty-file"),
    "too deep": (b"[" * 100_000, Failed, "damaged-json"),
}


@pytest.mark.parametrize(("payload", "outcome", "code"), NOTHING.values(), ids=NOTHING)
def test_what_gives_no_record(payload: bytes, outcome: type, code: str) -> None:
    (found,) = mapped(MAPPING, ("a.geojson", payload))
    assert isinstance(found, outcome) and isinstance(found, Skipped | Failed)
    assert found.problem.code == code
