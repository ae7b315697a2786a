"""The training desk: nothing leaves it, and it begins anew while it is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onestop import settings, training
from onestop.courier import StaysInside
from onestop.demo import copy_samples
from onestop.errors import SettingsError
from onestop.wiring import Workspace
from service_desk.errors import BadCredentials, Unavailable
from service_desk.forms import MessageForm
from service_desk.notices import FolderOutbox
from service_desk.rules import bundled_text
from service_desk.training.rules import Exercises

REAL = {
    "ONESTOP_DATABASE": "postgresql+psycopg://desk@db.example/desk",
    "ONESTOP_OUTBOX": "smtps://user:word@mail.example",
    "ONESTOP_ALERTS": "json://pager.example",
    "ONESTOP_OPENID": "https://login.example",
    "ONESTOP_SITE": "https://archive.example",
    "ONESTOP_TRAINING": "no",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training desk of one source, filled."""
    made = tmp_path_factory.mktemp("training") / "desk"
    copy_samples(made, training.MARKER, "training desk", training._LINES.format(site="http://127.0.0.1:8501"))
    with Workspace(made, {}) as here:
        here.sync(["land_files"])
        training.fill(here)
    return made


@pytest.fixture
def here(folder: Path) -> Iterator[Workspace]:
    with Workspace(folder, REAL) as opened:
        yield opened


def test_the_environment_of_the_real_house_does_not_reach_it(here: Workspace) -> None:
    told = here.settings
    assert told.is_training
    assert told.database == "sqlite:///desk.db"
    assert (told.outbox, told.alerts, told.openid) == ("file:outbox sms=file:outbox", "", "")
    assert told.site == "http://127.0.0.1:8501"
    assert here.desk.openid is None
    assert here.services.public_address == "http://127.0.0.1:8501"


@pytest.mark.parametrize("line", ['outbox = "smtps://u:p@mail.example"', 'alerts = "json://x.example"'])
def test_what_is_written_in_its_own_file_sends_nothing_either(tmp_path: Path, line: str) -> None:
    (tmp_path / "onestop.toml").write_text(f'training = "yes"\n{line}\n')
    found = settings.load(tmp_path, {})
    assert (found.outbox, found.alerts) == ("file:outbox sms=file:outbox", "")


def test_its_channels_are_folders_and_nobody_is_called(here: Workspace) -> None:
    outbox = here.desk.notices._outbox
    assert outbox is not None
    assert all(isinstance(each, FolderOutbox) for each in outbox._channels.values())  # type: ignore[attr-defined]
    courier = here.desk.posting._relays.courier
    assert isinstance(courier, StaysInside)
    with pytest.raises(OSError, match="nothing leaves the house"):
        courier.call("POST", "https://partner.example/", {})


def test_another_word_is_told(tmp_path: Path) -> None:
    (tmp_path / "onestop.toml").write_text('training = "maybe"\n')
    with pytest.raises(SettingsError, match="write 'yes' or no line"):
        _ = settings.load(tmp_path, {}).is_training


def test_no_house_is_run_on_its_database(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "onestop.toml").write_text(f'database = "sqlite:///{folder / "desk.db"}"\n')
    with Workspace(tmp_path, {}) as house, pytest.raises(Unavailable, match="of a training desk"):
        _ = house.desk


def test_nobody_is_trained_on_the_database_of_a_house(tmp_path: Path) -> None:
    file = tmp_path / "onestop.toml"
    file.write_text("")
    with Workspace(tmp_path, {}) as house:
        house.desk.accounts.add("lin", "a long password", "staff")
    file.write_text('training = "yes"\n')
    with Workspace(tmp_path, {}) as wrong, pytest.raises(Unavailable, match="of a real house"):
        _ = wrong.desk


@pytest.mark.parametrize("what", ["demo", "training desk"])
def test_a_workspace_that_is_there_is_told_of_what_was_wanted(tmp_path: Path, what: str) -> None:
    (tmp_path / "onestop.toml").write_text("")
    with pytest.raises(SettingsError, match=f"a workspace of yours; name another folder for the {what} "):
        copy_samples(tmp_path, training.MARKER, what)


