"""Letters to partners that are reached by e-mail, with the link by which they answer without an account."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy.orm import Session

from service_desk import codes
from service_desk.errors import NotFound
from service_desk.legs import shown
from service_desk.legs.making import DATE
from service_desk.legs.ports import Relays
from service_desk.legs.rules import ByEmail, Letter
from service_desk.legs.tables import Leg, LegLink, LegPost
from service_desk.legs.words import day, filled
from service_desk.notices import Notices
from service_desk.sending.rules import Said
from service_desk.terms import Terms

NO_LINK = "This link leads nowhere: it is over, or was not copied whole."
_OWN = {"sent": "letter", "reminded": "reminder", "replied": "reply", "taken_back": "taken_back"}
"""What of a leg is told by letter, and where a house that wrote its letters into `partners` has them."""
_LETTERS = {"sent": "asked", "reminded": "reminded", "replied": "replied", "taken_back": "taken_back", "moved": "moved"}
"""The same in `notices`."""


def write(
    session: Session, post: LegPost, way: ByEmail, terms: Terms, relays: Relays, notices: Notices, now: dt.datetime
) -> str | None:
    """Queue the letter of a post, of which there is one; why it cannot be, else None."""
    if not relays.site:
        return "the address of this house is not set (site), so a link to answer by cannot be made"
    leg, name = post.leg, _LETTERS[post.what]
    values = _values(leg, post, way.language, terms, relays)
    if name != "taken_back":
        values["link"] = f"{relays.site.rstrip('/')}/relay/{_new_link(session, leg, way, now)}"
    own = getattr(terms.partners.words, _OWN[post.what]) if post.what in _OWN else None
    said = _said(own, way.language, values) if own else notices.letter(session, name, way.language, values)
    notices.queue_letter(session, way.address, said, f"leg_{name}", now, key=f"leg:{post.id}")
    return None


def _said(letter: Letter, language: str, values: dict[str, str]) -> Said:
    subject = filled(letter.subject.in_language(language), values)
    return Said(" ".join(subject.split()), filled(letter.text.in_language(language), values))


def leg_of_link(session: Session, token: str, now: dt.datetime) -> Leg:
    """The leg that a link answers. Raises NotFound, whatever is wrong with it."""
    link = session.get(LegLink, codes.digest(token[:200]))
    leg = session.get(Leg, link.leg_id) if link is not None and link.expires > now else None
    if leg is None:
        raise NotFound(NO_LINK)
    return leg


def _new_link(session: Session, leg: Leg, way: ByEmail, now: dt.datetime) -> str:
    token = secrets.token_urlsafe(24)
    until = now + dt.timedelta(days=way.link_days)
    session.add(LegLink(token_digest=codes.digest(token), leg_id=leg.id, made=now, expires=until))
    return token


def _date(post: LegPost, terms: Terms) -> dt.date | None:
    told = post.body.get(DATE)
    return dt.date.fromisoformat(told) if told else shown.last_day(post.leg, terms)


def _values(leg: Leg, post: LegPost, language: str, terms: Terms, relays: Relays) -> dict[str, str]:
    asked, date = shown.asked(leg, terms, language), _date(post, terms)
    about = [" · ".join(filter(None, record)) for record in asked.records]
    of_reader = [text for text in (asked.name, asked.contact) if text]
    return {
        "archive": relays.archive(language),
        "asks": asked.asks,
        "expects": asked.expects,
        "records": "\n".join([*about, *of_reader]),
        "date": day(date, language) if date else "",
        "text": str(post.body.get("text", "")),
    }
