"""Papers to bring: real reasons, and that the file says what it should in every language."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.access import Access
from mappings.papers import called, papers_for, read, rules

CASES = {
    "Access to some this file is restricted due to the personal nature of the contents.": ["proof_of_relation"],
    "RESTRICTED: Access to these folders requires prior written approval.": ["letter_of_introduction"],
    "涉及个人隐私": ["proof_of_relation", "agents_authority"],
    "依檔案法第十八條第七款，涉及第三人正當權益": ["consent_of_person", "agents_authority"],
    "Written permission of the donor": ["donors_permission", "letter_of_introduction"],
    "": ["letter_of_introduction", "agents_authority"],
}


@pytest.mark.parametrize("reason", CASES)
def test_papers(reason: str) -> None:
    found = papers_for(Access("restricted", reason or None))
    assert found[0] == "identity_document"
    assert set(CASES[reason]) <= set(found)
    assert len(set(found)) == len(found)


def test_the_article_counts_too() -> None:
    assert "consent_of_person" in papers_for(Access("restricted", article="檔案法第十八條第七款"))


@given(st.text(max_size=80))
def test_whatever_the_reason_every_paper_has_a_name(reason: str) -> None:
    for code in papers_for(Access("restricted", reason)):
        names = {called(code, language) for language in ("en", "zh-Hans", "zh-Hant")}
        assert code not in names and len(names) >= 2


def test_the_file_names_only_papers_it_knows() -> None:
    with pytest.raises(msgspec.ValidationError, match="passport"):
        read(b"papers: {}\nalways: [passport]\nrules: []\notherwise: []\n")
    with pytest.raises(msgspec.ValidationError, match="zh-Hant"):
        read(b"papers: {a: {en: a, zh-Hans: b}}\nalways: []\nrules: []\notherwise: []\n")
    assert rules().otherwise
