"""What kind of entry a body is.

On iOS the application puts an invisible mark before everything it wrote itself, so a body with the words of a deletion
and no mark was typed by a person. Android has no mark: the same words count, with `{"certain": False}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from records.formats.base import Kind
from records.formats.whatsapp import notices
from records.formats.whatsapp.attachments import attachment_of
from records.formats.whatsapp.headers import LRM, MARKS, RLM, unmarked

_MAP = re.compile(r"[^:\n]{1,40}: https://maps\.google\.com/\?q=-?\d[\d.]*,-?\d[\d.]*\s*")
_PLACE = re.compile(r"(?s:.+)(?:: |\n)https://foursquare\.com/v/[0-9a-f]{24}\s*")
_OPTION = re.compile(r"\n[^\n:]{2,20}: [^\n]*\(\d+ ")

# Kinds that say something about loss or about the application, and that a person could have typed word for word.
_TYPEABLE = notices.UNDER_AUTHOR - {Kind.MEDIA_OMITTED, Kind.LOCATION}


# What a person's words seldom end with, and the application's do: a sieve before the tables are asked.
LAST_LETTERS = frozenset((">", ")", ""))


class Reading(NamedTuple):
    """What a body was read as."""

    kind: str  # a value of Kind
    attachment: str | None = None
    detail: Mapping[str, object] | None = None


PLAIN = Reading(Kind.TEXT.value)
EMPTY = Reading(Kind.EMPTY.value)


def read_body(body: str, *, marked: bool) -> Reading:
    """The kind of a body that stands under a sender. `marked`: this export marks the application's own words."""
    if is_empty(body):
        return EMPTY
    if is_plain(body, marked=marked):
        return PLAIN
    own = marked and body[0] in (LRM, RLM)
    if notices.edited_mark(body.rstrip()):
        before = body.rpartition("<")[0].rstrip(" ")
        if not marked or before.endswith((LRM, RLM)):
            return _edited(before.rstrip(MARKS + " "), marked=marked)
    attachment = attachment_of(body, marked=marked)
    if attachment is not None:
        return Reading(attachment.kind.value, attachment.name, attachment.detail or None)
    if _is_location(body, typed=marked and not own):
        return Reading(Kind.LOCATION.value)
    if _is_poll(body, typed=marked and not own):
        return Reading(Kind.POLL.value)
    if marked and not own:
        return PLAIN
    meaning = None if "\n" in body else notices.meaning_of(body, under_author=not marked)
    if meaning is None:
        return Reading(Kind.NOTICE.value, None, {"unclassified": True}) if own else PLAIN
    detail = dict(meaning.detail)
    if not marked and meaning.kind in _TYPEABLE:
        detail["certain"] = False
    return Reading(meaning.kind.value, None, detail or None)


def is_empty(body: str) -> bool:
    """Whether a body shows nothing."""
    return not body.strip(MARKS + " \r\n")


def is_plain(body: str, *, marked: bool) -> bool:
    """A sieve: whether a body has nothing that any rule below looks for."""
    if "https://" in body:
        return False
    if marked:
        return LRM not in body and RLM not in body
    first = body.partition("\n")[0].rstrip("\r ")
    return (
        body[:6] not in notices.first_letters()
        and first[-1:] not in LAST_LETTERS
        and body.rstrip()[-1:] not in LAST_LETTERS
    )


def read_notice(text: str) -> Reading:
    """The kind of words that stand under no sender: the application's own."""
    meaning = notices.meaning_of(text, under_author=False)
    if meaning is None:
        return Reading(Kind.NOTICE.value, None, {"unclassified": True})
    return Reading(meaning.kind.value, None, meaning.detail or None)


def is_notice(text: str) -> bool:
    """Whether a whole line, colon included, is the application's own words: `X changed the subject to "a: b"`."""
    if _open_quote(text.partition(": ")[0]):
        return True
    meaning = notices.meaning_of(text, under_author=False)
    if meaning is None or meaning.kind in (Kind.LOCATION, Kind.VIEW_ONCE):
        return False
    # A colon inside the name of the person acting would be the end of a sender.
    return not any(": " in str(value) for value in meaning.detail.values())


def is_opening(text: str) -> bool:
    """Whether a line, from the sender on, holds the notice that opens a chat."""
    for words in (text.strip(MARKS + " \r"), text.partition(": ")[2].strip(MARKS + " \r")):
        meaning = notices.meaning_of(words, under_author=False) if words else None
        if meaning is not None and meaning.kind is Kind.ENCRYPTION:
            return True
    return False


def _open_quote(name: str) -> bool:
    """Whether a quotation starts in the name and does not end there."""
    low = name.count("\u201e")
    pairs = ((low, "\u201c"),) if low else ((name.count("\u201c"), "\u201d"),)
    return (
        name.count('"') % 2 == 1
        or name.count("\u00ab") > name.count("\u00bb")
        or any(opened > name.count(close) for opened, close in pairs)
    )


def _edited(body: str, *, marked: bool) -> Reading:
    """The earlier text is lost; what was edited may still name a file."""
    earlier = read_body(body, marked=marked) if body else PLAIN
    detail: dict[str, object] = dict(earlier.detail or {})
    if earlier.kind != PLAIN.kind:
        detail["was"] = earlier.kind
    if not marked:
        detail["certain"] = False
    return Reading(Kind.EDITED.value, earlier.attachment, detail or None)


def _is_location(body: str, *, typed: bool) -> bool:
    if "https://" not in body:
        return False
    if not typed and _MAP.fullmatch(unmarked(body)):
        return True
    return len(body) < 1_000 and _PLACE.fullmatch(body) is not None


def _is_poll(body: str, *, typed: bool) -> bool:
    first, _, rest = body.partition("\n")
    word = unmarked(first).strip(" \r")
    if typed or not rest or not word.endswith(":"):
        return False
    return notices.is_poll_mark(word[:-1].rstrip()) and _OPTION.search("\n" + rest) is not None
