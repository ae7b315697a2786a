"""Copies made to order on their way from the desk into the night: a source of their own, whose files are laid out in
the cache from what the desk keeps, and read from the desk itself when somebody looks at a page.
"""

from __future__ import annotations

import io
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from connectors.base import SkipItem
from mappings.made import MANIFEST, SOURCE
from onestop.standing import has_desk
from service_desk.objects import write_whole

if TYPE_CHECKING:
    from onestop.wiring import Workspace
    from pipelines.record_store import RecordStore
    from pipelines.source import SourceSpec
    from service_desk.made.views import Outcome, StandingCopy

TITLE: Final = "Copies made to order"


class MadeCopies:
    """The copies of a workspace, for one night."""

    def __init__(self, here: Workspace, cache: Path) -> None:
        self._here = here
        self._folder = cache / SOURCE
        self._standing: list[StandingCopy] = []

    def source(self, held: ExitStack) -> SourceSpec | None:
        """The source they are, its lock held and its files laid out; None where no copy was ever kept, while the desk
        does not answer, and while another run has it.
        """
        from pipelines.errors import WorkspaceLocked
        from pipelines.lock import sources_locked
        from service_desk.errors import Unavailable

        if not has_desk(self._here):
            return None
        try:
            made = self._here.desk.made
            self._standing = made.standing()
            if not self._standing and not made.ended():
                return None
            held.enter_context(sources_locked(self._here.locks, [SOURCE]))
            self._lay_out()
        except (Unavailable, WorkspaceLocked):
            return None
        return self._spec()

    def _spec(self) -> SourceSpec:
        from pipelines.source import SourceSpec

        return SourceSpec(
            SOURCE,
            TITLE,
            "folder",
            "made",
            access="internal",
            settings={"path": str(self._folder)},
            ocr=self._here.settings.copies_ocr or None,
            braked=False,
            base=self._here.folder,
        )

    def _lay_out(self) -> None:
        """The folder holds what stands and nothing else. What is there already is left alone: a file never changes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        wanted = {copy.copy for copy in self._standing}
        for folder in self._folder.iterdir():
            if folder.name not in wanted:
                shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
        for copy in self._standing:
            self._lay_out_copy(copy)

    def _lay_out_copy(self, copy: StandingCopy) -> None:
        """One that is lost in the object store is left out, and the night tells of it."""
        from service_desk.errors import DeskError

        folder = self._folder / copy.copy
        folder.mkdir(exist_ok=True)
        for file in copy.files:
            place = folder / file.name
            with suppress(DeskError):
                if not place.exists():
                    write_whole(place, self._here.desk.made.file(copy.copy, file.name))
        manifest = _manifest(copy)
        place = folder / MANIFEST
        if not place.exists() or place.read_bytes() != manifest:
            write_whole(place, manifest)

    def note(self) -> None:
        """Tell the desk what became of them, once the night is through; one that does not answer is told the next."""
        from service_desk.errors import Unavailable

        if self._standing:
            self._here.store.refresh()
            with suppress(Unavailable):
                self._here.desk.made.note(_outcomes(self._here.store, self._standing))


def opened(here: Workspace, key: str) -> BinaryIO:
    """A file of a copy that stands, as the desk has it. Raises connectors.base.SkipItem."""
    from service_desk.errors import DeskError

    copy, _, name = key.partition("/")
    try:
        return io.BytesIO(here.desk.made.file(copy, name))
    except DeskError as error:
        raise SkipItem(f"{SOURCE}: {key} cannot be had: {error}") from error


def _manifest(copy: StandingCopy) -> bytes:
    """What the mapping reads beside the files (`mappings.formats.made.Made`)."""
    told = {
        "of": copy.of,
        "title": copy.title,
        "holder": copy.holder,
        "fonds": copy.fonds,
        "files": [{"name": file.name, "media_type": file.media_type} for file in copy.files],
    }
    return msgspec.json.encode(told)


def _outcomes(store: RecordStore, standing: Iterable[StandingCopy]) -> Iterator[Outcome]:
    """What the store has of each file: its pages, or the problem that was met."""
    from pipelines.stored_problems import stored_problems
    from service_desk.made.views import Outcome

    copies = list(standing)
    records = store.records([(SOURCE, copy.copy) for copy in copies])
    met: dict[tuple[str, str], str] = {}
    for found in stored_problems(store, SOURCE):
        met.setdefault((found.item, found.problem.position), found.problem.reason)
    for copy in copies:
        record = records.get((SOURCE, copy.copy))
        pages = Counter(page.image for page in record.pages) if record else Counter()
        for file in copy.files:
            count = pages[f"{copy.copy}/{file.name}"]
            reason = met.get((copy.copy, file.name)) or met.get((copy.copy, ""))
            yield Outcome(copy.copy, file.name, count, None if count else reason)
