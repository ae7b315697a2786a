"""How far a run is, on stderr: bars on a terminal, structured lines (logfmt) anywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task, TaskID
    from rich.text import Text

Show = Callable[[str, str, int, int | None], None]
"""Called with (source, step, done, total or None), from any thread; the source is empty for the run as a whole. A step
ends when all is done, when the next one of its source begins, or with the run.
"""
EVERY = 10.0
"""Seconds between two lines about one step."""
NARROW = 64
"""Columns of a terminal below which only the numbers are shown."""
LONGEST_NAME = 32
WHOLE_RUN = "all sources"


@contextmanager
def progress() -> Iterator[Show]:
    """Show how far each source is. Several may be under way at the same time."""
    if sys.stderr.isatty():
        from rich.console import Console

        with bars(Console(stderr=True)) as show:
            yield show
        return
    lines = Lines(sys.stderr)
    try:
        yield lines.show
    finally:
        lines.end()


# On a terminal


@contextmanager
def bars(console: Console) -> Iterator[Show]:
    """A bar a source, for the step it is at, with rate and time left; gone when all is done."""
    from rich.progress import Progress

    with Progress(*_columns(console.width), console=console, transient=True) as shown:
        yield _Bars(shown).show


class _Bars:
    """One task of `rich.progress` a source. A new step is a new task, so that its rate is its own."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._at: dict[str, tuple[str, TaskID]] = {}
        self._lock = threading.Lock()

    def show(self, source: str, step: str, done: int, total: int | None) -> None:
        with self._lock:
            known, task = self._at.get(source, ("", None))
            if task is not None and (known != step or done == total):
                self._shown.remove_task(task)
                del self._at[source]
                task = None
            if done == total:
                return
            if task is None:
                task = self._shown.add_task(step, total=total, source=printable(source) or WHOLE_RUN)
                self._at[source] = (step, task)
            self._shown.update(task, completed=done, total=total)


def _columns(width: int) -> list[ProgressColumn]:
    from rich.progress import BarColumn, ProgressColumn, TimeRemainingColumn
    from rich.table import Column
    from rich.text import Text

    class Words(ProgressColumn):
        """Text made of a task, one line that is cut when there is no room."""

        def __init__(self, make: Callable[[Task], str], right: bool = False, longest: int | None = None) -> None:
            self._make = make
            column = Column(no_wrap=True, overflow="ellipsis", max_width=longest, justify="right" if right else "left")
            super().__init__(table_column=column)

        def render(self, task: Task) -> Text:
            return Text(self._make(task))

    name = max(8, min(LONGEST_NAME, width // 3))
    columns: list[ProgressColumn] = [
        Words(lambda task: str(task.fields["source"]), longest=name),
        Words(lambda task: task.description),
    ]
    if width < NARROW:
        return [*columns, Words(_count, right=True)]
    bar, left = BarColumn(bar_width=None), TimeRemainingColumn(compact=True)
    return [*columns, bar, Words(_count, right=True), Words(_rate, right=True), left]


def _count(task: Task) -> str:
    done = f"{int(task.completed):,}"
    return done if task.total is None else f"{done}/{int(task.total):,}"


def _rate(task: Task) -> str:
    return f"{task.speed:,.0f}/s" if task.speed and task.speed >= 1 else ""


def printable(text: str) -> str:
    """The text without anything a terminal would obey."""
    return "".join(char for char in text if char.isprintable())


# Anywhere else


@dataclass(slots=True)
class _Step:
    name: str
    begun: float
    told: float
    last: float
    done: int = 0
    total: int | None = None
    is_over: bool = False


class Lines:
    """A line when a step of a source begins, one every `EVERY` seconds while it lasts, and one when it ends."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        import structlog

        keys = ["timestamp", "event", "source", "step", "done", "total", "seconds", "per_second", "seconds_left"]
        self._log: Any = structlog.wrap_logger(
            structlog.PrintLogger(stream),
            processors=[
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.LogfmtRenderer(key_order=keys, drop_missing=True),
            ],
        )
        self._clock = clock
        self._at: dict[str, _Step] = {}
        self._lock = threading.Lock()

    def show(self, source: str, step: str, done: int, total: int | None) -> None:
        with self._lock:
            known, moment = self._step(source, step), self._clock()
            known.done, known.total, known.last = done, total, moment
            if done == total:
                self._end(source, known)
            elif moment - known.told >= EVERY:
                known.told = moment
                self._tell("at", source, known)

    def end(self) -> None:
        """No more steps will come."""
        with self._lock:
            for source, step in self._at.items():
                self._end(source, step)
            self._at = {}

    def _step(self, source: str, name: str) -> _Step:
        """The step that a source is at; the one before it has ended."""
        known = self._at.get(source)
        if known is not None and known.name == name:
            return known
        if known is not None:
            self._end(source, known)
        moment = self._clock()
        begun = self._at[source] = _Step(name, moment, moment, moment)
        self._log.info("began", source=source or WHOLE_RUN, step=name)
        return begun

    def _end(self, source: str, step: _Step) -> None:
        if not step.is_over:
            step.is_over = True
            self._tell("ended", source, step)

    def _tell(self, event: str, source: str, step: _Step) -> None:
        seconds = step.last - step.begun
        said: dict[str, Any] = {"done": step.done}
        if step.total is not None:
            said["total"] = step.total
        said["seconds"] = round(seconds, 1)
        if seconds >= 1 and step.done:
            said["per_second"] = round(step.done / seconds, 1)
            if event == "at" and step.total:
                said["seconds_left"] = round(seconds * max(step.total - step.done, 0) / step.done)
        self._log.info(event, source=source or WHOLE_RUN, step=step.name, **said)
