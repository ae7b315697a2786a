"""Notices to readers: queued in the transaction of the event they tell of, sent after it.

A crash in between sends them later.

Mail is read by others than its addressee: a notice says that something happened and how to see it, never the answer
itself, and never the secret (which we do not have).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from service_desk.database import Database
from service_desk.forms import as_email, without_controls
from service_desk.models import Event, QueuedNotice, Request
from service_desk.objects import write_whole
from service_desk.ports import Clock, Notice, Outbox

StatusUrl = Callable[[str], str]
CLAIM = dt.timedelta(minutes=5)
_BATCH = 100
_PROBLEM_LENGTH = 500

ACCOUNT_TEXTS = {
    "en": {
        "register": (
            "Your code: {code}",
            "Type this code to finish your registration: {code}\n\nIt is good for "
            "{minutes} minutes. If you did not register, do nothing: no account is made without it.\n",
        ),
        "known": (
            "You have an account already",
            "Somebody wanted to register with this address, which has an account "
            "already. Sign in with it; if you forgot the password, ask for a new one at "
            "the sign-in.\nIf that was not you, do nothing.\n",
        ),
        "reset": (
            "Your code: {code}",
            "Type this code to choose a new password: {code}\n\nIt is good for {minutes} "
            "minutes. If you did not ask for it, do nothing: the old password stays.\n",
        ),
        "changed": (
            "Your password was changed",
            "The password of your account was changed, and it is signed out "
            "everywhere. If that was not you, ask for a new one at the sign-in at once.\n",
        ),
    },
    "zh-Hans": {
        "register": (
            "您的验证码：{code}",
            "请输入验证码完成注册：{code}\n\n{minutes} 分钟内有效。如非本人操作，请忽略：没有验证码就不会建立账户。\n",
        ),
        "known": (
            "您已有账户",
            "有人要用此联系方式注册，但它已有账户。请直接登录；忘记密码可在登录页重设。\n如非本人操作，请忽略。\n",
        ),
        "reset": (
            "您的验证码：{code}",
            "请输入验证码设置新密码：{code}\n\n{minutes} 分钟内有效。如非本人操作，请忽略：原密码不变。\n",
        ),
        "changed": (
            "您的密码已更改",
            "您账户的密码已更改，并已在所有设备上退出。如非本人操作，请立即在登录页重设密码。\n",
        ),
    },
    "zh-Hant": {
        "register": (
            "您的驗證碼：{code}",
            "請輸入驗證碼完成註冊：{code}\n\n{minutes} 分鐘內有效。如非本人操作，請略過：沒有驗證碼就不會建立帳號。\n",
        ),
        "known": (
            "您已有帳號",
            "有人要用此聯絡方式註冊，但它已有帳號。請直接登入；忘記密碼可在登入頁重設。\n如非本人操作，請略過。\n",
        ),
        "reset": (
            "您的驗證碼：{code}",
            "請輸入驗證碼設定新密碼：{code}\n\n{minutes} 分鐘內有效。如非本人操作，請略過：原密碼不變。\n",
        ),
        "changed": (
            "您的密碼已變更",
            "您帳號的密碼已變更，並已在所有裝置登出。如非本人操作，請立即在登入頁重設密碼。\n",
        ),
    },
}
"""Subject and body of what is told about an account."""
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

    def queue_events(self, session: Session, request: Request, events: Sequence[Event]) -> bool:
        """Queue the notices of what has just happened, in the caller's transaction."""
        queued = [self.queue(session, request, event.what, event.at) for event in events]
        return any(queued)

    def queue_code(
        self,
        session: Session,
        recipient: str,
        what: str,
        language: str,
        at: dt.datetime,
        code: str = "",
        minutes: int = 0,
    ) -> None:
        """Queue what is told about an account, with the code that is told nowhere else, in the caller's transaction."""
        subject, body = ACCOUNT_TEXTS.get(language, ACCOUNT_TEXTS["en"])[what]
        session.add(
            QueuedNotice(
                recipient=recipient,
                subject=subject.format(code=code),
                body=body.format(code=code, minutes=minutes),
                created=at,
                attempts=0,
            )
        )

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
            if sent is not None:
                with_code = QueuedNotice.id == number, QueuedNotice.request_id.is_(None)
                session.execute(update(QueuedNotice).where(*with_code).values(recipient="", subject="", body=""))


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
