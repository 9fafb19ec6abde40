"""The formats of message exports that can be read, listed one by one: no scanning, no magic."""

from __future__ import annotations

from collections.abc import Mapping

from records.formats import sniff
from records.formats.base import Format, Question, Source
from records.formats.telegram import Telegram
from records.formats.whatsapp import WhatsApp

FORMATS: tuple[Format, ...] = (
    WhatsApp(),
    Telegram(),
)


def pick(source: Source, answers: Mapping[str, str] | None = None) -> Format | Question:
    """The format that knows this file; a question on a tie; `Rejected` when none does."""
    return sniff.pick(FORMATS, source, answers or {})
