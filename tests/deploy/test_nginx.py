"""The proxy's files agree with what they stand before. That they work is for tests/browser/test_proxy.py."""

from __future__ import annotations

import re
import tomllib

import uvicorn
import yaml

from search_ui import security
from search_ui.asgi import CONFIG
from search_ui.relay import OVERHEAD, UPLOADS
from tests.deploy.parts import DEPLOY, ROOT

SERVERS = (DEPLOY / "nginx" / "onestop.conf").read_text(encoding="utf-8")
UPSTREAM = (DEPLOY / "nginx" / "onestop-upstream.conf").read_text(encoding="utf-8")
COMPOSED = (DEPLOY / "compose" / "onestop-upstream.conf").read_text(encoding="utf-8")


def test_the_largest_body_is_the_largest_file_and_the_form_round_it() -> None:
    largest = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["server"]["maxUploadSize"]
    assert re.findall(r"client_max_body_size (\d+)m;", SERVERS) == [str(largest + (OVERHEAD >> 20))]
    ingress = yaml.safe_load((DEPLOY / "kubernetes" / "ingress.yaml").read_text(encoding="utf-8"))
    body = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert body == f"{largest + (OVERHEAD >> 20)}m"


def test_readers_are_told_apart_by_the_cookie_of_the_product() -> None:
    assert f"map $cookie_{security.VISITOR} $onestop_reader" in SERVERS
    assert "hash $onestop_reader consistent;" in UPSTREAM
    assert UPLOADS.startswith("/_stcore/") and "location = /_stcore/stream" in SERVERS


def test_no_connection_is_kept_longer_than_the_product_keeps_it() -> None:
    kept = uvicorn.Config("x").timeout_keep_alive
    for text in (UPSTREAM, COMPOSED):
        assert [int(seconds) < kept for seconds in re.findall(r"keepalive_timeout (\d+)s;", text)] == [True]


def test_compose_puts_the_same_servers_before_its_own_processes() -> None:
    mounts = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["proxy"]["volumes"]
    assert "./deploy/nginx/onestop.conf:/etc/nginx/conf.d/default.conf:ro" in mounts
    assert re.findall(r"(?m)^upstream (\w+)", UPSTREAM) == re.findall(r"(?m)^upstream (\w+)", COMPOSED) == ["onestop"]
    assert set(re.findall(r"proxy_pass http://(\w+);", SERVERS)) == {"onestop"}
