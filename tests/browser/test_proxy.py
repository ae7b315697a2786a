"""Two machines behind nginx, as far as one machine can be two: processes with folders of their own, which share nothing
but OpenSearch, MinIO, PostgreSQL and a secret. One of them may die.
"""

from __future__ import annotations

import re
import shutil
import ssl
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from search_ui import paths
from tests.browser.house import PASSWORDS, SAMPLES, House, run
from tests.browser.people import Person, Screen
from tests.services.minio_server import MinioServer
from tests.services.nginx_server import PROCESS, NginxServer
from tests.services.opensearch_server import OpenSearchServer
from tests.services.postgres_server import PostgresServer

SOURCES: Final = ("land_files.yml",)
SETTINGS: Final = """\
engine = "{engine}"
records = "{bucket}/records"
objects = "{bucket}/objects"
database = "{database}"
secret = "the same for both of them"
"""
REQUEST: Final = {"type": "query", "name": "Ms Chen", "contact": "chen@example.org", "note": "Where?"}
QUESTION: Final = "石碇乡"
CALLS: Final = 60
PATIENCE: Final = 30


@dataclass(frozen=True)
class Installation:
    """Two processes, and two proxies before them: one as it is deployed, one that gives each request to the next."""

    processes: dict[str, House]
    sticky: NginxServer
    turning: NginxServer

    def caller(self, proxy: NginxServer, address: str = "127.0.0.1", **options: Any) -> httpx2.Client:
        """Somebody without a browser, at an address of this machine."""
        known = ssl.create_default_context(cafile=str(proxy.certificate))
        transport = httpx2.HTTPTransport(verify=known, local_address=address)
        return httpx2.Client(transport=transport, base_url=proxy.base, timeout=PATIENCE, **options)


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory,
    _opensearch: OpenSearchServer,
    _minio: MinioServer,
    _postgres: PostgresServer,
) -> Iterator[Installation]:
    for server in (_opensearch, _minio, _postgres):
        server.start()  # a test before may have killed it
    place = tmp_path_factory.mktemp("proxy")
    settings = SETTINGS.format(
        engine=_opensearch.engine("onestop-proxied", "replicas=0"),
        bucket=_bucket(_minio),
        database=_postgres.url("proxied"),
    )
    houses = [House(_workspace(place / name, settings)) for name in ("one", "two")]
    run(houses[0].workspace, "sync")
    for name, password in PASSWORDS.items():
        run(houses[0].workspace, "user", "add", name, "--role", name, ONESTOP_PASSWORD=password)
    ports = [house.port for house in houses]
    try:
        with ThreadPoolExecutor() as together:
            list(together.map(House.start, houses))
        with NginxServer(ports) as sticky, NginxServer(ports, sticky=False) as turning:
            yield Installation({f"127.0.0.1:{house.port}": house for house in houses}, sticky, turning)
    finally:
        for house in houses:
            house.kill()


def _bucket(minio: MinioServer) -> str:
    """The address of a new bucket."""
    minio.client().make_bucket(bucket_name="proxied")
    keys = f"{quote(minio.access_key, safe='')}:{quote(minio.secret_key, safe='')}"
    return f"s3+http://{keys}@{urlsplit(minio.endpoint).netloc}/proxied"


def _workspace(folder: Path, settings: str) -> Path:
    """A folder as each machine has its own: settings and sources, the same on all."""
    shutil.copytree(SAMPLES / "data", folder / "data")
    (folder / "sources").mkdir()
    for name in SOURCES:
        shutil.copy(SAMPLES / "sources" / name, folder / "sources" / name)
    (folder / "onestop.toml").write_text(settings, encoding="utf-8")
    return folder


def test_readers_come_over_tls_only(installation: Installation) -> None:
    answer = httpx2.get(f"{installation.sticky.plain}/search?q=x", headers={"host": "archive.example"})
    assert (answer.status_code, answer.headers["location"]) == (301, "https://archive.example/search?q=x")
    with installation.caller(installation.sticky) as caller:
        cookie = caller.get("/about").headers["set-cookie"]
        assert cookie.startswith("vid=") and "; Secure" in cookie
        script = re.search(r'src="\.(/static/js/[^"]+)"', caller.get(paths.SEARCH).text)
        assert script and caller.get(script[1]).headers["content-encoding"] == "gzip"
        assert f"Sitemap: {installation.sticky.base}/sitemap.xml" in caller.get("/robots.txt").text


def test_what_each_client_may_ask_is_counted_for_itself_whatever_it_says_it_is(installation: Installation) -> None:
    with installation.caller(installation.sticky, "127.0.0.2") as greedy:
        asked = [
            greedy.get("/api/v1/search?size=0", headers={"x-forwarded-for": f"10.0.0.{number}"}) for number in range(70)
        ]
    assert {answer.headers[PROCESS] for answer in asked} <= set(installation.processes)
    assert len({answer.headers[PROCESS] for answer in asked}) == 1
    assert [answer.status_code for answer in asked][:CALLS] == [200] * CALLS
    assert asked[-1].status_code == 429
    with installation.caller(installation.sticky, "127.0.0.3") as other:
        assert other.get("/api/v1/search?size=0").status_code == 200


