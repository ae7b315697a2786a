"""The address of an index on a cluster, read and checked.

opensearch+https://user:password@host1:9200,host2:9200/onestop?ca=certs/ca.pem&replicas=1
"""

from __future__ import annotations

import difflib
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, unquote

from indexer.errors import EngineUnavailable

Product = Literal["opensearch", "elasticsearch"]
PRODUCTS: tuple[str, ...] = get_args(Product)
SCHEMES = tuple(f"{product}+{scheme}" for product in PRODUCTS for scheme in ("http", "https"))
TITLES: Mapping[str, str] = {"opensearch": "OpenSearch", "elasticsearch": "Elasticsearch"}
PORT = 9200
SEARCH_SHARE = 1 / 3
"""Of `timeout`: a run waits for a slow server, a person leaves."""
LEAST_WAIT = 2.0
_NAME = re.compile(r"(?![-_+.])[^A-Z\s\\/*?\"<>|,#:]{1,200}")
"""What both products take as the name of an index, with room for what `onestop` appends to it."""
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True)
class ClusterAddress:
    """Where an index is and how it is reached. `url` is ``scheme://host:port[,host:port...]``; `name` is an alias.

    `shards` and `replicas` are those of an index that is made, `timeout` (seconds) is for each request of a run, and
    `search_timeout` for all that a reader waits for. Shown without secrets.
    """

    product: Product
    url: str
    name: str = "onestop"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    ca: Path | None = None
    verify: bool = True
    shards: int = 1
    replicas: int = 1
    timeout: float = 30.0
    aws_region: str | None = None
    aws_service: str = "es"

    @property
    def nodes(self) -> tuple[str, ...]:
        """``scheme://host:port`` of each node that was named."""
        scheme, _, hosts = self.url.partition("://")
        return tuple(f"{scheme}://{host}" for host in hosts.split(","))

    @property
    def search_timeout(self) -> float:
        """Seconds that a reader waits at most, all tries of a request together."""
        return max(self.timeout * SEARCH_SHARE, LEAST_WAIT)

    @property
    def title(self) -> str:
        """The product as its makers write it."""
        return TITLES[self.product]

    @property
    def authorization(self) -> dict[str, str]:
        """The header ``Authorization`` for a user or an API key (``id:key``, or encoded already); empty for neither."""
        if self.user is not None and self.password is not None:
            return {"authorization": f"Basic {_encoded(f'{self.user}:{self.password}')}"}
        if self.api_key:
            return {"authorization": f"ApiKey {_encoded(self.api_key) if ':' in self.api_key else self.api_key}"}
        return {}

    def __str__(self) -> str:
        return f"{self.product}+{self.url}/{self.name}"


def _encoded(secret: str) -> str:
    return b64encode(secret.encode()).decode("ascii")


def parse(address: str, workspace: Path) -> ClusterAddress:
    """The address in its parts; a relative `ca` lies in the workspace. Raises EngineUnavailable with what is wrong,
    never with a secret.
    """
    scheme, _, rest = address.partition("://")
    if scheme not in SCHEMES:
        raise _wrong(f"does not begin with one of {', '.join(f'{known}://' for known in SCHEMES)}")
    product, _, transport = scheme.partition("+")
    place, _, query = rest.partition("?")
    netloc, _, path = place.partition("/")
    if "@" in path or "@" in query:
        raise _wrong(
            "has an @ after the first / or ?: in user and password, write / as %2F, ? as %3F and @ as %40, "
            "or put them in with ${NAME}, which does it for you"
        )
    login, _, hosts = netloc.rpartition("@")
    url = f"{transport}://{','.join(_host(host) for host in hosts.split(','))}"
    given = {**_login(login), **_name(path), **_parameters(query, workspace)}
    _check(product, transport, given)
    return ClusterAddress(product="opensearch" if product == "opensearch" else "elasticsearch", url=url, **given)


def _wrong(what: str) -> EngineUnavailable:
    return EngineUnavailable(f"The engine address in onestop.toml {what}.")


