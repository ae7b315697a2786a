"""`onestop doctor`: is everything in its place? Each check is a finding, never an exception."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypedDict

from onestop import alerts, outgoing
from onestop.errors import OnestopError, sentence
from onestop.settings import SYNONYM_FILE, sqlite_file
from onestop.wiring import Workspace

LIBRARIES = ("streamlit", "fastapi", "tantivy", "deltalake", "pyarrow", "lxml", "sqlalchemy", "alembic")
SHOWN_LINES = 5
NEEDED_BYTES = 1 << 30
"""A sync of a million records takes about that much beside the old index."""


class Check(TypedDict):
    """One finding."""

    name: str
    ok: bool
    detail: str


def examine(folder: Path) -> list[Check]:
    """The findings on this installation and on the workspace in `folder`."""
    checks = [
        _check("python", platform.python_version),
        *(_check(name, partial(version, name)) for name in LIBRARIES),
    ]
    try:
        here = Workspace(folder)
    except Exception as error:
        return [*checks, _wrong("workspace", error)]
    with here:
        return [*checks, *_examine_workspace(here)]


def _examine_workspace(here: Workspace) -> Iterator[Check]:
    yield Check(name="workspace", ok=True, detail=str(here.folder))
    yield _check("disk", lambda: _disk(here.folder))
    yield _check("database", lambda: _database(here))
    yield _check("records", lambda: _records(here))
    yield _check("objects", lambda: _objects(here))
    yield from _server(here)
    yield _check("index", lambda: _index(here))
    yield _check("outbox", lambda: outgoing.described(here))
    yield _check("fonts", lambda: outgoing.printed_with(here))
    yield _check("site", lambda: outgoing.site(here) or "not set: notices cannot say where a request is followed")
    yield _check("alerts", lambda: alerts.described(here.settings.alerts))
    yield _check("proxies", lambda: ", ".join(here.settings.trusted_proxies) or "none is trusted")
    yield from _sources(here)
    yield from _themes(here)
    yield _check("synonyms", lambda: _synonyms(here))
    yield _check("retention", lambda: _retention(here))
    yield _check("roles", lambda: f"{len(here.roles().policy.roles)} roles")


def _check(name: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, detail=ask())
    except Exception as error:
        return _wrong(name, error)


def _wrong(name: str, error: Exception) -> Check:
    if isinstance(error, PackageNotFoundError):
        return Check(name=name, ok=False, detail=f"{error.name} is not installed; install onestop-archives again.")
    return Check(name=name, ok=False, detail=sentence(error) or f"{type(error).__name__}: {error}")


class Finding(OnestopError):
    """Something is wrong; the message says what."""


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise Finding(f"only {free >> 20} MiB are free; a sync needs {NEEDED_BYTES >> 20} MiB.")
    return f"{free >> 30} GiB free"


def _database(here: Workspace) -> str:
    from service_desk.database import answering, current_revision, make_engine, newest_revision

    newest = newest_revision()
    file = sqlite_file(here.settings.database_url)
    if file and not file.exists():
        return f"none yet; the first start makes it (revision {newest})"
    engine = make_engine(here.settings.database_url)
    try:
        with answering("The desk's database"):
            current = current_revision(engine)
    finally:
        engine.dispose()
    return f"revision {current}" + ("" if current == newest else f", brought to {newest} at the next start")


def _retention(here: Workspace) -> str:
    from onestop.policies import read_retention

    found = read_retention(here.folder)
    told = found.policy.model_dump(exclude_none=True) if found else {}
    return ", ".join(f"{name} {days} days" for name, days in told.items()) or "readers' data is kept for good"


def _server(here: Workspace) -> Iterator[Check]:
    """What the server of the index says about itself, when it is on one."""
    from indexer.engines.cluster.address import SCHEMES, parse

    address = here.settings.engine
    if address.partition(":")[0] not in SCHEMES:
        return
    from indexer.engines.cluster.connection import connect
    from indexer.engines.cluster.health import examine

    try:
        connection = connect(parse(address, here.folder))
    except Exception as error:
        yield _wrong("server", error)
        return
    with closing(connection):
        for finding in examine(connection):
            yield Check(name=finding.name, ok=finding.ok, detail=finding.detail)


def _records(here: Workspace) -> str:
    version = here.store.version
    return (f"version {version}" if version >= 0 else "none yet") + _where(here, "records")


def _objects(here: Workspace) -> str:
    here.objects.check()
    return "in their place" + _where(here, "objects")


def _where(here: Workspace, key: str) -> str:
    """Said of what is not on this machine."""
    place = here.settings.place(key)
    return "" if isinstance(place, Path) else f", {place}"


def _index(here: Workspace) -> str:
    from pipelines.publish import is_behind

    shown, stored = here.engine.store_version(), here.store.version
    if shown is None and stored < 0:
        return "none yet; `onestop sync` makes it"
    if is_behind(shown, here.store) or (shown or 0) > stored:
        raise Finding(f"shows version {shown} of the records, which are at {stored}; run `onestop sync`.")
    return f"shows version {shown}"


def _sources(here: Workspace) -> Iterator[Check]:
    from onestop.sources import names

    found = names(here.folder)
    if not found:
        yield Check(name="sources", ok=False, detail=f"there are none; put one into {here.folder / 'sources'}.")
    for name in found:
        yield _check(f"source {name}", partial(_source, here, name))


def _source(here: Workspace, name: str) -> str:
    """Does the source list its first item?"""
    from connectors.registry import connector

    spec = here.sources([name])[name]
    items: Iterator[Any] = iter(connector(spec.connector, spec.settings, here.folder).read(None))
    first = next(items, None)
    if first is None:
        raise Finding("has no items; check its settings.")
    return f"{spec.connector}, {spec.mapping}"


def _synonyms(here: Workspace) -> str:
    file = here.synonyms.file
    if file.problems:
        told = "; ".join(f"line {problem.line}: {problem.reason}" for problem in file.problems[:SHOWN_LINES])
        more = len(file.problems) - SHOWN_LINES
        raise Finding(f"{SYNONYM_FILE}: {told}" + (f"; and {more} more." if more > 0 else "."))
    return f"{len(file.names())} names" if file.stamp else f"none; {SYNONYM_FILE} in the workspace would hold them"


def _themes(here: Workspace) -> Iterator[Check]:
    from onestop.themes import check

    for theme in check(here, None)["themes"]:
        told = "; ".join(problem["what"] for problem in theme["problems"]) or f"{theme['records']} records"
        yield Check(name=f"theme {theme['theme']}", ok=not theme["problems"], detail=told)
