"""`onestop migrate`: the parts of a workspace, one after the other, from where they are to where they are to be.

Nothing of the old places changes. A new place must be empty, or hold what an earlier call put there; then the call goes
on with what is missing. Runs are kept out from the beginning; the desk takes nothing in while its last files and its
tables are copied, and until `onestop.toml` says where they are now, if it is to be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct, to_builtins

from onestop.moving import target, trees
from onestop.moving.trees import PlaceOccupied, Tree, tree_at
from onestop.settings import sqlite_file

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from onestop.progress import Show
    from onestop.wiring import Workspace
    from service_desk.transfer import TableState

LOG = "_delta_log/"
NEWEST_CHECKPOINT = f"{LOG}_last_checkpoint"
"""The one file of a Delta table that is written more than once."""


class Part(Struct):
    """What became of a part. `state`: ``moved``, ``there`` (an earlier call had done it), ``empty`` (there is nothing),
    ``to move``, ``stays``. `count` is of files, rows or resources; `digest` is that of old and new place alike.
    """

    part: str
    source: str
    target: str
    state: str
    count: int = 0
    unit: str = "files"
    bytes: int | None = None
    digest: str | None = None


class Report(Struct):
    """What a call did. `settings` are the new lines of `onestop.toml`; `lost` are records whose documents could not be
    made for the new index.
    """

    dry_run: bool
    parts: list[Part]
    tables: list[Any]
    settings: dict[str, str]
    lost: list[str]
    version: int | None = None
    kept: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The document of ``--json``."""
        return {"ok": not self.lost, **to_builtins(self)}


def migrate(here: Workspace, written: Mapping[str, str], *, dry_run: bool, switch: bool, show: Show) -> Report:
    """Move what these addresses, as written, name another place for.

    Raises SettingsError, PlaceOccupied, PlaceFailed, service_desk.errors.Occupied and Unavailable,
    indexer.errors.SearchError, pipelines.errors.PipelineError.
    """
    if switch:
        target.check_switch(written, here.environment)
    with here.elsewhere(written) as there:
        target.check_apart(here.settings, there.settings)
        with _Move(here, there, written, show) as move:
            planned = move.plan()
            return planned if dry_run else move.carry_out(switch)


