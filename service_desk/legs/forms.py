"""What people fill in about legs, with its bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from service_desk.forms import CodeField, Form, Text, blank_is_none, without_controls

Said = Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]


class SendForm(Form):
    """Who is asked, what, and which answer is expected. `beside`: it is worked on here meanwhile."""

    kind: Literal["department", "partner"]
    receiver: CodeField
    asks: Said
    expects: Text = ""
    beside: bool = False


class LegAnswerForm(Form):
    """An answer: what there is, or that it is not held; with files the text may be empty."""

    held: bool = True
    text: Text = ""


class SaidForm(Form):
    """Words that are needed: why it is returned, what is asked back, what is replied."""

    text: Said


class WhyForm(Form):
    """Words that may be left out."""

    text: Annotated[Text, BeforeValidator(lambda value: blank_is_none(value) or "")] = ""