def test_begin_anew_refuses_a_real_house(tmp_path: Path) -> None:
    (tmp_path / "onestop.toml").write_text("")
    with pytest.raises(SettingsError, match="no training desk"):
        training.opened(tmp_path)


def test_it_has_people_requests_and_stacks(here: Workspace) -> None:
    staff = here.viewer("staff")
    assert here.desk.inbox.page(staff, "open").total > 5
    assert here.desk.stacks.register.find("", staff).rows
    assert here.desk.people.find("林淑芬", staff)
    assert here.desk.rooms.mine(here.viewer("reader"))


@pytest.mark.parametrize("code", ["accept", "missing", "stacks", "lend", "refuse", "answer", "hand_over"])
def test_every_exercise_can_begin(here: Workspace, code: str) -> None:
    """Records and papers that the bundled exercises name are there, and lie in a box where one is fetched."""
    trainee = here.viewer("trainee2")
    receipt = here.desk.training.begin(code, trainee, "zh-Hans")
    assert receipt is not None
    case = here.desk.requests.case(receipt, trainee)
    assert case.status in ("submitted", "accepted")
    assert all(one.verdict == "given" for one in case.materials)
    if code in ("stacks", "lend"):
        assert case.hit is not None
        place = here.desk.stacks.register.where(case.hit, trainee)
        assert place is not None
        assert place.state == "in"


def test_it_begins_anew_while_it_is_served(here: Workspace) -> None:
    """What was done is gone for whoever goes on using the same desk; what the house wrote of exercises stays."""
    desk, trainee = here.desk, here.viewer("trainee")
    edited = bundled_text(Exercises) + "# of this house\n"
    desk.rules.bring_into_force(Exercises, edited, "administrator")
    before = desk.inbox.page(trainee, "new").total
    token = desk.sessions.sign_in("trainee", "trainee-training", "127.0.0.1").token
    key = desk.sessions.form_token("x")
    receipt = desk.training.begin("hand_over", trainee, "en")
    assert receipt is not None
    desk.requests.take(receipt, trainee)
    desk.requests.note(receipt, MessageForm(text="mine"), trainee)
    assert [one.steps[0].at is not None for one in desk.training.exercises(trainee, "en")].count(True) == 1
    assert desk.accounts.all()

    training.reset(here)
    desk.notice_beginning()

    assert desk.rules.version(Exercises).text == edited
    assert not any(step.at for one in desk.training.exercises(trainee, "en") for step in one.steps)
    assert desk.sessions.lookup(token) is None
    assert desk.sessions.form_token("x") == key
    assert desk.inbox.page(trainee, "new").total <= before
    assert desk.inbox.page(trainee, "open", find=receipt).total == 0
    with pytest.raises(BadCredentials):
        desk.sessions.sign_in("trainee", "wrong", "127.0.0.1")
    assert not list(here.folder.glob("*.fresh*"))
    assert here.desk.training.begin("accept", trainee, "en")


def test_several_processes_serve_it_from_postgresql_alone(here: Workspace) -> None:
    with pytest.raises(SettingsError, match="whose database is a file is served by one process; leave out --processes"):
        here.serve("127.0.0.1", 0, processes=2)


@pytest.mark.parametrize("written", ["", "?options=-csearch_path%3Dpublic"])
def test_on_postgresql_it_has_a_schema_of_its_own(tmp_path: Path, written: str) -> None:
    file, address = tmp_path / "onestop.toml", f"postgresql+psycopg://d:w%40rd@db.example/desk{written}"
    file.write_text(f'training = "yes"\ndatabase = "{address}"\n')
    its_own = "postgresql+psycopg://d:w%40rd@db.example/desk?options=-csearch_path%3Donestop_training"
    assert settings.load(tmp_path, {}).database_url == its_own
    file.write_text(f'database = "{address}"\n')
    assert settings.load(tmp_path, {}).database_url == address
