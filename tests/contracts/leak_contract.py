"""What a viewer may not know of is as if it had never been there: whatever is asked, the answer over a corpus with
secrets is the answer over the same corpus without them, but for scores and the order they give. Where a released
de-identified copy stands in place of a text, it is as if the masked pages had always been the pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from indexer.engines.base import Engine
from indexer.query import Query
from indexer.resource import Member, Resource, content_access, mint, where
from indexer.search import Searcher
from indexer.undescribed import is_described
from mappings import made
from mappings.access import ANONYMOUS, LEVELS, Access, Viewer
from mappings.deidentification import CopyPage, ReleasedCopy
from mappings.grants import Grant, Scope
from mappings.record import Ancestor, Authority, Copy, Dates, Holding, Name, Page, Record, Variant
from tests.indexer.corpus import fill, member, page

TODAY = dt.date(2026, 11, 26)
VIEWERS = (
    ANONYMOUS,
    Viewer("li", frozenset({"reader"})),
    Viewer(on_site=True),
    Viewer("li", frozenset({"reader"}), on_site=True),
    Viewer("he", frozenset({"staff"}), grants=frozenset({Grant("records.read_text", Scope(holder="North"))})),
    Viewer("mei", frozenset({"staff"})),
)
WORDS = ("letter", "railway", "railways", "minutes", "whistle", "鐵路", "铁路", "土地", "秘密", "石碇", "1936", "farm")
PEOPLE = ("蘇軾", "蘇東坡", "Smith, John", "Informant, Deep", "Farm Bureau")
MOST_PAGES = 3
"""As many pages as a hit shows: of more, which are shown follows from the score."""
Json = dict[str, Any]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
above = (Ancestor("f1", "Farm papers"), Ancestor("f2", "鐵路檔案 whistle", internal=True))
accesses = st.one_of(
    st.none(),
    st.sampled_from(LEVELS).map(Access),
    st.sampled_from((dt.date(2026, 1, 1), dt.date(2026, 11, 26), dt.date(2026, 11, 27))).map(
        lambda day: Access("closed", "personal data", day)
    ),
    st.builds(
        lambda level, describe, copy: Access(level, "personal data", describe=describe, copy=copy),
        st.sampled_from(("open", "restricted", "closed")),
        st.sampled_from(("internal", "internal", "open")),
        st.sampled_from((None, "open", "closed")),
    ),
)
names = st.builds(
    Name, st.sampled_from(PEOPLE), st.sampled_from(("person", "organisation", "subject")), st.just("subject")
)
people = st.builds(
    lambda heading, variant: Authority("person", (heading,), (Variant(variant),)),
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
)
records = st.builds(
    Record,
    source_id=st.integers(0, 10**6).map(lambda number: f"i{number}"),
    title=texts,
    kind=st.sampled_from(("physical", "physical", "digital", "thematic")),
    level=st.sampled_from((None, "file")),
    reference_code=st.sampled_from((None, "A-1", "A-2", "B 7")),
    holder=st.sampled_from((None, "North", "South")),
    dates=st.sampled_from((None, Dates("1936", 1936, 1936), Dates("民國38年", 1949, 1949))),
    names=st.lists(names, max_size=2).map(tuple),
    description=st.dictionaries(st.sampled_from(("scope_and_content", "note")), texts, max_size=2),
    staff_notes=st.dictionaries(st.just("processing"), texts, max_size=1),
    holdings=st.sampled_from(((), (Holding(("box 1",), location="whistle stack", barcode="秘密"),))),
    ancestors=st.sampled_from(((), above[:1], above[1:], above)),
    access=accesses,
    authority=st.one_of(st.none(), st.none(), people),
    copies=st.one_of(
        st.just(()),
        st.lists(texts, min_size=1, max_size=MOST_PAGES).map(
            lambda told: (Copy(page_count=len(told), pages=tuple(page(at, text) for at, text in enumerate(told, 1))),)
        ),
    ),
)
defaults = st.sampled_from((None, "open", "restricted", "internal"))
MASK = "[telephone]"


def released(record: Record) -> ReleasedCopy:
    """A copy of a record in which the first word of every page is masked."""
    return ReleasedCopy("r" + record.source_id, False, tuple(map(_masked, record.pages)))


def _masked(one: Page) -> CopyPage:
    text = " ".join([MASK, *one.text.split()[1:]])
    return CopyPage(structs.replace(page(one.number, text), image=None), ((0, len(MASK)),))


def _member(record: Record, default: str | None, is_released: bool) -> Member:
    return structs.replace(member("s", record, default), released=released(record) if is_released else None)


members = st.builds(_member, records, defaults, st.booleans())


def _joined(found: Sequence[Member]) -> Resource:
    first = min(one.record.source_id for one in found)
    return Resource(mint("s", first), tuple(found))


corpora = st.lists(
    st.lists(members, min_size=1, max_size=2).map(_joined),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.id,
)
typed = st.one_of(
    texts,
    st.sampled_from(PEOPLE),
    st.sampled_from(
        (
            "*",
            '"railway letter"',
            '="鐵路"',
            "whis*",
            "wistle",
            "秘蜜",
            "-letter",
            "letter OR whistle",
            "subject:whistle",
            'name:"Informant, Deep"',
            "page:whistle",
            "code:A-1",
            "A-1",
            "level:file",
            "title:土地 whistle",
            "telephone",
            "telephone OR letter",
            "letters about the whistle of the railway and the secret minutes of the farm",
        )
    ),
)
queries = st.builds(
    Query,
    typed,
    filters=st.dictionaries(st.sampled_from(("holder", "access", "name")), st.sampled_from((("North",), ("open",)))),
    year_from=st.sampled_from((None, 1900, 1940)),
    size=st.just(50),
    sort=st.sampled_from(("relevance", "date", "reference_code")),
    group=st.sampled_from(("", "", "fonds")),
    folded=st.booleans(),
    within=st.sampled_from((None, None, "s:f1", "s:f2")),
)


def seen(corpus: Sequence[Resource], viewer: Viewer) -> list[Resource]:
    """The corpus from which everything that the viewer may not know of or read was never there."""
    return [left for one in corpus if (left := _seen(one, viewer)) is not None]


def _seen(one: Resource, viewer: Viewer) -> Resource | None:
    known = tuple(member for member in one.members if viewer.may_know(member.access))
    told = tuple(structs.replace(member, record=_told(member, known, viewer)) for member in known)
    return structs.replace(one, members=told) if told else None


def _told(own: Member, known: Sequence[Member], viewer: Viewer) -> Record:
    record = own.record
    if not _is_described(own, known, viewer):
        record = _untold(record)
    if not viewer.may_read(content_access(own, known), TODAY, where(own)):
        copied = iter(own.released.pages if own.released else ())
        record = structs.replace(record, copies=tuple(_unread(copy, copied) for copy in record.copies))
    if viewer.knows_internal:
        return record
    return structs.replace(
        record,
        staff_notes={},
        holdings=tuple(structs.replace(holding, location=None, barcode=None) for holding in record.holdings),
        ancestors=tuple(ancestor for ancestor in record.ancestors if not ancestor.internal),
    )


def _is_described(own: Member, known: Sequence[Member], viewer: Viewer) -> bool:
    return viewer.knows_internal or is_described(own, known)


def _untold(record: Record) -> Record:
    """The record, where its description says nothing but where and what it is."""
    return Record(
        record.source_id,
        "-",
        kind=record.kind,
        level=record.level,
        reference_code=record.reference_code,
        holder=record.holder,
        ancestors=record.ancestors,
        position=record.position,
        access=record.access,
    )


def disguised(corpus: Sequence[Resource], viewer: Viewer) -> list[Resource]:
    """The corpus with other words in everything that the viewer may not know of or read."""
    return [structs.replace(one, members=tuple(_disguised(own, one, viewer) for own in one.members)) for one in corpus]


def _disguised(own: Member, of: Resource, viewer: Viewer) -> Member:
    record, known = own.record, tuple(member for member in of.members if viewer.may_know(member.access))
    if own not in known or not _is_described(own, known, viewer):
        named = tuple(structs.replace(name, name=_other(name.name, PEOPLE)) for name in record.names)
        said = {name: _reworded(text) for name, text in record.description.items()}
        record = structs.replace(record, title=_reworded(record.title), names=named, description=said)
    told = own in known and _is_described(own, known, viewer)
    if not told or not viewer.may_read(content_access(own, known), TODAY, where(own)):
        record = structs.replace(record, copies=tuple(map(_rewritten, record.copies)))
    return structs.replace(own, record=record)


def _rewritten(copy: Copy) -> Copy:
    return structs.replace(copy, pages=tuple(page(one.number, _reworded(one.text)) for one in copy.pages))


def _reworded(text: str) -> str:
    return " ".join(_other(word, WORDS) for word in text.split())


def _other(word: str, words: Sequence[str]) -> str:
    return words[(words.index(word) + 1) % len(words)]


def _unread(copy: Copy, copied: Iterator[CopyPage]) -> Copy:
    """The copy as if its texts had never been there, or had always been the masked ones."""
    left = ((one, next(copied, CopyPage(Page(one.number, "", one.label)))) for one in copy.pages)
    return structs.replace(copy, pages=tuple(structs.replace(other.page, image=one.image) for one, other in left))


@dataclass(frozen=True)
class Door:
    """Everything that can be asked of an index, by one viewer."""

    searcher: Searcher
    viewer: Viewer

    def everything(self, query: Query, ids: Sequence[str]) -> Json:
        """The answers, made comparable."""
        return {
            "search": _search(self.searcher.search(query, self.viewer)),
            "listed": sorted((_hit(hit) for hit in self.searcher.listed(query, self.viewer)), key=_id),
            "facet": self.searcher.facet(query, self.viewer, "subject", "w"),
            "suggest": self.searcher.suggest(query.text[:6], self.viewer),
            "resources": {one: self._resource(one, query) for one in ids},
        }

    def _resource(self, identifier: str, query: Query) -> Json:
        searcher, viewer, text = self.searcher, self.viewer, query.text
        shown = searcher.resource(identifier, viewer)
        similar = searcher.similar(identifier, viewer)
        return {
            "view": shown and _hit(shown),
            "similar": similar and sorted(hit["id"] for hit in similar["items"]),
            "children": _children(searcher.children(identifier, viewer)),
            "pages": [searcher.page(identifier, number, viewer, text) for number in range(1, 2 * MOST_PAGES + 1)],
            "copied": [searcher.copied_page(identifier, number, viewer) for number in range(1, 2 * MOST_PAGES + 1)],
            "images": [searcher.page_image(identifier, number, viewer) for number in range(1, 2 * MOST_PAGES + 1)],
            "matching": searcher.matching_pages(identifier, text, viewer),
        }


def _search(answer: Json) -> Json:
    hits = [_hit(hit) for hit in answer["hits"]]
    groups = [{**group, "hits": sorted(map(_hit, group["hits"]), key=_id)} for group in answer.get("groups", ())]
    groups.sort(key=str)
    return {**answer, "took_ms": 0, "hits": sorted(hits, key=_id), "groups": groups}


def _children(found: Json) -> Json:
    return {**found, "items": [_hit(item) for item in found.get("items", ())]}


def _hit(hit: Json) -> Json:
    """A hit without its score, its pages in their order, and without whether there are texts one may not read."""
    pages = sorted(hit.get("pages", ()), key=lambda page: int(page["number"]))
    return {**hit, "score": 0, "pages": pages, "worded": None, "thumbnail": hit.get("thumbnail") and 1}


def _id(hit: Json) -> str:
    return str(hit["id"])


def check(make: Callable[[], Engine], corpus: Sequence[Resource], viewer: Viewer, asked: Sequence[Query]) -> None:
    """Ask the corpus, the same without its secrets, and the same with other ones. Scores and order may tell how much
    there is, and nothing of what it says."""

    def door(resources: Sequence[Resource]) -> Door:
        engine = make()
        fill(engine, tuple(resources))
        return Door(Searcher(engine, today=lambda: TODAY), viewer)

    whole, without, disguise = door(corpus), door(seen(corpus, viewer)), door(disguised(corpus, viewer))
    ids = [one.id for one in corpus]
    for query in asked:
        assert whole.everything(query, ids) == without.everything(query, ids)
        assert _ranking(whole, query) == _ranking(disguise, query)


def _ranking(door: Door, query: Query) -> Json:
    return {**door.searcher.search(query, door.viewer), "took_ms": 0}


def check_layers(make: Callable[[], Engine], corpus: Sequence[Resource], viewer: Viewer, today: dt.date) -> None:
    """Of a text and its released copy a viewer who may know of the record reads one and only one at any moment; nobody
    reads a copy whose release has ended, and nobody finds what stands in place of something masked."""
    engine = make()
    fill(engine, tuple(corpus))
    ended = {one.released.release for of in corpus for one in of.members if one.released}
    now, after, unsure = (
        Searcher(engine, today=lambda: today, ended=lambda told=told: told)  # type: ignore[misc]
        for told in (frozenset(), frozenset(ended), None)
    )
    for one in corpus:
        for number, (text, copied) in enumerate(_layers_of(one, viewer, today), 1):
            shown = now.page(one.id, number, viewer, "telephone")
            wanted = text if text is not None else copied.page.text if copied else None
            assert (shown and shown["text"]) == wanted
            assert shown is None or (shown["hits"] == 0 and shown["deidentified"] == (text is None))
            found = engine.page_hits(one.id, [number], now._rights(viewer))
            assert [hit.stored["text"] for hit in found] == ([] if wanted is None else [wanted])
            for other in (after, unsure):
                left = other.page(one.id, number, viewer)
                assert (left and left["text"]) == text
        for searcher in (now, after, unsure):
            assert searcher.matching_pages(one.id, "telephone", viewer) == []


def check_taken_back(make: Callable[[], Engine], corpus: Sequence[Resource], viewer: Viewer, today: dt.date) -> None:
    """A copy made to order is read by whoever its access lets in, as any other member's pages are, and by nobody, staff
    neither, once it is taken back or while nobody can tell; pages beside it stay as they are.
    """
    engine, with_copies = make(), [_with_copy(one, number) for number, one in enumerate(corpus)]
    fill(engine, tuple(with_copies))
    ended = frozenset(one.members[-1].record.source_id for one in with_copies)
    now, after, unsure = (
        Searcher(engine, today=lambda: today, ended=lambda told=told: told)  # type: ignore[misc]
        for told in (frozenset(), ended, None)
    )
    for one in with_copies:
        texts = [text for text, _ in _layers_of(one, viewer, today)]
        for number, text in enumerate(texts, 1):
            is_copy = number == len(texts) and viewer.may_know(one.members[-1].access)
            for searcher, stands in ((now, True), (after, not is_copy), (unsure, not is_copy)):
                shown = searcher.page(one.id, number, viewer)
                if text is not None or is_copy:
                    assert (shown and shown["text"]) == (text if stands else None)
        for searcher in (after, unsure):
            found = searcher.resource(one.id, viewer)
            made_ones = [copy for copy in (found or {}).get("copies", ()) if copy["title"] == MADE]
            assert made_ones == [] and searcher.search(Query(f"page:{MADE}"), viewer)["hits"] == []


MADE = "Wolfram"


def _with_copy(one: Resource, number: int) -> Resource:
    """The resource with a copy made to order, under the access of the record that speaks for it."""
    first = one.members[0]
    copies = (Copy(title=MADE, page_count=1, pages=(page(1, MADE),)),)
    record = Record(f"{number:08}", first.record.title, kind="digital", supplied_title=True, copies=copies)
    access = structs.replace(first.access, stated_by="source", describe=None)
    return Resource(one.id, (*one.members, Member(made.SOURCE, "", record, access)))


def _layers_of(one: Resource, viewer: Viewer, today: dt.date) -> Iterator[tuple[str | None, CopyPage | None]]:
    """Of each page of a resource that this viewer knows of: its text, if it may be read, and that of the copy."""
    known = tuple(member for member in one.members if viewer.may_know(member.access))
    for own in (one for one in known if _is_described(one, known, viewer)):
        may = viewer.may_read(content_access(own, known), today, where(own))
        copied = own.released.pages if own.released else ()
        for at, text in enumerate(one.text for one in own.record.pages):
            yield text if may else None, copied[at] if copied else None
