"""What a message of a Slack export is, by its subtype, and how its text reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from records.formats.base import Kind
from records.formats.composer import text_of

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            "", "bot_message", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment",
            "file_mention", "slackbot_response", "assistant_app_thread",
        ),
        Kind.TEXT,
    ),
    **dict.fromkeys(
        (
            "channel_join", "channel_leave", "group_join", "group_leave", "bot_add", "bot_remove", "bot_enable",
            "bot_disable", "app_conversation_join", "joiner_notification", "mpdm_move",
        ),
        Kind.MEMBERSHIP,
    ),
    **dict.fromkeys(
        (
            "channel_topic", "channel_purpose", "channel_name", "channel_archive", "channel_unarchive",
            "channel_convert_to_private", "channel_convert_to_public", "channel_posting_permissions",
            "channel_canvas_updated", "tabbed_canvas_updated", "group_topic", "group_purpose", "group_name",
            "group_archive", "group_unarchive", "pinned_item", "unpinned_item",
        ),
        Kind.SETTINGS,
    ),
    **dict.fromkeys(("sh_room_created", "sh_room_shared", "huddle_thread"), Kind.CALL),
    **dict.fromkeys(("reminder_add", "reminder_delete", "bot_profile_update"), Kind.NOTICE),
    "tombstone": Kind.DELETED,
    "message_deleted": Kind.DELETED,
    "message_changed": Kind.EDITED,
    "ekm_access_denied": Kind.NOT_RECEIVED,
}  # fmt: skip
# Why a file is not in the export, by its `mode` or `file_access`; all others are links.
FILE_MODES: Mapping[str, str] = {
    "tombstone": "the file was deleted",
    "hidden_by_limit": "the plan of the workspace hides files of that age",
    "file_not_found": "the file was not found",
    "access_denied": "access to the file was denied",
}
LINKED = "the export holds a link to the file, not the file"

_MARKED = re.compile(r"<([^<>]*)>")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def shown_text(text: str, name_of: Callable[[str], str]) -> str:
    """The text as people saw it: names for ids, links with their words, `&lt;` as "<"."""
    if "<" in text:
        text = _MARKED.sub(partial(_marked, name_of=name_of), text)
    if "&" in text:
        for escaped, letter in _ESCAPES:
            text = text.replace(escaped, letter)
    return text


def _marked(found: re.Match[str], name_of: Callable[[str], str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith("@"):
        return f"@{label or name_of(target[1:])}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    if not label or label in (target, target.partition(":")[2], target.partition("://")[2]):
        return target
    return f"{label} ({target})"


def words_of(value: Mapping[str, Any]) -> str:
    """The text of a message; what apps post often stands in its attachments only."""
    text = text_of(value.get("text"))
    cards = value.get("attachments")
    if text or not isinstance(cards, list):
        return text
    lines = []
    for card in cards:
        if isinstance(card, dict):
            said = [text_of(card.get(key)) for key in ("pretext", "title", "text")]
            lines += [line for line in said if line] or [text_of(card.get("fallback"))]
    return "\n".join(line for line in lines if line)


def seconds_of(written: str) -> int | None:
    """The moment of a `ts` ("1452837318.000002") in microseconds since 1970."""
    seconds, _, rest = written.partition(".")
    if not (seconds.isdigit() and seconds.isascii() and len(seconds) < 13):
        return None
    if not rest:
        return int(seconds) * 1_000_000
    if not (rest.isdigit() and rest.isascii()):
        return None
    return int(seconds) * 1_000_000 + int(rest[:6].ljust(6, "0"))


def detail_of_message(value: Mapping[str, Any]) -> dict[str, object]:
    """What a message says about itself besides its text."""
    detail: dict[str, object] = {"id": value.get("ts")}
    thread = value.get("thread_ts")
    if thread is not None:
        detail["thread"] = thread
        if thread != value.get("ts"):
            detail["reply_to"] = thread
    count = value.get("reply_count")
    if isinstance(count, int) and count:
        detail["reply_count"] = count
    for key, name in (("subtype", "type"), ("reactions", "reactions"), ("inviter", "inviter")):
        known = value.get(key)
        if known:
            detail[name] = known
    return detail
