"""What every screen, page and API route calls: one facade over search, desk and sources, without Streamlit and HTTP.

Nothing can be asked without a `Viewer`. `onestop/` makes the one `Services` of a process from real parts and hands it
to `search_ui.asgi.create_app`; Streamlit scripts, which cannot be given arguments, find it with `current()`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, TypeVar

import structlog
from msgspec import structs

from indexer.engines.guarded import Pulse
from indexer.errors import QueryError, SearchError
from indexer.pages import Copied
from indexer.query import Query
from indexer.suggest import LIMIT
from mappings.access import ANONYMOUS, Viewer
from pipelines.errors import PipelineError
from search_ui import images, pdf_images, security
from search_ui.busy import BusyNow, NothingBusy
from search_ui.copies import MOST_PDF_PAGES, CopyFiles
from search_ui.memory import Memory, frozen
from search_ui.reviewing import Reviewing
from search_ui.themes.model import NoThemes, Themes
from search_ui.usual import Remembered, on_hit, usually
from service_desk.desk import Desk
from service_desk.errors import Unavailable
from service_desk.history import UsualTable

log = structlog.get_logger(__name__)

Answer = dict[str, Any]
Place = tuple[str, str, int | None]
"""Where the image of a page is: source, key of the item, which image of an item of several."""
MAX_TREE_NODES: Final = 60
PAGES_LISTED: Final = 20
EVERYTHING: Final = Viewer("onestop", frozenset({"staff"}))
"""Who looks for what somebody was refused; nothing of what it sees is shown."""
_KEPT_FROM_READERS: Final = frozenset({"restricted", "closed", "internal"})
T = TypeVar("T")


class CopiesRefused(Exception):
    """This viewer may read a page on the screen and have no file of it; `reason` says why, in the words of its
    holder."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"No copies are given of this: {reason}" if reason else "No copies are given of this.")
        self.reason = reason


class Records(Protocol):
    """What shows one record at a time: the index, or `pipelines.stored_records.StoredRecords` while that does not
    answer. None: unknown, or not for this viewer, which look alike."""

    def resource(self, resource_id: str, viewer: Viewer, whole: bool = False) -> Answer | None: ...
    def page(
        self, resource_id: str, number: int, viewer: Viewer, query_text: str = "", part: int | None = None
    ) -> Answer | None: ...
    def page_image(self, resource_id: str, number: int, viewer: Viewer) -> tuple[str, str, int | None] | None: ...
    def copied_page(self, resource_id: str, number: int, viewer: Viewer) -> Copied | None: ...


class Searcher(Records, Protocol):
    """`indexer.search.Searcher` as the screens use it. None: unknown, or not for this viewer, which look alike."""

    def search(self, query: Query, viewer: Viewer) -> Answer: ...
    def facet(self, query: Query, viewer: Viewer, name: str, text: str) -> list[Answer]: ...
    def suggest(self, text: str, viewer: Viewer, limit: int = ...) -> Answer: ...
    def listed(self, query: Query, viewer: Viewer) -> list[Answer]: ...
    def children(self, resource_id: str, viewer: Viewer, offset: int = 0, limit: int = MAX_TREE_NODES) -> Answer: ...
    def matching_pages(self, resource_id: str, query_text: str, viewer: Viewer) -> list[int]: ...
    def pages(
        self, resource_id: str, query_text: str, viewer: Viewer, offset: int = 0, limit: int = PAGES_LISTED
    ) -> Answer: ...
    def similar(self, resource_id: str, viewer: Viewer) -> Answer | None: ...


class Nights(Protocol):
    """What the nightly runs told (`onestop.nights.Nights`), for staff. A ledger that cannot be drawn up raises
    indexer.errors.SearchError."""

    def ledger(self) -> list[Answer]: ...
    def runs(self, limit: int = ...) -> list[Answer]: ...
    def report(self, run: str | None = None) -> Answer | None: ...


OPENED_DAYS = 365
"""How long what was opened is new to somebody."""


@dataclass(frozen=True, slots=True)
class OpenedResource:
    """A resource that was opened and is open still: for which day that was decided, and when (UTC)."""

    id: str
    day: dt.date
    at: dt.datetime


