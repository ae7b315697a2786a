"""What readers are told of, and which values the text of each notice may use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_SEAT: Final = ("place", "seat", "when", "reason", "booking")
COMMON: Final = ("receipt", "title", "where", "archive")
"""Every notice about a request has these; `where` is the address, or the name of the screen, to follow it."""
EVENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "submitted": ("due",),
        "needs_materials": ("due", "missing"),
        "accepted": ("due",),
        "quoted": ("amount", "due"),
        "payment_asked": ("amount", "due"),
        "ready_file": ("due",),
        "ready_pickup": ("place", "due"),
        "ready_seat": ("place", "when", "due"),
        "delivered": (),
        "answered": (),
        "partly_delivered": (),
        "refused": (),
        "not_held": (),
        "expired": (),
        "extended": ("due",),
        "progress": (),
        "notice": (),
        "relayed": ("due",),
        "came_back": (),
        "reminder": ("due",),
        "booking_made": _SEAT,
        "booking_changed": _SEAT,
        "booking_cancelled": _SEAT,
        "booking_waits": _SEAT,
        "booking_missed": _SEAT,
        "booking_lapsed": _SEAT,
        "place_free": (*_SEAT, "due"),
        "loan_due": ("place", "due", "voucher"),
        "loan_overdue": ("place", "due", "voucher"),
        "loan_renewed": ("due", "voucher"),
        "alarm": ("due",),
        "task_given": ("due", "department"),
        "task_late": ("due", "department"),
    }
)
"""Events and the values they have beside `COMMON`."""
LATER: Final = frozenset(
    {
        *("booking_waits", "booking_missed", "booking_lapsed"),
        *("alarm", "relayed", "came_back", "task_given", "task_late"),
    }
)
"""Events that a document of a house may be older than: where one of these is not named, the text of the
package is sent. A house that does not want it writes its name with nothing after the colon.
"""
NOTICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "materials_asked": "needs_materials",
        "agreed": "payment_asked",
        "handed_out": "delivered",
        "partly_answered": "partly_delivered",
        "reminded": "reminder",
    }
)
"""Events of a request whose notice has another name; one that is ready is told of by how (``ready_pickup``)."""


def notice_of(event: str, payload: Mapping[str, Any]) -> str:
    """The name of the notice that tells of an event."""
    return f"ready_{payload.get('how', 'file')}" if event == "ready" else NOTICES.get(event, event)


CODES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"register": ("code", "minutes"), "known": (), "reset": ("code", "minutes"), "changed": ()}
)
"""What is told about an account. These leave at any hour: somebody waits for them."""
_ASKED: Final = ("asks", "expects", "records", "date", "link")
LETTERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "asked": _ASKED,
        "reminded": _ASKED,
        "replied": (*_ASKED, "text"),
        "moved": _ASKED,
        "taken_back": ("asks", "expects", "records", "text"),
    }
)
"""Letters to other institutions, and the values they have beside the archive. They carry what is asked itself, since
who gets them has no account here.
"""
FRAMED: Final = ("subject", "body")
SAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "receipt": "A7K2-9QXM",
        "title": "粵漢鐵路購地卷",
        "where": "https://archive.example/s/A7K2-9QXM",
        "archive": "Yunjiang Archives",
        "due": "2026-12-01",
        "voucher": "J2026-00012",
        "when": "2026-12-01 09:00",
        "place": "Reading room 1",
        "seat": "12",
        "reason": "Stock-taking",
        "booking": "B4TQ-7KXN",
        "department": "Civil status",
        "asks": "Is there a file on the purchase of land of 1906?",
        "expects": "A copy, or that it is not held",
        "records": "粵漢鐵路購地卷 · Z1-2-3",
        "date": "1 December 2026",
        "link": "https://archive.example/relay/x9Kq",
        "text": "The volume of 1906.",
        "amount": "CNY 36.00",
        "missing": "- Identity document: show it at the window, or upload a photograph",
        "code": "K7MX-2Q9A",
        "minutes": "15",
    }
)
"""What a preview shows in place of real values."""
_SAID: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "zh-Hans": {
            "archive": "云江档案馆",
            "place": "第一阅览室",
            "reason": "馆藏清点",
            "department": "婚姻档案室",
            "asks": "有无 1906 年购地案卷？",
            "expects": "副本，或说明未藏",
            "date": "12 月 1 日",
            "text": "1906 年卷。",
            "amount": "人民币 36.00 元",
            "missing": "- 身份证件：到窗口出示，或上传照片",
        },
        "zh-Hant": {
            "archive": "雲江檔案館",
            "place": "第一閱覽室",
            "reason": "館藏清點",
            "department": "婚姻檔案室",
            "asks": "有無 1906 年購地案卷？",
            "expects": "副本，或說明未藏",
            "date": "12 月 1 日",
            "text": "1906 年卷。",
            "amount": "新臺幣 36 元",
            "missing": "- 身分證明文件：至服務窗口出示，或上傳照片",
        },
    }
)


def samples(language: str) -> dict[str, str]:
    """The samples as they are in this language."""
    return {**SAMPLES, **_SAID.get(language, {})}
