"""A night that failed or was held back is told to somebody: the setting `alerts`, addresses that Apprise understands.

Not told: a source that another run is reading, and what was typed wrong - whoever typed it sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from onestop import errors
from onestop.errors import SettingsError, UnknownName

if TYPE_CHECKING:
    from apprise import Apprise

    from onestop.wiring import Workspace
    from pipelines.report import RunReport, SourceReport

SOURCES_SHOWN = 20
"""Sources that a message tells of: more is not read on a telephone."""
REASON_SHOWN = 300


class Night:
    """What a run has to tell, once it is over."""

    def __init__(self, here: Workspace) -> None:
        self._here = here

    def tell(self, report: RunReport, is_desk_tidy: bool = True) -> None:
        """Tell of a run that is over, when something in it went wrong, or when the one before it was killed and could
        not tell. What cannot be told is said on stderr.
        """
        if report.exit_code == 0 and is_desk_tidy and not report.interrupted:
            return
        wrong = [source for source in report.sources if not source.is_clean]
        lines = [_line(source) for source in wrong[:SOURCES_SHOWN]]
        if len(wrong) > SOURCES_SHOWN:
            lines.append(f"... and {len(wrong) - SOURCES_SHOWN} more sources")
        if not is_desk_tidy:
            lines.append("the desk: its part of the night could not be done; onestop doctor looks at it")
        if report.interrupted:
            lines.append(
                f"- the run before, {report.interrupted}, never came to its end; this one went on where it was"
            )
        begun = f"Run {report.run}: {len(report.sources)} sources, {report.seconds:,.0f} seconds."
        self._send(_title(report, is_desk_tidy), [begun, *lines, "", f"Look: {self._command(f'report {report.run}')}"])

    def tell_failure(self, error: Exception) -> None:
        """Tell of a run that did not come to its end."""
        said = errors.sentence(error, self._here.folder) or f"{type(error).__name__}; the details are in logs"
        look = f"Look: {self._command('doctor')}, then {self._command('sync')}"
        self._send("the night did not come to its end", [said[:REASON_SHOWN], "", look])

    def _command(self, words: str) -> str:
        return f"onestop --workspace {self._here.folder} {words}"

    def _send(self, word: str, lines: Iterable[str]) -> None:
        from onestop.console import say

        try:
            addressed = addresses(self._here.settings.alerts)
            if addressed and not send(addressed, f"onestop, {self._here.folder.name}: {word}", "\n".join(lines)):
                say("Nobody could be told: the addresses of alerts in onestop.toml took no message; check them.")
        except SettingsError as error:
            say(f"Nobody could be told: {error}")


@contextmanager
def watched(here: Workspace) -> Iterator[Night]:
    """A run of which somebody is told, also when it raises."""
    from pipelines.errors import WorkspaceLocked

    night = Night(here)
    try:
        yield night
    except (WorkspaceLocked, UnknownName):
        raise
    except Exception as error:
        night.tell_failure(error)
        raise


def addresses(setting: str) -> Apprise | None:
    """The addresses of the setting, separated by white space; None when there is none. Raises SettingsError, which
    names an address by its place: it may hold a password.
    """
    if not setting.split():
        return None
    from apprise import Apprise

    # It logs whole addresses, and what it could not do is told by us.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    found = Apprise()
    for place, address in enumerate(setting.split(), 1):
        if not found.add(address):
            scheme = address.partition("://")[0] if "://" in address else ""
            named = f" ({scheme}://...)" if scheme.isalnum() else ""
            raise SettingsError(
                f"Address {place} of alerts{named} is none that Apprise understands; see its list of services, or "
                "write mailto://HOST?from=...&to=..."
            )
    return found


def send(addressed: Apprise, title: str, body: str) -> bool:
    """One message to all addresses; True when every one of them took it."""
    return bool(addressed.notify(title=title, body=body, notify_type="failure"))


def described(setting: str) -> str:
    """The kinds of the addresses, such as ``mailto, json``. Raises SettingsError for one that is none."""
    if addresses(setting) is None:
        return "none; nobody is told of a night that failed (alerts in onestop.toml)"
    return ", ".join(address.partition("://")[0] for address in setting.split())


def _title(report: RunReport, is_desk_tidy: bool) -> str:
    if any(source.braked for source in report.sources):
        return "deletes wait for your word"
    if report.exit_code == 0 and is_desk_tidy:
        return "the run before this one was interrupted"
    return "something failed or was held back"


def _line(source: SourceReport) -> str:
    told: dict[str, Any] = source.summary()
    reason = f"held back: {told['reason'][:REASON_SHOWN]}" if told["reason"] else ""
    failed = f"{source.failed:,} failed" if source.failed else ""
    return f"- {source.source}: {'; '.join(part for part in (failed, reason) if part)}"
