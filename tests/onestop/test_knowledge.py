"""The ports of knowledge of a real workspace, and the fakes of the desk's tests, keep the same contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mappings.access import ANONYMOUS, Viewer
from onestop.knowledge import knowledge_of
from onestop.wiring import Workspace
from service_desk.knowledge import Knowledge
from service_desk.ports import FrozenHit
from tests.contracts.fake_knowledge import FakeKnowledge
from tests.contracts.knowledge_contract import check_alternatives, check_finder, check_personal
from tests.deidentify.hospital import ID, begun, synced

READERS = (ANONYMOUS, Viewer("wang", frozenset({"reader"})), Viewer("mei", frozenset({"staff"})))


@pytest.fixture(scope="module", params=["fake", "real"])
def ports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    if request.param == "fake":
        yield FakeKnowledge().ports()
        return
    folder = tmp_path_factory.mktemp("knowing") / "house"
    synced(begun(folder))
    with Workspace(folder, environment={}) as here:
        yield knowledge_of(here)


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name or "anonymous")
def test_the_contract_is_kept(ports: Knowledge, reader: Viewer) -> None:
    assert ports.alternatives and ports.finder and ports.personal
    for hit in (FrozenHit(ID, "Hospital file"), FrozenHit("r-0000000000000000", "Admissions of 1950", access="closed")):
        check_alternatives(ports.alternatives, hit, reader)
    check_finder(ports.finder, "hospital admissions 1950", reader)
    for text in ("", "李四，电话 13800138000。", "Mr. Walter Hensley, +4420 79460018", "阅览室周一至周五开放。"):
        check_personal(ports.personal, text)
