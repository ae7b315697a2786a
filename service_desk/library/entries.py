"""The answer library: texts that staff write, find by their words, and show readers as questions often asked.

An entry is never changed: each writing is a version, the newest is what it says. All versions in force are held in
memory with their words (`ranking`), read anew from where the last look ended.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

from msgspec import Struct
from pydantic import BeforeValidator, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.access import Viewer, may_begin
from service_desk import policy
from service_desk.audit_chain import What, note
from service_desk.database import OFFSET_BOUND, Database
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from service_desk.forms import Form, Language, Line300, one_line, without_controls
from service_desk.knowledge import Knowledge
from service_desk.library.ranking import Ranking, weighted
from service_desk.library.tables import AnswerVersion
from service_desk.ports import Clock

MOST_TAGS: Final = 10
LONGEST_TAG: Final = 40
_LOCK: Final = "library"
_QUESTION, _TAGS, _ANSWER = 3.0, 2.0, 1.0
_OTHER_LANGUAGE: Final = 0.5
"""What an answer in another language than the one that is asked for is worth."""
_LEAST: Final = 0.15


def _as_tags(value: object) -> object:
    """Tags from one line, between commas of either width."""
    if not isinstance(value, str):
        return value
    parts = str(one_line(value)).replace("，", ",").replace("、", ",").split(",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


Tag = Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=LONGEST_TAG)]
Code = Annotated[str, BeforeValidator(one_line), Field(max_length=20, pattern=r"^[a-z_]*$")]


class EntryForm(Form):
    """An entry as it is written. `type` and `theme` are those of the requests that it answers, empty for any;
    `public`: readers see it among the questions often asked. `checked`: somebody looked at what may be personal data
    in it, and it may stay.
    """

    question: Line300
    answer: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]
    language: Language
    type: Code = ""
    theme: Annotated[str, BeforeValidator(one_line), Field(max_length=100)] = ""
    tags: Annotated[tuple[Tag, ...], BeforeValidator(_as_tags), Field(max_length=MOST_TAGS)] = ()
    public: bool = False
    origin: Annotated[str, BeforeValidator(one_line), Field(max_length=20)] = ""
    checked: bool = False


class EntryView(Struct, frozen=True):
    """A version of an entry; `entry` names it, `number` counts its versions."""

    entry: int
    number: int
    question: str
    answer: str
    language: str
    type: str
    theme: str
    tags: tuple[str, ...]
    public: bool
    retired: bool
    origin: str
    at: dt.datetime
    by: str


class FoundEntry(Struct, frozen=True):
    """An entry that was found, with its score, which compares within one answer only."""

    entry: EntryView
    score: float


class Library:
    """The entries of one desk."""

    def __init__(self, database: Database, clock: Clock, knowledge: Knowledge) -> None:
        self._database, self._clock, self._knowledge = database, clock, knowledge
        self._lock = threading.Lock()
        self._last = 0
        self._entries: dict[int, EntryView] = {}
        self._ranking: Ranking[int] = Ranking()

    def find(
        self,
        text: str,
        viewer: Viewer,
        *,
        language: str | None = None,
        kind: str | None = None,
        theme: str | None = None,
        limit: int = 10,
    ) -> list[FoundEntry]:
        """Entries in force by their words, best first; those of a type or theme only, or of any. Answers in `language`
        come before others. Who sees requests may look. Raises NotAllowed.
        """
        _may_look(viewer)

        def fits(number: int) -> bool:
            one = self._entries[number]
            return not one.retired and _is_in(kind, one.type) and _is_in(theme, one.theme)

        with self._lock:
            self._refresh()
            found = self._ranking.search(text, fits, limit * 3, _LEAST)
            told = [FoundEntry(self._entries[number], round(score, 4)) for number, score in found]
        liked = [(one, one.score * (1 if language in (None, one.entry.language) else _OTHER_LANGUAGE)) for one in told]
        return [one for one, _ in sorted(liked, key=lambda pair: -pair[1])][:limit]

    def listed(self, viewer: Viewer, *, retired: bool = False) -> list[EntryView]:
        """Every entry in force, or retired, the newest first. Raises NotAllowed."""
        _may_look(viewer)
        with self._lock:
            self._refresh()
            found = [one for one in self._entries.values() if one.retired == retired]
        return sorted(found, key=lambda one: (one.at, one.entry), reverse=True)

    def often_asked(self, language: str) -> list[EntryView]:
        """What readers see: entries in force that are public, in this language, in the order they were first written.
        Nobody's rights are asked: it is for everybody.
        """
        with self._lock:
            self._refresh()
            return [
                self._entries[number]
                for number in sorted(self._entries)
                if self._entries[number].public
                and not self._entries[number].retired
                and self._entries[number].language == language
            ]

    def versions(self, entry: int, viewer: Viewer) -> list[EntryView]:
        """An entry with all its past, the newest version first. Raises NotAllowed, NotFound."""
        _may_look(viewer)
        wanted = select(AnswerVersion).where(AnswerVersion.entry == entry).order_by(AnswerVersion.number.desc())
        with self._database.read() as session:
            found = [_view(row) for row in session.scalars(wanted)] if 0 < entry <= OFFSET_BOUND else []
        if not found:
            raise NotFound(f"There is no answer number {entry} in the library.")
        return found

    def write(self, form: EntryForm, viewer: Viewer, entry: int | None = None, seen: int | None = None) -> int:
        """Write a new entry, or `entry` anew; its number. `seen` is the version that was edited. Raises NotAllowed,
        NotFound, Conflict, Invalid: also where an entry made from a request may still name somebody and nobody looked
        (`EntryForm.checked`).
        """
        actor = policy.require("answers.write", viewer)
        if form.origin and not form.checked:
            self._refuse_personal(form)
        return self._kept(form, actor, entry, seen)

    def retire(self, entry: int, viewer: Viewer, *, retired: bool = True, seen: int | None = None) -> None:
        """Take an entry out of use, or back into it. Raises NotAllowed, NotFound, Conflict."""
        actor = policy.require("answers.write", viewer)
        with self._database.write(_LOCK) as session:
            last = _newest(session, entry, seen)
            if last.retired != retired:
                told = {name: getattr(last, name) for name in _SAID}
                what: What = "answer.retire" if retired else "answer.restore"
                self._append(session, told | {"retired": retired}, entry, last.number + 1, actor, what)

    def bring_in(self, forms: Iterable[EntryForm], by: str) -> int:
        """Write entries that a file says, where there is none with the same question; how many. For whoever works at
        the machine itself: command line, demonstration.
        """
        with self._lock:
            self._refresh()
            known = {(one.language, one.question) for one in self._entries.values()}
        fresh = [form for form in forms if (form.language, form.question) not in known]
        for form in fresh:
            self._kept(form, by, None, None)
        return len(fresh)

    def _kept(self, form: EntryForm, actor: str, entry: int | None, seen: int | None) -> int:
        told = form.model_dump(exclude={"checked"}) | {"tags": "\n".join(form.tags), "retired": False}
        with self._database.write(_LOCK) as session:
            if entry is None:
                number = (session.scalar(select(func.max(AnswerVersion.entry))) or 0) + 1
                self._append(session, told, number, 1, actor, "answer.write")
                return number
            last = _newest(session, entry, seen)
            told |= {"retired": last.retired, "origin": last.origin or form.origin}
            self._append(session, told, entry, last.number + 1, actor, "answer.write")
            return entry

    def _append(self, session: Session, told: dict[str, Any], entry: int, number: int, actor: str, what: What) -> None:
        now = self._clock.now()
        session.add(AnswerVersion(entry=entry, number=number, at=now, by=actor[:100], **told))
        note(session, now, actor, what, str(entry), number=number)

    def _refuse_personal(self, form: EntryForm) -> None:
        """Raises Invalid where the rules find somebody; where there are none, or they do not answer, somebody has to
        look in any case.
        """
        told = {"question": form.question, "answer": form.answer}
        found = [name for name, text in told.items() if self._may_name_somebody(text)]
        if found:
            raise Invalid.one(found[0], "this may still name somebody; take it out, or say that you looked at it")

    def _may_name_somebody(self, text: str) -> bool:
        rules = self._knowledge.personal
        try:
            return rules is None or bool(rules.spans(text))
        except Unavailable:
            return True

    def _refresh(self) -> None:
        """Read what was written since the last look. Writers take turns, so none comes later with a lower number."""
        newer = select(AnswerVersion).where(AnswerVersion.id > self._last).order_by(AnswerVersion.id)
        with self._database.read() as session:
            rows: Sequence[AnswerVersion] = session.scalars(newer).all()
        for row in rows:
            one = _view(row)
            self._entries[one.entry], self._last = one, row.id
            words = (one.question, _QUESTION), (" ".join(one.tags), _TAGS), (one.answer, _ANSWER)
            self._ranking.put(one.entry, weighted(*words))


_SAID: Final = ("question", "answer", "language", "type", "theme", "tags", "public", "origin")


def _may_look(viewer: Viewer) -> None:
    """Raises NotAllowed for who neither sees requests nor writes answers."""
    if not (viewer.name is not None and viewer.is_staff and may_begin(viewer, "requests.see")):
        try:
            policy.require("answers.write", viewer)
        except NotAllowed:
            policy.require("requests.see", viewer)


def _is_in(asked: str | None, said: str) -> bool:
    """Is it for what is asked, or for anything?"""
    return asked is None or said in ("", asked)


def _newest(session: Session, entry: int, seen: int | None) -> AnswerVersion:
    wanted = select(AnswerVersion).where(AnswerVersion.entry == entry).order_by(AnswerVersion.number.desc()).limit(1)
    last = session.scalar(wanted) if 0 < entry <= OFFSET_BOUND else None
    if last is None:
        raise NotFound(f"There is no answer number {entry} in the library.")
    if seen is not None and seen != last.number:
        raise Conflict("Somebody has changed this answer since you opened it; look at it again.")
    return last


def _view(row: AnswerVersion) -> EntryView:
    return EntryView(
        entry=row.entry,
        number=row.number,
        question=row.question,
        answer=row.answer,
        language=row.language,
        type=row.type,
        theme=row.theme,
        tags=tuple(row.tags.split("\n")) if row.tags else (),
        public=row.public,
        retired=row.retired,
        origin=row.origin,
        at=row.at,
        by=row.by,
    )
