"""One place that turns what went wrong into a sentence and an exit code; nobody else prints an error.

Exit codes (README, "Command line"): 0 done; 1 done, but something failed or was held back; 2 not done.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

DONE, PARTLY, NOT_DONE, INTERRUPTED = 0, 1, 2, 130
LONGEST = 800
"""Characters of a sentence: more is not read."""
_ROOM, _RIGHTS = "make room on the disk", "check its owner and mode"
REFUSED = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
}
"""What the operating system may refuse to anybody who writes, and what to do."""


class OnestopError(Exception):
    """Root of the errors of this package: each message is a sentence that says what, where and what to do."""


class SettingsError(OnestopError):
    """The workspace, `onestop.toml` or a source file says something that cannot be followed."""


class UnknownName(OnestopError):
    """A source, user, resource or file that was named does not exist."""


def sentence(error: BaseException, folder: Path | None = None) -> str | None:
    """The message of an error that a package foresaw, on one line; None for one that nobody did. `folder` is where the
    system refused something, when it does not say itself.
    """
    if isinstance(error, OSError) and error.errno in REFUSED:
        return f"{error.filename or folder}: {os.strerror(error.errno)}; {REFUSED[error.errno]}, then do it again."
    if not isinstance(error, _foreseen()):
        return None
    text = " ".join(str(error).split())
    if len(text) > LONGEST:  # what was typed or found may be quoted in it, however long
        text = f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    return text or type(error).__name__


def keep_traceback(error: BaseException, folder: Path | None) -> Path | None:
    """Write the traceback of an unforeseen error into `folder`, else into the temporary one; return the file, None
    when there is room nowhere.
    """
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    text = "".join(traceback.format_exception(error))
    for place in _places(folder):
        file = place / f"onestop-error-{stamp}.log"
        try:
            place.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            continue
        return file
    return None


def _places(folder: Path | None) -> Iterator[Path]:
    """Where details may go. That there is a temporary folder is not certain: Python writes into it to find it."""
    if folder is not None:
        yield folder
    with contextlib.suppress(OSError):
        yield Path(tempfile.gettempdir())


def _foreseen() -> tuple[type[BaseException], ...]:
    """The error roots of all packages. Imported late: they matter only once something went wrong."""
    from connectors.base import SourceError
    from indexer.errors import SearchError
    from pipelines.errors import PipelineError
    from service_desk.errors import DeskError

    return (OnestopError, SourceError, SearchError, PipelineError, DeskError)
