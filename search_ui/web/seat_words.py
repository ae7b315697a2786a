"""Refusals of the reading room, and what a day there is called, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from search_ui.i18n import Translator
from service_desk.errors import DeskError, Invalid, NotFound
from service_desk.reading_room.refusals import SeatRefused
from service_desk.told import Title

STATE_CLASS = {
    "booked": "now",
    "arrived": "now",
    "waiting": "soon",
    "missed": "closed",
    "cancelled": "closed",
    "done": "calm",
    "lapsed": "calm",
}


def refused(words: Translator, error: SeatRefused) -> str:
    """The sentence of a refusal."""
    sentences = {
        "past": words.t("This time has passed; choose a later one."),
        "closed": words.t("The room is closed on {day}: {reason}"),
        "hours": words.t("On {day} the room is open {hours}; choose a time within."),
        "step": words.t("Visits begin and end at full steps of {step} minutes."),
        "short": words.t("A visit is at least {minutes} minutes."),
        "long": words.t("A visit is at most {minutes} minutes."),
        "far": words.t("Seats can be booked until {day}."),
        "fetching": words.t("Records have to be fetched: choose a time from {day} {time} on."),
        "many": words.t("You have {count} bookings already; cancel one first."),
        "missed": words.t("You did not come {count} times; please ask at the window for a seat."),
        "own": words.t("You have a booking at this time already: {code}."),
        "records": words.t("At most {count} records can be ordered to one seat."),
        "box": words.t("At this time “{title}” lies at another seat; choose another time, or leave it out."),
        "seat": words.t("The seat {seat} does not have what you chose, or is not there; choose another one."),
        "taken": words.t("No seat is free at this time."),
        "over": words.t("This booking is over and cannot be changed any more."),
        "day": words.t("This booking is for another day: {day}."),
    }
    values = {key: words.date(value) if isinstance(value, dt.date) else value for key, value in error.values.items()}
    if values.get("reason") == "–":
        return words.t("The room is closed on {day}.", day=values["day"])
    return sentences[error.why].format(**values)


def mistaken(words: Translator, error: DeskError) -> str:
    """What is wrong with a form, or in the way, in one sentence."""
    if isinstance(error, SeatRefused):
        return refused(words, error)
    if isinstance(error, Invalid):
        return {
            "name": words.t("Write your name."),
            "contact": words.t("Write an e-mail address or a telephone number."),
            "day": words.t("Choose a day."),
            "reason": words.t("Write the reason: readers are told it."),
            "hours": words.t("Write hours as 09:00-12:00, in quarters of an hour."),
            "instead": words.t("The other day must be later than the day that is closed."),
        }.get(error.errors[0].field, words.t("Choose from when to when."))
    if isinstance(error, NotFound):
        return words.t("Receipt code, secret or record do not fit; compare them once more.")
    return words.t("That cannot be done now; look at it again.")


def status_of(error: DeskError) -> int:
    """The HTTP status of the same."""
    return 422 if isinstance(error, Invalid) else 404 if isinstance(error, NotFound) else 409


def titles(words: Translator, named: Mapping[str, Title]) -> dict[str, str]:
    """What things are called, by code."""
    return {code: title.in_language(words.language) for code, title in named.items()}


def lines(words: Translator) -> dict[str, str]:
    """States of bookings and tickets in words."""
    return {
        "booked": words.t("Booked"),
        "arrived": words.t("Here"),
        "waiting": words.t("On the waiting list"),
        "missed": words.t("Did not come"),
        "cancelled": words.t("Cancelled"),
        "done": words.t("Has left"),
        "lapsed": words.t("No seat became free"),
    }
