"""`onestop doctor` and `onestop search` over a server: what is told when it is well, one sentence when it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from indexer.engines.cluster.address import parse
from indexer.engines.cluster.connection import Connection, connect
from onestop.cli import run
from tests.services.authority import Authority
from tests.services.proxy_server import ProxyServer, proxy_server
from tests.services.server import free_port
from tests.services.web_server import Reply, web_server

INDEX = "doctored"
DISK = "cluster.routing.allocation.disk"
SECRETS = (ProxyServer.keeper[1], ProxyServer.reader[1], ProxyServer.api_key, "hush")


@pytest.fixture(scope="module", params=["opensearch", "elasticsearch"])
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _opensearch: Any, _elasticsearch: Any
) -> Iterator[ProxyServer]:
    behind = {"opensearch": _opensearch, "elasticsearch": _elasticsearch}[request.param].address
    with proxy_server(request.param, behind, tmp_path_factory.mktemp("authority")) as server:
        yield server


@pytest.fixture
def keeper(proxy: ProxyServer) -> Iterator[Connection]:
    """Whoever keeps the server; what is made under our name is gone afterwards."""
    with closing(connect(parse(proxy.engine(INDEX), Path()))) as connection:
        yield connection
        connection.ask("DELETE", f"/{INDEX}-7", params={"ignore_unavailable": "true"})


@dataclass
class Workspace:
    """A workspace whose engine is a server."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def engine(self, address: str) -> None:
        """The address comes from a file, as secrets should."""
        (self.folder / "engine.secret").write_text(address + "\n", encoding="utf-8")
        (self.folder / "onestop.toml").write_text('engine = "${file:engine.secret}"\n', encoding="utf-8")

    def checks(self) -> dict[str, dict[str, Any]]:
        """What the doctor tells, by name."""
        self.capsys.readouterr()
        run(["doctor", "--json", "--workspace", str(self.folder)])
        said = self.capsys.readouterr()
        assert_no_secret(said.out + said.err)
        return {check["name"]: check for check in json.loads(said.out)["checks"]}

    def refused(self, *command: str) -> str:
        """The one sentence of a command that is not done."""
        self.capsys.readouterr()
        assert run([*command, "--workspace", str(self.folder)]) == 2
        said = self.capsys.readouterr()
        assert said.out == ""
        assert_no_secret(said.err)
        assert not (self.folder / "logs").exists(), "nobody's mistake is a traceback"
        return said.err.strip()


def assert_no_secret(text: str) -> None:
    """As it is, percent-encoded, or as JSON has it."""
    for secret in SECRETS:
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert form not in text


@pytest.fixture
def workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Workspace]:
    """A workspace with this engine."""

    def made(engine: str) -> Workspace:
        here = Workspace(tmp_path / "archive", monkeypatch, capsys)
        here.folder.mkdir(exist_ok=True)
        here.engine(engine)
        return here

    return made


Make = Callable[[str], Workspace]


def test_a_server_that_is_well(workspace: Make, proxy: ProxyServer) -> None:
    checks = workspace(proxy.engine(INDEX)).checks()
    told = {name: check["detail"] for name, check in checks.items() if name.startswith("server")}
    assert all(checks[name]["ok"] for name in told)
    assert told["server"].startswith(
        {"opensearch": "OpenSearch 3.", "elasticsearch": "Elasticsearch 9."}[proxy.product]
    )
    assert "nothing missing" in told["server modules"]
    assert told["server rights"] == f"may change {INDEX}"
    assert told["server index"] == f"{INDEX}: none yet"


def test_copies_without_a_place_are_told(workspace: Make, proxy: ProxyServer, keeper: Connection) -> None:
    keeper.ask("PUT", f"/{INDEX}-7", {"settings": {"number_of_replicas": 1}, "aliases": {INDEX: {}}})
    check = workspace(proxy.engine(INDEX)).checks()["server health"]
    assert not check["ok"] and "replicas=0" in check["detail"]


@pytest.mark.parametrize(
    ("block", "words"),
    [("read_only_allow_delete", "make room"), ("read_only", "was made read-only"), ("write", "closed for changes")],
)
def test_an_index_that_takes_no_changes_is_told(
    workspace: Make, proxy: ProxyServer, keeper: Connection, block: str, words: str
) -> None:
    keeper.ask("PUT", f"/{INDEX}-7", {"settings": {"number_of_replicas": 0}, "aliases": {INDEX: {}}})
    keeper.ask("PUT", f"/{INDEX}/_settings", {f"index.blocks.{block}": True})
    check = workspace(proxy.engine(INDEX)).checks()["server index"]
    keeper.ask("PUT", f"/{INDEX}/_settings", {f"index.blocks.{block}": None})
    assert not check["ok"] and words in check["detail"]


def test_a_full_disk_is_told(workspace: Make, proxy: ProxyServer, keeper: Connection) -> None:
    low = {f"{DISK}.threshold_enabled": True, f"{DISK}.watermark.low": "1%"}
    keeper.ask("PUT", "/_cluster/settings", {"transient": low})
    check = workspace(proxy.engine(INDEX)).checks()["server disks"]
    keeper.ask("PUT", "/_cluster/settings", {"transient": dict.fromkeys(low)})
    assert not check["ok"] and "make room" in check["detail"]


