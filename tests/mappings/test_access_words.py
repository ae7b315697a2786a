"""Coded words of the field: what each says to the four questions, and that the table says what it should."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.access import Access
from mappings.access_statements import copying as copies_of
from mappings.access_statements import statement
from mappings.access_words import coded, copying, read, security, vocabularies, waits

COAR = "http://purl.org/coar/access_right/"
EU = "http://publications.europa.eu/resource/authority/access-right/"
# statement: who may read, who may read the description, the article
ACCESS: dict[str, tuple[str, str | None, str | None]] = {
    f"{COAR}c_abf2": ("open", None, None),
    f"{COAR}c_f1cf": ("closed", None, None),
    f"{COAR}c_16ec/": ("restricted", None, None),
    "metadata only access": ("closed", None, None),
    "info:eu-repo/semantics/restrictedAccess": ("restricted", None, None),
    f"{EU}PUBLIC": ("open", None, None),
    f"{EU}NON_PUBLIC": ("closed", None, None),
    "Open Document, Open Description": ("open", "open", None),
    "Closed Or Retained Document, Open Description": ("closed", "open", None),
    "Closed Or Retained Document, Closed Description": ("closed", "internal", None),
    "Closed Document, Closed Description.": ("closed", "internal", None),
    "Access under review": ("closed", "open", None),
    "Retained by Department under Section 3.4": ("closed", None, "Public Records Act 1958 s. 3(4)"),
    "Open-with-advisory": ("open", None, None),
    "Open for scholarly research": ("open", None, None),
    "conditional": ("restricted", None, None),
    "Restricted by law": ("restricted", None, None),
    "32: Restricted by law": ("restricted", None, None),
    "No online access": ("onsite", None, None),
    "RestrictedCurApprSpecColl": ("restricted", None, None),
    "开放": ("open", None, None),
    "控制": ("closed", None, None),
    "延期开放": ("closed", None, None),
    "未开放": ("closed", None, None),
    "待审核": ("restricted", None, None),
    "准": ("open", None, None),
    "部分准": ("restricted", None, None),
    "駁": ("closed", None, None),
    "有關國家機密者。": ("closed", "internal", "檔案法第十八條第一款"),
    "有關人事及薪資資料者": ("restricted", None, "檔案法第十八條第五款"),
    "檔案法第18條第7款": ("restricted", None, "檔案法第十八條第七款"),
}
NEITHER = (
    "永久",
    "30年",
    "定期10年",
    "公开级",
    "letters",
    "",
    "open letters to the editor",
    "CC BY 4.0",
    "In Copyright",
)


@pytest.mark.parametrize("text", ACCESS)
def test_words_on_access(text: str) -> None:
    found = statement(text)
    assert found is not None
    assert (found.value, found.describe, found.article) == ACCESS[text]
    assert found.reason and found.stated_by == "record" and found.copy is None
    spaced = coded(f"  {text} ")
    assert spaced == coded(text) == found


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_no_word_on_access(text: str) -> None:
    assert coded(text) is None


SECURITY = {
    "公开": None,
    "内部": ("restricted", None),
    "秘密": ("closed", "internal"),
    "MM": ("closed", "internal"),
    "机密": ("closed", "internal"),
    "机密★10年": ("closed", "internal"),
    "JM": ("closed", "internal"),
    "绝密": ("internal", None),
    "绝密★长期": ("internal", None),
    "UM": ("internal", None),
    "GK": None,
    "XZ": ("restricted", None),
    "秘密花园": None,
}


@pytest.mark.parametrize("text", SECURITY)
def test_security_classes(text: str) -> None:
    found = security(text)
    assert (found and (found.value, found.describe)) == SECURITY[text]
    assert coded(text) is None or text == "公开"


# statement: who may have copies
USE: dict[str, str | None] = {
    "http://rightsstatements.org/vocab/InC/1.0/": "restricted",
    "https://rightsstatements.org/page/InC-EDU/1.0/?language=zh": "open",
    "rightsstatements.org/vocab/NKC/1.0/": "open",
    "http://rightsstatements.org/vocab/NoC-OKLR/1.0/": "restricted",
    "http://rightsstatements.org/vocab/CNE/1.0/": None,
    "https://creativecommons.org/licenses/by-nc/4.0/deed.zh-hant": "open",
    "http://creativecommons.org/publicdomain/mark/1.0/": "open",
    "CC0 1.0 Universal": "open",
    "CC BY-SA 4.0": "open",
    "This collection is protected by copyright and/or related rights. Duplication and photography of materials are "
    "prohibited. For other uses you need to obtain permission.": "closed",
    "Reproduction of any of the content of the collection beyond fair use requires the written permisssion of the "
    "Director of the Cucake Corners Historical Society.": "restricted",
    "Repository permission is required for use. Please contact Akkasah Photography Archive": "restricted",
    "Copyright was transferred to the public domain. Contact the Reference Staff for details.": "open",
    "No restrictions on use.": "open",
    "Photocopying is not permitted.": "closed",
    "不提供复制": "closed",
    "禁止拍照": "closed",
    "复制须经批准": "restricted",
    "可自由複製": "open",
    # nothing clear: publishing, owners of rights, doubt
    "Permission to publish materials must be obtained in writing from the: New York University Archives": None,
    "Copyright (or related rights to publicity and privacy) for materials in this collection was not transferred to "
    "New York University.": None,
    "Some materials may be restricted. Permission to publish materials must be obtained in writing": None,
    "Much of this material is very fragile. Researchers must use the microfilm copies.": None,
    "There may be some restrictions on the use of the collection.": None,
    "Given the age of the documents, it is presumed that the content of these letters are no longer protected by "
    "copyright and are in the public domain.": None,
    "版权归捐赠者所有": None,
    "": None,
}


@pytest.mark.parametrize("text", USE, ids=[text[:40] for text in USE])
def test_words_on_copies_say_nothing_of_reading(text: str) -> None:
    found = copies_of(text)
    assert (found and found.copy) == USE[text]
    if found is not None:
        assert (found.stated_by, found.value, found.describe) == ("nowhere", "restricted", None)
        assert found.copy_reason and found.reason is None


@given(st.text(max_size=200))
def test_nothing_raises(text: str) -> None:
    for reads in (coded, copying, security, copies_of):
        found = reads(text)
        assert found is None or isinstance(found, Access)


def test_an_embargo_waits_for_its_day() -> None:
    assert waits(Access("closed", "info:eu-repo/semantics/embargoedAccess"))
    assert not waits(Access("closed", "closed access"))


def test_no_word_stands_twice() -> None:
    seen: dict[tuple[str, str], str] = {}
    for vocabulary in vocabularies():
        assert vocabulary.address.startswith("https://")
        for entry in vocabulary.entries:
            for word in (*entry.words, *entry.begins):
                key = (vocabulary.about, word.casefold())
                assert key not in seen, f"{word} stands in {seen[key]} and in {vocabulary.vocabulary}"
                seen[key] = vocabulary.vocabulary


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{words: [a]}", "who may read"),
        ("{value: open}", "an entry has words"),
        ("{words: [a], value: opened}", r"value"),
        ("{words: [a], value: open, describe: staff}", "describe"),
    ],
)
def test_a_wrong_table_is_told_with_its_place(entry: str, said: str) -> None:
    table = f"- {{vocabulary: v, address: https://a, about: access, entries: [{entry}]}}"
    with pytest.raises(msgspec.ValidationError, match=said):
        read(table.encode())
