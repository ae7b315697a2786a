"""The whole API by its own document, as everybody: nothing it is sent breaks it, every answer is what it says, and no
answer names what is hidden.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi
from starlette.testclient import TestClient

from mappings.access import Access
from search_ui import paths
from search_ui.services import Services
from service_desk.roles import bundled
from tests.attack.doors import schema
from tests.attack.house import INTERNAL_ID, MARK, SCOPED, filed, furnished
from tests.search_ui.web.house import client_of, sign_in

pytestmark = pytest.mark.slow
EVERYBODY: Final = ("nobody", "chen", SCOPED, *bundled().roles)
EXAMPLES: Final = 2
"""An operation and person: some 700 calls in all; each is another one at the next run, but in the build."""
CHECKS: Final = (
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A house of its own: here requests are answered and forms filed by chance."""
    made = furnished(tmp_path_factory.mktemp("schema"))
    yield made
    made.desk.close()


@pytest.fixture(scope="module")
def operations(house: Services) -> list[Any]:
    found = [result.ok() for result in schemathesis.openapi.from_dict(schema(house)).get_all_operations()]
    assert len(found) > 30
    return found


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_api_keeps_its_word(house: Services, operations: list[Any], name: str) -> None:
    browser = client_of(house)
    if name != "nobody":
        sign_in(browser, name)
    token = browser.get(f"{paths.API}/session").json()["csrf_token"] or ""
    viewer = house.viewer(dict(browser.cookies))
    hidden = set() if viewer.may_know(Access("internal")) else {INTERNAL_ID, MARK}
    if not viewer.may_read(Access("closed"), dt.date(2026, 1, 1)):
        hidden.add("closed page")
    if not viewer.is_staff or name in (SCOPED, "administrator"):
        hidden.add(filed(house).of_chen)
    for operation in operations:
        # The log tells what others did: it names by id and receipt what its reader may not see, and says no more of it.
        if operation.label.endswith("/staff/audit"):
            attack(browser, operation, token, hidden & {MARK, "closed page"})
            continue
        attack(browser, operation, token, hidden if name != "chen" else hidden - {filed(house).of_chen})


def attack(browser: TestClient, operation: Any, token: str, hidden: set[str]) -> None:
    """Some calls of an operation, with what its schema allows and what it does not."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def call(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=f"http://testserver{paths.API}")
        headers = {name: value for name, value in sent.pop("headers").items() if value.isascii()}
        sent.pop("cookies", None)
        body = {"content": sent.pop("data")} if "data" in sent else {}
        answer = browser.request(headers={**headers, "x-csrf-token": token}, **body, **sent)
        case.validate_response(answer, checks=CHECKS)
        asked = repr(sent) + repr(body)
        assert not [word for word in hidden if word in answer.text and word not in asked], (operation.label, sent)

    call()
