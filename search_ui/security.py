"""What keeps the pages safe and has no page of its own: policies, cookies, form tokens, safe addresses."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from mappings.access import Viewer

VISITOR: Final = "vid"
SESSION: Final = "sid"
TERMINAL: Final = "tid"
SECRET: Final = "rs"  # noqa: S105 - the name of the cookie that has the secret of a receipt, at the address of that
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""What changes nothing (RFC 9110, 9.2.1)."""
VISITOR_SECONDS: Final = 400 * 24 * 3600  # the longest browsers keep a cookie

_VISITOR_ID = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_SAFE_NEXT = re.compile(r"/(?![/\\])[^\x00-\x20\\]*", re.ASCII)

# Plain pages carry no inline script and no inline style, so theirs is the strictest there is.
PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_SCREEN_POLICY: Final = (
    "default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def screen_policy(index_html: str) -> str:
    """The policy of Streamlit's pages: the inline scripts of its index page by hash."""
    scripts = _INLINE_SCRIPT.findall(index_html)
    return _SCREEN_POLICY.format(hashes=" ".join(f"'sha256-{_digest(script)}'" for script in scripts))


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def new_visitor() -> str:
    """A visitor id: 192 random bits, so knowing one's own says nothing about another's."""
    return secrets.token_urlsafe(24)


def known_visitor(cookies: Mapping[str, str]) -> str | None:
    """The visitor id a browser sent, if it has the shape of ours."""
    value = cookies.get(VISITOR, "")
    return value if _VISITOR_ID.fullmatch(value) else None


def same_origin(headers: Mapping[str, str]) -> bool:
    """Was a form sent from one of our own pages, as far as the browser says?"""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return is_own_origin(headers)


def is_own_origin(headers: Mapping[str, str]) -> bool:
    """Does what a browser says of where it comes from lead to us? Who says nothing is no browser."""
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False


def safe_next(target: str | None, default: str = "/") -> str:
    """The place to go on to after signing in: a path of ours, never another host (``//host``, ``/\\host``)."""
    return target if target and len(target) <= 2000 and _SAFE_NEXT.fullmatch(target) else default


def web_address(address: str | None) -> str | None:
    """An address from a catalogue if it is a web address, else None: ``javascript:`` and its like are no links."""
    try:
        parts = urlsplit((address or "").strip())
    except ValueError:
        return None
    return (address or "").strip() if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def cookie(name: str, value: str, *, seconds: int, secure: bool, path: str = "/") -> str:
    """A Set-Cookie value that scripts cannot read and other sites cannot send; zero seconds takes it back."""
    parts = [f"{name}={value}", f"Path={path}", f"Max-Age={seconds}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)


def fingerprint(parts: Iterable[str]) -> str:
    """A short digest for file names and entity tags."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def image_cache(viewer: Viewer) -> dict[str, str]:
    """How a browser may keep the image of a page. To somebody else the same address gives another one, with names
    masked, or none; so what was given to somebody in particular is kept nowhere, and the rest for ten minutes, as long
    as nobody signs in or out.
    """
    if viewer.signed_in or viewer.on_site:
        return {"cache-control": "private, no-store"}
    return {"cache-control": "private, max-age=600", "vary": "cookie"}
