"""Plain pages for those who may: others are shown the way to sign in, or a page that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import may, may_begin
from mappings.grants import Action
from search_ui import paths
from search_ui.web.render import address, here, page


def only(
    action: Action, *others: Action, somewhere: bool = False
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """A page that needs an action, or one of several; the desk asks again. `somewhere`: within some scope is enough,
    and the desk says what of it this viewer sees.
    """
    allowed = may_begin if somewhere else may

    def guarded(draw: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(draw)
        def drawn(request: Request, *given: Any) -> Response:
            context = here(request)
            if not context.viewer.signed_in:
                return RedirectResponse(f"{paths.LOGIN}?{urlencode({'next': address(request)})}", 303)
            if any(allowed(context.viewer, one) for one in (action, *others)):
                return draw(request, *given)
            context.services.desk.audit.refused(context.viewer, action, request.url.path[:200])
            return page(request, "not_found.html", 404)

        return drawn

    return guarded
