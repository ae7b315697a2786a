"""`onestop training`: a workspace of its own to learn at, made of the samples; nothing of it leaves the house.

To begin, and to begin anew, a database is filled beside the one in use and takes its place (`training_places`), so that
it can be done while it is served, and is done or not done.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from onestop import console, demo_relay, demo_stacks
from onestop.answer_files import read_answers
from onestop.demo import copy_samples
from onestop.demo_rooms import fill_rooms
from onestop.errors import SettingsError
from onestop.settings import FILE_NAME
from onestop.training_places import Place, place_of
from onestop.wiring import Workspace

if TYPE_CHECKING:
    from service_desk.desk import Desk

FOLDER: Final = Path("onestop-training")
MARKER: Final = ".onestop-training"
PASSWORD: Final = "{name}-training"  # noqa: S105 - told to everybody who trains
TRAINEES: Final = ("trainee", "trainee2", "trainee3")
ACCOUNTS: Final = {
    "reader": "reader",
    "staff": "staff",
    "administrator": "administrator",
    **dict.fromkeys(TRAINEES, "staff"),
}
"""Accounts by name, and the role of each."""
PERSONS: Final = (("林淑芬", "lin@example.org"), ("周文彬", "zhou@example.org"))
_KEPT: Final = ("exercises",)
"""Documents of rules that a house has written for its training: they outlive a new beginning."""
_OUTBOX: Final = "outbox"
_FRESH_OUTBOX: Final = "outbox.fresh"
_LOCK: Final = "training"
_LINES: Final = """
# This is a training desk: notices stay in the folder outbox, nobody else is called, printed papers say so.
training = "yes"
site     = "{site}"
"""


def make(folder: Path | None, port: int) -> Workspace:
    """The training desk in `folder` (``onestop-training`` here, when None), made and filled unless it is there; to be
    closed by the caller. Raises SettingsError for another workspace.
    """
    folder = folder or FOLDER
    copy_samples(folder, MARKER, "training desk", _LINES.format(site=f"http://127.0.0.1:{port}"))
    here = opened(folder)
    place = _place(here)
    with here.locks.wait(_LOCK):
        if not here.desk.accounts.all():
            console.say(f"Filling the training desk {here.folder} ...")
            with console.progress() as progress:
                here.sync(progress=progress)
            _begin(here, place)
    return here


def opened(folder: Path) -> Workspace:
    """A training desk that is there. Raises SettingsError for a workspace that is none."""
    here = Workspace(folder)
    if not here.settings.is_training:
        raise SettingsError(f"{here.folder} is no training desk (training = 'yes' in {FILE_NAME}); nothing was done.")
    return here


def fill(here: Workspace) -> None:
    """People, requests, stacks and rooms to learn with."""
    from service_desk.forms import PersonForm, parse

    desk = here.desk
    for name, role in ACCOUNTS.items():
        desk.accounts.add(name, PASSWORD.format(name=name), role)
    staff = here.viewer("staff")
    for name, contact in PERSONS:
        desk.people.register(parse(PersonForm, {"name": name, "contact": contact}), staff)
    fill_rooms(here)
    desk.library.bring_in(read_answers(here.folder), "training")
    demo_stacks.fill(here, here.viewer("reader"), staff)
    demo_relay.fill(here, here.viewer("reader"), staff)


def reset(here: Workspace) -> None:
    """Begin anew: everything that trainees did goes, what they begin with is there again. Two who want it at the same
    time get it one after the other. Raises SettingsError, service_desk.errors.Unavailable.
    """
    place = _place(here)
    with here.locks.wait(_LOCK):
        _begin(here, place)


def _begin(here: Workspace, place: Place) -> None:
    notices = here.folder / _FRESH_OUTBOX
    shutil.rmtree(notices, ignore_errors=True)
    with place.beside() as database:
        with _beside(here, database) as new:
            _keep(here.desk, new.desk)
            fill(new)
        place.put()
    shutil.rmtree(here.folder / _OUTBOX, ignore_errors=True)
    if notices.is_dir():
        notices.rename(here.folder / _OUTBOX)


def _beside(here: Workspace, database: str) -> Workspace:
    """The same workspace with another database, and a folder of its own for notices."""
    new = Workspace(here.folder, here.environment, here.today)
    new.settings = replace(new.settings, database=database, outbox=f"file:{_FRESH_OUTBOX}")
    return new


def _place(here: Workspace) -> Place:
    """Where its rows lie, ready for them. Raises SettingsError for a database that cannot begin anew,
    service_desk.errors.Unavailable.
    """
    place = place_of(here.settings.database_url, here.folder / FILE_NAME)
    place.prepare()
    return place


def _keep(old: Desk, new: Desk) -> None:
    """What the house wrote of exercises; and the key that forms are signed with, so that pages that stand open work."""
    from service_desk.rule_documents import named

    new.sessions.take_key(old.sessions)
    for name in _KEPT:
        kind = named(name)
        if (standing := old.rules.standing(kind)).by is not None:
            new.rules.bring_into_force(kind, old.rules.version(kind).text, standing.by)


def welcome(folder: Path, port: int) -> str:
    """What is said once it is there."""
    names = ", ".join(f"{name} (password {PASSWORD.format(name=name)})" for name in ACCOUNTS)
    return f"""\
A training desk: nothing of it leaves the house. Accounts, for training only: {names}.
Sign in at http://127.0.0.1:{port} as trainee: the exercises stand on the page Training.
`onestop --workspace {folder} training reset` begins anew; so does the administrator's button on that page."""