def test_pages_forms_and_api_work_at_any_process(installation: Installation) -> None:
    with installation.caller(installation.turning) as reader:
        answers = [reader.get(paths.LOGIN)]
        form = {"name": "reader", "password": PASSWORDS["reader"], "csrf": _token(answers[0].text)}
        answers.append(reader.post(paths.LOGIN, data=form))
        assert answers[1].status_code == 303
        for _ in range(4):
            answers.append(reader.get("/my-searches"))
            assert answers[-1].status_code == 200 and 'action="/logout"' in answers[-1].text
        found = reader.get("/api/v1/search", params={"q": QUESTION}).json()["hits"][0]["id"]
        filed = reader.post("/api/v1/requests", json={**REQUEST, "resource_id": found})
        answers.append(filed)
        assert filed.status_code == 201, filed.text
        headers = {"authorization": f"Bearer {filed.json()['secret']}"}
        address = f"/api/v1/requests/{filed.json()['receipt']}"
        answers += [reader.get(address, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers[-2:]] == [200, 200]
    assert {answer.headers[PROCESS] for answer in answers} == set(installation.processes)


def _token(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_file_reaches_its_screen_behind_the_deployed_proxy_and_not_behind_one_that_takes_turns(
    installation: Installation,
) -> None:
    assert [_uploads(installation, installation.sticky) for _ in range(3)] == [{204}] * 3
    assert _uploads(installation, installation.turning) == {204, 400}


def _uploads(installation: Installation, proxy: NginxServer) -> set[int]:
    """What is answered to files sent from the screen of staff, at a new browser, each over a connection of its own."""
    with installation.caller(proxy) as reader:
        form = {"name": "staff", "password": PASSWORDS["staff"], "csrf": _token(reader.get(paths.LOGIN).text)}
        assert reader.post(paths.LOGIN, data=form).status_code == 303
        reader.get("/_stcore/health")
        cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
        proof = next(value for name, value in reader.cookies.items() if name.startswith("_streamlit_xsrf"))
    url = proxy.base.replace("https", "wss") + "/_stcore/stream"
    known = ssl.create_default_context(cafile=str(proxy.certificate))
    with connect(
        url,
        ssl=known,
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(proxy.base),
        additional_headers={"cookie": cookies},
    ) as screen:
        screen.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        session = next(filter(None, (_session(screen.recv(PATIENCE)) for _ in range(50))))
        headers = {"x-xsrftoken": proof, "cookie": cookies}
        answers = set()
        for number in range(6):
            with installation.caller(proxy, headers=headers) as sender:
                files = {"f": (f"{uuid.uuid4().hex}.txt", b"sent")}
                answers.add(sender.put(f"/_stcore/upload_file/{session}/{number}", files=files).status_code)
    return answers


def _session(payload: str | bytes) -> str:
    message = ForwardMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
    return message.new_session.initialize.session_id if message.WhichOneof("type") == "new_session" else ""


@dataclass
class Door:
    """What a `Person` needs of a house: where it is reached."""

    base: str


def test_a_reader_goes_on_at_the_other_process_when_one_dies(installation: Installation, chromium: Browser) -> None:
    """The last one here: what was killed stays dead."""
    context = chromium.new_context(locale="en-GB", ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    reader = Person(Door(installation.sticky.base), Screen(1440, "en"), context, context.new_page())  # type: ignore[arg-type]
    reader.sign_in("reader", paths.SEARCH)
    with reader.rerun():
        reader.search(QUESTION)
    reader.ready()
    link = reader.page.locator("article.hit h2 a").first
    title = link.inner_text()
    link.click()
    expect(reader.h1).to_have_text(title)
    reader.page.locator('.way a[href*="type="]').first.click()
    with reader.page.expect_response(f"**{paths.ASK}/draft"):
        reader.write(name="Ms Chen", note="Begun at one, sent from the other")
    assert reader.complaints == []
    gone = _process_of(reader)
    installation.processes[gone].kill()
    reader.page.reload()
    assert _process_of(reader) != gone
    expect(reader.page.locator("#name")).to_have_value("Ms Chen")
    expect(reader.page.locator("#note")).to_have_value("Begun at one, sent from the other")
    reader.write(contact="chen@example.org")
    reader.send()
    expect(reader.page.get_by_text(re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")).first).to_be_visible()
    reader.open(paths.MY_REQUESTS)
    expect(reader.page.get_by_text(title).first).to_be_visible()
    context.close()


def _process_of(reader: Person) -> str:
    """Which process answers this browser."""
    said = reader.page.evaluate(f"async () => (await fetch('/ready')).headers.get('{PROCESS}')")
    return str(said).rpartition(" ")[2]