def _host(text: str) -> str:
    """``host:port``, the port added when it is not there. What is no host is not quoted: it may be half a password."""
    found = _HOST.fullmatch(text)
    if not found or not 0 < int(found["port"] or PORT) < 65536:
        raise _wrong(
            "names no host that can be read: write HOST:PORT, several with commas; in user and password, write / as "
            "%2F, ? as %3F, @ as %40, or put them in with ${NAME}, which does it for you"
        )
    return f"{found['host']}:{found['port'] or PORT}"


def _name(path: str) -> dict[str, str]:
    name = unquote(path.rstrip("/"))
    if not name:
        return {}
    if not _NAME.fullmatch(name):
        raise _wrong(
            f"names the index {name!r}, which no server takes: small letters, digits, - and _, beginning with a letter "
            "or digit, at most 200"
        )
    return {"name": name}


def _login(text: str) -> dict[str, str]:
    if not text:
        return {}
    user, separator, password = text.partition(":")
    if not user or not separator or not password:
        raise _wrong("names a user without a password, or a password without a user: write USER:PASSWORD@HOST")
    return {"user": unquote(user), "password": unquote(password)}


def _parameters(query: str, workspace: Path) -> dict[str, Any]:
    """The values after the question mark, each as its field."""
    given: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in READ:
            close = difflib.get_close_matches(name, READ, n=1, cutoff=0.55)
            known = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(READ)}"
            raise _wrong(f"has an unknown parameter {name!r}; {known}".rstrip("."))
        if name in given:
            raise _wrong(f"has the parameter {name!r} twice")
        if not value:
            raise _wrong(f"has the parameter {name!r} without a value")
        given[name] = READ[name](name, value, workspace)
    return given


def _text(name: str, value: str, workspace: Path) -> str:
    return value


def _file(name: str, value: str, workspace: Path) -> Path:
    file = workspace / value
    if not file.is_file():
        raise _wrong(f"names {file} as {name}, which is no file; put the certificate of the authority there (PEM)")
    try:
        ssl.create_default_context(cafile=str(file))
    except OSError:
        raise _wrong(f"names {file} as {name}, which is no certificate that can be read (PEM)") from None
    return file


def _truth(name: str, value: str, workspace: Path) -> bool:
    if value not in ("true", "false"):
        raise _wrong(f"has {name}={value}; write true or false")
    return value == "true"


def _number(least: int, most: int, kind: type[int] | type[float] = int) -> Callable[[str, str, Path], int | float]:
    def read(name: str, value: str, workspace: Path) -> int | float:
        try:
            number = kind(value)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise _wrong(f"has {name}={value}; write a number from {least} to {most}")
        return number

    return read


READ: Mapping[str, Callable[[str, str, Path], Any]] = {
    "ca": _file,
    "verify": _truth,
    "api_key": _text,
    "shards": _number(1, 1024),
    "replicas": _number(0, 16),
    "timeout": _number(1, 3600, float),
    "aws_region": _text,
    "aws_service": _text,
}
"""Every parameter of an address, with what reads it (docs/servers.md)."""


def _check(product: str, transport: str, given: Mapping[str, Any]) -> None:
    """Whether these fit together."""
    ways = [way for way in ("user", "api_key", "aws_region") if way in given]
    if len(ways) > 1:
        raise _wrong("says who we are in more than one way; keep one of user and password, api_key and aws_region")
    if transport == "http" and ("ca" in given or "verify" in given):
        raise _wrong(f"has a ca or verify, which need TLS; write {product}+https://")
    if product != "opensearch" and "aws_region" in given:
        raise _wrong("signs requests for Amazon (aws_region), which is for OpenSearch; write opensearch+https://")
    if "aws_service" in given and "aws_region" not in given:
        raise _wrong("has an aws_service without an aws_region")
    if "ca" in given and given.get("verify") is False:
        raise _wrong("has both a ca and verify=false; with the ca, certificates are verified: leave verify out")
