"""The server as it is started in earnest: a process of its own in a folder of its own, Streamlit behind our pages."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from search_ui.asgi import CONFIG, configure, flattened
from search_ui.limits import _tell_of_proxy
from search_ui.server import PortTaken, _config, serve
from search_ui.services import Services

REPOSITORY = Path(__file__).parents[3]
SERVE = """
import json, sys
from pathlib import Path
from streamlit import config
from search_ui import server
from tests.search_ui.web.house import Items, open_house

folder, port, names = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
import threading, urllib.request
def tell():
    print(json.dumps({name: config.get_option(name) for name in names}), flush=True)
running = server.uvicorn.Server.startup
async def started(self, sockets=None):
    await running(self, sockets)
    tell()
server.uvicorn.Server.startup = started
server.serve(open_house(folder, Items()), port=port, options={"server.cookieSecret": "s" * 32})
"""


def packaged() -> dict[str, object]:
    """The settings as they stand in the file."""
    return dict(flattened(tomllib.loads(CONFIG.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, object]]]:
    """A running server's address and the settings it told, started in a folder whose own settings say otherwise."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(
        '[client]\nshowErrorDetails = "full"\n[runner]\npostScriptGC = true\n'
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "STREAMLIT_RUNNER_MAGIC_ENABLED": "true"}
    command = [sys.executable, "-W", "ignore", "-c", SERVE, str(folder), str(port), json.dumps(list(packaged()))]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        if line.startswith("{"):
            break
        told += line
    else:
        pytest.fail(f"the server did not start: {told}")
    yield f"http://127.0.0.1:{port}", json.loads(line)
    process.terminate()
    process.wait(10)


def test_each_setting_holds_in_the_running_server(server: tuple[str, dict[str, object]]) -> None:
    assert server[1] == packaged()


ESSENTIAL = {
    "browser.gatherUsageStats": False,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 20,
    "server.disconnectedSessionTTL": 60,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "runner.postScriptGC": False,
    "runner.magicEnabled": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
}


@pytest.mark.parametrize("name", ESSENTIAL)
def test_the_settings_found_safe_and_fast_are_the_packaged_ones(name: str) -> None:
    assert packaged()[name] == ESSENTIAL[name]


def test_one_process_carries_screens_pages_and_api(server: tuple[str, dict[str, object]]) -> None:
    with httpx2.Client(base_url=server[0]) as browser:
        assert browser.get("/health").json()["status"] == "ok"
        assert browser.get("/api/v1/search").json()["total"] > 0
        assert "<h1" in browser.get("/about").text
        start = browser.get("/search", headers={"accept-encoding": "gzip", "range": "bytes=0-9", "if-none-match": "x"})
        assert start.status_code == 200 and '<div id="root">' in start.text
        script = re.search(r'src="\.(/static/js/[^"]+)"', start.text)
        assert script and browser.get(script[1]).status_code == 200
        assert browser.get("/_stcore/health").status_code == 200
        for closed in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/anything"):
            assert browser.get(closed).status_code == 404
        assert "server" not in start.headers


def test_fonts_of_the_plain_pages_are_there(server: tuple[str, dict[str, object]]) -> None:
    with httpx2.Client(base_url=server[0]) as browser:
        faces = re.findall(r'url\("([^"]+)"\)', browser.get("/assets/fonts.css").text)
        assert len(faces) == 2
        assert [browser.get(face).status_code for face in faces] == [200, 200]


def test_a_taken_port_is_a_sentence(services: Services) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}: .*--port"):
            serve(services, port=port)


def test_settings_of_the_caller_win_over_the_packaged_ones() -> None:
    from streamlit import config

    configure({"server.allowedHosts": ["archive.example"]})
    assert config.get_option("server.allowedHosts") == ["archive.example"]
    configure()
    assert config.get_option("server.allowedHosts") != ["archive.example"]


def test_who_asks_is_taken_from_trusted_proxies_only(services: Services) -> None:
    services.calls_per_minute = 1
    config = _config(services, None, ["10.0.0.5", "10.1.0.0/16"])
    config.load()
    told = {}
    _tell_of_proxy.cache_clear()
    for number, caller in enumerate(("10.0.0.5", "10.1.2.3", "10.0.0.6")):
        browser = TestClient(config.loaded_app, client=(caller, 1), headers={"x-forwarded-proto": "https"})
        cookie = browser.get("/about").headers["set-cookie"]
        said = [{"x-forwarded-for": f"198.51.{number}.{client}"} for client in (1, 2)]
        calls = [browser.get("/api/v1/search", headers=each).status_code for each in said]
        told[caller] = ("; Secure" in cookie, calls)
    believed, not_believed = (True, [200, 200]), (False, [200, 429])
    assert told == {"10.0.0.5": believed, "10.1.2.3": believed, "10.0.0.6": not_believed}
    assert _tell_of_proxy.cache_info().misses == 1
