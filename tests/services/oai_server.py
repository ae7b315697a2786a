"""An OAI-PMH 2.0 repository on loopback: real HTTP, a clock of its own, and every failure a repository has.

    with OaiServer({"oai:x:1": b"<dc/>"}, page=2) as server:
        make("oai_pmh", {"url": server.url}, base)

Nothing in it is left to chance: the clock moves by a second with each change and by `tick`, tokens are numbered, lists
are in the order of identifiers and stay as they were when they were begun.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>\s*")
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{}</dc:title><dc:identifier>{}</dc:identifier></oai_dc:dc>"
)


def dublin_core(title: str, identifier: str = "") -> bytes:
    """A small record."""
    return DC.format(escape(title), escape(identifier)).encode()


@dataclass
class _Record:
    xml: bytes | None
    stamp: datetime
    sets: tuple[str, ...]


class _Refused(Exception):
    """An error of the protocol: code and text."""


class OaiServer:
    """A repository of `records` (identifier -> XML of the metadata, None for a deleted one), `page` to a page.

    `deleted` is its policy (``persistent``, ``transient``, ``no``: then a deleted record is just not there),
    `by_second` its granularity, `sets` those of the first records, `formats` the prefixes it knows. `asked` are the
    requests so far, `scripted` may answer one with bytes of its own.
    """

    def __init__(
        self,
        records: Mapping[str, bytes | None] | None = None,
        *,
        page: int = 2,
        by_second: bool = True,
        deleted: str = "persistent",
        sets: Iterable[str] = (),
        formats: Iterable[str] = ("oai_dc",),
    ) -> None:
        self.page, self.by_second, self.deleted = page, by_second, deleted
        self.formats = list(formats)
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.scripted: Callable[[dict[str, str]], bytes | None] = lambda asked: None
        self._records: dict[str, _Record] = {}
        self._lists: dict[str, tuple[dict[str, str], list[str], int]] = {}
        self._numbers = 0
        self._failures: list[tuple[int, dict[str, str], bytes]] = []
        self._cut = 0
        self._lock = threading.RLock()
        for identifier, xml in (records or {}).items():
            self.put(identifier, xml, *sets)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/oai"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> OaiServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # What the archive does

    def put(self, identifier: str, xml: bytes | None, *sets: str) -> None:
        """A record is new or changed."""
        with self._lock:
            self.now += timedelta(seconds=1)
            self._records[identifier] = _Record(xml and _DECLARATION.sub(b"", xml), self.now, sets)

    def delete(self, identifier: str) -> None:
        """A record is deleted, and that told as the policy says."""
        with self._lock:
            if self.deleted == "no":
                self.now += timedelta(seconds=1)
                del self._records[identifier]
            else:
                self.put(identifier, None, *self._records[identifier].sets)

    def tick(self, **time: float) -> None:
        """Time goes by (arguments of `timedelta`), also backwards."""
        with self._lock:
            self.now += timedelta(**time)

    # What goes wrong

    def fail_next(self, times: int, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        """The next requests are answered with this status."""
        with self._lock:
            self._failures += [(status, dict(headers or {}), body)] * times

    def truncate_next(self, times: int) -> None:
        """The next answers to a list end in the middle."""
        with self._lock:
            self._cut += times

    def expire_tokens(self) -> None:
        """No resumption token given so far is known any more."""
        with self._lock:
            self._lists.clear()

    # Answers

    def answer(self, asked: dict[str, str], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a request."""
        with self._lock:
            self.asked.append(asked)
            self.headers.append(headers)
            if self._failures:
                return self._failures.pop(0)
            body = self.scripted(asked)
            if body is None:
                body = self._document(asked)
            if self._cut and asked.get("verb", "").startswith("List"):
                self._cut -= 1
                body = body[: len(body) * 6 // 10]
            return 200, {}, body

    def _document(self, asked: dict[str, str]) -> bytes:
        verb = asked.get("verb", "")
        answers = {
            "Identify": self._identify,
            "GetRecord": self._get_record,
            "ListRecords": self._list,
            "ListIdentifiers": self._list,
            "ListMetadataFormats": self._list_formats,
            "ListSets": self._list_sets,
        }
        try:
            if verb not in answers:
                raise _Refused("badVerb", f"no verb {verb}")
            content = f"<{verb}>".encode() + answers[verb](asked) + f"</{verb}>".encode()
        except _Refused as error:
            code, text = error.args
            content = f'<error code="{code}">{escape(text)}</error>'.encode()
        return (
            b'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>'
            + self._written(self.now, True)
            + f"</responseDate><request>{self.url}</request>".encode()
            + content
            + b"</OAI-PMH>"
        )

    def _written(self, moment: datetime, by_second: bool) -> bytes:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if by_second else "%Y-%m-%d").encode()

    def _identify(self, asked: dict[str, str]) -> bytes:
        granularity = "YYYY-MM-DDThh:mm:ssZ" if self.by_second else "YYYY-MM-DD"
        return (
            f"<repositoryName>Test</repositoryName><baseURL>{self.url}</baseURL><protocolVersion>2.0</protocolVersion>"
            f"<adminEmail>a@example.org</adminEmail><earliestDatestamp>2026-01-01</earliestDatestamp>"
            f"<deletedRecord>{self.deleted}</deletedRecord><granularity>{granularity}</granularity>"
        ).encode()

    def _list_formats(self, asked: dict[str, str]) -> bytes:
        made = "<metadataFormat><metadataPrefix>{0}</metadataPrefix><schema>s</schema></metadataFormat>"
        return "".join(made.format(name) for name in self.formats).encode()

    def _list_sets(self, asked: dict[str, str]) -> bytes:
        return "".join(
            f"<set><setSpec>{name}</setSpec><setName>{name}</setName></set>" for name in self._sets()
        ).encode()

    def _sets(self) -> list[str]:
        known = sorted({name for record in self._records.values() for name in record.sets})
        if not known:
            raise _Refused("noSetHierarchy", "this repository has no sets")
        return known

    def _get_record(self, asked: dict[str, str]) -> bytes:
        self._check_format(asked)
        if asked.get("identifier") not in self._records:
            raise _Refused("idDoesNotExist", "no such record")
        return self._record(asked["identifier"], whole=True)

    def _check_format(self, asked: dict[str, str]) -> None:
        if "metadataPrefix" not in asked:
            raise _Refused("badArgument", "metadataPrefix is missing")
        if asked["metadataPrefix"] not in self.formats:
            raise _Refused("cannotDisseminateFormat", "no such format")

    def _list(self, asked: dict[str, str]) -> bytes:
        token = asked.get("resumptionToken")
        if token is None:
            self._check_format(asked)
            chosen, at = self._chosen(asked), 0
        elif token in self._lists:
            asked, chosen, at = self._lists[token]
        else:
            raise _Refused("badResumptionToken", "it has expired")
        here, after = chosen[at : at + self.page], at + self.page
        body = b"".join(self._record(name, whole=asked["verb"] == "ListRecords") for name in here)
        if after < len(chosen):
            self._numbers += 1
            self._lists[f"token {self._numbers}"] = (asked, chosen, after)
            return body + f'<resumptionToken cursor="{at}">token {self._numbers}</resumptionToken>'.encode()
        return body if token is None else body + b"<resumptionToken/>"

    def _chosen(self, asked: dict[str, str]) -> list[str]:
        if "set" in asked:
            self._sets()
        chosen = [name for name, record in sorted(self._records.items()) if self._matches(record, asked)]
        if not chosen:
            raise _Refused("noRecordsMatch", "nothing in these bounds")
        return chosen

    def _matches(self, record: _Record, asked: dict[str, str]) -> bool:
        stamps = {len(asked[name]) for name in ("from", "until") if name in asked}
        if len(stamps) > 1 or (20 in stamps and not self.by_second):
            raise _Refused("badArgument", "granularity")
        stamp = self._written(record.stamp, 20 in stamps).decode()
        wanted = asked.get("set")
        return asked.get("from", "") <= stamp <= asked.get("until", "9") and (
            wanted is None or any(f"{name}:".startswith(f"{wanted}:") for name in record.sets)
        )

    def _record(self, identifier: str, *, whole: bool) -> bytes:
        record = self._records.get(identifier) or _Record(None, self.now, ())
        status = ' status="deleted"' if record.xml is None else ""
        sets = "".join(f"<setSpec>{name}</setSpec>" for name in record.sets)
        stamp = self._written(record.stamp, self.by_second).decode()
        header = f"<identifier>{escape(identifier)}</identifier><datestamp>{stamp}</datestamp>{sets}"
        made = f"<header{status}>{header}</header>".encode()
        if not whole:
            return made
        metadata = b"" if record.xml is None else b"<metadata>" + record.xml + b"</metadata>"
        return b"<record>" + made + metadata + b"</record>"


def _handler(server: OaiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet

        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            status, headers, body = server.answer(asked, {name.lower(): value for name, value in self.headers.items()})
            self.send_response_only(status)  # without a date of its own
            for name, value in ({"Content-Type": "text/xml"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    return Handler
