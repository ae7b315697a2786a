"""The privacy notice: what is kept of who asks, for how long, and who sees it, as a document of rules.

Whoever files a request says that they have read it; which notice that was is kept with the request, and of one that
staff key in how the person said so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import Row

from service_desk.errors import Invalid
from service_desk.models import Request
from service_desk.request_types import Code
from service_desk.rules import Document, bundled_text, read
from service_desk.told import Title, Told


class Said(Told):
    """A part of the notice under its heading; an empty line begins a new paragraph."""

    heading: Title
    text: Title


def _ways() -> dict[Code, Title]:
    """Of a house whose document does not name any: those of the package."""
    return read(Privacy, bundled_text(Privacy)).ways


class Privacy(Document):
    """The notice in the languages of the interface. `version` is what the house calls this text; `ways` are how the
    person may have agreed whose request is keyed in.
    """

    name: ClassVar[str] = "privacy"
    called: ClassVar[Title | None] = Title.of("Privacy notice", "隐私告知", "隱私告知")

    version: Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[\w.\-]+$")]
    short: Title
    parts: Annotated[tuple[Said, ...], Field(min_length=1, max_length=30)]
    ways: Annotated[dict[Code, Title], Field(min_length=1, max_length=30)] = Field(default_factory=_ways)

    @property
    def mark(self) -> str:
        """What is kept with a request: the version, and the beginning of the digest of its words, which tells that the
        text was this one even when somebody changed it and forgot the version.
        """
        words = json.dumps(self.model_dump(mode="json", exclude={"ways"}), sort_keys=True)
        return f"{self.version} {hashlib.sha256(words.encode()).hexdigest()[:12]}"


def is_to_be_got(request: Request | Row[Any]) -> bool:
    """Did staff key this request (or its columns) in without the person's consent? Emergencies do not wait for it."""
    return request.keyed_by is not None and request.consent is None


def check_consent(notices: Iterable[Privacy], mark: str | None, way: str | None) -> None:
    """That notice is one of these, and the way one that the first of them, the one in force, has. Raises Invalid."""
    known = list(notices)
    if way not in known[0].ways:
        raise Invalid.one("consent_way", f"one of {', '.join(known[0].ways)}")
    if mark not in {one.mark for one in known}:
        raise Invalid.one("consent", "the mark of a privacy notice that is in force, or was lately")
