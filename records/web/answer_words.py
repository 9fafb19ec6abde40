"""Words for what people answered about a file: the question's subject, and the reading that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from records.formats import FORMATS
from records.formats.generic import mapping
from records.formats.generic.times import LAYOUTS
from records.web.words import DATE_ORDERS


class Said(NamedTuple):
    """One answer, as pages show it."""

    label: str
    value: str


_LABELS = {
    "date_order": "Order of dates",
    "format": "Application that made the file",
    mapping.TIME_LAYOUT: "How the times are written",
    mapping.TIME_BASIS: "Times without a zone are",
    "column_time": "Column of the time or date",
    "column_clock": "Column of the time of day",
    "column_sender": "Column of the sender",
    "column_recipients": "Column of the recipients",
    "column_body": "Column of the text",
    "column_conversation": "Column of the conversation",
    "column_id": "Column of the message number or id",
    "column_file": "Column of the file name",
}
_VALUES: dict[str, dict[str, str]] = {
    "date_order": DATE_ORDERS,
    "format": {each.name: each.title for each in FORMATS},
    mapping.TIME_LAYOUT: {name: layout.label for name, layout in LAYOUTS.items()},
    mapping.TIME_BASIS: {
        mapping.BY_ZONE: "a clock in the device's time zone",
        mapping.BY_UTC: "UTC",
    },
}


def said(answers: Mapping[str, str]) -> list[Said]:
    """What was answered, in words; an answer of a later format stands as it is."""
    return [
        Said(_LABELS.get(code, code.replace("_", " ").capitalize()), _value(code, value))
        for code, value in answers.items()
    ]


def _value(code: str, value: str) -> str:
    if code.startswith(mapping.PREFIX):
        return "none" if value == mapping.NONE else value
    return _VALUES.get(code, {}).get(value, value)
