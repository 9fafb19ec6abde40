"""Messages deleted before the export: the app left a notice in their place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from records.formats.base import Entry, Kind
from records.rules.base import (
    CERTAIN,
    DELETED_KINDS,
    MOST_GROUPS,
    PROBABLE,
    Cited,
    Context,
    Found,
    Totals,
    count_of,
    detail_of,
    found,
    when,
)

_CODES: dict[str, tuple[str, str]] = {
    Kind.DELETED_BY_EXPORTER: ("DELETED_BY_AUTHOR", "deleted by the person whose phone this is"),
    Kind.DELETED_BY_OTHER: ("DELETED_BY_OTHER", "deleted by another person"),
    Kind.DELETED: ("DELETED", "deleted; the notice does not say by whom"),
}


class _Key(NamedTuple):
    """What one finding is about."""

    conversation: int
    sender: str | None
    kind: str
    by_admin: bool
    kept: bool  # the export keeps what the messages said
    actor: str | None = None  # who deleted, where the notice tells that and not whose they were


class MessagesDeleted:
    """One finding for each conversation, sender and kind of notice."""

    name = "messages_deleted"
    kinds: frozenset[str] = frozenset(DELETED_KINDS)

    def __init__(self, context: Context) -> None:
        self._groups: dict[_Key, Cited] = {}
        self._doubtful: set[_Key] = set()

    def see(self, entry: Entry) -> None:
        # Only the notice of an administrator's deletion names who did it.
        by_admin = entry.kind == Kind.DELETED_BY_OTHER and bool(detail_of(entry, "actor"))
        kept = bool(detail_of(entry, "earlier")) or detail_of(entry, "original_held") is True
        key = _Key(entry.conversation, entry.sender, entry.kind, by_admin, kept)
        if entry.kind == Kind.DELETED and (actor := detail_of(entry, "actor")):
            key = key._replace(sender=None, actor=str(actor))
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = key._replace(sender=None, actor=None)
        self._groups.setdefault(key, Cited()).add(entry)
        if detail_of(entry, "certain") is False:
            self._doubtful.add(key)

    def finish(self, totals: Totals) -> Iterable[Found]:
        for key, cited in self._groups.items():
            conversation, sender, kind, by_admin, kept, actor = key
            code, words = _CODES[kind]
            if actor:
                words = f"deleted by {actor}"
            if by_admin:
                code, words = "DELETED_BY_ADMIN", "deleted by an administrator of the group"
            doubtful = key in self._doubtful
            tail = (
                " On this kind of phone a person could have typed the same words."
                if doubtful
                else ""
            )
            left = (
                "The application logged what they said, so the content is in this export."
                if kept
                else "Only the notice is left; the content is not in this export."
            )
            yield found(
                self.name,
                code,
                f"{count_of(cited.count, 'message')} deleted",
                f"{count_of(cited.count, 'message')}{f' of {sender}' if sender else ''} "
                f"{'was' if cited.count == 1 else 'were'} {words}, between "
                f"{when(cited.first_at)} and {when(cited.last_at)}. {left}{tail}",
                conversation,
                cited,
                PROBABLE if doubtful else CERTAIN,
                {"sender": sender, "kind": str(kind)},
                advice="Look at the words of each cited entry." if doubtful else "",
            )
