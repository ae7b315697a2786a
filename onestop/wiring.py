"""The real parts of a workspace, opened by address when they are first asked for, and let go together.

Everything above the packages (command line, server, notebooks) takes its parts from here: each is chosen in one place.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from mappings.access import ANONYMOUS, Viewer
from onestop import releases
from onestop import settings as workspace_settings
from onestop.addresses import shown
from onestop.errors import SettingsError
from onestop.keys import Keys
from onestop.places import objects_at
from onestop.settings import SYNONYM_FILE
from onestop.standing import has_desk, standing

if TYPE_CHECKING:
    from indexer.engines.base import Engine
    from indexer.engines.guarded import Pulse
    from indexer.search import Searcher
    from indexer.synonyms import Synonyms
    from onestop.holdings import SearchHoldings
    from onestop.nights import Nights
    from onestop.opening import HouseOpening
    from onestop.policies import RolesFile
    from onestop.themes import ThemeFiles
    from pipelines.intake import Progress
    from pipelines.lock import Locks
    from pipelines.record_store import RecordStore
    from pipelines.report import RunReport
    from pipelines.source import SourceSpec
    from pipelines.stored_records import StoredRecords
    from search_ui.services import Services
    from service_desk.desk import Desk
    from service_desk.openid import OpenIdSettings
    from service_desk.ports import ObjectStore
    from service_desk.retention import Forgotten

CACHE = "cache"
"""Below the workspace: what can be had again, on this machine."""
RUN_PATIENCE = 120
"""Seconds that each step of a run waits for a record store whose server is away: nobody looks at a screen meanwhile."""


class Workspace:
    """A workspace with its parts. Use as a context manager, or call `close`."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] = os.environ,
        today: Callable[[], dt.date] = dt.date.today,
    ) -> None:
        """`today` is the day by which records open. Raises SettingsError when there is no workspace in `folder` or its
        `onestop.toml` cannot be followed.
        """
        self.settings = workspace_settings.load(folder, environment)
        self.folder = self.settings.workspace
        self.keys = Keys(self.settings)
        self.environment = environment
        self.today = today
        self._parts = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every part that was opened, the last one first."""
        self._parts.close()

    @cached_property
    def engine(self) -> Engine:
        """The search engine. Raises indexer.errors.EngineUnavailable for an address nobody understands."""
        from indexer.engines import open_engine

        return open_engine(self.settings.engine, self.folder)

    def refuse_unsupported(self) -> None:
        """Raises EngineUnsupported for a server that we cannot work with, before anything is begun. One that does not
        answer now is met by whoever needs it.
        """
        from indexer.errors import EngineUnsupported, SearchError

        try:
            self.engine.store_version()
        except EngineUnsupported:
            raise
        except SearchError:
            return

    @cached_property
    def _guarded(self) -> tuple[Engine, Callable[[], Pulse]]:
        from indexer.engines.guarded import guarded

        return guarded(self.engine)

    @property
    def answering(self) -> Engine:
        """The engine as it is asked by people: while it does not answer, nobody waits for it. Runs take `engine`."""
        return self._guarded[0]

    @cached_property
    def searcher(self) -> Searcher:
        """The one search function, over the engine."""
        from indexer.search import Searcher
        from mappings import made
        from onestop import made_copies

        titles = {name: spec.title for name, spec in self.readable_sources().items()}
        titles[made.SOURCE] = made_copies.TITLE
        return Searcher(self.answering, titles, self.today, self.synonyms, ended=self.ended_copies)

    @cached_property
    def ended_copies(self) -> releases.Ended:
        """Which releases of de-identified copies stand no more."""
        return releases.Ended(self)

    @cached_property
    def stored(self) -> StoredRecords:
        """Records as the store has them, for while the engine does not answer."""
        from indexer.synonyms import SynonymFile
        from pipelines.stored_records import StoredRecords

        names = SynonymFile(self.folder / SYNONYM_FILE)
        return StoredRecords(lambda: self.store, names, self.today, ended=self.ended_copies)

    @cached_property
    def synonyms(self) -> Synonyms:
        """Other names of what is typed: from the file of the workspace and from the authorities of the index."""
        from indexer.synonyms import SynonymFile, Synonyms

        return Synonyms(self.answering, SynonymFile(self.folder / SYNONYM_FILE))

    @cached_property
    def store(self) -> RecordStore:
        """The record store. Raises pipelines.errors.StoreUnusable."""
        return self.open_store()

    def open_store(self) -> RecordStore:
        """The record store as it is now, apart from `store`. Raises pipelines.errors.StoreUnusable."""
        from pipelines.lock import STORE
        from pipelines.record_store import RecordStore

        copies = self.folder / CACHE / "records"
        return RecordStore(self.settings.place("records"), lock=lambda: self.locks.wait(STORE), copies=copies)

    @cached_property
    def locks(self) -> Locks:
        """What keeps two runs of a source, and two writers, apart."""
        from pipelines.lock import locks_of

        # A training desk may lie in the database of a house, for whose nights it does not wait.
        return locks_of("" if self.settings.is_training else self.settings.database_url, self.folder)

    @cached_property
    def holdings(self) -> SearchHoldings:
        """What the desk asks of search."""
        from onestop.holdings import SearchHoldings

        searched, version = lambda: self.searcher, lambda: self.answering.store_version()
        return SearchHoldings(searched, version, lambda: self.stored, self.themes.all)

    @cached_property
    def objects(self) -> ObjectStore:
        """The files of the desk. Raises SettingsError."""
        return objects_at(self.settings.place("objects"))

    @cached_property
    def desk(self) -> Desk:
        """The desk, its tables brought up to date. Raises service_desk.errors.Unavailable."""
        from onestop import outgoing
        from onestop.knowledge import knowledge_of
        from onestop.relaying import relays
        from service_desk.desk import Desk

        desk = Desk(
            self.settings.database_url,
            objects=self.objects,
            holdings=self.holdings,
            outbox=outgoing.outbox(self),
            status_url=outgoing.status_url(self),
            archive=outgoing.archive_name(self),
            font_folders=[self.folder / outgoing.FONTS],
            policies=self.roles,
            identity_key=self.keys.identity,
            openid=self._openid(),
            containers=self.holdings,
            records=self.holdings,
            knowledge=knowledge_of(self),
            relays=relays(self),
            training=self.settings.is_training,
        )
        self._parts.callback(desk.close)
        return desk

    @cached_property
    def roles(self) -> RolesFile:
        """The policy of roles, as its file is when it is asked."""
        from onestop.policies import RolesFile

        return RolesFile(self.folder)

    @cached_property
    def opening(self) -> HouseOpening:
        """The policy of opening: its file, and what is in force."""
        from onestop.opening import HouseOpening

        return HouseOpening(self)

    @cached_property
    def nights(self) -> Nights:
        """What runs told, and how fresh each source is."""
        from onestop.nights import Nights

        return Nights(self)

    @cached_property
    def themes(self) -> ThemeFiles:
        """The thematic corner, as its files are when it is asked."""
        from onestop.themes import ThemeFiles

        return ThemeFiles(self.folder)

    @cached_property
    def services(self) -> Services:
        """What screens and API call."""
        from onestop import outgoing, remembered
        from onestop.busy import HouseBusy
        from onestop.copy_desk import CopyDesk
        from onestop.tour import read_tour
        from search_ui.services import Services

        return Services(
            searcher=self.searcher,
            desk=self.desk,
            open_item=self.open_item,
            cache=self.folder / CACHE,
            index_version=self.shown_version,
            names_version=lambda: self.synonyms.version,
            sources=remembered.remembered_sources(self),
            links=remembered.remembered_links(self),
            tour=read_tour(self.folder),
            nights=self.nights,
            opening=self.opening,
            themes=self.themes,
            stored=self.stored,
            pulse=remembered.remembered_pulse(self, self._guarded[1]),
            reviewing=CopyDesk(self),
            ended_copies=self.ended_copies,
            busy=HouseBusy(self),
            public_address=outgoing.site(self) or None,
            training_url=outgoing.training_url(self),
            begin_anew=self._begin_anew if self.settings.is_training else None,
        )

    def _begin_anew(self) -> None:
        from onestop.training import reset

        reset(self)

    def elsewhere(self, addresses: Mapping[str, str]) -> Workspace:
        """The same workspace with parts at other addresses (`engine`, `records`, ...). Raises SettingsError."""
        moved = {f"ONESTOP_{key.upper()}": address for key, address in addresses.items()}
        return Workspace(self.folder, {**self.environment, **moved}, self.today)

    def viewer(self, name: str | None) -> Viewer:
        """The viewer of an account name, anonymous for None. Raises service_desk.errors.UnknownAccount."""
        return ANONYMOUS if name is None else self.desk.accounts.viewer(name)

    def sources(self, names: Iterable[str] = ()) -> dict[str, SourceSpec]:
        """The named source files, all when none is named. Raises UnknownName, SettingsError."""
        from onestop.sources import load_sources

        return load_sources(self.folder, names, self.environment)

    def readable_sources(self) -> dict[str, SourceSpec]:
        """All sources whose files can be followed: what is searchable stays so while another file is being written."""
        from onestop.sources import names

        found: dict[str, SourceSpec] = {}
        for name in names(self.folder):
            with contextlib.suppress(SettingsError):
                found |= self.sources([name])
        return found

    def open_item(self, source: str, key: str) -> BinaryIO:
        """The bytes of an item of a source, through its connector. Raises connectors.base.SourceError."""
        from connectors.registry import connector
        from mappings import made
        from onestop import made_copies

        if source == made.SOURCE:
            return made_copies.opened(self, key)
        spec = self.sources([source])[source]
        return connector(spec.connector, spec.settings, spec.base).fetch(key)

    def shown_version(self) -> int | None:
        """The version that the index shows; None when there is none, or the server that knows it does not answer."""
        from indexer.errors import IndexPartial

        with contextlib.suppress(IndexPartial):
            return self.answering.store_version()
        return None

    def sync(
        self,
        names: Iterable[str] = (),
        *,
        full: bool = False,
        allow_deletes: bool = False,
        progress: Progress | None = None,
        replay: bool = False,
    ) -> RunReport:
        """Bring records and index up to date with the named sources, or with all; `replay` maps again what was kept of
        failed and skipped items instead.

        Raises UnknownName, SettingsError, pipelines.errors.WorkspaceLocked, indexer.errors.EngineUnsupported.
        """
        from mappings import made
        from onestop import made_copies
        from pipelines.lock import sources_locked
        from pipelines.workers import Workers

        wanted = list(names)
        specs, broken = (self.sources(wanted), {}) if wanted else self._sources_there_are()
        if not specs:
            raise SettingsError(f"There are no sources in {self.folder / 'sources'}; put a NAME.yml there.")
        copies = made_copies.MadeCopies(self, self.folder / CACHE)
        with sources_locked(self.locks, specs), contextlib.ExitStack() as held, Workers() as workers:
            if full or not self._has_records():
                workers.start()  # they get ready while store and engine are loaded
            from onestop.opening import standing_reviews
            from pipelines.nightly import sync
            from pipelines.report import RunReport
            from pipelines.runs import recorded

            self.refuse_unsupported()
            self.store.patience = RUN_PATIENCE
            made_here = None if replay else copies.source(held)
            every = [*specs.values(), *([made_here] if made_here else [])]
            with recorded(self.store, RunReport(planned=[spec.name for spec in every], replay=replay)) as report:
                sync(
                    every,
                    self.store,
                    self.engine,
                    full=full,
                    allow_deletes=allow_deletes,
                    configured=None if wanted or replay else [*specs, *broken, made.SOURCE],
                    progress=progress,
                    workers=workers,
                    locks=self.locks,
                    replay=replay,
                    report=report,
                    decisions=standing(self, lambda desk: desk.links.standing()),
                    releases=standing(self, lambda desk: desk.copies.standing()),
                    reviews=standing_reviews(self),
                    today=self.today(),
                    models=self.settings.models,
                )
                for name, reason in broken.items():
                    report.of(name).hold_back("source-file", reason, "nothing of this source was read; the others were")
            if made_here:
                copies.note()
            return report

    def _has_records(self) -> bool:
        """Is there a folder of records? Of a bucket that is asked later."""
        place = self.settings.place("records")
        return not isinstance(place, Path) or place.exists()

    def reindex(self, progress: Progress | None = None) -> dict[str, Any]:
        """Build the index anew from the record store: its version, how long it took, and what the index does not have.

        Raises pipelines.errors.WorkspaceLocked, StoreUnusable and the engine's errors.
        """
        from pipelines.reindex import reindex
        from pipelines.workers import Workers

        with Workers() as workers:
            done = reindex(self.store, self.engine, workers, self.locks, progress or (lambda *_: None))
        left_out = [{"source": one.source, "resource": one.resource, "reason": one.reason} for one in done.left_out]
        return {"version": done.version, "seconds": round(done.seconds, 3), "left_out": left_out}

    def rollback(self) -> dict[str, Any]:
        """Show the index that was shown before: its name, and the version it shows beside the store's.

        Raises SettingsError for an engine that keeps none, IndexMissing, pipelines.errors.WorkspaceLocked.
        """
        from indexer.engines.base import KeepsLast
        from pipelines.lock import INDEX

        if not isinstance(self.engine, KeepsLast):
            raise SettingsError(
                f"The engine {shown(self.settings.engine)} keeps no earlier index to go back to; `onestop reindex` "
                "builds it anew from the records."
            )
        with self.locks.take(INDEX):
            index = self.engine.go_back()
            self.engine.refresh()
        return {"index": index, "version": self.engine.store_version(), "store_version": self.store.version}

    def _sources_there_are(self) -> tuple[dict[str, SourceSpec], dict[str, str]]:
        """All sources, and why the files of some cannot be followed: one that is being written stops no night. Raises
        SettingsError when that is all there is.
        """
        from onestop.sources import names

        specs: dict[str, SourceSpec] = {}
        broken: dict[str, str] = {}
        for name in names(self.folder):
            try:
                specs |= self.sources([name])
            except SettingsError as error:
                broken[name] = str(error)
        if broken and not specs:
            raise SettingsError(next(iter(broken.values())))
        return specs, broken

    def are_locked(self, sources: Collection[str]) -> bool:
        """Does a run work on one of these sources now?"""
        from pipelines.errors import PipelineError, WorkspaceLocked
        from pipelines.lock import sources_locked

        try:
            with sources_locked(self.locks, sources):
                return False
        except WorkspaceLocked:
            return True
        except PipelineError:  # whoever may not take the locks cannot tell
            return False

    def tidy_desk(self) -> None:
        """The desk's part of a night: old drafts go, notices leave, requests taken while search was down get their hit,
        readers' data is forgotten in time.

        Nothing where there is no desk yet. Raises service_desk.errors.Unavailable, SettingsError.
        """
        if has_desk(self):
            self.desk.tidy()
            self.forget()

    def forget(self, *, dry_run: bool = False) -> Forgotten:
        """Readers' data whose time is over; nothing where no time is set. Raises SettingsError."""
        from onestop.policies import read_retention
        from service_desk.retention import Forgotten

        found, retention = read_retention(self.folder), self.desk.retention
        if found is None:
            return Forgotten()
        return retention.due(found.policy) if dry_run else retention.apply(*found)

    def check_source(self, name: str) -> dict[str, Any]:
        """A few items of a source and what they would give. Raises UnknownName, SettingsError, SourceError."""
        from pipelines.check import check_source

        return check_source(self.sources([name])[name])

    def write_proposal(self, report: Mapping[str, Any], file: Path) -> None:
        """Write what `check_source` proposes for a source into a new source file. Raises SettingsError."""
        from onestop.proposed import write_source
        from onestop.sources import source_file

        write_source(source_file(self.folder, report["source"]), report, file, self.environment)

    def serve(self, host: str, port: int, listening: Callable[[], None] = lambda: None, processes: int = 1) -> None:
        """Serve screens and API until interrupted; `listening` is called once connections are taken.

        Raises SettingsError when the port is taken, or when several processes do not get ready, EngineUnsupported, and
        of a training desk Unavailable.
        """
        self.refuse_unsupported()
        if self.settings.is_training:
            self._prepare_training(processes)
        from onestop.relaying import keep_relaying
        from search_ui.processes import CannotStart
        from search_ui.server import PortTaken, serve, serve_by_processes

        try:
            if processes == 1:
                keep_relaying(self)
                self.desk.keep_going()
                serve(self.services, host, port, self.streamlit_options(), listening, self.settings.trusted_proxies)
            else:
                self.keys.cookies()  # made once, before workers look for it
                _ = self.settings.trusted_proxies  # a mistake in it is told here, not by each worker
                serve_by_processes(self._worker, processes, host, port, listening)
        except (PortTaken, CannotStart) as error:
            raise SettingsError(str(error)) from error

    def _prepare_training(self, processes: int) -> None:
        """Have the place of a training desk's rows ready. Raises SettingsError, service_desk.errors.Unavailable."""
        from onestop.training_places import FilePlace, place_of

        file = self.folder / workspace_settings.FILE_NAME
        place = place_of(self.settings.database_url, file)
        if processes > 1 and isinstance(place, FilePlace):
            raise SettingsError(
                "A training desk whose database is a file is served by one process; leave out --processes, or have it "
                f"on PostgreSQL: write `database` in {file}, then `onestop training make`."
            )
        place.prepare()

    def _worker(self, channel: int, door: Path) -> list[str]:
        return [sys.executable, "-m", "onestop.worker", str(self.folder.resolve()), str(channel), str(door)]

    def streamlit_options(self) -> dict[str, Any]:
        """What screens need beyond the packaged settings."""
        return {"server.cookieSecret": self.keys.cookies()}

    def _openid(self) -> OpenIdSettings | None:
        """The provider whose people may sign in. Raises SettingsError."""
        if not self.settings.openid:
            return None
        from service_desk.openid import OpenIdSettings

        given = OpenIdSettings(self.settings.openid, self.settings.openid_client, self.settings.openid_secret)
        if (problem := given.problem()) is not None:
            raise SettingsError(f"{self.folder / workspace_settings.FILE_NAME}: {problem}")
        return given
