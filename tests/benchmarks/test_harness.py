"""The harness on a tiny folder: every part runs and finds what it looks for. Nothing here asks how long it took."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import fresh, ingest, run, screens, suggest
from tests.benchmarks.browser import WORDS
from tests.benchmarks.places import Missing, peers
from tests.benchmarks.rows import Row

COMPONENT = f"<c level='file'><did><unittitle>{' '.join(WORDS)}, part {{0}}</unittitle></did></c>"
FINDING_AID = "<ead><archdesc level='fonds'><did><unittitle>Railway</unittitle></did><dsc>{}</dsc></archdesc></ead>"


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("time", "s", 2.0, 1.0, goal=2.0), True),
        (Row("time", "s", 2.1, 1.0, goal=2.0), False),
        (Row("rate", "1/s", 5.0, 10.0, goal=0.5, goal_is="at least"), True),
        (Row("rate", "1/s", 4.0, 10.0, goal=0.5, goal_is="at least"), False),
        (Row("alone", "s", 0.9, judged="ours", goal=1.0), True),
        (Row("for information", "s", 3.0, 1.0), None),
    ],
    ids=lambda value: value.name if isinstance(value, Row) else "",
)
def test_a_goal_is_judged_by_its_figure_and_direction(row: Row, met: bool | None) -> None:
    assert row.met is met
    assert row.to_json()["met"] is met


def test_nothing_to_measure_with_is_a_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONESTOP_PEERS", str(tmp_path))
    with pytest.raises(Missing, match="ONESTOP_PEERS"):
        peers()
    assert run.main([]) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.slow
def test_the_parts_run_on_a_tiny_folder(tmp_path: Path) -> None:
    folder = tmp_path / "ead"
    folder.mkdir()
    (folder / "a.xml").write_text(FINDING_AID.format("".join(map(COMPONENT.format, range(30)))), encoding="utf-8")
    workspace = ingest.workspace(tmp_path / "workspace", folder)
    assert ingest.sync(workspace).document["sources"][0]["indexed"] == 31
    assert ingest.night(workspace, tmp_path, 60.0, rounds=1).detail["night"] > 0
    assert ingest.one_change(workspace, folder, rounds=1).ours > 0
    assert fresh.measure(workspace, rounds=1).detail["hits"] == 30
    assert {row.ours > 0 for row in suggest.rows(suggest.run(workspace))} == {True}
    with screens.both(workspace) as (product, empty):
        row = screens.reruns(product, empty, seconds=1.0, sessions=2, rounds=1)
    assert row.ours > 0
    assert row.opponent
