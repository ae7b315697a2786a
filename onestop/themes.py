"""Theme files: `themes/NAME.yml`, read again when they change. A mistake in one of them takes only that one away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError

from indexer.query import MAX_SIZE, Corner, Query
from mappings.access import ANONYMOUS, Viewer
from mappings.mistakes import Mistake, mistakes_in, nearest
from onestop import yaml_files
from onestop.errors import SettingsError, UnknownName
from search_ui.themes.data import entries, value
from search_ui.themes.model import NAME, PLAIN_COLUMNS, Data, Theme

if TYPE_CHECKING:
    from onestop.wiring import Workspace

log = structlog.get_logger(__name__)

THEMES = "themes"
Json = dict[str, Any]
Stamp = tuple[int, int, int]


class ThemeMistakes(SettingsError):
    """A theme file cannot be followed; `mistakes` are all that is wrong with it."""

    def __init__(self, file: Path, mistakes: list[Mistake]) -> None:
        more = f" And {len(mistakes) - 1} more: `onestop theme check {file.stem}`." if len(mistakes) > 1 else ""
        super().__init__(f"{file}: {mistakes[0]}{more}")
        self.mistakes = mistakes


def names(workspace: Path) -> list[str]:
    """The names of all themes of a workspace, sorted, whether they can be followed or not."""
    return sorted(file.stem for file in yaml_files.in_folder(workspace / THEMES))


def load_theme(workspace: Path, name: str) -> Theme:
    """One theme. Raises UnknownName, SettingsError, ThemeMistakes."""
    files = {file.stem: file for file in yaml_files.in_folder(workspace / THEMES)}
    if name not in files:
        raise UnknownName(f"There is no theme {name!r} in {workspace / THEMES}: {nearest(name, files)}")
    return read_theme(files[name])


def read_theme(file: Path) -> Theme:
    """The theme of a file. Raises SettingsError, ThemeMistakes."""
    if not NAME.fullmatch(file.stem):
        raise SettingsError(f"{file}: a theme is named after its file, by a-z, 0-9, - and _; rename the file.")
    content = yaml_files.read(file, "corner: livelihood")
    if "name" in content:
        raise ThemeMistakes(file, [Mistake("name", None, "the name is that of the file; take this line away.")])
    try:
        return Theme.model_validate({"name": file.stem, **content})
    except ValidationError as error:
        raise ThemeMistakes(file, list(mistakes_in(yaml_files.text_of(file), error, Theme, hidden="name"))) from error


class ThemeFiles:
    """The themes of a workspace as they are now: a file that changed is read again when it is next asked for."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._kept: dict[str, tuple[Stamp, Theme | None]] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Theme]:
        """Those that can be followed: livelihood before research, then by their order."""
        with self._lock:
            read = [self._read(file) for file in yaml_files.in_folder(self._workspace / THEMES)]
        found = {theme.name: theme for theme in read if theme is not None}
        return sorted(found.values(), key=lambda theme: (theme.corner, theme.order, theme.name))

    def get(self, name: str) -> Theme | None:
        """The theme of that name; None when there is none, or when its file cannot be followed."""
        return next((theme for theme in self.all() if theme.name == name), None)

    def _read(self, file: Path) -> Theme | None:
        try:
            found = file.stat()
        except OSError:
            return None
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        kept = self._kept.get(file.name)
        if kept is None or kept[0] != stamp:
            kept = (stamp, _followed(file))
            self._kept[file.name] = kept
        return kept[1]


def _followed(file: Path) -> Theme | None:
    try:
        return read_theme(file)
    except SettingsError as error:
        log.warning("a theme cannot be followed", file=file.name, reason=str(error))
        return None


def check(here: Workspace, name: str | None) -> Json:
    """One theme, or all: ``{"ok", "themes": [{"theme", "title", "records", "problems"}]}``, each problem with place,
    line and what. Raises UnknownName.
    """
    wanted = names(here.folder) if name is None else [name]
    told = [_checked(here, each) for each in wanted]
    return {"ok": not any(theme["problems"] for theme in told), "themes": told}


def _checked(here: Workspace, name: str) -> Json:
    try:
        theme = load_theme(here.folder, name)
    except ThemeMistakes as error:
        return {"theme": name, "title": None, "records": None, "problems": [m._asdict() for m in error.mistakes]}
    except SettingsError as error:
        problem = Mistake("", None, str(error))
        return {"theme": name, "title": None, "records": None, "problems": [problem._asdict()]}
    records, problems = _against(here, theme)
    told = [problem._asdict() for problem in problems]
    return {"theme": name, "title": theme.title.en, "records": records, "problems": told}


def _against(here: Workspace, theme: Theme) -> tuple[int | None, list[Mistake]]:
    """How many records a theme has for the public, and what it names that is not there; None without an index."""
    from indexer.errors import SearchError
    from onestop import sources

    known = sources.names(here.folder)
    problems = [
        Mistake(f"sources[{at}]", None, f"there is no source {source!r}: {nearest(source, known)}")
        for at, source in enumerate(theme.sources)
        if source not in known
    ]
    try:
        if here.engine.store_version() is None:
            return None, problems
        found = here.searcher.search(Query(size=0, corner=Corner(theme.standing)), ANONYMOUS)["total"]
        problems += _missing(here, theme)
    except SearchError as error:
        return None, [*problems, Mistake("", None, str(error))]
    if not found:
        place = "filters" if theme.filters else "sources"
        problems.append(Mistake(place, None, "nothing is found by them that the public may know of."))
    return found, problems


def _missing(here: Workspace, theme: Theme) -> Iterator[Mistake]:
    """What of the pack nobody finds, not even staff, and columns of the data that stay empty."""
    staff = Viewer("theme check", frozenset({"staff"}))
    for at, item in enumerate(theme.pack.items if theme.pack else ()):
        if item.id is not None and here.searcher.resource(item.id, staff) is None:
            yield Mistake(f"pack.items[{at}].id", None, f"there is no resource {item.id!r}; ids stand in the hits.")
    if theme.data is not None:
        corner = Corner((*theme.standing, ("source", (theme.data.source,))))
        queries = (Query(size=MAX_SIZE, corner=corner), Query(sort="reference_code", size=MAX_SIZE, corner=corner))
        yield from _empty(theme.data, [found for query in queries for found in here.searcher.listed(query, staff)])


def _empty(data: Data, looked_at: list[Json]) -> Iterator[Mistake]:
    """Columns in which none of these records says anything: a label is misspelt, perhaps."""
    rows = [(resource, entry) for resource in looked_at for entry in entries(resource, data.source)]
    for at, column in enumerate(data.columns):
        told = any(value(column, resource, entry, "") for resource, entry in rows)
        if rows and not told and column.source not in PLAIN_COLUMNS:
            what = f"no record of {data.source} has {column.source!r} (looked at: {len(rows)})."
            yield Mistake(f"data.columns[{at}].from", None, what)
