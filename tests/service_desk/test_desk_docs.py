"""docs/desk.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from service_desk.inbox import VIEWS
from service_desk.machine import ACTIONS, STATUSES
from service_desk.models import Base
from service_desk.rule_documents import DOCUMENTS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "desk.md").read_text()


def listed(values):
    return ", ".join(status for status in STATUSES if status in values) or "-"


def test_the_table_of_actions():
    expected = [
        f"| {action.name} | {action.event} | {listed(action.starts)} | {action.ends or '-'} "
        f"| {', '.join(sorted(action.by))} | {'yes' if action.shown else 'no'} |"
        for action in ACTIONS.values()
    ]
    start = TEXT.index("| submit |")
    assert TEXT[start:].splitlines()[: len(expected) + 1] == [*expected, ""]


def test_documents_views_and_tables():
    named = TEXT.split("| document | says |")[1].split("\n\n")[0]
    assert [document.name for document in DOCUMENTS if document.name not in named] == []
    assert all(view in TEXT.split("Inbox views:")[1].split(";")[0] for view in VIEWS)
    assert all(name in TEXT.split("| table | holds |")[1] for name in Base.metadata.tables)
