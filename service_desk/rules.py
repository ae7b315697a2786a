"""The rules of the desk - types, materials, routes, calendars, texts and more - as YAML that administrators edit.

Each kind of rules is a *document*: a model here, a text in ``service_desk/policies``, which holds until a house has
written its own, and the versions of the house in the database. The newest version is in force everywhere at once, with
no restart, in every process; the ones before it are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice
from typing import Any, ClassVar, Final, TypeVar

import structlog
import yaml
from msgspec import Struct
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings import yaml_text
from mappings.access import Viewer
from mappings.mistakes import Mistake, mistakes_in
from mappings.sentences import Sentence, sentence
from service_desk import policy
from service_desk.audit_chain import note
from service_desk.database import Database
from service_desk.errors import Conflict, FieldError, Invalid, NotFound
from service_desk.models import PolicyVersion
from service_desk.ports import Clock
from service_desk.rule_texts import with_entries, with_parts
from service_desk.told import Title, Told
from service_desk.views import PolicyView

TEXT_BOUND = 200_000
"""Characters of a document."""
BUNDLED = 0
"""The number of the version that comes with the package."""
MOST_MISTAKES = 100
"""Mistakes of one text that are told; whoever mends these sees the rest."""
_LOCK = "rules"
_IN_FORCE = "rules in force"
_NEWEST = select(PolicyVersion.name, PolicyVersion.id, PolicyVersion.digest).where(
    PolicyVersion.id.in_(select(func.max(PolicyVersion.id)).group_by(PolicyVersion.name))
)
_log = structlog.get_logger(__name__)


class Document(Told):
    """A kind of rules. `name` names its versions and the file ``policies/NAME.yml`` of the package; `called` is what
    administrators read.
    """

    name: ClassVar[str]
    called: ClassVar[Title | None] = None

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[Sentence]:
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


class Standing(Struct, frozen=True):
    """Which version of a document was brought into force last: its number, 0 for the package's, then with nobody and no
    time; `followed` is False when this release cannot read it, so that one before it is followed.
    """

    number: int
    by: str | None
    at: dt.datetime | None
    followed: bool = True


D = TypeVar("D", bound=Document)
Moved = Callable[[Session, dt.datetime], None]
"""Something that follows when a document changes, in the same transaction."""
Foreseen = Callable[[Session, Any], Iterable[Title]]
"""Tells what bringing a document into force would do, in sentences, reading only."""
_Known = tuple[int, str, Document]


class Rules:
    """The documents of one installation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._followers: dict[str, list[Moved]] = {}
        self._foreseers: dict[str, list[Foreseen]] = {}

    def forget_known(self) -> None:
        """Read every document again."""
        self._known.clear()

    def now(self, kind: type[D]) -> D:
        """The document in force. Asks the database; whoever is about to write asks before that."""
        with self._database.read() as session:
            return self.within(session, kind)

    def within(self, session: Session, kind: type[D]) -> D:
        """The same in a transaction that is under way."""
        number, digest = _newest(session, kind)
        known = self._known.get(kind.name)
        # The digest, too: a version of a transaction that was not kept may have had the number.
        if known is None or known[:2] != (number, digest):
            known = (number, digest, _followable(session, kind))
            self._known[kind.name] = known
        document = known[2]
        assert isinstance(document, kind)
        return document

    def lately(self, session: Session, kind: type[D], since: dt.datetime) -> list[D]:
        """The documents that were in force at any time since then and can be read, the newest first."""
        found: list[str] = []
        for row in session.scalars(_versions(kind)):
            found.append(row.body)
            if row.at <= since:
                break
        else:
            found.append(bundled_text(kind))
        return [read(kind, text) for text in found if _can_read(kind, text)]

    def standing(self, kind: type[Document]) -> Standing:
        """Whose version of a document is in force, and since when."""
        with self._database.read() as session:
            row = session.scalar(_versions(kind).limit(1))
            if row is None:
                return Standing(BUNDLED, None, None)
            return Standing(row.id, row.by, row.at, _can_read(kind, row.body))

    def version(self, kind: type[Document], number: int | None = None) -> Version:
        """A version as it is written, the one in force unless a number is given. Raises NotFound."""
        with self._database.read() as session:
            wanted = _newest(session, kind)[0] if number is None else number
            return Version(wanted, _text(session, kind, wanted))

    def versions(self, kind: type[Document]) -> list[PolicyView]:
        """Every version of the house, the newest first."""
        columns = (PolicyVersion.name, PolicyVersion.digest, PolicyVersion.at, PolicyVersion.by, PolicyVersion.id)
        ours = select(*columns).where(PolicyVersion.name == kind.name).order_by(PolicyVersion.id.desc())
        with self._database.read() as session:
            return [PolicyView(*row) for row in session.execute(ours)]

    def before(self, kind: type[Document], number: int) -> Version:
        """The version that was in force before that one; the package's is before the first. Raises NotFound."""
        older = _versions(kind).where(PolicyVersion.id < number).limit(1)
        with self._database.read() as session:
            _text(session, kind, number)
            row = session.scalar(older) if number != BUNDLED else None
            return Version(row.id, row.body) if row else Version(BUNDLED, bundled_text(kind))

    def check(self, kind: type[D], text: str) -> D:
        """What a text says. Raises RulesMistaken with everything that is wrong with it."""
        document = read(kind, text)
        with self._database.read() as session:
            self._refuse_unmet(session, document)
        return document

    def consequences(self, kind: type[Document], text: str) -> list[Title]:
        """What would follow from bringing a text into force, as far as anybody foresees it. Raises RulesMistaken."""
        document = self.check(kind, text)
        with self._database.read() as session:
            return [said for foresee in self._foreseers.get(kind.name, ()) for said in foresee(session, document)]

    def put(self, kind: type[D], text: str, viewer: Viewer, seen: int | None = None) -> int:
        """Bring a text into force, and all that follows from it; the number of its version.

        `seen` is the version that was edited. Raises NotAllowed, RulesMistaken, Conflict when somebody was faster.
        """
        actor = policy.require("desk.configure", viewer)
        return self.bring_into_force(kind, text, actor, seen)

    def bring_into_force(self, kind: type[D], text: str, by: str, seen: int | None = None) -> int:
        """The same for whoever works at the machine itself: command line, demonstration."""
        text = plain_lines(text)
        document = read(kind, text)
        now, digest = self._clock.now(), _digest(text)
        with self._database.write(lock=_LOCK) as session:
            number, before = _newest(session, kind)
            if seen is not None and seen != number:
                raise Conflict("Somebody changed these rules since you opened them; look at them again.")
            if before == digest:
                return number
            self._refuse_unmet(session, document)  # here, where no other document can change meanwhile
            row = PolicyVersion(name=kind.name, digest=digest, body=text, at=now, by=by[:100])
            session.add(row)
            note(session, now, by[:100], "policy.change", kind.name, digest=digest, before=before or None)
            session.flush()
            _forget(session)
            for follow in self._followers.get(kind.name, ()):
                follow(session, now)
            return row.id

    def _refuse_unmet(self, session: Session, document: Document) -> None:
        unmet = document.unmet(lambda kind: self.within(session, kind))
        if mistakes := [Mistake("", None, said) for said in islice(unmet, MOST_MISTAKES)]:
            raise RulesMistaken(mistakes)

    def followed(self, kind: type[Document], follow: Moved) -> None:
        """Have `follow` called whenever this document changes."""
        self._followers.setdefault(kind.name, []).append(follow)

    def foreseen(self, kind: type[D], foresee: Callable[[Session, D], Iterable[Title]]) -> None:
        """Have `foresee` asked what a text would do, before it is brought into force."""
        self._foreseers.setdefault(kind.name, []).append(foresee)


