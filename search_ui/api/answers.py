"""Answers as JSON, written fast: a page of hits has tens of kilobytes."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi.responses import JSONResponse


class Json(JSONResponse):
    """What FastAPI would answer, at a tenth of the cost."""

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)
