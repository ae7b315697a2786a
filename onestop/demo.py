"""`onestop demo`: a copy of the samples as a workspace of its own, with accounts, filled and ready to be tried."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from onestop import console, demo_copies, demo_relay, demo_stacks, demo_year
from onestop.answer_files import read_answers
from onestop.demo_rooms import fill_rooms
from onestop.errors import SettingsError
from onestop.relaying import SITE
from onestop.settings import FILE_NAME
from onestop.wiring import Workspace

FOLDER = Path("onestop-demo")
MARKER = ".onestop-demo"
ACCOUNTS = {"reader": "reader-demo", "staff": "staff-demo", "administrator": "administrator-demo"}
"""Accounts by name, which is also their role, with the passwords that the demo announces."""
COPIED = "work_volumes:Z102-1-003-001"
STAYS = ("柳溪", "柳字第")
ADDED = ("1:67-85:address", "1:89-94:phone", "1:99-111:id_number", "2:38-41:name")
"""Of the demo's copy: what is a place and no name, and what no rule finds."""
_NOT_COPIED = shutil.ignore_patterns("__init__.py", "__pycache__", "*.pyc")


@contextmanager
def demo_workspace(folder: Path | None, port: int) -> Iterator[Workspace]:
    """The demo workspace in `folder` (``onestop-demo`` here, when None), filled; what to try is said on stderr."""
    folder = folder or FOLDER
    copy_samples(folder, MARKER, "demo")
    with Workspace(folder, environment={SITE: f"http://127.0.0.1:{port}"}) as here:
        console.say(f"Filling the demo workspace {here.folder} ...")
        with console.progress() as progress:
            report = here.sync(progress=progress)
        _add_accounts(here)
        _put_on_duty(here)
        demo_year.fill(here)
        fill_rooms(here)
        here.desk.library.bring_in(read_answers(here.folder), "demo")
        demo_stacks.fill(here, here.viewer("reader"), here.viewer("staff"))
        demo_relay.fill(here, here.viewer("reader"), here.viewer("staff"))
        demo_copies.fill(here, here.viewer("reader"), here.viewer("staff"))
        _release_copy(here)
        records = sum(source.indexed + source.unchanged for source in report.sources)
        console.say(_welcome(here.folder, records, port))
        yield here


def copy_samples(folder: Path, marker: str, what: str, lines: str = "") -> None:
    """Lay the samples down once, with `lines` at the end of the settings; a copy broken off is done again. `marker`
    says that it is whole, `what` is what it becomes, for whoever is told. Raises SettingsError for another workspace.
    """
    if (folder / marker).exists():
        return
    part = folder / f"{marker}.part"
    if (folder / FILE_NAME).exists() and not part.exists():
        raise SettingsError(f"{folder} is a workspace of yours; name another folder for the {what} with --workspace.")
    try:
        with as_file(files("samples")) as samples:
            folder.mkdir(parents=True, exist_ok=True)
            part.touch()
            shutil.copytree(samples, folder, dirs_exist_ok=True, ignore=_NOT_COPIED)
        with (folder / FILE_NAME).open("a", encoding="utf-8") as settings:
            settings.write(lines)
        part.rename(folder / marker)
    except OSError as error:
        raise SettingsError(
            f"The {what} cannot be made in {folder}: {error}; name another folder with --workspace."
        ) from error


def _add_accounts(here: Workspace) -> None:
    from service_desk.errors import Conflict

    for name, password in ACCOUNTS.items():
        with contextlib.suppress(Conflict):
            here.desk.accounts.add(name, password, name)


def _put_on_duty(here: Workspace) -> None:
    """Somebody hears of what is urgent; nothing when the house has said who."""
    from service_desk.routes import Departments
    from service_desk.rules import bundled_text

    rules = here.desk.rules
    if not rules.now(Departments).on_duty:
        text = bundled_text(Departments).replace("on_duty: []", "on_duty: [staff]")
        rules.bring_into_force(Departments, text, "demo")


def _release_copy(here: Workspace) -> None:
    """A de-identified copy of the one record about private persons that has pages, as staff would release it; nothing
    when somebody has worked on it.
    """
    from onestop.copies import Choice, RecordCopy

    copy = RecordCopy(here, COPIED, here.viewer("staff"))
    spans = copy.told()["spans"]
    if copy.told()["status"] != "new":
        return
    stays = ",".join(str(span["number"]) for span in spans if span["text"] in STAYS)
    copy.decide(Choice(accept="all", reject=stays, add=ADDED))
    copy.release()
    here.sync([COPIED.partition(":")[0]])


def _welcome(folder: Path, records: int, port: int) -> str:
    accounts = ", ".join(f"{name} (password {password})" for name, password in ACCOUNTS.items())
    return f"""\
{records:,} records are searchable. Demo accounts, for trying only: {accounts}.

Try, at http://127.0.0.1:{port} or in another terminal:
  1. search for 石碇 - the scripts find each other - or for "women's committee":
       onestop --workspace {folder} search 石碇
  2. open a hit that is physical, digital and thematic at once, see the words on its page, and file a request on it;
  3. search for 收养 1972: the file is for applicants, its de-identified copy for everyone; search for Z013-1-001:
     a reader ordered two pages, and the night made them a digital copy for all;
  4. sign in as staff, answer the request, and follow it as the reader with its receipt code;
  5. book a seat as the reader; as staff, see the day of the reading room, and call the next ticket at the window;
  6. as staff, under Opening: see what a policy would close and open, apply it, and take it back;
  7. look at the questions often asked at the foot of each page; as staff find and change them under Answers;
  8. as staff, under Stacks: the pick list, the register, loans and repairs; search for Z031-1-004-010 as a reader;
  9. as staff, under Tasks: what departments and another archive were asked; the link of the letter in
     {folder}/outbox is where that archive answers;
 10. as administrator, under Rules: change how long an answer may take, and see which dates move before they do.
`onestop --workspace {folder} serve` serves it again."""
