"""Records of an OAI-PMH 2.0 repository as raw items (https://www.openarchives.org/OAI/openarchivesprotocol.html).

A record's key is its OAI identifier, its bytes are what ``<metadata>`` holds, as an XML document of its own. A run asks
for what changed since the last one began, by the repository's clock and one granule earlier; after every page the
place is told, so that a harvest goes on where it ended.

A datestamp is no token: at many repositories it counts days, and the bytes are at hand anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import oaipmh_scythe as oai
from oaipmh_scythe.models import MetadataFormat, Set
from pydantic import BaseModel, Field, field_validator

from connectors.base import Checkpoint, Gone, Listed, RawItem, RetryLater, SkipItem, SourceError, StopSource
from connectors.oai_repository import (
    BrokenPage,
    Page,
    Repository,
    header_of,
    identifier_in,
    instant,
    metadata_in,
    metadata_of,
)
from connectors.web import Address, WebSettings

_TRIES = 3
"""How often a page that is broken is asked for before what can be read of it is taken."""
_NAMED = 30
"""Sets and formats that a sentence names."""


class OaiPmhSettings(WebSettings):
    """`url` of the repository; `metadata_prefix`, `set` (one or several), `from` and `until` choose records."""

    url: Address
    metadata_prefix: str = Field(default="oai_dc", min_length=1)
    sets: list[str] = Field(default=[], alias="set")
    since: str | None = Field(default=None, alias="from")
    until: str | None = None
    overlap_hours: float = Field(default=0, ge=0)
    largest: int = Field(default=128, ge=1)

    @field_validator("sets", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("since", "until", mode="before")
    @classmethod
    def _day_or_second(cls, value: Any) -> Any:
        """YAML reads days and times by itself."""
        if value is None:
            return None
        text = value.isoformat() if isinstance(value, date) else str(value)
        if instant(text) is None:
            raise ValueError("write it as 2031-12-31 or 2031-12-31T00:00:00Z")
        return text


@dataclass(frozen=True)
class Place:
    """Where a harvest stands: a cursor once it is JSON.

    `of` are the settings it was made with. `since` is where the list begins (None: everything), `began` when the
    harvest did, `set` and `token` where it is; all times by the repository's clock.
    """

    of: str
    since: str | None = None
    began: str | None = None
    set: str | None = None
    token: str | None = None

    @property
    def is_under_way(self) -> bool:
        return self.set is not None or self.token is not None

    def cursor(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})


class OaiPmhConnector:
    """Transport ``oai_pmh``: the records of a repository, or of sets of it.

    `tells_deletes` is set by `read`: False when the repository does not promise to tell deletes for ever (Identify:
    ``deletedRecord`` is no or transient), so that only comparing `keys` finds them all.
    """

    settings_model: ClassVar[type[BaseModel]] = OaiPmhSettings
    remote = True
    separate = True

    def __init__(self, settings: OaiPmhSettings, base: Path) -> None:
        self._settings = settings
        self._repository = Repository(settings.url, settings.web(settings.url))
        self._sets: list[str | None] = [*settings.sets] or [None]
        chosen = [settings.url, settings.metadata_prefix, settings.sets, settings.since, settings.until]
        self._of = hashlib.blake2b(json.dumps(chosen).encode(), digest_size=8).hexdigest()
        self._is_by_second = False
        self._broken: dict[tuple[str, str | None, str | None], int] = {}
        self._next: Place | None = None
        self.complete = False
        self.tells_deletes = False

    def read(self, cursor: str | None) -> Iterator[Listed]:
        """Everything, or what changed since the cursor, with a checkpoint after every page. Raises RetryLater,
        StopSource.
        """
        self.complete, self._next = False, None
        place = self._start(_place(cursor, self._of), self._identify())
        whole = place.since is None and not place.is_under_way
        for number, at in enumerate(self._places(place)):
            if number:
                yield Checkpoint(at.cursor())
            for entry in self._told("ListRecords", at):
                yield entry if isinstance(entry, Checkpoint) else self._listed(entry)
        self._next = Place(self._of, self._since(place))
        self.complete = whole

    def next_cursor(self) -> str | None:
        """Where the next run begins: when this one did, less the overlap."""
        return None if self._next is None else self._next.cursor()

    def keys(self) -> Iterator[str]:
        """The identifiers of all records that are not deleted, of all sets; one of two sets comes twice."""
        self._identify()
        for name in self._sets:
            for entry in self._told("ListIdentifiers", Place(self._of, set=name)):
                if not isinstance(entry, Checkpoint):
                    header = header_of(entry)
                    if header.identifier and not header.deleted:
                        yield header.identifier.strip()

    def fetch(self, key: str) -> BinaryIO:
        """The metadata of one record. Raises SkipItem when there is none in the chosen sets."""
        if not key.strip() or not key.isprintable():
            raise SkipItem(f"{key!r} is not a record of this source")
        query = {"verb": "GetRecord", "identifier": key, "metadataPrefix": self._settings.metadata_prefix}
        try:
            page = self._repository.harvest(query)
        except (oai.OAIPMHException, BrokenPage) as error:
            raise SkipItem(f"record {key!r} is not given by {self._shown} ({_reason(error)})") from None
        for record in page.entries("record"):
            if self._is_chosen(header_of(record).setSpecs) and (document := metadata_of(record)):
                return BytesIO(document)
        raise SkipItem(f"record {key!r} is deleted, or not in the chosen sets of {self._shown}")

    # What the repository says of itself

    @property
    def _shown(self) -> str:
        return self._repository.endpoint

    def _identify(self) -> datetime | None:
        """Granularity and policy of deletes; gives the repository's time."""
        try:
            page = self._repository.harvest({"verb": "Identify"})
        except oai.OAIPMHException as error:
            raise StopSource(f"{self._shown} is no OAI-PMH 2.0 repository ({_reason(error)}); check the url") from None
        except BrokenPage as error:
            raise self._page_is_broken("Identify", Place(self._of), error) from None
        said = next(page.entries("granularity"), None)
        policy = next(page.entries("deletedRecord"), None)
        self._is_by_second = said is not None and "ss" in (said.text or "")
        self.tells_deletes = policy is not None and (policy.text or "").strip() == "persistent"
        return page.date

    def _start(self, place: Place, now: datetime | None) -> Place:
        """Where to begin. A place in the future means that the repository's clock jumped: then everything is read, for
        what was stamped in between is not known.
        """
        if (since := instant(place.since)) and now and since > now:
            place = Place(self._of)
        return place if place.is_under_way else replace(place, began=now.isoformat() if now else None)

    def _places(self, place: Place) -> Iterator[Place]:
        """The beginnings of the lists that are left: the place itself, and those of the sets after it."""
        first = self._sets.index(place.set) if place.set in self._sets else 0
        yield place if place.set in self._sets else replace(place, set=self._sets[0])
        yield from (replace(place, set=name, token=None) for name in self._sets[first + 1 :])

    def _since(self, place: Place) -> str | None:
        """Where the next harvest begins; without a usable clock, where this one did."""
        began = instant(place.began)
        if began is None:
            return place.since
        granule = timedelta(seconds=1) if self._is_by_second else timedelta(days=1)
        return (began - granule - timedelta(hours=self._settings.overlap_hours)).isoformat()

    # Lists

    def _told(self, verb: str, place: Place) -> Iterator[Any]:
        """The elements of one list, and a checkpoint after every page but the last.

        A token that has expired begins the list again, as long as each time more is told than the last: what is told
        twice costs a comparison. Raises RetryLater, StopSource.
        """
        name = "record" if verb == "ListRecords" else "header"
        told, furthest = 0, -1
        seen: set[tuple[str, str]] = set()
        while True:
            try:
                page = self._page(verb, place)
            except oai.BadResumptionToken:
                if place.token is None or told <= furthest:
                    raise StopSource(self._expires_sentence(place)) from None
                told, furthest = 0, told
                place, seen = replace(place, token=None), set()
                continue
            if page is None:
                return
            entries = list(page.entries(name))
            told += len(entries) + len(page.broken)
            place = replace(place, token=page.token)
            self._refuse_a_circle(place, entries, seen)
            yield from (*entries, *page.broken)
            if place.token is None:
                return
            yield Checkpoint(place.cursor())

    def _page(self, verb: str, place: Place) -> Page | None:
        """The page at a place; None when nothing matches. Raises BadResumptionToken, RetryLater, StopSource."""
        query = self._query(verb, place)
        if query is None:
            return None
        tried = self._broken.get((verb, place.set, place.token), 0)
        try:
            return self._repository.page(query, salvage=tried + 1 >= _TRIES)
        except BrokenPage as error:
            raise self._page_is_broken(verb, place, error) from None
        except oai.NoRecordsMatch:
            if place.since is None and place.set is not None:
                self._check_set(place.set)
            return None
        except oai.BadResumptionToken:
            raise
        except oai.OAIPMHException as error:
            raise StopSource(self._refused_sentence(error, place)) from None

    def _query(self, verb: str, place: Place) -> dict[str, str] | None:
        """What to ask; None when the fixed bounds leave nothing to ask for."""
        if place.token is not None:
            return {"verb": verb, "resumptionToken": place.token}
        known = [found for text in (self._settings.since, place.since) if (found := instant(text))]
        since, until = max(known, default=None), instant(self._settings.until)
        if since and until and since > self._end(until):
            return None
        query = {"verb": verb, "metadataPrefix": self._settings.metadata_prefix, "set": place.set}
        query["from"] = self._stamp(since) if since else None
        query["until"] = self._stamp(self._end(until)) if until else None
        return {key: value for key, value in query.items() if value is not None}

    def _end(self, until: datetime) -> datetime:
        """A day given as the end is meant with all its seconds."""
        is_day = self._settings.until is not None and "T" not in self._settings.until
        return until + timedelta(days=1, seconds=-1) if is_day else until

    def _stamp(self, moment: datetime) -> str:
        """In the repository's granularity; both bounds must have the same."""
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ" if self._is_by_second else "%Y-%m-%d")

    def _refuse_a_circle(self, place: Place, entries: list[Any], seen: set[tuple[str, str]]) -> None:
        """The same records under the same token again would never end. Raises StopSource."""
        if place.token is None:
            return
        named = "\n".join(header_of(entry).identifier or "" for entry in entries)
        page = (place.token, hashlib.blake2b(named.encode(), digest_size=8).hexdigest())
        if page in seen:
            raise StopSource(
                f"{self._shown} gives the same page again and again (resumption token {place.token!r}); what was read "
                "before is kept, and the repository has to be told"
            )
        seen.add(page)

    def _page_is_broken(self, verb: str, place: Place, error: BrokenPage) -> RetryLater | StopSource:
        """Later, and stop when it stays so."""
        at = (verb, place.set, place.token)
        self._broken[at] = self._broken.get(at, 0) + 1
        page = f"the page of resumption token {place.token!r}" if place.token else f"the first answer to {verb}"
        reason = f"{page} of {self._shown} {error}"
        if self._broken[at] < _TRIES:
            return RetryLater(reason)
        return StopSource(
            f"{reason}, {_TRIES} times; what was read before is kept; check settings.url, or tell its owner"
        )

    # Records

    def _listed(self, entry: Any) -> RawItem | Gone:
        """A record as an item or as gone. One of bytes is not well-formed: its metadata are given as they are, since
        mappings repair what can be repaired, and say so.
        """
        document: bytes | None
        if isinstance(entry, bytes):
            key, document = identifier_in(entry), metadata_in(entry)
        else:
            header = header_of(entry)
            key, document = (header.identifier or "").strip(), metadata_of(entry)
            if header.deleted and key:
                return Gone(key)
        if key and document:
            return RawItem(key, partial(BytesIO, document), len(document))
        what = f"record {key!r} has no metadata" if key else "a record has no identifier"
        return RawItem(key or "(no identifier)", partial(_refuse, f"{what} at {self._shown}; correct it there"))

    def _is_chosen(self, sets: list[str | None]) -> bool:
        """Is a record in one of the chosen sets, or below one? Without a word on sets, it is."""
        wanted = self._settings.sets
        given = [name for name in sets if name]
        return not wanted or not given or any(f"{name}:".startswith(f"{one}:") for name in given for one in wanted)

    # Sentences

    def _check_set(self, name: str) -> None:
        """Nothing in a whole set: because there is no such set? Raises StopSource."""
        known = self._offered(str(one.setSpec) for one in self._repository.list_sets() if isinstance(one, Set))
        if known and name not in known and len(known) <= _NAMED:
            raise StopSource(f"{self._shown} has no set {name!r}; there are: {_some(known)}")

    def _refused_sentence(self, error: oai.OAIPMHException, place: Place) -> str:
        reason = f"{self._shown} refuses the request ({_reason(error)})"
        if isinstance(error, oai.NoSetHierarchy):
            return f"{reason}: it has no sets; take out settings.set"
        if isinstance(error, oai.BadArgument | oai.CannotDisseminateFormat | oai.NoMetadataFormats):
            formats = self._offered(
                str(one.metadataPrefix)
                for one in self._repository.list_metadata_formats()
                if isinstance(one, MetadataFormat)
            )
            asked = f"metadata_prefix {self._settings.metadata_prefix!r}" + (
                f" and set {place.set!r}" if place.set else ""
            )
            return f"{reason}: asked for {asked}; it offers {_some(formats)}"
        return f"{reason}; check settings.url"

    def _offered(self, names: Iterator[Any]) -> list[str]:
        """Names of formats or sets, one more than a sentence has room for; none when the repository does not tell."""
        try:
            return list(islice(names, _NAMED + 1))
        except (oai.OAIPMHException, BrokenPage, SourceError):
            return []

    def _expires_sentence(self, place: Place) -> str:
        return (
            f"{self._shown} does not take its resumption token {place.token!r} any more, and beginning again came no "
            "further; what was read before is kept; harvest by set, or ask its owner to keep tokens longer"
        )


def _place(cursor: str | None, of: str) -> Place:
    """The place of a cursor; the beginning when settings changed since. Raises StopSource when it is not ours."""
    if cursor is None:
        return Place(of)
    try:
        place = Place(**json.loads(cursor))
    except (ValueError, TypeError):
        raise StopSource("the stored cursor cannot be read; run once with --full") from None
    return place if place.of == of else Place(of)


def _refuse(sentence: str) -> BinaryIO:
    raise SkipItem(sentence)


def _reason(error: Exception) -> str:
    """The error of the protocol: its code and, shortened, what the repository says."""
    name = type(error).__name__
    said = " ".join(str(error).split())[:200]
    return f"{name[:1].lower()}{name[1:]}: {said}" if said else f"{name[:1].lower()}{name[1:]}"


def _some(names: list[str]) -> str:
    shown = ", ".join(islice(names, _NAMED))
    return (shown + (" ..." if len(names) > _NAMED else "")) or "nothing"
