"""The real parts of a workspace, opened by address when they are first asked for, and let go together.

Everything above the packages (command line, server, notebooks) takes its parts from here: each is chosen in one place.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mappings.access import ANONYMOUS, Viewer
from onestop import settings as workspace_settings
from onestop.errors import SettingsError

if TYPE_CHECKING:
    from indexer.search import Searcher

    from indexer.engines.base import Engine
    from pipelines.source import SourceSpec
    from search_ui.services import Services
    from service_desk.desk import Desk

KEY_FILE = ".secret"


class Workspace:
    """A workspace with its parts. Use as a context manager, or call `close`."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        """Raises SettingsError when there is no workspace in `folder` or its `onestop.toml` cannot be followed."""
        self.settings = workspace_settings.load(folder, environment)
        self.folder = self.settings.workspace
        self._environment = environment
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

    @cached_property
    def searcher(self) -> Searcher:
        """The one search function, over the engine."""
        from indexer.search import Searcher

        return Searcher(self.engine)

    @cached_property
    def desk(self) -> Desk:
        """The desk, its tables brought up to date."""
        from onestop.holdings import SearchHoldings
        from service_desk.desk import Desk
        from service_desk.notices import FolderOutbox
        from service_desk.objects import FolderObjects

        desk = Desk(
            self.settings.database_url,
            objects=FolderObjects(self.settings.folder("objects")),
            holdings=SearchHoldings(lambda: self.searcher, lambda: self.engine.store_version()),
            outbox=FolderOutbox(self.settings.folder("outbox")),
        )
        self._parts.callback(desk.close)
        return desk

    @cached_property
    def services(self) -> Services:
        """What screens and API call."""
        from search_ui.services import Services

        return Services(searcher=self.searcher, desk=self.desk, open_item=self.open_item, cache=self.folder / "cache")

    def viewer(self, name: str | None) -> Viewer:
        """The viewer of an account name, anonymous for None. Raises service_desk.errors.UnknownAccount."""
        return ANONYMOUS if name is None else self.desk.accounts.viewer(name)

    def sources(self, names: Iterable[str] = ()) -> dict[str, SourceSpec]:
        """The named source files, all when none is named. Raises UnknownName, SettingsError."""
        from onestop.sources import load_sources

        return load_sources(self.folder, names, self._environment)

    def secret(self) -> bytes:
        """What forms are signed with: the setting `secret`, else one made once and kept in the workspace."""
        if self.settings.secret:
            return self.settings.secret.encode()
        file = self.folder / KEY_FILE
        try:
            if not file.exists():
                _make_secret(file)
            return file.read_bytes()
        except OSError as error:
            raise SettingsError(f"{file} cannot be used: {error.strerror}; set secret in onestop.toml.") from error


def _make_secret(file: Path) -> None:
    """A new secret under that name, whole or not at all; of several made at once the first one stays."""
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(beside, file)
    beside.unlink()
