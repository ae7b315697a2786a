"""Style sheets, scripts and the mark, from our own package; the Latin fonts are those Streamlit ships."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from search_ui.security import fingerprint

FOLDER: Final = Path(__file__).parent.parent / "assets"
_FONTS: Final = Path(streamlit.__file__).parent / "static" / "static" / "media"
# Family, and how the file of its upright font begins; the rest of the name changes with each version of Streamlit.
_FACES: Final = (("Source Sans", "SourceSansVF-Upright"), ("Source Serif", "SourceSerifVariable-Roman"))
_DAY: Final = {"cache-control": "public, max-age=86400"}


class _Files(StaticFiles):
    """Files a browser may keep when their address names their content, and asks for anew when it does not."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        lasting = b"v=" in scope.get("query_string", b"")
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return answer


@cache
def address(name: str) -> str:
    """The address of a file; a changed file has another one."""
    return f"/assets/{name}?v={fingerprint([(FOLDER / name).read_text(encoding='utf-8')])[:8]}"


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
