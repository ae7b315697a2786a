"""One place that turns what went wrong into a sentence and an exit code; nobody else prints an error.

Exit codes (README, "Command line"): 0 done; 1 done, but something failed or was held back; 2 not done.
"""

from __future__ import annotations

import datetime as dt
import difflib
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

DONE, PARTLY, NOT_DONE, INTERRUPTED = 0, 1, 2, 130


class OnestopError(Exception):
    """Root of the errors of this package: each message is a sentence that says what, where and what to do."""


class SettingsError(OnestopError):
    """The workspace, `onestop.toml` or a source file says something that cannot be followed."""


class UnknownName(OnestopError):
    """A source, user, resource or file that was named does not exist."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause for a message about an unknown name: the nearest known one, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.55)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known are: {', '.join(names)}." if names else "there is none yet."


def sentence(error: BaseException) -> str | None:
    """The message of an error that a package foresaw, on one line; None for one that nobody did."""
    if not isinstance(error, _foreseen()):
        return None
    text = " ".join(str(error).split())
    return text or type(error).__name__


def keep_traceback(error: BaseException, folder: Path | None) -> Path:
    """Write the traceback of an unforeseen error into `folder`, else into the temporary one; return the file."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    text = "".join(traceback.format_exception(error))
    for place in (folder, Path(tempfile.gettempdir())):
        if place is None:
            continue
        file = place / f"onestop-error-{stamp}.log"
        try:
            place.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            continue
        return file
    raise error


def _foreseen() -> tuple[type[BaseException], ...]:
    """The error roots of all packages. Imported late: they matter only once something went wrong."""
    from connectors.base import SourceError
    from indexer.errors import SearchError
    from pipelines.errors import PipelineError
    from service_desk.errors import DeskError

    return (OnestopError, SourceError, SearchError, PipelineError, DeskError)
