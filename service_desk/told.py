"""What rules that people write are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Told(BaseModel):
    """A part of a document: unknown keys are mistakes, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Told):
    """What something is called, in the languages of the interface."""

    en: str
    zh_hans: str = Field(alias="zh-Hans")
    zh_hant: str = Field(alias="zh-Hant")

    @classmethod
    def of(cls, en: str, zh_hans: str, zh_hant: str) -> Title:
        """One that the program itself says."""
        return cls.model_validate({"en": en, "zh-Hans": zh_hans, "zh-Hant": zh_hant})

    def in_language(self, language: str) -> str:
        """The text in that language, English for one that we do not speak."""
        return {"zh-Hans": self.zh_hans, "zh-Hant": self.zh_hant}.get(language, self.en)
