"""Style sheets, scripts and the mark, from our own package; the Latin fonts are those Streamlit ships."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOLDER: Final = Path(__file__).parent.parent / "assets"
_FONTS: Final = Path(streamlit.__file__).parent / "static" / "static" / "media"
# Family, and how the file of its upright font begins; the rest of the name changes with each version of Streamlit.
_FACES: Final = (("Source Sans", "SourceSansVF-Upright"), ("Source Serif", "SourceSerifVariable-Roman"))
_DAY: Final = {"cache-control": "public, max-age=86400"}


class _Files(StaticFiles):
    """Files a browser may keep for an hour: their names do not change with their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["cache-control"] = "public, max-age=3600"
        return answer


def files() -> StaticFiles:
    """What lies in ``assets/``."""
    return _Files(directory=FOLDER)


def fonts(request: Request) -> Response:
    """``/assets/fonts.css``: the font faces, by the names this version's files have."""
    return Response(_faces(), media_type="text/css", headers=_DAY)


@cache
def _faces() -> str:
    found = ((family, next(_FONTS.glob(f"{start}*.woff2"), None)) for family, start in _FACES)
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; src: url("/static/media/{file.name}") format("woff2"); '
        "font-weight: 200 900; font-display: swap; }"
        for family, file in found
        if file is not None
    )
