"""What the request form shows and what it sends: types, relation, papers, date and notice, for one reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from indexer.errors import SearchError
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.promised import Promised, promised
from search_ui.web.render import Here
from search_ui.web.uploads import Files
from service_desk.attachments import AT_ONCE
from service_desk.called import Called
from service_desk.errors import FieldError, Invalid
from service_desk.estimates import EstimateLine, Order, estimate
from service_desk.fees import Fees
from service_desk.filing import WISHES
from service_desk.forms import BASKET, OpenRequestForm, RequestForm, parse
from service_desk.machine import Clock, Verdict
from service_desk.materials import DONE
from service_desk.privacy import Privacy
from service_desk.request_types import QUESTION, Channel, Types
from service_desk.sniffing import MAX_BYTES, SUFFIXES, Refused, checked

FIELDS: Final = ("type", "relation", "name", "contact", "note", "concerns", *WISHES)
"""What is typed and kept as a draft."""
CARRIED: Final = ("records", "q", "rank", "from")
"""What the form carries along: the ids of the records, apart by spaces; how the reader came to the first; ``basket``
when they are what was collected.
"""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A material of the checklist. `again` are names of files that were chosen and have to be chosen again."""

    code: str
    title: str
    how: str
    verdict: Verdict
    again: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return self.verdict in DONE


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that has to be mended, and what to do about it. Without `target` it is about the whole form."""

    text: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """What a request of a type costs: `rows` are prices that no estimate counts, `lines` those of the estimate - what,
    why it is less, how much - and `total` what they come to.
    """

    rows: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str, str], ...]
    total: str
    currency: str
    note: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked because the price depends on it, with what there is to choose from."""

    asked: frozenset[str]
    carrier: tuple[tuple[str, str], ...] = ()
    delivery: tuple[tuple[str, str], ...] = ()
    exemption: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What follows from type and relation, and changes with them: one part of the page. `keyed`: staff ask for somebody
    else.
    """

    relations: tuple[tuple[str, str], ...]
    relation: str
    rows: tuple[Row, ...]
    promise: Promised
    fees: Priced | None
    wishes: Wishes
    concerns: bool
    note_label: str
    says_more: bool
    type: str
    keyed: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """The values of a form, as they came: text each, none of them checked."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def records(self) -> tuple[str, ...]:
        """The ids of the records that are asked for, each once."""
        return tuple(dict.fromkeys(self["records"].split()))[:BASKET]

    @property
    def rank(self) -> int | None:
        """Where the first of them stood among the hits, if that can be so."""
        rank = self["rank"]
        return int(rank) if rank.isascii() and rank.isdecimal() and 0 < int(rank[:7]) <= 100_000 else None

    @property
    def draft(self) -> str:
        """The name under which it is kept while it is not sent."""
        about = "basket" if self["from"] == "basket" else " ".join(self.records)
        return f"request:{about}"[:200]

    @property
    def says_something(self) -> bool:
        """Is there anything worth keeping?"""
        return any(self[name].strip() for name in ("contact", "note", "concerns"))

    def kept(self) -> dict[str, str]:
        """What a draft keeps of it."""
        return {name: self[name][:10_000] for name in (*FIELDS, *CARRIED, "title") if self[name]}


def records_of(context: Here, typed: Typed) -> list[Json] | None:
    """The records as this reader may know them; None when one of them is not there for them. While they cannot be
    looked up, their ids stand for them.
    """
    found = []
    for wanted in typed.records:
        try:
            one = context.services.resource(wanted, context.viewer)
        except SearchError:
            one = {"id": wanted, "title": wanted, "reference_code": None, "dates": None}
        if one is None:
            return None
        found.append(one)
    return found


def offered(context: Here, channel: Channel, *, with_record: bool) -> tuple[str, ...]:
    """The types that can be asked for here; what is about staff is about no record."""
    rules = context.services.desk.rules.now(Types)
    types = rules.offered(channel, with_record=with_record)
    return tuple(code for code in types if not (with_record and rules.rule(code).about_staff))


def for_records_alone(context: Here, channel: Channel, called: Called) -> list[str]:
    """What else could be asked for here if a record were chosen."""
    now = offered(context, channel, with_record=False)
    return [called.type(code) for code in offered(context, channel, with_record=True) if code not in now]


def chosen_type(wanted: str, types: tuple[str, ...], *, with_record: bool) -> str:
    """The type that is asked for, or else the likeliest."""
    likely = types[0] if with_record and types else QUESTION
    return wanted if wanted in types else likely


