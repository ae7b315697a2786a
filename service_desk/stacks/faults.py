"""What goes wrong in the stacks: a code, which screens say in their language, and the English sentence."""

from __future__ import annotations

from typing import Final

from service_desk.errors import Conflict, FieldError, Invalid

SAID: Final = {
    "barcode": "Write a barcode of up to 64 characters.",
    "unknown_barcode": "No place has the barcode {barcode}.",
    "barcode_taken": "The barcode {barcode} is on another place already.",
    "kind": "A place is a building, a room, a row, a shelf or a box.",
    "kind_changed": "{barcode} is a {kind} in the register, and stays one.",
    "title": "Write a title of up to 300 characters.",
    "no_parent": "A {kind} stands in something: name the barcode of the place it is in.",
    "unknown_parent": "No place has the barcode {barcode}, in which this is said to stand.",
    "parent_rejected": "The place it stands in, {barcode}, could not be read.",
    "not_inside": "A {kind} cannot stand in a {other}.",
    "inside_itself": "{barcode} cannot stand in itself.",
    "no_box": "Only boxes have contents; {barcode} is a {kind}.",
    "is_no_box": "{barcode} is a {kind}, and only boxes are fetched.",
    "code": "{text} is no reference code: it has no digit.",
    "backwards": "The stretch {text} ends before it begins.",
    "unlike_ends": "The ends of {text} have nothing in common.",
    "claimed": "{text} lies in {barcode} already.",
    "container": "Write a container as fonds: container, not {text}.",
    "twice": "{barcode} stands in row {row} already.",
    "too_much": "More than {most} entries for one box.",
    "unreadable": "The row could not be read: {reason}.",
    "box_state": "{barcode} is {state} now; nothing was changed.",
    "nothing_ordered": "Nothing of {barcode} is ordered; nothing was changed.",
    "changed_meanwhile": "Somebody was faster: {title} is {state} now.",
    "where_looked": "Say where you looked.",
    "lent_already": "{title} is lent already, until {until}.",
    "no_loan": "On this request nothing is lent: its type is {type}. Change the type, or lend on another request.",
    "not_now": "Nothing is lent on a request that is {status}; it has to be accepted, and not be over.",
    "nobody_borrows": "There is no such kind of borrower.",
    "no_renewal": "It was renewed as often as the rules allow.",
    "waited_for": "Somebody waits for it, so it cannot be renewed.",
    "overdue": "It is overdue; bring it back, or ask the desk.",
    "returned": "It has come back already.",
    "treated_already": "{title} is being worked on already.",
    "stage": "There is no such stage.",
    "ended": "This work has ended already.",
    "day": "Write the day as year-month-day, today or later.",
    "thing": "Name a record or the barcode of a box.",
    "why": "Say why.",
    "table": "The table could not be read: {reason}.",
    "no_columns": "The table has no column for {column}.",
}
"""Code -> sentence. `search_ui/locale` has each as ``stack_fault.CODE``."""


class Refused(Conflict):
    """Cannot be done as things stand: `code` of `SAID`, with its `values`."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(SAID[code].format(**values))
        self.code, self.values = code, values


class Wrong(Invalid):
    """Something was typed wrongly in `field`: `code` of `SAID`, with its `values`."""

    def __init__(self, field: str, code: str, **values: object) -> None:
        super().__init__([FieldError(field, SAID[code].format(**values), code)])
        self.code, self.values = code, values
