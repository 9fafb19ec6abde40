"""What a message says in a person's own download ("Export chat history"): the form that Teams took over from Skype."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from records.formats.base import Kind, NamedFile
from records.formats.composer import text_of
from records.formats.teams.graph import LINKED, Told
from records.formats.teams.html_text import words_of

_TEXTS = ("Text", "RichText", "RichText/Html", "RichText/Media_Card")
_STARTS: tuple[tuple[str, Kind], ...] = (
    ("RichText/UriObject", Kind.MEDIA_OMITTED),
    ("RichText/Media_", Kind.MEDIA_OMITTED),
    ("RichText/Location", Kind.LOCATION),
    ("RichText/Contacts", Kind.CONTACT),
    ("RichText/ScheduledCallInvite", Kind.NOTICE),
    ("Poll", Kind.POLL),
    ("Event/Call", Kind.CALL),
    ("Event/", Kind.NOTICE),
    ("ThreadActivity/AddMember", Kind.MEMBERSHIP),
    ("ThreadActivity/DeleteMember", Kind.MEMBERSHIP),
    ("ThreadActivity/Member", Kind.MEMBERSHIP),
    ("ThreadActivity/RoleUpdate", Kind.MEMBERSHIP),
    ("ThreadActivity/E2EE", Kind.ENCRYPTION),
    ("ThreadActivity/", Kind.SETTINGS),
    ("EndToEndEncryption/", Kind.ENCRYPTION),
    ("Control/", Kind.NOTICE),
    ("Notice", Kind.NOTICE),
    ("PopCard", Kind.NOTICE),
)
_ORIGINAL = re.compile(r'<OriginalName\b[^>]*\bv="([^"]*)"')


def read_message(value: Mapping[str, Any]) -> Told:
    """Kind, text, files and detail of an element of `MessageList`."""
    type_, content = text_of(value.get("messagetype")), text_of(value.get("content"))
    kind = Kind.TEXT if type_ in _TEXTS else None
    kind = kind or next((kind for start, kind in _STARTS if type_.startswith(start)), None)
    detail: dict[str, object] = {"id": value.get("id")}
    if kind is not Kind.TEXT:
        detail["type"] = type_
    files = []
    if kind is Kind.MEDIA_OMITTED:
        name = _ORIGINAL.search(content)
        files = [NamedFile(unescape(name[1]) if name else "file", left_out=LINKED)]
    properties = _properties(value.get("properties"))
    shown = kind or Kind.NOTICE
    if properties.get("deletetime"):
        detail["deleted"] = text_of(properties["deletetime"])
        shown = Kind.DELETED
    elif properties.get("edittime") or "<e_m " in content:
        if shown is not Kind.TEXT:
            detail["was"] = shown.value
        detail["edited"] = text_of(properties.get("edittime"))
        shown = Kind.EDITED
    elif value.get("version") not in (None, value.get("id")) and text_of(
        value["version"]
    ) != text_of(value.get("id")):
        detail["version"] = value["version"]  # the message was changed after it was sent
    words = content if type_ == "Text" else words_of(content)
    return Told(shown, words, files, detail, known=kind is not None)


def _properties(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