def part_of(
    context: Here, typed: Typed, called: Called, type_: str, person: str | None = None, files: Files = ()
) -> Part:
    """What follows from the type and the relation. `person` is given where staff key in for somebody: their code, ""
    while they are not registered. Raises NotFound when a record is not there.
    """
    desk = context.services.desk
    lists = desk.filing.checklists(_asked(typed, type_), context.viewer, person or "")
    relations = _relations(lists, called)
    relation = typed["relation"] if typed["relation"] in dict(relations) else ""
    rule = desk.rules.now(Types).rule(type_)
    now = dt.datetime.now(dt.UTC)
    promise = desk.calendar.promise(Clock(now), rule.limit.limit, now)
    fees = desk.rules.now(Fees)
    order = order_of(type_, relation, typed.values, len(typed.records))
    says_more = not typed.records or type_ in (QUESTION, "complaint", "appeal")
    return Part(
        relations=relations,
        relation=relation,
        rows=tuple(_row(code, verdict, called, files) for code, verdict in lists[relation].items()),
        promise=promised(promise, context.words),
        fees=_fees(fees, context.language, order),
        wishes=wishes_of(fees, type_, context.language),
        concerns=rule.about_staff,
        note_label=_note_label(type_, says_more, context.words),
        says_more=says_more,
        type=type_,
        keyed=person is not None,
    )


def _asked(typed: Typed, type_: str) -> OpenRequestForm:
    """A form with as much of it as a checklist depends on."""
    values: Json = {"type": type_, "name": "-", "contact": "-", "note": "-"}
    if not typed.records:
        return parse(OpenRequestForm, values)
    first, *more = typed.records
    return parse(RequestForm, {**values, "resource_id": first, "more": tuple(more)})


def order_of(type_: str, relation: str | None, wishes: Mapping[str, Any], records: int) -> Order:
    """What an estimate is of; what cannot be so is left out."""
    return Order(
        type=type_,
        relation=relation or None,
        pages=_counted(wishes.get("pages"), 10_000),
        copies=_counted(wishes.get("copies"), 100),
        records=max(records, 1),
        carrier=wishes.get("carrier") or None,
        delivery=wishes.get("delivery") or None,
        certified=bool(wishes.get("certified")),
        exemption=wishes.get("exemption") or None,
    )


def _counted(given: object, most: int) -> int:
    text = str(given or "").strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _fees(fees: Fees, language: str, order: Order) -> Priced | None:
    """What this will come to for this reader; None where nothing costs anything."""
    rows = tuple(
        (rule.title.in_language(language), amount(price))
        for _, rule, price in fees.of(order.type, order.relation)
        if price and rule.per is None
    )
    made = estimate(fees, order)
    if not rows and not any(line.price for line in made.lines):
        return None
    lines = tuple(
        (_counted_out(line, language), why_of(line, language), amount(line.amount)) for line in made.lines if line.price
    )
    note = fees.note.in_language(language) if fees.note else ""
    return Priced(rows, lines, amount(made.total), fees.currency, note)


def _counted_out(line: EstimateLine, language: str) -> str:
    what = line.what.in_language(language)
    return f"{what} × {line.count:,}" if line.count > 1 else what


def why_of(line: EstimateLine, language: str) -> str:
    """The grounds on which a line is less."""
    return ("; " if language == "en" else "；").join(one.in_language(language) for one in line.why)


def wishes_of(fees: Fees, type_: str, language: str) -> Wishes:
    """What is asked of a type because its price depends on it."""
    carrier, delivery = (
        tuple((code, title.in_language(language)) for code, title in fees.offered(type_, kind))
        for kind in ("carrier", "delivery")
    )
    claims = tuple((code, fees.exemptions[code].title.in_language(language)) for code in fees.claims(type_))
    return Wishes(fees.asks(type_), carrier, delivery, claims)


def amount(smallest: int) -> str:
    """A sum in the smallest unit, as it is written: two places."""
    return f"{smallest // 100:,}.{smallest % 100:02}"


def amount_of(line: Mapping[str, Any]) -> int:
    """What a line of an estimate comes to, in the smallest unit; those of earlier versions are never less."""
    return int(line["count"] * line["price"] - line.get("off", 0))


def _relations(lists: Mapping[str, Mapping[str, Verdict]], called: Called) -> tuple[tuple[str, str], ...]:
    """The relations to choose from; none when the list is the same for each of them."""
    if len({tuple(needed) for needed in lists.values()}) < 2:
        return ()
    return tuple((code, called.relation(code)) for code in lists if code)


