"""The privacy notice: what is kept of who asks, for how long, and who sees it, as a document of rules.

Whoever files a request says that they have read it; which notice that was is kept with the request.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, ClassVar

from pydantic import Field

from service_desk.rules import Document
from service_desk.told import Title, Told


class Said(Told):
    """A part of the notice under its heading; an empty line begins a new paragraph."""

    heading: Title
    text: Title


class Privacy(Document):
    """The notice in the languages of the interface. `version` is what the house calls this text."""

    name: ClassVar[str] = "privacy"
    called: ClassVar[Title | None] = Title.of("Privacy notice", "隐私告知", "隱私告知")

    version: Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[\w.\-]+$")]
    short: Title
    parts: Annotated[tuple[Said, ...], Field(min_length=1, max_length=30)]

    @property
    def mark(self) -> str:
        """What is kept with a request: the version, and the beginning of the digest of its words, which tells that the
        text was this one even when somebody changed it and forgot the version.
        """
        words = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return f"{self.version} {hashlib.sha256(words.encode()).hexdigest()[:12]}"
