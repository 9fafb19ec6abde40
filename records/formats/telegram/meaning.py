"""What a message of a Telegram export says: its kind, its text, its times. See docs/formats/telegram.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from records.formats.base import Kind
from records.formats.composer import text_of
from records.formats.iso_time import SECOND, clock_of

# What the application says happened, by the kind of entry it makes here.
ACTIONS: Mapping[str, Kind] = {
    "create_group": Kind.MEMBERSHIP,
    "create_channel": Kind.MEMBERSHIP,
    "invite_members": Kind.MEMBERSHIP,
    "remove_members": Kind.MEMBERSHIP,
    "join_group_by_link": Kind.MEMBERSHIP,
    "join_group_by_request": Kind.MEMBERSHIP,
    "joined_telegram": Kind.MEMBERSHIP,
    "migrate_to_supergroup": Kind.SETTINGS,
    "migrate_from_group": Kind.SETTINGS,
    "edit_group_title": Kind.SETTINGS,
    "edit_group_photo": Kind.SETTINGS,
    "delete_group_photo": Kind.SETTINGS,
    "edit_chat_theme": Kind.SETTINGS,
    "suggest_profile_photo": Kind.SETTINGS,
    "pin_message": Kind.SETTINGS,
    "topic_created": Kind.SETTINGS,
    "topic_edit": Kind.SETTINGS,
    "boost_apply": Kind.SETTINGS,
    "set_chat_wallpaper": Kind.SETTINGS,
    "set_same_chat_wallpaper": Kind.SETTINGS,
    "clear_history": Kind.HISTORY_CLEARED,
    "take_screenshot": Kind.SCREENSHOT,
    "group_call": Kind.CALL,
    "group_call_scheduled": Kind.CALL,
    "invite_to_group_call": Kind.CALL,
    "score_in_game": Kind.NOTICE,
    "allow_sending_messages": Kind.NOTICE,
    "attach_menu_bot_allowed": Kind.NOTICE,
    "proximity_reached": Kind.NOTICE,
    "requested_peer": Kind.NOTICE,
    "requested_phone_number": Kind.NOTICE,
    "send_passport_values": Kind.NOTICE,
    "send_payment": Kind.NOTICE,
    "send_premium_gift": Kind.NOTICE,
    "send_webview_data": Kind.NOTICE,
}
_TOLD = ("members", "title", "duration_seconds", "discard_reason", "message_id", "inviter")


def service(value: Mapping[str, Any]) -> tuple[Kind, dict[str, object]]:
    """What an event of the application is."""
    action = text_of(value.get("action"))
    detail: dict[str, object] = {"action": action}
    if not action and value.get("information_text"):  # in the words of another program
        return Kind.NOTICE, detail
    detail |= {key: value[key] for key in _TOLD if value.get(key) is not None}
    if action == "set_messages_ttl":
        seconds = value.get("period")
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            return Kind.TIMER_CHANGED, detail
        detail["seconds"] = seconds
        return (Kind.TIMER_ON if seconds else Kind.TIMER_OFF), detail
    if action == "phone_call":
        missed = value.get("discard_reason") in ("missed", "busy")
        return (Kind.MISSED_CALL if missed else Kind.CALL), detail
    kind = ACTIONS.get(action)
    if kind is None:
        detail["type"] = action
    return kind or Kind.NOTICE, detail


def look_at_message(value: Mapping[str, Any], detail: dict[str, object]) -> None:
    """What a message says about itself besides its text."""
    for key, name in (
        ("id", "id"), ("reply_to_message_id", "reply_to"), ("forwarded_from", "forwarded_from"), ("author", "signed"),
        ("saved_from", "saved_from"), ("via_bot", "via"), ("reactions", "reactions"),
    ):  # fmt: skip
        known = value.get(key)
        if known is not None:
            detail[name] = known


def special(value: Mapping[str, Any], kind: Kind, detail: dict[str, object]) -> Kind:
    """Kinds that outrank text and file: what vanishes, what was edited, what is no text."""
    for key, own in (
        ("location_information", Kind.LOCATION),
        ("contact_information", Kind.CONTACT),
        ("poll", Kind.POLL),
    ):
        if value.get(key) is not None:
            detail[key] = value[key]
            if kind is Kind.TEXT or own is Kind.CONTACT:  # a card may come with its file
                kind = own
    seconds = value.get("self_destruct_period_seconds")
    if seconds is not None:
        detail["seconds"] = seconds
        return Kind.VIEW_ONCE
    edited = _edited(value)
    if edited is not None:
        if kind is not Kind.TEXT:
            detail["was"] = kind.value
        detail["edited"] = edited
        return Kind.EDITED
    return kind


def _edited(value: Mapping[str, Any]) -> str | None:
    """When the text was changed, as written. Exports of 2020 write 1970 for "never"."""
    edited = value.get("edited")
    if not isinstance(edited, str) or edited.startswith("1970-01-0"):
        return None
    return edited


def words_of(value: object) -> str:
    """The text of a message: a string, or strings and styled parts in a row."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(
            text_of(part.get("text")) if isinstance(part, dict) else text_of(part) for part in value
        )
    return text_of(value)


def told(value: Mapping[str, Any]) -> str:
    """An event of the application in words, from its own fields: it carries no text of its own."""
    if value.get("information_text"):
        return text_of(value["information_text"])
    words = [text_of(value.get("action")).replace("_", " ")]
    if value.get("title"):
        words.append(f"\u201c{value['title']}\u201d")
    members = value.get("members")
    if isinstance(members, list):
        words.append(", ".join(text_of(name) or "a deleted account" for name in members))
    return " ".join(words)


def times(value: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The moment in UTC, or where the message does not tell it the reading of a clock, in microseconds."""
    seconds = value.get("date_unixtime")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 13:
        return int(seconds) * SECOND, None
    aware, reading = clock_of(text_of(value.get("date")))
    return (reading, None) if aware else (None, reading)
