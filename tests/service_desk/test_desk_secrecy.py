"""What must never lie in the database as it is: secrets, tokens, cookies, passwords."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, READER

from mappings.access import ANONYMOUS
from service_desk.forms import AnswerForm, FeedbackForm


@pytest.mark.parametrize("kind", ["sqlite"])  # what is in its files is looked at
def test_nothing_that_opens_anything_is_stored_in_clear(desk, form, database_file, outbox):
    cookie, password = "visitor-cookie-of-32-random-bytes", "correct horse battery staple"
    filed = desk.filing.submit(form(), ANONYMOUS, cookie)
    desk.accounts.add("zhou", password, "reader")
    token = desk.sessions.sign_in("zhou", password, "192.0.2.77").token
    desk.drafts.save("f", {"a": 1}, ANONYMOUS, cookie)
    desk.feedback.add(FeedbackForm(resource_id="r-rail", kind="wrong"), ANONYMOUS, cookie)
    desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK)
    kept = b"".join(path.read_bytes() for folder in (database_file.parent, outbox) for path in folder.iterdir())
    assert filed.receipt.encode() in kept, "the files read are the right ones"
    for hidden in (filed.secret, filed.secret.replace("-", ""), token, cookie, password, "192.0.2.77"):
        assert hidden.encode() not in kept, hidden


def test_an_account_on_a_shared_machine_leaves_no_trace_with_its_cookie(desk, form):
    filed = desk.filing.submit(form(), READER, "kiosk")
    assert desk.requests.mine(ANONYMOUS, "kiosk") == []
    assert filed.receipt in [each.receipt for each in desk.requests.mine(READER)]
