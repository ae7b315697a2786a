"""The part of a request's page on which its reader says how the answer was: what ``rating_part.html`` shows."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request

from search_ui.web.render import here
from service_desk.errors import DeskError
from service_desk.ratings.service import STARS, WORDS

SAID: Final = frozenset({"thanks", "choose", "over"})


def rating_of(request: Request, receipt: str, secret: str | None, visitor: str | None) -> dict[str, Any] | None:
    """The value ``rating`` of the template; None while there is nothing to be rated, when it is too late and nothing
    was said, and where the desk does not answer.
    """
    context = here(request)
    try:
        told = context.services.desk.ratings.of(receipt, context.viewer, secret=secret, visitor=visitor)
    except DeskError:
        return None
    if told is None or (told.stars is None and told.open_until is None):
        return None
    said = request.query_params.get("rated")
    return {"told": told, "stars": STARS, "words": WORDS, "said": said if said in SAID else None}