def _row(code: str, verdict: Verdict, called: Called, files: Files) -> Row:
    again = tuple(one.upload.name for one in files if one.material == code)
    return Row(code, called.material(code), called.how(code), verdict, again)


def _note_label(type_: str, says_more: bool, words: Translator) -> str:
    if type_ == "complaint":
        return words.t("What went wrong, and when?")
    if type_ == "appeal":
        return words.t("Why should the decision be another?")
    if says_more:
        return words.t("What would you like to know?")
    return words.t("What it is for, which pages, anything we should know (may be left out)")


def desk_form(typed: Typed, language: str, consent: str | None) -> OpenRequestForm:
    """The form as the desk takes it. Raises Invalid."""
    values: Json = {
        **{name: typed[name] for name in FIELDS},
        "concerns": typed["concerns"] or None,
        "query": typed["q"][:1000],
        "rank": typed.rank,
        "language": language,
        "consent": consent,
    }
    if not typed.records:
        return parse(OpenRequestForm, values)
    first, *more = typed.records
    return parse(RequestForm, {**values, "resource_id": first, "more": tuple(more)})


def wrong_files(files: Files, words: Translator) -> list[Wrong]:
    """What is wrong with the files, each with what to do."""
    if len(files) > AT_ONCE:
        return [Wrong(words.t("Send at most {count} files at once; the others can follow", count=AT_ONCE), "papers")]
    found = []
    for one in files:
        try:
            checked(one.upload.name, one.upload.data)
        except Refused as refused:
            target = f"file-{one.material}" if one.material else "file"
            found.append(Wrong(_of_file(refused, words), target))
    return found


def _of_file(refused: Refused, words: Translator) -> str:
    if refused.reason == "empty":
        return words.t("{name} is empty: choose another file", name=refused.name)
    if refused.reason == "large":
        return words.t("{name} is over {size} MB: send it smaller or in parts", name=refused.name, size=_MEGABYTES)
    return words.t("{name} is of a kind we cannot take: send a PDF or a picture", name=refused.name)


_MEGABYTES: Final = MAX_BYTES // 1024**2
ACCEPTED: Final = ",".join(f".{suffix}" for suffix in SUFFIXES)
"""What browsers offer to choose from."""


def wrong_fields(error: Invalid, words: Translator) -> list[Wrong]:
    """What the desk finds wrong, in the reader's language, each field once."""
    return list({one.field: _sentence(one, words) for one in reversed(error.errors)}.values())[::-1]


def _sentence(error: FieldError, words: Translator) -> Wrong:
    target = error.field if error.field in FIELDS else ""
    if error.code in ("too_long", "string_too_long"):
        return Wrong(words.t("This is longer than we can keep: make it shorter"), target)
    sentences = {
        "name": words.t("Write your name, so that we can address the answer"),
        "contact": words.t("Write an e-mail address or a telephone number, so that the answer reaches you"),
        "note": words.t("Say what you would like to know: a name, a place, a year"),
        "type": words.t("Choose what you need: this cannot be asked for here"),
        "relation": words.t("Choose what you are to the matter"),
        "pages": words.t("Write how many pages, from 1 to 10,000; leave it out when you do not know"),
        "copies": words.t("Write how many copies, from 1 to 100"),
        "carrier": words.t("Choose on what the copy is to be"),
        "delivery": words.t("Choose how it is to reach you"),
        "exemption": words.t("Choose why it costs you less, or none of these"),
        "concerns": words.t("A receipt code looks like A7K2-9QXM"),
        "files": words.t("These files could not be taken; choose others"),
    }
    return Wrong(sentences.get(error.field, words.t("Something in the form cannot be right; look through it")), target)


def notice_of(context: Here) -> Privacy:
    """The privacy notice in force."""
    return context.services.desk.rules.now(Privacy)


def consent_of(context: Here) -> Json:
    """What a clerk says of somebody's consent: the notice in force, the marks of those it may be to, and the ways it is
    given, code and title each.
    """
    known = context.services.desk.filing.notices()
    ways = [(code, title.in_language(context.language)) for code, title in known[0].ways.items()]
    return {"notice": known[0], "notices": list(dict.fromkeys(one.mark for one in known)), "ways": ways}


def go_on(typed: Typed) -> str:
    """The address at which a draft of this form is opened again."""
    if typed["from"] == "basket":
        return paths.ask(None, **{"from": "basket"})
    return paths.ask(*typed.records, type=typed["type"])
