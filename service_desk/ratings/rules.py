"""How long readers may rate an answer, and change what they said."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service_desk.rules import Document
from service_desk.told import Title


class RatingRules(Document):
    """``ratings.yml``: days are those of the calendar, counted from the closing."""

    name = "ratings"
    called = Title.of("Ratings", "服务评价", "服務評價")

    days_to_rate: Annotated[int, Field(ge=1, le=3650)]
    days_to_change: Annotated[int, Field(ge=0, le=3650)]
