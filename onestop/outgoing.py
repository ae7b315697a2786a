"""What leaves a workspace: notices by the setting `outbox`, printed documents with the fonts there are; the address of
the house, and what it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from onestop import places
from onestop.errors import SettingsError
from onestop.tour import read_tour

if TYPE_CHECKING:
    from onestop.wiring import Workspace
    from service_desk.notices import StatusUrl
    from service_desk.sending.outboxes import Channels


FONTS = "fonts"
"""A folder of the workspace: font files of the house, taken before those of the system."""


def outbox(here: Workspace) -> Channels:
    """The channels of the setting. Raises SettingsError, which names an address by its place: it may hold a
    password.
    """
    from service_desk.sending.outboxes import OutboxMistaken, channels

    try:
        return channels(here.settings.outbox, lambda address: _folder(here, address))
    except OutboxMistaken as error:
        raise SettingsError(f"Setting outbox of workspace {here.folder}: {error}") from None


def described(here: Workspace) -> str:
    """The channels, for whoever looks whether all is in its place. Raises SettingsError."""
    from service_desk.sending.outboxes import described

    outbox(here)
    return described(here.settings.outbox)


def site(here: Workspace) -> str:
    """The public address of the house without a slash at its end; empty when it is not set. Raises SettingsError."""
    return _address(here, "site", here.settings.site)


def training_url(here: Workspace) -> str:
    """Where this house trains its clerks, in the same way."""
    return _address(here, "training_url", here.settings.training_url)


def _address(here: Workspace, key: str, given: str) -> str:
    address = given.rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise SettingsError(f"{key} of workspace {here.folder} is no address; write {key} = 'https://archive.example'.")
    return address


def status_url(here: Workspace) -> StatusUrl | None:
    """The address at which a request is followed, by receipt code; None in a house that has not told its own."""
    address = site(here)
    return (lambda receipt: f"{address}/s/{quote(receipt, safe='')}") if address else None


def archive_name(here: Workspace) -> Callable[[str], str]:
    """What the house is called in a language, as its tour says."""

    def name(language: str) -> str:
        tour = read_tour(here.folder)
        return str(tour.get(language, {}).get("name") or tour.get("en", {}).get("name") or "")

    return name


def printed_with(here: Workspace) -> str:
    """The fonts that documents are printed with. Raises service_desk.errors.Unavailable, which says what to install."""
    from service_desk.printed.fonts import Fonts

    return Fonts([here.folder / FONTS]).described()


def _folder(here: Workspace, address: str) -> Path:
    found = places.place(address, here.folder, f"outbox of workspace {here.folder}")
    if not isinstance(found, Path):
        raise SettingsError(f"outbox of workspace {here.folder} names a bucket; write file:FOLDER.")
    return found
