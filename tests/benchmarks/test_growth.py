"""The growing archive is the same each time, new in its ids, and no heap of equal copies; its pages can be measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.benchmarks import growth, growth_corpus, growth_fonds, growth_volumes
from tests.benchmarks.growth_corpus import Corpus, varied, write

AID = """\
<ead><eadheader><eadid>J1</eadid></eadheader><archdesc level="fonds"><did><unitid>J1</unitid>
<unittitle>Harbour &amp; pilot papers 上海</unittitle></did><dsc><c id="c1" level="file"><did><unitid>J1-1</unitid>
<unittitle>Lighthouse ledgers</unittitle><dao xlink:href="https://hdl.handle.net/1/2"/></did></c></dsc></archdesc></ead>
"""
LIST = "primary_id,title,dynasty,author\nK1,文選,梁,蕭統\nK2,老子,,\n"


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    monkeypatch.setattr(growth_corpus, "FREQUENT", 0)
    for name, text in (("ead/a.xml", AID), ("csv/made/textref.csv", LIST)):
        file = tmp_path / "corpus" / name
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    return Corpus(tmp_path / "corpus")


def test_copy_0_is_the_corpus_and_the_same_arguments_write_the_same(corpus: Corpus, tmp_path: Path) -> None:
    for place in ("one", "other"):
        written = write(corpus, tmp_path / place, range(5))
        files = sorted((tmp_path / place).rglob("*.*"))
        assert (len(files), written) == (10, sum(file.stat().st_size for file in files))
    assert (tmp_path / "one/ead/g0000/a.xml").read_text("utf-8") == AID.strip()
    for file in (tmp_path / "one").rglob("*.*"):
        assert file.read_bytes() == (tmp_path / "other" / file.relative_to(tmp_path / "one")).read_bytes()


def test_ids_codes_addresses_and_words_are_new(corpus: Corpus, tmp_path: Path) -> None:
    write(corpus, tmp_path, [7])
    aid = (tmp_path / "ead/g0007/a.xml").read_text("utf-8")
    assert re.findall(r"<unitid>(.*?)<", aid) == ["J1.g7", "J1-1.g7"]
    assert 'id="c1-g7"' in aid and 'href="https://hdl.handle.net/1/2-g7"' in aid and "&amp;" in aid
    assert aid.count("<c ") == 1 and "Lighthouse ledgers" not in aid
    rows = (tmp_path / "csv/g0007/made/textref.csv").read_text("utf-8")
    assert [row.split(",")[0] for row in rows.split("\n")] == ["primary_id", "7.K1", "7.K2"]


def test_the_vocabulary_grows_more_slowly_than_the_text() -> None:
    for copies, least, most in ((10, 3, 6), (100, 8, 14)):
        variants = [len({varied(word, copy) for copy in range(copies)}) for word in ("harbour", "Letters", "ledger")]
        assert all(least <= count <= most for count in variants), variants
    assert varied("Harbour", 0) == "Harbour" or varied("Harbour", 0)[0].isupper()


@pytest.mark.slow
def test_a_size_is_measured(corpus: Corpus, tmp_path: Path) -> None:
    queries = tmp_path / "queries.json"
    asked = {"short": ["harbour", "pilot"], "long": ["harbour pilot papers"] * 2, "phrase": ["pilot papers"] * 2}
    queries.write_text(json.dumps(asked))
    sizes = [growth.measure(corpus, fold, tmp_path, queries) for fold in (1, 2)]
    assert [size.records for size in sizes] == [4, 8]
    assert not list(tmp_path.glob("files*"))
    names = [row.name for row in growth.rows(sizes)]
    assert {"2-fold: processor time a record", "1-fold: disk to the sources' bytes"} < set(names)
    assert all(row.ours >= 0 for row in growth.rows(sizes))


@pytest.mark.slow
def test_a_large_fonds_and_large_volumes_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth_fonds, "LARGE", 120)
    monkeypatch.setattr(growth_fonds, "ROUNDS", 1)
    monkeypatch.setattr(growth_volumes, "PAGES", 30)
    monkeypatch.setattr(growth_volumes, "LONG", 300_000)
    rows = [*growth_fonds.measure(tmp_path), *growth_volumes.measure(tmp_path, 2)]
    assert len(rows) == 15
    assert all(row.ours > 0 for row in rows)
