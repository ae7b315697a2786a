"""Notices to readers: queued in the transaction of the event they tell of, sent after it.

A crash in between sends them later.

Mail is read by others than its addressee: a notice says that something happened and how to see it, never the answer
itself, and never the secret (which we do not have).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from service_desk.database import Database
from service_desk.forms import as_email, without_controls
from service_desk.models import QueuedNotice, Request
from service_desk.objects import write_whole
from service_desk.ports import Clock, Notice, Outbox

StatusUrl = Callable[[str], str]
CLAIM = dt.timedelta(minutes=5)
_BATCH = 100
_PROBLEM_LENGTH = 500

EVENTS = frozenset({"answered", "refused", "notice"})
TEXTS = {
    "en": {
        "answered": "Your request {receipt} is answered",
        "refused": "Your request {receipt} cannot be granted",
        "notice": "News on your request {receipt}",
        "body": "{subject}.\n\n{title}\n\n"
        "To read it, open {where} with the receipt code {receipt} and the secret you were given.\n",
        "where": "“Follow my request”",
    },
    "zh-Hans": {
        "answered": "您的申请 {receipt} 已答复",
        "refused": "您的申请 {receipt} 不予提供",
        "notice": "您的申请 {receipt} 有新进展",
        "body": "{subject}。\n\n{title}\n\n请打开 {where}，凭回执号 {receipt} 和提交时得到的密码查看。\n",
        "where": "“查看进度”",
    },
    "zh-Hant": {
        "answered": "您的申請 {receipt} 已答覆",
        "refused": "您的申請 {receipt} 不予提供",
        "notice": "您的申請 {receipt} 有新進展",
        "body": "{subject}。\n\n{title}\n\n請開啟 {where}，憑收件號 {receipt} 與送出時取得的密碼查看。\n",
        "where": "「查詢進度」",
    },
}


class Notices:
    """The queue of notices and what empties it."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox | None, status_url: StatusUrl | None) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._status_url = status_url

    def queue(self, session: Session, request: Request, what: str, at: dt.datetime) -> bool:
        """Queue the notice of an event in the caller's transaction, if it is worth one and the reader left an e-mail
        address.
        """
        recipient = as_email(request.contact)
        texts = TEXTS.get(request.language, TEXTS["en"])
        if recipient is None or what not in EVENTS:
            return False
        subject = texts[what].format(receipt=request.receipt)
        title = request.hit["title"] if request.hit else ""
        where = self._status_url(request.receipt) if self._status_url else texts["where"]
        body = texts["body"].format(subject=subject, title=title, where=where, receipt=request.receipt)
        session.add(
            QueuedNotice(request_id=request.id, recipient=recipient, subject=subject, body=body, created=at, attempts=0)
        )
        return True

    def deliver(self) -> int:
        """Send what is queued; how many left. What cannot be sent stays queued, with the reason, for the next time."""
        outbox = self._outbox
        if outbox is None:
            return 0
        return sum(self._deliver_one(outbox, number) for number in self._waiting())

    def waiting(self) -> int:
        """How many notices have not left yet."""
        with self._database.read() as session:
            return len(session.scalars(select(QueuedNotice.id).where(QueuedNotice.sent.is_(None))).all())

    def _waiting(self) -> list[int]:
        with self._database.read() as session:
            unsent = select(QueuedNotice.id).where(QueuedNotice.sent.is_(None), _unclaimed(self._clock.now()))
            return list(session.scalars(unsent.order_by(QueuedNotice.id).limit(_BATCH)))

    def _deliver_one(self, outbox: Outbox, number: int) -> bool:
        row = self._claim(number)
        if row is None:
            return False
        try:
            outbox.send(Notice(row.id, row.recipient, row.subject, row.body, row.created))
        except (
            Exception
        ) as error:  # whatever a mailer raises: the step it tells of is committed and must not look failed
            told = str(without_controls(str(error))) or type(error).__name__
            self._finish(number, problem=told[:_PROBLEM_LENGTH])
            return False
        self._finish(number, problem=None)
        return True

    def _claim(self, number: int) -> QueuedNotice | None:
        """Of several senders one gets the notice; a sender that died loses it after five minutes."""
        now = self._clock.now()
        free = QueuedNotice.id == number, QueuedNotice.sent.is_(None), _unclaimed(now)
        claim = update(QueuedNotice).where(*free).values(claimed=now, attempts=QueuedNotice.attempts + 1)
        with self._database.write() as session:
            claimed = session.scalar(claim.returning(QueuedNotice.id).execution_options(synchronize_session=False))
            return session.get(QueuedNotice, number) if claimed is not None else None

    def _finish(self, number: int, problem: str | None) -> None:
        sent = self._clock.now() if problem is None else None
        with self._database.write() as session:
            session.execute(update(QueuedNotice).where(QueuedNotice.id == number).values(sent=sent, problem=problem))


def _unclaimed(now: dt.datetime) -> ColumnElement[bool]:
    return QueuedNotice.claimed.is_(None) | (QueuedNotice.claimed <= now - CLAIM)


class FolderOutbox:
    """Notices as ``.eml`` files in a folder. The number names the file: sent twice, it is still one file."""

    def __init__(self, folder: Path, sender: str = "onestop@localhost") -> None:
        self._folder = folder
        self._sender = sender

    def send(self, notice: Notice) -> None:
        """Write the message. Raises OSError."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = notice.recipient
        message["Subject"] = notice.subject
        message["Date"] = format_datetime(notice.at)
        message["Message-ID"] = f"<notice-{notice.number}@{self._sender.rpartition('@')[2]}>"
        message.set_content(notice.body)
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / f"{notice.number:08d}.eml", message.as_bytes())
