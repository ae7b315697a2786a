"""IIIF manifests and collections, both versions: fields, pages, contents, and what is none."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.base import Failed, MappingOptions, Outcome, Skipped
from mappings.dates import dated
from mappings.formats.iiif import IiifMapping
from mappings.formats.iiif.values import Text, plain, texts, web_address
from mappings.record import Ancestor, Copy, Dates, Identifier, Name, Record, Word
from tests.contracts.mapping_contract import MappingContract, Sample, check_outcome, mapped, records

MAPPING = IiifMapping(MappingOptions())
P3 = "http://iiif.io/api/presentation/3/context.json"
P2 = "http://iiif.io/api/presentation/2/context.json"
AT = "https://images.example/m1"


def canvas(number: int, **more: Any) -> dict[str, Any]:
    image = {"id": f"{AT}/{number}/full/max/0/default.jpg", "type": "Image", "format": "image/jpeg"}
    painting = {"type": "Annotation", "motivation": "painting", "body": image, "target": f"{AT}/c{number}"}
    return {
        "id": f"{AT}/c{number}",
        "type": "Canvas",
        "label": {"none": [f"f. {number}r"]},
        "height": 2000,
        "width": 1000,
        "items": [{"type": "AnnotationPage", "items": [painting]}],
        **more,
    }


def manifest(**more: Any) -> dict[str, Any]:
    base = {"@context": P3, "id": f"{AT}/manifest.json", "type": "Manifest", "label": {"en": ["Register"]}}
    return {**base, "items": [canvas(1), canvas(2)], **more}


def old(**more: Any) -> dict[str, Any]:
    canvases = [
        {
            "@id": f"{AT}/c{number}",
            "@type": "sc:Canvas",
            "label": f"f. {number}r",
            "height": 2000,
            "width": 1000,
            "images": [
                {
                    "@type": "oa:Annotation",
                    "motivation": "sc:painting",
                    "resource": {"@id": f"{AT}/{number}/full/full/0/default.jpg", "@type": "dctypes:Image"},
                    "on": f"{AT}/c{number}",
                }
            ],
        }
        for number in (1, 2)
    ]
    base = {"@context": P2, "@id": f"{AT}/manifest.json", "@type": "sc:Manifest", "label": "Register"}
    return {**base, "sequences": [{"@type": "sc:Sequence", "canvases": canvases}], **more}


def record(resource: dict[str, Any], name: str = "a/manifest.json", **options: Any) -> Record:
    found = records(IiifMapping(MappingOptions(**options)), (name, json.dumps(resource).encode()))
    return found[0]


def pair(label: Any, value: Any) -> dict[str, Any]:
    return {"metadata": [{"label": label, "value": value}]}


class TestIiif(MappingContract):
    @pytest.fixture
    def mapping(self) -> IiifMapping:
        return MAPPING

    @pytest.fixture
    def sample(self) -> Sample:
        ranges = [{"type": "Range", "label": {"en": ["One"]}, "items": [{"type": "Canvas", "id": f"{AT}/c2"}]}]
        whole = manifest(structures=ranges, **pair({"en": ["Date"]}, {"none": ["1905"]}))
        return [("a/manifest.json", json.dumps(whole).encode())]


@pytest.mark.parametrize("made", [manifest, old], ids=["version 3", "version 2"])
def test_both_versions_give_one_record_with_its_pages(made: Any) -> None:
    found = record(made())
    assert (found.source_id, found.title, found.kind, found.supplied_title) == (
        "a/manifest.json",
        "Register",
        "digital",
        False,
    )
    assert [(p.number, p.label, p.width, p.height, p.image) for p in found.pages] == [
        (1, "f. 1r", 1000, 2000, None),
        (2, "f. 2r", 1000, 2000, None),
    ]
    assert all(page.url and page.url.startswith(f"{AT}/{page.number}/full/") for page in found.pages)
    assert found.identifiers == (Identifier("uri", f"{AT}/manifest.json"),)
    link, pages = found.copies
    assert link == Copy(f"{AT}/manifest.json", "IIIF manifest", "application/ld+json")
    assert (pages.url, pages.page_count) == (None, 2)


TITLES = {
    "one language": ({"label": {"en": ["A"]}}, "A", None),
    "several": ({"label": {"zh": ["購地卷"], "en": ["Land", "Deeds"]}}, "購地卷", "Land\nDeeds"),
    "a string": ({"label": "A"}, "A", None),
    "a value in a language": ({"label": [{"@value": "A", "@language": "en"}, "B"]}, "A", "B"),
    "HTML": ({"label": {"none": ["<i>A</i> &amp; B<script>x</script>"]}}, "A & B", None),
    "blank, and a pair": ({"label": {"en": [" "]}, **pair("Title", "From the pair")}, "From the pair", None),
    "a shelfmark for a label": (
        {
            "label": "MS. 1",
            "metadata": [{"label": "Shelfmark", "value": "MS. 1"}, {"label": "Title", "value": "Romance"}],
        },
        "Romance",
        None,
    ),
    "missing": ({"label": None}, "a", None),
    "odd": ({"label": [1, [2], {"en": {"x": 1}}]}, "1", None),
}


@pytest.mark.parametrize(("given", "title", "parallel"), TITLES.values(), ids=TITLES)
def test_titles(given: dict[str, Any], title: str, parallel: str | None) -> None:
    found = record(manifest(**given))
    assert (found.title, found.description.get("parallel_title")) == (title, parallel)
    assert found.supplied_title == (given["label"] is None)


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "date": (pair("Date", "ca. 1905"), {"dates": Dates("ca. 1905", 1905, 1905)}),
    "date in Chinese": (pair("年代", "光緒三十一年"), {"dates": Dates("光緒三十一年", 1905, 1905)}),
    "navDate": ({"navDate": "1925-02-16T00:00:00Z"}, {"dates": dated("1925-02-16")}),
    "navDate behind words": (
        {"navDate": "1925-02-16T00:00:00Z", **pair("Date", "spring")},
        {"dates": Dates("spring", 1925, 1925, "1925-02-16", "1925-02-16")},
    ),
    "creator in Welsh": (
        pair({"cy": ["Awdur"], "en": ["Author"]}, {"none": ["Constabulary"]}),
        {"names": (Name("Constabulary", "name", "creator"),)},
    ),
    "artist": (pair("Artist", "Homer"), {"names": (Name("Homer", "name", "creator", "artist"),)}),
    "publisher": (pair("Publisher", "Press"), {"names": (Name("Press", "name", "name", "publisher"),)}),
    "subjects": (
        pair("Subject", "rail; land"),
        {"names": (Name("rail", "subject", "subject"), Name("land", "subject", "subject"))},
    ),
    "place": (pair("Place", "London"), {"names": (Name("London", "place", "name"),)}),
    "language": (pair("language", {"none": ["de"], "en": ["German"]}), {"languages": ("de",)}),
    "shelfmark": (pair("档号", "J12-3-45"), {"reference_code": "J12-3-45"}),
    "extent": (pair("Physical description", "241ff."), {"extent": "241ff."}),
    "genre without addresses": (pair("Type", ["http://x.example/1", "Newspaper"]), {"formats": ("Newspaper",)}),
    "holder": (pair("Held by", '<a href="https://x.example">Library</a>'), {"holder": "Library"}),
    "provider before pair": (
        {"provider": [{"label": {"en": ["Archive"]}}], **pair("Repository", "Other")},
        {"holder": "Archive"},
    ),
    "who scanned it holds nothing": (pair("Repository", "Digitised by X"), {"holder": None}),
    "permalink": (
        pair("Permalink", '<a href="http://hdl.handle.net/10107/1">http://hdl.handle.net/10107/1</a>'),
        {"identifiers": (Identifier("handle", "10107/1"), Identifier("uri", f"{AT}/manifest.json"))},
    ),
    "a label nobody knows": (pair("Collation", "A-Z"), {"description": {"Collation": "A-Z"}}),
    "no label": (pair("", "words"), {"description": {"note": "words"}}),
    "no value": (pair("Collation", ""), {"description": {}}),
    "the same label twice": (
        {"metadata": [{"label": "Source", "value": "A"}, {"label": "Source", "value": "B"}]},
        {"description": {"Source": "A\nB"}},
    ),
    "no list": ({"metadata": "x"}, {"description": {}}),
    "summary and description": (
        {"summary": {"en": ["One"]}, **pair("Description", "Two")},
        {"description": {"scope_and_content": "One\nTwo"}},
    ),
    "rights": (
        {"rights": "http://x.example/cc0", "requiredStatement": {"value": {"en": ["<b>Lib</b>"]}}},
        {"description": {"reproduction_conditions": "Lib\nhttp://x.example/cc0"}},
    ),
    "license and attribution": (
        {"license": "http://x.example/by", "attribution": "Lib"},
        {"description": {"reproduction_conditions": "Lib\nhttp://x.example/by"}},
    ),
    "part of": (
        {"partOf": [{"id": "https://x.example/c", "type": "Collection", "label": {"en": ["All"]}}]},
        {"description": {"part_of": "All: https://x.example/c"}},
    ),
    "see also": (
        {"seeAlso": [{"id": "https://x.example/mods.xml", "label": {"en": ["MODS"]}}]},
        {"description": {"see_also": "MODS: https://x.example/mods.xml"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), PAIRS.values(), ids=PAIRS)
def test_properties_and_pairs(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = record(manifest(**given))
    for field, value in expected.items():
        if field == "identifiers":
            assert set(getattr(found, field)) == set(value)
        else:
            assert getattr(found, field) == value


def test_the_holder_of_the_source_counts_more_than_the_file() -> None:
    assert record(manifest(provider={"label": {"en": ["Archive"]}}), holder="East").holder == "East"


def test_links_are_copies_and_the_home_page_joins() -> None:
    found = record(
        manifest(
            homepage=[
                {"id": "https://x.example/o/1", "type": "Text", "label": {"en": ["At home"]}, "format": "text/html"}
            ],
            rendering={"id": "https://x.example/1.pdf", "type": "Text", "label": {"en": ["PDF"]}},
        )
    )
    assert [copy.url for copy in found.copies] == [
        "https://x.example/o/1",
        "https://x.example/1.pdf",
        f"{AT}/manifest.json",
        None,
    ]
    assert found.copies[1].format == "application/pdf"
    assert Identifier("link", "https://x.example/o/1") in found.identifiers


ADDRESSES = {
    "web": ("https://x.example/a b", None),
    "plain": (" https://x.example/a ", "https://x.example/a"),
    "template": ("{{ id.path }}/manifest.json", None),
    "script": ("javascript:alert(1)", None),
    "file": ("file:///etc/passwd", None),
    "quote": ('https://x.example/"onload=', None),
    "no text": (7, None),
    "no host": ("http:///a", None),
    "half an address": ("http://[::1", None),
}


@pytest.mark.parametrize(("value", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_addresses(value: Any, expected: str | None) -> None:
    assert web_address(value) == expected


def test_templates_instead_of_ids_are_no_identifiers() -> None:
    found = record(manifest(id="{{ id.url }}"))
    assert (found.identifiers, [copy.url for copy in found.copies]) == ((), [None])


HTML = {
    "plain": ("a < b", Text("a < b", "a < b")),
    "paragraphs": ("<p>a</p><p>b<br>c</p>", Text("a\nb\nc", "a\nb\nc")),
    "a link": (
        '<a href="https://x.example/1">here</a>',
        Text("here (https://x.example/1)", "here", None, ("https://x.example/1",)),
    ),
    "a link that says itself": (
        '<a href="https://x.example/1">https://x.example/1</a>',
        Text("https://x.example/1", "https://x.example/1", None, ("https://x.example/1",)),
    ),
    "a bad link": ('<a href="javascript:x">here</a>', Text("here", "here")),
    "script": ("<script>alert(1)</script>a<style>x", Text("a", "a")),
    "unclosed": ("<b>a", Text("a", "a")),
}


@pytest.mark.parametrize(("value", "expected"), HTML.values(), ids=HTML)
def test_mark_up_becomes_text(value: str, expected: Text) -> None:
    assert plain(value) == expected


def test_languages_of_text_are_known() -> None:
    assert [(text.value, text.language) for text in texts({"en": ["a"], "none": ["b"]})] == [("a", "en"), ("b", None)]


def body(value: str, language: str | None = None) -> dict[str, Any]:
    return {"type": "TextualBody", "value": value, "language": language, "format": "text/plain"}


def about(motive: str, said: Any, target: Any) -> dict[str, Any]:
    return {"type": "Annotation", "motivation": motive, "body": said, "target": target}


BOXES: dict[str, tuple[Any, tuple[float, float, float, float]]] = {
    "fragment": (f"{AT}/c1#xywh=10,20,30,40", (10, 20, 30, 40)),
    "pixel": (f"{AT}/c1#xywh=pixel:10,20,30,40", (10, 20, 30, 40)),
    "percent": (f"{AT}/c1#xywh=percent:10,10,50,50", (100, 200, 500, 1000)),
    "selector": (
        {"type": "SpecificResource", "source": f"{AT}/c1", "selector": {"value": "xywh=1,2,3,4"}},
        (1, 2, 3, 4),
    ),
    "source with its fragment": ({"source": {"id": f"{AT}/c1#xywh=1,2,3,4"}}, (1, 2, 3, 4)),
    "whole canvas": (f"{AT}/c1", (0, 0, 0, 0)),
    "no numbers": (f"{AT}/c1#xywh=a,b,c,d", (0, 0, 0, 0)),
    "too many points": (f"{AT}/c1#xywh=1.2.3,2,3,4", (0, 0, 0, 0)),
    "nothing": (None, (0, 0, 0, 0)),
}


@pytest.mark.parametrize(("target", "box"), BOXES.values(), ids=BOXES)
def test_annotations_are_words_in_their_box(target: Any, box: tuple[float, float, float, float]) -> None:
    notes = {"type": "AnnotationPage", "items": [about("supplementing", body("54. Jahrgang", "de"), target)]}
    page = record(manifest(items=[canvas(1, annotations=[notes])])).pages[0]
    assert page.lines == ((Word("54.", *box), Word("Jahrgang", *box)),)
    assert (page.text, page.language) == ("54. Jahrgang", "de")


def test_transcriptions_come_before_comments() -> None:
    notes = {
        "type": "AnnotationPage",
        "items": [
            about("commenting", body("A fountain"), f"{AT}/c1#xywh=1,2,3,4"),
            about("supplementing", [body("鐵 路\nSecond line")], f"{AT}/c1"),
            about("tagging", {"type": "Choice", "items": [body("en"), body("fr")]}, f"{AT}/c1"),
            about("linking", {"id": "https://x.example", "type": "Text"}, f"{AT}/c1"),
        ],
    }
    page = record(manifest(items=[canvas(1, annotations=[notes])])).pages[0]
    assert page.text == "鐵路\nSecond line\nA fountain\nen\nfr"


def test_annotations_of_version_2() -> None:
    resource = old()
    said = {
        "@type": "oa:Annotation",
        "motivation": "sc:painting",
        "resource": {"@type": "cnt:ContentAsText", "chars": "<p>Marne</p>"},
        "on": {"full": f"{AT}/c1", "selector": {"default": {"value": "xywh=1,2,3,4"}}},
    }
    resource["sequences"][0]["canvases"][0]["otherContent"] = [
        {"@id": f"{AT}/list", "@type": "sc:AnnotationList", "resources": [said]},
        {"@id": f"{AT}/elsewhere", "@type": "sc:AnnotationList"},
    ]
    found = record(resource)
    assert found.pages[0].lines == ((Word("Marne", 1, 2, 3, 4),),)
    assert found.description["page_files"] == f"f. 1r: annotations: {AT}/elsewhere"


def test_files_about_a_page_are_named_and_not_fetched() -> None:
    alto = {
        "id": f"{AT}/1.xml",
        "type": "Text",
        "profile": "http://www.loc.gov/standards/alto/",
        "label": {"en": ["x"]},
    }
    notes = {"id": f"{AT}/notes.json", "type": "AnnotationPage"}
    found = record(manifest(items=[canvas(1, seeAlso=[alto], annotations=[notes], summary={"en": ["Torn"]})]))
    assert found.description == {
        "page_files": f"f. 1r: ALTO: {AT}/1.xml\nf. 1r: annotations: {AT}/notes.json",
        "page_notes": "f. 1r: Torn",
    }


IMAGES: dict[str, tuple[Any, str | None]] = {
    "choice": ({"type": "Choice", "items": [{"id": f"{AT}/a.jpg"}, {"id": f"{AT}/b.jpg"}]}, f"{AT}/a.jpg"),
    "part": ({"type": "SpecificResource", "source": {"id": f"{AT}/a.jpg", "type": "Image"}}, f"{AT}/a.jpg"),
    "service": (
        {"type": "Image", "service": [{"id": f"{AT}/s", "type": "ImageService3"}]},
        f"{AT}/s/full/max/0/default.jpg",
    ),
    "old service": ({"type": "Image", "service": {"@id": f"{AT}/s"}}, f"{AT}/s/full/full/0/default.jpg"),
    "sound": ({"id": f"{AT}/a.mp3", "type": "Sound"}, f"{AT}/a.mp3"),
    "script": ({"id": "javascript:alert(1)", "type": "Image"}, None),
    "text": ({"type": "TextualBody", "value": "a", "id": f"{AT}/t"}, None),
    "nothing": (None, None),
}  # fmt: skip


@pytest.mark.parametrize(("painted", "expected"), IMAGES.values(), ids=IMAGES)
def test_where_the_page_can_be_seen(painted: Any, expected: str | None) -> None:
    items = [{"items": [about("painting", painted, f"{AT}/c1")]}]
    assert record(manifest(items=[canvas(1, items=items)])).pages[0].url == expected


def test_ranges_of_version_3_are_the_contents() -> None:
    inner = {"type": "Range", "label": {"en": ["Monday"]}, "items": [{"type": "Canvas", "id": f"{AT}/c2#t=1"}]}
    part = {"type": "SpecificResource", "source": f"{AT}/c1"}
    ranges = [{"id": "r0", "type": "Range", "label": {"en": ["Days"]}, "items": [part, inner]}]
    assert record(manifest(structures=ranges)).description["contents"] == "Days ... f. 1r\n\u2003Monday ... f. 2r"


def test_ranges_of_version_2_name_each_other() -> None:
    ranges = [
        {"@id": "r0", "@type": "sc:Range", "label": "Contents", "viewingHint": "top", "ranges": ["r1"]},
        {"@id": "r1", "@type": "sc:Range", "label": "Days", "canvases": [f"{AT}/c1"], "ranges": ["r2", "r0"]},
        {"@id": "r2", "@type": "sc:Range", "label": "Monday", "canvases": [f"{AT}/c2"]},
        {"@id": "r3", "@type": "sc:Range", "label": "Loose", "canvases": ["unknown"]},
    ]
    assert record(old(structures=ranges)).description["contents"] == "Loose\nDays ... f. 1r\n\u2003Monday ... f. 2r"


def test_contents_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.iiif.ranges.MAX_LINES", 2)
    ranges = [{"id": f"r{n}", "type": "Range", "label": {"en": [f"R{n}"]}, "items": []} for n in range(5)]
    assert record(manifest(structures=ranges)).description["contents"] == "R0\nR1\n..."


def test_a_manifest_without_canvases_is_a_record_and_says_so() -> None:
    found = record(manifest(items=[]))
    assert [problem.code for problem in found.problems] == ["no-page"]


def test_a_collection_and_the_members_that_stand_in_it() -> None:
    whole = {
        "@context": P3,
        "id": f"{AT}/all.json",
        "type": "Collection",
        "label": {"en": ["All"]},
        "items": [
            manifest(id=f"{AT}/1.json"),
            {
                "id": f"{AT}/2.json",
                "type": "Manifest",
                "label": {"en": ["Only named"]},
                "navDate": "1925-02-16T00:00:00Z",
            },
            {"type": "Collection", "label": {"en": ["Inner"]}, "items": [manifest(id=f"{AT}/1.json")]},
        ],
    }
    found = records(MAPPING, ("all.json", json.dumps(whole).encode()))
    assert [(one.source_id, one.title, one.level) for one in found] == [
        ("all.json", "All", "collection"),
        (f"all.json#{AT}/1.json", "Register", None),
        ("all.json#3", "Inner", "collection"),
        ("all.json#3.1", "Register", None),
    ]
    assert found[0].description["contents"] == (f"Register: {AT}/1.json\nOnly named, 1925-02-16: {AT}/2.json\nInner")
    assert found[3].ancestors == (
        Ancestor("all.json", "All", "collection"),
        Ancestor("all.json#3", "Inner", "collection"),
    )
    assert [one.position for one in found] == [1, 2, 3, 4]


def test_a_collection_of_version_2() -> None:
    whole = {
        "@id": f"{AT}/all.json",
        "@type": "sc:Collection",
        "label": "All",
        "manifests": [{"@id": f"{AT}/1.json", "@type": "sc:Manifest", "label": "One"}],
        "members": [old()],
    }
    found = records(MAPPING, ("all.json", json.dumps(whole).encode()))
    assert [one.title for one in found] == ["All", "Register"]
    assert found[0].description["contents"].splitlines()[-1] == f"One: {AT}/1.json"


OTHERS: dict[str, tuple[bytes, str, type[Outcome], str]] = {
    "empty": (b" ", "a.json", Skipped, "empty-file"),
    "no JSON": (b"<alto/>", "a.xml", Skipped, "wrong-format"),
    "broken": (b'{"type": ', "a.json", Failed, "damaged-json"),
    "not UTF-8": (b'{"type": "\xff"}', "a.json", Failed, "damaged-json"),
    "a number too long": (b"9" * 10_000, "a.json", Failed, "damaged-json"),
    "nested without end": (b"[" * 200_000, "a.json", Failed, "damaged-json"),
    "annotations": (b'{"type": "AnnotationPage", "items": []}', "a.json", Skipped, "annotation-page"),
    "old annotations": (b'{"@type": "sc:AnnotationList"}', "a.json", Skipped, "annotation-page"),
    "a viewer's state": (b'{"iiif": {"mapping": {}}}', "a.json", Skipped, "wrong-format"),
    "an annotation": (b'{"type": "Annotation"}', "a.json", Skipped, "wrong-format"),
    "a list": (b"[1]", "a.json", Skipped, "wrong-format"),
    "a word": (b'"Manifest"', "a.json", Skipped, "wrong-format"),
    "an odd type": (b'{"type": {"a": 1}}', "a.json", Skipped, "wrong-format"),
}


@pytest.mark.parametrize(("payload", "name", "kind", "code"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_manifest_says_why(payload: bytes, name: str, kind: type[Outcome], code: str) -> None:
    (found,) = mapped(MAPPING, (name, payload))
    check_outcome(found)
    assert isinstance(found, Skipped | Failed) and isinstance(found, kind)
    assert (found.problem.code, found.source_id) == (code, name) and found.problem.hint


def test_a_file_larger_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mappings.formats.iiif.mapping.LARGEST", 10)
    (found,) = mapped(MAPPING, ("a.json", json.dumps(manifest()).encode()))
    assert isinstance(found, Failed) and found.problem.code == "too-large"


def test_pages_beyond_the_bound_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("canvases", "describing"):
        monkeypatch.setattr(f"mappings.formats.iiif.{module}.MAX_PAGES", 1)
    found = record(manifest())
    assert len(found.pages) == 1 and [problem.code for problem in found.problems] == ["too-many-pages"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "@id",
                    "type",
                    "label",
                    "items",
                    "value",
                    "body",
                    "target",
                    "service",
                    "en",
                    "selector",
                    "source",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PROPERTIES = re.findall(
    r"\w+",
    "label items metadata structures sequences provider homepage seeAlso rendering partOf navDate rights "
    "requiredStatement summary attribution related within",
)


@given(st.sampled_from(["Manifest", "sc:Manifest", "Collection"]), st.dictionaries(st.sampled_from(PROPERTIES), JSON))
def test_any_json_for_any_property_gives_a_record(kind: str, properties: dict[str, Any]) -> None:
    for outcome in mapped(MAPPING, ("a.json", json.dumps({"type": kind, **properties}).encode())):
        check_outcome(outcome)
        assert isinstance(outcome, Record)


@given(st.lists(JSON, max_size=3), JSON, JSON)
def test_any_json_in_a_canvas_or_range_gives_a_record(annotations: list[Any], inner: Any, ranges: Any) -> None:
    odd = canvas(1, annotations=annotations, seeAlso=inner, label=inner, width=inner)
    odd["items"] = [{"items": annotations}]
    (outcome,) = mapped(MAPPING, ("a.json", json.dumps(manifest(items=[odd], structures=[ranges])).encode()))
    check_outcome(outcome)


WHOLE = json.dumps(manifest(**pair("Date", "1905"))).encode()


@given(place=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255))
def test_any_byte_changed_gives_a_record_or_a_reason(place: int, value: int) -> None:
    found = mapped(MAPPING, ("a.json", WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :]))
    assert found
    for outcome in found:
        check_outcome(outcome)


@given(cut=st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_off_anywhere_gives_a_reason(cut: int) -> None:
    (outcome,) = mapped(MAPPING, ("a.json", WHOLE[:cut]))
    check_outcome(outcome)
    assert isinstance(outcome, Skipped | Failed)