class _Move:
    """One call, with the databases it opened."""

    def __init__(self, here: Workspace, there: Workspace, written: Mapping[str, str], show: Show) -> None:
        self._here, self._there, self._show = here, there, show
        self._written = written
        self._changed = target.changed(here.settings, there.settings)
        self._opened = ExitStack()

    def __enter__(self) -> _Move:
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    # Looking

    def plan(self) -> Report:
        """What would be moved. Every new place was asked, and holds nothing else."""
        look: dict[str, Callable[[], Part]] = {
            "records": self._plan_records,
            "objects": self._plan_objects,
            "engine": self._plan_index,
            "database": self._plan_database,
        }
        report = self._report(dry_run=True)
        report.parts = [look[part]() if part in self._changed else self._stays(part) for part in target.PARTS]
        return report

    def _plan_records(self) -> Part:
        names, log, _ = self._record_files()
        sizes = self._checked("records", {NEWEST_CHECKPOINT})
        part = self._part("records", "to move" if log else "empty", len(names) + len(log))
        part.bytes = sum(sizes.get(name, 0) for name in (*names, *log))
        return part

    def _plan_objects(self) -> Part:
        sizes = self._checked("objects", ())
        part = self._part("objects", "to move" if sizes else "empty", len(sizes))
        part.bytes = sum(sizes.values())
        return part

    def _plan_index(self) -> Part:
        resources = _resources(self._here)
        self._index_is_there(resources)
        version = self._here.store.version
        return self._part("engine", "to move" if version >= 0 else "empty", resources or 0, "resources")

    def _plan_database(self) -> Part:
        from service_desk import transfer
        from service_desk.database import answering

        source = self._source_database()
        held = self._held()
        if source is None:
            return self._part("database", "empty", 0, "rows")
        with answering("The desk's database"), source.connect() as connection:
            rows = transfer.count(connection)
            if any(state.rows for state in held) and held != transfer.states(connection):
                raise self._occupied(held)
        return self._part("database", "to move", rows, "rows")

    # Doing

    def carry_out(self, switch: bool) -> Report:
        """Move everything, and write the new addresses when they are to be written."""
        report = self._report(dry_run=False)
        with self._nobody_writes():
            self._move_records(report)
            most = self._copy_objects() if "objects" in self._changed else None  # while the desk goes on
            self._move_index(report)
            with self._desk_stands_still() as desk:
                self._move_objects(most, report)
                self._move_database(desk, report)
                if switch:
                    report.kept = str(target.switch(self._here.folder, self._written))
        report.parts.sort(key=lambda part: target.PARTS.index(part.part))
        return report

    def _move_records(self, report: Report) -> None:
        if "records" not in self._changed:
            report.parts.append(self._stays("records"))
            return
        names, log, version = self._record_files()
        if not log:
            report.parts.append(self._part("records", "empty"))
            return
        self._checked("records", {NEWEST_CHECKPOINT})
        copied = trees.copy(
            *self._trees("records"), names, last=log, replaced={NEWEST_CHECKPOINT}, tell=self._tell("records")
        )
        if self._there.store.version != version:
            found = self._there.store.version
            raise trees.PlaceFailed(f"The records arrived at version {found}, not {version}; do it again.")
        report.version = version
        report.parts.append(self._copied("records", copied))

    def _copy_objects(self, before: trees.Copied | None = None) -> trees.Copied:
        names = sorted(self._checked("objects", ()))
        return trees.copy(*self._trees("objects"), names, before=before, tell=self._tell("objects"))

    def _move_objects(self, before: trees.Copied | None, report: Report) -> None:
        if "objects" not in self._changed:
            report.parts.append(self._stays("objects"))
            return
        report.parts.append(self._copied("objects", self._copy_objects(before)))

    def _move_index(self, report: Report) -> None:
        """The index is made anew of the records at their new place, by what `onestop sync --full` makes it with."""
        if "engine" not in self._changed:
            report.parts.append(self._stays("engine"))
            return
        if self._there.store.version < 0:
            report.parts.append(self._part("engine", "empty", 0, "resources"))
            return
        expected = _resources(self._here)
        is_there = self._index_is_there(expected)
        if not is_there:
            from pipelines.publish import publish
            from pipelines.workers import Workers

            with Workers() as workers:
                lost = publish(self._there.store, self._there.engine, workers, full=True, progress=self._show)
            report.lost = [f"{one.source}:{one.resource}" for one in lost]
        found = _resources(self._there) or 0
        if expected is not None and found != expected and not report.lost:
            report.lost = [f"{expected - found} of {expected} resources"]
        report.version = self._there.store.version
        report.parts.append(self._part("engine", "there" if is_there else "moved", found, "resources"))

    def _move_database(self, desk: Connection | None, report: Report) -> None:
        from service_desk import transfer

        if "database" not in self._changed:
            report.parts.append(self._stays("database"))
            return
        if desk is None:
            report.parts.append(self._part("database", "empty", 0, "rows"))
            return
        held = self._held()
        if any(state.rows for state in held):
            if held != transfer.states(desk):
                raise self._occupied(held)
            state, report.tables = "there", held
        else:
            total = transfer.count(desk)
            new = self._engine(self._there)
            report.tables = transfer.fill(desk, new, lambda done: self._show("", "desk", done, total))
            state = "moved"
        rows = sum(table.rows for table in report.tables)
        digest = trees.digest_of((table.table, table.digest) for table in report.tables)
        part = self._part("database", state, rows, "rows")
        part.digest = digest
        report.parts.append(part)

    # Who else writes

    @contextmanager
    def _nobody_writes(self) -> Iterator[None]:
        """No run works on a source, the store or the index; of the new place, neither."""
        from pipelines.lock import INDEX, STORE, sources_locked

        with ExitStack() as held:
            held.enter_context(sources_locked(self._here.locks, self._here.readable_sources()))
            for name in (INDEX, STORE):
                held.enter_context(self._here.locks.take(name))
            if "database" in self._changed and self._there.settings.database_url.startswith("postgresql"):
                for name in (INDEX, STORE):
                    held.enter_context(self._there.locks.take(name))
            yield

    @contextmanager
    def _desk_stands_still(self) -> Iterator[Connection | None]:
        """Nobody writes to the desk; None where there is none."""
        from service_desk import transfer

        source = self._source_database() if {"objects", "database"} & set(self._changed) else None
        if source is None:
            yield None
            return
        with transfer.frozen(source) as connection:
            yield connection

    # Places

    def _trees(self, part: str) -> tuple[Tree, Tree]:
        return tree_at(self._here.settings.place(part)), tree_at(self._there.settings.place(part))

    def _checked(self, part: str, replaced: Any) -> dict[str, int]:
        """The files of a part, when its new place holds nothing else."""
        old, new = self._trees(part)
        known = old.sizes()
        trees.check_target(new, new.sizes(), known, replaced)
        return known

    def _record_files(self) -> tuple[list[str], list[str], int]:
        """The files that the newest version of the store names, those of its log, and that version."""
        store = self._here.store
        store.refresh()
        if store.version < 0:
            return [], [], -1
        names = sorted(store.files()["path"].to_pylist())
        log = sorted(name for name in self._trees("records")[0].sizes() if name.startswith(LOG))
        return names, log, store.version

    def _source_database(self) -> Engine | None:
        """The desk's database, its tables those of this version; None where there is none yet."""
        from service_desk import transfer

        file = sqlite_file(self._here.settings.database_url)
        if file is not None and not file.exists():
            return None
        engine = self._engine(self._here)
        transfer.check_source(engine, "The desk's database")
        return engine

    def _engine(self, workspace: Workspace) -> Engine:
        from service_desk.database import make_engine

        engine = make_engine(workspace.settings.database_url)
        self._opened.callback(engine.dispose)
        return engine

    def _held(self) -> list[TableState]:
        """What the new database holds."""
        from service_desk import transfer

        file = sqlite_file(self._there.settings.database_url)
        if file is not None and not file.exists():
            return []
        return transfer.holds(self._engine(self._there), "The new database")

    def _occupied(self, held: list[TableState]) -> PlaceOccupied:
        rows = ", ".join(f"{state.table}: {state.rows}" for state in held if state.rows)
        return PlaceOccupied(
            f"The new database holds rows ({rows}), and they are not those of this desk; name an empty database."
        )

    def _index_is_there(self, expected: int | None) -> bool:
        """Does the new index show these records? Raises PlaceOccupied when it shows others."""
        from indexer.errors import IndexMissing, IndexVersionMismatch
        from pipelines.publish import is_behind

        try:
            shown = self._there.engine.store_version()
        except IndexMissing:
            return False
        except IndexVersionMismatch:
            raise self._other_index("it was made by another version") from None
        if shown is None:
            return False
        store = self._here.store
        if shown > store.version or is_behind(shown, store):
            raise self._other_index(f"it shows version {shown} of records that are at {store.version}")
        found = _resources(self._there)
        if expected is not None and found != expected:
            raise self._other_index(f"it shows {found} resources, not {expected}")
        return True

    def _other_index(self, why: str) -> PlaceOccupied:
        where = target.shown(self._there.settings.engine)
        return PlaceOccupied(f"There is another index at {where}: {why}; take it away, or name another place.")

    # Telling

    def _report(self, dry_run: bool) -> Report:
        settings = {key: target.shown(address) for key, address in self._written.items()}
        return Report(dry_run, [], [], settings, [])

    def _tell(self, part: str) -> trees.Tell:
        return lambda done, total: self._show("", part, done, total)

    def _stays(self, part: str) -> Part:
        return self._part(part, "stays")

    def _part(self, part: str, state: str, count: int = 0, unit: str = "files") -> Part:
        old, new = (target.shown(str(getattr(each.settings, part))) for each in (self._here, self._there))
        return Part(part, old, new, state, count, unit)

    def _copied(self, part: str, copied: trees.Copied) -> Part:
        state = "empty" if not copied.files else "there" if copied.found == copied.files else "moved"
        told = self._part(part, state, copied.files)
        told.bytes, told.digest = copied.bytes, copied.digest
        return told


def _resources(workspace: Workspace) -> int | None:
    """How many resources an index shows; None when it cannot be asked."""
    from indexer.errors import SearchError
    from indexer.query import Query
    from mappings.access import Viewer

    everybody = Viewer("migrate", frozenset({"staff"}))
    try:
        return int(workspace.searcher.search(Query(size=0), everybody)["total"])
    except SearchError:
        return None