class HouseOpening(Protocol):
    """The policy of opening (`onestop.opening.HouseOpening`): its file, what it would change, what is in force."""

    def check(self) -> Answer: ...
    def in_force(self) -> Answer: ...
    def history(self) -> list[Answer]: ...
    def preview(self, on: dt.date | None = None) -> Answer: ...
    def apply(self, by: str, note: str = "") -> Answer: ...
    def undo(self, by: str, note: str = "") -> Answer: ...
    def refresh(self) -> Answer: ...
    def coming(self, days: int) -> list[Answer]: ...
    def opened(self, since: dt.date) -> list[OpenedResource]: ...


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source as the about page names it: how many resources, and when it was last brought up to date (ISO date)."""

    name: str
    title: str
    holder: str | None = None
    resources: int = 0
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class LinkState:
    """What the last link step knew: its pairs for people, best first (`pipelines.similar.Pair` as plain data, ``id``
    added), the titles of records in any pair, to which resource a record belongs, and when it was (UTC), None before
    the first.
    """

    pairs: list[Answer] = field(default_factory=list)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    resource_of: Callable[[str, str], str] = lambda source, source_id: f"{source}:{source_id}"
    as_of: dt.datetime | None = None


@dataclass(slots=True)
class Services:
    """The real parts of one process.

    `open_item` opens an item of a source by key (source name, key) through its connector; `cache` is a folder for what
    can be made again (thumbnails); `index_version` changes with the index, `names_version` with the file of other
    names; `sources` says how fresh each source is; `links` what the last link step left for people to decide;
    `tour` is the workspace's tour.yml: for each language name, tagline, examples, hours, contact. `public_address` is
    where the house is reached from outside (``https://archive.example``), for sitemaps and citations; `themes` are
    those of the thematic corner, as their files are now. `stored` shows records while the index does not answer, and
    `pulse` tells since when that is. `reviewing` knows the texts of which de-identified copies are made,
    `ended_copies` the ids of their releases that stand no more (None: nobody can tell now). `busy` tells what keeps
    records now: loans, repairs. `training_url` is where this house trains its clerks; `begin_anew` makes a training
    desk begin anew.
    """

    searcher: Searcher
    desk: Desk
    open_item: Callable[[str, str], BinaryIO]
    cache: Path
    index_version: Callable[[], object] = lambda: None
    names_version: Callable[[], Hashable] = lambda: None
    sources: Callable[[], list[SourceState]] = list
    links: Callable[[], LinkState] = LinkState
    tour: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    public_address: str | None = None
    training_url: str = ""
    begin_anew: Callable[[], None] | None = None
    nights: Nights | None = None
    opening: HouseOpening | None = None
    themes: Themes = field(default_factory=NoThemes)
    stored: Records | None = None
    pulse: Callable[[], Pulse] = Pulse
    reviewing: Reviewing | None = None
    ended_copies: Callable[[], frozenset[str] | None] = frozenset
    busy: BusyNow = field(default_factory=NothingBusy)
    calls_per_minute: int = 60
    _known: Memory[Answer] = field(default_factory=Memory)
    _opened: Memory[list[OpenedResource]] = field(default_factory=lambda: Memory(1))
    _alike: Memory[Answer | None] = field(default_factory=Memory)
    _copies: CopyFiles | None = None
    _usual: Remembered | None = None
    _pdf: pdf_images.Renderer = field(default_factory=pdf_images.Renderer)
    _images_of: object = None

    @property
    def copies(self) -> CopyFiles:
        """The files of released copies."""
        if self._copies is None:
            self._copies = CopyFiles(self.open_item, self.cache, self.ended_copies)
        return self._copies

    def usual(self) -> UsualTable:
        """How long requests usually take, remembered for some minutes."""
        if self._usual is None:
            self._usual = Remembered(self.desk.history)
        return self._usual()

    def viewer(self, cookies: Mapping[str, str]) -> Viewer:
        """Who is looking: the session of cookie ``sid``, looked up each time, else an anonymous reader; on site at a
        terminal of the reading room (cookie ``tid``), else on line.
        """
        return self.looking(cookies)[0]

    def looking(self, cookies: Mapping[str, str]) -> tuple[Viewer, str | None]:
        """The same, with what the account is called; None when nobody is signed in."""
        self.desk.notice_beginning()
        token, terminal = cookies.get(security.SESSION), cookies.get(security.TERMINAL)
        found = self.desk.sessions.lookup(token) if token else None
        viewer, called = (found.viewer, found.account.display_name) if found else (ANONYMOUS, None)
        if terminal and self.desk.terminals.is_one(terminal):
            viewer = structs.replace(viewer, on_site=True)
        return viewer, called

    def search(self, query: Query, viewer: Viewer) -> Answer:
        """The answer to a query, as `search --json` gives it; not to be changed. Raises indexer.errors.SearchError.

        Remembered as long as the index is the same, for each viewer apart, so that a rerun of a page costs no search;
        not when it is partial.
        """
        key = self.state(query, viewer)
        if key is None:
            answer = self.searcher.search(query, viewer)
        else:
            answer = self._known.get(
                key, lambda: self.searcher.search(query, viewer), lambda found: not found["partial"]
            )
        if viewer.is_staff and (kept := [hit["id"] for hit in answer["hits"] if _tells_more(hit)]):
            self.desk.audit.found(viewer, "record.found", kept)
        return usually(answer, self.usual())

    def facet(self, query: Query, viewer: Viewer, name: str, text: str) -> list[Answer]:
        """Values of one facet that hold `text`, counted over the answer to a query."""
        return self.searcher.facet(query, viewer, name, text)

    def state(self, query: Query, viewer: Viewer) -> Hashable:
        """Everything the answer to a query depends on; None when the state of the index is not known."""
        version = self.index_version()
        if version is None:
            return None
        ended = self.ended_copies()  # an answer that shows one is not given again
        return (version, self.names_version(), dt.date.today(), viewer, ended, frozen(asdict(query)))

    def suggest(self, text: str, viewer: Viewer, limit: int = LIMIT) -> Answer:
        """What the beginning of a question may become, as `onestop suggest --json` gives it."""
        return self.searcher.suggest(text, viewer, limit)

    def listed(self, query: Query, viewer: Viewer) -> list[Answer]:
        """The resources of a page of hits in full, for tables; remembered nowhere."""
        return [on_hit(one, self.usual()) for one in self.searcher.listed(query, viewer)]

    def resource(self, resource_id: str, viewer: Viewer, whole: bool = False) -> Answer | None:
        """A resource by id or ``SOURCE:SOURCE_ID``; its long texts are cut unless the whole is asked for. What staff
        see that readers do not, and what they ask for that is not for them, is kept in the audit log.
        """
        found = self._resource(resource_id, viewer, whole)
        if not viewer.is_staff:
            return found
        if found is None:
            self._refused(resource_id, viewer)
        elif found["internal"] or found["staff_notes"]:
            self.desk.audit.saw(viewer, "record.see", found["id"])
        return found

    def _resource(self, resource_id: str, viewer: Viewer, whole: bool = False) -> Answer | None:
        found = self._or_stored(lambda records: records.resource(resource_id, viewer, whole))
        return None if found is None else on_hit(found, self.usual())

    def _refused(self, resource_id: str, viewer: Viewer) -> None:
        """Keep that staff asked for a record that is there, and that they may not know of."""
        hidden = None if viewer.knows_internal else self._resource(resource_id, EVERYTHING)
        if hidden is not None:
            self.desk.audit.refused(viewer, "record", hidden["id"])

    def _or_stored(self, ask: Callable[[Records], T]) -> T:
        """What the index answers about a record, or, while it does not, the store. Raises the index's own error when
        neither does."""
        try:
            return ask(self.searcher)
        except QueryError:
            raise
        except SearchError as error:
            if self.stored is None:
                raise
            try:
                return ask(self.stored)
            except PipelineError as other:
                log.warning("the store does not answer, either", reason=str(other))
                raise error from None

    def similar(self, resource_id: str, viewer: Viewer) -> Answer | None:
        """Records like one, with reasons; remembered as answers to queries are."""
        version = self.index_version()
        key = (version, dt.date.today(), viewer, self.ended_copies(), "similar", resource_id)
        found = self._alike.get(key, lambda: self.searcher.similar(resource_id, viewer))
        return None if found is None else usually(found, self.usual())

    def children(self, resource_id: str, viewer: Viewer, offset: int = 0, limit: int = MAX_TREE_NODES) -> Answer:
        """The units directly below one, in archival order; the id ``""`` has the top-level units below it."""
        return self.searcher.children(resource_id, viewer, offset, limit)

    def page(
        self, resource_id: str, number: int, viewer: Viewer, query_text: str = "", part: int | None = None
    ) -> Answer | None:
        """A page's text and word boxes, with the words of a query marked; of one too long to be shown a part."""
        found = self._or_stored(lambda records: records.page(resource_id, number, viewer, query_text, part))
        if found is not None and not found["deidentified"]:
            self._looked(resource_id, number, viewer, "text")
        return found

    def _looked(self, resource_id: str, number: int, viewer: Viewer, part: str) -> None:
        """Keep in the audit log that staff saw text or image of a page that readers do not see."""
        if not viewer.is_staff:
            return
        key = (viewer.name, "record.read", resource_id, number, part)
        audit = self.desk.audit
        if not audit.is_news(key):
            return
        access = (self._copy(resource_id, number, viewer) or {}).get("access")
        if access in _KEPT_FROM_READERS:
            audit.saw(viewer, "record.read", resource_id, page=number, part=part, access=access)
        audit.remember(key)

    def _copy(
        self, resource_id: str, number: int, viewer: Viewer, copies: Sequence[Answer] | None = None
    ) -> Answer | None:
        """The copy that a page belongs to, among those of the resource, if they are at hand."""
        if copies is None:
            copies = (self._resource(resource_id, viewer) or {}).get("copies", ())
        return copy_with(copies, number)

    def page_text(
        self, resource_id: str, number: int, viewer: Viewer, copies: Sequence[Answer] | None = None
    ) -> Iterator[str]:
        """The whole text of a page below its label, of a long one piece by piece; nothing when it may not be read, or
        not be taken away. `copies` are those of the resource, if they are at hand."""
        within = self._copy(resource_id, number, viewer, copies)
        found = self.page(resource_id, number, viewer) if within and within["copyable"] else None
        if found is None:
            return
        yield f"[{found['label'] or number}]\n{found['text']}"
        for part in range(2, found["parts"] + 1):
            more = self.page(resource_id, number, viewer, "", part)
            if more is not None:
                yield ("\n" if more["lines"] else "") + more["text"]
        yield "\n"

    def opened(self) -> list[OpenedResource]:
        """What was opened in the last `OPENED_DAYS`, the latest first; remembered as long as the index is the same."""
        opening = self.opening
        if opening is None:
            return []
        today = dt.date.today()
        key = (self.index_version(), today)
        return self._opened.get(key, lambda: opening.opened(today - dt.timedelta(OPENED_DAYS)))

    def matching_pages(self, resource_id: str, query_text: str, viewer: Viewer) -> list[int]:
        """Numbers of the pages that match a query, in order."""
        return self.searcher.matching_pages(resource_id, query_text, viewer)

    def pages(
        self, resource_id: str, query_text: str, viewer: Viewer, offset: int = 0, limit: int = PAGES_LISTED
    ) -> Answer:
        """Some of the pages that match a query, in order, with the words in context, and how many they are."""
        return self.searcher.pages(resource_id, query_text, viewer, offset, limit)

    def page_image(
        self, resource_id: str, number: int, viewer: Viewer, width: int | None = None
    ) -> images.PageImage | None:
        """The image of a page if this viewer may see it now, from the source it lies in, or that of its released copy;
        smaller when asked. The image as it is, is a file: raises CopiesRefused where it may be seen only.
        """
        place = self._or_stored(lambda records: records.page_image(resource_id, number, viewer))
        within = self._copy(resource_id, number, viewer) if width is None else None
        if within is not None and not within["copyable"] and (place is not None or within["deidentified"]):
            raise CopiesRefused(within["copy_reason"])
        if place is None:
            return self._copied_image(resource_id, number, viewer, width)
        self._looked(resource_id, number, viewer, "image")
        return self._made(place, None) if width is None else self._thumbnail(place, width)

    def _copied_image(
        self, resource_id: str, number: int, viewer: Viewer, width: int | None
    ) -> images.PageImage | None:
        copied = self._copied(resource_id, number, viewer)
        if copied is None or copied.page.image is None:
            return None
        return self.copies.image(copied.source, copied.release, copied.page.image, number, width)

    def _copied(self, resource_id: str, number: int, viewer: Viewer) -> Copied | None:
        """The page of a released copy that this viewer reads in place of a page of the text."""
        return self._or_stored(lambda records: records.copied_page(resource_id, number, viewer))

    def copy_pdf(self, resource_id: str, numbers: range, viewer: Viewer) -> Path | None:
        """The PDF of a released copy that consists of these pages, if this viewer reads it in place of the text: None
        when it does not, and when there is none, since a page has no image."""
        if not 0 < len(numbers) <= MOST_PDF_PAGES:
            return None
        pages = []
        for number in numbers:
            copied = self._copied(resource_id, number, viewer)
            if copied is None or copied.page.image is None or not copied.is_whole:
                return None
            pages.append(copied)
        first = pages[0]
        if any((one.source, one.release) != (first.source, first.release) for one in pages):
            return None
        return self.copies.pdf(first.source, first.release, numbers[0], [one.page for one in pages])

    def image_at(self, place: Place) -> images.PageImage | None:
        """The image at a place, for whoever was given it."""
        return self._made(place, None)

    def _thumbnail(self, place: Place, width: int) -> images.PageImage | None:
        thumbnails, version = images.Thumbnails(self.cache), str(self._images_version())
        source, key, frame = place
        face = key if frame is None else f"{key}#{frame}"
        kept = thumbnails.get(version, source, face, width)
        if kept is not None:
            return kept
        made = self._made(place, width)
        if made is not None:
            thumbnails.put(version, source, face, width, made)
        return made

    def _images_version(self) -> object:
        """The version of the index, or the last one that was known: images outlive a search that is down."""
        with suppress(SearchError):
            self._images_of = self.index_version()
        return self._images_of

    def _made(self, place: Place, width: int | None) -> images.PageImage | None:
        """The image of a page made from its item; whole without `width`."""
        source, key, frame = place
        try:
            if frame is not None:
                with suppress(pdf_images.NotPdf):
                    version = (source, key, self._images_version())
                    return self._pdf.page(version, lambda: self.open_item(source, key), frame, width)
            data = images.read(self.open_item(source, key))
        except Exception:  # whatever a transport meets, a page without its image still shows
            log.exception("a page image cannot be read", source=source, key=key)
            return None
        if data is None:
            return None
        return images.smaller(data, width, frame) if width is not None else images.original(data, frame)

    def csrf_token(self, visitor: str) -> str:
        """The token that forms of this visitor (cookie ``vid``) carry; none that fits while the desk does not
        answer."""
        try:
            return self.desk.sessions.form_token(visitor)
        except Unavailable:
            return ""

    def text(self, key: str, language: str) -> Any:
        """A value of the tour in this language, else in English; None when there is none."""
        for spoken in (language, "en"):
            if (value := self.tour.get(spoken, {}).get(key)) is not None:
                return value
        return None

    def health(self) -> dict[str, str]:
        """Which parts answer: ``ok`` or ``down`` each. The desk works on while search is down."""
        return {"search": self._answers(self._ask_search), "desk": self._answers(self._ask_desk)}

    def is_ready(self) -> bool:
        """Does the desk answer? Search is not asked: while it is down, or slow to say so, all else goes on."""
        return self._answers(self._ask_desk) == "ok"

    def _ask_search(self) -> None:
        self.searcher.search(Query(size=0), ANONYMOUS)

    def _ask_desk(self) -> None:
        self.desk.sessions.lookup("-")

    def _answers(self, ask: Callable[[], object]) -> str:
        try:
            ask()
        except (SearchError, Unavailable) as error:
            log.warning("a part does not answer", reason=str(error))
            return "down"
        except Exception:
            log.exception("a part does not answer")
            return "down"
        return "ok"


def copy_with(copies: Sequence[Answer], number: int) -> Answer | None:
    """The copy of a resource that has the page of this number."""
    within = (one for one in copies if one["first_page"] <= number < one["first_page"] + one["page_count"])
    return next(within, None)


def _tells_more(hit: Answer) -> bool:
    """Does a hit show staff what no reader finds: a record that is for staff only, words of a text that is not read?"""
    shows_text = bool(hit["highlights"].get("text") or hit["pages"])
    return bool(hit["internal"]) or (hit["access"] in _KEPT_FROM_READERS and shows_text)


_current: Services | None = None


def set_current(services: Services) -> None:
    """Make these the services of the process; called once by `search_ui.asgi.create_app`."""
    global _current
    _current = services


def current() -> Services:
    """The services of this process."""
    if _current is None:
        raise RuntimeError("search_ui.asgi.create_app has not been called in this process")
    return _current
