"""The rules of the desk - types, materials, routes, calendars, texts and more - as YAML that administrators edit.

Each kind of rules is a *document*: a model here, a text in ``service_desk/policies``, which holds until a house has
written its own, and the versions of the house in the database. The newest version is in force everywhere at once, with
no restart, in every process; the ones before it are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any, ClassVar, TypeVar

import yaml
from msgspec import Struct
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings import yaml_text
from mappings.access import Viewer
from mappings.mistakes import Mistake, mistakes_in
from service_desk import policy
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, FieldError, Invalid, NotFound
from service_desk.models import PolicyVersion
from service_desk.ports import Clock
from service_desk.told import Told
from service_desk.views import PolicyView

TEXT_BOUND = 200_000
"""Characters of a document."""
BUNDLED = 0
"""The number of the version that comes with the package."""
_LOCK = "rules"


class Document(Told):
    """A kind of rules. `name` names its versions and the file ``policies/NAME.yml`` of the package."""

    name: ClassVar[str]

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[str]:
        """What it names that `other` documents, as they are in force, do not have: a sentence each."""
        yield from ()


class RulesMistaken(Invalid):
    """A text cannot be followed; `mistakes` are all that is wrong with it, with their lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__([FieldError("text", str(mistake)) for mistake in mistakes])
        self.mistakes = tuple(mistakes)


class Version(Struct, frozen=True):
    """A document as it is written: the number of the version, 0 for the package's, and its text."""

    number: int
    text: str


D = TypeVar("D", bound=Document)
Moved = Callable[[Session, dt.datetime], None]
"""Something that follows when a document changes, in the same transaction."""


class Rules:
    """The documents of one installation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, tuple[int, Document]] = {}
        self._followers: dict[str, list[Moved]] = {}

    def now(self, kind: type[D]) -> D:
        """The document in force. Asks the database; whoever is about to write asks before that."""
        with self._database.read() as session:
            return self.within(session, kind)

    def within(self, session: Session, kind: type[D]) -> D:
        """The same in a transaction that is under way."""
        newest = select(func.max(PolicyVersion.id)).where(PolicyVersion.name == kind.name)
        number = session.scalar(newest) or BUNDLED
        known = self._known.get(kind.name)
        if known is None or known[0] != number:
            known = (number, read(kind, _text(session, kind, number)))
            self._known[kind.name] = known
        document = known[1]
        assert isinstance(document, kind)
        return document

    def version(self, kind: type[Document], number: int | None = None) -> Version:
        """A version as it is written, the one in force unless a number is given. Raises NotFound."""
        with self._database.read() as session:
            newest = select(func.max(PolicyVersion.id)).where(PolicyVersion.name == kind.name)
            wanted = (session.scalar(newest) or BUNDLED) if number is None else number
            return Version(wanted, _text(session, kind, wanted))

    def versions(self, kind: type[Document]) -> list[PolicyView]:
        """Every version of the house, the newest first."""
        ours = select(PolicyVersion).where(PolicyVersion.name == kind.name).order_by(PolicyVersion.id.desc())
        with self._database.read() as session:
            return [PolicyView(row.name, row.digest, row.at, row.by, row.id) for row in session.scalars(ours)]

    def check(self, kind: type[D], text: str) -> D:
        """What a text says. Raises RulesMistaken with everything that is wrong with it."""
        document = read(kind, text)
        if unmet := [Mistake("", None, sentence) for sentence in document.unmet(self.now)]:
            raise RulesMistaken(unmet)
        return document

    def put(self, kind: type[D], text: str, viewer: Viewer, seen: int | None = None) -> int:
        """Bring a text into force, and all that follows from it; the number of its version.

        `seen` is the version that was edited. Raises NotAllowed, RulesMistaken, Conflict when somebody was faster.
        """
        actor = policy.require("desk.configure", viewer)
        return self.bring_into_force(kind, text, actor, seen)

    def bring_into_force(self, kind: type[D], text: str, by: str, seen: int | None = None) -> int:
        """The same for whoever works at the machine itself: command line, demonstration."""
        self.check(kind, text)
        now, digest = self._clock.now(), hashlib.sha256(text.encode()).hexdigest()
        newest = select(PolicyVersion).where(PolicyVersion.name == kind.name).order_by(PolicyVersion.id.desc()).limit(1)
        with self._database.write(lock=_LOCK) as session:
            last = session.scalar(newest)
            number, before = (last.id, last.digest) if last else (BUNDLED, None)
            if seen is not None and seen != number:
                raise Conflict("Somebody changed these rules since you opened them; look at them again.")
            if before == digest:
                return number
            row = PolicyVersion(name=kind.name, digest=digest, body=text, at=now, by=by[:100])
            session.add(row)
            note(session, now, by[:100], "policy.change", kind.name, digest=digest, before=before)
            session.flush()
            for follow in self._followers.get(kind.name, ()):
                follow(session, now)
            return row.id

    def followed(self, kind: type[Document], follow: Moved) -> None:
        """Have `follow` called whenever this document changes."""
        self._followers.setdefault(kind.name, []).append(follow)


def read(kind: type[D], text: str) -> D:
    """The document of a text. Raises RulesMistaken."""
    if len(text) > TEXT_BOUND:
        raise RulesMistaken([Mistake("", None, f"more than {TEXT_BOUND:,} characters; keep it shorter")])
    try:
        content = yaml_text.content(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise RulesMistaken([Mistake("", None, f"cannot be read as YAML: {yaml_text.syntax(error)}")]) from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise RulesMistaken(list(mistakes_in(text, error, kind))) from error


def bundled_text(kind: type[Document]) -> str:
    """The document that comes with the package, comments and all."""
    return files("service_desk").joinpath("policies", f"{kind.name}.yml").read_text(encoding="utf-8")


def _text(session: Session, kind: type[Document], number: int) -> str:
    if number == BUNDLED:
        return bundled_text(kind)
    row = session.get(PolicyVersion, number)
    if row is None or row.name != kind.name:
        raise NotFound("There is no such version of these rules.")
    return row.body