def read(kind: type[D], text: str) -> D:
    """The document of a text. Raises RulesMistaken."""
    document = _read(kind, text)
    assert isinstance(document, kind)
    return document


@lru_cache(maxsize=64)
def _read(kind: type[Document], text: str) -> Document:
    """Documents do not change: one that was read lately is not read again."""
    if len(text) > TEXT_BOUND:
        raise RulesMistaken(
            [Mistake("", None, sentence("more than {bound:,} characters; keep it shorter", bound=TEXT_BOUND))]
        )
    try:
        content = yaml_text.content(text)
    except (yaml.YAMLError, RecursionError) as error:
        said = sentence("cannot be read as YAML: {problem}", problem=yaml_text.problem(error))
        raise RulesMistaken([Mistake("", yaml_text.line(error), said)]) from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise RulesMistaken(list(islice(mistakes_in(text, error, kind), MOST_MISTAKES))) from error


PACKS: Final[dict[str, Title]] = {
    "cn": Title.of("China", "中国大陆", "中國大陸"),
    "tw": Title.of("Taiwan", "台湾", "臺灣"),
    "uk": Title.of("United Kingdom", "英国", "英國"),
    "us": Title.of("United States", "美国", "美國"),
    "eu": Title.of("European Union", "欧盟", "歐盟"),
    "relay": Title.of("Relay in 4 + 2 working days", "协办 4 + 2 个工作日", "協辦 4 + 2 個工作日"),
}
"""Places and agreements for which documents come with the package, to be taken as they are or as a beginning."""
_ENTRIES, _PART = ".entries", ".part"
_FORMS = ("", _ENTRIES, _PART)
"""How the name of a pack's file says what it holds of the document: all, entries or a part."""


