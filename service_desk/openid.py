"""Signing in at an OpenID Connect provider (OpenID Connect Core 1.0, authorization code flow with PKCE).

The provider is found by discovery; state, nonce and verifier of each attempt are kept here, for the browser that began
it, once, for ten minutes. An account is known by issuer and subject and by nothing else: no name and no address that a
provider tells opens an account that was made otherwise.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from msgspec import Struct
from requests import RequestException
from sqlalchemy import delete
from sqlalchemy.orm import Session

from mappings.grants import ANYWHERE
from service_desk import codes, throttle
from service_desk.accounts import Accounts, view
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import BadCredentials, Unavailable
from service_desk.forms import one_line
from service_desk.given import Roles
from service_desk.models import Account, Confirmation, ExternalIdentity
from service_desk.passwords import Passwords
from service_desk.ports import Clock
from service_desk.roles import READER
from service_desk.views import AccountView, RoleView

BY: Final = "openid"
"""Who gave the roles that the provider tells of."""
ATTEMPTS_PER_CLIENT = 100  # a reading room may share one address
GOOD_FOR = dt.timedelta(minutes=10)
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key only: with a shared one whoever knows the client's secret could sign for anybody."""
_LEEWAY = 60
_PATIENCE = 10
_FRESH = 3_600
"""Seconds: how far clocks may differ, how long an answer may take, how long what was discovered is believed."""
_PURPOSE = "openid"
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2
_log = structlog.get_logger(__name__)


class OpenIdSettings(Struct, frozen=True):
    """The provider and this house as its client."""

    issuer: str
    client_id: str
    client_secret: str = ""

    def __repr__(self) -> str:
        return f"OpenIdSettings({self.issuer!r}, {self.client_id!r})"

    def problem(self) -> str | None:
        """What is wrong with these settings, as a sentence."""
        parts = urlsplit(self.issuer)
        if not parts.hostname or parts.query or parts.fragment or parts.scheme not in ("https", "http"):
            return f"openid = {self.issuer!r} is no address of a provider, such as https://login.example."
        if parts.scheme == "http" and parts.hostname != "localhost":
            return f"openid = {self.issuer!r} is not https: whoever listens could sign in as anybody."
        return None if self.client_id else "openid needs openid_client, the name the provider knows this house by."


class Begun(Struct, frozen=True):
    """An attempt that came back right: whose account, and where the reader wanted to go."""

    account: AccountView
    onward: str


class _Provider(Struct, frozen=True):
    """What discovery told, and the provider's keys."""

    told: dict[str, Any]
    keys: KeySet
    at: float


