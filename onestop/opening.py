"""The opening policy of a workspace: its file, what it would change, bringing it into force, and going back.

`policies/opening.yml` says nothing until it is applied: what is in force is in the record store, with who applied it
and when, so that a file that is being written opens nothing, and a night without the file opens what is due.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from mappings.mistakes import Mistake, mistakes_in
from mappings.opening_policy import OpeningPolicy, Rule
from onestop import yaml_files
from onestop.copies import own_classes
from onestop.errors import SettingsError, UnknownName
from onestop.policies import PolicyMistakes
from onestop.standing import standing

if TYPE_CHECKING:
    from mappings.access import Viewer
    from mappings.decisions import Key
    from mappings.opening import Review
    from onestop.wiring import Workspace
    from pipelines.intake import Progress
    from pipelines.opening import Asked, Found
    from pipelines.opening_policies import Version
    from pipelines.record_store import RecordStore
    from search_ui.services import OpenedResource
    from service_desk.opening import Decision

FILE: Final = "policies/opening.yml"
LISTED: Final = 200
"""Records that a preview names; it counts all."""
Json = dict[str, Any]


def standing_reviews(here: Workspace) -> list[Review] | None:
    """What staff decided about the opening of units (`standing`); None makes what the last run knew hold."""
    return standing(here, lambda desk: desk.openings.standing())


def read_policy(workspace: Path) -> OpeningPolicy:
    """What the file says, the rules of its packs and the words of `policies/deidentify.yml` in it; no rules without the
    file. Raises SettingsError, PolicyMistakes.
    """
    file = workspace / FILE
    if not file.exists():
        return OpeningPolicy()
    content = yaml_files.read(file, "extends: [cn]")
    try:
        policy = OpeningPolicy.model_validate(content)
    except ValidationError as error:
        raise PolicyMistakes(file, list(mistakes_in(yaml_files.text_of(file), error, OpeningPolicy))) from error
    return policy.whole({name: tuple(words) for name, words in own_classes(workspace).items()})


class HouseOpening:
    """The same for one workspace; each call opens the store as it is then."""

    def __init__(self, here: Workspace) -> None:
        self._here = here

    @property
    def file(self) -> Path:
        return self._here.folder / FILE

    def check(self) -> Json:
        """What is wrong with the file: ``{"ok", "file", "problems": [{"place", "line", "what"}]}``;
        whether there is one, and the digest of what it says.
        """
        problems: list[Mistake] = []
        digest = None
        try:
            digest = read_policy(self._here.folder).digest
        except PolicyMistakes as error:
            problems = error.mistakes
        except SettingsError as error:
            problems = [Mistake("", None, str(error))]
        found = {"ok": not problems, "file": str(self.file), "problems": [problem._asdict() for problem in problems]}
        return found | {"exists": self.file.exists(), "digest": digest}

    def in_force(self) -> Json:
        """The policy that is in force, in words: its number, who applied it and when, its rules, and whether there is
        one to go back to.
        """
        from pipelines.opening_policies import in_force, undone

        store = self._store()
        return {**_told(in_force(store)), "undoable": undone(store, "") is not None}

    def history(self) -> list[Json]:
        """Every policy that was applied, the newest first."""
        from pipelines.opening_policies import versions

        return [_told(version) for version in reversed(versions(self._store()))]

    def preview(self, on: dt.date | None = None) -> Json:
        """What applying the file as it is now would open and close on a day. Raises SettingsError."""
        from pipelines.opening import changes
        from pipelines.opening_policies import in_force

        store, policy = self._store(), read_policy(self._here.folder)
        now = in_force(store)
        asked = self._asked(policy, on)
        told = _Preview(policy)
        for found in changes(store, asked):
            told.add(found)
        same = {"in_force": now.number, "is_in_force": now.digest == policy.digest, "digest": policy.digest}
        return {"on": asked.today.isoformat(), **same, **told.to_json()}

    def apply(self, by: str, note: str = "", progress: Progress | None = None) -> Json:
        """Bring the file into force: a new version, the access it makes, and the index. Raises SettingsError,
        pipelines.errors.WorkspaceLocked, service_desk.errors.Unavailable.
        """
        from pipelines.opening_policies import in_force, next_version

        policy = read_policy(self._here.folder)

        def version(store: RecordStore) -> Version | None:
            return None if in_force(store).digest == policy.digest else next_version(store, policy, by, note)

        return self._brought_into_force(version, progress)

    def undo(self, by: str, note: str = "", progress: Progress | None = None) -> Json:
        """Go back to the policy before. Raises UnknownName when there is none, and what `apply` raises."""
        from pipelines.opening_policies import undone

        def version(store: RecordStore) -> Version | None:
            back = undone(store, by, note)
            if back is None:
                raise UnknownName("There is no policy of opening before this one to go back to.")
            return back

        return self._brought_into_force(version, progress)

    def _brought_into_force(self, version: Any, progress: Progress | None) -> Json:
        from pipelines.lock import INDEX

        with self._here.locks.take(INDEX):
            store = self._store()
            made = version(store)
            if made is None:
                return {"changed": False, **self.in_force()}
            done = self._decided(store, made, progress)
        self._here.desk.openings.applied(made.by, made.what, made.number, made.digest)
        return {"changed": True, **_told(made), **done}

    def refresh(self, progress: Progress | None = None) -> Json:
        """Decide what is due now and show it, as a night does. Raises pipelines.errors.WorkspaceLocked."""
        from pipelines.lock import INDEX

        with self._here.locks.take(INDEX):
            return self._decided(self._store(), None, progress)

    def _decided(self, store: RecordStore, version: Version | None, progress: Progress | None) -> Json:
        from pipelines.opening import decide_access
        from pipelines.publish import publish
        from pipelines.report import RunReport
        from pipelines.workers import Workers

        here = self._here
        shown = here.engine.store_version()
        outcome = decide_access(
            store,
            RunReport().run,
            standing_reviews(here),
            here.today(),
            shown=-1 if shown is None else shown,
            policy=version,
            progress=progress,
        )
        with Workers() as workers:
            left_out = publish(store, here.engine, workers, progress=progress)
        return {
            "looked_at": outcome.looked_at,
            "opened": outcome.opened,
            "closed": outcome.closed,
            "left_out": [{"source": one.source, "reason": one.reason} for one in left_out],
        }

    def review(self, resource_id: str, decision: Decision, viewer: Viewer) -> Json:
        """Keep a decision on the records of a resource, or on the one that is named. Raises UnknownName, Invalid,
        NotAllowed.
        """
        keys = self.keys(resource_id, viewer)
        self._here.desk.openings.review(keys, decision, viewer)
        return {"records": [":".join(key) for key in keys], "state": decision.state}

    def keys(self, resource_id: str, viewer: Viewer) -> list[Key]:
        """The records that an id means. Raises UnknownName, NotAllowed."""
        from service_desk import policy

        policy.require_staff("review opening", viewer)
        resource = self._here.services.resource(resource_id, viewer)
        if resource is None:
            raise UnknownName(f"There is no resource {resource_id!r}; ids stand in the hits of `onestop search`.")
        keys = [(one["source"], one["source_id"]) for one in resource["sources"]]
        return [key for key in keys if ":".join(key) == resource_id] or keys

    def coming(self, days: int) -> list[Json]:
        """What opens by itself within some days, the next first: the day and what it is."""
        from pipelines.opening import coming
        from pipelines.opening_policies import in_force

        store = self._store()
        asked = self._asked(in_force(store).policy)
        found = coming(store, asked, asked.today + dt.timedelta(days))
        rows = [{"on": day, "source": key[0], "source_id": key[1], "title": facts.title} for key, day, facts in found]
        return sorted(rows, key=lambda row: (row["on"], row["source"], row["source_id"]))

    def opened(self, since: dt.date) -> list[OpenedResource]:
        """Resources that were opened for that day or a later one, the latest first."""
        from pipelines.link import Links
        from pipelines.opening import opened_since
        from search_ui.services import OpenedResource

        store = self._store()
        found = list(opened_since(store, since))
        links = Links.read(store) if found else Links()
        latest: dict[str, OpenedResource] = {}
        for one in sorted(found, key=lambda one: one.at):
            resource = links.resource_of(*one.key)
            latest[resource] = OpenedResource(resource, one.day, one.at)
        return sorted(latest.values(), key=lambda one: (one.day, one.at, one.id), reverse=True)

    def _asked(self, policy: OpeningPolicy, on: dt.date | None = None) -> Asked:
        from pipelines.opening import Asked

        return Asked(policy, standing_reviews(self._here) or (), on or self._here.today())

    def _store(self) -> RecordStore:
        """The store as it is now, apart from the one that pages are read from: it stays as it was found."""
        return self._here.open_store()


class _Preview:
    """Changes counted by rule, fonds and holder, the first of them by name."""

    def __init__(self, policy: OpeningPolicy) -> None:
        self._titles = {rule.name: rule.title.by_language() for rule in policy.rules}
        self._counts: dict[str, dict[str, Counter[str]]] = {"rules": {}, "fonds": {}, "holders": {}}
        self._totals: Counter[str] = Counter()
        self._records: list[Json] = []

    def add(self, found: Found) -> None:
        from mappings.opening import fonds_of

        how = "opens" if found.opens else "closes" if found.closes else "otherwise"
        self._totals[how] += 1
        facts = found.facts
        is_within = bool(facts.fonds or facts.ancestors or facts.level == "fonds")
        fonds = next(fonds_of(facts)) if is_within else ""
        places = {"rules": found.decided.rule, "fonds": fonds, "holders": facts.holder}
        for name, value in places.items():
            self._counts[name].setdefault(value or "", Counter())[how] += 1
        if len(self._records) < LISTED:
            self._records.append(_changed(found, how))

    def to_json(self) -> Json:
        """``opens``, ``closes``, ``otherwise`` (another reason or day), by rule, fonds and holder, and records."""
        tables = {
            name: [{"name": value, "title": None, **_counted(counts)} for value, counts in _ordered(found)]
            for name, found in self._counts.items()
        }
        for row in tables["rules"]:
            row["title"] = self._titles.get(row["name"])
        left_off = sum(self._totals.values()) - len(self._records)
        return {**_counted(self._totals), **tables, "records": self._records, "left_off": left_off}


def _counted(counts: Counter[str]) -> Json:
    return {how: counts[how] for how in ("opens", "closes", "otherwise")}


def _ordered(found: dict[str, Counter[str]]) -> Iterable[tuple[str, Counter[str]]]:
    return sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))


def _changed(found: Found, how: str) -> Json:
    facts, access = found.facts, found.decided.access
    return {
        "source": found.source,
        "source_id": facts.source_id,
        "title": facts.title,
        "reference_code": facts.reference_code,
        "how": how,
        "from": found.was.value,
        "to": access.value,
        "opens_on": access.opens_on.isoformat() if access.opens_on else None,
        "rule": found.decided.rule,
        "article": access.article,
        "reason": access.reason,
    }


def _told(version: Version) -> Json:
    return {
        "number": version.number,
        "what": version.what,
        "by": version.by,
        "at": version.at.isoformat(timespec="seconds") if version.at else None,
        "note": version.note,
        "before": version.before,
        "digest": version.digest,
        "rules": list(_rules(version.policy)),
    }


def _rules(policy: OpeningPolicy) -> Iterator[Json]:
    yield from (_rule(rule) for rule in policy.rules)


def _rule(rule: Rule) -> Json:
    told: Json = rule.model_dump(mode="json", by_alias=True)
    told["select"] = {name: values for name, values in told["select"].items() if values}
    return told
