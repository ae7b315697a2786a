"""Signing in at an OpenID Connect provider: a real one on loopback, and everything it or a stranger may do wrong."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey

from mappings.grants import ANYWHERE
from service_desk import openid
from service_desk.errors import BadCredentials
from service_desk.openid import OpenIdSettings
from service_desk.roles import InForce, RolePolicy, bundled
from tests.search_ui.web.house import PASSWORD, Items, client_of, open_house, sign_in
from tests.services.openid_provider import CLIENT, SECRET, openid_provider

BACK = "http://testserver/login/openid/return"
ANONYMOUS = None


@pytest.fixture
def provider():
    with openid_provider(BACK, time.time) as made:
        yield made


@pytest.fixture
def services(tmp_path, provider, monkeypatch):
    rules = bundled().model_dump(by_alias=True) | {
        "openid": {"claim": "groups", "roles": {"archive-window": "window_clerk", "archive-chief": "manager"}}
    }
    policy = InForce(RolePolicy.model_validate(rules), "file")
    settings = OpenIdSettings(provider.issuer, CLIENT, SECRET)
    made = open_house(tmp_path, Items(), openid=settings, policies=lambda: policy)
    yield made
    made.desk.close()


def begin(browser, onward="/about"):
    browser.get("/login")
    answer = browser.get("/login/openid?" + urlencode({"next": onward}))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def come_back(browser, provider, onward="/about", **changes):
    """The whole way: to the provider, and back with its answer, changed."""
    back = urlsplit(provider.sign_in(begin(browser, onward)))
    answer = {**dict(parse_qsl(back.query)), **changes}
    return browser.get(f"{back.path}?{urlencode({name: value for name, value in answer.items() if value})}")


def who(browser):
    return browser.get("/api/v1/session").json()


def test_somebody_signs_in_and_is_known_again(services, provider):
    browser, other = client_of(services), client_of(services)
    assert "Sign in with the account of your institution" in browser.get("/login").text
    answer = come_back(browser, provider, "/themes?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/themes?x=1")
    told = who(browser)
    assert told["name"].startswith("openid-") and told["roles"] == ["reader"]
    assert "林曉" in browser.get("/about").text
    come_back(other, provider)
    assert who(other)["name"] == told["name"]
    provider.person = {"sub": "s-2"}
    come_back(other, provider)
    assert who(other)["name"] != told["name"]


def test_an_account_has_the_language_of_the_page_it_was_made_from(services, provider):
    browser, other = client_of(services), client_of(services)
    browser.cookies.set("lang", "zh-Hant")
    come_back(browser, provider)
    name = who(browser)["name"]
    come_back(other, provider)
    assert who(other)["name"] == name and services.desk.accounts.language_of(name) == "zh-Hant", "only then"


def test_roles_follow_what_the_provider_tells(services, provider):
    browser = client_of(services)
    ways = {
        ("archive-window",): ["reader", "staff", "window_clerk"],
        ("archive-chief", "strangers"): ["manager", "reader", "staff"],
        (): ["reader"],
    }
    for groups, roles in ways.items():
        provider.person["groups"] = list(groups)
        come_back(browser, provider)
        assert who(browser)["roles"] == roles
    name = who(browser)["name"]
    services.desk.roles.give(name, "coordinator", ANYWHERE, "li")
    come_back(browser, provider)
    assert who(browser)["roles"] == ["coordinator", "reader", "staff"], "what others gave stays"
    told = [(row.what, row.detail) for row in reversed(services.desk.audit.rows(actor="openid").rows)]
    assert told == [
        ("account.add", {}),
        ("role.give", {"role": "reader"}),
        ("role.give", {"role": "window_clerk"}),
        ("role.take", {"role": "window_clerk"}),
        ("session.end_all", {}),
        ("role.give", {"role": "manager"}),
        ("role.take", {"role": "manager"}),
        ("session.end_all", {}),
    ]


def test_no_name_and_no_address_opens_an_account_made_otherwise(services, provider):
    provider.person = {"sub": "lin", "name": "lin", "preferred_username": "lin", "email": "lin@example.org"}
    browser = client_of(services)
    come_back(browser, provider)
    assert who(browser)["name"] not in ("lin", "chen") and who(browser)["roles"] == ["reader"]


def test_a_closed_account_stays_closed(services, provider):
    browser = client_of(services)
    come_back(browser, provider)
    services.desk.accounts.disable(who(browser)["name"])
    assert come_back(browser, provider).status_code == 401 and who(browser)["name"] is ANONYMOUS


def test_nobody_signs_in_to_such_an_account_by_password(services, provider):
    browser = client_of(services)
    come_back(browser, provider)
    name = who(browser)["name"]
    for password in ("", PASSWORD, name):
        with pytest.raises(BadCredentials):
            services.desk.sessions.sign_in(name, password)


def test_the_session_there_was_before_ends(services, provider):
    browser = client_of(services)
    sign_in(browser, "chen")
    before = browser.cookies["sid"]
    come_back(browser, provider)
    assert services.desk.sessions.lookup(before) is None and who(browser)["name"].startswith("openid-")


def test_a_key_that_changed_is_fetched(services, provider):
    browser = client_of(services)
    come_back(browser, provider)
    asked = provider.asked.count("/.well-known/openid-configuration")
    come_back(browser, provider)
    assert provider.asked.count("/.well-known/openid-configuration") == asked, "remembered"
    provider.rotate()
    assert come_back(browser, provider).status_code == 303


ANSWERS = {
    "no state": {"state": ""},
    "another state": {"state": "x" * 43},
    "no code": {"code": ""},
    "another code": {"code": "x" * 22},
    "another issuer": {"iss": "https://evil.example"},
    "an error": {"code": "", "error": "access_denied"},
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answers_that_are_not_right(services, provider, case):
    browser = client_of(services)
    answer = come_back(browser, provider, **ANSWERS[case])
    assert answer.status_code == 401 and "did not confirm who you are" in answer.text
    assert who(browser)["name"] is ANONYMOUS and len(services.desk.accounts.all()) == 2


def test_an_answer_counts_once_and_in_the_browser_that_began(services, provider):
    browser, stranger = client_of(services), client_of(services)
    stranger.get("/login")
    back = provider.sign_in(begin(browser))
    assert stranger.get(back).status_code == 401, "nobody is signed in as somebody else unawares"
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 401


def test_an_attempt_is_over_after_ten_minutes(services, provider, monkeypatch):
    browser = client_of(services)
    back = provider.sign_in(begin(browser))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)

    class Later:
        def now(self):
            return later

    monkeypatch.setattr(services.desk.openid, "_clock", Later())
    assert browser.get(back).status_code == 401


CLAIMS = {
    "another nonce": lambda claims: claims | {"nonce": "x"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "another issuer": lambda claims: claims | {"iss": "https://evil.example"},
    "another audience": lambda claims: claims | {"aud": "somebody else"},
    "several audiences and another party": lambda claims: claims | {"aud": [CLIENT, "x"], "azp": "x"},
    "expired": lambda claims: claims | {"iat": claims["iat"] - 900, "exp": claims["exp"] - 600},
    "no end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "from the future": lambda claims: claims | {"iat": claims["iat"] + 600},
    "no subject": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    "another access token": lambda claims: claims | {"at_hash": "x" * 22},
}


@pytest.mark.parametrize("case", CLAIMS)
def test_claims_that_are_not_right(services, provider, case):
    provider.claims = CLAIMS[case]
    browser = client_of(services)
    assert come_back(browser, provider).status_code == 401
    assert who(browser)["name"] is ANONYMOUS and len(services.desk.accounts.all()) == 2


def test_signatures_that_are_not_right(services, provider):
    browser = client_of(services)
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert come_back(browser, provider).status_code == 401
    provider.signing_key = OctKey.import_key(SECRET)
    provider.header = {"alg": "HS256", "kid": "k1"}
    assert come_back(browser, provider).status_code == 401
    provider._signed = unsigned(provider)
    assert come_back(browser, provider).status_code == 401
    assert who(browser)["name"] is ANONYMOUS


def unsigned(provider):
    """An ID token that nobody signed (``alg: none``)."""

    def made(nonce, access):
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "s", "iat": now, "exp": now + 300, "nonce": nonce}
        parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
        return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."

    return made


@pytest.mark.parametrize("onward", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_nobody_is_sent_elsewhere(services, provider, onward):
    assert come_back(client_of(services), provider, onward).headers["location"] == "/"


def test_a_provider_that_calls_itself_otherwise_is_not_asked(services, provider):
    provider.metadata = {"issuer": "https://evil.example"}
    browser = client_of(services)
    answer = browser.get("/login/openid")
    assert answer.status_code == 503 and "does not answer now" in answer.text
    provider.metadata = {}
    assert browser.get("/login/openid").status_code == 303


def test_a_provider_that_is_away(tmp_path):
    nowhere = OpenIdSettings("http://localhost:9", CLIENT, SECRET)
    services = open_house(tmp_path, Items(), openid=nowhere)
    browser = client_of(services)
    assert browser.get("/login/openid").status_code == 503
    sign_in(browser, "chen")
    services.desk.close()


def test_a_secret_that_is_wrong(tmp_path, provider):
    services = open_house(tmp_path, Items(), openid=OpenIdSettings(provider.issuer, CLIENT, "wrong"))
    assert come_back(client_of(services), provider).status_code == 401
    services.desk.close()


def test_a_house_without_a_provider_has_no_such_page(tmp_path):
    services = open_house(tmp_path, Items())
    browser = client_of(services)
    assert "institution" not in browser.get("/login").text
    assert browser.get("/login/openid").status_code == browser.get("/login/openid/return").status_code == 404
    services.desk.close()


def test_one_client_begins_so_often(services, provider, monkeypatch):
    monkeypatch.setattr(openid, "ATTEMPTS_PER_CLIENT", 2)
    browser = client_of(services)
    assert [browser.get("/login/openid").status_code for _ in range(3)] == [303, 303, 429]


SETTINGS = {
    "https://login.example": None,
    "http://localhost:8080/realms/x": None,
    "http://login.example": "not https",
    "http://127.0.0.1": "not https",
    "login.example": "no address",
    "https://": "no address",
    "https://login.example?x=1": "no address",
}


@pytest.mark.parametrize("issuer", SETTINGS)
def test_settings_that_cannot_be(issuer):
    said = OpenIdSettings(issuer, CLIENT).problem()
    assert (said is None) if SETTINGS[issuer] is None else (SETTINGS[issuer] in said)
    assert "openid_client" in OpenIdSettings("https://login.example", "").problem()
    assert SECRET not in repr(OpenIdSettings(issuer, CLIENT, SECRET))
