"""The step of the night: what it looks at, what it leaves, and that it ends the same however it came there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from mappings.access import Access
from mappings.record import Record
from pipelines.workers import Workers
from tests.enrichment.conftest import Night, described, person, spans

WANG = person("wang", "王安石", 1021, 1086, place="臨川")
NOTE = "此札為王安石所書。"


def test_a_name_is_found_with_its_authority_and_stands_where_it_says(night: Night) -> None:
    night.put("people", WANG).put("files", described("1", NOTE))
    report = night.enrich()
    record = night.record("files", "1")
    assert night.mentions("files", "1") == [("person", "王安石", "people:wang")]
    assert spans(record.mentions, record) == ["王安石"]
    assert (report.read, report.written, report.lost, report.problems) == (2, 1, [], [])


def test_the_row_stays_what_the_intake_wrote_but_for_the_names(night: Night) -> None:
    night.put("people", WANG).put("files", described("1", NOTE))
    before = night.state()
    night.enrich()
    assert {key: row[:-1] for key, row in night.state().items()} == {key: row[:-1] for key, row in before.items()}


def test_an_empty_store_stays_empty(night: Night) -> None:
    assert (night.enrich().read, night.store.version) == (0, -1)


def test_a_night_without_new_records_reads_one_row(night: Night, tmp_path: Path) -> None:
    night.put("people", WANG).put("files", described("1", NOTE))
    night.enrich()
    version = night.store.version
    assert (night.enrich().read, night.store.version) == (0, version)
    program = (
        "import sys; from pipelines.record_store import RecordStore; from pipelines.enrichment.step import enrich\n"
        "report = enrich(RecordStore(sys.argv[1]), 'run', [])\n"
        "assert not report.read and not report.names, report\n"
        "assert 'spacy' not in sys.modules and 'rjieba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "records")], check=True, timeout=60)


def test_the_second_night_looks_only_at_what_is_new(night: Night) -> None:
    night.put("people", WANG).put("files", *(described(str(at), NOTE) for at in range(20)))
    night.enrich()
    report = night.put("files", described("new", NOTE)).enrich()
    assert (report.read, report.written) == (1, 1)
    assert night.mentions("files", "new") == night.mentions("files", "3")


class TestNamesThatComeAndGo:
    def test_a_new_name_concerns_those_that_hold_it(self, night: Night) -> None:
        night.put("files", described("1", NOTE), described("2", "司馬光奏。"))
        night.enrich()
        report = night.put("people", person("sima", "司馬光", 1019, 1086)).enrich()
        assert report.read == 2, "the person, and the one record that names them"
        assert night.mentions("files", "2") == [("person", "司馬光", "people:sima")]

    def test_a_name_that_goes_is_taken_out(self, night: Night) -> None:
        night.put("people", person("a", "阿骨打甲")).put("files", described("1", "與阿骨打甲同時。"))
        night.enrich()
        assert night.mentions("files", "1") == [("person", "阿骨打甲", "people:a")]
        night.take("people", "a").enrich()
        assert night.mentions("files", "1") == []

    def test_changed_years_make_it_somebody_elses(self, night: Night) -> None:
        night.put("people", person("old", "張三豐", 1247, 1300), person("new", "張三豐", 1900, 1980))
        night.put("files", described("1", "張三豐案", 1950))
        night.enrich()
        assert night.mentions("files", "1") == [("person", "張三豐", "people:new")]
        night.put("people", person("new", "張三豐", 1970, 1999)).enrich()
        assert night.mentions("files", "1") == []

    def test_a_name_that_becomes_internal_is_forgotten(self, night: Night) -> None:
        night.put("people", person("a", "阿骨打甲")).put("files", described("1", "與阿骨打甲同時。"))
        night.enrich()
        night.put("people", person("a", "阿骨打甲", access="internal")).enrich()
        assert night.mentions("files", "1") == []

    def test_so_is_one_whose_source_is(self, night: Night) -> None:
        night.put("people", person("a", "阿骨打甲")).put("files", described("1", "與阿骨打甲同時。"))
        night.enrich()
        night.put("people", person("b", "阿骨打乙"), access="internal").enrich()
        assert night.mentions("files", "1") == []


def test_the_way_there_makes_no_difference(night: Night, tmp_path: Path, workers: Workers) -> None:
    """Every change in a night of its own ends as all of them in one."""
    steps = [
        ("people", WANG),
        ("files", described("1", NOTE, 1070)),
        ("people", person("later", "王安石", 1800, 1850)),
        ("files", described("2", "王安石與司馬光交。")),
        ("people", person("sima", "司馬光", 1019, 1086)),
        ("files", described("1", NOTE, 1840)),
    ]
    (tmp_path / "once").mkdir()
    once = Night(tmp_path / "once", workers)
    for source, record in steps:
        night.put(source, record).enrich()
        once.put(source, record)
    once.enrich()
    assert {key: row[-1] for key, row in night.state().items()} == {key: row[-1] for key, row in once.state().items()}


def test_killed_before_its_commit_it_begins_again(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.put("people", WANG).put("files", described("1", NOTE))
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.record_store.RecordStore.publish", _killed)
        with pytest.raises(KeyboardInterrupt):
            night.enrich()
    assert night.mentions("files", "1") == []
    night.enrich()
    assert night.mentions("files", "1") == [("person", "王安石", "people:wang")]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


class TestSourcesLeftAlone:
    def test_have_nothing_found(self, night: Night) -> None:
        night.off.add("files")
        night.put("people", WANG).put("files", described("1", NOTE)).enrich()
        assert night.mentions("files", "1") == []

    def test_lose_it_and_get_it_back(self, night: Night) -> None:
        night.put("people", WANG).put("files", described("1", NOTE)).put("others", described("2", NOTE)).enrich()
        night.off.add("files")
        night.enrich()
        assert (night.mentions("files", "1"), len(night.mentions("others", "2"))) == ([], 1)
        night.off.clear()
        night.enrich()
        assert len(night.mentions("files", "1")) == 1


class TestWhatIsNotRead:
    def test_staff_notes(self, night: Night) -> None:
        night.put("people", WANG).put("files", Record("1", "卷宗", staff_notes={"note": NOTE})).enrich()
        assert night.mentions("files", "1") == []

    def test_a_supplied_title_and_texts_about_the_paper(self, night: Night) -> None:
        record = Record("1", NOTE, supplied_title=True, description={"access_conditions": NOTE})
        night.put("people", WANG).put("files", record).enrich()
        assert night.mentions("files", "1") == []

    def test_an_authority_does_not_mention_itself(self, night: Night) -> None:
        record = Record("wang", "王安石", description={"note": "王安石，字介甫，臨川人。"}, authority=WANG.authority)
        night.put("people", record).enrich()
        assert night.mentions("people", "wang") == [("place", "臨川", None)]

    def test_names_of_internal_authorities(self, night: Night) -> None:
        night.put("people", person("a", "阿骨打甲"), access="internal")
        night.put("files", described("1", "與阿骨打甲同時。")).enrich()
        assert night.mentions("files", "1") == []

    def test_names_of_authorities_not_described(self, night: Night) -> None:
        hidden = replace(person("a", "阿骨打甲"), access=Access("closed", describe="internal"))
        night.put("people", hidden)
        night.put("files", described("1", "與阿骨打甲同時。")).enrich()
        assert night.mentions("files", "1") == []


def test_a_model_that_is_not_there_is_said_and_left_out(night: Night) -> None:
    report = night.put("files", described("1", NOTE)).enrich(models={"zh": "no_such_model"})
    assert [problem.code for problem in report.problems] == ["model-missing"]
    assert night.mentions("files", "1") == [("person", "王安石", None)]
