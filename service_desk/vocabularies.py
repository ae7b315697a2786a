"""What others call the statuses of a request: ISO 10160/10161, ISO 18626, Aeon, FOLIO. Each of ours has one word in
each; where a standard has none of its own, the nearest, and docs/relay.md says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from service_desk.legs.machine import LegStatus
from service_desk.machine import Status

Iso10161 = Literal[
    "NOT-SUPPLIED", "PENDING", "IN-PROCESS", "FORWARD", "CONDITIONAL", "CANCEL-PENDING", "CANCELLED", "SHIPPED",
    "RECEIVED", "RETURNED", "IDLE", "UNKNOWN",
]  # fmt: skip
"""States of an ILL transaction."""
Iso18626 = Literal[
    "RequestReceived", "ExpectToSupply", "WillSupply", "Loaned", "CopyCompleted", "LoanCompleted", "Unfilled",
    "RetryPossible", "HoldReturn", "Cancelled",
]  # fmt: skip
"""The open code list of ISO 18626:2017, `status`."""
Aeon = Literal[
    "Awaiting Order Submittal", "Awaiting Request Processing", "Awaiting User Review", "In Item Retrieval",
    "Awaiting Order Approval", "Awaiting Order Billing", "Item Delivered", "Request Finished", "Cancelled by Staff",
    "Cancelled by User",
]  # fmt: skip
"""Queues of Aeon."""
Folio = Literal[
    "Open - Not yet filled", "Open - Awaiting pickup", "Open - Awaiting delivery", "Open - In transit",
    "Closed - Filled", "Closed - Cancelled", "Closed - Unfilled", "Closed - Pickup expired",
]  # fmt: skip
"""Statuses of requests in FOLIO."""


class Words(Struct, frozen=True):
    """One status in the words of others."""

    iso10161: Iso10161
    iso18626: Iso18626
    aeon: Aeon
    folio: Folio


_NOT_YET: Folio = "Open - Not yet filled"
_FILLED: Folio = "Closed - Filled"
_UNFILLED: Folio = "Closed - Unfilled"
REQUESTS: Final[Mapping[Status, Words]] = {
    "draft": Words("IDLE", "RequestReceived", "Awaiting Order Submittal", _NOT_YET),
    "submitted": Words("PENDING", "RequestReceived", "Awaiting Request Processing", _NOT_YET),
    "needs_materials": Words("CONDITIONAL", "RetryPossible", "Awaiting User Review", _NOT_YET),
    "accepted": Words("IN-PROCESS", "ExpectToSupply", "Awaiting Request Processing", _NOT_YET),
    "in_search": Words("IN-PROCESS", "ExpectToSupply", "In Item Retrieval", _NOT_YET),
    "relayed": Words("FORWARD", "ExpectToSupply", "In Item Retrieval", "Open - In transit"),
    "in_review": Words("IN-PROCESS", "ExpectToSupply", "Awaiting Order Approval", _NOT_YET),
    "quoted": Words("CONDITIONAL", "RetryPossible", "Awaiting Order Approval", _NOT_YET),
    "awaiting_payment": Words("CONDITIONAL", "RetryPossible", "Awaiting Order Billing", _NOT_YET),
    "ready": Words("SHIPPED", "WillSupply", "Item Delivered", "Open - Awaiting pickup"),
    "delivered": Words("RECEIVED", "CopyCompleted", "Request Finished", _FILLED),
    "partly_delivered": Words("RECEIVED", "CopyCompleted", "Request Finished", _FILLED),
    "refused": Words("NOT-SUPPLIED", "Unfilled", "Cancelled by Staff", _UNFILLED),
    "not_held": Words("NOT-SUPPLIED", "Unfilled", "Cancelled by Staff", _UNFILLED),
    "withdrawn": Words("CANCELLED", "Cancelled", "Cancelled by User", "Closed - Cancelled"),
    "expired": Words("NOT-SUPPLIED", "Unfilled", "Cancelled by Staff", "Closed - Pickup expired"),
    "reopened": Words("PENDING", "RequestReceived", "Awaiting Request Processing", _NOT_YET),
}
"""Every status of a request."""
LEGS: Final[Mapping[LegStatus, Words]] = {
    "new": Words("IDLE", "RequestReceived", "Awaiting Order Submittal", _NOT_YET),
    "sent": Words("PENDING", "RequestReceived", "Awaiting Request Processing", _NOT_YET),
    "acknowledged": Words("IN-PROCESS", "ExpectToSupply", "In Item Retrieval", _NOT_YET),
    "asked_back": Words("CONDITIONAL", "RetryPossible", "Awaiting User Review", _NOT_YET),
    "answered": Words("RECEIVED", "CopyCompleted", "Request Finished", _FILLED),
    "not_held": Words("NOT-SUPPLIED", "Unfilled", "Cancelled by Staff", _UNFILLED),
    "refused": Words("NOT-SUPPLIED", "Unfilled", "Cancelled by Staff", _UNFILLED),
    "returned": Words("NOT-SUPPLIED", "Unfilled", "Cancelled by Staff", _UNFILLED),
    "taken_back": Words("CANCELLED", "Cancelled", "Cancelled by User", "Closed - Cancelled"),
}
"""Every status of a leg."""
