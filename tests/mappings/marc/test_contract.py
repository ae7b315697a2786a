"""The promises of every mapping, for each carrier and family."""

from __future__ import annotations

import pytest

from mappings.base import Mapping, MappingOptions
from mappings.formats.marc import MarcMapping
from tests.contracts.mapping_contract import MappingContract, Sample
from tests.mappings.marc.build import ARCHIVE, AUTHORITY, UNIMARC, iso2709, marc, marcxml

RECORDS = [
    marc("001 1", "003 XX", "008 890106s1961    ja a     b    001 0 jpn d", "245 10 $6 880-01 $a Kaisetsu /",
         "852 ## $a XX $h HA 1 $p 42", "856 40 $u https://example.org/1", "880 10 $6 245-01 $a 解說 /"),
    marc("001 2", "099 ## $a MC 10", "245 10 $a Papers $f 1838-1984", "506 1# $a Closed until 2050.", leader=ARCHIVE),
    marc("001 3", "100 1# $a Davis, John, $d 1873-1955", "400 1# $a Davis, J.", leader=AUTHORITY),
]  # fmt: skip
CHINESE = [
    marc("001 4", "100 ## $a 20240101d1982    m  y0chiy50    ea", "200 1# $a 佛說無希望經 $f (西晉)竺法護",
         "701 #0 $c 西晉 $a 竺法護 $4 譯", "905 ## $a CN $f B94/1", leader=UNIMARC),
]  # fmt: skip


class Marc(MappingContract):
    @pytest.fixture
    def mapping(self) -> Mapping:
        return MarcMapping(MappingOptions(holder="East Wing Archive"))


class TestIso2709(Marc):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.mrc", iso2709(*RECORDS))]


class TestMarcXml(Marc):
    @pytest.fixture
    def sample(self) -> Sample:
        inside = b"".join(marcxml(record) for record in RECORDS)
        return [("a.xml", b"<collection>" + inside + b"</collection>")]


class TestMarcInJson(Marc):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.json", b"[" + b",\n".join(record.as_json().encode() for record in RECORDS) + b"]")]


class TestJsonLines(Marc):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.jsonl", b"\n".join(record.as_json().encode() for record in RECORDS))]


class TestCnmarc(Marc):
    @pytest.fixture
    def sample(self) -> Sample:
        return [("a.iso", iso2709(*CHINESE))]