@cache
def packs(kind: type[Document]) -> tuple[str, ...]:
    """The packs that have this document."""
    return tuple(name for name in PACKS if any(_pack(kind, name, form).is_file() for form in _FORMS))


def pack_text(kind: type[Document], pack: str, now: str | None = None) -> str:
    """The document of a pack, comments and all. A pack may hold the whole of it, the entries that differ from those of
    the text as delivered, or a part that is put into the text `now` (else the one as delivered). Raises NotFound.
    """
    if pack not in packs(kind):
        raise NotFound(f"There is no pack {pack[:40]!r} of these rules; known are: {', '.join(packs(kind)) or 'none'}.")
    form = next(form for form in _FORMS if _pack(kind, pack, form).is_file())
    text = _pack(kind, pack, form).read_text(encoding="utf-8")
    if form == _ENTRIES:
        return with_entries(bundled_text(kind), text)
    if form == _PART:
        return with_parts(bundled_text(kind) if now is None else now, text)
    return text


def _pack(kind: type[Document], pack: str, form: str) -> Traversable:
    return files("service_desk").joinpath("policies", "packs", f"{kind.name}.{pack}{form}.yml")


def bundled_text(kind: type[Document]) -> str:
    """The document that comes with the package, comments and all."""
    return files("service_desk").joinpath("policies", f"{kind.name}.yml").read_text(encoding="utf-8")


def plain_lines(text: str) -> str:
    """The same text with the line ends that we keep; browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _versions(kind: type[Document]) -> Any:
    return select(PolicyVersion).where(PolicyVersion.name == kind.name).order_by(PolicyVersion.id.desc())


def _newest(session: Session, kind: type[Document]) -> tuple[int, str]:
    """Number and digest of the version in force: asked once in a transaction, for all documents. So what is decided in
    it follows the rules of one moment; a change that the transaction makes itself is seen by it (`_forget`).
    """
    known: dict[str, tuple[int, str]] | None = session.info.get(_IN_FORCE)
    if known is None:
        rows = session.execute(_NEWEST)
        known = session.info[_IN_FORCE] = {row.name: (row.id, row.digest) for row in rows}
    return known.get(kind.name, (BUNDLED, ""))


def _forget(session: Session) -> None:
    """A document has changed in this transaction."""
    session.info.pop(_IN_FORCE, None)


def _followable(session: Session, kind: type[D]) -> D:
    """The newest version that this release can read: an update may know less than the rules of a house say, and the
    desk works all the same.
    """
    for row in session.scalars(_versions(kind)):
        try:
            return read(kind, row.body)
        except RulesMistaken as error:
            _log.error("rules cannot be followed any more; the version before is", rules=kind.name, reason=str(error))
    return read(kind, bundled_text(kind))


def _can_read(kind: type[Document], text: str) -> bool:
    try:
        read(kind, text)
    except RulesMistaken:
        return False
    return True


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(session: Session, kind: type[Document], number: int) -> str:
    if number == BUNDLED:
        return bundled_text(kind)
    row = session.get(PolicyVersion, number)
    if row is None or row.name != kind.name:
        raise NotFound("There is no such version of these rules.")
    return row.body
