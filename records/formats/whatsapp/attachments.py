"""Files that an entry names: exported, or left out by the export.

iOS writes `<attached: 00000035-PHOTO-2022-03-27-21-41-55.jpg>` after a mark, with the message's ordinal in the chat
before the name; Android writes `IMG-20220323-WA0002.jpg (file attached)` and the caption on the lines below. An export
without media says `image omitted` (iOS) or `<Media omitted>` (Android).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from records.formats.base import Kind
from records.formats.whatsapp import notices
from records.formats.whatsapp.headers import LRM, MARKS, RLM, plain_blanks, trimmed, unmarked

LONGEST_NAME = 300
_TAG = re.compile(r"<(?P<inside>[^<>\n]{1,400})>$")
_ORDINAL = re.compile(r"(?P<ordinal>\d{8})-.")
_OLD_ORDINAL = re.compile(r"\d{4}-\d\d-\d\d-(?:PHOTO|VIDEO|AUDIO)-(?P<ordinal>\d{8})\.")
_TAIL = re.compile(r"(?P<name>[^\n]{1,300}?) \((?P<words>[^()\n]{1,60})\)$")
_OWN_NAME = re.compile(r"(?:IMG|VID|AUD|PTT|STK|GIF|DOC)-\d{8}-WA\d{3,}\.\w{0,8}$")


class Attachment(NamedTuple):
    """What an entry says about a file."""

    kind: Kind  # ATTACHED or MEDIA_OMITTED
    name: str | None  # as written; None when the file was left out
    detail: dict[str, object]


def attachment_of(body: str, *, marked: bool) -> Attachment | None:
    """The attachment of a body. `marked`: the export marks its own words (iOS), so unmarked words are typed."""
    if marked:
        return _after_mark(body)
    first_line = body.partition("\n")[0].rstrip("\r")
    return _android(first_line, body) or _after_mark(LRM + body)


def _after_mark(body: str) -> Attachment | None:
    """What follows the last mark of a line: the tag or the words that a file was left out; a title may stand before."""
    line = body.partition("\n")[0].rstrip("\r ")
    at = max(line.rfind(LRM + "<"), line.rfind(RLM + "<"))
    tag = _TAG.search(line, max(at, 0)) if at >= 0 or line.endswith("<attached>") else None
    if tag:
        return _from_tag(line, tag)
    at = max(line.rfind(LRM), line.rfind(RLM))
    media = notices.media_of_omission(line[at + 1 :]) if at >= 0 else None
    if media is None:
        return None
    detail: dict[str, object] = {"media": media}
    if title := unmarked(line[:at]).strip(" \u2022"):
        detail["title"] = title[:LONGEST_NAME]
    return Attachment(Kind.MEDIA_OMITTED, None, detail)


def _from_tag(line: str, tag: re.Match[str]) -> Attachment | None:
    inside = plain_blanks(unmarked(tag["inside"])).strip()
    before, after = notices.attached_tags()
    word, colon, name = re.sub(r"\s*[:\uff1a]\s*", ":", inside, count=1).partition(":")
    known = bool(colon) and notices.matching_copy(word).casefold() in before
    if not colon:
        name, _, word = inside.rpartition(" ")
        known = notices.matching_copy(word).casefold() in after
        if inside.casefold() in before:  # the oldest style: the name stands before the tag
            name, known = trimmed(line[: tag.start()].strip()), True
    if not name or not (known or _ORDINAL.match(name)):
        return None
    detail: dict[str, object] = {}
    if ordinal := _ORDINAL.match(name) or _OLD_ORDINAL.match(name):
        detail["ordinal"] = int(ordinal["ordinal"])
    return Attachment(Kind.ATTACHED, name[:LONGEST_NAME], detail)


def _android(first_line: str, body: str) -> Attachment | None:
    tail = _TAIL.match(first_line)
    if tail is not None:
        name = trimmed(tail["name"])
        if notices.is_attached_tail(tail["words"]) or _OWN_NAME.match(name):
            return Attachment(Kind.ATTACHED, name, {"caption": True} if "\n" in body else {})
    plain = first_line.strip(MARKS + " ")
    if not plain.startswith("<") or not plain.endswith(">") or len(plain) > 60:
        return None
    meaning = notices.meaning_of(plain, under_author=True)
    if meaning is not None and meaning.kind is not Kind.MEDIA_OMITTED:
        return None
    if "<" in plain[1:] or notices.edited_mark(plain):
        return None
    # One pair of angle brackets is the whole line: media left out, in a wording that the tables may not hold yet.
    detail: dict[str, object] = {} if meaning is not None else {"wording": "unknown"}
    if "\n" in body:
        detail["caption"] = True
    return Attachment(Kind.MEDIA_OMITTED, None, detail)
