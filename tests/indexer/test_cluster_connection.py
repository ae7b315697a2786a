"""The way to a cluster: what an address may say, who is let in, what is said when it goes wrong, what is sent again."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.cluster.address import ClusterAddress, parse
from indexer.engines.cluster.connection import Connection, Refused, connect
from indexer.engines.cluster.failures import Failure, Forbidden
from indexer.errors import EngineUnavailable
from tests.services.authority import Authority
from tests.services.opensearch_server import engine_address
from tests.services.proxy_server import ProxyServer, proxy_server
from tests.services.server import free_port
from tests.services.web_server import Reply, WebServer, web_server

HERE = Path()
PRODUCTS = ("opensearch", "elasticsearch")


# What an address says


def test_an_address_says_everything(tmp_path: Path) -> None:
    Authority(tmp_path)
    text = "opensearch+https://u%40x:p%2Fw@one:9201,two,[::1]:9203/holdings?ca=ca.pem&shards=3&replicas=2&timeout=2.5"
    assert parse(text, tmp_path) == ClusterAddress(
        product="opensearch",
        url="https://one:9201,two:9200,[::1]:9203",
        name="holdings",
        user="u@x",
        password="p/w",
        ca=tmp_path / "ca.pem",
        shards=3,
        replicas=2,
        timeout=2.5,
    )
    assert parse(text, tmp_path).nodes == ("https://one:9201", "https://two:9200", "https://[::1]:9203")


def test_an_address_may_say_little() -> None:
    assert parse("elasticsearch+http://h", HERE) == ClusterAddress(product="elasticsearch", url="http://h:9200")


WRONG = {
    "scheme": ("opensearch://u:hush@h/x", "opensearch+https://"),
    "parameter": ("opensearch+https://u:hush@h/x?replica=1", "did you mean 'replicas'?"),
    "parameter like no other": ("opensearch+https://u:hush@h/x?zzz=1", "known are: ca"),
    "parameter twice": ("opensearch+https://u:hush@h/x?shards=1&shards=2", "twice"),
    "parameter without a value": ("opensearch+https://u:hush@h/x?ca=", "'ca' without a value"),
    "index name": ("opensearch+https://u:hush@h/Holdings", "'Holdings'"),
    "index name with a path": ("opensearch+https://u:hush@h/a/b", "'a/b'"),
    "number": ("opensearch+https://u:hush@h/x?shards=many", "shards=many; write a number from 1 to 1024"),
    "number too large": ("opensearch+https://u:hush@h/x?replicas=99", "from 0 to 16"),
    "time-out": ("opensearch+https://u:hush@h/x?timeout=nan", "timeout=nan"),
    "truth": ("opensearch+https://u:hush@h/x?verify=no", "write true or false"),
    "authority": ("opensearch+https://u:hush@h/x?ca=nowhere.pem", "nowhere.pem"),
    "authority that is none": ("opensearch+https://u:hush@h/x?ca=no.pem", "no certificate that can be read"),
    "authority without TLS": ("opensearch+http://u:hush@h/x?verify=false", "opensearch+https://"),
    "authority not looked at": ("opensearch+https://u:hush@h/x?verify=false&ca=AUTHORITY", "leave verify out"),
    "two ways": ("opensearch+https://u:hush@h/x?api_key=hush", "more than one way"),
    "user alone": ("opensearch+https://hush@h/x", "USER:PASSWORD@HOST"),
    "no host": ("opensearch+https:///x", "no host"),
    "port": ("opensearch+https://u:hush@h:99999/x", "no host"),
    "password with a slash": ("opensearch+https://u:hu/sh@h:9200/x", "%2F"),
    "password with a question mark": ("opensearch+https://u:hu?sh@h:9200/x", "%3F"),
    "AWS and Elasticsearch": ("elasticsearch+https://h/x?aws_region=eu-west-1", "opensearch+https://"),
    "AWS service alone": ("opensearch+https://h/x?aws_service=es", "without an aws_region"),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_an_address_is_said_without_a_secret(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    if "AUTHORITY" in text:
        text = text.replace("AUTHORITY", Authority(tmp_path).file.name)
    with pytest.raises(EngineUnavailable) as raised:
        parse(text, tmp_path)
    message = str(raised.value)
    assert words in message and message.endswith(("?", "."))
    assert "hu" not in message


@given(st.text(), st.sampled_from(["opensearch+https://", "elasticsearch+http://u:p@"]))
def test_any_address_is_read_or_refused(text: str, start: str) -> None:
    try:
        address = parse(start + text, HERE)
    except EngineUnavailable:
        return
    assert address.nodes and address.name


def test_no_secret_is_in_what_is_shown_of_an_address() -> None:
    for text in ("opensearch+https://u:hush@h/x", "opensearch+https://h/x?api_key=hush"):
        address = parse(text, HERE)
        assert "hush" not in f"{address} {address!r}"


# Real servers behind a proxy


@pytest.fixture(scope="module", params=PRODUCTS)
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _opensearch: Any, _elasticsearch: Any
) -> Iterator[ProxyServer]:
    behind = {"opensearch": _opensearch, "elasticsearch": _elasticsearch}[request.param].address
    with proxy_server(request.param, behind, tmp_path_factory.mktemp("authority")) as server:
        yield server


@pytest.fixture
def opened(proxy: ProxyServer) -> Iterator[Callable[..., Connection]]:
    """Connections through the proxy; its log begins anew."""
    made: list[Connection] = []

    def open_one(**engine: Any) -> Connection:
        made.append(connect(parse(proxy.engine("connection", **engine), HERE)))
        return made[-1]

    proxy.log.clear()
    yield open_one
    proxy.well()
    for connection in made:
        connection.close()


def test_a_user_with_any_password_is_let_in_over_tls(proxy: ProxyServer, opened: Callable[..., Connection]) -> None:
    connection = opened()
    assert connection.server.product == proxy.product
    assert {asked.who for asked in proxy.log} == {"keeper"}


def test_an_api_key_is_let_in(proxy: ProxyServer, opened: Callable[..., Connection]) -> None:
    key = quote(proxy.api_key, safe="")
    assert opened(login=None, parameters=f"api_key={key}").ask("HEAD", "/nowhere") is False
    assert {asked.who for asked in proxy.log} == {"keeper"}


def test_requests_are_answered_in_both_ways(opened: Callable[..., Connection]) -> None:
    connection = opened()
    settings = {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {"text": {"type": "text"}}}}
    connection.ask("PUT", "/connection-1", settings)
    try:
        lines = b'{"index":{"_id":"1"}}\n{"text":"\xe9\x90\xb5\xe8\xb7\xaf"}\n{"index":{"_id":"2"}}\n{"text":1}\n'
        assert connection.lines("/connection-1/_bulk", lines, {"refresh": "true"})["errors"] is False
        body = json.dumps({"query": {"match_all": {}}}).encode()
        hits = connection.ask("POST", "/connection-1/_search", body, {"timeout": "5s"})["hits"]["hits"]
        assert sorted(hit["_source"]["text"] for hit in hits if hit["_id"] == "1") == ["鐵路"]
        both = connection.lines("/_msearch", b'{"index":"connection-1"}\n' + body + b'\n{"index":"nowhere"}\n{}\n')
        assert [answer["status"] for answer in both["responses"]] == [200, 404]
        assert connection.ask("HEAD", "/connection-1") is True
        with pytest.raises(Refused, match="parsing_exception") as raised:
            connection.ask("POST", "/connection-1/_search", {"query": {"nonsense": {}}})
        assert (raised.value.status, raised.value.type) == (400, "parsing_exception")
    finally:
        connection.ask("DELETE", "/connection-1")


def test_sixteen_threads_ask_at_once(opened: Callable[..., Connection]) -> None:
    connection = opened()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: connection.ask("GET", "/_cluster/health")["number_of_nodes"], range(64)))
    assert found == [1] * 64


def test_who_only_reads_is_told_so(opened: Callable[..., Connection], proxy: ProxyServer) -> None:
    connection = opened(login=proxy.reader)
    assert connection.lines("/_msearch", b'{"index":"nowhere"}\n{}\n')["responses"][0]["status"] == 404
    for ask in (
        lambda: connection.ask("PUT", "/connection-2", {}),
        lambda: connection.lines("/connection-2/_bulk", b'{"index":{"_id":"1"}}\n{}\n'),
    ):
        with pytest.raises(Forbidden, match=r"does not let user 'reader' do .*403.*connection-\*") as raised:
            ask()
        assert proxy.reader[1] not in str(raised.value)
    assert opened().ask("HEAD", "/connection-2") is False


def test_a_wrong_password_is_told(opened: Callable[..., Connection], proxy: ProxyServer) -> None:
    with pytest.raises(EngineUnavailable, match=r"does not accept user 'keeper' .*401") as raised:
        opened(login=("keeper", "wrong-hush")).ask("GET", "/_cluster/health")
    assert "hush" not in str(raised.value)
    with pytest.raises(EngineUnavailable, match=r"does not accept this api_key \(401\)"):
        opened(login=None, parameters="api_key=wrong-hush").ask("GET", "/_cluster/health")
    with pytest.raises(EngineUnavailable, match="requests without a user"):
        opened(login=None).ask("GET", "/_cluster/health")


def test_the_certificate_of_another_authority_is_refused(proxy: ProxyServer, tmp_path: Path) -> None:
    other = Authority(tmp_path).file
    proxy.log.clear()
    for engine in (
        proxy.engine().replace(quote(str(proxy.ca)), quote(str(other))),
        proxy.engine().partition("?")[0],
    ):
        with (
            closing(connect(parse(engine, HERE))) as connection,
            pytest.raises(EngineUnavailable, match=r"authority that is not trusted here.*\?ca=FILE"),
        ):
            connection.ask("GET", "/")
    with closing(connect(parse(proxy.engine().partition("?")[0] + "?verify=false", HERE))) as connection:
        assert connection.server.product == proxy.product
    assert all(asked.who == "keeper" for asked in proxy.log), "nobody that is not trusted gets the password"


def test_tls_and_no_tls_are_told_apart(proxy: ProxyServer, _opensearch: Any) -> None:
    plain = proxy.engine().partition("?")[0].replace("+https", "+http")
    with closing(connect(parse(plain, HERE))) as connection, pytest.raises(EngineUnavailable, match=r"\+https://"):
        connection.ask("GET", "/")
    tls = engine_address(proxy.product, _opensearch.address.replace("http:", "https:"), "x")
    with closing(connect(parse(tls, HERE))) as connection, pytest.raises(EngineUnavailable, match="does not speak TLS"):
        connection.ask("GET", "/")


def test_the_other_product_is_refused_before_anything_is_asked(proxy: ProxyServer) -> None:
    other = next(product for product in PRODUCTS if product != proxy.product)
    proxy.log.clear()
    engine = proxy.engine("connection-3").replace(proxy.product, other, 1)
    with (
        closing(connect(parse(engine, HERE))) as connection,
        pytest.raises(EngineUnavailable, match=rf"write {proxy.product}\+ instead of {other}\+"),
    ):
        connection.ask("PUT", "/connection-3", {})
    assert {asked.method for asked in proxy.log} == {"GET"}


# What is sent again


PATIENT = 60.0
"""Seconds: the server may be slow, with all else that runs here."""
READS = {
    "GET": lambda connection: connection.ask("GET", "/_cluster/health", patience=PATIENT),
    "search": lambda connection: connection.lines("/_msearch", b'{"index":"nowhere"}\n{}\n', patience=PATIENT),
    "POST with a query": lambda connection: connection.ask(
        "POST", "/_analyze?pretty", {"text": "any"}, patience=PATIENT
    ),
    "bulk": lambda connection: connection.lines("/connection-4/_bulk", b'{"delete":{"_id":"1"}}\n', patience=PATIENT),
    "PUT": lambda connection: connection.ask("PUT", "/connection-4/_doc/1", {"text": "its id"}, patience=PATIENT),
}


@pytest.mark.parametrize("what", ["drop", "lose", 502, 503, 504])
@pytest.mark.parametrize("ask", READS.values(), ids=READS)
def test_what_may_be_sent_twice_is_sent_again(
    proxy: ProxyServer, opened: Callable[..., Connection], ask: Callable[[Connection], Any], what: Any
) -> None:
    connection = opened()
    assert connection.server
    proxy.fail_next(what, times=2)
    try:
        ask(connection)
    finally:
        connection.ask("DELETE", "/connection-4", params={"ignore_unavailable": "true"})


@pytest.mark.parametrize("what", ["drop", "lose", 503, 429])
def test_what_would_count_twice_is_sent_once(proxy: ProxyServer, opened: Callable[..., Connection], what: Any) -> None:
    connection = opened()
    assert connection.server
    proxy.fail_next(what, match="POST")
    with pytest.raises((EngineUnavailable, Refused)):
        connection.ask("POST", "/connection-5/_doc", {"text": "no id"})
    assert [asked.method for asked in proxy.log].count("POST") == 1
    connection.ask("DELETE", "/connection-5", params={"ignore_unavailable": "true"})


def test_a_busy_server_is_asked_again_but_not_sent_more(proxy: ProxyServer, opened: Callable[..., Connection]) -> None:
    connection = opened()
    proxy.fail_next(429, times=2, match="_msearch")
    assert connection.lines("/_msearch", b'{"index":"nowhere"}\n{}\n')["responses"]
    proxy.fail_next(429, match="_bulk")
    with pytest.raises(Refused, match="429"):
        connection.lines("/connection-6/_bulk", b'{"delete":{"_id":"1"}}\n')
    assert [asked.path for asked in proxy.log].count("/connection-6/_bulk") == 1


def test_patience_ends(proxy: ProxyServer, opened: Callable[..., Connection]) -> None:
    connection = opened()
    assert connection.server
    proxy.fail_next(503, times=1000, match="GET /_cluster/health")
    with pytest.raises(EngineUnavailable, match=r"cannot answer now \(503"):
        connection.ask("GET", "/_cluster/health", patience=0.3)
    assert 1 < [asked.path for asked in proxy.log].count("/_cluster/health") < 10
    proxy.well()


def test_a_slow_server_is_told(proxy: ProxyServer, opened: Callable[..., Connection]) -> None:
    connection = opened()
    assert connection.server
    proxy.latency = 0.6
    with pytest.raises(EngineUnavailable, match=r"did not answer within 0\.2 seconds"):
        connection.ask("GET", "/_cluster/health", timeout=0.2, patience=0)
    assert connection.ask("GET", "/_cluster/health", timeout=20)["number_of_nodes"] == 1


def test_another_node_answers_for_one_that_is_gone(proxy: ProxyServer) -> None:
    gone = f"@127.0.0.1:{free_port()},127.0.0.1:{proxy.port}"
    engine = proxy.engine().replace(f"@127.0.0.1:{proxy.port}", gone)
    with closing(connect(parse(engine, HERE))) as connection:
        for _ in range(10):
            assert connection.ask("GET", "/_cluster/health", patience=0.01)["number_of_nodes"] == 1


def test_nothing_is_logged_or_warned_of(
    proxy: ProxyServer,
    opened: Callable[..., Connection],
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> None:
    caplog.set_level(logging.WARNING)
    connection = opened()
    proxy.fail_next("drop", times=2)
    connection.ask("GET", "/_cluster/health")
    with pytest.raises(Refused):
        connection.ask("POST", "/nowhere/_search", {})
    assert [record.getMessage() for record in caplog.records] == []
    told = [str(warning.message) for warning in recwarn if warning.category is not ResourceWarning]
    assert told == []


# What is not there, or something else


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_server_that_is_not_there_is_told(product: str) -> None:
    nobody = f"{product}+http://keeper:hush@127.0.0.1:{free_port()}/x"
    for engine, words in (
        (nobody, "nothing listens there"),
        (f"{product}+https://keeper:hush@nowhere.invalid/x", "host name that is not known"),
    ):
        with closing(connect(parse(engine, HERE))) as connection, pytest.raises(EngineUnavailable, match=words) as told:
            connection.ask("GET", "/_cluster/health", patience=0)
        assert "hush" not in str(told.value)


def _json(document: Any, **headers: str) -> Reply:
    return Reply(json.dumps(document).encode(), headers={"Content-Type": "application/json", **headers})


ELASTIC = {"X-Elastic-Product": "Elasticsearch"}
STRANGERS: dict[str, tuple[str, Reply, str]] = {
    "a web server": (
        "opensearch",
        Reply(b"<html>It works!</html>", headers={"Content-Type": "text/html"}),
        "not JSON: it is not OpenSearch",
    ),
    "a web server, for Elasticsearch": (
        "elasticsearch",
        Reply(b"<html>It works!</html>", headers={"Content-Type": "text/html"}),
        "is not Elasticsearch",
    ),
    "a web server without that page": ("opensearch", Reply(b"none", 404), "is not OpenSearch"),
    "an API that refuses in lists": (
        "opensearch",
        Reply(b'["no"]', 404, {"Content-Type": "application/json"}),
        "is not OpenSearch",
    ),
    "a web server that sends elsewhere": ("opensearch", Reply(b"", 302, {"Location": "/login"}), "is not OpenSearch"),
    "a web server without that page, for Elasticsearch": ("elasticsearch", Reply(b"none", 404), "is not Elasticsearch"),
    "some API": ("opensearch", _json({"version": "1.0"}), "is not OpenSearch"),
    "some API's list": ("opensearch", _json([]), "is not OpenSearch"),
    "Elasticsearch for OpenSearch": (
        "opensearch",
        _json({"version": {"number": "9.1.0", "build_flavor": "default"}}, **ELASTIC),
        r"is not OpenSearch; if it is Elasticsearch, write elasticsearch\+",
    ),
    "OpenSearch for Elasticsearch": (
        "elasticsearch",
        _json({"version": {"distribution": "opensearch", "number": "3.5.0"}}),
        r"is not Elasticsearch; if it is OpenSearch, write opensearch\+",
    ),
    "an old OpenSearch": (
        "opensearch",
        _json({"version": {"distribution": "opensearch", "number": "2.9.0"}}),
        "has version 2.9.0, which is older than what onestop supports: OpenSearch 2.11",
    ),
    "an old Elasticsearch": (
        "elasticsearch",
        _json({"version": {"number": "8.19.0"}}, **ELASTIC),
        "has version 8.19.0, which is older than .* Elasticsearch 9.0 and newer",
    ),
    "an Elasticsearch that does not understand us": (
        "elasticsearch",
        Reply(
            json.dumps({"error": {"type": "media_type_header_exception", "reason": "compatible-with=9"}}).encode(),
            400,
            {"Content-Type": "application/json", **ELASTIC},
        ),
        "is older than what onestop supports",
    ),
}


@pytest.mark.parametrize(("product", "reply", "words"), STRANGERS.values(), ids=STRANGERS)
def test_a_server_that_is_something_else_is_told(product: str, reply: Reply, words: str) -> None:
    with web_server() as server:
        server.otherwise = reply
        engine = engine_address(product, server.url("", "127.0.0.1"), "x").replace("://", "://keeper:hush@")
        with closing(connect(parse(engine, HERE))) as connection, pytest.raises(EngineUnavailable, match=words) as told:
            connection.ask("HEAD", "/x")
        assert "hush" not in str(told.value)
        assert {asked.path for asked in server.log} <= {"/", "/_nodes"}, "nothing but its name was asked"


@pytest.mark.parametrize("number", ["2.11.0", "3.5.0", "4.0.0-rc1"])
def test_supported_versions_are_known(number: str) -> None:
    with web_server() as server:
        server.otherwise = _json({"version": {"distribution": "opensearch", "number": number}, "cluster_name": "c"})
        with closing(connect(parse(engine_address("opensearch", server.url(""), "x"), HERE))) as connection:
            assert (connection.server.version, connection.server.cluster) == (number, "c")


# Amazon


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    with web_server() as server:
        server.otherwise = _json({"version": {"distribution": "opensearch", "number": "3.1.0"}})
        yield server


def test_requests_to_amazon_are_signed(amazon: WebServer) -> None:
    engine = engine_address("opensearch", amazon.url(""), "x", "aws_region=eu-central-1&aws_service=es")
    with closing(connect(parse(engine, HERE))) as connection:
        connection.ask("GET", "/x/_settings", params={"flat_settings": "true"})
    signed = [asked.headers["Authorization"] for asked in amazon.log]
    assert [asked.path for asked in amazon.log] == ["/", "/x/_settings"]
    assert all("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" in each for each in signed)
    assert all("/eu-central-1/es/aws4_request" in each and "hush" not in each for each in signed)
    assert len(set(signed)) == 2


def test_without_keys_or_the_extra_it_is_said_what_to_do(amazon: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    address = parse(engine_address("opensearch", amazon.url(""), "x", "aws_region=eu-central-1"), HERE)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(EngineUnavailable, match="AWS_ACCESS_KEY_ID"):
        connect(address)
    monkeypatch.setitem(sys.modules, "requests_aws4auth", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'onestop-archives\[aws\]'"):
        connect(address)


def test_all_tries_of_a_reader_share_its_time() -> None:
    """The first node that hangs leaves time for the next; a run gives each of them as much as the address says."""
    here, waited = parse("opensearch+http://a:1,b:1/x?timeout=30", HERE), list[float | None]()

    def late(method: str, target: str, body: bytes | None, kind: str, timeout: float | None) -> Any:
        waited.append(timeout)
        if target == "/":
            return {"version": {"number": "3.5.0", "distribution": "opensearch"}}
        raise Failure("late")

    connection = Connection(here, late, lambda: None)
    with pytest.raises(EngineUnavailable, match=r"within 0\.4 seconds"):
        connection.ask("GET", "/x/_search", within=0.4)
    _, first, second, *_ = waited
    assert first and second and 0.2 < first <= 0.4 * 0.6 and second < 0.4
    waited.clear()
    with pytest.raises(EngineUnavailable, match="within 30 seconds"):
        connection.ask("GET", "/x/_search", patience=0.1)
    assert waited and set(waited) == {None}
