"""Documents and links belong where their request belongs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mappings.access import Viewer, may
from service_desk import ledger, policy
from service_desk.errors import NotFound


def check(session: Session, operation: str, receipt: str | None, viewer: Viewer) -> None:
    """May this viewer do that where the request of this receipt belongs? What has no request belongs nowhere in
    particular. Raises NotFound for what they may not know of, NotAllowed.
    """
    request = ledger.by_receipt(session, receipt) if receipt else None
    if request is not None:
        policy.check_scope(operation, viewer, request)
    elif not may(viewer, policy.NEEDS[operation]):
        raise NotFound(policy.NO_REQUEST)
