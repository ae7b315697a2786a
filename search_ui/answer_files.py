"""Files that staff send with an answer, by page or API: so many a minute, and of the kind that their bytes prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from mappings.access import Viewer, may_begin
from search_ui.services import current
from service_desk import sniffing
from service_desk.ports import Upload
from service_desk.ratelimit import RateLimit

FILES_A_MINUTE: Final = 60
"""Of one member of staff: three answers with as many files as one may have."""
WITH_FILES: Final = frozenset({"answer", "answer_part", "make_ready"})
"""Acts that files go with."""
_FILES = RateLimit(FILES_A_MINUTE)


def may_send(cookies: Mapping[str, str]) -> bool:
    """Does the large body of an answer with files come from somebody who may answer? Raises Unavailable."""
    return may_begin(current().viewer(cookies), "requests.decide")


def spend(viewer: Viewer, given: Sequence[Upload]) -> None:
    """Count them. Raises TooMany."""
    for _ in given:
        _FILES.spend(viewer.name or "")


def checked(given: Sequence[Upload]) -> list[Upload]:
    """The same with the media types that their bytes prove. Raises `sniffing.Refused`."""
    return [sniffing.checked(one.name, one.data) for one in given]
