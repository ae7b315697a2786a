"""Injection: whatever stands in a parameter is looked for as it stands, and changes the meaning of no other.

Search servers: tests/indexer/test_cluster_attacks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.access import ANONYMOUS
from search_ui.services import Services
from service_desk import forms
from service_desk.errors import DeskError, Invalid, NotFound
from service_desk.forms import FeedbackForm, PersonForm, RequestForm, parse
from tests.attack.conftest import As
from tests.attack.house import INTERNAL_ID, MARK, furnished
from tests.search_ui.web.house import LAND_ID, PASSWORD, client_of

NASTY = (
    "' OR '1'='1",
    "'; DROP TABLE request; --",
    '" OR ""="',
    "%",
    "_",
    "%%",
    "\\",
    "\\%",
    "'||(SELECT password_hash FROM account)||'",
    "1) UNION SELECT * FROM account--",
    "${jndi:ldap://x}",
    "{{7*7}}",
    '{"match_all":{}}',
    '"}},{"match_all":{}}',
    "*:*",
    "access:internal",
    "access:*",
    "NOT zz",
    "-zz",
    "a OR access:internal",
    "title:* OR internal:true",
    "(((((((((",
    "a\\",
    '"',
    "/.*/",
    "[* TO *]",
    "{!func}x",
    "a~99999",
    "a^999999999",
    "* * * *",
    "$gt",
    "\x00",
    "\u202e",
    "\ud800",
    "\uffff",
    "é" * 300,
    "x" * 5000,
    "a\r\nb",
    "00000000000000000000000001",
    "1e999",
    "NaN",
)
NAMES = (
    "q",
    "filter",
    "from",
    "to",
    "sort",
    "size",
    "offset",
    "in",
    "plain",
    "synonyms",
    "fold",
    "group",
    "value",
    "w",
    "part",
)
strings = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=40), st.text(alphabet="\"'*?~^:()[]{}\\/+-!|&<>=%_;, aOR", max_size=30)
)
READ = (
    "/api/v1/search",
    "/api/v1/facets/level",
    "/api/v1/suggest",
    f"/api/v1/resources/{LAND_ID}",
    f"/api/v1/resources/{LAND_ID}/pages",
    f"/api/v1/resources/{LAND_ID}/pages/1",
    "/api/v1/themes/land/search",
    "/api/v1/themes/land/data.csv",
    "/suggest",
    "/my-searches/new",
    f"/r/{LAND_ID}",
    f"/view/{LAND_ID}",
    "/themes/land",
    "/sitemap.xml",
    "/login",
    "/s/2222-2222",
)
WEB_NAMES = (
    *NAMES,
    "page",
    "rank",
    "next",
    "said",
    "lang",
    "k",
    "f",
    "find",
    "owner",
    "place",
    "words",
    "lot",
    "year",
    "dated.from",
    "how",
    "code",
    "only",
)


def clean(text: str) -> str:
    """As much of it as an address can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


@given(path=st.sampled_from(READ), asked=st.lists(st.tuples(st.sampled_from(WEB_NAMES), strings), max_size=4))
@settings(max_examples=80)
def test_no_parameter_breaks_a_page_or_lets_hidden_things_out(
    services: Services, signed_in: As, path: str, asked: list[tuple[str, str]]
) -> None:
    browser = signed_in("nobody")
    answer = browser.get(path, params=[(name, clean(value)) for name, value in asked])
    assert answer.status_code < 500, (path, asked, answer.text[:300])
    assert INTERNAL_ID not in answer.text and "Traceback" not in answer.text
    assert MARK not in answer.text


@given(value=strings)
@settings(max_examples=30)
def test_a_filter_stays_a_filter(services: Services, signed_in: As, value: str) -> None:
    """Whatever its value: hits are those it names, so none where there is no such value."""
    browser = signed_in("nobody")
    for field in ("level", "access", "source", "fonds"):
        answer = browser.get("/api/v1/search", params={"q": "*", "filter": f"{field}:{clean(value)}"})
        assert answer.status_code in (200, 422)
        if answer.status_code == 200:
            known = {hit["level"] if field == "level" else hit["access"] for hit in answer.json()["hits"]}
            assert field not in ("level", "access") or known <= {clean(value)}, (field, value)
            assert answer.json()["total"] == 0 or value.strip()