def test_who_only_reads_may_search_but_not_change(workspace: Make, proxy: ProxyServer) -> None:
    check = workspace(proxy.engine(INDEX, login=proxy.reader)).checks()["server rights"]
    assert not check["ok"] and "searching only" in check["detail"] and "'reader'" in check["detail"]


TABLE = "title: East\nconnector: folder\nmapping: table\naccess: open\ncolumns: {id: id, title: title}\n"


def test_a_sync_of_who_only_reads_leaves_the_index_as_it_was(
    workspace: Make, proxy: ProxyServer, keeper: Connection
) -> None:
    here = workspace(proxy.engine(INDEX, parameters="replicas=0"))
    (here.folder / "sources").mkdir()
    (here.folder / "sources" / "east.yml").write_text(f"{TABLE}settings: {{path: east.csv}}\n", encoding="utf-8")
    (here.folder / "east.csv").write_text("id,title\n1,鐵路\n", encoding="utf-8")
    assert run(["sync", "--workspace", str(here.folder)]) == 0
    before = keeper.ask("GET", f"/{INDEX}/_settings")
    (here.folder / "east.csv").write_text("id,title\n1,鐵路\n2,公路\n", encoding="utf-8")
    here.engine(proxy.engine(INDEX, login=proxy.reader))
    said = here.refused("sync")
    assert "does not let user 'reader' do this (403" in said.splitlines()[-1]
    assert keeper.ask("GET", f"/{INDEX}/_settings") == before
    assert run(["search", "鐵路", "--workspace", str(here.folder)]) == 0
    for index in before:
        keeper.ask("DELETE", f"/{index}")


# What is wrong, for the doctor and for a search alike


def wrong(proxy: ProxyServer, kind: str, folder: Path) -> tuple[str, str]:
    """An address that leads to a mistake, and what is said."""
    good = proxy.engine(INDEX)
    return {
        "password": (proxy.engine(INDEX, login=("keeper", "hush")), "does not accept user 'keeper'"),
        "api key": (proxy.engine(INDEX, login=None, parameters="api_key=hush"), "does not accept this api_key"),
        "authority": (good.replace(quote(str(proxy.ca)), quote(str(Authority(folder).file))), "not trusted here"),
        "port": (good.replace(f":{proxy.port}/", f":{free_port()}/"), "nothing listens there"),
        "host": (good.replace("@127.0.0.1:", "@nowhere.invalid:"), "host name that is not known"),
        "http for https": (good.partition("?")[0].replace("+https", "+http"), "+https://"),
        "parameter": (f"{good}&replicsa=1", "did you mean 'replicas'?"),
        "index name": (good.replace(f"/{INDEX}?", "/No%20Name?"), "names the index 'No Name'"),
    }[kind]


KINDS = ("password", "api key", "authority", "port", "host", "http for https", "parameter", "index name")


@pytest.mark.parametrize("kind", KINDS)
def test_each_mistake_is_one_sentence(workspace: Make, proxy: ProxyServer, tmp_path: Path, kind: str) -> None:
    address, words = wrong(proxy, kind, tmp_path / "other")
    here = workspace(address)
    check = here.checks()["server"]
    assert not check["ok"] and words in check["detail"]
    said = here.refused("search", "鐵路")
    assert words in said and said.count("\n") == 0


STRANGERS = {
    "a web server": (Reply(b"<html>Welcome</html>", headers={"Content-Type": "text/html"}), "is not"),
    "an old version": (
        Reply(
            json.dumps({"version": {"distribution": "opensearch", "number": "1.3.20"}}).encode(),
            headers={"Content-Type": "application/json"},
        ),
        "has version 1.3.20, which is older than what onestop supports: OpenSearch 2.11",
    ),
}


@pytest.mark.parametrize(("reply", "words"), STRANGERS.values(), ids=STRANGERS)
def test_a_server_that_is_something_else_is_one_sentence(workspace: Make, reply: Reply, words: str) -> None:
    with web_server() as server:
        server.otherwise = reply
        here = workspace(f"opensearch+http://keeper:hush@127.0.0.1:{server.port}/x")
        assert words in here.checks()["server"]["detail"]
        assert words in here.refused("search", "鐵路")
        (here.folder / "sources").mkdir(exist_ok=True)
        (here.folder / "sources" / "east.yml").write_text(f"{TABLE}settings: {{path: east.csv}}\n", encoding="utf-8")
        assert words in here.refused("sync")
        assert not list(here.folder.glob("records/*")), "nothing was begun"
        assert {asked.path for asked in server.log} == {"/"}


def test_serving_begins_with_the_right_server_only(workspace: Make) -> None:
    with web_server() as server:
        server.otherwise = STRANGERS["an old version"][0]
        here = workspace(f"opensearch+http://keeper:hush@127.0.0.1:{server.port}/x")
        assert "older than what onestop supports" in here.refused("serve", "--port", str(free_port()))


def test_a_program_of_its_own_says_no_secret_either(workspace: Make, proxy: ProxyServer) -> None:
    """As a person runs it: with whatever the libraries log or warn of by themselves."""
    here = workspace(proxy.engine(INDEX, login=("keeper", "hush")))
    environment = {**os.environ, "PYTHONWARNINGS": "default", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "onestop", "search", "x", "--workspace", str(here.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert_no_secret(done.stderr)
    assert "Traceback" not in done.stderr and "does not accept user 'keeper'" in done.stderr
