"""What goes wrong on the way to a server, and the one sentence for each of it."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Any, Literal

import urllib3.exceptions as web

from indexer.engines.cluster.address import PRODUCTS, TITLES, ClusterAddress
from indexer.errors import EngineUnavailable, EngineUnsupported, SearchError

Kind = Literal[
    "name", "refused", "unreachable", "late", "certificate", "tls", "broken", "answer", "product", "unreadable"
]
UNSENT: frozenset[Kind] = frozenset({"name", "refused", "unreachable", "certificate", "tls"})
"""Nothing of the request was read by a server: it may be sent again, whatever it is."""
LOST: frozenset[Kind] = frozenset({"refused", "unreachable", "late", "broken"})
"""Another node, or this one a little later, may answer."""
OLDEST = {"opensearch": (2, 11), "elasticsearch": (9, 0)}
SUPPORTED = "what onestop supports: OpenSearch 2.11 and newer, Elasticsearch 9.0 and newer"
SHORT = 300
"""Characters of a server's own words."""


class Refused(SearchError):
    """A server that understood us says no. `type` and `reason` are its own words, "" when it has none; `body` is its
    whole answer.
    """

    def __init__(self, address: ClusterAddress, status: int, type: str, reason: str, body: Any) -> None:
        self.status, self.type, self.reason, self.body = status, type, reason, body
        said = ": ".join(filter(None, (type, reason[:SHORT])))
        super().__init__(f"{address.title} at {address} answers {status}" + (f" ({said})." if said else "."))


class Forbidden(EngineUnavailable):
    """The server knows us and does not let us do this."""


@dataclass(eq=False)
class Failure(Exception):
    """A request that came to nothing. `kind` ``answer``: the server's status and JSON (or text) are in `status` and
    `body`.
    """

    kind: Kind
    said: str = ""
    status: int = 0
    body: Any = None

    @property
    def error(self) -> tuple[str, str]:
        """Type and reason in the server's words, of the cause where it names one."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        if not isinstance(error, dict):
            return "", error if isinstance(error, str) else ""
        causes = error.get("root_cause") or [error]
        return str(causes[0].get("type") or error.get("type") or ""), str(causes[0].get("reason") or "")


_KINDS: tuple[tuple[tuple[type[BaseException], ...], Kind], ...] = (
    ((ssl.SSLCertVerificationError,), "certificate"),
    ((ssl.SSLError, web.SSLError), "tls"),
    ((web.NameResolutionError, socket.gaierror), "name"),
    ((ConnectionRefusedError,), "refused"),
    ((web.ConnectTimeoutError, web.NewConnectionError), "unreachable"),
    ((web.ReadTimeoutError, TimeoutError), "late"),
)
"""What tells a kind; the first that is among the causes of an exception."""


def of(error: BaseException) -> Failure:
    """The failure behind an exception of a client: both stand on urllib3, whose exceptions are among its causes."""
    chain = [error]
    while inner := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(inner)
    for types, kind in _KINDS:
        if cause := next((each for each in chain if isinstance(each, types)), None):
            return Failure(kind, str(cause))
    return Failure("broken", str(error))


def told(failure: Failure, address: ClusterAddress, timeout: float) -> SearchError:
    """The error for the caller: Refused, or EngineUnavailable with a sentence. `timeout` (s) was the request's."""
    if failure.kind == "answer":
        return _answered(failure, address)
    if failure.kind == "product":
        return stranger(address)
    error = EngineUnsupported if failure.kind == "unreadable" else EngineUnavailable
    return error(f"{address.title} at {address} {_unanswered(failure, address, timeout)}")


def _answered(failure: Failure, address: ClusterAddress) -> SearchError:
    """An answer that is no success."""
    at, (type_, reason) = f"{address.title} at {address}", failure.error
    if type_ == "media_type_header_exception":
        return EngineUnsupported(f"{at} is older than {SUPPORTED}.")
    if failure.status == 406 and "vnd.elasticsearch" in reason:
        return stranger(address)
    if failure.status == 401:
        return EngineUnavailable(
            f"{at} does not accept {_who(address)} (401); correct the engine address in onestop.toml."
        )
    if failure.status == 403 and type_ != "cluster_block_exception":
        return Forbidden(
            f"{at} does not let {_who(address, '')} do this (403{_words(reason)}); "
            f"give it the rights of docs/servers.md on {address.name} and {address.name}-*."
        )
    if failure.status in (502, 503, 504):
        return EngineUnavailable(f"{at} cannot answer now ({failure.status}{_words(reason)}); try again in a minute.")
    return Refused(address, failure.status, type_, reason, failure.body)


def stranger(address: ClusterAddress) -> EngineUnsupported:
    """The server is not what its address says."""
    other = next(product for product in PRODUCTS if product != address.product)
    return EngineUnsupported(
        f"The server at {address} is not {address.title}; if it is {TITLES[other]}, write {other}+ instead of "
        f"{address.product}+, else correct the engine address in onestop.toml."
    )


def _words(reason: str) -> str:
    return f": {reason[:SHORT]}" if reason else ""


def _who(address: ClusterAddress, proof: str = " with this password") -> str:
    """How we said who we are."""
    if address.user:
        return f"user {address.user!r}{proof}"
    if address.api_key:
        return "this api_key"
    if address.aws_region:
        return "requests with these AWS keys"
    return "requests without a user"


def _unanswered(failure: Failure, address: ClusterAddress, timeout: float) -> str:
    """What became of a request that got no answer, and what to do."""
    start = "start the server or correct the engine address in onestop.toml"
    match failure.kind:
        case "name":
            return "has a host name that is not known here; correct the engine address in onestop.toml."
        case "refused":
            return f"refuses connections: nothing listens there; {start}."
        case "unreachable":
            return f"cannot be reached; {start}, and look at firewalls between here and there."
        case "late":
            return f"did not answer within {timeout:g} seconds; look at its load, or give it ?timeout=SECONDS."
        case "certificate":
            return _certificate(failure.said)
        case "tls":
            return _tls(failure.said, address)
        case "unreadable":
            return f"answers with something that is not JSON: it is not {address.title}, or a proxy stands before it."
        case _:
            other = f", or write {address.product}+https:// if it wants TLS" if address.url.startswith("http:") else ""
            return f"broke the connection; look at its log, and at proxies between here and there{other}."


def _certificate(said: str) -> str:
    if "expired" in said:
        return "has a certificate that has expired; renew it there."
    if "ostname" in said or "IP address" in said:
        return "has a certificate for another host; write the host as its certificate names it."
    return (
        "has a certificate of an authority that is not trusted here; "
        "name the authority's certificate with ?ca=FILE, or check that this is the right server."
    )


def _tls(said: str, address: ClusterAddress) -> str:
    if any(sign in said.lower() for sign in ("wrong_version", "wrong version", "record layer", "http request")):
        return f"does not speak TLS on this port; write {address.product}+http:// or correct the port."
    return f"and we cannot agree on TLS ({said[:SHORT]}); look at its TLS settings."
