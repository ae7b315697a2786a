"""One source on its way through the step: its pages in batches, what earlier readings answer, tasks for the rest.
Pages with the same picture are read once, also when they come together.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from msgspec import Struct

from connectors.base import RetryLater, SkipItem, StopSource
from mappings.record import Problem, decode_record, encode
from pipelines.ocr.engines import Choice, Engines
from pipelines.ocr.files import Files, ImageFile
from pipelines.ocr.kept import Found, Kept, key_of
from pipelines.ocr.reading import decoded, read_page
from pipelines.ocr.rows import Mark, Rows, Told
from pipelines.ocr.task import ReadTask
from pipelines.ocr.wanted import Wanted
from pipelines.record_store import KEYS, RecordStore
from pipelines.tables import newest
from pipelines.workers import Died, Workers

BATCH: Final = 64
"""Pages whose records and readings are looked up together."""
TASK_PAGES: Final = 8
"""Of one file that travel together."""
AHEAD: Final = 32
"""Pages handed out before the first of them is done."""
COMMIT_SECONDS: Final = 30.0
COMMIT_PAGES: Final = 500
_LATER: Final = 3
"""Images in a row that are to be fetched later before the rest of the source is."""
_AGAIN: Final = "look at the image; it is read again when the file or the engine has changed"


@dataclass(slots=True)
class SourceReadings:
    """What became of the pages of a source this night: `read` by an engine; `known` from an earlier reading of the same
    image; of both, `blank` ones and `failed` ones; without an engine for them (`no_engine`); `left` for the next night.
    `problems` are (item, problem), those of earlier nights that still hold among them.
    """

    source: str
    read: int = 0
    known: int = 0
    blank: int = 0
    failed: int = 0
    no_engine: int = 0
    left: int = 0
    seconds: float = 0.0
    problems: list[Told] = field(default_factory=list)


@dataclass(slots=True)
class Share:
    """What a source may spend: pages read by an engine (None: any number), until when (of the monotonic clock)."""

    pages: int | None
    ends: float

    def allows(self) -> bool:
        return self.pages != 0 and time.monotonic() < self.ends

    def spend(self, pages: int) -> None:
        if self.pages is not None:
            self.pages = max(self.pages - pages, 0)


_Place = tuple[str, int, Choice]
"""A picture on its way to an engine: the copy of its file, which one of it, and who reads it."""


class _Due(Struct, frozen=True):
    """A page that has to be looked at, with the file of its image and who reads it."""

    page: Wanted
    file: ImageFile
    choice: Choice

    @property
    def key(self) -> str:
        return key_of(self.file.checksum, self.page.frame, self.choice.signature)


class SourceReader:
    """Reads the pages of one source."""

    def __init__(
        self,
        store: RecordStore,
        name: str,
        engines: Engines,
        setting: str,
        kept: Kept,
        rows: Rows,
        files: Files,
        share: Share,
        progress: Callable[[int], None],
    ) -> None:
        self._store, self._name = store, name
        self._engines, self._setting = engines, setting
        self._kept, self._rows, self._files = kept, rows, files
        self._share, self._progress = share, progress
        self._waiting: dict[_Place, list[_Due]] = {}
        self._under_way: dict[str, _Place] = {}
        self._without: Counter[Problem] = Counter()
        self._later = 0
        self._committed = time.monotonic()
        self.counts = SourceReadings(name)

    def read(self, pages: Iterator[Wanted], workers: Workers, standing: list[Told]) -> None:
        """Read them, as long as the share lasts, and write what was read. `standing` problems are told on."""
        self._standing = standing
        for task, result in workers.ordered(self._tasks(pages), AHEAD):
            if isinstance(result, Died):
                reason = f"reading it took more than {task.seconds:g} seconds, or ended the process"
                self._take((task.path, task.frames[0], task.choice), Problem("ocr-failed", reason, _AGAIN))
            elif result is not None:
                frame, found = result
                place = (task.path, frame, task.choice)
                self._take(place, found if isinstance(found, Problem) else found.decode())
        self.commit(is_done=not self.counts.left)

    def commit(self, is_done: bool = False) -> None:
        """Write what waits."""
        if self._rows.count or is_done:
            self._rows.commit(self._kept, self.told(), is_done)
        self._committed = time.monotonic()
        self._progress(self.counts.read + self.counts.known)

    def told(self) -> list[Told]:
        """What is wrong with the source and its images."""
        found = [("", _counted(problem, count)) for problem, count in self._without.items()]
        return [*found, *self.counts.problems, *self._standing]

    # Which pages an engine has to read

    def _tasks(self, pages: Iterator[Wanted]) -> Iterator[ReadTask]:
        """Everything that no earlier reading answers."""
        while batch := list(islice(pages, BATCH)):
            unsettled = self._unsettled(batch)
            if not self._share.allows() or self._later >= _LATER:
                self.counts.left += len(unsettled)
                continue
            due = [one for page, choice in unsettled if (one := self._fetched(page, choice)) is not None]
            yield from self._unanswered(due)

    def _unsettled(self, batch: list[Wanted]) -> list[tuple[Wanted, Choice]]:
        """Those not read by the engine that is to read them, or not since their item changed."""
        choices = self._choices({page.row["source_id"] for page in batch})
        found = []
        for page in batch:
            choice = choices.get(page.row["source_id"])
            if isinstance(choice, Problem):
                self._without[choice] += 1
                self.counts.no_engine += 1
            elif choice is not None and not (page.is_settled and page.row["signature"] == choice.signature):
                found.append((page, choice))
        return found

    def _choices(self, ids: Iterable[str]) -> dict[str, Choice | Problem]:
        """Who reads the pages of these records."""
        columns = ["version", "source", "source_id", "action", "record"]
        table = self._store.rows("record", columns, source=self._name, source_ids=ids)
        return {
            row["source_id"]: self._engines.choose(self._setting, decode_record(row["record"]))
            for row in table.take(newest(table, KEYS["record"])).to_pylist()
            if row["action"] != "delete"
        }

    def _fetched(self, page: Wanted, choice: Choice) -> _Due | None:
        """The page with its file; None when that cannot be had now, or at all."""
        if self._later >= _LATER:
            self.counts.left += 1
            return None
        try:
            file = self._files.get(page.image)
        except SkipItem as error:
            problem = Problem("page-image-missing", str(error), "put it back; it is read when its folder has changed")
            self._settle(page, choice, "", problem)
            return None
        except (RetryLater, StopSource) as error:
            self._put_off(error)
            return None
        self._later = 0
        file.waiting += 1
        return _Due(page, file, choice)

    def _put_off(self, error: RetryLater | StopSource) -> None:
        """The image, and after some of them - or at once, when nothing else will work either - the rest of the source,
        is left for the next night.
        """
        self._later = self._later + 1 if isinstance(error, RetryLater) else _LATER
        self.counts.left += 1
        if self._later == _LATER:
            problem = Problem(
                "page-images-unavailable", str(error), "they are read in the next run that can fetch them"
            )
            self.counts.problems.append(("", problem))

    def _unanswered(self, due: list[_Due]) -> Iterator[ReadTask]:
        """Tasks for what nobody has read before; the rest is settled."""
        found = self._kept.find({one.key for one in due})
        tasks: dict[tuple[str, Choice], list[_Due]] = {}
        for one in due:
            if one.key in found:
                self.counts.known += 1
                self._settle(one.page, one.choice, one.file.checksum, found[one.key])
                self._files.done(one.file)
            elif one.key in self._under_way:
                self._waiting[self._under_way[one.key]].append(one)
            else:
                self._under_way[one.key] = (str(one.file.path), one.page.frame, one.choice)
                self._waiting[self._under_way[one.key]] = [one]
                tasks.setdefault((str(one.file.path), one.choice), []).append(one)
        for (path, choice), some in tasks.items():
            for start in range(0, len(some), TASK_PAGES):
                yield from self._task(path, choice, some[start : start + TASK_PAGES])

    def _task(self, path: str, choice: Choice, some: list[_Due]) -> Iterator[ReadTask]:
        """A task for some pictures of one file, if the share allows."""
        if not self._share.allows():
            for one in some:
                self.counts.left += len(self._answered((path, one.page.frame, choice)))
            return
        self._share.spend(len(some))
        yield ReadTask(path, tuple(one.page.frame for one in some), choice)

    # What was read

    def _take(self, place: _Place, found: Found) -> None:
        """A reading, or why there is none, for all pages that waited for it."""
        first, *same = self._answered(place)
        self._kept.add(first.key, found)
        self.counts.read += 1
        self.counts.known += len(same)
        for one in (first, *same):
            self._settle(one.page, one.choice, one.file.checksum, found)

    def _answered(self, place: _Place) -> list[_Due]:
        """The pages that waited for a picture wait no more."""
        found = self._waiting.pop(place)
        del self._under_way[found[0].key]
        for one in found:
            self._files.done(one.file)
        return found

    def _settle(self, wanted: Wanted, choice: Choice, image: str, found: Found) -> None:
        """The page as it is now, on its way to the store."""
        page = wanted.page
        if isinstance(found, Problem):
            self.counts.failed += 1
            self.counts.problems.append((wanted.row["item"], _placed(found, wanted)))
            self._rows.problem(wanted.row, found)
        else:
            page = read_page(page, decoded(found))
            self.counts.blank += not page.text
        record = wanted.row["record"] if page == wanted.page else encode(page).decode()
        self._rows.page(wanted.row, record, choice.signature, image)
        if self._rows.count >= COMMIT_PAGES or time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()


def standing(mark: Mark, changed: Iterable[str]) -> list[Told]:
    """Problems of earlier nights that still hold: with items that have not changed since. Of a pass that was stopped,
    those with images; what is wrong with the source shows again.
    """
    if mark.is_unfinished:
        return [(item, problem) for item, problem in mark.problems if item]
    gone = set(changed)
    return [(item, problem) for item, problem in mark.problems if item not in gone]


def _counted(problem: Problem, pages: int) -> Problem:
    word = "page image was" if pages == 1 else "page images were"
    return Problem(problem.code, f"{pages} {word} not read: {problem.reason}", problem.hint)


def _placed(problem: Problem, wanted: Wanted) -> Problem:
    frame = "" if wanted.page.frame is None else f", picture {wanted.frame + 1}"
    return Problem(problem.code, problem.reason, problem.hint, f"{wanted.image}{frame}")
