"""An OpenID Connect provider of the tests' own on loopback: discovery, keys, the code flow with PKCE, ID tokens signed
with RS256. It signs in whoever it is told to, and can be told to do one thing wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "onestop", "s3cret: with % and +"
Json = dict[str, Any]


@dataclass
class OpenIdProvider:
    """`person` is who signs in; `claims` changes what an ID token says, `sign` how it is signed; `now` is the clock."""

    back: str
    now: Callable[[], float]
    person: Json = field(default_factory=lambda: {"sub": "s-1", "name": "林曉", "groups": []})
    claims: Callable[[Json], Json] = lambda claims: claims
    header: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    signing_key: RSAKey | None = None
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    def sign_in(self, address: str) -> str:
        """What a browser does that is sent to the provider: the address that it is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert urlsplit(address).path == "/authorize" and asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT and asked["redirect_uri"] == self.back
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Json]:
        """The answer to what the house itself asks."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self._discovery()
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self._token(form, authorization)
        return 404, {}

    def rotate(self) -> None:
        """Another key from now on."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def _discovery(self) -> Json:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return told | self.metadata

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Json]:
        begun = self._codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = begun is not None and _url64(challenge) == begun["code_challenge"]
        if not fits or begun is None or form.get("redirect_uri") != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        token = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
        return 200, token | {"id_token": self._signed(begun["nonce"], access)}

    def _signed(self, nonce: str, access: str) -> str:
        now = int(self.now())
        hashed = _url64(hashlib.sha256(access.encode()).digest()[:16])
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, "at_hash": hashed}
        key = self.signing_key or self.key
        header = {"alg": "RS256", "kid": key.kid} | self.header
        return jwt.encode(header, self.claims(claims | self.person), key)


@contextmanager
def openid_provider(back: str, now: Callable[[], float]) -> Iterator[OpenIdProvider]:
    """A provider that serves for as long as the block runs; browsers come back to `back`."""
    provider = OpenIdProvider(back, now)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            status, told = provider.answer(path, form, self.headers.get("authorization", ""))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            self._answer(dict(parse_qsl(self.rfile.read(length).decode())))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
