"""A workspace of the bundled samples moves to servers and back: nothing is lost, nothing is overwritten, and a call
that was broken off goes on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from indexer.query import Query
from mappings.access import ANONYMOUS, Viewer
from onestop.cli import run
from onestop.moving import target, trees
from onestop.moving.move import migrate
from onestop.wiring import Workspace
from pipelines.lock import FileLocks
from service_desk.forms import AnswerForm, FeedbackForm, MessageForm, OpenRequestForm
from service_desk.ports import Upload
from tests.services.minio_server import MinioServer
from tests.services.opensearch_server import OpenSearchServer
from tests.services.postgres_server import PostgresServer

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SOURCES = ("land_tenders", "land_volumes", "work_files")
QUESTIONS = ("", "石碇", "土地 AND 1950", "women")
CLERK = Viewer("ann", frozenset({"staff"}))
SCAN = b"II*\0 a scan"
PASSWORD = "long enough"

Captured = pytest.CaptureFixture[str]
Go = Callable[..., int]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that each test has a copy of, with a desk that has been used."""
    folder = tmp_path_factory.mktemp("origin") / "house"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("__init__.py", "__pycache__"))
    for file in (folder / "sources").glob("*.yml"):
        if file.stem not in SOURCES:
            file.unlink()
    with Workspace(folder, environment={}) as here:
        assert here.sync().exit_code == 0
        use(here)
    return folder


def use(here: Workspace) -> None:
    """Two accounts, an answered request with a file, one without, a word on a hit; receipts lie beside the settings."""
    desk = here.desk
    desk.accounts.add("ann", PASSWORD, "staff")
    desk.accounts.add("wang", PASSWORD, "reader")
    asked = OpenRequestForm(type="question", name="王小明", contact="13800000000", note="Where are the maps?")
    receipts = [desk.filing.submit(asked, ANONYMOUS) for _ in range(2)]
    desk.requests.answer(receipts[0].receipt, AnswerForm(text="Here."), CLERK, [Upload("214.tif", "image/tiff", SCAN)])
    hit = here.searcher.search(Query(size=1), ANONYMOUS)["hits"][0]["id"]
    desk.feedback.add(FeedbackForm(resource_id=hit, kind="wrong", note="No."), ANONYMOUS)
    (here.folder / "receipts.json").write_text(json.dumps([(each.receipt, each.secret) for each in receipts]))


@pytest.fixture
def house(origin: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(origin, tmp_path / "house"))