@given(words=strings)
@settings(max_examples=30)
def test_words_do_not_undo_a_filter(services: Services, signed_in: As, words: str) -> None:
    browser = signed_in("nobody")
    answer = browser.get("/api/v1/search", params={"q": clean(words), "filter": "level:fonds", "size": 100})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert {hit["level"] for hit in answer.json()["hits"]} <= {"fonds"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A desk on either database with names that look like patterns."""
    server = request.getfixturevalue("_postgres") if request.param == "postgresql" else None
    if server:
        server.start()
    made = furnished(tmp_path_factory.mktemp("injected"), database=server.url("injected") if server else "")
    clerk = made.desk.accounts.viewer("coordinator")
    for name in ("100% Wang", "under_score", "back\\slash", "quote's"):
        form = {"resource_id": LAND_ID, "type": "copy", "name": name, "contact": "c"}
        made.desk.filing.submit(parse(RequestForm, form), ANONYMOUS)
        made.desk.people.register(PersonForm(name=name), clerk)
    yield made
    made.desk.close()
    if server:
        server.drop("injected")


@pytest.mark.parametrize("text", NASTY)
def test_the_desk_finds_what_stands_there_and_nothing_by_pattern(desk: Services, text: str) -> None:
    clerk, administrator = desk.desk.accounts.viewer("coordinator"), desk.desk.accounts.viewer("administrator")
    needle = str(forms.one_line(text))[:200].lower()
    for row in desk.desk.inbox.page(clerk, "new", find=text).rows:
        told = f"{row.receipt} {row.name} {row.contact if hasattr(row, 'contact') else ''} {row}".lower()
        assert not needle or needle in told or needle.replace("\\", "\\\\") in told, (text, row)
    for person in desk.desk.people.find(text, clerk):
        assert not needle or needle in f"{person.name} {person.contact} {person.code}".lower(), (text, person)
    for account in desk.desk.managing.page(administrator, text).rows:
        assert not needle or needle in f"{account.name} {account.display_name} {account.roles}".lower(), (text, account)
    for narrowed in ("actor", "subject"):
        assert desk.desk.audit.rows(**{narrowed: text}).total == 0
    with pytest.raises(Invalid):
        desk.desk.audit.rows(what=text)


def calls(desk: Any, text: str, clerk: Any, administrator: Any) -> list[Any]:
    """Everything at the desk that takes a text that names something."""
    return [
        lambda: desk.requests.status(text, secret=text),
        lambda: desk.requests.case(text, clerk),
        lambda: desk.requests.take(text, clerk),
        lambda: desk.requests.file(text, 1, clerk),
        lambda: desk.people.one(text, clerk),
        lambda: desk.people.join(text, text, clerk),
        lambda: desk.managing.one(administrator, text),
        lambda: desk.accounts.viewer(text),
        lambda: desk.feedback.add(parse(FeedbackForm, {"resource_id": text, "kind": "wrong"}), ANONYMOUS),
        lambda: desk.accounts.verify(text, text, text[:50], text),
        lambda: desk.terminals.open(text, text[:50]),
    ]


@pytest.mark.parametrize("text", NASTY[::3])
def test_a_name_at_the_desk_is_a_name(desk: Services, text: str) -> None:
    clerk, administrator = desk.desk.accounts.viewer("coordinator"), desk.desk.accounts.viewer("administrator")
    before = len(desk.desk.accounts.all()), desk.desk.inbox.page(clerk, "open").total
    for call in calls(desk.desk, text, clerk, administrator):
        with pytest.raises((NotFound, DeskError)):
            call()
    assert desk.desk.sessions.lookup(text) is None and not desk.desk.terminals.is_one(text)
    assert (len(desk.desk.accounts.all()), desk.desk.inbox.page(clerk, "open").total) == before


@given(name=strings, contact=strings, note=strings)
@settings(max_examples=15)
def test_what_a_reader_writes_is_kept_as_it_is(services: Services, name: str, contact: str, note: str) -> None:
    browser = client_of(services)
    form = {"resource_id": LAND_ID, "type": "copy", "name": clean(name), "contact": clean(contact), "note": clean(note)}
    answer = browser.post("/api/v1/requests", json=form)
    assert answer.status_code in (201, 422), answer.text
    assert PASSWORD not in answer.text
