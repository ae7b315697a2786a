"""Policies of opening that were applied: rows of kind `policy`, each with who applied it, and what it replaced."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec
from msgspec import Struct, structs

from mappings.opening_policy import OpeningPolicy
from pipelines.record_store import Commit, RecordStore

What = Literal["applied", "undone"]
NONE = OpeningPolicy()


class _Kept(Struct, frozen=True, omit_defaults=True):
    """What a row says beside the policy itself. `before` is the number of the version to go back to; 0 is none."""

    number: int
    by: str
    what: What = "applied"
    before: int = 0
    note: str = ""


class Version(Struct, frozen=True):
    """A policy as it was applied. Number 0 is that of a house that has applied none."""

    number: int = 0
    policy: OpeningPolicy = NONE
    by: str = ""
    what: What = "applied"
    before: int = 0
    note: str = ""
    at: dt.datetime | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the policy."""
        return self.policy.digest

    def write(self, commit: Commit) -> None:
        """Put it among the rows of a commit."""
        kept = _Kept(self.number, self.by, self.what, self.before, self.note)
        row = {"action": ["index"], "signature": [self.digest], "record": [self.policy.body]}
        commit.add("policy", {**row, "raw": [msgspec.json.encode(kept).decode()]})


def versions(store: RecordStore) -> list[Version]:
    """All that were applied, oldest first."""
    rows = store.rows("policy", ["version", "at", "record", "raw"]).to_pylist()
    return [_version(row["record"], row["raw"], row["at"]) for row in rows]


def in_force(store: RecordStore) -> Version:
    """The last one."""
    found = versions(store)
    return found[-1] if found else Version()


def next_version(store: RecordStore, policy: OpeningPolicy, by: str, note: str = "") -> Version:
    """A policy as the version after those there are."""
    now = in_force(store)
    return Version(now.number + 1, policy, by, before=now.number, note=note)


def undone(store: RecordStore, by: str, note: str = "") -> Version | None:
    """The policy before the one in force as a new version, from which one may go back further; None when there is none
    to go back from.
    """
    known = {0: Version(), **{one.number: one for one in versions(store)}}
    now = known[max(known)]
    if not now.number or (now.what == "undone" and now.before == 0 and not now.policy.rules):
        return None
    back = known[now.before]
    made = structs.replace(back, number=now.number + 1, by=by, what="undone", note=note, at=None)
    return structs.replace(made, before=back.before)


def _version(body: str, raw: str, at: dt.datetime) -> Version:
    kept = msgspec.json.decode(raw, type=_Kept)
    policy = OpeningPolicy.model_validate(msgspec.json.decode(body))
    return Version(kept.number, policy, kept.by, kept.what, kept.before, kept.note, at)
