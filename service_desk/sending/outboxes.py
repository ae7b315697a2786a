"""Where notices leave: a folder of messages, a mail server, any service that Apprise speaks to; by the addresses of the
setting `outbox`.

No address is ever told whole: it may hold a password.
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from msgspec import Struct

from service_desk.objects import write_whole
from service_desk.ports import Notice, NotSent, Outbox, RefusedForGood

SENDER: Final = "onestop@localhost"
SECONDS: Final = 20.0
"""How long each step of a mail server may take."""
RECIPIENT: Final = "{to}"
"""Stands in an Apprise address where the reader's number or address goes."""
_NAMED: Final = re.compile(r"([a-z][a-z0-9_-]{0,19})=(?=[a-z0-9+-]+:)")
_MAIL: Final = frozenset({"smtp", "smtps", "mailto", "mailtos"})
_PERMANENT: Final = range(500, 600)
REASONS: Final = ("address", "message", "login", "server", "service", "channel", "other")
"""Why a notice was not taken: kinds that screens have words for."""
Security = Literal["none", "starttls", "tls"]


class OutboxMistaken(ValueError):
    """An address of the setting cannot be followed; the message says which, by its place, and what to write."""


class FolderOutbox:
    """Notices as ``.eml`` files in a folder. The number names the file: sent twice, it is still one file."""

    is_quick: Final = True

    def __init__(self, folder: Path, sender: str = SENDER) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, notice: Notice) -> None:
        """Write the message. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / f"{notice.number:08d}.eml", written(notice, self._sender).as_bytes())


class SmtpServer(Struct, frozen=True):
    """A mail server, and who we are to it."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""
    sender: str = SENDER
    name: str = ""

    def __repr__(self) -> str:
        """Without the password."""
        return f"SmtpServer({self.host}:{self.port}, {self.security})"


