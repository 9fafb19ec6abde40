"""What may stand in a field: dates, numbers, choices; and the figures inside a text."""

from __future__ import annotations

import re
from datetime import date

from reports.sections import FieldSpec

MOST_CHARACTERS = 50_000
_NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d[\d,]*(?:\.\d+)?")
_COUNT = re.compile(r"\d[\d,]*")


def problem_of(spec: FieldSpec, value: str) -> str:
    """Why a value cannot stand in a field, with what to do; empty when it can."""
    if len(value) > MOST_CHARACTERS:
        return (
            f"the text is longer than {MOST_CHARACTERS:,} characters. Put the rest into a document."
        )
    if spec.kind == "date" and not _is_date(value):
        return f"\u201c{value}\u201d is not a date. Write it as 2021-03-01."
    if spec.kind == "number" and not _COUNT.fullmatch(value):
        return f"\u201c{value}\u201d is not a whole number."
    if spec.choices and value not in dict(spec.choices):
        return "choose one of the answers offered."
    return ""


def numbers_in(text: str) -> list[str]:
    """The figures in a text, without thousands separators; a date counts as one figure."""
    return [found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text)]


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
