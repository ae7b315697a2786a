"""All finding aids of the corpus: as many records as an independent count of start tags, and golden records."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from connectors.base import RawItem
from connectors.registry import connector
from mappings.base import Skipped
from mappings.formats.ead import EadMapping
from mappings.record import Record
from tests.mappings.ead.files import MAPPING

_START = re.compile(rb"<(?:[\w.-]+:)?(archdesc|c|c0[1-9]|c1[0-2])[\s/>]")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


@pytest.mark.corpus
def test_every_component_of_the_corpus_has_its_record(corpus: Path) -> None:
    counted: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for item in connector("folder", {"path": str(corpus / "ead"), "glob": "**/*.xml"}, Path()).read(None):
        assert isinstance(item, RawItem)
        with item.open() as stream:
            payload = _COMMENT.sub(b"", stream.read())
            expected = 0 if b"objectXMLWrap>" in payload else len(_START.findall(payload))
        ids = set()
        for outcome in EadMapping(MAPPING._options).records([item]):
            if isinstance(outcome, Record):
                ids.add(outcome.source_id)
                counted["archdesc" if not outcome.ancestors else "component"] += 1
            else:
                assert isinstance(outcome, Skipped)
                skipped[outcome.problem.code] += 1
        assert len(ids) == expected, item.key
    assert counted == {"component": 63_934, "archdesc": 108}
    assert skipped == {"eac-cpf": 12, "wrong-format": 2}