class SmtpOutbox:
    """Notices as mail, handed to one server."""

    is_quick: Final = False

    def __init__(self, server: SmtpServer, seconds: float = SECONDS) -> None:
        self._server = server
        self._seconds = seconds

    def send(self, notice: Notice) -> None:
        """Hand it to the server; when this returns the server has taken it. Raises RefusedForGood when the server does
        not take this message at all, OSError for what may be different later.
        """
        server = self._server
        message = written(notice, formataddr((server.name, server.sender)) if server.name else server.sender)
        try:
            with self._connected() as connection:
                if server.user:
                    connection.login(server.user, server.password)
                connection.send_message(message, server.sender, [notice.recipient])
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent("login", str(error.smtp_code)) from None
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refused("address", code, said) from None
        except smtplib.SMTPResponseException as error:
            raise _refused("message", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise NotSent("server", str(error)) from None
        except OSError as error:
            raise NotSent("server", error.strerror or str(error) or type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=self._seconds, context=_tls())
        connection = smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        if server.security == "starttls":
            try:
                connection.starttls(context=_tls())
            except Exception:
                connection.close()
                raise
        return connection


class AppriseOutbox:
    """Notices by a service that Apprise knows: a text message, a chat, a gateway of the house."""

    is_quick: Final = False

    def __init__(self, address: str) -> None:
        self._address = address
        _apprise(address.replace(RECIPIENT, "13800000000"))  # told now, not at the first notice

    def send(self, notice: Notice) -> None:
        """Hand it over. Raises OSError when the service did not take it."""
        service = _apprise(self._address.replace(RECIPIENT, quote(notice.recipient, safe="+@")))
        if not service.notify(title=notice.subject if notice.has_subject else "", body=notice.body):
            raise NotSent("service", _scheme(self._address))


class Channels:
    """Several outboxes, each by the name of its channel."""

    def __init__(self, channels: Mapping[str, Outbox]) -> None:
        self._channels = dict(channels)

    @property
    def names(self) -> frozenset[str]:
        """The channels there are."""
        return frozenset(self._channels)

    @property
    def is_quick(self) -> bool:
        """Does none of them wait for another machine?"""
        return all(getattr(outbox, "is_quick", False) for outbox in self._channels.values())

    def send(self, notice: Notice) -> None:
        """By the channel that the notice names. Raises OSError."""
        outbox = self._channels.get(notice.channel)
        if outbox is None:
            raise NotSent("channel", notice.channel)
        outbox.send(notice)


def channels(setting: str, folder: Callable[[str], Path]) -> Channels:
    """The outboxes of the setting: addresses with blanks between them, each named (``sms=...``) or, without a name,
    the one for mail. `folder` resolves the path of a ``file:`` address.

    Raises OutboxMistaken.
    """
    found: dict[str, Outbox] = {}
    for place, word in enumerate(setting.split(), 1):
        named = _NAMED.match(word)
        name = named[1] if named else "email"
        if name in found:
            raise OutboxMistaken(f"address {place} of outbox is the second for {name}; write NAME= before one of them.")
        try:
            found[name] = _outbox(word[named.end() :] if named else word, folder)
        except OutboxMistaken as error:
            raise OutboxMistaken(f"address {place} of outbox ({name}) {error}") from None
    if not found:
        raise OutboxMistaken("outbox is empty; write file:outbox to keep notices in a folder.")
    return Channels(found)


def described(setting: str) -> str:
    """Channels and the kinds of their addresses, such as ``email by smtps, sms by twilio``."""
    words = [(_NAMED.match(word), word) for word in setting.split()]
    return ", ".join(f"{m[1] if m else 'email'} by {_scheme(w[m.end() :] if m else w)}" for m, w in words)


def written(notice: Notice, sender: str) -> EmailMessage:
    """The notice as a mail. A notice has one Message-ID however often it is sent."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = notice.recipient
    message["Subject"] = notice.subject
    message["Date"] = format_datetime(notice.at)
    message["Message-ID"] = f"<{notice.token or f'notice-{notice.number}'}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office programs do not answer it
    message.set_content(notice.body)
    return message


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip(">")


def _outbox(address: str, folder: Callable[[str], Path]) -> Outbox:
    scheme = _scheme(address)
    if scheme == "file":
        return FolderOutbox(folder(address))
    if scheme in _MAIL:
        return SmtpOutbox(_mail_server(scheme, address))
    return AppriseOutbox(address)


def _mail_server(scheme: str, address: str) -> SmtpServer:
    """``smtp://USER:PASSWORD@HOST:PORT?from=...&name=...&security=...``; Apprise's own ``mailto://`` and ``mailtos://``
    say the same.
    """
    try:
        parts = urlsplit(address)
        port, asked = parts.port, dict(parse_qsl(parts.query))
    except ValueError:
        raise OutboxMistaken("is no address; write smtps://USER:PASSWORD@HOST?from=desk@archive.example.") from None
    host = asked.get("smtp") or parts.hostname
    sender = asked.get("from") or (unquote(parts.username or "") if "@" in unquote(parts.username or "") else "")
    if not host or "@" not in sender:
        raise OutboxMistaken("lacks its host or its sender; write smtps://HOST?from=desk@archive.example.")
    security = _security(scheme, asked.get("security") or asked.get("mode"), parts)
    usual = {"tls": 465, "starttls": 587, "none": 25}[security]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpServer(host, port or usual, security, user, password, sender, asked.get("name", ""))


def _security(scheme: str, said: str | None, parts: SplitResult) -> Security:
    known: dict[str | None, Security] = {
        "ssl": "tls",
        "tls": "tls",
        "starttls": "starttls",
        "none": "none",
        "insecure": "none",
    }
    usual: dict[str, Security] = {"smtps": "tls", "smtp": "starttls", "mailtos": "starttls", "mailto": "none"}
    security = known.get(said) if said else usual[scheme]
    if security is None:
        raise OutboxMistaken("has a security that is none of tls, starttls, none.")
    if security == "none" and parts.password:
        raise OutboxMistaken("would send its password in the clear; write smtps:// or security=starttls.")
    return security


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _refused(what: str, code: int, said: bytes | str) -> OSError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    told = f"{code} {' '.join(text.split())[:200]}"
    return RefusedForGood(what, told) if code in _PERMANENT else NotSent(what, told)


def _scheme(address: str) -> str:
    scheme = address.partition(":")[0]
    return scheme.lower() if scheme.replace("+", "").isalnum() else "?"


class _Service:
    """What we use of Apprise."""

    def __init__(self, address: str) -> None:
        from apprise import Apprise  # a third of a second, for houses that have such a channel

        # It logs whole addresses, and what it could not do is told by us.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._apprise = Apprise()
        self.is_understood = bool(self._apprise.add(address))

    def notify(self, title: str, body: str) -> bool:
        return bool(self._apprise.notify(title=title, body=body))


def _apprise(address: str) -> _Service:
    service = _Service(address)
    if not service.is_understood:
        raise OutboxMistaken(f"({_scheme(address)}) is none that Apprise understands; see its list of services.")
    return service