class OpenId:
    """Accounts of an OpenID Connect provider."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        accounts: Accounts,
        roles: Roles,
        keep: Passwords,
        settings: OpenIdSettings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._roles = roles
        self._passwords = keep
        self._settings = settings
        self._provider: _Provider | None = None
        self._lock = threading.Lock()

    def begin(self, visitor: str, back: str, onward: str, client: str = "", language: str | None = None) -> str:
        """The address at the provider to send the browser to; it comes back to `back`. `language` is the page's: an
        account that is made now has it. Raises Unavailable, TooMany.
        """
        with self._database.write(lock=throttle.LOCK) as session:
            throttle.count(session, self._clock.now(), {throttle.key(_PURPOSE, client): ATTEMPTS_PER_CLIENT})
        provider = self._known()
        state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), generate_token(64)
        body = {"nonce": nonce, "verifier": verifier, "back": back, "onward": onward, "language": language}
        row = Confirmation(
            purpose=_PURPOSE,
            contact_digest=codes.digest(state),
            browser_digest=codes.digest(visitor),
            code_digest="",
            expires=self._clock.now() + GOOD_FOR,
            tries=0,
            body=body,
        )
        with self._database.write() as session:
            session.add(row)
        with self._client(back) as asking:
            where = provider.told["authorization_endpoint"]
            address, _ = asking.create_authorization_url(where, state=state, nonce=nonce, code_verifier=verifier)
        return str(address)

    def finish(self, visitor: str, answer: Mapping[str, str]) -> Begun:
        """What the provider's answer - the parameters the browser came back with - comes to. Raises BadCredentials
        for any that is not the answer to an attempt of this browser, and Unavailable.
        """
        begun = self._begun(visitor, answer.get("state", ""))
        if begun is None:
            raise BadCredentials("This sign-in was not begun in this browser, or too long ago.")
        if answer.get("iss", self._settings.issuer) != self._settings.issuer or not answer.get("code"):
            raise _refused("the answer has no code, or is another provider's", answer.get("error", ""))
        try:
            return Begun(
                self._account(self._claims(answer["code"], begun), begun.get("language")), str(begun["onward"])
            )
        except BadCredentials:
            with self._database.write() as session:  # as often as `begin` allows
                note(session, self._clock.now(), None, "session.refused", openid=True)
            raise

    def _begun(self, visitor: str, state: str) -> dict[str, Any] | None:
        """The attempt with that state, which is over then."""
        mine = (
            Confirmation.purpose == _PURPOSE,
            Confirmation.contact_digest == codes.digest(state),
            Confirmation.browser_digest == codes.digest(visitor),
            Confirmation.expires > self._clock.now(),
        )
        with self._database.write() as session:
            return session.scalar(delete(Confirmation).where(*mine).returning(Confirmation.body))

    def _claims(self, code: str, begun: dict[str, Any]) -> dict[str, Any]:
        """What the provider says of the person, once it is certain that the provider says it, to us, now."""
        provider = self._known()
        try:
            with self._client(begun["back"]) as client:
                token = client.fetch_token(
                    provider.told["token_endpoint"],
                    code=code,
                    code_verifier=begun["verifier"],
                    grant_type="authorization_code",
                    timeout=_PATIENCE,
                    allow_redirects=False,
                )
            return self._validated(provider, token, begun["nonce"])
        except RequestException as error:
            raise _away(error) from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
            raise _refused("its answer is not right", str(error)) from error

    def _validated(self, provider: _Provider, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7). Raises JoseError, AuthlibBaseError, KeyError,
        ValueError.
        """
        signed, registry = str(token["id_token"]), JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            decoded = jwt.decode(signed, provider.keys, registry=registry)
        except (JoseError, ValueError):  # the provider may have a new key
            decoded = jwt.decode(signed, self._known(anew=True).keys, registry=registry)
        options = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        about = {"nonce": nonce, "client_id": self._settings.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, options, about)
        claims.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY)
        return dict(decoded.claims)

    def _account(self, claims: Mapping[str, Any], language: str | None) -> AccountView:
        """The account of issuer and subject, made at its first sign-in, with the roles that the provider tells of now.
        Raises BadCredentials when it is closed.
        """
        subject, policy = str(claims["sub"])[:_LONGEST_SUBJECT], self._roles.policy
        told = claims.get(policy.openid.claim, [])
        named = {told} if isinstance(told, str) else {str(each) for each in told} if isinstance(told, list) else set()
        wanted = {role for group, role in policy.openid.roles.items() if group in named}
        with self._database.write(lock="accounts") as session:
            known = session.get(ExternalIdentity, (self._settings.issuer, subject))
            made = None if known else self._made(session, subject, claims, language)
            account = session.get(Account, known.account_name) if known else made
            if account is None or account.disabled:
                raise BadCredentials("This account is closed.")
            self._roles.set_in(session, account, {RoleView(role, ANYWHERE) for role in wanted}, BY)
            return view(account)

    def _made(self, session: Session, subject: str, claims: Mapping[str, Any], language: str | None) -> Account:
        """Called by a name that says nothing of the person, and cannot be anybody else's name or contact."""
        name = "openid-" + "".join(secrets.choice(codes.ALPHABET) for _ in range(8)).lower()
        called = str(one_line(str(claims.get("name") or claims.get("preferred_username") or "")))[:200]
        nobodys = self._passwords.hash(secrets.token_urlsafe(32))
        account = self._accounts.add_in(session, name, called, nobodys, READER, BY, language)
        session.flush()
        session.add(ExternalIdentity(issuer=self._settings.issuer, subject=subject, account_name=name))
        return account

    def _client(self, back: str) -> OAuth2Session:
        client_id, secret = self._settings.client_id, self._settings.client_secret
        return OAuth2Session(
            client_id,
            secret or None,
            scope="openid profile",
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
        )

    def _known(self, anew: bool = False) -> _Provider:
        """What discovery told, at most an hour ago. Raises Unavailable."""
        with self._lock:
            known = self._provider
            if known is None or anew or time.monotonic() - known.at > _FRESH:
                known = self._provider = self._discovered()
            return known

    def _discovered(self) -> _Provider:
        address = get_well_known_url(self._settings.issuer, external=True)
        try:
            with OAuth2Session(self._settings.client_id) as client:
                told = _json(client, address)
                metadata = OpenIDProviderMetadata(told)
                metadata.validate()
                if told["issuer"] != self._settings.issuer:
                    raise ValueError(f"it calls itself {told['issuer']!r}")
                keys: Any = _json(client, told["jwks_uri"])
                return _Provider(told, KeySet.import_key_set(keys), time.monotonic())
        except (RequestException, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
            raise _away(error) from error


def _json(client: OAuth2Session, address: str) -> dict[str, Any]:
    answer = client.request("GET", address, withhold_token=True, timeout=_PATIENCE, allow_redirects=False)
    answer.raise_for_status()
    told = answer.json()
    if not isinstance(told, dict):
        raise ValueError("it tells no object")
    return told


def _away(error: Exception) -> Unavailable:
    _log.warning("the OpenID provider cannot be asked", reason=f"{type(error).__name__}: {error}")
    return Unavailable("The sign-in service does not answer now; please try again in a few minutes.")


def _refused(what: str, reason: str) -> BadCredentials:
    _log.warning("a sign-in by OpenID was refused", what=what, reason=reason[:300])
    return BadCredentials("The sign-in service did not confirm who you are; please try again.")