@pytest.fixture
def servers(
    minio: MinioServer, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """The addresses of empty places on servers, as somebody writes them: secrets are in the environment."""
    bucket = f"move-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    minio.client().make_bucket(bucket)
    url = postgres.url("moved")
    monkeypatch.setenv("S3_SECRET", minio.secret_key)
    monkeypatch.setenv("DESK_PASSWORD", postgres.password)
    host = minio.endpoint.removeprefix("http://")
    s3 = f"s3+http://{minio.access_key}:${{S3_SECRET}}@{host}/{bucket}"
    yield {
        "records": f"{s3}/records",
        "objects": f"{s3}/objects",
        "database": url.replace(f":{postgres.password}@", ":${DESK_PASSWORD}@"),
        "engine": "tantivy:index-of-servers",
    }
    minio.start()
    postgres.start()
    postgres.drop("moved")


def without_index(servers: dict[str, str]) -> dict[str, str]:
    """The same; the index stays, which takes longest to be made."""
    return {key: servers[key] for key in servers if key != "engine"}


def told(capsys: Captured, house: Path, addresses: dict[str, str], *more: str, code: int = 0) -> Any:
    """The report of a call; its one sentence where it does nothing."""
    capsys.readouterr()
    options = [word for key, value in addresses.items() for word in (f"--{key}", value)]
    assert run(["--workspace", str(house), "migrate", *options, *more, "--json"]) == code
    said = capsys.readouterr()
    for secret in (os.environ["S3_SECRET"], os.environ["DESK_PASSWORD"], PASSWORD):
        assert secret not in said.out + said.err
    if code == 2:
        assert said.out == ""
        return [line for line in said.err.splitlines() if not line.startswith("timestamp=")]
    return json.loads(said.out)


def content(folder: Path, *names: str) -> dict[str, bytes]:
    """The files of some parts of a workspace."""
    files = [file for name in names for file in sorted((folder / name).rglob("*")) if file.is_file()]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def answers(here: Workspace) -> list[Any]:
    """What searching gives, for a stranger and for staff."""
    asked = [(Query(text), viewer) for text in QUESTIONS for viewer in (ANONYMOUS, CLERK)]
    return [{**here.searcher.search(query, viewer), "took_ms": 0} for query, viewer in asked]


def check_desk(here: Workspace) -> None:
    """Receipts open with their secrets, the file is there, accounts sign in, the inbox counts."""
    (answered, secret), (waiting, _) = json.loads((here.folder / "receipts.json").read_text())
    assert here.desk.requests.status(answered, secret=secret).status == "delivered"
    assert here.desk.requests.file(answered, 1, secret=secret)[1] == SCAN
    assert here.desk.sessions.sign_in("wang", PASSWORD).viewer.name == "wang"
    assert [row.receipt for row in here.desk.inbox.page(CLERK, "open").rows] == [waiting]


def digests(report: Any) -> dict[str, Any]:
    return {part["part"]: part["digest"] for part in report["parts"] if part["part"] != "engine"}


def states(report: Any) -> dict[str, str]:
    return {part["part"]: part["state"] for part in report["parts"]}


def test_to_servers_and_back(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    with Workspace(house) as here:
        before, version = answers(here), here.store.version
    old = content(house, "records", "objects", "index", "desk.db")

    planned = told(capsys, house, servers, "--dry-run")
    assert set(states(planned).values()) == {"to move"}
    moved = told(capsys, house, servers, "--switch")
    assert (moved["ok"], set(states(moved).values()), moved["version"]) == (True, {"moved"}, version)
    assert [part["count"] for part in moved["parts"]] == [part["count"] for part in planned["parts"]]
    assert all(table["digest"] for table in moved["tables"])
    assert content(house, "records", "objects", "index", "desk.db") == old, "nothing of the old places changed"
    written = tomllib.loads((house / "onestop.toml").read_text())
    assert {key: written[key] for key in servers} == servers, "secrets stay in the environment"

    for part in ("records", "objects", "index"):
        shutil.rmtree(house / part)
    (house / "desk.db").rename(house / "old.db")
    with Workspace(house) as here:
        assert (answers(here), here.store.version) == (before, version)

    back = {"records": "file:r", "objects": "file:o", "database": "sqlite:///d.db", "engine": "tantivy:i"}
    returned = told(capsys, house, back, "--switch")
    assert digests(returned) == digests(moved)
    assert returned["tables"] == moved["tables"]
    with Workspace(house) as here:
        assert answers(here) == before
        assert content(house / "r", ".") == {
            name[8:]: data for name, data in old.items() if name.startswith("records/")
        }
        check_desk(here)
    with Workspace(house, {**os.environ, **{f"ONESTOP_{key.upper()}": value for key, value in servers.items()}}) as far:
        check_desk(far)
        asked = OpenRequestForm(type="question", name="A", contact="1", note="And the plans?")
        filed = far.desk.filing.submit(asked, ANONYMOUS)
        far.desk.requests.note(filed.receipt, MessageForm(text="x"), CLERK)
        assert far.sync(["land_tenders"]).exit_code == 0, "runs go on where the records are now"
        assert far.store.version > version


def test_a_second_call_finds_everything_there(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    first = told(capsys, house, servers)
    again = told(capsys, house, servers)
    assert set(states(again).values()) == {"there"}
    assert digests(again) == digests(first)
    assert again["kept"] is None and "sqlite" in (house / "onestop.toml").read_text()


def test_a_part_alone_moves_and_the_others_stay(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    report = told(capsys, house, {"database": servers["database"]}, "--switch")
    assert states(report) == {"records": "stays", "objects": "stays", "engine": "stays", "database": "moved"}
    with Workspace(house) as here:
        check_desk(here)
    [said] = told(capsys, house, {}, "--to", report["kept"], code=2)
    assert "they are not those of this desk" in said, "the old one: sessions were opened since"
    (house / "desk.db").unlink()
    back = told(capsys, house, {}, "--to", report["kept"], "--switch")
    assert states(back) == states(report)


def test_a_workspace_in_which_nothing_was_done_yet(tmp_path: Path, servers: dict[str, str], capsys: Captured) -> None:
    assert run(["init", str(tmp_path / "new")]) == 0
    report = told(capsys, tmp_path / "new", servers, "--switch")
    assert set(states(report).values()) == {"empty"}


def test_the_index_moves_to_a_server_and_back(
    house: Path, servers: dict[str, str], capsys: Captured, opensearch: OpenSearchServer
) -> None:
    with Workspace(house) as here:
        before = answers(here)
    far = {"engine": opensearch.engine(f"move-{house.parent.name.replace('_', '-')}"[:40], "replicas=0")}
    moved = told(capsys, house, far, "--switch")
    [index] = [part for part in moved["parts"] if part["part"] == "engine"]
    with Workspace(house) as here:
        assert [each["total"] for each in answers(here)] == [each["total"] for each in before]
        assert (index["state"], index["count"]) == ("moved", max(each["total"] for each in before))
    returned = told(capsys, house, {"engine": "tantivy:i"}, "--switch")
    assert states(returned)["engine"] == "moved"
    with Workspace(house) as here:
        assert answers(here) == before
        assert here.sync(["land_tenders"]).exit_code == 0
    assert states(told(capsys, house, far))["engine"] == "there"


DIES = """
import os, signal, sys
from io import BytesIO
from pathlib import Path
from onestop.moving.move import migrate
from onestop.wiring import Workspace
part, at = sys.argv[2], int(sys.argv[3])
def show(source, step, done, total):
    if step == part and done >= at:
        os.kill(os.getpid(), signal.SIGKILL)
addresses = dict(pair.split("=", 1) for pair in sys.argv[4:])
with Workspace(Path(sys.argv[1])) as here:
    migrate(here, addresses, dry_run=False, switch=True, show=show)
"""


@pytest.mark.parametrize(("part", "at"), [("records", 7), ("index", 1), ("desk", 1)])
def test_killed_in_the_middle_it_goes_on(
    house: Path, servers: dict[str, str], capsys: Captured, part: str, at: int
) -> None:
    settings = (house / "onestop.toml").read_bytes()
    told_apart = [f"{key}={value}" for key, value in servers.items()]
    child = subprocess.run([sys.executable, "-c", DIES, str(house), part, str(at), *told_apart], check=False)
    assert child.returncode == -signal.SIGKILL
    assert (house / "onestop.toml").read_bytes() == settings
    with Workspace(house) as here:
        check_desk(here)
        before = answers(here)
    report = told(capsys, house, servers, "--switch")
    assert (report["ok"], states(report)["database"]) == (True, "moved")
    with Workspace(house) as here:
        assert answers(here) == before
        check_desk(here)


def test_what_came_in_since_is_taken_along(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    told(capsys, house, {key: servers[key] for key in ("records", "objects")})
    with Workspace(house) as here:
        [_, (waiting, _)] = json.loads((house / "receipts.json").read_text())
        here.desk.requests.answer(waiting, AnswerForm(), CLERK, [Upload("b", "x/y", b"new")])
        assert here.sync(["land_tenders"], full=True).exit_code == 0
        here.store.refresh()
        version = here.store.version
    report = told(capsys, house, without_index(servers))
    assert (report["version"], set(states(report).values())) == (version, {"moved", "stays"})


# What must not be overwritten


def test_a_place_that_holds_something_else(
    house: Path, servers: dict[str, str], capsys: Captured, minio: MinioServer, postgres: PostgresServer
) -> None:
    with Workspace(house) as here, here.elsewhere({"database": servers["database"]}) as other:
        other.desk.accounts.add("theirs", PASSWORD, "staff")
        bucket = here.elsewhere({"records": servers["records"]}).settings.place("records")
    minio.client().put_object(bucket.name, "records/theirs", BytesIO(b"hello"), 5)
    shutil.copytree(house / "index", house / "other-index")
    for part, pattern in {"records": "theirs is another one", "database": "account: 1"}.items():
        [said] = told(capsys, house, {part: servers[part]}, "--switch", code=2)
        assert pattern in said and "name an empty" in said
    assert postgres.execute("moved", "select name from account") == [("theirs",)]
    assert minio.names(bucket) == ["theirs"]
    (house / "taken").mkdir()
    (house / "taken" / "mine.txt").write_text("mine")
    [said] = told(capsys, house, {"objects": "file:taken"}, code=2)
    assert "mine.txt" in said
    assert (house / "taken" / "mine.txt").read_text() == "mine"


def test_a_file_of_the_same_size_is_compared(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    shutil.copytree(house / "records", house / "r2")
    file = max((house / "r2" / "kind=record").glob("*.parquet"))
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    [said] = told(capsys, house, {"records": "file:r2"}, code=2)
    assert file.name in said and "another" in said


def test_an_index_of_other_records(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    told(capsys, house, {"engine": "tantivy:i2"})
    (house / "sources" / "land_tenders.yml").unlink()
    with Workspace(house) as here:
        here.sync(allow_deletes=True)
    [said] = told(capsys, house, {"engine": "tantivy:i2"}, code=2)
    assert "another index at tantivy:i2" in said


# Who else is at work


def test_runs_are_kept_out_and_so_is_it(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    with FileLocks(house).take("source work_files"):
        [said] = told(capsys, house, servers, code=2)
    assert "source work_files" in said
    met: list[int] = []

    def show(source: str, step: str, done: int, total: int | None) -> None:
        if step == "records" and done == 1:
            met.append(subprocess.run([sys.executable, "-m", "onestop", "--workspace", str(house), "sync"]).returncode)

    with Workspace(house) as here:
        migrate(here, {"records": "file:r2"}, dry_run=False, switch=False, show=show)
    assert met == [2]


# What may go wrong


def test_minio_dies_in_the_middle(
    house: Path, servers: dict[str, str], capsys: Captured, minio: MinioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "_RETRIES", 0)

    def show(source: str, step: str, done: int, total: int | None) -> None:
        if done == 3:
            minio.kill()

    with Workspace(house) as here, pytest.raises(trees.PlaceFailed, match="cannot be reached"):
        migrate(here, without_index(servers), dry_run=False, switch=True, show=show)
    [said] = told(capsys, house, servers, code=2)
    assert "cannot be reached" in said
    minio.start()
    assert told(capsys, house, without_index(servers))["ok"]


def test_postgres_dies_in_the_middle(
    house: Path, servers: dict[str, str], capsys: Captured, postgres: PostgresServer
) -> None:
    def show(source: str, step: str, done: int, total: int | None) -> None:
        if step == "desk":
            postgres.kill()

    only = {"database": servers["database"]}
    with Workspace(house) as here, pytest.raises(Exception, match="The new database does not answer"):
        migrate(here, only, dry_run=False, switch=True, show=show)
    [*_, said] = told(capsys, house, only, code=2)
    assert "does not answer" in said
    with Workspace(house) as here:
        check_desk(here)
    postgres.start()
    assert states(told(capsys, house, only))["database"] == "moved"


WRONG = {
    "a password": ({"database": "postgresql+psycopg://keeper:hunter2@{pg}/moved"}, "password authentication failed"),
    "no such database": ({"database": "postgresql+psycopg://keeper:${{DESK_PASSWORD}}@{pg}/nowhere"}, "nowhere"),
    "no server": ({"database": "postgresql+psycopg://keeper:hunter2@127.0.0.1:1/moved"}, "does not answer"),
    "no driver": ({"database": "nosuch://keeper:hunter2@127.0.0.1/moved"}, "database"),
    "keys": ({"records": "s3+http://someone:hunter2@{s3}/bucket/records"}, "refuses the keys"),
    "no bucket": ({"objects": "s3+http://archive-keeper:${{S3_SECRET}}@{s3}/nowhere/o"}, "no such bucket"),
    "a scheme": ({"records": "ftp://someone:hunter2@127.0.0.1/r"}, "not an address"),
    "a variable": ({"records": "s3+http://someone:${{NOT_SET}}@{s3}/bucket/records"}, "NOT_SET"),
    "within": ({"records": "file:records/new"}, "one in the other"),
    "each other": ({"records": "file:new", "objects": "file:new/objects"}, "folder"),
    "nothing": ({}, "Nothing is to be moved"),
    "an engine": ({"engine": "nosuch:index"}, "nosuch"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_address(
    house: Path, servers: dict[str, str], capsys: Captured, minio: MinioServer, name: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(trees, "_RETRIES", 0)
    addresses, pattern = WRONG[name]
    where = {"pg": servers["database"].partition("@")[2].partition("/")[0], "s3": minio.endpoint[7:]}
    before = content(house, ".")
    [said] = told(capsys, house, {key: text.format(**where) for key, text in addresses.items()}, "--switch", code=2)
    assert pattern in said and "hunter2" not in said
    assert content(house, ".") == before


def test_an_environment_that_wins_over_the_file(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    os.environ["ONESTOP_RECORDS"] = "file:records"
    try:
        [said] = told(capsys, house, {"records": "file:r2"}, "--switch", code=2)
    finally:
        del os.environ["ONESTOP_RECORDS"]
    assert "ONESTOP_RECORDS" in said


def test_a_table_for_people(house: Path, servers: dict[str, str], capsys: Captured) -> None:
    options = [word for key, value in without_index(servers).items() for word in (f"--{key}", value)]
    assert run(["--workspace", str(house), "migrate", *options]) == 0
    said = capsys.readouterr()
    assert "moved, and compared" in said.out and "answer_file" in said.out
    assert 'records = "s3+http://archive-keeper:${S3_SECRET}@' in said.err


# The file and the addresses

SHOWN = {
    "postgresql+psycopg://desk:hunter2@db/desk": "postgresql+psycopg://desk:***@db/desk",
    "postgresql+psycopg://desk:${DESK_PASSWORD}@db/desk": "postgresql+psycopg://desk:${DESK_PASSWORD}@db/desk",
    "opensearch+https://h:9200/o?api_key=abc&ca=x.pem": "opensearch+https://h:9200/o?api_key=***&ca=x.pem",
    "opensearch+https://h:9200/o?api_key=${KEY}": "opensearch+https://h:9200/o?api_key=${KEY}",
    "file:records": "file:records",
}


@pytest.mark.parametrize("address", SHOWN)
def test_addresses_are_shown_without_their_secrets(address: str) -> None:
    assert target.shown(address) == SHOWN[address]


def test_the_file_keeps_its_other_lines(tmp_path: Path) -> None:
    file = tmp_path / "onestop.toml"
    file.write_text('# ours\nrecords   = "file:records"   # here\n\nsecret = "s"\n# engine = "x"\n')
    file.chmod(0o600)
    kept = target.switch(tmp_path, {"records": 'file:"odd" ${X}', "engine": "tantivy:i"})
    assert tomllib.loads(file.read_text()) == {"records": 'file:"odd" ${X}', "engine": "tantivy:i", "secret": "s"}
    assert file.read_text().startswith("# ours\n") and "# engine" in file.read_text()
    assert tomllib.loads(kept.read_text()) == {
        "records": "file:records",
        "secret": "s",
        "engine": "tantivy:index",
        "objects": "file:objects",
        "database": "sqlite:///desk.db",
    }
    assert (file.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o600, 0o600)
