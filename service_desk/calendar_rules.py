"""The calendar of the house, as a document of rules."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import Field, field_validator, model_validator

from mappings.sentences import sentence
from service_desk.deadlines import Calendar, Exceptional
from service_desk.rules import Document
from service_desk.told import Title, Told


class ExceptionRule(Told):
    """A day on which the house is closed though its country works, or works though it does not."""

    day: dt.date
    working: bool
    name: str = Field(min_length=1, max_length=200)


class CalendarRules(Document):
    """Country, time zone and exceptions."""

    name: ClassVar[str] = "calendar"
    called: ClassVar[Title | None] = Title.of("Calendar of the house", "工作日历", "工作日曆")

    country: str
    timezone: str
    exceptions: tuple[ExceptionRule, ...] = ()

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        code, _, subdivision = country.partition("-")
        try:
            holidays.country_holidays(code, subdiv=subdivision or None)
        except (NotImplementedError, AttributeError):
            said = "{name!r} is no country whose holidays are known; write it as in ISO 3166, such as CN, TW or GB-ENG"
            raise ValueError(sentence(said, name=country[:60])) from None
        return country

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            said = "{name!r} is no time zone; write it as Asia/Shanghai, Asia/Taipei, ..."
            raise ValueError(sentence(said, name=zone[:60])) from None
        return zone

    @model_validator(mode="after")
    def _each_day_once(self) -> CalendarRules:
        days = [rule.day for rule in self.exceptions]
        twice = {str(day) for day in days if days.count(day) > 1}
        if twice:
            raise ValueError(sentence("exceptions: {days} stands there twice; leave one", days=sorted(twice)))
        return self

    def calendar(self) -> Calendar:
        """The calendar that deadlines are computed with."""
        exceptions = {rule.day: Exceptional(rule.working, rule.name) for rule in self.exceptions}
        return Calendar(self.country, self.timezone, exceptions)
